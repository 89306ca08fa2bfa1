//! Rules of scalar functions, entry by entry.
//!
//! In: the Ast of a scalar rule and arguments of one shape. Out: the node that does to each entry what the rule
//! does to a scalar. Invariant: every value is a scalar or of the shape of the arguments.
//! Example: `1 - tanh(x)^2` becomes `ones(n) - tanh.(x).^2`.

use crate::diagnostic::Diagnostic;
use crate::expr::{Graph, Id, Op, Shape};
use crate::syntax::{Ast, AstId, AstKind, Binary, Sign};

use super::build::{entry_product, spread};
use super::message;

/// Builds a scalar rule for arguments of a shape.
pub(super) fn entrywise(
    graph: &mut Graph,
    ast: &Ast,
    names: &[(&str, Id)],
    shape: Shape,
) -> Result<Id, Diagnostic> {
    let mut ids: Vec<Id> = Vec::with_capacity(ast.nodes.len());
    for i in 0..ast.nodes.len() {
        let id = node(graph, ast, AstId(i as u32), names, &ids)?;
        ids.push(id);
    }
    let root = ids.last().copied().ok_or_else(|| Diagnostic::internal("an empty rule"))?;
    Ok(spread(graph, root, shape))
}

fn node(graph: &mut Graph, ast: &Ast, id: AstId, names: &[(&str, Id)], ids: &[Id]) -> Result<Id, Diagnostic> {
    let of = |a: &AstId| ids[a.0 as usize];
    Ok(match &ast.node(id).kind {
        AstKind::Number(n) => graph.num(n.clone()),
        AstKind::Name(name) => {
            let bound = names.iter().rev().find(|(n, _)| n == name).map(|(_, id)| *id);
            bound.ok_or_else(|| message::unknown_name(ast, id, name))?
        }
        AstKind::Sum(parts) | AstKind::DotSum(parts) => {
            let shape = parts.iter().map(|(_, p)| graph.shape(of(p))).find(|s| !s.is_scalar());
            let mut summands = Vec::with_capacity(parts.len());
            for (sign, part) in parts {
                let part = spread(graph, of(part), shape.unwrap_or(Shape::SCALAR));
                summands.push(if *sign == Sign::Minus { graph.negate(part) } else { part });
            }
            graph.sum(summands)
        }
        AstKind::Negate(a) => match graph.number(of(a)) {
            Some(n) => graph.num(-n),
            None => graph.negate(of(a)),
        },
        AstKind::Product(parts) => {
            let parts: Vec<Id> = parts.iter().map(of).collect();
            entry_product(graph, &parts)
        }
        AstKind::Transpose(a) => of(a),
        AstKind::Binary(op, a, b) => binary(graph, *op, of(a), of(b)),
        AstKind::Call { function, args, .. } => {
            let args: Vec<Id> = args.iter().map(of).collect();
            let catalog = graph.catalog_arc();
            let scalar = catalog.overloads(function).iter().find(|f| catalog.is_scalar_function(**f));
            match (scalar, args.as_slice()) {
                (Some(f), [a]) => graph.add(Op::Map(*f), [*a]),
                (None, [a]) if function == "inv" => reciprocal(graph, *a),
                _ => {
                    let text = format!("`{function}` in the rule of a scalar function is no scalar function");
                    return Err(Diagnostic::internal(text).at(&ast.source, ast.node(id).span, "here"));
                }
            }
        }
    })
}

fn reciprocal(graph: &mut Graph, a: Id) -> Id {
    let exponent = graph.int(-1);
    let op = if graph.shape(a).is_scalar() { Op::Power } else { Op::ElementPower };
    graph.add(op, [a, exponent])
}

fn binary(graph: &mut Graph, op: Binary, a: Id, b: Id) -> Id {
    let scalars = (graph.shape(a).is_scalar(), graph.shape(b).is_scalar());
    let (a, b) = if op == Binary::Solve { (b, a) } else { (a, b) };
    match op {
        Binary::Divide | Binary::ElementDivide | Binary::Solve => {
            if let (Some(p), Some(q)) = (graph.number(a), graph.number(b).and_then(|q| q.recip())) {
                return graph.num(p * q);
            }
            let op = if graph.shape(b).is_scalar() { Op::Divide } else { Op::ElementDivide };
            graph.add(op, [a, b])
        }
        Binary::ElementTimes | Binary::Kronecker => entry_product(graph, &[a, b]),
        Binary::Power | Binary::ElementPower => {
            graph.add(if scalars.0 { Op::Power } else { Op::ElementPower }, [a, b])
        }
    }
}
