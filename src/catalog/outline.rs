//! From the text of a rules file to entries.
//!
//! In: a [`Source`]. Out: [`Outline`]: functions, operators and predicates, their expressions still text.
//! Invariant: every field of the file ends up in an entry or in an error with its place.
//! Example: `function tr(X: matrix(n,n)) -> scalar` and its fields become one [`Entry`].

use pest::Parser;
use pest::iterators::Pair;

use super::entry::*;
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::expr::{Kind, Properties};
use crate::syntax::DimExpr;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/rules.pest"]
struct Grammar;

type Node<'i> = Pair<'i, Rule>;

/// The targets for which an entry may state a notation.
pub const TARGETS: &[&str] = &[
    "unicode", "ascii", "latex", "numpy", "torch", "jax", "julia", "matlab", "eigen", "c", "rust", "sympy",
    "typst", "mathml",
];

/// What one file holds.
#[derive(Default)]
pub(super) struct Outline {
    pub functions: Vec<Entry>,
    pub operators: Vec<Operator>,
    pub predicates: Vec<Predicate>,
}

/// Reads a rules file.
pub(super) fn read(source: &Source, topic: &str) -> Result<Outline, Diagnostic> {
    let mut text = source.text.replace('\r', "");
    text.push('\n');
    let reader = Reader { source, topic };
    let mut pairs = Grammar::parse(Rule::file, &text).map_err(|e| reader.syntax(&e))?;
    let mut outline = Outline::default();
    for entry in pairs.next().into_iter().flat_map(Node::into_inner) {
        let mut parts = entry.into_inner();
        let Some(head) = parts.next() else { continue };
        let mut draft = reader.header(&head);
        for field in parts {
            reader.field(&mut draft, field)?;
        }
        reader.finish(&mut outline, &head, draft)?;
    }
    Ok(outline)
}

/// An entry of any sort, while its fields are read.
struct Draft {
    entry: Entry,
    predicate: Predicate,
    primitive_or_expression: bool,
}

struct Reader<'s> {
    source: &'s Source,
    topic: &'s str,
}

