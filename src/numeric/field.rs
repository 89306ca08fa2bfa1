//! The numbers an expression may be evaluated in.
//!
//! In: field arithmetic. Out: [`Field`], implemented by `f64`, [`Dual`](super::Dual) and [`Gf`](super::Gf).
//! Invariant: arithmetic is total; what is undefined is a value that is not finite, and it stays so.
//!
//! ```
//! use matgrad::numeric::Field;
//! assert_eq!(2.0f64.powi(-2), 0.25);
//! assert!(!Field::pow(-1.0f64, 0.5).is_finite());
//! ```

use std::ops::{Div, Neg};

use nalgebra::{ClosedAddAssign, ClosedMulAssign, ClosedSubAssign, Scalar};
use num_traits::{One, Zero};

use crate::expr::Number;

use super::primitives::Function;

/// A number type for the evaluator.
pub trait Field:
    Scalar
    + Copy
    + Zero
    + One
    + ClosedAddAssign
    + ClosedSubAssign
    + ClosedMulAssign
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Whether the numbers have an order; without one there is no norm, factorisation by size or limit.
    const ORDERED: bool;

    /// An exact number.
    fn from_number(n: &Number) -> Self;

    /// A constant of analysis, such as 2/√π.
    fn from_f64(x: f64) -> Self;

    /// An integer.
    fn from_integer(n: i64) -> Self;

    /// The value as a real number for comparisons, derivatives left out. Without an order: 0 or 1.
    fn real(self) -> f64;

    /// The largest magnitude among the value and its derivatives.
    fn size(self) -> f64;

    /// The derivative of the highest order that the number holds; a plain number's is itself.
    fn top(self) -> f64;

    /// Whether the value and its derivatives are defined.
    fn is_finite(self) -> bool;

    /// The value as an integer, where it is a constant one of moderate size.
    fn to_integer(self) -> Option<i64>;

    /// A scalar function's value.
    fn apply(self, f: Function) -> Self;

    /// A power whose exponent is any number.
    fn pow(self, exponent: Self) -> Self;

    /// A power with an integer exponent, by repeated squaring.
    fn powi(self, exponent: i64) -> Self {
        let (mut rest, mut square, mut power) = (exponent.unsigned_abs(), self, Self::one());
        while rest > 0 {
            if rest & 1 == 1 {
                power *= square;
            }
            square *= square;
            rest >>= 1;
        }
        if exponent < 0 { Self::one() / power } else { power }
    }

    /// The magnitude of the value, derivatives left out: what a pivot is chosen by.
    fn magnitude(self) -> f64 {
        self.real().abs()
    }
}

/// The largest integer that counts as an exponent.
const INTEGER_LIMIT: f64 = 1e9;

impl Field for f64 {
    const ORDERED: bool = true;

    fn from_number(n: &Number) -> f64 {
        n.to_f64()
    }

    fn from_f64(x: f64) -> f64 {
        x
    }

    fn from_integer(n: i64) -> f64 {
        n as f64
    }

    fn real(self) -> f64 {
        self
    }

    fn size(self) -> f64 {
        self.abs()
    }

    fn top(self) -> f64 {
        self
    }

    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }

    fn to_integer(self) -> Option<i64> {
        (self.fract() == 0.0 && self.abs() <= INTEGER_LIMIT).then_some(self as i64)
    }

    fn apply(self, f: Function) -> f64 {
        f.value(self)
    }

    fn pow(self, exponent: f64) -> f64 {
        match exponent.to_integer() {
            Some(k) => Field::powi(self, k),
            None => libm::pow(self, exponent),
        }
    }
}
