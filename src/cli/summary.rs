//! The summary for a person.
//!
//! In: [`Answer`]. Out: a few aligned lines, in Unicode or ASCII.
//! Invariant: nothing is computed here; whatever is shown is in the answer.

use std::fmt::Write;

use matgrad::answer::{Answer, DerivativeKind, Expression};
use matgrad::diagnostic::Diagnostic;

/// What is asked of the layout.
struct Page {
    ascii: bool,
    rows: Vec<(String, String)>,
}

impl Page {
    fn row(&mut self, head: impl Into<String>, text: impl Into<String>) {
        self.rows.push((head.into(), text.into()));
    }

    fn form<'a>(&self, e: &'a Expression) -> &'a str {
        if self.ascii { &e.ascii } else { &e.text }
    }

    fn times(&self) -> &'static str {
        if self.ascii { "x" } else { "×" }
    }
}

/// The summary of an answer.
pub fn text(answer: &Answer, ascii: bool, _width: Option<usize>) -> String {
    let mut page = Page { ascii, rows: vec![] };
    let f = format!("{}    {}", page.form(&answer.function), shape(&page, &answer.function));
    page.row("f", f);
    for v in &answer.variables {
        page.row(&v.name, &v.ty);
    }
    if let Some(df) = &answer.differential {
        page.row("df", page.form(df));
    }
    for d in &answer.derivatives {
        let head = format!("{} by {}", word(d.kind), d.wrt);
        let result = page.form(&d.result).to_owned();
        page.row(head, result);
    }
    layout(&page)
}

/// What `matgrad parse` prints.
pub fn reading(answer: &Answer, ascii: bool) -> Result<String, Diagnostic> {
    let page = Page { ascii, rows: vec![] };
    let mut text = format!("{}\n", page.form(&answer.function));
    let tree = serde_json::to_string_pretty(&answer.function.ast)
        .map_err(|e| Diagnostic::internal(format!("the tree is no JSON: {e}")))?;
    let _ = writeln!(text, "{tree}");
    Ok(text)
}

fn word(kind: DerivativeKind) -> &'static str {
    kind.word()
}

fn shape(page: &Page, e: &Expression) -> String {
    format!("{}{}{}", e.shape[0], page.times(), e.shape[1])
}

fn layout(page: &Page) -> String {
    let width = page.rows.iter().map(|(head, _)| head.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (head, body) in &page.rows {
        let pad = " ".repeat(width - head.chars().count());
        let _ = writeln!(text, "  {head}{pad}  {body}");
    }
    text
}
