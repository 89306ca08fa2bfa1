//! What a formatter leaves on one line.
//!
//! In: an expression. Out: whether it may stay as it is.
//! Invariant: only brackets and names are read, as they are alike in all targets.
//!
//! rustfmt breaks `solve(…)` where its arguments take more than 60 characters, and `a.map(…).sum()` where all of it does.

use super::target::Layout;

/// Whether an expression, which has `room`, stays on one line.
pub(super) fn fits(code: &str, room: usize, layout: &Layout) -> bool {
    code.chars().count() <= room && brackets_fit(code, layout)
}

/// A bracket that is open, or the expression outside all of them.
#[derive(Default)]
struct Level {
    /// Where its content begins, and whether it holds arguments.
    start: usize,
    call: bool,
    /// Where the chain of method calls that is being read begins, and how many calls it has.
    chain: Option<usize>,
    calls: usize,
}

/// Whether no arguments and no chain of method calls are longer than the formatter lets them be.
fn brackets_fit(code: &str, layout: &Layout) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '<' | '>');
    let chars: Vec<char> = code.chars().collect();
    let mut open = vec![Level::default()];
    for (i, c) in chars.iter().enumerate() {
        let Some(level) = open.last_mut() else { return false };
        let previous = i.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        match c {
            '(' | '[' | '{' => {
                let call = part(previous);
                level.chain = level.chain.or(Some(i));
                level.calls += usize::from(call && is_method(&chars[..i]));
                open.push(Level { start: i + 1, call, ..Level::default() });
            }
            ')' | ']' | '}' => {
                let Some(level) = open.pop() else { return false };
                if level.call && i - level.start > layout.arguments {
                    return false;
                }
                let Some(outer) = open.last() else { return false };
                let chain = outer.chain.map_or(0, |start| i + 1 - start);
                if outer.calls > 1 && chain > layout.chain {
                    return false;
                }
            }
            '.' => {}
            c if part(*c) => level.chain = level.chain.or(Some(i)),
            _ => (level.chain, level.calls) = (None, 0),
        }
    }
    true
}

/// Whether a name that ends here follows a dot.
fn is_method(before: &[char]) -> bool {
    let name = before.iter().rev().take_while(|c| c.is_alphanumeric() || **c == '_').count();
    before.len().checked_sub(name + 1).and_then(|i| before.get(i)) == Some(&'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::target::{Form, target};

    #[test]
    fn rust_is_left_alone_by_rustfmt_where_it_fits() {
        let Form::Code(rust) = target("rust").unwrap() else { panic!() };
        let fits = |code: &str| fits(code, 84, &rust.layout);
        assert!(fits("y.component_mul(&(X * w)).map(sigmoid).dot(&(X * dw))"));
        assert!(!fits("y.component_mul(&(-y.component_mul(&(X * w))).map(sigmoid)).dot(&(X * dw))"));
        assert!(fits("(DVector::from_element(p, 1.0) - y.component_mul(&(X * w))).map(|e| e.max(0.0))"));
        assert!(!fits("stril(&solve(&t1, &solve(&lu_U(A).transpose(), &dA.transpose()).transpose()))"));
    }
}
