//! From the text of a rules file to entries.
//!
//! In: a [`Source`]. Out: [`Outline`]: functions, operators and predicates, their expressions still text.
//! Invariant: every field of the file ends up in an entry or in an error with its place.
//! Example: `function tr(X: matrix(n,n)) -> scalar` and its fields become one [`Entry`].

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use super::entry::*;
use super::field::{self, Field};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::expr::Kind;
use crate::syntax::DimExpr;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/rules.pest"]
pub(super) struct Grammar;

pub(super) type Node<'i> = Pair<'i, Rule>;

/// What one file holds.
#[derive(Default)]
pub(super) struct Outline {
    pub functions: Vec<Entry>,
    pub operators: Vec<Operator>,
    pub predicates: Vec<Predicate>,
}

/// An entry of any sort, while its fields are read.
pub(super) struct Draft {
    pub entry: Entry,
    pub predicate: Predicate,
}

/// Reads a rules file.
pub(super) fn read(source: &Source, topic: &str) -> Result<Outline, Diagnostic> {
    // Places are those of the text without carriage returns.
    let source = &Source::new(source.origin.clone(), &source.text.replace('\r', ""));
    let text = format!("{}\n", source.text);
    let mut outline = Outline::default();
    for entry in parse(Rule::file, &text, source, 0)?.next().into_iter().flat_map(Node::into_inner) {
        let mut parts = entry.into_inner();
        let Some(head) = parts.next() else { continue };
        let (rule, span) = (head.as_rule(), Span::new(head.as_span().start(), head.as_span().end()));
        let mut draft = header(head, topic);
        for pair in parts {
            field::read(&mut draft, &Field::new(pair, source))?;
        }
        let Draft { mut entry, predicate } = draft;
        entry.identities.finish(&entry.parameters, &entry.citations);
        match rule {
            Rule::function => outline.functions.push(entry),
            Rule::operator => outline.operators.push(Operator::from(entry)),
            _ if predicate.text.is_empty() => {
                let error = Diagnostic::request("E0706", "a condition needs its `text`");
                return Err(error.at(source, span, "here"));
            }
            _ => outline.predicates.push(predicate),
        }
    }
    Ok(outline)
}

/// Parses a text that starts at `offset` of the source.
pub(super) fn parse<'i>(
    rule: Rule,
    text: &'i str,
    source: &Source,
    offset: usize,
) -> Result<Pairs<'i, Rule>, Diagnostic> {
    Grammar::parse(rule, text).map_err(|error| {
        let (start, end) = match error.location {
            pest::error::InputLocation::Pos(p) => (p, p + 1),
            pest::error::InputLocation::Span((a, b)) => (a, b),
        };
        let end = (offset + end).min(source.text.len());
        let expected = error.variant.message().into_owned();
        Diagnostic::request("E0701", "this rules file cannot be read here")
            .at(source, Span::new((offset + start).min(end), end), expected)
            .help("an entry is `function name(X: matrix(m,n)) -> scalar` and indented fields; see rules/README.md")
    })
}

fn header(head: Node, topic: &str) -> Draft {
    let mut parts = head.into_inner();
    let name = parts.next().map_or("", |p| p.as_str()).to_owned();
    let parameters = parts.next().map(parameters).unwrap_or_default();
    let result = parts.next().map_or_else(Type::default, kind);
    let predicate = Predicate { name: name.clone(), parameters: parameters.clone(), ..Predicate::default() };
    let entry = Entry { name, parameters, result, topic: topic.to_owned(), ..Entry::default() };
    Draft { entry, predicate }
}

/// The parameters of a signature.
pub(super) fn parameters(pair: Node) -> Vec<Parameter> {
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
