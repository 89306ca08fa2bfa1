//! `matgrad rules [NAME]`: what the rules say.
//!
//! In: a word, or nothing. Out: the list of rules, or pages with examples worked out.
//! Invariant: nothing is known here; pages come from [`matgrad::handbook`].

use std::fmt::Write;
use std::process::ExitCode;

use matgrad::answer::Setup;
use matgrad::diagnostic::{Diagnostic, excerpt};
use matgrad::handbook::{Page, Rule, Worked, page, search, table, topics, worked};
use matgrad::print::Style;
use serde::Serialize;

use super::layout::{Row, layout};
use super::{json, output, summary, usage, with_newline};

/// A page with its examples, as one JSON object.
#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    page: Page,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    examples: Vec<Worked>,
}

/// A line of the list, as a JSON object.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    sort: &'static str,
    topic: &'a str,
    about: &'a str,
}

impl<'a> From<&Rule<'a>> for Listed<'a> {
    fn from(rule: &Rule<'a>) -> Listed<'a> {
        Listed { name: rule.name(), sort: rule.sort(), topic: rule.topic(), about: rule.about() }
    }
}

/// Shows what was asked for.
pub fn run(
    name: Option<&str>,
    emit: Option<&str>,
    ascii: bool,
    setup: &Setup,
) -> Result<ExitCode, Diagnostic> {
    Ok(output::result(with_newline(text(name, emit, ascii, setup)?).as_bytes()))
}

/// What was asked for.
pub fn text(
    name: Option<&str>,
    emit: Option<&str>,
    ascii: bool,
    setup: &Setup,
) -> Result<String, Diagnostic> {
    let as_json = emit == Some("json");
    let style = if ascii { Style::Ascii } else { Style::Unicode };
    match (name, emit) {
        (None, Some("markdown")) => Ok(table(&setup.catalog)),
        (None, None | Some("json")) => list(setup, as_json),
        (Some(word), None | Some("json")) => find(word, setup, style, as_json),
        _ => Err(usage("`rules` emits json, or without a name markdown")),
    }
}

/// The list of all rules.
fn list(setup: &Setup, as_json: bool) -> Result<String, Diagnostic> {
    let topics = topics(&setup.catalog);
    if as_json {
        return lines(topics.iter().flat_map(|t| &t.rules).map(|rule| json(&Listed::from(rule))));
    }
    let mut text = String::new();
    for topic in &topics {
        let _ = writeln!(text, "{}", topic.name);
        text.push_str(&index(&topic.rules));
        text.push('\n');
    }
    let identities = setup.catalog.identities().count();
    let _ = writeln!(text, "and {identities} identities. `matgrad rules NAME` shows a rule, and searches.");
    Ok(text)
}

/// The pages of a name; else of the one rule, or the list of the rules, that mention it.
fn find(word: &str, setup: &Setup, style: Style, as_json: bool) -> Result<String, Diagnostic> {
    let (exact, more) = search(&setup.catalog, word);
    if exact.is_empty() && more.is_empty() {
        let message = format!("no rule mentions `{}`", excerpt(word));
        return Err(Diagnostic::request("E0712", message).help("`matgrad rules` lists all"));
    }
    if as_json {
        let pages = exact.iter().map(|rule| entry(rule, setup).and_then(|e| json(&e)));
        let listed = more.iter().filter(|_| exact.is_empty()).map(|rule| json(&Listed::from(rule)));
        return lines(pages.chain(listed));
    }
    let mut text = String::new();
    for rule in &exact {
        text.push_str(&shown(&entry(rule, setup)?, style));
        text.push('\n');
    }
    if !more.is_empty() {
        text.push_str(if exact.is_empty() { "" } else { "see also\n" });
        text.push_str(&index(&more));
    }
    Ok(text)
}

fn lines(items: impl Iterator<Item = Result<String, Diagnostic>>) -> Result<String, Diagnostic> {
    Ok(items.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

fn index(rules: &[Rule]) -> String {
    let row = |rule: &Rule| Row { head: rule.name().into(), body: about(rule), ..Row::default() };
    layout(&rules.iter().map(row).collect::<Vec<_>>())
}

fn about(rule: &Rule) -> String {
    match rule {
        Rule::Function(..) => rule.about().to_owned(),
        Rule::Operator(_) => format!("operator, {}", rule.about()),
        Rule::Condition(..) => format!("condition, {}", rule.about()),
        Rule::Identity(i, of) => format!("identity of {of}: {}", i.statement()),
    }
}

fn entry(rule: &Rule, setup: &Setup) -> Result<Entry, Diagnostic> {
    let examples = match rule {
        Rule::Function(_, e) => worked(e, setup)?,
        _ => vec![],
    };
    Ok(Entry { page: page(&setup.catalog, rule), examples })
}

/// A page as text.
fn shown(entry: &Entry, style: Style) -> String {
    let page = &entry.page;
    let mut rows = vec![];
    let mut said = |head: &str, bodies: Vec<String>| {
        for (i, body) in bodies.into_iter().enumerate() {
            rows.push(Row { head: if i == 0 { head } else { "" }.into(), body, ..Row::default() });
        }
    };
    let all = |formulas: &[matgrad::handbook::Formula]| -> Vec<String> {
        formulas.iter().map(|f| f.get(style).to_owned()).collect()
    };
    said("about", if page.about.is_empty() { vec![] } else { vec![page.about.clone()] });
    said("rule", all(&page.states));
    said("where", all(&page.conditions));
    said("value", page.value.iter().map(|v| v.get(style).to_owned()).collect());
    said("gives", page.gives.clone());
    said("flops", page.flops.iter().map(|v| v.get(style).to_owned()).collect());
    said("also", page.aliases.clone());
    said("source", page.sources.iter().map(source).collect());
    let head = format!("{} {}  ({})\n", page.sort, page.title(), page.topic);
    let mut text = head + &layout(&rows);
    if !page.identities.is_empty() {
        text.push_str("\n  identities\n");
        text.push_str(&identities(page, style));
    }
    for example in &entry.examples {
        let _ = write!(text, "\n  $ {}\n{}", example.call, summary::text(&example.answer, style));
    }
    text
}

fn source(line: &matgrad::handbook::SourceLine) -> String {
    let url = line.url.as_ref().map(|u| format!("  {u}")).unwrap_or_default();
    format!("{}{url}", line.text)
}

fn identities(page: &Page, style: Style) -> String {
    let row = |law: &matgrad::handbook::Law| {
        let conditions: Vec<&str> = law.conditions.iter().map(|c| c.get(style)).collect();
        let mut body = law.formula.get(style).to_owned();
        if !conditions.is_empty() {
            body.push_str(&format!("   where {}", conditions.join(", ")));
        }
        let keys: Vec<&str> = law.sources.iter().map(|s| s.cite.as_str()).collect();
        if !keys.is_empty() {
            body.push_str(&format!("   [{}]", keys.join(", ")));
        }
        Row { head: format!("  {}", law.name), body, ..Row::default() }
    };
    layout(&page.identities.iter().map(row).collect::<Vec<_>>())
}
