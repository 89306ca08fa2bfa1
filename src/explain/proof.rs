//! Which identities a step rests on.
//!
//! In: two lines of one value, the identities that held on the way. Out: those of them without which one line does not
//! follow from the other.
//! Invariant: whether it follows is decided in [components](crate::components), as the checker does it.
//!
//! `2 X (X^T X)^-1` is `2 pinv(X)^T` by one identity, whatever else was tried.

use crate::components::Components;
use crate::expr::{Graph, Id, Op};
use crate::simplify::Instance;
use crate::verify::sides;

/// More than this many are not tried.
const MOST: usize = 400;

/// The instances that `after` needs to follow from `before`; `None` where it does not follow from all of them.
pub(super) fn needed(
    graph: &mut Graph,
    sign: &str,
    lines: (Id, Id),
    pool: &[Instance],
) -> Option<Vec<Instance>> {
    if follows(graph, sign, lines, &[]) {
        return Some(vec![]);
    }
    let mut usable: Vec<(Instance, (Id, Id))> = vec![];
    for instance in pool.iter().take(MOST) {
        if let Ok(found) = sides(graph, &instance.identity, &instance.variables, &instance.sizes)
            && found.left != found.right
        {
            usable.push((instance.clone(), (found.left, found.right)));
        }
    }
    let holds = |usable: &[(Instance, (Id, Id))]| {
        let equations: Vec<(Id, Id)> = usable.iter().map(|(_, e)| *e).collect();
        follows(graph, sign, lines, &equations)
    };
    if usable.is_empty() || !holds(&usable) {
        return None;
    }
    let mut size = usable.len().div_ceil(2);
    loop {
        let mut at = 0;
        while at < usable.len() {
            let mut fewer = usable.clone();
            fewer.drain(at..(at + size).min(usable.len()));
            if holds(&fewer) {
                usable = fewer;
            } else {
                at += size;
            }
        }
        if size == 1 {
            break;
        }
        size = size.div_ceil(2);
    }
    Some(usable.into_iter().map(|(instance, _)| instance).collect())
}

fn follows(graph: &Graph, sign: &str, (before, after): (Id, Id), equations: &[(Id, Id)]) -> bool {
    let mut components = Components::new(graph, sign, &[]);
    for (left, right) in equations {
        components.assume(*left, *right);
    }
    components.settle();
    components.equal(before, after)
}

/// What the catalogue says a function is where a condition holds: `adj(X)` is `det(X) inv(X)`.
pub(super) fn definitions(graph: &Graph, roots: &[Id]) -> Vec<Instance> {
    let mut found = vec![];
    for id in graph.reachable(roots) {
        let (Op::Call(f) | Op::Map(f)) = graph.op(id) else { continue };
        let entry = graph.catalog().entry(*f);
        let names: Vec<&str> = entry.parameters.iter().map(|p| p.name.as_str()).collect();
        let call = format!("{}({})", entry.name, names.join(", "));
        for identity in entry.identities.iter().filter(|i| i.left.text().trim() == call) {
            let variables =
                names.iter().map(|n| (*n).to_owned()).zip(graph.args(id).iter().copied()).collect();
            let identity = identity.name.clone();
            found.push(Instance { identity, variables, sizes: vec![], entrywise: None });
        }
    }
    found
}
