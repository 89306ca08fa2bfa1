//! Special points, at which a law that holds almost everywhere may fail.
//!
//! In: variables, a stratum, the number of the attempt. Out: a point with variables that are zero, singular, huge …
//! Invariant: every value still has the properties its variable was declared with; a stratum in which it cannot
//! have them leaves it as it was drawn. Example: a positive definite matrix may be the identity, but not zero.

use crate::expr::{Graph, Properties, VarId, Variable};

use super::linear::Matrix;
use super::point::Point;
use super::random::Random;
use super::sample::{draw, tangent};
use super::undefined::Why;

/// What the value of a variable is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stratum {
    /// Zero.
    Zero,
    /// The identity.
    Identity,
    /// All entries are equal: whatever is largest is tied.
    Constant,
    /// Of rank one.
    RankOne,
    /// With a row and a column of zeros.
    Singular,
    /// Symmetric, where it need not be.
    Symmetric,
    /// A cyclic permutation, whose singular values are all equal.
    Permutation,
    /// With entries in the hundreds.
    Huge,
    /// With entries in the thousandths.
    Tiny,
    /// With no positive entry.
    Negative,
}

impl Stratum {
    /// All of them.
    pub const ALL: [Stratum; 10] = [
        Stratum::Zero,
        Stratum::Identity,
        Stratum::Constant,
        Stratum::RankOne,
        Stratum::Singular,
        Stratum::Symmetric,
        Stratum::Permutation,
        Stratum::Huge,
        Stratum::Tiny,
        Stratum::Negative,
    ];

    fn value(self, x: &Matrix<f64>, symmetric: bool, random: &mut Random) -> Matrix<f64> {
        let (rows, cols) = x.shape();
        let mut entries = |r, c| Matrix::from_fn(r, c, |_, _| random.between(-1.0, 1.0));
        match self {
            Stratum::Zero => x * 0.0,
            Stratum::Identity => Matrix::identity(rows, cols),
            Stratum::Constant => x.map(|_| 1.0),
            Stratum::RankOne => {
                let column = entries(rows, 1);
                let row = if symmetric { column.transpose() } else { entries(1, cols) };
                column * row
            }
            Stratum::Singular => Matrix::from_fn(rows, cols, |i, j| if i * j == 0 { 0.0 } else { x[(i, j)] }),
            Stratum::Symmetric if rows == cols => (x + x.transpose()) * 0.5,
            Stratum::Symmetric => x.clone(),
            Stratum::Permutation => {
                Matrix::from_fn(rows, cols, |i, j| f64::from(u8::from(j == (i + 1) % cols)))
            }
            Stratum::Huge => x * 1e2,
            Stratum::Tiny => x * 1e-3,
            Stratum::Negative => -x.abs(),
        }
    }
}

/// A point of a stratum: at the first attempt all variables are in it, then each alone.
pub(crate) fn draw_special(
    graph: &Graph,
    seed: u64,
    stratum: Stratum,
    attempt: usize,
) -> Result<Point<f64>, Why> {
    let mut point = draw(graph, seed, attempt)?;
    let mut random = Random::new(seed ^ 0x57a7, attempt as u64);
    let chosen = attempt % (graph.variables().len() + 1);
    for (i, variable) in graph.variables().iter().enumerate() {
        let v = VarId(i as u32);
        let Some(x) = point.value(v).filter(|_| chosen == 0 || chosen == i + 1) else { continue };
        let symmetric = variable.properties.has(Properties::SYMMETRIC);
        let value = stratum.value(x, symmetric, &mut random);
        if admits(variable, &value) {
            point.set(v, value);
        }
    }
    Ok(point)
}

/// Whether a value has what its variable was declared with.
fn admits(variable: &Variable, value: &Matrix<f64>) -> bool {
    use Properties as P;
    let p = variable.properties;
    if p.has(P::INTEGER) || p.has(P::POSITIVE) && value.iter().any(|x| *x <= 0.0) {
        return false;
    }
    if !value.is_square() {
        return true;
    }
    let n = value.nrows();
    let gram = value * value.transpose();
    tangent(p.without(P::ORTHOGONAL), value, value) == *value
        && (!p.has(P::POSDEF) || value.clone().cholesky().is_some())
        && (!p.has(P::ORTHOGONAL) || gram == Matrix::identity(n, n))
        && (!p.has(P::INVERTIBLE) || gram.cholesky().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::expr::{Dim, Kind, Shape};

    fn drawn(properties: Properties, stratum: Stratum) -> Matrix<f64> {
        let mut graph = Graph::new(Catalog::builtin());
        let n: Dim = graph.dims.named("n");
        let properties = properties.closed();
        graph.declare(Variable { name: "A".into(), kind: Kind::Matrix, shape: Shape::new(n, n), properties });
        draw_special(&graph, 1, stratum, 0).unwrap().value(VarId(0)).unwrap().clone()
    }

    #[test]
    fn a_special_value_keeps_its_properties() {
        use Properties as P;
        assert_eq!(drawn(P::NONE, Stratum::RankOne).rank(1e-9), 1);
        assert_eq!(drawn(P::SYMMETRIC, Stratum::RankOne).rank(1e-9), 1);
        assert!(drawn(P::POSDEF, Stratum::Zero).cholesky().is_some());
        assert_eq!(drawn(P::ORTHOGONAL, Stratum::Identity), Matrix::identity(3, 3));
        assert_eq!(drawn(P::SKEW, Stratum::Identity).trace(), 0.0);
        assert!(drawn(P::POSITIVE, Stratum::Tiny).iter().all(|x| *x > 0.0 && *x < 0.01));
    }
}
