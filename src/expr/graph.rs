//! The graph every stage reads and extends.
//!
//! In: operators with arguments that are already there. Out: [`Id`]s; equal nodes get the same one.
//! Invariant: every node has a shape; arguments come before their node, so a pass is a loop over ids and
//! nothing recurses. A node whose arguments do not fit is never built: the graph keeps the first such
//! [`Fault`] and the stage that caused it reports an internal error.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use crate::catalog::Catalog;

use super::dim::{Dim, DimTable};
use super::facts::Facts;
use super::fault::Fault;
use super::node::{AbstractId, FnId, Id, Node, Op, VarId};
use super::number::Number;
use super::properties::{self, Properties};
use super::shape::Shape;

/// What a variable was declared as; decides how emitted code stores it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A plain number.
    Scalar,
    /// A column vector, a 1-d array in emitted code.
    Vector,
    /// A matrix, a 2-d array in emitted code.
    Matrix,
}

/// A variable of the request.
#[derive(Clone, PartialEq, Debug)]
pub struct Variable {
    /// Its name, validated where the variable is made.
    pub name: String,
    /// Its declared kind.
    pub kind: Kind,
    /// Its shape.
    pub shape: Shape,
    /// What was declared of it, with what follows.
    pub properties: Properties,
}

/// An abstract function of one argument.
#[derive(Clone, PartialEq, Debug)]
pub struct AbstractFunction {
    /// Its name.
    pub name: String,
    /// The argument's kind and shape.
    pub argument: (Kind, Shape),
    /// The value's kind and shape.
    pub value: (Kind, Shape),
}

/// Room for so many nodes to begin with: most requests have fewer.
const START: usize = 64;

/// A hash-consed expression graph with its variables, dimensions and functions.
#[derive(Clone)]
pub struct Graph {
    pub(super) nodes: IndexSet<Node, FxBuildHasher>,
    pub(super) facts: Vec<Facts>,
    pub(super) variables: Vec<Variable>,
    pub(super) functions: Vec<AbstractFunction>,
    pub(super) catalog: Arc<Catalog>,
    pub(super) fault: Option<Fault>,
    /// The most nodes it may have.
    pub(super) most: usize,
    /// The dimensions in use.
    pub dims: DimTable,
}

impl Graph {
    /// An empty graph over the functions of `catalog`.
    pub fn new(catalog: Arc<Catalog>) -> Graph {
        Graph {
            nodes: IndexSet::with_capacity_and_hasher(START, FxBuildHasher),
            facts: Vec::with_capacity(START),
            variables: Vec::new(),
            functions: Vec::new(),
            catalog,
            fault: None,
            most: usize::MAX,
            dims: DimTable::default(),
        }
    }

