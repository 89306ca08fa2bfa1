//! Why an expression has no value at a point, and at which node.

use std::fmt;

use crate::expr::Id;

/// Why a node has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// The inverse of a singular matrix, or a division by zero.
    Singular,
    /// The arguments are outside the function's domain.
    Domain(&'static str),
    /// The value is not a finite number.
    NotFinite,
    /// The evaluator cannot do this in these numbers; it says nothing about the expression.
    Unsupported(String),
    /// The matrices or the work are too large for a check.
    TooLarge,
}

impl Why {
    /// Whether the expression itself is undefined, rather than out of the evaluator's reach.
    pub fn is_mathematical(&self) -> bool {
        matches!(self, Why::Singular | Why::Domain(_) | Why::NotFinite)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Singular => f.write_str("singular"),
            Why::Domain(what) => f.write_str(what),
            Why::NotFinite => f.write_str("not a finite number"),
            Why::Unsupported(what) => write!(f, "{what} cannot be evaluated"),
            Why::TooLarge => f.write_str("too large for a numeric check"),
        }
    }
}

/// A node without a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undefined {
    /// The first such node.
    pub at: Id,
    /// The reason.
    pub why: Why,
}
