//! An expression as an S-expression, to see how it was read: `(* (^T x) A x)`.
//!
//! In: an [`Ast`]. Out: text. Invariant: walks with a stack of its own, at any depth.

use std::fmt::{self, Write};

use super::ast::*;

enum Step {
    Node(AstId),
    Text(&'static str),
}

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut stack = vec![Step::Node(self.root())];
        while let Some(step) = stack.pop() {
            let id = match step {
                Step::Text(text) => {
                    f.write_str(text)?;
                    continue;
                }
                Step::Node(id) => id,
            };
            match &self.node(id).kind {
                AstKind::Number(n) => write!(f, "{n}")?,
                AstKind::Name(name) => f.write_str(name)?,
                kind => {
                    f.write_char('(')?;
                    f.write_str(&head(kind))?;
                    stack.push(Step::Text(")"));
                    for (i, child) in self.children(id).into_iter().enumerate().rev() {
                        stack.push(Step::Node(child));
                        stack.push(Step::Text(before(kind, i)));
                    }
                }
            }
        }
        Ok(())
    }
}

/// What stands before child `i`: a blank, the sign of a summand, or the bar before the directions of a call.
fn before(kind: &AstKind, i: usize) -> &'static str {
    match kind {
        AstKind::Sum(items) | AstKind::DotSum(items)
            if items.get(i).is_some_and(|(sign, _)| *sign == Sign::Minus) =>
        {
            " -"
        }
        AstKind::Call { args, along, .. } if i == args.len() && !along.is_empty() => " | ",
        _ => " ",
    }
}

fn head(kind: &AstKind) -> String {
    match kind {
        AstKind::Sum(_) => "+".into(),
        AstKind::DotSum(_) => ".+".into(),
        AstKind::Negate(_) => "-".into(),
        AstKind::Product(_) => "*".into(),
        AstKind::Transpose(_) => "^T".into(),
        AstKind::Binary(op, ..) => op.symbol().into(),
        AstKind::Call { function, dotted, primes, .. } => {
            format!("{function}{}{}", "'".repeat(usize::from(*primes)), if *dotted { "." } else { "" })
        }
        AstKind::Number(_) | AstKind::Name(_) => String::new(),
    }
}

impl Binary {
    /// The operator as it is typed in ASCII.
    pub const fn symbol(self) -> &'static str {
        match self {
            Binary::Divide => "/",
            Binary::Solve => "\\",
            Binary::ElementTimes => ".*",
            Binary::ElementDivide => "./",
            Binary::Kronecker => "⊗",
            Binary::Power => "^",
            Binary::ElementPower => ".^",
        }
    }
}
