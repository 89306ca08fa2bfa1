//! Folding: what can be said of each node alone.
//!
//! In: any node. Out: a node of the same value in which numbers are multiplied out, equal summands are counted, and
//! what is zero, one or turned twice is gone.
//! Invariant: one pass over the nodes below, each once: the size of the graph never grows, so this is the answer
//! where a search for the least form would take too long.
//!
//! `1 A x + 0 + A x` becomes `2 A x`.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::expr::{Graph, Id, Node, Number, Op};

use super::tidy;

/// Binary digits up to which a power of a number is multiplied out.
const DIGITS: u64 = 256;

type Ids = SmallVec<[Id; 3]>;

/// What became of each node.
#[derive(Default)]
pub(super) struct Folded {
    nodes: FxHashMap<Id, Id>,
    /// What nodes were made flat to where there was room, and how many letters that took.
    flat: FxHashMap<Id, (Id, usize)>,
}

/// Folds every node below `root` that was not folded before.
pub(super) fn fold(graph: &mut Graph, root: Id, folded: &mut Folded) -> Id {
    let folded = &mut folded.nodes;
    let (mut stack, mut pending) = (vec![root], Vec::new());
    let mut seen = FxHashSet::default();
    while let Some(id) = stack.pop() {
        if !folded.contains_key(&id) && seen.insert(id) {
            pending.push(id);
            stack.extend_from_slice(graph.args(id));
        }
    }
    // Arguments come before their nodes.
    pending.sort_unstable();
    for id in pending {
        let Node { op, args } = graph.node(id).clone();
        let args: Ids = args.iter().map(|a| folded.get(a).copied().unwrap_or(*a)).collect();
        let new = node(graph, id, &op, &args);
        folded.insert(id, new);
        folded.insert(new, new);
    }
    folded.get(&root).copied().unwrap_or(root)
}

/// Nested sums and products below `root` are flat, signs in front: as the text reads back. After so many letters the
/// rest stays nested: the stretches `A`, `A A`, `A A A` … that a long product shares are as long as its square when flat.
pub(super) fn flat(graph: &mut Graph, root: Id, most: usize, folded: &mut Folded) -> Id {
    let written = &mut folded.flat;
    let mut nested: FxHashMap<Id, Id> = FxHashMap::default();
    let mut letters = 0usize;
    for id in graph.reachable(&[root]) {
        let room = letters < most;
        if let Some((_, taken)) = written.get(&id).filter(|_| room) {
            letters = letters.saturating_add(*taken);
            continue;
        }
        let new_of = |a: &Id| nested.get(a).or(written.get(a).map(|(new, _)| new)).copied().unwrap_or(*a);
        let Node { op, args } = graph.node(id).clone();
        let args: Ids = args.iter().map(new_of).collect();
        let new = if room { tidy::add(graph, &op, &args) } else { graph.add(op, args) };
        let taken = graph.args(new).len();
        letters = letters.saturating_add(taken);
        // `-1 A x` is written as `-A x`.
        let (n, body) = signed(graph, new);
        let new = if n == Number::MINUS_ONE { scaled(graph, body, n) } else { new };
        if room {
            written.insert(id, (new, taken));
        } else {
            nested.insert(id, new);
        }
    }
    nested.get(&root).or(written.get(&root).map(|(new, _)| new)).copied().unwrap_or(root)
}

fn node(g: &mut Graph, id: Id, op: &Op, args: &[Id]) -> Id {
    let shape = g.shape(id);
    match (op, args) {
        (Op::Sum, _) => sum(g, id, args),
        (Op::Negate, [a]) => scaled(g, *a, Number::MINUS_ONE),
        (Op::Product, _) => product(g, id, args),
        (Op::Transpose, [a]) => match signed(g, *a) {
            (n, a) if g.is_zero(a) || n.is_zero() => g.zeros(shape),
            (n, a) => {
                let turned = g.turned(a);
                scaled(g, turned, n)
            }
        },
        (Op::Hadamard, _) if args.iter().any(|a| g.is_zero(*a)) => g.zeros(shape),
        (Op::Hadamard, _) => {
            let kept: Ids = args.iter().copied().filter(|a| !g.is_all_ones(*a)).collect();
            match kept.as_slice() {
                [] => g.ones(shape),
                [one] if g.shape(*one) == shape => *one,
                _ => g.add(Op::Hadamard, kept),
            }
        }
        (Op::Divide | Op::ElementDivide, [a, _]) if g.is_zero(*a) => g.zeros(shape),
        (Op::Divide, [a, s]) => match g.number(*s).and_then(|s| s.recip()) {
            Some(inverse) => scaled(g, *a, inverse),
            None => g.add(Op::Divide, [*a, *s]),
        },
        (Op::Power, [a, k]) if g.is_one(*k) => *a,
        (Op::Power, [a, k]) => {
            let exponent = g.number(*k).and_then(|k| k.to_integer());
            match g.number(*a).zip(exponent).and_then(|(n, k)| n.pow(k, DIGITS)) {
                Some(n) => g.num(n),
                None => g.add(Op::Power, [*a, *k]),
            }
        }
        (op, _) if is_linear(g, op) && args.iter().any(|a| g.is_zero(*a)) => g.zeros(shape),
        (op, _) => g.add(op.clone(), args.iter().copied()),
    }
}

