//! The table of functions, in Markdown.
//!
//! In: a catalogue. Out: a row a function: how it is called, what it is, its differential, where it comes from.
//! Invariant: the table in the README is this text, which a test compares.

use std::sync::Arc;

use super::page::{Page, page};
use super::search::Rule;
use crate::catalog::Catalog;

/// One table of all functions, in the order of the files.
pub fn table(catalog: &Arc<Catalog>) -> String {
    let mut out = String::from(
        "| function | | differential, adjoint | where | source |\n| --- | --- | --- | --- | --- |\n",
    );
    for (f, entry) in catalog.functions() {
        let page = page(catalog, &Rule::Function(f, entry));
        out.push_str(&row(&page));
    }
    out
}

fn row(page: &Page) -> String {
    let code = |text: &str| format!("`{}`", text.replace('|', "\\|"));
    let states: Vec<String> = page.states.iter().map(|s| code(&s.text)).collect();
    let conditions: Vec<&str> = page.conditions.iter().map(|c| c.text.as_str()).collect();
    let sources: Vec<&str> = page.sources.iter().map(|s| s.cite.as_str()).collect();
    format!(
        "| {} | {} | {} | {} | {} |\n",
        code(page.signature.split(" ->").next().unwrap_or_default()),
        page.about.replace('|', "\\|"),
        states.join("<br>"),
        conditions.join(", "),
        sources.join(", ")
    )
}
