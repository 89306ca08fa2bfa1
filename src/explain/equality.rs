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
use crate::verify::sides;

use super::differential::sign;
use super::outline::{Simplify, Writer};
use super::proof::needed;
use super::step::Step;
use super::words::law;
use super::written::as_written;

/// More sides of identities than this are not looked into for others.
const MOST: usize = 40;

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
    let mut pools = [writer.pool(left, &[])?, writer.pool(right, &[])?];
    let mut written = as_written(writer.graph, &[left, right], assumed, &|_| true)?;
    // What these say may be what others speak of.
    let mut roots = vec![left, right];
    for known in &written {
        let found = sides(writer.graph, &known.identity, &known.variables, &known.sizes)?;
        roots.extend([found.left, found.right]);
    }
    if roots.len() < MOST {
        written = as_written(writer.graph, &roots, assumed, &|_| true)?;
    }
    for pool in &mut pools {
        let more: Vec<_> = written.iter().filter(|i| !pool.contains(i)).cloned().collect();
        pool.extend(more);
    }
    let both: Vec<_> = pools.iter().flatten().cloned().collect();
    let sides = [("left", left, forms[0], &pools[0]), ("right", right, forms[1], &pools[1])];
    if forms[0] == forms[1] {
        for (of, from, to, pool) in sides {
            if needed(writer.graph, sign, (from, to), pool).is_none() {
                return Ok(None);
            }
            writer.equal(of, from, to, pool);
        }
        return Ok(Some(in_words(writer.steps)));
    }
    if needed(writer.graph, sign, (left, right), &both).is_none() {
        return Ok(None);
    }
    writer.equal("left", left, right, &both);
    Ok(Some(in_words(writer.steps)))
}

/// The steps, where nothing was collected in other words: no derivation is under way.
fn in_words(steps: Vec<Step>) -> Vec<Step> {
    let said = |step: Step| match step.rule.as_str() {
        "collect" => step.by("components", law("components")),
        _ => step,
    };
    steps.into_iter().map(said).collect()
}
