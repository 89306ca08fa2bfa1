//! Sums, norms, masks and the small vector functions.
//!
//! In: matrices. Out: values in the same field. Invariant: a function that compares numbers is
//! [`Why::Unsupported`] in a field without an order.

use crate::numeric::field::Field;
use crate::numeric::linear::{Matrix, inverse, magnitude, scalar, size, solve};
use crate::numeric::undefined::Why;

use super::Function;

pub(super) fn sum<T: Field>(a: &Matrix<T>) -> T {
    a.iter().fold(T::zero(), |s, x| s + *x)
}

/// The running sum of a vector, or down each column.
pub(super) fn cumsum<T: Field>(a: &Matrix<T>) -> Matrix<T> {
    let mut sums = a.clone();
    for j in 0..a.ncols() {
        for i in 1..a.nrows() {
            let above = sums[(i - 1, j)];
            sums[(i, j)] += above;
        }
    }
    sums
}

/// The entries where `keep` holds.
pub(super) fn masked<T: Field>(a: &Matrix<T>, keep: impl Fn(usize, usize) -> bool) -> Matrix<T> {
    Matrix::from_fn(a.nrows(), a.ncols(), |i, j| if keep(i, j) { a[(i, j)] } else { T::zero() })
}

/// The lower part with halved diagonal: Φ of the differential of the Cholesky factor.
pub(super) fn halved_lower<T: Field>(a: &Matrix<T>) -> Matrix<T> {
    let half = T::one() / T::from_integer(2);
    Matrix::from_fn(a.nrows(), a.ncols(), |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Greater => a[(i, j)],
        std::cmp::Ordering::Equal => half * a[(i, j)],
        std::cmp::Ordering::Less => T::zero(),
    })
}

/// The square root of the sum of squares.
pub(super) fn norm<T: Field>(a: &Matrix<T>) -> T {
    a.iter().fold(T::zero(), |s, x| s + *x * *x).apply(Function::Sqrt)
}

/// The largest or smallest entry.
pub(super) fn extreme<T: Field>(a: &Matrix<T>, largest: bool) -> Result<Matrix<T>, Why> {
    if !T::ORDERED {
        return Err(Why::Unsupported("a largest entry".into()));
    }
    let key = |x: &T| if largest { x.real() } else { -x.real() };
    let best = a.iter().copied().reduce(|m, x| if key(&x) > key(&m) { x } else { m });
    best.map(scalar).ok_or(Why::Domain("an empty matrix"))
}

/// The largest real value, to be subtracted before exponentiating; no shift where there is no order.
fn shift<T: Field>(a: &Matrix<T>) -> T {
    let largest = a.iter().map(|x| x.real()).fold(f64::NEG_INFINITY, f64::max);
    if T::ORDERED && largest.is_finite() { T::from_f64(largest) } else { T::zero() }
}

pub(super) fn softmax<T: Field>(a: &Matrix<T>) -> Matrix<T> {
    let shift = shift(a);
    let exponentials = a.map(|x| (x - shift).apply(Function::Exp));
    let total = sum(&exponentials);
    exponentials.map(|x| x / total)
}

pub(super) fn logsumexp<T: Field>(a: &Matrix<T>) -> T {
    let shift = shift(a);
    let total = a.iter().fold(T::zero(), |s, x| s + (*x - shift).apply(Function::Exp));
    shift + total.apply(Function::Log)
}

/// The Moore–Penrose inverse: (AᵀA)⁻¹Aᵀ for a tall matrix of full rank, Aᵀ(AAᵀ)⁻¹ for a wide one, and
/// Fᵀ(FFᵀ)⁻¹(CᵀC)⁻¹Cᵀ for A = C F of lower rank. Source: Golub, Van Loan, Matrix Computations, 5.5.
pub(super) fn pseudoinverse<T: Field>(a: &Matrix<T>) -> Result<Matrix<T>, Why> {
    let t = a.transpose();
    let full = if a.nrows() >= a.ncols() { solve(&(&t * a), &t) } else { inverse(&(a * &t)).map(|g| &t * g) };
    if !matches!(full, Err(Why::Singular)) {
        return full;
    }
    let (c, f) = rank_factors(a)?;
    if c.ncols() == 0 {
        return Ok(Matrix::zeros(a.ncols(), a.nrows()));
    }
    let (ct, ft) = (c.transpose(), f.transpose());
    Ok(&ft * inverse(&(&f * &ft))? * solve(&(&ct * &c), &ct)?)
}

