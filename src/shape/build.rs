//! From a checked Ast to nodes.
//!
//! In: an [`Ast`] whose shapes are known. Out: its nodes in a [`Graph`], as written: only numbers are folded,
//! where they are quotients or exponents. Invariant: no node is built that does not fit.
//! Example: `x .+ 1` is `x + ones(n)`, `2 .* x` is `2 x`.

use smallvec::SmallVec;

use crate::diagnostic::Diagnostic;
use crate::expr::{Dim, Graph, Id, Kind, Number, Op, Properties, Shape, Variable};
use crate::syntax::{Ast, AstId, AstKind, Binary, Sign};

use super::call::{CallParts, parts};
use super::check::{Checked, Result};
use super::constant::{MAX_EXPONENT, fold};
use super::message;
use super::roles::{Role, is_bounded_sum};
use super::scope::{Symbol, Symbols};
use super::solver::Solver;

/// Builds the nodes of one Ast.
pub(super) struct Builder<'a> {
    pub graph: &'a mut Graph,
    pub ast: &'a Ast,
    pub checked: &'a Checked,
    pub symbols: &'a Symbols,
    pub solver: &'a mut Solver,
    ids: Vec<Option<Id>>,
    /// The values of numbers and what is computed from numbers alone.
    constants: Vec<Option<Number>>,
}

/// The nodes of one Ast.
pub(super) struct Built {
    /// The whole expression.
    pub root: Id,
    /// By place in the Ast.
    pub ids: Vec<Option<Id>>,
}

