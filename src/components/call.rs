//! Functions in components.
//!
//! In: a call and its arguments' tensors. Out: its tensor.
//! Invariant: a function that is a sum or product of entries is written as one; of any other only what its entry says
//! is used: in which arguments it is linear, and whether its value is symmetric.
//!
//! `tr(A)` is `A_ii`; `exp.(x)` is an atom with x's index.

use smallvec::SmallVec;

use crate::expr::{Dim, FnId, Id, Number, Op, Properties};

use super::Components;
use super::contract::Label;
use super::power::{labels, used_indices};
use super::term::{Atom, Factor, Index, Symmetry, Tensor, TensorId, Term};

impl Components<'_> {
    pub(super) fn call(&mut self, id: Id, op: &Op, args: &SmallVec<[Id; 3]>, free: Vec<Dim>) -> Tensor {
        match op {
            Op::Apply(f, 0) if self.graph.function(*f).name == self.sign => {
                let of = self.build_of(args[0]);
                self.differential(of)
            }
            Op::Map(f) => self.map(*f, op, args, free),
            Op::Call(f) => match self.sum_of_entries(*f, args, &free) {
                Some(found) => found,
                None => {
                    let linear: Vec<usize> =
                        self.graph.catalog().entry(*f).adjoints.iter().map(|(i, _)| *i).collect();
                    self.linear(id, op, args, &linear, free)
                }
            },
            Op::Frechet(_) if free.len() == 2 => self.frechet(op, args, free),
            Op::ApplyAlong(..) => {
                let directions: Vec<usize> = (1..args.len()).collect();
                self.linear(id, op, args, &directions, free)
            }
            Op::ApplyMap(..) => self.entry_by_entry(op, args, free),
            Op::BoundedSum => self.bounded_sum(id, args, free),
            _ => self.generic(id, op, args, free),
        }
    }

    /// A function that is a plain sum of products of its arguments' entries.
    fn sum_of_entries(&mut self, f: FnId, args: &SmallVec<[Id; 3]>, free: &[Dim]) -> Option<Tensor> {
        let name = self.graph.catalog().entry(f).name.clone();
        let a = self.arg(*args.first()?);
        let shape = self.graph.shape(args[0]);
        let own: Vec<Label> = (0..a.free.len() as Label).collect();
        let out = labels(free);
        Some(match (name.as_str(), a.free.len()) {
            ("tr", 2) => self.contract(&[(a, vec![0, 0])], &[]),
            ("sum", _) => self.contract(&[(a, own)], &[]),
            ("mean", _) => {
                let sum = self.contract(&[(a.clone(), own)], &[]);
                let mut scale = Tensor::number(Number::ONE);
                let minus = self.keep(Tensor::number(Number::MINUS_ONE));
                for dim in a.free {
                    let size = self.size(dim);
                    let inverse = self.raised(&size, minus);
                    scale = self.contract(&[(scale, vec![]), (inverse, vec![])], &[]);
                }
                self.contract(&[(sum, vec![]), (scale, vec![])], &[])
            }
            ("dot", _) => {
                let b = self.arg(args[1]);
                self.contract(&[(a, own.clone()), (b, own)], &[])
            }
            ("outer", 1) if self.arg(args[1]).free.len() == 1 => {
                let b = self.arg(args[1]);
                self.contract(&[(a, vec![0]), (b, vec![1])], &out)
            }
            ("diag", 1) if free.len() == 2 => {
                let delta = self.identity(free[0]);
                self.contract(&[(a, vec![0]), (delta, vec![0, 1])], &out)
            }
            ("diag", 2) => self.contract(&[(a, vec![0, 0])], &out),
            ("vec", 2) => self.stacked(a, shape, free[0]),
            ("unvec", _) if free.len() == 2 => {
                let v = self.arg(args[1]);
                let whole = *v.free.first()?;
                self.unstacked(v, shape, whole)
            }
            ("norm", _) => {
                let square = self.contract(&[(a.clone(), own.clone()), (a, own)], &[]);
                let half = self.keep(Tensor::number(Number::ratio(1, 2)));
                self.raised(&square, half)
            }
            ("tril", 2) => self.masked(a, [0, 1], None),
            ("triu", 2) => self.masked(a, [1, 0], None),
            ("stril", 2) => self.masked(a, [0, 1], Some(Number::MINUS_ONE)),
            ("Phi", 2) => self.masked(a, [0, 1], Some(Number::ratio(-1, 2))),
            ("cumsum", 1) => {
                let mask = self.entry(Atom::Mask, vec![a.free[0], a.free[0]]);
                self.contract(&[(mask, vec![0, 1]), (a, vec![1])], &out)
            }
            ("vec", 1) | ("tr" | "diag" | "vec" | "outer" | "tril" | "triu" | "cumsum", 0) => a,
            _ => return None,
        })
    }

    /// The entries in a triangle, plus a multiple of the diagonal.
    fn masked(&mut self, a: Tensor, at: [Index; 2], diagonal: Option<Number>) -> Tensor {
        let free = a.free.clone();
        let (m, n) = (free[0], free[1]);
        let atom = self.atom(Atom::Mask);
        let factor = Factor { atom, at: at.into_iter().collect(), exponent: self.one };
        let mask = self.entry_at(factor, free.clone());
        let out = [(0, m), (1, n)];
        let triangle = self.contract(&[(mask, vec![0, 1]), (a.clone(), vec![0, 1])], &out);
        let Some(scale) = diagonal else { return triangle };
        let delta = self.identity(m);
        let diagonal = self.contract(&[(delta, vec![0, 1]), (a, vec![0, 1])], &out).scaled(&scale);
        self.add(vec![triangle, diagonal], free)
    }

    /// A scalar function of each entry.
    fn map(&mut self, f: FnId, op: &Op, args: &SmallVec<[Id; 3]>, free: Vec<Dim>) -> Tensor {
        if self.graph.catalog().entry(f).name == "sqrt" {
            let half = self.keep(Tensor::number(Number::ratio(1, 2)));
            let base = self.arg(args[0]);
            return self.raised(&base, half);
        }
        self.entry_by_entry(op, args, free)
    }

    fn entry_by_entry(&mut self, op: &Op, args: &SmallVec<[Id; 3]>, free: Vec<Dim>) -> Tensor {
        let id = self.build_of(args[0]);
        self.entries_of(op, id, free)
    }

    /// A scalar function of the entries of a tensor.
    pub(super) fn entries_of(&mut self, op: &Op, id: TensorId, free: Vec<Dim>) -> Tensor {
        let used = used_indices(self.tensor(id));
        let dims: Vec<Dim> = used.iter().map(|i| free[*i as usize]).collect();
        let mut narrow = self.narrowed(id, &used, dims.clone());
        let mut at: SmallVec<[Index; 3]> = used.iter().copied().collect();
        let mut symmetry = Symmetry::None;
        if let [m, n] = dims.as_slice() {
            // Of an argument and its transpose one stands for both.
            let tensor = self.tensor(narrow).clone();
            let turned = self.contract(&[(tensor, vec![0, 1])], &[(1, *n), (0, *m)]);
            let turned = self.keep(turned);
            if turned == narrow {
                symmetry = Symmetry::Symmetric;
            } else if turned < narrow {
                narrow = turned;
                at.swap(0, 1);
            }
        }
        let positive = match op {
            Op::Map(f) => {
                let arg = if self.is_positive(narrow) { Properties::POSITIVE } else { Properties::NONE };
                self.graph.catalog().properties(*f, &|_| arg).has(Properties::POSITIVE)
            }
            _ => false,
        };
        let atom = self.atom_with(Atom::Call(op.clone(), vec![narrow]), symmetry, positive);
        self.entry_at(Factor { atom, at, exponent: self.one }, free)
    }

    /// A function of which nothing is known here but its value's properties.
    pub(super) fn generic(&mut self, id: Id, op: &Op, args: &[Id], free: Vec<Dim>) -> Tensor {
        let args = args.iter().map(|a| self.build_of(*a)).collect();
        self.generic_of(Some(id), op, args, free)
    }

    fn generic_of(&mut self, id: Option<Id>, op: &Op, args: Vec<TensorId>, free: Vec<Dim>) -> Tensor {
        let properties = id.map_or(Properties::NONE, |id| self.graph.properties(id));
        let symmetric = free.len() == 2 && properties.has(Properties::SYMMETRIC);
        let symmetry = if symmetric { Symmetry::Symmetric } else { Symmetry::None };
        let positive = properties.has(Properties::POSITIVE);
        let atom = self.atom_with(Atom::Call(op.clone(), args), symmetry, positive);
        let at: SmallVec<[Index; 3]> = (0..free.len() as Index).collect();
        self.entry_at(Factor { atom, at, exponent: self.one }, free)
    }

    /// The derivative of a matrix function at A along E: `K_ijkl E_kl`, where K is that of A.
    ///
    /// For `A^m` it is the sum of all `A^p E A^q`, so for every power series (Higham, Functions of Matrices, §3.2)
    /// `K_ijkl(A) = K_lkji(A) = K_jilk(A^T)`.
    fn frechet(&mut self, op: &Op, args: &SmallVec<[Id; 3]>, free: Vec<Dim>) -> Tensor {
        let (of, along) = (self.build_of(args[0]), self.arg(args[1]));
        let matrix = self.tensor(of).clone();
        let n = free[0];
        let turned = self.contract(&[(matrix, vec![0, 1])], &[(1, n), (0, n)]);
        let turned = self.keep(turned);
        let (least, at) = if turned < of { (turned, [1, 0, 3, 2]) } else { (of, [0, 1, 2, 3]) };
        let symmetry = if turned == of { Symmetry::Double } else { Symmetry::Reversible };
        let atom = self.atom_with(Atom::Call(op.clone(), vec![least]), symmetry, false);
        let kernel = Factor { atom, at: at.into_iter().collect(), exponent: self.one };
        let kernel = self.entry_at(kernel, vec![n; 4]);
        self.contract(&[(kernel, vec![0, 1, 2, 3]), (along, vec![2, 3])], &labels(&free))
    }

    /// A function that is linear in some of its arguments: their sums and scalar factors come out.
    fn linear(
        &mut self,
        id: Id,
        op: &Op,
        args: &SmallVec<[Id; 3]>,
        linear: &[usize],
        free: Vec<Dim>,
    ) -> Tensor {
        let args: Vec<TensorId> = args.iter().map(|a| self.build_of(*a)).collect();
        self.linear_of(Some(id), op, args, linear, free)
    }

    pub(super) fn linear_of(
        &mut self,
        id: Option<Id>,
        op: &Op,
        args: Vec<TensorId>,
        linear: &[usize],
        free: Vec<Dim>,
    ) -> Tensor {
        let mut rows: Vec<(Tensor, Vec<TensorId>)> = vec![(Tensor::number(Number::ONE), vec![])];
        for (i, a) in args.iter().enumerate() {
            let split = match linear.contains(&i) {
                true => self.scalars_and_rest(*a),
                false => vec![(Tensor::number(Number::ONE), *a)],
            };
            let mut next = vec![];
            for (scale, done) in rows {
                for (s, rest) in &split {
                    let scale = self.contract(&[(scale.clone(), vec![]), (s.clone(), vec![])], &[]);
                    let mut done = done.clone();
                    done.push(*rest);
                    next.push((scale, done));
                }
            }
            rows = next;
        }
        let out = labels(&free);
        let own: Vec<Label> = out.iter().map(|(l, _)| *l).collect();
        let mut sum = vec![];
        for (scale, args) in rows {
            let value = self.generic_of(id, op, args, free.clone());
            sum.push(self.contract(&[(scale, vec![]), (value, own.clone())], &out));
        }
        self.add(sum, free)
    }

    /// The terms of a tensor, each as a scalar and what is left.
    fn scalars_and_rest(&mut self, id: TensorId) -> Vec<(Tensor, TensorId)> {
        let tensor = self.tensor(id).clone();
        let k = tensor.free.len();
        let mut found = vec![];
        for t in tensor.terms {
            let anchored = anchored(&t, k);
            let (inner, outer): (Vec<_>, Vec<_>) =
                t.factors.iter().cloned().partition(|f| f.at.iter().any(|i| anchored[*i as usize]));
            let scalar = Term {
                coefficient: t.coefficient.clone(),
                // A scalar has no free index: all of these are summed over.
                factors: outer
                    .into_iter()
                    .map(|f| Factor { at: f.at.iter().map(|i| i - k as Index).collect(), ..f })
                    .collect(),
                bound: t.bound.clone(),
            };
            let rest = Term { coefficient: Number::ONE, factors: inner, bound: t.bound };
            let (scalar, rest) = (with_dims(scalar, 0), with_dims(rest, k));
            let scalar = self.collect(vec![scalar], vec![]);
            let rest = self.collect(vec![rest], tensor.free.clone());
            let rest = self.keep(rest);
            found.push((scalar, rest));
        }
        found
    }

    /// `sum(r, lo, hi, body)`; over all unit vectors of a dimension, or of numbers, as the sum it is.
    fn bounded_sum(&mut self, id: Id, args: &SmallVec<[Id; 3]>, free: Vec<Dim>) -> Tensor {
        let [index, lo, hi, body] = args[..] else { return self.generic(id, &Op::BoundedSum, args, free) };
        let Op::Var(v) = *self.graph.op(index) else { return self.generic(id, &Op::BoundedSum, args, free) };
        let size = match self.graph.op(hi) {
            Op::Size(n) if self.graph.number(lo) == Some(Number::ONE) => Some(*n),
            _ => None,
        };
        let body = self.arg(body);
        if let Some(n) = size
            && let Some(sum) = self.sum_over_units(&body, v, n)
        {
            return sum;
        }
        let args: Vec<TensorId> = args.iter().map(|a| self.build_of(*a)).collect();
        self.linear_of(Some(id), &Op::BoundedSum, args, &[], free)
    }

    /// Each `e(v, n)` becomes one value of a common index.
    fn sum_over_units(&mut self, body: &Tensor, v: crate::expr::VarId, n: Dim) -> Option<Tensor> {
        let var = self.atom(Atom::Variable(v));
        let is_index = |this: &Self, t: TensorId| {
            let terms = &this.tensor(t).terms;
            matches!(terms.as_slice(), [t] if t.coefficient.is_one() && matches!(t.factors.as_slice(), [f] if f.atom == var))
        };
        let k = body.free.len();
        let mut raw = vec![];
        for t in &body.terms {
            let mut term = t.clone();
            let index = (k + term.bound.len()) as Index;
            term.bound.push(n);
            for f in &mut term.factors {
                let unit = matches!(self.atom_of(f.atom), Atom::Call(Op::Unit(d), args) if *d == n && args.iter().all(|a| is_index(self, *a)));
                if unit {
                    f.atom = self.atom_with(Atom::Delta, Symmetry::Symmetric, false);
                    f.at.push(index);
                    f.exponent = self.one;
                } else if f.atom == var || self.mentions(f.atom, var, 0) {
                    return None;
                }
            }
            raw.push(term);
        }
        Some(self.collect(raw, body.free.clone()))
    }

    /// Whether an atom occurs inside another.
    pub(super) fn mentions(
        &self,
        atom: super::term::AtomId,
        wanted: super::term::AtomId,
        depth: usize,
    ) -> bool {
        let inside = |t: &TensorId| {
            let factors = self.tensor(*t).terms.iter().flat_map(|t| &t.factors);
            depth > 8 || factors.clone().any(|f| f.atom == wanted || self.mentions(f.atom, wanted, depth + 1))
        };
        match self.atom_of(atom) {
            Atom::Power(t) | Atom::Inverse(t) => inside(t),
            Atom::Call(_, args) => args.iter().any(inside),
            Atom::Derivative(a) => self.mentions(*a, wanted, depth + 1),
            _ => false,
        }
    }
}

/// For each index, whether it hangs together with a free one.
fn anchored(term: &Term, k: usize) -> Vec<bool> {
    let mut known = vec![false; k + term.bound.len()];
    known[..k].fill(true);
    loop {
        let mut changed = false;
        for f in &term.factors {
            if f.at.iter().any(|i| known[*i as usize]) {
                for i in &f.at {
                    changed |= !known[*i as usize];
                    known[*i as usize] = true;
                }
            }
        }
        if !changed {
            return known;
        }
    }
}

/// A part of a term: bound indices that only the other part mentions count for nothing here.
fn with_dims(mut term: Term, k: usize) -> Term {
    let uses = term.uses(k);
    for (i, dim) in term.bound.iter_mut().enumerate() {
        if uses[k + i] == 0 {
            *dim = Dim::ONE;
        }
    }
    term
}
