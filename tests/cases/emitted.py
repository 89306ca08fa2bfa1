"""Runs emitted NumPy modules, a JSON object a line, and prints a line for each that is wrong."""

import json
import sys

import numpy as np


def stored(array):
    """A value as its declared type is stored: numbers, 1-d and 2-d arrays."""
    data = np.array(array["data"], dtype=float)
    if array["ty"].startswith("matrix"):
        return data.reshape((array["rows"], array["cols"]), order="F")
    if array["ty"].startswith("vector"):
        return data
    return int(data[0]) if array["ty"].startswith("integer") else float(data[0])


def call(function, values):
    """Calls a function by keyword; a trailing `_` of a name is not part of it."""
    code = function.__code__
    return function(**{p: values[p if p in values else p.rstrip("_")] for p in code.co_varnames[: code.co_argcount]})


def results(module, values, variables):
    """The results of all functions by their names in `expected`."""
    found = {}
    for name in ["value", "differential", "gradient", "jacobian", "hessian", "derivative"]:
        if name in module:
            result = call(module[name], values)
            parts = result.items() if isinstance(result, dict) else [(variables, result)]
            found |= {name if name in ("value", "differential") else f"{name} {key}": part for key, part in parts}
    if "value_and_gradient" in module:
        value, gradient = call(module["value_and_gradient"], values)
        parts = gradient.items() if isinstance(gradient, dict) else [(variables, gradient)]
        found["value "] = value
        found |= {f"gradient {key} ": part for key, part in parts}
    return found


def compare(job):
    """The first thing that is wrong."""
    values = {name: stored(a) for name, a in job["arguments"].items()} | job["sizes"]
    wrt = next((name.split()[1] for name in job["expected"] if " " in name), "")
    module = {}
    exec(compile(job["code"], job["name"], "exec"), module)
    with np.errstate(all="ignore"):
        found = results(module, values, wrt)
    for name, value in found.items():
        # A derivative by a scalar of a scalar is emitted as a gradient.
        key = name.strip()
        key = key if key in job["expected"] else key.replace("gradient", "derivative")
        key = key if key in job["expected"] else key.replace("hessian", "derivative").replace("jacobian", "derivative")
        if key not in job["expected"]:
            if key == "differential":
                continue
            return f"{name} is not in the answer"
        want = job["expected"][key]
        rows, cols = want["rows"], want["cols"]
        got = np.asarray(value, dtype=float)
        fits = [(rows, cols)] + [(cols,)] * (rows == 1) + [(rows,)] * (cols == 1) + [()] * (rows * cols == 1)
        want = np.array(want["data"])
        if got.shape not in fits and not (want.size == 1 and want == 0 and not got.any()):
            return f"{name} has the shape {got.shape}, not {(rows, cols)}"
        off = np.abs(got.ravel(order="F") - want).max()
        if not off <= 1e-7 * (1 + np.abs(want).max()):
            return f"{name} is off by {off:.1e} of {np.abs(want).max():.1e}"
    return None


for line in sys.stdin:
    job = json.loads(line)
    try:
        said = compare(job)
    except Exception as error:
        said = repr(error)
    if said:
        print(f"{job['name']}: {said}")
