//! Conditions under which an expression is defined or a derivative holds.

use smallvec::SmallVec;

use super::node::Id;

/// A predicate of the catalogue: `invertible`, `nonzero`, `positive`, …
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PredicateId(pub u32);

/// A predicate of some expressions: `invertible(X^T X)`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Condition {
    /// What must hold.
    pub predicate: PredicateId,
    /// Of what.
    pub args: SmallVec<[Id; 2]>,
}
