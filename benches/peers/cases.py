"""What is measured: the questions, as data.

A derivative that is evaluated has its function `f`, in the calls that JAX and PyTorch share, and `by_hand`, the derivative as
someone would write it who knows the closed form and the library: `xp` is numpy or jax.numpy, `la` is scipy.linalg or jax.scipy.linalg.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Evaluation:
    """A derivative, evaluated at the sizes n; other dimensions follow from n."""

    name: str
    request: dict
    inputs: Callable[[int], dict[str, tuple]]
    f: Callable
    by_hand: Callable
    kind: str = "gradient"
    sizes: tuple[int, ...] = (10, 200, 1000)

    @property
    def wrt(self):
        return self.request["wrt"]


def request(expr, wrt, *let, **more):
    return {"expr": expr, "wrt": wrt.split(), "let": list(let)} | more


def vectors(names, **more):
    return lambda n: {name: (n,) for name in names.split()} | {name: shape(n) for name, shape in more.items()}


def square(n):
    return (n, n)


def tall(n):
    return (2 * n, n)


def half(n):
    return (2 * n,)


def thin(n):
    return (n, 5)


def positive_definite(n):
    return (n, n, "posdef")


def positive(n):
    return (n, "positive")


def sigmoid(xp, t):
    return 1 / (1 + xp.exp(-t))


LOGISTIC = "sum(log.(1 .+ exp.(-y .* X w)))"
LOGISTIC_LET = ["X: matrix(m,n)", "y: vector(m)", "w: vector(n)"]
LOGISTIC_INPUTS = vectors("", X=tall, y=half, w=lambda n: (n,))
# That the factors are thin is said, as others see the sizes: from symbolic ones it cannot be known that U (V^T V) is cheaper.
FACTORS_LET = ["T: matrix(m,n)", "U: matrix(m,5)", "V: matrix(n,5)"]
FACTORS_INPUTS = vectors("", T=square, U=thin, V=thin)
NET = "a = W x; b = V relu.(a); z = R relu.(b); logsumexp(z) - y^T z"


def logistic(xp, X, y, w):
    return xp.sum(xp.log1p(xp.exp(-y * (X @ w))))


def logistic_gradient(xp, la, X, y, w):
    return -((y * sigmoid(xp, -y * (X @ w))) @ X)


def logistic_hessian(xp, la, X, y, w):
    s = sigmoid(xp, y * (X @ w))
    Z = (y * xp.sqrt(s * (1 - s)))[:, None] * X
    return Z.T @ Z


def residual(xp, T, U, V):
    return xp.sum((T - U @ V.T) ** 2)


def factors_hessian(xp, la, T, U, V):
    return xp.kron(2 * (V.T @ V), xp.eye(U.shape[0]))


def factors_product(xp, la, T, U, V, W):
    return 2 * (W @ (V.T @ V))


def gaussian(xp, S, x, mu):
    return -xp.linalg.slogdet(S)[1] / 2 - (x - mu) @ xp.linalg.solve(S, x - mu) / 2


def gaussian_gradient(xp, la, S, x, mu):
    factor = la.cho_factor(S, lower=True)
    v = la.cho_solve(factor, x - mu)
    if hasattr(la, "lapack"):
        inverse = la.lapack.dpotri(factor[0], lower=1)[0]
        inverse = xp.tril(inverse) + xp.tril(inverse, -1).T
    else:
        inverse = la.cho_solve(factor, xp.eye(len(x)))
    return (xp.outer(v, v) - inverse) / 2


def bilinear_gradient(xp, la, a, X, b):
    factor = la.lu_factor(X)
    return -xp.outer(la.lu_solve(factor, a, trans=1), la.lu_solve(factor, b))


def gram_gradient(xp, la, X):
    return 2 * la.cho_solve(la.cho_factor(X.T @ X), X.T).T


def low_rank_gradient(xp, la, e, u):
    v = u / e
    return 2 * v / (1 + u @ v)


def four_gradients(xp, la, A, B, C, D):
    inner, outer = B @ C, D @ A
    return {"A": (inner @ D).T, "B": (C @ outer).T, "C": (outer @ B).T, "D": (A @ inner).T}


def net(xp, W, V, R, x, y):
    z = R @ xp.maximum(V @ xp.maximum(W @ x, 0 * x), 0 * x)
    top = xp.max(z)
    return xp.log(xp.sum(xp.exp(z - top))) + top - y @ z


def net_hessian(xp, la, W, V, R, x, y):
    a = W @ x
    b = V @ xp.maximum(a, 0)
    z = R @ xp.maximum(b, 0)
    p = xp.exp(z - xp.max(z))
    p = p / xp.sum(p)
    J = (R * (b > 0)) @ (V * (a > 0))
    g = p @ J
    return xp.kron(xp.outer(x, x), J.T @ (p[:, None] * J) - xp.outer(g, g))


EVALUATIONS = [
    Evaluation(
        "quadratic form x^T A x",
        request("x^T A x", "x"),
        vectors("x", A=square),
        lambda xp, x, A: x @ A @ x,
        lambda xp, la, x, A: A @ x + x @ A,
    ),
    Evaluation(
        "least squares",
        request("norm(A x - b)^2", "x"),
        vectors("x", A=tall, b=half),
        lambda xp, x, A, b: xp.sum((A @ x - b) ** 2),
        lambda xp, la, x, A, b: 2 * ((A @ x - b) @ A),
    ),
    Evaluation("logistic", request(LOGISTIC, "w", *LOGISTIC_LET), LOGISTIC_INPUTS, logistic, logistic_gradient),
    Evaluation(
        "logistic, Hessian",
        request(LOGISTIC, "w", *LOGISTIC_LET, order=2),
        LOGISTIC_INPUTS,
        logistic,
        logistic_hessian,
        "hessian",
    ),
    Evaluation(
        "matrix factorisation",
        request("norm(T - U V^T)^2", "U", *FACTORS_LET),
        FACTORS_INPUTS,
        residual,
        lambda xp, la, T, U, V: 2 * (U @ (V.T @ V) - T @ V),
    ),
    Evaluation(
        "matrix factorisation, Hessian",
        request("norm(T - U V^T)^2", "U", *FACTORS_LET, order=2, vec=True),
        FACTORS_INPUTS,
        residual,
        factors_hessian,
        "hessian",
        (10, 100),
    ),
    Evaluation(
        "matrix factorisation, Hessian times W",
        request("norm(T - U V^T)^2", "U", *FACTORS_LET),
        vectors("", T=square, U=thin, V=thin, W=thin),
        residual,
        factors_product,
        "hessian times W",
    ),
    Evaluation(
        "Gaussian likelihood in S",
        request("-1/2 logdet(S) - 1/2 (x - mu)^T inv(S) (x - mu)", "S", "S: matrix(n,n) posdef", "mu: vector(n)"),
        vectors("x mu", S=positive_definite),
        gaussian,
        gaussian_gradient,
    ),
    Evaluation(
        "a^T X^-1 b",
        request("a^T inv(X) b", "X"),
        vectors("a b", X=square),
        lambda xp, a, X, b: a @ xp.linalg.solve(X, b),
        bilinear_gradient,
    ),
    Evaluation(
        "logdet(X^T X)",
        request("logdet(X^T X)", "X", "X: matrix(m,n)"),
        vectors("", X=tall),
        lambda xp, X: xp.linalg.slogdet(X.T @ X)[1],
        gram_gradient,
    ),
    Evaluation(
        "logdet(diag(e) + u u^T)",
        request("logdet(diag(e) + u u^T)", "u", "e: vector(n) positive", "u: vector(n)"),
        vectors("u", e=positive),
        lambda xp, e, u: xp.linalg.slogdet(xp.diag(e) + xp.outer(u, u))[1],
        low_rank_gradient,
    ),
    Evaluation(
        "tr(A B C D), all four",
        request("tr(A B C D)", "A B C D"),
        lambda n: {"A": (n, n // 5), "B": (n // 5, n), "C": (n, n // 5), "D": (n // 5, n)},
        lambda xp, A, B, C, D: xp.trace(A @ B @ C @ D),
        four_gradients,
    ),
    Evaluation(
        "x^T A B C y in B",
        request("x^T A B C y", "B"),
        vectors("x y", A=square, B=square, C=square),
        lambda xp, x, A, B, C, y: x @ (A @ B @ C @ y),
        lambda xp, la, x, A, B, C, y: xp.outer(x @ A, C @ y),
    ),
    Evaluation(
        "example 16: A B C x, one output",
        request("A B C x", "x", "A: matrix(1,n)", "B: matrix(n,n)"),
        vectors("x", A=lambda n: (1, n), B=square, C=square),
        lambda xp, x, A, B, C: A @ (B @ (C @ x)),
        lambda xp, la, x, A, B, C: A @ B @ C,
        "jacobian",
    ),
    Evaluation(
        "example 16: A B C x, one input",
        request("A B C x", "x", "C: matrix(n,1)", "B: matrix(n,n)", "A: matrix(n,n)", "x: vector(1)"),
        vectors("", x=lambda n: (1,), A=square, B=square, C=lambda n: (n, 1)),
        lambda xp, x, A, B, C: A @ (B @ (C @ x)),
        lambda xp, la, x, A, B, C: A @ (B @ C),
        "jacobian",
    ),
    Evaluation(
        "ReLU net, Hessian in the first layer",
        request(NET, "W", "W: matrix(n,n)", "V: matrix(n,n)", "R: matrix(n,n)", order=2, vec=True),
        vectors("x y", W=square, V=square, R=square),
        net,
        net_hessian,
        "hessian",
        (10, 30),
    ),
    Evaluation(
        "x^T diag(d) x",
        request("x^T diag(d) x", "x"),
        vectors("x d"),
        lambda xp, x, d: x @ xp.diag(d) @ x,
        lambda xp, la, x, d: 2 * (d * x),
    ),
    Evaluation(
        "tr(A diag(d) B) in d",
        request("tr(A diag(d) B)", "d"),
        vectors("d", A=square, B=square),
        lambda xp, d, A, B: xp.trace(A @ xp.diag(d) @ B),
        lambda xp, la, d, A, B: xp.einsum("ji,ij->i", A, B),
    ),
    Evaluation(
        "x^T u v^T x",
        request("x^T (u v^T) x", "x"),
        vectors("x u v"),
        lambda xp, x, u, v: x @ xp.outer(u, v) @ x,
        lambda xp, la, x, u, v: u * (v @ x) + v * (u @ x),
    ),
]


@dataclass
class Symbolic:
    """A derivative to find: `name` is what the adapters know it by."""

    name: str
    title: str
    request: dict


def layers(count):
    parts = [f"h{i} = tanh.(W{i} {f'h{i - 1}' if i > 1 else 'x'})" for i in range(1, count + 1)]
    return "; ".join([*parts, f"sum(h{count})"])


# Tools that know no symbolic sizes take this one.
N = 10
FORMS, FACTORS, LAYERS, ORDER = 1000, 40, 50, 12
FORM_NAMES = " ".join(["x", *[f"A{i}" for i in range(FORMS)]])
FACTOR_NAMES = " ".join(f"A{i}" for i in range(FACTORS))
LAYER_NAMES = " ".join(f"W{i}" for i in range(1, LAYERS + 1))

SYMBOLIC = [
    Symbolic("quadratic", "x^T A x", request("x^T A x", "x")),
    Symbolic("trace", "tr(A X B X^T C)", request("tr(A X B X^T C)", "X")),
    Symbolic("least squares", "least squares", request("norm(A x - b)^2", "x")),
    Symbolic("logistic", "logistic loss", request(LOGISTIC, "w", *LOGISTIC_LET)),
    Symbolic("logistic hessian", "logistic loss, Hessian", request(LOGISTIC, "w", *LOGISTIC_LET, order=2)),
    Symbolic(
        "gaussian",
        "Gaussian log-likelihood in S",
        request("-1/2 logdet(S) - 1/2 x^T inv(S) x", "S", "S: matrix(n,n) invertible"),
    ),
    Symbolic(
        "forms",
        f"sum of {FORMS} quadratic forms",
        request(" + ".join(f"x^T A{i} x" for i in range(FORMS)), "x", *[f"A{i}: matrix(n,n)" for i in range(FORMS)]),
    ),
    Symbolic(
        "product",
        f"tr of a product of {FACTORS}, all gradients",
        request(f"tr({FACTOR_NAMES})", FACTOR_NAMES),
    ),
    Symbolic(
        "net",
        f"tanh net of {LAYERS} layers, all weights",
        request(layers(LAYERS), LAYER_NAMES),
    ),
    Symbolic(
        "order",
        f"derivative {ORDER} of sin(t) exp(t) / (1 + t^2)",
        request("sin(t) exp(t) / (1 + t^2)", "t", "t: scalar", order=ORDER),
    ),
]
