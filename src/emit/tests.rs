use std::process::Command;
use std::sync::Arc;

use super::*;
use crate::catalog::Catalog;
use crate::expr::{Kind, Number, Op, Properties, Shape, Variable};

/// `A` n×n, `x y` of n, `lambda` scalar, `C` declared as n×1.
fn graph() -> (Graph, [Id; 5]) {
    let mut g = Graph::new(Arc::new(Catalog::default()));
    let n = g.dims.named("n");
    let mut declare = |name: &str, kind, shape| {
        g.declare(Variable { name: name.into(), kind, shape, properties: Properties::NONE })
    };
    let a = declare("A", Kind::Matrix, Shape::new(n, n));
    let [x, y] = ["x", "y"].map(|v| declare(v, Kind::Vector, Shape::vector(n)));
    let lambda = declare("lambda", Kind::Scalar, Shape::SCALAR);
    let c = declare("C", Kind::Matrix, Shape::vector(n));
    (g, [a, x, y, lambda, c])
}

/// The code of `value` for an expression, below its documentation.
fn value(g: &Graph, function: Id) -> String {
    assert!(g.fault().is_none(), "{:?}", g.fault());
    let request = EmitRequest {
        function,
        differential: None,
        derivatives: vec![],
        varying: vec![],
        conditions: vec![],
        conditions_latex: vec![],
    };
    let code = emit("numpy", g, &request).unwrap();
    let end = code.rfind("\"\"\"\n").unwrap();
    code[end + 4..].trim_end().to_owned()
}

#[test]
fn products_are_associated_towards_the_vector() {
    let (mut g, [a, x, y, ..]) = graph();
    let yt = g.transpose(y);
    let form = g.product([yt, a, a, x]);
    assert_eq!(value(&g, form), "    return y @ (A @ (A @ x))");
    let half = g.num(Number::ratio(-1, 2));
    let outer = g.product([half, a, x, yt]);
    assert_eq!(value(&g, outer), "    return np.outer(-0.5 * (A @ x), y)");
}

#[test]
fn inverses_are_solved_with() {
    let (mut g, [a, x, y, ..]) = graph();
    let inverse = g.power(a, -1);
    let (it, xt) = (g.transpose(inverse), g.transpose(x));
    let left = g.product([inverse, y]);
    assert_eq!(value(&g, left), "    return np.linalg.solve(A, y)");
    let right = g.product([xt, it]);
    assert_eq!(value(&g, right), "    return np.linalg.solve(A, x)");
    let both = g.product([inverse, a, it]);
    let once = "    t1 = scipy.linalg.lu_factor(A)\n    \
        return scipy.linalg.lu_solve(t1, scipy.linalg.lu_solve(t1, A.T).T)";
    assert_eq!(value(&g, both), once);
    let turned = g.sum([inverse, it]);
    assert_eq!(value(&g, turned), "    t1 = np.linalg.inv(A)\n    return t1 + t1.T");
    assert_eq!(value(&g, inverse), "    return np.linalg.inv(A)");
}

#[test]
fn shared_steps_are_named_once() {
    let (mut g, [a, x, y, ..]) = graph();
    let ax = g.product([a, x]);
    let r = {
        let minus = g.negate(y);
        g.sum([ax, minus])
    };
    let both = g.add(Op::Hadamard, [r, r]);
    assert_eq!(value(&g, both), "    t1 = A @ x - y\n    return t1 * t1");
}

#[test]
fn sizes_come_from_the_arguments() {
    let (mut g, [a, ..]) = graph();
    let n = g.dims.named("n");
    let i = g.identity(n);
    let sum = g.sum([a, i]);
    assert_eq!(value(&g, sum), "    n = A.shape[0]\n    return A + np.eye(n)");
    let (m, p) = (g.dims.named("m"), g.dims.named("p"));
    let ones = g.ones(Shape::new(m, p));
    let request = EmitRequest {
        function: ones,
        differential: None,
        derivatives: vec![],
        varying: vec![],
        conditions: vec![],
        conditions_latex: vec![],
    };
    assert!(emit("numpy", &g, &request).unwrap().contains("def value(m, p):"));
}

