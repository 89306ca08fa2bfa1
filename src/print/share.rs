//! Names for parts that occur more than once, where writing them out would be too long.
//!
//! In: roots and a limit. Out: `t1 = …`, `t2 = …` in an order in which each uses only those before it.
//! Invariant: below the limit nothing is named; above it, what is printed is linear in the graph.

use rustc_hash::FxHashMap;

use crate::expr::{Graph, Id};

/// Parts smaller than this are written out each time.
const SMALL: u64 = 4;

/// The shared parts to name so that `roots` print in about `limit` leaves and operators.
pub fn shared(graph: &Graph, roots: &[Id], limit: usize) -> Vec<(String, Id)> {
    let total = roots.iter().fold(0u64, |sum, r| sum.saturating_add(graph.form_size(*r)));
    if total <= limit as u64 {
        return Vec::new();
    }
    let ids = graph.reachable(roots);
    let mut uses: FxHashMap<Id, u32> = FxHashMap::default();
    for id in &ids {
        for a in graph.args(*id) {
            *uses.entry(*a).or_default() += 1;
        }
    }
    let (mut sizes, mut parts): (FxHashMap<Id, u64>, _) = (FxHashMap::default(), Vec::new());
    let mut names = (1u64..).map(|i| format!("t{i}")).filter(|n| is_free(graph, n));
    for id in ids {
        let below =
            graph.args(id).iter().fold(1u64, |sum, a| sum.saturating_add(*sizes.get(a).unwrap_or(&1)));
        let often = uses.get(&id).is_some_and(|n| *n > 1);
        if often && below >= SMALL {
            parts.extend(names.next().map(|n| (n, id)));
        }
        sizes.insert(id, if often && below >= SMALL { 1 } else { below });
    }
    parts
}

/// Whether nothing of the request has this name.
fn is_free(graph: &Graph, name: &str) -> bool {
    graph.variable_named(name).is_none()
        && graph.functions().iter().all(|f| f.name != name)
        && graph.dims.names().all(|d| d != name)
        && graph.catalog().find(name).is_none()
}
