//! A request in, an answer out: the stages in their order.
//!
//! In: [`Request`]. Out: [`Answer`], or the [`Diagnostic`] that says why there is none.
//! Invariant: no answer leaves here whose numbers were found to disagree with the function.
//!
//! `answer(&Request::new("x^T A x"), &Setup::default())` derives by x and by A.

mod alternative;
mod assemble;
mod cost;
mod derive;
mod direction;
mod equal;
mod notes;
mod object;
mod request;
mod smooth;
mod steps;
mod verify;

use std::sync::{Arc, OnceLock};

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, excerpt};
use crate::emit::{index, targets};
use crate::expr::{Condition, Id};
use crate::limits::Limits;
use crate::shape::{BUILTINS, Problem, infer};
use crate::simplify::{Budget, Context, Library};
use crate::syntax::{parse, parse_unvarying};

pub use crate::emit::DerivativeKind;
pub use crate::simplify::Work;
pub use cost::{Cost, Count, DerivativeCost};
pub use equal::{Counterexample, Equality, equal};
pub use object::{
    Answer, CheckDetail, CheckOutcome, Derivative, NamedPart, Plain, Refusal, SCHEMA, VariableType,
};
pub use request::Request;

/// What requests share: the rules in force and the limits.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The functions, identities and conditions in force.
    pub catalog: Arc<Catalog>,
    /// Counts at which the work stops.
    pub limits: Limits,
    /// The identities as the simplifier uses them, each compiled when it is first needed.
    identities: OnceLock<Arc<Library>>,
}

impl Setup {
    /// The rules of this catalogue within these limits.
    pub fn new(catalog: Arc<Catalog>, limits: Limits) -> Setup {
        Setup { catalog, limits, identities: OnceLock::new() }
    }

    fn identities(&self) -> &Arc<Library> {
        self.identities.get_or_init(|| Library::new(self.catalog.clone()))
    }

    /// What simplification goes by: the function as it was read, and the conditions that may be assumed.
    fn context<'a>(&'a self, as_read: Id, assumed: &'a [Condition], budget: &'a Budget) -> Context<'a> {
        Context { identities: self.identities(), assumed, as_read, limits: &self.limits, budget }
    }

    /// Whether a name followed by `(` is a call.
    fn is_function(&self, name: &str) -> bool {
        !self.catalog.overloads(name).is_empty() || BUILTINS.contains(&name)
    }
}

impl Default for Setup {
    fn default() -> Setup {
        Setup::new(Catalog::builtin(), Limits::default())
    }
}

/// Answers a request.
pub fn answer(request: &Request, setup: &Setup) -> Result<Answer, Diagnostic> {
    supported(request, &setup.limits)?;
    let mut problem = read(request, setup)?;
    verify::defined_somewhere(&problem)?;
    let varying = match &request.wrt {
        None => problem.varying(),
        Some(names) => problem.wrt(names)?,
    };
    let mut solution = derive::solve(&mut problem, &varying, request, setup)?;
    let check = match request.check && !varying.is_empty() {
        true => Some(verify::check(&mut problem, &mut solution, request)?),
        false => None,
    };
    let steps = match request.steps {
        true => steps::steps(&mut problem, &solution, request, setup)?,
        false => vec![],
    };
    let found = assemble::answer(&mut problem, &solution, check, request, setup)?;
    let cost = match request.cost {
        true => Some(cost::cost(&mut problem, &solution, request)?),
        false => None,
    };
    // Nothing that could not be built is in an answer.
    match problem.graph.fault() {
        Some(fault) => Err(fault.error("the answer")),
        None => Ok(Answer { steps, cost, ..found }),
    }
}

/// The function as it was read, with its shapes and conditions.
pub fn read(request: &Request, setup: &Setup) -> Result<Problem, Diagnostic> {
    let nothing_varies = request.wrt.as_ref().is_some_and(Vec::is_empty);
    let parse = if nothing_varies { parse_unvarying } else { parse };
    let is_function = |name: &str| setup.is_function(name);
    let program = parse(&request.expr, &request.lets, &is_function, &setup.limits)?;
    infer(&program, setup.catalog.clone(), &setup.limits)
}

/// Fails where the request asks for something that does not exist, before any work is done.
fn supported(request: &Request, limits: &Limits) -> Result<(), Diagnostic> {
    let usage = |text: String| Err(Diagnostic::usage("E0610", text));
    if request.order == 0 {
        return usage("the order of a derivative is at least 1".into());
    }
    if request.order > limits.order {
        return Err(limits.met("order"));
    }
    let known: Vec<&str> = targets().chain([index::TARGET]).collect();
    let in_components = request.emit.iter().any(|t| t == index::TARGET);
    if in_components && request.at.is_some() {
        return usage("`--emit index` shows partial derivatives; leave out --at".into());
    }
    match request.emit.iter().find(|t| !known.contains(&t.as_str())) {
        None => Ok(()),
        Some(other) => {
            let text = format!("no code can be emitted for `{}`", excerpt(other));
            Err(Diagnostic::usage("E0610", text).help(format!("targets: {}, json", known.join(", "))))
        }
    }
}
