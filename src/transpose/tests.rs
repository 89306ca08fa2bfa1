//! Every form against the derivative by dual numbers, on rectangular shapes and of order one.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::differentiate::differentiate;
use crate::expr::{Graph, Id, Kind, Op, Properties, VarId};
use crate::limits::Limits;
use crate::numeric::{Dual, Matrix, Point, Sizes, evaluate};

use super::*;

struct Case {
    graph: Graph,
    f: Id,
    v: VarId,
    df: Id,
}

fn read(text: &str, wrt: &str) -> Case {
    let catalog: Arc<Catalog> = Catalog::builtin();
    let is_function = |name: &str| crate::shape::is_function(&catalog, name);
    let limits = Limits::default();
    let program = crate::syntax::parse(text, &[], &is_function, &limits).unwrap();
    let problem = crate::shape::infer(&program, catalog.clone(), &limits).unwrap();
    let mut graph = problem.graph;
    let v = graph.variable_named(wrt).unwrap();
    let df = differentiate(&mut graph, problem.function, &[v]).unwrap().df;
    Case { graph, f: problem.function, v, df }
}

/// Numbers that do not repeat, in the structure of the variable.
fn fill(seed: u64, rows: usize, cols: usize, p: Properties) -> Matrix<f64> {
    let entry = |k: usize| (((k as f64 + 1.0) * 12.9898 + seed as f64 * 78.233).sin() * 43758.5453).fract();
    let m = Matrix::from_fn(rows, cols, |i, j| entry(i * cols + j));
    let m = match p {
        p if p.has(Properties::DIAGONAL) => m.map_with_location(|i, j, x| if i == j { x } else { 0.0 }),
        p if p.has(Properties::SYMMETRIC) => (&m + m.transpose()) * 0.5,
        p if p.has(Properties::SKEW) => (&m - m.transpose()) * 0.5,
        p if p.has(Properties::LOWER) => m.lower_triangle(),
        p if p.has(Properties::UPPER) => m.upper_triangle(),
        _ => m,
    };
    if p.has(Properties::POSITIVE) { m.map(|x| x.abs() + 0.5) } else { m }
}

fn point(graph: &Graph, sizes: &Sizes, v: VarId) -> (Point<f64>, Matrix<f64>) {
    let mut point = Point::new(sizes.clone());
    let mut direction = Matrix::zeros(1, 1);
    for (k, variable) in graph.variables().iter().enumerate() {
        let id = VarId(k as u32);
        let size = |d| graph.dims.evaluate(d, &|n| sizes.get(n).copied().unwrap_or(2)) as usize;
        let (rows, cols) = (size(variable.shape.rows), size(variable.shape.cols));
        let mut value = fill(k as u64, rows, cols, variable.properties);
        if rows == cols {
            // Well away from singular, and positive definite where that is asked for.
            let shift = if variable.properties.has(Properties::SKEW) { 0.0 } else { 2.0 };
            value += Matrix::identity(rows, rows) * shift;
        }
        if variable.properties.has(Properties::INTEGER) {
            value = Matrix::from_element(1, 1, 3.0);
        }
        if id == v {
            direction = fill(99, rows, cols, variable.properties.without(Properties::POSITIVE));
            point.set_differential(v, direction.clone());
        }
        point.set(id, value);
    }
    (point, direction)
}

fn sizes() -> Sizes {
    [("m", 2), ("n", 3), ("p", 4), ("k", 2), ("q", 2)].iter().map(|(n, s)| ((*n).to_owned(), *s)).collect()
}

fn pushed(graph: &Graph, f: Id, v: VarId, point: &Point<f64>, direction: &Matrix<f64>) -> Matrix<f64> {
    let duals = point.map(|id, m| match id == v {
        true => m.zip_map(direction, Dual::new),
        false => m.map(Dual::constant),
    });
    evaluate(graph, &[f], &duals).unwrap().remove(0).map(|d| d.du)
}

fn value(graph: &Graph, id: Id, point: &Point<f64>) -> Matrix<f64> {
    evaluate(graph, &[id], point).unwrap_or_else(|u| panic!("{u:?} in {:?}", dump(graph, id))).remove(0)
}

fn dump(graph: &Graph, id: Id) -> Vec<String> {
    graph.reachable(&[id]).iter().map(|i| format!("{i:?} = {:?}", graph.node(*i))).collect()
}

fn close(a: &Matrix<f64>, b: &Matrix<f64>, what: &str) {
    let error = (a - b).norm() / (1.0 + b.norm());
    assert!(error < 1e-8, "{what}: {a} is not {b}");
}

