//! Instances of rules, by substitution into their texts.
//!
//! In: the name of an identity or of a rule of differentiation, and what its variables stand for. Out: both sides.
//! Invariant: what the text does not say is not used. Types have to fit, and what a rule needs has to be certain from
//! declared properties or among the conditions of the answer.
//!
//! `trace-of-transpose` with X = A B gives `tr((A B)^T)` and `tr(A B)`.

use crate::catalog::{ConditionTemplate, Identity, dims};
use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Dim, Graph, Id, Kind, Op, Properties, Shape};
use crate::numeric::{Guard, guards};
use crate::print::{Style, condition as text};
use crate::shape::{Scope, elaborate, elaborate_as, elaborate_entrywise, holds};

/// Both sides of an identity, and what it needs.
pub struct Instantiated {
    /// The left side.
    pub left: Id,
    /// The right side.
    pub right: Id,
    /// Conditions that are not certain by the properties of what the variables stand for.
    pub needs: Vec<Condition>,
}

/// An identity where its variables stand for these nodes and its dimensions for these.
pub fn sides(
    graph: &mut Graph,
    name: &str,
    variables: &[(String, Id)],
    sizes: &[(String, Dim)],
) -> Result<Instantiated, Diagnostic> {
    let catalog = graph.catalog_arc();
    let known = catalog.identities().find(|i| i.name == name);
    let identity = known.ok_or_else(|| wrong(format!("there is no identity `{name}`")))?;
    let bound = |p: &str| variables.iter().find(|(n, _)| n == p).map(|(_, id)| *id);
    let mut types = vec![];
    let mut shapes = vec![];
    let mut scope = Scope::new();
    for p in &identity.variables {
        let id = bound(&p.name).ok_or_else(|| wrong(format!("`{name}` needs its variable `{}`", p.name)))?;
        types.push(&p.ty);
        shapes.push(graph.shape(id));
        scope = scope.bind(p.name.clone(), id);
    }
    let entrywise = entrywise_shape(identity, &shapes);
    let (left, right) = (identity.left.ast(&catalog)?, identity.right.ast(&catalog)?);
    if let Some(shape) = entrywise {
        let left = elaborate_entrywise(graph, left, &scope, shape)?;
        let right = elaborate_entrywise(graph, right, &scope, shape)?;
        return Ok(Instantiated { left, right, needs: needs(graph, &identity.conditions, &scope)? });
    }
    let mut dims = dims::bind(&types, &shapes, &mut graph.dims)
        .ok_or_else(|| wrong(format!("what the variables of `{name}` stand for does not fit their types")))?;
    for (n, d) in sizes {
        if !dims.iter().any(|(known, _)| known == n) {
            dims.push((n.clone(), *d));
        }
    }
    for (n, d) in dims {
        scope = scope.size(n, d);
    }
    let left = elaborate(graph, left, &scope)?;
    let shape = graph.shape(left);
    let right = elaborate_as(graph, right, &scope, shape)?;
    Ok(Instantiated { left, right, needs: needs(graph, &identity.conditions, &scope)? })
}

/// The shape of the entries an identity of scalars is used on.
fn entrywise_shape(identity: &Identity, shapes: &[Shape]) -> Option<Shape> {
    let scalar = identity.variables.iter().all(|p| p.ty.kind == Kind::Scalar);
    let first = *shapes.first()?;
    (scalar && !first.is_scalar() && shapes.iter().all(|s| *s == first)).then_some(first)
}

/// Conditions of a rule that are not certain.
pub(super) fn needs(
    graph: &mut Graph,
    conditions: &[ConditionTemplate],
    scope: &Scope,
) -> Result<Vec<Condition>, Diagnostic> {
    let catalog = graph.catalog_arc();
    let mut found = vec![];
    for c in conditions {
        let mut args = vec![];
        for a in &c.args {
            let ast = a.ast(&catalog)?;
            args.push(elaborate(graph, ast, scope)?);
        }
        let property = Properties::parse(&c.predicate);
        let has = |p: Properties| {
            let whole = |a: &Id| p == Properties::INTEGER && graph.number(*a).is_some_and(|n| n.is_integer());
            args.first().is_some_and(|a| graph.properties(*a).has(p) || whole(a))
        };
        if property.is_some_and(has) {
            continue;
        }
        let Some(predicate) = catalog.predicate(&c.predicate) else {
            return Err(wrong(format!("{} is not certain", c.predicate)));
        };
        let condition = Condition { predicate, args: args.into_iter().collect() };
        if !holds(graph, &condition) {
            found.push(condition);
        }
    }
    Ok(found)
}

/// Whether a condition follows from others in the expressions it speaks of: that det X > 0 makes X invertible.
///
/// A product of square matrices is invertible where each is, and so are powers and transposes.
pub(crate) fn follows_from(
    graph: &mut Graph,
    known: &[Condition],
    texts: &[String],
    asked: &Condition,
) -> bool {
    if let ([of], Some(invertible)) = (asked.args.as_slice(), graph.catalog().predicate("invertible"))
        && asked.predicate == invertible
    {
        // A matrix is invertible where its transpose is.
        let is_known = |graph: &mut Graph, id: Id| {
            [id, graph.turned(id)].into_iter().any(|id| {
                let condition = Condition { predicate: invertible, args: std::iter::once(id).collect() };
                known.contains(&condition)
                    || holds(graph, &condition)
                    || texts.contains(&text(graph, &condition, Style::Unicode))
            })
        };
        let mut open = vec![*of];
        let mut all = true;
        while let Some(id) = open.pop() {
            if is_known(graph, id) {
                continue;
            }
            let square = graph.args(id).iter().all(|a| graph.shape(*a).is_square());
            match graph.op(id) {
                Op::Transpose => open.extend(graph.args(id)),
                Op::Power => open.extend(graph.args(id).first()),
                Op::Product if square => open.extend(graph.args(id)),
                _ => all = false,
            }
        }
        if all {
            return true;
        }
    }
    let (Ok(known), Ok(asked)) = (guards(graph, known), guards(graph, std::slice::from_ref(asked))) else {
        return false;
    };
    let has = |g: &Guard| match g {
        Guard::Positive(_) => known.contains(g),
        Guard::Nonzero(id) => known.contains(g) || known.contains(&Guard::Positive(*id)),
    };
    !asked.is_empty() && asked.iter().all(has)
}

pub(super) fn wrong(message: String) -> Diagnostic {
    Diagnostic::request("E0630", message)
}
