//! Where a derivative holds, beyond the domain of the function.
//!
//! In: the conditions that the rules of the differential ask for. Out: those that the answer needs.
//! Invariant: a condition is left out only where the derivative found is defined and continuous without it, so
//! that by the mean value theorem it is the derivative there as well.
//!
//! The rule for `norm(r)` needs r ≠ 0; the gradient of `norm(A x - b)^2` is `2 A^T (A x - b)` everywhere.

use rustc_hash::FxHashSet;

use crate::diagnostic::Diagnostic;
use crate::differentiate::differentiate;
use crate::expr::{Condition, Graph, Id, Op, VarId};
use crate::print::{Style, predicate};
use crate::shape::{collect, impossible};

/// Fails where a condition of differentiability can never hold.
pub(super) fn somewhere(graph: &Graph, conditions: &[Condition]) -> Result<(), Diagnostic> {
    let Some(never) = conditions.iter().find(|c| impossible(graph, c)) else { return Ok(()) };
    let entry = graph.catalog().predicate_entry(never.predicate);
    let text = predicate(graph, entry, &never.args, Style::Ascii);
    let message =
        format!("the function has no derivative anywhere: it would need `{text}`, which never holds");
    Err(Diagnostic::request("E0614", message))
}

/// Those of `found` that the results need.
pub(super) fn needed(
    graph: &mut Graph,
    f: Id,
    found: Vec<Condition>,
    results: Vec<Id>,
    varying: &[VarId],
) -> Result<Vec<Condition>, Diagnostic> {
    if found.is_empty() || jumps(graph, f) {
        return Ok(found);
    }
    let mut conditions: FxHashSet<Condition> =
        collect(graph, &results)?.into_iter().map(|(c, _)| c).collect();
    for result in results {
        // Where the next derivative cannot be written (g'' of an abstract g) nothing can be ruled out.
        match differentiate(graph, result, varying) {
            Ok(next) => conditions.extend(next.conditions),
            Err(_) => return Ok(found),
        }
    }
    Ok(found.into_iter().filter(|c| conditions.contains(c)).collect())
}

/// Whether a function occurs that is constant between its jumps: its differential is zero.
fn jumps(graph: &Graph, f: Id) -> bool {
    graph.reachable(&[f]).into_iter().any(|id| match graph.op(id) {
        Op::Map(g) | Op::Call(g) => {
            graph.catalog().entry(*g).differential.as_ref().is_some_and(|d| d.text().trim() == "0")
        }
        _ => false,
    })
}
