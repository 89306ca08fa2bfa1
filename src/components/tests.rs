use crate::answer::{Request, Setup, read};
use crate::expr::Op;

use super::Components;

/// Whether two expressions are shown to be equal.
fn same(lets: &[&str], a: &str, b: &str) -> bool {
    let lets: Vec<String> = lets.iter().map(|l| (*l).to_owned()).collect();
    let request = Request { lets, wrt: Some(vec![]), ..Request::new(format!("({a}) - ({b})")) };
    let problem = read(&request, &Setup::default()).unwrap();
    let graph = &problem.graph;
    let zero = graph.op(problem.function) == &Op::Sum;
    assert!(zero, "{a} - {b}");
    let (left, right) = (graph.args(problem.function)[0], graph.args(problem.function)[1]);
    let mut components = Components::new(graph, "d", &[]);
    let left = components.build(left);
    let right = components.build(right);
    let right = components.tensor(right).clone().scaled(&crate::expr::Number::MINUS_ONE);
    let right = components.keep(right);
    if left != right {
        eprintln!("{:?}\n{:?}\n{:?}", components.tensor(left), components.tensor(right), components.atoms);
    }
    left == right && !components.is_tired()
}

#[test]
fn laws_of_matrices_are_laws_of_entries() {
    let equal = [
        ("x^T A^T y", "y^T A x"),
        ("tr(A B C)", "tr(C A B)"),
        ("tr(A^T B)", "sum(A .* B)"),
        ("(A B)^T", "B^T A^T"),
        ("diag(x) A y", "x .* (A y)"),
        ("inv(A B)", "inv(B) inv(A)"),
        ("inv(A)^T", "inv(A^T)"),
        ("a^T inv(X) X b", "a^T b"),
        ("kron(A, B) kron(C, D)", "kron(A C, B D)"),
        ("vec(A X B)", "kron(B^T, A) vec(X)"),
        ("K(n, n) vec(A)", "vec(A^T)"),
        ("norm(x)^2", "x^T x"),
        ("(x^T x)^2 / norm(x)", "norm(x)^3"),
        ("(s + 1) / (s + 1)^2", "1 / (1 + s)"),
        ("inv(I + A) + A inv(I + A)", "I(n)"),
        ("sum(exp.(A x) .* y)", "y^T exp.(A x)"),
        ("tr(I(n))", "n"),
        ("eigmax(A) x^T A x", "x^T A^T x eigmax(A)"),
        ("x^T x pinv(A)^T", "pinv(A)^T (x^T x)"),
    ];
    let lets = [
        "A: matrix(n,n)",
        "B: matrix(n,n)",
        "C: matrix(n,n)",
        "D: matrix(n,n)",
        "X: matrix(n,n)",
        "x: vector(n)",
        "y: vector(n)",
        "a: vector(n)",
        "b: vector(n)",
        "s: scalar",
    ];
    let missed: Vec<_> = equal.iter().filter(|(a, b)| !same(&lets, a, b)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn an_inverse_is_undone() {
    let lets = ["A: matrix(n,n)"];
    for of in ["A", "A^T", "A^T A", "A + I"] {
        let twice = format!("inv(inv({of}))");
        assert!(same(&lets, &twice, of), "{of}");
        assert!(of == "A^T A" || !same(&lets, &twice, &format!("({of})^T")), "{of}");
    }
    assert!(!same(&lets, "inv(inv(A^T A))", "A A^T"));
    assert!(!same(&lets, "inv(inv(A) .* inv(A))", "A .* A"));
}
