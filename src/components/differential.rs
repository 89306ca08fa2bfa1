//! The differential of a tensor.
//!
//! In: a tensor. Out: its differential, by the rules of calculus for sums, products and powers of numbers, and for the
//! inverse. Invariant: what a function's differential is, is not known here: it stays an atom of its own, about which
//! assumptions may say what the function's entry says.
//!
//! `d(x_i^2)` is `2 x_i dx_i`; `d(exp(x_i))` stays.

use smallvec::SmallVec;

use crate::expr::{Number, Op};

use super::Components;
use super::contract::Label;
use super::power::labels;
use super::term::{Atom, AtomId, Factor, Index, Tensor, TensorId, Term};

/// Functions in functions are looked into so deep.
const DEPTH: usize = 40;

impl Components<'_> {
    /// The differential.
    pub(super) fn differential(&mut self, id: TensorId) -> Tensor {
        self.differential_at(id, 0)
    }

    fn differential_at(&mut self, id: TensorId, depth: usize) -> Tensor {
        let tensor = self.tensor(id).clone();
        let k = tensor.free.len();
        let out = labels(&tensor.free);
        let mut sum = vec![];
        for t in &tensor.terms {
            for (i, f) in t.factors.iter().enumerate() {
                if !self.spend(1) || depth > DEPTH {
                    self.work = usize::MAX;
                    return Tensor::zero(tensor.free);
                }
                let dims: Vec<_> = f
                    .at
                    .iter()
                    .map(|i| {
                        (*i as usize).checked_sub(k).map_or_else(|| tensor.free[*i as usize], |b| t.bound[b])
                    })
                    .collect();
                if self.varies(f.exponent) {
                    let Some(part) = self.by_exponent(&tensor, t, f, &dims, depth) else {
                        self.work = usize::MAX;
                        return Tensor::zero(tensor.free);
                    };
                    sum.push(part);
                }
                let Some(d) = self.of_atom(f.atom, &dims, depth) else { continue };
                // e f^(e-1) df, with the other factors.
                let exponent = self.tensor(f.exponent).clone();
                let minus = Tensor::number(Number::MINUS_ONE);
                let lowered = self.add(vec![exponent.clone(), minus], vec![]);
                let lowered = self.keep(lowered);
                let mut rest = t.clone();
                rest.factors[i].exponent = lowered;
                rest.factors.retain(|f| self.number(f.exponent).is_none_or(|e| !e.is_zero()));
                let open = Tensor {
                    free: tensor.free.iter().chain(&t.bound).copied().collect(),
                    terms: vec![Term { bound: vec![], ..rest }],
                };
                let all: Vec<Label> = (0..open.free.len() as Label).collect();
                let at: Vec<Label> = f.at.to_vec();
                sum.push(self.contract(&[(exponent, vec![]), (open, all), (d, at)], &out));
            }
        }
        self.add(sum, tensor.free)
    }

    /// `f^e log(f) de`, with the other factors.
    fn by_exponent(
        &mut self,
        tensor: &Tensor,
        term: &Term,
        f: &Factor,
        dims: &[crate::expr::Dim],
        depth: usize,
    ) -> Option<Tensor> {
        let catalog = self.graph.catalog_arc();
        let log = catalog.overloads("log").iter().copied().find(|f| catalog.is_scalar_function(*f))?;
        let at = (0..dims.len() as Index).collect();
        let base = self.entry_at(Factor { atom: f.atom, at, exponent: self.one }, dims.to_vec());
        let base = self.keep(base);
        let de = self.differential_at(f.exponent, depth + 1);
        let log = self.entries_of(&Op::Map(log), base, dims.to_vec());
        let open = Tensor {
            free: tensor.free.iter().chain(&term.bound).copied().collect(),
            terms: vec![Term { bound: vec![], ..term.clone() }],
        };
        let all: Vec<Label> = (0..open.free.len() as Label).collect();
        let out = labels(&tensor.free);
        Some(self.contract(&[(open, all), (log, f.at.to_vec()), (de, vec![])], &out))
    }

    /// The differential of an atom's entry; `None` where it does not vary.
    fn of_atom(&mut self, atom: AtomId, dims: &[crate::expr::Dim], depth: usize) -> Option<Tensor> {
        let free = dims.to_vec();
        match self.atom_of(atom).clone() {
            Atom::Variable(v) => {
                if !self.varying.contains(&v) {
                    return None;
                }
                let (symmetry, at) = (self.symmetry(atom), (0..dims.len() as Index).collect());
                let d = self.atom_with(Atom::Differential(v), symmetry, false);
                Some(self.entry_at(Factor { atom: d, at, exponent: self.one }, free))
            }
            Atom::Power(id) if self.varies(id) => Some(self.differential_at(id, depth + 1)),
            Atom::Inverse(id) if self.varies(id) => {
                let d = self.differential_at(id, depth + 1);
                let at: SmallVec<[Index; 3]> = [0, 1].into_iter().collect();
                let own = self.entry_at(Factor { atom, at, exponent: self.one }, free.clone());
                let out = labels(&free);
                let parts = [(own.clone(), vec![0, 2]), (d, vec![2, 3]), (own, vec![3, 1])];
                Some(self.contract(&parts, &out).scaled(&Number::MINUS_ONE))
            }
            Atom::Call(op, args) if args.iter().any(|a| self.varies(*a)) => {
                let linear: Vec<usize> = match &op {
                    Op::Call(f) => self.graph.catalog().entry(*f).adjoints.iter().map(|(i, _)| *i).collect(),
                    Op::ApplyAlong(..) => (1..args.len()).collect(),
                    Op::BoundedSum => vec![3],
                    _ => vec![],
                };
                let varying: Vec<usize> = (0..args.len()).filter(|i| self.varies(args[*i])).collect();
                if let [one] = varying.as_slice()
                    && linear.contains(one)
                {
                    let d = self.differential_at(args[*one], depth + 1);
                    let mut replaced = args.clone();
                    replaced[*one] = self.keep(d);
                    let linear = if op == Op::BoundedSum { vec![] } else { linear };
                    return Some(self.linear_of(None, &op, replaced, &linear, free));
                }
                let symmetry = self.symmetry(atom);
                let d = self.atom_with(Atom::Derivative(atom), symmetry, false);
                let at = (0..dims.len() as Index).collect();
                Some(self.entry_at(Factor { atom: d, at, exponent: self.one }, free))
            }
            _ => None,
        }
    }

    /// Whether a tensor mentions a variable that varies.
    fn varies(&self, id: TensorId) -> bool {
        let mut stack = vec![id];
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            for f in self.tensor(id).terms.iter().flat_map(|t| &t.factors) {
                stack.push(f.exponent);
                let mut atom = f.atom;
                while let Atom::Derivative(inner) = self.atom_of(atom) {
                    atom = *inner;
                }
                match self.atom_of(atom) {
                    Atom::Variable(v) if self.varying.contains(v) => return true,
                    Atom::Power(t) | Atom::Inverse(t) => stack.push(*t),
                    Atom::Call(_, args) => stack.extend(args),
                    _ => {}
                }
            }
        }
        false
    }
}
