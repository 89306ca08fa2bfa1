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

use matgrad::answer::{Answer, CheckOutcome, Derivative, DerivativeKind};
use matgrad::print::{self, Style, Term};
use serde_json::Value;

use super::layout::{Row, layout, shape};

/// The lines of a summary.
struct Page {
    style: Style,
    rows: Vec<Row>,
}

/// The summary of an answer.
pub fn text(answer: &Answer, style: Style) -> String {
    let mut page = Page { style, rows: vec![] };
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
    layout(&page.rows)
}

/// The head of what `matgrad parse` prints: the expression, its type and its size.
pub fn reading(answer: &Answer, style: Style) -> String {
    let mut page = Page { style, rows: vec![] };
    page.term("f", &answer.function);
    for v in &answer.variables {
        page.line(&page.name(&v.name), &v.ty);
    }
    page.line("size", &answer.function.size.to_string());
    page.remarks(answer);
    layout(&page.rows)
}

impl Page {
    fn name(&self, name: &str) -> String {
        print::name(name, self.style)
    }

    fn title(&self, d: &Derivative) -> String {
        format!("{} {}", d.kind.word(), self.name(&d.wrt))
    }

    fn line(&mut self, head: &str, body: &str) {
        self.rows.push(Row { head: head.into(), body: body.into(), shape: String::new() });
    }

    fn term(&mut self, head: &str, term: &Term) {
        let body = if self.style == Style::Ascii { term.ascii.clone() } else { term.text.clone() };
        self.rows.push(Row { head: head.into(), body, shape: self.shape(&term.shape) });
    }

    fn shape(&self, sides: &Value) -> String {
        let side = |i: usize| match sides.get(i) {
            Some(Value::String(name)) => name.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        shape(&[side(0), side(1)], self.style)
    }

    fn remarks(&mut self, answer: &Answer) {
        let ascii = self.style == Style::Ascii;
        let conditions = if ascii { &answer.plain.conditions } else { &answer.conditions };
        let notes = if ascii { &answer.plain.notes } else { &answer.notes };
        for (head, texts) in [("where", conditions), ("note", notes), ("but", &answer.limits)] {
            for (i, text) in texts.iter().enumerate() {
                self.line(if i == 0 { head } else { "" }, text);
            }
        }
        if let Some(check) = answer.check.as_ref().filter(|c| c.passed) {
            self.line("checked", &outcome(check));
        }
    }
}

fn outcome(check: &CheckOutcome) -> String {
    let points = if check.points == 1 { "point" } else { "points" };
    format!("against f at {} random {points}, largest error {:.0e}", check.points, check.max_error)
}
