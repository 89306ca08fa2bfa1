//! Linearity, directions, and derivatives by a scalar.
//!
//! In: an expression or its differential. Out: the same with the differential replaced.
//! Invariant: `false` from [`is_linear`] and [`is_affine`] means "not certain", never "certainly not".
//!
//! `A x + b` is affine and not linear in x; along v its derivative is `A v`.

use crate::diagnostic::Diagnostic;
use crate::differentiate::differentiate;
use crate::expr::{Graph, Id, VarId};

use super::sound;

/// The differential along a direction of the variable's shape: `f'(x)[direction]`.
pub fn directional(graph: &mut Graph, df: Id, v: VarId, direction: Id) -> Result<Id, Diagnostic> {
    let leaf = graph.differential(v);
    let replaced = graph.substitute(df, leaf, direction);
    let shape = graph.shape(df);
    let result = graph.without_zeros(replaced).unwrap_or_else(|| graph.zeros(shape));
    sound(graph)?;
    Ok(result)
}

/// The derivative by a scalar variable, of the shape of `f`.
pub fn derivative(graph: &mut Graph, df: Id, v: VarId) -> Result<Id, Diagnostic> {
    let one = graph.int(1);
    directional(graph, df, v, one)
}

/// Whether `f` is certain to be affine in `v`: its differential does not depend on where it is taken.
pub fn is_affine(graph: &mut Graph, f: Id, v: VarId) -> Result<bool, Diagnostic> {
    let df = differentiate(graph, f, &[v])?.df;
    let variable = graph.var(v);
    Ok(!graph.contains(df, variable))
}

/// Whether `f` is certain to be linear in `v`: affine, and zero where `v` is.
pub fn is_linear(graph: &mut Graph, f: Id, v: VarId) -> Result<bool, Diagnostic> {
    if !is_affine(graph, f, v)? {
        return Ok(false);
    }
    let variable = graph.var(v);
    let zero = graph.zeros(graph.shape(variable));
    let at_zero = graph.substitute(f, variable, zero);
    Ok(graph.without_zeros(at_zero).is_none())
}
