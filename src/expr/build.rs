//! Builders that leave out what is trivially nothing: zero summands, factors of 1, double transposes.
//!
//! In: parts of an expression. Out: the expression written from them, nothing reordered or merged.
//! Invariant: a value is never changed, only the way it is written: `Sum[]` is no term, `1 A` is `A`.
//!
//! The passes of the calculus write their results with these; whatever goes further is the simplifier's work.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::graph::{Graph, Kind, Variable};
use super::node::{Id, Node, Op, VarId};
use super::number::Number;
use super::properties::Properties;
use super::shape::Shape;

impl Graph {
    /// The sum of the terms; `None` of none.
    pub fn add_up(&mut self, terms: impl IntoIterator<Item = Id>) -> Option<Id> {
        let terms: SmallVec<[Id; 3]> = terms.into_iter().filter(|t| !self.is_zero(*t)).collect();
        if terms.is_empty() { None } else { Some(self.sum(terms)) }
    }

    /// The product of the factors without those that are 1; the number 1 of none.
    pub fn times(&mut self, factors: impl IntoIterator<Item = Id>) -> Id {
        let factors: SmallVec<[Id; 3]> = factors.into_iter().filter(|f| !self.is_one(*f)).collect();
        if factors.is_empty() { self.int(1) } else { self.product(factors) }
    }

    /// The entry-by-entry product; of scalars, the product.
    pub fn entrywise_times(&mut self, factors: impl IntoIterator<Item = Id>) -> Id {
        let factors: SmallVec<[Id; 3]> = factors.into_iter().filter(|f| !self.is_all_ones(*f)).collect();
        match factors.as_slice() {
            [] => self.int(1),
            [one] => *one,
            [first, ..] if self.shape(*first).is_scalar() => self.times(factors),
            _ => self.add(Op::Hadamard, factors),
        }
    }

    /// `a^T`, where a transpose turns back and a symmetric matrix stays as it is.
    pub fn turned(&mut self, a: Id) -> Id {
        match *self.op(a) {
            Op::Transpose => self.args(a)[0],
            Op::Ones(r, c) => self.add(Op::Ones(c, r), []),
            Op::Zeros(r, c) => self.add(Op::Zeros(c, r), []),
            _ if self.properties(a).has(Properties::SYMMETRIC) => a,
            _ => self.transpose(a),
        }
    }

    /// `d^T` of a differential: structure belongs to the subspace, so `dA^T` stays as written.
    pub fn turned_differential(&mut self, d: Id) -> Id {
        if matches!(self.op(d), Op::Transpose) { self.args(d)[0] } else { self.transpose(d) }
    }

    /// The transpose of a product, factor by factor.
    pub fn turned_word(&mut self, word: &[Id]) -> Vec<Id> {
        word.iter().rev().map(|f| self.turned(*f)).collect()
    }

    /// `a^k`, where the first power is the base and the zeroth the identity.
    pub fn raised(&mut self, a: Id, k: i64) -> Id {
        match k {
            0 => self.identity(self.shape(a).rows),
            1 => a,
            _ => self.power(a, k),
        }
    }

    /// `-a`, where two signs cancel.
    pub fn opposite(&mut self, a: Id) -> Id {
        match self.op(a) {
            Op::Negate => self.args(a)[0],
            Op::Num(n) => {
                let n = -n.clone();
                self.num(n)
            }
            _ => self.negate(a),
        }
    }

    /// The inner product `⟨a, b⟩ = tr(a^T b)` of two expressions of one shape.
    pub fn inner(&mut self, a: Id, b: Id) -> Id {
        let shape = self.shape(a);
        if shape.is_column() {
            let a = self.turned(a);
            self.times([a, b])
        } else if shape.is_row() {
            let b = self.turned(b);
            self.times([a, b])
        } else {
            let a = self.turned(a);
            let product = self.times([a, b]);
            self.call_named("tr", [product])
        }
    }

    /// The function of this name that fits the arguments: `diag` of a vector or of a matrix.
    pub fn call_fitting(&mut self, name: &str, args: &[Id]) -> Id {
        let catalog = self.catalog_arc();
        let shapes: SmallVec<[Shape; 3]> = args.iter().map(|a| self.shape(*a)).collect();
        let fits =
            |f: &&super::node::FnId| catalog.result_shape(**f, &shapes, &mut self.dims.clone()).is_some();
        match catalog.overloads(name).iter().find(fits) {
            Some(f) => self.call(*f, args.iter().copied()),
            None => self.call_named(name, args.iter().copied()),
        }
    }

    /// A product without its factors of 1; anything else as it is.
    pub fn without_ones(&mut self, a: Id) -> Id {
        match self.op(a) {
            Op::Product => {
                let factors: SmallVec<[Id; 3]> = SmallVec::from_slice(self.args(a));
                self.times(factors)
            }
            _ => a,
        }
    }

    /// Whether it is the number 1.
    pub fn is_one(&self, id: Id) -> bool {
        matches!(self.op(id), Op::Num(n) if n.is_one())
    }

    /// Whether every entry is the number 1.
    pub fn is_all_ones(&self, id: Id) -> bool {
        self.is_one(id) || matches!(self.op(id), Op::Ones(..))
    }

