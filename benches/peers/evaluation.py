"""Times the evaluation of derivatives; the numbers of all contestants are compared before."""

import sys
import warnings

import numpy as np

import measure
import tool_jax
import tool_numpy
import tool_torch

TOOLS = [tool_numpy, tool_jax, tool_torch]
PATIENCE = 30
SECONDS = 0.6


def value(shape, rng):
    """A value of a shape; a word at its end says more about it."""
    *shape, word = shape if isinstance(shape[-1], str) else (*shape, "")
    found = rng.normal(size=shape) / np.sqrt(shape[-1])
    if word == "positive":
        return 0.5 + rng.uniform(size=shape)
    if word == "posdef":
        return found @ found.T + np.eye(shape[0])
    return found + np.eye(*shape) if len(shape) == 2 else found


def same(found, expected):
    """Whether two results agree, however they hold axes of length 1."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(same(found[name], expected[name]) for name in expected)
    found, expected = np.ravel(found), np.ravel(expected)
    if found.shape != expected.shape:
        return False
    return bool(np.max(np.abs(found - expected)) <= 1e-8 * max(1.0, float(np.max(np.abs(expected)))))


def run(case, n):
    """Seconds, or what went wrong, by contestant. The numbers are held against those written by hand."""
    rng = np.random.default_rng(0)
    values = {name: value(shape, rng) for name, shape in case.inputs(n).items()}
    report, samplers, expected = {}, {}, None
    for tool in TOOLS:
        for name, function in tool.contestants(case, values).items():
            try:
                with measure.limit(PATIENCE), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = tool.result(function())
            except Exception as error:
                report[name] = "fails"
                print(f"{name}, {case.name}: {type(error).__name__}: {error!s:.200}", file=sys.stderr)
                continue
            expected = found if expected is None else expected
            if same(found, expected):
                samplers[name] = measure.sampler(function)
            else:
                report[name] = "wrong"
    return report | measure.interleaved(samplers, SECONDS)
