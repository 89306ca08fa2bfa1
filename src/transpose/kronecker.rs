//! The Kronecker form: the matrix of the differential on stacked columns.
//!
//! In: `df` of any shape, linear in `dX`. Out: the M with `vec(df) = M vec(dX)`.
//! Invariant: every node has one such matrix, of rows(df) cols(df) × rows(X) cols(X).
//!
//! `P dX Q` gives `Q^T ⊗ P`; `dX^T` gives the commutation matrix.
//!
//! A linear function without a rule of its own is listed column by column, at unit matrices.
//! Source: Magnus and Neudecker, ch. 2, 3 and 9.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Diagnostic;
use crate::expr::{Dim, Graph, Id, Node, Op, Shape, VarId};

use super::jacobian::{diagonal_matrix, summed_columns};
use super::word::{Word, joined, split};
use super::{active, pull_back, sound};

/// The M with `vec(df) = M vec(dv)`; `None` where a part of `df` is not linear.
pub fn kronecker(graph: &mut Graph, df: Id, v: VarId) -> Result<Option<Id>, Diagnostic> {
    let (value, variable) = (graph.shape(df), graph.variable(v).shape);
    let active = active(graph, df, v);
    if !active.contains(&df) {
        let rows = entries(graph, value)?;
        let cols = entries(graph, variable)?;
        return Ok(Some(graph.add(Op::Zeros(rows, cols), [])));
    }
    let mut pass = Stacked { graph, v, active, found: FxHashMap::default() };
    let mut order: Vec<Id> = pass.active.iter().copied().collect();
    order.sort_unstable();
    for id in order {
        if let Some(m) = pass.of(id)? {
            pass.found.insert(id, m);
        }
    }
    let found = pass.found.get(&df).copied();
    sound(graph)?;
    Ok(found)
}

/// How many entries a shape has.
fn entries(g: &mut Graph, shape: Shape) -> Result<Dim, Diagnostic> {
    g.dims
        .times(shape.rows, shape.cols)
        .ok_or_else(|| Diagnostic::limit("E0306", "a dimension overflows", "smaller dimensions"))
}

struct Stacked<'g> {
    graph: &'g mut Graph,
    v: VarId,
    active: FxHashSet<Id>,
    found: FxHashMap<Id, Id>,
}

impl Stacked<'_> {
    fn of(&mut self, id: Id) -> Result<Option<Id>, Diagnostic> {
        let Node { op, args } = self.graph.node(id).clone();
        let shape = self.graph.shape(id);
        match op {
            Op::Differential(_) => {
                let n = entries(self.graph, shape)?;
                return Ok(Some(self.graph.identity(n)));
            }
            Op::Sum => {
                let terms: Option<Vec<Id>> = args
                    .iter()
                    .filter(|a| self.active.contains(a))
                    .map(|a| self.found.get(a).copied())
                    .collect();
                return Ok(terms.map(|t| self.graph.sum(t)));
            }
            Op::Product => {
                let active = &self.active;
                let word = split(self.graph, &args, |a| active.contains(&a));
                return Ok(word.and_then(|w| self.product(w)));
            }
            _ => {}
        }
        let mut carried = args.iter().enumerate().filter(|(_, a)| self.active.contains(a));
        let (Some((i, carrier)), None) = (carried.next(), carried.next()) else { return Ok(None) };
        if shape.is_scalar()
            && matches!(op, Op::Call(_))
            && let Some(row) = self.scalar_function(id)?
        {
            return Ok(Some(row));
        }
        let Some(&m) = self.found.get(carrier) else { return Ok(None) };
        self.operator(&op, &args, i, m)
    }

    /// `vec(P Y Q) = (Q^T ⊗ P) vec(Y)`; of a scalar stretch that scales M, `vec(M)` times its row.
    fn product(&mut self, word: Word) -> Option<Id> {
        let target = word.active?;
        let &m = self.found.get(&target)?;
        let g = &mut *self.graph;
        let shape = g.shape(target);
        let mut factors = word.scalars;
        if !word.scaled.is_empty() {
            let scaled = g.times(word.scaled.iter().copied());
            factors.push(stacked(g, scaled));
        }
        if !(word.left.is_empty() && word.right.is_empty()) {
            let left = if word.left.is_empty() { g.identity(shape.rows) } else { g.times(word.left) };
            let right = match word.right.is_empty() {
                true => g.identity(shape.cols),
                false => {
                    let turned = g.turned_word(&word.right);
                    g.times(turned)
                }
            };
            factors.push(paired(g, right, left));
        }
        Some(joined(g, &[&factors, &[m]]))
    }

    fn operator(&mut self, op: &Op, args: &[Id], i: usize, m: Id) -> Result<Option<Id>, Diagnostic> {
        let g = &mut *self.graph;
        let shape = g.shape(args[i]);
        Ok(match (op, args, i) {
            (Op::Negate, _, _) => Some(g.opposite(m)),
            (Op::Divide, &[_, s], 0) => Some(g.add(Op::Divide, [m, s])),
            (Op::Transpose, _, _) if !shape.is_matrix() => Some(m),
            (Op::Transpose, _, _) => {
                let k = g.add(Op::Commutation(shape.rows, shape.cols), []);
                Some(joined(g, &[&[k, m]]))
            }
            (Op::Hadamard, _, _) => {
                let others: Vec<Id> =
                    args.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, a)| *a).collect();
                let others = g.entrywise_times(others);
                Some(self.scaled_rows(others, shape, m))
            }
            (Op::ElementDivide, &[a, b], 0) => {
                if g.shape(b).is_scalar() {
                    return Ok(Some(g.add(Op::Divide, [m, b])));
                }
                let one = g.int(1);
                let inverse = g.add(Op::ElementDivide, [one, b]);
                match g.shape(a).is_scalar() {
                    true => {
                        let column = stacked(g, inverse);
                        Some(joined(g, &[&[column, m]]))
                    }
                    false => Some(self.scaled_rows(inverse, shape, m)),
                }
            }
            (Op::Solve, &[a, _], 1) => {
                let inverse = g.power(a, -1);
                let columns = g.identity(shape.cols);
                let pair = paired(g, columns, inverse);
                Some(joined(g, &[&[pair, m]]))
            }
            (Op::Kronecker, &[a, b], _) => Some(self.of_kronecker(a, b, i == 1, m)?),
            (Op::BoundedSum, &[index, lo, hi, _], 3) => Some(g.add(Op::BoundedSum, [index, lo, hi, m])),
            (Op::Call(f), _, _) if g.catalog().entry(*f).name == "vec" => Some(m),
            (Op::Call(f), _, _) if g.catalog().entry(*f).adjoints.iter().any(|(k, _)| *k == i) => {
                Some(listed(g, op, args, i, m)?)
            }
            (Op::Frechet(_), _, 1) => Some(listed(g, op, args, i, m)?),
            _ => None,
        })
    }

    /// `diag(vec(W)) M`.
    fn scaled_rows(&mut self, w: Id, shape: Shape, m: Id) -> Id {
        let g = &mut *self.graph;
        if g.is_all_ones(w) {
            return m;
        }
        let column = if shape.is_scalar() { w } else { stacked(g, w) };
        let diagonal = diagonal_matrix(g, column);
        joined(g, &[&[diagonal, m]])
    }

    /// `vec(A ⊗ B) = (I_n ⊗ K(q,m) ⊗ I_p) (vec A ⊗ vec B)` for A m×n and B p×q (Magnus and Neudecker 3.10).
    fn of_kronecker(&mut self, a: Id, b: Id, right: bool, m: Id) -> Result<Id, Diagnostic> {
        let g = &mut *self.graph;
        let (sa, sb) = (g.shape(a), g.shape(b));
        let (na, nb) = (entries(g, sa)?, entries(g, sb)?);
        let spread = if right {
            let (va, i) = (stacked(g, a), g.identity(nb));
            paired(g, va, i)
        } else {
            let (i, vb) = (g.identity(na), stacked(g, b));
            paired(g, i, vb)
        };
        let mut factors = Vec::new();
        if sa.rows != Dim::ONE && sb.cols != Dim::ONE {
            let k = g.add(Op::Commutation(sb.cols, sa.rows), []);
            let (outer, inner) = (g.identity(sa.cols), g.identity(sb.rows));
            let k = if g.is_one(inner) { k } else { g.add(Op::Kronecker, [k, inner]) };
            factors.push(if g.is_one(outer) { k } else { g.add(Op::Kronecker, [outer, k]) });
        }
        Ok(joined(g, &[&factors, &[spread, m]]))
    }

    /// The row of a scalar: its gradient, stacked and turned.
    fn scalar_function(&mut self, id: Id) -> Result<Option<Id>, Diagnostic> {
        let one = self.graph.int(1);
        let Some(gradient) = pull_back(self.graph, id, self.v, one)? else { return Ok(None) };
        let column = stacked(self.graph, gradient);
        Ok(Some(self.graph.turned(column)))
    }
}

