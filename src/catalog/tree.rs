//! The parse tree of a rules file, as flat data.
//!
//! In: a text. Out: [`Tree`], or the place where it cannot be read.
//! Invariant: the tree of a text depends on nothing but the grammar, so `build.rs`, of which this file is a part too,
//! makes those of the built-in rules: a process that starts does not parse them.
//!
//! `function tr(X: matrix(n,n)) -> scalar` is the nodes function, name, parameters, parameter …, each before its parts.

use std::borrow::Cow;
use std::ops::Range;

use pest::Parser;
use pest::error::InputLocation;
use pest::iterators::Pair;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/rules.pest"]
struct Grammar;

/// The targets for which an entry may state a notation.
pub const TARGETS: &[&str] = &[
    "unicode", "ascii", "latex", "numpy", "torch", "jax", "julia", "matlab", "eigen", "c", "rust", "sympy",
    "typst", "mathml",
];

/// A rule of the grammar with the part of the text it matched, and the place of the token behind its parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token(pub u8, pub u32, pub u32, pub u32);

/// A text with its tokens.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub text: Cow<'static, str>,
    pub tokens: Cow<'static, [Token]>,
}

/// Where a text cannot be read, and what was expected there.
pub(super) struct Unreadable {
    pub place: Range<usize>,
    pub expected: String,
}

/// A node of a tree.
#[derive(Clone, Copy)]
pub(super) struct Node<'i> {
    tree: &'i Tree,
    at: usize,
}

/// The parts of a field, by its key; those of others are read as an expression when they are first used.
fn parts(key: &str) -> Option<Rule> {
    Some(match key {
        "cite" => Rule::cite,
        "domain" | "smooth" | "support" => Rule::conditions,
        "continuous" => Rule::continuity,
        "range" => Rule::range,
        "gives" => Rule::gives,
        "linear" => Rule::linear,
        "unsupported" => Rule::unsupported,
        "alias" => Rule::alias,
        "example" => Rule::example,
        "identity" => Rule::identity,
        "implied" => Rule::implied,
        "about" | "text" | "entrywise" => Rule::quotation,
        key if TARGETS.contains(&key) => Rule::quotation,
        _ => return None,
    })
}

impl Tree {
    /// Reads a rules file; carriage returns are left out of the text.
    pub fn read(text: &str) -> Result<Tree, Unreadable> {
        let text = format!("{}\n", text.replace('\r', ""));
        let mut tokens = Vec::new();
        for pair in parse(Rule::file, &text, 0)? {
            push(&mut tokens, pair, 0)?;
        }
        Ok(Tree { text: text.into(), tokens: tokens.into() })
    }
}

/// Adds a node and its parts; how deep they go is up to the grammar.
fn push(tokens: &mut Vec<Token>, pair: Pair<Rule>, offset: usize) -> Result<(), Unreadable> {
    let (rule, span) = (pair.as_rule(), pair.as_span());
    if rule == Rule::EOI {
        return Ok(());
    }
    let at = tokens.len();
    let number = Rule::all_rules().iter().position(|r| *r == rule).unwrap_or_default();
    tokens.push(Token(number as u8, (offset + span.start()) as u32, (offset + span.end()) as u32, 0));
    let key =
        if rule == Rule::field { pair.clone().into_inner().next().map(|key| key.as_str()) } else { None };
    for part in pair.into_inner() {
        let (rest, start) = (part.as_rule() == Rule::rest, part.as_span().start());
        match key.and_then(parts).filter(|_| rest) {
            None => push(tokens, part, offset)?,
            Some(rule) => {
                for whole in parse(rule, part.as_str(), start)? {
                    push(tokens, whole, start)?;
                }
            }
        }
    }
    let end = tokens.len() as u32;
    if let Some(token) = tokens.get_mut(at) {
        token.3 = end;
    }
    Ok(())
}

/// Parses a text that starts at `offset`.
fn parse(rule: Rule, text: &str, offset: usize) -> Result<pest::iterators::Pairs<'_, Rule>, Unreadable> {
    Grammar::parse(rule, text).map_err(|error| {
        let (start, end) = match error.location {
            InputLocation::Pos(p) => (p, p + 1),
            InputLocation::Span((a, b)) => (a, b),
        };
        Unreadable { place: offset + start..offset + end, expected: error.variant.message().into_owned() }
    })
}

/// What the program asks of a tree that was read.
#[allow(dead_code, reason = "build.rs makes trees and does not look at them")]
impl<'i> Node<'i> {
    /// The first node of a tree.
    pub fn root(tree: &'i Tree) -> Node<'i> {
        Node { tree, at: 0 }
    }

    fn token(&self) -> Token {
        self.tree.tokens.get(self.at).copied().unwrap_or(Token(0, 0, 0, 0))
    }

    /// The rule of the grammar.
    pub fn as_rule(&self) -> Rule {
        Rule::all_rules().get(usize::from(self.token().0)).copied().unwrap_or(Rule::file)
    }

    /// Where it stands in the text of the tree.
    pub fn span(&self) -> Range<usize> {
        self.token().1 as usize..self.token().2 as usize
    }

    /// Its text.
    pub fn as_str(&self) -> &'i str {
        self.tree.text.get(self.span()).unwrap_or_default()
    }

    /// Its parts.
    pub fn into_inner(self) -> impl Iterator<Item = Node<'i>> + use<'i> {
        let end = self.token().3 as usize;
        let within = move |at: usize| (at < end).then_some(Node { tree: self.tree, at });
        let next = move |node: &Node<'i>| within(node.token().3 as usize);
        std::iter::successors(within(self.at + 1), next)
    }

    /// The node as a tree of its own.
    pub fn to_tree(self) -> Tree {
        let (Token(_, start, _, end), first) = (self.token(), self.at as u32);
        let moved = |t: &Token| Token(t.0, t.1 - start, t.2 - start, t.3 - first);
        let tokens = self.tree.tokens.get(self.at..end as usize).unwrap_or_default();
        Tree { text: self.as_str().to_owned().into(), tokens: tokens.iter().map(moved).collect() }
    }
}
