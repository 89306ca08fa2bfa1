//! Identities on parts as they are written.
//!
//! In: nodes, and which identities to try. Out: the [`Instance`]s of these of which the left side is a part, node for node.
//! Invariant: an instance is kept only where the text of its identity, with what its variables stand for, is that part.
//!
//! In `logdet(A^2)`, `logdet(X^k) = k logdet(X)` has an instance with X = A and k = 2.

use std::mem::discriminant;

use rustc_hash::FxHashSet;

use crate::catalog::{Catalog, Identity};
use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Op};
use crate::laws::Setting;
use crate::simplify::Instance;
use crate::verify::{follows_from, sides};

/// What the catalogue says a function is where a condition holds: `adj(X)` is `det(X) inv(X)`.
pub(super) fn definitions(
    graph: &mut Graph,
    roots: &[Id],
    assumed: &[Condition],
) -> Result<Vec<Instance>, Diagnostic> {
    let catalog = graph.catalog_arc();
    let mut names = FxHashSet::default();
    for (_, entry) in catalog.functions() {
        let parameters: Vec<&str> = entry.parameters.iter().map(|p| p.name.as_str()).collect();
        let call = format!("{}({})", entry.name, parameters.join(", "));
        let own = entry.identities.iter().filter(|i| i.left.text().trim() == call);
        names.extend(own.map(|i| i.name.as_str()));
    }
    as_written(graph, roots, assumed, &|identity| names.contains(identity.name.as_str()))
}

/// The instances of identities that stand below some nodes as they are written.
pub(super) fn as_written(
    graph: &mut Graph,
    roots: &[Id],
    assumed: &[Condition],
    wanted: &dyn Fn(&Identity) -> bool,
) -> Result<Vec<Instance>, Diagnostic> {
    let catalog = graph.catalog_arc();
    let parts = graph.reachable(roots);
    let inner: Vec<Id> = parts.iter().filter(|part| !graph.args(**part).is_empty()).copied().collect();
    let mut found: Vec<Instance> = vec![];
    for identity in candidates(&catalog, graph, &parts).into_iter().filter(|i| wanted(i)) {
        let Ok(mut setting) = Setting::of_identity(&catalog, identity) else { continue };
        // From the left only: where it is defined the right is; `pinv(X)` is, where `X^T inv(X X^T)` is not.
        let Ok(pattern) = setting.read(&identity.left) else { continue };
        for part in &inner {
            let variables = matched(&setting.graph, pattern, graph, *part, identity);
            let Some(variables) = variables else { continue };
            let Ok(both) = sides(graph, &identity.name, &variables, &[]) else { continue };
            let certain = |graph: &mut Graph, c: &Condition| {
                assumed.contains(c) || follows_from(graph, assumed, &[], c)
            };
            let holds = both.needs.iter().all(|c| certain(graph, c));
            let name = identity.name.clone();
            let instance = Instance { identity: name, variables, sizes: vec![], entrywise: None };
            if both.left == *part && holds && !found.contains(&instance) {
                found.push(instance);
            }
        }
    }
    Ok(found)
}

/// The identities of the functions that occur, and of the operators.
fn candidates<'a>(catalog: &'a Catalog, graph: &Graph, parts: &[Id]) -> Vec<&'a Identity> {
    let occurs = |f| parts.iter().any(|id| matches!(*graph.op(*id), Op::Call(g) | Op::Map(g) if g == f));
    let of_functions = catalog.functions().filter(|(f, _)| occurs(*f)).flat_map(|(_, e)| &e.identities);
    of_functions.chain(catalog.operators().iter().flat_map(|o| &o.identities)).collect()
}

/// What the variables of an identity stand for, where a side of it is a part node for node, sizes aside.
fn matched(from: &Graph, pattern: Id, graph: &Graph, part: Id, of: &Identity) -> Option<Vec<(String, Id)>> {
    let mut bound: Vec<Option<Id>> = vec![None; of.variables.len()];
    let mut open = vec![(pattern, part)];
    while let Some((p, t)) = open.pop() {
        if let Op::Var(v) = from.op(p) {
            let place = bound.get_mut(v.0 as usize)?;
            if place.is_some_and(|known| known != t) {
                return None;
            }
            *place = Some(t);
            continue;
        }
        let same = match (from.op(p), graph.op(t)) {
            (Op::Num(a), Op::Num(b)) => a == b,
            (Op::Call(a), Op::Call(b)) | (Op::Map(a), Op::Map(b)) => a == b,
            (a, b) => discriminant(a) == discriminant(b),
        };
        if !same || from.args(p).len() != graph.args(t).len() {
            return None;
        }
        open.extend(from.args(p).iter().copied().zip(graph.args(t).iter().copied()));
    }
    of.variables.iter().zip(bound).map(|(variable, id)| Some((variable.name.clone(), id?))).collect()
}
