//! The tripwire: rewriting stops where a rule would join what is not equal.
//!
//! In: nodes that are about to count as one. Out: what the prime field knows of their values.
//! Invariant: a form found after the tripwire was touched is never given; the answer comes from before it.
//!
//! `inv(A - A) (A - A)` is undefined at every point, so nothing is rewritten in it, least of all to `I`.

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Id, Properties};
use crate::numeric::{Exact, Value, guards};

use super::normal::Normalizer;

impl Normalizer<'_> {
    /// Chooses a point at which the conditions hold and `root` is defined; keeps the one there is where it will do.
    pub(super) fn watch(&mut self, root: Id, assumed: &[Condition]) -> Result<(), Diagnostic> {
        if let Some(exact) = &mut self.exact
            && exact.value(self.graph, root) != Value::Undefined
        {
            return Ok(());
        }
        // A structure that was not declared holds at no generic point.
        use Properties as P;
        let structure = P::SYMMETRIC.with(P::SKEW).with(P::ORTHOGONAL).with(P::LOWER).with(P::UPPER);
        let catalog = self.graph.catalog_arc();
        let stated = |c: &Condition| {
            P::parse(&catalog.predicate_entry(c.predicate).name).is_some_and(|p| p.closed().any(structure))
        };
        self.exact = match assumed.iter().any(|c| stated(c) && !crate::shape::holds(self.graph, c)) {
            true => None,
            false => {
                let guards = guards(self.graph, assumed)?;
                Exact::new(self.graph, root, &guards)
            }
        };
        Ok(())
    }

    /// What the field knows of a node.
    pub(super) fn exact_value(&mut self, id: Id) -> Value {
        self.exact.as_mut().map_or(Value::Unknown, |exact| exact.value(self.graph, id))
    }
}
