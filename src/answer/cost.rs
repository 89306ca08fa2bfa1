//! What the function and its derivatives take, counted.
//!
//! In: a problem, its solution. Out: [`Cost`]: flops of the value, of forward mode, of reverse mode, of the form given.
//! Invariant: the modes are counted on the derivative as it was derived, before it was simplified, and the form
//! on the code that would be emitted for it.
//!
//! Forward mode carries one direction through the function for each entry of the variable; reverse mode one cotangent
//! for each entry of the value. Which is cheaper follows from these two numbers (18.S096, example 16).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cost::Flops;
use crate::diagnostic::Diagnostic;
use crate::differentiate::differentiate;
use crate::emit::{DerivativeKind, Mode, count};
use crate::expr::{Graph, Id, Kind, Properties, Shape, VarId, Variable};
use crate::shape::Problem;
use crate::transpose::{self, Convention, pull_back};

use super::Request;
use super::derive::Solution;

/// A number of flops.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Count {
    /// The polynomial: `2 n^2 + 2 n`.
    pub flops: String,
    /// Its terms that no other outgrows: `n^2`.
    pub order: String,
    /// Its value for the sizes of the request, where these name all its dimensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<f64>,
}

/// The cost of one derivative.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DerivativeCost {
    /// The variable.
    pub wrt: String,
    /// Of forward mode, where the derivative is one of first order in a direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward: Option<Count>,
    /// Of reverse mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverse: Option<Count>,
    /// Of the form that is given.
    pub chosen: Count,
    /// Of the form and the value together.
    pub together: Count,
    /// Why the modes differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What everything takes.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Cost {
    /// The function.
    pub value: Count,
    /// The function and all its derivatives together.
    pub together: Count,
    /// Its derivatives, in the order of the answer.
    pub derivatives: Vec<DerivativeCost>,
}

/// The costs of a solution.
pub(super) fn cost(
    problem: &mut Problem,
    solution: &Solution,
    request: &Request,
) -> Result<Cost, Diagnostic> {
    let f = problem.function;
    let known = known_sizes(&problem.graph, &request.dims)?;
    let value = Count::new(&count(&problem.graph, f, &[f])?, &problem.graph, &known);
    let mut derivatives = vec![];
    for solved in &solution.derivatives {
        let v = solved.wrt;
        let graph = &mut problem.graph;
        let modes = match solved.along {
            None => modes(graph, f, v, request.order)?,
            Some(_) => None,
        };
        let form = solved.form.simple;
        let (chosen, together) = (count(graph, f, &[form])?, count(graph, f, &[f, form])?);
        let new = |flops: &Flops| Count::new(flops, graph, &known);
        let operator = solved.kind == DerivativeKind::Operator;
        derivatives.push(DerivativeCost {
            wrt: graph.variable(v).name.clone(),
            forward: modes.as_ref().map(|m| new(&m.forward)),
            reverse: modes.as_ref().and_then(|m| m.reverse.as_ref()).map(new),
            chosen: new(&chosen),
            together: new(&together),
            why: modes.map(|m| m.why(graph, v, operator)),
        });
    }
    let all: Vec<Id> = [f].into_iter().chain(solution.derivatives.iter().map(|d| d.form.simple)).collect();
    let together = Count::new(&count(&problem.graph, f, &all)?, &problem.graph, &known);
    Ok(Cost { value, together, derivatives })
}

impl Count {
    fn new(flops: &Flops, graph: &Graph, known: &BTreeMap<String, u64>) -> Count {
        let dims = &graph.dims;
        let all = flops.names().iter().all(|n| known.contains_key(dims.name(*n)));
        let size = |name: &str| known.get(name).map_or(0.0, |n| *n as f64);
        Count {
            flops: flops.text(dims),
            order: flops.order().text(dims),
            number: (all && !known.is_empty()).then(|| flops.at(dims, &size)),
        }
    }
}

/// The sizes of the request; each must be of a dimension.
fn known_sizes(graph: &Graph, sizes: &BTreeMap<String, u64>) -> Result<BTreeMap<String, u64>, Diagnostic> {
    for name in sizes.keys() {
        if !graph.dims.names().any(|n| n == name) {
            let known: Vec<&str> = graph.dims.names().collect();
            return Err(Diagnostic::usage("E0610", format!("no dimension is called `{name}`"))
                .help(format!("dimensions are {}", known.join(", "))));
        }
    }
    Ok(sizes.clone())
}

/// Both modes of the last differentiation.
struct Modes {
    forward: Flops,
    reverse: Option<Flops>,
    value: Shape,
}

fn modes(graph: &mut Graph, f: Id, v: VarId, order: usize) -> Result<Option<Modes>, Diagnostic> {
    let mut base = f;
    for _ in 1..order {
        let df = differentiate(graph, base, &[v])?.df;
        let next = match graph.shape(base).is_scalar() {
            true => transpose::gradient(graph, df, v, Convention::Subspace)?,
            false => None,
        };
        let Some(next) = next else { return Ok(None) };
        base = next;
    }
    let df = differentiate(graph, base, &[v])?.df;
    let entries =
        |graph: &Graph, s: Shape| Flops::of(s.rows, &graph.dims).times(&Flops::of(s.cols, &graph.dims));
    let direction = graph.differential(v);
    let along = Mode::of(graph, df, direction)?;
    let value = graph.shape(base);
    let forward = along.once.plus(&along.each.times(&entries(graph, graph.variable(v).shape)));
    let seed = graph.declare(Variable {
        name: String::new(),
        kind: Kind::Matrix,
        shape: value,
        properties: Properties::NONE,
    });
    let reverse = match pull_back(graph, df, v, seed)? {
        Some(pulled) => {
            let back = Mode::of(graph, pulled, seed)?;
            Some(back.once.plus(&back.each.times(&entries(graph, value))))
        }
        None => None,
    };
    Ok(Some(Modes { forward, reverse, value }))
}

impl Modes {
    fn why(&self, graph: &Graph, v: VarId, operator: bool) -> String {
        let entries = |s: Shape| {
            let flops = Flops::of(s.rows, &graph.dims).times(&Flops::of(s.cols, &graph.dims));
            flops.text(&graph.dims)
        };
        let text = format!(
            "forward carries {} through f, one for each entry of {}; reverse carries {} back, one for each entry of the \
             value",
            many(&entries(graph.variable(v).shape), "direction"),
            graph.variable(v).name,
            many(&entries(self.value), "cotangent"),
        );
        if operator { format!("{text}; the form given is applied to one direction") } else { text }
    }
}

fn many(count: &str, what: &str) -> String {
    if count == "1" { format!("1 {what}") } else { format!("{count} {what}s") }
}
