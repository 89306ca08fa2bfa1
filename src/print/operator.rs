//! How tightly each form binds, and the signs of each notation.
//!
//! In: a node and its arguments. Out: its [`Level`] and the separators that its layout uses.
//! Invariant: the order of [`Level`] is the order of the language's table of operators, loosest first.

use rustc_hash::FxHashSet;

use crate::expr::{Dim, FnId, Graph, Id, Number, Op};

use super::Style;

/// How tightly a form binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    /// `a + b`
    Sum,
    /// `-a`: stands alone or at the head of a sum.
    Negative,
    /// `1/2 a b`: a number closes the division, but only where nothing stands before it.
    Fraction,
    /// `a .* b`, `a / b`, `a \ b`, `a ⊗ b`
    Times,
    /// `a b`
    Word,
    /// `a^k`, `a^T`
    Power,
    /// A name, a number, a call, brackets.
    Atom,
}

/// The forms that begin with a minus, which leads whatever stands to its right: `-a b`, `-a / b`, `-a .* b`.
pub(super) fn negatives(graph: &Graph, ids: &[Id], is_part: &dyn Fn(Id) -> bool) -> FxHashSet<Id> {
    let mut found: FxHashSet<Id> = FxHashSet::default();
    for id in ids {
        let minus = match graph.op(*id) {
            Op::Negate => true,
            Op::Num(n) => n.is_negative(),
            Op::Product | Op::Divide | Op::Hadamard | Op::ElementDivide => {
                graph.args(*id).first().is_some_and(|a| found.contains(a) && !is_part(*a))
            }
            _ => false,
        };
        if minus {
            found.insert(*id);
        }
    }
    found
}

/// Whether a form begins with a digit.
pub(super) fn digit(graph: &Graph, id: Id) -> bool {
    match graph.op(id) {
        Op::Num(_) => true,
        Op::Zeros(..) => graph.shape(id).is_scalar(),
        Op::Size(d) => graph.dims.as_name(*d).is_none(),
        Op::Power => graph.args(id).first().is_some_and(|b| matches!(graph.op(*b), Op::Num(_))),
        _ => false,
    }
}

/// Whether a number prints with a stroke.
pub(super) fn is_fraction(n: &Number) -> bool {
    n.to_string().contains('/')
}

/// `lambda/2` with a leaf above: a number closes it, so that it may lead a product.
pub(super) fn closed_division(graph: &Graph, id: Id) -> Option<(Id, Id)> {
    let (Op::Divide, [over, under]) = (graph.op(id), graph.args(id)) else { return None };
    let whole = |id: Id| matches!(graph.op(id), Op::Num(n) if n.is_integer() && !n.is_negative());
    let leaf = whole(*over) || matches!(graph.op(*over), Op::Var(_)) && graph.shape(*over).is_scalar();
    let whole = whole(*under);
    (leaf && whole).then_some((*over, *under))
}

/// The level of a node, without its minus where there is one.
pub(super) fn level(graph: &Graph, id: Id, style: Style) -> Level {
    let latex = style == Style::Latex;
    match graph.op(id) {
        Op::Sum => Level::Sum,
        Op::Negate => Level::Negative,
        Op::Num(n) if is_fraction(n) => {
            if latex {
                Level::Power
            } else {
                Level::Times
            }
        }
        Op::Product => match graph.args(id).first() {
            Some(a) if !latex && leads(graph, *a) => Level::Fraction,
            _ => Level::Word,
        },
        Op::Divide => {
            if latex {
                Level::Power
            } else {
                Level::Times
            }
        }
        Op::Solve if latex => Level::Word,
        Op::Kronecker if style == Style::Ascii => Level::Atom,
        Op::Solve | Op::Hadamard | Op::ElementDivide | Op::Kronecker => Level::Times,
        Op::Power | Op::ElementPower | Op::Transpose => Level::Power,
        Op::BoundedSum if latex => Level::Sum,
        Op::Call(f) | Op::Map(f) => notation(graph, id, *f, style).map_or(Level::Atom, notation_level),
        Op::Size(d) => size_level(graph, *d),
        _ => Level::Atom,
    }
}

/// Whether a first factor makes its product lead with a division.
fn leads(graph: &Graph, id: Id) -> bool {
    matches!(graph.op(id), Op::Num(n) if is_fraction(n)) || closed_division(graph, id).is_some()
}

