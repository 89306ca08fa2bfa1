//! Where a derivative holds, beyond the domain of the function.
//!
//! In: the conditions that the rules of the differential ask for. Out: those that the answer needs, and how a reader
//! is told of them.
//! Invariant: a condition is left out only where the derivative found is defined and continuous without it, so
//! that by the mean value theorem it is the derivative there as well.
//!
//! The rule for `norm(r)` needs r ≠ 0; the gradient of `norm(A x - b)^2` is `2 A^T (A x - b)` everywhere.

use smallvec::smallvec;

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Op, Properties, VarId};
use crate::print::{Style, predicate};
use crate::shape::{collect, continuity, impossible, restated};

/// Fails where a condition of differentiability can never hold.
pub(super) fn somewhere(graph: &Graph, conditions: &[Condition]) -> Result<(), Diagnostic> {
    let Some(never) = conditions.iter().find(|c| impossible(graph, c)) else { return Ok(()) };
    let entry = graph.catalog().predicate_entry(never.predicate);
    let text = predicate(graph, entry, &never.args, Style::Ascii);
    let message =
        format!("the function has no derivative anywhere: it would need `{text}`, which never holds");
    Err(Diagnostic::request("E0614", message))
}

/// Where the results are the derivative: where they and the function are defined and continuous, and what `found` asks of
/// what does not vary (`k ≥ 0`): no path leads around that.
pub(super) fn needed(
    graph: &mut Graph,
    f: Id,
    mut found: Vec<Condition>,
    results: &[Id],
    varying: &[VarId],
) -> Result<Vec<Condition>, Diagnostic> {
    if found.is_empty() {
        return Ok(found);
    }
    let varies = |id: &Id| matches!(graph.op(*id), Op::Var(v) if varying.contains(v));
    found.retain(|c| !graph.reachable(&c.args).iter().any(varies));
    found.extend(collect(graph, results)?.into_iter().map(|(c, _)| c));
    let jumps: Vec<Id> = results.iter().copied().chain([f]).collect();
    found.extend(continuity(graph, &jumps)?);
    Ok(found)
}

/// Conditions as a reader is told of them: each of the simplest parts, and none that is certain or that another
/// implies. Parts are compared in simplified form and told as they were read.
pub(super) fn stated(
    graph: &mut Graph,
    conditions: &[Condition],
    mut simple: impl FnMut(&mut Graph, Id) -> Result<Id, Diagnostic>,
) -> Result<Vec<Condition>, Diagnostic> {
    let (mut told, mut keys): (Vec<Condition>, Vec<Condition>) = (vec![], vec![]);
    for asked in conditions {
        for part in restated(graph, asked)? {
            let mut key = part.clone();
            for arg in &mut key.args {
                *arg = simple(graph, *arg)?;
            }
            let parts = restated(graph, &key)?;
            let as_read = matches!(parts.as_slice(), [one] if one.predicate == part.predicate);
            for key in parts {
                let turned = turned(graph, &key, &mut simple)?;
                if !keys.contains(&key) && !turned.iter().any(|t| keys.contains(t)) {
                    told.push(if as_read { part.clone() } else { key.clone() });
                    keys.push(key);
                }
            }
        }
    }
    let implied = |c: &Condition| keys.iter().any(|other| implies(graph, other, c));
    let told = keys.iter().zip(told).filter(|(key, _)| !implied(key)).map(|(_, told)| told);
    Ok(told.collect())
}

/// The same said of the opposite and, of an inverse, of the transpose.
fn turned(
    graph: &mut Graph,
    asked: &Condition,
    mut simple: impl FnMut(&mut Graph, Id) -> Result<Id, Diagnostic>,
) -> Result<Vec<Condition>, Diagnostic> {
    let name = graph.catalog().predicate_entry(asked.predicate).name.clone();
    let [arg] = *asked.args.as_slice() else { return Ok(vec![]) };
    let mut others = vec![];
    if ["nonzero", "nonzero_entries", "invertible"].contains(&name.as_str()) {
        others.push(graph.negate(arg));
    }
    if name == "invertible" {
        others.push(graph.transpose(arg));
    }
    let said = |id| Ok(Condition { args: smallvec![simple(graph, id)?], ..asked.clone() });
    others.into_iter().map(said).collect()
}

/// Whether one condition says of the same thing a property that makes the other certain: x > 0 and x ≥ 0.
fn implies(graph: &Graph, one: &Condition, other: &Condition) -> bool {
    let predicate = |c: &Condition| graph.catalog().predicate_entry(c.predicate);
    let said = Properties::parse(&predicate(one).name);
    let implied = |p: Properties| predicate(other).implied_by.iter().any(|by| p.closed().has(*by));
    one.predicate != other.predicate && one.args == other.args && said.is_some_and(implied)
}
