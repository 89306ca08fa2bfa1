use std::sync::Arc;

use super::*;
use crate::catalog::Catalog;
use crate::diagnostic::Source;
use crate::limits::Limits;
use crate::numeric::{Tape, lower, nowhere_defined};
use crate::shape::{Problem, infer};
use crate::syntax::parse;

/// Functions as rules files state them, independent of the rules that are built in.
const RULES: &str = "
condition invertible(X: matrix(n,n))
  text     \"{X} invertible\"
  nonzero  det(X)
condition nonzero(X: matrix(m,n))
  text     \"{X} != 0\"
  nonzero  X
condition nonzero_entries(X: matrix(m,n))
  text     \"{X} != 0\"
  nonzero  X
condition positive(X: matrix(m,n))
  text     \"{X} > 0\"
  positive X
condition no_negative_eigenvalues(X: matrix(m,m))
  text     \"{X} has no negative eigenvalues\"
function det(X: matrix(n,n)) -> scalar
  about    \"determinant\"
  numeric  primitive det
function log(x: scalar) -> scalar
  about    \"logarithm\"
  domain   positive(x)
  numeric  primitive log
function abs(x: scalar) -> scalar
  about    \"absolute value\"
  numeric  primitive abs
function logdet(X: matrix(n,n)) -> scalar
  about    \"log |det X|\"
  domain   invertible(X)
  numeric  log(abs(det(X)))
function tr(X: matrix(n,n)) -> scalar
  about    \"trace\"
  numeric  primitive tr
function square(X: matrix(n,n)) -> matrix(n,n)
  about    \"a matrix function\"
  numeric  X X
";

fn problem(lets: &[&str], text: &str) -> Problem {
    let catalog = Catalog::default().with_rules(&Source::new("test.rules", RULES)).unwrap();
    let lets: Vec<String> = lets.iter().map(|l| (*l).to_owned()).collect();
    let limits = Limits::default();
    let known = catalog.clone();
    let program = parse(
        text,
        &lets,
        &move |name| known.find(name).is_some() || ["I", "K", "ones"].contains(&name),
        &limits,
    )
    .unwrap();
    infer(&program, Arc::clone(&catalog), &limits).unwrap()
}

/// Checks an answer, stated as a part of the program, of the function on its last line.
fn outcome(lets: &[&str], relation: Relation, wrt: &str, answer: &str, function: &str) -> Check {
    let mut p = problem(lets, &format!("answer = {answer}\n{function}"));
    let value = p.parts[0].1;
    let claim = Claim { relation, wrt: vec![p.graph.variable_named(wrt).unwrap()], value };
    check(&mut p.graph, p.function, &[claim], &p.conditions, 1)
}

#[track_caller]
fn holds(lets: &[&str], relation: Relation, wrt: &str, answer: &str, function: &str) {
    let check = outcome(lets, relation, wrt, answer, function);
    assert!(check.passed && check.points == 3 && check.max_error < 1e-9, "{check:?}");
}

#[track_caller]
fn fails(lets: &[&str], relation: Relation, wrt: &str, answer: &str, function: &str) {
    let check = outcome(lets, relation, wrt, answer, function);
    assert!(matches!(check.trouble, Some(Trouble::Mismatch(..))) && !check.passed, "{check:?}");
}

use Relation as R;

#[test]
fn gradients() {
    holds(&[], R::Gradient, "x", "(A + A^T) x", "x^T A x");
    fails(&[], R::Gradient, "x", "2 A x", "x^T A x");
    holds(&["A: matrix(n,n) symmetric"], R::Gradient, "x", "2 A x", "x^T A x");
    holds(&[], R::Gradient, "X", "X^-T", "logdet(X)");
    fails(&[], R::Gradient, "X", "X^-1", "logdet(X)");
}

#[test]
fn structured_gradients_lie_in_the_subspace() {
    let s = &["X: matrix(n,n) symmetric"];
    holds(s, R::Gradient, "X", "(A + A^T) / 2", "tr(A X)");
    fails(s, R::Gradient, "X", "A", "tr(A X)");
    holds(s, R::FreeGradient, "X", "A + A^T - A .* I(n)", "tr(A X)");
    fails(s, R::FreeGradient, "X", "(A + A^T) / 2", "tr(A X)");
    holds(&["X: matrix(n,n) skew"], R::Gradient, "X", "(A^T - A) / 2", "tr(A X)");
    holds(&["X: matrix(n,n) diagonal"], R::Gradient, "X", "A .* I(n)", "tr(A X)");
}

