//! Second derivatives.
//!
//! In: the gradient of a scalar function, simplified or not. Out: its Hessian: the Jacobian of the gradient
//! for a vector, the Kronecker form for a matrix, the derivative for a scalar.
//! Invariant: the Hessian is the same machine run on its own result; nothing is known of second derivatives here.
//!
//! `(A + A^T) x` gives `A + A^T`.

use crate::diagnostic::Diagnostic;
use crate::differentiate::{Derived, differentiate};
use crate::expr::{Graph, Id, VarId};

use super::{derivative, jacobian, kronecker};

/// A second derivative.
#[derive(Clone, PartialEq, Debug)]
pub struct Second {
    /// The differential of the gradient.
    pub derived: Derived,
    /// The Hessian, of vec X for a matrix; `None` where it has no form.
    pub hessian: Option<Id>,
}

/// The Hessian of the scalar function that has this gradient.
pub fn hessian(graph: &mut Graph, gradient: Id, v: VarId) -> Result<Second, Diagnostic> {
    let derived = differentiate(graph, gradient, &[v])?;
    let shape = graph.variable(v).shape;
    let hessian = if shape.is_scalar() {
        Some(derivative(graph, derived.df, v)?)
    } else if shape.is_column() {
        jacobian(graph, derived.df, v)?
    } else {
        kronecker(graph, derived.df, v)?
    };
    Ok(Second { derived, hessian })
}