    /// The functions that may be called.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The same, shared.
    pub fn catalog_arc(&self) -> Arc<Catalog> {
        self.catalog.clone()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node at `id`.
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.index()]
    }

    /// The operator at `id`.
    pub fn op(&self, id: Id) -> &Op {
        &self.node(id).op
    }

    /// The arguments at `id`.
    pub fn args(&self, id: Id) -> &[Id] {
        &self.node(id).args
    }

    /// The shape at `id`.
    pub fn shape(&self, id: Id) -> Shape {
        self.facts[id.index()].shape
    }

    /// What is certain of the value at `id`.
    pub fn properties(&self, id: Id) -> Properties {
        self.facts[id.index()].properties
    }

    /// Adds a node, or finds it. On arguments that do not fit, keeps a [`Fault`] and returns a zero; in a full graph,
    /// the first node.
    pub fn add(&mut self, op: Op, args: impl IntoIterator<Item = Id>) -> Id {
        let node = Node { op, args: args.into_iter().collect::<SmallVec<[Id; 3]>>() };
        if let Some(i) = self.nodes.get_index_of(&node) {
            return Id(i as u32);
        }
        if self.nodes.len() >= self.most.max(1) {
            return self.full();
        }
        let shape = match self.result_shape(&node.op, &node.args) {
            Ok(shape) => shape,
            Err(()) => return self.keep_fault(&node),
        };
        let properties = properties::infer(self, &node.op, &node.args);
        self.facts.push(self.facts_of(&node.op, &node.args, shape, properties));
        Id(self.nodes.insert_full(node).0 as u32)
    }

    /// Finds a node without adding it.
    pub fn find(&self, op: Op, args: &[Id]) -> Option<Id> {
        let node = Node { op, args: SmallVec::from_slice(args) };
        self.nodes.get_index_of(&node).map(|i| Id(i as u32))
    }

    // Leaves.

    /// Declares a variable and returns its node.
    pub fn declare(&mut self, variable: Variable) -> Id {
        let id = VarId(self.variables.len() as u32);
        self.variables.push(variable);
        self.add(Op::Var(id), [])
    }

    /// The variables, in the order of declaration.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variable behind a [`VarId`].
    pub fn variable(&self, v: VarId) -> &Variable {
        &self.variables[v.0 as usize]
    }

    /// The node of a variable.
    pub fn var(&mut self, v: VarId) -> Id {
        self.add(Op::Var(v), [])
    }

    /// The variable with this name.
    pub fn variable_named(&self, name: &str) -> Option<VarId> {
        self.variables.iter().position(|v| v.name == name).map(|i| VarId(i as u32))
    }

    /// Declares an abstract function.
    pub fn declare_function(&mut self, function: AbstractFunction) -> AbstractId {
        self.functions.push(function);
        AbstractId(self.functions.len() as u32 - 1)
    }

    /// The abstract functions, in the order of declaration.
    pub fn functions(&self) -> &[AbstractFunction] {
        &self.functions
    }

    /// The abstract function behind an [`AbstractId`].
    pub fn function(&self, f: AbstractId) -> &AbstractFunction {
        &self.functions[f.0 as usize]
    }

    /// A number.
    pub fn num(&mut self, n: Number) -> Id {
        if n.is_zero() { self.zeros(Shape::SCALAR) } else { self.add(Op::Num(n), []) }
    }

    /// An integer.
    pub fn int(&mut self, n: i64) -> Id {
        self.num(Number::integer(n))
    }

    /// The zero of a shape.
    pub fn zeros(&mut self, shape: Shape) -> Id {
        self.add(Op::Zeros(shape.rows, shape.cols), [])
    }

    /// The matrix or vector of ones; the number 1 where the shape is 1×1.
    pub fn ones(&mut self, shape: Shape) -> Id {
        if shape.is_scalar() { self.int(1) } else { self.add(Op::Ones(shape.rows, shape.cols), []) }
    }

    /// The identity; the number 1 where n is 1.
    pub fn identity(&mut self, n: Dim) -> Id {
        if n == Dim::ONE { self.int(1) } else { self.add(Op::Identity(n), []) }
    }

    /// A dimension as a number.
    pub fn size(&mut self, dim: Dim) -> Id {
        match self.dims.as_integer(dim) {
            Some(n) => self.int(n),
            None => self.add(Op::Size(dim), []),
        }
    }

    // Operators as they are written: nothing is reordered or merged here, that is the simplifier's work.

    /// A sum; of one summand, that summand; of none, an error kept as a fault.
    pub fn sum(&mut self, args: impl IntoIterator<Item = Id>) -> Id {
        let args: SmallVec<[Id; 3]> = args.into_iter().collect();
        if args.len() == 1 { args[0] } else { self.add(Op::Sum, args) }
    }

    /// A product; of one factor, that factor.
    pub fn product(&mut self, args: impl IntoIterator<Item = Id>) -> Id {
        let args: SmallVec<[Id; 3]> = args.into_iter().collect();
        match args.as_slice() {
            [] => self.int(1),
            [one] => *one,
            _ => self.add(Op::Product, args),
        }
    }

    /// `a^T`; a scalar is its own.
    pub fn transpose(&mut self, a: Id) -> Id {
        if self.shape(a).is_scalar() { a } else { self.add(Op::Transpose, [a]) }
    }

    /// `-a`.
    pub fn negate(&mut self, a: Id) -> Id {
        self.add(Op::Negate, [a])
    }

    /// `a^k` with an integer k.
    pub fn power(&mut self, a: Id, k: i64) -> Id {
        let k = self.int(k);
        self.add(Op::Power, [a, k])
    }

    /// A function of the catalogue: a [`Op::Map`] where it is a scalar function, else a [`Op::Call`].
    pub fn call(&mut self, f: FnId, args: impl IntoIterator<Item = Id>) -> Id {
        let op = if self.catalog.is_scalar_function(f) { Op::Map(f) } else { Op::Call(f) };
        self.add(op, args)
    }

    /// A function of the catalogue by name. An unknown name is a fault.
    pub fn call_named(&mut self, name: &str, args: impl IntoIterator<Item = Id>) -> Id {
        match self.catalog.find(name) {
            Some(f) => self.call(f, args),
            None => {
                self.fault.get_or_insert(Fault::Shape(format!("no function {name}")));
                self.zeros(Shape::SCALAR)
            }
        }
    }

    // Reading.

    /// The number at `id`, where the node is one; zero of a scalar shape included.
    pub fn number(&self, id: Id) -> Option<Number> {
        match self.op(id) {
            Op::Num(n) => Some(n.clone()),
            Op::Zeros(Dim::ONE, Dim::ONE) => Some(Number::ZERO),
            _ => None,
        }
    }

    /// Whether the node is a zero of any shape.
    pub fn is_zero(&self, id: Id) -> bool {
        matches!(self.op(id), Op::Zeros(..))
    }

    /// The argument of a transpose node.
    pub fn transpose_of(&self, id: Id) -> Option<Id> {
        match self.op(id) {
            Op::Transpose => Some(self.args(id)[0]),
            _ => None,
        }
    }

    /// All nodes below `roots` and themselves, each once, arguments before their nodes.
    pub fn reachable(&self, roots: &[Id]) -> Vec<Id> {
        self.reachable_to(roots, |_| false)
    }

    /// The same without what stands only below an end that is no root.
    pub fn reachable_to(&self, roots: &[Id], is_end: impl Fn(Id) -> bool) -> Vec<Id> {
        let most = roots.iter().map(|id| id.index()).max().unwrap_or_default();
        let mut seen = vec![0u64; most / 64 + 1];
        let mut stack: Vec<Id> = roots.to_vec();
        while let Some(id) = stack.pop() {
            let (word, bit) = (&mut seen[id.index() / 64], 1 << (id.index() % 64));
            if *word & bit == 0 {
                *word |= bit;
                if !is_end(id) || roots.contains(&id) {
                    stack.extend_from_slice(self.args(id));
                }
            }
        }
        // Arguments have lower ids than their nodes.
        let ids = seen.iter().enumerate().flat_map(|(i, word)| {
            let bits = std::iter::successors(Some(*word), |rest| rest.checked_sub(1).map(|less| rest & less));
            bits.take_while(|rest| *rest != 0).map(move |rest| Id(i as u32 * 64 + rest.trailing_zeros()))
        });
        ids.collect()
    }
}
