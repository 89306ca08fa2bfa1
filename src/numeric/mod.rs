//! The numeric evaluator and the check of answers.
//!
//! In: nodes of a [`Graph`](crate::expr::Graph), random points. Out: values in doubles, dual numbers or a
//! prime field; whether an answer is the derivative of the function.
//! Invariant: independent of the differentiation rules. Derivatives come from dual numbers pushed through
//! the function, so a wrong rule and a wrong check do not agree by construction.

mod abstracts;
mod check;
mod claim;
mod dual;
mod evaluate;
mod exact;
mod field;
mod gf;
mod guards;
mod linear;
mod lower;
mod operators;
mod point;
mod primitives;
mod probe;
mod random;
mod sample;
mod strata;
mod tape;
mod undefined;

pub(crate) use check::whole_points;
pub use check::{Check, Seen, Trouble, check, sample};
pub use claim::{Claim, Relation};
pub use dual::Dual;
pub use evaluate::evaluate;
pub use exact::{Exact, Value};
pub use field::Field;
pub use gf::{Gf, PRIME};
pub(crate) use guards::Guards;
pub use linear::Matrix;
pub use lower::{Guard, guards, lower};
pub use point::{Point, Sizes};
pub use primitives::{Function, Primitive};
pub use probe::nowhere_defined;
pub(crate) use random::Random;
pub(crate) use sample::{direction, draw, draw_whole};
pub use strata::Stratum;
pub(crate) use strata::draw_special;
pub use tape::Tape;
pub use undefined::{Undefined, Why};

#[cfg(test)]
mod field_tests;
#[cfg(test)]
mod rules_tests;