fn stacked(m: &Matrix<f64>) -> Matrix<f64> {
    Matrix::from_column_slice(m.len(), 1, m.as_slice())
}

/// Checks df and every form that applies; returns the case with its gradient, where there is one.
fn check(text: &str, wrt: &str) -> (Case, Option<Id>) {
    let mut case = read(text, wrt);
    let g = &mut case.graph;
    let (df, v) = (case.df, case.v);
    let variable = g.variable(v).shape;
    let scalar = g.shape(df).is_scalar();
    let gradient = if scalar { gradient(g, df, v, Convention::Subspace).unwrap() } else { None };
    let jacobian = jacobian(g, df, v).unwrap();
    let kronecker = kronecker(g, df, v).unwrap();
    let (point, direction) = point(g, &sizes(), v);
    let wanted = pushed(g, case.f, v, &point, &direction);
    close(&value(g, df, &point), &wanted, &format!("df of {text}"));
    if let Some(gradient) = gradient {
        let inner = value(g, gradient, &point).dot(&direction);
        close(&Matrix::from_element(1, 1, inner), &wanted, &format!("gradient of {text}"));
        assert_eq!(g.shape(gradient), variable);
    }
    if let Some(j) = jacobian {
        let product = value(g, j, &point) * &direction;
        close(&stacked(&product), &stacked(&wanted), &format!("Jacobian of {text}"));
    }
    let kronecker = kronecker.unwrap_or_else(|| panic!("no Kronecker form of {text}"));
    let product = value(g, kronecker, &point) * stacked(&direction);
    close(&product, &stacked(&wanted), &format!("Kronecker form of {text}"));
    if scalar && gradient.is_none() {
        panic!("no gradient of {text}");
    }
    if let (Some(gradient), true) = (gradient, variable.is_column() || variable.is_square()) {
        let second = hessian(g, gradient, v).unwrap();
        let wanted = pushed(g, gradient, v, &point, &direction);
        close(&value(g, second.derived.df, &point), &wanted, &format!("second differential of {text}"));
        let h = value(g, second.hessian.unwrap(), &point);
        let product = if variable.is_scalar() { h * direction[0] } else { h * stacked(&direction) };
        close(&product, &stacked(&wanted), &format!("Hessian of {text}"));
    }
    (case, gradient)
}

#[test]
fn quadratic_forms_and_traces() {
    check("x^T A x", "x");
    check("x^T A x", "A");
    check("A: matrix(m,n)\nX: matrix(n,p)\nB: matrix(p,m)\ntr(A X B)", "X");
    check("X: matrix(m,n)\nA: matrix(n,n)\ntr(X A X^T)^2 X", "X");
    check("A: matrix(1,1)\nx: vector(1)\nx^T A x", "x");
    check("X: matrix(1,n)\ny: vector(n)\nX y + X X^T", "X");
}

#[test]
fn entrywise_functions() {
    check("x: vector(n) positive\nA: matrix(m,n)\nA (x .* log.(x)) ./ exp.(A x)", "x");
    check("x: vector(n)\nsum(exp.(x) .* x.^3) / (1 + x^T x)", "x");
    check("X: matrix(m,n)\nsum(1 ./ (2 .+ X.^2))", "X");
    check("t: scalar positive\nx: vector(n) positive\nx.^t * t^t", "t");
}

#[test]
fn powers_inverses_and_systems() {
    check("A: matrix(n,n)\nA^3", "A");
    check("A: matrix(n,n)\nA^-2", "A");
    check("A: matrix(n,n)\nb: vector(n)\n(A \\ b)^T A^-T b", "A");
    check("A: matrix(n,n)\nB: matrix(n,m)\nA^T \\ B", "A");
    check("A: matrix(n,n)\nk: integer\ntr(A^k)", "A");
    check("A: matrix(n,n)\nA^11", "A");
    check("A: matrix(n,n)\nA^(-10)", "A");
    check("x: vector(n)\nA: matrix(n,n)\n(A + x x^T)^-1 A x", "x");
}

#[test]
fn diagonals_and_matrices_between_vectors() {
    check("x: vector(n)\nA: matrix(m,n)\nB: matrix(n,m)\ndiag(A diag(x) B)", "x");
    check("x: vector(n)\nA: matrix(n,n)\ndiag(x)^2 A x", "x");
    check("x: vector(n)\ny: vector(n)\ndiag(x y^T) + diag(y x^T) + diag(diag(x))", "x");
    check("x: vector(n)\nA: matrix(n,n)\n(x^T A x) A (x x^T) A x + cumsum(x)", "x");
    check("x: vector(n)\nA: matrix(n,n)\ndiag((x^T x) A + x x^T A)", "x");
    check("x: vector(n)\nA: matrix(n,n)\n(A .* (x x^T)) x", "x");
    check("x: vector(n)\ndiag(x) ⊗ x", "x");
}

