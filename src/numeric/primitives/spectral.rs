//! Eigenvalues of symmetric matrices and singular values, by Jacobi rotations.
//!
//! In: a matrix. Out: eigenpairs in ascending, singular triples in descending order, vectors with their
//! largest entry positive. Invariant: each rotation is a smooth function of the matrix where the values are
//! simple, and sweeps go on until derivatives have settled too, so dual numbers give perturbation theory.
//! Source: Golub, Van Loan, Matrix Computations, 8.5 and 8.6.3.

use crate::numeric::field::Field;
use crate::numeric::linear::{Matrix, size};
use crate::numeric::undefined::Why;

use super::Function;
use super::factor::{dot, symmetric};

const SWEEPS: usize = 40;

/// Cosine and sine of the rotation that makes [[p, b], [b, q]] diagonal.
fn rotation<T: Field>(p: T, q: T, b: T) -> (T, T) {
    let (one, two) = (T::one(), T::from_integer(2));
    let gap = q - p;
    let root = (gap * gap + T::from_integer(4) * b * b).apply(Function::Sqrt);
    // The smaller root of t² + (gap / b) t − 1, with b in the numerator: right also where b is 0.
    let tangent = if gap.real() >= 0.0 { two * b / (gap + root) } else { two * b / (gap - root) };
    let cosine = one / (one + tangent * tangent).apply(Function::Sqrt);
    (cosine, tangent * cosine)
}

fn rotate_columns<T: Field>(a: &mut Matrix<T>, p: usize, q: usize, (c, s): (T, T)) {
    for i in 0..a.nrows() {
        let (x, y) = (a[(i, p)], a[(i, q)]);
        a[(i, p)] = c * x - s * y;
        a[(i, q)] = s * x + c * y;
    }
}

/// The permutation that sorts by value, and the columns in that order with their signs fixed.
fn sorted<T: Field>(values: Vec<T>, vectors: &Matrix<T>, descending: bool) -> (Vec<T>, Matrix<T>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|i, j| values[*i].real().total_cmp(&values[*j].real()));
    if descending {
        order.reverse();
    }
    let mut columns = Matrix::<T>::zeros(vectors.nrows(), values.len());
    for (to, &from) in order.iter().enumerate() {
        let column = vectors.column(from);
        let largest =
            column.iter().fold(T::zero(), |m, x| if x.magnitude() > m.magnitude() { *x } else { m });
        let sign = if largest.real() < 0.0 { -T::one() } else { T::one() };
        for (i, x) in column.iter().enumerate() {
            columns[(i, to)] = sign * *x;
        }
    }
    (order.iter().map(|i| values[*i]).collect(), columns)
}

/// Ascending eigenvalues and unit eigenvectors of a symmetric matrix.
pub(super) fn eigen<T: Field>(a: &Matrix<T>) -> Result<(Vec<T>, Matrix<T>), Why> {
    symmetric(a)?;
    let n = a.nrows();
    let mut vectors = Matrix::<T>::identity(n, n);
    let half = T::from_f64(0.5);
    let mut a = (a + a.transpose()).map(|x| half * x);
    let limit = 1e-15 * size(&a);
    for _ in 0..SWEEPS {
        let mut off = 0.0f64;
        for p in 0..n {
            for q in p + 1..n {
                let entry = a[(p, q)];
                off = off.max(entry.size());
                if entry.is_zero() {
                    continue;
                }
                let r = rotation(a[(p, p)], a[(q, q)], entry);
                rotate_columns(&mut a, p, q, r);
                a.transpose_mut();
                rotate_columns(&mut a, p, q, r);
                rotate_columns(&mut vectors, p, q, r);
            }
        }
        if off <= limit {
            break;
        }
    }
    Ok(sorted(a.diagonal().iter().copied().collect(), &vectors, false))
}

/// Singular values, left and right singular vectors.
pub(super) type Singular<T> = (Vec<T>, Matrix<T>, Matrix<T>);

