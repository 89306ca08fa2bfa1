//! Answers in components: `∂f/∂xₖ = Σⱼ (Aₖⱼ + Aⱼₖ) xⱼ`.
//!
//! In: the function and its derivatives, and sizes for an explicit matrix. Out: lines of text, as a lecture sets
//! them beside the matrix view. Invariant: a component is built from the node it belongs to; what has no rule of its
//! own is written as an entry of the whole, `exp(A)ᵢⱼ`, never left out.

mod build;
mod component;
mod explicit;
mod write;

use std::collections::BTreeMap;

use super::{DerivativeKind, EmitRequest};
use crate::diagnostic::Diagnostic;
use crate::expr::{Dim, Graph, Id, Shape, VarId};
use crate::print::{Style, exponent, name};

use build::{Builder, UNIT};
use component::{Component, Index};
use write::Writer;
pub use write::ascii;

/// The name of this form among the targets.
pub const TARGET: &str = "index";

/// Letters of free indices: of an entry of f, and of an entry of a variable.
const ROW: Index = Index::Letter(0);
const COL: Index = Index::Letter(1);
const OF_VARIABLE: [Index; 2] = [Index::Letter(2), Index::Letter(3)];
/// The names of those letters.
const FREE: [char; 4] = ['i', 'j', 'k', 'l'];
/// Nodes above which nobody reads components.
const MOST: usize = 300;

/// The function and its derivatives in components, and as explicit matrices where sizes are given.
///
/// # Errors
/// Where the answer is too large, a size is missing, or the derivative has no partial derivatives as its entries.
pub fn index(
    graph: &Graph,
    request: &EmitRequest,
    order: usize,
    sizes: &BTreeMap<String, u64>,
) -> Result<String, Diagnostic> {
    let roots: Vec<Id> = request.derivatives.iter().map(|d| d.2).chain([request.function]).collect();
    if graph.reachable(&roots).len() > MOST {
        let text = format!("more than {MOST} parts are too many to write in components");
        return Err(Diagnostic::usage("E0610", text).help("differentiate by fewer variables, or name parts"));
    }
    let lines = statements(graph, request, order)?;
    let mut text = String::new();
    for line in &lines {
        text.push_str(&format!("{} = {}\n", line.head, Writer::new(&line.free).write(&line.component)));
    }
    if lines.iter().any(|line| line.names_unit) {
        text.push_str(&format!("where {UNIT} is 1 in row k and column l, and 0 elsewhere\n"));
    }
    if sizes.is_empty() && all_known(graph) {
        // What is too large to be written out, or has too many indices, was not asked for.
        let few = lines.iter().filter(|line| (1..3).contains(&line.free.len()) || line.is_total());
        let tables: Result<Vec<String>, _> = few.map(|line| explicit::table(graph, line, sizes)).collect();
        if let Ok(tables) = tables {
            text.push_str(&format!("\n{}", tables.concat()));
        }
    }
    if !sizes.is_empty() {
        let said: Vec<String> = sizes.iter().map(|(n, size)| format!("{n} = {size}")).collect();
        text.push_str(&format!("\nwhere {}:\n\n", said.join(", ")));
        for line in &lines {
            text.push_str(&explicit::table(graph, line, sizes)?);
        }
    }
    Ok(text)
}

/// Whether every dimension of the request is a number, and one of them more than 1.
fn all_known(graph: &Graph) -> bool {
    let shapes: Vec<Shape> = graph.variables().iter().map(|v| v.shape).collect();
    let sides: Vec<Dim> = shapes.iter().flat_map(|s| [s.rows, s.cols]).collect();
    sides.iter().any(|d| *d != Dim::ONE)
        && sides.iter().all(|d| graph.dims.polynomial(*d).0.keys().all(|k| k.is_empty()))
}

/// A line: what stands on the left, its free indices, what stands on the right.
struct Statement {
    head: String,
    /// The same without indices, for an explicit matrix.
    whole: String,
    /// The free indices with the dimension each runs over, rows first.
    free: Vec<(Index, Dim)>,
    component: Component,
    /// Whether the matrix with one 1 occurs in it by its name.
    names_unit: bool,
}

impl Statement {
    /// Whether there is a sum to write out.
    fn is_total(&self) -> bool {
        matches!(self.component, Component::Total(..))
    }
}

