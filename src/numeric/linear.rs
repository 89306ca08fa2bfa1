//! Linear algebra over any field: elimination, determinants, assembling.
//!
//! In: dense matrices. Out: inverses, solutions, determinants, or [`Why::Singular`].
//! Invariant: only field operations, so that derivatives flow through dual numbers.

use nalgebra::DMatrix;

use super::field::Field;
use super::undefined::Why;

/// A dense matrix, stored by columns.
pub type Matrix<T> = DMatrix<T>;

/// A pivot below this part of the largest entry counts as zero.
const PIVOT: f64 = 1e-13;

/// A 1×1 matrix.
pub(super) fn scalar<T: Field>(x: T) -> Matrix<T> {
    Matrix::from_element(1, 1, x)
}

/// The largest magnitude of a value in the matrix, derivatives left out.
pub(super) fn magnitude<T: Field>(a: &Matrix<T>) -> f64 {
    a.iter().map(|x| x.magnitude()).fold(0.0, f64::max)
}

/// The largest magnitude of a value or derivative in the matrix.
pub(super) fn size<T: Field>(a: &Matrix<T>) -> f64 {
    a.iter().map(|x| x.size()).fold(0.0, |m, s| if s.is_nan() { f64::INFINITY } else { f64::max(m, s) })
}

/// `s a`.
pub(super) fn scaled<T: Field>(a: &Matrix<T>, s: T) -> Matrix<T> {
    a.map(|x| s * x)
}

/// The row at or below `column` with the largest magnitude there.
fn pivot<T: Field>(a: &Matrix<T>, column: usize, limit: f64) -> Result<usize, Why> {
    let (mut best, mut value) = (column, a[(column, column)].magnitude());
    for row in column + 1..a.nrows() {
        let magnitude = a[(row, column)].magnitude();
        if magnitude > value {
            (best, value) = (row, magnitude);
        }
    }
    if value > limit { Ok(best) } else { Err(Why::Singular) }
}

