//! The closed forms of a differential: what it is when it is read as a linear map.
//!
//! In: `df`, linear in the differential leaf of one variable. Out: its gradient (the transpose of the map,
//! applied to 1), its Jacobian, its Kronecker form, or its value along a direction.
//! Invariant: each pass visits the nodes of `df`, never the tree; `None` means that there is no such form
//! in this language, and then `df` itself, the operator, is the answer.
//!
//! `x^T A dx + dx^T A x` has the gradient `A^T x + A x`.

mod adjoint;
mod jacobian;
mod kronecker;
mod linear;
mod matrix_word;
mod partial_trace;
mod second;
mod subspace;
#[cfg(test)]
mod tests;
mod word;

use rustc_hash::FxHashSet;

use crate::diagnostic::Diagnostic;
use crate::expr::{Graph, Id, Op, VarId};

pub use adjoint::pull_back;
pub use jacobian::jacobian;
pub use kronecker::kronecker;
pub use linear::{derivative, directional, is_affine, is_linear};
pub use second::{Second, hessian};
pub use subspace::{Convention, project};

/// The gradient of a scalar: the `G` of the variable's shape, in the subspace of its structure, with
/// `df = ⟨G, dX⟩`. `None` where a part of `df` has no adjoint. A zero where `df` does not vary with `v`.
///
/// Source: Magnus and Neudecker ch. 9 for the identification; the pass is the transposition of
/// Radul et al., You Only Linearize Once, 2023.
pub fn gradient(
    graph: &mut Graph,
    df: Id,
    v: VarId,
    convention: Convention,
) -> Result<Option<Id>, Diagnostic> {
    if !graph.shape(df).is_scalar() {
        return Err(Diagnostic::internal("the gradient of something that is no scalar"));
    }
    let one = graph.int(1);
    let Some(free) = pull_back(graph, df, v, one)? else { return Ok(None) };
    sound(graph)?;
    let projected = project(graph, v, free, convention);
    sound(graph)?;
    Ok(Some(projected))
}

/// The nodes below `root` and itself that depend on the differential of `v`.
fn active(graph: &Graph, root: Id, v: VarId) -> FxHashSet<Id> {
    let mut found = FxHashSet::default();
    for id in graph.reachable(&[root]) {
        let own = *graph.op(id) == Op::Differential(v);
        if own || graph.args(id).iter().any(|a| found.contains(a)) {
            found.insert(id);
        }
    }
    found
}

/// Fails where a node could not be built.
fn sound(graph: &Graph) -> Result<(), Diagnostic> {
    match graph.fault() {
        Some(fault) => Err(fault.error("the derivative")),
        None => Ok(()),
    }
}
