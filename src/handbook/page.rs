//! One rule on a page.
//!
//! In: a rule. Out: [`Page`]: what it says, where it holds, where it comes from.
//! Invariant: formulas are the rule's own templates, read over variables of symbolic size; what cannot be read
//! is shown as it was typed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::formula::{Formula, Reader};
use super::search::Rule;
use crate::catalog::{
    Catalog, Citation, Direction, Entry, Gives, Identity, Numeric, Operator, Parameter, Predicate, Template,
    Type, reference,
};
use crate::expr::{FnId, PredicateId, Properties};
use crate::laws::Setting;
use crate::print::{Style, condition};

/// An identity on the page of its function.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Law {
    /// Its name.
    pub name: String,
    /// What it says.
    pub formula: Formula,
    /// Where it holds.
    pub conditions: Vec<Formula>,
    /// Its sources, where they are not those of the entry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceLine>,
}

/// Where a rule is published, spelled out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SourceLine {
    /// The key and the place, as the rule cites it: `matrix-cookbook 57`.
    pub cite: String,
    /// Author, title, place, publication.
    pub text: String,
    /// An address, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// All there is to say of a rule.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Page {
    /// The name.
    pub name: String,
    /// `function`, `operator`, `condition` or `identity`.
    pub sort: &'static str,
    /// The file, or for an identity what it belongs to.
    pub topic: String,
    /// The name with its parameters and their types.
    pub signature: String,
    /// What it is, in a few words.
    pub about: String,
    /// What it states: the differential, the equation, what a condition asks.
    pub states: Vec<Formula>,
    /// Where that holds.
    pub conditions: Vec<Formula>,
    /// Properties of the value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gives: Vec<String>,
    /// The value in other functions; absent where it is a primitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Formula>,
    /// Its cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flops: Option<Formula>,
    /// Other ways to call it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// How it is written, by target.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub notation: BTreeMap<String, String>,
    /// The identities that belong to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Law>,
    /// Where it is published.
    pub sources: Vec<SourceLine>,
}

impl Page {
    /// The signature; for an identity its name.
    pub fn title(&self) -> &str {
        if self.signature.is_empty() { &self.name } else { &self.signature }
    }
}

/// The page of a rule.
pub fn page(catalog: &Arc<Catalog>, rule: &Rule) -> Page {
    let page = match rule {
        Rule::Function(f, e) => of_entry(catalog, *f, e),
        Rule::Operator(o) => of_operator(catalog, o),
        Rule::Identity(i, _) => {
            let Law { formula, conditions, .. } = law(catalog, i, &[]);
            Page { states: vec![formula], conditions, sources: sources(&i.citations), ..Page::default() }
        }
        Rule::Condition(id, p) => of_condition(catalog, *id, p),
    };
    Page { name: rule.name().to_owned(), sort: rule.sort(), topic: rule.topic().to_owned(), ..page }
}

fn of_entry(catalog: &Arc<Catalog>, f: FnId, e: &Entry) -> Page {
    let mut reader = Reader::new(Setting::of_entry(catalog, e).ok());
    let call = reader.call(f, e);
    let d = e.differential.as_ref().map(|t| call.differential().equals(&reader.show(t)));
    let adjoint = |(i, t): &(usize, Template)| {
        let x = Formula::plain(e.parameters.get(*i).map_or("", |p| &p.name));
        Formula::plain("G").inner(&call).equals(&reader.show(t).inner(&x))
    };
    let states = d.into_iter().chain(e.adjoints.iter().map(adjoint).collect::<Vec<_>>()).collect();
    Page {
        signature: signature(&e.name, &e.parameters, Some(&e.result)),
        about: e.about.clone(),
        states,
        conditions: e.domain.iter().chain(&e.smooth).map(|c| reader.condition(c)).collect(),
        gives: e.gives.iter().map(|g| given(e, g)).collect(),
        value: match &e.numeric {
            Some(Numeric::Expression(t)) => Some(reader.show(t)),
            _ => None,
        },
        flops: e.flops.as_ref().map(|t| reader.show(t)),
        aliases: e.aliases.iter().map(|(name, literals)| alias(e, name, literals)).collect(),
        notation: e.notation.iter().cloned().collect(),
        identities: e.identities.iter().map(|i| law(catalog, i, &e.citations)).collect(),
        sources: sources(&e.citations),
        ..Page::default()
    }
}

