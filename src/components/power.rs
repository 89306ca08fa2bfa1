//! Powers, entry by entry, and inverses.
//!
//! In: a tensor and an exponent. Out: the tensor of the raised entries.
//! Invariant: a power of a product is the product of the powers only where that always holds: for whole exponents,
//! and of what is positive.

use crate::expr::{Dim, Number};

use super::Components;
use super::build::one_term;
use super::contract::Label;
use super::term::{Atom, Factor, Index, Symmetry, Tensor, TensorId, Term};

/// Higher whole powers of sums stay powers.
const UNFOLDED: i64 = 4;

impl Components<'_> {
    /// Every entry raised.
    pub(super) fn raised(&mut self, base: &Tensor, exponent: TensorId) -> Tensor {
        let number = self.number(exponent);
        if exponent == self.one {
            return base.clone();
        }
        if let Some(k) = number.as_ref().and_then(Number::to_integer)
            && (0..=UNFOLDED).contains(&k)
        {
            let out: Vec<(Label, Dim)> = labels(&base.free);
            let own: Vec<Label> = out.iter().map(|(l, _)| *l).collect();
            let parts: Vec<_> = (0..k).map(|_| (base.clone(), own.clone())).collect();
            return self.contract(&parts, &out);
        }
        let whole = self.is_whole(exponent);
        if let Some(split) = self.raised_apart(base, exponent, whole) {
            return split;
        }
        let (outer, inner) = self.monomial(base, whole);
        let free = base.free.clone();
        let mut result = self.raised_term(&outer, exponent, number.as_ref(), free.clone());
        if let Some(inner) = inner {
            let id = self.keep(inner);
            let used = used_indices(self.tensor(id));
            let dims: Vec<Dim> = used.iter().map(|i| free[*i as usize]).collect();
            let narrow = self.narrowed(id, &used, dims);
            let positive = self.is_positive(narrow);
            let atom = self.atom_with(Atom::Power(narrow), Symmetry::None, positive);
            let at = used.iter().copied().collect();
            let power = self.entry_at(Factor { atom, at, exponent }, free.clone());
            let out = labels(&free);
            let own: Vec<Label> = out.iter().map(|(l, _)| *l).collect();
            result = self.contract(&[(result, own.clone()), (power, own)], &out);
        }
        result
    }

    /// The power of a product of sums that do not hang together is that of each.
    fn raised_apart(&mut self, base: &Tensor, exponent: TensorId, whole: bool) -> Option<Tensor> {
        let [term] = base.terms.as_slice() else { return None };
        let k = base.free.len();
        let groups = groups(term, k);
        if groups.iter().filter(|g| g.iter().any(|f| f.at.iter().any(|i| *i as usize >= k))).count() < 1
            || groups.len() < 2
        {
            return None;
        }
        let mut parts = vec![];
        for group in groups {
            let part = Term { coefficient: Number::ONE, factors: group, bound: term.bound.clone() };
            let uses = part.uses(k);
            let bound = part.bound.iter().enumerate();
            let bound = bound.map(|(i, d)| if uses[k + i] > 0 { *d } else { Dim::ONE }).collect();
            let part = self.collect(vec![Term { bound, ..part }], base.free.clone());
            let id = self.keep(part.clone());
            if !whole && !self.is_positive(id) {
                return None;
            }
            parts.push(self.raised(&part, exponent));
        }
        let scale = Term { coefficient: term.coefficient.clone(), factors: vec![], bound: vec![] };
        let number = self.number(exponent);
        parts.push(self.raised_term(&scale, exponent, number.as_ref(), vec![]));
        Some(self.entrywise(parts, base.free.clone()))
    }

    /// What can be raised factor by factor, as a term, and the rest; together they are the tensor.
    fn monomial(&mut self, base: &Tensor, whole: bool) -> (Term, Option<Tensor>) {
        let mut outer = Term { coefficient: Number::ONE, factors: vec![], bound: vec![] };
        let k = base.free.len() as Index;
        if base.terms.is_empty() {
            return (outer, Some(base.clone()));
        }
        let simple =
            |this: &Self, f: &Factor| f.at.iter().all(|i| *i < k) && (whole || this.positive_factor(f));
        // The powers that all terms share; a negative power in some of them counts as shared.
        let mut shared: Vec<Factor> = vec![];
        for f in base.terms.iter().flat_map(|t| &t.factors) {
            if !simple(self, f) || shared.iter().any(|s: &Factor| s.atom == f.atom && s.at == f.at) {
                continue;
            }
            let zero = Number::ZERO;
            let least = base.terms.iter().map(|t| {
                let own = t.factors.iter().find(|g| g.atom == f.atom && g.at == f.at);
                own.map_or(Some(zero.clone()), |g| self.number(g.exponent))
            });
            let least: Option<Vec<Number>> = least.collect();
            let all_same = base.terms.iter().all(|t| t.factors.contains(f));
            match least.and_then(|l| l.into_iter().min()) {
                _ if all_same => shared.push(f.clone()),
                Some(e) if !e.is_zero() => {
                    let exponent = self.keep(Tensor::number(e));
                    shared.push(Factor { exponent, ..f.clone() });
                }
                _ => {}
            }
        }
        let content = base.terms.iter().fold(Number::ZERO, |c, t| c.content(&t.coefficient));
        outer.coefficient = content.clone();
        outer.factors = shared.clone();
        let minus = self.keep(Tensor::number(Number::MINUS_ONE));
        let mut rest = base.clone().scaled(&content.recip().unwrap_or(Number::ONE));
        let inverse: Vec<Factor> = shared
            .iter()
            .map(|f| Factor { exponent: self.product_of(f.exponent, minus), ..f.clone() })
            .collect();
        for t in &mut rest.terms {
            t.factors.extend(inverse.iter().cloned());
        }
        let mut rest = self.collect(rest.terms, base.free.clone());
        // The sign is that of the first term of what is left: of `1 - a / s` and `s - a` the same.
        if whole && rest.terms.first().is_some_and(|t| t.coefficient.is_negative()) {
            outer.coefficient = -outer.coefficient;
            rest = rest.scaled(&Number::MINUS_ONE);
        }
        let trivial = matches!(rest.terms.as_slice(), [t] if t.factors.is_empty() && t.coefficient.is_one());
        (outer, (!trivial).then_some(rest))
    }

    fn raised_term(
        &mut self,
        term: &Term,
        exponent: TensorId,
        number: Option<&Number>,
        free: Vec<Dim>,
    ) -> Tensor {
        let mut factors = vec![];
        let mut coefficient = Number::ONE;
        let folded = match number.and_then(Number::to_integer) {
            Some(k) => term.coefficient.pow(k, 256),
            None if number.is_some_and(|n| n.clone() + n.clone() == Number::ONE) => term.coefficient.sqrt(),
            None => None,
        };
        match folded {
            Some(n) => coefficient = n,
            None if term.coefficient.is_one() => {}
            None => {
                let atom = self.atom_with(Atom::Number(term.coefficient.clone()), Symmetry::None, true);
                factors.push(Factor { atom, at: Default::default(), exponent });
            }
        }
        for f in &term.factors {
            let exponent = self.product_of(f.exponent, exponent);
            factors.push(Factor { exponent, ..f.clone() });
        }
        self.collect(vec![Term { coefficient, factors, bound: vec![] }], free)
    }

    pub(super) fn product_of(&mut self, a: TensorId, b: TensorId) -> TensorId {
        let (s, t) = (self.tensor(a).clone(), self.tensor(b).clone());
        let product = self.contract(&[(s, vec![]), (t, vec![])], &[]);
        self.keep(product)
    }

    /// A tensor as one in the indices it mentions.
    pub(super) fn narrowed(&mut self, id: TensorId, used: &[Index], dims: Vec<Dim>) -> TensorId {
        let tensor = self.tensor(id).clone();
        if used.len() == tensor.free.len() {
            return id;
        }
        let own: Vec<Label> = (0..tensor.free.len() as Label).collect();
        let out: Vec<(Label, Dim)> = used.iter().copied().zip(dims).collect();
        // An index that nothing mentions is left out, not summed over.
        let mut gone = tensor.clone();
        let map: Vec<Index> =
            own.iter().map(|i| used.iter().position(|u| u == i).map_or(0, |p| p as Index)).collect();
        let (old, new) = (tensor.free.len() as Index, out.len() as Index);
        for i in gone.terms.iter_mut().flat_map(|t| &mut t.factors).flat_map(|f| &mut f.at) {
            *i = if *i < old { map[*i as usize] } else { *i - old + new };
        }
        let free = out.iter().map(|(_, d)| *d).collect();
        let narrow = self.collect(gone.terms, free);
        self.keep(narrow)
    }

    fn positive_factor(&self, f: &Factor) -> bool {
        let root = self.number(f.exponent).is_some_and(|e| !e.is_integer());
        root || self.positive.get(f.atom.0 as usize).copied().unwrap_or(false)
    }

    /// Whether every entry is certain to be positive.
    pub(super) fn is_positive(&self, id: TensorId) -> bool {
        let terms = &self.tensor(id).terms;
        !terms.is_empty()
            && terms
                .iter()
                .all(|t| !t.coefficient.is_negative() && t.factors.iter().all(|f| self.positive_factor(f)))
    }

    /// Whether an exponent is certain to be a whole number.
    pub(super) fn is_whole(&self, exponent: TensorId) -> bool {
        self.tensor(exponent).terms.iter().all(|t| {
            t.coefficient.is_integer()
                && t.factors.iter().all(|f| match self.atom_of(f.atom) {
                    Atom::Size(_) => true,
                    Atom::Variable(v) => {
                        self.graph.variable(*v).properties.has(crate::expr::Properties::INTEGER)
                    }
                    _ => false,
                })
        })
    }

    /// The inverse of a square matrix.
    pub(super) fn inverse(&mut self, matrix: &Tensor) -> Tensor {
        let free = matrix.free.clone();
        let minus = self.keep(Tensor::number(Number::MINUS_ONE));
        if free.len() < 2 {
            return self.raised(matrix, minus);
        }
        let (outer, inner) = self.scalars_out(matrix);
        let scale = self.raised_term(&outer, minus, Some(&Number::MINUS_ONE), vec![]);
        let apart = match self.inverse_of_word(&inner) {
            None => self.inverse_of_kronecker(&inner),
            word => word,
        };
        let core = match apart {
            Some(known) => known,
            None => self.inverse_atom(inner),
        };
        self.contract(&[(scale, vec![]), (core, vec![0, 1])], &[(0, free[0]), (1, free[1])])
    }

    /// The scalar factors of all terms in front.
    fn scalars_out(&mut self, matrix: &Tensor) -> (Term, Tensor) {
        let (mut outer, inner) = self.monomial(matrix, true);
        let inner = match inner {
            Some(inner) => inner,
            None => self.collect(vec![one_term()], matrix.free.clone()),
        };
        let (scalars, entries): (Vec<_>, Vec<_>) = outer.factors.into_iter().partition(|f| f.at.is_empty());
        outer.factors = scalars;
        if entries.is_empty() {
            return (outer, inner);
        }
        // Entries that all terms share belong to the matrix.
        let mut terms = inner.terms;
        for t in &mut terms {
            t.factors.extend(entries.iter().cloned());
        }
        let inner = self.collect(terms, matrix.free.clone());
        (outer, inner)
    }

    fn inverse_atom(&mut self, matrix: Tensor) -> Tensor {
        let (m, n) = (matrix.free[0], matrix.free[1]);
        let turned = self.contract(&[(matrix.clone(), vec![0, 1])], &[(1, n), (0, m)]);
        let (id, other) = (self.keep(matrix), self.keep(turned));
        let symmetry = if id == other { Symmetry::Symmetric } else { Symmetry::None };
        let (id, flipped) = if other < id { (other, true) } else { (id, false) };
        let atom = self.atom_with(Atom::Inverse(id), symmetry, false);
        if self.inverses.insert(atom) {
            self.inverse_laws(atom, id);
        }
        let at = if flipped { [1, 0] } else { [0, 1] };
        let factor = Factor { atom, at: at.into_iter().collect(), exponent: self.one };
        self.entry_at(factor, vec![m, n])
    }

    /// `P P^-1 = I` and `P^-1 P = I`.
    fn inverse_laws(&mut self, atom: super::term::AtomId, id: TensorId) {
        let matrix = self.tensor(id).clone();
        let n = matrix.free[0];
        let inverse = Tensor {
            free: vec![n, n],
            terms: vec![Term {
                coefficient: Number::ONE,
                factors: vec![Factor { atom, at: [0, 1].into_iter().collect(), exponent: self.one }],
                bound: vec![],
            }],
        };
        let delta = self.identity(n);
        for (first, second) in [(&matrix, &inverse), (&inverse, &matrix)] {
            let product = self
                .contract(&[(first.clone(), vec![0, 2]), (second.clone(), vec![2, 1])], &[(0, n), (1, n)]);
            let (product, delta) = (self.keep(product), self.keep(delta.clone()));
            let origins = self.fired.clone();
            self.equate(product, delta, origins);
        }
    }

    pub(super) fn identity(&mut self, n: Dim) -> Tensor {
        let atom = self.atom_with(Atom::Delta, Symmetry::Symmetric, false);
        self.entry_at(Factor { atom, at: [0, 1].into_iter().collect(), exponent: self.one }, vec![n, n])
    }

    /// Of one word of square matrices the inverse is that of each, from the right; of a diagonal, its entries'.
    fn inverse_of_word(&mut self, matrix: &Tensor) -> Option<Tensor> {
        let [term] = matrix.terms.as_slice() else { return None };
        if let [f] = term.factors.as_slice()
            && let Atom::Inverse(id) = *self.atom_of(f.atom)
            && (f.exponent == self.one && matches!(f.at.as_slice(), [0, 1] | [1, 0]))
        {
            let inner = self.tensor(id).clone();
            return Some(self.contract(&[(inner, f.at.to_vec())], &labels(&matrix.free)));
        }
        let delta = self.atom_with(Atom::Delta, Symmetry::Symmetric, false);
        if term.factors.iter().any(|f| f.atom == delta && f.at.as_slice() == [0, 1]) {
            let rest: Vec<Factor> = term.factors.iter().filter(|f| f.atom != delta).cloned().collect();
            let entries = self.collect(vec![Term { factors: rest, ..term.clone() }], vec![matrix.free[0]]);
            let minus = self.keep(Tensor::number(Number::MINUS_ONE));
            let inverse = self.raised(&entries, minus);
            let identity = self.identity(matrix.free[0]);
            let out = [(0, matrix.free[0]), (1, matrix.free[1])];
            return Some(self.contract(&[(inverse, vec![0]), (identity, vec![0, 1])], &out));
        }
        let word = chain(term)?;
        if word.len() < 2 {
            return None;
        }
        let n = matrix.free[0];
        let square = |i: Index| (i as usize) < 2 || term.bound[i as usize - 2] == n;
        if !term.factors.iter().flat_map(|f| &f.at).all(|i| square(*i)) {
            return None;
        }
        let mut parts = vec![];
        for (i, (f, forward)) in word.iter().enumerate() {
            let at = if *forward { [0, 1] } else { [1, 0] };
            let factor = Factor { at: at.into_iter().collect(), ..f.clone() };
            let letter = self.entry_at(factor, vec![n, n]);
            let inverse = self.inverse(&letter);
            // The last letter of the word comes first.
            parts.push((inverse, vec![(i + 1) as Label, i as Label]));
        }
        let out = [(word.len() as Label, n), (0, n)];
        Some(self.contract(&parts, &out))
    }
}

