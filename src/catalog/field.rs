//! The fields of an entry.
//!
//! In: an indented line: `domain   invertible(X)`. Out: that part of the entry.
//! Invariant: a field is read whole or is an error with its place.
//! Example: `linear X adjoint G * I(n)` adds the adjoint in the parameter X.

use super::entry::*;
use super::identity::RawIdentity;
use super::outline::Draft;
use super::tree::{Node, TARGETS};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::expr::Properties;

/// A line of an entry.
pub(super) struct Field<'i> {
    key: &'i str,
    rest: &'i str,
    /// What the rest was read as, where it has parts.
    parts: Option<Node<'i>>,
    /// Where the key and the rest start in the source.
    places: (usize, usize),
    line: usize,
    source: &'i Source,
}

impl<'i> Field<'i> {
    pub(super) fn new(node: Node<'i>, line: usize, source: &'i Source) -> Field<'i> {
        let mut parts = node.into_inner();
        let part = |p: Option<Node<'i>>| p.map_or(("", 0), |p| (p.as_str(), p.span().start));
        let (key, at) = part(parts.next());
        let value = parts.next();
        let (rest, after) = part(value);
        Field { key, rest, parts: value, places: (at, after), line, source }
    }

    fn error(&self, code: &'static str, start: usize, length: usize, message: String) -> Diagnostic {
        Diagnostic::request(code, message).at(self.source, Span::new(start, start + length), "here")
    }

    fn error_at(&self, code: &'static str, pair: &Node, message: String) -> Diagnostic {
        self.error(code, pair.span().start, pair.as_str().len(), message)
    }

    /// The template of a part of the rest of the line.
    fn template(&self, text: &str) -> Template {
        let offset = self.places.1 + offset_in(self.rest, text);
        Template::new(Source::new(format!("{}:{}", self.source.origin, self.line), text.trim()))
            .within(self.source, offset)
    }

    /// The parts of the field.
    fn parts(&self) -> impl Iterator<Item = Node<'i>> + use<'i> {
        self.parts.into_iter().flat_map(Node::into_inner)
    }

    /// The field as one expression.
    fn formula(&self) -> Result<Template, Diagnostic> {
        match self.rest.split('#').next().map(str::trim) {
            Some(text) if !text.is_empty() => Ok(self.template(text)),
            _ => Err(self.error("E0702", self.places.0, self.key.len(), format!("`{}` of what?", self.key))),
        }
    }

    /// The field as one string.
    fn string(&self) -> String {
        self.parts().next().map(unescaped).unwrap_or_default()
    }

    fn conditions(&self) -> Vec<ConditionTemplate> {
        self.parts().next().map(|p| calls(p, &|t| self.template(t))).unwrap_or_default()
    }

    fn property(&self, pair: &Node) -> Result<Properties, Diagnostic> {
        Properties::parse(pair.as_str())
            .ok_or_else(|| self.error_at("E0705", pair, format!("no property `{}`", pair.as_str())))
    }

    fn parameter(&self, entry: &Entry, pair: &Node) -> Result<usize, Diagnostic> {
        let found = entry.parameters.iter().position(|p| p.name == pair.as_str());
        found.ok_or_else(|| self.error_at("E0703", pair, format!("no parameter `{}`", pair.as_str())))
    }

    fn given(&self, entry: &Entry, pair: Node) -> Result<Gives, Diagnostic> {
        let mut parts = pair.into_inner();
        let property = parts.next().map_or(Ok(Properties::NONE), |p| self.property(&p))?;
        let mut premises = Vec::new();
        for premise in parts {
            let mut words = premise.into_inner();
            let (Some(property), Some(of)) = (words.next(), words.next()) else { continue };
            premises.push((self.parameter(entry, &of)?, self.property(&property)?));
        }
        Ok(Gives { property, premises })
    }

    fn unknown(&self) -> Diagnostic {
        let message = format!("no field and no target `{}`", self.key);
        self.error("E0702", self.places.0, self.key.len(), message).help(format!(
            "fields: about cite domain smooth continuous support range gives d linear numeric flops alias identity \
             example unsupported; of a condition: text entrywise nonzero positive implied; targets: {}",
            TARGETS.join(" ")
        ))
    }
}

