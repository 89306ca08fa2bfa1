//! Forms that structure gives: of Kronecker products, of determinants of triangles, of weighted squares.
//!
//! In: a node. Out: nodes of the same value in which the structured matrix is not formed.
//! Invariant: as in `rewrite.rs`, each form is an identity; whether it pays is decided by counting.
//!
//! `kron(A, B) vec(X)` has the form `vec(B X A^T)` (Magnus and Neudecker §2.4).

use crate::expr::{Dim, Graph, Id, Number, Op, Properties, Shape};
use crate::shape::sign;

use super::rewrite::is_call;
use super::word::{Key, Kind, Letter, Word, is_word, keys, split_product};

/// Whether a node may have such a form.
pub(super) fn applies(graph: &Graph, id: Id) -> bool {
    match graph.op(id) {
        Op::Hadamard => graph.args(id).iter().any(|a| dyad(graph, *a).is_some()),
        Op::Call(_) if is_call(graph, id, "adj") => {
            graph.properties(graph.args(id)[0]).has(Properties::INVERTIBLE)
        }
        Op::Call(_) if is_call(graph, id, "logdet") => {
            let a = graph.args(id)[0];
            *graph.op(a) == Op::Kronecker || graph.properties(a).any(TRIANGULAR)
        }
        _ => is_word(graph, id) && structured(graph, id),
    }
}

const TRIANGULAR: Properties = Properties::LOWER.with(Properties::UPPER);

/// Whether a word has a Kronecker product, or a diagonal matrix in its middle.
fn structured(graph: &Graph, id: Id) -> bool {
    let special = |l: &Letter| l.kind == Kind::Diagonal || *graph.op(l.key.id) == Op::Kronecker;
    split_product(graph, id).chains.iter().flatten().any(special)
}

/// Whether a word has a Kronecker product as a letter.
pub(super) fn has_kronecker(graph: &Graph, id: Id) -> bool {
    let letters = |id| split_product(graph, id).chains.into_iter().flatten();
    is_word(graph, id) && letters(id).any(|l| *graph.op(l.key.id) == Op::Kronecker)
}

/// The other forms of a node.
pub(super) fn forms(graph: &mut Graph, id: Id) -> Vec<Id> {
    match graph.op(id) {
        Op::Hadamard => scaling(graph, id).into_iter().collect(),
        Op::Call(_) if is_call(graph, id, "adj") => vec![by_inverse(graph, id)],
        Op::Call(_) => determinant(graph, id).into_iter().collect(),
        _ => {
            let word = split_product(graph, id);
            let mut found: Vec<Id> = weighted_square(graph, &word).into_iter().collect();
            for (i, chain) in word.chains.iter().enumerate() {
                let steps = [kronecker(graph, chain), mixed(graph, chain)];
                found.extend(steps.into_iter().flatten().map(|step| written(graph, &word, i, step)));
            }
            found
        }
    }
}

/// A column and a row whose product this is.
fn dyad(graph: &Graph, id: Id) -> Option<(Id, Id)> {
    match (graph.op(id), graph.args(id)) {
        (Op::Product, [u, v]) if graph.shape(*u).cols == Dim::ONE && graph.shape(*u).rows != Dim::ONE => {
            graph.shape(id).is_matrix().then_some((*u, *v))
        }
        _ => None,
    }
}

/// `(u v^T) .* M = diag(u) M diag(v)`.
fn scaling(graph: &mut Graph, id: Id) -> Option<Id> {
    let mut rest = graph.args(id).to_vec();
    let place = rest.iter().position(|a| dyad(graph, *a).is_some())?;
    let (u, v) = dyad(graph, rest.remove(place))?;
    let v = graph.turned(v);
    let inner = graph.entrywise_times(rest);
    let (left, right) = (graph.call_fitting("diag", &[u]), graph.call_fitting("diag", &[v]));
    Some(graph.times([left, inner, right]))
}

/// `adj(A) = det(A) inv(A)`, of a matrix that is declared invertible; others have their adjugate where they are
/// singular too.
fn by_inverse(graph: &mut Graph, id: Id) -> Id {
    let a = graph.args(id)[0];
    let (determinant, inverse) = (graph.call_named("det", [a]), graph.power(a, -1));
    graph.times([determinant, inverse])
}

