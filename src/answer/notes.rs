//! Remarks on an answer: linear, affine, which gradient is meant.
//!
//! In: a problem and its solution. Out: sentences.
//! Invariant: nothing is said that is not certain.

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Properties};
use crate::numeric::{evaluate, lower, sample};
use crate::print::{Style, predicate, text};
use crate::shape::Problem;
use crate::simplify::{Budget, Memo, simplify};

use super::derive::{Other, Solution, Solved};
use super::{DerivativeKind, Request, Setup};

/// Of more variables than this nobody reads which ones f is linear in.
const SAID: usize = 8;

/// The remarks in Unicode and in ASCII, in a fixed order.
pub(super) fn notes(
    problem: &mut Problem,
    solution: &Solution,
    request: &Request,
    setup: &Setup,
) -> Result<[Vec<String>; 2], Diagnostic> {
    let mut notes = [vec![], vec![]];
    let mut say = |sentence: &dyn Fn(Style) -> Option<String>| {
        for (style, notes) in [Style::Unicode, Style::Ascii].into_iter().zip(&mut notes) {
            notes.extend(sentence(style));
        }
    };
    for solved in &solution.derivatives {
        if request.order == 1 && solved.along.is_none() && solution.derivatives.len() <= SAID {
            let sentence = linearity(problem, solved, setup)?;
            say(&|_| sentence.clone());
        }
        if let Some(other) = &solved.other {
            say(&|style| Some(other_form(&problem.graph, solved, other, style)));
        }
        if matches!(solved.kind, DerivativeKind::Gradient | DerivativeKind::Hessian) {
            say(&|style| space(problem, solved, request.free_entries, style));
        }
    }
    Ok(notes)
}

/// Whether f is linear or affine: then its derivative does not depend on where it is taken.
fn linearity(problem: &mut Problem, solved: &Solved, setup: &Setup) -> Result<Option<String>, Diagnostic> {
    let (f, graph) = (problem.function, &mut problem.graph);
    let (variable, name) = (graph.var(solved.wrt), graph.variable(solved.wrt).name.clone());
    if graph.contains(solved.form.simple, variable) {
        return Ok(None);
    }
    if !graph.contains(f, variable) {
        return Ok(Some(format!("f does not depend on {name}")));
    }
    // Constant where it is differentiable, or on the matrices that it is asked for: `sign(x)`, `norm(Q)`.
    if graph.is_zero(solved.form.simple) {
        return Ok(None);
    }
    let zero = graph.zeros(graph.shape(variable));
    let at_zero = graph.substitute(f, variable, zero);
    let budget = Budget::new(setup.limits.work / 4);
    let context = setup.context(problem.function, &problem.conditions, &budget);
    let at_zero = simplify(graph, at_zero, &context, &mut Memo::default())?;
    Ok(Some(match graph.is_zero(at_zero) {
        true => format!("f is linear in {name}"),
        false if differs_from_zero(graph, at_zero) => format!("f is affine in {name}, and not linear"),
        false => format!("f is affine in {name}"),
    }))
}

/// Whether an expression has a value that is not zero.
fn differs_from_zero(graph: &mut Graph, id: Id) -> bool {
    let Ok(roots) = lower(graph, &[id]) else { return false };
    let Ok(point) = sample(graph, &roots, &[], 1) else { return false };
    let values = evaluate(graph, &roots, &point);
    values.is_ok_and(|v| v.iter().flat_map(|m| m.iter()).any(|x| x.abs() > 1e-6))
}

/// The form of a result that needs a condition, or the one that needs none.
fn other_form(graph: &Graph, solved: &Solved, other: &Other, style: Style) -> String {
    let condition =
        |c: &Condition| predicate(graph, graph.catalog().predicate_entry(c.predicate), &c.args, style);
    let conditions: Vec<String> = other.conditions.iter().map(condition).collect();
    let form = format!(
        "{} {} = {}",
        solved.kind.word(),
        graph.variable(solved.wrt).name,
        text(graph, other.id, style)
    );
    match (conditions.is_empty(), other.needs_them) {
        (true, _) => format!("also {form}"),
        (false, true) => format!("{form} where {}", conditions.join(", ")),
        (false, false) => format!("{form} also where not {}", conditions.join(", ")),
    }
}

/// In which space the gradient is taken, where the variable is structured.
fn space(problem: &Problem, solved: &Solved, free_entries: bool, style: Style) -> Option<String> {
    let variable = problem.graph.variable(solved.wrt);
    if variable.shape.is_scalar() {
        return None;
    }
    let structures = [
        (Properties::DIAGONAL, "diagonal"),
        (Properties::SYMMETRIC, "symmetric"),
        (Properties::SKEW, "skew-symmetric"),
        (Properties::LOWER, "lower triangular"),
        (Properties::UPPER, "upper triangular"),
        (Properties::ORTHOGONAL, "orthogonal"),
    ];
    let (structure, word) = structures.into_iter().find(|(p, _)| variable.properties.has(*p))?;
    let name = &variable.name;
    Some(match (free_entries, structure) {
        (true, _) => format!("derivative by the independent entries of the {word} {name}"),
        (_, Properties::ORTHOGONAL) if solved.kind == DerivativeKind::Hessian => {
            format!(
                "Hessian along geodesics of the orthogonal matrices, d{name} in the tangent space at {name}"
            )
        }
        (_, Properties::ORTHOGONAL) => {
            format!("gradient in the tangent space of the orthogonal matrices at {name}")
        }
        _ => {
            let [open, close] = if style == Style::Unicode { ["⟨", "⟩"] } else { ["<", ">"] };
            format!(
                "gradient in the space of {word} matrices: the {word} G with df = {open}G, d{name}{close}"
            )
        }
    })
}
