//! What the fuzz targets share: tight limits, and what must hold of every outcome.
//!
//! In: a request made of fuzzed text. Out: its answer, if it has one.
//! Invariant: a refusal is the user's fault or a limit's, never this program's, and nothing that is shown holds a
//! character a terminal would act on.

use std::sync::LazyLock;

use matgrad::answer::{Answer, Refusal, Request, Setup, answer};
use matgrad::catalog::Catalog;
use matgrad::diagnostic::{Diagnostic, Failure, escape, render};
use matgrad::limits::Limits;
use serde_json::Value;

/// The built-in rules; limits at which a request ends in milliseconds.
pub static SETUP: LazyLock<Setup> = LazyLock::new(|| {
    let limits =
        Limits { nodes: 20_000, terms: 500, enodes: 200, work: 5_000, names: 32, depth: 5_000, ..Limits::default() };
    Setup::new(Catalog::builtin(), limits)
});

/// The answer to a request, if it has one.
pub fn answered(request: &Request) -> Option<Answer> {
    match answer(request, &SETUP) {
        Ok(found) => {
            let json = serde_json::to_string(&found).expect("an answer is JSON");
            assert!(is_plain(&json), "not plain: {json:?}");
            Some(found)
        }
        Err(error) => {
            refused(&error);
            None
        }
    }
}

/// What must hold of an error.
pub fn refused(error: &Diagnostic) {
    assert!(error.failure != Failure::Internal, "{error}");
    let text = render(error, false, 80);
    assert!(text.lines().all(is_plain), "not plain: {text:?}");
    let json = serde_json::to_string(&Refusal::new(Value::Null, error)).expect("a refusal is JSON");
    assert!(is_plain(&json), "not plain: {json:?}");
}

/// Whether nothing in a line acts on a terminal.
fn is_plain(line: &str) -> bool {
    escape(line) == line
}
