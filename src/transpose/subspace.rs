//! Gradients with respect to structured matrices.
//!
//! In: the gradient `G` as if every entry of X varied freely. Out: the gradient in the space in which X varies.
//! Invariant: with [`Convention::Subspace`] the result lies in that space and `⟨result, dX⟩ = ⟨G, dX⟩` for
//! every dX in it; it is the orthogonal projection of `G`.
//!
//! `a^T S b` with symmetric S: `G = a b^T` becomes `(a b^T + b a^T) / 2`.
//!
//! Sources: Srinivasan and Panda, What is the gradient of a scalar function of a symmetric matrix?, 2022, for
//! the projection; The Matrix Cookbook §2.8 for the form by free entries; Absil, Mahony and Sepulchre,
//! Optimization Algorithms on Matrix Manifolds, §3.6.1 for orthogonal matrices.

use crate::expr::{Graph, Id, Properties, VarId};

/// What counts as the gradient with respect to a structured matrix.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Convention {
    /// The G in the subspace with `df = ⟨G, dX⟩`.
    #[default]
    Subspace,
    /// The derivative by the independent entries, of older textbooks.
    FreeEntries,
}

/// The gradient in the space in which `v` varies.
pub fn project(graph: &mut Graph, v: VarId, gradient: Id, convention: Convention) -> Id {
    use Properties as P;
    let g = graph;
    let variable = g.variable(v);
    let (p, shape, own) = (variable.properties, variable.shape, g.properties(gradient));
    if shape.is_scalar() || !shape.is_square() || g.is_zero(gradient) {
        return gradient;
    }
    if p.has(P::DIAGONAL) {
        let identity = g.identity(shape.rows);
        return if own.has(P::DIAGONAL) { gradient } else { g.entrywise_times([gradient, identity]) };
    }
    if p.any(P::SYMMETRIC.with(P::SKEW)) {
        return with_symmetry(g, gradient, p.has(P::SKEW), convention);
    }
    if p.has(P::LOWER) {
        return if own.has(P::LOWER) { gradient } else { g.call_named("tril", [gradient]) };
    }
    if p.has(P::UPPER) {
        return if own.has(P::UPPER) { gradient } else { g.call_named("triu", [gradient]) };
    }
    if p.has(P::ORTHOGONAL) {
        return tangent(g, v, gradient);
    }
    gradient
}

/// `(G ± G^T) / 2`; by free entries `G + G^T - G .* I` and `G - G^T`.
fn with_symmetry(g: &mut Graph, gradient: Id, skew: bool, convention: Convention) -> Id {
    let symmetric = g.properties(gradient).has(Properties::SYMMETRIC);
    let turned = g.turned(gradient);
    let mirrored = if skew { g.opposite(turned) } else { turned };
    match convention {
        Convention::Subspace if symmetric && !skew => gradient,
        Convention::Subspace => {
            let (sum, half) = (g.sum([gradient, mirrored]), g.ratio(1, 2));
            g.times([half, sum])
        }
        Convention::FreeEntries if skew => g.sum([gradient, mirrored]),
        Convention::FreeEntries => {
            let identity = g.identity(g.shape(gradient).rows);
            let diagonal = g.entrywise_times([gradient, identity]);
            let diagonal = g.opposite(diagonal);
            g.sum([gradient, mirrored, diagonal])
        }
    }
}

/// `(G - Q G^T Q) / 2`: the part of G tangent to the orthogonal group at Q.
fn tangent(g: &mut Graph, v: VarId, gradient: Id) -> Id {
    let (q, turned, half) = (g.var(v), g.turned(gradient), g.ratio(1, 2));
    let normal = g.product([q, turned, q]);
    let normal = g.opposite(normal);
    let sum = g.sum([gradient, normal]);
    g.times([half, sum])
}
