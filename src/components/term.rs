//! Sums of products of entries.
//!
//! In: nothing. Out: [`Tensor`], [`Term`], [`Factor`], [`Atom`].
//! Invariant: in a term the indices 0, 1, … are the free ones of the tensor, those after them are summed over; a
//! dimension 1 has no index, so a scalar has none, and a row and a column have one.
//!
//! `A x` has one free index: one term with the factors `A[0,1]` and `x[1]` and one bound index.

use smallvec::SmallVec;

use crate::expr::{Dim, Number, Op, VarId};

/// A place in the table of atoms.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct AtomId(pub u32);

/// A place in the table of tensors.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct TensorId(pub u32);

/// An index of a term.
pub(super) type Index = u32;

/// Something with entries that is not taken apart.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) enum Atom {
    /// A variable.
    Variable(VarId),
    /// The differential of a variable.
    Differential(VarId),
    /// 1 where both indices are equal, else 0.
    Delta,
    /// 1 where the first index is not before the second: the lower triangle.
    Mask,
    /// 1 where the first index counts the pairs (or more) of the others, the last running fastest.
    Split,
    /// A named dimension.
    Size(u32),
    /// A number whose power is no number.
    Number(Number),
    /// The entries of a sum or product, to be raised.
    Power(TensorId),
    /// The inverse of a matrix.
    Inverse(TensorId),
    /// A function of these arguments.
    Call(Op, Vec<TensorId>),
    /// The differential of another atom.
    Derivative(AtomId),
}

/// What the exchange of its indices does to an atom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Symmetry {
    None,
    /// Of two: nothing.
    Symmetric,
    /// Of two: it changes the sign.
    Skew,
    /// Of four: `K_ijkl = K_lkji`.
    Reversible,
    /// Of four: `K_ijkl = K_lkji = K_jilk = K_klij`.
    Double,
}

impl Symmetry {
    /// The indices in every order that leaves an entry what it is.
    pub fn orders(self, at: &[Index]) -> SmallVec<[SmallVec<[Index; 3]>; 4]> {
        let own: SmallVec<[Index; 3]> = at.iter().copied().collect();
        let mut orders = SmallVec::from_iter([own]);
        if let (Symmetry::Symmetric, [a, b]) = (self, at) {
            orders.push(SmallVec::from_iter([*b, *a]));
        }
        if let (Symmetry::Reversible | Symmetry::Double, [i, j, k, l]) = (self, at) {
            orders.push(SmallVec::from_iter([*l, *k, *j, *i]));
            if self == Symmetry::Double {
                orders.push(SmallVec::from_iter([*j, *i, *l, *k]));
                orders.push(SmallVec::from_iter([*k, *l, *i, *j]));
            }
        }
        orders
    }
}

/// An entry of an atom, raised.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Factor {
    pub atom: AtomId,
    pub at: SmallVec<[Index; 3]>,
    /// A scalar, most often 1.
    pub exponent: TensorId,
}

/// A product of entries, summed over the bound indices.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Term {
    pub coefficient: Number,
    pub factors: Vec<Factor>,
    /// The dimensions of the bound indices.
    pub bound: Vec<Dim>,
}

/// A sum of terms.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Tensor {
    /// The dimensions of the free indices.
    pub free: Vec<Dim>,
    pub terms: Vec<Term>,
}

impl Tensor {
    pub fn number(n: Number) -> Tensor {
        let term = Term { coefficient: n.clone(), factors: vec![], bound: vec![] };
        Tensor { free: vec![], terms: if n.is_zero() { vec![] } else { vec![term] } }
    }

    pub fn zero(free: Vec<Dim>) -> Tensor {
        Tensor { free, terms: vec![] }
    }

    pub fn as_number(&self) -> Option<Number> {
        match self.terms.as_slice() {
            [] if self.free.is_empty() => Some(Number::ZERO),
            [t] if t.factors.is_empty() && self.free.is_empty() => Some(t.coefficient.clone()),
            _ => None,
        }
    }

    pub fn scaled(mut self, n: &Number) -> Tensor {
        if n.is_zero() {
            self.terms.clear();
        }
        for t in &mut self.terms {
            t.coefficient = t.coefficient.clone() * n.clone();
        }
        self
    }
}

impl Term {
    /// The indices that no factor mentions and those that some do: how often each occurs.
    pub fn uses(&self, free: usize) -> Vec<u32> {
        let mut uses = vec![0; free + self.bound.len()];
        for i in self.factors.iter().flat_map(|f| &f.at) {
            if let Some(u) = uses.get_mut(*i as usize) {
                *u += 1;
            }
        }
        uses
    }

    /// Every `from` replaced by `to`.
    pub fn rename(&mut self, from: Index, to: Index) {
        for i in self.factors.iter_mut().flat_map(|f| &mut f.at) {
            if *i == from {
                *i = to;
            }
        }
    }
}
