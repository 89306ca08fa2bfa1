//! Whether two expressions are equal.
//!
//! In: two texts. Out: [`Equality`]: a proof, a point at which they differ, or neither.
//! Invariant: "equal" is said only with a proof, "different" only with a point; both hold where both sides are defined.
//!
//! `(A B)^T` and `B^T A^T` are equal; `A B` and `B A` differ, and a point shows it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::explain::{Step, proof};
use crate::expr::{Graph, Id, VarId};
use crate::numeric::{Matrix, Point, evaluate, guards, lower, sample, whole_points};
use crate::print::{Style, Term, condition, term};
use crate::shape::holds;
use crate::simplify::{Budget, simplify_logged};

use super::assemble::variables;
use super::object::{SCHEMA, VariableType};
use super::{Request, Setup, read};

/// How many points are tried.
const POINTS: u64 = 12;
/// How far apart two values are that differ, relative to their size.
const APART: f64 = 1e-6;

/// What was found of two expressions.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Equality {
    /// See [`SCHEMA`].
    pub schema: u32,
    /// True: an error is another object.
    pub ok: bool,
    /// Whether they are equal; `null` where that was neither proved nor refuted.
    pub equal: Option<bool>,
    /// The first.
    pub left: Term,
    /// The second.
    pub right: Term,
    /// All variables.
    pub variables: Vec<VariableType>,
    /// Where both are defined.
    pub conditions: Vec<String>,
    /// The proof.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// A point at which they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Counterexample>,
    /// The conditions in ASCII.
    #[serde(skip)]
    pub plain: Vec<String>,
}

/// A point at which two expressions differ. Matrices are lists of rows.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Counterexample {
    /// The dimensions.
    pub sizes: BTreeMap<String, i64>,
    /// The variables.
    pub variables: BTreeMap<String, Vec<Vec<f64>>>,
    /// The first expression there.
    pub left: Vec<Vec<f64>>,
    /// The second expression there.
    pub right: Vec<Vec<f64>>,
}

/// Compares two expressions over the same variables.
pub fn equal(left: &str, right: &str, lets: &[String], setup: &Setup) -> Result<Equality, Diagnostic> {
    let [a, b] = free_names(&[left, right]);
    let expr = format!("{a} = {left}\n{b} = {right}\n{a} - ({b})");
    let request = Request { lets: lets.to_vec(), wrt: Some(vec![]), ..Request::new(expr) };
    let mut problem = read(&request, setup)?;
    let part = |name: &str| problem.parts.iter().find(|(n, _)| n == name).map(|(_, id)| *id);
    let (Some(l), Some(r)) = (part(&a), part(&b)) else {
        return Err(Diagnostic::internal("a side of the question was lost"));
    };
    let budget = Budget::new(setup.limits.work);
    let context = setup.context(problem.function, &problem.conditions, &budget);
    let mut simple = |graph: &mut Graph, id: Id| simplify_logged(graph, id, &context);
    let steps = proof(&mut problem.graph, (l, r), &problem.conditions, &mut simple)?;
    let counterexample = match steps {
        Some(_) => None,
        None => differs(&problem.graph, (l, r), &problem)?,
    };
    let said = |style: Style| -> Vec<String> {
        let uncertain = problem.conditions.iter().filter(|c| !holds(&problem.graph, c));
        uncertain.map(|c| condition(&problem.graph, c, style)).collect()
    };
    let equal = if steps.is_some() { Some(true) } else { counterexample.as_ref().map(|_| false) };
    Ok(Equality {
        schema: SCHEMA,
        ok: true,
        equal,
        left: term(&problem.graph, l),
        right: term(&problem.graph, r),
        variables: variables(&problem),
        conditions: said(Style::Unicode),
        steps: steps.unwrap_or_default(),
        counterexample,
        plain: said(Style::Ascii),
    })
}

/// Two names that neither text mentions.
fn free_names(texts: &[&str]) -> [String; 2] {
    let free = |word: &str| {
        let mut name = word.to_owned();
        while texts.iter().any(|t| t.contains(&name)) {
            name.push('x');
        }
        name
    };
    [free("lhs"), free("rhs")]
}

/// A point at which both sides are defined and differ.
fn differs(
    graph: &Graph,
    (l, r): (Id, Id),
    problem: &crate::shape::Problem,
) -> Result<Option<Counterexample>, Diagnostic> {
    let mut graph = graph.clone();
    let guards = guards(&mut graph, &problem.conditions)?;
    let roots = lower(&mut graph, &[l, r])?;
    // Small whole numbers come first: a point of these can be followed on paper.
    let others = (0..POINTS).filter_map(|seed| sample(&graph, &roots, &guards, 0xe9 + seed).ok());
    for point in whole_points(&graph, &guards, 0xe9).chain(others) {
        let Ok(values) = evaluate(&graph, &roots, &point) else { continue };
        let [x, y] = values.as_slice() else { continue };
        if apart(x, y) {
            return Ok(Some(counterexample(&graph, &problem.variables, &point, (x, y))));
        }
    }
    Ok(None)
}

fn apart(x: &Matrix<f64>, y: &Matrix<f64>) -> bool {
    let size = |m: &Matrix<f64>| m.iter().fold(0.0f64, |s, v| s.max(v.abs()));
    x.shape() != y.shape() || size(&(x - y)) > APART * (1e-3 + size(x).max(size(y)))
}

fn counterexample(
    graph: &Graph,
    variables: &[VarId],
    point: &Point<f64>,
    (x, y): (&Matrix<f64>, &Matrix<f64>),
) -> Counterexample {
    let rows = |m: &Matrix<f64>| m.row_iter().map(|r| r.iter().copied().collect()).collect();
    let named = |v: &VarId| Some((graph.variable(*v).name.clone(), rows(point.value(*v)?)));
    Counterexample {
        sizes: point.sizes.iter().map(|(n, s)| (n.clone(), *s)).collect(),
        variables: variables.iter().filter_map(named).collect(),
        left: rows(x),
        right: rows(y),
    }
}
