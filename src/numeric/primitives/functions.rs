//! Matrix functions in field arithmetic with square roots left to iteration.
//!
//! In: a square matrix. Out: its exponential, sine and cosine, square root, logarithm or fractional power.
//! Invariant: iterations stop by the size of values and derivatives together, so dual numbers converge too.
//! Source: Higham, Functions of Matrices (2008), chapters 6, 10, 11 and 12.

use crate::numeric::field::Field;
use crate::numeric::linear::{Matrix, inverse, magnitude, scaled, size};
use crate::numeric::undefined::Why;

/// Terms of the Taylor series at norm ≤ 1/2: 0.5^20 / 20! is far below rounding.
const TERMS: i64 = 20;

/// The number of halvings after which the 1-norm is at most 1/2, and the matrix halved so often.
fn halved<T: Field>(a: &Matrix<T>) -> Result<(Matrix<T>, u32), Why> {
    if !T::ORDERED {
        return Err(Why::Unsupported("a matrix function".into()));
    }
    let norm = magnitude(a) * a.nrows() as f64;
    if !norm.is_finite() || norm > 1e6 {
        return Err(Why::NotFinite);
    }
    let (mut halvings, mut bound) = (0, norm);
    while bound > 0.5 {
        (halvings, bound) = (halvings + 1, bound / 2.0);
    }
    Ok((scaled(a, T::from_f64(0.5f64.powi(halvings as i32))), halvings))
}

/// `exp(a)` by scaling and squaring.
pub(super) fn expm<T: Field>(a: &Matrix<T>) -> Result<Matrix<T>, Why> {
    let (x, halvings) = halved(a)?;
    let identity = Matrix::<T>::identity(a.nrows(), a.nrows());
    let mut sum = identity.clone();
    for k in (1..=TERMS).rev() {
        sum = &identity + scaled(&(&x * sum), T::one() / T::from_integer(k));
    }
    for _ in 0..halvings {
        sum = &sum * &sum;
    }
    Ok(sum)
}

/// `(sin(a), cos(a))` by the double-angle formulas.
pub(super) fn sin_cos<T: Field>(a: &Matrix<T>) -> Result<(Matrix<T>, Matrix<T>), Why> {
    let (x, halvings) = halved(a)?;
    let identity = Matrix::<T>::identity(a.nrows(), a.nrows());
    let square = &x * &x;
    let series = |first: i64| {
        let mut sum = identity.clone();
        for k in (1..=TERMS / 2).rev() {
            let factor = T::one() / T::from_integer(-(2 * k + first) * (2 * k + first - 1));
            sum = &identity + scaled(&(&square * sum), factor);
        }
        sum
    };
    let (mut sin, mut cos) = (&x * series(1), series(0));
    let two = T::from_integer(2);
    for _ in 0..halvings {
        let doubled = scaled(&(&sin * &cos), two);
        cos = scaled(&(&cos * &cos), two) - &identity;
        sin = doubled;
    }
    Ok((sin, cos))
}

/// Iterations after which the square root counts as not existing.
const ROOT_ITERATIONS: usize = 60;

/// The principal square root by the product form of the Denman–Beavers iteration (Higham 6.29).
pub(super) fn sqrtm<T: Field>(a: &Matrix<T>) -> Result<Matrix<T>, Why> {
    if !T::ORDERED {
        return Err(Why::Unsupported("a matrix square root".into()));
    }
    let n = a.nrows();
    let identity = Matrix::<T>::identity(n, n);
    let half = T::from_f64(0.5);
    let (mut m, mut x) = (a.clone(), a.clone());
    let mut settled = 0;
    for _ in 0..ROOT_ITERATIONS {
        let m_inverse = inverse(&m).map_err(|_| Why::Domain("no principal square root"))?;
        x = scaled(&(&x * (&identity + &m_inverse)), half);
        m = scaled(&(&identity + scaled(&(&m + m_inverse), half)), half);
        // Quadratic convergence: two steps more after the residual is small reach rounding level.
        if size(&(&m - &identity)) < 1e-7 {
            settled += 1;
        }
        if settled > 2 {
            return Ok(x);
        }
    }
    Err(Why::Domain("no principal square root"))
}

