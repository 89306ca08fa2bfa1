//! What is said of names, calls, numbers and sizes that are used for what they are not.
//!
//! In: a node. Out: a [`Diagnostic`] at its place. Invariant: a mend is named where one is known.
//! Example: `norm(B, 3)` lists the forms of `norm` there are.

use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::expr::DimTable;
use crate::syntax::{Ast, AstId, nearest};

use super::call::CallParts;
use super::message::{error, text};
use super::roles::is_function;

/// A symbolic exponent of a matrix that is not declared to be whole.
pub(super) fn symbolic_exponent(ast: &Ast, e: AstId) -> Diagnostic {
    let name = text(ast, e);
    let message = "the exponent of a matrix is a number or a symbol that is an integer".to_owned();
    error(ast, "E0106", e, message, "not known to be an integer")
        .help(format!("declare it: `{name}: integer`, or write a number"))
}

/// An exponent beyond the limit.
pub(super) fn huge_exponent(ast: &Ast, e: AstId, limit: i64) -> Diagnostic {
    Diagnostic::limit(
        "E0132",
        format!("an exponent beyond the limit of {limit}"),
        format!("exponents go up to {limit} in size; declare a symbol, `k: integer`, for a larger one"),
    )
    .at(&ast.source, ast.node(e).span, "this exponent")
}

/// A wrong number of arguments.
pub(super) fn arity(ast: &Ast, id: AstId, function: &str, counts: &[usize]) -> Diagnostic {
    let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
    let plural = if counts == ["1"] { "argument" } else { "arguments" };
    let message = format!("`{function}` takes {} {plural}", counts.join(" or "));
    error(ast, "E0109", id, message, "another number of arguments")
}

/// Literal arguments that select no function.
pub(super) fn no_such_form(ast: &Ast, id: AstId, function: &str, forms: &[String]) -> Diagnostic {
    let forms: Vec<String> = forms.iter().map(|f| format!("`{function}(…, {f})`")).collect();
    error(ast, "E0109", id, format!("`{function}` takes no such arguments"), "this form")
        .help(format!("there are `{function}(…)`, {}", forms.join(", ")))
}

/// A function nobody knows.
pub(super) fn unknown_function(ast: &Ast, id: AstId, function: &str, catalog: &Catalog) -> Diagnostic {
    let d = error(ast, "E0110", id, format!("there is no function `{function}`"), "not known");
    match nearest(function, &|name| is_function(catalog, name)) {
        Some(name) => d.help(format!("did you mean `{name}`?")),
        None => d.help(format!("declare it: `{function}: vector(n) -> scalar`")),
    }
}

/// A name nobody knows, where all are known: in a rule.
pub(super) fn unknown_name(ast: &Ast, id: AstId, name: &str) -> Diagnostic {
    error(ast, "E0111", id, format!("there is no `{name}` here"), "not known")
}

/// A function's name without arguments.
pub(super) fn bare_function(ast: &Ast, id: AstId, name: &str) -> Diagnostic {
    error(ast, "E0112", id, format!("`{name}` is a function and needs its argument"), "no argument")
        .help(format!("write `{name}(…)`"))
}

/// A derivative of a function of the catalogue.
pub(super) fn primed(ast: &Ast, id: AstId, function: &str) -> Diagnostic {
    error(ast, "E0113", id, format!("`{function}'` is no function"), "primed")
        .help("only functions that are declared, `g: vector(p) -> vector(m)`, have a derivative written with a prime")
}

/// A dot on what is no scalar function.
pub(super) fn not_entrywise(ast: &Ast, id: AstId, function: &str) -> Diagnostic {
    let message = format!("`{function}` cannot be applied entry by entry: it is no function of a scalar");
    error(ast, "E0114", id, message, "dotted").help(format!("write `{function}(…)`"))
}

/// The first argument of `frechet`.
pub(super) fn matrix_function(ast: &Ast, id: AstId) -> Diagnostic {
    let message = "`frechet` takes the name of a matrix function, such as exp".to_owned();
    error(ast, "E0115", id, message, "no matrix function")
}

/// A malformed bounded sum.
pub(super) fn bounds(ast: &Ast, id: AstId, message: &str) -> Diagnostic {
    error(ast, "E0116", id, message.to_owned(), "in this sum")
        .help("write `sum(r, 0, k-1, …)` with `k: integer`")
}

/// A malformed dimension.
pub(super) fn size(ast: &Ast, id: AstId, message: &str) -> Diagnostic {
    error(ast, "E0117", id, message.to_owned(), "no dimension")
}

/// A number beyond the doubles.
pub(super) fn huge_number(ast: &Ast, id: AstId) -> Diagnostic {
    error(ast, "E0118", id, "this number is too large for a double".into(), "too large")
}

/// A derivative that needs its directions.
pub(super) fn directions(ast: &Ast, id: AstId, call: CallParts) -> Diagnostic {
    let name = call.function;
    let primes = "'".repeat(usize::from(call.primes));
    let arg = call.args.first().map_or("", |a| text(ast, *a));
    let brackets = "[…]".repeat(usize::from(call.primes));
    let message = format!("`{name}{primes}` is a linear operator with a direction for each prime");
    error(ast, "E0120", id, message, "another number of directions")
        .help(format!("write `{name}{primes}({arg}){brackets}`"))
}

/// A text without an expression.
pub(super) fn nothing(ast: &Ast, id: AstId) -> Diagnostic {
    error(ast, "E0001", id, "there is no expression".into(), "here")
}

/// An identity whose size nothing determines.
pub(super) fn open_identity(ast: &Ast, id: AstId, dims: &DimTable) -> Diagnostic {
    let example = dims.names().next().unwrap_or("n").to_owned();
    error(ast, "E0122", id, "nothing determines the size of `I`".into(), "of which size?")
        .help(format!("write `I({example})`"))
}
