//! Expressions as text for people and as data for programs.
//!
//! In: a node of a [`Graph`](crate::expr::Graph). Out: Unicode, ASCII and LaTeX from one layout, JSON, shapes,
//! types and conditions.
//! Invariant: ASCII text reads back, by the grammar of the language, as an expression of the same value, and
//! no printer recurses or grows beyond a limit: what is shared too often is named.
//!
//! ```
//! use matgrad::expr::{Graph, Number};
//! use matgrad::print::{Style, text};
//! let mut graph = Graph::new(std::sync::Arc::default());
//! let half = graph.num(Number::ratio(1, 2));
//! assert_eq!(text(&graph, half, Style::Ascii), "1/2");
//! ```

mod call;
mod identity;
mod json;
mod layout;
mod name;
mod operator;
mod share;
mod template;
mod term;

pub use json::ast;
pub use layout::{DEFAULT_LIMIT, Printer, text};
pub(crate) use name::escape;
pub use name::{differential, name};
pub use operator::exponent;
pub use share::shared;
pub use template::{Piece, pieces};
pub use term::{Term, Terms, condition, predicate, shape, term, type_text};

/// A notation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Style {
    /// `(A + Aᵀ) x`, for terminals.
    Unicode,
    /// `(A + A^T) x`; reads back.
    Ascii,
    /// Within what KaTeX and MathJax both render.
    Latex,
}

#[cfg(test)]
mod tests;
