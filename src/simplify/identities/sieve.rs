//! Which identities are worth a look, by a few bits.
//!
//! In: the left side of a rule, once; the factors of a word or of a term, often. Out: whether the one may match
//! among the other.
//! Invariant: never false where [`Normalizer::fits_factors`] is true and a match exists; false costs a few instructions.
//!
//! `X (X^T X)^-1` wants a composite factor and a negative exponent: no bits of the word `A x` say so.

use smallvec::SmallVec;

use crate::expr::Op;

use super::super::normal::Normalizer;
use super::super::poly::Factor;
use super::{Pattern, TermPattern};

/// Sorts of factors, a bit each.
type Sorts = u64;

const LETTER: Sorts = 1;
const IDENTITY: Sorts = 1 << 1;
const MAP: Sorts = 1 << 2;
const SUM: Sorts = 1 << 3;
const TRANSPOSE: Sorts = 1 << 4;
const POWER: Sorts = 1 << 5;
const ELEMENT_POWER: Sorts = 1 << 6;
const NEGATIVE: Sorts = 1 << 7;
const OTHER: Sorts = 1 << 8;
/// The first bit of calls, each of which has one of those that are left.
const CALL: u32 = 16;

/// What a rule wants of the factors it is tried among: a bit at least of each of these.
#[derive(Clone, Default, Debug)]
pub(super) struct Wants(SmallVec<[Sorts; 4]>);

impl Wants {
    /// What the left side of a rule wants.
    pub fn of(left: &Pattern) -> Wants {
        let mut wants = SmallVec::new();
        let mut all = |factors: &[(Pattern, Pattern)]| {
            wants.extend(factors.iter().flat_map(|(base, exponent)| [base_sorts(base), sign(exponent)]));
        };
        let mut term = |t: &TermPattern| [&t.word, &t.scalars].into_iter().for_each(|f| all(f));
        match left {
            Pattern::Term(t) => term(t),
            Pattern::Sum(terms) => terms.iter().for_each(term),
            Pattern::Hadamard(parts) => all(parts),
            Pattern::Node(op, _) => wants.push(sort(op)),
            Pattern::Variable(_) | Pattern::Transposed(_) | Pattern::TransposedNode(_) => {}
        }
        wants.retain(|sorts| *sorts != Sorts::MAX);
        wants.sort_unstable();
        wants.dedup();
        Wants(wants)
    }

    pub fn are_met(&self, by: Sorts) -> bool {
        self.0.iter().all(|sorts| sorts & by != 0)
    }
}

impl Normalizer<'_> {
    /// The sorts of some factors.
    pub(super) fn sorts(&self, factors: &[Factor]) -> Sorts {
        factors.iter().fold(0, |sorts, f| sorts | self.sorts_of(*f))
    }

    fn sorts_of(&self, f: Factor) -> Sorts {
        let base = sort(self.graph.op(f.base));
        if f.exponent == self.one {
            return base;
        }
        let negative = self.graph.number(f.exponent).is_some_and(|e| e.is_negative());
        // It may be taken as a whole, a power, or factor by factor.
        base | POWER | ELEMENT_POWER | if negative { NEGATIVE } else { 0 }
    }
}

/// What the base of a factor may be to match.
fn base_sorts(base: &Pattern) -> Sorts {
    match base {
        Pattern::Node(op, _) => sort(op),
        Pattern::Sum(_) => SUM | TRANSPOSE | POWER | ELEMENT_POWER,
        Pattern::Term(t) if t.scalars.len() + t.word.len() > 1 => !(LETTER | IDENTITY | MAP),
        _ => Sorts::MAX,
    }
}

/// The sign that an exponent wants.
fn sign(exponent: &Pattern) -> Sorts {
    match exponent {
        Pattern::Node(Op::Num(n), _) if n.is_negative() => NEGATIVE,
        _ => Sorts::MAX,
    }
}

fn sort(op: &Op) -> Sorts {
    match op {
        Op::Var(_) | Op::Differential(_) => LETTER,
        Op::Identity(_) => IDENTITY,
        Op::Map(_) => MAP,
        Op::Sum => SUM,
        Op::Transpose => TRANSPOSE,
        Op::Power => POWER,
        Op::ElementPower => ELEMENT_POWER,
        Op::Call(f) => 1 << (CALL + f.0 % (Sorts::BITS - CALL)),
        _ => OTHER,
    }
}
