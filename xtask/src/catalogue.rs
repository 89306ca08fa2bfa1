//! The catalogue: a page a topic, with every function, operator and condition.
//!
//! In: the rules. Out: pages. Invariant: all of it is [`matgrad::handbook`]; nothing is known here.

use matgrad::answer::{Request, Setup};
use matgrad::handbook::{Formula, Page as Entry, Rule, SourceLine, page, topics, worked};

use super::question::shown;
use super::text::{details, escape, math, table};
use super::{Outcome, Page};

/// A page for each file of rules.
pub fn pages() -> Outcome<Vec<Page>> {
    let setup = Setup::default();
    let mut pages = vec![];
    for topic in topics(&setup.catalog) {
        let mut text = format!("# {}\n\n", topic.name);
        for rule in &topic.rules {
            text.push_str(&section(&page(&setup.catalog, rule)));
            if let Rule::Function(_, entry) = rule {
                for example in worked(entry, &setup).map_err(|e| format!("{}: {e}", entry.name))? {
                    text.push_str(&shown(&example.call, &Request::new(""), &example.answer));
                }
            }
        }
        pages.push(Page {
            file: format!("rules-{}.md", topic.name.replace('/', "-")),
            title: topic.name.to_owned(),
            text,
        });
    }
    Ok(pages)
}

fn section(p: &Entry) -> String {
    let formulas =
        |all: &[Formula]| all.iter().map(|f| format!("<li>{}</li>", math(&f.latex))).collect::<String>();
    let list = |title: &str, items: String| match items.is_empty() {
        true => String::new(),
        false => format!("<p>{title}</p><ul class=\"wide\">{items}</ul>"),
    };
    let laws: String = p
        .identities
        .iter()
        .map(|l| {
            let conditions: Vec<String> = l.conditions.iter().map(|c| math(&c.latex)).collect();
            let conditions = if conditions.is_empty() {
                String::new()
            } else {
                format!(" where {}", conditions.join(", "))
            };
            format!("<tr><th>{}</th><td>{}{conditions}</td></tr>", escape(&l.name), math(&l.formula.latex))
        })
        .collect();
    let laws = match laws.is_empty() {
        true => String::new(),
        false => details(&format!("{} identities", p.identities.len()), &table("", &laws)),
    };
    let sources: String = p.sources.iter().map(source).collect();
    format!(
        "## {}\n\n<p>{}</p><pre><code>{}</code></pre>{}{}{}{laws}{}\n\n",
        escape(&p.name),
        escape(&p.about),
        escape(&p.signature),
        list("States", formulas(&p.states)),
        list("Where", formulas(&p.conditions)),
        list("Flops", p.flops.iter().map(|f| format!("<li>{}</li>", math(&f.latex))).collect()),
        list("From", sources),
    )
}

fn source(s: &SourceLine) -> String {
    match &s.url {
        Some(url) => format!("<li><a href=\"{}\">{}</a></li>", escape(url), escape(&s.text)),
        None => format!("<li>{}</li>", escape(&s.text)),
    }
}
