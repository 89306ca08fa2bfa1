//! A request in, an answer out: the stages in their order.
//!
//! In: [`Request`]. Out: [`Answer`], or the [`Diagnostic`] that says why there is none.
//! Invariant: no answer leaves here whose numbers were found to disagree with the function.
//!
//! `answer(&Request::new("x^T A x"), &Setup::default())` derives by x and by A.

mod assemble;
mod derive;
mod direction;
mod notes;
mod object;
mod request;
mod verify;

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::limits::Limits;
use crate::shape::{Problem, infer};
use crate::syntax::parse;

pub use object::{
    Answer, CheckOutcome, Derivative, DerivativeKind, NamedPart, Plain, Refusal, SCHEMA, VariableType,
};
pub use request::Request;

/// What requests share: the rules in force and the limits.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The functions, identities and conditions in force.
    pub catalog: Arc<Catalog>,
    /// Counts at which the work stops.
    pub limits: Limits,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup { catalog: Catalog::builtin(), limits: Limits::default() }
    }
}

/// Answers a request.
pub fn answer(request: &Request, setup: &Setup) -> Result<Answer, Diagnostic> {
    supported(request)?;
    let mut problem = read(request, setup)?;
    verify::defined_somewhere(&mut problem)?;
    let varying = match &request.wrt {
        None => problem.varying(),
        Some(names) => problem.wrt(names)?,
    };
    let mut solution = derive::solve(&mut problem, &varying, request, &setup.limits)?;
    let outcome = match request.check && !varying.is_empty() {
        true => Some(verify::check(&mut problem, &mut solution)?),
        false => None,
    };
    assemble::answer(&mut problem, &solution, outcome, request, &setup.limits)
}

/// The function as it was read, with its shapes and conditions.
fn read(request: &Request, setup: &Setup) -> Result<Problem, Diagnostic> {
    let is_function = |name: &str| !setup.catalog.overloads(name).is_empty();
    let program = parse(&request.expr, &request.lets, &is_function, &setup.limits)?;
    infer(&program, setup.catalog.clone(), &setup.limits)
}

fn supported(request: &Request) -> Result<(), Diagnostic> {
    if request.order == 0 {
        return Err(Diagnostic::usage("E0710", "the order of a derivative is at least 1"));
    }
    for (asked, option) in [(request.steps, "steps"), (request.cost, "cost")] {
        if asked {
            return Err(Diagnostic::usage("E0710", format!("`{option}` is not yet supported")));
        }
    }
    Ok(())
}
