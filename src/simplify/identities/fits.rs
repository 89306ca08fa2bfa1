//! Whether a pattern can match at all, by a look that builds nothing.
//!
//! In: a pattern and what it is held against. Out: false only where no bindings exist.
//! Invariant: never false where [`Normalizer::match_node`] finds a match; the recursion is over the pattern.
//!
//! `X (X^T X)^-1` is tried only in words that hold the inverse of a product.

use crate::expr::{Id, Op};

use super::super::normal::Normalizer;
use super::super::poly::{Factor, Term};
use super::{Pattern, Rule, TermPattern};

type FactorPattern = (Pattern, Pattern);

impl Normalizer<'_> {
    /// Whether each part of a rule's left side that is no variable finds a factor it may match.
    pub(super) fn fits_factors(&self, rule: &Rule, factors: &[Factor]) -> bool {
        let any = |p: &FactorPattern| is_free(p) || factors.iter().any(|f| self.fits_factor(p, *f));
        match &rule.left {
            Pattern::Term(t) => t.word.len() <= factors.len() && t.word.iter().chain(&t.scalars).all(any),
            Pattern::Sum(terms) => terms.iter().flat_map(|t| t.word.iter().chain(&t.scalars)).all(any),
            Pattern::Hadamard(parts) => parts.iter().all(any),
            _ => true,
        }
    }

    /// Whether a node may match.
    pub(super) fn fits(&self, p: &Pattern, id: Id) -> bool {
        let op = self.graph.op(id);
        match p {
            Pattern::Variable(_) | Pattern::Transposed(_) => true,
            Pattern::TransposedNode(p) => match self.graph.transpose_of(id) {
                Some(a) => self.fits(p, a),
                None if matches!(**p, Pattern::Variable(_)) => false,
                None => self.is_composite(id) || self.fits(p, id),
            },
            Pattern::Node(wanted, args) => {
                let found = self.graph.args(id);
                is_same_sort(wanted, op)
                    && found.len() == args.len()
                    && args.iter().zip(found).all(|(p, a)| self.fits(p, *a))
            }
            Pattern::Term(t) => self.fits_term(t, id),
            Pattern::Sum(_) => matches!(op, Op::Sum | Op::Transpose),
            Pattern::Hadamard(parts) => {
                matches!(op, Op::Hadamard | Op::ElementPower)
                    || parts.iter().all(|(_, e)| matches!(e, Pattern::Variable(_)))
            }
        }
    }

    fn fits_term(&self, t: &TermPattern, id: Id) -> bool {
        match (t.scalars.as_slice(), t.word.as_slice()) {
            ([p], []) | ([], [p]) if t.coefficient.is_one() && !is_plain(&p.1) => match self.graph.op(id) {
                Op::Power => self.fits_factor(p, self.as_power(id)),
                _ => matches!(p.1, Pattern::Variable(_)),
            },
            _ => {
                !matches!(self.graph.op(id), Op::Var(_) | Op::Differential(_) | Op::Map(_) | Op::Identity(_))
            }
        }
    }

    /// Whether a factor may match; of `s^-3` a pattern may take an `s^-1`.
    pub(super) fn fits_factor(&self, (base, exponent): &FactorPattern, f: Factor) -> bool {
        let plain = f.exponent == self.one;
        match exponent {
            Pattern::Node(Op::Num(n), _) if n.is_one() && !plain => match base {
                Pattern::Node(op, _) => matches!(op, Op::Power) || self.is_whole_power(f),
                _ => true,
            },
            Pattern::Node(Op::Num(n), _) if n.is_one() => self.fits(base, f.base),
            Pattern::Node(Op::Num(n), _) => {
                let signs = self.graph.number(f.exponent).map(|e| e.is_negative() == n.is_negative());
                signs == Some(true) && self.fits(base, f.base)
            }
            _ => self.fits(base, f.base),
        }
    }

    /// Whether single factors may be taken out of a power.
    fn is_whole_power(&self, f: Factor) -> bool {
        self.graph.number(f.exponent).is_some_and(|e| e.is_integer() && !e.is_negative())
    }

    /// Whether each term of a pattern may match one of these.
    pub(super) fn fits_terms(&self, patterns: &[TermPattern], terms: &[Term]) -> bool {
        let fits = |p: &TermPattern, t: &Term| {
            let within = |p: &FactorPattern, factors: &[Factor]| {
                is_free(p) || factors.iter().any(|f| self.fits_factor(p, *f))
            };
            p.word.len() <= t.word.len()
                && p.scalars.iter().all(|p| within(p, &t.scalars))
                && p.word.iter().all(|p| within(p, &t.word))
        };
        patterns.iter().all(|p| terms.iter().any(|t| fits(p, t)))
    }
}

/// Whether a factor of a pattern may stand for anything.
fn is_free((base, exponent): &FactorPattern) -> bool {
    matches!(base, Pattern::Variable(_) | Pattern::Transposed(_)) && is_plain(exponent)
}

fn is_plain(exponent: &Pattern) -> bool {
    matches!(exponent, Pattern::Node(Op::Num(n), _) if n.is_one())
}

/// Whether two operators are one up to dimensions.
fn is_same_sort(a: &Op, b: &Op) -> bool {
    match (a, b) {
        (Op::Identity(_), Op::Identity(_)) | (Op::Size(_), Op::Size(_)) => true,
        (Op::Ones(..), Op::Ones(..)) | (Op::Commutation(..), Op::Commutation(..)) => true,
        (a, b) => a == b,
    }
}
