//! Vectors with a common last factor that hides in a scalar or in an elementwise product.
//!
//! In: a normal form. Out: the normal form with the factor taken out.
//! Invariant: only columns and scalars free of differentials are read so.
//!
//! `(b^T x) a + (a^T x) b` is `(a b^T + b a^T) x`; `s .* g - (s^T g) s` is `(diag(s) - s s^T) g`.

use std::rc::Rc;

use crate::expr::{Id, Number, Op, Shape};

use super::normal::Normalizer;
use super::poly::{Factors, Poly, Term};

/// Longer sums of scalars are not read so.
const TERMS: usize = 4;

impl Normalizer<'_> {
    /// Vectors with a common last factor that hides in a scalar or an elementwise product:
    /// `(b^T x) a + (a^T x) b` as `(a b^T + b a^T) x`, `s .* g - (s^T g) s` as `(diag(s) - s s^T) g`.
    pub(in crate::simplify) fn unfolded(&mut self, p: &Poly) -> Option<Poly> {
        let long = p.terms.len() > 32 || p.terms.iter().any(|t| t.word.len() > 32);
        if !p.shape.is_column() || p.shape.is_scalar() || long || self.has_differential(p) {
            return None;
        }
        let rows: Vec<Vec<Unfolded>> = p.terms.iter().map(|t| self.unfoldings(t)).collect();
        let mut suffixes: Vec<Factors> = Vec::new();
        for u in rows.iter().flatten() {
            if !suffixes.contains(&u.suffix) {
                suffixes.push(u.suffix.clone());
            }
        }
        let count = |s: &Factors| rows.iter().filter(|r| r.iter().any(|u| u.suffix == *s)).count();
        let best = suffixes.into_iter().max_by_key(|s| (count(s), s.len()))?;
        let n = count(&best);
        let hidden = rows.iter().flatten().any(|u| u.suffix == best && u.hidden);
        if n < 2 || !hidden {
            return None;
        }
        let width = self.word_shape(&best).rows;
        let (mut heads, mut rest) = (Vec::new(), Vec::new());
        for (t, row) in p.terms.iter().zip(&rows) {
            match row.iter().find(|u| u.suffix == best) {
                Some(u) => heads.push(Rc::new(u.head.clone())),
                None => rest.push(t.clone()),
            }
        }
        let shape = Shape::new(p.shape.rows, width);
        let sum = self.add(shape, &heads);
        let letter = self.as_letter(&sum);
        let suffix = self.word_poly_of(&best);
        let product = self.times(&letter, &suffix);
        let mut terms = product.terms;
        terms.extend(rest);
        Some(Poly { shape: p.shape, terms }.collected(self.graph))
    }

    /// The same of a scalar: `sum(a .* b .* s) - (s^T a) (s^T b)` as `a^T (diag(s) - s s^T) b`.
    pub(in crate::simplify) fn unfolded_scalar(&mut self, p: &Poly) -> Vec<Poly> {
        let mut found = Vec::new();
        if !p.shape.is_scalar() || !(2..=TERMS).contains(&p.terms.len()) || self.has_differential(p) {
            return found;
        }
        let rows: Vec<Vec<Unfolded>> = p.terms.iter().map(|t| self.scalar_unfoldings(t)).collect();
        let Some((first, others)) = rows.split_first() else { return found };
        for u in first {
            let same = |row: &Vec<Unfolded>| row.iter().position(|v| v.suffix == u.suffix);
            let Some(places) = others.iter().map(same).collect::<Option<Vec<usize>>>() else { continue };
            let others: Vec<&Unfolded> = others.iter().zip(places).map(|(row, i)| &row[i]).collect();
            if !u.hidden && others.iter().all(|v| !v.hidden) {
                continue;
            }
            let heads: Vec<Rc<Poly>> =
                std::iter::once(&u).chain(&others).map(|v| Rc::new(self.transposed(&v.head))).collect();
            let column = self.add(heads[0].shape, &heads);
            if let Some(column) = self.unfolded(&column).filter(|c| c.terms.len() == 1) {
                let (row, suffix) = (self.transposed(&column), self.word_poly_of(&u.suffix));
                found.push(self.times(&row, &suffix));
            }
        }
        found
    }

    /// The ways to read a scalar term as a row times a vector.
    fn scalar_unfoldings(&mut self, t: &Term) -> Vec<Unfolded> {
        let mut found = Vec::new();
        for (i, f) in t.scalars.iter().enumerate() {
            if f.exponent != self.one || !matches!(self.graph.op(f.base), Op::Product) {
                continue;
            }
            let mut outer = t.clone();
            outer.scalars.remove(i);
            let outer = Poly::of(Shape::SCALAR, outer);
            let letters = self.letters(f.base);
            if let [ones, product] = letters.as_slice()
                && self.is_ones_row(ones.base)
                && matches!(self.graph.op(product.base), Op::Hadamard)
            {
                let mut columns = Vec::new();
                self.unfold_hadamard(&outer.terms[0], product.base, &mut columns);
                let ones = self.word_poly_of(&letters[..1]);
                for u in columns {
                    let head = self.times(&ones, &u.head);
                    found.push(Unfolded { head, ..u });
                }
                continue;
            }
            let turned = self.turn(&letters);
            for (word, sign) in [(letters, Number::ONE), (turned.word, turned.coefficient)] {
                for cut in 1..word.len() {
                    let row = self.word_poly_of(&word[..cut]);
                    let head = self.times(&outer, &row).scaled(&sign);
                    found.push(Unfolded { head, suffix: word[cut..].into(), hidden: false });
                }
            }
        }
        found
    }

    /// The ways to read a column-shaped term as a matrix times a vector.
    pub(in crate::simplify) fn unfoldings(&mut self, t: &Term) -> Vec<Unfolded> {
        let mut found = Vec::new();
        let scale = |scalars: Factors, t: &Term| {
            let term = Term { coefficient: t.coefficient.clone(), scalars, word: Factors::new() };
            Poly::of(Shape::SCALAR, term)
        };
        if let Some((last, head)) = t.word.split_last() {
            if head.is_empty() {
                if let Op::Hadamard = self.graph.op(last.base) {
                    self.unfold_hadamard(t, last.base, &mut found);
                }
            } else {
                for cut in 1..t.word.len() {
                    let head = self.word_poly_of(&t.word[..cut]);
                    let outer = scale(t.scalars.clone(), t);
                    let head = self.times(&outer, &head);
                    found.push(Unfolded { head, suffix: t.word[cut..].into(), hidden: false });
                }
            }
        }
        for (i, f) in t.scalars.iter().enumerate() {
            if f.exponent != self.one || !matches!(self.graph.op(f.base), Op::Product) {
                continue;
            }
            let mut scalars = t.scalars.clone();
            scalars.remove(i);
            let outer = scale(scalars, t);
            let letters = self.letters(f.base);
            let turned = self.turn(&letters);
            for (word, sign) in [(letters, Number::ONE), (turned.word, turned.coefficient)] {
                for cut in 1..word.len() {
                    let row = self.word_poly_of(&word[..cut]);
                    let column = self.word_poly_of(&t.word);
                    let head =
                        self.product(&[Rc::new(outer.clone()), Rc::new(column), Rc::new(row)]).scaled(&sign);
                    found.push(Unfolded { head, suffix: word[cut..].into(), hidden: true });
                }
            }
        }
        found
    }

    pub(in crate::simplify) fn unfold_hadamard(&mut self, t: &Term, id: Id, found: &mut Vec<Unfolded>) {
        let factors = self.hadamard_factors(id);
        for (i, (base, exponent)) in factors.iter().enumerate() {
            if *exponent != self.one {
                continue;
            }
            let mut others = factors.clone();
            others.remove(i);
            let shape = self.graph.shape(id);
            let u = self.hadamard_of(shape, &others);
            let d = self.diagonal(&u);
            let outer = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
            let head = self.times(&outer, &d);
            let suffix = self.letters(*base);
            found.push(Unfolded { head, suffix, hidden: true });
        }
    }
}

/// A column read as a matrix times a vector.
pub(in crate::simplify) struct Unfolded {
    head: Poly,
    suffix: Factors,
    /// Whether the vector was hidden in a scalar or in an elementwise product.
    hidden: bool,
}
