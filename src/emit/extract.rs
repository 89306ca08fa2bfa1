//! The form that takes a machine the least.
//!
//! In: the nodes that a function computes together. Out: nodes of the same values, and their plan.
//! Invariant: a form is taken in place of another only where the whole plan, with all that is shared, has fewer flops
//! over several profiles of sizes; the search is bounded by counts.
//!
//! `x^T A x` and `(A + A^T) x` together become `A x`, `x @ (A x)` and `A x + A^T x`.

use crate::cost::Flops;
use crate::expr::{Graph, Id, Op};

use super::factor::factor;
use super::lower::Lowering;
use super::names::Names;
use super::plan::{Plan, StepId};
use super::rewrite;
use super::structure;
use super::target::Target;
use super::tidy::tidy;
use super::word::{Key, Stretches};

/// Plans with more candidates than this are taken as they are.
const MOST: usize = 24;
/// Plans whose products have more letters than this are taken as they are.
const LETTERS: usize = 160;
/// How often the candidates are gone through.
const ROUNDS: usize = 3;
/// Sizes that a dimension has in the profiles, by its place among the names.
const PROFILES: [[f64; 4]; 4] =
    [[100.0; 4], [1000.0, 30.0, 200.0, 60.0], [30.0, 1000.0, 60.0, 200.0], [200.0, 60.0, 1000.0, 30.0]];

/// What is computed: nodes, and the stretches that their products are built from.
#[derive(Clone)]
pub(super) struct Choice {
    roots: Vec<Id>,
    wanted: Vec<Vec<Key>>,
    /// Whether the last node is computed first: which one others take their parts from.
    reversed: bool,
}

/// Chooses among the forms of nodes for one target.
pub(super) struct Extraction<'a> {
    pub target: &'static Target,
    pub names: &'a Names,
    /// The function that the nodes are derived from: what it needs to be defined holds of them too.
    pub function: Id,
}

impl Extraction<'_> {
    /// The plan of a choice, and the step of each of its nodes.
    pub fn plan(&self, graph: &Graph, choice: &Choice) -> (Plan, Vec<StepId>) {
        let stretches = Stretches::of(graph, &choice.roots, &choice.wanted);
        let mut lowering = Lowering::new(graph, self.target, self.names, stretches);
        let mut steps: Vec<StepId> = match choice.reversed {
            false => choice.roots.iter().map(|r| lowering.lower(*r)).collect(),
            true => choice.roots.iter().rev().map(|r| lowering.lower(*r)).collect(),
        };
        if choice.reversed {
            steps.reverse();
        }
        let mut plan = lowering.plan;
        let steps = tidy(&mut plan, self.target, &steps);
        let steps = factor(&mut plan, graph.catalog(), self.target, &steps);
        (plan, steps)
    }

    /// The cheapest choice found for these nodes.
    pub fn choose(&self, graph: &mut Graph, roots: &[Id]) -> Choice {
        let (straight, cost) = self.search(graph, roots, false);
        if roots.len() == 1 || self.is_large(graph, roots) {
            return straight;
        }
        let (reversed, other) = self.search(graph, roots, true);
        if other < cost - 1e-9 { reversed } else { straight }
    }

    fn is_large(&self, graph: &Graph, roots: &[Id]) -> bool {
        let products = graph.reachable(roots).into_iter().filter(|id| *graph.op(*id) == Op::Product);
        products.map(|id| graph.args(id).len()).sum::<usize>() > LETTERS
    }

    fn search(&self, graph: &mut Graph, roots: &[Id], reversed: bool) -> (Choice, f64) {
        let start = Choice { roots: roots.to_vec(), wanted: vec![], reversed };
        let least = self.cost(graph, &start);
        let mut search = Search { extraction: self, roots, taken: vec![], wanted: vec![], reversed, least };
        if self.is_large(graph, roots) {
            return (start, least);
        }
        // Updates of low rank pay only together: a matrix that one use needs in full is factored all the same.
        // So do Kronecker products.
        for is in [rewrite::is_update, structure::has_kronecker] {
            let together = candidates(graph, roots, is);
            if !together.is_empty() && together.len() <= MOST {
                search.all(graph, &together);
            }
        }
        for _ in 0..ROUNDS {
            let before = search.least;
            let now = search.applied(graph, &search.taken);
            let open = candidates(graph, &now, rewrite::applies);
            if open.len() > MOST {
                break;
            }
            open.into_iter().for_each(|id| search.one(graph, id));
            search.group(graph);
            if search.least == before {
                break;
            }
        }
        search.prune(graph);
        let roots = search.applied(graph, &search.taken);
        (Choice { roots, wanted: search.wanted, reversed }, search.least)
    }

    /// The mean logarithm of the effort over the profiles.
    fn cost(&self, graph: &Graph, choice: &Choice) -> f64 {
        let (plan, steps) = self.plan(graph, choice);
        let total: Flops = plan.effort(&steps);
        let named: Vec<&str> = graph.dims.names().collect();
        let at = |profile: &[f64; 4]| {
            let size = |name: &str| {
                let place = named.iter().position(|n| *n == name).unwrap_or(0);
                profile.get(place % profile.len()).copied().unwrap_or(1.0)
            };
            total.at(&plan.dims, &size).max(1.0).ln()
        };
        PROFILES.iter().map(at).sum::<f64>() / PROFILES.len() as f64
    }
}

