//! Assumptions: part of a term replaced by what it is equal to.
//!
//! In: equations between tensors. Out: terms in which the greater side of each is replaced by the lesser.
//! Invariant: in every use of an equation the term becomes lesser by one fixed order, so rewriting ends.
//!
//! Under `Q^T Q = I` the term `Q_ki Q_kj x_j` becomes `δ_ij x_j`. That `P P^-1 = 1` is such an equation as well, for
//! each inverse and each negative power of a sum.

use std::collections::BTreeSet;

use crate::expr::{Dim, Number};

use super::Components;
use super::contract::joined;
use super::laws::without_gaps;
use super::term::{Atom, AtomId, Factor, Index, Tensor, TensorId, Term};

/// One assumption: a product of entries and what it is equal to.
#[derive(Clone, Debug)]
pub(super) struct Equation {
    pattern: Term,
    free: Vec<Dim>,
    value: Tensor,
    /// The assumptions it rests on.
    origins: BTreeSet<usize>,
    /// Whether both sides are of one weight: then it is used only where the term becomes lesser.
    permutes: bool,
}

/// Where a pattern was found.
struct Found {
    /// How many of its indices are free.
    free: usize,
    /// For each index of the pattern, that of the term.
    map: Vec<Option<Index>>,
    /// For each factor of the term, the exponent that is used up.
    used: Vec<Option<TensorId>>,
}