/// `logdet` of a triangular matrix and of a Kronecker product.
fn determinant(graph: &mut Graph, id: Id) -> Option<Id> {
    let a = graph.args(id)[0];
    if graph.properties(a).any(TRIANGULAR) {
        return Some(logdet_of_triangle(graph, a));
    }
    let [left, right] = *graph.args(a) else { return None };
    let square = |graph: &Graph, m: Id| graph.shape(m).rows == graph.shape(m).cols;
    if !square(graph, left) || !square(graph, right) {
        return None;
    }
    let mut terms = vec![];
    for (m, other) in [(left, right), (right, left)] {
        let size = graph.size(graph.shape(other).rows);
        let logdet = graph.call_named("logdet", [m]);
        terms.push(graph.times([size, logdet]));
    }
    Some(graph.sum(terms))
}

/// `logdet(L) = sum(log.(abs.(diag(L))))` of a triangular L.
pub(super) fn logdet_of_triangle(graph: &mut Graph, a: Id) -> Id {
    let vector = is_call(graph, a, "diag") && graph.shape(graph.args(a)[0]).is_column();
    let entries = if vector { graph.args(a)[0] } else { graph.call_fitting("diag", &[a]) };
    let absolute = graph.call_named("abs", [entries]);
    let logarithms = graph.call_named("log", [absolute]);
    graph.call_named("sum", [logarithms])
}

/// `X^T diag(d) X` with nonnegative d as the square of `diag(sqrt.(d)) X`.
fn weighted_square(graph: &mut Graph, word: &Word) -> Option<Id> {
    let [chain] = word.chains.as_slice() else { return None };
    let middle = chain.len() / 2;
    let centre =
        chain.get(middle).filter(|l| chain.len() % 2 == 1 && middle > 0 && l.kind == Kind::Diagonal)?;
    let (left, right) = (&chain[..middle], &chain[middle + 1..]);
    let mirrored = left[0].rows != Dim::ONE && keys(graph, left)[1] == keys(graph, right)[0];
    let diagonal = centre.key.id;
    let weights = *graph.args(diagonal).first()?;
    if !mirrored
        || centre.key.inverse
        || !is_call(graph, diagonal, "diag")
        || !sign(graph, weights).nonnegative
    {
        return None;
    }
    let root = graph.call_named("sqrt", [weights]);
    let root = graph.call_fitting("diag", &[root]);
    let mut factors: Vec<Id> = left.iter().map(|l| node(graph, l.key)).collect();
    factors.extend([root, root]);
    factors.extend(right.iter().map(|l| node(graph, l.key)).collect::<Vec<_>>());
    let product = graph.times(factors);
    Some(written(graph, word, 0, product))
}

/// A chain with `kron(A, B) v` as `vec(B V A^T)`, with `v^T kron(A, B)` as the transpose of the same.
fn kronecker(graph: &mut Graph, chain: &[Letter]) -> Option<Id> {
    let both = |graph: &Graph, l: &Letter| {
        let of = graph.args(l.key.id);
        let square = |a: &Id| graph.shape(*a).rows == graph.shape(*a).cols;
        *graph.op(l.key.id) == Op::Kronecker && of.len() == 2 && (!l.key.inverse || of.iter().all(square))
    };
    let column = chain.last()?.cols == Dim::ONE;
    let inner = |i: &usize| if column { *i + 1 < chain.len() } else { *i > 0 };
    let mut places = (0..chain.len()).filter(|i| both(graph, &chain[*i])).filter(inner);
    let place =
        if column { places.next_back()? } else { places.next().filter(|_| chain[0].rows == Dim::ONE)? };
    let mut nodes: Vec<Id> = chain.iter().map(|l| node(graph, l.key)).collect();
    let Key { id, turned, inverse } = chain[place].key;
    // A row is multiplied by the transpose, as a column.
    let turned = turned == column;
    let (a, b) = (graph.args(id)[0], graph.args(id)[1]);
    let b = node(graph, Key { id: b, turned, inverse });
    let a = node(graph, Key { id: a, turned: !turned, inverse });
    let (before, after) = nodes.split_at(place);
    let vector = if column { graph.times(after[1..].to_vec()) } else { graph.times(before.to_vec()) };
    let vector = if column { vector } else { graph.turned(vector) };
    let shape = Shape::new(graph.shape(b).cols, graph.shape(a).rows);
    let matrix = unstacked(graph, vector, shape);
    let product = graph.times([b, matrix, a]);
    let stacked = graph.call_named("vec", [product]);
    match column {
        true => nodes.splice(place.., [stacked]).for_each(drop),
        false => {
            let row = graph.turned(stacked);
            nodes.splice(..=place, [row]).for_each(drop);
        }
    }
    Some(graph.times(nodes))
}

