#!/usr/bin/env python3
"""Runs emitted code of every target that can run here and compares its numbers with NumPy's.

    scripts/check_targets.py [--matgrad PATH] [--targets jax,torch] [--requests FILE]

FILE holds batch requests, a JSON object a line; without it the requests below are taken. A target whose runtime is
missing is skipped, and said to be. Exit status 1 where a number differs or code fails.
"""

import argparse
import collections
import contextlib
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import compiled_targets

REQUESTS = [
    {"expr": "x^T A x", "wrt": ["x"]},
    {"expr": "x^T A x", "wrt": ["x"], "order": 2},
    {"expr": "x^T A x", "wrt": ["x", "A"]},
    {"expr": "norm(A x - b)^2 + lambda/2 x^T x", "wrt": ["x"]},
    {"expr": "norm(A x - b)^2 + lambda/2 x^T x", "wrt": ["x", "lambda"]},
    {"expr": "A x", "wrt": ["x"]},
    {"expr": "A X B", "wrt": ["X"], "vec": True},
    {"expr": "log(det(X^T A X))", "wrt": ["X"], "let": ["A: matrix(n,n) posdef", "X: matrix(n,k)"]},
    {"expr": "tr(A X^-1 B)", "wrt": ["X"]},
    {"expr": "a^T X^-1 b", "wrt": ["X"]},
    {"expr": "logdet(S)", "wrt": ["S"], "let": ["S: matrix(n,n) posdef"]},
    {"expr": "sum(sigmoid.(X w))", "wrt": ["w"]},
    {"expr": "sum(log.(1 .+ exp.(X w)))", "wrt": ["w"]},
    {"expr": "logsumexp(A x)", "wrt": ["x"]},
    {"expr": "softmax(A x)", "wrt": ["x"]},
    {"expr": "exp(alpha) x^T x + sqrt(alpha)", "wrt": ["alpha", "x"]},
    {"expr": "sum(relu.(A x - b))", "wrt": ["x"]},
    {"expr": "norm(X,1) + norm(X,inf)", "wrt": ["X"]},
    {"expr": "tr(exp(A))", "wrt": ["A"]},
    {"expr": "exp(A)", "wrt": ["A"]},
    {"expr": "log(A)", "wrt": ["A"]},
    {"expr": "A^(1/2)", "wrt": ["A"], "let": ["A: matrix(n,n) posdef"]},
    {"expr": "chol(A)", "wrt": ["A"], "let": ["A: matrix(n,n) posdef"]},
    {"expr": "tr(chol(A))", "wrt": ["A"], "let": ["A: matrix(n,n) posdef"]},
    {"expr": "norm(A, nuc)", "wrt": ["A"]},
    {"expr": "opnorm(A)", "wrt": ["A"]},
    {"expr": "eigmax(A)", "wrt": ["A"], "let": ["A: matrix(n,n) symmetric"]},
    {"expr": "sum(A .* (x y^T))", "wrt": ["x", "y"]},
    {"expr": "diag(x) A diag(x)", "wrt": ["x"]},
    {"expr": "tr(X^3)", "wrt": ["X"]},
    {"expr": "tr(X^k)", "wrt": ["X"], "let": ["k: integer"]},
    {"expr": "kron(A, X)", "wrt": ["X"], "vec": True},
    {"expr": "vec(X^T)", "wrt": ["X"], "vec": True},
    {"expr": "mean((A x - b) .^ 2)", "wrt": ["x"]},
    {"expr": "sum((X - ones(m) mu^T) .^ 2)", "wrt": ["mu"], "let": ["X: matrix(m,n)", "mu: vector(n)"]},
    {"expr": "lambda^2 + tanh(lambda)", "wrt": ["lambda"]},
    {"expr": "A \\ b", "wrt": ["b"]},
    {"expr": "x / norm(x)", "wrt": ["x"]},
    {"expr": "det(X)", "wrt": ["X"]},
    {"expr": "tr(solve_sylvester(A, B, C))", "wrt": ["C"]},
    {"expr": "qr_R(A)", "wrt": ["A"]},
    {"expr": "lu_L(A)", "wrt": ["A"]},
]

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


def arguments(answer, rng):
    """Values for all variables of an answer, for their differentials and for the dimensions."""
    names = re.findall(r"[A-Za-z]\w*", " ".join(re.sub(r"^\w+|\).*", "", v["type"]) for v in answer["variables"]))
    sizes = collections.defaultdict(lambda: 4)
    sizes |= dict(zip(dict.fromkeys(names), [4, 3, 5, 2, 6, 7]))
    values = {v["name"]: sample(v["type"], sizes, rng) for v in answer["variables"]}
    steps = {"d" + v["name"]: sample(v["type"].split(" ")[0], sizes, rng) for v in answer["variables"]}
    return sizes | values | steps


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
                raise AssertionError(f"value_and_gradient differs from {key}")
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
        signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(Slow("more than 20 s")))
        signal.alarm(20)
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


