//! From text to [`Ast`].
//!
//! In: the text of a request and its `--let` declarations. Out: a [`Program`], with the place of every part.
//! Invariant: nothing here recurses, so nesting is bounded by a limit, not by the stack; a text with two
//! plausible readings is an error that shows both.
//!
//! ```
//! use matgrad::{limits::Limits, syntax};
//! let function = |name: &str| name == "tr";
//! let lets = ["A: matrix(n, n)".to_string()];
//! let program = syntax::parse("tr(A^T A) / 2", &lets, &function, &Limits::default()).unwrap();
//! assert_eq!(program.function.to_string(), "(/ (tr (* (^T A) A)) 2)");
//! ```

mod ast;
mod characters;
mod declaration;
mod display;
mod lexer;
mod lines;
mod names;
mod parser;
mod program;

pub use ast::*;
pub use lexer::decode;
pub use names::{is_greek, is_name, nearest, split_name};
pub use program::{parse, parse_declaration, parse_expression, parse_text, parse_unvarying};

#[cfg(test)]
mod tests;
