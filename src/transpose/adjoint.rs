//! Reverse mode: the transpose of the linear map `dX ↦ Y`.
//!
//! In: a node that is linear in `dX`, and the cotangent of its value. Out: the cotangent of `dX`.
//! Invariant: `⟨cotangent, Y[dX]⟩ = ⟨result, dX⟩` for every dX; each node's cotangent is complete before
//! it is passed on, so a shared node is visited once.
//!
//! `tr(A dX B)` with the cotangent 1 gives `A^T I B^T`.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::diagnostic::Diagnostic;
use crate::expr::{FnId, Graph, Id, Node, Op, VarId};
use crate::shape;

use super::word::{joined, split};
use super::{active, partial_trace};

/// How deep bounded sums may be nested.
const NESTED_SUMS: usize = 8;

/// The cotangent of the differential of `v` where the value of `root` has the cotangent `seed`; `None`
/// where some part has no adjoint, or is not linear. A zero where `root` does not depend on it.
pub fn pull_back(graph: &mut Graph, root: Id, v: VarId, seed: Id) -> Result<Option<Id>, Diagnostic> {
    nested(graph, root, v, seed, NESTED_SUMS)
}

fn nested(g: &mut Graph, root: Id, v: VarId, seed: Id, depth: usize) -> Result<Option<Id>, Diagnostic> {
    let active = active(g, root, v);
    let mut pass = Reverse { graph: g, v, active, cotangents: FxHashMap::default(), depth };
    pass.give(root, seed);
    let mut order: Vec<Id> = pass.active.iter().copied().collect();
    order.sort_unstable();
    for id in order.into_iter().rev() {
        if matches!(pass.graph.op(id), Op::Differential(_)) {
            continue;
        }
        let Some(cotangent) = pass.take(id) else { continue };
        if !pass.pass_on(id, cotangent)? {
            return Ok(None);
        }
    }
    let leaf = pass.graph.differential(v);
    let result = pass.take(leaf);
    let shape = pass.graph.shape(leaf);
    Ok(Some(result.unwrap_or_else(|| pass.graph.zeros(shape))))
}

struct Reverse<'g> {
    graph: &'g mut Graph,
    v: VarId,
    active: FxHashSet<Id>,
    cotangents: FxHashMap<Id, SmallVec<[Id; 2]>>,
    depth: usize,
}

