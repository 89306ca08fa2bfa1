//! Floating-point operations as polynomials in the dimensions.
//!
//! In: an operation on arrays and their shapes, or a function of the catalogue. Out: [`Flops`].
//! Invariant: additions and multiplications count one each, moving and reshaping nothing; a scalar function counts
//! what its entry says. The leading terms are those of Golub and Van Loan, Matrix Computations, 4th ed.
//!
//! `A @ x` with an m×n `A` takes `2 m n`; solving with an n×n matrix takes `2/3 n^3 + 2 n^2`.

mod chain;
mod flops;
mod formula;
mod operation;

pub use chain::Order;
pub use flops::Flops;
pub use formula::function;
pub use operation::{operation, traffic};

/// The size that a named dimension counts as where nothing is known of it.
pub const TYPICAL: i64 = 100;

/// Sizes for the dimensions, to compare two polynomials.
///
/// Which of two forms is the cheaper one may depend on them, so that there are several of these.
pub type Sizes<'a> = &'a dyn Fn(&str) -> f64;
