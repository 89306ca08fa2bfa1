//! What one normalizer leaves to the next, and the identities that concern what is in the graph.
//!
//! In: a graph, the conditions under which it is read. Out: a [`Normalizer`] that knows what was found before.
//! Invariant: what is kept rests on the same conditions; under others nothing is.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::expr::{Condition, Graph, Id, Number, PredicateId, Table};
use crate::limits::Limits;
use crate::shape::restated;

use super::super::fold::Folded;
use super::super::hints::Hints;
use super::super::identities::{Feature, Identities, Library};
use super::super::poly::Poly;
use super::Normalizer;

/// What a normalizer found in a graph: the next one goes on from there.
#[derive(Default)]
pub struct Memo {
    /// The conditions it rests on.
    assumed_as_given: Vec<Condition>,
    assumed: FxHashSet<(PredicateId, Vec<Id>)>,
    polys: Table<Rc<Poly>>,
    linear: Vec<bool>,
    oriented: Table<(Id, Number)>,
    identities: Arc<Identities>,
    features: Vec<Feature>,
    looked_at: usize,
    exact: Option<crate::numeric::Exact>,
    hints: Option<(Id, Rc<Hints>)>,
    solves: bool,
    folded: Folded,
}

impl Memo {
    /// What folding made of nodes.
    pub(in crate::simplify) fn folded(&mut self) -> &mut Folded {
        &mut self.folded
    }
}

impl<'g> Normalizer<'g> {
    /// A normalizer that goes on from what an earlier one found in the same graph under the same conditions.
    pub fn resume(
        graph: &'g mut Graph,
        library: Arc<Library>,
        limits: &Limits,
        conditions: &[Condition],
        memo: &mut Memo,
    ) -> Normalizer<'g> {
        let mut normalizer = Normalizer::new(graph, library, limits.terms);
        normalizer.work_limit = limits.work;
        let memo = std::mem::take(memo);
        if memo.polys.is_empty() || memo.assumed_as_given != conditions {
            normalizer.folded = memo.folded;
            normalizer.assume(conditions);
            return normalizer;
        }
        Normalizer {
            assumed: memo.assumed,
            polys: memo.polys,
            linear: memo.linear,
            oriented: memo.oriented,
            identities: memo.identities,
            features: memo.features,
            looked_at: memo.looked_at,
            exact: memo.exact,
            hints: memo.hints,
            folded: memo.folded,
            solves: memo.solves,
            ..normalizer
        }
    }

    /// Keeps what was found; nothing where the limit of work was met, as what is not done is a letter then.
    pub fn suspend(self, conditions: &[Condition], memo: &mut Memo) {
        if self.is_exhausted() {
            memo.folded = self.folded;
            return;
        }
        *memo = Memo {
            assumed_as_given: conditions.to_vec(),
            assumed: self.assumed,
            polys: self.polys,
            linear: self.linear,
            oriented: self.oriented,
            identities: self.identities,
            features: self.features,
            looked_at: self.looked_at,
            exact: self.exact,
            hints: self.hints,
            folded: self.folded,
            solves: self.solves,
        };
    }

    /// The identities that concern what is in the graph.
    pub(in crate::simplify) fn identities(&mut self) -> Arc<Identities> {
        if self.library.is_empty() {
            return self.identities.clone();
        }
        let mut changed = self.looked_at == 0;
        while self.looked_at < self.graph.len() {
            if let Some(f) = self.library.awaited(self.graph, Id(self.looked_at as u32))
                && let Err(at) = self.features.binary_search(&f)
            {
                self.features.insert(at, f);
                changed = true;
            }
            self.looked_at += 1;
        }
        if changed {
            self.identities = self.library.concerning(&self.features);
        }
        self.identities.clone()
    }

    /// Lets premises of identities rest on these conditions, and on the simpler parts that say the same.
    pub fn assume(&mut self, conditions: &[Condition]) {
        for c in conditions {
            let mut said = restated(self.graph, c).unwrap_or_default();
            said.push(c.clone());
            for c in said {
                let args: Vec<Id> = c.args.iter().map(|a| self.normal(*a)).collect();
                self.assumed.insert((c.predicate, args));
            }
        }
    }
}
