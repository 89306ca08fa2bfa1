//! The primitives: functions whose value the evaluator computes itself.
//!
//! In: a name from `numeric primitive NAME` of an entry, matrices. Out: the value, or why there is none.
//! Invariant: nothing here reads a differentiation rule; every primitive works in any [`Field`] or says
//! [`Why::Unsupported`]. Example: `Primitive::find("det")` on [[1, 2], [3, 4]] gives −2.

mod factor;
mod functions;
mod reductions;
mod scalar;
mod special;
mod spectral;

pub(super) use functions::fractional_power;
pub use scalar::Function;

use super::field::Field;
use super::linear::{self, Matrix};
use super::undefined::Why;

use reductions as r;

macro_rules! primitives {
    ($($variant:ident $arity:literal $($name:literal)+;)*) => {
        /// A function of matrices.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Primitive {
            $(#[doc = concat!($("`", $name, "` ",)+ "of this many arguments: ", stringify!($arity))] $variant,)*
        }

        impl Primitive {
            /// Every name with its primitive and the number of its arguments.
            pub const ALL: &[(&str, Primitive, usize)] = &[$($(($name, Primitive::$variant, $arity)),+),*];
        }
    };
}

primitives! {
    Det 1 "det";
    Inverse 1 "inv";
    Adjugate 1 "adj" "adjugate";
    Pinv 1 "pinv";
    Trace 1 "tr" "trace";
    DiagonalMatrix 1 "diagmat";
    DiagonalPart 1 "diagvec";
    Diag 1 "diag";
    Vec 1 "vec";
    Sum 1 "sum";
    Mean 1 "mean";
    Product 1 "prod";
    Cumsum 1 "cumsum";
    Dot 2 "dot";
    Cross 2 "cross";
    Outer 2 "outer";
    Kronecker 2 "kron";
    Tril 1 "tril";
    Triu 1 "triu";
    Stril 1 "stril";
    Striu 1 "striu";
    Phi 1 "Phi" "phi";
    Norm 1 "norm" "norm2" "frobenius";
    Norm1 1 "norm1";
    NormInf 1 "norminf";
    Max 1 "max";
    Min 1 "min";
    Softmax 1 "softmax";
    Logsumexp 1 "logsumexp";
    Atan2 2 "atan2";
    Opnorm 1 "opnorm";
    Nuclear 1 "nuclear";
    Polar 1 "polar";
    Sigma 2 "sigma";
    SigmaDyad 2 "sigma_dyad";
    U1 1 "u1";
    V1 1 "v1";
    Eigvals 1 "eigvals";
    Eigvecs 1 "eigvecs";
    Eigmax 1 "eigmax";
    Eigmin 1 "eigmin";
    Vmax 1 "vmax";
    Vmin 1 "vmin";
    Expm 1 "expm" "exp";
    Logm 1 "logm" "log";
    Sqrtm 1 "sqrtm" "sqrt";
    Sinm 1 "sinm" "sin";
    Cosm 1 "cosm" "cos";
    Cholesky 1 "chol";
    LuL 1 "lu_L";
    LuU 1 "lu_U";
    QrQ 1 "qr_Q";
    QrR 1 "qr_R";
    Sylvester 3 "solve_sylvester";
    Commute 1 "commute_vec";
    PartialTrace1 2 "partial_trace1";
    PartialTrace2 2 "partial_trace2";
}

impl Primitive {
    /// The primitive with this name.
    pub fn find(name: &str) -> Option<Primitive> {
        Primitive::ALL.iter().find(|(n, ..)| *n == name).map(|(_, p, _)| *p)
    }

    /// The number of arguments.
    pub fn arity(self) -> usize {
        Primitive::ALL.iter().find(|(_, p, _)| *p == self).map_or(1, |(.., n)| *n)
    }

    /// Whether it is a rational function of the entries, so that its laws hold in every field.
    pub(super) fn is_rational(self) -> bool {
        use Primitive as P;
        !matches!(
            self,
            P::Norm
                | P::Norm1
                | P::NormInf
                | P::Max
                | P::Min
                | P::Softmax
                | P::Logsumexp
                | P::Atan2
                | P::Opnorm
                | P::Nuclear
                | P::Polar
                | P::Sigma
                | P::SigmaDyad
                | P::U1
                | P::V1
                | P::Eigvals
                | P::Eigvecs
                | P::Eigmax
                | P::Eigmin
                | P::Vmax
                | P::Vmin
                | P::Expm
                | P::Logm
                | P::Sqrtm
                | P::Sinm
                | P::Cosm
                | P::Cholesky
                | P::QrQ
                | P::QrR
        )
    }

    /// The value.
    pub fn call<T: Field>(self, args: &[&Matrix<T>]) -> Result<Matrix<T>, Why> {
        match *args {
            [a] if self.arity() == 1 => self.unary(a),
            [a, b] if self.arity() == 2 => self.binary(a, b),
            [a, b, c] if self == Primitive::Sylvester => r::sylvester(a, b, c),
            _ => Err(Why::Unsupported(format!("{self:?} of {} arguments", args.len()))),
        }
    }

