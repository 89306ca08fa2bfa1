#!/usr/bin/env python3
"""Deep and large inputs in every form end in an answer or a named limit, in bounded time and memory.

    cargo build --release && python3 scripts/check_limits.py target/release/matgrad
"""

import json
import os
import subprocess
import sys
import tempfile
import time

DEEP = 100_000
LARGE = 10_000_000
SECONDS = 1.0
MEGABYTES = 256


def nested(opening, middle, closing, count=DEEP):
    return opening * count + middle + closing * count


def repeated(text, size=LARGE):
    return text * (size // len(text))


EXPRESSIONS = {
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

RULES = {
    "rules nested": "function f(x: scalar) -> scalar\n  numeric " + nested("exp(", "x", ")") + "\n  d  dx\n",
    "rules entries": repeated("function f(x: scalar) -> scalar\n  numeric x\n  d  dx\n"),
    "rules text": 'function f(x: scalar) -> scalar\n  about "' + repeated("x") + '"\n',
    "rules parameters": "function f(" + ", ".join(f"x{i}: scalar" for i in range(DEEP)) + ") -> scalar\n  numeric x1\n",
}

LINES = {
    "batch nested": '{"expr":' * DEEP,
    "batch arrays": '{"expr":"x","id":' + nested("[", "1", "]") + "}",
    "batch lets": json.dumps({"expr": "x", "let": [f"y{i}: scalar" for i in range(DEEP)]}),
    "batch wrt": json.dumps({"expr": "x", "wrt": ["x"] * DEEP}),
    "batch string": json.dumps({"expr": repeated("x ")}),
    "batch id": json.dumps({"expr": "x", "id": "i" * LARGE}),
}


def measure(program, args, text):
    """The exit status, the seconds, the megabytes and the last words of a call."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        source.write(text.encode())
        source.seek(0)
        begin = time.monotonic()
        child = subprocess.Popen([program, *args], stdin=source, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = usage.ru_utime + usage.ru_stime
        elapsed = time.monotonic() - begin
        err.seek(0)
        out.seek(0)
        said = (err.read(200) or out.read(200)).decode(errors="replace").splitlines()
        return os.waitstatus_to_exitcode(status), min(seconds, elapsed), usage.ru_maxrss / 1024, (said or [""])[0]


def calls():
    """The name, the arguments and the input of each call."""
    for name, text in EXPRESSIONS.items():
        for mode, args in (("", ["-"]), (" read", ["parse", "-"])):
            yield name + mode, args, text
    for name, text in LINES.items():
        yield name, ["batch"], text + "\n"
        yield name + " verified", ["verify", "-"], text + "\n"
    with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
        for name, text in RULES.items():
            file.seek(0)
            file.truncate()
            file.write(text)
            file.flush()
            yield name, ["x", "--rules", file.name], ""


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "target/release/matgrad"
    bad = 0
    for name, args, text in calls():
        status, seconds, megabytes, said = measure(program, args, text)
        wrong = status not in (0, 1, 2, 3) or seconds > SECONDS or megabytes > MEGABYTES
        bad += wrong
        mark = "WRONG" if wrong else "     "
        print(f"{mark} {name:28} exit {status:3} {seconds:6.2f} s {megabytes:6.0f} MB  {said[:90]}", flush=True)
    print(f"{bad} wrong")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
