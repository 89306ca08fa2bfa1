//! Where a derivative holds, beyond the domain of the function.
//!
//! In: the conditions that the rules of the differential ask for. Out: those that the answer needs, and how a reader
//! is told of them.
//! Invariant: a condition is left out only where the derivative found is defined and continuous without it, so
//! that by the mean value theorem it is the derivative there as well.
//!
//! The rule for `norm(r)` needs r ≠ 0; the gradient of `norm(A x - b)^2` is `2 A^T (A x - b)` everywhere.

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Op, Properties};
use crate::print::{Style, predicate};
use crate::shape::{collect, continuity, holds, impossible, restated};

/// Fails where a condition of differentiability can never hold.
pub(super) fn somewhere(graph: &Graph, conditions: &[Condition]) -> Result<(), Diagnostic> {
    let Some(never) = conditions.iter().find(|c| impossible(graph, c)) else { return Ok(()) };
    let entry = graph.catalog().predicate_entry(never.predicate);
    let text = predicate(graph, entry, &never.args, Style::Ascii);
    let message =
        format!("the function has no derivative anywhere: it would need `{text}`, which never holds");
    Err(Diagnostic::request("E0614", message))
}

/// Where the results are the derivative: where they are defined and continuous, and what `found` asks for where the
/// function itself may jump.
pub(super) fn needed(
    graph: &mut Graph,
    f: Id,
    found: Vec<Condition>,
    results: &[Id],
) -> Result<Vec<Condition>, Diagnostic> {
    if found.is_empty() || !continuity(graph, &[f])?.is_empty() {
        return Ok(found);
    }
    let mut needed: Vec<Condition> = collect(graph, results)?.into_iter().map(|(c, _)| c).collect();
    needed.extend(continuity(graph, results)?);
    Ok(needed)
}

/// Conditions as a reader is told of them: each of the simplest parts, in simplified form, and none that another
/// implies.
pub(super) fn stated(
    graph: &mut Graph,
    conditions: &[Condition],
    mut simple: impl FnMut(&mut Graph, Id) -> Result<Id, Diagnostic>,
) -> Result<Vec<Condition>, Diagnostic> {
    let mut told: Vec<Condition> = vec![];
    for asked in conditions {
        for mut part in restated(graph, asked)? {
            let mut plain = true;
            for arg in &mut part.args {
                plain &= matches!(graph.op(*arg), Op::Var(_));
                *arg = simple(graph, *arg)?;
            }
            let parts = if plain { vec![part] } else { restated(graph, &part)? };
            for part in parts {
                let turned = turned(graph, &part, &mut simple)?;
                if !told.contains(&part) && !told.contains(&turned) && !holds(graph, &part) {
                    told.push(part);
                }
            }
        }
    }
    let all = told.clone();
    told.retain(|c| !all.iter().any(|other| implies(graph, other, c)));
    Ok(told)
}

/// The same said of the transpose, where that is one and the same: of an inverse.
fn turned(
    graph: &mut Graph,
    asked: &Condition,
    mut simple: impl FnMut(&mut Graph, Id) -> Result<Id, Diagnostic>,
) -> Result<Condition, Diagnostic> {
    let mut turned = asked.clone();
    if graph.catalog().predicate("invertible") == Some(asked.predicate) {
        for arg in &mut turned.args {
            let transpose = graph.transpose(*arg);
            *arg = simple(graph, transpose)?;
        }
    }
    Ok(turned)
}

/// Whether one condition says of the same thing a property that makes the other certain: x > 0 and x ≥ 0.
fn implies(graph: &Graph, one: &Condition, other: &Condition) -> bool {
    let predicate = |c: &Condition| graph.catalog().predicate_entry(c.predicate);
    let said = Properties::parse(&predicate(one).name);
    let implied = |p: Properties| predicate(other).implied_by.iter().any(|by| p.closed().has(*by));
    one.predicate != other.predicate && one.args == other.args && said.is_some_and(implied)
}
