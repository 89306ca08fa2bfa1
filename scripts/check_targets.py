#!/usr/bin/env python3
"""Runs emitted code of every target that can run here and holds its numbers against matgrad's evaluator.

    cargo build --release --bin matgrad --example evaluate
    scripts/check_targets.py [--targets jax,torch] [--only WORD] [--requests FILE]

Asks every case of tests/suite and tests/lecture, or the batch requests in FILE. The evaluator is the one that answers are checked with; it reads
the answer's printed text. A target whose runtime is missing is skipped, and said to be. Exit status 1 where a
number differs or code fails.
"""

import argparse
import collections
import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import scipy.linalg

import compiled_targets
from suite import ROOT, answers, suite

FUNCTIONS = ["value", "differential", "gradient", "jacobian", "hessian", "derivative"]


class Slow(Exception):
    """A request takes longer than is waited for; it is counted, and no failure."""


class Missing(Exception):
    """The runtime of a target is not there."""


def sample(kind, sizes, rng):
    """A value of a declared type: `matrix(n,n) posdef`."""
    base, dims, words = re.fullmatch(r"(\w+)(?:\((.*?)\))?(.*)", kind).groups()
    words = words.split()
    size = lambda d: int(eval(d.strip().replace(" ", "*"), {}, sizes))
    shape = tuple(size(d) for d in dims.split(",")) if dims else ()
    if base == "integer":
        return 3
    value = rng.uniform(0.3, 1.5, shape)
    if base == "scalar":
        return float(value)
    if base == "vector":
        return value
    n, square = shape[0], shape[0] == shape[1]
    value = value - (0 if "positive" in words else 0.8)
    if "posdef" in words:
        value = value @ value.T + n * np.eye(n)
    elif "orthogonal" in words:
        value = np.linalg.qr(value)[0]
    elif square and "skew" not in words:
        value = value + n * np.eye(n)
    if "symmetric" in words:
        value = (value + value.T) / 2
    if "skew" in words:
        value = value - value.T
    for word, part in [("diagonal", lambda a: np.diag(np.diag(a))), ("lower", np.tril), ("upper", np.triu)]:
        value = part(value) if word in words else value
    return value


def arguments(answer, rng, dims):
    """Values for all variables of an answer, for their differentials and for the dimensions."""
    names = re.findall(r"[A-Za-z]\w*", " ".join(re.sub(r"^\w+|\).*", "", v["type"]) for v in answer["variables"]))
    sizes = collections.defaultdict(lambda: 4)
    sizes |= dict(zip(dict.fromkeys(names), dims))
    values = {v["name"]: sample(v["type"], sizes, rng) for v in answer["variables"]}
    steps = {f"d{v['name']}": sample(direction(v["type"]), sizes, rng) for v in answer["variables"]}
    return sizes | values | steps


def direction(kind):
    """The type of a differential: the structure that a variable of this type keeps as it varies."""
    kept = [word for word in ("symmetric", "skew", "diagonal", "lower", "upper") if f" {word}" in kind]
    kept += ["symmetric"] if " posdef" in kind else []
    return " ".join([re.match(r"\w+(\(.*?\))?", kind)[0], *kept])


def drawn(answer, seed):
    """Values at which the function is defined: where it is not for m > n, perhaps for n > m."""
    for dims in [(4, 3, 5, 2, 6, 7), (3, 4, 5, 2, 6, 7)]:
        values = arguments(answer, np.random.default_rng(seed), dims)
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("error", scipy.linalg.LinAlgWarning)
                python(answer["code"]["numpy"], values)
            return values
        except Exception:
            continue
    return values


def call(function, values, convert):
    """Calls a function by keyword; a trailing `_` of a name is not part of it."""
    code = function.__code__
    given = {p: values[p if p in values else p.rstrip("_")] for p in code.co_varnames[: code.co_argcount]}
    return function(**{p: convert(v) for p, v in given.items()})


def python(code, values, convert=lambda v: v, back=np.asarray):
    """The numbers of a Python module."""
    module = {}
    exec(compile(code, "<emitted>", "exec"), module)
    found = {}
    for name in FUNCTIONS:
        if name in module:
            result = call(module[name], values, convert)
            parts = result.items() if isinstance(result, dict) else [("", result)]
            found |= {f"{name} {key}".strip(): back(part) for key, part in parts}
    if "value_and_gradient" in module:
        value, gradient = call(module["value_and_gradient"], values, convert)
        parts = gradient.items() if isinstance(gradient, dict) else [("", gradient)]
        pairs = [("value", value)] + [(f"gradient {key}".strip(), part) for key, part in parts]
        for key, part in pairs:
            if not np.allclose(back(part), found[key], rtol=1e-10, atol=1e-10, equal_nan=True):
                raise AssertionError(f"value_and_gradient differs from {key}: {back(part)} instead of {found[key]}")
    return found