impl<'a> Builder<'a> {
    pub fn new(
        graph: &'a mut Graph,
        ast: &'a Ast,
        checked: &'a Checked,
        symbols: &'a Symbols,
        solver: &'a mut Solver,
    ) -> Builder<'a> {
        let n = ast.nodes.len();
        Builder { graph, ast, checked, symbols, solver, ids: vec![None; n], constants: vec![None; n] }
    }

    /// All nodes.
    pub fn build(mut self) -> Result<Built> {
        for i in 0..self.ast.nodes.len() {
            let id = AstId(i as u32);
            let role = self.checked.roles.role[i];
            if matches!(role, Role::Value | Role::Inner) {
                self.constants[i] = fold(self.ast, id, &self.constants)?;
                super::ambiguous::check(self.ast, id, &|a| self.shape(a))?;
            }
            if role == Role::Value {
                let node = self.node(id)?;
                self.ids[i] = Some(node);
            }
        }
        match self.ids.last() {
            Some(Some(root)) => Ok(Built { root: *root, ids: self.ids }),
            _ => Err(Diagnostic::request("E0001", "there is no expression").at(
                &self.ast.source,
                Default::default(),
                "here",
            )),
        }
    }

    fn shape(&self, mut a: AstId) -> Shape {
        loop {
            if let Some(id) = self.ids.get(a.0 as usize).copied().flatten() {
                return self.graph.shape(id);
            }
            // The inner part of a chain of `.*` has no node of its own.
            let AstKind::Binary(Binary::ElementTimes, left, right) = self.ast.node(a).kind else {
                return Shape::SCALAR;
            };
            a = if self.is_scalar(right) { left } else { right };
        }
    }

    fn id(&self, a: AstId) -> Result<Id> {
        let id = self.ids.get(a.0 as usize).copied().flatten();
        id.ok_or_else(|| Diagnostic::internal("an argument was not built before its node"))
    }

    fn all(&self, parts: &[AstId]) -> Result<SmallVec<[Id; 3]>> {
        parts.iter().map(|p| self.id(*p)).collect()
    }

    fn is_scalar(&self, a: AstId) -> bool {
        self.shape(a).is_scalar()
    }

    fn dim(&mut self, term: super::solver::Term, at: AstId) -> Result<Dim> {
        let known = self.solver.known(term, &mut self.graph.dims);
        known.ok_or_else(|| message::open_identity(self.ast, at, &self.graph.dims))
    }

    fn node(&mut self, id: AstId) -> Result<Id> {
        let ast = self.ast;
        match &ast.node(id).kind {
            AstKind::Number(n) => Ok(self.graph.num(n.clone())),
            AstKind::Name(name) => self.name(id, name),
            AstKind::Sum(parts) => {
                let parts = self.signed(parts)?;
                Ok(self.graph.sum(parts))
            }
            AstKind::DotSum(parts) => self.dot_sum(parts),
            AstKind::Negate(a) => match (&self.ast.node(*a).kind, self.constants[id.0 as usize].clone()) {
                (AstKind::Number(_) | AstKind::Binary(Binary::Divide, ..), Some(n)) => Ok(self.graph.num(n)),
                _ => {
                    let a = self.id(*a)?;
                    Ok(self.graph.negate(a))
                }
            },
            AstKind::Product(factors) => {
                let factors = self.all(factors)?;
                Ok(self.graph.product(factors))
            }
            AstKind::Transpose(a) => {
                let a = self.id(*a)?;
                Ok(self.graph.transpose(a))
            }
            AstKind::Binary(op, a, b) => self.binary(id, *op, *a, *b),
            AstKind::Call { .. } => self.call(id),
        }
    }

    fn name(&mut self, id: AstId, name: &str) -> Result<Id> {
        if let Some(binder) = self.checked.roles.binder(self.ast, id.0 as usize, name) {
            let _ = binder;
            return Ok(index_variable(self.graph, name));
        }
        match self.symbols.get(name) {
            Some(Symbol::Value { id: Some(node), .. }) => Ok(node),
            Some(Symbol::Size(dim)) => Ok(self.graph.size(dim)),
            None if name == "I" => {
                let n = self.dim(self.checked.sides[id.0 as usize].rows, id)?;
                Ok(self.graph.identity(n))
            }
            _ => Err(message::unknown_name(self.ast, id, name)),
        }
    }

    fn signed(&mut self, parts: &[(Sign, AstId)]) -> Result<SmallVec<[Id; 3]>> {
        let mut ids = SmallVec::with_capacity(parts.len());
        for (sign, part) in parts {
            let id = self.id(*part)?;
            ids.push(if *sign == Sign::Minus { self.graph.negate(id) } else { id });
        }
        Ok(ids)
    }

    fn dot_sum(&mut self, parts: &[(Sign, AstId)]) -> Result<Id> {
        let shape =
            parts.iter().map(|(_, p)| self.shape(*p)).find(|s| !s.is_scalar()).unwrap_or(Shape::SCALAR);
        let mut ids: SmallVec<[Id; 3]> = SmallVec::new();
        for (sign, part) in parts {
            let id = self.id(*part)?;
            let id = spread(self.graph, id, shape);
            ids.push(if *sign == Sign::Minus { self.graph.negate(id) } else { id });
        }
        Ok(self.graph.sum(ids))
    }

    fn binary(&mut self, id: AstId, op: Binary, a: AstId, b: AstId) -> Result<Id> {
        if op == Binary::ElementTimes {
            return self.hadamard(id);
        }
        let scalars = (self.is_scalar(a), self.is_scalar(b));
        let (x, y) = (self.id(a)?, self.id(b)?);
        let folded = self.constants[id.0 as usize].clone();
        let literal = |e: AstId| {
            let kind = &self.ast.node(e).kind;
            matches!(kind, AstKind::Number(_))
                || matches!(kind, AstKind::Negate(n) if matches!(self.ast.node(*n).kind, AstKind::Number(_)))
        };
        Ok(match op {
            Binary::Divide => match folded {
                Some(n) if literal(a) && literal(b) => self.graph.num(n),
                _ => self.graph.add(Op::Divide, [x, y]),
            },
            Binary::Solve if scalars.0 => self.graph.add(Op::Divide, [y, x]),
            Binary::Solve => self.graph.add(Op::Solve, [x, y]),
            Binary::ElementDivide if scalars.1 => self.graph.add(Op::Divide, [x, y]),
            Binary::ElementDivide => self.graph.add(Op::ElementDivide, [x, y]),
            Binary::Kronecker => self.graph.add(Op::Kronecker, [x, y]),
            Binary::ElementPower | Binary::Power => {
                let exponent = self.exponent(a, b, op)?;
                let elementwise = op == Binary::ElementPower && !scalars.0;
                self.graph.add(if elementwise { Op::ElementPower } else { Op::Power }, [x, exponent])
            }
            Binary::ElementTimes => x,
        })
    }

    /// The exponent `b` of `a`, a literal one as a number.
    fn exponent(&mut self, a: AstId, b: AstId, op: Binary) -> Result<Id> {
        match self.constants[b.0 as usize].clone() {
            Some(k) => {
                let (p, q) = k.parts();
                let small = |n: Number| n.to_integer().is_some_and(|n| n.abs() <= MAX_EXPONENT);
                if small(p) && small(q) {
                    Ok(self.graph.num(k))
                } else {
                    Err(message::huge_exponent(self.ast, b, MAX_EXPONENT))
                }
            }
            None if op == Binary::ElementPower || self.is_scalar(a) => self.id(b),
            None if self.checked.integer[b.0 as usize] => self.id(b),
            None => Err(message::symbolic_exponent(self.ast, b)),
        }
    }

    /// `a .* b .* c`: scalars in front, the rest one elementwise product.
    fn hadamard(&mut self, id: AstId) -> Result<Id> {
        let mut factors = Vec::new();
        let mut at = id;
        while let AstKind::Binary(Binary::ElementTimes, a, b) = self.ast.node(at).kind {
            factors.push(b);
            at = a;
            if self.checked.roles.role[at.0 as usize] != Role::Inner {
                break;
            }
        }
        factors.push(at);
        factors.reverse();
        let factors = self.all(&factors)?;
        Ok(entry_product(self.graph, &factors))
    }

    fn call(&mut self, id: AstId) -> Result<Id> {
        let Some(call) = parts(self.ast, id) else { return Err(message::nothing(self.ast, id)) };
        if let Some(signature) = self.symbols.signature(call.function) {
            let Some(f) = signature.id else {
                return Err(Diagnostic::internal("an abstract function without a handle"));
            };
            let op = match (call.dotted, call.along.is_empty()) {
                (true, _) => Op::ApplyMap(f, call.primes),
                (false, true) => Op::Apply(f, call.primes),
                (false, false) => Op::ApplyAlong(f, call.primes),
            };
            let mut args = self.all(call.args)?;
            args.extend(self.all(call.along)?);
            return Ok(self.graph.add(op, args));
        }
        if let Some(f) = self.checked.functions.get(&id).copied() {
            let value = |a: &&AstId| self.checked.roles.role[a.0 as usize] == Role::Value;
            let args: Vec<AstId> = call.args.iter().filter(value).copied().collect();
            let args = self.all(&args)?;
            return Ok(match call.function {
                "frechet" => self.graph.add(Op::Frechet(f), args),
                _ => self.graph.call(f, args),
            });
        }
        self.builtin(call)
    }

    fn builtin(&mut self, call: CallParts) -> Result<Id> {
        let size = |a: &AstId| self.checked.sizes.get(a).copied();
        let sizes: SmallVec<[Dim; 2]> = call.args.iter().filter_map(size).collect();
        let shape = match sizes.as_slice() {
            [m, n] => Shape::new(*m, *n),
            [n] => Shape::vector(*n),
            _ => Shape::SCALAR,
        };
        match call.function {
            "I" => Ok(self.graph.identity(shape.rows)),
            "ones" => Ok(self.graph.ones(shape)),
            "zeros" => Ok(self.graph.zeros(shape)),
            "K" => Ok(self.graph.add(Op::Commutation(shape.rows, shape.cols), [])),
            "e" => {
                let index = self.id(call.args[0])?;
                Ok(self.graph.add(Op::Unit(shape.rows), [index]))
            }
            "inv" => {
                let a = self.id(call.args[0])?;
                Ok(self.graph.power(a, -1))
            }
            "kron" => {
                let args = self.all(call.args)?;
                Ok(self.graph.add(Op::Kronecker, args))
            }
            _ if is_bounded_sum(call.function, call.args) => {
                let AstKind::Name(name) = &self.ast.node(call.args[0]).kind else {
                    return Err(message::nothing(self.ast, call.args[0]));
                };
                let index = index_variable(self.graph, name);
                let rest = self.all(&call.args[1..])?;
                Ok(self.graph.add(Op::BoundedSum, std::iter::once(index).chain(rest)))
            }
            _ => Err(Diagnostic::internal(format!("no way to build `{}`", call.function))),
        }
    }
}

