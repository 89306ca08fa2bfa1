//! What a machine does, before it is spelt in a language.
//!
//! In: operations by name, such as `matmul` and `solve`. Out: a hash-consed list of [`Step`]s, three-address code
//! that knows no language: each step has its operation, its arguments, how it is stored, its shape and its flops.
//! Invariant: arguments come before their step; equal steps are one, so shared work is seen.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use smallvec::SmallVec;

use crate::catalog::Catalog;
use crate::cost::{self, Flops};
use crate::expr::{Dim, DimTable, FnId, Graph, Number, Properties, Shape};

use super::typing;

/// A place in a [`Plan`].
pub(super) type StepId = usize;

/// How a value is stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Storage {
    /// A plain number.
    Scalar,
    /// A 1-d array: a column or a row.
    Vector,
    /// A 2-d array.
    Matrix,
}

impl Storage {
    /// How a value of this shape is stored.
    pub fn of(shape: Shape) -> Storage {
        match (shape.is_scalar(), shape.is_matrix()) {
            (true, _) => Storage::Scalar,
            (_, true) => Storage::Matrix,
            _ => Storage::Vector,
        }
    }
}

/// What a step does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Code {
    /// A variable or differential, by its name in the target.
    Name(String),
    /// A named dimension.
    Size(String),
    /// A literal; a quotient where it holds a stroke.
    Literal(String),
    /// An operator of the target file.
    Operator(&'static str),
    /// A function of the catalogue by its notation line.
    Function(FnId),
    /// The Fréchet derivative of a function by its notation line.
    Frechet(FnId),
    /// A call of a function that the request leaves abstract.
    Abstract(String),
}

/// One operation.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Step {
    pub code: Code,
    pub args: SmallVec<[StepId; 3]>,
    pub storage: Storage,
    /// Rows and columns; a 1-d array is a column.
    pub shape: Shape,
    /// Whether it depends on the index of a sum and so cannot be taken out of it.
    pub bound: bool,
}

/// Steps, each once.
pub(super) struct Plan {
    steps: IndexSet<Step, FxBuildHasher>,
    /// What each step takes.
    flops: Vec<Flops>,
    /// What is certain of a step's value.
    properties: FxHashMap<StepId, Properties>,
    /// The graph's dimensions, with those that only steps have.
    pub dims: DimTable,
    catalog: Arc<Catalog>,
}

