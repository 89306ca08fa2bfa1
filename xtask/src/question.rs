//! Questions and their answers.
//!
//! In: a question as it is typed, or an example of `tests/lecture`. Out: a box with the command, the answer, its numbers and its steps.
//! Invariant: the command that is shown asks for what is shown.

use matgrad::answer::{Answer, Cost, Count, Request, Setup, answer};
use matgrad::explain::Step;

use super::Outcome;
use super::text::{details, escape, math, table};

/// The request of a question: an expression, then options of the command.
pub fn asked(question: &str) -> Outcome<Request> {
    let mut parts = question.split(" --");
    let expression = parts.next().unwrap_or_default().trim();
    let mut request = Request { steps: true, ..Request::new(expression) };
    for option in parts {
        let (name, value) = option.trim().split_once(' ').unwrap_or((option.trim(), ""));
        let names = || Some(value.split(',').map(|n| n.trim().to_owned()).collect());
        match name {
            "wrt" => request.wrt = names(),
            "at" => request.at = names(),
            "let" => request.lets.push(value.trim_matches('\'').to_owned()),
            "order" => request.order = value.parse()?,
            "vec" => request.vec = true,
            "cost" => request.cost = true,
            "emit" => request.emit.push(value.to_owned()),
            "dims" => {
                for size in value.split(',') {
                    let (dim, n) = size.split_once('=').ok_or("a size is NAME=NUMBER")?;
                    request.dims.insert(dim.trim().to_owned(), n.trim().parse()?);
                }
            }
            _ => return Err(format!("no option of a question: --{name}").into()),
        }
    }
    Ok(request)
}

/// The request of an example in `tests/lecture`.
pub fn case(cases: &str, name: &str) -> Outcome<Request> {
    let head = format!("--- {name} ---\n");
    let (_, rest) = cases.split_once(&head).ok_or_else(|| format!("no example {name} in tests/lecture"))?;
    let body = rest.split("\n---").next().unwrap_or_default();
    let mut question = String::new();
    let mut expression = vec![];
    for (key, value) in body.lines().filter_map(|l| l.split_once(':')) {
        match key {
            "expr" => expression.push(value.trim()),
            "gives" => {}
            key => question.push_str(&format!(" --{key} {}", value.trim())),
        }
    }
    asked(&format!("{}{question}", expression.join("\n")))
}

/// The box of a question.
pub fn worked(request: &Request, setup: &Setup) -> Outcome<String> {
    let found = answer(request, setup).map_err(|e| format!("{}: {e}", request.expr))?;
    Ok(shown(&command(request), request, &found))
}

/// The command that asks.
fn command(request: &Request) -> String {
    let mut call = format!("matgrad '{}'", request.expr);
    let mut option = |name: &str, value: &str| call.push_str(format!(" --{name} {value}").trim_end());
    let names = |names: &Option<Vec<String>>| names.iter().map(|n| n.join(",")).collect::<Vec<_>>();
    names(&request.wrt).iter().for_each(|wrt| option("wrt", wrt));
    request.lets.iter().for_each(|l| option("let", &format!("'{l}'")));
    names(&request.at).iter().for_each(|at| option("at", at));
    if request.order > 1 {
        option("order", &request.order.to_string());
    }
    if request.vec {
        option("vec", "");
    }
    request.emit.iter().for_each(|target| option("emit", target));
    if !request.dims.is_empty() {
        let sizes: Vec<String> = request.dims.iter().map(|(d, n)| format!("{d}={n}")).collect();
        option("dims", &sizes.join(","));
    }
    if request.cost {
        option("cost", "");
    }
    call
}

/// The box of an answer.
pub fn shown(call: &str, request: &Request, found: &Answer) -> String {
    let mut body = String::new();
    if request.emit.is_empty() {
        let mut rows = vec![("f".to_owned(), found.function.latex.clone())];
        rows.extend(found.differential.as_ref().map(|df| ("df".to_owned(), df.latex.clone())));
        let derivatives = found.derivatives.iter();
        rows.extend(derivatives.map(|d| (format!("{} {}", d.kind.word(), d.wrt), d.result.latex.clone())));
        body.push_str(&table("", &rows.iter().map(|(head, tex)| row(head, &math(tex))).collect::<String>()));
    }
    for code in found.code.values() {
        body.push_str(&format!("<pre><code>{}</code></pre>", escape(code.trim_end())));
    }
    if let Some(cost) = &found.cost {
        body.push_str(&table("", &counts(cost)));
    }
    let notes = notes(found);
    if request.emit.is_empty() && !notes.is_empty() {
        body.push_str(&format!("<p class=\"note\">{}</p>", escape(&notes.join("; "))));
    }
    if request.emit.is_empty() && !found.steps.is_empty() {
        body.push_str(&details("step by step", &steps(&found.steps)));
    }
    format!("\n<div class=\"example\"><pre><code>$ {}</code></pre>{body}</div>\n\n", escape(call))
}

fn notes(found: &Answer) -> Vec<String> {
    let mut notes = vec![];
    if !found.conditions.is_empty() {
        notes.push(format!("where {}", found.conditions.join(", ")));
    }
    notes.extend(found.notes.clone());
    if let Some(check) = found.check.as_ref().filter(|c| c.passed) {
        let (points, error) = (check.points, check.max_error);
        let error = if error == 0.0 { "no error".into() } else { format!("largest relative error {error:.0e}") };
        notes.push(format!("checked at {points} random points, {error}"));
    }
    notes
}

/// A line a step: what it gives, its rule, its source.
pub fn steps(steps: &[Step]) -> String {
    let mut rows = String::new();
    let mut last = "";
    for s in steps {
        let head = if s.of == last { String::new() } else { escape(&s.of) };
        let source = match s.source.is_empty() {
            true => String::new(),
            false => format!("<small>{}</small>", escape(&s.source)),
        };
        let line = math(&format!("= {}", s.latex));
        rows.push_str(&format!(
            "<tr><th>{head}</th><td>{line}</td><td>{}{source}</td></tr>",
            escape(&s.title)
        ));
        last = &s.of;
    }
    table("steps", &rows)
}

/// The flops of f, of the two modes and of the form that is given.
fn counts(cost: &Cost) -> String {
    let flops = |head: &str, count: &Count| row(head, &math(&format!("{} \\text{{ flops}}", count.flops)));
    let mut rows = flops("cost of f", &cost.value);
    for d in &cost.derivatives {
        let modes = [("forward", d.forward.as_ref()), ("reverse", d.reverse.as_ref()), ("this form", Some(&d.chosen))];
        rows.extend(modes.iter().filter_map(|(mode, count)| Some(flops(mode, (*count)?))));
    }
    rows
}

fn row(head: &str, cell: &str) -> String {
    format!("<tr><th>{}</th><td>{cell}</td></tr>", escape(head))
}