impl Components<'_> {
    /// Adds `left = right` to the assumptions.
    pub(super) fn equate(&mut self, left: TensorId, right: TensorId, origins: BTreeSet<usize>) {
        let (l, r) = (self.tensor(left).clone(), self.tensor(right).clone());
        let free = l.free.clone();
        let difference = self.add(vec![l, r.scaled(&Number::MINUS_ONE)], free);
        self.orient(difference, origins);
    }

    /// A call that is equal to other things is written as these; else the greatest term gives way to all others.
    fn orient(&mut self, difference: Tensor, origins: BTreeSet<usize>) {
        let weight = |this: &Self, t: &Term| (this.weight(t), t.factors.clone());
        let greatest = (0..difference.terms.len())
            .max_by(|a, b| weight(self, &difference.terms[*a]).cmp(&weight(self, &difference.terms[*b])));
        let Some(place) = self.defined(&difference).or(greatest) else { return };
        let mut rest = difference.clone();
        let mut pattern = rest.terms.remove(place);
        let Some(inverse) = pattern.coefficient.recip() else { return };
        if pattern.factors.is_empty() {
            return;
        }
        pattern.coefficient = Number::ONE;
        let value = rest.scaled(&-inverse);
        let permutes = self.defined(&difference).is_none()
            && value.terms.iter().any(|t| self.weight(t) >= self.weight(&pattern));
        let equation = Equation { pattern, free: difference.free, value, origins, permutes };
        if !self.equations.iter().any(|e| e.pattern == equation.pattern && e.value == equation.value) {
            self.equations.push(equation);
        }
    }

    /// The term that is one call, with all its entries, and occurs in no other: the equation says what it is.
    fn defined(&self, difference: &Tensor) -> Option<usize> {
        let call = |t: &Term| match t.factors.as_slice() {
            [f] if f.exponent == self.one && t.bound.is_empty() && f.at.len() == difference.free.len() => {
                let apart = (0..f.at.len()).all(|i| f.at[i + 1..].iter().all(|other| *other != f.at[i]));
                (apart && matches!(self.atom_of(f.atom), Atom::Call(..))).then_some(f.atom)
            }
            _ => None,
        };
        let elsewhere = |atom: AtomId, place: usize| {
            let others = difference.terms.iter().enumerate().filter(|(i, _)| *i != place);
            others.flat_map(|(_, t)| &t.factors).any(|f| f.atom == atom || self.mentions(f.atom, atom, 0))
        };
        let mut lone = (0..difference.terms.len()).filter_map(|i| Some((i, call(&difference.terms[i])?)));
        // Where there are several, none of them is what the others say.
        let (place, atom) = lone.next().filter(|_| lone.next().is_none())?;
        (!elsewhere(atom, place)).then_some(place)
    }

    /// Uses each assumption in all the others.
    pub(super) fn interreduce(&mut self) {
        for _ in 0..3 {
            let mut changed = false;
            for i in 0..self.equations.len() {
                if i >= self.equations.len() {
                    break;
                }
                let own = self.equations.remove(i);
                let before = std::mem::take(&mut self.fired);
                let left = self.collect(vec![own.pattern.clone()], own.free.clone());
                let right = self.collect(own.value.terms.clone(), own.free.clone());
                let same = left.terms == [own.pattern.clone()] && right == own.value;
                let fired = std::mem::replace(&mut self.fired, before);
                if same {
                    self.equations.insert(i, own);
                    continue;
                }
                changed = true;
                let difference = self.add(vec![left, right.scaled(&Number::MINUS_ONE)], own.free.clone());
                self.orient(difference, own.origins.union(&fired).copied().collect());
            }
            if !changed || self.is_tired() {
                return;
            }
        }
    }

    /// How much there is in a term, what stands inside functions included.
    fn weight(&self, term: &Term) -> u64 {
        let of = |f: &Factor| {
            let own = self.atom_weight(f.atom, 0);
            let times = self.number(f.exponent).map_or(1.0, |e| e.to_f64().abs().max(1.0));
            (own as f64 * times) as u64
        };
        term.factors.iter().map(of).sum()
    }

    fn atom_weight(&self, atom: AtomId, depth: usize) -> u64 {
        let below = |t: TensorId| -> u64 {
            if depth > 6 {
                return 1;
            }
            let terms = &self.tensor(t).terms;
            let factors = terms.iter().flat_map(|t| &t.factors);
            terms.len() as u64 + factors.map(|f| self.atom_weight(f.atom, depth + 1)).sum::<u64>()
        };
        match self.atom_of(atom) {
            Atom::Delta | Atom::Size(_) | Atom::Mask => 1,
            Atom::Power(t) => 2 + below(*t),
            Atom::Inverse(t) => 3 + below(*t),
            Atom::Call(_, args) => 4 + args.iter().map(|t| below(*t)).sum::<u64>(),
            Atom::Derivative(a) => 1000 + self.atom_weight(*a, depth + 1),
            _ => 2,
        }
    }

    /// The term by an assumption.
    pub(super) fn rewritten(&mut self, term: &Term, k: usize) -> Option<Vec<Term>> {
        for i in 0..self.equations.len() {
            if self.equations[i].pattern.factors.len() > term.factors.len()
                || self.equations[i]
                    .pattern
                    .factors
                    .iter()
                    .any(|w| term.factors.iter().all(|f| f.atom != w.atom))
            {
                continue;
            }
            let equation = self.equations[i].clone();
            let start = vec![None; equation.free.len()];
            let Some(found) = self.embed(&equation.pattern, equation.free.len(), term, k, start) else {
                continue;
            };
            let (free, value) = (equation.free.len(), equation.value.clone());
            let left = self.without(term, k, &found);
            let at: Option<Vec<Index>> = found.map.iter().take(free).copied().collect();
            let Some(at) = at else { continue };
            let others: Vec<Term> = value.terms.iter().map(|t| joined(&left, k, t, &at)).collect();
            if equation.permutes && !others.iter().all(|t| self.is_less(t, term, k)) {
                continue;
            }
            self.fired.extend(&equation.origins);
            return Some(others);
        }
        None
    }

    fn is_less(&self, a: &Term, b: &Term, k: usize) -> bool {
        let form = |t: &Term| {
            let t = self.labelled(without_gaps(t.clone(), k), k);
            (self.weight(&t), t.factors)
        };
        form(a) < form(b)
    }

    /// `P P^e` is `P^(e+1)`: of a product as such, of a sum by its greatest term, where e is negative.
    pub(super) fn absorbed(&mut self, term: &Term, k: usize) -> Option<Vec<Term>> {
        for (place, f) in term.factors.iter().enumerate() {
            let Atom::Power(id) = *self.atom_of(f.atom) else { continue };
            let base = self.tensor(id).clone();
            let e = self.number(f.exponent);
            let negative = e.as_ref().is_some_and(Number::is_negative);
            let lone = base.terms.len() == 1;
            if !(negative || lone) {
                continue;
            }
            let greatest =
                base.terms.iter().enumerate().max_by_key(|(_, t)| (self.weight(t), t.factors.clone()));
            let Some((leading, pattern)) = greatest else { continue };
            let start = f.at.iter().map(|i| Some(*i)).collect();
            let Some(found) = self.embed(pattern, base.free.len(), term, k, start) else { continue };
            if found.used[place].is_some() {
                continue;
            }
            let mut left = without_keeping(term, k, &found);
            let one = self.one;
            let at = f.at.clone();
            let inverse = pattern.coefficient.recip()?;
            left.coefficient = left.coefficient.clone() * inverse;
            let mut raised = left.clone();
            raised.factors[place].exponent = self.sum_of(f.exponent, one);
            let mut all = vec![raised];
            for (i, t) in base.terms.iter().enumerate().filter(|(i, _)| *i != leading) {
                let _ = i;
                let mut other = joined(&left, k, t, &at);
                other.coefficient = -other.coefficient;
                all.push(other);
            }
            for t in &mut all {
                t.factors.retain(|f| self.number(f.exponent).is_none_or(|e| !e.is_zero()));
            }
            return Some(all);
        }
        None
    }

    fn without(&mut self, term: &Term, k: usize, found: &Found) -> Term {
        let mut left = without_keeping(term, k, found);
        left.factors.retain(|f| self.number(f.exponent).is_none_or(|e| !e.is_zero()));
        left
    }

    /// A pattern among the factors of a term; its bound indices stand for bound ones that occur nowhere else.
    fn embed(
        &mut self,
        pattern: &Term,
        free: usize,
        term: &Term,
        k: usize,
        mut start: Vec<Option<Index>>,
    ) -> Option<Found> {
        start.resize(free + pattern.bound.len(), None);
        let mut stack = vec![(0, start, vec![None; term.factors.len()])];
        let mut tries = 0;
        while let Some((next, map, used)) = stack.pop() {
            tries += 1;
            if tries > 400 || !self.spend(1) {
                return None;
            }
            let Some(wanted) = pattern.factors.get(next) else {
                let found = Found { free, map, used };
                match self.closed(pattern, free, term, k, &found) {
                    true => return Some(found),
                    false => continue,
                }
            };
            for (i, f) in term.factors.iter().enumerate() {
                if f.atom != wanted.atom || used[i].is_some() {
                    continue;
                }
                let Some(rest) = self.remainder(f.exponent, wanted.exponent) else { continue };
                for at in self.symmetry(f.atom).orders(&f.at) {
                    let mut map = map.clone();
                    let fits = wanted.at.iter().zip(&at).all(|(p, t)| match map[*p as usize] {
                        Some(known) => known == *t,
                        None => {
                            map[*p as usize] = Some(*t);
                            true
                        }
                    });
                    if fits {
                        let mut used = used.clone();
                        used[i] = Some(rest);
                        stack.push((next + 1, map, used));
                    }
                }
            }
        }
        None
    }

    /// What is left of an exponent when the pattern has taken its own; whole numbers of one sign can be shared.
    fn remainder(&mut self, has: TensorId, takes: TensorId) -> Option<TensorId> {
        let zero = Number::ZERO;
        if has == takes {
            return Some(self.keep(Tensor::number(zero)));
        }
        let (h, t) = (self.number(has)?, self.number(takes)?);
        let whole = h.is_integer() && t.is_integer();
        let same = h.is_negative() == t.is_negative() && h.abs() > t.abs();
        (whole && same).then(|| self.keep(Tensor::number(h + -t)))
    }

    fn closed(&self, pattern: &Term, free: usize, term: &Term, k: usize, found: &Found) -> bool {
        let mut taken: Vec<Index> = vec![];
        let none = |i: usize| found.used[i].is_none_or(|rest| self.number(rest).is_none_or(|n| !n.is_zero()));
        for i in free..free + pattern.bound.len() {
            let Some(index) = found.map[i] else { return false };
            let outside = term.factors.iter().enumerate().any(|(j, f)| none(j) && f.at.contains(&index));
            let elsewhere = found.map.iter().enumerate().any(|(j, m)| j != i && *m == Some(index));
            if (index as usize) < k || outside || elsewhere || taken.contains(&index) {
                return false;
            }
            taken.push(index);
        }
        true
    }
}

/// The term with what was matched at exponent zero, and the sums that went with it marked.
fn without_keeping(term: &Term, k: usize, found: &Found) -> Term {
    let mut left = term.clone();
    for (factor, used) in left.factors.iter_mut().zip(&found.used) {
        if let Some(rest) = used {
            factor.exponent = *rest;
        }
    }
    for index in found.map.iter().skip(found.free).flatten() {
        if let Some(gone) = (*index as usize).checked_sub(k).and_then(|i| left.bound.get_mut(i)) {
            *gone = Dim::ONE;
        }
    }
    left
}
