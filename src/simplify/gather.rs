//! Gathering summands: several calls of a linear function as one, the user's own sums inside longer ones.
//!
//! In: a normal form. Out: normal forms of the same value with fewer terms.
//! Invariant: what is gathered is free of differentials.
//!
//! `diag(u) + 2 diag(v)` is `diag(u + 2 v)`; where the user wrote `W x + c`, `2 W x + 2 c + y` is `2 (W x + c) + y`;
//! `I - K H - H^T K^T + K H H^T K^T` is `(I - K H) (I - H^T K^T)`.

use std::rc::Rc;

use crate::expr::{FnId, Id, Number, Op, Shape};

use super::normal::Normalizer;
use super::poly::{Factor, Factors, Poly, Term};

/// Longer sums are not searched for a common elementwise factor.
const ELEMENTWISE_TERMS: usize = 32;

impl Normalizer<'_> {
    /// `f(u) + 2 f(v)` as `f(u + 2 v)` for a function that is linear: diag, tr, vec, tril, …
    pub(in crate::simplify) fn merged_calls(&mut self, p: &Poly) -> Option<Poly> {
        let mut groups: Vec<(FnId, Vec<Rc<Poly>>)> = Vec::new();
        let mut rest = Vec::new();
        for t in &p.terms {
            match self.linear_call_of(t, p.shape) {
                Some((f, inner)) => {
                    let scale = match p.shape.is_scalar() {
                        true => self.without_call(t, f),
                        false => Term { word: Factors::new(), ..t.clone() },
                    };
                    let scale = Poly::of(Shape::SCALAR, scale);
                    let inner = self.poly(inner);
                    let scaled = Rc::new(self.times(&scale, &inner));
                    let same =
                        |(g, parts): &&mut (FnId, Vec<Rc<Poly>>)| *g == f && parts[0].shape == scaled.shape;
                    match groups.iter_mut().find(same) {
                        Some((_, parts)) => parts.push(scaled),
                        None => groups.push((f, vec![scaled])),
                    }
                }
                None => rest.push(t.clone()),
            }
        }
        if groups.iter().all(|(_, parts)| parts.len() < 2) {
            return None;
        }
        let mut sum = Poly { shape: p.shape, terms: rest };
        for (f, parts) in groups {
            let inner = self.add(parts[0].shape, &parts);
            if self.has_differential(&inner) {
                return None;
            }
            let letter = self.as_letter(&inner);
            let (scale, id) = self.letter_of(&letter)?;
            let call = self.graph.add(Op::Call(f), [id]);
            let call = self.atom(call);
            sum.terms.extend(self.times(&scale, &call).terms);
        }
        Some(sum.collected(self.graph))
    }

    /// `c .* u - 2 c .* v` as `c .* (u - 2 v)`, by the factor that most terms share.
    pub(in crate::simplify) fn merged_elementwise(&mut self, p: &Poly) -> Option<Poly> {
        if p.shape.is_scalar() || p.terms.len() > ELEMENTWISE_TERMS || self.has_differential(p) {
            return None;
        }
        let mut rows: Vec<Vec<(Id, Id)>> = Vec::with_capacity(p.terms.len());
        for t in &p.terms {
            rows.push(match t.word.as_slice() {
                [f] if f.exponent == self.one => self.hadamard_factors(f.base),
                [] => vec![],
                word => vec![(self.write_word(word), self.one)],
            });
        }
        let count = |f: &(Id, Id)| rows.iter().filter(|row| row.contains(f)).count();
        let hidden = rows.iter().filter(|row| row.len() > 1).flatten();
        let shared = hidden.copied().max_by_key(|f| (count(f), std::cmp::Reverse(f.0)))?;
        if count(&shared) < 2 {
            return None;
        }
        let (mut inside, mut terms) = (vec![], vec![]);
        for (t, mut row) in p.terms.iter().zip(rows) {
            let Some(place) = row.iter().position(|f| *f == shared) else {
                terms.push(t.clone());
                continue;
            };
            row.remove(place);
            let rest = self.hadamard_of(p.shape, &row);
            let scale = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
            inside.push(Rc::new(self.times(&scale, &rest)));
        }
        let sum = self.add(p.shape, &inside);
        let letter = Rc::new(self.as_letter(&sum));
        let factor = Rc::new(self.hadamard_of(p.shape, &[shared]));
        terms.extend(self.hadamard(p.shape, &[letter, factor]).terms);
        Some(Poly { shape: p.shape, terms }.collected(self.graph))
    }

    /// The scalar part and the node of a letter.
    pub(in crate::simplify) fn letter_of(&mut self, p: &Poly) -> Option<(Poly, Id)> {
        let [t] = p.terms.as_slice() else { return None };
        let scale = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
        let id = self.write_word(&t.word);
        Some((scale, id))
    }

    /// The function and its argument of a term that is one call of a linear function, up to scalars.
    pub(in crate::simplify) fn linear_call_of(&self, t: &Term, shape: Shape) -> Option<(FnId, Id)> {
        let factors = if shape.is_scalar() { &t.scalars } else { &t.word };
        let call = |f: &Factor| match self.graph.op(f.base) {
            Op::Call(g) if f.exponent == self.one && self.graph.args(f.base).len() == 1 => {
                let linear = self.graph.catalog().entry(*g).adjoints.len() == 1;
                linear.then(|| (*g, self.graph.args(f.base)[0]))
            }
            _ => None,
        };
        match (factors.as_slice(), shape.is_scalar()) {
            ([f], false) => call(f),
            (many, true) => {
                let mut found = many.iter().filter_map(call);
                let first = found.next()?;
                found.next().is_none().then_some(first)
            }
            _ => None,
        }
    }

    pub(in crate::simplify) fn without_call(&self, t: &Term, f: FnId) -> Term {
        let mut scalars = t.scalars.clone();
        scalars
            .retain(|s| !matches!(self.graph.op(s.base), Op::Call(g) if *g == f && s.exponent == self.one));
        Term { scalars, word: Factors::new(), ..t.clone() }
    }

    /// Sums of the function that stand inside a longer sum: `2 W x + 2 c + y` as `2 (W x + c) + y`.
    pub(in crate::simplify) fn with_sums_of(&mut self, p: &Poly, sums: &[Rc<Poly>]) -> Vec<Poly> {
        let mut found = Vec::new();
        for sum in sums {
            if sum.shape != p.shape || sum.terms.len() >= p.terms.len() {
                continue;
            }
            let place = |s: &Term| p.terms.iter().position(|t| t.same_monomial(s));
            let places: Option<Vec<usize>> = sum.terms.iter().map(place).collect();
            let Some(places) = places else { continue };
            let ratio = |(s, i): (&Term, &usize)| {
                p.terms[*i].coefficient.clone() * s.coefficient.recip().unwrap_or(Number::ONE)
            };
            let mut ratios = sum.terms.iter().zip(&places).map(ratio);
            let Some(first) = ratios.next() else { continue };
            if !ratios.all(|r| r == first) {
                continue;
            }
            let letter = self.as_letter(sum).scaled(&first);
            let rest =
                p.terms.iter().enumerate().filter(|(i, _)| !places.contains(i)).map(|(_, t)| t.clone());
            let terms = letter.terms.into_iter().chain(rest).collect();
            found.push(Poly { shape: p.shape, terms }.collected(self.graph));
        }
        found
    }

    /// `I + U + V + U V` as `(I + U) (I + V)`.
    pub(in crate::simplify) fn product_of_binomials(&mut self, p: &Poly) -> Option<Poly> {
        if p.terms.len() != 4 || !p.shape.is_square() || p.shape.is_scalar() || self.has_differential(p) {
            return None;
        }
        let is_unit = |t: &Term| {
            let letter = |f: &Factor| matches!(self.graph.op(f.base), Op::Identity(_));
            t.scalars.is_empty() && t.word.iter().all(letter)
        };
        let unit = p.terms.iter().position(is_unit)?;
        let content = p.terms[unit].coefficient.clone();
        let mut rest = p.clone().scaled(&content.recip()?).terms;
        let unit = rest.remove(unit);
        for (u, v, w) in [(0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 0, 1), (1, 2, 0), (2, 1, 0)] {
            if self.times_terms(&rest[u], &rest[v]).terms != [rest[w].clone()] {
                continue;
            }
            let mut factor = |t: &Term| {
                let terms = vec![unit.clone(), t.clone()];
                let sum = Poly { shape: p.shape, terms }.collected(self.graph);
                self.as_letter(&sum)
            };
            let (left, right) = (factor(&rest[u]), factor(&rest[v]));
            return Some(self.times(&left, &right).scaled(&content));
        }
        None
    }
}
