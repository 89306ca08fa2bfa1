//! The differential, a line a rule.
//!
//! In: a function and what varies. Out: lines that lead from `d(f)` to an expression in `dX`; in between, what is
//! still to be differentiated stands as `d(u)`.
//! Invariant: a line uses one rule, wherever it applies; that d is linear (sums, constant factors, transposes,
//! traces) is never a line of its own.
//!
//! `d(log(x^T x))` leads to `d(x^T x) / (x^T x)` and that to `(dx^T x + x^T dx) / (x^T x)`.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::diagnostic::Diagnostic;
use crate::differentiate::{Rule, apply_rule};
use crate::expr::{AbstractFunction, AbstractId, Condition, Graph, Id, Kind, Node, Op, Shape, VarId};

use super::words::rule_of;

/// That the differential is linear, where a line uses nothing else.
const LINEAR: Rule = Rule::Operator("linear");

/// One rule used everywhere in a line.
pub(super) struct Line {
    /// The rule.
    pub rule: Rule,
    /// The line before.
    pub before: Id,
    /// The line after.
    pub after: Id,
    /// What was replaced by what.
    pub changed: Vec<(Id, Id)>,
    /// What the rule needs here.
    pub conditions: Vec<Condition>,
}

/// The rule for a differential that is not written out yet.
struct Open {
    rule: Rule,
    after: Id,
    conditions: Vec<Condition>,
}

/// The differentials of all parts of a function.
pub(super) struct Differential<'g> {
    graph: &'g mut Graph,
    /// How `d( )` is called: `d`, or another letter where the request has a `d` of its own.
    sign: &'static str,
    /// Parts of the function that have a name.
    names: &'g [(String, Id)],
    signs: FxHashMap<Shape, AbstractId>,
    known: FxHashMap<Id, Id>,
    open: FxHashMap<Id, Open>,
}

/// The letter that stands for "differential of" in the lines.
pub(crate) fn sign(graph: &Graph) -> &'static str {
    let free = |name: &&str| {
        graph.variable_named(name).is_none()
            && graph.functions().iter().all(|f| f.name != **name)
            && graph.dims.names().all(|d| d != *name)
            && graph.catalog().find(name).is_none()
    };
    ["d", "D", "del", "diff"].iter().copied().find(free).unwrap_or("differential")
}