fn size_level(graph: &Graph, d: Dim) -> Level {
    match graph.dims.polynomial(d).0.len() {
        _ if graph.dims.as_name(d).is_some() || graph.dims.as_integer(d).is_some() => Level::Atom,
        1 => Level::Word,
        _ => Level::Sum,
    }
}

/// The sign between the arguments of an operator.
pub(super) fn sign(op: &Op, style: Style) -> &'static str {
    use Style::{Ascii, Latex, Unicode};
    match (op, style) {
        (Op::Hadamard, Ascii) => " .* ",
        (Op::Hadamard, Unicode) => " ⊙ ",
        (Op::Hadamard, Latex) => " \\odot ",
        (Op::ElementDivide, Latex) => " \\oslash ",
        (Op::ElementDivide, _) => " ./ ",
        (Op::Kronecker, Latex) => " \\otimes ",
        (Op::Kronecker, _) => " ⊗ ",
        (Op::Divide, _) => " / ",
        (Op::Solve, _) => " \\ ",
        _ => " ",
    }
}

/// The brackets of a notation.
pub(super) fn brackets(style: Style) -> (&'static str, &'static str) {
    if style == Style::Latex { ("\\left(", "\\right)") } else { ("(", ")") }
}

/// A number, without its sign.
pub(super) fn number(n: &Number, style: Style) -> String {
    let text = n.abs().to_string();
    if style != Style::Latex {
        return text;
    }
    match (text.split_once('/'), text.split_once('e')) {
        (Some((p, q)), _) => format!("\\frac{{{p}}}{{{q}}}"),
        (_, Some((m, e))) => format!("{m} \\cdot 10^{{{e}}}"),
        _ => text,
    }
}

/// A whole exponent: `^-2`, `⁻²`, `^{-2}`.
pub fn exponent(n: i64, style: Style) -> String {
    match style {
        Style::Ascii => format!("^{n}"),
        Style::Latex => format!("^{{{n}}}"),
        Style::Unicode => n.to_string().chars().map(superscript).collect(),
    }
}

fn superscript(c: char) -> char {
    match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' => '⁰',
        '4'..='9' => char::from_u32('⁴' as u32 + (c as u32 - '4' as u32)).unwrap_or(c),
        _ => c,
    }
}

/// A transpose, an inverse transpose.
pub(super) fn transposed(inverse: bool, style: Style) -> &'static str {
    match (style, inverse) {
        (Style::Ascii, false) => "^T",
        (Style::Ascii, true) => "^-T",
        (Style::Unicode, false) => "ᵀ",
        (Style::Unicode, true) => "⁻ᵀ",
        (Style::Latex, false) => "^{\\mathsf{T}}",
        (Style::Latex, true) => "^{-\\mathsf{T}}",
    }
}

/// The catalogue's notation for a call in this style, where it has one that says it all: a line for one
/// argument says nothing about a dot.
pub(super) fn notation(graph: &Graph, id: Id, f: FnId, style: Style) -> Option<&str> {
    let dotted = matches!(graph.op(id), Op::Map(_)) && !graph.shape(id).is_scalar();
    let key = match style {
        Style::Unicode => "unicode",
        Style::Ascii => "ascii",
        Style::Latex => "latex",
    };
    let lines = &graph.catalog().entry(f).notation;
    let line = lines.iter().find(|(target, _)| target == key).map(|(_, t)| t.as_str());
    line.filter(|_| !dotted || style == Style::Latex)
}

/// How tightly a notation line binds, by what stands outside its brackets.
fn notation_level(line: &str) -> Level {
    let line = line.replace("\\left\\lVert", "(").replace("\\right\\rVert", ")");
    let line = line
        .replace("\\lvert", "(")
        .replace("\\rvert", ")")
        .replace("\\langle", "(")
        .replace("\\rangle", ")");
    let (mut depth, mut outside) = (0i32, String::new());
    for c in line.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    match outside.trim() {
        o if o.contains("\\times") => Level::Times,
        o if o.contains(' ') => Level::Word,
        o if o.contains(['^', '⁺', 'ᵀ']) => Level::Power,
        _ => Level::Atom,
    }
}