#[test]
fn kronecker_products_and_stacking() {
    check("X: matrix(m,n)\nA: matrix(n,p)\nkron(A, X)", "X");
    check(
        "X: matrix(m,n)\nA: matrix(n,p)\nB: matrix(m,p)\nsum(kron(X, A) .* kron(X, A)) + tr(kron(X, X) kron(X, X)^T)",
        "X",
    );
    check("X: matrix(m,n)\nvec(X)^T vec(X) vec(X X^T)", "X");
    check("x: vector(n)\ny: vector(m)\nkron(x, y) + kron(x, y) * x^T x", "x");
}

#[test]
fn matrix_functions_and_factorisations() {
    check("A: matrix(n,n)\nB: matrix(n,n)\ntr(B exp(A))", "A");
    check("S: matrix(n,n) posdef\nb: vector(n)\nb^T S^(1/2) b + tr(S^(-3/2))", "S");
    check("S: matrix(n,n) posdef\nchol(S)", "S");
    check("t: scalar\nA: matrix(n,n)\nexp(t A)", "t");
    check("x: vector(n)\nb: vector(n)\nlogsumexp(softmax(x)) * norm(x - b)", "x");
    check("x: vector(3)\ny: vector(3)\ncross(x, y) + cross(y, x) * dot(x, y)", "x");
}

#[test]
fn abstract_functions() {
    check("phi: vector(n) -> scalar\nx: vector(n)\nphi(x)^2", "x");
    check("g: vector(n) -> vector(m)\nx: vector(n)\nA: matrix(m,m)\nA g(x)", "x");
    check("psi: scalar -> scalar\nx: vector(n)\nA: matrix(m,n)\nsum(psi.(A x))", "x");
    check("phi: matrix(m,n) -> scalar\nX: matrix(m,n)\nphi(X)", "X");
}

#[test]
fn structured_matrices_stay_in_their_subspace() {
    for structure in ["symmetric", "skew", "diagonal", "lower", "upper", "posdef"] {
        let text = format!("S: matrix(n,n) {structure}\nA: matrix(n,n)\na: vector(n)\na^T S A S a + tr(A S)");
        let (mut case, gradient) = check(&text, "S");
        let gradient = gradient.unwrap();
        let again = project(&mut case.graph, case.v, gradient, Convention::Subspace);
        let (point, _) = point(&case.graph, &sizes(), case.v);
        let (once, twice) = (value(&case.graph, gradient, &point), value(&case.graph, again, &point));
        close(&twice, &once, structure);
    }
}

#[test]
fn linear_affine_and_constant() {
    let mut case = read("A: matrix(m,n)\nx: vector(n)\nb: vector(m)\nA x", "x");
    assert!(is_linear(&mut case.graph, case.f, case.v).unwrap());
    let mut case = read("A: matrix(m,n)\nx: vector(n)\nb: vector(m)\nA x + b", "x");
    assert!(!is_linear(&mut case.graph, case.f, case.v).unwrap());
    assert!(is_affine(&mut case.graph, case.f, case.v).unwrap());
    let mut case = read("x: vector(n)\nb: vector(m)\n2 b + 0 * b * x^T x", "b");
    let v = case.graph.variable_named("x").unwrap();
    let df = differentiate(&mut case.graph, case.f, &[v]).unwrap().df;
    let j = jacobian(&mut case.graph, df, v).unwrap().unwrap();
    assert_eq!(case.graph.shape(j).text(&case.graph.dims), "m×n");
}

#[test]
fn a_long_product_and_a_deep_chain_stay_small() {
    let text = format!("x: vector(n)\nA: matrix(n,n)\n{} x", "A ".repeat(2000));
    let mut case = read(&text, "A");
    assert!(case.graph.len() < 20_000);
    assert!(gradient_of_sum(&mut case).is_some());
}

fn gradient_of_sum(case: &mut Case) -> Option<Id> {
    let total = case.graph.call_named("sum", [case.df]);
    gradient(&mut case.graph, total, case.v, Convention::Subspace).unwrap()
}

#[test]
fn what_does_not_vary_is_nowhere() {
    let case = read("x: vector(n)\ny: vector(n)\nx^T y", "x");
    let zeros = case.graph.reachable(&[case.df]).iter().any(|id| matches!(case.graph.op(*id), Op::Zeros(..)));
    assert!(!zeros);
    assert_eq!(case.graph.variable(case.v).kind, Kind::Vector);
}