/// Reads one field into an entry.
pub(super) fn read(draft: &mut Draft, field: &Field) -> Result<(), Diagnostic> {
    let Draft { entry, predicate } = draft;
    match field.key {
        "about" => entry.about = field.string(),
        "cite" => entry.citations.extend(field.parts().flat_map(citations)),
        "domain" => entry.domain.extend(field.conditions()),
        "smooth" => entry.smooth.extend(field.conditions()),
        "continuous" => entry.continuous = Some(field.conditions()),
        "support" => entry.support = Some(field.conditions()),
        "range" => entry.nonnegative = true,
        "gives" => {
            for given in field.parts() {
                let given = field.given(entry, given)?;
                entry.gives.push(given);
            }
        }
        "d" => entry.differential = Some(field.formula()?),
        "numeric" if entry.numeric.is_some() => {
            let message = "`numeric` is stated twice".to_owned();
            return Err(field.error("E0704", field.places.0, field.key.len(), message));
        }
        "numeric" => {
            let value = field.formula()?;
            entry.numeric = Some(match value.text().strip_prefix("primitive ") {
                Some(name) => Numeric::Primitive(name.trim().to_owned()),
                None => Numeric::Expression(value),
            });
        }
        "flops" => entry.flops = Some(field.formula()?),
        "identity" => entry.identities.extend(field.parts.map(|identity| RawIdentity {
            tree: identity.to_tree(),
            source: field.source.clone(),
            offset: field.places.1,
            line: field.line,
        })),
        target if TARGETS.contains(&target) => entry.notation.push((target.to_owned(), field.string())),
        "linear" | "unsupported" | "alias" | "example" => return read_parts(entry, field),
        _ => return read_condition(predicate, field),
    }
    Ok(())
}

/// Fields of several parts.
fn read_parts(entry: &mut Entry, field: &Field) -> Result<(), Diagnostic> {
    match field.key {
        "linear" => {
            let mut parts = field.parts();
            if let (Some(name), Some(adjoint)) = (parts.next(), parts.next()) {
                entry.adjoints.push((field.parameter(entry, &name)?, field.template(adjoint.as_str())));
            }
        }
        "unsupported" => {
            let mut parts = field.parts();
            if let (Some(target), Some(why)) = (parts.next(), parts.next()) {
                if !TARGETS.contains(&target.as_str()) {
                    return Err(field.error_at("E0702", &target, format!("no target `{}`", target.as_str())));
                }
                entry.unsupported.push((target.as_str().to_owned(), unescaped(why)));
            }
        }
        "alias" => {
            let mut parts = field.parts();
            let name = parts.next().map_or("", |p| p.as_str()).to_owned();
            let parameter = |p: &Node| entry.parameters.iter().any(|q| q.name == p.as_str());
            let literals = parts.filter(|p| !parameter(p)).map(|p| p.as_str().to_owned()).collect();
            entry.aliases.push((name, literals));
        }
        _ => {
            let mut parts = field.parts();
            if let (Some(left), Some(wrt), Some(right)) = (parts.next(), parts.next(), parts.next()) {
                entry.examples.push(Example {
                    expression: field.template(left.as_str()),
                    wrt: wrt.as_str().to_owned(),
                    answer: field.template(right.as_str()),
                });
            }
        }
    }
    Ok(())
}

/// Fields of a condition.
fn read_condition(predicate: &mut Predicate, field: &Field) -> Result<(), Diagnostic> {
    match field.key {
        "text" => predicate.text = field.string(),
        "entrywise" => predicate.entrywise = Some(field.string()),
        "nonzero" => predicate.nonzero = Some(field.formula()?),
        "positive" => predicate.positive = Some(field.formula()?),
        "implied" => {
            for word in field.parts() {
                predicate.implied_by.push(field.property(&word)?);
            }
        }
        _ => return Err(field.unknown()),
    }
    Ok(())
}

/// Conditions: `invertible(X), nonzero(y)`.
pub(super) fn calls(pair: Node, template: &dyn Fn(&str) -> Template) -> Vec<ConditionTemplate> {
    let call = |call: Node| {
        let mut parts = call.into_inner();
        let predicate = parts.next().map_or("", |p| p.as_str()).to_owned();
        ConditionTemplate { predicate, args: parts.map(|p| template(p.as_str())).collect() }
    };
    pair.into_inner().map(call).collect()
}

/// Citations: `matrix-cookbook 57, minka`.
pub(super) fn citations(pair: Node) -> Vec<Citation> {
    let word = |p: Option<Node>| p.map_or(String::new(), |p| p.as_str().trim().to_owned());
    let citation = |pair: Node| {
        let mut parts = pair.into_inner();
        Citation { key: word(parts.next()), place: word(parts.next()) }
    };
    pair.into_inner().map(citation).collect()
}

/// Where the first word of a part of a text starts in it.
pub(super) fn offset_in(whole: &str, part: &str) -> usize {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start + part.len() - part.trim_start().len()
}

fn unescaped(pair: Node) -> String {
    let text = pair.into_inner().next().map_or("", |p| p.as_str());
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}
