//! Extraction: the least way of writing every class.
//!
//! In: classes with their ways. Out: the written form.
//! Invariant: every way costs something, so a class is never written by way of itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::expr::{Id, Number, Op};

use super::egraph::{Forms, Head, Way};
use super::normal::Normalizer;

impl Forms<'_, '_> {
    /// Writes the least form of a canonical node; what was not searched is written flat up to so many letters.
    pub fn extract(self, root: Id, most: usize) -> Option<Id> {
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
                    // A class whose ways were not looked for: the search met its limit.
                    Head::Canonical(id) => {
                        let Normalizer { graph, folded, .. } = &mut *self.normalizer;
                        super::fold::flat(graph, Id(*id), most, folded)
                    }
                };
                written.insert(c, id);
            } else {
                stack.push((c, true));
                stack.extend(children.into_iter().filter(|a| !written.contains_key(a)).map(|a| (a, false)));
            }
        }
        written.get(&class).copied()
    }

    /// The least cost of every class that has one, with the node that gives it, by Knuth's generalisation of
    /// Dijkstra's algorithm: a way costs more than each of its parts, so the cheapest class left is settled.
    fn least_costs(&self) -> FxHashMap<egg::Id, (Cost, Way)> {
        let mut uses: FxHashMap<egg::Id, Vec<(egg::Id, &Way)>> = FxHashMap::default();
        let mut best: FxHashMap<egg::Id, (Cost, Way)> = FxHashMap::default();
        let mut settled: FxHashSet<egg::Id> = FxHashSet::default();
        let mut queue: BinaryHeap<Reverse<(Cost, egg::Id)>> = BinaryHeap::new();
        for class in self.egraph.classes() {
            for way in class.iter() {
                let mut parts: SmallVec<[egg::Id; 3]> =
                    way.args.iter().map(|a| self.egraph.find(*a)).collect();
                parts.sort_unstable();
                parts.dedup();
                for part in &parts {
                    uses.entry(*part).or_default().push((class.id, way));
                }
                if parts.is_empty() {
                    self.offer(class.id, way, &mut best, &mut queue);
                }
            }
        }
        while let Some(Reverse((_, id))) = queue.pop() {
            if !settled.insert(id) {
                continue;
            }
            for (class, way) in uses.get(&id).into_iter().flatten() {
                let ready = way.args.iter().all(|a| settled.contains(&self.egraph.find(*a)));
                if ready && !settled.contains(class) {
                    self.offer(*class, way, &mut best, &mut queue);
                }
            }
        }
        best
    }

    /// Takes a way whose parts are settled, where it is the best so far.
    fn offer(
        &self,
        class: egg::Id,
        way: &Way,
        best: &mut FxHashMap<egg::Id, (Cost, Way)>,
        queue: &mut BinaryHeap<Reverse<(Cost, egg::Id)>>,
    ) {
        let Some(cost) = self.cost(way, best) else { return };
        let old = best.get(&class);
        if old.is_none_or(|(old, kept)| (cost, way) < (*old, kept)) {
            if old.is_none_or(|(old, _)| cost < *old) {
                queue.push(Reverse((cost, class)));
            }
            best.insert(class, (cost, way.clone()));
        }
    }

    fn cost(&self, node: &Way, best: &FxHashMap<egg::Id, (Cost, Way)>) -> Option<Cost> {
        let mut cost = match &node.head {
            // `^-1` of a matrix is one operator: its exponent is no leaf.
            Head::Op(Op::Power) if self.is_matrix_inverse(node) => {
                Cost { size: 0, effort: effort(&Op::Power) }
            }
            Head::Op(op) => Cost { size: crate::expr::own_size(op, node.args.len()), effort: effort(op) },
            Head::AsRead => Cost { size: crate::expr::own_size(&Op::Sum, node.args.len()), effort: 1 },
            Head::Canonical(id) => {
                let class = self.egraph.lookup(node.clone())?;
                let untouched = self.egraph[class].iter().all(|way| matches!(way.head, Head::Canonical(_)));
                let size = untouched.then(|| self.normalizer.graph.form_size(Id(*id)))?;
                Cost { size, effort: UNTOUCHED }
            }
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
        let matrix = self.egraph[*base].data.as_ref().is_some_and(|c| !c.shape.is_scalar());
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

/// What a class costs that was not looked at, beside its size.
const UNTOUCHED: u64 = 1 << 16;

/// Between forms of one size a reader takes products before quotients, `x^T x` before `norm(x)^2`, and a constant
/// before one more variable: `v .* (1 - t)` before `v - v .* t`.
fn effort(op: &Op) -> u64 {
    match op {
        Op::Sum => 6,
        Op::Product => 4,
        Op::Negate => 4,
        Op::Transpose | Op::Ones(..) => 5,
        Op::Call(_) => 7,
        _ => 6,
    }
}