impl<'g> Differential<'g> {
    pub fn new(graph: &'g mut Graph, sign: &'static str, names: &'g [(String, Id)]) -> Differential<'g> {
        Differential {
            graph,
            sign,
            names,
            signs: FxHashMap::default(),
            known: FxHashMap::default(),
            open: FxHashMap::default(),
        }
    }

    /// The lines of `f`.
    pub fn lines(mut self, f: Id, varying: &[VarId]) -> Result<Vec<Line>, Diagnostic> {
        for id in self.graph.reachable(&[f]) {
            self.visit(id, varying)?;
        }
        let whole = self.differential_of(f);
        let mut lines = vec![];
        let Some(mut line) = self.known.get(&f).copied() else {
            let (rule, after) = (LINEAR, self.graph.zeros(self.graph.shape(f)));
            return Ok(vec![Line { rule, before: whole, after, changed: vec![], conditions: vec![] }]);
        };
        loop {
            let pending = self.pending(line);
            let Some(first) = self.outermost(&pending).and_then(|p| self.open.get(&p)) else { break };
            let rule = first.rule;
            let (mut changed, mut conditions) = (vec![], Vec::<Condition>::new());
            for atom in pending {
                let Some(open) = self.open.get(&atom).filter(|o| o.rule == rule) else { continue };
                changed.push((atom, open.after));
                for condition in &open.conditions {
                    if !conditions.contains(condition) {
                        conditions.push(condition.clone());
                    }
                }
            }
            let after = self.graph.substitute_all(line, &changed);
            let after = flat(self.graph, after, self.sign, self.names);
            lines.push(Line { rule, before: line, after, changed, conditions });
            line = after;
        }
        if let Some(first) = lines.first_mut() {
            first.before = whole;
        } else {
            lines.push(Line {
                rule: LINEAR,
                before: whole,
                after: line,
                changed: vec![],
                conditions: vec![],
            });
        }
        Ok(lines)
    }

    fn visit(&mut self, id: Id, varying: &[VarId]) -> Result<(), Diagnostic> {
        if let Op::Var(v) = *self.graph.op(id) {
            if varying.contains(&v) {
                let d = self.graph.differential(v);
                self.known.insert(id, d);
            }
            return Ok(());
        }
        let Some((factors, rest)) = self.constant_factors(id) else { return self.open(id) };
        self.open(rest)?;
        if let Some(d) = self.known.get(&rest) {
            let d = self.graph.product(factors.into_iter().chain([*d]).collect::<Vec<_>>());
            self.known.insert(id, d);
        }
        Ok(())
    }

    /// The scalar factors of a product that do not vary, and the rest, where in that more than one factor does.
    fn constant_factors(&mut self, id: Id) -> Option<(Vec<Id>, Id)> {
        let args = self.graph.args(id).to_vec();
        let varies = |a: &Id| self.known.contains_key(a);
        if *self.graph.op(id) != Op::Product || args.iter().filter(|a| varies(a)).count() < 2 {
            return None;
        }
        let constant = |a: &Id| !varies(a) && self.graph.shape(*a).is_scalar();
        let (factors, rest): (Vec<Id>, Vec<Id>) = args.iter().partition(|a| constant(a));
        let whole = !factors.is_empty() && rest.first().is_some_and(|r| args.first() != Some(r));
        whole.then(|| (factors, self.graph.product(rest)))
    }

    /// The rule for the differential of a part, the parts of which are known.
    fn open(&mut self, id: Id) -> Result<(), Diagnostic> {
        let Node { op, args } = self.graph.node(id).clone();
        let ds: SmallVec<[Option<Id>; 3]> = args.iter().map(|a| self.known.get(a).copied()).collect();
        if ds.iter().all(Option::is_none) {
            return Ok(());
        }
        let Some((step, conditions)) = apply_rule(self.graph, id, &ds)? else { return Ok(()) };
        // What does not vary has a zero for its differential in the text of a rule.
        let zero = |graph: &Graph, root| {
            graph.reachable(&[root]).iter().any(|id| matches!(graph.op(*id), Op::Zeros(..)))
        };
        let after = match zero(self.graph, step.after) && !zero(self.graph, id) {
            true => self.graph.without_zeros(step.after).unwrap_or(step.after),
            false => step.after,
        };
        let after = flat(self.graph, after, self.sign, self.names);
        let linear = is_linear(self.graph, &op, &ds);
        if linear && self.names.iter().all(|(_, part)| *part != id) {
            self.known.insert(id, after);
            return Ok(());
        }
        let rule = if linear { LINEAR } else { rule_of(self.graph, id, step.rule) };
        let atom = self.differential_of(id);
        self.open.insert(atom, Open { rule, after, conditions });
        self.known.insert(id, atom);
        Ok(())
    }

    /// `d(u)` as a node of its own.
    fn differential_of(&mut self, u: Id) -> Id {
        let shape = self.graph.shape(u);
        let f = match self.signs.get(&shape) {
            Some(f) => *f,
            None => {
                let kind = if shape.is_scalar() { Kind::Scalar } else { Kind::Matrix };
                let name = self.sign.to_owned();
                let f = AbstractFunction { name, argument: (kind, shape), value: (kind, shape) };
                let f = self.graph.declare_function(f);
                self.signs.insert(shape, f);
                f
            }
        };
        self.graph.add(Op::Apply(f, 0), [u])
    }

    /// The first that is no part of another: that one would come again in what the other becomes.
    fn outermost(&self, pending: &[Id]) -> Option<Id> {
        let inside = |atom: &Id| self.graph.args(*atom).to_vec();
        let below: Vec<Id> =
            pending.iter().flat_map(inside).flat_map(|u| self.graph.args(u).to_vec()).collect();
        let parts: FxHashSet<Id> = self.graph.reachable(&below).into_iter().collect();
        let outer = |atom: &&Id| !inside(atom).iter().any(|u| parts.contains(u));
        pending.iter().find(outer).or(pending.first()).copied()
    }

    /// What is still open in a line, from the left.
    fn pending(&self, line: Id) -> Vec<Id> {
        let (mut seen, mut found) = (FxHashSet::default(), vec![]);
        let mut stack = vec![line];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.open.contains_key(&id) {
                true => found.push(id),
                false => stack.extend(self.graph.args(id).iter().rev()),
            }
        }
        found
    }
}