    fn unary<T: Field>(self, a: &Matrix<T>) -> Result<Matrix<T>, Why> {
        use Primitive as P;
        let scalar = |x: T| Ok(linear::scalar(x));
        match self {
            P::Det => scalar(linear::determinant(a)),
            P::Inverse => linear::inverse(a),
            P::Adjugate => Ok(linear::adjugate(a)),
            P::Pinv => r::pseudoinverse(a),
            P::Trace => scalar(a.diagonal().iter().fold(T::zero(), |s, x| s + *x)),
            P::DiagonalMatrix => Ok(Matrix::from_diagonal(&a.column(0).into_owned())),
            P::Diag if a.ncols() == 1 => Ok(Matrix::from_diagonal(&a.column(0).into_owned())),
            P::DiagonalPart | P::Diag => {
                Ok(Matrix::from_column_slice(a.nrows().min(a.ncols()), 1, a.diagonal().as_slice()))
            }
            P::Vec => Ok(Matrix::from_column_slice(a.len(), 1, a.as_slice())),
            P::Sum => scalar(r::sum(a)),
            P::Mean => scalar(r::sum(a) / T::from_integer(a.len() as i64)),
            P::Product => scalar(a.iter().fold(T::one(), |p, x| p * *x)),
            P::Cumsum => Ok(r::cumsum(a)),
            P::Tril => Ok(r::masked(a, |i, j| i >= j)),
            P::Triu => Ok(r::masked(a, |i, j| i <= j)),
            P::Stril => Ok(r::masked(a, |i, j| i > j)),
            P::Striu => Ok(r::masked(a, |i, j| i < j)),
            P::Phi => Ok(r::halved_lower(a)),
            P::Commute => Ok(Matrix::from_column_slice(a.len(), 1, a.transpose().as_slice())),
            P::Norm => scalar(r::norm(a)),
            P::Norm1 => scalar(a.iter().fold(T::zero(), |s, x| s + x.apply(Function::Abs))),
            P::NormInf => r::extreme(&a.map(|x| x.apply(Function::Abs)), true),
            P::Max => r::extreme(a, true),
            P::Min => r::extreme(a, false),
            P::Softmax => Ok(r::softmax(a)),
            P::Logsumexp => scalar(r::logsumexp(a)),
            P::Expm => functions::expm(a),
            P::Logm => functions::logm(a),
            P::Sqrtm => functions::sqrtm(a),
            P::Sinm => functions::sin_cos(a).map(|(sin, _)| sin),
            P::Cosm => functions::sin_cos(a).map(|(_, cos)| cos),
            P::Cholesky => factor::cholesky(a),
            P::LuL => factor::lu(a).map(|(l, _)| l),
            P::LuU => factor::lu(a).map(|(_, u)| u),
            P::QrQ => factor::qr(a).map(|(q, _)| q),
            P::QrR => factor::qr(a).map(|(_, r)| r),
            _ => self.spectrum(a),
        }
    }

    /// What is read off the eigenvalues or singular values.
    fn spectrum<T: Field>(self, a: &Matrix<T>) -> Result<Matrix<T>, Why> {
        use Primitive as P;
        let nth = |values: &[T], i: usize| values.get(i).copied().map(linear::scalar);
        let column = |m: &Matrix<T>, j: usize| (j < m.ncols()).then(|| m.columns(j, 1).into_owned());
        let last = a.nrows().saturating_sub(1);
        let found = match self {
            P::Opnorm => nth(&spectral::singular(a)?.0, 0),
            P::Nuclear => {
                Some(linear::scalar(spectral::singular(a)?.0.into_iter().fold(T::zero(), |s, x| s + x)))
            }
            P::Polar => {
                let (_, u, v) = spectral::singular(a)?;
                Some(u * v.transpose())
            }
            P::Eigvecs => Some(spectral::eigen(a)?.1),
            P::U1 => column(&spectral::singular(a)?.1, 0),
            P::V1 => column(&spectral::singular(a)?.2, 0),
            P::Eigvals => {
                let values = spectral::eigen(a)?.0;
                Some(Matrix::from_column_slice(values.len(), 1, &values))
            }
            P::Eigmax => nth(&spectral::eigen(a)?.0, last),
            P::Eigmin => nth(&spectral::eigen(a)?.0, 0),
            P::Vmax => column(&spectral::eigen(a)?.1, last),
            P::Vmin => column(&spectral::eigen(a)?.1, 0),
            _ => return Err(Why::Unsupported(format!("{self:?} of one argument"))),
        };
        found.ok_or(Why::Domain("an empty matrix"))
    }

    fn binary<T: Field>(self, a: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, Why> {
        use Primitive as P;
        match self {
            P::Dot => Ok(linear::scalar(a.iter().zip(b.iter()).fold(T::zero(), |s, (x, y)| s + *x * *y))),
            P::Cross => r::cross(a, b),
            P::Outer => Ok(a * b.transpose()),
            P::Kronecker => Ok(a.kronecker(b)),
            P::Sigma => spectral::triple(a, r::index(b)?).map(|(value, ..)| linear::scalar(value)),
            P::SigmaDyad => spectral::triple(a, r::index(b)?).map(|(_, u, v)| u * v.transpose()),
            P::Atan2 => r::atan2(a, b),
            P::PartialTrace1 => r::index(b).and_then(|m| r::partial_trace(a, m, true)),
            P::PartialTrace2 => r::index(b).and_then(|m| r::partial_trace(a, m, false)),
            _ => Err(Why::Unsupported(format!("{self:?} of two arguments"))),
        }
    }
}
