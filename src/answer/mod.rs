//! A request in, an answer out: the stages in their order.
//!
//! In: [`Request`]. Out: [`Answer`], or the [`Diagnostic`] that says why there is none.
//! Invariant: no answer leaves here whose numbers were found to disagree with the function.
//!
//! `answer(&Request::new("x^T A x"), &Setup::default())` derives by x and by A.

mod object;
mod request;
mod stages;

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;

pub use object::{
    Answer, CheckOutcome, Derivative, DerivativeKind, ErrorObject, Expression, NamedPart, Refusal, SCHEMA,
    Size, VariableType,
};
pub use request::Request;
pub use stages::Limits;

/// What requests share: the rules in force and the limits.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The functions, identities and conditions in force.
    pub catalog: Arc<Catalog>,
    /// Counts at which the work stops.
    pub limits: Limits,
}

/// Answers a request.
pub fn answer(request: &Request, setup: &Setup) -> Result<Answer, Diagnostic> {
    validate(request)?;
    stages::run(request, setup)
}

fn validate(request: &Request) -> Result<(), Diagnostic> {
    let usage = |message: String| {
        let failure = crate::diagnostic::Failure::Usage;
        Err(Diagnostic { failure, ..Diagnostic::request("E0710", message) })
    };
    if request.order == 0 {
        return usage("the order of a derivative is at least 1".into());
    }
    for (asked, option) in [(request.steps, "steps"), (request.cost, "cost")] {
        if asked {
            return usage(format!("`{option}` is not yet supported"));
        }
    }
    Ok(())
}
