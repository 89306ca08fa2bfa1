"""tensorgrad: tensor networks with named edges."""

from importlib.metadata import version as installed

import sympy as sp
import tensorgrad.functions as F
import torch
from tensorgrad import Product, Sum, Variable
from tensorgrad.compiler import compile_to_callable

import cases

NAME = "tensorgrad"
COLD = """
import sympy as sp
from tensorgrad import Variable
n = sp.symbols("n")
x, A = Variable("x", i=n), Variable("A", i=n, j=n)
(x @ A @ x.rename(i="j")).grad(x).full_simplify()
"""
n = sp.symbols("n")

if not hasattr(torch.Tensor, "names"):
    # PyTorch 2.15 has no named tensors any more; tensorgrad 0.3 asks them for the names of edges.
    def refine_names(tensor, *names):
        tensor.edges = names
        return tensor

    torch.Tensor.names = property(lambda tensor: (None,) * tensor.dim())
    torch.Tensor.rename = lambda tensor, _: tensor
    torch.Tensor.refine_names = refine_names


def version():
    return installed("tensorgrad")


def vectors(names):
    return [Variable(name, i=n) for name in names.split()]


def matrices(names):
    return [Variable(name, i=n, j=n) for name in names.split()]


def of_rows(v):
    """A vector that meets the columns of a matrix."""
    return v.rename(i="j")


def cyclic(factors):
    """The trace of a product."""
    count = len(factors)
    return Product([M.rename(i=f"e{k}", j=f"e{(k + 1) % count}") for k, M in enumerate(factors)])


def quadratic():
    (x,), (A,) = vectors("x"), matrices("A")
    return [x, A], (x @ A @ of_rows(x)).grad(x)


def trace():
    A, X, B, C = matrices("A X B C")
    return [A, X, B, C], cyclic([A, X, B, X.rename(i="j", j="i"), C]).grad(X)


def least_squares():
    (x, b), (A,) = vectors("x b"), matrices("A")
    return [x, b, A], F.frobenius2(A @ of_rows(x) - b).grad(x)


def loss():
    (w, y), (X,) = vectors("w y"), matrices("X")
    return [w, y, X], F.sum(F.log(1 + F.exp(-(y * (X @ of_rows(w))))))


def logistic():
    v, f = loss()
    return v, f.grad(v[0])


def logistic_hessian():
    v, f = loss()
    return v, f.grad(v[0]).grad(v[0])


def gaussian():
    (x,), (S,) = vectors("x"), matrices("S")
    return [x, S], (-F.log(F.det(S)) / 2 - (x @ F.inverse(S) @ of_rows(x)) / 2).grad(S)


def forms():
    (x,), A = vectors("x"), matrices(" ".join(cases.FORM_NAMES.split()[1:]))
    return [x, *A], Sum([x @ matrix @ of_rows(x) for matrix in A]).grad(x)


def product():
    A = matrices(cases.FACTOR_NAMES)
    f = cyclic(A)
    return A, {matrix.name: f.grad(matrix) for matrix in A}


def net():
    (x,), W = vectors("x"), matrices(cases.LAYER_NAMES)
    h = x
    for weight in W:
        h = F.tanh(weight @ of_rows(h))
    f = F.sum(h)
    return [x, *W], {weight.name: f.grad(weight) for weight in W}


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
}


def symbolic(case, values):
    def build():
        inputs, found = BUILDERS[case.name]()
        if isinstance(found, dict):
            return inputs, {name: part.full_simplify() for name, part in found.items()}
        return inputs, found.full_simplify()

    inputs, found = build()
    given = {v: torch.tensor(values[v.name]) for v in inputs}

    def number(expression):
        result = compile_to_callable(expression)(given, {n: cases.N})
        # Edges are named after those of the variable: i and i_, or i and j.
        return result.permute(*[result.edges.index(edge) for edge in sorted(result.edges)]).numpy()

    numbers = {k: number(v) for k, v in found.items()} if isinstance(found, dict) else number(found)
    return build, numbers
