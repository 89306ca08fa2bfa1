//! From the text of a rules file to entries.
//!
//! In: a [`Source`]. Out: [`Outline`]: functions, operators and predicates, their expressions still text.
//! Invariant: every field of the file ends up in an entry or in an error with its place.
//! Example: `function tr(X: matrix(n,n)) -> scalar` and its fields become one [`Entry`].

use super::entry::*;
use super::field::{self, Field};
use super::tree::{Node, Rule, Tree};
use crate::diagnostic::{Diagnostic, Source, Span, code_point, is_invisible};
use crate::expr::Kind;
use crate::syntax::DimExpr;

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

/// The tree of a rules file; the places in it are those of the text without carriage returns.
pub(super) fn parse(source: &Source) -> Result<(Source, Tree), Diagnostic> {
    let source = Source::new(source.origin.clone(), &source.text.replace('\r', ""));
    let acts = |c: &char| is_invisible(*c) && !matches!(c, '\n' | '\t');
    if let Some((at, c)) = source.text.char_indices().find(|(_, c)| acts(c)) {
        // What a rules file says is shown; nothing in it may act on a terminal.
        return Err(Diagnostic::request(
            "E0701",
            format!("a rules file may not hold the character {}", code_point(c)),
        )
        .at(&source, Span::new(at, at + c.len_utf8()), "here")
        .help("delete it"));
    }
    match Tree::read(&source.text) {
        Ok(tree) => Ok((source, tree)),
        Err(error) => {
            let end = error.place.end.min(source.text.len());
            let span = Span::new(error.place.start.min(end), end);
            Err(Diagnostic::request("E0701", "this rules file cannot be read here")
                .at(&source, span, error.expected)
                .help("an entry is `function name(X: matrix(m,n)) -> scalar` and indented fields; see rules/README.md"))
        }
    }
}

/// Reads what the tree of a file says.
pub(super) fn read(source: &Source, tree: &Tree, topic: &str) -> Result<Outline, Diagnostic> {
    let mut outline = Outline::default();
    let (mut line, mut counted) = (1, 0);
    for entry in Node::root(tree).into_inner() {
        let mut parts = entry.into_inner();
        let Some(head) = parts.next() else { continue };
        let (rule, place) = (head.as_rule(), head.span());
        let mut draft = header(head, topic);
        for node in parts {
            let start = node.span().start;
            line += source.text.get(counted..start).unwrap_or_default().matches('\n').count();
            counted = start;
            field::read(&mut draft, &Field::new(node, line, source))?;
        }
        let Draft { mut entry, predicate } = draft;
        entry.identities.finish(&entry.parameters, &entry.citations);
        match rule {
            Rule::function => outline.functions.push(entry),
            Rule::operator => outline.operators.push(Operator::from(entry)),
            _ if predicate.text.is_empty() => {
                let error = Diagnostic::request("E0706", "a condition needs its `text`");
                return Err(error.at(source, Span::new(place.start, place.end), "here"));
            }
            _ => outline.predicates.push(predicate),
        }
    }
    Ok(outline)
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
