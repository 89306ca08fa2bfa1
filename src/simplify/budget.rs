//! The work that the simplifications of one request may take together.
//!
//! In: the limit `work`. Out: what one simplification may take of it, whether any met its share, and what was done.
//! Invariant: counts only; a simplification may take half of what is left, so that none starves the next.
//!
//! Of a limit of 1000 the first may take 500; if it takes 100, the next may take 450.

use std::cell::{Cell, RefCell};

use crate::expr::Graph;

use super::normal::Normalizer;

/// What was done for a request, counted. The same on every machine, so that a test can tell that something takes more
/// work than before without a clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// Letters joined and patterns tried: what the limit `work` is held against.
    pub steps: usize,
    /// Uses of an identity, those that led to nothing shorter among them.
    pub applied: usize,
    /// Searches for the least form.
    pub searches: usize,
    /// Nodes of their e-graphs.
    pub enodes: usize,
    /// Nodes of the request's graph once everything was derived.
    pub nodes: usize,
}

/// What is left of the limit `work`.
#[derive(Debug)]
pub struct Budget {
    left: Cell<usize>,
    done: Cell<Work>,
    met: Cell<Option<&'static str>>,
    tripped: RefCell<Option<String>>,
}

impl Budget {
    /// The whole limit.
    pub fn new(work: usize) -> Budget {
        Budget {
            left: Cell::new(work),
            done: Cell::default(),
            met: Cell::new(None),
            tripped: RefCell::default(),
        }
    }

    /// What one simplification may take.
    pub(super) fn share(&self) -> usize {
        self.left.get() / 2
    }

    /// Leaves nothing for searching: what is derived is folded, node by node. `met` names the limit that says so.
    pub fn spare(&self, met: &'static str) {
        self.left.set(0);
        self.met.set(self.met.get().or(Some(met)));
    }

    /// Counts the nodes that there are now.
    pub(super) fn grown(&self, graph: &Graph) {
        self.done.set(Work { nodes: graph.len(), ..self.done.get() });
    }

    /// Takes what a simplification took; `met` names the limit at which it had to stop.
    pub(super) fn take(&self, normalizer: &Normalizer, met: Option<&'static str>) {
        self.left.set(self.left.get().saturating_sub(normalizer.work));
        self.met.set(self.met.get().or(met));
        let done = self.done.get();
        self.done.set(Work {
            steps: done.steps.saturating_add(normalizer.work),
            applied: done.applied + normalizer.applied,
            nodes: normalizer.graph.len(),
            ..done
        });
    }

    /// Counts a search that had so many e-nodes.
    pub(super) fn searched(&self, enodes: usize) {
        let done = self.done.get();
        self.done.set(Work { searches: done.searches + 1, enodes: done.enodes + enodes, ..done });
    }

    /// What was done so far.
    pub fn done(&self) -> Work {
        self.done.get()
    }

    /// Keeps the first rule that would have joined what is not equal.
    pub(super) fn trip(&self, rule: &str) {
        self.tripped.borrow_mut().get_or_insert_with(|| rule.to_owned());
    }

    /// The rule at which the search for a shorter form ended.
    pub fn tripped(&self) -> Option<String> {
        self.tripped.borrow().clone()
    }

    /// The limit at which a simplification had to stop: its form is right, and may not be the least.
    pub fn met(&self) -> Option<&'static str> {
        self.met.get()
    }
}

impl Normalizer<'_> {
    /// Does something within an allowance of work; nothing comes of what takes more.
    pub(super) fn within<R>(&mut self, allowance: usize, work: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let limit = self.work_limit;
        self.work_limit = limit.min(self.work.saturating_add(allowance));
        let result = work(self);
        let found = (!self.is_exhausted()).then_some(result);
        self.work = self.work.min(self.work_limit);
        self.work_limit = limit;
        found
    }

    /// Counts work; false once the limit is met. From there on everything is a letter of its own, so that the
    /// end is near.
    pub(super) fn spend(&mut self, work: usize) -> bool {
        self.work = self.work.saturating_add(work);
        !self.is_exhausted()
    }

    /// Whether the limit of work was met.
    pub(super) fn is_exhausted(&self) -> bool {
        self.work > self.work_limit
    }
}
