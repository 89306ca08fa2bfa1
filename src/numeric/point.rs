//! A point: sizes for the dimension names, values for the variables and their differentials.
//!
//! In: numbers by variable. Out: what the leaves of an expression stand for.
//! Invariant: every matrix has the shape that its variable has under the point's sizes.

use indexmap::IndexMap;

use crate::expr::{Dim, Graph, Shape, VarId};

use super::field::Field;
use super::linear::Matrix;

/// A size for each dimension name.
pub type Sizes = IndexMap<String, i64>;

/// Dimensions above this are refused: a check is for small matrices.
const LARGEST: i64 = 100_000;

/// Values for an evaluation.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Point<T> {
    /// The sizes of the dimensions.
    pub sizes: Sizes,
    values: Vec<Option<Matrix<T>>>,
    differentials: Vec<Option<Matrix<T>>>,
}

fn put<T>(slots: &mut Vec<Option<Matrix<T>>>, v: VarId, value: Matrix<T>) {
    let index = v.0 as usize;
    if slots.len() <= index {
        slots.resize_with(index + 1, || None);
    }
    slots[index] = Some(value);
}

impl<T: Field> Point<T> {
    /// A point without values.
    pub fn new(sizes: Sizes) -> Point<T> {
        Point { sizes, values: Vec::new(), differentials: Vec::new() }
    }

    /// Sets a variable's value.
    pub fn set(&mut self, v: VarId, value: Matrix<T>) {
        put(&mut self.values, v, value);
    }

    /// Sets the value of a variable's differential.
    pub fn set_differential(&mut self, v: VarId, value: Matrix<T>) {
        put(&mut self.differentials, v, value);
    }

    /// A variable's value.
    pub fn value(&self, v: VarId) -> Option<&Matrix<T>> {
        self.values.get(v.0 as usize)?.as_ref()
    }

    /// The value of a variable's differential.
    pub fn differential(&self, v: VarId) -> Option<&Matrix<T>> {
        self.differentials.get(v.0 as usize)?.as_ref()
    }

    /// The same point with every value scaled; its directions stay.
    pub(super) fn scaled(&self, by: f64) -> Point<T> {
        let mut point = self.clone();
        for value in point.values.iter_mut().flatten() {
            *value = value.map(|x| x * T::from_f64(by));
        }
        point
    }

    /// The same point in other numbers.
    pub fn map<S: Field>(&self, mut to: impl FnMut(VarId, &Matrix<T>) -> Matrix<S>) -> Point<S> {
        let mut point = Point::new(self.sizes.clone());
        for (i, value) in self.values.iter().enumerate() {
            if let Some(value) = value {
                let v = VarId(i as u32);
                point.set(v, to(v, value));
            }
        }
        point
    }
}

/// A dimension's size; `None` where it is not positive or too large.
pub(super) fn dim_size(graph: &Graph, sizes: &Sizes, dim: Dim) -> Option<usize> {
    if dim == Dim::ONE {
        return Some(1);
    }
    let n = graph.dims.evaluate(dim, &|name| sizes.get(name).copied().unwrap_or(0));
    if (1..=LARGEST).contains(&n) { usize::try_from(n).ok() } else { None }
}

/// Rows and columns of a shape.
pub(super) fn shape_size(graph: &Graph, sizes: &Sizes, shape: Shape) -> Option<(usize, usize)> {
    Some((dim_size(graph, sizes, shape.rows)?, dim_size(graph, sizes, shape.cols)?))
}
