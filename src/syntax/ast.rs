//! What was typed, with the place of every part.
//!
//! In: nothing. Out: [`Ast`], an arena, so that no depth of nesting recurses anywhere.
//! Invariant: children come before parents; every node has a span in its source.

use crate::diagnostic::{Source, Span};
use crate::expr::{Kind, Number, Properties};

/// A node's place in an [`Ast`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AstId(pub u32);

/// The sign of a summand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// An operator with two sides that is neither a sum nor a product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binary {
    /// `a / b`
    Divide,
    /// `a \ b`
    Solve,
    /// `a .* b`, `a ⊙ b`
    ElementTimes,
    /// `a ./ b`
    ElementDivide,
    /// `a ⊗ b`
    Kronecker,
    /// `a ^ b`
    Power,
    /// `a .^ b`
    ElementPower,
}

/// One node as written, with all names resolved to calls or products.
#[derive(Clone, PartialEq, Debug)]
pub enum AstKind {
    /// A literal.
    Number(Number),
    /// A variable, a dimension, a named part, or `I`.
    Name(String),
    /// `a + b - c`; two or more summands. A sign before the first summand is a [`AstKind::Negate`] in it.
    Sum(Vec<(Sign, AstId)>),
    /// `a .+ b .- c`: a scalar summand is added to every entry.
    DotSum(Vec<(Sign, AstId)>),
    /// `-a`.
    Negate(AstId),
    /// `a b c`, `a * b @ c`; neighbours at the same level are flat.
    Product(Vec<AstId>),
    /// Any other operator with two sides.
    Binary(Binary, AstId, AstId),
    /// `a^T`, `a'`, `aᵀ`.
    Transpose(AstId),
    /// `f(a, b)`, `f.(a)`, `g'(x)`, `Y'(X)[dX]`.
    Call {
        /// The function's name, of the catalogue or declared.
        function: String,
        /// Whether it was dotted.
        dotted: bool,
        /// How often it was primed.
        primes: u8,
        /// The arguments.
        args: Vec<AstId>,
        /// The directions in square brackets.
        along: Vec<AstId>,
    },
}

/// A node and its place.
#[derive(Clone, PartialEq, Debug)]
pub struct AstNode {
    /// What it is.
    pub kind: AstKind,
    /// Where it is.
    pub span: Span,
}

/// Two unlike products of one level side by side, `M .* A * B`, read from the left as `(M .* A) * B`.
///
/// Where `M .* (A * B)` is well shaped too and no part is a scalar, the two differ and the request is an error.
#[derive(Clone, PartialEq, Debug)]
pub struct Mix {
    /// The part before the first operator: its last factor, where it is itself a product.
    pub left: AstId,
    /// The first operator; `None` is the matrix product.
    pub first: Option<Binary>,
    /// The part that both claim.
    pub middle: AstId,
    /// The second operator; `None` is the matrix product.
    pub second: Option<Binary>,
    /// The part after the second operator.
    pub right: AstId,
    /// The places, with their brackets, of all that stands before the first operator, of `middle` and of `right`.
    pub spans: [Span; 3],
}

impl Mix {
    /// Both readings, as they could be typed: from the left, and the other.
    pub fn readings(&self, source: &Source) -> [String; 2] {
        let slice = |start: usize, end: usize| source.text.get(start..end).unwrap_or_default();
        let [left, middle, right] = self.spans;
        [
            format!("({}){}", slice(left.start, middle.end), slice(middle.end, right.end)),
            format!("{}({})", slice(left.start, middle.start), slice(middle.start, right.end)),
        ]
    }

    /// The place of the whole.
    pub fn span(&self) -> Span {
        self.spans[0].to(self.spans[2])
    }
}

/// One expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Ast {
    /// The text it was read from.
    pub source: Source,
    /// All nodes, children first; the last is the whole expression.
    pub nodes: Vec<AstNode>,
    /// Where the shapes decide whether it could be read in another way.
    pub mixes: Vec<Mix>,
}

impl Ast {
    /// The whole expression.
    pub fn root(&self) -> AstId {
        AstId(self.nodes.len().saturating_sub(1) as u32)
    }

    /// The children of a node, in order.
    pub fn children(&self, id: AstId) -> Vec<AstId> {
        match &self.node(id).kind {
            AstKind::Number(_) | AstKind::Name(_) => vec![],
            AstKind::Sum(items) | AstKind::DotSum(items) => items.iter().map(|(_, a)| *a).collect(),
            AstKind::Negate(a) | AstKind::Transpose(a) => vec![*a],
            AstKind::Product(items) => items.clone(),
            AstKind::Binary(_, a, b) => vec![*a, *b],
            AstKind::Call { args, along, .. } => args.iter().chain(along).copied().collect(),
        }
    }

    /// The names used, in order of their first use, each with its first place.
    pub fn names(&self) -> Vec<(&str, Span)> {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut found: Vec<(&str, Span)> = vec![];
        for node in &self.nodes {
            if let AstKind::Name(text) = &node.kind
                && seen.insert(text.as_str())
            {
                found.push((text, node.span));
            }
        }
        found
    }

    /// A node.
    #[expect(clippy::indexing_slicing, reason = "an id is a place in the arena that gave it")]
    pub fn node(&self, id: AstId) -> &AstNode {
        &self.nodes[id.0 as usize]
    }
}

/// A dimension as written: `n`, `3`, `n k`, `n + 1`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum DimExpr {
    /// A positive integer.
    Integer(i64),
    /// A name.
    Name(String),
    /// A sum.
    Sum(Vec<DimExpr>),
    /// A product.
    Product(Vec<DimExpr>),
}

/// A type as written.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeExpr {
    /// Scalar, vector or matrix.
    pub kind: Kind,
    /// No, one or two dimensions. `None` in a bare `matrix` or `vector`, whose dimensions are inferred.
    pub dims: Option<Vec<DimExpr>>,
    /// The properties that follow, not yet closed.
    pub properties: Properties,
    /// Where it is.
    pub span: Span,
}

/// What a declaration says of a name.
#[derive(Clone, PartialEq, Debug)]
pub enum Declared {
    /// `A: matrix(m, n) symmetric`, `k: integer`.
    Variable(TypeExpr),
    /// `g: vector(p) -> vector(m)`.
    Function(TypeExpr, TypeExpr),
}

/// `name: type`, with its source, because a `--let` is a text of its own.
#[derive(Clone, PartialEq, Debug)]
pub struct Declaration {
    /// The name.
    pub name: String,
    /// The place of the name.
    pub span: Span,
    /// The type.
    pub declared: Declared,
    /// The text it was read from.
    pub source: Source,
}

/// `name = expression`.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// The name.
    pub name: String,
    /// The place of the name.
    pub span: Span,
    /// Its expression.
    pub value: Ast,
}

/// A request's text, read.
#[derive(Clone, PartialEq, Debug)]
pub struct Program {
    /// Declarations of the text and of `--let`, in order.
    pub declarations: Vec<Declaration>,
    /// Named parts, in order.
    pub parts: Vec<Part>,
    /// The function: the last line.
    pub function: Ast,
    /// Whether anything may vary. Where nothing does, `dX` is a name like any other.
    pub varies: bool,
}