#[test]
fn an_orthogonal_variable_moves_along_the_group() {
    // Along Q S with skew S, d tr(Q^T Q) is zero, though 2 Q is no zero.
    holds(&["Q: matrix(n,n) orthogonal"], R::Gradient, "Q", "2 Q", "tr(Q^T Q)");
    holds(&["Q: matrix(n,n) orthogonal"], R::Gradient, "Q", "A^T", "tr(A Q)");
    fails(&["Q: matrix(n,n) orthogonal"], R::Gradient, "Q", "A", "tr(A Q)");
}

#[test]
fn jacobians_and_kronecker_forms() {
    holds(&["A: matrix(m,n)"], R::Jacobian, "x", "A", "A x");
    fails(&["A: matrix(n,n)"], R::Jacobian, "x", "A^T", "A x");
    holds(&["A: matrix(p,m)", "X: matrix(m,n)"], R::Kronecker, "X", "I(n) ⊗ A", "A X");
    holds(&["X: matrix(m,n)"], R::Kronecker, "X", "K(m,n)", "X^T");
    fails(&["X: matrix(m,n)"], R::Kronecker, "X", "I(m n)", "X^T");
}

#[test]
fn second_and_higher_derivatives() {
    holds(&[], R::Hessian, "x", "A + A^T", "x^T A x");
    fails(&[], R::Hessian, "x", "2 A", "x^T A x");
    holds(&["X: matrix(m,n)", "A: matrix(m,m)"], R::Hessian, "X", "I(n) ⊗ (A + A^T)", "tr(X^T A X)");
    holds(&["t: scalar"], R::Nth(1), "t", "A + 2 t B + 5 t^4 B", "t A + t^2 B + t^5 B");
    holds(&["t: scalar"], R::Nth(2), "t", "6 t A", "t^3 A");
    holds(&["t: scalar"], R::Nth(3), "t", "6 A", "t^3 A");
    fails(&["t: scalar"], R::Nth(3), "t", "3 A", "t^3 A");
}

#[test]
fn conditions_and_domains_are_met() {
    // Rejection finds tall matrices and positive arguments.
    holds(&["X: matrix(m,n)"], R::Gradient, "X", "2 X (X^T X)^-1", "logdet(X^T X)");
    holds(
        &["A: matrix(m,n)", "b: vector(m)"],
        R::Jacobian,
        "x",
        "-(I(m) .* ((1 ./ (b - A x)) ones(m)^T)) A",
        "log.(b - A x)",
    );
    let check = outcome(&[], R::Gradient, "x", "x", "log(-x^T x)");
    assert!(matches!(check.trouble, Some(Trouble::NoPoint(Some(_)))), "{check:?}");
    assert!(outcome(&["a: scalar", "x: vector(3)"], R::Jacobian, "a", "ones(3)", "a ones(3)").passed);
}

#[test]
fn differentials_have_leaves() {
    let mut p = problem(&["X: matrix(n,n)"], "tr(X X)");
    let v = p.graph.variable_named("X").unwrap();
    let (x, dx) = (p.graph.var(v), p.graph.add(crate::expr::Op::Differential(v), []));
    let product = p.graph.product([x, dx]);
    let traced = p.graph.call_named("tr", [product]);
    let two = p.graph.int(2);
    let df = p.graph.product([two, traced]);
    let claim = |value| [Claim { relation: R::Differential, wrt: vec![v], value }];
    assert!(check(&mut p.graph, p.function, &claim(df), &[], 1).passed);
    assert!(!check(&mut p.graph, p.function, &claim(traced), &[], 1).passed);
    // f''[E, E] = 2 tr(E E)
    let square = p.graph.product([dx, dx]);
    let second = p.graph.call_named("tr", [square]);
    let second = p.graph.product([two, second]);
    let claims = [Claim { relation: R::SecondDifferential, wrt: vec![v], value: second }];
    assert!(check(&mut p.graph, p.function, &claims, &[], 1).passed);
}

