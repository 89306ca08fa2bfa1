//! From text to [`Ast`].

mod ast;

pub use ast::*;
