"""CasADi: graphs of matrix operations (MX), of fixed sizes."""

import casadi as ca

import cases

NAME = "CasADi"
COLD = """
import casadi as ca
x, A = ca.MX.sym("x", 10), ca.MX.sym("A", 10, 10)
ca.gradient(x.T @ A @ x, x)
"""
N = cases.N


def version():
    return ca.__version__


def vectors(names):
    return {name: ca.MX.sym(name, N) for name in names.split()}


def matrices(names):
    return {name: ca.MX.sym(name, N, N) for name in names.split()}


def quadratic():
    v = vectors("x") | matrices("A")
    return v, ca.gradient(v["x"].T @ v["A"] @ v["x"], v["x"])


def trace():
    v = matrices("A X B C")
    return v, ca.gradient(ca.trace(v["A"] @ v["X"] @ v["B"] @ v["X"].T @ v["C"]), v["X"])


def least_squares():
    v = vectors("x b") | matrices("A")
    return v, ca.gradient(ca.sumsqr(v["A"] @ v["x"] - v["b"]), v["x"])


def loss():
    v = vectors("w y") | matrices("X")
    return v, ca.sum1(ca.log1p(ca.exp(-v["y"] * (v["X"] @ v["w"]))))


def logistic():
    v, f = loss()
    return v, ca.gradient(f, v["w"])


def logistic_hessian():
    v, f = loss()
    return v, ca.hessian(f, v["w"])[0]


def gaussian():
    v = vectors("x") | matrices("S")
    S, x = v["S"], v["x"]
    return v, ca.gradient(-ca.log(ca.det(S)) / 2 - ca.dot(x, ca.solve(S, x)) / 2, S)


def forms():
    v = vectors("x") | matrices(" ".join(cases.FORM_NAMES.split()[1:]))
    x, *A = v.values()
    f = 0
    for matrix in A:
        f += x.T @ matrix @ x
    return v, ca.gradient(f, x)


def by_parts(names, f, more):
    """The gradients by many matrices: CasADi takes one variable, so they are the parts of one."""
    names = names.split()
    whole = ca.MX.sym("whole", N * N * len(names))
    parts = [ca.reshape(part, N, N) for part in ca.vertsplit(whole, N * N)]
    gradient = ca.vertsplit(ca.gradient(f(parts), whole), N * N)
    return {tuple(names): whole} | more, {name: ca.reshape(part, N, N) for name, part in zip(names, gradient)}


def product():
    def f(factors):
        found = factors[0]
        for factor in factors[1:]:
            found = found @ factor
        return ca.trace(found)

    return by_parts(cases.FACTOR_NAMES, f, {})


def net():
    more = vectors("x")

    def f(weights):
        h = more["x"]
        for weight in weights:
            h = ca.tanh(weight @ h)
        return ca.sum1(h)

    return by_parts(cases.LAYER_NAMES, f, more)


def order():
    # Scalars have graphs of their own.
    t = ca.SX.sym("t")
    f = ca.sin(t) * ca.exp(t) / (1 + t**2)
    for _ in range(cases.ORDER):
        f = ca.gradient(f, t)
    return {"t": t}, f


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
    build = BUILDERS[case.name]
    inputs, found = build()
    several = isinstance(found, dict)
    function = ca.Function("f", list(inputs.values()), list(found.values()) if several else [found])

    def value(name):
        return ca.vertcat(*[ca.vec(ca.DM(values[n])) for n in name]) if isinstance(name, tuple) else values[name]

    results = function.call([value(name) for name in inputs])
    numbers = dict(zip(found, map(ca.DM.full, results))) if several else results[0].full()
    return build, numbers
