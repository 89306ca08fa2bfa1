//! Matrix calculus: derivatives in closed form, derived from cited rules and checked against the function.

pub mod answer;
pub mod catalog;
pub mod components;
pub mod cost;
pub mod diagnostic;
pub mod differentiate;
pub mod emit;
pub mod explain;
pub mod expr;
pub mod handbook;
pub mod laws;
pub mod limits;
pub mod numeric;
pub mod print;
pub mod shape;
pub mod simplify;
pub mod syntax;
pub mod transpose;
pub mod verify;