/// The forms taken so far.
struct Search<'s> {
    extraction: &'s Extraction<'s>,
    roots: &'s [Id],
    /// Nodes and what stands in their place, one after another.
    taken: Vec<(Id, Id)>,
    wanted: Vec<Vec<Key>>,
    reversed: bool,
    least: f64,
}

fn candidates(graph: &Graph, roots: &[Id], is: fn(&Graph, Id) -> bool) -> Vec<Id> {
    graph.reachable(roots).into_iter().filter(|id| is(graph, *id)).collect()
}

impl Search<'_> {
    fn applied(&self, graph: &mut Graph, taken: &[(Id, Id)]) -> Vec<Id> {
        let all = |graph: &mut Graph, root: &Id| {
            taken.iter().fold(*root, |root, (from, to)| graph.substitute(root, *from, *to))
        };
        self.roots.iter().map(|root| all(graph, root)).collect()
    }

    fn cost(&self, graph: &mut Graph, taken: &[(Id, Id)], wanted: &[Vec<Key>]) -> f64 {
        let choice =
            Choice { roots: self.applied(graph, taken), wanted: wanted.to_vec(), reversed: self.reversed };
        self.extraction.cost(graph, &choice)
    }

    /// Has products be built from pairs of letters that several have, where it pays.
    fn group(&mut self, graph: &mut Graph) {
        let now = self.applied(graph, &self.taken);
        let pairs = Stretches::of(graph, &now, &[]).common_pairs();
        for pair in pairs.into_iter().take(MOST) {
            let wanted = [self.wanted.as_slice(), &[pair]].concat();
            let cost = self.cost(graph, &self.taken, &wanted);
            if cost < self.least - 1e-9 {
                (self.wanted, self.least) = (wanted, cost);
            }
        }
    }

    /// Takes these where they pay.
    fn attempt(&mut self, graph: &mut Graph, next: Vec<(Id, Id)>) {
        let cost = self.cost(graph, &next, &self.wanted);
        if cost < self.least - 1e-9 {
            (self.taken, self.least) = (next, cost);
        }
    }

    fn one(&mut self, graph: &mut Graph, id: Id) {
        let mut now = self.applied(graph, &self.taken.clone());
        now.push(self.extraction.function);
        for form in rewrite::forms(graph, id, &now) {
            let next = [self.taken.as_slice(), &[(id, form)]].concat();
            self.attempt(graph, next);
        }
    }

    fn all(&mut self, graph: &mut Graph, ids: &[Id]) {
        let mut next = self.taken.clone();
        let needed = [self.roots, &[self.extraction.function]].concat();
        // Products first: once an inverse is replaced, what holds it is another node.
        for id in ids.iter().rev() {
            let forms = rewrite::forms(graph, *id, &needed);
            next.extend(forms.first().map(|form| (*id, *form)));
        }
        self.attempt(graph, next);
    }

    /// Takes back what does not pay any more.
    fn prune(&mut self, graph: &mut Graph) {
        for i in (0..self.taken.len()).rev() {
            let mut next = self.taken.clone();
            next.remove(i);
            let cost = self.cost(graph, &next, &self.wanted);
            if cost <= self.least + 1e-9 {
                (self.taken, self.least) = (next, cost);
            }
        }
    }
}

/// Whether a node is a sum of matrices or vectors.
pub(super) fn is_sum(graph: &Graph, id: Id) -> bool {
    *graph.op(id) == Op::Sum && !graph.shape(id).is_scalar()
}
