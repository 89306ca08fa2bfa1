//! The same result by functions that need a condition.
//!
//! In: a result, the conditions assumed. Out: another form of it, with the conditions it needs.
//! Invariant: only functions that the request did not write are replaced, by identities of the catalogue that
//! define them where a predicate holds.
//!
//! `adj(A)^T` needs no condition; where A is invertible it is `det(A) A^-T`.

use rustc_hash::FxHashSet;

use crate::catalog::{Entry, Identity};
use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, FnId, Graph, Id, Op};
use crate::numeric::{Guard, guards, lower, nowhere_defined};
use crate::shape::{holds, instantiate};

/// More calls than this are not replaced one by one.
const MOST: usize = 16;

/// A form and what it needs.
#[derive(Clone, Debug)]
pub(super) struct Alternative {
    /// The form, not simplified.
    pub id: Id,
    /// What it needs, beyond what is certain.
    pub conditions: Vec<Condition>,
}

/// The form of `id` without the functions that the catalogue defines under a condition.
pub(super) fn alternative(graph: &mut Graph, f: Id, id: Id) -> Result<Option<Alternative>, Diagnostic> {
    let written: FxHashSet<FnId> = calls(graph, f).map(|(_, g)| g).collect();
    let (mut found, mut conditions) = (id, vec![]);
    for _ in 0..MOST {
        let catalog = graph.catalog_arc();
        let next = calls(graph, found)
            .filter(|(_, g)| !written.contains(g))
            .find_map(|(call, g)| Some((call, g, definition(catalog.entry(g))?)));
        let Some((call, g, identity)) = next else { break };
        let args = graph.args(call).to_vec();
        for template in &identity.conditions {
            let Some(predicate) = catalog.predicate(&template.predicate) else { return Ok(None) };
            let mut condition = Condition { predicate, args: Default::default() };
            for arg in &template.args {
                condition.args.push(instantiate(graph, g, arg, &args, &[])?);
            }
            if !holds(graph, &condition) && !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        let defined = instantiate(graph, g, &identity.right, &args, &[])?;
        found = graph.substitute(found, call, defined);
    }
    if found == id {
        return Ok(None);
    }
    // What the form needs may never hold: `x v^T` is nowhere invertible.
    let roots = lower(graph, &[found])?;
    let nowhere = nowhere_defined(graph, &roots).is_some();
    Ok((!nowhere).then_some(Alternative { id: found, conditions }))
}

fn calls(graph: &Graph, id: Id) -> impl Iterator<Item = (Id, FnId)> {
    let call = |id: Id| match graph.op(id) {
        Op::Call(g) => Some((id, *g)),
        _ => None,
    };
    graph.reachable(&[id]).into_iter().filter_map(call).collect::<Vec<_>>().into_iter()
}

/// The identity that says what a call is where a predicate holds: `adj(X) <=> det(X) inv(X) if invertible(X)`.
fn definition(entry: &Entry) -> Option<&Identity> {
    let names: Vec<&str> = entry.parameters.iter().map(|p| p.name.as_str()).collect();
    let call = format!("{}({})", entry.name, names.join(", "));
    entry.identities.iter().find(|i| i.left.text().trim() == call && !i.conditions.is_empty())
}

/// Whether `known` make a condition certain: that det X > 0 makes X invertible.
pub(super) fn follows(
    graph: &mut Graph,
    known: &[Condition],
    condition: &Condition,
) -> Result<bool, Diagnostic> {
    if holds(graph, condition) || known.contains(condition) {
        return Ok(true);
    }
    let known = guards(graph, known)?;
    let asked = guards(graph, std::slice::from_ref(condition))?;
    let is_known = |g: &Guard| match g {
        Guard::Positive(_) => known.contains(g),
        Guard::Nonzero(id) => known.contains(g) || known.contains(&Guard::Positive(*id)),
    };
    Ok(!asked.is_empty() && asked.iter().all(is_known))
}
