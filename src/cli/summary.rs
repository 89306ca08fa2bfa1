//! The summary for a person.
//!
//! In: [`Answer`]. Out: a few aligned lines, in Unicode or ASCII.
//! Invariant: nothing is computed here; whatever is shown is in the answer.
//!
//! ```text
//!   f           xᵀ A x                     scalar
//!   A           matrix(n,n)
//!   x           vector(n)
//!
//!   df          xᵀ (A + Aᵀ) dx + xᵀ dA x   scalar
//!   gradient A  x xᵀ                       n×n
//!   gradient x  (A + Aᵀ) x                 n×1
//! ```

use std::fmt::Write;

use matgrad::answer::{Answer, CheckOutcome, Derivative, DerivativeKind};
use matgrad::diagnostic::Diagnostic;
use matgrad::print::{self, Style, Term};
use serde_json::Value;

/// A wider expression gets its shape right after it, not in the column.
const WIDEST: usize = 64;

/// A line: what it is, its text, its shape. An empty one separates blocks.
#[derive(Default)]
struct Row {
    head: String,
    body: String,
    shape: String,
}

/// The lines of a summary.
struct Page {
    ascii: bool,
    rows: Vec<Row>,
}

/// The summary of an answer.
pub fn text(answer: &Answer, ascii: bool) -> String {
    let mut page = Page { ascii, rows: vec![] };
    page.term("f", &answer.function);
    for v in &answer.variables {
        page.line(&page.name(&v.name), &v.ty);
    }
    page.rows.push(Row::default());
    if let Some(df) = &answer.differential {
        page.term("df", df);
    }
    // A linear operator in the one variable that varies is df itself.
    let is_df = |d: &&Derivative| answer.differential.as_ref().is_some_and(|df| df.ascii == d.result.ascii);
    for d in answer.derivatives.iter().filter(|d| d.kind != DerivativeKind::Operator || !is_df(d)) {
        page.term(&page.title(d), &d.result);
    }
    for part in &answer.parts {
        page.term(&format!("  {}", part.name), &part.value);
    }
    page.rows.push(Row::default());
    page.remarks(answer);
    page.layout()
}

/// What `matgrad parse` prints: the expression, its type, its size and its tree.
pub fn reading(answer: &Answer, ascii: bool) -> Result<String, Diagnostic> {
    let mut page = Page { ascii, rows: vec![] };
    page.term("f", &answer.function);
    for v in &answer.variables {
        page.line(&page.name(&v.name), &v.ty);
    }
    page.line("size", &answer.function.size.to_string());
    page.remarks(answer);
    let tree = serde_json::to_string_pretty(&answer.function.ast)
        .map_err(|e| Diagnostic::internal(format!("the tree is no JSON: {e}")))?;
    Ok(format!("{}\n{tree}\n", page.layout()))
}

impl Page {
    fn name(&self, name: &str) -> String {
        print::name(name, if self.ascii { Style::Ascii } else { Style::Unicode })
    }

    fn title(&self, d: &Derivative) -> String {
        format!("{} {}", d.kind.word(), self.name(&d.wrt))
    }

    fn line(&mut self, head: &str, body: &str) {
        self.rows.push(Row { head: head.into(), body: body.into(), shape: String::new() });
    }

    fn term(&mut self, head: &str, term: &Term) {
        let body = if self.ascii { term.ascii.clone() } else { term.text.clone() };
        self.rows.push(Row { head: head.into(), body, shape: self.shape(&term.shape) });
    }

    fn shape(&self, shape: &Value) -> String {
        let side = |i: usize| match shape.get(i) {
            Some(Value::String(name)) => name.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let (rows, cols) = (side(0), side(1));
        match (rows.as_str(), cols.as_str()) {
            ("1", "1") => "scalar".into(),
            _ if self.ascii => format!("{rows} x {cols}"),
            _ => format!("{rows}×{cols}"),
        }
    }

    fn remarks(&mut self, answer: &Answer) {
        let conditions = if self.ascii { &answer.plain.conditions } else { &answer.conditions };
        let notes = if self.ascii { &answer.plain.notes } else { &answer.notes };
        for (head, texts) in [("where", conditions), ("note", notes), ("but", &answer.limits)] {
            for (i, text) in texts.iter().enumerate() {
                self.line(if i == 0 { head } else { "" }, text);
            }
        }
        if let Some(check) = answer.check.as_ref().filter(|c| c.passed) {
            self.line("checked", &outcome(check));
        }
    }

    fn layout(&self) -> String {
        let wide = |text: &str| text.chars().count();
        let heads = self.rows.iter().map(|r| wide(&r.head)).max().unwrap_or(0);
        let shaped = self.rows.iter().filter(|r| !r.shape.is_empty());
        let bodies = shaped.map(|r| wide(&r.body)).filter(|w| *w <= WIDEST).max().unwrap_or(0);
        let mut text = String::new();
        for Row { head, body, shape } in &self.rows {
            let after_head = " ".repeat(heads - wide(head) + 2);
            let after_body = " ".repeat(bodies.saturating_sub(wide(body)) + 3);
            let line = format!("  {head}{after_head}{body}{after_body}{shape}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        format!("{}\n", text.trim_end())
    }
}

fn outcome(check: &CheckOutcome) -> String {
    let points = if check.points == 1 { "point" } else { "points" };
    format!("against f at {} random {points}, largest error {:.0e}", check.points, check.max_error)
}
