//! Nodes in components.
//!
//! In: a node. Out: its tensor.
//! Invariant: a loop over the nodes below, arguments first; each is built once.
//!
//! `A x`: rows and columns become labels, neighbours in a product share one.

use smallvec::SmallVec;

use crate::expr::{Dim, Id, Node, Number, Op, Properties, Shape};

use super::Components;
use super::contract::Label;
use super::power::labels;
use super::term::{Atom, Factor, Symmetry, Tensor, TensorId, Term};

/// Matrix powers up to this are repeated products.
const REPEATED: i64 = 8;

/// Denominators in denominators are looked into so deep.
const NESTED: usize = 12;

/// The dimensions that have an index.
pub(super) fn free_of(shape: Shape) -> Vec<Dim> {
    [shape.rows, shape.cols].into_iter().filter(|d| *d != Dim::ONE).collect()
}

impl Components<'_> {
    /// The components of a node.
    pub(super) fn build(&mut self, id: Id) -> TensorId {
        for node in self.graph.reachable(&[id]) {
            if !self.built.contains_key(&node) {
                let tensor = match self.is_tired() {
                    true => Tensor::zero(free_of(self.graph.shape(node))),
                    false => self.of_node(node),
                };
                let tensor = self.keep(tensor);
                self.built.insert(node, tensor);
            }
        }
        self.built.get(&id).copied().unwrap_or(self.one)
    }

    pub(super) fn arg(&self, id: Id) -> Tensor {
        match self.built.get(&id) {
            Some(t) => self.tensor(*t).clone(),
            None => Tensor::zero(free_of(self.graph.shape(id))),
        }
    }

    fn of_node(&mut self, id: Id) -> Tensor {
        let Node { op, args } = self.graph.node(id).clone();
        let shape = self.graph.shape(id);
        let free = free_of(shape);
        let minus = self.keep(Tensor::number(Number::MINUS_ONE));
        match &op {
            Op::Var(v) => self.variable(id, Atom::Variable(*v), self.graph.properties(id)),
            Op::Differential(v) => {
                let properties = self.graph.variable(*v).properties;
                let kept = properties.without(Properties::POSITIVE.with(Properties::POSDEF));
                let symmetric = properties.has(Properties::SYMMETRIC);
                let kept = if symmetric { kept.with(Properties::SYMMETRIC) } else { kept };
                self.variable(id, Atom::Differential(*v), kept)
            }
            Op::Num(n) => Tensor::number(n.clone()),
            Op::Size(d) => self.size(*d),
            Op::Zeros(..) => Tensor::zero(free),
            Op::Ones(..) => self.collect(vec![one_term()], free),
            Op::Identity(n) if *n != Dim::ONE => self.identity(*n),
            Op::Identity(_) => Tensor::number(Number::ONE),
            Op::Unit(_) => self.generic(id, &op, &args, free),
            Op::Commutation(m, n) => self.commutation(*m, *n, &free),
            Op::Sum => {
                let parts = args.iter().map(|a| self.arg(*a)).collect();
                self.add(parts, free)
            }
            Op::Negate => self.arg(args[0]).scaled(&Number::MINUS_ONE),
            Op::Product => self.product(&args, shape),
            Op::Divide => {
                let a = self.arg(args[0]);
                let inverse = self.raised_node(args[1], minus, 0);
                self.entrywise(vec![a, inverse], free)
            }
            Op::Solve => {
                let a = self.arg(args[0]);
                let inverse = self.inverse(&a);
                let b = self.arg(args[1]);
                let inner = self.graph.shape(args[0]).cols;
                let (wide, narrow) = (inner != Dim::ONE, self.graph.shape(args[1]).cols != Dim::ONE);
                let own: Vec<Label> = if wide { vec![0, 9] } else { vec![] };
                let mut other: Vec<Label> = if wide { vec![9] } else { vec![] };
                if narrow {
                    other.push(1);
                }
                let rows = [(0, shape.rows), (1, shape.cols)];
                let out: Vec<(Label, Dim)> = rows.into_iter().filter(|(_, d)| *d != Dim::ONE).collect();
                self.contract(&[(inverse, own), (b, other)], &out)
            }
            Op::Hadamard => {
                let parts = args.iter().map(|a| self.arg(*a)).collect();
                self.entrywise(parts, free)
            }
            Op::ElementDivide => {
                let inverse = self.raised_node(args[1], minus, 0);
                let a = self.arg(args[0]);
                self.entrywise(vec![a, inverse], free)
            }
            Op::ElementPower => {
                let exponent = self.build_of(args[1]);
                self.raised_node(args[0], exponent, 0)
            }
            Op::Power => self.power(id, &args, free),
            Op::Transpose => self.transposed(args[0]),
            Op::Kronecker => self.kronecker(&args, shape),
            _ => self.call(id, &op, &args, free),
        }
    }

    /// A power of a node: a whole power of a product or power is that of its parts, before they are multiplied out.
    fn raised_node(&mut self, id: Id, exponent: TensorId, depth: usize) -> Tensor {
        let Node { op, args } = self.graph.node(id).clone();
        let free = free_of(self.graph.shape(id));
        let scalar = free.is_empty();
        let negative = self.number(exponent).is_some_and(|e| e.is_negative());
        if depth > NESTED || !negative || !self.is_whole(exponent) {
            let base = self.arg(id);
            return self.raised(&base, exponent);
        }
        let minus = self.keep(Tensor::number(Number::MINUS_ONE));
        let parts: Vec<(Id, TensorId)> = match op {
            Op::Power if scalar => vec![(args[0], self.build_of(args[1]))],
            Op::ElementPower => vec![(args[0], self.build_of(args[1]))],
            Op::Hadamard => args.iter().map(|a| (*a, self.one)).collect(),
            Op::Product if args.iter().all(|a| self.graph.shape(*a).is_scalar()) => {
                args.iter().map(|a| (*a, self.one)).collect()
            }
            Op::Divide | Op::ElementDivide => vec![(args[0], self.one), (args[1], minus)],
            _ => {
                let base = self.arg(id);
                return self.raised(&base, exponent);
            }
        };
        let mut factors = vec![];
        for (part, own) in parts {
            let exponent = self.product_of(own, exponent);
            factors.push(self.raised_node(part, exponent, depth + 1));
        }
        self.entrywise(factors, free)
    }

    pub(super) fn build_of(&self, id: Id) -> TensorId {
        self.built.get(&id).copied().unwrap_or(self.one)
    }

    fn variable(&mut self, id: Id, atom: Atom, properties: Properties) -> Tensor {
        use Properties as P;
        let free = free_of(self.graph.shape(id));
        let square = free.len() == 2;
        let symmetry = match square {
            true if properties.has(P::SYMMETRIC) => Symmetry::Symmetric,
            true if properties.has(P::SKEW) => Symmetry::Skew,
            _ => Symmetry::None,
        };
        let atom = self.atom_with(atom, symmetry, properties.has(P::POSITIVE));
        let at: SmallVec<[u32; 3]> = (0..free.len() as u32).collect();
        let own = Factor { atom, at, exponent: self.one };
        if square && properties.has(P::ORTHOGONAL) && self.inverses.insert(atom) {
            self.orthogonal_laws(&own, free[0]);
        }
        let mut factors = vec![own];
        if square && properties.has(P::DIAGONAL) {
            let delta = self.atom_with(Atom::Delta, Symmetry::Symmetric, false);
            factors.push(Factor { atom: delta, at: [0, 1].into_iter().collect(), exponent: self.one });
        } else if square && properties.any(P::LOWER.with(P::UPPER)) {
            let mask = self.atom(Atom::Mask);
            let at = if properties.has(P::LOWER) { [0, 1] } else { [1, 0] };
            factors.push(Factor { atom: mask, at: at.into_iter().collect(), exponent: self.one });
        }
        self.collect(vec![Term { coefficient: Number::ONE, factors, bound: vec![] }], free)
    }

    /// `Q^T Q = I` and `Q Q^T = I`.
    fn orthogonal_laws(&mut self, entry: &Factor, n: Dim) {
        let q = self.entry_at(entry.clone(), vec![n, n]);
        let delta = self.identity(n);
        let delta = self.keep(delta);
        for (first, second) in [([2, 0], [2, 1]), ([0, 2], [1, 2])] {
            let parts = [(q.clone(), first.to_vec()), (q.clone(), second.to_vec())];
            let product = self.contract(&parts, &[(0, n), (1, n)]);
            let product = self.keep(product);
            self.equate(product, delta, Default::default());
        }
    }

    /// The matrix product; a scalar factor scales.
    fn product(&mut self, args: &[Id], shape: Shape) -> Tensor {
        let mut parts = vec![];
        let (mut link, mut next): (Option<Label>, Label) = (None, 2);
        let mut first = true;
        for (i, a) in args.iter().enumerate() {
            let s = self.graph.shape(*a);
            if s.is_scalar() {
                parts.push((self.arg(*a), vec![]));
                continue;
            }
            let last = args[i + 1..].iter().all(|b| self.graph.shape(*b).is_scalar());
            let mut own = vec![];
            if s.rows != Dim::ONE {
                own.push(if first { 0 } else { link.unwrap_or(0) });
            }
            link = None;
            if s.cols != Dim::ONE {
                let label = if last { 1 } else { next };
                next += 1;
                own.push(label);
                link = Some(label);
            }
            first = false;
            parts.push((self.arg(*a), own));
        }
        let sides = [(0, shape.rows), (1, shape.cols)];
        let out: Vec<(Label, Dim)> = sides.into_iter().filter(|(_, d)| *d != Dim::ONE).collect();
        self.contract_stepwise(parts, &out)
    }

    /// A long product factor by factor: what is multiplied out early is merged early.
    fn contract_stepwise(&mut self, parts: Vec<(Tensor, Vec<Label>)>, out: &[(Label, Dim)]) -> Tensor {
        if parts.iter().filter(|(t, _)| t.terms.len() > 1).count() < 2 {
            return self.contract(&parts, out);
        }
        let mut rest = parts.into_iter();
        let Some((mut sum, mut own)) = rest.next() else { return Tensor::number(Number::ONE) };
        let mut later: Vec<(Tensor, Vec<Label>)> = rest.collect();
        later.reverse();
        while let Some((part, labels)) = later.pop() {
            let needed =
                |l: &Label| out.iter().any(|(o, _)| o == l) || later.iter().any(|(_, ls)| ls.contains(l));
            let mut kept: Vec<(Label, Dim)> = vec![];
            for (l, d) in own.iter().zip(&sum.free).chain(labels.iter().zip(&part.free)) {
                if needed(l) && !kept.iter().any(|(k, _)| k == l) {
                    kept.push((*l, *d));
                }
            }
            let order: Vec<(Label, Dim)> = match later.is_empty() {
                true => out.to_vec(),
                false => kept,
            };
            sum = self.contract(&[(sum, own), (part, labels)], &order);
            own = order.iter().map(|(l, _)| *l).collect();
        }
        sum
    }

    /// The product entry by entry; a scalar is spread.
    pub(super) fn entrywise(&mut self, parts: Vec<Tensor>, free: Vec<Dim>) -> Tensor {
        let out = labels(&free);
        let parts = parts
            .into_iter()
            .map(|t| {
                let own: Vec<Label> = (0..t.free.len() as Label).collect();
                (t, own)
            })
            .collect::<Vec<_>>();
        self.contract(&parts, &out)
    }

    pub(super) fn transposed(&mut self, a: Id) -> Tensor {
        let t = self.arg(a);
        match t.free.as_slice() {
            [m, n] => {
                let out = [(1, *n), (0, *m)];
                self.contract(&[(t, vec![0, 1])], &out)
            }
            _ => t,
        }
    }

    fn power(&mut self, id: Id, args: &[Id], free: Vec<Dim>) -> Tensor {
        let exponent = self.build_of(args[1]);
        let base = self.arg(args[0]);
        if free.is_empty() {
            return self.raised_node(args[0], exponent, 0);
        }
        let n = free[0];
        let whole = self.number(exponent).and_then(|e| e.to_integer());
        match whole {
            Some(0) => self.identity(n),
            Some(k) if k.abs() <= REPEATED => {
                let letter = if k < 0 { self.inverse(&base) } else { base };
                let count = k.unsigned_abs() as Label;
                let parts = (0..count).map(|i| (letter.clone(), vec![i, i + 1])).collect::<Vec<_>>();
                self.contract_stepwise(parts, &[(0, n), (count, n)])
            }
            _ => self.generic(id, &Op::Power, args, free),
        }
    }
}

pub(super) fn one_term() -> Term {
    Term { coefficient: Number::ONE, factors: vec![], bound: vec![] }
}
