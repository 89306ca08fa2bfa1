//! Shapes: rows and columns over symbolic dimensions.

use super::dim::{Dim, DimTable};

/// Rows and columns. A scalar is 1×1, a vector n×1, its transpose 1×n.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Shape {
    /// The number of rows.
    pub rows: Dim,
    /// The number of columns.
    pub cols: Dim,
}

impl Shape {
    /// 1×1.
    pub const SCALAR: Shape = Shape { rows: Dim::ONE, cols: Dim::ONE };

    /// `rows`×`cols`.
    pub const fn new(rows: Dim, cols: Dim) -> Shape {
        Shape { rows, cols }
    }

    /// n×1.
    pub const fn vector(n: Dim) -> Shape {
        Shape { rows: n, cols: Dim::ONE }
    }

    /// Whether it is 1×1.
    pub fn is_scalar(self) -> bool {
        self == Shape::SCALAR
    }

    /// Whether it is a column, scalars included.
    pub fn is_column(self) -> bool {
        self.cols == Dim::ONE
    }

    /// Whether it is a row, scalars included.
    pub fn is_row(self) -> bool {
        self.rows == Dim::ONE
    }

    /// Whether rows and columns agree.
    pub fn is_square(self) -> bool {
        self.rows == self.cols
    }

    /// Whether neither side is 1.
    pub fn is_matrix(self) -> bool {
        !self.is_row() && !self.is_column()
    }

    /// The shape of the transpose.
    pub fn transposed(self) -> Shape {
        Shape { rows: self.cols, cols: self.rows }
    }

    /// The shape as text: `m×n`.
    pub fn text(self, dims: &DimTable) -> String {
        format!("{}×{}", dims.text(self.rows), dims.text(self.cols))
    }
}
