//! Derivatives of abstract functions as operators, where the next one is no matrix.
//!
//! In: an expression with `g'(x)` in products. Out: the same with directions in their place, `g'(x)[v]`.
//! Invariant: the value is the same; what has no direction beside it stays.
//!
//! `a^T g'(x) dx` becomes `a^T g'(x)[dx]`, whose differential is `a^T g''(x)[dx, dx]`: the Jacobian `g'(x)` alone has a
//! differential with three indices, and no matrix to write it as.
//!
//! Source: Dieudonné, Foundations of Modern Analysis, §8.12: the second derivative is a symmetric bilinear map.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::expr::{Graph, Id, Node, Op};

/// Writes the derivatives in products along what they are applied to.
pub fn along_directions(graph: &mut Graph, root: Id) -> Id {
    let mut new: FxHashMap<Id, Id> = FxHashMap::default();
    for id in graph.reachable(&[root]) {
        let Node { op, args } = graph.node(id).clone();
        let args: SmallVec<[Id; 3]> = args.iter().map(|a| new.get(a).copied().unwrap_or(*a)).collect();
        let found = match op {
            Op::Product => product(graph, &args),
            op => graph.add(op, args),
        };
        new.insert(id, found);
    }
    new.get(&root).copied().unwrap_or(root)
}

/// A product: what stands after a Jacobian or before its transpose is its direction, and then what stands on both sides
/// of a Hessian.
fn product(g: &mut Graph, factors: &[Id]) -> Id {
    let (scalars, mut word): (Vec<Id>, Vec<Id>) = factors.iter().partition(|f| g.shape(**f).is_scalar());
    if word.is_empty() {
        return g.product(scalars);
    }
    for order in [1, 2] {
        // From the end, as what comes after may itself be a derivative along something; then from the start.
        let mut i = word.len();
        while i > 0 {
            i = (i - 1).min(word.len() - 1);
            word = derivative(g, &word, (i, order, false)).unwrap_or(word);
        }
        while i < word.len() {
            match derivative(g, &word, (i, order, true)) {
                Some(found) => (word, i) = (found, 0),
                None => i += 1,
            }
        }
    }
    g.product(scalars.into_iter().chain(word))
}

/// The word with the derivative of this order at a place along its neighbours: those after it, or those before it.
fn derivative(g: &mut Graph, word: &[Id], (i, order, from_left): (usize, u8, bool)) -> Option<Vec<Id>> {
    let at = *word.get(i)?;
    let turned = g.transpose_of(at);
    let bare = turned.unwrap_or(at);
    let Op::Apply(f, k) = *g.op(bare) else { return None };
    let x = *g.args(bare).first()?;
    let (mut before, after) = (word.get(..i)?.to_vec(), word.get(i + 1..)?.to_vec());
    let gradient = k == 1 && g.function(f).value.1.is_scalar();
    if k != order {
        return None;
    }
    let ahead = g.turned_word(&before);
    if k == 2 {
        // u^T φ''(x) v
        let (u, v) = (direction(g, x, ahead)?, direction(g, x, after)?);
        return Some(vec![g.add(Op::ApplyAlong(f, 2), [x, u, v])]);
    }
    // g'(x) v and φ'(x)^T v stand before their direction, v^T g'(x)^T and v^T φ'(x) after it.
    if from_left == (turned.is_some() == gradient) {
        return None;
    }
    let v = direction(g, x, if from_left { ahead } else { after.clone() })?;
    let call = g.add(Op::ApplyAlong(f, 1), [x, v]);
    if from_left {
        let mut row = vec![if gradient { call } else { g.transpose(call) }];
        row.extend(after);
        return Some(row);
    }
    before.push(call);
    Some(before)
}

/// The product of these, where it has the shape of `x`.
fn direction(g: &mut Graph, x: Id, factors: Vec<Id>) -> Option<Id> {
    let last = *factors.last()?;
    if !factors.iter().all(|f| !g.shape(*f).is_scalar()) || !g.shape(last).is_column() {
        return None;
    }
    let product = g.product(factors);
    (g.shape(product) == g.shape(x)).then_some(product)
}
