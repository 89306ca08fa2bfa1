//! The differential of an expression.
//!
//! In: an expression and the variables that vary. Out: `df` as an expression in [`Op::Differential`] leaves,
//! the conditions under which it holds beyond those under which `f` is defined, and a log of the rules used.
//! Invariant: `df` is linear in the differentials taken together; a node that does not vary has no
//! differential at all, so no zeros are written.
//!
//! `x^T A x` with varying x gives `dx^T A x + x^T A dx`.
//!
//! One pass over the nodes below `f`, arguments first, with a memo: a part that is used twice is
//! differentiated once. Sources: Magnus and Neudecker, Matrix Differential Calculus, ch. 8; the rules of
//! functions stand with their sources in the catalogue.

mod abstracts;
mod condition;
mod directions;
mod function;
mod power;
mod product;

pub use abstracts::NO_MATRIX;
pub use directions::along_directions;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, FnId, Graph, Id, Node, Op, Properties, VarId};

/// The rule behind a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// A rule of an operator: `product`, `quotient`, `inverse`; cited under this name in the catalogue.
    Operator(&'static str),
    /// The differential that the catalogue states for a function.
    Function(FnId),
}

/// One use of a rule.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// The rule.
    pub rule: Rule,
    /// The part of the function it was used on.
    pub node: Id,
    /// Its differential, as the rule states it.
    pub after: Id,
}

/// A differential.
#[derive(Clone, PartialEq, Debug)]
pub struct Derived {
    /// `df`, of the shape of `f`; a zero where nothing varies.
    pub df: Id,
    /// Where, beyond the domain of `f`, the differential exists; without what properties make certain.
    pub conditions: Vec<Condition>,
    /// The rules used, arguments before the nodes they stand in.
    pub log: Vec<Step>,
}

/// The differential of `f` where the variables `wrt` vary.
pub fn differentiate(graph: &mut Graph, f: Id, wrt: &[VarId]) -> Result<Derived, Diagnostic> {
    let mut pass = Pass {
        graph,
        varying: wrt.iter().copied().collect(),
        memo: FxHashMap::default(),
        conditions: Vec::new(),
        log: Vec::new(),
    };
    for id in pass.graph.reachable(&[f]) {
        pass.visit(id)?;
    }
    let (memo, conditions, log) = (pass.memo, pass.conditions, pass.log);
    let df = match memo.get(&f) {
        Some(df) => *df,
        None => graph.zeros(graph.shape(f)),
    };
    if let Some(fault) = graph.fault() {
        return Err(fault.error("the differential"));
    }
    Ok(Derived { df, conditions, log })
}

/// One rule: the differential of a node, given those of its arguments (`None` where one does not vary), and the
/// conditions under which the rule holds. `None` where the differential is zero.
pub fn apply_rule(
    graph: &mut Graph,
    id: Id,
    differentials: &[Option<Id>],
) -> Result<Option<(Step, Vec<Condition>)>, Diagnostic> {
    let Node { op, args } = graph.node(id).clone();
    let mut pass = Pass {
        graph,
        varying: FxHashSet::default(),
        memo: FxHashMap::default(),
        conditions: Vec::new(),
        log: Vec::new(),
    };
    let ds = Differentials::from_slice(differentials);
    let found = pass.rule(id, &op, &args, &ds)?.filter(|(_, after)| !pass.graph.is_zero(*after));
    Ok(found.map(|(rule, after)| (Step { rule, node: id, after }, pass.conditions)))
}

/// The state of one pass.
struct Pass<'g> {
    graph: &'g mut Graph,
    varying: FxHashSet<VarId>,
    /// The differentials of the nodes that vary.
    memo: FxHashMap<Id, Id>,
    conditions: Vec<Condition>,
    log: Vec<Step>,
}

/// The differentials of a node's arguments, where they vary.
type Differentials = SmallVec<[Option<Id>; 3]>;