/// A scalar as the matrix with that value in every entry.
pub(super) fn spread(graph: &mut Graph, a: Id, shape: Shape) -> Id {
    if shape.is_scalar() || !graph.shape(a).is_scalar() {
        return a;
    }
    let ones = graph.ones(shape);
    if graph.number(a).is_some_and(|n| n.is_one()) { ones } else { graph.product([a, ones]) }
}

/// The elementwise product, scalars in front.
pub(super) fn entry_product(graph: &mut Graph, factors: &[Id]) -> Id {
    let (mut scalars, entries): (Vec<Id>, Vec<Id>) =
        factors.iter().partition(|f| graph.shape(**f).is_scalar());
    let flat: Vec<Id> = entries
        .iter()
        .flat_map(|e| if *graph.op(*e) == Op::Hadamard { graph.args(*e).to_vec() } else { vec![*e] })
        .collect();
    match flat.len() {
        0 => {}
        1 => scalars.push(flat[0]),
        _ => scalars.push(graph.add(Op::Hadamard, flat)),
    }
    graph.product(scalars)
}

/// The variable that a bounded sum binds. One of this name serves all sums of a graph; where a variable of
/// the request has the name, a number is added to it.
pub fn index_variable(graph: &mut Graph, name: &str) -> Id {
    let properties = Properties::INTEGER.with(Properties::CONSTANT);
    let names = std::iter::once(name.to_owned()).chain((1u32..).map(|i| format!("{name}{i}")));
    for name in names {
        match graph.variable_named(&name) {
            None => {
                let (kind, shape) = (Kind::Scalar, Shape::SCALAR);
                return graph.declare(Variable { name, kind, shape, properties });
            }
            Some(v) if graph.variable(v).properties == properties => return graph.var(v),
            Some(_) => {}
        }
    }
    graph.int(0)
}
