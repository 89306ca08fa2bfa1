//! Values of nodes in the prime field at one point, each worked out once.
//!
//! In: a graph that grows, ids. Out: a [`Value`] for each.
//! Invariant: two nodes that are equal wherever both are defined never have different known values; what the
//! field cannot tell (an order, a transcendental function, a fractional power) is unknown, not a guess.
//!
//! `A - A` is the zero matrix, `inv(A - A)` is undefined, and so is `inv(A - A) (A - A)`.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::expr::{Graph, Id, Op, VarId};

use super::field::Field;
use super::gf::Gf;
use super::linear::Matrix;
use super::lower::Guard;
use super::operators::Operators;
use super::point::Point;
use super::random::Random;
use super::sample::{draw_exact, tangent};
use super::tape::{Resolved, Step, resolve};

/// Matrices with more entries are not looked at.
const ENTRIES: usize = 1024;
/// Points tried for one at which something is defined: they differ in the order of the sizes, the last in size.
const POINTS: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 40, 41];
const SEED: u64 = 0x7269_7077;

/// What the field knows of a node.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// The field cannot tell.
    Unknown,
    /// It has no value at a generic point: `1/0`.
    Undefined,
    /// Its value.
    Known(Rc<Matrix<Gf>>),
}

impl Value {
    /// Whether two values cannot be those of equal expressions.
    pub fn contradicts(&self, other: &Value) -> bool {
        *self != Value::Unknown && *other != Value::Unknown && self != other
    }
}

/// A point and what was worked out at it.
#[derive(Debug)]
pub struct Exact {
    point: Point<Gf>,
    values: Vec<Option<Value>>,
    /// Nodes evaluated: what it cost.
    pub evaluated: usize,
}

impl Exact {
    /// A generic point at which guards hold and, where one of a few is such, `root` is defined.
    pub fn new(graph: &Graph, root: Id, guards: &[Guard]) -> Option<Exact> {
        let mut fallback = None;
        for attempt in POINTS {
            let Some(mut exact) = Exact::at(graph, attempt) else { continue };
            if !guards.iter().all(|g| exact.is_nonzero(graph, g.id())) {
                continue;
            }
            if exact.value(graph, root) != Value::Undefined {
                return Some(exact);
            }
            fallback.get_or_insert(exact);
        }
        fallback
    }

    fn at(graph: &Graph, attempt: usize) -> Option<Exact> {
        let mut point = draw_exact(graph, SEED, attempt).ok()?;
        let mut random = Random::new(SEED ^ 1, attempt as u64);
        for (i, variable) in graph.variables().iter().enumerate() {
            let v = VarId(i as u32);
            let x = point.value(v)?.clone();
            let e = Matrix::from_fn(x.nrows(), x.ncols(), |_, _| Gf::new(random.word()));
            point.set_differential(v, tangent(variable.properties, &x, &e));
        }
        Some(Exact { point, values: Vec::new(), evaluated: 0 })
    }

    fn is_nonzero(&mut self, graph: &Graph, id: Id) -> bool {
        match self.value(graph, id) {
            Value::Known(m) => m.iter().all(|x| x.residue() != Some(0)),
            Value::Unknown => true,
            Value::Undefined => false,
        }
    }

    /// The value of a node.
    pub fn value(&mut self, graph: &Graph, id: Id) -> Value {
        self.values.resize(graph.len().max(self.values.len()), None);
        let mut stack = vec![(id, false)];
        while let Some((node, ready)) = stack.pop() {
            if self.values[node.index()].is_some() {
                continue;
            }
            if ready {
                let value = self.step(graph, node);
                self.evaluated += 1;
                self.values[node.index()] = Some(value);
                continue;
            }
            stack.push((node, true));
            stack.extend(graph.args(node).iter().map(|a| (*a, false)));
        }
        self.values[id.index()].clone().unwrap_or(Value::Unknown)
    }

    fn step(&self, graph: &Graph, id: Id) -> Value {
        let mut args: SmallVec<[&Matrix<Gf>; 4]> = SmallVec::new();
        let mut undefined = false;
        for a in graph.args(id) {
            match &self.values[a.index()] {
                Some(Value::Known(m)) => args.push(m),
                Some(Value::Undefined) => undefined = true,
                _ => return Value::Unknown,
            }
        }
        let resolved = resolve(graph, id);
        if !decided(graph.op(id), &resolved, &args) {
            return Value::Unknown;
        }
        if undefined {
            return Value::Undefined;
        }
        if args.iter().any(|m| m.len() > ENTRIES) {
            return Value::Unknown;
        }
        let step = Step { id, args: SmallVec::new(), resolved, bound: false, body: Vec::new() };
        match (Operators { graph, point: &self.point }).apply(&step, &args) {
            Ok(m) if m.iter().all(|x| x.is_finite()) => Value::Known(Rc::new(m)),
            Ok(_) => Value::Undefined,
            Err(why) if why.is_mathematical() => Value::Undefined,
            Err(_) => Value::Unknown,
        }
    }
}

/// Whether the laws of an operator are those of the field.
fn decided(op: &Op, resolved: &Resolved, args: &[&Matrix<Gf>]) -> bool {
    match (op, resolved) {
        (Op::Map(_) | Op::Frechet(_) | Op::BoundedSum, _) => false,
        (Op::Apply(..) | Op::ApplyAlong(..) | Op::ApplyMap(..), _) => false,
        (Op::Call(_), Resolved::Matrix(p)) => p.is_rational(),
        (Op::Call(_), _) => false,
        (Op::Power | Op::ElementPower, _) => {
            args.get(1).is_none_or(|k| k.iter().all(|x| x.to_integer().is_some()))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::expr::{Kind, Properties, Shape, Variable};

    #[test]
    fn undefined_is_never_a_value() {
        let mut g = Graph::new(Catalog::builtin());
        let n = g.dims.named("n");
        let declare = |name: &str| Variable {
            name: name.into(),
            kind: Kind::Matrix,
            shape: Shape::new(n, n),
            properties: Properties::NONE,
        };
        let (a, b) = (g.declare(declare("A")), g.declare(declare("B")));
        let minus = g.negate(a);
        let zero = g.sum([a, minus]);
        let minus_one = g.int(-1);
        let inverse = g.add(Op::Power, [zero, minus_one]);
        let product = g.product([inverse, zero]);
        let (ab, ba) = (g.product([a, b]), g.product([b, a]));
        let exp = g.call_named("exp", [a]);
        let mut exact = Exact::new(&g, ab, &[]).unwrap();
        let mut nowhere = Exact::new(&g, product, &[]).unwrap();
        assert_eq!(nowhere.value(&g, product), Value::Undefined);
        assert_eq!(exact.value(&g, product), Value::Undefined);
        let (x, y) = (exact.value(&g, ab), exact.value(&g, ba));
        assert!(x.contradicts(&y) && !x.contradicts(&x));
        assert_eq!(exact.value(&g, exp), Value::Unknown);
    }
}
