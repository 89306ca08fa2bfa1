//! Elementwise products and powers, Kronecker products, diagonal matrices.
//!
//! In: normal forms. Out: the normal form of their elementwise or Kronecker product.
//! Invariant: an elementwise product is flat, its factors sorted, each base once. A factor of rank one never
//! stays in it: `(u v^T) .* M` is `diag(u) M diag(v)`.

use std::rc::Rc;

use crate::expr::{Dim, FnId, Id, Number, Op, Shape};

use super::super::poly::{Factor, Factors, Poly, Term, compare};
use super::Normalizer;

impl Normalizer<'_> {
    /// `a .* b .* …` of polynomials of one shape (or scalars, which scale).
    pub(in crate::simplify) fn hadamard(&mut self, shape: Shape, args: &[Rc<Poly>]) -> Poly {
        if shape.is_scalar() {
            return self.product(args);
        }
        let mut result = self.ones(shape);
        for a in args {
            let mut terms = Vec::new();
            let factor = self.as_hadamard_factor(a);
            for s in &result.terms {
                for t in &factor.terms {
                    let p = self.hadamard_terms(shape, s, t);
                    terms.extend(p.terms);
                }
            }
            result = Poly { shape, terms }.collected(self.graph);
        }
        result
    }

    pub(in crate::simplify) fn as_hadamard_factor(&mut self, p: &Poly) -> Poly {
        let linear = p.terms.iter().any(|t| t.word.iter().chain(&t.scalars).any(|f| self.is_linear(f.base)));
        if linear || self.distributes(p) { p.clone() } else { self.as_letter(p) }
    }

    /// The normal form of `ones(shape)`.
    pub(in crate::simplify) fn ones(&mut self, shape: Shape) -> Poly {
        let id = self.graph.ones(shape);
        self.poly(id).as_ref().clone()
    }

    pub(in crate::simplify) fn hadamard_terms(&mut self, shape: Shape, s: &Term, t: &Term) -> Poly {
        let scalars = self.merge_scalars(&s.scalars, &t.scalars);
        let coefficient = s.coefficient.clone() * t.coefficient.clone();
        let scale = Poly::of(Shape::SCALAR, Term { coefficient, scalars, word: Factors::new() });
        let product = self.hadamard_words(shape, &s.word, &t.word);
        self.times(&scale, &product)
    }

    /// The elementwise product of two words of one shape.
    pub(in crate::simplify) fn hadamard_words(&mut self, shape: Shape, a: &[Factor], b: &[Factor]) -> Poly {
        if self.is_all_ones(a) {
            return self.word_poly(shape, b);
        }
        if self.is_all_ones(b) {
            return self.word_poly(shape, a);
        }
        for (x, y) in [(a, b), (b, a)] {
            if let Some(p) = self.hadamard_with_diagonal(shape, x, y) {
                return p;
            }
        }
        for (x, y) in [(a, b), (b, a)] {
            if let Some(i) = self.rank_one_cut(x, shape)
                && !x.iter().any(|f| self.is_linear(f.base))
            {
                let (u, v) = (self.word_poly_of(&x[..i]), self.word_poly_of(&x[i..]));
                let v = self.transpose(&v);
                let (u, v) = (self.diagonal(&u), self.diagonal(&v));
                let y = self.word_poly(shape, y);
                return self.product(&[Rc::new(u), Rc::new(y), Rc::new(v)]);
            }
        }
        let linear = |this: &mut Self, w: &[Factor]| w.iter().any(|f| this.is_linear(f.base));
        let (la, lb) = (linear(self, a), linear(self, b));
        if la != lb && !shape.is_matrix() {
            // u .* (A dx) = diag(u) A dx: the differential stays at the end of a word.
            let (free, bound) = if la { (b, a) } else { (a, b) };
            let (mut free, bound) = (self.word_poly_of(free), self.word_poly_of(bound));
            let row = shape.rows == Dim::ONE;
            if row {
                free = self.transpose(&free);
            }
            let d = self.diagonal(&free);
            return if row { self.times(&bound, &d) } else { self.times(&d, &bound) };
        }
        let mut factors = Vec::new();
        for mut w in [a, b] {
            // diag(u) v = u .* v: with what stands beside it `dx .* diag(u) dx` is `u .* dx.^2`.
            while shape.is_column()
                && let [f, rest @ ..] = w
                && !rest.is_empty()
                && let Some(u) = self.diagonal_of(f)
            {
                factors.extend(self.hadamard_factors(u));
                w = rest;
            }
            let id = self.write_word(w);
            factors.extend(self.hadamard_factors(id));
        }
        let (bound, free): (Vec<_>, Vec<_>) = factors.iter().partition(|(base, _)| self.is_linear(*base));
        if shape.is_column() && !bound.is_empty() && !free.is_empty() {
            let (free, bound) = (self.hadamard_of(shape, &free), self.hadamard_of(shape, &bound));
            let d = self.diagonal(&free);
            return self.times(&d, &bound);
        }
        self.hadamard_of(shape, &factors)
    }

    /// `diag(u) .* M = diag(u .* diag(M))`, for the identity too.
    pub(in crate::simplify) fn hadamard_with_diagonal(
        &mut self,
        shape: Shape,
        x: &[Factor],
        y: &[Factor],
    ) -> Option<Poly> {
        let [f] = x else { return None };
        let identity = matches!(self.graph.op(f.base), Op::Identity(_));
        if !identity && self.diagonal_of(f).is_none() {
            return None;
        }
        let diag_of = self.known.diag_of?;
        let y = self.word_poly(shape, y);
        let vector = Shape::vector(shape.rows);
        let mut d = self.call(diag_of, vector, &[Rc::new(y)]);
        if let Some(u) = self.diagonal_of(f) {
            let u = self.poly(u);
            d = self.hadamard(vector, &[u, Rc::new(d)]);
        }
        Some(self.diagonal(&d))
    }

    pub(in crate::simplify) fn is_all_ones(&self, word: &[Factor]) -> bool {
        word.iter().all(|f| {
            let base = self.graph.transpose_of(f.base).unwrap_or(f.base);
            f.exponent == self.one && matches!(self.graph.op(base), Op::Ones(..))
        })
    }

    /// Where a matrix-shaped word is a column times a row.
    pub(in crate::simplify) fn rank_one_cut(&self, word: &[Factor], shape: Shape) -> Option<usize> {
        if !shape.is_matrix() {
            return None;
        }
        (1..word.len()).find(|i| self.boundary(word, *i) == Dim::ONE)
    }

    pub(in crate::simplify) fn word_poly_of(&self, word: &[Factor]) -> Poly {
        self.word_poly(self.word_shape(word), word)
    }

    pub(in crate::simplify) fn word_poly(&self, shape: Shape, word: &[Factor]) -> Poly {
        let term = Term { coefficient: Number::ONE, scalars: Factors::new(), word: word.into() };
        Poly::of(shape, term)
    }

    /// The factors of an elementwise product: base and exponent.
    pub(in crate::simplify) fn hadamard_factors(&self, id: Id) -> Vec<(Id, Id)> {
        let one = |a: Id| match self.graph.op(a) {
            Op::ElementPower => (self.graph.args(a)[0], self.graph.args(a)[1]),
            _ => (a, self.one),
        };
        match self.graph.op(id) {
            Op::Hadamard => self.graph.args(id).iter().map(|a| one(*a)).collect(),
            _ => vec![one(id)],
        }
    }

    /// The elementwise product of bases with exponents, equal bases merged.
    pub(in crate::simplify) fn hadamard_of(&mut self, shape: Shape, factors: &[(Id, Id)]) -> Poly {
        let mut sorted: Vec<(Id, Id)> = factors.to_vec();
        sorted.sort_by(|a, b| compare(self.graph, a.0, b.0));
        let mut merged: Vec<(Id, Id)> = Vec::new();
        for (base, exponent) in sorted {
            match merged.last_mut() {
                Some(last) if last.0 == base => last.1 = self.add_exponents(last.1, exponent),
                _ => merged.push((base, exponent)),
            }
        }
        merged.retain(|(_, e)| !self.graph.is_zero(*e));
        if let Some(p) = self.rewrite_hadamard(shape, &merged) {
            return p;
        }
        let node = self.hadamard_node(shape, merged);
        // A lone factor may be a power of a matrix, or have scalars of its own: `(t x).^1`.
        match node.terms.as_slice() {
            [Term { coefficient, scalars, word }] if coefficient.is_one() && scalars.is_empty() => {
                match word[..] {
                    [f] if f.exponent == self.one => self.orient(f.base),
                    _ => node,
                }
            }
            _ => node,
        }
    }

    /// The node for sorted, merged factors, as a letter that is not yet oriented.
    pub(in crate::simplify) fn hadamard_node(&mut self, shape: Shape, mut factors: Vec<(Id, Id)>) -> Poly {
        factors.sort_by(|a, b| compare(self.graph, a.0, b.0));
        let mut args = Vec::with_capacity(factors.len());
        for (base, exponent) in factors {
            args.push(match exponent == self.one {
                true => base,
                false => self.graph.add(Op::ElementPower, [base, exponent]),
            });
        }
        match args.as_slice() {
            [] => self.ones(shape),
            [a] => match self.graph.op(*a) {
                Op::ElementPower => self.atom(*a),
                _ => self.poly(*a).as_ref().clone(),
            },
            _ => {
                let id = self.graph.add(Op::Hadamard, args);
                self.atom(id)
            }
        }
    }

    /// `base .^ exponent`.
    pub(in crate::simplify) fn element_power(&mut self, base: &Poly, exponent: &Poly) -> Poly {
        if base.shape.is_scalar() {
            return self.power(base, exponent);
        }
        let number = exponent.as_number();
        if number.as_ref().is_some_and(Number::is_one) {
            return base.clone();
        }
        if number.as_ref().is_some_and(Number::is_zero) {
            return self.ones(base.shape);
        }
        let shape = base.shape;
        let whole = number.as_ref().is_some_and(Number::is_integer);
        let base = if whole { self.as_letter(base) } else { self.positive_letter(base) };
        let [t] = base.terms.as_slice() else { return base };
        let t = t.clone();
        let e = self.write(exponent);
        let scalar = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
        let scale = self.power(&scalar, exponent);
        if self.is_all_ones(&t.word) {
            let ones = self.word_poly(shape, &t.word);
            return self.times(&scale, &ones);
        }
        let raised = match self.rank_one_cut(&t.word, shape) {
            Some(i) if whole => {
                let (u, v) = (self.word_poly_of(&t.word[..i]), self.word_poly_of(&t.word[i..]));
                let (u, v) = (self.element_power(&u, exponent), self.element_power(&v, exponent));
                self.times(&u, &v)
            }
            _ => {
                let id = self.write_word(&t.word);
                let mut factors = self.hadamard_factors(id);
                let merges = whole || factors.len() == 1 && self.is_root(factors[0].1);
                if merges {
                    for f in &mut factors {
                        f.1 = self.multiply_exponents(f.1, e);
                    }
                } else {
                    factors = vec![(id, e)];
                }
                self.hadamard_of(shape, &factors)
            }
        };
        self.times(&scale, &raised)
    }

    pub(in crate::simplify) fn is_root(&self, exponent: Id) -> bool {
        exponent == self.one || self.graph.number(exponent).is_some_and(|e| !e.is_integer())
    }

    /// The base of a fractional power: only a positive coefficient comes out.
    pub(in crate::simplify) fn positive_letter(&mut self, base: &Poly) -> Poly {
        let content = base.content();
        let scalars_out = |p: &Poly| p.terms.len() == 1 && p.terms[0].scalars.is_empty();
        if !content.is_negative() && (base.terms.len() > 1 || scalars_out(base)) {
            return self.as_letter(base);
        }
        let id = self.write(base);
        self.atom(id)
    }

    /// `a ./ b`, either side possibly a scalar.
    pub(in crate::simplify) fn element_divide(&mut self, shape: Shape, args: &[Rc<Poly>]) -> Poly {
        let minus = Poly::number(Number::MINUS_ONE);
        let inverse = self.element_power(&args[1], &minus);
        if args[0].shape.is_scalar() || args[1].shape.is_scalar() {
            return self.times(&args[0], &inverse);
        }
        self.hadamard(shape, &[args[0].clone(), Rc::new(inverse)])
    }

    /// `diag(u)`, linear in u.
    pub(in crate::simplify) fn diagonal(&mut self, u: &Poly) -> Poly {
        let shape = Shape::new(u.shape.rows, u.shape.rows);
        let Some(diag) = self.known.diag else {
            let id = self.write(u);
            return self.atom(id);
        };
        if u.shape.is_scalar() {
            return u.clone();
        }
        self.call(diag, shape, &[Rc::new(u.clone())])
    }

    /// `diag(w)` of one word.
    pub(in crate::simplify) fn diagonal_word(&mut self, diag: FnId, word: &[Factor]) -> Poly {
        let id = self.write_word(word);
        if let Op::Ones(n, _) = *self.graph.op(id) {
            let identity = self.graph.identity(n);
            return self.atom(identity);
        }
        let d = self.graph.add(Op::Call(diag), [id]);
        self.atom(d)
    }

    /// `a ⊗ b ⊗ …`.
    pub(in crate::simplify) fn kronecker(&mut self, shape: Shape, args: &[Rc<Poly>]) -> Poly {
        let mut result = Poly::number(Number::ONE);
        for a in args {
            let linear =
                a.terms.iter().any(|t| t.word.iter().chain(&t.scalars).any(|f| self.is_linear(f.base)));
            let a = if linear || self.distributes(a) { a.as_ref().clone() } else { self.as_letter(a) };
            let mut terms = Vec::new();
            for s in &result.terms {
                for t in &a.terms {
                    let p = self.kronecker_terms(s, t);
                    terms.extend(p.terms);
                }
            }
            let shape = terms.first().map_or(shape, |t: &Term| self.word_shape(&t.word));
            result = Poly { shape, terms }.collected(self.graph);
        }
        result.shape = shape;
        result
    }

    pub(in crate::simplify) fn kronecker_terms(&mut self, s: &Term, t: &Term) -> Poly {
        let scalars = self.merge_scalars(&s.scalars, &t.scalars);
        let coefficient = s.coefficient.clone() * t.coefficient.clone();
        let scale = Poly::of(Shape::SCALAR, Term { coefficient, scalars, word: Factors::new() });
        if s.word.is_empty() || t.word.is_empty() {
            let word = if s.word.is_empty() { &t.word } else { &s.word };
            if word.is_empty() {
                return scale;
            }
            let p = self.word_poly_of(word);
            return self.times(&scale, &p);
        }
        let (a, b) = (self.word_shape(&s.word), self.word_shape(&t.word));
        // A column times a row is an ordinary product, in either order.
        if a.is_column() && b.is_row() {
            let (a, b) = (self.word_poly_of(&s.word), self.word_poly_of(&t.word));
            let p = self.times(&a, &b);
            return self.times(&scale, &p);
        }
        if a.is_row() && b.is_column() {
            let (a, b) = (self.word_poly_of(&s.word), self.word_poly_of(&t.word));
            let p = self.times(&b, &a);
            return self.times(&scale, &p);
        }
        let mut parts = Vec::new();
        for w in [&s.word, &t.word] {
            let id = self.write_word(w);
            match self.graph.op(id) {
                Op::Kronecker => parts.extend_from_slice(self.graph.args(id)),
                _ => parts.push(id),
            }
        }
        let identities = parts.iter().all(|p| matches!(self.graph.op(*p), Op::Identity(_)));
        let k = self.graph.add(Op::Kronecker, parts);
        let letter = if identities {
            let n = self.graph.shape(k).rows;
            let identity = self.graph.identity(n);
            self.atom(identity)
        } else {
            self.orient(k)
        };
        self.times(&scale, &letter)
    }
}
