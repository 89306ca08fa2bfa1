//! Matrix calculus: derivatives in closed form, derived from cited rules and checked against the function.

#[deny(clippy::indexing_slicing)]
pub mod answer;
#[deny(clippy::indexing_slicing)]
pub mod catalog;
pub mod components;
pub mod cost;
#[deny(clippy::indexing_slicing)]
pub mod diagnostic;
#[deny(clippy::indexing_slicing)]
pub mod differentiate;
pub mod emit;
#[deny(clippy::indexing_slicing)]
pub mod explain;
pub mod expr;
#[deny(clippy::indexing_slicing)]
pub mod handbook;
#[deny(clippy::indexing_slicing)]
pub mod laws;
#[deny(clippy::indexing_slicing)]
pub mod limits;
pub mod numeric;
pub mod print;
pub mod shape;
pub mod simplify;
#[deny(clippy::indexing_slicing)]
pub mod syntax;
pub mod transpose;
pub mod verify;
