//! From mathematics to operations on arrays.
//!
//! In: nodes of a graph. Out: steps of a [`Plan`].
//! Invariant: a step is stored as its node's shape says: 1×1 as a number, columns and rows as 1-d arrays.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Entry;
use crate::expr::{Dim, FnId, Graph, Id, Kind, Number, Op, Properties};

use super::chain::{Chain, Factor, Letter};
use super::names::Names;
use super::plan::{Code, Plan, StepId, Storage};
use super::target::Target;

/// Lowers nodes of one graph into one plan.
pub(super) struct Lowering<'g> {
    pub graph: &'g Graph,
    pub target: &'static Target,
    pub names: &'g Names,
    pub plan: Plan,
    done: FxHashMap<Id, StepId>,
    indices: FxHashSet<Id>,
}

impl<'g> Lowering<'g> {
    pub fn new(graph: &'g Graph, target: &'static Target, names: &'g Names) -> Lowering<'g> {
        let (plan, done) = (Plan::default(), FxHashMap::default());
        Lowering { graph, target, names, plan, done, indices: FxHashSet::default() }
    }

    /// The step that computes a node.
    pub fn lower(&mut self, root: Id) -> StepId {
        let ids = self.graph.reachable(&[root]);
        let sums = ids.iter().filter(|id| *self.graph.op(**id) == Op::BoundedSum);
        self.indices.extend(sums.filter_map(|id| self.graph.args(*id).first()));
        for id in ids {
            if !self.done.contains_key(&id) {
                let step = self.node(id);
                if self.graph.properties(id).has(Properties::SYMMETRIC) {
                    self.plan.is_symmetric(step);
                }
                self.done.insert(id, step);
            }
        }
        self.of(root)
    }

    /// The step of a node that is lowered already.
    fn of(&self, id: Id) -> StepId {
        self.done.get(&id).copied().unwrap_or(0)
    }

    fn storage(&self, id: Id) -> Storage {
        Storage::of(self.graph.shape(id))
    }

    fn node(&mut self, id: Id) -> StepId {
        let graph = self.graph;
        let args = graph.args(id);
        let (shape, storage) = (graph.shape(id), self.storage(id));
        let steps: Vec<StepId> = args.iter().map(|a| self.of(*a)).collect();
        match graph.op(id) {
            Op::Var(v) if self.indices.contains(&id) => self.plan.index(self.names.variable(*v)),
            Op::Var(v) => self.plan.add(Code::Name(self.names.variable(*v)), &[], storage),
            Op::Differential(v) => self.plan.add(Code::Name(self.names.differential(*v)), &[], storage),
            Op::Num(n) => {
                let step = self.plan.number(n);
                if n.is_negative() { self.plan.negate(step) } else { step }
            }
            Op::Size(d) => self.plan.size(graph, *d),
            Op::Identity(n) => {
                let n = self.plan.size(graph, *n);
                self.plan.op("identity", &[n], storage)
            }
            Op::Ones(..) => self.plan.filled(graph, shape, storage, ["ones", "ones_matrix"]),
            Op::Zeros(..) => self.plan.zeros(graph, shape),
            Op::Unit(n) => {
                let n = self.plan.size(graph, *n);
                self.plan.op("unit", &[steps[0], n], storage)
            }
            Op::Commutation(m, n) => {
                let (m, n) = (self.plan.size(graph, *m), self.plan.size(graph, *n));
                self.plan.op("commutation", &[m, n], storage)
            }
            Op::Sum => self.sum(&steps),
            Op::Negate => self.plan.negate(steps[0]),
            Op::Product => self.product(args),
            Op::Divide | Op::ElementDivide => self.signed("divide", steps[0], steps[1]),
            Op::Hadamard => self.hadamard(&steps),
            Op::Solve => self.plan.op("solve", &steps, storage),
            Op::Power | Op::ElementPower => self.power(id, &steps),
            Op::Transpose => self.plan.transpose(steps[0]),
            Op::Kronecker => self.kronecker(args, id),
            Op::Map(f) => self.plan.add(Code::Function(*f), &steps, storage),
            Op::Call(f) => self.call(*f, id, &steps),
            Op::Frechet(f) => self.plan.add(Code::Frechet(*f), &steps, storage),
            Op::Apply(f, order) | Op::ApplyMap(f, order) => {
                let name = self.names.function(*f, *order, false);
                self.plan.add(Code::Abstract(name), &steps, storage)
            }
            Op::ApplyAlong(f, order) => {
                let name = self.names.function(*f, *order, true);
                self.plan.add(Code::Abstract(name), &steps, storage)
            }
            Op::BoundedSum => {
                let zero = self.plan.zeros(graph, shape);
                let others = graph.reachable(&[id]).into_iter().filter(|i| self.indices.contains(i)).count();
                let end = self.end(args[2]);
                self.plan.closed(&[steps[0], steps[1], end, steps[3], zero], storage, others > 1)
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
    fn signed(&mut self, op: &'static str, a: StepId, b: StepId) -> StepId {
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
                (Some(-1), _) => self.plan.op("inverse", &steps[..1], storage),
                (None, Some(_)) => self.plan.op("fractional_power", steps, storage),
                _ => self.plan.op("matrix_power", steps, storage),
            };
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
                    self.plan.op("kronecker", &[p, step], storage)
                }
            });
        }
        product.unwrap_or(0)
    }

    /// A product's number, its scalar factors, and its chains of matrices; all but one of these are 1×1.
    fn split(&mut self, args: &[Id]) -> (Number, Vec<StepId>, Vec<Vec<Letter>>) {
        let (mut number, mut scalars, mut chains) = (Number::ONE, Vec::new(), Vec::new());
        let mut chain: Vec<Letter> = Vec::new();
        for a in args {
            match (self.graph.number(*a), self.storage(*a)) {
                (Some(n), _) => number = number * n,
                (None, Storage::Scalar) => scalars.push(self.of(*a)),
                _ => {
                    let mut letter = self.letter(*a);
                    if let Factor::Plain(step) = letter.factor
                        && let Some(inner) = self.plan.argument_of("negate", step)
                    {
                        (number, letter.factor) = (-number, Factor::Plain(inner));
                    }
                    chain.push(letter);
                    let (first, last) = (chain[0], chain[chain.len() - 1]);
                    if first.rows == Dim::ONE && last.cols == Dim::ONE {
                        chains.push(std::mem::take(&mut chain));
                    }
                }
            }
        }
        if !chain.is_empty() {
            chains.push(chain);
        }
        for chain in &mut chains {
            let eye = |l: &Letter| matches!(l.factor, Factor::Plain(s) if self.plan.is("identity", s));
            if !chain.iter().all(eye) {
                chain.retain(|l| !eye(l));
            } else {
                chain.truncate(1);
            }
        }
        (number, scalars, chains)
    }

    fn letter(&self, id: Id) -> Letter {
        let graph = self.graph;
        let inverse = |id: Id| match (graph.op(id), graph.args(id)) {
            (Op::Power, [base, k]) if graph.number(*k) == Some(Number::MINUS_ONE) => Some(*base),
            _ => None,
        };
        let factor = match (graph.op(id), graph.args(id)) {
            (Op::Power, _) => inverse(id).map(|base| Factor::Inverse(self.of(base))),
            (Op::Call(f), [u]) if graph.catalog().entry(*f).name == "diag" && graph.shape(*u).is_column() => {
                Some(Factor::Diagonal(self.of(*u)))
            }
            _ => None,
        };
        let shape = graph.shape(id);
        Letter { factor: factor.unwrap_or(Factor::Plain(self.of(id))), rows: shape.rows, cols: shape.cols }
    }

    fn product(&mut self, args: &[Id]) -> StepId {
        let (number, mut scalars, chains) = self.split(args);
        let mut whole = None;
        for letters in &chains {
            let letters = self.transposed_inverses(letters);
            let chain = Chain::new(&letters, &self.graph.dims);
            let step = chain.build(&mut self.plan, 0, letters.len());
            match self.plan.storage(step) {
                Storage::Scalar => scalars.push(step),
                _ => whole = Some(step),
            }
        }
        self.scaled(&number, &scalars, whole)
    }

    /// `inv(A).T` as a factor is solved with `A.T`.
    fn transposed_inverses(&mut self, letters: &[Letter]) -> Vec<Letter> {
        let mut found = letters.to_vec();
        for letter in &mut found {
            if let Factor::Plain(step) = letter.factor
                && let Some(inverse) = self.plan.argument_of("transpose", step)
                && let Some(base) = self.plan.argument_of("inverse", inverse)
            {
                letter.factor = Factor::Inverse(self.plan.transpose(base));
            }
        }
        found
    }

    /// `number · scalars · whole`, the sign in front.
    fn scaled(&mut self, number: &Number, scalars: &[StepId], whole: Option<StepId>) -> StepId {
        let parts: Vec<StepId> = scalars.iter().copied().chain(whole).collect();
        let magnitude = number.abs();
        let (p, q) = magnitude.parts();
        // `x / 3` rather than `1 / 3 * x`, `0.5 * x` rather than `x / 2`.
        let decimal = Number::parse(&magnitude.to_f64().to_string()).is_some_and(|d| d == magnitude);
        let (front, under) = match decimal {
            true => (magnitude, Number::ONE),
            false => (p, q),
        };
        let mut step = (!front.is_one() || parts.is_empty()).then(|| self.plan.number(&front));
        for part in parts {
            step = Some(step.map_or(part, |s| self.signed("multiply", s, part)));
        }
        let mut step = step.unwrap_or(0);
        if !under.is_one() {
            let under = self.plan.number(&under);
            step = self.signed("divide", step, under);
        }
        if number.is_negative() { self.plan.negate(step) } else { step }
    }

    fn call(&mut self, f: FnId, id: Id, steps: &[StepId]) -> StepId {
        let graph = self.graph;
        let entry = graph.catalog().entry(f);
        let storage = self.storage(id);
        if let ("tr", Some(step)) = (entry.name.as_str(), self.trace(graph.args(id))) {
            return step;
        }
        if self.target.flat.contains(&entry.name) {
            return self.plan.add(Code::Function(f), steps, storage);
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
        let step = self.plan.add(Code::Function(f), &args, stored);
        match (stored == storage, storage) {
            (true, _) => step,
            (_, Storage::Scalar) => self.plan.op("item", &[step], storage),
            _ => self.plan.op("flatten", &[step], storage),
        }
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

    /// tr(A B) as the sum of A .* B^T, split where that costs least.
    fn trace(&mut self, args: &[Id]) -> Option<StepId> {
        let [arg] = args else { return None };
        if self.storage(*arg) == Storage::Scalar {
            return Some(self.of(*arg));
        }
        if *self.graph.op(*arg) != Op::Product || self.storage(*arg) != Storage::Matrix {
            return None;
        }
        let (number, mut scalars, mut chains) = self.split(self.graph.args(*arg));
        let last = chains.pop()?;
        for letters in &chains {
            let letters = self.transposed_inverses(letters);
            scalars.push(Chain::new(&letters, &self.graph.dims).build(&mut self.plan, 0, letters.len()));
        }
        let letters = self.transposed_inverses(&last);
        let n = letters.len();
        let chain = Chain::new(&letters, &self.graph.dims);
        let alone = |i: usize, j: usize| j - i == 1 && matches!(letters[i].factor, Factor::Inverse(_));
        let best = (1..n)
            .filter(|k| !alone(0, *k) && !alone(*k, n))
            .min_by(|a, b| {
                let cost = |k: usize| chain.cost(0, k) + chain.cost(k, n);
                cost(*a).total_cmp(&cost(*b))
            })
            .filter(|k| (chain.cost(0, *k) + chain.cost(*k, n)).is_finite());
        let whole = match best {
            None => {
                let step = chain.build(&mut self.plan, 0, n);
                self.plan.op("trace", &[step], Storage::Scalar)
            }
            Some(k) => {
                let (a, b) = (chain.build(&mut self.plan, 0, k), chain.build(&mut self.plan, k, n));
                if self.plan.storage(a) == Storage::Matrix {
                    let b = self.plan.transpose(b);
                    let product = self.plan.entrywise("multiply", a, b);
                    self.plan.op("total", &[product], Storage::Scalar)
                } else {
                    self.plan.op("matmul", &[a, b], Storage::Scalar)
                }
            }
        };
        scalars.push(whole);
        Some(self.scaled(&number, &scalars, None))
    }
}
