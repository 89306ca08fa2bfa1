//! Derivatives of abstract functions along directions.
//!
//! In: the normal forms of the point and of the directions. Out: that of the call: a matrix times the direction where
//! the derivative is one, `g'(x)[v]` as `g'(x) v` and `φ''(x)[u, v]` as `u^T φ''(x) v`.
//! Invariant: directions are sorted, as a derivative is symmetric in them (Schwarz), and linear terms come out.

use std::rc::Rc;

use crate::expr::{AbstractId, Op, Shape};

use super::super::poly::Poly;
use super::Normalizer;

impl Normalizer<'_> {
    pub(super) fn along(&mut self, (f, k): (AbstractId, u8), shape: Shape, args: &[Rc<Poly>]) -> Poly {
        let function = self.graph.function(f);
        let (column, value) = (function.argument.1.is_column(), function.value.1);
        let derivative = |n: &mut Self, x: &Poly| {
            let x = n.write(x);
            let id = n.graph.add(Op::Apply(f, k), [x]);
            n.atom(id)
        };
        match (k, args) {
            (1, [x, v]) if column && value.is_column() => {
                let jacobian = derivative(self, x);
                self.times(&jacobian, v)
            }
            (1, [x, v]) if column && value.is_scalar() => {
                let gradient = derivative(self, x);
                let row = self.transpose(&gradient);
                self.times(&row, v)
            }
            (2, [x, u, v]) if column && value.is_scalar() => {
                let (row, hessian) = (self.transpose(u), derivative(self, x));
                let left = self.times(&row, &hessian);
                self.times(&left, v)
            }
            _ => {
                let directions: Vec<usize> = (1..args.len()).collect();
                self.linear_call(Op::ApplyAlong(f, k), shape, args, &directions)
            }
        }
    }
}
