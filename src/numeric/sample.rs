//! Random points that satisfy what was declared.
//!
//! In: variables with properties, a seed, the number of the attempt. Out: a [`Point`].
//! Invariant: deterministic; dimension names get unequal sizes; attempts differ in scale and in the order of
//! the sizes, so that rejecting those outside the domain soon finds one inside.

use crate::expr::{Graph, Properties, VarId, Variable};

use super::field::Field;
use super::gf::Gf;
use super::linear::{self, Matrix, scaled};
use super::point::{Point, Sizes, shape_size};
use super::random::Random;
use super::undefined::Why;

/// Where the entries of a value are drawn from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scale {
    Plain,
    NearIdentity,
    Positive,
    Small,
    LargePositive,
}

const SCALES: [Scale; 5] =
    [Scale::Plain, Scale::NearIdentity, Scale::Positive, Scale::Small, Scale::LargePositive];

/// Attempts in which all variables have the same scale, before scales are mixed.
const UNMIXED: usize = 4;
/// The attempt from which on larger sizes are tried: an index `e(7, n)` needs them.
const LARGER: usize = 40;

/// Unequal sizes for the dimension names: first in this order, then shuffled.
pub(super) fn sizes(graph: &Graph, seed: u64, attempt: usize) -> Sizes {
    let names: Vec<&str> = graph.dims.names().collect();
    let mut pool: Vec<i64> = vec![3, 4, 2, 5];
    pool.extend((0..names.len().saturating_sub(pool.len())).map(|i| 6 - (i as i64 % 5)));
    let mut random = Random::new(seed ^ 0x512e, attempt as u64);
    match attempt {
        0 => {}
        1 => pool = pool.iter().map(|s| (7 - s).max(2)).collect(),
        _ => (1..pool.len()).rev().for_each(|i| pool.swap(i, random.below(i + 1))),
    }
    if attempt >= LARGER {
        let more = 1 + random.below(6) as i64;
        pool.iter_mut().for_each(|s| *s += more);
    }
    names.into_iter().map(str::to_owned).zip(pool).collect()
}

/// A point in doubles.
pub(crate) fn draw(graph: &Graph, seed: u64, attempt: usize) -> Result<Point<f64>, Why> {
    let mut random = Random::new(seed, attempt as u64);
    fill(graph, sizes(graph, seed, attempt), |variable, (rows, cols)| {
        let mixed = random.below(SCALES.len());
        let scale = SCALES[if attempt < UNMIXED { attempt } else { mixed }];
        if variable.properties.has(Properties::INTEGER) {
            return Ok(linear::scalar(2.0 + random.below(3) as f64));
        }
        let positive = variable.properties.has(Properties::POSITIVE);
        let base =
            Matrix::from_fn(rows, cols, |i, j| entry(&mut random, scale, positive, i == j && rows == cols));
        structured(variable.properties, base, scale == Scale::NearIdentity)
    })
}

fn entry(random: &mut Random, scale: Scale, positive: bool, diagonal: bool) -> f64 {
    let x = match scale {
        Scale::Plain if positive => random.between(0.2, 1.6),
        Scale::Plain => random.between(-1.5, 1.5),
        Scale::NearIdentity => f64::from(diagonal) + random.between(-0.15, 0.15),
        Scale::Positive => random.between(0.2, 1.2),
        Scale::Small => random.between(-0.2, 0.2),
        Scale::LargePositive => random.between(2.0, 4.0),
    };
    if positive { x.abs() + 0.01 } else { x }
}

/// A point of the prime field.
pub(super) fn draw_exact(graph: &Graph, seed: u64, attempt: usize) -> Result<Point<Gf>, Why> {
    let mut random = Random::new(seed ^ 0x6f, attempt as u64);
    fill(graph, sizes(graph, seed, attempt), |variable, (rows, cols)| {
        if variable.properties.has(Properties::INTEGER) {
            return Ok(linear::scalar(Gf::from_integer(2 + random.below(3) as i64)));
        }
        let base = Matrix::from_fn(rows, cols, |_, _| Gf::new(random.word()));
        structured(variable.properties, base, false)
    })
}

