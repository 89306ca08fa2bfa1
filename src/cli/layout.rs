//! Columns: what a line is about, its text, its shape.
//!
//! In: rows. Out: aligned lines without trailing blanks.
//! Invariant: a wide expression does not push the shapes of the others to the right.
//!
//! `gradient x  (A + Aᵀ) x   n×1`

use std::fmt::Write;

use matgrad::print::Style;

/// A wider expression gets its shape right after it, not in the column.
const WIDEST: usize = 64;

/// A line. An empty one separates blocks.
#[derive(Default)]
pub struct Row {
    /// What it is about.
    pub head: String,
    /// What there is to say.
    pub body: String,
    /// The shape of what is said.
    pub shape: String,
}

/// Rows and columns: `scalar`, `n×1`, `(m q)×(n p)`.
pub fn shape(sides: &[String; 2], style: Style) -> String {
    let [rows, cols] = sides.each_ref().map(|s| if s.contains(' ') { format!("({s})") } else { s.clone() });
    match (rows.as_str(), cols.as_str(), style) {
        ("1", "1", _) => "scalar".into(),
        (_, _, Style::Unicode) => format!("{rows}×{cols}"),
        _ => format!("{rows} x {cols}"),
    }
}

/// The rows as text.
pub fn layout(rows: &[Row]) -> String {
    let wide = |text: &str| text.chars().count();
    let heads = rows.iter().map(|r| wide(&r.head)).max().unwrap_or(0);
    let shaped = rows.iter().filter(|r| !r.shape.is_empty());
    let bodies = shaped.map(|r| wide(&r.body)).filter(|w| *w <= WIDEST).max().unwrap_or(0);
    let mut text = String::new();
    for Row { head, body, shape } in rows {
        let after_head = " ".repeat(heads - wide(head) + 2);
        let after_body = " ".repeat(bodies.saturating_sub(wide(body)) + if bodies == 0 { 0 } else { 3 });
        let line = format!("  {head}{after_head}{body}{after_body}{shape}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    format!("{}\n", text.trim_end())
}
