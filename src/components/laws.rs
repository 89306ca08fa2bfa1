//! The laws of entries.
//!
//! In: a term as it was multiplied out. Out: its canonical form, or the terms it turns into.
//! Invariant: each law leaves less to do: fewer factors, fewer open sums, or a smaller term by an assumption.
//!
//! `δ_ij x_j` is `x_i`; `s s^-1` is 1; a sum over an index that nothing mentions is its dimension.

use crate::expr::{Dim, Number};

use super::Components;
use super::contract::joined;
use super::power::groups;
use super::term::{Atom, Factor, Index, Tensor, TensorId, Term};

impl Components<'_> {
    /// The canonical form, or other terms of the same sum.
    pub(super) fn law(&mut self, mut term: Term, free: &[Dim]) -> Result<Term, Vec<Term>> {
        let k = free.len();
        while self.contract_delta(&mut term, k)
            || self.contract_split(&mut term, free)
            || self.contract_mask(&mut term)
        {}
        self.merge_powers(&mut term)?;
        if let Some(sum) = self.unfold_power(&term, k) {
            return Err(sum);
        }
        if let Some(apart) = self.taken_apart(&term, k) {
            return Err(apart);
        }
        if let Some(scaled) = self.sum_over_nothing(&term, k) {
            return Err(scaled);
        }
        if let Some(other) = self.absorbed(&term, k) {
            return Err(other);
        }
        if let Some(other) = self.rewritten(&term, k) {
            return Err(other);
        }
        Ok(self.labelled(without_gaps(term, k), k))
    }

    fn find(&self, term: &Term, wanted: &Atom) -> Vec<usize> {
        let is = |f: &Factor| self.atom_of(f.atom) == wanted;
        (0..term.factors.len()).filter(|i| is(&term.factors[*i])).collect()
    }

    /// Replaces an index by the one that it equals.
    fn contract_delta(&self, term: &mut Term, k: usize) -> bool {
        for i in self.find(term, &Atom::Delta) {
            let at = &term.factors[i].at;
            let (a, b) = (at[0].min(at[1]), at[0].max(at[1]));
            if a == b {
                term.factors.remove(i);
                return true;
            }
            let elsewhere = term.factors.iter().enumerate().any(|(j, f)| j != i && f.at.contains(&b));
            if (b as usize) >= k {
                term.factors.remove(i);
                term.rename(b, a);
                if let Some(gone) = term.bound.get_mut(b as usize - k) {
                    // The index is no longer summed over: its dimension does not count.
                    *gone = Dim::ONE;
                }
                return true;
            }
            if elsewhere {
                let delta = term.factors.remove(i);
                term.rename(b, a);
                term.factors.push(delta);
                return true;
            }
        }
        false
    }

    /// Pairs of indices: two splits of one index, or of one pair, are equal; a split inside another is one.
    fn contract_split(&mut self, term: &mut Term, free: &[Dim]) -> bool {
        let places = self.find(term, &Atom::Split);
        let uses = term.uses(free.len());
        let bound = |i: Index| i as usize >= free.len();
        for i in &places {
            let own = term.factors[*i].at.clone();
            let once = |i: &Index| bound(*i) && uses[*i as usize] == 1;
            if once(&own[0]) || own[1..].iter().all(once) {
                // The sum over all of one side leaves 1 for each of the other.
                term.factors.remove(*i);
                for gone in own.iter().filter(|i| once(i)) {
                    let all = once(&own[0]) && own[1..].iter().all(once);
                    if !all || *gone == own[0] {
                        mark_gone(term, *gone, free.len());
                    }
                }
                return true;
            }
            for j in places.iter().filter(|j| *j > i) {
                let other = term.factors[*j].at.clone();
                if own.len() == other.len() && own[1..] == other[1..] {
                    let delta = self.delta(own[0], other[0]);
                    term.factors[*j] = delta;
                    return true;
                }
                let dim = |i: &Index| match free.get(*i as usize) {
                    Some(d) => *d,
                    None => term.bound[*i as usize - free.len()],
                };
                let same = own.len() == other.len() && own.iter().map(dim).eq(other.iter().map(dim));
                if own[0] == other[0] && same {
                    term.factors.remove(*j);
                    for (a, b) in own[1..].iter().zip(&other[1..]) {
                        let delta = self.delta(*a, *b);
                        term.factors.push(delta);
                    }
                    return true;
                }
            }
            for j in places.iter().filter(|j| *j != i) {
                let inner = term.factors[*j].at.clone();
                let Some(place) = own[1..].iter().position(|x| *x == inner[0]) else { continue };
                if bound(inner[0]) && uses[inner[0] as usize] == 2 {
                    let mut at = own.clone();
                    at.remove(place + 1);
                    at.insert_many(place + 1, inner[1..].iter().copied());
                    term.factors[*i].at = at;
                    term.factors.remove(*j);
                    mark_gone(term, inner[0], free.len());
                    return true;
                }
            }
        }
        false
    }

    fn delta(&mut self, a: Index, b: Index) -> Factor {
        let atom = self.atom_with(Atom::Delta, super::term::Symmetry::Symmetric, true);
        Factor { atom, at: [a, b].into_iter().collect(), exponent: self.one }
    }

    /// The mask of a triangle holds 0 and 1: its powers are itself, and on the diagonal it is 1.
    fn contract_mask(&mut self, term: &mut Term) -> bool {
        let places = self.find(term, &Atom::Mask);
        for i in &places {
            let at = term.factors[*i].at.clone();
            if at[0] == at[1] {
                term.factors.remove(*i);
                return true;
            }
            if term.factors[*i].exponent != self.one {
                term.factors[*i].exponent = self.one;
                return true;
            }
            for j in places.iter().filter(|j| *j > i) {
                let other = term.factors[*j].at.clone();
                if other == at {
                    term.factors.remove(*j);
                    return true;
                }
                if other[0] == at[1] && other[1] == at[0] {
                    term.factors[*i] = self.delta(at[0], at[1]);
                    term.factors.remove(*j);
                    return true;
                }
            }
        }
        false
    }

    /// Equal entries become one, their exponents added.
    fn merge_powers(&mut self, term: &mut Term) -> Result<(), Vec<Term>> {
        let mut merged: Vec<Factor> = Vec::with_capacity(term.factors.len());
        let mut sign = false;
        for mut f in std::mem::take(&mut term.factors) {
            if let [a, b] = f.at.as_slice() {
                let (a, b) = (*a, *b);
                match self.symmetry(f.atom) {
                    super::term::Symmetry::Symmetric if a > b => f.at.swap(0, 1),
                    super::term::Symmetry::Skew if a == b => return Err(vec![]),
                    super::term::Symmetry::Skew if a > b && f.exponent == self.one => {
                        f.at.swap(0, 1);
                        sign = !sign;
                    }
                    _ => {}
                }
            }
            match merged.iter_mut().find(|m| m.atom == f.atom && m.at == f.at) {
                Some(m) => m.exponent = self.sum_of(m.exponent, f.exponent),
                None => merged.push(f),
            }
        }
        if sign {
            term.coefficient = -term.coefficient.clone();
        }
        for f in merged {
            match (self.number(f.exponent), self.atom_of(f.atom)) {
                (Some(e), _) if e.is_zero() => {}
                (Some(e), Atom::Number(n)) if e.is_integer() => {
                    let raised = e.to_integer().and_then(|k| n.pow(k, 256));
                    match raised {
                        Some(n) => term.coefficient = term.coefficient.clone() * n,
                        None => term.factors.push(f),
                    }
                }
                _ => term.factors.push(f),
            }
        }
        Ok(())
    }

    pub(super) fn sum_of(&mut self, a: TensorId, b: TensorId) -> TensorId {
        let (s, t) = (self.tensor(a).clone(), self.tensor(b).clone());
        let sum = self.add(vec![s, t], vec![]);
        self.keep(sum)
    }

    /// A positive whole power of a sum is multiplied out, and the whole part of another power.
    fn unfold_power(&mut self, term: &Term, k: usize) -> Option<Vec<Term>> {
        let (place, id, e) = term.factors.iter().enumerate().find_map(|(i, f)| {
            let Atom::Power(id) = self.atom_of(f.atom) else { return None };
            let e = self.number(f.exponent).filter(|e| *e >= Number::ONE)?;
            let lone = self.tensor(*id).terms.len() == 1;
            (e.is_integer() || !lone).then_some((i, *id, e))
        })?;
        let copies = (1..64).take_while(|n| Number::integer(*n) <= e).count();
        let rest = self.keep(Tensor::number(e + Number::integer(-(copies as i64))));
        let mut left = term.clone();
        let at = left.factors[place].at.clone();
        left.factors[place].exponent = rest;
        let sum = self.tensor(id).clone();
        let mut all = vec![left];
        for _ in 0..copies {
            if !self.spend(all.len() * sum.terms.len()) {
                return None;
            }
            all = all.iter().flat_map(|s| sum.terms.iter().map(|t| joined(s, k, t, &at))).collect();
        }
        Some(all)
    }

    /// A whole power of a product, once it is one: `((a b)^(1/2))^-2` is `a^-1 b^-1`.
    fn taken_apart(&mut self, term: &Term, k: usize) -> Option<Vec<Term>> {
        for (place, f) in term.factors.iter().enumerate() {
            let Atom::Power(id) = *self.atom_of(f.atom) else { continue };
            let base = self.tensor(id).clone();
            let whole = self.number(f.exponent).is_some_and(|e| e.is_integer());
            let free = base.free.len();
            let simple = |f: &Factor| f.at.iter().all(|i| (*i as usize) < free);
            let [own] = base.terms.as_slice() else { continue };
            if !whole || (groups(own, free).len() < 2 && !own.factors.iter().any(simple)) {
                continue;
            }
            let raised = self.raised(&base, f.exponent);
            let own = |t: &Term| matches!(t.factors.as_slice(), [g] if g.atom == f.atom);
            if raised.terms.len() != 1 || raised.terms.iter().all(own) {
                continue;
            }
            let at = f.at.clone();
            let mut left = term.clone();
            left.factors.remove(place);
            return Some(raised.terms.iter().map(|t| joined(&left, k, t, &at)).collect());
        }
        None
    }

    /// The sum over an index that no factor mentions is its dimension.
    fn sum_over_nothing(&mut self, term: &Term, k: usize) -> Option<Vec<Term>> {
        let uses = term.uses(k);
        let place = (k..uses.len()).find(|i| uses[*i] == 0 && term.bound[*i - k] != Dim::ONE)?;
        let size = self.size(term.bound[place - k]);
        let mut left = term.clone();
        left.bound[place - k] = Dim::ONE;
        Some(size.terms.iter().map(|t| joined(&left, k, t, &[])).collect())
    }
}

fn mark_gone(term: &mut Term, index: Index, k: usize) {
    if let Some(gone) = (index as usize).checked_sub(k).and_then(|i| term.bound.get_mut(i)) {
        *gone = Dim::ONE;
    }
}

/// The term without the bound indices that nothing mentions any more.
pub(super) fn without_gaps(mut term: Term, k: usize) -> Term {
    let uses = term.uses(k);
    let mut to = vec![0 as Index; uses.len()];
    let mut bound = vec![];
    for (i, u) in uses.iter().enumerate() {
        to[i] = if i < k { i as Index } else { (k + bound.len()) as Index };
        if i >= k && *u > 0 {
            bound.push(term.bound[i - k]);
        }
    }
    for i in term.factors.iter_mut().flat_map(|f| &mut f.at) {
        *i = to[*i as usize];
    }
    term.bound = bound;
    term
}
