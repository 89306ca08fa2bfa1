"""JAX, compiled: its own derivatives, derivatives written by hand, and what matgrad emits for it. Its symbolic part is tracing."""

import jax
import jax.numpy as jnp
import jax.scipy.linalg
import numpy as np
from jax.experimental.jet import jet

import cases
import tool_matgrad

NAME = "JAX"
COLD = """
import jax, jax.numpy as jnp
jax.make_jaxpr(jax.grad(lambda x, A: x @ A @ x))(jnp.ones(10), jnp.ones((10, 10)))
"""


def version():
    return jax.__version__


def automatic(case):
    """The derivative that JAX makes of f, of the values by name."""

    def f(varying, rest):
        return case.f(jnp, **varying, **rest)

    def product(varying, rest):
        direction = {case.wrt[0]: rest["W"]}
        rest = {name: value for name, value in rest.items() if name != "W"}
        return jax.jvp(lambda at: jax.grad(f)(at, rest), (varying,), (direction,))[1]

    operator = {
        "gradient": jax.grad(f),
        "jacobian": jax.jacobian(f),
        "hessian": jax.hessian(f),
        "hessian times W": product,
    }

    def derivative(values):
        varying = {name: values[name] for name in case.wrt}
        return operator[case.kind](varying, {name: value for name, value in values.items() if name not in varying})

    return derivative


def contestants(case, values):
    given = {name: jnp.asarray(value) for name, value in values.items()}
    emitted, names = tool_matgrad.emitted(case, "jax")
    functions = {
        "JAX by hand": lambda v: case.by_hand(jnp, jax.scipy.linalg, **v),
        "matgrad JAX": lambda v: emitted(**{name: v[name] for name in names}),
        "JAX's own": automatic(case),
    }

    def compiled(function):
        ready = jax.jit(function)
        return lambda: jax.block_until_ready(ready(given))

    return {name: compiled(function) for name, function in functions.items()}


def result(found):
    """A result as matgrad lays it out: one for the only variable, the Hessian of a matrix by its stacked columns."""
    if isinstance(found, dict):
        parts = {name: result(part) for name, part in found.items()}
        return parts if len(parts) > 1 else next(iter(parts.values()))
    found = np.asarray(found)
    if found.ndim == 4:
        rows, columns = found.shape[:2]
        found = found.transpose(1, 0, 3, 2).reshape(rows * columns, rows * columns)
    return found


def logistic(w, X, y):
    return jnp.sum(jnp.log1p(jnp.exp(-y * (X @ w))))


def product(*factors):
    found = factors[0]
    for factor in factors[1:]:
        found = found @ factor
    return jnp.trace(found)


def net(weights, x):
    for weight in weights:
        x = jnp.tanh(weight @ x)
    return jnp.sum(x)


def forms(x, *matrices):
    return sum(x @ A @ x for A in matrices)


def gaussian(S, x):
    return -jnp.linalg.slogdet(S)[1] / 2 - x @ jnp.linalg.solve(S, x) / 2


def highest(t):
    """By Taylor coefficients: nested `grad` grows exponentially."""
    f = lambda t: jnp.sin(t) * jnp.exp(t) / (1 + t**2)
    return jet(f, (t,), ([1.0] + [0.0] * (cases.ORDER - 1),))[1][-1]


TRACED = {
    "quadratic": (jax.grad(lambda x, A: x @ A @ x), "x A"),
    "trace": (jax.grad(lambda X, A, B, C: jnp.trace(A @ X @ B @ X.T @ C)), "X A B C"),
    "least squares": (jax.grad(lambda x, A, b: jnp.sum((A @ x - b) ** 2)), "x A b"),
    "logistic": (jax.grad(logistic), "w X y"),
    "logistic hessian": (jax.hessian(logistic), "w X y"),
    "gaussian": (jax.grad(gaussian), "S x"),
    "forms": (jax.grad(forms), cases.FORM_NAMES),
    "product": (jax.grad(product, argnums=tuple(range(cases.FACTORS))), cases.FACTOR_NAMES),
    "net": (lambda x, *weights: jax.grad(net)(weights, x), f"x {cases.LAYER_NAMES}"),
    "order": (highest, "t"),
}


def symbolic(case, values):
    """JAX keeps what it traced for a function, so each call traces a new one."""
    function, names = TRACED[case.name]
    given = [jnp.asarray(values[name]) for name in names.split()]
    numbers = function(*given)
    if isinstance(numbers, tuple):
        numbers = dict(zip(case.request["wrt"], numbers))
    return lambda: jax.make_jaxpr(lambda *at: function(*at))(*given), numbers
