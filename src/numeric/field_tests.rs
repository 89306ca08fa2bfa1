//! The laws of a field, for the numbers in which they hold exactly.

use num_traits::{One, Zero};
use proptest::prelude::*;

use crate::numeric::{Dual, Field, Function, Gf};

fn gf() -> impl Strategy<Value = Gf> {
    prop_oneof![Just(0u64), Just(1), any::<u64>()].prop_map(Gf::new)
}

fn dual() -> impl Strategy<Value = Dual<Gf>> {
    (gf(), gf()).prop_map(|(re, du)| Dual::new(re, du))
}

fn ring_laws<T: Field>(a: T, b: T, c: T) {
    assert_eq!(a + b, b + a);
    assert_eq!((a + b) + c, a + (b + c));
    assert_eq!(a * b, b * a);
    assert_eq!((a * b) * c, a * (b * c));
    assert_eq!(a * (b + c), a * b + a * c);
    assert_eq!(a + T::zero(), a);
    assert_eq!(a * T::one(), a);
    assert_eq!((a - b) + b, a);
    assert_eq!(-a + a, T::zero());
}

proptest! {
    #[test]
    fn the_prime_field_is_a_field(a in gf(), b in gf(), c in gf()) {
        ring_laws(a, b, c);
        if !a.is_zero() {
            prop_assert_eq!(a * (Gf::one() / a), Gf::one());
            prop_assert_eq!(b / a * a, b);
        }
    }

    #[test]
    fn dual_numbers_are_a_ring_with_inverses_of_what_does_not_vanish(a in dual(), b in dual(), c in dual()) {
        ring_laws(a, b, c);
        if !a.re.is_zero() {
            prop_assert_eq!(b / a * a, b);
            prop_assert_eq!(a.powi(-3) * a.powi(5), a.powi(2));
        }
    }

    #[test]
    fn the_derivative_of_a_power_is_the_product_rule(a in dual(), k in 0i64..9) {
        let product = (0..k).fold(Dual::one(), |p, _| p * a);
        prop_assert_eq!(a.powi(k), product);
    }

    #[test]
    fn uninterpreted_functions_obey_the_chain_rule(a in dual()) {
        let inner = a * a;
        prop_assume!(!inner.re.is_zero());
        let value = inner.apply(Function::Sin);
        prop_assert_eq!(value.du, inner.re.apply(Function::Cos) * inner.du);
    }

    #[test]
    fn doubles_and_duals_agree_on_values(x in 0.1f64..5.0, y in -3.0f64..3.0) {
        let (a, b) = (Dual::new(x, 0.3), Dual::new(y, -0.7));
        prop_assert_eq!(Field::pow(a, b).re, Field::pow(x, y));
        prop_assert_eq!((a / b).re, x / y);
    }
}
