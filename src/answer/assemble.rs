//! From ids to the answer object.
//!
//! In: a problem, its solution and the outcome of the check. Out: [`Answer`].
//! Invariant: every expression of an answer is printed from the one graph, with the same names for what they share.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::emit::{EmitRequest, emit, index};
use crate::expr::{AbstractFunction, Condition, Graph, Id, Kind, Shape};
use crate::print::{Style, Term, Terms, predicate, shared, type_text};
use crate::shape::Problem;

use super::derive::Solution;
use super::object::{Answer, CheckOutcome, Derivative, NamedPart, Plain, SCHEMA, VariableType};
use super::{Request, Setup, notes};

/// The answer.
pub(super) fn answer(
    problem: &mut Problem,
    solution: &Solution,
    check: Option<(CheckOutcome, Vec<String>)>,
    request: &Request,
    setup: &Setup,
) -> Result<Answer, Diagnostic> {
    let [notes, plain_notes] = notes::notes(problem, solution, request, setup)?;
    let plain = Plain { conditions: conditions(problem, solution, Style::Ascii), notes: plain_notes };
    let graph = &problem.graph;
    let mut roots = vec![problem.function];
    roots.extend(solution.differential.map(|df| df.simple));
    roots.extend(solution.derivatives.iter().map(|d| d.form.simple));
    // What is not written out while it is derived is not written out in print.
    let most = match solution.unfinished {
        Some("unfolded") => setup.limits.printed_size.min(setup.limits.unfolded),
        _ => setup.limits.printed_size,
    };
    let parts = shared(graph, &roots, most);
    let terms = Terms::new(graph, &parts);
    let print = |id: Id| terms.term(id);
    let derivative = |d: &super::derive::Solved| Derivative {
        wrt: graph.variable(d.wrt).name.clone(),
        kind: d.kind,
        result: print(d.form.simple),
    };
    Ok(Answer {
        schema: SCHEMA,
        id: request.id.clone(),
        ok: true,
        function: print(problem.function),
        variables: variables(problem),
        functions: functions(&problem.graph),
        differential: solution.differential.map(|df| print(df.simple)),
        derivatives: solution.derivatives.iter().map(derivative).collect(),
        conditions: conditions(problem, solution, Style::Unicode),
        notes,
        cost: None,
        steps: vec![],
        code: code(problem, solution, request, &plain.conditions)?,
        check: check.as_ref().map(|(outcome, _)| outcome.clone()),
        limits: limits(solution, check, setup),
        parts: parts.iter().map(|(name, id)| part(name, print(*id))).collect(),
        plain,
        work: solution.work,
    })
}

/// What was not done: forms that were not simplified to the end, and why there was no check.
fn limits(solution: &Solution, check: Option<(CheckOutcome, Vec<String>)>, setup: &Setup) -> Vec<String> {
    let unfinished = solution.unfinished.map(|name| {
        let count = setup.limits.get(name).unwrap_or_default();
        format!("not simplified to the end: the limit `{name}` of {count} was met; `--limit {name}=COUNT` raises it")
    });
    let tripped = solution.tripped.as_ref().map(|rule| {
        format!("the search for a shorter form ended at `{rule}`, which would have joined what is not equal")
    });
    unfinished.into_iter().chain(tripped).chain(check.into_iter().flat_map(|(_, trouble)| trouble)).collect()
}

fn part(name: &str, value: Term) -> NamedPart {
    NamedPart { name: name.to_owned(), value }
}

pub(super) fn variables(problem: &Problem) -> Vec<VariableType> {
    let typed = |v: &crate::expr::VarId| VariableType {
        name: problem.graph.variable(*v).name.clone(),
        ty: type_text(&problem.graph, *v),
    };
    problem.variables.iter().map(typed).collect()
}

fn functions(graph: &Graph) -> Vec<VariableType> {
    let side = |(kind, shape): (Kind, Shape)| {
        let (rows, cols) = (graph.dims.text(shape.rows), graph.dims.text(shape.cols));
        match kind {
            Kind::Scalar => "scalar".to_owned(),
            Kind::Vector => format!("vector({rows})"),
            Kind::Matrix => format!("matrix({rows},{cols})"),
        }
    };
    let typed = |f: &AbstractFunction| VariableType {
        name: f.name.clone(),
        ty: format!("{} -> {}", side(f.argument), side(f.value)),
    };
    graph.functions().iter().map(typed).collect()
}

/// The domain's conditions, then those of differentiability.
fn conditions(problem: &Problem, solution: &Solution, style: Style) -> Vec<String> {
    let graph = &problem.graph;
    let text = |c: &Condition| predicate(graph, graph.catalog().predicate_entry(c.predicate), &c.args, style);
    solution.stated.iter().map(text).collect()
}

/// The code for each target asked for.
fn code(
    problem: &Problem,
    solution: &Solution,
    request: &Request,
    plain: &[String],
) -> Result<BTreeMap<String, String>, Diagnostic> {
    let what = EmitRequest {
        function: problem.function,
        differential: solution.differential.map(|df| df.simple),
        derivatives: solution.derivatives.iter().map(|d| (d.wrt, d.kind, d.form.simple)).collect(),
        varying: solution.derivatives.iter().map(|d| d.wrt).collect(),
        conditions: plain.to_vec(),
        conditions_latex: conditions(problem, solution, Style::Latex),
    };
    let code = |target: &String| {
        let text = match target.as_str() {
            index::TARGET => index::index(&problem.graph, &what, request.order, &request.dims)?,
            target => emit(target, &problem.graph, &what)?,
        };
        Ok((target.clone(), text))
    };
    request.emit.iter().map(code).collect()
}
