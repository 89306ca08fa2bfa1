//! From ids to the answer object.
//!
//! In: a problem, its solution and the outcome of the check. Out: [`Answer`].
//! Invariant: every expression of an answer is printed from the one graph, with the same names for what they share.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::emit::{EmitRequest, emit, index};
use crate::expr::{AbstractFunction, Condition, Graph, Id, Kind, Properties, Shape};
use crate::print::{Style, Term, predicate, shared, term_with, type_text};
use crate::shape::{Problem, holds};

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
    let parts = shared(graph, &roots, setup.limits.printed_size);
    let print = |id: Id| term_with(graph, id, &parts);
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

/// The domain's conditions, then those of differentiability; each once, and none that is certain.
fn conditions(problem: &Problem, solution: &Solution, style: Style) -> Vec<String> {
    let graph = &problem.graph;
    let all: Vec<&Condition> =
        problem.conditions.iter().chain(&solution.conditions).filter(|c| !holds(graph, c)).collect();
    let mut texts: Vec<String> = vec![];
    for condition in &all {
        let entry = graph.catalog().predicate_entry(condition.predicate);
        let text = predicate(graph, entry, &condition.args, style);
        if !texts.contains(&text) && !all.iter().any(|other| implies(graph, other, condition)) {
            texts.push(text);
        }
    }
    texts
}

/// Whether one condition says of the same thing a property that makes the other certain: x > 0 and x ≥ 0.
fn implies(graph: &Graph, one: &Condition, other: &Condition) -> bool {
    let predicate = |c: &Condition| graph.catalog().predicate_entry(c.predicate);
    let said = Properties::parse(&predicate(one).name);
    let implied = |p: Properties| predicate(other).implied_by.iter().any(|by| p.closed().has(*by));
    one.predicate != other.predicate && one.args == other.args && said.is_some_and(implied)
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
