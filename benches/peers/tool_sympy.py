"""SymPy: matrix expressions of symbolic size."""

import numpy as np
import sympy as sp
from sympy.core.cache import clear_cache

import cases

NAME = "SymPy"
COLD = """
import sympy as sp
n = sp.Symbol("n", integer=True, positive=True)
x, A = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("A", n, n)
print((x.T * A * x).diff(x))
"""
n = sp.Symbol("n", integer=True, positive=True)
t = sp.Symbol("t")


def version():
    return sp.__version__


def vectors(names):
    return [sp.MatrixSymbol(name, n, 1) for name in names.split()]


def matrices(names):
    return [sp.MatrixSymbol(name, n, n) for name in names.split()]


def quadratic():
    (x,), (A,) = vectors("x"), matrices("A")
    return [x, A], (x.T * A * x).diff(x)


def trace():
    A, X, B, C = matrices("A X B C")
    return [A, X, B, C], sp.Trace(A * X * B * X.T * C).diff(X)


def least_squares():
    (x, b), (A,) = vectors("x b"), matrices("A")
    return [x, b, A], ((A * x - b).T * (A * x - b)).diff(x)


def loss():
    (w, y), (X,) = vectors("w y"), matrices("X")
    entry = sp.Lambda(t, sp.log(1 + sp.exp(-t)))
    return [w, y, X], sp.OneMatrix(1, n) * sp.HadamardProduct(y, X * w).applyfunc(entry)


def logistic():
    v, f = loss()
    return v, f.diff(v[0])


def logistic_hessian():
    v, f = loss()
    return v, f.diff(v[0]).diff(v[0])


def gaussian():
    (x,), (S,) = vectors("x"), matrices("S")
    return [x, S], (-sp.log(sp.Determinant(S)) / 2 - sp.Trace(x.T * S.I * x) / 2).diff(S)


def forms():
    x, *_ = vectors("x")
    A = matrices(" ".join(cases.FORM_NAMES.split()[1:]))
    return [x, *A], sp.MatAdd(*[x.T * matrix * x for matrix in A]).diff(x)


def product():
    A = matrices(cases.FACTOR_NAMES)
    f = sp.Trace(sp.MatMul(*A))
    return A, {matrix.name: f.diff(matrix) for matrix in A}


def net():
    (x,), W = vectors("x"), matrices(cases.LAYER_NAMES)
    h = x
    for weight in W:
        h = (weight * h).applyfunc(sp.tanh)
    f = sp.OneMatrix(1, n) * h
    return [x, *W], {weight.name: f.diff(weight) for weight in W}


def order():
    return [t], sp.diff(sp.sin(t) * sp.exp(t) / (1 + t**2), t, cases.ORDER)


BUILDERS = {
    "quadratic": quadratic,
    "trace": trace,
    "least squares": least_squares,
    "logistic": logistic,
    "logistic hessian": logistic_hessian,
    "gaussian": gaussian,
    "forms": forms,
    "product": product,
    "net": net,
    "order": order,
}


def symbolic(case, values):
    def build():
        clear_cache()
        return BUILDERS[case.name]()

    inputs, found = build()
    given = [values[v.name] for v in inputs]
    given = [v[:, None] if np.ndim(v) == 1 else v for v in given]

    def number(expression):
        if expression.is_Matrix and expression == sp.ZeroMatrix(*expression.shape):
            return np.zeros((cases.N, cases.N))
        return sp.lambdify(inputs, expression, "numpy")(*given)

    numbers = {k: number(v) for k, v in found.items()} if isinstance(found, dict) else number(found)
    return build, numbers
