//! Words that are 1×1.
//!
//! In: a word of shape 1×1. Out: its normal form.
//! Invariant: sums of elementwise products are symmetric in all factors: `u^T (v .* w)` is kept as
//! `sum(u .* v .* w)`, or with a differential last, `(u .* v)^T dw`.

use crate::expr::{Id, Number, Op, Shape};
use std::cmp::Ordering;

use super::super::poly::{Factor, Factors, Poly, Term};
use super::Normalizer;
use super::word::single_word;

impl Normalizer<'_> {
    /// The normal form of a 1×1 word.
    pub(in crate::simplify) fn scalar_word(&mut self, word: &[Factor]) -> Poly {
        if let Some(p) = self.rewrite_word(&word.into(), Shape::SCALAR) {
            return p;
        }
        if let Some(p) = self.elementwise_dot(word) {
            return p;
        }
        if let [f] = word
            && f.exponent == self.one
        {
            return self.atom(f.base);
        }
        let turned = self.turn(word);
        if let Some(p) = self.settled_scalar(word, &turned) {
            return p;
        }
        if turned.word.as_slice() == word && turned.coefficient == Number::MINUS_ONE {
            return Poly::zero(Shape::SCALAR);
        }
        let (word, coefficient) = match self.prefer(word, &turned.word) {
            Ordering::Greater => {
                // Turned round, a symmetric stretch is written the other way again.
                if let Some(p) = self.rewrite_word(&turned.word, Shape::SCALAR) {
                    return p.scaled(&turned.coefficient);
                }
                (turned.word.as_slice(), turned.coefficient.clone())
            }
            _ => (word, Number::ONE),
        };
        let id = self.write_word(word);
        let scalars = Factors::from_slice(&[self.factor(id)]);
        Poly::of(Shape::SCALAR, Term { coefficient, scalars, word: Factors::new() })
    }

    /// A 1×1 word with its diagonal letters applied to the end that is free of differentials.
    pub(in crate::simplify) fn settled_scalar(&mut self, word: &[Factor], turned: &Term) -> Option<Poly> {
        if !word.iter().any(|f| self.diagonal_of(f).is_some()) {
            return None;
        }
        for (w, sign) in [(word, &Number::ONE), (turned.word.as_slice(), &turned.coefficient)] {
            let column = self.settle_column(w)?;
            let t = column.terms.first()?;
            if t.word.len() < w.len() {
                let scalar = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
                let rest = self.scalar_word(&t.word.clone());
                return Some(self.times(&scalar, &rest).scaled(sign));
            }
        }
        None
    }

    /// Laws of `ones^T v` and `u^T (v .* w)`: sums of elementwise products are symmetric in all factors.
    pub(in crate::simplify) fn elementwise_dot(&mut self, word: &[Factor]) -> Option<Poly> {
        let (first, last) = (*word.first()?, *word.last()?);
        if word.len() < 2 || first.exponent != self.one || last.exponent != self.one {
            return None;
        }
        let ones_first = self.is_ones_row(first.base);
        if word.len() == 3 && ones_first && matches!(self.graph.op(last.base), Op::Ones(..)) {
            // sum(A .* B) = tr(A^T B)
            let middle = word[1];
            let args = self.graph.args(middle.base).to_vec();
            if matches!(self.graph.op(middle.base), Op::Hadamard)
                && args.len() == 2
                && middle.exponent == self.one
            {
                let (a, b) = (self.poly(args[0]), self.poly(args[1]));
                let a = self.transpose(&a);
                let product = self.times(&a, &b);
                return Some(self.trace(&product));
            }
            return None;
        }
        if word.len() == 2 && ones_first {
            if let Op::Ones(n, _) = *self.graph.op(last.base) {
                return Some(self.size(n));
            }
            if let Op::Call(f) = self.graph.op(last.base)
                && Some(*f) == self.known.diag_of
            {
                let m = self.graph.args(last.base)[0];
                let m = self.poly(m);
                return Some(self.trace(&m));
            }
        }
        if let Some(letter) = self.summed_letter(word) {
            return self.sum_that_cancels(letter);
        }
        if self.is_hadamard_vector(last.base) {
            return self.dot_with_hadamard(&word[..word.len() - 1], last.base, ones_first && word.len() == 2);
        }
        let turned = self.turn(word);
        let last = *turned.word.last()?;
        if self.is_hadamard_vector(last.base) && !word.iter().any(|f| self.is_linear(f.base)) {
            let p = self.scalar_word(&turned.word);
            return Some(p.scaled(&turned.coefficient));
        }
        None
    }

    pub(in crate::simplify) fn is_hadamard_vector(&self, id: Id) -> bool {
        matches!(self.graph.op(id), Op::Hadamard | Op::ElementPower) && self.graph.shape(id).is_column()
    }

    pub(in crate::simplify) fn is_ones_row(&self, id: Id) -> bool {
        self.graph.transpose_of(id).is_some_and(|a| matches!(self.graph.op(a), Op::Ones(..)))
    }

    /// `r (v .* w …)` with the row `r` counted among the factors.
    pub(in crate::simplify) fn dot_with_hadamard(
        &mut self,
        row: &[Factor],
        letter: Id,
        ones: bool,
    ) -> Option<Poly> {
        let mut factors: Vec<(Id, Id)> = self.hadamard_factors(letter);
        let mut scale = Poly::number(Number::ONE);
        if !ones {
            let turned = self.turn(row);
            let column = self.settle_column(&turned.word)?;
            let t = column.terms.first()?.clone();
            scale = Poly::of(
                Shape::SCALAR,
                Term {
                    word: Factors::new(),
                    coefficient: t.coefficient.clone() * turned.coefficient,
                    scalars: t.scalars.clone(),
                },
            );
            if let [f] = t.word.as_slice()
                && f.exponent == self.one
            {
                let base = f.base;
                factors.extend(self.hadamard_factors(base));
            } else {
                let id = self.write_word(&t.word);
                factors.push((id, self.one));
            }
        }
        let (linear, free): (Vec<_>, Vec<_>) = factors.into_iter().partition(|(b, _)| self.is_linear(*b));
        let shape = self.graph.shape(letter);
        let dot = if let [(d, e)] = linear.as_slice() {
            if *e != self.one || free.is_empty() {
                return None;
            }
            // The differential stays last: u^T (A dx), with what only scales its entries in u.
            let (d, scales) = self.without_diagonal_head(*d);
            let mut free = free;
            for u in scales {
                free.extend(self.hadamard_factors(u));
            }
            let u = self.hadamard_of(shape, &free);
            let u = self.transpose(&u);
            let [t] = u.terms.as_slice() else { return None };
            let t = t.clone();
            let scale = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
            let word: Vec<Factor> = t.word.into_iter().chain(d).collect();
            let dot = self.oriented_scalar(&word);
            self.times(&scale, &dot)
        } else if !linear.is_empty() {
            return None;
        } else {
            let two = Number::integer(2);
            match free.as_slice() {
                [(u, e), (v, f)] if *e == self.one && *f == self.one => self.dot(*u, *v),
                [(u, e)] if self.graph.number(*e) == Some(two) => self.dot(*u, *u),
                _ => {
                    let product = self.hadamard_of(shape, &free);
                    // A power that came out whole may be a sum: sqrt.(x + y).^2.
                    let [t] = product.terms.as_slice() else {
                        return Some(self.summed_entries(shape, &scale, &product));
                    };
                    let t = t.clone();
                    let id = self.write_word(&t.word);
                    let ones = self.graph.ones(shape);
                    let ones = self.graph.transpose(ones);
                    let word = self.graph.product([ones, id]);
                    let p = self.atom(word);
                    let rest = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t });
                    self.times(&rest, &p)
                }
            }
        };
        Some(self.times(&scale, &dot))
    }

    /// c of `ones^T c` or `c^T ones`, where c is a sum.
    fn summed_letter(&self, word: &[Factor]) -> Option<Id> {
        let [a, b] = word else { return None };
        let column = self.graph.transpose_of(a.base)?;
        let letter = match (self.graph.op(column), self.graph.op(b.base)) {
            (Op::Ones(..), Op::Sum) => b.base,
            (Op::Sum, Op::Ones(..)) => column,
            _ => return None,
        };
        (a.exponent == self.one && b.exponent == self.one).then_some(letter)
    }

    /// The sum of the entries of a sum, where terms cancel: of `x - mean(x) ones(n)` it is 0.
    fn sum_that_cancels(&mut self, letter: Id) -> Option<Poly> {
        let p = self.poly(letter);
        let entries = self.summed_entries(p.shape, &Poly::number(Number::ONE), &p);
        (entries.terms.len() < p.terms.len()).then_some(entries)
    }

    /// `s 1^T p` of a column p of several terms, or of none.
    fn summed_entries(&mut self, shape: Shape, scale: &Poly, p: &Poly) -> Poly {
        let ones = self.graph.ones(shape);
        let row = self.graph.transpose(ones);
        let row = self.atom(row);
        let parts: Vec<_> =
            p.terms.iter().map(|t| std::rc::Rc::new(self.times(&row, &Poly::of(shape, t.clone())))).collect();
        let sum = self.add(Shape::SCALAR, &parts);
        self.times(scale, &sum)
    }

    /// The letters of a vector without the diagonal matrices in front, and the vectors on those.
    pub(in crate::simplify) fn without_diagonal_head(&mut self, id: Id) -> (Factors, Vec<Id>) {
        let p = self.poly(id);
        let mut word = match p.terms.as_slice() {
            [t] if t.scalars.is_empty() && t.coefficient.is_one() => t.word.clone(),
            _ => Factors::from_slice(&[self.factor(id)]),
        };
        let mut scales = Vec::new();
        while let Some(u) = word.first().and_then(|f| self.diagonal_of(f)) {
            if self.is_linear(u) || word.len() == 1 {
                break;
            }
            scales.push(u);
            word.remove(0);
        }
        (word, scales)
    }

    /// `u^T v` of two columns, each canonical nodes.
    pub(in crate::simplify) fn dot(&mut self, u: Id, v: Id) -> Poly {
        let (u, v) = (self.poly(u), self.poly(v));
        let u = self.transpose(&u);
        match (single_word(&u), single_word(&v)) {
            (Some(a), Some(b)) if !self.ends_in_hadamard(&a, &b) => {
                let word: Vec<Factor> = a.into_iter().chain(b).collect();
                self.oriented_scalar(&word)
                    .scaled(&(u.terms[0].coefficient.clone() * v.terms[0].coefficient.clone()))
            }
            _ => self.times(&u, &v),
        }
    }

    pub(in crate::simplify) fn ends_in_hadamard(&self, a: &[Factor], b: &[Factor]) -> bool {
        let hadamard = |f: Option<&Factor>| {
            f.is_some_and(|f| {
                let base = self.graph.transpose_of(f.base).unwrap_or(f.base);
                self.is_hadamard_vector(base)
            })
        };
        hadamard(a.first()) || hadamard(b.last())
    }

    pub(in crate::simplify) fn oriented_scalar(&mut self, word: &[Factor]) -> Poly {
        let mut joined = Factors::new();
        for f in word {
            self.push(&mut joined, *f);
        }
        let turned = self.turn(&joined);
        let (word, coefficient) = match self.prefer(&joined, &turned.word) {
            Ordering::Greater => (turned.word, turned.coefficient),
            _ => (joined, Number::ONE),
        };
        let id = self.write_word(&word);
        self.atom(id).scaled(&coefficient)
    }
}