/// A = C F with independent columns C of A and the nonzero rows F of its reduced echelon form. Where a
/// derivative leaves the matrices of this rank, the pseudoinverse jumps and has none.
fn rank_factors<T: Field>(a: &Matrix<T>) -> Result<(Matrix<T>, Matrix<T>), Why> {
    let limit = 1e-10 * magnitude(a);
    let (mut rest, mut pivots) = (a.clone(), Vec::new());
    for column in 0..a.ncols() {
        let row = pivots.len();
        let entry = |i: &usize| rest[(*i, column)].magnitude();
        let best = (row..a.nrows()).max_by(|i, j| entry(i).total_cmp(&entry(j)));
        let Some(best) = best.filter(|i| entry(i) > limit) else { continue };
        rest.swap_rows(row, best);
        let pivot = T::one() / rest[(row, column)];
        for j in 0..a.ncols() {
            rest[(row, j)] *= pivot;
        }
        for i in (0..a.nrows()).filter(|i| *i != row) {
            let factor = rest[(i, column)];
            for j in 0..a.ncols() {
                let product = factor * rest[(row, j)];
                rest[(i, j)] -= product;
            }
        }
        pivots.push(column);
    }
    let below = rest.rows(pivots.len(), a.nrows() - pivots.len());
    if below.iter().any(|x| x.size().is_nan() || x.size() > 1e-8 * size(a)) {
        return Err(Why::Domain("not of constant rank"));
    }
    Ok((a.select_columns(&pivots), rest.rows(0, pivots.len()).into_owned()))
}

