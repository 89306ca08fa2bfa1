//! Identities of the rules files, matched modulo the laws of the normal form.
//!
//! In: identities as text. Out: [`Identities`], patterns indexed by what they start from.
//! Invariant: both sides of a pattern are in normal form themselves, so `logdet(A B)` matches any product of
//! two or more square matrices, a word is matched as a stretch of a longer word, a sum as part of a longer
//! sum, and whatever is matched turned round (transposed) is rewritten turned round.
//!
//! `X inv(X^T X) = pinv(X)^T` rewrites `2 X (X^T X)^-1 b` to `2 pinv(X)^T b`.

mod alternatives;
mod apply;
mod compile;
mod fits;
mod library;
mod matching;
mod replace;
mod sieve;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::catalog::{Parameter, Template};
use crate::expr::{DimTable, Graph, Id, Number, Op, Properties};

pub(in crate::simplify) use library::Feature;
pub use library::Library;

/// A pattern for one node.
#[derive(Clone, Debug)]
pub(in crate::simplify) enum Pattern {
    /// A variable of the identity.
    Variable(usize),
    /// The transpose of a variable.
    Transposed(usize),
    /// One operator with the patterns of its arguments.
    Node(Op, Vec<Pattern>),
    /// A transposed node.
    TransposedNode(Box<Pattern>),
    /// A product: coefficient, scalar factors, word.
    Term(TermPattern),
    /// A sum.
    Sum(Vec<TermPattern>),
    /// An elementwise product of bases with exponents.
    Hadamard(Vec<(Pattern, Pattern)>),
}

/// A pattern for one term.
#[derive(Clone, Debug)]
pub(in crate::simplify) struct TermPattern {
    pub coefficient: Number,
    pub scalars: Vec<(Pattern, Pattern)>,
    pub word: Vec<(Pattern, Pattern)>,
}

/// A condition that is looked up, not proved: a declared or inferred property of what is bound.
#[derive(Clone, Debug)]
pub(in crate::simplify) enum Premise {
    /// It has the property.
    Property(Argument, Properties),
    /// The predicate of these is implied by properties, or was among the request's conditions.
    Predicate(crate::expr::PredicateId, Vec<Argument>),
}

/// What a premise speaks of.
#[derive(Clone, Debug)]
pub(in crate::simplify) enum Argument {
    /// A variable of the identity.
    Variable(usize),
    /// An expression in them.
    Expression(Template),
}

/// One use of an identity: what its variables and dimensions stand for. Both sides of the rule's text, so read,
/// have the same value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Instance {
    /// The identity.
    pub identity: String,
    /// Its variables.
    pub variables: Vec<(String, Id)>,
    /// Its dimensions.
    pub sizes: Vec<(String, crate::expr::Dim)>,
    /// Where a scalar identity was used entry by entry: of which shape.
    pub entrywise: Option<crate::expr::Shape>,
}

/// One direction of an identity, ready to be used.
#[derive(Clone, Debug)]
pub(in crate::simplify) struct Rule {
    pub name: String,
    /// The variables with their types.
    pub variables: Vec<Parameter>,
    /// The dimensions of the pattern.
    pub dims: DimTable,
    pub left: Pattern,
    pub right: Template,
    pub premises: Vec<Premise>,
    /// Whether the left side was turned round, so that the right side has to be.
    pub turned: bool,
    /// Whether it is a scalar identity lifted to every entry.
    pub entrywise: bool,
}

/// What a pattern is looked up by.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(in crate::simplify) enum Head {
    /// A call of this function or another operator, without its exponent.
    Op(Op),
    /// Any power.
    Power,
    /// A letter that is a variable.
    Letter,
}

/// Where a rule is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::simplify) enum Place {
    Atom,
    Word,
    Sum,
    Term,
    Hadamard,
    /// Rules that may be used both ways, for the e-graph.
    Alternative,
}

/// A rule with what it is looked up by.
#[derive(Clone, Debug)]
pub(in crate::simplify) struct Indexed {
    pub place: Place,
    pub head: Head,
    pub rule: Arc<Rule>,
}

/// The rules that may concern a graph, by the place in which they are tried and their head.
#[derive(Clone, Default, Debug)]
pub struct Identities {
    pub(super) rules: Vec<Arc<Rule>>,
    /// What each of them wants of the factors it is tried among.
    wants: Vec<sieve::Wants>,
    pub(super) atoms: FxHashMap<Head, Vec<usize>>,
    pub(super) words: FxHashMap<Head, Vec<usize>>,
    pub(super) sums: FxHashMap<Head, Vec<usize>>,
    pub(super) terms: FxHashMap<Head, Vec<usize>>,
    pub(super) hadamards: FxHashMap<Head, Vec<usize>>,
    pub(super) alternatives: FxHashMap<Head, Vec<usize>>,
}

impl Identities {
    fn insert(&mut self, indexed: &Indexed) {
        let at = self.rules.len();
        self.rules.push(indexed.rule.clone());
        self.wants.push(sieve::Wants::of(&indexed.rule.left));
        let table = match indexed.place {
            Place::Atom => &mut self.atoms,
            Place::Word => &mut self.words,
            Place::Sum => &mut self.sums,
            Place::Term => &mut self.terms,
            Place::Hadamard => &mut self.hadamards,
            Place::Alternative => &mut self.alternatives,
        };
        table.entry(indexed.head.clone()).or_default().push(at);
    }
}

/// The head of a node that stands in a word, among scalar factors or alone.
pub(super) fn head_of(graph: &Graph, id: Id) -> Head {
    let base = graph.transpose_of(id).unwrap_or(id);
    match graph.op(base) {
        Op::Power => Head::Power,
        Op::Var(_) | Op::Differential(_) => Head::Letter,
        Op::Num(_) => Head::Op(Op::Num(Number::ONE)),
        Op::Identity(_) => Head::Op(Op::Identity(crate::expr::Dim::ONE)),
        Op::Ones(..) => Head::Op(Op::Ones(crate::expr::Dim::ONE, crate::expr::Dim::ONE)),
        Op::Commutation(..) => Head::Op(Op::Commutation(crate::expr::Dim::ONE, crate::expr::Dim::ONE)),
        op => Head::Op(op.clone()),
    }
}