def script(program, ending, literal, start, show):
    """A target run as a script: `show` prints a result as JSON lines."""

    def run(code, values):
        body = start(code)
        for name, parameters in re.findall(r"^function (?:\w+ = )?(\w+)\((.*?)\)", code, re.M):
            if name in FUNCTIONS:
                names = [p for p in re.split(r"[,;]\s*", parameters) if p]
                given = [(p, literal(values[p if p in values else p.rstrip("_")])) for p in names]
                body += show(name, given)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "check_emitted" + ending)
            path.write_text(body)
            done = subprocess.run([*program, str(path)], capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError((done.stderr or done.stdout).strip()[:300])
        found = {}
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                row = json.loads(line.replace("NaN", "null"))
                found[row["name"]] = np.array(row["data"], dtype=float).reshape(row["size"], order="F")
        return found

    return run


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
    return script(
        ["octave-cli", "--no-gui", "-q"],
        ".m",
        matlab_literal,
        lambda code: "1;\n" + code + OCTAVE_SHOW,
        lambda name, given: f'show_("{name}", {name}({", ".join(v for _, v in given)}));\n',
    )


def compiled(target, *programs):
    def ready():
        for program in programs:
            if not shutil.which(program):
                raise Missing(program)
        return compiled_targets.many(target)

    return ready


COMPILED = {"c": ("gcc",), "c-blas": ("gcc",), "eigen": ("g++",), "rust": ("cargo",)}
RUNNERS = {"jax": jax_target, "torch": torch_target, "sympy": sympy_target, "matlab": matlab_target}
RUNNERS |= {target: compiled(target, *programs) for target, programs in COMPILED.items()}


def squeeze(name, a, like):
    """A result as NumPy stores it: columns and 1×1 matrices lose their axes."""
    return a.reshape(like.shape) if a.size == like.size and a.ndim != like.ndim else a


def answers(program, requests, targets):
    """The answers of a batch; a target that cannot say a request leaves the request to the others."""
    lines = "\n".join(
        json.dumps(r | {"id": f"{i} {t}", "check": False, "emit": ["numpy", t.removesuffix("-blas")]})
        for i, r in enumerate(requests)
        for t in targets
    )
    done = subprocess.run([program, "batch"], input=lines, capture_output=True, text=True, check=True)
    return {a["id"]: a for a in map(json.loads, done.stdout.splitlines())}


def compare(got, expected):
    """Fails where results differ; the name of a result may have the `_` of a keyword."""
    got = {name if name in expected else name.rstrip("_"): value for name, value in got.items()}
    assert got.keys() == expected.keys(), f"{sorted(got)} instead of {sorted(expected)}"
    for name, e in expected.items():
        g = squeeze(name, got[name], e)
        assert g.shape == e.shape, f"{name} has shape {g.shape}, not {e.shape}"
        close = np.allclose(g, e, rtol=1e-7, atol=1e-8, equal_nan=True)
        assert close, f"{name} differs: {g} instead of {e}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matgrad", default="target/debug/matgrad")
    parser.add_argument("--targets", default=",".join(RUNNERS))
    parser.add_argument("--requests", type=Path)
    options = parser.parse_args()
    requests = REQUESTS
    if options.requests:
        requests = [json.loads(line) for line in options.requests.read_text().splitlines() if line.strip()]
    runners, failed = {}, 0
    for target in options.targets.split(","):
        try:
            runners[target] = RUNNERS[target]()
        except (ImportError, Missing) as error:
            print(f"{target}: skipped, {error}")
    found = answers(options.matgrad, requests, runners)
    for target, run in runners.items():
        counts = collections.Counter()
        jobs = []
        for i, request in enumerate(requests):
            answer = found[f"{i} {target}"]
            if not answer["ok"]:
                counts["not answered"] += 1
                print(f"{target}: {request['expr']}: {answer['error']['message']}")
                continue
            values = arguments(answer, np.random.default_rng(i))
            try:
                with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
                    expected = python(answer["code"]["numpy"], values)
            except Exception as error:
                counts["not for NumPy"] += 1
                print(f"numpy: {request['expr']}: {error!r:.200}")
                continue
            if any(np.abs(e).max(initial=0) > 1e12 for e in expected.values()):
                counts["singular where sampled"] += 1
                continue
            jobs.append((i, answer["code"][target.removesuffix("-blas")], values, expected))
        if target in COMPILED:
            results = run([job[:3] for job in jobs])
            run = lambda i, *_: results[i]
        for i, code, values, expected in jobs:
            try:
                got = run(i, code, values) if target in COMPILED else run(code, values)
                if isinstance(got, Exception):
                    raise got
                compare(got, expected)
                counts["agree"] += 1
            except Slow:
                counts["too slow"] += 1
            except Exception as error:
                failed += 1
                counts["fail"] += 1
                print(f"{target}: {requests[i]['expr']}: {type(error).__name__}: {str(error)[:300]}")
        print(f"{target}: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