impl Pass<'_> {
    fn visit(&mut self, id: Id) -> Result<(), Diagnostic> {
        let Node { op, args } = self.graph.node(id).clone();
        match op {
            Op::Var(v) if self.varying.contains(&v) => {
                let d = self.graph.differential(v);
                self.memo.insert(id, d);
                return Ok(());
            }
            Op::Differential(v) if self.varying.contains(&v) => {
                if let Some(d) = self.along_geodesic(id, v) {
                    self.memo.insert(id, d);
                }
                return Ok(());
            }
            _ => {}
        }
        let ds: Differentials = args.iter().map(|a| self.memo.get(a).copied()).collect();
        if ds.iter().all(Option::is_none) {
            return Ok(());
        }
        if let Some((rule, after)) = self.rule(id, &op, &args, &ds)?
            && !self.graph.is_zero(after)
        {
            self.memo.insert(id, after);
            self.log.push(Step { rule, node: id, after });
        }
        Ok(())
    }

    /// The differential of a differential `dX`: it stays as it is where X varies in a linear space. An orthogonal Q
    /// cannot go straight on; along the geodesic `Q exp(t S)` with `dQ = Q S` the second differential is `dQ Q^T dQ`.
    ///
    /// Source: Edelman, Arias and Smith, The Geometry of Algorithms with Orthogonality Constraints, 1998, §2.2.2.
    fn along_geodesic(&mut self, dq: Id, v: VarId) -> Option<Id> {
        if !self.graph.variable(v).properties.has(Properties::ORTHOGONAL) {
            return None;
        }
        let q = self.graph.var(v);
        let turned = self.graph.turned(q);
        Some(self.graph.product([dq, turned, dq]))
    }

    /// The differential of a node some of whose arguments vary; `None` where it is zero all the same.
    fn rule(
        &mut self,
        id: Id,
        op: &Op,
        args: &[Id],
        ds: &Differentials,
    ) -> Result<Option<(Rule, Id)>, Diagnostic> {
        let g = &mut *self.graph;
        let named = |name, d: Option<Id>| Ok(d.map(|d| (Rule::Operator(name), d)));
        match (op, args, ds.as_slice()) {
            (Op::Sum, _, _) => named("sum", g.add_up(ds.iter().flatten().copied())),
            (Op::Negate, _, [Some(d)]) => named("negate", Some(g.opposite(*d))),
            (Op::Transpose, _, [Some(d)]) => named("transpose", Some(g.turned_differential(*d))),
            (Op::Product, _, _) => named("product", product::product(g, args, ds)),
            (Op::Hadamard, _, _) => named("hadamard", product::entrywise(g, args, ds)),
            (Op::Kronecker, _, _) => named("kronecker", product::in_place(g, Op::Kronecker, args, ds)),
            (Op::Divide, &[a, s], &[da, ds]) => named("quotient", product::quotient(g, a, s, da, ds)),
            (Op::ElementDivide, &[a, b], &[da, db]) => {
                named("elementwise_quotient", product::entrywise_quotient(g, a, b, da, db))
            }
            (Op::Solve, &[a, _], &[da, db]) => named("inverse", product::solve(g, id, a, da, db)),
            (Op::Power, &[a, k], &[da, dk]) => {
                let d = self.power(a, k, da, dk)?;
                named("power", d)
            }
            (Op::ElementPower, &[a, k], &[da, dk]) => {
                let d = self.entrywise_power(id, a, k, da, dk)?;
                named("elementwise_power", d)
            }
            (Op::BoundedSum, &[index, lo, hi, _], &[_, None, None, Some(d)]) => {
                named("sum", Some(g.add(Op::BoundedSum, [index, lo, hi, d])))
            }
            (Op::Map(f) | Op::Call(f), _, _) => {
                let d = self.function(*f, op, args, ds)?;
                Ok(d.map(|d| (Rule::Function(*f), d)))
            }
            (Op::Frechet(f), &[a, e], &[da, de]) => {
                let d = function::frechet(g, *f, a, e, da, de);
                Ok(d.map(|d| (Rule::Function(*f), d)))
            }
            (Op::Apply(f, k), &[x], &[Some(dx)]) => named("chain", Some(abstracts::apply(g, *f, *k, x, dx)?)),
            (Op::ApplyAlong(f, k), _, _) => named("chain", abstracts::along(g, *f, *k, args, ds)?),
            (Op::ApplyMap(f, k), &[x], &[Some(dx)]) => {
                named("chain", Some(abstracts::map(g, *f, *k, x, dx)?))
            }
            _ => Err(Diagnostic::request(
                "E0301",
                "a bound or an index varies here; there is no derivative by a whole number",
            )),
        }
    }
}
