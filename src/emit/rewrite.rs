//! Other forms of a node, for a machine.
//!
//! In: a node. Out: nodes of the same value.
//! Invariant: each form is an identity that holds wherever the functions to be emitted are defined; whether it pays is
//! decided by counting, not here.
//!
//! `(A + B) x` has the form `A x + B x`; `inv(D + u v^T) b` that of Sherman and Morrison.

use crate::expr::{Dim, Graph, Id, Number, Op, Properties};

use super::extract::is_sum;

/// Sums of more terms are not multiplied out.
const TERMS: usize = 4;

/// Whether a node may have another form.
pub(super) fn applies(graph: &Graph, id: Id) -> bool {
    match graph.op(id) {
        _ if is_update(graph, id) => true,
        Op::Product => graph.args(id).iter().any(|a| addends(graph, *a).is_some()),
        Op::Call(_) => is_call(graph, id, "pinv"),
        _ => false,
    }
}

/// Whether a node is a function of a diagonal matrix with an update of rank one.
pub(super) fn is_update(graph: &Graph, id: Id) -> bool {
    match graph.op(id) {
        Op::Product => graph.args(id).iter().any(|a| low_rank_inverse(graph, *a)),
        Op::Call(_) => is_call(graph, id, "logdet") && corrected(graph, graph.args(id)[0]).is_some(),
        _ => low_rank_inverse(graph, id),
    }
}

/// The other forms of a node among all that is computed below `roots`.
pub(super) fn forms(graph: &mut Graph, id: Id, roots: &[Id]) -> Vec<Id> {
    let mut found = vec![];
    match graph.op(id) {
        Op::Product => {
            let args = graph.args(id).to_vec();
            for (i, a) in args.iter().enumerate() {
                let terms = match addends(graph, *a) {
                    Some(terms) => Some(terms),
                    None => low_rank_terms(graph, *a),
                };
                found.extend(solved_for_update(graph, &args, i));
                if let Some(terms) = terms {
                    found.push(multiplied_out(graph, &args, i, &terms));
                }
            }
        }
        Op::Call(_) if is_call(graph, id, "pinv") => found.extend(by_gram(graph, id, roots)),
        Op::Call(_) => found.extend(determinant_lemma(graph, id)),
        _ => {
            if let Some(terms) = low_rank_terms(graph, id) {
                found.push(graph.sum(terms));
            }
        }
    }
    found
}

fn is_call(graph: &Graph, id: Id, name: &str) -> bool {
    matches!(graph.op(id), Op::Call(f) if graph.catalog().entry(*f).name == name)
}

/// The terms of a sum, or of the transpose of one.
fn addends(graph: &Graph, id: Id) -> Option<Vec<Id>> {
    let (inner, turned) = match graph.op(id) {
        Op::Transpose => (graph.args(id)[0], true),
        _ => (id, false),
    };
    let few = is_sum(graph, inner) && !turned && graph.args(inner).len() <= TERMS;
    few.then(|| graph.args(inner).to_vec())
}

fn multiplied_out(graph: &mut Graph, args: &[Id], place: usize, terms: &[Id]) -> Id {
    let mut sum = vec![];
    for term in terms {
        let (term, negative) = match (graph.op(*term), graph.args(*term)) {
            (Op::Negate, [a]) => (*a, true),
            _ => (*term, false),
        };
        let mut factors = args.to_vec();
        factors[place] = term;
        let product = graph.times(factors);
        sum.push(if negative { graph.opposite(product) } else { product });
    }
    graph.sum(sum)
}

/// `D + s u v^T` with a diagonal D: its diagonal terms, and s u and v^T.
fn corrected(graph: &Graph, id: Id) -> Option<(Vec<Id>, Vec<Id>)> {
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
    let thin = factors.iter().any(|f| graph.shape(*f).cols == Dim::ONE && graph.shape(*f).rows != Dim::ONE);
    (thin && !diagonals.is_empty()).then_some((diagonals, factors))
}

