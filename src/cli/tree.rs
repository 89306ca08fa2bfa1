//! The typed tree of an expression, a line a node.
//!
//! In: a node of a graph. Out: its operator, indented by its depth, with its shape.
//! Invariant: no more lines than a limit, however often parts are shared, and no line indented without end.
//!
//! ```text
//! product   n×1
//!   A       n×n
//!   x       n×1
//! ```

use matgrad::expr::{Graph, Id, Op};
use matgrad::print::{Style, text};

use super::layout::{Row, layout, shape};

/// The depth below which nodes are left out.
const DEEPEST: usize = 200;

/// The lines of the tree below `root`, `most` at most.
pub fn tree(graph: &Graph, root: Id, style: Style, most: usize) -> String {
    let mut rows = vec![];
    let mut open = vec![(root, 0)];
    while let Some((id, depth)) = open.pop() {
        let indent = "  ".repeat(depth);
        if rows.len() == most {
            rows.push(Row { head: "…".into(), ..Row::default() });
            break;
        }
        if depth == DEEPEST {
            rows.push(Row { head: format!("{indent}…"), ..Row::default() });
            continue;
        }
        let head = indent + &label(graph, id, style);
        let sides = graph.shape(id);
        let dims = [graph.dims.text(sides.rows), graph.dims.text(sides.cols)];
        rows.push(Row { head, body: String::new(), shape: shape(&dims, style) });
        open.extend(graph.args(id).iter().rev().map(|a| (*a, depth + 1)));
    }
    layout(&rows)
}

/// What a node is, in a word.
fn label(graph: &Graph, id: Id, style: Style) -> String {
    match graph.op(id) {
        _ if graph.args(id).is_empty() => text(graph, id, style),
        Op::Call(f) | Op::Map(f) | Op::Frechet(f) => graph.catalog().entry(*f).name.clone(),
        Op::Apply(f, primes) | Op::ApplyAlong(f, primes) | Op::ApplyMap(f, primes) => {
            format!("{}{}", graph.function(*f).name, "'".repeat(usize::from(*primes)))
        }
        op => {
            let words = format!("{op:?}");
            words.split('(').next().unwrap_or_default().to_lowercase()
        }
    }
}