impl Reverse<'_> {
    fn give(&mut self, id: Id, cotangent: Id) {
        self.cotangents.entry(id).or_default().push(cotangent);
    }

    fn take(&mut self, id: Id) -> Option<Id> {
        let parts = self.cotangents.remove(&id)?;
        self.graph.add_up(parts)
    }

    /// Gives a node's cotangent to its active arguments; false where it has no adjoint.
    fn pass_on(&mut self, id: Id, c: Id) -> Result<bool, Diagnostic> {
        let Node { op, args } = self.graph.node(id).clone();
        let on: SmallVec<[bool; 3]> = args.iter().map(|a| self.active.contains(a)).collect();
        if op == Op::Sum {
            // The same summand twice takes the cotangent twice.
            args.iter().zip(on).filter(|(_, on)| *on).for_each(|(a, _)| self.give(*a, c));
            return Ok(true);
        }
        let mut which = on.iter().enumerate().filter(|(_, on)| **on).map(|(i, _)| i);
        let (Some(i), None) = (which.next(), which.next()) else { return Ok(false) };
        let given = match (&op, i) {
            (Op::Product, _) => return Ok(self.product(&args, c)),
            (Op::Call(f), _) | (Op::Map(f), _) => self.function(*f, &args, i, c)?,
            (Op::BoundedSum, 3) => return self.bounded_sum(&args, c),
            _ => self.operator(&op, &args, i, c),
        };
        if let Some(given) = given {
            self.give(args[i], given);
        }
        Ok(given.is_some())
    }

    /// The cotangent of argument `i` of an operator.
    fn operator(&mut self, op: &Op, args: &[Id], i: usize, c: Id) -> Option<Id> {
        let g = &mut *self.graph;
        match (op, args, i) {
            (Op::Negate, _, _) => Some(g.opposite(c)),
            (Op::Transpose, _, _) => Some(g.turned(c)),
            (Op::Divide, &[_, s], 0) => Some(g.add(Op::Divide, [c, s])),
            (Op::Hadamard, _, _) => {
                let others = args.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, a)| *a);
                Some(g.entrywise_times(others.chain([c])))
            }
            (Op::ElementDivide, &[a, b], 0) => match (g.shape(a).is_scalar(), g.shape(b).is_scalar()) {
                (_, true) => Some(g.add(Op::Divide, [c, b])),
                (false, false) => Some(g.add(Op::ElementDivide, [c, b])),
                (true, false) => {
                    let quotient = g.add(Op::ElementDivide, [c, b]);
                    Some(g.call_named("sum", [quotient]))
                }
            },
            (Op::Solve, &[a, _], 1) => {
                let a = g.turned(a);
                Some(g.add(Op::Solve, [a, c]))
            }
            (Op::Frechet(f), &[a, _], 1) => {
                let a = g.turned(a);
                Some(g.add(Op::Frechet(*f), [a, c]))
            }
            (Op::Kronecker, _, _) => partial_trace::adjoint(g, args, i, c),
            (Op::ApplyAlong(f, 1), &[x, _], 1) if g.function(*f).value.1.is_scalar() => {
                let gradient = g.add(Op::Apply(*f, 1), [x]);
                let argument = g.shape(x);
                let gradient = if g.shape(gradient) == argument { gradient } else { g.turned(gradient) };
                Some(g.times([c, gradient]))
            }
            _ => None,
        }
    }

    /// `P Y Q` gives `P^T G Q^T`; a scalar `s` times a matrix `M` gives `⟨M, G⟩`.
    fn product(&mut self, args: &[Id], c: Id) -> bool {
        let g = &mut *self.graph;
        let active = &self.active;
        let Some(word) = split(g, args, |a| active.contains(&a)) else { return false };
        let Some(target) = word.active else { return false };
        let (left, right) = (g.turned_word(&word.left), g.turned_word(&word.right));
        let given = if word.scaled.is_empty() {
            let (scalars, middle): (&[Id], &[Id]) = (&word.scalars, &[c]);
            match g.shape(c).is_scalar() {
                // The stretch is 1×1, and so is its cotangent: it leads.
                true => joined(g, &[scalars, middle, &left, &right]),
                false => joined(g, &[scalars, &left, middle, &right]),
            }
        } else {
            let scaled = g.times(word.scaled.iter().copied());
            let inner = g.inner(scaled, c);
            joined(g, &[&word.scalars, &[inner], &left, &right])
        };
        self.give(target, given);
        true
    }

    /// The adjoint that the catalogue states.
    fn function(&mut self, f: FnId, args: &[Id], i: usize, c: Id) -> Result<Option<Id>, Diagnostic> {
        let catalog = self.graph.catalog_arc();
        let Some((_, template)) = catalog.entry(f).adjoints.iter().find(|(k, _)| *k == i) else {
            return Ok(None);
        };
        // An adjoint knows its argument by its shape alone.
        let mut args: SmallVec<[Id; 3]> = SmallVec::from_slice(args);
        args[i] = self.graph.zeros(self.graph.shape(args[i]));
        let given = shape::instantiate(self.graph, f, template, &args, &[("G".into(), c)])?;
        Ok(Some(self.graph.without_ones(given)))
    }

    /// The adjoint of a bounded sum is the bounded sum of the adjoints.
    fn bounded_sum(&mut self, args: &[Id], c: Id) -> Result<bool, Diagnostic> {
        let &[index, lo, hi, body] = args else { return Ok(false) };
        let Some(depth) = self.depth.checked_sub(1) else { return Ok(false) };
        let Some(inner) = nested(self.graph, body, self.v, c, depth)? else { return Ok(false) };
        let given = self.graph.add(Op::BoundedSum, [index, lo, hi, inner]);
        let leaf = self.graph.differential(self.v);
        self.give(leaf, given);
        Ok(true)
    }
}
