//! The identities of an entry, read when they are first asked for.
//!
//! In: `logdet-of-inverse  logdet(inv(X)) = -logdet(X)`. Out: an [`Identity`].
//! Invariant: the built-in ones can be read, which a test asserts; a user's are read when the file is.
//! Example: `for identity in entry.identities.iter()`.

use std::ops::Deref;
use std::sync::OnceLock;

use super::Catalog;
use super::dims;
use super::entry::*;
use super::field::{calls, citations, offset_in};
use super::outline::parameters;
use super::tree::{Node, Rule, Tree};
use crate::diagnostic::{Diagnostic, Source};
use crate::shape::BUILTINS;
use crate::syntax::AstKind;

/// An identity as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct RawIdentity {
    pub tree: Tree,
    pub source: Source,
    pub offset: usize,
    pub line: usize,
}

/// The identities of an entry; a slice that is read when it is first looked at.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    raw: Vec<RawIdentity>,
    parameters: Vec<Parameter>,
    citations: Vec<Citation>,
    read: OnceLock<Vec<Identity>>,
}

impl Deref for Identities {
    type Target = [Identity];

    fn deref(&self) -> &[Identity] {
        self.read.get_or_init(|| self.raw.iter().filter_map(|raw| self.one(raw)).collect())
    }
}

impl<'a> IntoIterator for &'a Identities {
    type Item = &'a Identity;
    type IntoIter = std::slice::Iter<'a, Identity>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Identities {
    pub(super) fn extend(&mut self, raw: impl IntoIterator<Item = RawIdentity>) {
        self.raw.extend(raw);
    }

    /// What the identities have from their entry.
    pub(super) fn finish(&mut self, parameters: &[Parameter], citations: &[Citation]) {
        self.parameters = parameters.to_vec();
        self.citations = citations.to_vec();
    }

    /// The texts of the identities, unread: name, sides, premises.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.raw.iter().map(|raw| raw.tree.text.as_ref())
    }

    fn one(&self, raw: &RawIdentity) -> Option<Identity> {
        let origin = format!("{}:{}", raw.source.origin, raw.line);
        let template = |text: &str| {
            Template::new(Source::new(origin.clone(), text.trim()))
                .within(&raw.source, raw.offset + offset_in(&raw.tree.text, text))
        };
        let mut parts = Node::root(&raw.tree).into_inner();
        let name = parts.next()?.as_str().to_owned();
        let left = template(parts.next()?.as_str());
        let direction = match parts.next()?.as_rule() {
            Rule::both => Direction::Both,
            _ => Direction::Simplify,
        };
        let right = template(parts.next()?.as_str());
        let mut variables = self.parameters.clone();
        let (mut conditions, mut sources) = (vec![], self.citations.clone());
        for part in parts {
            match part.as_rule() {
                Rule::parameters => {
                    for p in parameters(part) {
                        variables.retain(|v| v.name != p.name);
                        variables.push(p);
                    }
                }
                Rule::calls => conditions = calls(part, &template),
                Rule::citations => sources = citations(part),
                _ => {}
            }
        }
        let mut sizes = vec![];
        for p in self.parameters.iter().chain(&variables) {
            for dim in [&p.ty.rows, &p.ty.cols] {
                sizes.extend(dims::names(dim).filter(|n| !sizes.contains(n)).collect::<Vec<_>>());
            }
        }
        // Variables of the entry that the identity does not speak of are none of its own.
        variables.retain(|v| mentions(left.text(), &v.name));
        Some(Identity { name, left, right, direction, conditions, variables, sizes, citations: sources })
    }
}

impl Identity {
    /// The equation as it was typed.
    pub fn statement(&self) -> String {
        let sign = if self.direction == Direction::Both { "<=>" } else { "=" };
        format!("{} {sign} {}", self.left.text(), self.right.text())
    }

    /// The sizes of constants such as `I(n)`, which are variables of the pattern too.
    pub fn sizes(&self, catalog: &Catalog) -> Result<Vec<String>, Diagnostic> {
        let left = self.left.ast(catalog)?;
        let calls = left.nodes.iter().filter_map(|n| match &n.kind {
            AstKind::Call { function, args, .. } if BUILTINS.contains(&function.as_str()) => Some(args),
            _ => None,
        });
        let parts = calls.flatten().flat_map(|a| match &left.node(*a).kind {
            AstKind::Product(parts) => parts.clone(),
            _ => vec![*a],
        });
        let names = parts.filter_map(|p| match &left.node(p).kind {
            AstKind::Name(name) if name.starts_with(|c: char| c.is_lowercase()) => Some(name.clone()),
            _ => None,
        });
        Ok(names.collect())
    }
}

/// Whether `name` occurs in `text` as a word.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(i, _)| {
        !text.get(..i).is_some_and(|t| t.ends_with(part))
            && !text.get(i + name.len()..).is_some_and(|t| t.starts_with(part))
    })
}
