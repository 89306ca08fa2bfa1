//! Emitted NumPy code, run.
//!
//! In: an answer with its code. Out: where the numbers of a function differ from those of the printed answer.
//! Invariant: what is expected comes from the printed text and the numeric evaluator, never from emitted code.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use matgrad::answer::{Answer, DerivativeKind, Request, Setup, answer};
use matgrad::expr::VarId;
use matgrad::numeric::{Matrix, Point, guards, sample};
use serde::Serialize;

use crate::numbers::{Value, direction, read};
use crate::read::Case;

/// The program that runs the jobs and prints a line for each that is wrong.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/emitted.py");

/// A module to be called, and what its functions shall return.
#[derive(Serialize)]
pub struct Job {
    name: String,
    code: String,
    sizes: BTreeMap<String, i64>,
    arguments: BTreeMap<String, Array>,
    expected: BTreeMap<String, Array>,
}

/// A matrix by columns, with the type it is declared with.
#[derive(Serialize)]
struct Array {
    ty: String,
    rows: usize,
    cols: usize,
    data: Vec<f64>,
}

impl Array {
    fn new(m: &Matrix<f64>, ty: &str) -> Array {
        Array { ty: ty.to_owned(), rows: m.nrows(), cols: m.ncols(), data: m.as_slice().to_vec() }
    }
}

/// The job of a case; none where it has no numbers: a refusal, an abstract function, shared parts.
pub fn job(case: &Case, name: &str, setup: &Setup) -> Option<Job> {
    let found = answer(&Request { check: false, ..case.request.clone() }, setup).ok()?;
    let code = found.code.get("numpy")?.clone();
    if !found.functions.is_empty() || !found.parts.is_empty() {
        return None;
    }
    let problem = read(&case.request.expr, &case.request.lets, setup).ok()?;
    let conditions = problem.conditions.clone();
    let mut function = Value::new(problem).ok()?;
    let guards = guards(&mut function.graph, &conditions).ok()?;
    let point = sample(&function.graph, &[function.root], &guards, 1).ok()?;
    let mut values = BTreeMap::new();
    for (i, v) in found.variables.iter().enumerate() {
        let Some(x) = function.id(&v.name).and_then(|id| point.value(id)) else { continue };
        values.insert(v.name.clone(), Array::new(x, &v.ty));
        let plain = v.ty.split(' ').next().unwrap_or_default();
        values.insert(format!("d{}", v.name), Array::new(&direction(x, &v.ty, i as u64), plain));
    }
    let expected = expected(case, &found, setup, &point, &values)?;
    let sizes = point.sizes.iter().map(|(n, s)| (n.clone(), *s)).collect();
    Some(Job { name: name.to_owned(), code, sizes, arguments: values, expected })
}

/// The numbers of the printed texts.
fn expected(
    case: &Case,
    found: &Answer,
    setup: &Setup,
    point: &Point<f64>,
    values: &BTreeMap<String, Array>,
) -> Option<BTreeMap<String, Array>> {
    let lets: Vec<String> = values.iter().map(|(name, value)| format!("{name}: {}", value.ty)).collect();
    let number = |text: &str| {
        let value = Value::new(read(text, &lets, setup).ok()?).ok()?;
        let mut at = Point::new(point.sizes.clone());
        for (i, v) in value.graph.variables().iter().enumerate() {
            if let Some(a) = values.get(&v.name) {
                at.set(VarId(i as u32), Matrix::from_column_slice(a.rows, a.cols, &a.data));
            }
        }
        value.at(&at).ok().map(|m| Array::new(&m, ""))
    };
    let mut all = BTreeMap::new();
    all.insert("value".to_owned(), number(&found.function.ascii)?);
    if let Some(df) = found.differential.as_ref().filter(|_| case.request.order == 1) {
        all.insert("differential".to_owned(), number(&df.ascii)?);
    }
    for d in &found.derivatives {
        let kind = match d.kind {
            DerivativeKind::Operator => continue,
            DerivativeKind::Kronecker => "jacobian",
            kind => kind.word(),
        };
        all.insert(format!("{} {}", kind.to_lowercase(), d.wrt), number(&d.result.ascii)?);
    }
    Some(all)
}

/// What is wrong, by job; none where Python with NumPy and SciPy is not there.
pub fn run(jobs: &[Job]) -> Option<Vec<String>> {
    let there = Command::new("python3").args(["-c", "import numpy, scipy"]).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut python =
        Command::new("python3").arg(PROGRAM).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let input: String = jobs.iter().map(|job| serde_json::to_string(job).unwrap() + "\n").collect();
    python.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = python.wait_with_output().unwrap();
    assert!(done.status.success());
    Some(String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect())
}
