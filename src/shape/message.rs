//! What is said where shapes disagree: the place, both shapes in words, and a way to mend it.
//!
//! In: a node whose parts do not fit. Out: a [`Diagnostic`]. Invariant: a proposal is only made where it fits.
//! Example: for `x A`: "x has n entries, A is m×n", help "write `x^T A`".

use crate::diagnostic::{Diagnostic, Span};
use crate::expr::{FnId, Kind};
use crate::syntax::{Ast, AstId, AstKind, DimExpr};

use super::check::{Checker, Reading};
pub(super) use super::misuse::*;
use super::naming::name_dimensions;
use super::solver::{Sides, Term};

/// The text of a node, where it is short enough to quote.
pub(super) fn text(ast: &Ast, id: AstId) -> &str {
    let span = ast.node(id).span;
    ast.source.text.get(span.start..span.end).map_or("", str::trim)
}

fn quote(ast: &Ast, id: AstId, otherwise: &str) -> String {
    let text = text(ast, id);
    if text.is_empty() || text.chars().count() > 40 { otherwise.to_owned() } else { format!("`{text}`") }
}

/// The text of a node as an operand of something that binds tighter.
fn operand(ast: &Ast, id: AstId) -> String {
    let text = text(ast, id);
    match ast.node(id).kind {
        _ if text.chars().count() > 40 => "(…)".into(),
        AstKind::Name(_) | AstKind::Number(_) | AstKind::Transpose(_) | AstKind::Call { .. } => text.into(),
        _ if text.starts_with('(') && text.ends_with(')') => text.into(),
        _ => format!("({text})"),
    }
}

pub(super) fn error(
    ast: &Ast,
    code: &'static str,
    id: AstId,
    message: String,
    label: impl Into<String>,
) -> Diagnostic {
    Diagnostic::request(code, message).at(&ast.source, ast.node(id).span, label)
}

/// A shape in words: "a scalar", "a vector with n entries", "m×n".
fn words(rows: &str, cols: &str) -> String {
    match (rows, cols) {
        ("1", "1") => "is a scalar".into(),
        (rows, "1") => format!("has {rows} entries"),
        ("1", cols) => format!("is a row of {cols} entries"),
        _ => format!("is {rows}×{cols}"),
    }
}

impl Checker<'_> {
    fn side_text(&mut self, term: Term) -> String {
        match self.solver.known(term, self.dims) {
            Some(dim) => self.dims.text(dim),
            None => "?".into(),
        }
    }

    /// A shape in words. Names what is still unknown: after this nothing more is inferred.
    fn words(&mut self, sides: Sides) -> String {
        name_dimensions(self);
        let (rows, cols) = (self.side_text(sides.rows), self.side_text(sides.cols));
        words(&rows, &cols)
    }

    fn both(&mut self, r: &Reading, a: (AstId, Sides), b: (AstId, Sides)) -> String {
        let (left, right) = (self.words(a.1), self.words(b.1));
        format!(
            "{} {left}, {} {right}",
            quote(r.ast, a.0, "the left side"),
            quote(r.ast, b.0, "the right side")
        )
    }
}

/// A product whose inner dimensions differ. `span` names the first and last factor so far.
pub(super) fn product(
    c: &mut Checker,
    r: &Reading,
    left: Sides,
    span: (AstId, AstId),
    factor: AstId,
) -> Diagnostic {
    let (ast, right) = (r.ast, r.sides(factor));
    // The neighbour is what one mends, unless the product so far is what has the shape.
    let single = span.0 == span.1;
    let proposal = propose(c, ast, left, span.0, right, factor).filter(|_| single);
    let place = ast.node(span.0).span.to(ast.node(factor).span);
    let so_far =
        Span::new(ast.node(span.0).span.start, ast.node(span.1).span.end.max(ast.node(span.0).span.end));
    let left_text = ast.source.text.get(so_far.start..so_far.end).unwrap_or("the left side").trim();
    let (l, w) = (c.words(left), c.words(right));
    let name = if left_text.chars().count() > 40 { "the left side".into() } else { format!("`{left_text}`") };
    let both = format!("{name} {l}, {} {w}", quote(ast, factor, "the right side"));
    let (cols, rows) = (c.side_text(left.cols), c.side_text(right.rows));
    let counted =
        |count: &str, thing: &str| format!("{count} {thing}{}", if count == "1" { "" } else { "s" });
    let d = Diagnostic::request("E0101", format!("the shapes do not fit a product: {both}")).at(
        &ast.source,
        place,
        format!("{} against {}", counted(&cols, "column"), counted(&rows, "row")),
    );
    match proposal {
        Some(help) => d.help(help),
        None => d.help("a product asks for as many columns on the left as rows on the right"),
    }
}

