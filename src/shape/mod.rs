//! From what was typed to typed expressions.
//!
//! In: a [`Program`](crate::syntax::Program), or the [`Ast`](crate::syntax::Ast) of a rule. Out: a [`Problem`],
//! or nodes in a graph. Invariant: nothing is guessed. A shape follows from the request, or it is an error that
//! says what disagrees; conditions are collected before anything is simplified.
//! Example: in `x^T A x` x gets n entries and A n×n.

mod ambiguous;
mod assemble;
mod build;
mod call;
mod check;
mod conditions;
mod constant;
mod infer;
mod lift;
mod message;
mod misuse;
mod naming;
mod problem;
mod roles;
mod scope;
mod sign;
mod solver;
mod template;
#[cfg(test)]
mod tests;

pub use build::index_variable;
pub use conditions::{collect, holds, impossible};
pub use infer::infer;
pub use naming::conventional_kind;
pub use problem::Problem;
pub use roles::{BUILTINS, is_function};
pub use scope::Scope;
pub(crate) use sign::sign;
pub use template::{elaborate, elaborate_as, elaborate_entrywise, instantiate, instantiate_entrywise};
