//! Answers as code.
//!
//! In: a function, its differential, its derivatives. Out: the text of a module for a target, with `value`,
//! `differential`, and `gradient`, `jacobian`, `hessian` or `derivative`.
//! Invariant: the code needs nothing but what it imports and defines; of the user's text only identifiers
//! reach it.
//!
//! ```text
//! def gradient(A, x):
//!     return (A + A.T) @ x
//! ```

mod chain;
mod count;
mod deferred;
mod document;
mod extract;
mod factor;
mod fit;
mod function;
pub mod index;
mod low_rank;
mod lower;
mod names;
mod plan;
mod product;
mod rewrite;
mod spell;
mod statements;
mod structure;
mod target;
mod tidy;
mod typed;
mod typing;
mod word;
mod write;

use serde::Serialize;

pub use count::{Mode, count};
pub use target::targets;

use crate::diagnostic::Diagnostic;
use crate::expr::{Graph, Id, VarId};

/// What a derivative is, by the shapes of the function and of the variable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DerivativeKind {
    /// Of a scalar by a scalar, or of anything by a scalar.
    Derivative,
    /// Of a scalar by a vector or matrix, with the shape of that.
    Gradient,
    /// Of a vector by a vector.
    Jacobian,
    /// The second derivative of a scalar.
    Hessian,
    /// A linear operator: the differential itself.
    Operator,
    /// The Jacobian of vec F by vec X.
    Kronecker,
}

impl DerivativeKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            DerivativeKind::Derivative => "derivative",
            DerivativeKind::Gradient => "gradient",
            DerivativeKind::Jacobian => "Jacobian",
            DerivativeKind::Hessian => "Hessian",
            DerivativeKind::Operator => "operator",
            DerivativeKind::Kronecker => "Kronecker form",
        }
    }
}

/// What code is asked for.
#[derive(Clone, Debug)]
pub struct EmitRequest {
    /// The function.
    pub function: Id,
    /// Its differential.
    pub differential: Option<Id>,
    /// Its derivatives: by which variable, of which kind, the result.
    pub derivatives: Vec<(VarId, DerivativeKind, Id)>,
    /// The variables that vary.
    pub varying: Vec<VarId>,
    /// The conditions under which the answer holds, in ASCII.
    pub conditions: Vec<String>,
    /// The same in LaTeX.
    pub conditions_latex: Vec<String>,
}

/// The module for a request in a target.
pub fn emit(target: &str, graph: &Graph, request: &EmitRequest) -> Result<String, Diagnostic> {
    match target::target(target)? {
        target::Form::Code(target) => function::module(target, graph, request),
        target::Form::Document(target) => Ok(document::document(target, graph, request)),
    }
}

#[cfg(test)]
mod tests;
