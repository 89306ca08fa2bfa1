//! One node's value from its arguments' values.
//!
//! In: an operator of `expr::Op` and matrices. Out: its value.
//! Invariant: shapes were checked where the node was built; a mismatch met here is an error, not a panic.

use crate::expr::{AbstractId, Dim, Graph, Id, Op, VarId};

use super::abstracts::Instance;
use super::field::Field;
use super::linear::{self, Matrix, scalar, scaled};
use super::point::{Point, dim_size, shape_size};
use super::primitives::fractional_power;
use super::tape::{Resolved, Step};
use super::undefined::Why;

/// Entries a matrix may have.
const ENTRIES: u64 = 1 << 20;
/// What rounding leaves of summands that cancel, by the largest of them.
const CANCELLED: f64 = 16.0 * f64::EPSILON;

/// What operators need besides their arguments.
pub(super) struct Operators<'a, T> {
    pub graph: &'a Graph,
    pub point: &'a Point<T>,
}

impl<T: Field> Operators<'_, T> {
    /// An estimate of the multiplications a step takes.
    pub(super) fn work(&self, step: &Step, args: &[&Matrix<T>]) -> u64 {
        let order = |m: &Matrix<T>| (m.nrows().max(m.ncols()) as u64).saturating_pow(3);
        let largest = args.iter().map(|m| order(m)).max().unwrap_or(0);
        match (self.graph.op(step.id), &step.resolved) {
            (Op::Product | Op::Kronecker | Op::Solve, _) => largest * args.len() as u64,
            (Op::Power | Op::Frechet(_), _) | (_, Resolved::Matrix(_)) => largest.saturating_mul(30),
            _ => args.iter().map(|m| m.len() as u64).sum(),
        }
    }

    fn size(&self, dim: Dim) -> Result<usize, Why> {
        dim_size(self.graph, &self.point.sizes, dim).ok_or(Why::TooLarge)
    }

    /// The sizes of a node's shape, refused where the matrix would be too large to hold.
    fn shape(&self, id: Id) -> Result<(usize, usize), Why> {
        let shape = self.graph.shape(id);
        let (rows, cols) = shape_size(self.graph, &self.point.sizes, shape).ok_or(Why::TooLarge)?;
        if rows as u64 * cols as u64 > ENTRIES { Err(Why::TooLarge) } else { Ok((rows, cols)) }
    }

    /// The zero of a node's shape.
    pub(super) fn zeros(&self, id: Id) -> Result<Matrix<T>, Why> {
        let (rows, cols) = self.shape(id)?;
        Ok(Matrix::zeros(rows, cols))
    }

    /// The value of a step.
    pub(super) fn apply(&self, step: &Step, args: &[&Matrix<T>]) -> Result<Matrix<T>, Why> {
        let id = step.id;
        match (self.graph.op(id), args) {
            (_, []) => self.leaf(id),
            (Op::Unit(_), [index]) => self.unit(id, index),
            (Op::Sum, [first, rest @ ..]) => Ok(sum(first, rest)),
            (Op::Hadamard, [first, rest @ ..]) => {
                Ok(rest.iter().fold((*first).clone(), |p, a| p.zip_map(a, |x, y| x * y)))
            }
            (Op::Product, [first, rest @ ..]) => {
                rest.iter().try_fold((*first).clone(), |p, a| multiply(&p, a))
            }
            (Op::Kronecker, [first, rest @ ..]) => {
                self.shape(id)?;
                Ok(rest.iter().fold((*first).clone(), |p, a| p.kronecker(*a)))
            }
            (Op::Negate, [a]) => Ok(-*a),
            (Op::Transpose, [a]) => Ok(a.transpose()),
            (Op::Divide, [a, s]) => divide(a, s[(0, 0)]),
            (Op::Solve, [a, b]) => linear::solve(a, b),
            (Op::ElementDivide, [a, b]) => element_divide(a, b),
            (Op::Power, [base, exponent]) => power(base, exponent[(0, 0)]),
            (Op::ElementPower, [a, k]) => Ok(a.map(|x| x.pow(k[(0, 0)]))),
            (Op::Map(_), [a]) => step.resolved.entrywise().map(|f| a.map(|x| x.apply(f))),
            (Op::Call(_), _) => step.resolved.matrix()?.call(args),
            (Op::Frechet(_), [a, e]) => {
                let n = a.nrows();
                let block = step.resolved.matrix()?.call(&[&linear::block_triangular(a, e)])?;
                Ok(block.view((0, n), (n, n)).into_owned())
            }
            (Op::Apply(f, order), [x]) => Ok(self.instance(*f)?.derivative(x, *order)),
            (Op::ApplyAlong(f, _), [x, directions @ ..]) => Ok(self.instance(*f)?.along(x, directions)),
            (Op::ApplyMap(f, order), [x]) => {
                let g = self.instance(*f)?;
                Ok(x.map(|entry| g.derivative(&scalar(entry), *order)[(0, 0)]))
            }
            (op, _) => Err(Why::Unsupported(format!("{op:?} of {} arguments", args.len()))),
        }
    }

    fn leaf(&self, id: Id) -> Result<Matrix<T>, Why> {
        let bound = |value: Option<&Matrix<T>>, v: VarId| {
            let name = &self.graph.variable(v).name;
            value.cloned().ok_or_else(|| Why::Unsupported(format!("`{name}` without a value")))
        };
        match self.graph.op(id) {
            Op::Var(v) => bound(self.point.value(*v), *v),
            Op::Differential(v) => bound(self.point.differential(*v), *v),
            Op::Num(n) => Ok(scalar(T::from_number(n))),
            Op::Size(dim) => Ok(scalar(T::from_integer(self.size(*dim)? as i64))),
            Op::Identity(_) => self.shape(id).map(|(n, _)| Matrix::identity(n, n)),
            Op::Ones(..) => self.shape(id).map(|(r, c)| Matrix::from_element(r, c, T::one())),
            Op::Zeros(..) => self.zeros(id),
            Op::Commutation(m, n) => {
                self.shape(id)?;
                Ok(commutation(self.size(*m)?, self.size(*n)?))
            }
            op => Err(Why::Unsupported(format!("{op:?} without arguments"))),
        }
    }

    fn unit(&self, id: Id, index: &Matrix<T>) -> Result<Matrix<T>, Why> {
        let mut e = self.zeros(id)?;
        let place = index[(0, 0)].to_integer().and_then(|i| usize::try_from(i - 1).ok());
        match place.and_then(|i| e.get_mut(i)) {
            Some(entry) => *entry = T::one(),
            None => return Err(Why::Domain("an index outside the vector")),
        }
        Ok(e)
    }

    fn instance(&self, f: AbstractId) -> Result<Instance, Why> {
        let f = self.graph.function(f);
        let value = shape_size(self.graph, &self.point.sizes, f.value.1).ok_or(Why::TooLarge)?;
        Ok(Instance::new(f, value))
    }
}

