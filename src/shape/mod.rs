//! Stand-in until elaboration lands on this branch.

use crate::catalog::Template;
use crate::diagnostic::Diagnostic;
use crate::expr::{FnId, Graph, Id};

/// Builds an entry's template with its parameters bound.
pub fn instantiate(
    _: &mut Graph,
    _: FnId,
    _: &Template,
    _: &[Id],
    _: &[(String, Id)],
) -> Result<Id, Diagnostic> {
    Err(Diagnostic::internal("no elaboration yet"))
}

/// The same, entry by entry.
pub fn instantiate_entrywise(
    g: &mut Graph,
    f: FnId,
    t: &Template,
    args: &[Id],
    extra: &[(String, Id)],
) -> Result<Id, Diagnostic> {
    instantiate(g, f, t, args, extra)
}
