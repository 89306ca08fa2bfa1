//! The derivation of an answer: how a person would get there, a line a rule.
//!
//! In: a function, its differential and derivatives as they were found. Out: [`Step`]s, each with what stood
//! before and after it, the rule, its source and what it needs.
//! Invariant: the texts of a step are complete. Who has the answer, the rules files and a parser can replay it
//! without this program's passes; `verify` does.
//!
//! `x^T A x`: `df = dx^T A x + x^T A dx` (product rule) `= x^T (A + A^T) dx` (collect), gradient `(A + A^T) x`.

mod begin;
mod differential;
mod equality;
mod outline;
mod proof;
mod step;
mod turn;
mod words;
mod written;

pub use equality::proof;
pub use outline::{Outline, Simplify, Target, derivation};
pub use step::{Change, Plain, Step, Use, aligned};

pub(crate) use differential::sign;
pub(crate) use words::{Words, along_direction, identities, of_function, of_operator, reading};
