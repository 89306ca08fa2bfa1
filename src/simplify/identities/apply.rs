//! Rewriting with matched identities.
//!
//! In: a word, a call, a sum or an elementwise product that was just built. Out: what an identity makes of it.
//! Invariant: a rule is used only where its premises hold by declared or inferred properties, or are among
//! the conditions under which the request is read.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::expr::{Id, Number, Op, Shape};

use super::super::normal::Normalizer;
use super::super::poly::{Factor, Factors, Poly, Term};
use super::matching::Bindings;
use super::{Head, Pattern, Rule, TermPattern, head_of};

/// How far from the end of a word an identity is looked for.
pub(super) const REACH: usize = 24;

/// How many letters more than its own the variables of a pattern may stand for together.
const SLACK: usize = 6;

/// How deep one rewriting may call for another.
const DEPTH: usize = 24;

impl Normalizer<'_> {
    /// A call just built.
    pub(in crate::simplify) fn rewrite_atom(&mut self, id: Id) -> Option<Poly> {
        let identities = self.identities();
        if self.depth > DEPTH {
            return None;
        }
        let places = identities.atoms.get(&head_of(self.graph, id))?;
        // While it is matched it stands for itself.
        self.remember_atom(id);
        for i in places {
            let rule = &identities.rules[*i];
            if !self.fits(&rule.left, id) {
                continue;
            }
            let start = start(rule);
            for b in self.match_node(&rule.left, id, &start) {
                if let Some(p) = self.replacement(rule, &b) {
                    return Some(p);
                }
            }
        }
        None
    }

    /// A word just built: the first stretch that an identity knows is rewritten.
    pub(in crate::simplify) fn rewrite_word(&mut self, word: &Factors, shape: Shape) -> Option<Poly> {
        let identities = self.identities();
        if identities.words.is_empty() || word.len() < 2 || self.depth > DEPTH {
            return None;
        }
        for i in self.candidates(&identities.words, word) {
            let rule = &identities.rules[i];
            let Pattern::Term(t) = &rule.left else { continue };
            if !self.fits_factors(rule, word) {
                continue;
            }
            let start = start(rule);
            let pattern: &[(Pattern, Pattern)] = &t.word;
            let flexible =
                pattern.iter().any(|(p, _)| matches!(p, Pattern::Variable(_) | Pattern::Transposed(_)));
            // A word grows at its end: what stands far from it was tried before.
            for first in word.len().saturating_sub(REACH)..word.len() {
                let most = pattern.len() + if flexible { SLACK } else { 0 };
                let longest = (first + most).min(word.len());
                for last in first + pattern.len()..=longest {
                    for b in self.match_word(pattern, &word[first..last], &start) {
                        if let Some(p) = self.replacement(rule, &b) {
                            return Some(self.replace_stretch(word, first..last, &p, shape));
                        }
                    }
                }
            }
        }
        None
    }

    pub(in crate::simplify) fn replace_stretch(
        &mut self,
        word: &[Factor],
        stretch: std::ops::Range<usize>,
        p: &Poly,
        shape: Shape,
    ) -> Poly {
        let mut parts = Vec::new();
        if stretch.start > 0 {
            parts.push(Rc::new(self.word_poly_of(&word[..stretch.start])));
        }
        parts.push(Rc::new(p.clone()));
        if stretch.end < word.len() {
            parts.push(Rc::new(self.word_poly_of(&word[stretch.end..])));
        }
        self.depth += 1;
        let mut product = self.product(&parts);
        self.depth -= 1;
        product.shape = shape;
        product
    }

    /// A sum just collected.
    pub(in crate::simplify) fn rewrite_sum(&mut self, sum: Poly) -> Poly {
        let identities = self.identities();
        if identities.sums.is_empty() || sum.terms.len() < 2 || self.depth > DEPTH {
            return sum;
        }
        let factors: Vec<Factor> =
            sum.terms.iter().flat_map(|t| t.word.iter().chain(&t.scalars).copied()).collect();
        for i in self.candidates(&identities.sums, &factors) {
            let rule = &identities.rules[i];
            let Pattern::Sum(patterns) = &rule.left else { continue };
            if patterns.len() > sum.terms.len() || !self.fits_terms(patterns, &sum.terms) {
                continue;
            }
            let start = start(rule);
            for (b, (cofactor, used)) in self.match_terms(patterns, &sum.terms, &start) {
                let Some(p) = self.replacement(rule, &b) else { continue };
                let Some(replaced) = self.beside(cofactor, p, sum.shape) else { continue };
                let mut terms: Vec<Term> = sum
                    .terms
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| !used.contains(i))
                    .map(|(_, t)| t.clone())
                    .collect();
                terms.extend(replaced.terms);
                let next = Poly { shape: sum.shape, terms }.collected(self.graph);
                self.depth += 1;
                let next = self.rewrite_sum(next);
                self.depth -= 1;
                return next;
            }
        }
        sum
    }

    /// What replaces a part of a sum, with what stood beside that part in each term.
    fn beside(&mut self, cofactor: Term, p: Poly, shape: Shape) -> Option<Poly> {
        if p.shape == shape && cofactor.scalars.is_empty() && cofactor.word.is_empty() {
            return Some(p.scaled(&cofactor.coefficient));
        }
        if !p.shape.is_scalar() {
            return None;
        }
        self.depth += 1;
        let product = self.times(&p, &Poly::of(shape, cofactor));
        self.depth -= 1;
        Some(product)
    }

    /// Scalar factors just multiplied, alone or with a stretch of a word: of the term's own word, of a 1×1 word
    /// among the scalars, or of a word under a trace.
    pub(in crate::simplify) fn rewrite_term(&mut self, t: &Term) -> Option<Poly> {
        let identities = self.identities();
        if identities.terms.is_empty() || self.depth > DEPTH || t.scalars.is_empty() {
            return None;
        }
        let readings = self.readings(t);
        let mut factors: Vec<Factor> = t.scalars.to_vec();
        factors.extend(readings.iter().flat_map(|r| r.letters.iter().copied()));
        for i in self.candidates(&identities.terms, &factors) {
            let rule = &identities.rules[i];
            let Pattern::Term(p) = &rule.left else { continue };
            if !self.fits_factors(rule, &factors) {
                continue;
            }
            let start = start(rule);
            let found = match p.word.is_empty() {
                true => self.rewrite_scalars(rule, p, t, &start),
                false => readings.iter().find_map(|r| self.rewrite_reading(rule, p, r, &start)),
            };
            if let Some(product) = found {
                let coefficient = t.coefficient.clone() * p.coefficient.recip().unwrap_or(Number::ONE);
                return Some(product.scaled(&coefficient));
            }
        }
        None
    }

    pub(in crate::simplify) fn rewrite_scalars(
        &mut self,
        rule: &Rule,
        p: &TermPattern,
        t: &Term,
        start: &Bindings,
    ) -> Option<Poly> {
        for (b, rest) in self.match_scalars(&p.scalars, &t.scalars, start) {
            let Some(r) = self.replacement(rule, &b) else { continue };
            let shape = if t.word.is_empty() { Shape::SCALAR } else { self.word_shape(&t.word) };
            let left =
                Term { coefficient: Number::ONE, scalars: rest.as_slice().into(), word: t.word.clone() };
            self.depth += 1;
            let product = self.times(&r, &Poly::of(shape, left));
            self.depth -= 1;
            return Some(product);
        }
        None
    }

    pub(in crate::simplify) fn rewrite_reading(
        &mut self,
        rule: &Rule,
        p: &TermPattern,
        reading: &Reading,
        start: &Bindings,
    ) -> Option<Poly> {
        let n = reading.letters.len();
        for (b, rest) in self.match_scalars(&p.scalars, &reading.scalars, start) {
            for turn in 0..if reading.trace { n } else { 1 } {
                let mut letters = reading.letters.clone();
                letters.rotate_left(turn);
                for (first, last) in stretches(n, p.word.len()) {
                    for b in self.match_word(&p.word, &letters[first..last], &b) {
                        let Some(r) = self.replacement(rule, &b) else { continue };
                        let shape = self.word_shape(&letters);
                        let mut product = self.replace_stretch(&letters, first..last, &r, shape);
                        if reading.trace {
                            product = self.trace(&product);
                        }
                        let scalars = rest.as_slice().into();
                        let left = Term { coefficient: Number::ONE, scalars, word: Factors::new() };
                        self.depth += 1;
                        let product = self.times(&Poly::of(Shape::SCALAR, left), &product);
                        self.depth -= 1;
                        return Some(product);
                    }
                }
            }
        }
        None
    }

    /// Scalar factors among those of a term; of `s^-3` the pattern may take an `s^-1`.
    pub(in crate::simplify) fn match_scalars(
        &mut self,
        patterns: &[(Pattern, Pattern)],
        scalars: &[Factor],
        start: &Bindings,
    ) -> Vec<(Bindings, Vec<Factor>)> {
        let found = self.match_set(patterns, scalars, start, false);
        if !found.is_empty() {
            return found;
        }
        let mut units = Vec::with_capacity(scalars.len());
        for f in scalars {
            let e = self.graph.number(f.exponent).and_then(|e| e.to_integer());
            match e.filter(|e| (2..=4).contains(&e.abs())) {
                Some(e) => {
                    let unit = self.graph.int(e.signum());
                    units.extend((0..e.abs()).map(|_| Factor { base: f.base, exponent: unit }));
                }
                None => units.push(*f),
            }
        }
        if units.len() == scalars.len() {
            return found;
        }
        let mut merged = Vec::new();
        for (b, rest) in self.match_set(patterns, &units, start, false) {
            let mut whole = Factors::new();
            for f in rest {
                whole = self.merge_scalars(&whole, &[f]);
            }
            merged.push((b, whole.into_vec()));
        }
        merged
    }

    /// The words of a term, each with the scalars beside it.
    pub(in crate::simplify) fn readings(&self, t: &Term) -> Vec<Reading> {
        let mut found = Vec::new();
        if !t.word.is_empty() {
            found.push(Reading { letters: t.word.to_vec(), scalars: t.scalars.to_vec(), trace: false });
        }
        for (i, f) in t.scalars.iter().enumerate() {
            if f.exponent != self.one || !t.word.is_empty() {
                continue;
            }
            let (inner, trace) = match self.graph.op(f.base) {
                Op::Product => (f.base, false),
                Op::Call(g) if Some(*g) == self.known.trace => (self.graph.args(f.base)[0], true),
                _ => continue,
            };
            let mut scalars = t.scalars.to_vec();
            scalars.remove(i);
            found.push(Reading { letters: self.letters(inner).into_vec(), scalars, trace });
        }
        found
    }

    /// Factors of an elementwise product just merged.
    pub(in crate::simplify) fn rewrite_hadamard(
        &mut self,
        shape: Shape,
        factors: &[(Id, Id)],
    ) -> Option<Poly> {
        let identities = self.identities();
        let lone = factors.len() < 2 && factors.iter().all(|(_, e)| *e == self.one);
        if identities.hadamards.is_empty() || lone || self.depth > DEPTH {
            return None;
        }
        let targets: Vec<Factor> =
            factors.iter().map(|(base, exponent)| Factor { base: *base, exponent: *exponent }).collect();
        for i in self.candidates(&identities.hadamards, &targets) {
            let rule = &identities.rules[i];
            let Pattern::Hadamard(patterns) = &rule.left else { continue };
            if !self.fits_factors(rule, &targets) {
                continue;
            }
            let start = start(rule);
            for (b, rest) in self.match_set(patterns, &targets, &start, true) {
                let Some(p) = self.replacement(rule, &b) else { continue };
                if p.shape != shape {
                    continue;
                }
                let rest: Vec<(Id, Id)> = rest.iter().map(|f| (f.base, f.exponent)).collect();
                self.depth += 1;
                let others = self.hadamard_of(shape, &rest);
                let product = match rest.is_empty() {
                    true => p,
                    false => self.hadamard(shape, &[Rc::new(p), Rc::new(others)]),
                };
                self.depth -= 1;
                return Some(product);
            }
        }
        None
    }

    /// Rules whose head is among the factors, each once, in the order of the rules files.
    pub(in crate::simplify) fn candidates(
        &self,
        table: &rustc_hash::FxHashMap<Head, Vec<usize>>,
        factors: &[Factor],
    ) -> Vec<usize> {
        if table.is_empty() {
            return Vec::new();
        }
        let mut heads: SmallVec<[Head; 6]> = SmallVec::new();
        for f in factors {
            let power = (f.exponent != self.one).then_some(Head::Power);
            for head in power.into_iter().chain([head_of(self.graph, f.base)]) {
                if !heads.contains(&head) {
                    heads.push(head);
                }
            }
        }
        let mut places: Vec<usize> = heads.iter().filter_map(|h| table.get(h)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// A word of a term: its own, a 1×1 one among its scalars, or one under a trace.
pub(in crate::simplify) struct Reading {
    letters: Vec<Factor>,
    scalars: Vec<Factor>,
    trace: bool,
}

/// The stretches of at least `least` letters, shorter ones first at each place.
pub(super) fn stretches(n: usize, least: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |first| (first + least..=n).map(move |last| (first, last)))
}

pub(super) fn start(rule: &Rule) -> Bindings {
    Bindings { variables: smallvec::smallvec![None; rule.variables.len()], ..Bindings::default() }
}
