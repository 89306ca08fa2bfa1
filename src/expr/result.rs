//! The shape of a node, from its operator and its arguments.
//!
//! In: an operator, the shapes of its arguments. Out: the shape of the value, or none where they do not fit.
//! Invariant: a 1×1 factor scales; any other neighbours of a product agree in the dimension between them.

use smallvec::SmallVec;

use super::graph::{AbstractFunction, Graph};
use super::node::{Id, Op};
use super::shape::Shape;

impl Graph {
    pub(super) fn shape_of(&self, op: &Op, args: &[Id]) -> Option<Shape> {
        match op {
            Op::Num(_) | Op::Size(_) => Some(Shape::SCALAR),
            Op::Sum | Op::Negate | Op::Map(_) | Op::Power => args.first().map(|a| self.shape(*a)),
            Op::Product => self.product_shape(args),
            _ => None,
        }
    }

    fn product_shape(&self, args: &[Id]) -> Option<Shape> {
        let mut shape = Shape::SCALAR;
        for a in args {
            let next = self.shape(*a);
            shape = match (shape.is_scalar(), next.is_scalar()) {
                (_, true) => shape,
                (true, false) => next,
                (false, false) if shape.cols == next.rows => Shape::new(shape.rows, next.cols),
                _ => return None,
            };
        }
        Some(shape)
    }

    pub(super) fn result_shape(&mut self, op: &Op, args: &[Id]) -> Result<Shape, ()> {
        let shapes: SmallVec<[Shape; 4]> = args.iter().map(|a| self.shape(*a)).collect();
        let all_equal = shapes.windows(2).all(|w| w[0] == w[1]);
        let arity = |n: usize| if args.len() == n { Ok(()) } else { Err(()) };
        let need = |ok: bool, shape: Shape| if ok { Ok(shape) } else { Err(()) };
        match op {
            Op::Var(v) => self.variables.get(v.0 as usize).map(|v| v.shape).ok_or(()),
            Op::Differential(v) => self.variables.get(v.0 as usize).map(|v| v.shape).ok_or(()),
            Op::Num(_) | Op::Size(_) => Ok(Shape::SCALAR),
            Op::Identity(n) => Ok(Shape::new(*n, *n)),
            Op::Ones(r, c) | Op::Zeros(r, c) => Ok(Shape::new(*r, *c)),
            Op::Unit(n) => need(args.len() == 1 && shapes[0].is_scalar(), Shape::vector(*n)),
            Op::Commutation(m, n) => {
                let mn = self.dims.times(*m, *n).ok_or(())?;
                Ok(Shape::new(mn, mn))
            }
            Op::Sum | Op::Hadamard => need(!args.is_empty() && all_equal, shapes[0]),
            Op::Negate | Op::Map(_) | Op::ApplyMap(..) => {
                arity(1)?;
                Ok(shapes[0])
            }
            Op::Product => {
                if args.is_empty() {
                    return Err(());
                }
                self.product_shape(args).ok_or(())
            }
            Op::Divide => {
                arity(2)?;
                need(shapes[1].is_scalar(), shapes[0])
            }
            Op::Solve => {
                arity(2)?;
                need(shapes[0].is_square() && shapes[0].cols == shapes[1].rows, shapes[1])
            }
            Op::ElementDivide => {
                arity(2)?;
                match (shapes[0].is_scalar(), shapes[1].is_scalar()) {
                    (true, _) => Ok(shapes[1]),
                    (_, true) => Ok(shapes[0]),
                    _ => need(all_equal, shapes[0]),
                }
            }
            Op::Power => {
                arity(2)?;
                need(shapes[0].is_square() && shapes[1].is_scalar(), shapes[0])
            }
            Op::ElementPower => {
                arity(2)?;
                need(shapes[1].is_scalar(), shapes[0])
            }
            Op::Transpose => {
                arity(1)?;
                Ok(shapes[0].transposed())
            }
            Op::Kronecker => {
                let mut shape = Shape::SCALAR;
                for s in &shapes {
                    let rows = self.dims.times(shape.rows, s.rows).ok_or(())?;
                    let cols = self.dims.times(shape.cols, s.cols).ok_or(())?;
                    shape = Shape::new(rows, cols);
                }
                need(args.len() >= 2, shape)
            }
            Op::Call(f) => {
                let catalog = self.catalog.clone();
                catalog.result_shape(*f, &shapes, &mut self.dims).ok_or(())
            }
            Op::Frechet(_) => {
                arity(2)?;
                need(all_equal && shapes[0].is_square(), shapes[0])
            }
            Op::Apply(f, order) => {
                arity(1)?;
                let f = self.functions.get(f.0 as usize).ok_or(())?;
                need(shapes[0] == f.argument.1, derivative_shape(f, *order).ok_or(())?)
            }
            Op::ApplyAlong(f, order) => {
                arity(1 + usize::from(*order))?;
                let f = self.functions.get(f.0 as usize).ok_or(())?;
                need(all_equal && shapes[0] == f.argument.1, f.value.1)
            }
            Op::BoundedSum => {
                arity(4)?;
                Ok(shapes[3])
            }
        }
    }
}

/// The shape of a derivative of an abstract function that is written without directions.
fn derivative_shape(f: &AbstractFunction, order: u8) -> Option<Shape> {
    let (x, y) = (f.argument.1, f.value.1);
    match order {
        0 => Some(y),
        _ if x.is_scalar() => Some(y),
        1 if x.is_column() && y.is_column() => Some(Shape::new(y.rows, x.rows)),
        1 if y.is_scalar() => Some(x),
        2 if x.is_column() && y.is_scalar() => Some(Shape::new(x.rows, x.rows)),
        _ => None,
    }
}