/// Whether a zero argument makes the value zero.
fn is_linear(g: &Graph, op: &Op) -> bool {
    match op {
        Op::Kronecker => true,
        Op::Call(f) => {
            let entry = g.catalog().entry(*f);
            entry.parameters.len() == 1 && entry.adjoints.len() == 1
        }
        _ => false,
    }
}

/// The terms of a sum, equal ones counted; nested sums are flat.
fn sum(g: &mut Graph, id: Id, args: &[Id]) -> Id {
    let mut terms: Vec<(Id, Number)> = Vec::with_capacity(args.len());
    let mut place: FxHashMap<Id, usize> = FxHashMap::default();
    for a in args {
        let (n, body) = signed(g, *a);
        match place.get(&body) {
            Some(i) => terms[*i].1 = terms[*i].1.clone() + n,
            None => {
                place.insert(body, terms.len());
                terms.push((body, n));
            }
        }
    }
    let mut kept = Ids::new();
    for (body, n) in terms {
        if !n.is_zero() && !g.is_zero(body) {
            kept.push(scaled(g, body, n));
        }
    }
    if kept.is_empty() { g.zeros(g.shape(id)) } else { g.sum(kept) }
}

/// The factors of a product, its numbers in front.
fn product(g: &mut Graph, id: Id, args: &[Id]) -> Id {
    let shape = g.shape(id);
    if args.iter().any(|a| g.is_zero(*a)) {
        return g.zeros(shape);
    }
    let mut number = Number::ONE;
    let mut kept = Ids::new();
    for a in args {
        let (n, body) = signed(g, *a);
        number = number * n;
        if !g.is_one(body) {
            kept.push(body);
        }
    }
    // An identity goes where another factor keeps its place.
    let matrices = kept.iter().filter(|f| !g.shape(**f).is_scalar()).count();
    if matrices > 1 {
        let mut left = matrices;
        kept.retain(|f| {
            let drop = matches!(g.op(*f), Op::Identity(_)) && left > 1;
            left -= usize::from(drop);
            !drop
        });
    }
    let body = if kept.is_empty() { g.int(1) } else { g.product(kept) };
    scaled(g, body, number)
}

/// A node without its number, and the number.
fn signed(g: &mut Graph, id: Id) -> (Number, Id) {
    match g.op(id).clone() {
        Op::Num(n) => (n, g.int(1)),
        Op::Negate => {
            let (n, body) = signed_product(g, g.args(id)[0]);
            (-n, body)
        }
        _ => signed_product(g, id),
    }
}

fn signed_product(g: &mut Graph, id: Id) -> (Number, Id) {
    let Op::Product = g.op(id) else { return (Number::ONE, id) };
    let Some((first, rest)) = g.args(id).split_first() else { return (Number::ONE, id) };
    let Some(n) = g.number(*first) else { return (Number::ONE, id) };
    let rest: Ids = rest.iter().copied().collect();
    (n, g.product(rest))
}

/// A number times a node that has none.
fn scaled(g: &mut Graph, id: Id, by: Number) -> Id {
    let (n, body) = signed(g, id);
    let n = n * by;
    if n.is_zero() || g.is_zero(body) {
        return g.zeros(g.shape(id));
    }
    if g.is_one(body) {
        return g.num(n);
    }
    match n {
        n if n.is_one() => body,
        n if n == Number::MINUS_ONE => g.negate(body),
        n => {
            let n = g.num(n);
            match g.op(body) {
                Op::Product => {
                    let factors: Ids = std::iter::once(n).chain(g.args(body).iter().copied()).collect();
                    g.product(factors)
                }
                _ => g.product([n, body]),
            }
        }
    }
}
