//! Dual numbers: a value with its derivative along one direction (forward differentiation).
//!
//! In: any [`Field`]. Out: [`Dual`] over it, a field again, so that `Dual<Dual<f64>>` holds second
//! derivatives. Invariant: every operation is exact to first order; the rules of the catalogue are not used.
//!
//! ```
//! use matgrad::numeric::{Dual, Field};
//! let x = Dual::new(3.0, 1.0);
//! assert_eq!((x * x).du, 6.0);
//! assert_eq!(x.powi(-1).du, -1.0 / 9.0);
//! ```

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use num_traits::{One, Zero};

use crate::expr::Number;

use super::field::Field;
use super::primitives::Function;

/// `re + du ε` with ε² = 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Dual<T> {
    /// The value.
    pub re: T,
    /// The derivative.
    pub du: T,
}

impl<T: Field> Dual<T> {
    /// A value with its derivative.
    pub fn new(re: T, du: T) -> Dual<T> {
        Dual { re, du }
    }

    /// A constant.
    pub fn constant(re: T) -> Dual<T> {
        Dual { re, du: T::zero() }
    }

    /// The chain rule; a constant stays one even where the derivative does not exist.
    fn chain(self, value: T, derivative: impl FnOnce() -> T) -> Dual<T> {
        let du = if self.du.is_zero() { T::zero() } else { derivative() * self.du };
        Dual::new(value, du)
    }
}

impl<T: Field> Add for Dual<T> {
    type Output = Dual<T>;
    fn add(self, b: Dual<T>) -> Dual<T> {
        Dual::new(self.re + b.re, self.du + b.du)
    }
}

impl<T: Field> Sub for Dual<T> {
    type Output = Dual<T>;
    fn sub(self, b: Dual<T>) -> Dual<T> {
        Dual::new(self.re - b.re, self.du - b.du)
    }
}

impl<T: Field> Mul for Dual<T> {
    type Output = Dual<T>;
    fn mul(self, b: Dual<T>) -> Dual<T> {
        Dual::new(self.re * b.re, self.re * b.du + self.du * b.re)
    }
}

impl<T: Field> Div for Dual<T> {
    type Output = Dual<T>;
    fn div(self, b: Dual<T>) -> Dual<T> {
        let quotient = self.re / b.re;
        Dual::new(quotient, (self.du - quotient * b.du) / b.re)
    }
}

impl<T: Field> Neg for Dual<T> {
    type Output = Dual<T>;
    fn neg(self) -> Dual<T> {
        Dual::new(-self.re, -self.du)
    }
}

impl<T: Field> AddAssign for Dual<T> {
    fn add_assign(&mut self, b: Dual<T>) {
        *self = *self + b;
    }
}

impl<T: Field> SubAssign for Dual<T> {
    fn sub_assign(&mut self, b: Dual<T>) {
        *self = *self - b;
    }
}

impl<T: Field> MulAssign for Dual<T> {
    fn mul_assign(&mut self, b: Dual<T>) {
        *self = *self * b;
    }
}

impl<T: Field> Zero for Dual<T> {
    fn zero() -> Dual<T> {
        Dual::constant(T::zero())
    }
    fn is_zero(&self) -> bool {
        self.re.is_zero() && self.du.is_zero()
    }
}

impl<T: Field> One for Dual<T> {
    fn one() -> Dual<T> {
        Dual::constant(T::one())
    }
}

impl<T: Field> Field for Dual<T> {
    const ORDERED: bool = T::ORDERED;

    fn from_number(n: &Number) -> Dual<T> {
        Dual::constant(T::from_number(n))
    }

    fn from_f64(x: f64) -> Dual<T> {
        Dual::constant(T::from_f64(x))
    }

    fn from_integer(n: i64) -> Dual<T> {
        Dual::constant(T::from_integer(n))
    }

    fn real(self) -> f64 {
        self.re.real()
    }

    fn size(self) -> f64 {
        // `f64::max` drops a NaN, so the sum keeps what is undefined visible.
        let (a, b) = (self.re.size(), self.du.size());
        if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
    }

    fn top(self) -> f64 {
        self.du.top()
    }

    fn is_finite(self) -> bool {
        self.re.is_finite() && self.du.is_finite()
    }

    fn to_integer(self) -> Option<i64> {
        if self.du.is_zero() { self.re.to_integer() } else { None }
    }

    fn apply(self, f: Function) -> Dual<T> {
        self.chain(self.re.apply(f), || f.derivative(self.re))
    }

    fn pow(self, exponent: Dual<T>) -> Dual<T> {
        if let Some(k) = exponent.to_integer() {
            return self.powi(k);
        }
        let value = self.re.pow(exponent.re);
        let by_base = self.chain(value, || exponent.re * self.re.pow(exponent.re - T::one()));
        if exponent.du.is_zero() {
            return by_base;
        }
        Dual::new(value, by_base.du + value * self.re.apply(Function::Log) * exponent.du)
    }

    fn powi(self, exponent: i64) -> Dual<T> {
        let derivative = || T::from_integer(exponent) * self.re.powi(exponent.saturating_sub(1));
        if exponent == 0 { Dual::one() } else { self.chain(self.re.powi(exponent), derivative) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Second = Dual<Dual<f64>>;

    #[test]
    fn duals_of_duals_hold_second_derivatives() {
        // (x^3 exp x)'' = (6x + 6x^2 + x^3) exp x at 2
        let x: Second = Dual::new(Dual::new(2.0, 1.0), Dual::new(1.0, 0.0));
        let y = x.powi(3) * x.apply(Function::Exp);
        assert!((y.du.du - (12.0 + 24.0 + 8.0) * libm::exp(2.0)).abs() < 1e-11);
    }

    #[test]
    fn a_varying_exponent_differentiates_by_the_logarithm() {
        let t = Dual::new(2.0, 1.0);
        let y = Dual::constant(3.0).pow(t);
        assert!((y.du - 9.0 * libm::log(3.0)).abs() < 1e-12);
        assert!(!Dual::constant(-3.0).pow(t).is_finite());
    }

    #[test]
    fn a_constant_at_a_kink_has_derivative_zero() {
        assert_eq!(Dual::constant(0.0).apply(Function::Sqrt), Dual::constant(0.0));
        assert!(!Dual::new(0.0, 1.0).apply(Function::Sqrt).is_finite());
    }
}
