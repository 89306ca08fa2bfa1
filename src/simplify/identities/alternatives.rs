//! Identities without a simpler side: other forms for the e-graph.
//!
//! In: a normal form of one term. Out: normal forms of the same value, with the names of the identities.
//! Invariant: only short words are looked at; extraction decides between the forms.

use crate::expr::{Number, Shape};

use super::super::normal::Normalizer;
use super::super::poly::{Factor, Factors, Poly, Term};
use super::apply::{REACH, start, stretches};
use super::matching::Bindings;
use super::{Pattern, Rule};

impl Normalizer<'_> {
    /// What identities without a simpler side make of a normal form of one term: forms for the e-graph.
    pub(in crate::simplify) fn alternatives(&mut self, p: &Poly) -> Vec<(String, Poly)> {
        let [t] = p.terms.as_slice() else { return Vec::new() };
        let mut found = Vec::new();
        if t.word.is_empty() {
            found = self.alternatives_of_scalars(t);
            for (i, f) in t.scalars.iter().enumerate().take(REACH) {
                let mut outer = t.clone();
                outer.scalars.remove(i);
                found.extend(self.alternatives_of_word(&[*f], &outer, p.shape));
            }
        } else {
            let outer = Term { word: Factors::new(), ..t.clone() };
            found.extend(self.alternatives_of_word(&t.word, &outer, p.shape));
        }
        found
    }

    /// Other forms of a word, or of one scalar factor, of a term; `outer` is the rest of the term.
    fn alternatives_of_word(&mut self, word: &[Factor], outer: &Term, shape: Shape) -> Vec<(String, Poly)> {
        let identities = self.identities();
        let mut found = Vec::new();
        if word.len() > REACH {
            return found;
        }
        for i in self.candidates(&identities, &identities.alternatives, word) {
            let rule = &identities.rules[i];
            if !self.fits_factors(rule, word) {
                continue;
            }
            if let Some(q) = self.alternative(rule, word, shape, &start(rule)) {
                let scale = Poly::of(Shape::SCALAR, outer.clone());
                found.push((rule.name.clone(), self.times(&scale, &q)));
            }
        }
        found
    }

    /// Other forms of several scalar factors of a term together.
    fn alternatives_of_scalars(&mut self, t: &Term) -> Vec<(String, Poly)> {
        let identities = self.identities();
        let mut found = Vec::new();
        if !(2..=REACH).contains(&t.scalars.len()) {
            return found;
        }
        for i in self.candidates(&identities, &identities.alternatives, &t.scalars) {
            let rule = &identities.rules[i];
            let Pattern::Term(p) = &rule.left else { continue };
            if !p.word.is_empty() || !self.fits_factors(rule, &t.scalars) {
                continue;
            }
            if let Some(q) = self.rewrite_scalars(rule, p, t, &start(rule)) {
                let coefficient = t.coefficient.clone() * p.coefficient.recip().unwrap_or(Number::ONE);
                found.push((rule.name.clone(), q.scaled(&coefficient)));
            }
        }
        found
    }

    pub(in crate::simplify) fn alternative(
        &mut self,
        rule: &Rule,
        word: &[Factor],
        shape: Shape,
        start: &Bindings,
    ) -> Option<Poly> {
        let letters = match &rule.left {
            Pattern::Term(t) if t.scalars.is_empty() && t.coefficient.is_one() => t.word.as_slice(),
            pattern => {
                for (i, f) in word.iter().enumerate() {
                    if f.exponent != self.one {
                        continue;
                    }
                    for b in self.match_node(pattern, f.base, start) {
                        if let Some(r) = self.replacement(rule, &b) {
                            return Some(self.replace_stretch(word, i..i + 1, &r, shape));
                        }
                    }
                }
                return None;
            }
        };
        for (first, last) in stretches(word.len(), letters.len()) {
            for b in self.match_word(letters, &word[first..last], start) {
                if let Some(r) = self.replacement(rule, &b) {
                    return Some(self.replace_stretch(word, first..last, &r, shape));
                }
            }
        }
        None
    }
}
