//! `M .* A * B`, where both groupings have a shape and differ.
//!
//! In: a node whose parts are built. Out: an error that prints both readings. Invariant: what is in
//! parentheses, or joined by juxtaposition, is never ambiguous.
//! Example: with three square matrices, `M .* A * B` may be `(M .* A) * B` or `M .* (A * B)`.

use crate::diagnostic::{Diagnostic, Span};
use crate::expr::Shape;
use crate::syntax::{Ast, AstId, AstKind, Binary};

use super::message::text;

/// Refuses a node that can be read in two ways.
pub(super) fn check(ast: &Ast, id: AstId, shape: &dyn Fn(AstId) -> Shape) -> Result<(), Diagnostic> {
    match &ast.node(id).kind {
        AstKind::Product(factors) => {
            let (Some(&first), Some(&next)) = (factors.first(), factors.get(1)) else { return Ok(()) };
            let AstKind::Binary(Binary::ElementTimes, m, a) = ast.node(first).kind else { return Ok(()) };
            // M .* A * B: the other reading is M .* (A * B).
            let (m, a, b) = ((m, shape(m)), (a, shape(a)), (next, shape(next)));
            let other = product(a.1, b.1).and_then(|p| hadamard(m.1, p));
            if other.is_some() && !m.1.is_scalar() && !b.1.is_scalar() && !parenthesised(ast, first, id) {
                return Err(two_readings(ast, id, ("(M .* A) * B", "M .* (A * B)"), [m.0, a.0, b.0]));
            }
        }
        AstKind::Binary(Binary::ElementTimes, left, c) => {
            let AstKind::Product(factors) = &ast.node(*left).kind else { return Ok(()) };
            let [.., a, b] = factors.as_slice() else { return Ok(()) };
            // A * B .* C: the other reading is A * (B .* C).
            let (a, b, c) = ((*a, shape(*a)), (*b, shape(*b)), (*c, shape(*c)));
            let other = hadamard(b.1, c.1).and_then(|h| product(a.1, h));
            if other.is_some()
                && !a.1.is_scalar()
                && !c.1.is_scalar()
                && starred(ast, a.0, b.0)
                && !parenthesised(ast, *left, id)
            {
                return Err(two_readings(ast, id, ("(M * A) .* B", "M * (A .* B)"), [a.0, b.0, c.0]));
            }
        }
        _ => {}
    }
    Ok(())
}

fn product(a: Shape, b: Shape) -> Option<Shape> {
    match (a.is_scalar(), b.is_scalar()) {
        (true, _) => Some(b),
        (_, true) => Some(a),
        _ => (a.cols == b.rows).then(|| Shape::new(a.rows, b.cols)),
    }
}

fn hadamard(a: Shape, b: Shape) -> Option<Shape> {
    match (a.is_scalar(), b.is_scalar()) {
        (true, _) => Some(b),
        (_, true) => Some(a),
        _ => (a == b).then_some(a),
    }
}

/// Whether a part of a node stands in parentheses, whether or not its span has them.
fn parenthesised(ast: &Ast, part: AstId, whole: AstId) -> bool {
    let text = &ast.source.text;
    let (inner, outer) = (ast.node(part).span, ast.node(whole).span);
    let before = text.get(outer.start.min(inner.start)..inner.start).unwrap_or("").trim_end();
    let after = text.get(inner.end..).unwrap_or("").trim_start();
    let spanned = text.get(inner.start..inner.end).unwrap_or("").trim();
    let opens_before =
        before.ends_with('(') || text.get(..inner.start).is_some_and(|t| t.trim_end().ends_with('('));
    (opens_before && after.starts_with(')')) || wraps(spanned)
}

/// Whether the first bracket of a text closes at its end.
fn wraps(text: &str) -> bool {
    let mut depth = 0usize;
    text.starts_with('(')
        && text.char_indices().all(|(i, c)| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth > 0 || i + 1 == text.len()
        })
}

/// Whether two neighbours are joined by `*` or `@` rather than by juxtaposition.
fn starred(ast: &Ast, a: AstId, b: AstId) -> bool {
    let gap = Span::new(ast.node(a).span.end, ast.node(b).span.start);
    ast.source.text.get(gap.start..gap.end).is_some_and(|t| t.contains(['*', '@', '·', '×']))
}

fn two_readings(ast: &Ast, id: AstId, forms: (&str, &str), parts: [AstId; 3]) -> Diagnostic {
    let fill = |form: &str| {
        let mut out = String::new();
        for c in form.chars() {
            match c {
                'M' => out.push_str(text(ast, parts[0])),
                'A' => out.push_str(text(ast, parts[1])),
                'B' => out.push_str(text(ast, parts[2])),
                _ => out.push(c),
            }
        }
        out
    };
    let (one, two) = (fill(forms.0), fill(forms.1));
    Diagnostic::request("E0007", "this can be read in two ways, and both have a shape")
        .at(&ast.source, ast.node(id).span, "ambiguous")
        .help(format!("write `{one}` or `{two}`"))
}
