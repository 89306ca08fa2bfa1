"""NumPy and SciPy: derivatives written by hand, and what matgrad emits for them."""

import numpy as np
import scipy
import scipy.linalg

import tool_matgrad

NAME = "NumPy"


def version():
    return f"{np.__version__} with SciPy {scipy.__version__}"


def contestants(case, values):
    emitted, names = tool_matgrad.emitted(case, "numpy")
    given = {name: values[name] for name in names}
    return {
        "NumPy by hand": lambda: case.by_hand(np, scipy.linalg, **values),
        "matgrad NumPy": lambda: emitted(**given),
    }


def result(found):
    return found
