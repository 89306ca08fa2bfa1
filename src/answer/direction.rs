//! The directions of a directional derivative.
//!
//! In: the names of `--at`. Out: an expression of the variable's shape for each varying variable.
//! Invariant: a direction is a variable of the request, a named part, or a new name, which then stands for a
//! variable of the shape that is needed.

use crate::diagnostic::{Diagnostic, excerpt};
use crate::expr::{Id, Properties, VarId, Variable};
use crate::shape::Problem;
use crate::syntax::is_name;

use super::Request;

/// One direction.
#[derive(Clone, Copy)]
pub(super) struct Direction {
    pub id: Id,
}

/// The directions for `varying`, or none where none is asked for.
pub(super) fn resolve(
    problem: &mut Problem,
    varying: &[VarId],
    request: &Request,
) -> Result<Vec<Direction>, Diagnostic> {
    let Some(names) = &request.at else { return Ok(vec![]) };
    if names.len() != varying.len() {
        let text = format!(
            "{} given for {} varying",
            count(names.len(), "direction"),
            count(varying.len(), "variable")
        );
        return Err(
            Diagnostic::usage("E0610", text).help("give a direction for each variable: `--wrt x,A --at v,B`")
        );
    }
    names.iter().zip(varying).map(|(name, v)| direction(problem, name.trim(), *v)).collect()
}

fn direction(problem: &mut Problem, name: &str, v: VarId) -> Result<Direction, Diagnostic> {
    let variable = problem.graph.variable(v).clone();
    if !is_name(name) {
        let text = format!("a direction is a name, and `{}` is none", excerpt(name));
        return Err(Diagnostic::request("E0612", text));
    }
    let known = problem.parts.iter().find(|(part, _)| part == name).map(|(_, id)| *id);
    let id = match (known, problem.graph.variable_named(name)) {
        (Some(id), _) => id,
        (None, Some(direction)) => problem.graph.var(direction),
        (None, None) if taken(problem, name) => {
            let text = format!("the direction `{name}` has the name of a function or a dimension");
            return Err(Diagnostic::request("E0612", text));
        }
        (None, None) => {
            let properties = linear_structure(variable.properties);
            let declared = Variable { name: name.to_owned(), properties, ..variable.clone() };
            problem.variables.push(VarId(problem.graph.variables().len() as u32));
            problem.graph.declare(declared)
        }
    };
    let (has, needs) = (problem.graph.shape(id), variable.shape);
    if has != needs {
        let dims = &problem.graph.dims;
        let text = format!(
            "the direction `{name}` is {} and {} is {}",
            has.text(dims),
            variable.name,
            needs.text(dims)
        );
        return Err(Diagnostic::request("E0612", text).help("a direction has the shape of the variable"));
    }
    Ok(Direction { id })
}

/// The structure of a matrix that its directions share.
pub(super) fn linear_structure(properties: Properties) -> Properties {
    use Properties as P;
    properties.and(P::SYMMETRIC.with(P::SKEW).with(P::DIAGONAL).with(P::LOWER).with(P::UPPER))
}

fn taken(problem: &Problem, name: &str) -> bool {
    let graph = &problem.graph;
    !graph.catalog().overloads(name).is_empty()
        || graph.functions().iter().any(|f| f.name == name)
        || graph.dims.names().any(|d| d == name)
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
