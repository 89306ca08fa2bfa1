//! The derivation of an answer.
//!
//! In: a problem and its solution. Out: the steps, see [`explain`](crate::explain).
//! Invariant: what is explained is the answer that is given, not another derivation of it.

use crate::diagnostic::Diagnostic;
use crate::emit::DerivativeKind;
use crate::explain::{Outline, Step, Target, derivation};
use crate::shape::Problem;
use crate::simplify::{Budget, simplify_logged};

use super::derive::{Solution, Solved};
use super::{Request, Setup};

/// The steps to `solution`. They are written into a copy of the graph.
pub(super) fn steps(
    problem: &mut Problem,
    solution: &Solution,
    request: &Request,
    setup: &Setup,
) -> Result<Vec<Step>, Diagnostic> {
    let target = |d: &Solved| Target {
        wrt: d.wrt,
        kind: d.kind,
        result: d.form.simple,
        order: request.order,
        along: d.along,
        chain: match d.kind {
            DerivativeKind::Hessian => d.gradient.into_iter().collect(),
            _ => d.chain.clone(),
        },
    };
    let outline = Outline {
        function: problem.function,
        named: problem.parts.clone(),
        from: solution.from,
        differential: solution.differential.map(|df| df.simple),
        parts: solution.parts.iter().map(|p| p.simple).collect(),
        conditions: problem.conditions.iter().chain(&solution.conditions).cloned().collect(),
        convention: super::derive::convention(request),
        targets: solution.derivatives.iter().map(target).collect(),
    };
    let budget = Budget::new(setup.limits.work);
    let context = setup.context(problem.function, &problem.conditions, &budget);
    let mut graph = problem.graph.clone();
    derivation(&mut graph, &outline, &mut |graph, id| simplify_logged(graph, id, &context))
}
