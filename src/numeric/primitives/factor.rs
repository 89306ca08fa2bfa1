//! Triangular and orthogonal factors.
//!
//! In: a matrix. Out: its Cholesky, LU or QR factors, unique by sign conventions.
//! Invariant: the factors are smooth functions of the matrix, so dual numbers differentiate them.

use crate::numeric::field::Field;
use crate::numeric::linear::{Matrix, magnitude};
use crate::numeric::undefined::Why;

use super::Function;

/// The lower Cholesky factor of a symmetric positive definite matrix.
pub(super) fn cholesky<T: Field>(a: &Matrix<T>) -> Result<Matrix<T>, Why> {
    symmetric(a)?;
    let n = a.nrows();
    let mut l = Matrix::<T>::zeros(n, n);
    for j in 0..n {
        let diagonal = (0..j).fold(a[(j, j)], |s, k| s - l[(j, k)] * l[(j, k)]);
        if diagonal.real().is_nan() || diagonal.real() <= 0.0 {
            return Err(Why::Domain("not positive definite"));
        }
        let root = diagonal.apply(Function::Sqrt);
        l[(j, j)] = root;
        for i in j + 1..n {
            l[(i, j)] = (0..j).fold(a[(i, j)], |s, k| s - l[(i, k)] * l[(j, k)]) / root;
        }
    }
    Ok(l)
}

/// Refuses a matrix whose values are not symmetric: a factorisation that reads one triangle would hide it.
pub(super) fn symmetric<T: Field>(a: &Matrix<T>) -> Result<(), Why> {
    if !T::ORDERED {
        return Err(Why::Unsupported("a factorisation".into()));
    }
    let limit = 1e-8 * magnitude(a);
    let skew = (0..a.nrows()).any(|i| (0..i).any(|j| (a[(i, j)] - a[(j, i)]).magnitude() > limit));
    if skew { Err(Why::Domain("not symmetric")) } else { Ok(()) }
}

/// `a = l u` without pivoting, `l` with a unit diagonal (Doolittle). Rational: exact over the prime field.
pub(super) fn lu<T: Field>(a: &Matrix<T>) -> Result<(Matrix<T>, Matrix<T>), Why> {
    let n = a.nrows();
    let (mut l, mut u) = (Matrix::<T>::identity(n, n), a.clone());
    let limit = 1e-13 * magnitude(a);
    for k in 0..n {
        // The last pivot is no divisor, so it may vanish.
        if k + 1 < n && u[(k, k)].magnitude() <= limit {
            return Err(Why::Singular);
        }
        for i in k + 1..n {
            let factor = u[(i, k)] / u[(k, k)];
            l[(i, k)] = factor;
            u[(i, k)] = T::zero();
            for j in k + 1..n {
                let t = u[(k, j)];
                u[(i, j)] -= factor * t;
            }
        }
    }
    Ok((l, u))
}

/// `a = q r` for full column rank, `r` with a positive diagonal, by Gram–Schmidt done twice.
pub(super) fn qr<T: Field>(a: &Matrix<T>) -> Result<(Matrix<T>, Matrix<T>), Why> {
    if !T::ORDERED {
        return Err(Why::Unsupported("a QR factorisation".into()));
    }
    let (m, n) = a.shape();
    if m < n {
        return Err(Why::Domain("not of full column rank"));
    }
    let (mut q, mut r) = (a.clone(), Matrix::<T>::zeros(n, n));
    let limit = 1e-10 * magnitude(a);
    for j in 0..n {
        for _ in 0..2 {
            for k in 0..j {
                let overlap = dot(&q, k, j);
                r[(k, j)] += overlap;
                for i in 0..m {
                    let t = q[(i, k)];
                    q[(i, j)] -= overlap * t;
                }
            }
        }
        let norm = dot(&q, j, j).apply(Function::Sqrt);
        if norm.real().is_nan() || norm.real() <= limit {
            return Err(Why::Domain("not of full column rank"));
        }
        r[(j, j)] = norm;
        for i in 0..m {
            q[(i, j)] = q[(i, j)] / norm;
        }
    }
    Ok((q, r))
}

/// The inner product of two columns.
pub(super) fn dot<T: Field>(a: &Matrix<T>, j: usize, k: usize) -> T {
    (0..a.nrows()).fold(T::zero(), |s, i| s + a[(i, j)] * a[(i, k)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::linear::size;
    use crate::numeric::random::Random;
    use crate::numeric::{Dual, Gf};

    fn random(rows: usize, cols: usize) -> Matrix<f64> {
        let mut r = Random::new(rows as u64, cols as u64);
        Matrix::from_fn(rows, cols, |_, _| r.between(-1.0, 1.0))
    }

    #[test]
    fn factors_multiply_back() {
        for (m, n) in [(1, 1), (4, 4), (5, 2)] {
            let a = random(m, n);
            let (q, r) = qr(&a).unwrap();
            assert!(size(&(&q * &r - &a)) < 1e-13);
            assert!(size(&(q.transpose() * q - Matrix::<f64>::identity(n, n))) < 1e-13);
            let s = a.transpose() * &a;
            let l = cholesky(&s).unwrap();
            assert!(size(&(&l * l.transpose() - &s)) < 1e-13);
            let (l, u) = lu(&s).unwrap();
            assert!(size(&(l * u - &s)) < 1e-12);
            let g = s.map(|x| Gf::new(x.to_bits()));
            let (l, u) = lu(&g).unwrap();
            assert_eq!(l * u, g);
        }
    }

    #[test]
    fn factors_of_dual_matrices_multiply_back() {
        let (a, e) = (random(4, 3), random(4, 3) * 0.7);
        let d = Matrix::from_fn(4, 3, |i, j| Dual::new(a[(i, j)], e[(i, j)] + 0.1 * i as f64));
        let (q, r) = qr(&d).unwrap();
        assert!(size(&(q * r - d)) < 1e-12);
    }

    #[test]
    fn outside_the_domain() {
        assert_eq!(qr(&random(2, 3)), Err(Why::Domain("not of full column rank")));
        assert_eq!(cholesky(&-Matrix::<f64>::identity(2, 2)), Err(Why::Domain("not positive definite")));
        assert_eq!(cholesky(&random(3, 3)), Err(Why::Domain("not symmetric")));
        let swap = Matrix::from_row_slice(2, 2, &[0.0, 1.0, 1.0, 0.0]);
        assert_eq!(lu(&swap), Err(Why::Singular));
    }
}
