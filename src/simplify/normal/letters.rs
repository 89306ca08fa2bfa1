//! Letters and their transposes.
//!
//! In: a canonical node. Out: the letter that stands for it.
//! Invariant: of a composite letter (a sum, an elementwise product, …) and its transpose with the transposition
//! pushed inside, one is kept as the base: the column before the row, then the one with fewer transposes. So
//! `(A + A^T)^T` is `A + A^T`, and `x^T A^T - b^T` is `(A x - b)^T`.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::expr::{Id, Number, Op, Properties, Shape};

use super::super::poly::{Factor, Factors, Poly, Term, compare};
use super::Normalizer;

/// How many letters within letters a transposition is pushed through.
const NESTED: usize = 64;

impl Normalizer<'_> {
    /// The transpose of a normal form.
    pub(in crate::simplify) fn transpose(&mut self, p: &Poly) -> Poly {
        let mut terms = Vec::with_capacity(p.terms.len());
        for t in &p.terms {
            let turned = self.turn(&t.word);
            // A symmetric stretch is written the other way again.
            if let Some(q) = self.rewrite_turned(&turned.word, p.shape.transposed()) {
                let coefficient = t.coefficient.clone() * turned.coefficient;
                let scale = Term { coefficient, scalars: t.scalars.clone(), word: Factors::new() };
                terms.extend(self.attach(&Poly::of(Shape::SCALAR, scale), q).terms);
                continue;
            }
            terms.push(Term {
                coefficient: t.coefficient.clone() * turned.coefficient,
                scalars: t.scalars.clone(),
                word: turned.word,
            });
        }
        Poly { shape: p.shape.transposed(), terms }.collected(self.graph)
    }

    /// What identities make of a word that was turned round. Matching turns words itself: those stay as they are.
    fn rewrite_turned(&mut self, word: &Factors, shape: Shape) -> Option<Poly> {
        if std::mem::replace(&mut self.matching, true) {
            return None;
        }
        let found = self.rewrite_word(word, shape);
        self.matching = false;
        found
    }

    /// The transpose of one letter, and the sign that comes out of a skew one.
    pub(in crate::simplify) fn transpose_letter(&mut self, f: Factor) -> (Factor, Number) {
        if let Some(a) = self.graph.transpose_of(f.base) {
            return (Factor { base: a, ..f }, Number::ONE);
        }
        let properties = self.graph.properties(f.base);
        if properties.has(Properties::SYMMETRIC) {
            return (f, Number::ONE);
        }
        if let Op::Commutation(m, n) = *self.graph.op(f.base) {
            let base = self.graph.add(Op::Commutation(n, m), []);
            return (Factor { base, ..f }, Number::ONE);
        }
        if self.is_orthogonal(f.base)
            && let Some(e) = self.graph.number(f.exponent)
        {
            let exponent = self.graph.num(-e);
            return (Factor { exponent, ..f }, Number::ONE);
        }
        if self.is_composite(f.base) {
            let (pushed, sign) = self.pushed(f.base);
            if pushed == f.base {
                return (f, self.sign_power(&sign, f.exponent));
            }
        } else if properties.has(Properties::SKEW) {
            return (f, self.sign_power(&Number::MINUS_ONE, f.exponent));
        }
        (Factor { base: self.graph.transpose(f.base), ..f }, Number::ONE)
    }

    pub(in crate::simplify) fn sign_power(&self, sign: &Number, exponent: Id) -> Number {
        let odd = self.graph.number(exponent).and_then(|e| e.to_integer()).is_none_or(|e| e % 2 != 0);
        if odd { sign.clone() } else { Number::ONE }
    }

    /// Whether a transposition can be pushed inside the node.
    pub(in crate::simplify) fn is_composite(&self, id: Id) -> bool {
        // A letter within itself, and letters deep within letters, are turned as a whole.
        if self.turning.contains(&id) || self.turning.len() > NESTED {
            return false;
        }
        matches!(
            self.graph.op(id),
            Op::Sum
                | Op::Product
                | Op::Hadamard
                | Op::Kronecker
                | Op::Map(_)
                | Op::ElementPower
                | Op::ApplyMap(..)
                | Op::Power
        )
    }

    /// The letter for a canonical node: itself, or the transpose of the form that is preferred.
    pub(in crate::simplify) fn orient(&mut self, id: Id) -> Poly {
        let shape = self.graph.shape(id);
        // A column is preferred to a row, whatever that is.
        if shape.is_scalar() || shape.is_column() || !self.is_composite(id) {
            return self.atom(id);
        }
        let (pushed, sign) = self.pushed(id);
        if pushed == id || self.prefer_letter(id, pushed) != Ordering::Greater {
            return self.atom(id);
        }
        let base = self.graph.transpose(pushed);
        self.atom(base).scaled(&sign)
    }

    /// The transpose of a composite letter with the transposition pushed inside, up to a sign.
    pub(in crate::simplify) fn pushed_letter(&mut self, id: Id) -> Option<(Id, Number)> {
        (self.is_composite(id) && !self.graph.shape(id).is_scalar()).then(|| self.pushed(id))
    }

    pub(in crate::simplify) fn prefer_letter(&self, a: Id, b: Id) -> Ordering {
        let key = |id: Id| {
            let row = self.graph.shape(id).is_row();
            (row, self.graph.count_transposes(id))
        };
        key(a).cmp(&key(b)).then_with(|| compare(self.graph, a, b))
    }

    /// The transpose with the transposition pushed inside, up to a sign.
    pub(in crate::simplify) fn pushed(&mut self, id: Id) -> (Id, Number) {
        if let Some(found) = self.oriented.get(id) {
            return found.clone();
        }
        self.turning.push(id);
        let found = self.push_inside(id);
        self.turning.pop();
        self.oriented.insert(id, found.clone());
        found
    }

    pub(in crate::simplify) fn push_inside(&mut self, id: Id) -> (Id, Number) {
        let node = self.graph.node(id).clone();
        let shape = self.graph.shape(id).transposed();
        let mut args: Vec<Rc<Poly>> = Vec::with_capacity(node.args.len());
        for a in &node.args {
            let p = self.poly(*a);
            args.push(if p.shape.is_scalar() { p } else { Rc::new(self.transpose(&p)) });
        }
        let transposed = match &node.op {
            Op::Sum => {
                let terms = args.iter().flat_map(|p| p.terms.iter().cloned()).collect();
                Poly { shape, terms }.collected(self.graph)
            }
            Op::Product => {
                let p = self.poly(id);
                self.transpose(&p)
            }
            Op::Power => {
                let letter = args[0].clone();
                self.letter_power(&letter, node.args[1])
            }
            Op::Hadamard | Op::ElementPower => {
                let (mut factors, mut coefficient) = (Vec::new(), Number::ONE);
                for (b, e) in self.hadamard_factors(id) {
                    let p = self.poly(b);
                    let p = self.transpose(&p);
                    // The sign of a skew letter is none of the factor's: `(v^T Z)^T = -Z v`.
                    let whole = self.graph.number(e).is_some_and(|e| e.is_integer());
                    let negative = whole && p.terms.len() == 1 && p.content().is_negative();
                    let sign = if negative { Number::MINUS_ONE } else { Number::ONE };
                    let t = self.write(&p.scaled(&sign));
                    factors.push((t, e));
                    coefficient = coefficient * self.sign_power(&sign, e);
                }
                self.hadamard_node(shape, factors).scaled(&coefficient)
            }
            op => {
                let args: Vec<Id> = args.iter().map(|p| self.write(p)).collect();
                let id = self.graph.add(op.clone(), args);
                self.atom(id)
            }
        };
        let content = transposed.content();
        let sign = if content.is_negative() { Number::MINUS_ONE } else { Number::ONE };
        let monic = transposed.scaled(&sign);
        (self.write(&monic), sign)
    }
}