/// The principal logarithm by inverse scaling and squaring with the series of artanh.
pub(super) fn logm<T: Field>(a: &Matrix<T>) -> Result<Matrix<T>, Why> {
    let n = a.nrows();
    let identity = Matrix::<T>::identity(n, n);
    let (mut root, mut doublings) = (a.clone(), 0u32);
    while magnitude(&(&root - &identity)) * n as f64 > 0.25 {
        if doublings > 40 {
            return Err(Why::Domain("no principal logarithm"));
        }
        root = sqrtm(&root).map_err(|why| match why {
            Why::Domain(_) => Why::Domain("no principal logarithm"),
            why => why,
        })?;
        doublings += 1;
    }
    // log M = 2 artanh Z with Z = (M − I)(M + I)⁻¹, of norm below 1/7.
    let z = (&root - &identity) * inverse(&(&root + &identity))?;
    let square = &z * &z;
    let terms = 12;
    let mut sum = scaled(&identity, T::one() / T::from_integer(2 * terms + 1));
    for k in (0..terms).rev() {
        sum = scaled(&identity, T::one() / T::from_integer(2 * k + 1)) + &square * sum;
    }
    Ok(scaled(&(z * sum), T::from_integer(1 << (doublings + 1))))
}

/// `a^t = exp(t log a)` for a square matrix without eigenvalues on the closed negative axis.
pub(crate) fn fractional_power<T: Field>(a: &Matrix<T>, t: T) -> Result<Matrix<T>, Why> {
    if !T::ORDERED {
        return Err(Why::Unsupported("a fractional matrix power".into()));
    }
    expm(&scaled(&logm(a)?, t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::linear::block_triangular;
    use crate::numeric::random::Random;
    use crate::numeric::{Dual, Function};

    fn posdef(n: usize) -> Matrix<f64> {
        let mut r = Random::new(n as u64, 11);
        let a = Matrix::from_fn(n, n, |_, _| r.between(-1.0, 1.0));
        &a * a.transpose() + Matrix::identity(n, n) * 0.3 + a * 0.1
    }

    #[test]
    fn inverse_functions_invert() {
        for n in [1, 3, 4] {
            let a = posdef(n);
            assert!(size(&(expm(&logm(&a).unwrap()).unwrap() - &a)) < 1e-11);
            let root = sqrtm(&a).unwrap();
            assert!(size(&(&root * &root - &a)) < 1e-12);
            let (s, c) = sin_cos(&a).unwrap();
            assert!(size(&(&s * &s + &c * &c - Matrix::<f64>::identity(n, n))) < 1e-11);
            let third = fractional_power(&a, 1.0 / 3.0).unwrap();
            assert!(size(&(&third * &third * &third - &a)) < 1e-11);
        }
    }

    #[test]
    fn order_one_is_the_scalar_function() {
        let x = Matrix::from_element(1, 1, 3.7);
        assert!((expm(&x).unwrap()[(0, 0)] - Function::Exp.value(3.7)).abs() < 1e-12);
        assert!((sin_cos(&x).unwrap().0[(0, 0)] - Function::Sin.value(3.7)).abs() < 1e-13);
        assert!((logm(&x).unwrap()[(0, 0)] - Function::Log.value(3.7)).abs() < 1e-13);
    }

    type Lifted<T> = fn(&Matrix<T>) -> Result<Matrix<T>, Why>;

    #[test]
    fn dual_numbers_and_the_block_matrix_give_the_same_derivative() {
        let a = posdef(3);
        let e = Matrix::from_fn(3, 3, |i, j| (i as f64 - 1.3) * (j as f64 + 0.2));
        let dual = Matrix::from_fn(3, 3, |i, j| Dual::new(a[(i, j)], e[(i, j)]));
        let block = block_triangular(&a, &e);
        let functions: [(Lifted<f64>, Lifted<Dual<f64>>); 3] =
            [(expm::<f64>, expm::<Dual<f64>>), (logm, logm), (sqrtm, sqrtm)];
        for (plain, lifted) in functions {
            let by_block = plain(&block).unwrap().view((0, 3), (3, 3)).into_owned();
            let by_dual = lifted(&dual).unwrap().map(|x| x.du);
            assert!(size(&(by_block - by_dual)) < 1e-9);
        }
    }

    #[test]
    fn negative_eigenvalues_have_no_principal_root() {
        let a = Matrix::from_diagonal_element(2, 2, -1.0);
        assert!(matches!(sqrtm(&a), Err(Why::Domain(_))));
        assert!(matches!(logm(&Matrix::<f64>::zeros(2, 2)), Err(Why::Domain(_))));
    }
}