/// A point of small whole numbers and small sizes, the smallest first: a counterexample that can be followed on
/// paper.
pub(crate) fn draw_whole(graph: &Graph, seed: u64, attempt: usize) -> Result<Point<f64>, Why> {
    let mut random = Random::new(seed ^ 0x3401e, attempt as u64);
    let most = 1 + attempt / 4;
    let sizes = graph.dims.names().map(|n| (n.to_owned(), 1 + random.below(most.min(3)) as i64));
    let sizes = sizes.collect();
    fill(graph, sizes, |variable, (rows, cols)| {
        if variable.properties.has(Properties::INTEGER) {
            return Ok(linear::scalar(1.0 + random.below(2) as f64));
        }
        let positive = variable.properties.has(Properties::POSITIVE);
        let whole = |r: &mut Random| if positive { 1 + r.below(3) } else { r.below(6) } as f64;
        let shift = if positive { 0.0 } else { 2.0 };
        let base = Matrix::from_fn(rows, cols, |_, _| whole(&mut random) - shift);
        structured(variable.properties, base, false)
    })
}

fn fill<T: Field>(
    graph: &Graph,
    sizes: Sizes,
    mut value: impl FnMut(&Variable, (usize, usize)) -> Result<Matrix<T>, Why>,
) -> Result<Point<T>, Why> {
    let mut point = Point::new(sizes);
    for (i, variable) in graph.variables().iter().enumerate() {
        let size = shape_size(graph, &point.sizes, variable.shape).ok_or(Why::TooLarge)?;
        if size.0 * size.1 > 1 << 20 {
            return Err(Why::TooLarge);
        }
        let matrix = value(variable, size)?;
        point.set(VarId(i as u32), matrix);
    }
    Ok(point)
}

/// The nearest use of random entries as a value with these properties.
fn structured<T: Field>(p: Properties, base: Matrix<T>, near_identity: bool) -> Result<Matrix<T>, Why> {
    use Properties as P;
    if !base.is_square() {
        return Ok(base);
    }
    let n = base.nrows();
    let identity = Matrix::<T>::identity(n, n);
    if p.has(P::ORTHOGONAL) {
        return orthogonal(p, &base);
    }
    let mut value = base;
    if p.has(P::POSDEF) && !near_identity {
        value = if p.has(P::DIAGONAL) { value.component_mul(&value) } else { &value * value.transpose() };
        value = scaled(&value, T::one() / T::from_integer(n as i64));
        value += scaled(&identity, T::one() / T::from_integer(2));
    }
    let triangular = p.any(P::LOWER.with(P::UPPER));
    if triangular && p.has(P::INVERTIBLE) {
        // A small diagonal entry would make the triangle nearly singular.
        for i in 0..n {
            let away = if value[(i, i)].real() < 0.0 { -T::one() } else { T::one() };
            value[(i, i)] += away;
        }
    }
    Ok(tangent(p.without(P::ORTHOGONAL), &value, &value))
}

/// An orthogonal matrix: the Cayley transform (I − S)(I + S)⁻¹ of a skew one, or a Householder reflection
/// where it must be symmetric too.
fn orthogonal<T: Field>(p: Properties, base: &Matrix<T>) -> Result<Matrix<T>, Why> {
    let n = base.nrows();
    let identity = Matrix::<T>::identity(n, n);
    if p.has(Properties::POSDEF) {
        return Ok(identity);
    }
    if p.has(Properties::DIAGONAL) || p.any(Properties::LOWER.with(Properties::UPPER)) {
        let sign = |i: usize| if i.is_multiple_of(2) { T::one() } else { -T::one() };
        return Ok(Matrix::from_fn(n, n, |i, j| if i == j { sign(i) } else { T::zero() }));
    }
    if p.has(Properties::SYMMETRIC) {
        let v = base.columns(0, 1).into_owned();
        let square = v.iter().fold(T::zero(), |s, x| s + *x * *x);
        return Ok(identity - scaled(&(&v * v.transpose()), T::from_integer(2) / square));
    }
    let skew = base - base.transpose();
    Ok((&identity - &skew) * linear::inverse(&(identity + skew))?)
}

