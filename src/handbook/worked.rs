//! The examples of the rules, worked out.
//!
//! In: an entry with its examples. Out: for each the question as it would be typed, and the program's answer.
//! Invariant: the answer is computed when it is asked for; what the rules file states is for the tests to compare.

use std::sync::Arc;

use serde::Serialize;

use crate::answer::{Answer, Request, Setup, answer};
use crate::catalog::{Catalog, Entry, Example};
use crate::diagnostic::Diagnostic;
use crate::expr::VarId;
use crate::laws::Setting;
use crate::print::type_text;

/// An example, worked out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Worked {
    /// The command that asks.
    pub call: String,
    /// The answer.
    pub answer: Answer,
}

/// Works out the examples of a function.
///
/// # Errors
/// The first example that has no answer.
pub fn worked(entry: &Entry, setup: &Setup) -> Result<Vec<Worked>, Diagnostic> {
    entry.examples.iter().map(|e| one(entry, e, setup)).collect()
}

fn one(entry: &Entry, example: &Example, setup: &Setup) -> Result<Worked, Diagnostic> {
    let request = request(entry, example, &setup.catalog)?;
    let lets = request.lets.iter().map(|l| format!(" --let '{l}'")).collect::<String>();
    let call = format!("matgrad '{}' --wrt {}{lets}", request.expr, example.wrt);
    let answer = answer(&request, setup).map_err(|e| example.expression.placed(e))?;
    Ok(Worked { call, answer })
}

/// The request an example stands for: the types of the parameters in it are those of the signature.
pub fn request(entry: &Entry, example: &Example, catalog: &Arc<Catalog>) -> Result<Request, Diagnostic> {
    let setting = Setting::of_entry(catalog, entry)?;
    let text = example.expression.text();
    let mut lets = vec![];
    for (i, p) in entry.parameters.iter().enumerate() {
        if example.expression.mentions(&p.name) {
            lets.push(format!("{}: {}", p.name, type_text(&setting.graph, VarId(i as u32))));
        }
    }
    Ok(Request { lets, wrt: Some(vec![example.wrt.clone()]), ..Request::new(text) })
}
