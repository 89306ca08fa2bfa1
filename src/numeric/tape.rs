//! The order of an evaluation, worked out once and run at many points.
//!
//! In: roots in a graph. Out: [`Tape`], their nodes with arguments by position and primitives looked up.
//! Invariant: arguments come before their nodes; nodes that depend on the index of a bounded sum belong to
//! that sum's body and are not evaluated outside it.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::catalog::{Catalog, Numeric};
use crate::expr::{FnId, Graph, Id, Op};

use super::primitives::{Function, Primitive};
use super::undefined::Why;

/// Bounded sums may be nested this deep, and a tape holds this many.
pub(super) const NESTING: usize = 8;
const MAX_INDICES: usize = 64;

/// What a call was resolved to.
#[derive(Clone, Debug)]
pub(super) enum Resolved {
    /// Not a call.
    Operator,
    /// Applied entry by entry.
    Entrywise(Function),
    /// Applied to matrices.
    Matrix(Primitive),
    /// Known to the catalogue, not to the evaluator.
    Unknown(String),
}

/// One node.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub id: Id,
    pub args: SmallVec<[u32; 3]>,
    pub resolved: Resolved,
    /// Whether it depends on the index of a sum around it.
    pub bound: bool,
    /// For a bounded sum: the steps to repeat, in order.
    pub body: Vec<u32>,
}

/// An evaluation order for some roots.
#[derive(Clone, Debug)]
pub struct Tape {
    pub(super) steps: Vec<Step>,
    pub(super) roots: Vec<u32>,
    pub(super) deepest: usize,
}

impl Tape {
    /// The order for `roots`.
    pub fn new(graph: &Graph, roots: &[Id]) -> Tape {
        let ids = graph.reachable(roots);
        let place: FxHashMap<Id, u32> = ids.iter().copied().zip(0..).collect();
        let at = |id: &Id| place.get(id).copied().unwrap_or(0);
        let mut steps: Vec<Step> = ids
            .iter()
            .map(|&id| Step {
                id,
                args: graph.args(id).iter().map(at).collect(),
                resolved: resolve(graph, id),
                bound: false,
                body: Vec::new(),
            })
            .collect();
        let deepest =
            if ids.iter().any(|id| *graph.op(*id) == Op::BoundedSum) { bind(graph, &mut steps) } else { 0 };
        Tape { steps, roots: roots.iter().map(at).collect(), deepest }
    }
}

/// What a call stands for in the evaluator.
pub(super) fn resolve(graph: &Graph, id: Id) -> Resolved {
    let catalog = graph.catalog();
    match graph.op(id) {
        Op::Map(f) => match primitive_name(catalog, *f).and_then(Function::find) {
            Some(function) => Resolved::Entrywise(function),
            None => Resolved::Unknown(catalog.entry(*f).name.clone()),
        },
        Op::Call(f) | Op::Frechet(f) => match primitive_name(catalog, *f).and_then(Primitive::find) {
            Some(primitive) => Resolved::Matrix(primitive),
            None => Resolved::Unknown(catalog.entry(*f).name.clone()),
        },
        _ => Resolved::Operator,
    }
}

/// The primitive an entry names; an entry that says nothing of its value is looked up by its own name.
fn primitive_name(catalog: &Catalog, f: FnId) -> Option<&str> {
    let entry = catalog.entry(f);
    match &entry.numeric {
        Some(Numeric::Primitive(name)) => Some(name),
        Some(Numeric::Expression(_)) => None,
        None => Some(&entry.name),
    }
}

/// Finds the body of every bounded sum: what it reaches that depends on its index.
fn bind(graph: &Graph, steps: &mut [Step]) -> usize {
    let mut indices: SmallVec<[u32; 4]> = SmallVec::new();
    for step in steps.iter().filter(|s| *graph.op(s.id) == Op::BoundedSum) {
        if let Some(index) = step.args.first().filter(|i| !indices.contains(i)) {
            indices.push(*index);
        }
    }
    if indices.len() > MAX_INDICES {
        return usize::MAX;
    }
    let bit = |place: u32| indices.iter().position(|i| *i == place).map_or(0u64, |i| 1 << i);
    let mut free: Vec<u64> = vec![0; steps.len()];
    let mut depth: Vec<usize> = vec![0; steps.len()];
    for i in 0..steps.len() {
        let sum = *graph.op(steps[i].id) == Op::BoundedSum;
        let args = steps[i].args.clone();
        let of = |a: &u32| free[*a as usize];
        let below = args.iter().map(|a| depth[*a as usize]).max().unwrap_or(0);
        depth[i] = below + usize::from(sum);
        match args[..] {
            [index, low, high, body] if sum => {
                free[i] = of(&low) | of(&high) | (of(&body) & !bit(index));
                steps[i].body = body_of(graph, steps, &free, body, &bit, index);
            }
            _ => free[i] = args.iter().map(of).fold(bit(i as u32), |all, f| all | f),
        }
        steps[i].bound = free[i] != 0;
    }
    depth.into_iter().max().unwrap_or(0)
}

/// What `body` reaches that depends on the index, without what depends on the index of a sum further in.
fn body_of(
    graph: &Graph,
    steps: &[Step],
    free: &[u64],
    body: u32,
    bit: &dyn Fn(u32) -> u64,
    index: u32,
) -> Vec<u32> {
    let (mut found, mut stack) = (Vec::new(), vec![(body, 0u64)]);
    let mut seen: FxHashSet<(u32, u64)> = FxHashSet::default();
    while let Some((place, inner)) = stack.pop() {
        let depends = free[place as usize];
        if depends & bit(index) == 0 || place == index || !seen.insert((place, inner)) {
            continue;
        }
        // What depends on an inner index is computed there, but from parts that may not.
        if depends & inner == 0 && !found.contains(&place) {
            found.push(place);
        }
        let step = &steps[place as usize];
        match step.args[..] {
            [own, low, high, below] if *graph.op(step.id) == Op::BoundedSum => {
                stack.extend([(low, inner), (high, inner), (below, inner | bit(own))]);
            }
            _ => stack.extend(step.args.iter().map(|a| (*a, inner))),
        }
    }
    found.sort_unstable();
    found
}

impl Resolved {
    /// The matrix function, or the complaint that there is none.
    pub(super) fn matrix(&self) -> Result<Primitive, Why> {
        match self {
            Resolved::Matrix(p) => Ok(*p),
            other => Err(other.complaint()),
        }
    }

    /// The scalar function, or the complaint that there is none.
    pub(super) fn entrywise(&self) -> Result<Function, Why> {
        match self {
            Resolved::Entrywise(f) => Ok(*f),
            other => Err(other.complaint()),
        }
    }

    fn complaint(&self) -> Why {
        match self {
            Resolved::Unknown(name) => Why::Unsupported(format!("`{name}`")),
            _ => Why::Unsupported("this operator".into()),
        }
    }
}
