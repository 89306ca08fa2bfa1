//! Remarks on an answer: linear, affine, which gradient is meant.
//!
//! In: a problem and its solution. Out: sentences.
//! Invariant: nothing is said that is not certain.

use crate::diagnostic::Diagnostic;
use crate::expr::{Properties, VarId};
use crate::shape::Problem;
use crate::transpose::{is_affine, is_linear};

use super::derive::Solution;
use super::{DerivativeKind, Request};

/// The remarks, in a fixed order.
pub(super) fn notes(
    problem: &mut Problem,
    solution: &Solution,
    request: &Request,
) -> Result<Vec<String>, Diagnostic> {
    let mut notes = vec![];
    for solved in &solution.derivatives {
        if request.order == 1 {
            notes.extend(linearity(problem, solved.wrt)?);
        }
        if matches!(solved.kind, DerivativeKind::Gradient | DerivativeKind::Hessian) {
            notes.extend(space(problem, solved.wrt, request.free_entries));
        }
    }
    Ok(notes)
}

fn linearity(problem: &mut Problem, v: VarId) -> Result<Option<String>, Diagnostic> {
    let name = problem.graph.variable(v).name.clone();
    let (f, graph) = (problem.function, &mut problem.graph);
    Ok(if is_linear(graph, f, v)? {
        Some(format!("f is linear in {name}"))
    } else if is_affine(graph, f, v)? {
        Some(format!("f is affine in {name}, and not linear"))
    } else {
        None
    })
}

/// In which space the gradient is taken, where the variable is structured.
fn space(problem: &Problem, v: VarId, free_entries: bool) -> Option<String> {
    let variable = problem.graph.variable(v);
    if variable.shape.is_scalar() {
        return None;
    }
    let structures = [
        Properties::DIAGONAL,
        Properties::SYMMETRIC,
        Properties::SKEW,
        Properties::LOWER,
        Properties::UPPER,
        Properties::ORTHOGONAL,
    ];
    let structure = structures.into_iter().find(|p| variable.properties.has(*p))?;
    let word = structure.words().next()?;
    let name = &variable.name;
    Some(match (free_entries, structure) {
        (true, _) => format!("derivative by the independent entries of the {word} {name}"),
        (_, Properties::ORTHOGONAL) => {
            format!("gradient in the tangent space of the orthogonal matrices at {name}")
        }
        _ => format!("gradient in the space of {word} matrices: the {word} G with df = ⟨G, d{name}⟩"),
    })
}