def jax_target():
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    array = lambda v: jnp.asarray(v) if isinstance(v, np.ndarray) else v
    return lambda code, values: python(code, values, array)


def torch_target():
    import torch

    array = lambda v: torch.from_numpy(v.copy()) if isinstance(v, np.ndarray) else v
    back = lambda v: v.detach().numpy() if isinstance(v, torch.Tensor) else np.asarray(v)
    return lambda code, values: python(code, values, array, back)


def sympy_target():
    import sympy

    def array(v):
        return sympy.Matrix(v) if isinstance(v, np.ndarray) else v

    def back(v):
        v = sympy.sympify(v).doit()
        if getattr(v, "is_Matrix", False):
            return np.array(v.as_explicit().evalf().tolist(), dtype=float)
        return np.asarray(float(v))

    def run(code, values):
        # Exact methods on decimals can take minutes.
        signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(Slow("more than 5 s")))
        signal.alarm(5)
        try:
            return python(code, values, array, back)
        finally:
            signal.alarm(0)

    return run


def matlab_literal(v):
    if not isinstance(v, np.ndarray):
        return repr(v)
    rows = v[:, None] if v.ndim == 1 else v
    return "[" + "; ".join(", ".join(repr(float(e)) for e in row) for row in rows) + "]"


def octave(jobs):
    """All requests in one session: each defines its functions anew and prints its results as JSON lines."""
    if not jobs:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        driver = ""
        for i, code, values in jobs:
            body = "1;\n" + code + OCTAVE_SHOW
            for name, parameters in re.findall(r"^function (?:\w+ = )?(\w+)\((.*?)\)", code, re.M):
                if name in FUNCTIONS:
                    names = [p for p in re.split(r"[,;]\s*", parameters) if p]
                    given = [matlab_literal(values[p if p in values else p.rstrip("_")]) for p in names]
                    body += f'show_("{name}", {name}({", ".join(given)}));\n'
            Path(folder, f"r{i}.m").write_text(body)
            driver += f'puts("#{i}\\n"); try, source("r{i}.m"); catch e, printf("!%s\\n", e.message); end\n'
        Path(folder, "check_all.m").write_text(driver)
        done = subprocess.run(["octave-cli", "-q", "check_all.m"], cwd=folder, capture_output=True, text=True)
    found, current = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("#"):
            current = found[int(line[1:])] = {}
        elif line.startswith("!"):
            found[int(list(found)[-1])] = RuntimeError(line[1:])
        elif line.startswith("{"):
            row = json.loads(line)
            current[row["name"]] = np.array(row["data"], dtype=float).reshape(row["size"], order="F")
    return {i: found.get(i, RuntimeError("Octave stopped before")) for i, _, _ in jobs}


# Octave before 10 knows no "all".
OCTAVE_SHOW = """
function r = sum(x, varargin)
  if numel(varargin) && ischar(varargin{1}), x = x(:); varargin = {}; end
  r = builtin("sum", x, varargin{:});
end
function r = max(x, varargin)
  if numel(varargin) == 2 && ischar(varargin{2}), x = x(:); varargin = {}; end
  r = builtin("max", x, varargin{:});
end
function r = min(x, varargin)
  if numel(varargin) == 2 && ischar(varargin{2}), x = x(:); varargin = {}; end
  r = builtin("min", x, varargin{:});
end
function r = mean(x, varargin)
  r = builtin("sum", x(:)) / numel(x);
end
function show_(name, r)
  if isstruct(r)
    keys = fieldnames(r);
    for i = 1:numel(keys), show_([name " " keys{i}], r.(keys{i})); end
  else
    printf('{"name": "%s", "size": [%d, %d], "data": [%s]}\\n', name, rows(r), columns(r), strjoin(arrayfun(@(v) sprintf("%.17g", v), full(r(:)'), "UniformOutput", false), ", "));
  end
end
"""


def matlab_target():
    if not shutil.which("octave-cli"):
        raise Missing("octave")
    return octave


def compiled(target, *programs):
    def ready():
        for program in programs:
            if not shutil.which(program):
                raise Missing(program)
        return compiled_targets.many(target)

    return ready


# What is run in batches: jobs in, results or errors by number out.
BATCHES = {"c": ("gcc",), "c-blas": ("gcc",), "eigen": ("g++",), "rust": ("cargo",)}
RUNNERS = {
    "numpy": lambda: python,
    "jax": jax_target,
    "torch": torch_target,
    "sympy": sympy_target,
    "matlab": matlab_target,
}
RUNNERS |= {target: compiled(target, *programs) for target, programs in BATCHES.items()}