fn statements(graph: &Graph, request: &EmitRequest, order: usize) -> Result<Vec<Statement>, Diagnostic> {
    let function = request.function;
    let of_f = entries(graph, function, [ROW, COL]);
    let mut lines = vec![Statement {
        head: format!("f{}", subscripts(&of_f)),
        whole: "f".into(),
        component: Builder::new(graph, None).entry(function, at(graph, function, [ROW, COL])),
        free: of_f.clone(),
        names_unit: false,
    }];
    for (v, kind, result) in &request.derivatives {
        lines.push(derivative(graph, (*v, *kind, *result), &of_f, order)?);
    }
    Ok(lines)
}

fn derivative(
    graph: &Graph,
    (v, kind, result): (VarId, DerivativeKind, Id),
    of_f: &[(Index, Dim)],
    order: usize,
) -> Result<Statement, Diagnostic> {
    let x = name(&graph.variable(v).name, Style::Unicode);
    let shape = graph.variable(v).shape;
    let of_x: Vec<(Index, Dim)> = [(OF_VARIABLE[0], shape.rows), (OF_VARIABLE[1], shape.cols)]
        .into_iter()
        .filter(|(_, d)| *d != Dim::ONE)
        .collect();
    let refused = |why: &str| Err(Diagnostic::usage("E0610", format!("no components: {why}")));
    let [k, l] = OF_VARIABLE;
    let mut builder = Builder::new(graph, None);
    let (free, component) = match kind {
        DerivativeKind::Derivative => (of_f.to_vec(), builder.entry(result, at(graph, result, [ROW, COL]))),
        DerivativeKind::Gradient => (of_x.clone(), builder.entry(result, at(graph, result, [k, l]))),
        DerivativeKind::Jacobian => {
            let free = [of_f, &of_x].concat();
            let first = |of: &[(Index, Dim)]| of.first().map_or(Index::At(1), |(i, _)| *i);
            (free.clone(), builder.entry(result, at(graph, result, [first(of_f), first(&of_x)])))
        }
        DerivativeKind::Hessian if shape.is_column() => {
            (vec![(k, shape.rows), (l, shape.rows)], builder.entry(result, at(graph, result, [k, l])))
        }
        DerivativeKind::Operator if order == 1 => {
            let sides = at_shape(shape.rows, shape.cols, [k, l]);
            builder = Builder::new(graph, Some((v, sides)));
            ([of_f, &of_x].concat(), builder.entry(result, at(graph, result, [ROW, COL])))
        }
        DerivativeKind::Operator => {
            return refused("an operator of higher order has more indices than are written here");
        }
        DerivativeKind::Kronecker | DerivativeKind::Hessian => {
            return refused("its rows and columns are of stacked columns; leave out --vec");
        }
    };
    let by_x = subscripts(&of_x);
    let (head, whole) = match kind {
        DerivativeKind::Hessian => (format!("∂²f/∂{x}ₖ∂{x}ₗ"), format!("∂²f/∂{x}²")),
        _ if order > 1 => {
            let k = exponent(order as i64, Style::Unicode);
            (format!("∂{k}f{}/∂{x}{k}", subscripts(of_f)), format!("∂{k}f/∂{x}{k}"))
        }
        _ => (format!("∂f{}/∂{x}{by_x}", subscripts(of_f)), format!("∂f/∂{x}")),
    };
    Ok(Statement { head, whole, free, component, names_unit: builder.names_unit })
}

/// The indices of an entry, with the dimensions they run over; none where there is one row or column.
fn entries(graph: &Graph, id: Id, [row, col]: [Index; 2]) -> Vec<(Index, Dim)> {
    let shape = graph.shape(id);
    [(row, shape.rows), (col, shape.cols)].into_iter().filter(|(_, d)| *d != Dim::ONE).collect()
}

/// The place of an entry: indices, or 1 where there is one row or column.
fn at(graph: &Graph, id: Id, indices: [Index; 2]) -> [Index; 2] {
    let shape = graph.shape(id);
    at_shape(shape.rows, shape.cols, indices)
}

fn at_shape(rows: Dim, cols: Dim, [row, col]: [Index; 2]) -> [Index; 2] {
    let side = |d: Dim, i: Index| if d == Dim::ONE { Index::At(1) } else { i };
    [side(rows, row), side(cols, col)]
}

fn subscripts(free: &[(Index, Dim)]) -> String {
    let letter = |i: &Index| match i {
        Index::Letter(n) => FREE.get(*n as usize).copied().unwrap_or('?'),
        Index::At(_) => '?',
    };
    free.iter().map(|(i, _)| write::subscript(&letter(i).to_string())).collect()
}

#[cfg(test)]
mod tests;