/// The sum of matrices. Where every entry cancels to its rounding the sum is zero, which `pinv`, `inv` and a quotient
/// must know: `opnorm(x)^2 - x^T x` has no inverse.
fn sum<T: Field>(first: &Matrix<T>, rest: &[&Matrix<T>]) -> Matrix<T> {
    let size = |m: &Matrix<T>| m.iter().fold(0.0f64, |most, x| most.max(x.magnitude()));
    let mut sum = first.clone();
    let mut largest = size(first);
    for term in rest {
        sum += *term;
        largest = largest.max(size(term));
    }
    if T::ORDERED && size(&sum) <= CANCELLED * largest {
        sum.apply(|x| *x -= T::from_f64(x.real()));
    }
    sum
}

/// The matrix product; a 1×1 factor scales.
fn multiply<T: Field>(a: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, Why> {
    match (a.len(), b.len()) {
        (1, _) => Ok(scaled(b, a[(0, 0)])),
        (_, 1) => Ok(scaled(a, b[(0, 0)])),
        _ if a.ncols() == b.nrows() => Ok(a * b),
        _ => Err(Why::Unsupported("a product of these shapes".into())),
    }
}

fn divide<T: Field>(a: &Matrix<T>, s: T) -> Result<Matrix<T>, Why> {
    if s.magnitude() == 0.0 { Err(Why::Singular) } else { Ok(a.map(|x| x / s)) }
}

fn element_divide<T: Field>(a: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, Why> {
    if b.iter().any(|x| x.magnitude() == 0.0) {
        return Err(Why::Singular);
    }
    match (a.len(), b.len()) {
        (_, 1) => divide(a, b[(0, 0)]),
        (1, _) => Ok(b.map(|x| a[(0, 0)] / x)),
        _ => Ok(a.zip_map(b, |x, y| x / y)),
    }
}

fn power<T: Field>(base: &Matrix<T>, exponent: T) -> Result<Matrix<T>, Why> {
    match exponent.to_integer() {
        Some(k) if base.len() == 1 && k < 0 && base[(0, 0)].magnitude() == 0.0 => Err(Why::Singular),
        Some(k) => linear::power(base, k),
        None if base.len() == 1 => Ok(scalar(base[(0, 0)].pow(exponent))),
        None => fractional_power(base, exponent),
    }
}

/// K with K vec(A) = vec(Aᵀ) for an m×n matrix A.
fn commutation<T: Field>(m: usize, n: usize) -> Matrix<T> {
    let mut k = Matrix::<T>::zeros(m * n, m * n);
    for i in 0..m {
        for j in 0..n {
            k[(i * n + j, j * m + i)] = T::one();
        }
    }
    k
}