#[test]
fn a_frechet_derivative_of_a_defined_function_is_written_out() {
    let mut p = problem(&["A: matrix(n,n)", "E: matrix(n,n)"], "A E + E A");
    let f = p.graph.catalog().find("square").unwrap();
    let [a, e] = ["A", "E"].map(|n| p.graph.variable_named(n).unwrap());
    let (a, e) = (p.graph.var(a), p.graph.var(e));
    let frechet = p.graph.add(crate::expr::Op::Frechet(f), [a, e]);
    let roots = lower(&mut p.graph, &[frechet, p.function]).unwrap();
    let point = sample(&p.graph, &roots, &[], 3).unwrap();
    let values = Tape::new(&p.graph, &roots).run(&p.graph, &point).unwrap();
    assert!((&values[0] - &values[1]).amax() < 1e-13);
}

#[test]
fn what_is_defined_nowhere_is_found() {
    let nowhere = |lets: &[&str], text: &str| {
        let mut p = problem(lets, text);
        let roots = lower(&mut p.graph, &[p.function]).unwrap();
        nowhere_defined(&p.graph, &roots).is_some()
    };
    assert!(nowhere(&["A: matrix(n,n)"], "(A (A + B) - A B - A^2)^-1"));
    assert!(nowhere(&["x: vector(n)"], "(x x^T)^-1"));
    assert!(nowhere(&[], "1 / (x^T (x + y) - x^T x - y^T x)"));
    assert!(nowhere(&["X: matrix(2,3)"], "(X^T X)^-1"));
    assert!(nowhere(&["a: scalar"], "log((a + 1)^2 - a^2 - 2 a - 1)"));
    assert!(!nowhere(&["X: matrix(m,n)"], "(X^T X)^-1"));
    assert!(!nowhere(&["X: matrix(n,n) skew"], "X^-1"));
    assert!(!nowhere(&["X: matrix(n,n)"], "logdet(X) X^-1"));
}

#[test]
fn samples_are_deterministic_and_sizes_unequal() {
    let p = problem(&["X: matrix(m,n)", "y: vector(p)"], "X");
    let point = |seed| sample(&p.graph, &[p.function], &[], seed).unwrap();
    assert_eq!(point(5), point(5));
    assert_ne!(point(5), point(6));
    let sizes: Vec<i64> = point(5).sizes.values().copied().collect();
    assert_eq!(sizes.len(), 3);
    assert!((0..3).all(|i| (0..i).all(|j| sizes[i] != sizes[j])));
}

/// A claim that is off at every point is not rounding, however badly conditioned the points are.
#[test]
fn planted_errors_are_caught_at_ill_conditioned_points() {
    let a = &["A: matrix(n,n)", "x: vector(n)", "y: vector(n)"];
    // Relative errors down to 1e-3, of the whole and of a term that nearly cancels.
    fails(a, Relation::Gradient, "A", "1001/1000 * det(A) A^-T", "det(A)");
    fails(a, Relation::Gradient, "A", "-1001/1000 * (A^-T x y^T A^-T)", "x^T A^-1 y");
    fails(a, Relation::Gradient, "A", "5 det(A)^5 A^-T + 1/1000 * det(A)^4 A^-T", "det(A)^5");
    // The sign of a small term.
    fails(a, Relation::Gradient, "x", "2 x - 1/1000 * y", "x^T x + 1/1000 * x^T y");
    fails(a, Relation::Gradient, "x", "1000000 * A^T A x - y", "500000 * (A x)^T (A x) + x^T y");
    // A differential, whose direction must not get lost when the point is moved.
    for (factor, passes) in [(2, true), (3, false)] {
        let mut p = problem(a, "x^T x");
        let v = p.graph.variable_named("x").unwrap();
        let (n, x, dx) = (p.graph.int(factor), p.graph.var(v), p.graph.differential(v));
        let turned = p.graph.transpose(x);
        let value = p.graph.product([n, turned, dx]);
        let claim = Claim { relation: Relation::Differential, wrt: vec![v], value };
        assert_eq!(check(&mut p.graph, p.function, &[claim], &p.conditions, 1).passed, passes);
    }
    // And what is right is not refused there.
    let check = outcome(a, Relation::Gradient, "A", "9 det(A)^9 A^-T", "det(A)^9");
    assert!(check.passed, "{check:?}");
    let check = outcome(
        a,
        Relation::Gradient,
        "A",
        "-((A - 99/100 * A)^-T x y^T (A - 99/100 * A)^-T) / 100",
        "x^T (A - 99/100 * A)^-1 y",
    );
    assert!(check.passed, "{check:?}");
}
