"""The report in Markdown."""

import os
import platform
from datetime import date
from pathlib import Path

import symbolic
import tool_casadi
import tool_jax
import tool_matgrad
import tool_numpy
import tool_sympy
import tool_tensorgrad
import tool_torch

TOOLS = [tool_matgrad, tool_numpy, tool_jax, tool_torch, tool_casadi, tool_tensorgrad, tool_sympy]
HEAD = """# matgrad and its peers, measured

Written by `benches/peers/run.sh`, which measures it anew. {where}

{versions}

One thread on one core, doubles, JAX on the processor. Medians of interleaved runs; before anything is timed, the numbers of all are
compared, and who differs is `wrong`. `fails`: an exception; `refused`: no derivative, or none that could be put into numbers.
"""
SYMBOLIC = """
## Finding the derivative

Milliseconds, and how many times matgrad's. matgrad and SymPy and tensorgrad give formulas for all sizes, CasADi and JAX graphs for one size
(10). Time of the processor; matgrad: from text to closed form, in process, the rules loaded, the numeric check off; the others: from their
symbols to the simplified derivative; JAX: tracing. `cold`: a new process up to its first derivative, by the clock on the wall.
"""
EVALUATION = """
## Evaluating it

By hand: microseconds of time of the processor, for the closed form as an expert writes it. The other columns: how many times that, on the same back end
(torch: how many times NumPy's). JAX is compiled by `jit` in all of its columns, `JAX's own` is `grad`, `jacobian`, `hessian` or
`jvp` of `grad`.
"""
NUMPY, JAX = "NumPy by hand", "JAX by hand"


def three(number):
    """Three digits, no exponent."""
    return f"{number:.3g}" if number < 1000 else f"{number:.0f}"


def line(found):
    """The results of a case, for whoever waits."""
    return ", ".join(f"{k} {v if isinstance(v, str) else three(v * 1e6) + ' µs'}" for k, v in found.items())


def row(cells):
    return f"| {' | '.join(cells)} |"


def table(head, rows):
    return "\n".join([row(head), row(["---"] + ["---:"] * (len(head) - 1)), *map(row, rows)]) + "\n"


def symbolic_table(results):
    names = [tool.NAME for tool in symbolic.TOOLS]

    def cell(name, found):
        value = found.get(name, "–")
        if isinstance(value, str):
            return value
        own = found[tool_matgrad.NAME]
        ratio = f" ({three(value / own)}×)" if name != tool_matgrad.NAME and not isinstance(own, str) else ""
        return three(value * 1e3) + ratio

    return table(["", *names], [[title, *[cell(name, found) for name in names]] for title, found in results])


def evaluation_table(results):
    columns = [(NUMPY, None), ("matgrad NumPy", NUMPY), ("torch", NUMPY)]
    columns += [(JAX, None), ("matgrad JAX", JAX), ("JAX's own", JAX)]

    def cell(found, name, base):
        value = found.get(name, "–")
        if isinstance(value, str):
            return value
        return three(value * 1e6) if base is None else three(value / found[base])

    rows = [[case.name, str(n), *[cell(found, *column) for column in columns]] for case, n, found in results]
    return table(["", "n", *[name for name, _ in columns]], rows)


def processor():
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return models[0].split(": ")[1] if models else platform.processor()


def written(found_symbolic, found_evaluation, load):
    """The whole report."""
    where = f"{date.today():%B %Y}, {processor()}, {os.cpu_count()} cores, Python {platform.python_version()}; load average of the machine {load}."
    versions = ", ".join(f"{tool.NAME} {tool.version()}" for tool in TOOLS) + "."
    text = HEAD.format(where=where, versions=versions)
    if found_symbolic:
        text += SYMBOLIC + "\n" + symbolic_table(found_symbolic)
    if found_evaluation:
        text += EVALUATION + "\n" + evaluation_table(found_evaluation)
    return text
