//! The field of integers modulo the prime 2^61 − 1.
//!
//! In: exact arithmetic. Out: [`Gf`]. An identity between rational expressions that holds at a random point
//! here holds everywhere but with probability about degree / 2^61 (Schwartz–Zippel).
//! Invariant: one value more than the field has, "undefined", absorbs every operation. A transcendental
//! function is an uninterpreted one: equal arguments give equal values, and derivatives are consistent.
//!
//! ```
//! use matgrad::numeric::{Field, Gf};
//! let third = Gf::from_integer(3).powi(-1);
//! assert_eq!(third + third + third, Gf::from_integer(1));
//! assert!(!Gf::from_integer(0).powi(-1).is_finite());
//! ```

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};

use crate::expr::Number;

use super::field::Field;
use super::primitives::Function;
use super::random::mix;

/// The Mersenne prime 2^61 − 1.
pub const PRIME: u64 = (1 << 61) - 1;

/// An element of GF(2^61 − 1), or "undefined".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Gf(u64);

/// Integers up to here, of either sign, are read back from their residue.
const SMALL: i64 = 1 << 20;

impl Gf {
    /// The value of `1/0`.
    pub const UNDEFINED: Gf = Gf(u64::MAX);

    /// The residue of a number.
    pub fn new(n: u64) -> Gf {
        Gf(n % PRIME)
    }

    /// The residue in `0..PRIME`, where the value is defined.
    pub fn residue(self) -> Option<u64> {
        (self != Gf::UNDEFINED).then_some(self.0)
    }

    fn both(self, b: Gf, op: impl FnOnce(u64, u64) -> u64) -> Gf {
        if self == Gf::UNDEFINED || b == Gf::UNDEFINED { Gf::UNDEFINED } else { Gf(op(self.0, b.0)) }
    }

    fn from_big(n: &BigInt) -> Gf {
        Gf(n.mod_floor(&BigInt::from(PRIME)).to_u64().unwrap_or(0))
    }

    /// The fraction with a small denominator that the value stands for, for the sign of an exponent.
    fn small_fraction(self) -> Option<(i64, i64)> {
        (1..=12).find_map(|q| (self * Gf::from_integer(q)).to_integer().map(|p| (p, q)))
    }
}

fn product(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    let folded = (wide as u64 & PRIME) + (wide >> 61) as u64;
    if folded >= PRIME { folded - PRIME } else { folded }
}

impl Add for Gf {
    type Output = Gf;
    fn add(self, b: Gf) -> Gf {
        self.both(b, |a, b| if a + b >= PRIME { a + b - PRIME } else { a + b })
    }
}

impl Sub for Gf {
    type Output = Gf;
    fn sub(self, b: Gf) -> Gf {
        self.both(b, |a, b| if a >= b { a - b } else { a + PRIME - b })
    }
}

impl Mul for Gf {
    type Output = Gf;
    fn mul(self, b: Gf) -> Gf {
        self.both(b, product)
    }
}

impl Div for Gf {
    type Output = Gf;
    /// By Fermat's little theorem: `1/b = b^(p-2)`.
    fn div(self, b: Gf) -> Gf {
        if b.is_zero() { Gf::UNDEFINED } else { self * b.powi(PRIME as i64 - 2) }
    }
}

impl Neg for Gf {
    type Output = Gf;
    fn neg(self) -> Gf {
        Gf::zero() - self
    }
}

impl AddAssign for Gf {
    fn add_assign(&mut self, b: Gf) {
        *self = *self + b;
    }
}

impl SubAssign for Gf {
    fn sub_assign(&mut self, b: Gf) {
        *self = *self - b;
    }
}

impl MulAssign for Gf {
    fn mul_assign(&mut self, b: Gf) {
        *self = *self * b;
    }
}

impl Zero for Gf {
    fn zero() -> Gf {
        Gf(0)
    }
    fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl One for Gf {
    fn one() -> Gf {
        Gf(1)
    }
}

impl Field for Gf {
    const ORDERED: bool = false;

    fn from_number(n: &Number) -> Gf {
        match n.to_integer() {
            Some(n) => Gf::from_integer(n),
            None => {
                let n = n.to_big();
                Gf::from_big(n.numer()) / Gf::from_big(n.denom())
            }
        }
    }

    fn from_f64(x: f64) -> Gf {
        match x.to_integer() {
            Some(n) => Gf::from_integer(n),
            None if x.is_finite() => Gf::new(mix(x.to_bits())),
            None => Gf::UNDEFINED,
        }
    }

    fn from_integer(n: i64) -> Gf {
        let magnitude = Gf::new(n.unsigned_abs());
        if n < 0 { -magnitude } else { magnitude }
    }

    fn real(self) -> f64 {
        match self {
            Gf::UNDEFINED => f64::NAN,
            Gf(0) => 0.0,
            _ => 1.0,
        }
    }

    fn size(self) -> f64 {
        self.real()
    }

    fn top(self) -> f64 {
        self.real()
    }

    fn is_finite(self) -> bool {
        self != Gf::UNDEFINED
    }

    fn to_integer(self) -> Option<i64> {
        let value = self.residue()? as i64;
        let centred = if value > PRIME as i64 / 2 { value - PRIME as i64 } else { value };
        (centred.abs() <= SMALL).then_some(centred)
    }

    /// Exact where argument and value are small integers, such as `exp(0)`, and undefined where the real
    /// function is (`log(0)`); a hash of name and argument elsewhere.
    fn apply(self, f: Function) -> Gf {
        let Some(residue) = self.residue() else { return Gf::UNDEFINED };
        if let Some(n) = self.to_integer() {
            let value = f.value(n as f64);
            if !value.is_finite() || value.to_integer().is_some() {
                return Gf::from_f64(value);
            }
        }
        Gf::new(mix(residue ^ mix(f.seed())))
    }

    fn pow(self, exponent: Gf) -> Gf {
        let (Some(base), Some(power)) = (self.residue(), exponent.residue()) else { return Gf::UNDEFINED };
        if let Some(k) = exponent.to_integer() {
            return self.powi(k);
        }
        match exponent.small_fraction() {
            Some((p, _)) if base == 0 && p < 0 => Gf::UNDEFINED,
            _ if base <= 1 => self,
            _ => Gf::new(mix(base ^ mix(power))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_absorbs() {
        let bottom = Gf::one() / Gf::zero();
        assert_eq!(bottom * Gf::zero(), Gf::UNDEFINED);
        assert_eq!(bottom - bottom, Gf::UNDEFINED);
        assert_eq!(Gf::zero().apply(Function::Log), Gf::UNDEFINED);
        assert_eq!(Gf::zero().pow(Gf::from_number(&Number::ratio(-1, 2))), Gf::UNDEFINED);
    }

    #[test]
    fn small_values_of_functions_are_exact() {
        assert_eq!(Gf::zero().apply(Function::Exp), Gf::one());
        assert_eq!(Gf::from_integer(4).apply(Function::Sqrt), Gf::from_integer(2));
        assert_eq!(Gf::from_integer(-7).to_integer(), Some(-7));
    }

    #[test]
    fn numbers_larger_than_the_prime_are_reduced() {
        let big = Number::parse("1e30").unwrap();
        assert_eq!(Gf::from_number(&big), Gf::from_integer(10).powi(30));
    }
}
