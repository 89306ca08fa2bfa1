//! Diagonal matrices with an update of low rank.
//!
//! In: a node with a diagonal matrix and a product of thin ones, summed. Out: forms in which only a matrix of the
//! update's rank is factored.
//! Invariant: as in `rewrite.rs`; the diagonal matrix must be invertible, as it is for almost all values.
//!
//! `inv(D + u v^T) b` has the form of Sherman and Morrison, `logdet(D + U V^T)` that of the determinant lemma.

use crate::expr::{Dim, Graph, Id, Number, Op, Properties};

use super::extract::is_sum;
use super::structure::logdet_of_triangle;

/// `D + s U V^T` with a diagonal D: its diagonal terms, and the factors of the rest.
pub(super) fn corrected(graph: &Graph, id: Id) -> Option<(Vec<Id>, Vec<Id>)> {
    if !is_sum(graph, id) {
        return None;
    }
    let diagonal = |t: &Id| graph.properties(*t).has(Properties::DIAGONAL);
    let (diagonals, rest): (Vec<Id>, Vec<Id>) = graph.args(id).iter().partition(|t| diagonal(t));
    let [outer] = rest.as_slice() else { return None };
    let factors = match graph.op(*outer) {
        Op::Product => graph.args(*outer).to_vec(),
        _ => return None,
    };
    (thin(graph, &factors).is_some() && !diagonals.is_empty()).then_some((diagonals, factors))
}

/// The first factor with fewer columns than the product has rows, as far as names tell.
fn thin(graph: &Graph, factors: &[Id]) -> Option<usize> {
    let rows = factors.iter().map(|f| graph.shape(*f)).find(|s| !s.is_scalar())?.rows;
    factors.iter().position(|f| graph.shape(*f).rows != Dim::ONE && graph.shape(*f).cols != rows)
}

/// Whether this is the inverse of such a sum, applied to something or not.
pub(super) fn low_rank_inverse(graph: &Graph, id: Id) -> bool {
    match (graph.op(id), graph.args(id)) {
        (Op::Solve, [a, _]) => corrected(graph, *a).is_some(),
        (Op::Power, [a, _]) if graph.is_matrix_inverse(id) => corrected(graph, *a).is_some(),
        _ => false,
    }
}

/// D + U V^T with D, the factors of U and V^T.
struct Update {
    diagonal: Id,
    left: Vec<Id>,
    right: Id,
}

impl Update {
    fn of(graph: &mut Graph, matrix: Id) -> Option<Update> {
        let (diagonals, factors) = corrected(graph, matrix)?;
        let (left, right) = factors.split_at(thin(graph, &factors)? + 1);
        let (left, right) = (left.to_vec(), right.to_vec());
        let right = graph.times(right);
        (!graph.shape(right).is_scalar()).then(|| Update { diagonal: graph.sum(diagonals), left, right })
    }

    /// `I + V^T inv(D) U`.
    fn capacitance(&self, graph: &mut Graph) -> Id {
        let inverse = graph.power(self.diagonal, -1);
        let mut factors = vec![self.right, inverse];
        factors.extend(&self.left);
        let product = graph.times(factors);
        let shape = graph.shape(product);
        let one = if shape.is_scalar() { graph.num(Number::ONE) } else { graph.identity(shape.rows) };
        graph.sum([one, product])
    }
}

/// `left inv(C) right` for the capacitance C.
fn through(graph: &mut Graph, left: Vec<Id>, capacitance: Id, right: Vec<Id>) -> Id {
    if graph.shape(capacitance).is_scalar() {
        let product = graph.times([left, right].concat());
        return graph.add(Op::Divide, [product, capacitance]);
    }
    let inverse = graph.power(capacitance, -1);
    graph.times([left, vec![inverse], right].concat())
}

/// `inv(D + U V^T) = inv(D) - inv(D) U inv(I + V^T inv(D) U) V^T inv(D)`, applied to what `A \ b` is applied to
/// (Sherman, Morrison and Woodbury; Golub and Van Loan §2.1.4).
pub(super) fn terms(graph: &mut Graph, id: Id) -> Option<Vec<Id>> {
    if !low_rank_inverse(graph, id) {
        return None;
    }
    let matrix = graph.args(id)[0];
    let applied: Vec<Id> = matches!(graph.op(id), Op::Solve).then(|| graph.args(id)[1]).into_iter().collect();
    let update = Update::of(graph, matrix)?;
    let inverse = graph.power(update.diagonal, -1);
    let capacitance = update.capacitance(graph);
    let first = graph.times([vec![inverse], applied.clone()].concat());
    let left = [vec![inverse], update.left].concat();
    let second = through(graph, left, capacitance, [vec![update.right, inverse], applied].concat());
    Some(vec![first, graph.opposite(second)])
}

/// `inv(D + U V^T) U = inv(D) U inv(I + V^T inv(D) U)` where the inverse at a place is applied to U itself.
pub(super) fn solved(graph: &mut Graph, args: &[Id], place: usize) -> Option<Id> {
    if *graph.op(args[place]) != Op::Power || !low_rank_inverse(graph, args[place]) {
        return None;
    }
    let matrix = graph.args(args[place])[0];
    let update = Update::of(graph, matrix)?;
    if !args[place + 1..].starts_with(&update.left) {
        return None;
    }
    let capacitance = update.capacitance(graph);
    let mut left = args[..=place + update.left.len()].to_vec();
    left[place] = graph.power(update.diagonal, -1);
    Some(through(graph, left, capacitance, args[place + 1 + update.left.len()..].to_vec()))
}

/// `logdet(D + U V^T) = logdet(D) + logdet(I + V^T inv(D) U)` (the determinant lemma; Golub and Van Loan §2.1.4).
pub(super) fn determinant_lemma(graph: &mut Graph, id: Id) -> Option<Id> {
    let matrix = graph.args(id)[0];
    let update = Update::of(graph, matrix)?;
    let capacitance = update.capacitance(graph);
    let first = logdet_of_triangle(graph, update.diagonal);
    let second = match graph.shape(capacitance).is_scalar() {
        true => {
            let absolute = graph.call_named("abs", [capacitance]);
            graph.call_named("log", [absolute])
        }
        false => graph.call_named("logdet", [capacitance]),
    };
    Some(graph.sum([first, second]))
}
