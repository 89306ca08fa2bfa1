//! Calls whose value the catalogue states in other functions, written out in them.
//!
//! In: roots. Out: roots of equal value in which every call is a primitive; conditions as [`Guard`]s.
//! Invariant: what has nothing to write out keeps its id. Example: `logdet(X)` becomes `log(abs(det(X)))`.

use rustc_hash::FxHashMap;

use crate::catalog::dims::bind;
use crate::catalog::{Numeric, Predicate, Template, Type};
use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, FnId, Graph, Id, Op, Shape};
use crate::shape::{Scope, elaborate, instantiate, instantiate_entrywise, restated};

/// Definitions may stand on one another this deep.
const ROUNDS: usize = 16;

/// What must hold at a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guard {
    /// No entry vanishes.
    Nonzero(Id),
    /// Every entry is positive.
    Positive(Id),
}

impl Guard {
    /// The expression it is about.
    pub fn id(self) -> Id {
        match self {
            Guard::Nonzero(id) | Guard::Positive(id) => id,
        }
    }
}

/// The expression that gives the value of a function, where it is no primitive.
fn definition(graph: &Graph, f: FnId) -> Option<Template> {
    match &graph.catalog().entry(f).numeric {
        Some(Numeric::Expression(template)) => Some(template.clone()),
        _ => None,
    }
}

fn function(op: &Op) -> Option<FnId> {
    match op {
        Op::Map(f) | Op::Call(f) | Op::Frechet(f) => Some(*f),
        _ => None,
    }
}

/// Roots of equal value that use primitives only.
///
/// # Errors
/// Where a definition does not fit its signature, or definitions go round in circles.
pub fn lower(graph: &mut Graph, roots: &[Id]) -> Result<Vec<Id>, Diagnostic> {
    let mut roots = roots.to_vec();
    for _ in 0..ROUNDS {
        let ids = graph.reachable(&roots);
        let defined = |id: &Id| function(graph.op(*id)).and_then(|f| definition(graph, f)).is_some();
        if !ids.iter().any(defined) {
            return Ok(roots);
        }
        let mut image: FxHashMap<Id, Id> = FxHashMap::default();
        for id in ids {
            let op = graph.op(id).clone();
            let old = graph.args(id).to_vec();
            let args: Vec<Id> = old.iter().map(|a| image.get(a).copied().unwrap_or(*a)).collect();
            let template = function(&op).and_then(|f| definition(graph, f).map(|t| (f, t)));
            let new = match (template, &op) {
                (Some((f, _)), Op::Frechet(_)) => block_derivative(graph, f, &args),
                (Some((f, t)), Op::Map(_)) => instantiate_entrywise(graph, f, &t, &args, &[])?,
                (Some((f, t)), _) => instantiate(graph, f, &t, &args, &[])?,
                (None, _) if args == old => id,
                (None, _) => graph.add(op, args),
            };
            image.insert(id, new);
        }
        roots = roots.iter().map(|r| image.get(r).copied().unwrap_or(*r)).collect();
    }
    Err(Diagnostic::internal("the numeric definition of a function leads back to itself"))
}

/// The derivative of a matrix function at A along E: the upper right block of its value at
/// `I₂ ⊗ A + e₁e₂ᵀ ⊗ E`.
fn block_derivative(graph: &mut Graph, f: FnId, args: &[Id]) -> Id {
    let (Some(&a), Some(&e)) = (args.first(), args.get(1)) else { return graph.int(0) };
    let (two, n) = (graph.dims.integer(2), graph.shape(a).rows);
    let (one, second) = (graph.int(1), graph.int(2));
    let (e1, e2) = (graph.add(Op::Unit(two), [one]), graph.add(Op::Unit(two), [second]));
    let (pair, identity) = (graph.identity(two), graph.identity(n));
    let e2t = graph.transpose(e2);
    let corner = graph.product([e1, e2t]);
    let diagonal = graph.add(Op::Kronecker, [pair, a]);
    let upper = graph.add(Op::Kronecker, [corner, e]);
    let block = graph.sum([diagonal, upper]);
    let value = graph.add(Op::Call(f), [block]);
    let (rows, cols) = (graph.add(Op::Kronecker, [e1, identity]), graph.add(Op::Kronecker, [e2, identity]));
    let left = graph.transpose(rows);
    graph.product([left, value, cols])
}

/// What conditions ask of a point, as far as their predicates say it in an expression: they, or the simpler parts that
/// a condition without one is restated in.
///
/// # Errors
/// Where a predicate's expression does not fit its argument.
pub fn guards(graph: &mut Graph, conditions: &[Condition]) -> Result<Vec<Guard>, Diagnostic> {
    let catalog = graph.catalog_arc();
    let mut found = Vec::new();
    let mut told = Vec::new();
    for condition in conditions {
        let predicate = catalog.predicate_entry(condition.predicate);
        match predicate.nonzero.is_some() || predicate.positive.is_some() {
            true => told.push(condition.clone()),
            false => told.extend(restated(graph, condition)?),
        }
    }
    for condition in told {
        let predicate = catalog.predicate_entry(condition.predicate);
        let scope = said_of(graph, predicate, &condition.args)?;
        for (template, make) in
            [(&predicate.nonzero, Guard::Nonzero as fn(Id) -> Guard), (&predicate.positive, Guard::Positive)]
        {
            if let Some(template) = template {
                let ast = template.ast(&catalog)?;
                let id = elaborate(graph, ast, &scope)?;
                found.extend(lower(graph, &[id])?.into_iter().map(make));
            }
        }
    }
    Ok(found)
}

/// The names of a predicate and of its dimensions, bound to what it is said of.
fn said_of(graph: &mut Graph, predicate: &Predicate, args: &[Id]) -> Result<Scope, Diagnostic> {
    let types: Vec<&Type> = predicate.parameters.iter().map(|p| &p.ty).collect();
    let shapes: Vec<Shape> = args.iter().map(|a| graph.shape(*a)).collect();
    let sizes = bind(&types, &shapes, &mut graph.dims);
    let sizes = sizes
        .ok_or_else(|| Diagnostic::internal(format!("`{}` does not fit its argument", predicate.name)))?;
    let scope = sizes.into_iter().fold(Scope::new(), |scope, (name, dim)| scope.size(name, dim));
    let parameters = predicate.parameters.iter().zip(args);
    Ok(parameters.fold(scope, |scope, (p, arg)| scope.bind(p.name.clone(), *arg)))
}
