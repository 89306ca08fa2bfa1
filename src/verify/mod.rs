//! The checker of derivations.
//!
//! In: an answer with its steps, as one line of JSON. Out: whether each step holds, and where not.
//! Invariant: none of the passes that found the answer is used. A step is parsed from its texts; its rule is an
//! instance, by substitution, of what stands in the rules files; that the line after follows from the line before is
//! decided in [components](crate::components), and, apart from that, in numbers at a random point.
//!
//! `dx^T A x + x^T A dx = x^T (A - A^T) dx` is rejected by both.

mod end;
mod given;
mod instance;
mod numbers;
mod reading;
mod replay;
mod rule;
mod said;
mod text;

pub(crate) use instance::follows_from;
pub(crate) use reading::only;

pub use instance::{Instantiated, sides};
pub use replay::{StepVerdict, Verdict, verify};