impl Reader<'_> {
    fn syntax(&self, error: &pest::error::Error<Rule>) -> Diagnostic {
        let (start, end) = match error.location {
            pest::error::InputLocation::Pos(p) => (p, p + 1),
            pest::error::InputLocation::Span((a, b)) => (a, b),
        };
        let end = end.min(self.source.text.len());
        let expected = error.variant.message().into_owned();
        Diagnostic::request("E0701", "this rules file cannot be read here")
            .at(self.source, Span::new(start.min(end), end), expected)
            .help("an entry is `function name(X: matrix(m,n)) -> scalar` and indented fields; see rules/README.md")
    }

    fn error(&self, code: &'static str, place: &Node, message: impl Into<String>) -> Diagnostic {
        let span = place.as_span();
        Diagnostic::request(code, message).at(self.source, Span::new(span.start(), span.end()), "here")
    }

    fn template(&self, pair: &Node) -> Template {
        let (line, _) = pair.line_col();
        Template::new(Source::new(format!("{}:{line}", self.source.origin), pair.as_str().trim()))
    }

    fn header(&self, head: &Node) -> Draft {
        let mut parts = head.clone().into_inner();
        let name = parts.next().map_or("", |p| p.as_str()).to_owned();
        let parameters = parts.next().map(parameters).unwrap_or_default();
        let result = parts.next().map_or_else(Type::default, kind);
        let predicate =
            Predicate { name: name.clone(), parameters: parameters.clone(), ..Predicate::default() };
        let topic = self.topic.to_owned();
        let entry = Entry { name, parameters, result, topic, ..Entry::default() };
        Draft { entry, predicate, primitive_or_expression: false }
    }

    fn field(&self, draft: &mut Draft, pair: Node) -> Result<(), Diagnostic> {
        let (rule, whole) = (pair.as_rule(), pair.clone());
        let mut parts = pair.into_inner();
        let Some(first) = parts.next() else {
            let word = whole.as_str().split_whitespace().next().unwrap_or("");
            let help = "fields: about cite domain smooth gives d linear numeric flops alias identity example, \
                        unsupported, a target's notation; of a condition: text entrywise nonzero positive implied";
            return Err(self
                .error("E0702", &whole, format!("no field `{word}`, or not written like this"))
                .help(help));
        };
        let entry = &mut draft.entry;
        match rule {
            Rule::about => entry.about = string(first),
            Rule::cite => entry.citations.extend(citations(first)),
            Rule::domain => entry.domain.extend(self.calls(first)),
            Rule::smooth => entry.smooth.extend(self.calls(first)),
            Rule::gives => {
                for given in std::iter::once(first).chain(parts) {
                    let given = self.given(&entry.parameters, given)?;
                    entry.gives.push(given);
                }
            }
            Rule::differential => entry.differential = Some(self.template(&first)),
            Rule::linear => {
                let Some(i) = entry.parameters.iter().position(|p| p.name == first.as_str()) else {
                    return Err(self.error("E0703", &first, format!("no parameter `{}`", first.as_str())));
                };
                entry.adjoints.extend(parts.next().map(|e| (i, self.template(&e))));
            }
            Rule::primitive | Rule::numeric if draft.primitive_or_expression => {
                return Err(self.error("E0704", &whole, "`numeric` is stated twice"));
            }
            Rule::primitive => entry.numeric = Some(Numeric::Primitive(first.as_str().to_owned())),
            Rule::numeric => entry.numeric = Some(Numeric::Expression(self.template(&first))),
            Rule::unsupported => {
                let target = self.target(&first)?;
                entry.unsupported.extend(parts.next().map(|s| (target, string(s))));
            }
            Rule::notation => {
                let target = self.target(&first)?;
                entry.notation.extend(parts.next().map(|s| (target, string(s))));
            }
            Rule::flops => entry.flops = Some(self.template(&first)),
            Rule::alias => {
                let parameter = |p: &Node| entry.parameters.iter().any(|q| q.name == p.as_str());
                let literals = parts.filter(|p| !parameter(p)).map(|p| p.as_str().to_owned()).collect();
                entry.aliases.push((first.as_str().to_owned(), literals));
            }
            Rule::identity => {
                let identity = self.identity(entry, whole);
                entry.identities.extend(identity);
            }
            Rule::example => entry.examples.extend(self.example(whole)),
            Rule::text => draft.predicate.text = string(first),
            Rule::entrywise => draft.predicate.entrywise = Some(string(first)),
            Rule::nonzero => draft.predicate.nonzero = Some(self.template(&first)),
            Rule::positive => draft.predicate.positive = Some(self.template(&first)),
            Rule::implied => {
                for word in std::iter::once(first).chain(parts) {
                    draft.predicate.implied_by.push(self.property(&word)?);
                }
            }
            _ => return Err(Diagnostic::internal(format!("field {rule:?} is not read"))),
        }
        draft.primitive_or_expression |= matches!(rule, Rule::primitive | Rule::numeric);
        Ok(())
    }

    fn target(&self, place: &Node) -> Result<String, Diagnostic> {
        let word = place.as_str();
        if TARGETS.contains(&word) {
            return Ok(word.to_owned());
        }
        let help = format!("targets: {}", TARGETS.join(" "));
        Err(self.error("E0702", place, format!("no field and no target `{word}`")).help(help))
    }

    fn property(&self, place: &Node) -> Result<Properties, Diagnostic> {
        Properties::parse(place.as_str())
            .ok_or_else(|| self.error("E0705", place, format!("no property `{}`", place.as_str())))
    }

    fn given(&self, parameters: &[Parameter], pair: Node) -> Result<Gives, Diagnostic> {
        let mut parts = pair.clone().into_inner();
        let property = parts.next().map_or(Ok(Properties::NONE), |p| self.property(&p))?;
        let mut premises = Vec::new();
        for premise in parts {
            let mut words = premise.into_inner();
            let (Some(property), Some(of)) = (words.next(), words.next()) else { continue };
            let Some(i) = parameters.iter().position(|p| p.name == of.as_str()) else {
                return Err(self.error("E0703", &of, format!("no parameter `{}`", of.as_str())));
            };
            premises.push((i, self.property(&property)?));
        }
        Ok(Gives { property, premises })
    }

    fn calls(&self, pair: Node) -> Vec<ConditionTemplate> {
        let call = |call: Node| {
            let mut parts = call.into_inner();
            let predicate = parts.next().map_or("", |p| p.as_str()).to_owned();
            ConditionTemplate { predicate, args: parts.map(|p| self.template(&p)).collect() }
        };
        pair.into_inner().map(call).collect()
    }

    fn identity(&self, entry: &Entry, pair: Node) -> Option<Identity> {
        let mut parts = pair.into_inner();
        let name = parts.next()?.as_str().to_owned();
        let left = self.template(&parts.next()?);
        let direction = match parts.next()?.as_rule() {
            Rule::both => Direction::Both,
            _ => Direction::Simplify,
        };
        let right = self.template(&parts.next()?);
        let mut variables = entry.parameters.clone();
        let (mut conditions, mut sources) = (vec![], vec![]);
        for part in parts {
            match part.as_rule() {
                Rule::parameters => {
                    for p in self::parameters(part) {
                        variables.retain(|v| v.name != p.name);
                        variables.push(p);
                    }
                }
                Rule::calls => conditions = self.calls(part),
                _ => sources = citations(part),
            }
        }
        // Variables of the entry that the identity does not speak of are none of its own.
        variables.retain(|v| mentions(left.text(), &v.name));
        Some(Identity { name, left, right, direction, conditions, variables, citations: sources })
    }

    fn example(&self, pair: Node) -> Option<Example> {
        let mut parts = pair.into_inner();
        let expression = self.template(&parts.next()?);
        let wrt = parts.next()?.as_str().to_owned();
        Some(Example { expression, wrt, answer: self.template(&parts.next()?) })
    }

    fn finish(&self, outline: &mut Outline, head: &Node, draft: Draft) -> Result<(), Diagnostic> {
        let Draft { mut entry, predicate, .. } = draft;
        for identity in &mut entry.identities {
            if identity.citations.is_empty() {
                identity.citations.clone_from(&entry.citations);
            }
        }
        match head.as_rule() {
            Rule::function => outline.functions.push(entry),
            Rule::operator => outline.operators.push(Operator::from(entry)),
            _ if predicate.text.is_empty() => {
                return Err(self.error("E0706", head, "a condition needs its `text`"));
            }
            _ => outline.predicates.push(predicate),
        }
        Ok(())
    }
}

