use std::sync::Arc;

use super::*;
use crate::catalog::Catalog;
use crate::expr::{Kind, Number, Properties, Shape, Variable};
use crate::numeric::linear::size;
use crate::numeric::point::Sizes;
use crate::numeric::{Dual, Gf};

fn graph() -> Graph {
    Graph::new(Arc::new(Catalog::default()))
}

fn variable(graph: &mut Graph, name: &str, shape: Shape) -> Id {
    let (name, properties) = (name.to_owned(), Properties::NONE);
    graph.declare(Variable { name, kind: Kind::Matrix, shape, properties })
}

fn sizes(pairs: &[(&str, i64)]) -> Sizes {
    pairs.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect()
}

fn numbers(rows: usize, cols: usize) -> Matrix<f64> {
    Matrix::from_fn(rows, cols, |i, j| 1.0 + (3 * i + 5 * j * j) as f64 % 7.0)
}

#[test]
fn a_quadratic_form_and_its_derivative() {
    let mut g = graph();
    let n = g.dims.named("n");
    let a = variable(&mut g, "A", Shape::new(n, n));
    let x = variable(&mut g, "x", Shape::vector(n));
    let xt = g.transpose(x);
    let f = g.product([xt, a, x]);
    let (va, vx) = (g.variable_named("A").unwrap(), g.variable_named("x").unwrap());
    let (ma, mx) = (numbers(3, 3), numbers(3, 1));
    let mut point = Point::new(sizes(&[("n", 3)]));
    point.set(va, ma.map(Dual::constant));
    point.set(vx, mx.map(|v| Dual::new(v, 1.0)));
    let value = evaluate(&g, &[f], &point).unwrap().remove(0)[0];
    let ones = Matrix::from_element(3, 1, 1.0);
    assert_eq!(value.re, (mx.transpose() * &ma * &mx)[0]);
    assert!((value.du - (mx.transpose() * (&ma + ma.transpose()) * ones)[0]).abs() < 1e-12);
}

#[test]
fn an_undefined_node_is_named() {
    let mut g = graph();
    let n = g.dims.named("n");
    let x = variable(&mut g, "x", Shape::vector(n));
    let xt = g.transpose(x);
    let outer = g.product([x, xt]);
    let inverse = g.power(outer, -1);
    let zero = g.zeros(Shape::new(n, n));
    let root = g.product([zero, inverse]);
    let v = g.variable_named("x").unwrap();
    let mut point = Point::new(sizes(&[("n", 4)]));
    point.set(v, numbers(4, 1));
    let undefined = Undefined { at: inverse, why: Why::Singular };
    assert_eq!(evaluate(&g, &[root], &point), Err(undefined.clone()));
    let exact = point.map(|_, m| m.map(|x| Gf::from_integer(x as i64)));
    assert_eq!(evaluate(&g, &[root], &exact), Err(undefined));
    // Of order one it is just a reciprocal.
    let mut point = Point::new(sizes(&[("n", 1)]));
    point.set(v, numbers(1, 1) * 2.0);
    assert_eq!(evaluate(&g, &[inverse], &point).unwrap().remove(0)[0], 0.25);
}

/// sum(r, 0, k-1, A^r) (I - A) = I - A^k, and a sum in a sum over the same index range.
#[test]
fn bounded_sums_repeat_their_body() {
    let mut g = graph();
    let n = g.dims.named("n");
    let a = variable(&mut g, "A", Shape::new(n, n));
    let r = variable(&mut g, "r", Shape::SCALAR);
    let s = variable(&mut g, "s", Shape::SCALAR);
    let (zero, three) = (g.int(0), g.int(3));
    let term = g.add(Op::Power, [a, r]);
    let geometric = g.add(Op::BoundedSum, [r, zero, three, term]);
    let rs = g.product([r, s]);
    let inner = g.add(Op::BoundedSum, [s, zero, r, rs]);
    let nested = g.add(Op::BoundedSum, [r, zero, three, inner]);
    let mut point = Point::new(sizes(&[("n", 2)]));
    let m = numbers(2, 2);
    point.set(g.variable_named("A").unwrap(), m.clone());
    let values = evaluate(&g, &[geometric, nested], &point).unwrap();
    let identity = Matrix::<f64>::identity(2, 2);
    assert_eq!(&values[0] * (&identity - &m), &identity - m.pow(4));
    // 1·1 + 2·(1+2) + 3·(1+2+3)
    assert_eq!(values[1][0], 25.0);
    // The same index within: sum(r, 0, 3, r sum(r, 0, 3, r)) = 6 · 6.
    let own = g.add(Op::BoundedSum, [r, zero, three, r]);
    let weighted = g.product([r, own]);
    let shadowed = g.add(Op::BoundedSum, [r, zero, three, weighted]);
    assert_eq!(evaluate(&g, &[shadowed], &point).unwrap()[0][0], 36.0);
    let reverse = g.add(Op::BoundedSum, [r, three, zero, term]);
    assert_eq!(evaluate(&g, &[reverse], &point).unwrap()[0], Matrix::zeros(2, 2));
}

