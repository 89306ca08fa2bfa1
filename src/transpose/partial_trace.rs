//! The adjoint of the Kronecker product.
//!
//! In: the factors, which of them carries the differential, the cotangent of the product. Out: its cotangent.
//! Invariant: `⟨A ⊗ Y, G⟩ = ⟨Y, result⟩` for every Y.
//!
//! `kron(A, dX)` with the cotangent `C ⊗ D` gives `tr(C^T A) D`, with any G the partial trace
//! `sum(j, 1, q, (A e(j,q) ⊗ I)^T G (e(j,q) ⊗ I))`, for `A = sum A e_j e_j^T`.
//! Source: Magnus and Neudecker 2.2–2.4.

use crate::expr::{Graph, Id, Op, Shape};

use super::word::joined;

/// The cotangent of factor `i`.
pub(super) fn adjoint(g: &mut Graph, args: &[Id], i: usize, c: Id) -> Option<Id> {
    let together = |g: &mut Graph, part: &[Id]| match part {
        [] => None,
        [one] => Some(*one),
        more => Some(g.add(Op::Kronecker, more.iter().copied())),
    };
    let mut given = c;
    if let Some(before) = together(g, args.get(..i)?) {
        let rest = together(g, args.get(i..)?)?;
        let side = Side { other: before, shape: g.shape(rest), first: true };
        given = side.contract(g, given);
    }
    if let Some(after) = together(g, args.get(i + 1..)?) {
        let side = Side { other: after, shape: g.shape(args[i]), first: false };
        given = side.contract(g, given);
    }
    Some(given)
}

/// A free factor beside one of this shape.
struct Side {
    other: Id,
    shape: Shape,
    /// Whether the free factor comes first.
    first: bool,
}

impl Side {
    fn contract(&self, g: &mut Graph, c: Id) -> Id {
        if g.shape(self.other).is_scalar() {
            return g.times([self.other, c]);
        }
        if let Some(split) = self.separated(g, c) {
            return split;
        }
        if g.shape(self.other).is_column() {
            return self.slice(g, self.other, None, c);
        }
        let columns = g.shape(self.other).cols;
        let j = g.fresh_index("j");
        let (one, last) = (g.int(1), g.size(columns));
        let unit = g.add(Op::Unit(columns), [j]);
        let column = g.product([self.other, unit]);
        let body = self.slice(g, column, Some(unit), c);
        g.add(Op::BoundedSum, [j, one, last, body])
    }

    /// `(u ⊗ I)^T c (e ⊗ I)`, the factors in their order.
    fn slice(&self, g: &mut Graph, u: Id, unit: Option<Id>, c: Id) -> Id {
        let rows = g.identity(self.shape.rows);
        let left = self.pair(g, u, rows);
        let left = g.turned(left);
        let Some(unit) = unit else { return joined(g, &[&[left, c]]) };
        let columns = g.identity(self.shape.cols);
        let right = self.pair(g, unit, columns);
        joined(g, &[&[left, c, right]])
    }

    fn pair(&self, g: &mut Graph, u: Id, identity: Id) -> Id {
        if g.is_one(identity) {
            return u;
        }
        g.add(Op::Kronecker, if self.first { [u, identity] } else { [identity, u] })
    }

    /// A cotangent that is itself `s (C ⊗ D)`, or `s I = s (I ⊗ I)`: `⟨A ⊗ Y, C ⊗ D⟩ = ⟨A, C⟩ ⟨Y, D⟩`.
    fn separated(&self, g: &mut Graph, c: Id) -> Option<Id> {
        let factors: Vec<Id> = match g.op(c) {
            Op::Product => g.args(c).to_vec(),
            _ => vec![c],
        };
        let (scalars, rest): (Vec<Id>, Vec<Id>) = factors.into_iter().partition(|f| g.shape(*f).is_scalar());
        let &[core] = rest.as_slice() else { return None };
        let (inner, own) = match (g.op(core).clone(), g.args(core)) {
            (Op::Identity(_), _) if g.shape(self.other).is_square() && self.shape.is_square() => {
                let own = g.identity(self.shape.rows);
                (g.call_named("tr", [self.other]), own)
            }
            (Op::Kronecker, &[x, y]) => {
                let (beside, own) = if self.first { (x, y) } else { (y, x) };
                if g.shape(beside) != g.shape(self.other) || g.shape(own) != self.shape {
                    return None;
                }
                (g.inner(beside, self.other), own)
            }
            _ => return None,
        };
        Some(g.times(scalars.into_iter().chain([inner, own])))
    }
}
