//! Matrix calculus: derivatives in closed form, derived from cited rules and checked against the function.

pub mod catalog;
pub mod diagnostic;
pub mod emit;
pub mod expr;
pub mod print;
pub mod syntax;
