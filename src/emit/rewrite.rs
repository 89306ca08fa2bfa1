//! Other forms of a node, for a machine.
//!
//! In: a node. Out: nodes of the same value.
//! Invariant: each form is an identity that holds wherever the functions to be emitted are defined; whether it pays is
//! decided by counting, not here.
//!
//! `(A + B) x` has the form `A x + B x`; `inv(D + u v^T) b` that of Sherman and Morrison.

use crate::expr::{Graph, Id, Op};

use super::extract::is_sum;
use super::low_rank::{self, corrected, low_rank_inverse};
use super::structure;
use super::word::traced;

/// Sums of more terms are not multiplied out.
const TERMS: usize = 4;

/// Whether a node may have another form.
pub(super) fn applies(graph: &Graph, id: Id) -> bool {
    let sums = |id: Id| graph.args(id).iter().any(|a| addends(graph, *a).is_some());
    match graph.op(id) {
        _ if is_update(graph, id) || structure::applies(graph, id) => true,
        Op::Product => sums(id),
        Op::Call(_) if is_call(graph, id, "pinv") => true,
        Op::Call(_) => traced(graph, id).is_some_and(|a| *graph.op(a) == Op::Product && sums(a)),
        _ => false,
    }
}

/// Whether a node is a function of a diagonal matrix with an update of low rank.
pub(super) fn is_update(graph: &Graph, id: Id) -> bool {
    match graph.op(id) {
        Op::Product => graph.args(id).iter().any(|a| low_rank_inverse(graph, *a)),
        Op::Call(_) => is_call(graph, id, "logdet") && corrected(graph, graph.args(id)[0]).is_some(),
        _ => low_rank_inverse(graph, id),
    }
}

/// The other forms of a node, where all that is below `roots` is defined.
pub(super) fn forms(graph: &mut Graph, id: Id, roots: &[Id]) -> Vec<Id> {
    let mut found = vec![];
    match graph.op(id) {
        Op::Product => found.extend(products(graph, id).into_iter().map(|(form, _)| form)),
        Op::Call(_) if is_call(graph, id, "pinv") => found.extend(by_gram(graph, id, roots)),
        Op::Call(_) if is_call(graph, id, "logdet") => found.extend(low_rank::determinant_lemma(graph, id)),
        Op::Call(_) => found.extend(trace_of_sum(graph, id)),
        _ => {
            if let Some(terms) = low_rank::terms(graph, id) {
                found.push(graph.sum(terms));
            }
        }
    }
    if structure::applies(graph, id) {
        found.extend(structure::forms(graph, id));
    }
    found
}

/// The forms of a product, each with its terms where it is a sum.
fn products(graph: &mut Graph, id: Id) -> Vec<(Id, Vec<Id>)> {
    let (args, mut found) = (graph.args(id).to_vec(), vec![]);
    for (i, a) in args.iter().enumerate() {
        found.extend(low_rank::solved(graph, &args, i).map(|form| (form, vec![])));
        let terms = match addends(graph, *a) {
            Some((sum, divisor)) => Some(divided(graph, sum, divisor)),
            None => low_rank::terms(graph, *a),
        };
        if let Some(terms) = terms {
            let terms = multiplied_out(graph, &args, i, &terms);
            found.push((graph.sum(terms.clone()), terms));
        }
    }
    found
}

/// `tr(A (B + C)) = tr(A B) + tr(A C)`.
fn trace_of_sum(graph: &mut Graph, id: Id) -> Option<Id> {
    let product = traced(graph, id).filter(|a| *graph.op(*a) == Op::Product)?;
    let (_, terms) = products(graph, product).into_iter().find(|(_, terms)| !terms.is_empty())?;
    let mut sum = vec![];
    for term in terms {
        let (term, negative) = signless(graph, term);
        let trace = graph.call_named("tr", [term]);
        sum.push(if negative { graph.opposite(trace) } else { trace });
    }
    Some(graph.sum(sum))
}

pub(super) fn is_call(graph: &Graph, id: Id, name: &str) -> bool {
    matches!(graph.op(id), Op::Call(f) if graph.catalog().entry(*f).name == name)
}

/// A sum of few terms, or one divided by a scalar.
fn addends(graph: &Graph, id: Id) -> Option<(Id, Option<Id>)> {
    let (sum, divisor) = match (graph.op(id), graph.args(id)) {
        (Op::Divide, [a, s]) => (*a, Some(*s)),
        _ => (id, None),
    };
    (is_sum(graph, sum) && graph.args(sum).len() <= TERMS).then_some((sum, divisor))
}

fn divided(graph: &mut Graph, sum: Id, divisor: Option<Id>) -> Vec<Id> {
    let terms = graph.args(sum).to_vec();
    let Some(divisor) = divisor else { return terms };
    terms.into_iter().map(|t| graph.add(Op::Divide, [t, divisor])).collect()
}

fn signless(graph: &Graph, id: Id) -> (Id, bool) {
    match (graph.op(id), graph.args(id)) {
        (Op::Negate, [a]) => (*a, true),
        _ => (id, false),
    }
}

fn multiplied_out(graph: &mut Graph, args: &[Id], place: usize, terms: &[Id]) -> Vec<Id> {
    let mut sum = vec![];
    for term in terms {
        let (term, negative) = signless(graph, *term);
        let mut factors = args.to_vec();
        factors[place] = term;
        let product = graph.times(factors);
        sum.push(if negative { graph.opposite(product) } else { product });
    }
    sum
}

/// `pinv(X) = inv(X^T X) X^T` where something below `roots` needs X^T X to be invertible.
fn by_gram(graph: &mut Graph, id: Id, roots: &[Id]) -> Option<Id> {
    let x = graph.args(id)[0];
    let transpose = graph.find(Op::Transpose, &[x])?;
    let gram = graph.find(Op::Product, &[transpose, x])?;
    let needs = |graph: &Graph, id: Id| {
        graph.args(id).first() == Some(&gram)
            && (is_call(graph, id, "logdet") || graph.is_matrix_inverse(id) || *graph.op(id) == Op::Solve)
    };
    let needed = graph.reachable(roots).into_iter().any(|id| needs(graph, id));
    needed.then(|| graph.add(Op::Solve, [gram, transpose]))
}
