//! Simplification: the least of all equal forms that were found.
//!
//! In: any node. Out: a node of the same value in the form an expert would write.
//! Invariant: nothing outside this module decides what the simplest form is.
//!
//! The normal form ([`Poly`]) holds the laws that search is bad at: sums and products are flat, like terms are
//! merged, scalars commute and turn. Directed identities of the rules files are part of it. What a reader
//! may prefer one way or the other (factoring, quotients, norms, transposes) meets in an e-graph; extraction takes
//! the least.

mod collapse;
mod egraph;
mod extract;
mod factor;
mod fold;
mod form;
mod gather;
mod hints;
mod identities;
mod normal;
mod poly;
mod scalar_factor;
mod tidy;
mod unfold;
mod word_form;

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Op};
use crate::limits::Limits;

pub use fold::{Folded, fold};
pub use identities::{Instance, Library};
pub use normal::{Memo, Normalizer};
pub use poly::{Factor, Factors, Poly, Term};

/// What a simplification goes by.
pub struct Context<'a> {
    /// The identities in force.
    pub identities: &'a Arc<Library>,
    /// The conditions under which the request is read.
    pub assumed: &'a [Condition],
    /// The function as it was read: its sums keep the order and the signs the user gave them.
    pub as_read: Id,
    /// Counts at which the search stops.
    pub limits: &'a Limits,
}

/// The normal form of `id`, where an identity of the rules files led to it; `None` where only the laws did.
pub fn rewritten(graph: &mut Graph, id: Id, context: &Context, memo: &mut Memo) -> Option<Id> {
    let mut normalizer = context.normalizer(graph, memo);
    let found = normalizer.normal(id);
    let used = normalizer.fired().next().is_some() && !normalizer.is_exhausted();
    normalizer.suspend(context.assumed, memo);
    (used && found != id).then_some(found)
}

/// Brings `id` into its least form; the limit `work` counts what all simplifications with one memo do.
pub fn simplify(graph: &mut Graph, id: Id, context: &Context, memo: &mut Memo) -> Result<Id, Diagnostic> {
    let mut normalizer = context.normalizer(graph, memo);
    let found = search(&mut normalizer, id, context);
    normalizer.suspend(context.assumed, memo);
    found
}

/// The same, with the identities that were tried and held on the way, the first first. Those that led to other
/// forms than the least are among them.
pub fn simplify_logged(
    graph: &mut Graph,
    id: Id,
    context: &Context,
) -> Result<(Id, Vec<Instance>), Diagnostic> {
    let mut normalizer = context.normalizer(graph, &mut Memo::default());
    normalizer.log = Some(Default::default());
    let found = search(&mut normalizer, id, context)?;
    Ok((found, normalizer.log.into_iter().flatten().collect()))
}

fn search(normalizer: &mut Normalizer, id: Id, context: &Context) -> Result<Id, Diagnostic> {
    if normalizer.is_exhausted() {
        return Err(context.limits.met("work"));
    }
    let root = normalizer.normal(id);
    if normalizer.is_exhausted() {
        return Err(context.limits.met("work"));
    }
    let hints = hints::collect(normalizer, context.as_read);
    let expanded =
        has_inner_sum(normalizer.graph, root).then(|| normalizer.expanded(|n| n.poly(id).as_ref().clone()));
    let mut forms = egraph::Forms::new(normalizer, hints);
    forms.class(root);
    if let Some(expanded) = expanded {
        forms.start_from(&expanded, root);
    }
    forms.saturate(context.limits);
    if forms.is_exhausted() {
        return Err(context.limits.met("work"));
    }
    if let Some((a, b)) = forms.fault() {
        let dims = &normalizer.graph.dims;
        return Err(Diagnostic::internal(format!("{} was united with {}", a.text(dims), b.text(dims))));
    }
    let found = forms.extract(root).unwrap_or(root);
    match normalizer.graph.fault() {
        Some(fault) => Err(Diagnostic::internal(fault.message.clone())),
        None => Ok(found),
    }
}

impl Context<'_> {
    fn normalizer<'g>(&self, graph: &'g mut Graph, memo: &mut Memo) -> Normalizer<'g> {
        Normalizer::resume(graph, self.identities.clone(), self.limits, self.assumed, memo)
    }
}

/// Whether there is something to distribute.
fn has_inner_sum(graph: &Graph, root: Id) -> bool {
    graph.reachable(&[root]).into_iter().any(|id| id != root && matches!(graph.op(id), Op::Sum))
}
