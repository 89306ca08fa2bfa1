//! Exact rational numbers: what the user typed is what is computed with.
//!
//! In: literals and arithmetic on them. Out: canonical fractions.
//! Invariant: a value that fits 64-bit parts is always `Small`, so equality and hashing are structural.
//!
//! ```
//! use matgrad::expr::Number;
//! let third = Number::ratio(1, 3);
//! assert_eq!((third.clone() + third).to_string(), "2/3");
//! ```

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{CheckedAdd, CheckedMul, One, Signed, ToPrimitive, Zero};

/// An exact rational number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Number {
    /// A fraction of two 64-bit integers, in lowest terms.
    Small(Ratio<i64>),
    /// Any other fraction, in lowest terms.
    Big(Box<BigRational>),
}

impl Number {
    /// Zero.
    pub const ZERO: Number = Number::Small(Ratio::new_raw(0, 1));
    /// One.
    pub const ONE: Number = Number::Small(Ratio::new_raw(1, 1));
    /// Minus one.
    pub const MINUS_ONE: Number = Number::Small(Ratio::new_raw(-1, 1));

    /// The integer `n`.
    pub const fn integer(n: i64) -> Number {
        Number::Small(Ratio::new_raw(n, 1))
    }

    /// The fraction `p/q`; `q` must not be zero.
    pub fn ratio(p: i64, q: i64) -> Number {
        Number::from_big(BigRational::new(p.into(), q.into()))
    }

    /// Brings a fraction into its canonical variant.
    pub fn from_big(r: BigRational) -> Number {
        match (r.numer().to_i64(), r.denom().to_i64()) {
            // i64::MIN is left to `Big`, so that negation never overflows.
            (Some(p), Some(q)) if p != i64::MIN => Number::Small(Ratio::new_raw(p, q)),
            _ => Number::Big(Box::new(r)),
        }
    }

    /// The same value with unbounded parts.
    pub fn to_big(&self) -> BigRational {
        match self {
            Number::Small(r) => BigRational::new_raw((*r.numer()).into(), (*r.denom()).into()),
            Number::Big(r) => (**r).clone(),
        }
    }

    /// Reads `12`, `0.5`, `.5` or `1e-3` exactly. `None` where it is not such a literal.
    pub fn parse(text: &str) -> Option<Number> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(i) => (&text[..i], text[i + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mantissa: BigInt = digits.parse().ok()?;
        let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        if shift.unsigned_abs() > 10_000 {
            return None;
        }
        let scale = num_traits::pow(BigInt::from(10), shift.unsigned_abs() as usize);
        Some(Number::from_big(if shift >= 0 {
            BigRational::from_integer(mantissa * scale)
        } else {
            BigRational::new(mantissa, scale)
        }))
    }

    /// Whether the value is zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Number::Small(r) if r.is_zero())
    }

    /// Whether the value is one.
    pub fn is_one(&self) -> bool {
        matches!(self, Number::Small(r) if r.is_one())
    }

    /// Whether the value is less than zero.
    pub fn is_negative(&self) -> bool {
        match self {
            Number::Small(r) => *r.numer() < 0,
            Number::Big(r) => r.is_negative(),
        }
    }

    /// The absolute value.
    pub fn abs(&self) -> Number {
        if self.is_negative() { -self.clone() } else { self.clone() }
    }

    /// The value as an integer, where it is one that fits.
    pub fn to_integer(&self) -> Option<i64> {
        match self {
            Number::Small(r) if *r.denom() == 1 => Some(*r.numer()),
            _ => None,
        }
    }

    /// Whether the denominator is one.
    pub fn is_integer(&self) -> bool {
        match self {
            Number::Small(r) => *r.denom() == 1,
            Number::Big(r) => r.is_integer(),
        }
    }

    /// The nearest double; infinite where it overflows.
    pub fn to_f64(&self) -> f64 {
        match self {
            Number::Small(r) => *r.numer() as f64 / *r.denom() as f64,
            Number::Big(r) => r.to_f64().unwrap_or(f64::NAN),
        }
    }

    /// The reciprocal, where there is one.
    pub fn recip(&self) -> Option<Number> {
        match self {
            Number::Small(r) if r.is_zero() => None,
            Number::Small(r) => Some(Number::Small(r.recip())),
            Number::Big(r) => Some(Number::from_big(r.recip())),
        }
    }

    /// The power with an integer exponent, where it exists and neither part exceeds `bits` bits.
    pub fn pow(&self, exponent: i64, bits: u64) -> Option<Number> {
        let base = if exponent < 0 { self.recip()? } else { self.clone() };
        let n = exponent.unsigned_abs();
        let big = base.to_big();
        let width = big.numer().bits().max(big.denom().bits()).saturating_sub(1);
        if width.checked_mul(n)? > bits {
            return None;
        }
        // A width of zero means 0, 1 or -1, whose powers repeat with period two.
        let n = if width == 0 { 2 - n % 2 * u64::from(n > 0) } else { n };
        let n = if exponent == 0 { 0 } else { n };
        Some(Number::from_big(num_traits::pow(big, usize::try_from(n).ok()?)))
    }

