//! A proof that two expressions are equal.
//!
//! In: two nodes of one shape. Out: the steps that bring both into one form, or none where that was not shown.
//! Invariant: a proof is shown in [components](crate::components) under the identities that its steps name; two forms
//! that look alike are no proof.
//!
//! `tr(A B)` and `tr(B^T A^T)`: both are `tr(A B)`.

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id};
use crate::transpose::Convention;

use super::differential::sign;
use super::outline::{Simplify, Writer};
use super::proof::needed;
use super::step::Step;

/// The steps that show `left` and `right` to be equal, under these conditions; `None` where they do not.
pub fn proof(
    graph: &mut Graph,
    (left, right): (Id, Id),
    assumed: &[Condition],
    simple: &mut Simplify,
) -> Result<Option<Vec<Step>>, Diagnostic> {
    let sign = sign(graph);
    let (convention, names, steps) = (Convention::Subspace, vec![], vec![]);
    let mut writer = Writer { graph, sign, names, convention, assumed, simple, steps, line: None };
    let forms = [(writer.simple)(writer.graph, left)?.0, (writer.simple)(writer.graph, right)?.0];
    let pools = [writer.pool(left, &[])?, writer.pool(right, &[])?];
    let both: Vec<_> = pools.iter().flatten().cloned().collect();
    let sides = [("left", left, forms[0], &pools[0]), ("right", right, forms[1], &pools[1])];
    if forms[0] == forms[1] {
        for (of, from, to, pool) in sides {
            if needed(writer.graph, sign, (from, to), pool).is_none() {
                return Ok(None);
            }
            writer.equal(of, from, to, pool);
        }
        return Ok(Some(writer.steps));
    }
    if needed(writer.graph, sign, (left, right), &both).is_none() {
        return Ok(None);
    }
    writer.equal("left", left, right, &both);
    Ok(Some(writer.steps))
}
