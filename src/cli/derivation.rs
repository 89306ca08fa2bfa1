//! The derivation for a person.
//!
//! In: the steps of an answer. Out: a line a step, with what changed marked beneath, and the rule after it.
//! Invariant: nothing is computed here; whatever is shown is in the answer.
//!
//! ```text
//!   df          = dxᵀ A x + xᵀ A dx   product rule               mit-18s096 §2.3
//!               = xᵀ (A + Aᵀ) dx      collect the terms
//!   gradient x  = (A + Aᵀ) x          df = ⟨G, dx⟩ = tr(Gᵀ dx)   mit-18s096 §2.3
//! ```

use matgrad::explain::Step;
use matgrad::print::{Style, exponent, name};

/// A wider line has its rule on the next one.
const WIDEST: usize = 56;

/// The steps as text.
pub fn text(steps: &[Step], style: Style) -> String {
    let ascii = style == Style::Ascii;
    let wide = |text: &str| text.chars().count();
    let body = |s: &Step| if ascii { s.after.clone() } else { s.text.clone() };
    let head_of = |s: &Step| head(&s.of, style);
    let heads = steps.iter().map(|s| wide(&head_of(s))).max().unwrap_or(0);
    let bodies = steps.iter().map(|s| wide(&body(s))).filter(|w| *w <= WIDEST).max().unwrap_or(0);
    let margin = 2 + heads + 2 + 2;
    let (mut out, mut last) = (String::new(), "");
    for step in steps {
        let head = if step.of == last { String::new() } else { head_of(step) };
        last = &step.of;
        let (body, rule) = (body(step), rule(step, ascii));
        let head = format!("{head}{}", " ".repeat(heads - wide(&head)));
        let places = if ascii { &step.position } else { &step.plain.position };
        let marks = marks(&body, places).map(|m| format!("{}{m}\n", " ".repeat(margin))).unwrap_or_default();
        out.push_str(&match wide(&body) > WIDEST {
            true => format!("  {head}  = {body}\n{marks}{}{rule}\n", " ".repeat(margin + 4)),
            false => format!("  {head}  = {body}{}{rule}\n{marks}", " ".repeat(bodies + 3 - wide(&body))),
        });
    }
    out
}

/// What a line is of, each name as it is printed: `gradient μ`, `d²f`.
fn head(of: &str, style: Style) -> String {
    let printed = |word: &str| {
        let bare = word.trim_end_matches(')');
        let order = bare.strip_prefix("d^").and_then(|w| w.strip_suffix('f'));
        match order.and_then(|k| k.parse().ok()) {
            Some(k) => format!("d{}f", exponent(k, style)),
            None => format!("{}{}", name(bare, style), &word[bare.len()..]),
        }
    };
    match of.rsplit_once(' ') {
        Some((_, k)) if k.parse::<u32>().is_ok() => of.to_owned(),
        Some((before, last)) => format!("{before} {}", printed(last)),
        None => printed(of),
    }
}

/// What is said of a step: its rule, what it needs, its source.
fn rule(step: &Step, ascii: bool) -> String {
    let conditions = if ascii { &step.plain.conditions } else { &step.conditions };
    let mut said = if ascii { step.plain.title.clone() } else { step.title.clone() };
    if !conditions.is_empty() {
        said.push_str(&format!(", where {}", conditions.join(", ")));
    }
    if !step.source.is_empty() {
        said.push_str(&format!(
            "  [{}]",
            if ascii { step.source.replace('§', "") } else { step.source.clone() }
        ));
    }
    said
}

/// Signs beneath the parts that changed; none where that is all.
fn marks(body: &str, places: &[[usize; 2]]) -> Option<String> {
    let mut row = String::new();
    for [start, end] in places.iter().filter(|[s, e]| e - s < body.len()) {
        let column = body.get(..*start)?.chars().count();
        let width = body.get(*start..*end)?.chars().count();
        row.push_str(&" ".repeat(column.saturating_sub(row.chars().count())));
        row.push_str(&"~".repeat(width));
    }
    (!row.is_empty()).then_some(row)
}
