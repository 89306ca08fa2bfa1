//! Rule expressions as nodes.
//!
//! In: the Ast of a rule, and nodes for its names. Out: a node. Invariant: shapes are checked against the nodes
//! that are bound, so a rule that does not fit is an error, never a wrong node.
//! Example: `tr(inv(X) dX)` with X: 3×3 bound to A and dX to dA gives the node of `tr(inv(A) dA)`.

use crate::catalog::Template;
use crate::diagnostic::Diagnostic;
use crate::expr::{FnId, Graph, Id, Shape};
use crate::syntax::{Ast, AstKind};

use super::build::Builder;
use super::check::Checker;
use super::message;
use super::scope::{Scope, Symbols};
use super::solver::{Sides, Solver, Term};

/// Builds the nodes of an Ast in which every name is bound by `scope`.
pub fn elaborate(graph: &mut Graph, ast: &Ast, scope: &Scope) -> Result<Id, Diagnostic> {
    with_shape(graph, ast, scope, None)
}

/// The same for a value whose shape is known, which may give an `I` its size.
pub fn elaborate_as(graph: &mut Graph, ast: &Ast, scope: &Scope, shape: Shape) -> Result<Id, Diagnostic> {
    with_shape(graph, ast, scope, Some(shape))
}

fn with_shape(graph: &mut Graph, ast: &Ast, scope: &Scope, shape: Option<Shape>) -> Result<Id, Diagnostic> {
    // Much of what rules say is a parameter alone.
    if let [node] = ast.nodes.as_slice()
        && let AstKind::Name(name) = &node.kind
        && let Some((_, id)) = scope.names.iter().rev().find(|(n, _)| n == name)
    {
        return Ok(*id);
    }
    let symbols = Symbols::of_scope(graph, scope);
    let catalog = graph.catalog_arc();
    let (checked, symbols, mut solver) = {
        let mut checker = Checker::new(&catalog, &mut graph.dims, symbols);
        let checked = checker.check(ast)?;
        let root = ast.root();
        let sides = checked.sides.last().copied().unwrap_or(Sides::SCALAR);
        if let Some(s) = shape {
            let wanted = Sides::new(Term::Known(s.rows), Term::Known(s.cols));
            if !checker.solver.unify_sides(wanted, sides, (0, root)) {
                return Err(message::open_sizes(&mut checker, ast, root, wanted.rows, sides.rows));
            }
        }
        if let Err(((_, id), left, right)) = checker.finish() {
            return Err(message::open_sizes(&mut checker, ast, id, left, right));
        }
        let solver: Solver = checker.solver;
        (checked, checker.symbols, solver)
    };
    Ok(Builder::new(graph, ast, &checked, &symbols, &mut solver).build()?.root)
}

/// Builds a template of a function's entry: its parameters are bound to `args`, the dimensions of its signature
/// to those of the arguments, and the names of `extra` (`dX`, `G`) to theirs.
pub fn instantiate(
    graph: &mut Graph,
    f: FnId,
    template: &Template,
    args: &[Id],
    extra: &[(String, Id)],
) -> Result<Id, Diagnostic> {
    let catalog = graph.catalog_arc();
    let ast = template.ast(&catalog)?;
    let entry = catalog.entry(f);
    let shapes: Vec<Shape> = args.iter().map(|a| graph.shape(*a)).collect();
    let misfit =
        || Diagnostic::internal(format!("the arguments of `{}` do not fit its signature", entry.name));
    let sizes = catalog.bind_dims(f, &shapes, &mut graph.dims).ok_or_else(misfit)?;
    let parameters = entry.parameters.iter().map(|p| p.name.clone()).zip(args.iter().copied());
    let names = parameters.chain(extra.iter().cloned()).collect();
    elaborate(graph, ast, &Scope { names, sizes, functions: Vec::new() })
}

/// Builds a template of a scalar function for arguments of one shape, entry by entry: `cos(x) dx` becomes
/// `cos.(x) .* dx`, and a number in a sum is spread over the entries.
pub fn instantiate_entrywise(
    graph: &mut Graph,
    f: FnId,
    template: &Template,
    args: &[Id],
    extra: &[(String, Id)],
) -> Result<Id, Diagnostic> {
    let Some(shape) = args.first().map(|a| graph.shape(*a)).filter(|s| !s.is_scalar()) else {
        return instantiate(graph, f, template, args, extra);
    };
    let catalog = graph.catalog_arc();
    let ast = template.ast(&catalog)?;
    let parameters = catalog.entry(f).parameters.iter().map(|p| p.name.as_str()).zip(args.iter().copied());
    let names: Vec<(&str, Id)> = parameters.chain(extra.iter().map(|(n, id)| (n.as_str(), *id))).collect();
    super::lift::entrywise(graph, ast, &names, shape)
}

/// Builds an Ast of scalars entry by entry, for names bound to nodes of one shape.
pub fn elaborate_entrywise(
    graph: &mut Graph,
    ast: &Ast,
    scope: &Scope,
    shape: Shape,
) -> Result<Id, Diagnostic> {
    let names: Vec<(&str, Id)> = scope.names.iter().map(|(n, id)| (n.as_str(), *id)).collect();
    super::lift::entrywise(graph, ast, &names, shape)
}