#[test]
fn keywords_are_avoided_and_columns_of_matrices_converted() {
    let (mut g, [a, _, _, lambda, c]) = graph();
    let gradient = g.product([lambda, a, c]);
    let v = g.variable_named("C").unwrap();
    let request = EmitRequest {
        function: lambda,
        differential: None,
        derivatives: vec![(v, DerivativeKind::Gradient, gradient)],
        varying: vec![v],
        conditions: vec!["A invertible".into()],
        conditions_latex: vec![],
    };
    let code = emit("numpy", &g, &request).unwrap();
    insta::assert_snapshot!(code, @r#"
    import numpy as np


    def value(A, lambda_, C):
        r"""lambda

        A: (n, n)
        lambda_: number
        C: (n, 1)
        """
        C = np.reshape(C, -1)
        return lambda_


    def gradient(A, lambda_, C):
        r"""lambda A C

        A: (n, n)
        lambda_: number
        C: (n, 1)

        Holds where A invertible.
        """
        C = np.reshape(C, -1)
        return (lambda_ * (A @ C))[:, None]


    def value_and_gradient(A, lambda_, C):
        r"""The value and the gradient, with what they share computed once.

        A: (n, n)
        lambda_: number
        C: (n, 1)

        Holds where A invertible.
        """
        C = np.reshape(C, -1)
        return lambda_, (lambda_ * (A @ C))[:, None]
    "#);
}

#[test]
fn an_unknown_target_lists_those_known() {
    let (g, [a, ..]) = graph();
    let request = EmitRequest {
        function: a,
        differential: None,
        derivatives: vec![],
        varying: vec![],
        conditions: vec![],
        conditions_latex: vec![],
    };
    assert!(emit("cobol", &g, &request).unwrap_err().help.unwrap().contains("numpy"));
}

#[test]
fn depth_costs_neither_stack_nor_nesting() {
    let (mut g, [a, ..]) = graph();
    let mut id = a;
    for _ in 0..5000 {
        let t = g.transpose(id);
        id = g.add(Op::Hadamard, [t, a]);
    }
    let code = value(&g, id);
    assert!(code.lines().all(|l| l.len() < 200));
}

/// Where Python and NumPy are there, the code runs and agrees with the formula.
#[test]
fn emitted_code_runs() {
    let found =
        Command::new("python3").args(["-c", "import numpy"]).output().is_ok_and(|o| o.status.success());
    if !found {
        eprintln!("skipped: needs python3 with numpy");
        return;
    }
    let (mut g, [a, x, ..]) = graph();
    let (at, xt) = (g.transpose(a), g.transpose(x));
    let f = g.product([xt, a, x]);
    let sum = g.sum([a, at]);
    let gradient = g.product([sum, x]);
    let v = g.variable_named("x").unwrap();
    let request = EmitRequest {
        function: f,
        differential: None,
        derivatives: vec![(v, DerivativeKind::Gradient, gradient), (v, DerivativeKind::Hessian, sum)],
        varying: vec![v],
        conditions: vec![],
        conditions_latex: vec![],
    };
    let code = emit("numpy", &g, &request).unwrap();
    let check = "\nA = np.array([[1.0, 2.0], [5.0, 3.0]]); x = np.array([1.0, -2.0])\n\
        assert value(A=A, x=x) == -1.0\n\
        assert (gradient(A=A, x=x) == [-12.0, -5.0]).all()\n\
        assert hessian(A=A, x=x).shape == (2, 2)\n";
    let run =
        Command::new("python3").args(["-c", &format!("import numpy as np\n{code}{check}")]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

/// The gradient of x^T A x, in every target.
fn quadratic(target: &str) -> String {
    let (mut g, [a, x, ..]) = graph();
    let (at, xt) = (g.transpose(a), g.transpose(x));
    let f = g.product([xt, a, x]);
    let sum = g.sum([a, at]);
    let gradient = g.product([sum, x]);
    let v = g.variable_named("x").unwrap();
    let request = EmitRequest {
        function: f,
        differential: None,
        derivatives: vec![(v, DerivativeKind::Gradient, gradient)],
        varying: vec![v],
        conditions: vec!["A != 0".into()],
        conditions_latex: vec!["A \\neq 0".into()],
    };
    emit(target, &g, &request).unwrap()
}

#[test]
fn each_target_says_it_in_its_own_words() {
    for (target, said) in [
        ("numpy", "return x @ t1, t1 + A.T @ x"),
        ("jax", "return x @ t1, t1 + x @ A"),
        ("torch", "return A @ x + A.T @ x"),
        ("julia", "return A * x + A' * x"),
        ("matlab", "r = A * x + A' * x;"),
        ("eigen", "return {x.dot(t1), t1 + A.transpose() * x};"),
        ("c", "keep(add(t1, times_vector(transpose(A), x)))"),
        ("rust", "(x.dot(&t1), &t1 + A.transpose() * x)"),
        ("sympy", "return A * x + A.T * x"),
        ("latex", "\\nabla_{x} f &= \\left(A + A^{\\mathsf{T}}\\right) x \\\\\n&\\text{where } A \\neq 0"),
        ("typst", "nabla_x f &= (A + A^(sans(\"T\"))) x \\\n&\"where \" A ≠ 0"),
        ("mathml", "<mi>A</mi><mo>≠</mo><mn>0</mn>"),
    ] {
        let code = quadratic(target);
        assert!(code.contains(said), "{target}: {code}");
    }
}

#[test]
fn every_target_file_is_well_formed() {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/targets")).unwrap();
    assert_eq!(targets().count(), files.count());
    for name in targets() {
        assert!(target::target(name).is_ok(), "{name}");
    }
}

#[test]
fn an_order_that_depends_on_sizes_is_left_to_the_call() {
    let mut g = Graph::new(Arc::new(Catalog::default()));
    let [m, k, n, p] = ["m", "k", "n", "p"].map(|d| g.dims.named(d));
    let sides = [(m, k), (n, k), (n, p)];
    let [a, b, c] = [0, 1, 2].map(|i| {
        let (shape, name) = (Shape::new(sides[i].0, sides[i].1), ["A", "B", "C"][i].into());
        g.declare(Variable { name, kind: Kind::Matrix, shape, properties: Properties::NONE })
    });
    let bt = g.transpose(b);
    let product = g.product([a, bt, c]);
    assert_eq!(value(&g, product), "    return np.linalg.multi_dot([A, B.T, C])");
}