impl Plan {
    /// An empty plan over the dimensions and functions of a graph.
    pub fn new(graph: &Graph) -> Plan {
        Plan {
            steps: IndexSet::default(),
            flops: Vec::new(),
            properties: FxHashMap::default(),
            dims: graph.dims.clone(),
            catalog: graph.catalog_arc(),
        }
    }

    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id]
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub fn storage(&self, id: StepId) -> Storage {
        self.steps[id].storage
    }

    pub fn shape(&self, id: StepId) -> Shape {
        self.steps[id].shape
    }

    /// What a step takes by itself.
    pub fn flops(&self, id: StepId) -> &Flops {
        &self.flops[id]
    }

    /// A step of a shape that its arguments do not tell.
    pub fn add(&mut self, code: Code, args: &[StepId], storage: Storage, shape: Shape) -> StepId {
        let bound = args.iter().any(|a| self.steps[*a].bound);
        self.insert(code, args, storage, shape, bound)
    }

    fn insert(&mut self, code: Code, args: &[StepId], storage: Storage, shape: Shape, bound: bool) -> StepId {
        let shape = if storage == Storage::Vector && shape.is_row() { shape.transposed() } else { shape };
        let step = Step { code, args: SmallVec::from_slice(args), storage, shape, bound };
        let (id, new) = self.steps.insert_full(step);
        if new {
            let count = self.count(id);
            self.flops.push(count);
        }
        id
    }

    fn count(&mut self, id: StepId) -> Flops {
        let step = &self.steps[id];
        let shapes: SmallVec<[Shape; 3]> = step.args.iter().map(|a| self.steps[*a].shape).collect();
        match (&step.code, step.args.as_slice()) {
            _ if self.is_gram(id) => cost::operation("gram", &shapes, step.shape, &self.dims),
            (Code::Operator(name), _) => cost::operation(name, &shapes, step.shape, &self.dims),
            (Code::Function(f), _) => cost::function(&self.catalog, *f, &shapes, step.shape, &mut self.dims),
            // A block matrix of twice the size.
            (Code::Frechet(f), _) => {
                cost::function(&self.catalog, *f, &shapes[..1], step.shape, &mut self.dims).scaled(8, 1)
            }
            _ => Flops::ZERO,
        }
    }

    /// A step with its arguments replaced.
    pub fn renamed(&mut self, id: StepId, new: &FxHashMap<StepId, StepId>) -> StepId {
        let Step { code, args, storage, shape, bound } = self.steps[id].clone();
        let renamed: SmallVec<[StepId; 3]> = args.iter().map(|a| new.get(a).copied().unwrap_or(*a)).collect();
        if renamed == args {
            return id;
        }
        let step = self.insert(code, &renamed, storage, shape, bound);
        self.note_as(step, id);
        step
    }

    /// Whether a step is `A^T A` or `A A^T`.
    pub fn is_gram(&self, id: StepId) -> bool {
        let step = &self.steps[id];
        let turned = |a: StepId, b: StepId| self.argument_of("transpose", a) == Some(b);
        match (&step.code, step.args.as_slice()) {
            (Code::Operator("matmul"), [a, b]) => turned(*a, *b) || turned(*b, *a),
            _ => false,
        }
    }

    /// The index variable of a sum.
    pub fn index(&mut self, name: String) -> StepId {
        self.insert(Code::Name(name), &[], Storage::Scalar, Shape::SCALAR, true)
    }

    /// A bounded sum over `index`; what it holds may depend on outer indices, but not on this one.
    pub fn closed(&mut self, args: &[StepId], storage: Storage, shape: Shape, bound: bool) -> StepId {
        self.insert(Code::Operator("bounded_sum"), args, storage, shape, bound)
    }

    /// An operation whose arguments tell its shape.
    pub fn op(&mut self, name: &'static str, args: &[StepId], storage: Storage) -> StepId {
        let shapes: SmallVec<[Shape; 3]> = args.iter().map(|a| self.shape(*a)).collect();
        let stored: SmallVec<[Storage; 3]> = args.iter().map(|a| self.storage(*a)).collect();
        let shape = typing::shape(name, &shapes, &stored);
        self.add(Code::Operator(name), args, storage, shape)
    }

    /// An entry-by-entry operation: stored as the larger of both.
    pub fn entrywise(&mut self, name: &'static str, a: StepId, b: StepId) -> StepId {
        let storage = match (self.storage(a), self.storage(b)) {
            (Storage::Scalar, other) | (other, Storage::Scalar) => other,
            (Storage::Matrix, _) | (_, Storage::Matrix) => Storage::Matrix,
            _ => Storage::Vector,
        };
        self.op(name, &[a, b], storage)
    }

    /// The argument, where a step is this operator.
    pub fn argument_of(&self, name: &str, id: StepId) -> Option<StepId> {
        let step = self.step(id);
        matches!(step.code, Code::Operator(n) if n == name).then(|| step.args.first().copied()).flatten()
    }

    /// The divisor, where a step is 1 divided by something.
    pub fn reciprocal_of(&self, id: StepId) -> Option<StepId> {
        let step = self.step(id);
        let one = |a: StepId| matches!(&self.step(a).code, Code::Literal(n) if n == "1");
        match (&step.code, step.args.as_slice()) {
            (Code::Operator("divide"), [a, b]) if one(*a) => Some(*b),
            _ => None,
        }
    }

    pub fn negate(&mut self, a: StepId) -> StepId {
        match self.argument_of("negate", a) {
            Some(inner) => inner,
            None => self.op("negate", &[a], self.storage(a)),
        }
    }

    /// Notes what is certain of a step's value.
    pub fn note(&mut self, a: StepId, properties: Properties) {
        let known = self.properties.entry(a).or_default();
        *known = known.with(properties);
    }

    /// Notes that a step has the value of another one.
    pub fn note_as(&mut self, step: StepId, other: StepId) {
        if let Some(known) = self.properties.get(&other).copied() {
            self.note(step, known);
        }
    }

    /// What is certain of a step's value.
    pub fn properties(&self, a: StepId) -> Properties {
        match self.argument_of("transpose", a) {
            Some(inner) => self.properties.get(&inner).copied().unwrap_or_default().transposed(),
            None => self.properties.get(&a).copied().unwrap_or_default(),
        }
    }

    pub fn transpose(&mut self, a: StepId) -> StepId {
        if self.properties(a).has(Properties::SYMMETRIC) {
            return a;
        }
        match (self.storage(a), self.argument_of("transpose", a)) {
            (_, Some(inner)) => inner,
            (Storage::Matrix, None) => self.op("transpose", &[a], Storage::Matrix),
            _ => a,
        }
    }

    /// The inverse; that of a transpose is the transpose of the inverse, so that none is computed twice.
    pub fn inverse(&mut self, a: StepId) -> StepId {
        match self.argument_of("transpose", a) {
            Some(inner) => {
                let inverse = self.inverse_of(inner);
                self.transpose(inverse)
            }
            None => self.inverse_of(a),
        }
    }

    fn inverse_of(&mut self, a: StepId) -> StepId {
        let inverse = self.op("inverse", &[a], Storage::Matrix);
        let kept = [Properties::SYMMETRIC, Properties::LOWER, Properties::UPPER, Properties::POSDEF];
        let kept = kept.into_iter().fold(Properties::NONE, Properties::with);
        self.note(inverse, self.properties(a).and(kept));
        inverse
    }

    pub fn integer(&mut self, n: i64) -> StepId {
        self.add(Code::Literal(n.to_string()), &[], Storage::Scalar, Shape::SCALAR)
    }

    /// A number that is not negative.
    pub fn number(&mut self, n: &Number) -> StepId {
        self.add(Code::Literal(literal(n)), &[], Storage::Scalar, Shape::SCALAR)
    }

    /// A dimension as a whole number.
    pub fn size(&mut self, graph: &Graph, dim: Dim) -> StepId {
        let terms: Vec<(Vec<u32>, i64)> =
            graph.dims.polynomial(dim).0.iter().rev().map(|(m, c)| (m.clone(), *c)).collect();
        let mut sum = None;
        for (names, coefficient) in terms {
            let mut product = (coefficient.abs() != 1 || names.is_empty())
                .then(|| self.integer(coefficient.saturating_abs()));
            for name in names {
                let size = Code::Size(graph.dims.name(name).to_owned());
                let factor = self.add(size, &[], Storage::Scalar, Shape::SCALAR);
                product = Some(product.map_or(factor, |p| self.entrywise("multiply", p, factor)));
            }
            let Some(term) = product else { continue };
            sum = Some(match (sum, coefficient < 0) {
                (None, false) => term,
                (None, true) => self.negate(term),
                (Some(s), false) => self.entrywise("add", s, term),
                (Some(s), true) => self.entrywise("subtract", s, term),
            });
        }
        sum.unwrap_or_else(|| self.integer(0))
    }

    /// The zero of a shape.
    pub fn zeros(&mut self, graph: &Graph, shape: Shape) -> StepId {
        match Storage::of(shape) {
            Storage::Scalar => self.integer(0),
            s => self.filled(graph, shape, s, ["zeros", "zeros_matrix"]),
        }
    }

    /// An array of one shape and one value.
    pub fn filled(&mut self, graph: &Graph, shape: Shape, s: Storage, names: [&'static str; 2]) -> StepId {
        let (rows, cols) = (self.size(graph, shape.rows), self.size(graph, shape.cols));
        match (s, shape.is_column()) {
            (Storage::Matrix, _) => self.add(Code::Operator(names[1]), &[rows, cols], s, shape),
            (_, true) => self.add(Code::Operator(names[0]), &[rows], Storage::Vector, shape),
            (_, false) => self.add(Code::Operator(names[0]), &[cols], Storage::Vector, shape),
        }
    }

    /// What all steps below `roots` take together, each once.
    pub fn total(&self, roots: &[StepId]) -> Flops {
        let mut sum = Flops::ZERO;
        for id in self.reachable(roots) {
            sum.add(self.flops(id));
        }
        sum
    }

    /// What decides between two plans: the flops, and the matrices that are written and read for little.
    pub fn effort(&self, roots: &[StepId]) -> Flops {
        let mut sum = self.total(roots);
        for id in self.reachable(roots) {
            let step = self.step(id);
            if let Code::Operator(name) = &step.code {
                sum.add(&cost::traffic(name, step.shape, &self.dims));
            }
        }
        sum
    }

    /// All steps below `roots`, arguments first.
    pub fn reachable(&self, roots: &[StepId]) -> Vec<StepId> {
        let (mut seen, mut stack) = (vec![false; self.steps.len()], roots.to_vec());
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut seen[id], true) {
                stack.extend(&self.step(id).args);
            }
        }
        (0..seen.len()).filter(|i| seen[*i]).collect()
    }
}

/// A decimal where it is exact and short, a quotient otherwise.
fn literal(n: &Number) -> String {
    let n = n.abs();
    if n.is_integer() {
        return if n.to_integer().is_some() { n.to_string() } else { format!("{:e}", n.to_f64()) };
    }
    let decimal = n.to_f64().to_string();
    let exact = Number::parse(&decimal).is_some_and(|d| d == n);
    let (p, q) = n.parts();
    match (exact, p.to_integer(), q.to_integer()) {
        (false, Some(p), Some(q)) => format!("{p} / {q}"),
        _ => format!("{:?}", n.to_f64()),
    }
}
