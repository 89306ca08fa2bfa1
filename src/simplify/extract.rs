//! Extraction: the least way of writing every class.
//!
//! In: classes with their ways. Out: the written form.
//! Invariant: every way costs something, so a class is never written by way of itself.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::expr::{Id, Number, Op};

use super::egraph::{Forms, Head, Way};

impl Forms<'_, '_> {
    /// Writes the least form of a canonical node.
    pub fn extract(mut self, root: Id) -> Option<Id> {
        self.egraph.rebuild();
        let class = self.egraph.find(*self.classes.get(&root)?);
        let best = self.least_costs();
        // Children first, each class once.
        let mut written: FxHashMap<egg::Id, Id> = FxHashMap::default();
        let mut stack = vec![(class, false)];
        while let Some((c, ready)) = stack.pop() {
            if written.contains_key(&c) {
                continue;
            }
            let (_, node) = best.get(&c)?;
            let children: Vec<egg::Id> = node.args.iter().map(|a| self.egraph.find(*a)).collect();
            if ready {
                let args: Option<Vec<Id>> = children.iter().map(|a| written.get(a).copied()).collect();
                let id = match &node.head {
                    Head::Op(op) => super::tidy::add(self.normalizer.graph, op, &args?),
                    Head::AsRead => self.normalizer.graph.sum(args?),
                    Head::Canonical(_) => return None,
                };
                written.insert(c, id);
            } else {
                stack.push((c, true));
                stack.extend(children.into_iter().filter(|a| !written.contains_key(a)).map(|a| (a, false)));
            }
        }
        written.get(&class).copied()
    }

    /// The least cost of every class that has one, with the node that gives it: a worklist to a fixpoint.
    fn least_costs(&self) -> FxHashMap<egg::Id, (Cost, Way)> {
        let mut best: FxHashMap<egg::Id, (Cost, Way)> = FxHashMap::default();
        let mut parents: FxHashMap<egg::Id, Vec<egg::Id>> = FxHashMap::default();
        let mut queue: std::collections::VecDeque<egg::Id> = std::collections::VecDeque::new();
        let mut ids: Vec<egg::Id> = self.egraph.classes().map(|c| c.id).collect();
        ids.sort_unstable();
        for id in &ids {
            for node in self.egraph[*id].iter() {
                for a in &node.args {
                    parents.entry(self.egraph.find(*a)).or_default().push(*id);
                }
            }
            queue.push_back(*id);
        }
        while let Some(id) = queue.pop_front() {
            let mut improved = false;
            for node in self.egraph[id].iter() {
                let Some(cost) = self.cost(node, &best) else { continue };
                let better = match best.get(&id) {
                    None => true,
                    Some((old, kept)) => (cost, node) < (*old, kept),
                };
                if better {
                    improved |= best.get(&id).is_none_or(|(old, _)| cost < *old);
                    best.insert(id, (cost, node.clone()));
                }
            }
            if improved && let Some(up) = parents.get(&id) {
                queue.extend(up.iter().copied());
            }
        }
        best
    }

    fn cost(&self, node: &Way, best: &FxHashMap<egg::Id, (Cost, Way)>) -> Option<Cost> {
        let mut cost = match &node.head {
            // `^-1` of a matrix is one operator: its exponent is no leaf.
            Head::Op(Op::Power) if self.is_matrix_inverse(node) => {
                Cost { size: 0, effort: effort(&Op::Power) }
            }
            Head::Op(op) => Cost { size: crate::expr::own_size(op, node.args.len()), effort: effort(op) },
            Head::AsRead => Cost { size: crate::expr::own_size(&Op::Sum, node.args.len()), effort: 1 },
            Head::Canonical(_) => return None,
        };
        for a in &node.args {
            let (c, _) = best.get(&self.egraph.find(*a))?;
            cost.size = cost.size.saturating_add(c.size);
            cost.effort = cost.effort.saturating_add(c.effort);
        }
        Some(cost)
    }

    fn is_matrix_inverse(&self, node: &Way) -> bool {
        let [base, exponent] = node.args.as_slice() else { return false };
        let matrix = self.egraph[*base].data.is_some_and(|s| !s.is_scalar());
        let minus_one = Way { head: Head::Op(Op::Num(Number::MINUS_ONE)), args: SmallVec::new() };
        matrix && self.egraph.lookup(minus_one).is_some_and(|c| c == self.egraph.find(*exponent))
    }
}

/// What extraction makes least: the size of the form, then how hard its operators are to read. Every operator
/// costs something, so a class is never written by way of itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::simplify) struct Cost {
    size: u64,
    effort: u64,
}

/// Between forms of one size a reader takes products before quotients, and `x^T x` before `norm(x)^2`.
fn effort(op: &Op) -> u64 {
    match op {
        Op::Sum => 6,
        Op::Product => 4,
        Op::Negate => 4,
        Op::Transpose => 5,
        Op::Call(_) => 7,
        _ => 6,
    }
}
