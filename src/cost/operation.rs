//! What the operations on arrays take.
//!
//! In: the name of an operation as the plan of emitted code has it, the shapes of arguments and value. Out: [`Flops`].
//! Invariant: an operation that only moves numbers takes nothing; one that is not listed takes one flop an entry.

use crate::expr::{DimTable, Shape};

use super::Flops;

/// What an operation takes. A vector's shape is that of a column.
pub fn operation(name: &str, args: &[Shape], value: Shape, dims: &DimTable) -> Flops {
    let of = |d| Flops::of(d, dims);
    let entries = |s: Shape| of(s.rows).times(&of(s.cols));
    let argument = |i: usize| args.get(i).copied().unwrap_or(Shape::SCALAR);
    let (first, second) = (argument(0), argument(1));
    // n³ and n² p for a square n×n matrix and a right side of n×p.
    let cube = || of(first.rows).times(&of(first.rows)).times(&of(first.rows));
    let sides = |right: Shape| of(first.rows).times(&of(first.rows)).times(&of(right.cols));
    match name {
        "transpose" | "column" | "row" | "singleton" | "singleton_matrix" | "flatten" | "item"
        | "diagonal" | "diagonal_of" | "identity" | "ones" | "ones_matrix" | "zeros" | "zeros_matrix"
        | "unit" | "commutation" | "unvec" | "rows" | "columns" => Flops::ZERO,
        "matmul" if value.is_scalar() => entries(first).scaled(2, 1),
        "matmul" if first.is_column() => entries(second).scaled(2, 1),
        "matmul" => entries(first).times(&of(second.cols)).scaled(2, 1),
        // A symmetric update of rank k, one half of the product.
        "gram" => entries(first).times(&of(first.rows)),
        "trace" => of(first.rows),
        "total" | "row_sums" | "column_sums" => entries(first),
        "inner" => entries(first).scaled(2, 1),
        "lu" => cube().scaled(2, 3),
        "cholesky" => cube().scaled(1, 3),
        "solve" => cube().scaled(2, 3).plus(&sides(second).scaled(2, 1)),
        "solve_posdef" => cube().scaled(1, 3).plus(&sides(second).scaled(2, 1)),
        "lu_solve" | "lu_solve_transposed" | "cholesky_solve" => sides(second).scaled(2, 1),
        "solve_lower" | "solve_upper" => sides(second),
        "inverse" => cube().scaled(2, 1),
        "inverse_posdef" => cube(),
        "lu_inverse" => cube().scaled(4, 3),
        "cholesky_inverse" => cube().scaled(2, 3),
        "lu_logdet" | "cholesky_logdet" => of(first.rows).scaled(2, 1),
        "lu_det" | "cholesky_det" => of(first.rows),
        "matrix_power" => cube().scaled(4, 1),
        "fractional_power" => cube().scaled(25, 1),
        _ => entries(value),
    }
}
