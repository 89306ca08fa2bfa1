//! Conditions of differentiability.
//!
//! In: a function and its arguments. Out: the entry's `smooth` conditions said of these arguments.
//! Invariant: what the arguments' properties make certain is not said, and nothing is said twice.
//!
//! `norm(x)` adds `x ≠ 0`.

use smallvec::SmallVec;

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, FnId, Id};
use crate::shape;

use super::Pass;

impl Pass<'_> {
    /// Keeps the conditions under which `f` is differentiable at `args`.
    pub(super) fn smooth(&mut self, f: FnId, args: &[Id]) -> Result<(), Diagnostic> {
        let catalog = self.graph.catalog_arc();
        for condition in &catalog.entry(f).smooth {
            let mut of: SmallVec<[Id; 2]> = SmallVec::new();
            for template in &condition.args {
                let entrywise =
                    catalog.is_scalar_function(f) && args.iter().any(|a| !self.graph.shape(*a).is_scalar());
                let g = &mut *self.graph;
                of.push(match entrywise {
                    true => shape::instantiate_entrywise(g, f, template, args, &[])?,
                    false => shape::instantiate(g, f, template, args, &[])?,
                });
            }
            self.require(&condition.predicate, &of);
        }
        Ok(())
    }

    /// Keeps a condition that is not certain. A predicate the catalogue does not know is left out.
    pub(super) fn require(&mut self, predicate: &str, args: &[Id]) {
        let Some(predicate) = self.graph.catalog().predicate(predicate) else { return };
        let implied = &self.graph.catalog().predicate_entry(predicate).implied_by;
        let certain = args.first().is_some_and(|a| implied.iter().any(|p| self.graph.properties(*a).has(*p)));
        let condition = Condition { predicate, args: SmallVec::from_slice(args) };
        if !certain && !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
    }
}
