//! Words: products of matrices.
//!
//! In: two words. Out: one, with neighbouring powers merged and every 1×1 stretch moved to the scalars.
//! Invariant: a 1×1 stretch reads the same turned round (`x^T A y` = `y^T A^T x`) and is kept in one of the
//! two orientations, a differential last and not transposed, else the one with fewer transposes.

use std::cmp::Ordering;

use smallvec::SmallVec;

use crate::expr::{Dim, Id, Number, Op, Properties, Shape};

use super::super::poly::{Factor, Factors, Poly, Term, compare, compare_words};
use super::Normalizer;

impl Normalizer<'_> {
    /// The product of two terms. More than one term comes out only where letters turn out to be sums.
    pub(in crate::simplify) fn times_terms(&mut self, s: &Term, t: &Term) -> Poly {
        let coefficient = s.coefficient.clone() * t.coefficient.clone();
        let scalars = self.merge_scalars(&s.scalars, &t.scalars);
        let seed = Poly::of(Shape::SCALAR, Term { coefficient, scalars, word: Factors::new() });
        if s.word.is_empty() || t.word.is_empty() {
            let mut seed = seed;
            let word = if s.word.is_empty() { &t.word } else { &s.word };
            seed.terms[0].word = word.clone();
            seed.shape = self.word_shape(word);
            return seed;
        }
        self.spend(s.word.len() + t.word.len());
        let mut word = s.word.clone();
        for f in &t.word {
            self.push(&mut word, *f);
        }
        let rows = self.word_shape(&s.word).rows;
        let cols = self.word_shape(&t.word).cols;
        let product = self.finish_word(word, Shape::new(rows, cols));
        if product.terms.len() == 1 && product.terms[0].word.is_empty() && !product.shape.is_scalar() {
            return product;
        }
        self.attach(&seed, product)
    }

    /// A scalar term times a finished product.
    pub(in crate::simplify) fn attach(&mut self, seed: &Poly, product: Poly) -> Poly {
        let s = &seed.terms[0];
        let mut terms = Vec::with_capacity(product.terms.len());
        for t in product.terms {
            let scalars = self.merge_scalars(&s.scalars, &t.scalars);
            let coefficient = s.coefficient.clone() * t.coefficient;
            terms.push(Term { coefficient, scalars, word: t.word });
        }
        Poly { shape: product.shape, terms }
    }

    /// Scalar factors side by side, exponents of equal bases added.
    pub(in crate::simplify) fn merge_scalars(&mut self, a: &[Factor], b: &[Factor]) -> Factors {
        if a.is_empty() {
            return b.into();
        }
        if b.is_empty() {
            return a.into();
        }
        let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
        let mut merged: Factors = long.into();
        if !self.spend(merged.len() + short.len()) {
            merged.extend_from_slice(short);
            return merged;
        }
        for f in short {
            match merged.binary_search_by(|g| compare(self.graph, g.base, f.base)) {
                Ok(i) => merged[i].exponent = self.add_exponents(merged[i].exponent, f.exponent),
                Err(i) => merged.insert(i, *f),
            }
        }
        merged.retain(|f| !self.graph.is_zero(f.exponent));
        merged
    }

    /// The sum of two exponents, canonical.
    pub(in crate::simplify) fn add_exponents(&mut self, a: Id, b: Id) -> Id {
        if let (Some(m), Some(n)) = (self.graph.number(a), self.graph.number(b)) {
            return self.graph.num(m + n);
        }
        let (a, b) = (self.poly(a), self.poly(b));
        let sum = self.add(Shape::SCALAR, &[a, b]);
        self.write(&sum)
    }

    /// The shape of a word of at least one letter.
    pub(in crate::simplify) fn word_shape(&self, word: &[Factor]) -> Shape {
        match (word.first(), word.last()) {
            (Some(f), Some(l)) => Shape::new(self.graph.shape(f.base).rows, self.graph.shape(l.base).cols),
            _ => Shape::SCALAR,
        }
    }

    /// Appends a letter, merging it with the last where a law of two neighbours says so.
    pub(in crate::simplify) fn push(&mut self, word: &mut Factors, f: Factor) {
        if matches!(self.graph.op(f.base), Op::Identity(_)) {
            if word.is_empty() {
                word.push(f);
            }
            return;
        }
        let Some(last) = word.last().copied() else {
            word.push(f);
            return;
        };
        if matches!(self.graph.op(last.base), Op::Identity(_)) {
            word.pop();
            return self.push(word, f);
        }
        let diagonal = self.diagonal_of(&last).is_some() && self.diagonal_of(&f).is_some();
        if last.base == f.base && self.graph.shape(f.base).is_square() && !diagonal {
            let exponent = self.add_exponents(last.exponent, f.exponent);
            word.pop();
            if !self.graph.is_zero(exponent) {
                word.push(Factor { base: f.base, exponent });
                return;
            }
            if word.is_empty() {
                let n = self.graph.shape(f.base).rows;
                let identity = self.graph.identity(n);
                word.push(self.factor(identity));
            }
            return;
        }
        if let Some(merged) = self.merge_letters(last, f) {
            word.pop();
            for f in merged {
                self.push(word, f);
            }
            return;
        }
        word.push(f);
    }

    /// The product of two neighbours, where it is simpler than both: diagonal matrices, Kronecker products,
    /// commutation matrices. An identity comes back as one letter.
    pub(in crate::simplify) fn merge_letters(&mut self, a: Factor, b: Factor) -> Option<Factors> {
        if a.exponent != self.one || b.exponent != self.one {
            return None;
        }
        let (Some(x), Some(y)) = (self.kronecker_parts(a.base), self.kronecker_parts(b.base)) else {
            return self.merge_special(a, b);
        };
        if x.len() != y.len() {
            return None;
        }
        let fits = x.iter().zip(&y).all(|(p, q)| p.shape.cols == q.shape.rows);
        let shape = Shape::new(self.graph.shape(a.base).rows, self.graph.shape(b.base).cols);
        if !fits || shape.is_scalar() {
            return None;
        }
        let mut parts = Vec::new();
        for (p, q) in x.iter().zip(&y) {
            parts.push(std::rc::Rc::new(self.times(p, q)));
        }
        let product = self.kronecker(shape, &parts);
        single_word(&product)
    }

    /// The factors of a Kronecker product or of the transpose of one.
    pub(in crate::simplify) fn kronecker_parts(&mut self, id: Id) -> Option<Vec<Poly>> {
        let (base, turned) = match self.graph.transpose_of(id) {
            Some(a) => (a, true),
            None => (id, false),
        };
        if !matches!(self.graph.op(base), Op::Kronecker) {
            return None;
        }
        let mut parts = Vec::new();
        for a in self.graph.args(base).to_vec() {
            let p = self.poly(a);
            parts.push(if turned { self.transpose(&p) } else { p.as_ref().clone() });
        }
        Some(parts)
    }

    /// Commutation matrices that cancel, diagonal matrices that merge.
    pub(in crate::simplify) fn merge_special(&mut self, a: Factor, b: Factor) -> Option<Factors> {
        let (x, y) = (self.graph.node(a.base).clone(), self.graph.node(b.base).clone());
        match (&x.op, &y.op) {
            (Op::Commutation(m, n), Op::Commutation(p, q)) if m == q && n == p => {
                let mn = self.graph.shape(a.base).rows;
                let identity = self.graph.identity(mn);
                Some(Factors::from_slice(&[self.factor(identity)]))
            }
            (Op::Call(f), Op::Call(g)) if f == g && self.known.diag == Some(*f) => {
                let (u, v) = (self.poly(x.args[0]), self.poly(y.args[0]));
                let shape = self.graph.shape(x.args[0]);
                let uv = self.hadamard(shape, &[u, v]);
                let d = self.diagonal(&uv);
                single_word(&d)
            }
            _ => None,
        }
    }

    /// Moves 1×1 stretches out, turns diagonal matrices on vectors into elementwise products, and asks the
    /// identities.
    pub(in crate::simplify) fn finish_word(&mut self, word: Factors, shape: Shape) -> Poly {
        if let Some(p) = self.rewrite_word(&word, shape) {
            return p;
        }
        let cuts: SmallVec<[usize; 4]> =
            (0..=word.len()).filter(|i| self.boundary(&word, *i) == Dim::ONE).collect();
        match (cuts.first(), cuts.last()) {
            (Some(first), Some(last)) if first < last => {
                let mut product = Poly::number(Number::ONE);
                for w in cuts.windows(2) {
                    let stretch = self.scalar_word(&word[w[0]..w[1]]);
                    product = self.times(&product, &stretch);
                }
                let (head, tail) = (&word[..*first], &word[*last..]);
                if head.is_empty() && tail.is_empty() {
                    return product;
                }
                let head = self.plain(head);
                let tail = self.plain(tail);
                let rest = match (head, tail) {
                    (Some(h), Some(t)) => {
                        Poly::of(Shape::new(h.shape.rows, t.shape.cols), join(&h.terms[0], &t.terms[0]))
                    }
                    (Some(p), None) | (None, Some(p)) => p,
                    (None, None) => return product,
                };
                let rest = self.settle(rest);
                self.times(&product, &rest)
            }
            _ => {
                let p = Poly::of(shape, Term { coefficient: Number::ONE, scalars: Factors::new(), word });
                self.settle(p)
            }
        }
    }

    pub(in crate::simplify) fn plain(&self, word: &[Factor]) -> Option<Poly> {
        if word.is_empty() {
            return None;
        }
        let term = Term { coefficient: Number::ONE, scalars: Factors::new(), word: word.into() };
        Some(Poly::of(self.word_shape(word), term))
    }

    /// The dimension between letter `i - 1` and letter `i`.
    pub(in crate::simplify) fn boundary(&self, word: &[Factor], i: usize) -> Dim {
        match word.get(i) {
            Some(f) => self.graph.shape(f.base).rows,
            None => word.last().map_or(Dim::ONE, |f| self.graph.shape(f.base).cols),
        }
    }

    /// In a word without scalar stretches: `diag(u) v` becomes `u .* v`, at a column end and, transposed, at a
    /// row end. With a differential the diagonal matrix stays, so that the word ends in the differential.
    pub(in crate::simplify) fn settle(&mut self, p: Poly) -> Poly {
        let Some(term) = p.terms.first() else { return p };
        if !term.word.iter().any(|f| self.diagonal_of(f).is_some()) {
            return p;
        }
        let term = term.clone();
        let word = &term.word;
        let cut = (1..word.len()).find(|i| self.boundary(word, *i) == Dim::ONE);
        let (head_end, tail_start) = match cut {
            Some(i) => (i, i),
            None if p.shape.cols == Dim::ONE => (word.len(), word.len()),
            None if p.shape.rows == Dim::ONE => (0, 0),
            None => return p,
        };
        let head = self.settle_column(&term.word[..head_end]);
        let tail = self.settle_row(&term.word[tail_start..]);
        let mut result = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..term.clone() });
        for part in [head, tail].into_iter().flatten() {
            let (t, s) = (&result.terms[0], &part.terms[0]);
            let scalars = {
                let (a, b) = (t.scalars.clone(), s.scalars.clone());
                self.merge_scalars(&a, &b)
            };
            let (t, s) = (&result.terms[0], &part.terms[0]);
            let mut joined = join(t, s);
            joined.scalars = scalars;
            result = Poly::of(p.shape, joined);
        }
        result.shape = p.shape;
        result
    }

    /// A column-shaped word with its diagonal letters applied.
    pub(in crate::simplify) fn settle_column(&mut self, word: &[Factor]) -> Option<Poly> {
        let mut p = self.plain(word)?;
        loop {
            let term = p.terms.first()?.clone();
            let found = (0..term.word.len().saturating_sub(1))
                .rev()
                .find(|i| self.diagonal_of(&term.word[*i]).is_some());
            let Some(i) = found else { return Some(p) };
            let suffix = &term.word[i + 1..];
            if suffix.iter().any(|f| self.is_linear(f.base)) || self.is_linear(term.word[i].base) {
                return Some(p);
            }
            let u = self.diagonal_of(&term.word[i])?;
            let u = self.poly(u);
            let v = self.plain(suffix)?;
            let uv = self.hadamard(v.shape, &[u, std::rc::Rc::new(v)]);
            let [t] = uv.terms.as_slice() else { return Some(p) };
            let mut word: Factors = term.word[..i].into();
            word.extend(t.word.iter().copied());
            let scalars = self.merge_scalars(&term.scalars, &t.scalars);
            let coefficient = term.coefficient.clone() * t.coefficient.clone();
            p = Poly::of(p.shape, Term { coefficient, scalars, word });
        }
    }

    pub(in crate::simplify) fn settle_row(&mut self, word: &[Factor]) -> Option<Poly> {
        if word.is_empty() || !word.iter().any(|f| self.diagonal_of(f).is_some()) {
            return self.plain(word);
        }
        let turned = self.turn(word);
        let column = self.settle_column(&turned.word)?;
        let back = self.turn(&column.terms[0].word);
        let term = Term {
            coefficient: column.terms[0].coefficient.clone() * back.coefficient * turned.coefficient,
            scalars: column.terms[0].scalars.clone(),
            word: back.word,
        };
        Some(Poly::of(self.word_shape(word), term))
    }

    /// The vector on the diagonal of a letter `diag(u)`.
    pub(in crate::simplify) fn diagonal_of(&self, f: &Factor) -> Option<Id> {
        match self.graph.op(f.base) {
            Op::Call(d) if Some(*d) == self.known.diag && f.exponent == self.one => {
                Some(self.graph.args(f.base)[0])
            }
            _ => None,
        }
    }

    /// The transpose of a word: reversed, each letter transposed.
    pub(in crate::simplify) fn turn(&mut self, word: &[Factor]) -> Term {
        let mut turned = Factors::new();
        let mut coefficient = Number::ONE;
        for f in word.iter().rev() {
            let (letter, sign) = self.transpose_letter(*f);
            coefficient = coefficient * sign;
            turned.push(letter);
        }
        Term { coefficient, scalars: Factors::new(), word: turned }
    }

    /// Which of two readings of one scalar is kept: `Less` for the first.
    pub(in crate::simplify) fn prefer(&mut self, a: &[Factor], b: &[Factor]) -> Ordering {
        let key = |this: &mut Self, w: &[Factor]| {
            let flipped = w.iter().filter(|f| {
                this.graph
                    .transpose_of(f.base)
                    .is_some_and(|v| matches!(this.graph.op(v), Op::Differential(_)))
            });
            let flipped = flipped.count();
            let late = w.iter().rev().position(|f| this.is_linear(f.base)).unwrap_or(0);
            let turned = w.iter().filter(|f| this.graph.transpose_of(f.base).is_some()).count();
            // ones^T v rather than v^T ones: it is read as a sum.
            let ones_last = w.last().is_some_and(|f| matches!(this.graph.op(f.base), Op::Ones(..)));
            (flipped, late, ones_last, turned)
        };
        let (x, y) = (key(self, a), key(self, b));
        x.cmp(&y).then_with(|| compare_words(self.graph, a, b))
    }

    /// Whether the letter's transpose is its inverse.
    pub(in crate::simplify) fn is_orthogonal(&self, id: Id) -> bool {
        self.graph.properties(id).has(Properties::ORTHOGONAL)
    }
}

/// The word of a single term with coefficient one and no scalar factor.
pub(super) fn single_word(p: &Poly) -> Option<Factors> {
    match p.terms.as_slice() {
        [t] if t.scalars.is_empty() && t.coefficient.is_one() && !t.word.is_empty() => Some(t.word.clone()),
        _ => None,
    }
}

/// Coefficients multiplied, scalars and words side by side.
fn join(a: &Term, b: &Term) -> Term {
    Term {
        coefficient: a.coefficient.clone() * b.coefficient.clone(),
        scalars: a.scalars.iter().chain(&b.scalars).copied().collect(),
        word: a.word.iter().chain(&b.word).copied().collect(),
    }
}
