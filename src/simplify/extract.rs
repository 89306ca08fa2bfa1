//! Extraction: the least way of writing every class.
//!
//! In: classes with their ways. Out: the written form.
//! Invariant: every way costs something, so a class is never written by way of itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use egg::EGraph;
use smallvec::SmallVec;

use crate::expr::{Graph, Id, Number, Op};

use super::egraph::{Forms, Head, Way};
use super::knowledge::Knowledge;
use super::normal::Normalizer;

/// For each class its least cost, with the way that gives it.
type Best<'w> = Vec<Option<(Cost, &'w Way)>>;

impl Forms<'_, '_> {
    /// Writes the least form of a canonical node; what was not searched is written flat up to so many letters.
    pub fn extract(self, root: Id, most: usize) -> Option<Id> {
        let Forms { normalizer, egraph, classes, .. } = self;
        let class = egraph.find(*classes.get(root)?);
        let best = Costs { egraph: &egraph, graph: normalizer.graph }.least();
        // Children first, each class once.
        let mut written: Vec<Option<Id>> = vec![None; best.len()];
        let mut stack = vec![(class, false)];
        while let Some((c, ready)) = stack.pop() {
            if written[usize::from(c)].is_some() {
                continue;
            }
            let (_, node) = best[usize::from(c)].as_ref()?;
            let children: SmallVec<[egg::Id; 3]> = node.args.iter().map(|a| egraph.find(*a)).collect();
            if ready {
                let args: Option<Vec<Id>> = children.iter().map(|a| written[usize::from(*a)]).collect();
                let id = match &node.head {
                    Head::AsRead(Op::Sum) => normalizer.graph.sum(args?),
                    Head::Op(op) | Head::AsRead(op) => super::tidy::add(normalizer.graph, op, &args?),
                    // A class whose ways were not looked for: the search met its limit.
                    Head::Canonical(id) => {
                        let Normalizer { graph, folded, .. } = &mut *normalizer;
                        super::fold::flat(graph, Id(*id), most, folded)
                    }
                };
                written[usize::from(c)] = Some(id);
            } else {
                stack.push((c, true));
                let missing = children.into_iter().filter(|a| written[usize::from(*a)].is_none());
                stack.extend(missing.map(|a| (a, false)));
            }
        }
        written[usize::from(class)]
    }
}

/// What the costs of ways are worked out from.
struct Costs<'e, 'g> {
    egraph: &'e EGraph<Way, Knowledge>,
    graph: &'g Graph,
}

impl<'e> Costs<'e, '_> {
    /// The least cost of every class that has one, with the node that gives it, by Knuth's generalisation of
    /// Dijkstra's algorithm: a way costs more than each of its parts, so the cheapest class left is settled.
    fn least(&self) -> Best<'e> {
        let classes = self.egraph.classes().map(|c| usize::from(c.id) + 1).max().unwrap_or_default();
        let mut uses: Vec<SmallVec<[(egg::Id, &'e Way); 2]>> = vec![SmallVec::new(); classes];
        let mut best: Best = vec![None; classes];
        let mut settled = vec![false; classes];
        let mut queue: BinaryHeap<Reverse<(Cost, egg::Id)>> = BinaryHeap::new();
        for class in self.egraph.classes() {
            for way in class.iter() {
                let mut parts: SmallVec<[egg::Id; 3]> =
                    way.args.iter().map(|a| self.egraph.find(*a)).collect();
                parts.sort_unstable();
                parts.dedup();
                for part in &parts {
                    uses[usize::from(*part)].push((class.id, way));
                }
                if parts.is_empty() {
                    self.offer(class.id, way, &mut best, &mut queue);
                }
            }
        }
        while let Some(Reverse((_, id))) = queue.pop() {
            if std::mem::replace(&mut settled[usize::from(id)], true) {
                continue;
            }
            for (class, way) in &uses[usize::from(id)] {
                let ready = way.args.iter().all(|a| settled[usize::from(self.egraph.find(*a))]);
                if ready && !settled[usize::from(*class)] {
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
        way: &'e Way,
        best: &mut Best<'e>,
        queue: &mut BinaryHeap<Reverse<(Cost, egg::Id)>>,
    ) {
        let Some(cost) = self.cost(way, best) else { return };
        let old = best[usize::from(class)];
        if old.is_none_or(|(old, kept)| (cost, way) < (old, kept)) {
            if old.is_none_or(|(old, _)| cost < old) {
                queue.push(Reverse((cost, class)));
            }
            best[usize::from(class)] = Some((cost, way));
        }
    }

    fn cost(&self, node: &Way, best: &Best) -> Option<Cost> {
        let mut cost = match &node.head {
            // `^-1` of a matrix is one operator: its exponent is no leaf.
            Head::Op(Op::Power) if self.is_matrix_inverse(node) => {
                Cost { size: 0, effort: effort(&Op::Power) }
            }
            Head::Op(op) => Cost { size: crate::expr::own_size(op, node.args.len()), effort: effort(op) },
            Head::AsRead(op) => Cost { size: crate::expr::own_size(op, node.args.len()), effort: 1 },
            Head::Canonical(id) => {
                let class = self.egraph.lookup(node.clone())?;
                let untouched = self.egraph[class].iter().all(|way| matches!(way.head, Head::Canonical(_)));
                let size = untouched.then(|| self.graph.form_size(Id(*id)))?;
                Cost { size, effort: UNTOUCHED }
            }
        };
        for a in &node.args {
            let (c, _) = best[usize::from(self.egraph.find(*a))]?;
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
