//! The Jacobian of a vector or scalar by a vector, read off the differential.
//!
//! In: `df`, a column (or a row, read as a column) linear in the column `dx`. Out: the J with `df = J dx`.
//! Invariant: every vector below `df` gets its Jacobian once; matrices are only seen through what they
//! are multiplied by.
//!
//! `diag(dx) A x + diag(x) A dx` gives `diag(A x) + diag(x) A`.
//!
//! Where no rule applies the columns of J are listed: `sum(i, 1, n, f'(x)[e(i,n)] e(i,n)^T)`.
//! Source: Magnus and Neudecker 9.3 (first identification theorem).

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Diagnostic;
use crate::expr::{Graph, Id, Node, Op, VarId};

use super::matrix_word::Reading;
use super::word::{joined, split};
use super::{active, directional, kronecker, pull_back, sound};

/// The Jacobian of `df` by the column `v`; `None` where `df` or `v` is a matrix.
pub fn jacobian(graph: &mut Graph, df: Id, v: VarId) -> Result<Option<Id>, Diagnostic> {
    let (value, variable) = (graph.shape(df), graph.variable(v).shape);
    if value.is_matrix() || !variable.is_column() {
        return Ok(None);
    }
    let rows = if value.is_column() { value.rows } else { value.cols };
    let active = active(graph, df, v);
    if !active.contains(&df) {
        return Ok(Some(graph.add(Op::Zeros(rows, variable.rows), [])));
    }
    let mut pass = Forward { graph, v, active, found: FxHashMap::default() };
    let mut order: Vec<Id> = pass.active.iter().copied().collect();
    order.sort_unstable();
    for id in order {
        if !pass.graph.shape(id).is_matrix()
            && let Some(j) = pass.of(id)?
        {
            pass.found.insert(id, j);
        }
    }
    let found = pass.found.get(&df).copied();
    sound(graph)?;
    match found {
        Some(j) => Ok(Some(j)),
        None => by_columns(graph, df, v).map(Some),
    }
}

/// `sum(i, 1, n, df[e(i,n)] e(i,n)^T)`: right for every linear df.
fn by_columns(g: &mut Graph, df: Id, v: VarId) -> Result<Id, Diagnostic> {
    let n = g.variable(v).shape.rows;
    let df = if g.shape(df).is_column() { df } else { g.turned(df) };
    let index = g.fresh_index("i");
    let unit = g.add(Op::Unit(n), [index]);
    let column = directional(g, df, v, unit)?;
    Ok(summed_columns(g, index, unit, column))
}

/// `sum(i, 1, n, column e(i,n)^T)`.
pub(super) fn summed_columns(g: &mut Graph, index: Id, unit: Id, column: Id) -> Id {
    let row = g.turned(unit);
    let body = joined(g, &[&[column, row]]);
    let (one, last) = (g.int(1), g.size(g.shape(unit).rows));
    g.add(Op::BoundedSum, [index, one, last, body])
}

pub(super) struct Forward<'g> {
    pub(super) graph: &'g mut Graph,
    pub(super) v: VarId,
    pub(super) active: FxHashSet<Id>,
    /// The Jacobians of vectors and scalars, rows read as columns.
    pub(super) found: FxHashMap<Id, Id>,
}

