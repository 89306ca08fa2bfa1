#!/usr/bin/env python3
"""Deep and large inputs in every form end in an answer or a named limit, in bounded time and memory.

    cargo build --release && python3 scripts/check_limits.py target/release/matgrad
"""

import json
import os
import subprocess
import sys
import tempfile

DEEP = 100_000
LARGE = 10_000_000
SECONDS = 1.0
MEGABYTES = 256


def nested(opening, middle, closing, count=DEEP):
    return opening * count + middle + closing * count


def repeated(text, size=LARGE):
    return text * (size // len(text))


def expressions():
    return {
        "brackets": nested("(", "x", ")"),
        "unary minus": "-" * DEEP + "x",
        "transposes": "A" + "'" * DEEP,
        "transposes of brackets": nested("(", "A", ")^T"),
        "sum": " + ".join(["x"] * DEEP),
        "sum to the right": nested("x + (", "x", ")"),
        "difference": " - ".join(["x"] * DEEP),
        "product": " ".join(["A"] * DEEP),
        "product with stars": " * ".join(["A"] * DEEP),
        "quotient": "s" + " / s" * DEEP,
        "elementwise": " .* ".join(["x"] * DEEP),
        "powers": "A" + "^2" * DEEP,
        "powers in braces": nested("s^{", "s", "}"),
        "calls": nested("exp(", "s", ")"),
        "calls of matrices": nested("inv(", "A", ")"),
        "dotted calls": nested("exp.(", "x", ")"),
        "unclosed": "(" * DEEP,
        "parts": "".join(f"y{i} = {f'y{i - 1}' if i else 'x'} + x\n" for i in range(DEEP // 10)) + f"y{DEEP // 10 - 1}",
        "lines": "x: vector(n)\n" * DEEP,
        "names": " + ".join(f"y{i}" for i in range(DEEP)),
        "large number": "9" * LARGE,
        "large sum": repeated("x + ") + "x",
        "large blanks": repeated(" "),
        "large comment": "# " + repeated("x") + "\nx",
        "large brackets": nested("(", "x", ")", LARGE // 2),
        "large name": "x" * LARGE,
        "large dimension": f"A: matrix({'9' * LARGE}, n)\nA",
    }

def rules():
    return {
        "rules nested": "function f(x: scalar) -> scalar\n  numeric " + nested("exp(", "x", ")") + "\n  d  dx\n",
        "rules entries": repeated("function f(x: scalar) -> scalar\n  numeric x\n  d  dx\n"),
        "rules text": 'function f(x: scalar) -> scalar\n  about "' + repeated("x") + '"\n',
        "rules parameters": "function f(" + ", ".join(f"x{i}: scalar" for i in range(DEEP)) + ") -> scalar\n  numeric x1\n",
    }

def lines():
    return {
        "batch nested": '{"expr":' * DEEP,
        "batch arrays": '{"expr":"x","id":' + nested("[", "1", "]") + "}",
        "batch lets": json.dumps({"expr": "x", "let": [f"y{i}: scalar" for i in range(DEEP)]}),
        "batch wrt": json.dumps({"expr": "x", "wrt": ["x"] * DEEP}),
        "batch string": json.dumps({"expr": repeated("x ")}),
        "batch id": json.dumps({"expr": "x", "id": "i" * LARGE}),
    }


def write(folder):
    """Writes the input of each call, and the list of calls: name, arguments, input."""
    calls = []
    for i, (kind, name, text) in enumerate(
        [("expression", *item) for item in expressions().items()]
        + [("line", *item) for item in lines().items()]
        + [("rules", *item) for item in rules().items()]
    ):
        path = os.path.join(folder, f"{i}.{kind}")
        with open(path, "w") as file:
            file.write(text + "\n")
        modes = {
            "expression": [("", ["-"], path), (" read", ["parse", "-"], path)],
            "line": [("", ["batch"], path), (" verified", ["verify", path], os.devnull)],
            "rules": [("", ["x", "--rules", path], os.devnull)],
        }
        calls += [(name + mode, args, source) for mode, args, source in modes[kind]]
    with open(os.path.join(folder, "calls.json"), "w") as file:
        json.dump(calls, file)


def measure(program, args, path):
    """The exit status, the seconds, the megabytes and the first words of a call."""
    with open(path) as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen([program, *args], stdin=source, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        err.seek(0)
        out.seek(0)
        said = (err.read(200) or out.read(200)).decode(errors="replace").splitlines()
        seconds = usage.ru_utime + usage.ru_stime
        return os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss / 1024, (said or [""])[0]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "target/release/matgrad"
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        # By another process: what this one holds would count as memory of the calls it begins.
        subprocess.run([sys.executable, __file__, "--write", folder], check=True)
        with open(os.path.join(folder, "calls.json")) as file:
            calls = json.load(file)
        for name, args, path in calls:
            status, seconds, megabytes, said = measure(program, args, path)
            wrong = status not in (0, 1, 2, 3) or seconds > SECONDS or megabytes > MEGABYTES
            bad += wrong
            mark = "WRONG" if wrong else "     "
            print(f"{mark} {name:28} exit {status:3} {seconds:6.2f} s {megabytes:6.0f} MB  {said[:90]}", flush=True)
    print(f"{bad} wrong")
    sys.exit(bad > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2])
    else:
        main()