fn low_rank_inverse(graph: &Graph, id: Id) -> bool {
    match (graph.op(id), graph.args(id)) {
        (Op::Solve, [a, _]) => corrected(graph, *a).is_some(),
        (Op::Power, [a, _]) if graph.is_matrix_inverse(id) => corrected(graph, *a).is_some(),
        _ => false,
    }
}

/// `inv(D + u v^T) = inv(D) - inv(D) u (1 + v^T inv(D) u)^-1 v^T inv(D)`, applied to what `A \ b` is applied to
/// (Sherman and Morrison; Golub and Van Loan §2.1.4).
fn low_rank_terms(graph: &mut Graph, id: Id) -> Option<Vec<Id>> {
    if !low_rank_inverse(graph, id) {
        return None;
    }
    let matrix = graph.args(id)[0];
    let right = matches!(graph.op(id), Op::Solve).then(|| graph.args(id)[1]);
    let (diagonal, left, row) = parts(graph, matrix)?;
    let inverse = graph.power(diagonal, -1);
    let denominator = capacitance(graph, inverse, &left, row);
    let first: Vec<Id> = [Some(inverse), right].into_iter().flatten().collect();
    let first = graph.times(first);
    let mut second = vec![inverse];
    second.extend(&left);
    second.extend([row, inverse]);
    second.extend(right);
    let second = graph.times(second);
    let second = graph.add(Op::Divide, [second, denominator]);
    let second = graph.opposite(second);
    Some(vec![first, second])
}

/// `inv(D + u v^T) u = inv(D) u / (1 + v^T inv(D) u)` where the inverse at a place is applied to u itself.
fn solved_for_update(graph: &mut Graph, args: &[Id], place: usize) -> Option<Id> {
    if *graph.op(args[place]) != Op::Power || !low_rank_inverse(graph, args[place]) {
        return None;
    }
    let matrix = graph.args(args[place])[0];
    let (diagonal, left, row) = parts(graph, matrix)?;
    if !args[place + 1..].starts_with(&left) {
        return None;
    }
    let inverse = graph.power(diagonal, -1);
    let denominator = capacitance(graph, inverse, &left, row);
    let mut factors = args.to_vec();
    factors[place] = inverse;
    let product = graph.times(factors);
    Some(graph.add(Op::Divide, [product, denominator]))
}

/// `logdet(D + u v^T) = logdet(D) + log|1 + v^T inv(D) u|` (the determinant lemma; Golub and Van Loan §2.1.4).
fn determinant_lemma(graph: &mut Graph, id: Id) -> Option<Id> {
    let matrix = graph.args(id)[0];
    let (diagonal, left, row) = parts(graph, matrix)?;
    let inverse = graph.power(diagonal, -1);
    let factor = capacitance(graph, inverse, &left, row);
    let entries = match is_call(graph, diagonal, "diag") {
        true => graph.args(diagonal)[0],
        false => graph.call_fitting("diag", &[diagonal]),
    };
    let absolute = graph.call_named("abs", [entries]);
    let logarithms = graph.call_named("log", [absolute]);
    let first = graph.call_named("sum", [logarithms]);
    let absolute = graph.call_named("abs", [factor]);
    let second = graph.call_named("log", [absolute]);
    Some(graph.sum([first, second]))
}

/// D, the factors up to the column u, and what follows them.
fn parts(graph: &mut Graph, matrix: Id) -> Option<(Id, Vec<Id>, Id)> {
    let (diagonals, factors) = corrected(graph, matrix)?;
    let column = factors.iter().position(|f| {
        let shape = graph.shape(*f);
        shape.cols == Dim::ONE && shape.rows != Dim::ONE
    })?;
    let (left, right) = factors.split_at(column + 1);
    let (left, right) = (left.to_vec(), right.to_vec());
    let row = graph.times(right);
    graph.shape(row).is_row().then(|| (graph.sum(diagonals), left, row))
}

fn capacitance(graph: &mut Graph, inverse: Id, left: &[Id], row: Id) -> Id {
    let mut factors = vec![row, inverse];
    factors.extend(left);
    let product = graph.times(factors);
    let one = graph.num(Number::ONE);
    graph.sum([one, product])
}

/// `pinv(X) = inv(X^T X) X^T` where the request has a function of X^T X that needs it to be invertible.
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
