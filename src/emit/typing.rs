//! The shape of a step, from its arguments.
//!
//! In: the name of an operation, the shapes and storage of its arguments. Out: the shape of its value.
//! Invariant: a 1-d array has the shape of a column; what is entry by entry is broadcast as arrays are.
//!
//! `matmul` of a 1-d array of m and an m×n array is a 1-d array of n, and so n×1.

use crate::expr::{Dim, Shape};

use super::plan::Storage;

/// The shape that an operation gives its value.
pub(super) fn shape(name: &str, shapes: &[Shape], stored: &[Storage]) -> Shape {
    let of = |i: usize| shapes.get(i).copied().unwrap_or(Shape::SCALAR);
    let is_matrix = |i: usize| stored.get(i) == Some(&Storage::Matrix);
    let (a, b) = (of(0), of(1));
    match name {
        "matmul" => match (is_matrix(0), is_matrix(1)) {
            (true, true) => Shape::new(a.rows, b.cols),
            (true, false) => Shape::vector(a.rows),
            (false, true) => Shape::vector(b.cols),
            (false, false) => Shape::SCALAR,
        },
        "chain" => Shape::new(a.rows, shapes.last().map_or(a.cols, |s| s.cols)),
        "outer" => Shape::new(a.rows, b.rows),
        "transpose" => a.transposed(),
        "diagonal" => Shape::new(a.rows, a.rows),
        "diagonal_of" | "row_sums" => Shape::vector(a.rows),
        "column_sums" => Shape::vector(a.cols),
        "column" => Shape::vector(a.rows),
        "row" => Shape::vector(a.rows).transposed(),
        "flatten" if a.is_row() => a.transposed(),
        "trace" | "total" | "inner" | "item" | "singleton" | "singleton_matrix" | "lu_logdet"
        | "cholesky_logdet" | "lu_det" | "cholesky_det" => Shape::SCALAR,
        "solve"
        | "solve_posdef"
        | "solve_lower"
        | "solve_upper"
        | "lu_solve"
        | "lu_solve_transposed"
        | "cholesky_solve" => b,
        "add" | "subtract" | "multiply" | "divide" | "power" => broadcast(a, b),
        _ => a,
    }
}

/// The shape of both together, where a side of 1 is repeated.
fn broadcast(a: Shape, b: Shape) -> Shape {
    let side = |a: Dim, b: Dim| if a == Dim::ONE { b } else { a };
    Shape::new(side(a.rows, b.rows), side(a.cols, b.cols))
}
