//! Traces.
//!
//! In: a square normal form. Out: the normal form of its trace.
//! Invariant: a trace is the least rotation of its word or of the transposed word, a differential last; a
//! stretch between two cuts of dimension 1 is an ordinary scalar.

use std::cmp::Ordering;

use crate::expr::{Dim, Number, Op, Shape};

use super::super::poly::{Factor, Factors, Poly, Term};
use super::Normalizer;

/// Longer words keep the rotation they have: comparing all of them is quadratic.
const ROTATIONS: usize = 64;

impl Normalizer<'_> {
    /// `tr(p)`.
    pub(in crate::simplify) fn trace(&mut self, p: &Poly) -> Poly {
        let mut sum = Vec::new();
        for t in &p.terms {
            let scale = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
            let trace = if t.word.is_empty() { Poly::number(Number::ONE) } else { self.trace_word(&t.word) };
            sum.push(std::rc::Rc::new(self.times(&scale, &trace)));
        }
        self.add(Shape::SCALAR, &sum)
    }

    pub(in crate::simplify) fn trace_word(&mut self, word: &[Factor]) -> Poly {
        if let Some(counted) = self.trace_of_bounded_sum(word) {
            return counted;
        }
        let mut word: Vec<Factor> = word.to_vec();
        if let Some(cut) = (0..word.len()).find(|i| self.boundary(&word, *i) == Dim::ONE) {
            word.rotate_left(cut);
            let mut joined = Factors::new();
            for f in &word {
                self.push(&mut joined, *f);
            }
            return self.finish_word(joined, Shape::SCALAR);
        }
        // Equal neighbours across the seam merge: tr(A^-1 B A) = tr(B).
        while word.len() > 1 && self.merges_across(&word) {
            word.rotate_right(1);
            let mut joined = Factors::new();
            for f in &word {
                self.push(&mut joined, *f);
            }
            if joined.len() >= word.len() {
                break;
            }
            word = joined.into_vec();
        }
        if let [f] = word.as_slice() {
            return self.trace_letter(*f);
        }
        if let Some(i) = word.iter().position(|f| self.diagonal_of(f).is_some()) {
            return self.trace_with_diagonal(&word, i);
        }
        let word = self.least_rotation(&word);
        self.trace_node(&word.0).scaled(&word.1)
    }

    pub(in crate::simplify) fn merges_across(&self, word: &[Factor]) -> bool {
        match (word.first(), word.last()) {
            (Some(f), Some(l)) => f.base == l.base && self.graph.shape(f.base).is_square(),
            _ => false,
        }
    }

    pub(in crate::simplify) fn trace_letter(&mut self, f: Factor) -> Poly {
        if let Op::Identity(n) = *self.graph.op(f.base) {
            return self.size_poly(n);
        }
        if let Some(u) = self.diagonal_of(&f) {
            let ones = self.graph.ones(self.graph.shape(u));
            let ones = self.atom(ones);
            let row = self.transpose(&ones);
            let u = self.poly(u);
            return self.times(&row, &u);
        }
        if f.exponent == self.one && matches!(self.graph.op(f.base), Op::Sum) {
            let sum = self.poly(f.base);
            if sum.terms.len() > 1 {
                return self.trace(&sum);
            }
        }
        let (turned, sign) = self.transpose_letter(f);
        if turned == f && sign == Number::MINUS_ONE {
            return Poly::zero(Shape::SCALAR);
        }
        match self.prefer(&[f], &[turned]) {
            Ordering::Greater => self.trace_node(&[turned]).scaled(&sign),
            _ => self.trace_node(&[f]),
        }
    }

    pub(in crate::simplify) fn size_poly(&mut self, n: Dim) -> Poly {
        let id = self.graph.size(n);
        self.poly(id).as_ref().clone()
    }

    /// `tr(M diag(u)) = diag(M)^T u`.
    pub(in crate::simplify) fn trace_with_diagonal(&mut self, word: &[Factor], i: usize) -> Poly {
        let mut rotated = word.to_vec();
        rotated.rotate_left(i + 1);
        let last = rotated.pop();
        let mut joined = Factors::new();
        for f in &rotated {
            self.push(&mut joined, *f);
        }
        let shape = self.word_shape(&joined);
        let m = self.finish_word(joined, shape);
        let (Some(u), Some(diag_of)) = (last.and_then(|f| self.diagonal_of(&f)), self.known.diag_of) else {
            return self.trace_node(word);
        };
        let d = self.call(diag_of, Shape::vector(shape.rows), &[std::rc::Rc::new(m)]);
        let d = self.transpose(&d);
        let u = self.poly(u);
        self.times(&d, &u)
    }

    pub(in crate::simplify) fn least_rotation(&mut self, word: &[Factor]) -> (Vec<Factor>, Number) {
        if word.len() > ROTATIONS {
            return (word.to_vec(), Number::ONE);
        }
        let turned = self.turn(word);
        let mut best = (word.to_vec(), Number::ONE);
        for (start, sign) in [(word.to_vec(), Number::ONE), (turned.word.into_vec(), turned.coefficient)] {
            let mut rotated = start;
            for _ in 0..rotated.len() {
                if self.prefer(&rotated, &best.0) == Ordering::Less {
                    best = (rotated.clone(), sign.clone());
                }
                rotated.rotate_left(1);
            }
        }
        best
    }

    pub(in crate::simplify) fn trace_node(&mut self, word: &[Factor]) -> Poly {
        let id = self.write_word(word);
        let Some(tr) = self.known.trace else { return self.atom(id) };
        let node = self.graph.add(Op::Call(tr), [id]);
        let atom = self.atom(node);
        self.rewrite_atom(node).unwrap_or(atom)
    }
}
