"""Times how soon derivatives are found; the numbers of all tools are compared before."""

import subprocess
import sys
import time
import warnings

import numpy as np

import cases
import measure
import tool_casadi
import tool_jax
import tool_matgrad
import tool_sympy
import tool_tensorgrad
from evaluation import same

TOOLS = [tool_matgrad, tool_casadi, tool_jax, tool_tensorgrad, tool_sympy]
PATIENCE = 30
SECONDS = 0.8


def value(kind, rng):
    """A value of a type, every dimension N."""
    n = cases.N
    if kind.startswith("scalar"):
        return 0.5
    if kind.startswith("vector"):
        return rng.uniform(0.2, 1, size=n)
    return np.eye(n) + rng.normal(size=(n, n)) / (4 * n)


def run(case):
    """Seconds, or what went wrong, by tool. The numbers are held against JAX's, which no formula of ours has touched."""
    rng = np.random.default_rng(0)
    values = {name: value(kind, rng) for name, kind in tool_matgrad.variables(case).items()}
    expected = tool_jax.result(tool_jax.symbolic(case, values)[1])
    report, samplers = {}, {}
    for tool in TOOLS:
        try:
            with measure.limit(PATIENCE), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                find, numbers = tool.symbolic(case, values)
                right = same(tool_jax.result(numbers), expected)
        except measure.TooLong:
            report[tool.NAME] = f"> {PATIENCE} s"
        except Exception as error:
            report[tool.NAME] = "refused"
            print(f"{tool.NAME}, {case.name}: {type(error).__name__}: {error!s:.200}", file=sys.stderr)
        else:
            if right:
                samplers[tool.NAME] = find if tool is tool_matgrad else measure.sampler(find)
            else:
                report[tool.NAME] = "wrong"
    return report | measure.interleaved(samplers, SECONDS)


def cold():
    """The command from nothing to the derivative of x^T A x, by the clock on the wall."""

    def command(tool):
        given = tool.COLD if isinstance(tool.COLD, list) else [sys.executable, "-c", tool.COLD]
        return measure.sampler(lambda: subprocess.run(given, capture_output=True, check=True), time.perf_counter)

    return measure.interleaved({tool.NAME: command(tool) for tool in TOOLS}, 4.0)
