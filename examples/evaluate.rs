//! Values of expressions, by the evaluator that answers are checked with: `cargo run --example evaluate < lines.jsonl`.
//!
//! In: a line for each expression, `{"expr":"x^T A x","let":["x: vector(n)"],"sizes":{"n":2},"values":{"x":[[1],[2]],"A":[[1,0],[0,1]]}}`;
//! dX is a name like any other. Out: a line each, `{"ok":true,"value":[[5.0]]}` or `{"ok":false,"why":"…"}`.
//! `scripts/check_targets.py` holds emitted code against it.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use matgrad::answer::{Request, Setup, read};
use matgrad::numeric::{Matrix, Point, evaluate, lower};
use serde::Deserialize;

#[derive(Deserialize)]
struct Question {
    expr: String,
    #[serde(rename = "let")]
    lets: Vec<String>,
    sizes: BTreeMap<String, i64>,
    values: BTreeMap<String, Vec<Vec<f64>>>,
}

fn value(line: &str, setup: &Setup) -> Result<Vec<Vec<f64>>, String> {
    let question: Question = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let request = Request { lets: question.lets, wrt: Some(vec![]), ..Request::new(question.expr) };
    let problem = read(&request, setup).map_err(|e| e.to_string())?;
    let mut graph = problem.graph;
    let roots = lower(&mut graph, &[problem.function]).map_err(|e| e.to_string())?;
    let mut point = Point::new(question.sizes.into_iter().collect());
    for (name, rows) in &question.values {
        if let Some(variable) = graph.variable_named(name) {
            let columns = rows.first().map_or(0, Vec::len);
            let entries = rows.iter().flatten().copied();
            point.set(variable, Matrix::from_row_iterator(rows.len(), columns, entries));
        }
    }
    let values = evaluate(&graph, &roots, &point).map_err(|u| u.why.to_string())?;
    let found = values.first().ok_or("there is no value")?;
    Ok(found.row_iter().map(|row| row.iter().copied().collect()).collect())
}

fn main() -> std::io::Result<()> {
    let setup = Setup::default();
    for line in std::io::stdin().lock().lines() {
        let answer = match value(&line?, &setup) {
            Ok(value) => serde_json::json!({"ok": true, "value": value}),
            Err(why) => serde_json::json!({"ok": false, "why": why}),
        };
        writeln!(std::io::stdout(), "{answer}")?;
    }
    Ok(())
}