fn of_operator(catalog: &Arc<Catalog>, o: &Operator) -> Page {
    let mut reader = Reader::new(Some(Setting::of_operator(catalog, o)));
    let d = o.differential.as_ref().map(|t| Formula::plain("f").differential().equals(&reader.show(t)));
    Page {
        signature: signature(&o.name, &o.parameters, Some(&o.result)),
        about: o.about.clone(),
        states: d.into_iter().collect(),
        identities: o.identities.iter().map(|i| law(catalog, i, &o.citations)).collect(),
        sources: sources(&o.citations),
        ..Page::default()
    }
}

fn of_condition(catalog: &Arc<Catalog>, id: PredicateId, p: &Predicate) -> Page {
    let setting = Setting::of_predicate(catalog, p);
    let about = condition(&setting.graph, &setting.said(id), Style::Unicode);
    let mut reader = Reader::new(Some(setting));
    let nonzero = p.nonzero.as_ref().map(|t| reader.show(t).then(" ≠ 0", " != 0", " \\neq 0"));
    let positive = p.positive.as_ref().map(|t| reader.show(t).then(" > 0", " > 0", " > 0"));
    let implied = p.implied_by.iter().flat_map(|q| q.words());
    Page {
        about,
        signature: signature(&p.name, &p.parameters, None),
        states: nonzero.into_iter().chain(positive).collect(),
        gives: implied.map(|word| format!("certain of what is {word}")).collect(),
        ..Page::default()
    }
}

/// An identity; its sources only where they are not those of its entry.
fn law(catalog: &Arc<Catalog>, i: &Identity, of_entry: &[Citation]) -> Law {
    let mut reader = Reader::new(Setting::of_identity(catalog, i).ok());
    let (left, right) = (reader.show(&i.left), reader.show(&i.right));
    let formula = match i.direction {
        Direction::Simplify => left.equals(&right),
        Direction::Both => left.then(" ⟷ ", " <=> ", " \\;\\Leftrightarrow\\; ").join(&right),
    };
    let conditions = i.conditions.iter().map(|c| reader.condition(c)).collect();
    let own = i.citations != of_entry;
    Law {
        name: i.name.clone(),
        formula,
        conditions,
        sources: if own { sources(&i.citations) } else { vec![] },
    }
}

/// The name with its parameters: `sigma(A: matrix(m,n), k: scalar) -> scalar`.
fn signature(name: &str, parameters: &[Parameter], result: Option<&Type>) -> String {
    let typed: Vec<String> = parameters.iter().map(|p| format!("{}: {}", p.name, p.ty)).collect();
    let result = result.map(|r| format!(" -> {r}")).unwrap_or_default();
    format!("{name}({}){result}", typed.join(", "))
}

/// `symmetric if X symmetric`.
fn given(e: &Entry, g: &Gives) -> String {
    let premise = |(i, p): &(usize, Properties)| {
        let name = e.parameters.get(*i).map_or("", |p| p.name.as_str());
        p.words().map(|w| format!("{name} {w}")).collect::<Vec<_>>().join(" and ")
    };
    let words = g.property.words().collect::<Vec<_>>().join(" ");
    let premises: Vec<String> = g.premises.iter().map(premise).collect();
    if premises.is_empty() { words } else { format!("{words} if {}", premises.join(" and ")) }
}

/// `norm(X, fro)`.
fn alias(e: &Entry, name: &str, literals: &[String]) -> String {
    let own = e.parameters.iter().map(|p| p.name.as_str());
    format!("{name}({})", own.chain(literals.iter().map(String::as_str)).collect::<Vec<_>>().join(", "))
}

/// Citations spelled out.
fn sources(citations: &[Citation]) -> Vec<SourceLine> {
    let line = |c: &Citation| {
        let cite = format!("{} {}", c.key, c.place).trim_end().to_owned();
        let Some(r) = reference(&c.key) else { return SourceLine { cite, text: String::new(), url: None } };
        let place = if c.place.is_empty() { String::new() } else { format!(", {}", c.place) };
        let text = format!("{}: {}{place}. {}", r.author, r.title, r.published);
        SourceLine { cite, text, url: r.url.clone() }
    };
    citations.iter().map(line).collect()
}
