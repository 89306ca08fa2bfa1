//! Simplification: the least of all equal forms that were found.
//!
//! In: any node. Out: a node of the same value in the form an expert would write.
//! Invariant: nothing outside this module decides what the simplest form is.
//!
//! The normal form ([`Poly`]) holds the laws that search is bad at: sums and products are flat, like terms are
//! merged, scalars commute and turn. Directed identities of the rules files are part of it. What a reader
//! may prefer one way or the other (factoring, quotients, norms, transposes) meets in an e-graph; extraction takes
//! the least.

mod budget;
mod collapse;
mod egraph;
mod extract;
mod factor;
mod fold;
mod form;
mod gather;
mod hints;
mod identities;
mod knowledge;
mod normal;
mod poly;
mod scalar_factor;
mod sign;
mod tidy;
mod tripwire;
mod unfold;
mod ways;
mod word_form;

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Op};
use crate::limits::Limits;

pub use budget::{Budget, Work};
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
    /// The work that is left for the request.
    pub budget: &'a Budget,
}

/// The normal form of `id`, where an identity of the rules files led to it; `None` where only the laws did.
pub fn rewritten(graph: &mut Graph, id: Id, context: &Context, memo: &mut Memo) -> Option<Id> {
    let mut normalizer = context.normalizer(graph, memo);
    let found = normalizer.normal(id);
    let used = normalizer.fired().next().is_some() && !normalizer.is_exhausted();
    context.budget.take(&normalizer, None);
    normalizer.suspend(context.assumed, memo);
    (used && found != id).then_some(found)
}

/// Brings `id` into its least form; where the work allowed does not reach that far, into the least form found.
pub fn simplify(graph: &mut Graph, id: Id, context: &Context, memo: &mut Memo) -> Result<Id, Diagnostic> {
    if context.budget.share() == 0 {
        context.budget.spare("work");
        let found = folded(graph, id, id, context, memo.folded());
        context.budget.grown(graph);
        return found;
    }
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

/// The least form that was found; where its own normal form is smaller yet, as where two terms turned out to be equal, the
/// search goes on from there.
fn search(normalizer: &mut Normalizer, id: Id, context: &Context) -> Result<Id, Diagnostic> {
    let found = search_from(normalizer, id, context)?;
    // What leads from here on is not what led to the first normal form.
    let fired = normalizer.fired.clone();
    let again = normalizer.normal(found);
    normalizer.fired = fired;
    if again == normalizer.normal(id)
        || normalizer.graph.form_size(again) >= normalizer.graph.form_size(found)
    {
        return Ok(found);
    }
    search_from(normalizer, again, context)
}

fn search_from(normalizer: &mut Normalizer, id: Id, context: &Context) -> Result<Id, Diagnostic> {
    normalizer.watch(id, context.assumed)?;
    let root = normalizer.normal(id);
    if normalizer.exact_value(id).contradicts(&normalizer.exact_value(root)) {
        context.budget.take(normalizer, None);
        context.budget.trip("the normal form");
        return least(normalizer.graph, id, id);
    }
    if normalizer.is_exhausted() {
        context.budget.take(normalizer, Some("work"));
        return folded(normalizer.graph, id, root, context, &mut normalizer.folded);
    }
    let hints = hints::collect(normalizer, context.as_read);
    let allowance = normalizer.work_limit.saturating_sub(normalizer.work) / 4;
    let mut expanded = Vec::new();
    if has_inner_sum(normalizer.graph, root) {
        // Once with the user's own sums kept, once with none.
        let own: Rc<FxHashSet<Id>> = Rc::new(hints.sums.keys().copied().collect());
        let none = (!own.is_empty()).then(Rc::default);
        for kept in std::iter::once(own).chain(none) {
            let form = |n: &mut Normalizer| n.expanded(&kept, |n| n.poly(id).as_ref().clone());
            expanded.extend(normalizer.within(allowance, form));
        }
    }
    let mut forms = egraph::Forms::new(normalizer, hints);
    forms.class(root);
    for form in expanded {
        forms.start_from(&form, root);
    }
    let met = forms.saturate(context.limits).or(forms.normalizer.condensed.then_some("terms"));
    context.budget.take(forms.normalizer, met);
    context.budget.searched(forms.enodes());
    if let Some(rule) = forms.tripped() {
        context.budget.trip(rule);
    }
    if let Some((a, b, rule)) = forms.fault() {
        let rule = rule.to_owned();
        let dims = &normalizer.graph.dims;
        let (a, b) = (a.text(dims), b.text(dims));
        return Err(Diagnostic::internal(format!("{a} was united with {b} by {rule}")));
    }
    let found = forms.extract(root, context.limits.printed_size).unwrap_or(root);
    least(normalizer.graph, found, found)
}

/// The smaller of what `id` is folded to and another form of it, where no work is left to search for a smaller one.
fn folded(
    graph: &mut Graph,
    id: Id,
    other: Id,
    context: &Context,
    known: &mut fold::Folded,
) -> Result<Id, Diagnostic> {
    let folded = fold::fold(graph, id, known);
    let [folded, other] = [folded, other].map(|id| fold::flat(graph, id, context.limits.printed_size, known));
    least(graph, folded, other)
}

/// The smaller of two forms of one value, unless something did not fit on the way.
fn least(graph: &Graph, a: Id, b: Id) -> Result<Id, Diagnostic> {
    match graph.fault() {
        Some(fault) => Err(fault.error("a simplified form")),
        None if graph.form_size(b) < graph.form_size(a) => Ok(b),
        None => Ok(a),
    }
}

impl Context<'_> {
    fn normalizer<'g>(&self, graph: &'g mut Graph, memo: &mut Memo) -> Normalizer<'g> {
        let mut normalizer =
            Normalizer::resume(graph, self.identities.clone(), self.limits, self.assumed, memo);
        normalizer.work_limit = self.budget.share();
        normalizer
    }
}

/// Whether there is something to distribute.
fn has_inner_sum(graph: &Graph, root: Id) -> bool {
    graph.reachable(&[root]).into_iter().any(|id| id != root && matches!(graph.op(id), Op::Sum))
}