fn propose(c: &mut Checker, ast: &Ast, left: Sides, a: AstId, right: Sides, b: AstId) -> Option<String> {
    let (x, y) = (operand(ast, a), operand(ast, b));
    let columns = c.solver.is_one(left.cols) && c.solver.is_one(right.cols);
    let same = c.solver.may_agree(left.rows, right.rows) && c.solver.may_agree(left.cols, right.cols);
    if columns && same {
        return Some(format!(
            "write `{x}^T {y}` for the inner product, `{x} {y}^T` for the outer, `{x} .* {y}` entry by entry"
        ));
    }
    if columns {
        return Some(format!(
            "write `{x} {y}^T` for the outer product; an inner product asks for equal lengths"
        ));
    }
    if c.solver.may_agree(left.rows, right.rows) {
        return Some(format!("write `{x}^T {y}`"));
    }
    if c.solver.may_agree(left.cols, right.cols) {
        return Some(format!("write `{x} {y}^T`"));
    }
    // A row times a column is meant as an inner product; turned round it would be something else.
    let inner = c.solver.is_one(left.rows) && c.solver.is_one(right.cols);
    (!inner && c.solver.may_agree(right.cols, left.rows)).then(|| format!("write `{y} {x}`"))
}

/// Summands of different shapes.
pub(super) fn sum(c: &mut Checker, r: &Reading, a: AstId, b: AstId) -> Diagnostic {
    let (ast, left, right) = (r.ast, r.sides(a), r.sides(b));
    let scalars = (c.solver.is_scalar(left), c.solver.is_scalar(right));
    let (scalar, other, shape) = if scalars.1 { (b, a, left) } else { (a, b, right) };
    let square = c.solver.same(shape.rows, shape.cols);
    let flipped = right.transposed();
    let transposable =
        c.solver.may_agree(left.rows, flipped.rows) && c.solver.may_agree(left.cols, flipped.cols);
    let both = c.both(r, (a, left), (b, right));
    let d = error(
        ast,
        "E0102",
        b,
        format!("a sum of different shapes: {both}"),
        "does not fit the summand before",
    );
    if scalars.0 != scalars.1 {
        let (s, m) = (operand(ast, scalar), operand(ast, other));
        let entries = format!("write `{m} .+ {s}` to add it to every entry");
        return d.help(if square {
            format!("{entries}, `{m} + {s} I` to add it to the diagonal")
        } else {
            entries
        });
    }
    if transposable {
        return d.help(format!("write `{}^T`", operand(ast, b)));
    }
    d.help("summands need the same number of rows and of columns")
}

/// Parts of an elementwise operation of different shapes.
pub(super) fn elementwise(c: &mut Checker, r: &Reading, a: AstId, b: AstId) -> Diagnostic {
    let both = c.both(r, (a, r.sides(a)), (b, r.sides(b)));
    error(r.ast, "E0103", b, format!("entry by entry asks for equal shapes: {both}"), "of another shape")
        .help("both sides need the same number of rows and of columns")
}

/// Division by what is no scalar.
pub(super) fn division(c: &mut Checker, r: &Reading, a: AstId, b: AstId) -> Diagnostic {
    let (ast, divisor, dividend) = (r.ast, r.sides(b), r.sides(a));
    let (x, y) = (operand(ast, a), operand(ast, b));
    let matrix = !c.solver.is_one(divisor.rows) && !c.solver.is_one(divisor.cols);
    let square = matrix && c.solver.may_agree(divisor.rows, divisor.cols);
    let entrywise = c.solver.is_scalar(dividend)
        || (c.solver.may_agree(dividend.rows, divisor.rows)
            && c.solver.may_agree(dividend.cols, divisor.cols));
    let mut ways = Vec::new();
    if square && c.solver.is_scalar(dividend) {
        ways.push(if x == "1" { format!("`inv({y})`") } else { format!("`{x} inv({y})`") });
    } else if square {
        ways.push(format!("`{x} inv({y})` or `{y} \\ {x}`"));
    }
    if entrywise {
        ways.push(format!("`{x} ./ {y}` entry by entry"));
    }
    let shape = c.words(divisor);
    let kind = if matrix { "matrix" } else { "vector" };
    let d = error(
        ast,
        "E0104",
        b,
        format!("division by a {kind}: {} {shape}; `/` divides by a scalar", quote(ast, b, "the divisor")),
        "no scalar",
    );
    if ways.is_empty() { d } else { d.help(format!("write {}", ways.join(", "))) }
}

