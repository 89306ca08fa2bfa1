//! Text and formulas as HTML.
//!
//! In: prose with formulas between dollar signs. Out: Markdown in which each formula is an element for the script that sets it.
//! Invariant: what is escaped here means itself in HTML, within an attribute, and to a reader of Markdown.
//!
//! `of $x$` becomes `of <span data-tex="x"></span>`.

use super::Outcome;

/// Prose with its formulas, `$…$` in a line and `$$…$$` on their own, as elements.
pub fn with_formulas(prose: &str) -> Outcome<String> {
    let mut out = String::with_capacity(prose.len());
    for (i, part) in prose.split("$$").enumerate() {
        if i % 2 == 1 {
            out.push_str(&format!(
                "<div class=\"wide\" data-display data-tex=\"{}\"></div>",
                escape(part.trim())
            ));
            continue;
        }
        let pieces: Vec<&str> = part.split('$').collect();
        if pieces.len() % 2 == 0 {
            return Err(format!("a formula has no end: {}", pieces.last().unwrap_or(&part)).into());
        }
        for (j, piece) in pieces.iter().enumerate() {
            out.push_str(&if j % 2 == 1 { math(piece) } else { (*piece).to_owned() });
        }
    }
    Ok(out)
}

/// A formula, for the script that sets it.
pub fn math(tex: &str) -> String {
    format!("<span data-tex=\"{}\"></span>", escape(tex))
}

/// Text in HTML, also within an attribute and within Markdown.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '*' | '_' | '`' | '[' | ']' | '\\' | '$' => out.push_str(&format!("&#{};", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// A table that may be wider than the page.
pub fn table(class: &str, rows: &str) -> String {
    format!("<div class=\"wide\"><table class=\"{class}\">{rows}</table></div>")
}

/// What is shown when its title is clicked.
pub fn details(title: &str, inner: &str) -> String {
    format!("<details><summary>{}</summary>{inner}</details>", escape(title))
}
