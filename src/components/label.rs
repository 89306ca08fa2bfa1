//! The canonical names of bound indices.
//!
//! In: a term. Out: the same with its bound indices numbered, and its factors sorted, in a way that depends on
//! nothing but the term. Invariant: two terms that differ in the names of bound indices only come out equal.
//!
//! Indices are told apart by what they stand in, and by what stands around that (colour refinement); those that
//! still look alike are tried in turn and the least outcome taken.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::Components;
use super::term::{Factor, Index, Symmetry, Term};

/// Orders tried where indices look alike.
const TRIES: usize = 720;

impl Components<'_> {
    /// The canonical form of a term.
    pub(super) fn labelled(&self, term: Term, free: usize) -> Term {
        if term.bound.is_empty() {
            return self.renumbered(&term, free, &[]);
        }
        let mut colours: Vec<u64> = (0..free as u64).collect();
        colours.extend(term.bound.iter().map(|d| hash(&(d, "bound"))));
        self.refine(&term, &mut colours);
        let mut best: Option<Term> = None;
        let mut open = vec![colours];
        let mut tries = 0;
        while let Some(colours) = open.pop() {
            tries += 1;
            match first_tie(&colours, free) {
                Some(tied) if tries < TRIES => {
                    for i in tied {
                        let mut next = colours.clone();
                        next[i] = hash(&(next[i], "first"));
                        self.refine(&term, &mut next);
                        open.push(next);
                    }
                }
                _ => {
                    let mut order: Vec<usize> = (free..colours.len()).collect();
                    order.sort_by_key(|i| colours[*i]);
                    let found = self.renumbered(&term, free, &order);
                    let key = |t: &Term| (t.coefficient.is_negative(), t.factors.clone(), t.bound.clone());
                    if best.as_ref().is_none_or(|b| key(&found) < key(b)) {
                        best = Some(found);
                    }
                }
            }
        }
        best.unwrap_or(term)
    }

    fn refine(&self, term: &Term, colours: &mut [u64]) {
        let mut classes = count(colours);
        loop {
            let mut seen: Vec<Vec<u64>> = vec![vec![]; colours.len()];
            for f in &term.factors {
                let plain = self.symmetry(f.atom) == Symmetry::None;
                let mut around: Vec<u64> = f.at.iter().map(|i| colours[*i as usize]).collect();
                if !plain {
                    around.sort_unstable();
                }
                for (place, i) in f.at.iter().enumerate() {
                    let place = if plain { place } else { 0 };
                    seen[*i as usize].push(hash(&(f.atom, f.exponent, place, &around)));
                }
            }
            for (colour, mut seen) in colours.iter_mut().zip(seen) {
                seen.sort_unstable();
                *colour = hash(&(*colour, seen));
            }
            let now = count(colours);
            if now <= classes {
                return;
            }
            classes = now;
        }
    }

    /// The term with the bound indices in this order, its factors sorted; a skew factor turned gives a sign.
    fn renumbered(&self, term: &Term, free: usize, order: &[usize]) -> Term {
        let mut to: Vec<Index> = (0..(free + term.bound.len()) as Index).collect();
        for (new, old) in order.iter().enumerate() {
            to[*old] = (free + new) as Index;
        }
        let mut coefficient = term.coefficient.clone();
        let mut factors: Vec<Factor> = term.factors.clone();
        for f in &mut factors {
            f.at.iter_mut().for_each(|i| *i = to[*i as usize]);
            let turned = matches!(f.at.as_slice(), [a, b] if a > b);
            match self.symmetry(f.atom) {
                Symmetry::Skew if turned => {
                    f.at.swap(0, 1);
                    if self.is_odd(f.exponent) {
                        coefficient = -coefficient;
                    }
                }
                symmetry => f.at = symmetry.orders(&f.at).into_iter().min().unwrap_or_default(),
            }
        }
        factors.sort();
        let bound = match order.is_empty() {
            true => term.bound.clone(),
            false => order.iter().map(|i| term.bound[i - free]).collect(),
        };
        Term { coefficient, factors, bound }
    }

    fn is_odd(&self, exponent: super::term::TensorId) -> bool {
        self.number(exponent).and_then(|n| n.to_integer()).is_some_and(|n| n % 2 != 0)
    }
}

/// The least colour that several bound indices share.
fn first_tie(colours: &[u64], free: usize) -> Option<Vec<usize>> {
    let mut bound: Vec<(u64, usize)> = (free..colours.len()).map(|i| (colours[i], i)).collect();
    bound.sort_unstable();
    let tie = bound.windows(2).find(|w| w[0].0 == w[1].0)?[0].0;
    Some(bound.iter().filter(|(c, _)| *c == tie).map(|(_, i)| *i).collect())
}

fn count(colours: &[u64]) -> usize {
    let mut all = colours.to_vec();
    all.sort_unstable();
    all.dedup();
    all.len()
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    of.hash(&mut hasher);
    hasher.finish()
}
