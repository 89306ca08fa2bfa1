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
mod matching;
mod replace;

use rustc_hash::FxHashMap;

use crate::catalog::{Direction, Parameter, Template};
use crate::expr::{DimTable, Graph, Id, Number, Op, Properties};

pub use compile::compile;

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

/// A condition that is looked up, not proved: a declared or inferred property of a bound variable.
#[derive(Clone, Debug)]
pub(in crate::simplify) enum Premise {
    /// The variable has the property.
    Property(usize, Properties),
    /// The predicate of these variables is implied by properties, or was among the request's conditions.
    Predicate(crate::expr::PredicateId, Vec<usize>),
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

/// All rules, by the place in which they are tried and their head.
#[derive(Clone, Debug)]
pub struct Identities {
    /// The dimensions of all patterns.
    pub(super) dims: DimTable,
    pub(super) rules: Vec<Rule>,
    pub(super) atoms: FxHashMap<Head, Vec<usize>>,
    pub(super) words: FxHashMap<Head, Vec<usize>>,
    pub(super) sums: FxHashMap<Head, Vec<usize>>,
    pub(super) terms: FxHashMap<Head, Vec<usize>>,
    pub(super) hadamards: FxHashMap<Head, Vec<usize>>,
    /// Rules that may be used both ways, for the e-graph.
    pub(super) alternatives: FxHashMap<Head, Vec<usize>>,
    /// Identities that could not be compiled, with the reason: a mistake in a rules file.
    pub problems: Vec<(String, String)>,
}

impl Identities {
    /// No identities at all.
    pub fn none() -> Identities {
        Identities {
            dims: DimTable::default(),
            rules: Vec::new(),
            atoms: FxHashMap::default(),
            words: FxHashMap::default(),
            sums: FxHashMap::default(),
            terms: FxHashMap::default(),
            hadamards: FxHashMap::default(),
            alternatives: FxHashMap::default(),
            problems: Vec::new(),
        }
    }
}

/// Whether an identity is used in the normal form, or left to extraction.
pub(super) fn is_directed(direction: Direction) -> bool {
    direction == Direction::Simplify
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
