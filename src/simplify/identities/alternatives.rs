//! Identities without a simpler side: other forms for the e-graph.
//!
//! In: a normal form of one term. Out: normal forms of the same value, with the names of the identities.
//! Invariant: only short words are looked at; extraction decides between the forms.

use crate::expr::Shape;

use super::super::normal::Normalizer;
use super::super::poly::{Factor, Factors, Poly, Term};
use super::apply::{REACH, start, stretches};
use super::matching::Bindings;
use super::{Pattern, Rule};

impl Normalizer<'_> {
    /// What identities without a simpler side make of a normal form of one term: forms for the e-graph.
    pub(in crate::simplify) fn alternatives(&mut self, p: &Poly) -> Vec<(String, Poly)> {
        let identities = self.identities();
        let [t] = p.terms.as_slice() else { return Vec::new() };
        let (word, outer): (Factors, Term) = match (t.word.is_empty(), t.scalars.as_slice()) {
            (false, _) => (t.word.clone(), Term { word: Factors::new(), ..t.clone() }),
            (true, [f]) => (Factors::from_slice(&[*f]), Term { scalars: Factors::new(), ..t.clone() }),
            _ => return Vec::new(),
        };
        if word.len() > REACH {
            return Vec::new();
        }
        let mut found = Vec::new();
        for i in self.candidates(&identities.alternatives, &word) {
            let rule = &identities.rules[i];
            if !self.fits_factors(rule, &word) {
                continue;
            }
            let start = start(rule);
            if let Some(q) = self.alternative(rule, &word, p.shape, &start) {
                let scale = Poly::of(Shape::SCALAR, outer.clone());
                found.push((rule.name.clone(), self.times(&scale, &q)));
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
