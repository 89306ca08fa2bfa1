//! The flop counts for a person.
//!
//! In: the cost of an answer. Out: a line for the value and for each way to a derivative, with its order.
//! Invariant: nothing is computed here; whatever is shown is in the answer.
//!
//! ```text
//!   flops of f  2 n² + 2 n      Θ(n²)
//!   forward x   4 n³ + 5 n²     Θ(n³)
//!   reverse x   4 n² + n        Θ(n²)
//!   chosen x    3 n²            Θ(n²)
//! ```

use matgrad::answer::{Cost, Count, DerivativeCost};
use matgrad::print::{Style, name};

use super::layout::{Row, layout};

/// The counts as text.
pub fn text(cost: &Cost, style: Style) -> String {
    let mut rows = vec![row("flops of f", &cost.value, style)];
    for d in &cost.derivatives {
        rows.push(Row::default());
        rows.extend(derivative(d, style));
    }
    if cost.derivatives.len() > 1 {
        rows.extend([Row::default(), row("together", &cost.together, style)]);
    }
    layout(&rows)
}

fn derivative(d: &DerivativeCost, style: Style) -> Vec<Row> {
    let x = name(&d.wrt, style);
    let counts = [
        ("forward", d.forward.as_ref()),
        ("reverse", d.reverse.as_ref()),
        ("chosen", Some(&d.chosen)),
        ("with f", Some(&d.together)),
    ];
    let given = counts.iter().filter_map(|(head, count)| Some((head, (*count)?)));
    let mut rows: Vec<Row> = given.map(|(head, count)| row(&format!("{head} {x}"), count, style)).collect();
    for (i, part) in d.why.iter().flat_map(|why| why.split("; ")).enumerate() {
        let head = if i == 0 { "why" } else { "" };
        rows.push(Row { head: head.into(), body: powers(part, style), shape: String::new() });
    }
    rows
}

fn row(head: &str, count: &Count, style: Style) -> Row {
    let theta = if style == Style::Ascii { "Theta" } else { "Θ" };
    let number = count.number.map(|n| format!(" = {n:.0}")).unwrap_or_default();
    Row {
        head: head.into(),
        body: format!("{}{number}", powers(&count.flops, style)),
        shape: format!("{theta}({})", powers(if count.flops == "0" { "1" } else { &count.order }, style)),
    }
}

/// `n^2` as `n²`, where the notation has it.
fn powers(text: &str, style: Style) -> String {
    if style == Style::Ascii {
        return text.to_owned();
    }
    let mut raised = false;
    let mut out = String::new();
    for c in text.chars() {
        raised = c == '^' || (raised && c.is_ascii_digit());
        match c.to_digit(10).filter(|_| raised) {
            Some(d) => out.extend("⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(d as usize)),
            None if raised => {}
            None => out.push(c),
        }
    }
    out
}