/// The part of `e` along which a variable with these properties may vary at `x`.
pub(super) fn tangent<T: Field>(p: Properties, x: &Matrix<T>, e: &Matrix<T>) -> Matrix<T> {
    use Properties as P;
    if !e.is_square() {
        return e.clone();
    }
    let half = T::one() / T::from_integer(2);
    if p.has(P::ORTHOGONAL) {
        let others = P::SYMMETRIC.with(P::DIAGONAL).with(P::LOWER).with(P::UPPER).with(P::POSDEF);
        let skew = if p.any(others) { T::zero() } else { half };
        return x * scaled(&(e - e.transpose()), skew);
    }
    let mut e = e.clone();
    if p.any(P::SYMMETRIC.with(P::POSDEF)) {
        e = scaled(&(&e + e.transpose()), half);
    }
    if p.has(P::SKEW) {
        e = scaled(&(&e - e.transpose()), half);
    }
    let keep = |i: usize, j: usize| {
        !(p.has(P::DIAGONAL) && i != j || p.has(P::LOWER) && i < j || p.has(P::UPPER) && i > j)
    };
    Matrix::from_fn(e.nrows(), e.ncols(), |i, j| if keep(i, j) { e[(i, j)] } else { T::zero() })
}

/// A random direction in which a variable may vary at `x`, with entries of order one.
pub(crate) fn direction(variable: &Variable, x: &Matrix<f64>, random: &mut Random) -> Matrix<f64> {
    let e = Matrix::from_fn(x.nrows(), x.ncols(), |_, _| random.between(-1.0, 1.0));
    tangent(variable.properties, x, &e)
}

/// The second derivative of a way that goes along `d` and `e`: none in a linear space; for orthogonal matrices that of the
/// geodesics, `(d Q^T e + e Q^T d) / 2` (Edelman, Arias and Smith, 1998, §2.2.2).
pub(super) fn bend(
    variable: &Variable,
    q: &Matrix<f64>,
    d: &Matrix<f64>,
    e: &Matrix<f64>,
) -> Option<Matrix<f64>> {
    let curved = variable.properties.has(Properties::ORTHOGONAL);
    curved.then(|| (d * q.transpose() * e + e * q.transpose() * d) * 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::linear::size;

    fn base(n: usize) -> Matrix<f64> {
        let mut r = Random::new(5, n as u64);
        Matrix::from_fn(n, n, |_, _| r.between(-1.0, 1.0))
    }

    #[test]
    fn values_have_the_properties_declared() {
        use Properties as P;
        for n in [1, 2, 5] {
            let of = |p: P| structured(p.closed(), base(n), false).unwrap();
            let identity = Matrix::<f64>::identity(n, n);
            if n > 1 {
                assert!(of(P::SKEW) == -of(P::SKEW).transpose());
                let q = of(P::ORTHOGONAL);
                assert!(size(&(&q * q.transpose() - &identity)) < 1e-13);
                let h = of(P::ORTHOGONAL.with(P::SYMMETRIC));
                assert!(size(&(&h * &h - &identity)) < 1e-13 && h == h.transpose());
                assert!(of(P::POSDEF).cholesky().is_some());
                assert!(of(P::LOWER)[(0, 1)] == 0.0 && of(P::DIAGONAL)[(1, 0)] == 0.0);
            }
            assert_eq!(of(P::SYMMETRIC), of(P::SYMMETRIC).transpose());
        }
    }

    #[test]
    fn orthogonal_matrices_are_exact_over_the_prime_field() {
        let base = base(3).map(|x| Gf::new(x.to_bits()));
        let q = structured(Properties::ORTHOGONAL.closed(), base, false).unwrap();
        assert_eq!(&q * q.transpose(), Matrix::identity(3, 3));
    }
}
