//! The operators an expression is made of.
//!
//! In: nothing. Out: [`Op`] and [`Node`], shared by what is read, derived, rewritten, printed and evaluated.
//! Invariant: a node holds all that tells it from another: leaves carry their dimensions, so a 2×3 and a
//! 3×2 zero are different nodes.

use smallvec::SmallVec;

use super::dim::Dim;
use super::number::Number;

/// A node's place in a [`Graph`](super::Graph); children come before parents.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Id(pub(crate) u32);

impl Id {
    /// The position as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A variable of the request, or a pattern variable of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct VarId(pub u32);

/// A function of the catalogue: a place in [`Catalog`](crate::catalog::Catalog).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FnId(pub u32);

/// A function that the request declares and leaves abstract.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct AbstractId(pub u32);

/// What a node does with its arguments. Scalars are 1×1 throughout.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Op {
    /// A variable.
    Var(VarId),
    /// The differential of a variable, of the variable's shape.
    Differential(VarId),
    /// An exact number.
    Num(Number),
    /// A dimension used as a number: `sum(x) / n`.
    Size(Dim),
    /// The identity `I(n)`.
    Identity(Dim),
    /// `ones(m, n)`.
    Ones(Dim, Dim),
    /// `zeros(m, n)`; the zero of every shape, scalars included.
    Zeros(Dim, Dim),
    /// The unit vector `e(i, n)`; its argument is the index, counted from 1.
    Unit(Dim),
    /// The commutation matrix `K(m, n)`: `K vec(A) = vec(A^T)` for an m×n `A`.
    Commutation(Dim, Dim),
    /// `a + b + …`, all of one shape.
    Sum,
    /// `-a`.
    Negate,
    /// `a b …`: matrix product; a 1×1 factor scales.
    Product,
    /// `a / s` with a scalar `s`.
    Divide,
    /// `A \ B` = inv(A) B.
    Solve,
    /// `a .* b …`, all of one shape.
    Hadamard,
    /// `a ./ b`; either may be scalar.
    ElementDivide,
    /// `a^k` of a scalar or a square matrix; the exponent is the second argument.
    Power,
    /// `a .^ k` with a scalar exponent.
    ElementPower,
    /// `a^T`.
    Transpose,
    /// `a ⊗ b`.
    Kronecker,
    /// A scalar function applied entry by entry.
    Map(FnId),
    /// Any other function of the catalogue.
    Call(FnId),
    /// The Fréchet derivative `frechet(f, A, E)` of the matrix function at A along E.
    Frechet(FnId),
    /// An abstract function's derivative of this order at its argument: `g(x)`, `g'(x)`, `g''(x)`. The
    /// first derivative of a function between scalars and vectors is its Jacobian; of a scalar function of a
    /// matrix, its gradient; of a function of a scalar, the derivative, with the value's shape.
    Apply(AbstractId, u8),
    /// The same as a linear operator: `g'(X)[E]`; the argument, then a direction for each order.
    ApplyAlong(AbstractId, u8),
    /// An abstract scalar function applied entry by entry, and its derivatives: `psi'.(x)`.
    ApplyMap(AbstractId, u8),
    /// `sum(r, lo, hi, body)`: arguments are the index variable, both bounds and the summand.
    BoundedSum,
}

/// An operator and its arguments.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Node {
    /// The operator.
    pub op: Op,
    /// Its arguments.
    pub args: SmallVec<[Id; 3]>,
}

impl Clone for Node {
    fn clone(&self) -> Node {
        // A `SmallVec` would clone its items one by one.
        Node { op: self.op.clone(), args: SmallVec::from_slice(&self.args) }
    }
}

impl Node {
    /// A node without arguments.
    pub fn leaf(op: Op) -> Node {
        Node { op, args: SmallVec::new() }
    }
}