impl Forward<'_> {
    /// The Jacobian of a node that is no matrix.
    fn of(&mut self, id: Id) -> Result<Option<Id>, Diagnostic> {
        let Node { op, args } = self.graph.node(id).clone();
        match op {
            Op::Differential(_) => {
                let n = self.graph.shape(id).rows;
                return Ok(Some(self.graph.identity(n)));
            }
            Op::Product => return self.product(id, &args),
            Op::Call(f) => return self.function(id, f, &args),
            Op::Sum => {
                let terms: Option<Vec<Id>> = args
                    .iter()
                    .filter(|a| self.active.contains(a))
                    .map(|a| self.found.get(a).copied())
                    .collect();
                return Ok(terms.map(|terms| self.graph.sum(terms)));
            }
            _ => {}
        }
        let mut carried = args.iter().enumerate().filter(|(_, a)| self.active.contains(a));
        let (Some((i, carrier)), None) = (carried.next(), carried.next()) else { return Ok(None) };
        let Some(&j) = self.found.get(carrier) else { return Ok(None) };
        Ok(self.operator(id, &op, &args, i, j))
    }

    /// A node with one argument that carries the differential and whose Jacobian is `j`.
    fn operator(&mut self, id: Id, op: &Op, args: &[Id], i: usize, j: Id) -> Option<Id> {
        let row = !self.graph.shape(id).is_column();
        let g = &mut *self.graph;
        match (op, args, i) {
            (Op::Negate, _, _) => Some(g.opposite(j)),
            (Op::Transpose, _, _) => Some(j),
            (Op::Divide, &[_, s], 0) => Some(g.add(Op::Divide, [j, s])),
            (Op::Hadamard, _, _) => {
                let others = args.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, a)| *a);
                let others = g.entrywise_times(others);
                Some(self.scaled_rows(others, row, j))
            }
            (Op::ElementDivide, &[a, b], 0) => {
                if g.shape(b).is_scalar() {
                    return Some(g.add(Op::Divide, [j, b]));
                }
                let one = g.int(1);
                let inverse = g.add(Op::ElementDivide, [one, b]);
                match g.shape(a).is_scalar() {
                    true => {
                        let inverse = if row { g.turned(inverse) } else { inverse };
                        Some(joined(g, &[&[inverse, j]]))
                    }
                    false => Some(self.scaled_rows(inverse, row, j)),
                }
            }
            (Op::Solve, &[a, _], 1) => Some(match g.is_identity(j) {
                true => g.power(a, -1),
                false => g.add(Op::Solve, [a, j]),
            }),
            (Op::Kronecker, &[a, b], _) if !row => {
                Some(g.add(Op::Kronecker, if i == 0 { [j, b] } else { [a, j] }))
            }
            (Op::BoundedSum, &[index, lo, hi, _], 3) => Some(g.add(Op::BoundedSum, [index, lo, hi, j])),
            _ => None,
        }
    }

    /// `diag(w) J`.
    fn scaled_rows(&mut self, w: Id, row: bool, j: Id) -> Id {
        let g = &mut *self.graph;
        if g.is_all_ones(w) {
            return j;
        }
        let w = if row { g.turned(w) } else { w };
        let diagonal = diagonal_matrix(g, w);
        joined(g, &[&[diagonal, j]])
    }

    fn product(&mut self, id: Id, args: &[Id]) -> Result<Option<Id>, Diagnostic> {
        let active = &self.active;
        let Some(word) = split(self.graph, args, |a| active.contains(&a)) else { return Ok(None) };
        let Some(target) = word.active else { return Ok(None) };
        let row = !self.graph.shape(id).is_column();
        if word.scaled.is_empty() && row {
            let (left, right) = (self.graph.turned_word(&word.right), self.graph.turned_word(&word.left));
            let left = [word.scalars, left].concat();
            return self.through(left, target, true, right);
        }
        if word.scaled.is_empty() {
            let left = [word.scalars, word.left].concat();
            return self.through(left, target, false, word.right);
        }
        let Some(j) = self.through(word.left, target, false, word.right)? else { return Ok(None) };
        let g = &mut *self.graph;
        let scaled = if row { g.turned_word(&word.scaled) } else { word.scaled };
        Ok(Some(joined(g, &[&word.scalars, &scaled, &[j]])))
    }

    /// The Jacobian of the column `left op(y) right`.
    pub(super) fn through(
        &mut self,
        left: Vec<Id>,
        y: Id,
        flipped: bool,
        right: Vec<Id>,
    ) -> Result<Option<Id>, Diagnostic> {
        if self.graph.shape(y).is_matrix() {
            return self.expand(left, y, flipped, right, Reading::Column);
        }
        let Some(&j) = self.found.get(&y) else { return Ok(None) };
        Ok(Some(self.vector_term(&left, y, flipped, &right, j)))
    }

    /// The same where `y` is a vector or scalar with the Jacobian `j`.
    pub(super) fn vector_term(&mut self, left: &[Id], y: Id, flipped: bool, right: &[Id], j: Id) -> Id {
        let g = &mut *self.graph;
        let shape = if flipped { g.shape(y).transposed() } else { g.shape(y) };
        if shape.is_scalar() {
            return joined(g, &[left, right, &[j]]);
        }
        if shape.is_column() {
            // What follows a column is a row times a column, a scalar, where the whole is a column.
            let factor = g.times(right.iter().copied());
            return joined(g, &[&[factor], left, &[j]]);
        }
        let right = g.turned_word(right);
        joined(g, &[left, &right, &[j]])
    }

    fn function(&mut self, id: Id, f: crate::expr::FnId, args: &[Id]) -> Result<Option<Id>, Diagnostic> {
        let mut carried = args.iter().enumerate().filter(|(_, a)| self.active.contains(a));
        let (Some((i, &y)), None) = (carried.next(), carried.next()) else { return Ok(None) };
        let shape = self.graph.shape(id);
        let catalog = self.graph.catalog_arc();
        if !catalog.entry(f).adjoints.iter().any(|(k, _)| *k == i) {
            return Ok(None);
        }
        if shape.is_scalar() {
            let one = self.graph.int(1);
            let gradient = pull_back(self.graph, id, self.v, one)?;
            return Ok(gradient.map(|g| self.graph.turned(g)));
        }
        let name = catalog.entry(f).name.as_str();
        let argument = self.graph.shape(y);
        if argument.is_matrix() {
            return match name {
                "diag" => self.expand(vec![], y, false, vec![], Reading::Diagonal),
                "vec" => kronecker(self.graph, y, self.v),
                _ => Ok(None),
            };
        }
        let Some(&j) = self.found.get(&y) else { return Ok(None) };
        if name == "vec" {
            return Ok(Some(j));
        }
        if !argument.is_column() || !shape.is_column() {
            return Ok(None);
        }
        Ok(Some(listed_columns(self.graph, f, args, i, j)))
    }
}

/// The matrix of a linear function of a column, by its columns, times `j`.
fn listed_columns(g: &mut Graph, f: crate::expr::FnId, args: &[Id], i: usize, j: Id) -> Id {
    let index = g.fresh_index("i");
    let unit = g.add(Op::Unit(g.shape(args[i]).rows), [index]);
    let replaced: Vec<Id> = args.iter().enumerate().map(|(k, a)| if k == i { unit } else { *a }).collect();
    let column = g.call(f, replaced);
    let matrix = summed_columns(g, index, unit, column);
    joined(g, &[&[matrix, j]])
}

/// `diag(w)` of a column.
pub(super) fn diagonal_matrix(g: &mut Graph, w: Id) -> Id {
    match g.op(w) {
        Op::Ones(n, _) => {
            let n = *n;
            g.identity(n)
        }
        _ if g.shape(w).is_scalar() => w,
        _ => g.call_fitting("diag", &[w]),
    }
}
