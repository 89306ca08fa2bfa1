//! Which identities a step rests on.
//!
//! In: two lines of one value, the identities that held on the way. Out: those of them without which one line does not
//! follow from the other.
//! Invariant: whether it follows is decided in [components](crate::components), as the checker does it.
//!
//! `2 X (X^T X)^-1` is `2 pinv(X)^T` by one identity, whatever else was tried.

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use crate::components::Components;
use crate::expr::{Graph, Id, Op};
use crate::simplify::Instance;
use crate::verify::sides;

/// More than this many are not tried.
const MOST: usize = 150;

/// The instances that `after` needs to follow from `before`; `None` where it does not follow from all of them.
pub(super) fn needed(
    graph: &mut Graph,
    sign: &str,
    lines: (Id, Id),
    pool: &[Instance],
) -> Option<Vec<Instance>> {
    if follows(graph, sign, lines, &[]).is_some() {
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
    let equations: Vec<(Id, Id)> = usable.iter().map(|(_, e)| *e).collect();
    // Together, equations may hide what one of them says.
    let together = follows(graph, sign, lines, &equations);
    let alone = |i: &usize| follows(graph, sign, lines, equations.get(*i..=*i).unwrap_or_default()).is_some();
    let used = together.or_else(|| Some(vec![(0..equations.len()).find(alone)?]))?;
    usable = used.into_iter().filter_map(|i| usable.get(i).cloned()).collect();
    let mut at = 0;
    while at < usable.len() {
        let mut fewer = usable.clone();
        fewer.remove(at);
        let equations: Vec<(Id, Id)> = fewer.iter().map(|(_, e)| *e).collect();
        match follows(graph, sign, lines, &equations) {
            Some(_) => usable = fewer,
            None => at += 1,
        }
    }
    Some(usable.into_iter().map(|(instance, _)| instance).collect())
}

/// Whether two nodes differ only in the order of summands, of entrywise and of scalar factors, or in the letter of an index.
pub(super) fn same_but_for_order(graph: &Graph, a: Id, b: Id) -> bool {
    let ids = graph.reachable(&[a, b]);
    let sums = ids.iter().filter(|id| matches!(graph.op(**id), Op::BoundedSum));
    let indices: Vec<Id> = sums.filter_map(|id| graph.args(*id).first().copied()).collect();
    let mut forms: IndexSet<(Option<Op>, Vec<usize>)> = IndexSet::new();
    let mut form_of: FxHashMap<Id, usize> = FxHashMap::default();
    for id in ids {
        let op = (!indices.contains(&id)).then(|| graph.op(id).clone());
        let form = |a: &Id| form_of.get(a).copied().unwrap_or(usize::MAX);
        let mut args: Vec<(bool, usize)> =
            graph.args(id).iter().map(|a| (!graph.shape(*a).is_scalar(), form(a))).collect();
        match op {
            Some(Op::Sum | Op::Hadamard) => args.sort_unstable(),
            // Scalars come first, in any order; matrices stay in theirs.
            Some(Op::Product) => {
                args.sort_by_key(|(matrix, form)| (*matrix, if *matrix { 0 } else { *form }))
            }
            _ => {}
        }
        let args = args.into_iter().map(|(_, form)| form).collect();
        form_of.insert(id, forms.insert_full((op, args)).0);
    }
    form_of.get(&a) == form_of.get(&b)
}

/// The equations used, where the lines follow from each other.
fn follows(
    graph: &Graph,
    sign: &str,
    (before, after): (Id, Id),
    equations: &[(Id, Id)],
) -> Option<Vec<usize>> {
    let mut components = Components::new(graph, sign, &[]);
    for (left, right) in equations {
        components.assume(*left, *right);
    }
    components.settle();
    components.equal(before, after).then(|| components.used().collect())
}
