//! What it means to read a derivative off a differential.
//!
//! In: df, the variable, the derivative. Out: two nodes that have to be equal.
//! Invariant: the claim is the definition (`df = ⟨G, dX⟩`, `df = J dx`, `vec(df) = K vec(dX)`), with dX where it varies.
//!
//! `x^T (A + A^T) dx` and G = `(A + A^T) x`: both sides of `x^T (A + A^T) dx = G^T dx`.

use crate::diagnostic::Diagnostic;
use crate::expr::{Graph, Id, Op, Properties, VarId, Variable};
use crate::print::{Style, differential};

use super::instance::wrong;

/// Two nodes that are equal where the derivative is right.
pub(super) struct Claim {
    pub left: Id,
    pub right: Id,
}

/// What reading `result` off `df` by `v` claims. All other differentials are none.
pub(super) fn claims(
    graph: &mut Graph,
    rule: &str,
    df: Id,
    v: VarId,
    result: Id,
    free: bool,
) -> Result<Vec<Claim>, Diagnostic> {
    let df = only(graph, df, v);
    let dx = graph.differential(v);
    let properties = graph.variable(v).properties;
    let square = graph.shape(dx).is_square() && !graph.shape(dx).is_scalar();
    let right = match rule {
        "derivative" => {
            let one = graph.int(1);
            let along = graph.substitute(df, dx, one);
            return Ok(vec![Claim { left: along, right: result }]);
        }
        "gradient" => {
            let mut gradient = result;
            if free && square && properties.any(Properties::SYMMETRIC.with(Properties::SKEW)) {
                // By free entries each pair of entries counts once: half of it for each, the diagonal whole.
                let half = graph.ratio(1, 2);
                let identity = graph.identity(graph.shape(dx).rows);
                let diagonal = graph.add(Op::Hadamard, [result, identity]);
                let sum = graph.sum([result, diagonal]);
                gradient = graph.product([half, sum]);
            }
            graph.inner(gradient, dx)
        }
        "jacobian" => graph.times([result, dx]),
        "kronecker_form" => {
            let (left, stacked) = (graph.call_fitting("vec", &[df]), graph.call_fitting("vec", &[dx]));
            let right = graph.times([result, stacked]);
            return Ok(vec![Claim { left, right }]);
        }
        _ => return Err(wrong(format!("there is no rule `{rule}`"))),
    };
    if !properties.has(Properties::ORTHOGONAL) || !square {
        let mut all = vec![Claim { left: df, right }];
        if rule == "gradient" && square && !free {
            all.extend(within(graph, properties, result));
        }
        return Ok(all);
    }
    // dQ is Q W with a skew W.
    let shape = graph.shape(dx);
    let name = format!("{}W", differential(&graph.variable(v).name, Style::Ascii));
    let w = graph.declare(Variable {
        name,
        kind: crate::expr::Kind::Matrix,
        shape,
        properties: Properties::SKEW,
    });
    let q = graph.var(v);
    let tangent = graph.product([q, w]);
    let (left, right) = (graph.substitute(df, dx, tangent), graph.substitute(right, dx, tangent));
    Ok(vec![Claim { left, right }])
}

/// A gradient lies in the space in which its variable varies.
fn within(graph: &mut Graph, properties: Properties, gradient: Id) -> Option<Claim> {
    use Properties as P;
    let right = if properties.has(P::DIAGONAL) {
        let identity = graph.identity(graph.shape(gradient).rows);
        graph.add(Op::Hadamard, [gradient, identity])
    } else if properties.has(P::SYMMETRIC) {
        graph.transpose(gradient)
    } else if properties.has(P::SKEW) {
        let turned = graph.transpose(gradient);
        graph.opposite(turned)
    } else if properties.has(P::LOWER) {
        graph.call_named("tril", [gradient])
    } else if properties.has(P::UPPER) {
        graph.call_named("triu", [gradient])
    } else {
        return None;
    };
    Some(Claim { left: gradient, right })
}

/// df where only `v` varies.
pub(crate) fn only(graph: &mut Graph, df: Id, v: VarId) -> Id {
    let mut pairs = vec![];
    for id in graph.reachable(&[df]) {
        if let Op::Differential(w) = *graph.op(id)
            && w != v
        {
            let zero = graph.zeros(graph.shape(id));
            pairs.push((id, zero));
        }
    }
    if pairs.is_empty() {
        return df;
    }
    let replaced = graph.substitute_all(df, &pairs);
    let shape = graph.shape(df);
    graph.without_zeros(replaced).unwrap_or_else(|| graph.zeros(shape))
}