/// Something that must be square and is not.
pub(super) fn square(c: &mut Checker, r: &Reading, a: AstId, what: &str) -> Diagnostic {
    let shape = c.words(r.sides(a));
    let name = quote(r.ast, a, "this");
    error(r.ast, "E0105", a, format!("{what} needs a square matrix: {name} {shape}"), "not square")
}

/// An exponent that is no scalar, or none a matrix can have.
pub(super) fn exponent(c: &mut Checker, r: &Reading, e: AstId) -> Diagnostic {
    let shape = c.words(r.sides(e));
    let kind = if shape.contains('×') { "a matrix" } else { "a vector" };
    let name = quote(r.ast, e, "this");
    error(r.ast, "E0106", e, format!("the exponent is {kind}: {name} {shape}"), "an exponent is a scalar")
        .help("an exponent is a number, a scalar, or (of a square matrix) a whole number or fraction")
}

/// A scalar function, undotted, of what is no scalar.
pub(super) fn dot(c: &mut Checker, r: &Reading, a: AstId, function: &str) -> Diagnostic {
    let shape = c.words(r.sides(a));
    let arg = text(r.ast, a);
    let arg = if arg.chars().count() > 40 { "…" } else { arg };
    let name = quote(r.ast, a, "the argument");
    let message = format!("`{function}` is a function of a scalar: {name} {shape}");
    error(r.ast, "E0107", a, message, "no scalar")
        .help(format!("write `{function}.({arg})` for `{function}` of every entry"))
}

/// Arguments that no function of this name takes.
pub(super) fn arguments(c: &mut Checker, r: &Reading, id: AstId, args: &[AstId], f: FnId) -> Diagnostic {
    let entry = c.catalog.entry(f);
    let single = entry.parameters.len() == 1;
    let overloads = c.catalog.overloads(&entry.name);
    let takes_square = |f: &FnId| {
        let parameters = &c.catalog.entry(*f).parameters;
        matches!(parameters.as_slice(), [p] if p.ty.kind == Kind::Matrix && p.ty.rows == p.ty.cols)
    };
    if let [a] = args
        && (takes_square(&f) || overloads.iter().any(takes_square))
    {
        return square(c, r, *a, &format!("`{}`", entry.name));
    }
    let wanted: Vec<String> =
        entry.parameters.iter().map(|p| type_words(p.ty.kind, &p.ty.rows, &p.ty.cols)).collect();
    let given: Vec<String> = args
        .iter()
        .map(|a| {
            let shape = c.words(r.sides(*a));
            format!("{} {shape}", quote(r.ast, *a, "an argument"))
        })
        .collect();
    let place = if single { args.first().copied().unwrap_or(id) } else { id };
    error(
        r.ast,
        "E0108",
        place,
        format!("`{}` takes {}: {}", entry.name, wanted.join(" and "), given.join(", ")),
        "does not fit",
    )
}

fn type_words(kind: Kind, rows: &DimExpr, cols: &DimExpr) -> String {
    let name = |d: &DimExpr| match d {
        DimExpr::Name(n) => n.clone(),
        DimExpr::Integer(n) => n.to_string(),
        _ => "…".into(),
    };
    match kind {
        Kind::Scalar => "a scalar".into(),
        Kind::Vector => format!("a vector({})", name(rows)),
        Kind::Matrix => format!("a matrix({}, {})", name(rows), name(cols)),
    }
}

/// An argument of an abstract function.
pub(super) fn abstract_argument(
    c: &mut Checker,
    r: &Reading,
    id: AstId,
    a: AstId,
    wanted: Sides,
) -> Diagnostic {
    let (given, wanted) = (c.words(r.sides(a)), c.words(wanted));
    let function = match &r.ast.node(id).kind {
        AstKind::Call { function, .. } => function.as_str(),
        _ => "",
    };
    let name = quote(r.ast, a, "the argument");
    let message = format!("{name} {given}; what `{function}` is declared to take {wanted}");
    error(r.ast, "E0119", a, message, "does not fit")
}

/// Dimensions that the request leaves open.
pub(super) fn open_sizes(c: &mut Checker, ast: &Ast, id: AstId, left: Term, right: Term) -> Diagnostic {
    name_dimensions(c);
    let (l, r) = (c.side_text(left), c.side_text(right));
    let message =
        format!("the shapes here do not agree, or do not follow from what is known: {l} against {r}");
    error(ast, "E0121", id, message, "here").help("declare the shapes, as in `A: matrix(m, n)`")
}
