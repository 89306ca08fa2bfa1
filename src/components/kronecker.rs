//! Indices that count pairs: Kronecker products, stacked columns, commutation.
//!
//! In: matrices. Out: tensors in which an index of a product of dimensions is split into its parts.
//! Invariant: the split is a factor of its own, so that products of such tensors are sums like all others.
//!
//! `vec(A)` has the entry `A_ij` where the index counts the pair (j, i).

use crate::expr::{Dim, Id, Number, Shape};

use super::Components;
use super::build::free_of;
use super::contract::Label;
use super::term::{Atom, Tensor};

impl Components<'_> {
    /// An index that counts pairs, where both members have more than one value.
    fn split(&mut self, whole: Label, dim: Dim, pair: [(Label, Dim); 2]) -> Option<(Tensor, Vec<Label>)> {
        let [(a, m), (b, n)] = pair;
        if m == Dim::ONE || n == Dim::ONE {
            return None;
        }
        let tensor = self.entry(Atom::Split, vec![dim, m, n]);
        Some((tensor, vec![whole, a, b]))
    }

    /// `a ⊗ b`: the row of the product counts the pairs of rows.
    pub(super) fn kronecker(&mut self, args: &[Id], shape: Shape) -> Tensor {
        let Some((first, rest)) = args.split_first() else { return Tensor::number(Number::ONE) };
        let (mut sum, mut own) = (self.arg(*first), self.graph.shape(*first));
        for (i, b) in rest.iter().enumerate() {
            let other = self.graph.shape(*b);
            let last = i + 1 == rest.len();
            let times = |this: &Self, x: Dim, y: Dim| this.product_dim(x, y);
            let (rows, cols) = match last {
                true => (shape.rows, shape.cols),
                false => match (times(self, own.rows, other.rows), times(self, own.cols, other.cols)) {
                    (Some(r), Some(c)) => (r, c),
                    _ => return self.unknown(shape),
                },
            };
            let b = self.arg(*b);
            sum = self.kronecker_pair((sum, own), (b, other), Shape::new(rows, cols));
            own = Shape::new(rows, cols);
        }
        sum
    }

    fn product_dim(&self, x: Dim, y: Dim) -> Option<Dim> {
        match (x == Dim::ONE, y == Dim::ONE) {
            (true, _) => Some(y),
            (_, true) => Some(x),
            // The graph made the dimension when it made a node of this shape.
            _ => self.graph.dims.clone().times(x, y),
        }
    }

    fn unknown(&mut self, shape: Shape) -> Tensor {
        self.work = usize::MAX;
        Tensor::zero(free_of(shape))
    }

    fn kronecker_pair(&mut self, a: (Tensor, Shape), b: (Tensor, Shape), shape: Shape) -> Tensor {
        let ((a, s), (b, t)) = (a, b);
        let (mut parts, mut labels_a, mut labels_b, mut out) = (vec![], vec![], vec![], vec![]);
        let sides = [(s.rows, t.rows, shape.rows, 0), (s.cols, t.cols, shape.cols, 1)];
        for (of_a, of_b, of_both, side) in sides {
            let (la, lb, whole): (Label, Label, Label) = (10 + side, 20 + side, 30 + side);
            if of_a != Dim::ONE {
                labels_a.push(la);
            }
            if of_b != Dim::ONE {
                labels_b.push(lb);
            }
            if of_both == Dim::ONE {
                continue;
            }
            match self.split(whole, of_both, [(la, of_a), (lb, of_b)]) {
                Some(part) => {
                    parts.push(part);
                    out.push((whole, of_both));
                }
                None => out.push((if of_a == Dim::ONE { lb } else { la }, of_both)),
            }
        }
        parts.push((a, labels_a));
        parts.push((b, labels_b));
        self.contract(&parts, &out)
    }

    /// `K vec(A) = vec(A^T)` for an m×n A.
    pub(super) fn commutation(&mut self, m: Dim, n: Dim, free: &[Dim]) -> Tensor {
        let Some(whole) = free.first().copied() else { return Tensor::number(Number::ONE) };
        let (row, col): ((Label, Dim), (Label, Dim)) = ((2, m), (3, n));
        let first = self.split(0, whole, [row, col]);
        let second = self.split(1, whole, [col, row]);
        match (first, second) {
            (Some(first), Some(second)) => self.contract(&[first, second], &[(0, whole), (1, whole)]),
            _ => self.identity(whole),
        }
    }

    /// `vec(A)`: columns one after another.
    pub(super) fn stacked(&mut self, a: Tensor, shape: Shape, whole: Dim) -> Tensor {
        match self.split(9, whole, [(1, shape.cols), (0, shape.rows)]) {
            Some(part) => self.contract(&[part, (a, vec![0, 1])], &[(9, whole)]),
            None => a,
        }
    }

    /// The matrix that is stacked in `v`.
    pub(super) fn unstacked(&mut self, v: Tensor, shape: Shape, whole: Dim) -> Tensor {
        match self.split(9, whole, [(1, shape.cols), (0, shape.rows)]) {
            Some(part) => self.contract(&[part, (v, vec![9])], &[(0, shape.rows), (1, shape.cols)]),
            None => v,
        }
    }
}