    /// The exact square root, where it is rational.
    pub fn sqrt(&self) -> Option<Number> {
        if self.is_negative() {
            return None;
        }
        let r = self.to_big();
        let (p, q) = (r.numer().sqrt(), r.denom().sqrt());
        (&(&p * &p) == r.numer() && &(&q * &q) == r.denom()).then(|| Number::from_big(BigRational::new(p, q)))
    }

    /// Numerator and denominator; the denominator is positive.
    pub fn parts(&self) -> (Number, Number) {
        let r = match self {
            Number::Small(r) => return (Number::integer(*r.numer()), Number::integer(*r.denom())),
            Number::Big(r) => r,
        };
        let whole = |n: &BigInt| Number::from_big(BigRational::from_integer(n.clone()));
        (whole(r.numer()), whole(r.denom()))
    }

    /// The greatest rational that divides both into integers: the content of two coefficients.
    pub fn content(&self, other: &Number) -> Number {
        use num_integer::Integer;
        if self.is_zero() {
            return other.abs();
        }
        if other.is_zero() {
            return self.abs();
        }
        if let (Number::Small(a), Number::Small(b)) = (self, other)
            && a.is_integer()
            && b.is_integer()
        {
            return Number::integer(a.numer().gcd(b.numer()));
        }
        let (a, b) = (self.to_big(), other.to_big());
        let p = a.numer().gcd(b.numer());
        let q = a.denom().lcm(b.denom());
        Number::from_big(BigRational::new(p, q))
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Number {
        Number::from_big(BigRational::from_integer(n.into()))
    }
}

impl Add for Number {
    type Output = Number;
    fn add(self, other: Number) -> Number {
        if let (Number::Small(a), Number::Small(b)) = (&self, &other)
            && let Some(r) = a.checked_add(b)
            && *r.numer() != i64::MIN
        {
            return Number::Small(r);
        }
        Number::from_big(self.to_big() + other.to_big())
    }
}

impl Sub for Number {
    type Output = Number;
    fn sub(self, other: Number) -> Number {
        self + -other
    }
}

impl Mul for Number {
    type Output = Number;
    fn mul(self, other: Number) -> Number {
        if self.is_one() {
            return other;
        }
        if other.is_one() {
            return self;
        }
        if let (Number::Small(a), Number::Small(b)) = (&self, &other)
            && let Some(r) = a.checked_mul(b)
            && *r.numer() != i64::MIN
        {
            return Number::Small(r);
        }
        Number::from_big(self.to_big() * other.to_big())
    }
}

impl Neg for Number {
    type Output = Number;
    fn neg(self) -> Number {
        match self {
            Number::Small(r) => Number::Small(-r),
            Number::Big(r) => Number::from_big(-*r),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Small(a), Number::Small(b)) => a.cmp(b),
            _ => self.to_big().cmp(&other.to_big()),
        }
    }
}

/// Integers as such, decimal fractions with a long denominator as decimals, anything else as `p/q`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let r = self.to_big();
        if r.is_integer() {
            return write!(f, "{}", r.numer());
        }
        match decimal(&r) {
            Some(text) if r.denom().bits() > 20 => f.write_str(&text),
            _ => write!(f, "{}/{}", r.numer(), r.denom()),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The terminating decimal expansion, where the denominator divides a power of ten.
fn decimal(r: &BigRational) -> Option<String> {
    let (mut rest, mut places) = (r.denom().clone(), [0usize; 2]);
    for (i, p) in [2, 5].into_iter().enumerate() {
        let p = BigInt::from(p);
        while (&rest % &p).is_zero() {
            rest /= &p;
            places[i] += 1;
        }
    }
    if !rest.is_one() {
        return None;
    }
    let places = places[0].max(places[1]);
    let scaled = r * BigRational::from_integer(num_traits::pow(BigInt::from(10), places));
    let digits = format!("{:0>width$}", scaled.numer().abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if r.is_negative() { "-" } else { "" };
    if places > 40 {
        // A scientific form keeps 1e-400 readable; it is read back exactly.
        let digits = scaled.numer().abs().to_string();
        return Some(format!("{sign}{digits}e-{places}"));
    }
    Some(format!("{sign}{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_exact() {
        let sum = Number::parse("0.1").unwrap() + Number::parse("0.2").unwrap();
        assert_eq!(sum, Number::ratio(3, 10));
        assert_eq!(Number::parse("1e-400").unwrap().to_string(), "1e-400");
        assert_eq!(Number::parse("3.141592653589793").unwrap().to_string(), "3.141592653589793");
        assert_eq!(Number::parse("1.2.3"), None);
    }

    #[test]
    fn overflow_moves_to_big_and_back() {
        let max = Number::integer(i64::MAX);
        let twice = max.clone() + max.clone();
        assert!(matches!(twice, Number::Big(_)));
        assert_eq!(twice - max.clone(), max);
        assert!(matches!(Number::from(i64::MIN), Number::Big(_)));
    }

    #[test]
    fn powers_are_bounded() {
        assert_eq!(Number::integer(2).pow(-3, 64), Some(Number::ratio(1, 8)));
        assert_eq!(Number::integer(2).pow(1000, 64), None);
        assert_eq!(Number::MINUS_ONE.pow(i64::MAX, 64), Some(Number::MINUS_ONE));
        assert_eq!(Number::ZERO.pow(0, 64), Some(Number::ONE));
        assert_eq!(Number::ZERO.pow(-1, 64), None);
    }
}
