//! Expressions in components: sums of products of entries.
//!
//! In: nodes of a graph. Out: whether two of them have the same components, under equations if need be.
//! Invariant: independent of the passes of the calculus and of the simplifier. The laws of matrix algebra are no
//! rules here: written with indices, `(A B)^T`, `tr(A B)`, `diag(x) A` and `A ⊗ B` are what the laws of numbers make
//! of them. `false` means "not shown", never "different".
//!
//! `x^T A^T y` and `y^T A x` are both the sum over i and j of `A_ij x_j y_i`.

mod build;
mod call;
mod contract;
mod differential;
mod kronecker;
mod label;
mod laws;
mod power;
mod rewrite;
mod term;

use std::collections::BTreeSet;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::expr::{Graph, Id, Number, VarId};

use rewrite::Equation;
use term::{Atom, AtomId, Symmetry, Tensor, TensorId};

/// How many terms may be looked at before a question is left open.
const WORK: usize = 60_000;

/// The components of the nodes of one graph.
pub struct Components<'g> {
    graph: &'g Graph,
    /// How `d( )` is called.
    sign: &'g str,
    varying: FxHashSet<VarId>,
    atoms: IndexSet<Atom, FxBuildHasher>,
    symmetries: Vec<Symmetry>,
    positive: Vec<bool>,
    tensors: IndexSet<Tensor, FxBuildHasher>,
    built: FxHashMap<Id, TensorId>,
    equations: Vec<Equation>,
    inverses: FxHashSet<AtomId>,
    /// The assumptions used so far.
    fired: BTreeSet<usize>,
    assumed: usize,
    work: usize,
    one: TensorId,
}

impl<'g> Components<'g> {
    /// Components where these variables vary, as far as `sign( )`, the differential of something, goes.
    pub fn new(graph: &'g Graph, sign: &'g str, varying: &[VarId]) -> Components<'g> {
        let mut tensors = IndexSet::default();
        let (one, _) = tensors.insert_full(Tensor::number(Number::ONE));
        Components {
            graph,
            sign,
            varying: varying.iter().copied().collect(),
            atoms: IndexSet::default(),
            symmetries: Vec::new(),
            positive: Vec::new(),
            tensors,
            built: FxHashMap::default(),
            equations: Vec::new(),
            inverses: FxHashSet::default(),
            fired: BTreeSet::new(),
            assumed: 0,
            work: 0,
            one: TensorId(one as u32),
        }
    }

    /// Takes it that two nodes have the same value. What was built before does not know.
    pub fn assume(&mut self, left: Id, right: Id) {
        let before = std::mem::take(&mut self.fired);
        let (left, right) = (self.build(left), self.build(right));
        let mut origins = std::mem::replace(&mut self.fired, before);
        origins.insert(self.assumed);
        self.assumed += 1;
        self.equate(left, right, origins);
    }

    /// Makes use of each assumption in all the others.
    pub fn settle(&mut self) {
        self.interreduce();
        self.built.clear();
        self.fired.clear();
    }

    /// The assumptions used since they were settled, by their place; others among them may be needless.
    pub fn used(&self) -> impl Iterator<Item = usize> {
        self.fired.iter().copied()
    }

    /// Whether two nodes are shown to have the same components.
    pub fn equal(&mut self, a: Id, b: Id) -> bool {
        if self.graph.shape(a) != self.graph.shape(b) {
            return false;
        }
        let (a, b) = (self.build(a), self.build(b));
        a == b && !self.is_tired()
    }

    /// Whether the limit of work was met.
    pub fn is_tired(&self) -> bool {
        self.work > WORK
    }

    fn spend(&mut self, work: usize) -> bool {
        self.work = self.work.saturating_add(work);
        !self.is_tired()
    }

    fn tensor(&self, id: TensorId) -> &Tensor {
        &self.tensors[id.0 as usize]
    }

    fn keep(&mut self, tensor: Tensor) -> TensorId {
        TensorId(self.tensors.insert_full(tensor).0 as u32)
    }

    fn atom(&mut self, atom: Atom) -> AtomId {
        self.atom_with(atom, Symmetry::None, false)
    }

    fn atom_with(&mut self, atom: Atom, symmetry: Symmetry, positive: bool) -> AtomId {
        let (place, new) = self.atoms.insert_full(atom);
        if new {
            self.symmetries.push(symmetry);
            self.positive.push(positive);
        }
        AtomId(place as u32)
    }

    fn atom_of(&self, id: AtomId) -> &Atom {
        &self.atoms[id.0 as usize]
    }

    fn symmetry(&self, id: AtomId) -> Symmetry {
        self.symmetries.get(id.0 as usize).copied().unwrap_or(Symmetry::None)
    }

    /// The number an exponent is, where it is one.
    fn number(&self, id: TensorId) -> Option<Number> {
        self.tensor(id).as_number()
    }
}

#[cfg(test)]
mod tests;
