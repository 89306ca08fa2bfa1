//! The chapters: prose from `book/src`, examples from `tests/lecture`.
//!
//! In: Markdown of `book/src` in which a line `@case NAME` stands for an example of the lecture and `@ask EXPR | wrt | order` for
//! a question. Out: Markdown with HTML. Invariant: an example that matgrad does not answer fails the build.

use matgrad::answer::{Answer, Request, Setup, answer};

use super::Outcome;

/// A chapter with its examples worked out.
pub fn expanded(source: &str, cases: &str) -> Outcome<String> {
    let setup = Setup::default();
    let mut out = String::new();
    for line in source.lines() {
        if let Some(name) = line.strip_prefix("@case ") {
            out.push_str(&worked(&case(cases, name.trim())?, &setup)?);
        } else if let Some(question) = line.strip_prefix("@ask ") {
            let mut parts = question.split('|').map(str::trim);
            let mut request = Request { steps: true, ..Request::new(parts.next().unwrap_or_default()) };
            request.wrt = parts.next().filter(|w| !w.is_empty()).map(|w| vec![w.to_owned()]);
            request.order = parts.next().and_then(|k| k.parse().ok()).unwrap_or(1);
            out.push_str(&worked(&request, &setup)?);
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    Ok(out)
}

/// The request of an example in `tests/lecture`.
fn case(cases: &str, name: &str) -> Outcome<Request> {
    let head = format!("--- {name} ---\n");
    let (_, rest) = cases.split_once(&head).ok_or_else(|| format!("no example {name} in tests/lecture"))?;
    let body = rest.split("\n---").next().unwrap_or_default();
    let all = |key: &str| -> Vec<String> {
        body.lines().filter_map(|l| l.strip_prefix(key)).map(|v| v.trim().to_owned()).collect()
    };
    let names = |key: &str| all(key).first().map(|v| v.split(',').map(|n| n.trim().to_owned()).collect());
    Ok(Request {
        lets: all("let:"),
        wrt: names("wrt:"),
        at: names("at:"),
        order: all("order:").first().and_then(|k| k.parse().ok()).unwrap_or(1),
        vec: body.lines().any(|l| l.starts_with("vec:")),
        steps: true,
        ..Request::new(all("expr:").join("\n"))
    })
}

fn worked(request: &Request, setup: &Setup) -> Outcome<String> {
    let found = answer(request, setup).map_err(|e| format!("{}: {e}", request.expr))?;
    Ok(shown(request, &found))
}

/// A question with its answer, its steps and its numbers.
pub fn shown(request: &Request, found: &Answer) -> String {
    let mut call = format!("matgrad '{}'", request.expr);
    for wrt in request.wrt.iter() {
        call.push_str(&format!(" --wrt {}", wrt.join(",")));
    }
    for l in &request.lets {
        call.push_str(&format!(" --let '{l}'"));
    }
    if request.order > 1 {
        call.push_str(&format!(" --order {}", request.order));
    }
    let mut rows = vec![("f".to_owned(), found.function.latex.clone())];
    rows.extend(found.differential.as_ref().map(|df| ("df".to_owned(), df.latex.clone())));
    for d in &found.derivatives {
        rows.push((format!("{} {}", d.kind.word(), d.wrt), d.result.latex.clone()));
    }
    let rows: String = rows
        .iter()
        .map(|(head, tex)| format!("<tr><th>{}</th><td>{}</td></tr>", escape(head), math(tex)))
        .collect();
    let mut notes = vec![];
    if !found.conditions.is_empty() {
        notes.push(format!("where {}", found.conditions.join(", ")));
    }
    notes.extend(found.notes.clone());
    if let Some(check) = found.check.as_ref().filter(|c| c.passed) {
        notes.push(format!(
            "checked at {} random points, largest relative error {:.0e}",
            check.points, check.max_error
        ));
    }
    let steps: String = found
        .steps
        .iter()
        .map(|s| {
            format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                math(&s.latex),
                escape(&s.title),
                escape(&s.source)
            )
        })
        .collect();
    let steps = match steps.is_empty() {
        true => String::new(),
        false => format!(
            "<details><summary>step by step</summary><div class=\"wide\"><table class=\"steps\">{steps}</table></div></details>"
        ),
    };
    format!(
        "\n<div class=\"example\"><pre><code>$ {}</code></pre><div class=\"wide\"><table>{rows}</table></div><p class=\"note\">{}</p>{steps}</div>\n\n",
        escape(&call),
        escape(&notes.join("; "))
    )
}

/// A formula, for the script that sets it.
pub fn math(tex: &str) -> String {
    format!("<span class=\"math\" data-tex=\"{}\"></span>", escape(tex))
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
            '*' | '_' | '`' | '[' | ']' | '\\' => out.push_str(&format!("&#{};", c as u32)),
            c => out.push(c),
        }
    }
    out
}