/// Whether `name` occurs in `text` as a word.
fn mentions(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(i, _)| {
        !text.get(..i).is_some_and(|t| t.ends_with(part))
            && !text.get(i + name.len()..).is_some_and(|t| t.starts_with(part))
    })
}

fn string(pair: Node) -> String {
    let text = pair.into_inner().next().map_or("", |p| p.as_str());
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

fn citations(pair: Node) -> Vec<Citation> {
    let word = |p: Option<Node>| p.map_or(String::new(), |p| p.as_str().trim().to_owned());
    let citation = |pair: Node| {
        let mut parts = pair.into_inner();
        Citation { key: word(parts.next()), place: word(parts.next()) }
    };
    pair.into_inner().map(citation).collect()
}

fn parameters(pair: Node) -> Vec<Parameter> {
    let parameter = |pair: Node| {
        let mut parts = pair.into_inner();
        let name = parts.next().map_or("", |p| p.as_str()).to_owned();
        Parameter { name, ty: parts.next().map_or_else(Type::default, kind) }
    };
    pair.into_inner().map(parameter).collect()
}

fn kind(pair: Node) -> Type {
    let mut parts = pair.into_inner();
    let word = parts.next().map_or("", |p| p.as_str());
    let (rows, cols) = (parts.next().map(dimension), parts.next().map(dimension));
    let one = DimExpr::Integer(1);
    match (word, rows, cols) {
        ("vector", Some(rows), _) => Type { kind: Kind::Vector, rows, cols: one },
        ("matrix", Some(rows), Some(cols)) => Type { kind: Kind::Matrix, rows, cols },
        _ => Type::default(),
    }
}

fn dimension(pair: Node) -> DimExpr {
    let atom = |p: Node| match p.as_str().parse() {
        Ok(n) => DimExpr::Integer(n),
        Err(_) => DimExpr::Name(p.as_str().to_owned()),
    };
    let term = |p: Node| only(p.into_inner().map(atom).collect(), DimExpr::Product);
    only(pair.into_inner().map(term).collect(), DimExpr::Sum)
}

fn only(mut parts: Vec<DimExpr>, many: fn(Vec<DimExpr>) -> DimExpr) -> DimExpr {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            parts.extend(last);
            many(parts)
        }
    }
}