#[test]
fn units_and_commutation_on_rectangles() {
    let mut g = graph();
    let (m, n) = (g.dims.named("m"), g.dims.named("n"));
    let mn = g.dims.times(m, n).unwrap();
    let k = g.add(Op::Commutation(m, n), []);
    let two = g.int(2);
    let e = g.add(Op::Unit(mn), [two]);
    let product = g.product([k, e]);
    let point = Point::new(sizes(&[("m", 2), ("n", 3)]));
    // vec(A)₂ is A₂₁ of a 2×3 matrix, which stands at place 4 of vec(Aᵀ).
    let value = evaluate::<f64>(&g, &[product], &point).unwrap().remove(0);
    assert_eq!(value, Matrix::from_column_slice(6, 1, &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]));
    let seven = g.int(7);
    let outside = g.add(Op::Unit(mn), [seven]);
    assert!(evaluate::<f64>(&g, &[outside], &point).is_err());
}

#[test]
fn fractional_powers_and_division_by_zero() {
    let mut g = graph();
    let half = g.num(Number::ratio(1, 2));
    let n = g.dims.named("n");
    let a = variable(&mut g, "A", Shape::new(n, n));
    let root = g.add(Op::Power, [a, half]);
    let entrywise = g.add(Op::ElementPower, [a, half]);
    let square = g.product([root, root]);
    let mut point = Point::new(sizes(&[("n", 2)]));
    let m = Matrix::from_row_slice(2, 2, &[2.0, 0.5, 0.3, 1.0]);
    point.set(g.variable_named("A").unwrap(), m.clone());
    let values = evaluate(&g, &[square, entrywise], &point).unwrap();
    assert!(size(&(&values[0] - m)) < 1e-13);
    assert_eq!(values[1][0], 2.0f64.sqrt());
    let zero = g.int(0);
    let quotient = g.add(Op::Divide, [a, zero]);
    assert_eq!(evaluate(&g, &[quotient], &point), Err(Undefined { at: quotient, why: Why::Singular }));
}

#[test]
fn a_matrix_too_large_is_refused() {
    let mut g = graph();
    let n = g.dims.integer(50_000);
    let identity = g.identity(n);
    let result = evaluate::<f64>(&g, &[identity], &Point::new(Sizes::new()));
    assert_eq!(result, Err(Undefined { at: identity, why: Why::TooLarge }));
}

/// What is nothing but rounding has no inverse: `c - c / 3 - c / 3 - c / 3`.
#[test]
fn a_sum_that_cancels_is_zero() {
    let mut g = graph();
    let c = variable(&mut g, "c", Shape::SCALAR);
    let third = g.num(Number::ratio(-1, 3));
    let part = g.product([third, c]);
    let rest = g.sum([c, part, part, part]);
    let f = g.call_named("pinv", [rest]);
    let mut point = Point::new(sizes(&[]));
    let vc = g.variable_named("c").unwrap();
    for value in [0.7, 3.1, 1e12, 1e-12] {
        point.set(vc, Matrix::from_element(1, 1, Dual::new(value, 1.0)));
        assert_eq!(evaluate(&g, &[rest], &point).unwrap()[0][0].real(), 0.0, "{value}");
    }
    point.set(vc, Matrix::from_element(1, 1, Dual::new(0.7, 1.0)));
    assert_eq!(evaluate(&g, &[f], &point).unwrap()[0][0].real(), 0.0);
}