/// The factors of a term as a path from index 0 to index 1, each with whether it is passed forward.
fn chain(term: &Term) -> Option<Vec<(Factor, bool)>> {
    let mut left: Vec<&Factor> = term.factors.iter().collect();
    let (mut at, mut word) = (0, vec![]);
    while !left.is_empty() {
        let hits: Vec<usize> = (0..left.len()).filter(|i| left[*i].at.contains(&at)).collect();
        let [hit] = hits.as_slice() else { return None };
        let f = left.remove(*hit);
        let [a, b] = f.at.as_slice() else { return None };
        let forward = *a == at;
        at = if forward { *b } else { *a };
        word.push((f.clone(), forward));
    }
    (at == 1).then_some(word)
}

/// A label for each free index.
pub(super) fn labels(free: &[Dim]) -> Vec<(Label, Dim)> {
    free.iter().enumerate().map(|(i, d)| (i as Label, *d)).collect()
}

/// The free indices that some factor mentions.
pub(super) fn used_indices(tensor: &Tensor) -> Vec<Index> {
    let k = tensor.free.len() as Index;
    let mentioned = |i: &Index| tensor.terms.iter().flat_map(|t| &t.factors).any(|f| f.at.contains(i));
    (0..k).filter(mentioned).collect()
}

/// The factors of a term in groups that share bound indices.
pub(super) fn groups(term: &Term, k: usize) -> Vec<Vec<Factor>> {
    let mut groups: Vec<Vec<Factor>> = vec![];
    for f in &term.factors {
        let bound = |g: &Factor| g.at.iter().any(|i| *i as usize >= k && f.at.contains(i));
        let (joined, mut apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(|g| g.iter().any(bound));
        let mut own: Vec<Factor> = joined.into_iter().flatten().collect();
        own.push(f.clone());
        apart.push(own);
        groups = apart;
    }
    groups
}
