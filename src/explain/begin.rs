//! The form of a function that a derivation begins with.
//!
//! In: the function, and identities. Out: an equal form, with the parts of the function that they replaced.
//! Invariant: an identity is used on a part as it is written, so that a reader sees it there.
//!
//! `norm(x)^2` begins as `x^T x`, which has a derivative at 0 by the product rule alone.

use crate::catalog::Identity;
use crate::components::Components;
use crate::expr::{Graph, Id, Op};
use crate::simplify::Instance;
use crate::verify::sides;

/// A form, and the parts of the function that were replaced.
pub(super) struct Begin {
    pub form: Id,
    pub changed: Vec<(Id, Id)>,
    pub used: Vec<Instance>,
}

/// The function with instances of identities used on its parts, where each is found in it word for word.
pub(super) fn literally(graph: &mut Graph, function: Id, instances: &[Instance]) -> Option<Begin> {
    let mut begin = Begin { form: function, changed: vec![], used: vec![] };
    for instance in instances {
        let written = as_written(graph, function, instance);
        let forms = std::iter::once(instance.clone()).chain(written);
        let (instance, (from, to)) = forms.into_iter().find_map(|instance| {
            let found = sides(graph, &instance.identity, &instance.variables, &instance.sizes).ok()?;
            let sides = [(found.left, found.right), (found.right, found.left)];
            let side = sides.into_iter().find(|(from, _)| graph.contains(begin.form, *from))?;
            Some((instance, side))
        })?;
        begin.form = graph.substitute(begin.form, from, to);
        begin.changed.push((from, to));
        begin.used.push(instance);
    }
    (begin.form != function).then_some(begin)
}

/// An instance of what its variables are in the function as it is written: `-y .* z` for `-(y .* z)`.
fn as_written(graph: &Graph, function: Id, instance: &Instance) -> Option<Instance> {
    let mut components = Components::new(graph, "d", &[]);
    let parts = graph.reachable(&[function]);
    let mut written = instance.clone();
    for (_, id) in &mut written.variables {
        let same = |part: &&Id| graph.shape(**part) == graph.shape(*id) && components.equal(**part, *id);
        *id = *parts.iter().rev().find(same)?;
    }
    (written.variables != instance.variables).then_some(written)
}

/// The function with calls that have kinks replaced, where an identity of one variable takes them away.
pub(super) fn smoother(graph: &mut Graph, function: Id) -> Option<Begin> {
    let catalog = graph.catalog_arc();
    let mut begin = Begin { form: function, changed: vec![], used: vec![] };
    for id in graph.reachable(&[function]) {
        let (Op::Call(f) | Op::Map(f)) = *graph.op(id) else { continue };
        let entry = catalog.entry(f);
        let &[argument] = graph.args(id) else { continue };
        let kinks = !entry.smooth.is_empty();
        for identity in entry.identities.iter().filter(|i| kinks && i.conditions.is_empty()) {
            let Some(instance) = of_argument(identity, argument) else { continue };
            let Ok(found) = sides(graph, &identity.name, &instance.variables, &[]) else { continue };
            let both = [(found.left, found.right), (found.right, found.left)];
            let wanted = |(from, to): &(Id, Id)| {
                *from != id
                    && graph.contains(*from, id)
                    && !graph.contains(*to, id)
                    && graph.contains(begin.form, *from)
            };
            if let Some((from, to)) = both.into_iter().find(wanted) {
                begin.form = graph.substitute(begin.form, from, to);
                begin.changed.push((from, to));
                begin.used.push(instance);
                break;
            }
        }
    }
    (begin.form != function).then_some(begin)
}

/// An identity of one variable, which stands for this.
fn of_argument(identity: &Identity, argument: Id) -> Option<Instance> {
    let [variable] = identity.variables.as_slice() else { return None };
    Some(Instance {
        identity: identity.name.clone(),
        variables: vec![(variable.name.clone(), argument)],
        sizes: vec![],
        entrywise: None,
    })
}
