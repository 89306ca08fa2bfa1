//! What the operations on arrays take.
//!
//! In: the name of an operation as the plan of emitted code has it, the shapes of arguments and value. Out: [`Flops`].
//! Invariant: an operation that only moves numbers takes nothing; one that is not listed takes one flop an entry.

use crate::expr::{DimTable, Shape};

use super::{Flops, Order, TYPICAL};

/// What an operation takes. A vector's shape is that of a column.
pub fn operation(name: &str, args: &[Shape], value: Shape, dims: &DimTable) -> Flops {
    listed(name, args, value, dims).unwrap_or_else(|| entries(value, dims))
}

/// What a matrix costs to write and to read once more, in flops, where an operation goes over its entries and does
/// little with each: `A x + A^T x` has more flops than `(A + A^T) x` and takes a quarter of its time.
pub fn traffic(name: &str, value: Shape, dims: &DimTable) -> Flops {
    match listed(name, &[], value, dims) {
        None if value.is_matrix() => entries(value, dims).scaled(2, 1),
        _ => Flops::ZERO,
    }
}

fn entries(s: Shape, dims: &DimTable) -> Flops {
    Flops::of(s.rows, dims).times(&Flops::of(s.cols, dims))
}

fn listed(name: &str, args: &[Shape], value: Shape, dims: &DimTable) -> Option<Flops> {
    let of = |d| Flops::of(d, dims);
    let entries = |s: Shape| entries(s, dims);
    let argument = |i: usize| args.get(i).copied().unwrap_or(Shape::SCALAR);
    let (first, second) = (argument(0), argument(1));
    // n³ and n² p for a square n×n matrix and a right side of n×p.
    let cube = || of(first.rows).times(&of(first.rows)).times(&of(first.rows));
    let sides = |right: Shape| of(first.rows).times(&of(first.rows)).times(&of(right.cols));
    Some(match name {
        "transpose" | "column" | "row" | "singleton" | "singleton_matrix" | "flatten" | "item"
        | "diagonal" | "diagonal_of" | "identity" | "ones" | "ones_matrix" | "zeros" | "zeros_matrix"
        | "unit" | "commutation" | "unvec" | "rows" | "columns" => Flops::ZERO,
        "matmul" if value.is_scalar() => entries(first).scaled(2, 1),
        "matmul" if first.is_column() => entries(second).scaled(2, 1),
        "matmul" => entries(first).times(&of(second.cols)).scaled(2, 1),
        // Multiplied in the order that is best for the sizes at hand; counted as for sides that are all alike.
        "chain" => chain(args, dims),
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
        _ => return None,
    })
}

fn chain(args: &[Shape], dims: &DimTable) -> Flops {
    let sides: Vec<_> = args.first().map(|s| s.rows).into_iter().chain(args.iter().map(|s| s.cols)).collect();
    let sizes: Vec<f64> = sides.iter().map(|d| dims.evaluate(*d, &|_| TYPICAL).max(1) as f64).collect();
    let products = Order::best(&sizes).0.products();
    let of = |i: usize| Flops::of(sides[i], dims);
    products
        .into_iter()
        .fold(Flops::ZERO, |sum, [i, k, j]| sum.plus(&of(i).times(&of(k)).times(&of(j)).scaled(2, 1)))
}
