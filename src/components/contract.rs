//! Products of tensors over labelled indices, and sums.
//!
//! In: tensors with a label for each of their indices. Out: the tensor of the labels asked for; all others are
//! summed over. Invariant: this is the only way tensors are multiplied.
//!
//! `A x` is the contraction of A with labels (i, j) and x with (j), for i.

use rustc_hash::FxHashMap;

use crate::expr::{Dim, Number};

use super::Components;
use super::term::{Atom, Factor, Index, Symmetry, Tensor, Term};

/// A label of an index.
pub(super) type Label = u32;

/// How many terms a product may have.
const TERMS: usize = 4000;

impl Components<'_> {
    /// The product of `parts`, for the labels of `out`.
    pub(super) fn contract(&mut self, parts: &[(Tensor, Vec<Label>)], out: &[(Label, Dim)]) -> Tensor {
        let free: Vec<Dim> = out.iter().map(|(_, d)| *d).collect();
        let mut place: FxHashMap<Label, Index> = FxHashMap::default();
        for (i, (label, _)) in out.iter().enumerate() {
            place.insert(*label, i as Index);
        }
        let mut dims: Vec<Dim> = vec![];
        for (part, labels) in parts {
            for (label, dim) in labels.iter().zip(&part.free) {
                place.entry(*label).or_insert_with(|| {
                    dims.push(*dim);
                    (free.len() + dims.len() - 1) as Index
                });
            }
        }
        let count = parts.iter().fold(1usize, |n, (p, _)| n.saturating_mul(p.terms.len()));
        if count > TERMS || !self.spend(count) {
            self.work = usize::MAX;
            return Tensor::zero(free);
        }
        let mut raw = vec![Term { coefficient: Number::ONE, factors: vec![], bound: dims }];
        for (part, labels) in parts {
            let at: Vec<Index> = labels.iter().map(|l| place[l]).collect();
            let mut next = Vec::with_capacity(raw.len() * part.terms.len());
            for s in &raw {
                for t in &part.terms {
                    next.push(joined(s, free.len(), t, &at));
                }
            }
            raw = next;
        }
        self.collect(raw, free)
    }

    /// The sum of tensors of one kind.
    pub(super) fn add(&mut self, parts: Vec<Tensor>, free: Vec<Dim>) -> Tensor {
        let raw = parts.into_iter().flat_map(|p| p.terms).collect();
        self.merge(raw, free)
    }

    /// The entry of an atom, for all its indices in order.
    pub(super) fn entry(&mut self, atom: Atom, free: Vec<Dim>) -> Tensor {
        let atom = self.atom(atom);
        let at = (0..free.len() as Index).collect();
        self.entry_at(Factor { atom, at, exponent: self.one }, free)
    }

    pub(super) fn entry_at(&mut self, factor: Factor, free: Vec<Dim>) -> Tensor {
        self.collect(vec![Term { coefficient: Number::ONE, factors: vec![factor], bound: vec![] }], free)
    }

    /// A dimension as a number.
    pub(super) fn size(&mut self, dim: Dim) -> Tensor {
        let polynomial: Vec<(Vec<u32>, i64)> =
            self.graph.dims.polynomial(dim).0.iter().map(|(m, c)| (m.clone(), *c)).collect();
        let mut raw = vec![];
        for (names, coefficient) in polynomial {
            let mut term = Term { coefficient: Number::integer(coefficient), factors: vec![], bound: vec![] };
            for name in names {
                let atom = self.atom_with(Atom::Size(name), Symmetry::None, true);
                term.factors.push(Factor { atom, at: Default::default(), exponent: self.one });
            }
            raw.push(term);
        }
        self.collect(raw, vec![])
    }

    /// Brings terms into their canonical form and merges like ones.
    pub(super) fn collect(&mut self, raw: Vec<Term>, free: Vec<Dim>) -> Tensor {
        let mut open = raw;
        open.reverse();
        let mut done = vec![];
        while let Some(term) = open.pop() {
            if !self.spend(1 + term.factors.len()) {
                return Tensor::zero(free);
            }
            match self.law(term, &free) {
                Ok(term) => done.push(term),
                Err(others) => open.extend(others),
            }
        }
        self.merge(done, free)
    }

    fn merge(&mut self, terms: Vec<Term>, free: Vec<Dim>) -> Tensor {
        let mut merged: indexmap::IndexMap<(Vec<Factor>, Vec<Dim>), Number, rustc_hash::FxBuildHasher> =
            Default::default();
        for t in terms {
            let sum = merged.entry((t.factors, t.bound)).or_insert(Number::ZERO);
            *sum = sum.clone() + t.coefficient;
        }
        let kept = merged.into_iter().filter(|(_, c)| !c.is_zero());
        let mut terms: Vec<Term> =
            kept.map(|((factors, bound), coefficient)| Term { coefficient, factors, bound }).collect();
        terms.sort_by(|a, b| (&a.factors, &a.bound).cmp(&(&b.factors, &b.bound)));
        Tensor { free, terms }
    }
}

/// `s` times `t`, whose free indices stand at `at` of `s`.
pub(super) fn joined(s: &Term, free: usize, t: &Term, at: &[Index]) -> Term {
    let first = (free + s.bound.len()) as Index;
    let place = |i: &Index| match at.get(*i as usize) {
        Some(place) => *place,
        None => first + i - at.len() as Index,
    };
    let moved = t.factors.iter().map(|f| Factor { at: f.at.iter().map(place).collect(), ..f.clone() });
    Term {
        coefficient: s.coefficient.clone() * t.coefficient.clone(),
        factors: s.factors.iter().cloned().chain(moved).collect(),
        bound: s.bound.iter().chain(&t.bound).copied().collect(),
    }
}