/// Whether the rule only says that the differential is linear.
fn is_linear(graph: &Graph, op: &Op, ds: &[Option<Id>]) -> bool {
    let one = ds.iter().flatten().count() == 1;
    let constant = |i: usize| ds.get(i).is_some_and(Option::is_none);
    match op {
        Op::Sum | Op::Negate | Op::Transpose | Op::BoundedSum => true,
        Op::Product | Op::Hadamard | Op::Kronecker => one,
        Op::Divide | Op::ElementDivide => constant(1),
        Op::Solve | Op::Frechet(_) => constant(0),
        Op::ApplyAlong(..) => one && constant(0),
        Op::Call(f) | Op::Map(f) => one && graph.catalog().entry(*f).differential.is_none(),
        _ => false,
    }
}

/// Sums in sums and products in products written flat, signs in front of their terms, a scalar for its trace. What
/// does not vary, what has a name and what is still to be differentiated stays as it is.
pub(super) fn flat(graph: &mut Graph, root: Id, sign: &str, names: &[(String, Id)]) -> Id {
    let mut new: FxHashMap<Id, Id> = FxHashMap::default();
    let mut varying: FxHashSet<Id> = FxHashSet::default();
    for id in graph.reachable(&[root]) {
        let Node { op, args } = graph.node(id).clone();
        let open = matches!(op, Op::Apply(f, 0) if graph.function(f).name == sign);
        if open || matches!(op, Op::Differential(_)) {
            varying.insert(id);
        }
        if open || !args.iter().any(|a| varying.contains(a)) {
            continue;
        }
        varying.insert(id);
        let mut parts: SmallVec<[Id; 4]> = SmallVec::new();
        for (i, arg) in args.iter().enumerate() {
            let named = names.iter().any(|(_, part)| part == arg);
            let arg = new.get(arg).copied().unwrap_or(*arg);
            match (&op, graph.op(arg)) {
                _ if named => parts.push(arg),
                (Op::Sum, Op::Sum) => parts.extend_from_slice(graph.args(arg)),
                // A product of scalars in front of a matrix is no product of matrices.
                (Op::Product, Op::Product) if i == 0 || !graph.shape(arg).is_scalar() => {
                    parts.extend_from_slice(graph.args(arg));
                }
                _ => parts.push(arg),
            }
        }
        let negative = signs_out(graph, &op, &mut parts);
        let traced = matches!(op, Op::Call(f) if graph.catalog().entry(f).name == "tr");
        let built = match parts.as_slice() {
            [scalar] if traced && graph.shape(*scalar).is_scalar() => *scalar,
            parts if parts == args.as_slice() => id,
            parts => graph.add(op, parts.iter().copied()),
        };
        let built = if negative { graph.opposite(built) } else { built };
        if built != id {
            new.insert(id, built);
        }
    }
    new.get(&root).copied().unwrap_or(root)
}

/// Takes the minus signs off the parts of what is linear in each of them, and says whether one is left over.
fn signs_out(graph: &mut Graph, op: &Op, parts: &mut SmallVec<[Id; 4]>) -> bool {
    let linear = |graph: &Graph, i: usize| match op {
        Op::Product | Op::Hadamard | Op::Kronecker | Op::Transpose => true,
        Op::Negate | Op::Divide | Op::ElementDivide => true,
        Op::Solve | Op::Frechet(_) => i == 1,
        Op::Call(f) => graph.catalog().entry(*f).adjoints.iter().any(|(at, _)| *at == i),
        _ => false,
    };
    let mut negative = false;
    for (i, part) in parts.iter_mut().enumerate() {
        if let Some(bare) = unsigned(graph, *part).filter(|_| linear(graph, i)) {
            (*part, negative) = (bare, !negative);
        }
    }
    negative
}

/// What a leading minus is taken off of.
fn unsigned(graph: &mut Graph, id: Id) -> Option<Id> {
    let args = graph.args(id).to_vec();
    match (graph.op(id), args.as_slice()) {
        (Op::Negate, [inside]) => Some(*inside),
        (Op::Product, [first, rest @ ..]) => {
            let number = -graph.number(*first).filter(|n| n.is_negative())?;
            let factor = (!number.is_one()).then(|| graph.num(number));
            Some(graph.times(factor.into_iter().chain(rest.iter().copied()).collect::<Vec<_>>()))
        }
        _ => None,
    }
}