/// Descending singular values σ with the singular vectors as columns of U and V: the first min(m, n) of
/// each. Columns of U that belong to σ = 0 are not defined.
pub(super) fn singular<T: Field>(a: &Matrix<T>) -> Result<Singular<T>, Why> {
    if !T::ORDERED {
        return Err(Why::Unsupported("a singular value".into()));
    }
    let wide = a.nrows() < a.ncols();
    let mut work = if wide { a.transpose() } else { a.clone() };
    let n = work.ncols();
    let mut vectors = Matrix::<T>::identity(n, n);
    let limit = 1e-14 * size(&work) * size(&work);
    for _ in 0..SWEEPS {
        let mut off = 0.0f64;
        for p in 0..n {
            for q in p + 1..n {
                let overlap = dot(&work, p, q);
                off = off.max(overlap.size());
                if overlap.is_zero() {
                    continue;
                }
                let r = rotation(dot(&work, p, p), dot(&work, q, q), overlap);
                rotate_columns(&mut work, p, q, r);
                rotate_columns(&mut vectors, p, q, r);
            }
        }
        if off <= limit {
            break;
        }
    }
    let norms: Vec<T> = (0..n).map(|j| dot(&work, j, j).apply(Function::Sqrt)).collect();
    let (values, right) = sorted(norms, &vectors, true);
    let source = if wide { a.transpose() } else { a.clone() };
    let mut left = source * &right;
    for (j, value) in values.iter().enumerate() {
        for i in 0..left.nrows() {
            left[(i, j)] = left[(i, j)] / *value;
        }
    }
    Ok(if wide { (values, right, left) } else { (values, left, right) })
}

/// The singular value with number k from 1, and its vectors.
pub(super) fn triple<T: Field>(a: &Matrix<T>, k: usize) -> Result<(T, Matrix<T>, Matrix<T>), Why> {
    let (values, left, right) = singular(a)?;
    let at = k.checked_sub(1).filter(|k| *k < values.len()).ok_or(Why::Domain("no such singular value"))?;
    let column = |of: &Matrix<T>| of.columns(at, 1).into_owned();
    Ok((values[at], column(&left), column(&right)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Dual;
    use crate::numeric::random::Random;

    fn random(rows: usize, cols: usize) -> Matrix<f64> {
        let mut r = Random::new(rows as u64, 40 + cols as u64);
        Matrix::from_fn(rows, cols, |_, _| r.between(-1.0, 1.0))
    }

    #[test]
    fn eigenpairs_rebuild_the_matrix() {
        for n in [1, 2, 5] {
            let a = random(n, n);
            let a = &a + a.transpose();
            let (values, v) = eigen(&a).unwrap();
            let rebuilt = &v * Matrix::from_diagonal(&values.clone().into()) * v.transpose();
            assert!(size(&(rebuilt - a)) < 1e-13);
            assert!(values.is_sorted());
        }
    }

    #[test]
    fn duals_give_perturbation_theory() {
        let (a, e) = (random(4, 4), random(4, 4).map(|x| x.sin()));
        let (a, e) = (&a + a.transpose(), &e + e.transpose());
        let d = Matrix::from_fn(4, 4, |i, j| Dual::new(a[(i, j)], e[(i, j)] + 0.3));
        let (values, vectors) = eigen(&d).unwrap();
        let v = vectors.map(|x| x.re);
        let de = d.map(|x| x.du);
        for (k, value) in values.iter().enumerate() {
            let expected = (v.column(k).transpose() * &de * v.column(k))[(0, 0)];
            assert!((value.du - expected).abs() < 1e-12);
        }
        // Starting from a diagonal value with an off-diagonal derivative.
        let d = Matrix::from_row_slice(
            2,
            2,
            &[Dual::new(1.0, 0.0), Dual::new(0.0, 0.5), Dual::new(0.0, 0.5), Dual::new(3.0, 0.0)],
        );
        let (_, v) = eigen(&d).unwrap();
        assert!((v[(0, 1)].du - 0.25).abs() < 1e-14);
    }

    #[test]
    fn singular_triples_rebuild_rectangular_matrices() {
        for (m, n) in [(4, 2), (2, 4), (3, 3), (1, 1), (1, 3)] {
            let a = random(m, n);
            let (values, u, v) = singular(&a).unwrap();
            let sigma = Matrix::from_diagonal(&values.clone().into());
            assert!(size(&(u * sigma * v.transpose() - a)) < 1e-13);
            assert!(values.iter().rev().is_sorted());
        }
    }

    #[test]
    fn equal_eigenvalues_have_no_derivative() {
        let d = Matrix::from_fn(2, 2, |i, j| Dual::new(f64::from(i == j), 0.5));
        let (_, v) = eigen(&d).unwrap();
        assert!(v.iter().any(|x| !x.is_finite()));
        assert!(eigen(&Matrix::<f64>::identity(3, 3)).is_ok());
    }
}
