//! Scalar functions: value and derivative, stated here by hand.
//!
//! In: a name. Out: [`Function`] with its value in doubles and its derivative in any [`Field`].
//! Invariant: independent of the differentiation rules of the catalogue, which are checked against this.
//! Source of the derivatives: NIST Digital Library of Mathematical Functions, chapters 4–7 and 10.

use crate::numeric::field::Field;
use crate::numeric::random::hash;

use super::special::polygamma;

macro_rules! functions {
    ($($variant:ident $name:literal $value:expr;)*) => {
        /// A scalar function of one argument.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Function {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
            /// The derivative of this order of the digamma function.
            Polygamma(u8),
        }

        impl Function {
            /// Every function with a name of its own.
            pub const ALL: &[(&str, Function)] = &[$(($name, Function::$variant)),*];

            /// The value at a real number; not a number where there is none.
            pub fn value(self, x: f64) -> f64 {
                match self {
                    $(Function::$variant => {
                        let f: fn(f64) -> f64 = $value;
                        f(x)
                    })*
                    Function::Polygamma(n) => polygamma(n, x),
                }
            }
        }
    };
}

functions! {
    Sin "sin" libm::sin;
    Cos "cos" libm::cos;
    Tan "tan" libm::tan;
    Sec "sec" |x| 1.0 / libm::cos(x);
    Csc "csc" |x| 1.0 / libm::sin(x);
    Cot "cot" |x| 1.0 / libm::tan(x);
    Asin "asin" libm::asin;
    Acos "acos" libm::acos;
    Atan "atan" libm::atan;
    Sinh "sinh" libm::sinh;
    Cosh "cosh" libm::cosh;
    Tanh "tanh" libm::tanh;
    Sech "sech" |x| 1.0 / libm::cosh(x);
    Asinh "asinh" libm::asinh;
    Acosh "acosh" libm::acosh;
    Atanh "atanh" libm::atanh;
    Exp "exp" libm::exp;
    Exp2 "exp2" libm::exp2;
    Exp10 "exp10" libm::exp10;
    Expm1 "expm1" libm::expm1;
    Log "log" libm::log;
    Log2 "log2" libm::log2;
    Log10 "log10" libm::log10;
    Log1p "log1p" libm::log1p;
    Sqrt "sqrt" libm::sqrt;
    Cbrt "cbrt" libm::cbrt;
    Abs "abs" libm::fabs;
    Sign "sign" |x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { x };
    Step "step" |x| if x.is_nan() { x } else { f64::from(x > 0.0) };
    Relu "relu" |x| if x < 0.0 { 0.0 } else { x };
    Floor "floor" libm::floor;
    Ceil "ceil" libm::ceil;
    Round "round" libm::round;
    Sigmoid "sigmoid" |x| if x < 0.0 { libm::exp(x) / (1.0 + libm::exp(x)) } else { 1.0 / (1.0 + libm::exp(-x)) };
    Softplus "softplus" |x| libm::log1p(libm::exp(-libm::fabs(x))) + Function::Relu.value(x);
    Erf "erf" libm::erf;
    Erfc "erfc" libm::erfc;
    Gamma "gamma" libm::tgamma;
    Lgamma "lgamma" libm::lgamma;
    BesselJ0 "besselj0" libm::j0;
    BesselJ1 "besselj1" libm::j1;
    BesselY0 "bessely0" libm::y0;
    BesselY1 "bessely1" libm::y1;
}

/// Other names under which a function is asked for.
const ALIASES: &[(&str, Function)] = &[
    ("ln", Function::Log),
    ("heaviside", Function::Step),
    ("logistic", Function::Sigmoid),
    ("loggamma", Function::Lgamma),
    ("digamma", Function::Polygamma(0)),
    ("trigamma", Function::Polygamma(1)),
    ("tetragamma", Function::Polygamma(2)),
];

const TWO_OVER_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI;

impl Function {
    /// The function with this name.
    pub fn find(name: &str) -> Option<Function> {
        Function::ALL.iter().chain(ALIASES).find(|(n, _)| *n == name).map(|(_, f)| *f)
    }

    /// A word that tells the function from any other.
    pub(crate) fn seed(self) -> u64 {
        match self {
            Function::Polygamma(n) => hash("polygamma") ^ u64::from(n),
            _ => Function::ALL.iter().find(|(_, f)| *f == self).map_or(0, |(name, _)| hash(name)),
        }
    }