    /// Whether it is an identity matrix, or the number 1.
    pub fn is_identity(&self, id: Id) -> bool {
        self.is_one(id) || matches!(self.op(id), Op::Identity(_))
    }

    /// Whether `part` is `root` or below it.
    pub fn contains(&self, root: Id, part: Id) -> bool {
        self.reachable(&[root]).binary_search(&part).is_ok()
    }

    /// A whole-number variable that no answer has used yet, for the index of a bounded sum.
    pub fn fresh_index(&mut self, wish: &str) -> Id {
        let taken = |g: &Graph, name: &str| {
            g.variable_named(name).is_some()
                || g.dims.names().any(|n| n == name)
                || g.functions().iter().any(|f| f.name == name)
        };
        let mut name = wish.to_owned();
        let mut n = 1;
        while taken(self, &name) {
            n += 1;
            name = format!("{wish}{n}");
        }
        let properties = Properties::INTEGER.with(Properties::CONSTANT);
        self.declare(Variable { name, kind: Kind::Scalar, shape: Shape::SCALAR, properties })
    }

    /// `root` with every occurrence of `from` replaced by `to`, of the same shape.
    pub fn substitute(&mut self, root: Id, from: Id, to: Id) -> Id {
        self.substitute_all(root, &[(from, to)])
    }

    /// `root` with all of these replaced at once.
    pub fn substitute_all(&mut self, root: Id, pairs: &[(Id, Id)]) -> Id {
        let mut new: FxHashMap<Id, Id> = pairs.iter().copied().collect();
        for id in self.reachable(&[root]) {
            if new.contains_key(&id) || !self.args(id).iter().any(|a| new.contains_key(a)) {
                continue;
            }
            let Node { op, args } = self.node(id).clone();
            let args: SmallVec<[Id; 3]> = args.iter().map(|a| new.get(a).copied().unwrap_or(*a)).collect();
            let built = self.add(op, args);
            new.insert(id, built);
        }
        new.get(&root).copied().unwrap_or(root)
    }

    /// `root` with zero terms, factors of 1 and products with a zero left out; `None` where nothing is left.
    pub fn without_zeros(&mut self, root: Id) -> Option<Id> {
        self.without_new_zeros(root, 0)
    }

    /// The same, where the nodes before `first` are known to be fine.
    pub fn without_new_zeros(&mut self, root: Id, first: usize) -> Option<Id> {
        let mut new: FxHashMap<Id, Option<Id>> = FxHashMap::default();
        for id in self.reachable_from(root, first) {
            let Node { op, args } = self.node(id).clone();
            let args: SmallVec<[Option<Id>; 3]> = args
                .iter()
                .map(|a| new.get(a).copied().unwrap_or(Some(*a)).filter(|a| !self.is_zero(*a)))
                .collect();
            let built = self.cleaned(id, op, &args);
            new.insert(id, built);
        }
        new.get(&root).copied().unwrap_or(Some(root))
    }

    /// The nodes below `root` and itself that are not before `first`, arguments before their nodes.
    fn reachable_from(&self, root: Id, first: usize) -> Vec<Id> {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if id.index() >= first && seen.insert(id) {
                stack.extend_from_slice(self.args(id));
            }
        }
        let mut found: Vec<Id> = seen.into_iter().collect();
        found.sort_unstable();
        found
    }

    fn cleaned(&mut self, id: Id, op: Op, args: &[Option<Id>]) -> Option<Id> {
        let shape = self.shape(id);
        let left: SmallVec<[Id; 3]> = args.iter().flatten().copied().collect();
        let some_zero = left.len() < args.len();
        match op {
            Op::Zeros(..) => None,
            Op::Sum => self.add_up(left),
            Op::Product if !some_zero => Some(self.times(left)),
            Op::Negate if !some_zero => left.first().map(|a| self.opposite(*a)),
            Op::Product | Op::Negate | Op::Hadamard | Op::Transpose | Op::Kronecker if some_zero => None,
            Op::Divide | Op::ElementDivide if args.first() == Some(&None) => None,
            Op::Solve if args.get(1) == Some(&None) => None,
            Op::Frechet(_) if args.get(1) == Some(&None) => None,
            Op::BoundedSum if args.get(3) == Some(&None) => None,
            Op::Call(f) if some_zero && self.vanishes(f, args) => None,
            _ if args.is_empty() => Some(id),
            _ => {
                let old: SmallVec<[Id; 3]> = SmallVec::from_slice(self.args(id));
                let args: SmallVec<[Id; 3]> = args
                    .iter()
                    .zip(old)
                    .map(|(new, old)| new.unwrap_or_else(|| self.zeros(self.shape(old))))
                    .collect();
                let built = self.add(op, args);
                debug_assert_eq!(self.shape(built), shape);
                Some(built)
            }
        }
    }

    /// Whether a linear argument is zero.
    fn vanishes(&self, f: super::node::FnId, args: &[Option<Id>]) -> bool {
        self.catalog().entry(f).adjoints.iter().any(|(i, _)| args.get(*i) == Some(&None))
    }

    /// The differential leaf of a variable.
    pub fn differential(&mut self, v: VarId) -> Id {
        self.add(Op::Differential(v), [])
    }

    /// The number `1/2` and its like.
    pub fn ratio(&mut self, p: i64, q: i64) -> Id {
        self.num(Number::ratio(p, q))
    }
}
