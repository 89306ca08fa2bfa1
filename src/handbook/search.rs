//! Finding rules.
//!
//! In: a catalogue and a word. Out: the rules it may mean, the exact ones apart.
//! Invariant: results stand in the order of the files. Example: `logdet` is one function; `det` as a part of a
//! name, of what a rule is about or of a notation finds a dozen rules.

use crate::catalog::{Catalog, Entry, Identity, Operator, Predicate};
use crate::expr::{FnId, PredicateId};

/// What can be looked up.
#[derive(Clone, Copy, Debug)]
pub enum Rule<'a> {
    /// A function.
    Function(FnId, &'a Entry),
    /// An operator.
    Operator(&'a Operator),
    /// A condition.
    Condition(PredicateId, &'a Predicate),
    /// An identity, and the function or operator it belongs to.
    Identity(&'a Identity, &'a str),
}

/// The rules of one file.
#[derive(Clone, Debug)]
pub struct Topic<'a> {
    /// The path of the file below `rules/`, without its ending.
    pub name: &'a str,
    /// Its rules, without the identities.
    pub rules: Vec<Rule<'a>>,
}

impl<'a> Rule<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        match self {
            Rule::Function(_, e) => &e.name,
            Rule::Operator(o) => &o.name,
            Rule::Condition(_, p) => &p.name,
            Rule::Identity(i, _) => &i.name,
        }
    }

    /// The word for what it is.
    pub fn sort(&self) -> &'static str {
        match self {
            Rule::Function(..) => "function",
            Rule::Operator(_) => "operator",
            Rule::Condition(..) => "condition",
            Rule::Identity(..) => "identity",
        }
    }

    /// What it is, in a few words.
    pub fn about(&self) -> &'a str {
        match self {
            Rule::Function(_, e) => &e.about,
            Rule::Operator(o) => &o.about,
            Rule::Condition(_, p) => &p.text,
            Rule::Identity(..) => "",
        }
    }

    /// The file it stands in; for an identity, what it belongs to.
    pub fn topic(&self) -> &'a str {
        match self {
            Rule::Function(_, e) => &e.topic,
            Rule::Operator(o) => &o.topic,
            Rule::Condition(..) => "core/conditions",
            Rule::Identity(_, of) => of,
        }
    }

    fn other_names(&self) -> Vec<&'a str> {
        match self {
            Rule::Function(_, e) => e.aliases.iter().map(|(name, _)| name.as_str()).collect(),
            _ => vec![],
        }
    }

    /// Whether the word is a part of anything it is known by.
    fn mentions(&self, word: &str) -> bool {
        let found = |text: &str| text.to_lowercase().contains(word);
        let known = found(self.name()) || found(self.about()) || self.other_names().into_iter().any(found);
        known
            || match self {
                Rule::Function(_, e) => e.notation.iter().any(|(_, text)| found(text)),
                _ => false,
            }
    }
}

/// All rules, functions with their identities first.
fn all(catalog: &Catalog) -> Vec<Rule<'_>> {
    let mut rules = vec![];
    for (f, e) in catalog.functions() {
        rules.push(Rule::Function(f, e));
        rules.extend(e.identities.iter().map(|i| Rule::Identity(i, &e.name)));
    }
    for o in catalog.operators() {
        rules.push(Rule::Operator(o));
        rules.extend(o.identities.iter().map(|i| Rule::Identity(i, &o.name)));
    }
    rules.extend(catalog.predicates().map(|(id, p)| Rule::Condition(id, p)));
    rules
}

/// The rules of this name, or failing that of this alias, or the only one that starts so or mentions it; and all others that mention the word.
pub fn search<'a>(catalog: &'a Catalog, word: &str) -> (Vec<Rule<'a>>, Vec<Rule<'a>>) {
    let word = word.trim();
    let (mut exact, mut rest): (Vec<Rule>, Vec<Rule>) =
        all(catalog).into_iter().partition(|r| r.name() == word);
    if exact.is_empty() {
        (exact, rest) = rest.into_iter().partition(|r| r.other_names().contains(&word));
    }
    if let (true, [only]) = (exact.is_empty(), &begun(&rest, word)[..]) {
        let name = only.name();
        (exact, rest) = rest.into_iter().partition(|r| r.name() == name);
    }
    let lower = word.to_lowercase();
    let of_topic = |r: &Rule| !matches!(r, Rule::Identity(..)) && in_topic(r.topic(), word);
    rest.retain(|r| r.mentions(&lower) || of_topic(r));
    if let (true, [only]) = (exact.is_empty(), &rest[..]) {
        return (vec![*only], vec![]);
    }
    // What is named like the word comes before what only mentions it, and identities last.
    rest.sort_by_key(|r| (matches!(r, Rule::Identity(..)), !r.name().starts_with(word)));
    // A page shows its own identities.
    let shown: Vec<&str> = exact.iter().map(Rule::name).collect();
    rest.retain(|r| !matches!(r, Rule::Identity(_, of) if shown.contains(of)));
    (exact, rest)
}

/// The rules that are no identities and whose name starts like this.
fn begun<'a>(rules: &[Rule<'a>], word: &str) -> Vec<Rule<'a>> {
    let named = |r: &&Rule| !matches!(r, Rule::Identity(..)) && r.name().starts_with(word);
    rules.iter().filter(named).copied().collect()
}

/// Whether a topic is, or is below, the one asked for: `matrix/det` is neither `matrix/determinant` nor above it.
fn in_topic(topic: &str, asked: &str) -> bool {
    topic == asked || topic.strip_prefix(asked).is_some_and(|rest| rest.starts_with('/'))
}

/// All functions, operators and conditions by topic, in the order of the files.
pub fn topics(catalog: &Catalog) -> Vec<Topic<'_>> {
    let mut topics: Vec<Topic> = vec![];
    for rule in all(catalog).into_iter().filter(|r| !matches!(r, Rule::Identity(..))) {
        match topics.iter_mut().find(|t| t.name == rule.topic()) {
            Some(topic) => topic.rules.push(rule),
            None => topics.push(Topic { name: rule.topic(), rules: vec![rule] }),
        }
    }
    topics
}
