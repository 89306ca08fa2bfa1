//! Abstract functions: each declared `g` stands for one fixed smooth function.
//!
//! In: a declaration, an argument, directions. Out: values and derivatives of
//! `gᵢ(x) = Σₜ cᵢₜ φ(⟨wᵢₜ, x⟩ + bᵢₜ)` with a polynomial φ, exact in every field.
//! Invariant: the coefficients depend on the name and the place alone, so that value and derivatives of all
//! orders belong to the same function wherever they occur.

use crate::expr::AbstractFunction;

use super::field::Field;
use super::linear::Matrix;
use super::random::{hash, mix};

/// Ridge terms in each entry of the value: enough for second derivatives of full rank at check sizes.
const RIDGES: u64 = 6;

/// φ(s) = Σ sᵏ / (k! 2ᵏ⁻¹) up to this degree: no derivative of low order vanishes.
const DEGREE: u32 = 7;

/// A function between matrices of fixed sizes.
pub(super) struct Instance {
    seed: u64,
    value: (usize, usize),
}

/// A rational coefficient in about −1..1, the same in every field.
fn coefficient<T: Field>(word: u64) -> T {
    let numerator = (mix(word) % 97) as i64 - 48;
    T::from_integer(if numerator == 0 { 49 } else { numerator }) / T::from_integer(64)
}

/// The k-th derivative of φ.
fn ridge<T: Field>(s: T, order: u32) -> T {
    let half = T::one() / T::from_integer(2);
    let (mut sum, mut term) = (T::zero(), half.powi(i64::from(order) - 1));
    for k in order..=DEGREE {
        sum += term;
        term = term * half * s / T::from_integer(i64::from(k - order) + 1);
    }
    sum
}

impl Instance {
    /// The function that stands for `f` where its value has this many rows and columns.
    pub(super) fn new(f: &AbstractFunction, value: (usize, usize)) -> Instance {
        Instance { seed: hash(&f.name), value }
    }

    /// The derivative along `directions`, one for each order; without any, the value.
    pub(super) fn along<T: Field>(&self, x: &Matrix<T>, directions: &[&Matrix<T>]) -> Matrix<T> {
        Matrix::from_fn(self.value.0, self.value.1, |i, j| {
            self.component(x, directions, mix(self.seed ^ ((i as u64) << 20) ^ j as u64))
        })
    }

    fn component<T: Field>(&self, x: &Matrix<T>, directions: &[&Matrix<T>], place: u64) -> T {
        let order = directions.len() as u32;
        let mut sum = T::zero();
        for t in 0..RIDGES {
            let word = mix(place ^ (t << 40));
            let inner = |m: &Matrix<T>| {
                m.iter().enumerate().fold(T::zero(), |s, (k, entry)| {
                    s + coefficient::<T>(word.wrapping_add(k as u64 + 2)) * *entry
                })
            };
            let product = directions.iter().fold(coefficient::<T>(word), |p, d| p * inner(d));
            sum += product * ridge(inner(x) + coefficient(word.wrapping_add(1)), order);
        }
        sum
    }

    /// The derivative with respect to the entries of the argument, in the shape of `Op::Apply`.
    pub(super) fn derivative<T: Field>(&self, x: &Matrix<T>, order: u8) -> Matrix<T> {
        let unit = |k: usize| {
            let mut e = Matrix::<T>::zeros(x.nrows(), x.ncols());
            e[k] = T::one();
            e
        };
        match order {
            0 => self.along(x, &[]),
            _ if x.len() == 1 => self.along(x, &vec![&unit(0); usize::from(order)]),
            1 if x.ncols() == 1 && self.value.1 == 1 => {
                let columns: Vec<_> =
                    (0..x.len()).map(|k| self.along(x, &[&unit(k)]).column(0).into_owned()).collect();
                Matrix::from_columns(&columns)
            }
            1 => Matrix::from_iterator(
                x.nrows(),
                x.ncols(),
                (0..x.len()).map(|k| self.along(x, &[&unit(k)])[0]),
            ),
            _ => Matrix::from_fn(x.len(), x.len(), |i, j| self.along(x, &[&unit(i), &unit(j)])[0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Kind, Shape};
    use crate::numeric::linear::size;
    use crate::numeric::{Dual, Gf};

    fn instance(rows: usize, cols: usize) -> Instance {
        let kind = (Kind::Matrix, Shape::SCALAR);
        Instance::new(&AbstractFunction { name: "g".into(), argument: kind, value: kind }, (rows, cols))
    }

    #[test]
    fn derivatives_of_every_order_belong_to_the_value() {
        let g = instance(2, 3);
        let x = Matrix::from_fn(3, 2, |i, j| 0.3 * i as f64 - 0.4 * j as f64 + 0.1);
        let e = Matrix::from_fn(3, 2, |i, j| 0.5 - 0.2 * (i * j) as f64);
        let dual = Matrix::from_fn(3, 2, |i, j| Dual::new(x[(i, j)], e[(i, j)]));
        let constant = e.map(Dual::constant);
        for order in 0..4 {
            let lifted = g.along(&dual, &vec![&constant; order]).map(|d| d.du);
            let exact = g.along(&x, &vec![&e; order + 1]);
            assert!(size(&(lifted - &exact)) < 1e-12 && size(&exact) > 1e-3);
        }
    }

    #[test]
    fn shapes_of_derivatives_without_directions() {
        let x = Matrix::from_fn(3, 1, |i, _| i as f64 * 0.2);
        assert_eq!(instance(2, 1).derivative(&x, 1).shape(), (2, 3));
        assert_eq!(instance(1, 1).derivative(&x, 1).shape(), (1, 3));
        assert_eq!(instance(1, 1).derivative(&x, 2).shape(), (3, 3));
        assert_eq!(instance(1, 1).derivative(&Matrix::<f64>::zeros(2, 3), 1).shape(), (2, 3));
        assert_eq!(instance(2, 3).derivative(&Matrix::<f64>::zeros(1, 1), 2).shape(), (2, 3));
    }

    #[test]
    fn the_same_function_over_the_prime_field() {
        let x = Matrix::from_element(1, 1, Dual::new(Gf::from_integer(5), Gf::from_integer(1)));
        let g = instance(1, 1);
        assert_eq!(g.along(&x, &[])[0].du, g.derivative(&x.map(|d| d.re), 1)[0]);
    }
}