/// A chain with neighbours multiplied factor by factor: `kron(A, B) kron(C, D) = kron(A C, B D)` where these fit, any
/// other matrix being the Kronecker product of 1 and itself (Magnus and Neudecker §2.2).
fn mixed(graph: &mut Graph, chain: &[Letter]) -> Option<Id> {
    let mut nodes: Vec<Id> = vec![];
    for letter in chain {
        let mut next = node(graph, letter.key);
        while let Some(product) = nodes.last().and_then(|last| factor_by_factor(graph, *last, next)) {
            (next, _) = (product, nodes.pop());
        }
        nodes.push(next);
    }
    (nodes.len() < chain.len()).then(|| graph.times(nodes))
}

fn factor_by_factor(graph: &mut Graph, left: Id, right: Id) -> Option<Id> {
    let (l, r) = (halves(graph, left), halves(graph, right));
    if l.is_none() && r.is_none() {
        return None;
    }
    let one = graph.num(Number::ONE);
    let splits = |id: Id, halves: Option<(Id, Id)>| halves.map_or(vec![(one, id), (id, one)], |h| vec![h]);
    let rights = splits(right, r);
    let pairs = splits(left, l).into_iter().flat_map(|l| rights.iter().map(move |r| (l, *r)));
    let fit = |a: Id, b: Id| graph.shape(a).cols == graph.shape(b).rows;
    let ((a, b), (c, d)) = pairs.into_iter().find(|((a, b), (c, d))| fit(*a, *c) && fit(*b, *d))?;
    let (left, right) = (graph.times([a, c]), graph.times([b, d]));
    Some(graph.add(Op::Kronecker, [left, right]))
}

/// The factors of a Kronecker product or of its transpose.
fn halves(graph: &mut Graph, id: Id) -> Option<(Id, Id)> {
    match (graph.op(id), graph.args(id)) {
        (Op::Kronecker, [a, b]) => Some((*a, *b)),
        (Op::Transpose, [inner]) => {
            let [a, b] = *graph.args(*inner).first_chunk().filter(|_| *graph.op(*inner) == Op::Kronecker)?;
            (graph.args(*inner).len() == 2).then(|| (graph.turned(a), graph.turned(b)))
        }
        _ => None,
    }
}

/// The matrix of a shape whose columns, stacked, are this.
fn unstacked(graph: &mut Graph, vector: Id, shape: Shape) -> Id {
    if is_call(graph, vector, "vec") && graph.shape(graph.args(vector)[0]) == shape {
        return graph.args(vector)[0];
    }
    let like = graph.zeros(shape);
    graph.call_named("unvec", [like, vector])
}

/// The node of a letter.
fn node(graph: &mut Graph, key: Key) -> Id {
    let turned = if key.turned { graph.turned(key.id) } else { key.id };
    if key.inverse { graph.power(turned, -1) } else { turned }
}

/// A word with a node in place of one of its chains.
fn written(graph: &mut Graph, word: &Word, place: usize, node_of_chain: Id) -> Id {
    let mut factors = vec![];
    if word.number != Number::ONE {
        factors.push(graph.num(word.number.clone()));
    }
    factors.extend(&word.scalars);
    for (i, chain) in word.chains.iter().enumerate() {
        match i == place {
            true => factors.push(node_of_chain),
            false => factors.extend(chain.iter().map(|l| node(graph, l.key)).collect::<Vec<_>>()),
        }
    }
    let product = graph.times(factors);
    word.divisors.iter().fold(product, |product, d| graph.add(Op::Divide, [product, *d]))
}