/// `a⁻¹ b` by Gauss–Jordan elimination with partial pivoting.
pub(super) fn solve<T: Field>(a: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, Why> {
    let (mut a, mut b) = (a.clone(), b.clone());
    let limit = PIVOT * magnitude(&a);
    for k in 0..a.nrows() {
        let p = pivot(&a, k, limit)?;
        a.swap_rows(k, p);
        b.swap_rows(k, p);
        let inverse = T::one() / a[(k, k)];
        for j in k..a.ncols() {
            a[(k, j)] *= inverse;
        }
        for j in 0..b.ncols() {
            b[(k, j)] *= inverse;
        }
        for i in (0..a.nrows()).filter(|i| *i != k) {
            let factor = a[(i, k)];
            if factor.is_zero() {
                continue;
            }
            for j in k..a.ncols() {
                let t = a[(k, j)];
                a[(i, j)] -= factor * t;
            }
            for j in 0..b.ncols() {
                let t = b[(k, j)];
                b[(i, j)] -= factor * t;
            }
        }
    }
    Ok(b)
}

/// The inverse.
pub(super) fn inverse<T: Field>(a: &Matrix<T>) -> Result<Matrix<T>, Why> {
    solve(a, &Matrix::identity(a.nrows(), a.nrows()))
}

/// An integer power of a square matrix, by repeated squaring.
pub(super) fn power<T: Field>(a: &Matrix<T>, k: i64) -> Result<Matrix<T>, Why> {
    if a.len() == 1 {
        return Ok(scalar(a[(0, 0)].powi(k)));
    }
    let mut square = if k < 0 { inverse(a)? } else { a.clone() };
    let mut rest = k.unsigned_abs();
    let mut product: Option<Matrix<T>> = None;
    while rest > 0 {
        if rest & 1 == 1 {
            product = Some(match product {
                None => square.clone(),
                Some(p) => p * &square,
            });
        }
        rest >>= 1;
        if rest > 0 {
            square = &square * &square;
        }
    }
    Ok(product.unwrap_or_else(|| Matrix::identity(a.nrows(), a.nrows())))
}

/// Up to this order determinants are computed without division.
const DIVISION_FREE: usize = 6;

/// The determinant. Small ones without division (Bird 2011), so that derivatives are right at singular
/// matrices too; larger ones by elimination.
pub(super) fn determinant<T: Field>(a: &Matrix<T>) -> T {
    if a.nrows() <= DIVISION_FREE { bird(a) } else { eliminated(a) }
}

fn bird<T: Field>(a: &Matrix<T>) -> T {
    let n = a.nrows();
    if n == 0 {
        return T::one();
    }
    let mut x = a.clone();
    for _ in 1..n {
        // μ(x): strictly upper part of x with −(x₂₂ + … + xₙₙ), …, −xₙₙ, 0 on the diagonal.
        let mut tail = T::zero();
        for i in (0..n).rev() {
            let entry = x[(i, i)];
            x[(i, i)] = -tail;
            tail += entry;
            for j in 0..i {
                x[(i, j)] = T::zero();
            }
        }
        x *= a;
    }
    if n.is_multiple_of(2) { -x[(0, 0)] } else { x[(0, 0)] }
}

fn eliminated<T: Field>(a: &Matrix<T>) -> T {
    let mut a = a.clone();
    let mut product = T::one();
    for k in 0..a.nrows() {
        let Ok(p) = pivot(&a, k, 0.0) else { return bird(&a) * product };
        if p != k {
            a.swap_rows(k, p);
            product = -product;
        }
        for i in k + 1..a.nrows() {
            let factor = a[(i, k)] / a[(k, k)];
            for j in k..a.ncols() {
                let t = a[(k, j)];
                a[(i, j)] -= factor * t;
            }
        }
    }
    (0..a.nrows()).fold(product, |p, k| p * a[(k, k)])
}

/// The adjugate, by cofactors: defined for singular matrices too.
pub(super) fn adjugate<T: Field>(a: &Matrix<T>) -> Matrix<T> {
    let n = a.nrows();
    Matrix::from_fn(n, n, |i, j| {
        let minor = a.clone().remove_row(j).remove_column(i);
        let cofactor = determinant(&minor);
        if (i + j) % 2 == 0 { cofactor } else { -cofactor }
    })
}

/// `[[a, e], [0, a]]`: a function of it holds the function's derivative at `a` along `e` in its upper right
/// block (Mathias 1996; Higham, Functions of Matrices, 3.16).
pub(super) fn block_triangular<T: Field>(a: &Matrix<T>, e: &Matrix<T>) -> Matrix<T> {
    let n = a.nrows();
    Matrix::from_fn(2 * n, 2 * n, |i, j| match (i < n, j < n) {
        (true, true) => a[(i, j)],
        (false, false) => a[(i - n, j - n)],
        (true, false) => e[(i, j - n)],
        (false, true) => T::zero(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::random::Random;
    use crate::numeric::{Dual, Gf};

    fn random(rows: usize, cols: usize, seed: u64) -> Matrix<f64> {
        let mut r = Random::new(seed, 7);
        Matrix::from_fn(rows, cols, |_, _| r.between(-1.0, 1.0))
    }

    #[test]
    fn inverse_and_solve_over_doubles_and_the_prime_field() {
        for n in [1, 2, 5] {
            let a = random(n, n, n as u64);
            let residual = &a * inverse(&a).unwrap() - Matrix::<f64>::identity(n, n);
            assert!(size(&residual) < 1e-12);
            let g = a.map(|x| Gf::new(x.to_bits()));
            assert_eq!(&g * inverse(&g).unwrap(), Matrix::identity(n, n));
        }
        let (a, b) = (random(3, 3, 1), random(3, 2, 2));
        assert!(size(&(&a * solve(&a, &b).unwrap() - b)) < 1e-12);
    }

    #[test]
    fn rank_one_is_singular_in_every_field() {
        let x = random(3, 1, 3);
        assert_eq!(inverse(&(&x * x.transpose())), Err(Why::Singular));
        let g = x.map(|x| Gf::new(x.to_bits()));
        assert_eq!(inverse(&(&g * g.transpose())), Err(Why::Singular));
        assert_eq!(power(&Matrix::<f64>::zeros(2, 2), -1), Err(Why::Singular));
    }

    #[test]
    fn determinants_differentiate_at_singular_matrices() {
        // d det = tr(adj(A) dA); adj of a singular 3×3 matrix of rank 2.
        let mut a = random(3, 3, 4);
        let twice = a.column(0) * 2.0;
        a.set_column(1, &twice);
        let e = random(3, 3, 5);
        let d = Matrix::from_fn(3, 3, |i, j| Dual::new(a[(i, j)], e[(i, j)]));
        assert!((determinant(&d).du - (adjugate(&a) * e).trace()).abs() < 1e-12);
        assert!(determinant(&a).abs() < 1e-14);
    }

    #[test]
    fn both_determinants_agree() {
        for n in [1, 2, 4, 7] {
            let a = random(n, n, 20 + n as u64);
            assert!((bird(&a) - eliminated(&a)).abs() < 1e-10, "{n}");
        }
        assert!((eliminated(&Matrix::<f64>::zeros(3, 3))).abs() < 1e-300);
    }

    #[test]
    fn negative_and_large_powers() {
        let a = random(3, 3, 9) + Matrix::identity(3, 3) * 2.0;
        let product = power(&a, -2).unwrap() * power(&a, 5).unwrap();
        assert!(size(&(product - power(&a, 3).unwrap())) < 1e-9);
        assert_eq!(power(&a, 0).unwrap(), Matrix::identity(3, 3));
    }
}