pub(super) fn cross<T: Field>(a: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, Why> {
    if a.len() != 3 || b.len() != 3 {
        return Err(Why::Domain("a cross product of other than three entries"));
    }
    let minor = |i: usize, j: usize| a[i] * b[j] - a[j] * b[i];
    Ok(Matrix::from_column_slice(a.nrows(), a.ncols(), &[minor(1, 2), minor(2, 0), minor(0, 1)]))
}

/// The angle of the point (b, a), entry by entry.
pub(super) fn atan2<T: Field>(a: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, Why> {
    if !T::ORDERED {
        return Err(Why::Unsupported("atan2".into()));
    }
    let pi = std::f64::consts::PI;
    Ok(a.zip_map(b, |y, x| {
        // The quotient of smaller magnitude keeps the arctangent away from its poles.
        if x.magnitude() >= y.magnitude() {
            let turn = if x.real() > 0.0 { 0.0 } else { libm::copysign(pi, y.real()) };
            (y / x).apply(Function::Atan) + T::from_f64(turn)
        } else {
            T::from_f64(libm::copysign(pi / 2.0, y.real())) - (x / y).apply(Function::Atan)
        }
    }))
}

/// A 1×1 matrix as a count.
pub(super) fn index<T: Field>(a: &Matrix<T>) -> Result<usize, Why> {
    let value = a.iter().next().and_then(|x| x.to_integer());
    value.and_then(|k| usize::try_from(k).ok()).ok_or(Why::Domain("not a positive whole number"))
}

/// The solution X of A X + X B = C, by (I ⊗ A + Bᵀ ⊗ I) vec X = vec C.
pub(super) fn sylvester<T: Field>(a: &Matrix<T>, b: &Matrix<T>, c: &Matrix<T>) -> Result<Matrix<T>, Why> {
    let (m, n) = c.shape();
    let system =
        Matrix::<T>::identity(n, n).kronecker(a) + b.transpose().kronecker(&Matrix::<T>::identity(m, m));
    let x = solve(&system, &Matrix::from_column_slice(m * n, 1, c.as_slice()))?;
    Ok(Matrix::from_column_slice(m, n, x.as_slice()))
}

/// The partial trace of an mk×mk matrix of m×m blocks of order k: over the first factor (the sum of the
/// diagonal blocks, k×k) or over the second (the trace of each block, m×m); `m` is the first factor's order.
pub(super) fn partial_trace<T: Field>(a: &Matrix<T>, m: usize, first: bool) -> Result<Matrix<T>, Why> {
    if m == 0 || !a.is_square() || !a.nrows().is_multiple_of(m) {
        return Err(Why::Domain("blocks that do not divide the matrix"));
    }
    let k = a.nrows() / m;
    let order = if first { k } else { m };
    Ok(Matrix::from_fn(order, order, |i, j| {
        let terms = if first { m } else { k };
        (0..terms).fold(T::zero(), |s, t| {
            s + if first { a[(t * k + i, t * k + j)] } else { a[(i * k + t, j * k + t)] }
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::random::Random;
    use crate::numeric::{Dual, Gf, Primitive};

    fn random(rows: usize, cols: usize) -> Matrix<f64> {
        let mut r = Random::new(3, (rows * 10 + cols) as u64);
        Matrix::from_fn(rows, cols, |_, _| r.between(-1.0, 1.0))
    }

    #[test]
    fn pseudoinverse_of_both_shapes() {
        for (m, n) in [(4, 2), (2, 4), (1, 1), (3, 1)] {
            let a = random(m, n);
            let p = pseudoinverse(&a).unwrap();
            assert!(size(&(&a * &p * &a - &a)) < 1e-12);
            assert!(size(&(&p * &a - (&p * &a).transpose())) < 1e-12);
        }
    }

    #[test]
    fn pseudoinverse_of_lower_rank_varies_with_matrices_of_that_rank() {
        let (x, y) = (random(3, 1), random(2, 1));
        let a = &x * y.transpose();
        let p = pseudoinverse(&a).unwrap();
        assert!(size(&(&a * &p * &a - &a)) < 1e-12 && size(&(&p * &a * &p - &p)) < 1e-12);
        // Along A itself, pinv(A + εA) = (1 − ε) pinv(A); along a generic direction the rank jumps.
        let along = |e: Matrix<f64>| pseudoinverse(&a.zip_map(&e, Dual::new));
        assert!(size(&(along(a.clone()).unwrap().map(|d| d.du) + p)) < 1e-12);
        assert!(along(random(3, 2)).is_err());
    }

    #[test]
    fn sylvester_over_both_fields() {
        let (a, b, c) = (random(3, 3), random(2, 2), random(3, 2));
        let x = sylvester(&a, &b, &c).unwrap();
        assert!(size(&(&a * &x + &x * &b - &c)) < 1e-11);
        let lift = |m: &Matrix<f64>| m.map(|x| Gf::new(x.to_bits()));
        let (a, b, c) = (lift(&a), lift(&b), lift(&c));
        let x = sylvester(&a, &b, &c).unwrap();
        assert_eq!(&a * &x + &x * &b, c);
    }

    #[test]
    fn the_derivative_of_logsumexp_is_softmax() {
        let x = random(4, 1) * 500.0;
        let s = softmax(&x);
        assert!((sum(&s) - 1.0).abs() < 1e-14);
        for k in 0..4 {
            let d = Matrix::from_fn(4, 1, |i, _| Dual::new(x[i], f64::from(i == k)));
            assert!((logsumexp(&d).du - s[k]).abs() < 1e-14);
        }
    }

    #[test]
    fn atan2_in_every_quadrant() {
        for (y, x) in [(1.0, 2.0), (2.0, -1.0), (-2.0, -1.0), (-1.0, -2.0), (1.0, -3.0)] {
            let value = atan2(&scalar(y), &scalar(x)).unwrap()[0];
            assert!((value - libm::atan2(y, x)).abs() < 1e-15);
        }
    }

    #[test]
    fn partial_traces_of_a_kronecker_product() {
        let (a, b) = (random(2, 2), random(3, 3));
        let product = a.kronecker(&b);
        assert!(size(&(partial_trace(&product, 2, true).unwrap() - &b * a.trace())) < 1e-14);
        assert!(size(&(partial_trace(&product, 2, false).unwrap() - &a * b.trace())) < 1e-14);
        assert!(partial_trace(&product, 4, true).is_err());
    }

    #[test]
    fn every_primitive_answers_a_one_by_one_matrix_or_says_why_not() {
        let one = Matrix::from_element(1, 1, 1.0);
        for (name, p, arity) in Primitive::ALL {
            let value = p.call(&vec![&one; *arity]);
            assert!(value.is_ok() || *name == "cross", "{name}: {value:?}");
        }
    }
}
