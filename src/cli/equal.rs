//! `matgrad equal`: two expressions, and whether they are equal.
//!
//! In: both texts. Out: the proof, or a point at which they differ, or that neither was found.
//! Invariant: exit status 0 only with a proof, 1 with a point, 3 with neither.

use std::fmt::Write;
use std::process::ExitCode;

use matgrad::answer::{Counterexample, Equality, equal};
use matgrad::diagnostic::Diagnostic;
use matgrad::print::Style;

use super::args::{Emission, EqualArgs};
use super::{derivation, json, output, usage, with_newline};

/// Compares the two expressions.
pub fn run(args: &EqualArgs) -> Result<ExitCode, Diagnostic> {
    let found = equal(&args.left, &args.right, &args.lets, &args.rules.setup()?)?;
    let text = match args.emission() {
        None => said(&found, args.style()),
        Some(Emission::Json) => json(&found)?,
        Some(Emission::Code(_)) => return Err(usage("`equal` emits nothing but json")),
    };
    let code = output::result(with_newline(text).as_bytes());
    Ok(match found.equal {
        Some(true) => code,
        Some(false) => ExitCode::from(1),
        None => ExitCode::from(3),
    })
}

fn said(found: &Equality, style: Style) -> String {
    let ascii = style == Style::Ascii;
    let pick = |t: &matgrad::print::Term| if ascii { t.ascii.clone() } else { t.text.clone() };
    let (left, right) = (pick(&found.left), pick(&found.right));
    let mut out = match found.equal {
        Some(true) => format!("{left} = {right}\n"),
        Some(false) => format!("{left} {} {right}\n", if ascii { "!=" } else { "≠" }),
        None => format!("{left} and {right}: neither proved equal nor found to differ at any point tried\n"),
    };
    let conditions = if ascii { &found.plain } else { &found.conditions };
    if !conditions.is_empty() {
        let _ = writeln!(out, "where {}", conditions.join(", "));
    }
    if !found.steps.is_empty() {
        let _ = write!(out, "\n{}", derivation::text(&found.steps, style));
    }
    if let Some(point) = &found.counterexample {
        let _ = write!(out, "\n{}", table(point));
    }
    out
}

/// The point and both values.
fn table(point: &Counterexample) -> String {
    let mut rows: Vec<(&str, String)> = vec![("at", String::new())];
    let sizes: Vec<String> = point.sizes.iter().map(|(n, s)| format!("{n} = {s}")).collect();
    rows[0].1 = sizes.join(", ");
    rows.extend(point.variables.iter().map(|(n, m)| (n.as_str(), matrix(m))));
    rows.push(("left", matrix(&point.left)));
    rows.push(("right", matrix(&point.right)));
    let width = rows.iter().map(|(n, _)| n.chars().count()).max().unwrap_or(0);
    let line = |(n, m): &(&str, String)| format!("  {n}{}  {m}\n", " ".repeat(width - n.chars().count()));
    rows.iter().filter(|(_, m)| !m.is_empty()).map(line).collect()
}

/// `[1 2; 3 4]`, and a number for a 1×1 matrix.
fn matrix(rows: &[Vec<f64>]) -> String {
    let number = |x: &f64| {
        let short = format!("{x:.4}");
        let short = short.trim_end_matches('0').trim_end_matches('.');
        if short == "-0" { "0".to_owned() } else { short.to_owned() }
    };
    match rows {
        [row] if row.len() == 1 => number(&row[0]),
        _ => {
            let lines: Vec<String> =
                rows.iter().map(|r| r.iter().map(number).collect::<Vec<_>>().join(" ")).collect();
            format!("[{}]", lines.join("; "))
        }
    }
}
