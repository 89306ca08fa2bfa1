//! What an answer claims of the function, and by how much it is off at a point.
//!
//! In: an answer's value, directions, the derivative by dual numbers. Out: a relative error.
//! Invariant: a claim is compared with what it must give along random directions, never with another form of
//! the answer. Example: a gradient G with ⟨G, E⟩ = f'(x)\[E\].

use crate::expr::{Graph, Id, Properties, VarId};

use super::linear::{Matrix, size};
use super::point::Point;
use super::sample::tangent;

/// The relation of an answer to the function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// The differential along `Differential` leaves of all the variables, or a linear operator on them.
    Differential,
    /// The gradient: of the variable's shape and structure, with ⟨G, E⟩ = f'(x)\[E\].
    Gradient,
    /// The derivatives by the independent entries of a structured variable.
    FreeGradient,
    /// The matrix J with J E = f'(x)\[E\]; the derivative by a scalar too, where E is a number.
    Jacobian,
    /// The matrix with K vec E = vec f'(x)\[E\].
    Kronecker,
    /// The matrix with (vec E)ᵀ H vec F = f''(x)\[E, F\], for a scalar function.
    Hessian,
    /// f''(x)\[E, E\] along `Differential` leaves.
    SecondDifferential,
    /// The derivative of this order, up to 3, by a scalar variable.
    Nth(u8),
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// What it is to the function.
    pub relation: Relation,
    /// The variables that vary; one, but for differentials.
    pub wrt: Vec<VarId>,
    /// The answer.
    pub value: Id,
}

/// A derivative of the function along directions, with the scale of what it was computed from.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Truth {
    pub value: Matrix<f64>,
    pub scale: f64,
}

/// The rounding that a derivative suffers where larger terms cancel in it.
const CANCELLATION: f64 = 1e-3;

/// The relative error of a claim whose derivative should be `truth`. `e` and `f` are the directions.
pub(super) fn error(
    graph: &Graph,
    claim: &Claim,
    answer: &Matrix<f64>,
    truth: &Truth,
    point: &Point<f64>,
    (e, f): (&Matrix<f64>, &Matrix<f64>),
) -> f64 {
    match claim.relation {
        Relation::Differential | Relation::SecondDifferential | Relation::Nth(_) => distance(answer, truth),
        Relation::Gradient | Relation::FreeGradient => {
            if answer.shape() != e.shape() {
                return f64::INFINITY;
            }
            let properties = claim.wrt.first().map_or(Properties::NONE, |v| graph.variable(*v).properties);
            let x = claim.wrt.first().and_then(|v| point.value(*v));
            // On a manifold without linear structure only the directions count.
            let outside = match x {
                Some(x) if !properties.has(Properties::ORTHOGONAL) => {
                    size(&(tangent(properties, x, answer) - answer))
                }
                _ => 0.0,
            };
            let free = claim.relation == Relation::FreeGradient
                && properties.any(Properties::SYMMETRIC.with(Properties::SKEW))
                && answer.is_square();
            let pairing = (0..answer.nrows())
                .flat_map(|i| (0..if free { i + 1 } else { answer.ncols() }).map(move |j| (i, j)))
                .map(|at| answer[at] * e[at])
                .sum();
            let along = distance(&Matrix::from_element(1, 1, pairing), truth);
            along.max(outside / size(answer).max(f64::MIN_POSITIVE))
        }
        Relation::Jacobian if e.len() == 1 => distance(&(answer * e[(0, 0)]), truth),
        Relation::Jacobian => linear(answer, e, truth),
        Relation::Kronecker => {
            let vec = |m: &Matrix<f64>| Matrix::from_column_slice(m.len(), 1, m.as_slice());
            linear(answer, &vec(e), &Truth { value: vec(&truth.value), scale: truth.scale })
        }
        Relation::Hessian => {
            if answer.shape() != (e.len(), f.len()) {
                return f64::INFINITY;
            }
            let rows = Matrix::from_row_slice(1, e.len(), e.as_slice());
            let columns = Matrix::from_column_slice(f.len(), 1, f.as_slice());
            distance(&(rows * answer * columns), truth)
        }
    }
}

fn linear(operator: &Matrix<f64>, e: &Matrix<f64>, truth: &Truth) -> f64 {
    if operator.ncols() == e.nrows() { distance(&(operator * e), truth) } else { f64::INFINITY }
}

fn distance(claimed: &Matrix<f64>, truth: &Truth) -> f64 {
    if claimed.shape() != truth.value.shape() {
        return f64::INFINITY;
    }
    let scale = size(claimed).max(size(&truth.value)).max(CANCELLATION * truth.scale);
    let difference = size(&(claimed - &truth.value));
    if difference == 0.0 { 0.0 } else { difference / scale }
}
