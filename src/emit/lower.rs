//! From mathematics to operations on arrays.
//!
//! In: nodes of a graph. Out: steps of a [`Plan`].
//! Invariant: a step is stored as its node's shape says: 1×1 as a number, columns and rows as 1-d arrays.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Entry;
use crate::expr::{DimTable, FnId, Graph, Id, Kind, Number, Op, Properties, Shape};
use crate::shape::sign;

use super::chain::Factor;
use super::names::Names;
use super::plan::{Code, Plan, StepId, Storage};
use super::rewrite::is_call;
use super::target::Target;
use super::word::{Key, Stretches, is_word, split_product, traced};

/// Lowers nodes of one graph into one plan.
pub(super) struct Lowering<'g> {
    pub graph: &'g Graph,
    pub target: &'static Target,
    pub names: &'g Names,
    pub plan: Plan,
    done: FxHashMap<Id, StepId>,
    indices: FxHashSet<Id>,
    /// What depends on the direction or cotangent whose way through the function is counted.
    carried: FxHashSet<Id>,
    /// How often stretches of products occur in all that is computed together.
    pub stretches: Stretches,
    /// The stretches that are computed already.
    built: FxHashMap<Vec<Key>, StepId>,
}

impl<'g> Lowering<'g> {
    /// For what is to be computed together, of which these are the stretches of products.
    pub fn new(
        graph: &'g Graph,
        target: &'static Target,
        names: &'g Names,
        stretches: Stretches,
    ) -> Lowering<'g> {
        Lowering {
            graph,
            target,
            names,
            plan: Plan::new(graph),
            done: FxHashMap::default(),
            indices: FxHashSet::default(),
            carried: FxHashSet::default(),
            stretches,
            built: FxHashMap::default(),
        }
    }

    /// The step of a stretch that is computed already, and whether it is its transpose.
    pub(super) fn built(&self, straight: &[Key], mirrored: &[Key]) -> Option<(StepId, bool)> {
        let found = |keys: &[Key]| self.built.get(keys).copied();
        found(straight).map(|s| (s, false)).or_else(|| found(mirrored).map(|s| (s, true)))
    }

    /// Notes that a stretch is computed.
    pub(super) fn keep(&mut self, straight: Vec<Key>, mirrored: Vec<Key>, factor: Factor) {
        if let Factor::Plain(step) = factor
            && !self.plan.step(step).bound
            && !self.built.contains_key(&mirrored)
        {
            self.built.entry(straight).or_insert(step);
        }
    }

    /// Notes of a matrix that has to be invertible whether it is positive definite: it is where it is semidefinite.
    pub(super) fn note_definite(&mut self, id: Id) {
        let known = self.graph.properties(id).has(Properties::POSDEF);
        if !known && matches!(self.graph.op(id), Op::Sum | Op::Product) && sign(self.graph, id).semidefinite {
            let definite = Properties::POSDEF.with(Properties::SYMMETRIC);
            self.plan.note(self.of(id), definite);
        }
    }

    /// The diagonal of a diagonal matrix, as a vector.
    pub(super) fn diagonal(&mut self, id: Id) -> StepId {
        let step = self.of(id);
        match (self.graph.op(id), self.graph.args(id)) {
            (Op::Call(f), [u]) if self.graph.catalog().entry(*f).name == "diag" => self.of(*u),
            _ => self.plan.op("diagonal_of", &[step], Storage::Vector),
        }
    }

    /// Has products be multiplied from `seed` outwards, as forward and reverse mode do.
    pub fn carry(&mut self, root: Id, seed: Id) {
        for id in self.graph.reachable(&[root]) {
            if id == seed || self.graph.args(id).iter().any(|a| self.carried.contains(a)) {
                self.carried.insert(id);
            }
        }
    }

    pub(super) fn is_carried(&self, id: Id) -> bool {
        self.carried.contains(&id)
    }

    /// The step that computes a node.
    pub fn lower(&mut self, root: Id) -> StepId {
        let ids = self.graph.reachable(&[root]);
        let sums = ids.iter().filter(|id| *self.graph.op(**id) == Op::BoundedSum);
        self.indices.extend(sums.filter_map(|id| self.graph.args(*id).first()));
        for id in self.needed(root) {
            if !self.done.contains_key(&id) {
                let step = self.node(id);
                if self.storage(id) == Storage::Matrix {
                    self.plan.note(step, self.graph.properties(id));
                }
                self.done.insert(id, step);
            }
        }
        self.of(root)
    }

    /// The nodes whose steps are used, arguments first: of products the letters, not the products inside, and of a
    /// trace the letters, not the matrix.
    fn needed(&self, root: Id) -> Vec<Id> {
        let graph = self.graph;
        let (mut seen, mut stack) = (FxHashSet::default(), vec![root]);
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let word = match is_word(graph, id) {
                true => Some(id),
                false => {
                    traced(graph, id).filter(|a| is_word(graph, *a) && self.storage(*a) == Storage::Matrix)
                }
            };
            match word.map(|id| split_product(graph, id)) {
                Some(word) => {
                    stack.extend(word.scalars.iter().chain(&word.divisors));
                    stack.extend(word.chains.iter().flatten().map(|l| l.key.id));
                }
                None => stack.extend_from_slice(graph.args(id)),
            }
        }
        let mut found: Vec<Id> = seen.into_iter().collect();
        found.sort_unstable();
        found
    }

    /// The step of a node that is lowered already.
    pub(super) fn of(&self, id: Id) -> StepId {
        self.done.get(&id).copied().unwrap_or(0)
    }

    pub(super) fn storage(&self, id: Id) -> Storage {
        Storage::of(self.graph.shape(id))
    }

    fn node(&mut self, id: Id) -> StepId {
        let graph = self.graph;
        let args = graph.args(id);
        let (shape, storage) = (graph.shape(id), self.storage(id));
        let steps: Vec<StepId> = args.iter().map(|a| self.of(*a)).collect();
        match graph.op(id) {
            Op::Var(v) if self.indices.contains(&id) => self.plan.index(self.names.variable(*v)),
            Op::Var(v) => self.plan.add(Code::Name(self.names.variable(*v)), &[], storage, shape),
            Op::Differential(v) => {
                self.plan.add(Code::Name(self.names.differential(*v)), &[], storage, shape)
            }
            Op::Num(n) => {
                let step = self.plan.number(n);
                if n.is_negative() { self.plan.negate(step) } else { step }
            }
            Op::Size(d) => self.plan.size(graph, *d),
            Op::Identity(n) => {
                let n = self.plan.size(graph, *n);
                self.plan.add(Code::Operator("identity"), &[n], storage, shape)
            }
            Op::Ones(..) => self.plan.filled(graph, shape, storage, ["ones", "ones_matrix"]),
            Op::Zeros(..) => self.plan.zeros(graph, shape),
            Op::Unit(n) => {
                let n = self.plan.size(graph, *n);
                self.plan.add(Code::Operator("unit"), &[steps[0], n], storage, shape)
            }
            Op::Commutation(m, n) => {
                let (m, n) = (self.plan.size(graph, *m), self.plan.size(graph, *n));
                self.plan.add(Code::Operator("commutation"), &[m, n], storage, shape)
            }
            Op::Sum => self.sum(&steps),
            Op::Negate => self.plan.negate(steps[0]),
            Op::Product => self.product(args),
            Op::Divide | Op::ElementDivide => self.signed("divide", steps[0], steps[1]),
            Op::Hadamard => self.hadamard(&steps),
            Op::Solve if self.storage(args[0]) == Storage::Scalar => {
                self.signed("divide", steps[1], steps[0])
            }
            Op::Solve => self.product(&[id]),
            Op::Power if is_word(graph, id) => self.product(&[id]),
            Op::Power | Op::ElementPower => self.power(id, &steps),
            Op::Transpose => self.plan.transpose(steps[0]),
            Op::Kronecker => self.kronecker(args, id),
            Op::Map(f) => self.plan.add(Code::Function(*f), &steps, storage, shape),
            Op::Call(f) => self.call(*f, id, &steps),
            Op::Frechet(f) => self.plan.add(Code::Frechet(*f), &steps, storage, shape),
            Op::Apply(f, order) | Op::ApplyMap(f, order) => {
                let name = self.names.function(*f, *order, false);
                self.plan.add(Code::Abstract(name), &steps, storage, shape)
            }
            Op::ApplyAlong(f, order) => {
                let name = self.names.function(*f, *order, true);
                self.plan.add(Code::Abstract(name), &steps, storage, shape)
            }
            Op::BoundedSum => {
                let zero = self.plan.zeros(graph, shape);
                let others = graph.reachable(&[id]).into_iter().filter(|i| self.indices.contains(i)).count();
                let end = self.end(args[2]);
                self.plan.closed(&[steps[0], steps[1], end, steps[3], zero], storage, shape, others > 1)
            }
        }
    }

    /// One past the last index of a sum: `k` where it runs to `k - 1`.
    fn end(&mut self, last: Id) -> StepId {
        let graph = self.graph;
        let minus_one = |id: &Id| match (graph.op(*id), graph.args(*id)) {
            (Op::Negate, [a]) => graph.number(*a) == Some(Number::ONE),
            _ => graph.number(*id) == Some(Number::MINUS_ONE),
        };
        if let (Op::Sum, [rest @ .., one]) = (graph.op(last), graph.args(last))
            && minus_one(one)
        {
            let steps: Vec<StepId> = rest.iter().map(|a| self.of(*a)).collect();
            return self.sum(&steps);
        }
        let one = self.plan.integer(1);
        let last = self.of(last);
        self.plan.entrywise("add", last, one)
    }

    fn sum(&mut self, steps: &[StepId]) -> StepId {
        let mut sum = steps[0];
        for step in &steps[1..] {
            sum = match self.plan.argument_of("negate", *step) {
                Some(inner) => self.plan.entrywise("subtract", sum, inner),
                None => self.plan.entrywise("add", sum, *step),
            };
        }
        sum
    }

    /// `a op b` with the sign of `a` in front.
    pub(super) fn signed(&mut self, op: &'static str, a: StepId, b: StepId) -> StepId {
        match self.plan.argument_of("negate", a) {
            Some(inner) => {
                let step = self.plan.entrywise(op, inner, b);
                self.plan.negate(step)
            }
            None => self.plan.entrywise(op, a, b),
        }
    }

    fn hadamard(&mut self, steps: &[StepId]) -> StepId {
        steps[1..].iter().fold(steps[0], |product, s| self.signed("multiply", product, *s))
    }

    fn power(&mut self, id: Id, steps: &[StepId]) -> StepId {
        let (graph, storage) = (self.graph, self.storage(id));
        let exponent = graph.number(graph.args(id)[1]);
        let whole = exponent.as_ref().and_then(Number::to_integer);
        if storage == Storage::Matrix && *graph.op(id) == Op::Power {
            return match (whole, &exponent) {
                (Some(-1), _) => {
                    self.note_definite(graph.args(id)[0]);
                    self.plan.inverse(steps[0])
                }
                (None, Some(_)) => self.plan.op("fractional_power", steps, storage),
                _ => self.plan.op("matrix_power", steps, storage),
            };
        }
        if let (Some(2), Some(step)) = (whole, self.squared_norm(graph.args(id)[0])) {
            return step;
        }
        match (whole, exponent) {
            (Some(-1), _) => {
                let one = self.plan.integer(1);
                self.plan.entrywise("divide", one, steps[0])
            }
            (_, Some(k)) if k == Number::ratio(1, 2) => self.plan.op("sqrt", &steps[..1], storage),
            _ => self.plan.op("power", steps, storage),
        }
    }

    /// `norm(x)^2` as `x^T x`, without a root.
    fn squared_norm(&mut self, norm: Id) -> Option<StepId> {
        let [x] = *self.graph.args(norm) else { return None };
        let known = is_call(self.graph, norm, "norm") && self.storage(x) == Storage::Vector;
        known.then(|| self.plan.op("matmul", &[self.of(x), self.of(x)], Storage::Scalar))
    }

    fn kronecker(&mut self, args: &[Id], id: Id) -> StepId {
        let wide = self.storage(id) == Storage::Matrix;
        let mut product: Option<StepId> = None;
        for a in args {
            let mut step = self.of(*a);
            if wide && self.storage(*a) == Storage::Vector {
                let op = if self.graph.shape(*a).is_column() { "column" } else { "row" };
                step = self.plan.op(op, &[step], Storage::Matrix);
            }
            product = Some(match product {
                None => step,
                Some(p)
                    if self.plan.storage(p) == Storage::Scalar
                        || self.plan.storage(step) == Storage::Scalar =>
                {
                    self.plan.entrywise("multiply", p, step)
                }
                Some(p) => {
                    let storage = self.plan.storage(step);
                    let (a, b) = (self.plan.shape(p), self.plan.shape(step));
                    let side = |dims: &mut DimTable, a, b| dims.times(a, b).unwrap_or(a);
                    let rows = side(&mut self.plan.dims, a.rows, b.rows);
                    let cols = side(&mut self.plan.dims, a.cols, b.cols);
                    self.plan.add(Code::Operator("kronecker"), &[p, step], storage, Shape::new(rows, cols))
                }
            });
        }
        product.unwrap_or(0)
    }

    fn call(&mut self, f: FnId, id: Id, steps: &[StepId]) -> StepId {
        let graph = self.graph;
        let entry = graph.catalog().entry(f);
        let storage = self.storage(id);
        if let ("tr", Some(step)) = (entry.name.as_str(), self.trace(graph.args(id))) {
            return step;
        }
        if let ("diag", Some(step)) = (entry.name.as_str(), self.diagonal_of_product(graph.args(id))) {
            return step;
        }
        if entry.name == "logdet" {
            self.note_definite(graph.args(id)[0]);
        }
        if let ("unvec", Some(step)) = (entry.name.as_str(), self.unstacked(graph.args(id))) {
            return step;
        }
        if self.target.flat.contains(&entry.name) {
            return self.plan.add(Code::Function(f), steps, storage, graph.shape(id));
        }
        let mut raised = false;
        let args: Vec<StepId> = steps
            .iter()
            .enumerate()
            .map(|(i, step)| {
                let raise = self.raising(entry, i, graph.args(id)[i]);
                raised |= raise.is_some();
                raise.map_or(*step, |(op, to)| self.plan.op(op, &[*step], to))
            })
            .collect();
        let stored = match entry.result.kind {
            Kind::Scalar => Storage::Scalar,
            Kind::Vector if raised && storage == Storage::Scalar => Storage::Vector,
            Kind::Matrix if raised => Storage::Matrix,
            _ => storage,
        };
        let step = self.plan.add(Code::Function(f), &args, stored, graph.shape(id));
        match (stored == storage, storage) {
            (true, _) => step,
            (_, Storage::Scalar) => self.plan.op("item", &[step], storage),
            _ => self.plan.op("flatten", &[step], storage),
        }
    }

    /// A vector as a matrix of a shape that no array shows.
    fn unstacked(&mut self, args: &[Id]) -> Option<StepId> {
        let [like, vector] = args else { return None };
        let shape = self.graph.shape(*like);
        let array = self.storage(*like) == Storage::Matrix && self.storage(*vector) == Storage::Vector;
        let zeros = matches!(self.graph.op(*like), Op::Zeros(..));
        if !array || !zeros || !self.target.operators.contains_key("unvec") {
            return None;
        }
        let (rows, cols) = (self.plan.size(self.graph, shape.rows), self.plan.size(self.graph, shape.cols));
        let args = [self.of(*vector), rows, cols];
        Some(self.plan.add(Code::Operator("unvec"), &args, Storage::Matrix, shape))
    }

    /// What makes an argument the array that the signature asks for.
    fn raising(&self, entry: &Entry, i: usize, arg: Id) -> Option<(&'static str, Storage)> {
        let kind = entry.parameters.get(i)?.ty.kind;
        match (kind, self.storage(arg)) {
            (Kind::Matrix, Storage::Scalar) => Some(("singleton_matrix", Storage::Matrix)),
            (Kind::Matrix, Storage::Vector) if self.graph.shape(arg).is_column() => {
                Some(("column", Storage::Matrix))
            }
            (Kind::Matrix, Storage::Vector) => Some(("row", Storage::Matrix)),
            (Kind::Vector, Storage::Scalar) => Some(("singleton", Storage::Vector)),
            _ => None,
        }
    }
}