/// `vec(A)`; of a column, itself; of a row, the column.
fn stacked(g: &mut Graph, a: Id) -> Id {
    let shape = g.shape(a);
    if shape.is_column() {
        a
    } else if shape.is_row() {
        g.turned(a)
    } else {
        g.call_named("vec", [a])
    }
}

/// `A ⊗ B`, where a factor 1 vanishes and two identities are one.
fn paired(g: &mut Graph, a: Id, b: Id) -> Id {
    if g.is_one(a) {
        return b;
    }
    if g.is_one(b) {
        return a;
    }
    if let (Op::Identity(m), Op::Identity(n)) = (g.op(a).clone(), g.op(b).clone())
        && let Some(mn) = g.dims.times(m, n)
    {
        return g.identity(mn);
    }
    g.add(Op::Kronecker, [a, b])
}

/// The matrix of a linear operator by its columns, its values at `e(i,p) e(j,q)^T`, times `m`.
fn listed(g: &mut Graph, op: &Op, args: &[Id], at: usize, m: Id) -> Result<Id, Diagnostic> {
    let shape = g.shape(args[at]);
    let i = g.fresh_index("i");
    let row = g.add(Op::Unit(shape.rows), [i]);
    let (probe, second) = if shape.is_column() {
        (row, None)
    } else {
        let j = g.fresh_index("j");
        let column = g.add(Op::Unit(shape.cols), [j]);
        let turned = g.turned(column);
        (g.product([row, turned]), Some((j, column)))
    };
    let replaced: Vec<Id> = args.iter().enumerate().map(|(k, a)| if k == at { probe } else { *a }).collect();
    let value = g.add(op.clone(), replaced);
    let value = stacked(g, value);
    let Some((j, column)) = second else {
        let matrix = summed_columns(g, i, row, value);
        return Ok(joined(g, &[&[matrix, m]]));
    };
    let unit = paired(g, column, row);
    let turned = g.turned(unit);
    let body = joined(g, &[&[value, turned]]);
    let (one, rows, cols) = (g.int(1), g.size(shape.rows), g.size(shape.cols));
    let inner = g.add(Op::BoundedSum, [i, one, rows, body]);
    let matrix = g.add(Op::BoundedSum, [j, one, cols, inner]);
    Ok(joined(g, &[&[matrix, m]]))
}
