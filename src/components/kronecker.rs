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
use super::term::{Atom, Factor, Index, Tensor, Term};

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

    /// Of a Kronecker product of square matrices the inverse is that of each.
    pub(super) fn inverse_of_kronecker(&mut self, matrix: &Tensor) -> Option<Tensor> {
        let [term] = matrix.terms.as_slice() else { return None };
        let split = self.atom(Atom::Split);
        let (splits, rest): (Vec<_>, Vec<_>) = term.factors.iter().cloned().partition(|f| f.atom == split);
        let side = |free: Index| splits.iter().find(|f| f.at.first() == Some(&free)).map(|f| f.at.to_vec());
        let (rows, cols) = (side(0)?, side(1)?);
        let dim = |i: Index| term.bound.get((i as usize).checked_sub(2)?).copied();
        if splits.len() != 2 || rows.len() != cols.len() || !term.coefficient.is_one() {
            return None;
        }
        let mut left = rest;
        let mut parts = vec![];
        for (row, col) in rows.iter().zip(&cols).skip(1) {
            let n = dim(*row).filter(|n| dim(*col) == Some(*n))?;
            let (own, others) = reached(left, *row);
            left = others;
            if row == col && own.is_empty() {
                continue;
            }
            let letter = self.alone(own, term, (*row, *col), n)?;
            let inverse = self.inverse(&letter);
            parts.push((inverse, vec![*row as Label, *col as Label]));
        }
        for (whole, pair) in [(0, &rows), (1, &cols)] {
            let dims: Option<Vec<Dim>> = pair.iter().skip(1).map(|i| dim(*i)).collect();
            let free = std::iter::once(matrix.free[whole]).chain(dims?).collect();
            parts.push((self.entry(Atom::Split, free), pair.iter().map(|i| *i as Label).collect()));
        }
        let out = [(0, matrix.free[0]), (1, matrix.free[1])];
        left.is_empty().then(|| self.contract(&parts, &out))
    }

    /// Some factors of a term as an n×n matrix in two of its indices; none where they mention other open ones.
    fn alone(
        &mut self,
        factors: Vec<Factor>,
        of: &Term,
        (row, col): (Index, Index),
        n: Dim,
    ) -> Option<Tensor> {
        let mut own = Term { coefficient: Number::ONE, factors, bound: of.bound.clone() };
        let open = own.factors.iter().flat_map(|f| &f.at).any(|i| *i < 2);
        if open || !own.factors.iter().any(|f| f.at.contains(&col)) {
            return None;
        }
        own.rename(row, 0);
        own.rename(col, 1);
        let uses = own.uses(2);
        for (bound, _) in own.bound.iter_mut().zip(uses.iter().skip(2)).filter(|(_, uses)| **uses == 0) {
            *bound = Dim::ONE;
        }
        Some(self.collect(vec![own], vec![n, n]))
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

/// The factors that hang together with an index, and all others.
fn reached(factors: Vec<Factor>, index: Index) -> (Vec<Factor>, Vec<Factor>) {
    let (mut own, mut left): (Vec<Factor>, Vec<Factor>) = (vec![], factors);
    let mut known = vec![index];
    loop {
        let (more, rest): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|f| f.at.iter().any(|i| known.contains(i)));
        left = rest;
        if more.is_empty() {
            return (own, left);
        }
        known.extend(more.iter().flat_map(|f| f.at.iter().copied()));
        own.extend(more);
    }
}
