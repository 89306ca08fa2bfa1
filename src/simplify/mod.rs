//! Simplification: the least of all equal forms that were found.
//!
//! In: any node. Out: a node of the same value in the form an expert would write.
//! Invariant: nothing outside this module decides what the simplest form is.
//!
//! The normal form ([`Poly`]) holds the laws that search is bad at: sums and products are flat, like terms are
//! merged, scalars commute and turn. Directed identities of the rules files are part of it. What a reader
//! may prefer one way or the other (factoring, quotients, norms, transposes) meets in an e-graph; extraction takes
//! the least.

mod egraph;
mod factor;
mod form;
mod identities;
mod normal;
mod poly;
mod tidy;

use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id};
use crate::limits::Limits;

pub use identities::{Identities, compile};
pub use normal::Normalizer;
pub use poly::{Factor, Factors, Poly, Term};

/// Brings `id` into its least form. `assumed` are the conditions under which the request is read.
pub fn simplify(
    graph: &mut Graph,
    id: Id,
    identities: &std::sync::Arc<Identities>,
    assumed: &[Condition],
    limits: &Limits,
) -> Result<Id, Diagnostic> {
    let mut normalizer = Normalizer::new(graph, identities.clone(), limits.terms);
    normalizer.assume(assumed);
    let root = normalizer.normal(id);
    let expanded = normalizer.expanded(|n| n.poly(id).as_ref().clone());
    let mut forms = egraph::Forms::new(&mut normalizer);
    forms.class(root);
    forms.start_from(&expanded, root);
    forms.saturate(limits);
    if let Some((a, b)) = forms.fault() {
        let dims = &graph.dims;
        return Err(Diagnostic::internal(format!("{} was united with {}", a.text(dims), b.text(dims))));
    }
    let found = forms.extract(root).unwrap_or(root);
    match graph.fault() {
        Some(fault) => Err(Diagnostic::internal(fault.message.clone())),
        None => Ok(found),
    }
}
