//! The chapters: prose from `book/src`, examples from `tests/lecture`.
//!
//! In: Markdown of `book/src`, in which a line that begins with `@` stands for what the build puts there: `@case NAME` for
//! an example of the lecture, `@ask QUESTION` for a question as it is typed (`x^T A x --wrt x`), `@equal LEFT | RIGHT` for
//! a comparison, `@remainder F | x` for a table of what a tangent leaves, `@picture NAME` for a picture.
//! Out: Markdown with HTML. Invariant: what matgrad does not answer fails the build.

use matgrad::answer::{Setup, equal};

use super::Outcome;
use super::plot::{derivative, picture, value};
use super::question::{asked, case, steps, worked};
use super::text::{details, escape, math, table, with_formulas};

/// A chapter with its examples worked out.
pub fn expanded(source: &str, cases: &str) -> Outcome<String> {
    let setup = Setup::default();
    let mut out = String::new();
    for line in with_formulas(source)?.lines() {
        match line.strip_prefix('@').map(|l| l.split_once(' ').unwrap_or((l, ""))) {
            Some(("case", name)) => out.push_str(&worked(&case(cases, name)?, &setup)?),
            Some(("ask", question)) => out.push_str(&worked(&asked(question)?, &setup)?),
            Some(("equal", sides)) => out.push_str(&compared(sides, &setup)?),
            Some(("remainder", of)) => out.push_str(&remainders(of)?),
            Some(("picture", name)) => out.push_str(&picture(name)?),
            Some((other, _)) => return Err(format!("nothing is known by the name @{other}").into()),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    Ok(out)
}

/// Two expressions of the same value, with the proof.
fn compared(sides: &str, setup: &Setup) -> Outcome<String> {
    let (left, right) = pair(sides)?;
    let found = equal(left, right, &[], setup).map_err(|e| format!("{sides}: {e}"))?;
    if found.equal != Some(true) {
        return Err(format!("not shown to be equal: {sides}").into());
    }
    let call = escape(&format!("$ matgrad equal '{left}' '{right}'"));
    let said = format!(
        "<tr><th>equal</th><td>{}</td></tr>",
        math(&format!("{} = {}", found.left.latex, found.right.latex))
    );
    Ok(format!(
        "\n<div class=\"example\"><pre><code>{call}</code></pre>{}{}</div>\n",
        table("", &said),
        details("proof", &steps(&found.steps))
    ))
}

/// What f and its tangent do, and how they differ, for a step that is halved again and again.
fn remainders(of: &str) -> Outcome<String> {
    const ROWS: i32 = 8;
    let (f, at) = pair(of)?;
    let at: f64 = at.parse()?;
    let slope = derivative(f, "x: scalar")?;
    let of_x = |expression: &str, x: f64| -> Outcome<f64> {
        Ok(value(expression, "x: scalar", &[x])?.first().copied().ok_or("no value")?)
    };
    let (start, slope) = (of_x(f, at)?, of_x(&slope, at)?);
    let heads = [r"\delta x", r"\delta f", r"f'(x)\,\delta x", r"o(\delta x)", r"o(\delta x) / \delta x"];
    let mut rows: String = heads.iter().map(|h| format!("<th>{}</th>", math(h))).collect();
    rows = format!("<tr>{rows}</tr>");
    for k in 1..=ROWS {
        let dx = 0.5f64.powi(k);
        let (change, linear) = (of_x(f, at + dx)? - start, slope * dx);
        let rest = change - linear;
        let cells =
            [dx, change, linear, rest, rest / dx].map(|v: f64| format!("<td>{v:.6}</td>").replace('-', "−"));
        rows.push_str(&format!("<tr>{}</tr>", cells.concat()));
    }
    Ok(table("numbers", &rows))
}

fn pair(text: &str) -> Outcome<(&str, &str)> {
    let (a, b) =
        text.split_once('|').ok_or_else(|| format!("two parts are wanted, with | between: {text}"))?;
    Ok((a.trim(), b.trim()))
}