def texts(answer):
    """What the functions of a module compute, as expressions; a derivative goes by the name of its variable."""
    derivatives = answer["derivatives"]
    several = len(derivatives) > 1
    found = {"value": answer["function"]["ascii"]}
    if answer.get("differential"):
        found["differential"] = answer["differential"]["ascii"]
    return found | {f"derivative {d['wrt']}" if several else "derivative": d["result"]["ascii"] for d in derivatives}


def reference(program, jobs):
    """The evaluator's numbers for (answer, values): by name of the text, or None where it has none."""
    lines, places = [], []
    for number, (answer, values) in enumerate(jobs):
        kinds = {v["name"]: v["type"] for v in answer["variables"]}
        kinds |= {f"d{name}": direction(kind) for name, kind in kinds.items()}
        lets = [f"{name}: {kind}" for name, kind in kinds.items() if "->" not in kind]
        parts = "".join(f"{part['name']} = {part['value']['ascii']}\n" for part in answer.get("where", []))
        given = {name: np.reshape(values[name], (np.shape(values[name]) + (1, 1))[:2]).tolist() for name in kinds}
        sizes = {name: value for name, value in values.items() if isinstance(value, int) and name not in kinds}
        for name, text in texts(answer).items():
            lines.append(json.dumps({"expr": parts + text, "let": lets, "sizes": sizes, "values": given}))
            places.append((number, name))
    done = subprocess.run([program], input="\n".join(lines), capture_output=True, text=True, check=True)
    found = [{} for _ in jobs]
    for (number, name), line in zip(places, done.stdout.splitlines()):
        row = json.loads(line)
        found[number][name] = np.array(row["value"], dtype=float) if row["ok"] else row["why"]
    return found


def compare(got, expected):
    """Fails where results differ from the evaluator's, however they hold axes of length 1; the number that agree."""
    compared = 0
    for name, g in got.items():
        kind, _, variable = name.partition(" ")
        key = kind if kind in ("value", "differential") else f"derivative {variable.rstrip('_')}".strip()
        e = expected.get(key, "there is no such text")
        if isinstance(e, str):
            continue
        g, e = np.squeeze(g), np.squeeze(e)
        if e.size == 1 and e == 0:
            e = np.zeros_like(g)
        assert g.shape == e.shape, f"{name} has shape {g.shape}, not {e.shape}"
        close = np.allclose(g, e, rtol=1e-7, atol=1e-8 * max(1.0, np.abs(e).max(initial=0)), equal_nan=True)
        assert close, f"{name} differs: {g} instead of {e}"
        compared += 1
    return compared


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    built = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"), "release")
    parser.add_argument("--matgrad", default=built / "matgrad")
    parser.add_argument("--evaluate", default=built / "examples" / "evaluate")
    parser.add_argument("--targets", default=",".join(RUNNERS))
    parser.add_argument("--only", default="", help="requests whose expression holds this")
    parser.add_argument("--requests", type=Path)
    options = parser.parse_args()
    requests = suite()
    if options.requests:
        requests = [json.loads(line) for line in options.requests.read_text().splitlines() if line.strip()]
    requests = [request for request in requests if options.only in request["expr"]]
    failed = 0
    for target in options.targets.split(","):
        try:
            run = RUNNERS[target]()
        except (ImportError, Missing) as error:
            print(f"{target}: skipped, {error}")
            continue
        counts = collections.Counter()
        check(target, run, requests, options, counts)
        print(f"{target}: " + ", ".join(f"{n} {what}" for what, n in counts.items()), flush=True)
        failed += counts["fail"]
    return int(failed > 0)


def check(target, run, requests, options, counts):
    """Runs what a target can say of the requests, and counts what comes of it."""
    found = answers(options.matgrad, requests, [target])
    jobs = []
    for i, request in enumerate(requests):
        answer = found[f"{i} {target}"]
        if any("->" in line for line in request["let"]):
            counts["abstract"] += 1
        elif not answer["ok"]:
            counts["unsupported"] += 1
            print(f"{target}: {request['expr']}: {answer['error']['message']}")
        else:
            jobs.append((i, answer, drawn(answer, i)))
    expected = reference(options.evaluate, [job[1:] for job in jobs])
    given = [(i, answer["code"][target.removesuffix("-blas")], values) for i, answer, values in jobs]
    results = run(given) if target in [*BATCHES, "matlab"] else None
    for (i, code, values), numbers in zip(given, expected):
        try:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
                got = results[i] if results is not None else run(code, values)
            if isinstance(got, Exception):
                raise got
            counts["agree" if compare(got, numbers) else "without a value"] += 1
        except Slow:
            counts["too slow"] += 1
        except Exception as error:
            counts["fail"] += 1
            print(f"{target}: {requests[i]['expr']!r}: {type(error).__name__}: {str(error)[:400]}")


if __name__ == "__main__":
    sys.exit(main())