    /// The derivative at `x`.
    pub fn derivative<T: Field>(self, x: T) -> T {
        use Function as F;
        let (one, two) = (T::one(), T::from_integer(2));
        let y = || x.apply(self);
        let of = |f: Function| x.apply(f);
        let constant = T::from_f64;
        match self {
            F::Sin => of(F::Cos),
            F::Cos => -of(F::Sin),
            F::Tan => one + y() * y(),
            F::Sec => y() * of(F::Tan),
            F::Csc => -y() * of(F::Cot),
            F::Cot => -one - y() * y(),
            F::Asin => one / (one - x * x).apply(F::Sqrt),
            F::Acos => -one / (one - x * x).apply(F::Sqrt),
            F::Atan => one / (one + x * x),
            F::Sinh => of(F::Cosh),
            F::Cosh => of(F::Sinh),
            F::Tanh => one - y() * y(),
            F::Sech => -y() * of(F::Tanh),
            F::Asinh => one / (x * x + one).apply(F::Sqrt),
            F::Acosh => one / (x * x - one).apply(F::Sqrt),
            F::Atanh => one / (one - x * x),
            F::Exp => y(),
            F::Exp2 => constant(std::f64::consts::LN_2) * y(),
            F::Exp10 => constant(std::f64::consts::LN_10) * y(),
            F::Expm1 => of(F::Exp),
            F::Log => one / x,
            F::Log2 => one / (constant(std::f64::consts::LN_2) * x),
            F::Log10 => one / (constant(std::f64::consts::LN_10) * x),
            F::Log1p => one / (one + x),
            F::Sqrt => one / (two * y()),
            F::Cbrt => one / (T::from_integer(3) * y() * y()),
            F::Abs => of(F::Sign),
            F::Sign | F::Step | F::Floor | F::Ceil | F::Round => T::zero(),
            F::Relu => of(F::Step),
            F::Sigmoid => y() * (one - y()),
            F::Softplus => of(F::Sigmoid),
            F::Erf => constant(TWO_OVER_SQRT_PI) * (-(x * x)).apply(F::Exp),
            F::Erfc => constant(-TWO_OVER_SQRT_PI) * (-(x * x)).apply(F::Exp),
            F::Gamma => y() * of(F::Polygamma(0)),
            F::Lgamma => of(F::Polygamma(0)),
            F::Polygamma(n) => of(F::Polygamma(n.saturating_add(1))),
            F::BesselJ0 => -of(F::BesselJ1),
            F::BesselJ1 => of(F::BesselJ0) - y() / x,
            F::BesselY0 => -of(F::BesselY1),
            F::BesselY1 => of(F::BesselY0) - y() / x,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Dual;

    /// A point inside every function's domain, away from kinks.
    fn points(f: Function) -> &'static [f64] {
        match f {
            Function::Acosh => &[1.3, 2.7],
            Function::Asin | Function::Acos | Function::Atanh => &[-0.6, 0.3],
            Function::Log | Function::Log2 | Function::Log10 | Function::Sqrt => &[0.2, 3.1],
            Function::Log1p | Function::BesselY0 | Function::BesselY1 => &[0.4, 2.2],
            _ => &[-2.3, -0.4, 0.7, 1.9],
        }
    }

    #[test]
    fn derivatives_agree_with_central_differences() {
        let digammas = (0..3).map(|n| ("polygamma", Function::Polygamma(n)));
        for (name, f) in Function::ALL.iter().copied().chain(digammas) {
            for &x in points(f) {
                let h = 1e-5;
                let difference = (f.value(x + h) - f.value(x - h)) / (2.0 * h);
                let exact = Dual::new(x, 1.0).apply(f).du;
                assert!(
                    (exact - difference).abs() < 1e-6 * (1.0 + exact.abs()),
                    "{name} at {x}: {exact} {difference}"
                );
            }
        }
    }

    #[test]
    fn extremes_neither_overflow_nor_lose_digits() {
        assert_eq!(Function::Sigmoid.value(-800.0), 0.0);
        assert_eq!(Function::Softplus.value(800.0), 800.0);
        assert!((Function::Softplus.value(-40.0) / libm::exp(-40.0) - 1.0).abs() < 1e-12);
        assert!((Function::Polygamma(0).value(1.0) + 0.577_215_664_901_532_9).abs() < 1e-14);
        assert!((Function::Polygamma(1).value(1.0) - 1.644_934_066_848_226_4).abs() < 1e-14);
        assert!(Function::Polygamma(0).value(-2.0).is_nan());
    }

    #[test]
    fn names_are_found_once() {
        for (name, f) in Function::ALL {
            assert_eq!(Function::find(name), Some(*f));
        }
        assert_eq!(Function::find("nope"), None);
    }
}
