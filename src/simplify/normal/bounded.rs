//! Sums over an index.
//!
//! In: an index, its bounds and a summand in normal form. Out: the normal form of the sum.
//! Invariant: what does not depend on the index stands outside: a term without it is counted, a scalar that all
//! terms share is a factor.
//!
//! `sum(r, 0, k - 1, tr(X^r dX X^(k - 1 - r)))` is `k tr(X^(k - 1) dX)`.

use std::rc::Rc;

use crate::expr::{Id, Number, Op, Shape};

use super::super::poly::{Factor, Factors, Poly, Term};
use super::Normalizer;

impl Normalizer<'_> {
    /// The sum of a body over an index, from its four arguments.
    pub(in crate::simplify) fn bounded_sum(&mut self, shape: Shape, args: &[Rc<Poly>]) -> Poly {
        let [index, low, high, body] = args else { return Poly::zero(shape) };
        let [index, low, high] = [index, low, high].map(|p| self.write(p));
        let (bound, free): (Vec<Term>, Vec<Term>) =
            body.terms.iter().cloned().partition(|t| self.depends(t, index));
        let mut sum = vec![];
        if !free.is_empty() {
            let count = self.count(low, high);
            sum.push(Rc::new(self.times(&count, &Poly { shape, terms: free })));
        }
        if !bound.is_empty() {
            let (outside, inside) = self.without_index(Poly { shape, terms: bound }, index);
            let inside = self.write(&inside);
            let id = self.graph.add(Op::BoundedSum, [index, low, high, inside]);
            let letter = self.atom(id);
            sum.push(Rc::new(self.times(&Poly::of(Shape::SCALAR, outside), &letter)));
        }
        self.add(shape, &sum)
    }

    /// `tr(L (sum(r, …, M)) R)` where the trace of each summand is the same.
    pub(in crate::simplify) fn trace_of_bounded_sum(&mut self, word: &[Factor]) -> Option<Poly> {
        let is_sum = |f: &Factor| f.exponent == self.one && matches!(self.graph.op(f.base), Op::BoundedSum);
        let place = word.iter().position(is_sum)?;
        let [index, low, high, body] = *self.graph.args(word[place].base) else { return None };
        let mut product = self.poly(body).as_ref().clone();
        if place > 0 {
            let before = self.finish_word(word[..place].into(), self.word_shape(&word[..place]));
            product = self.times(&before, &product);
        }
        if place + 1 < word.len() {
            let after = self.finish_word(word[place + 1..].into(), self.word_shape(&word[place + 1..]));
            product = self.times(&product, &after);
        }
        let trace = self.trace(&product);
        if trace.terms.iter().any(|t| self.depends(t, index)) {
            return None;
        }
        let count = self.count(low, high);
        Some(self.times(&count, &trace))
    }

    /// How many values an index has.
    fn count(&mut self, low: Id, high: Id) -> Poly {
        let (low, high) = (self.poly(low), self.poly(high));
        let below = low.as_ref().clone().scaled(&Number::MINUS_ONE);
        self.add(Shape::SCALAR, &[high, Rc::new(below), Rc::new(Poly::number(Number::ONE))])
    }

    fn depends(&self, t: &Term, index: Id) -> bool {
        let of = |f: &Factor| self.graph.reachable(&[f.base, f.exponent]).contains(&index);
        t.scalars.iter().chain(&t.word).any(of)
    }

    /// The number and the scalar factors that all terms share and that do not depend on the index; and the rest.
    fn without_index(&self, body: Poly, index: Id) -> (Term, Poly) {
        let content = body.content();
        let mut body = body.scaled(&content.recip().unwrap_or(Number::ONE));
        let mut shared: Factors = body.terms.first().map(|t| t.scalars.clone()).unwrap_or_default();
        let alone = |f: &Factor| !self.graph.reachable(&[f.base, f.exponent]).contains(&index);
        shared.retain(|f| alone(f) && body.terms.iter().all(|t| t.scalars.contains(f)));
        for t in &mut body.terms {
            t.scalars.retain(|f| !shared.contains(f));
        }
        (Term { coefficient: content, scalars: shared, word: Factors::new() }, body)
    }
}
