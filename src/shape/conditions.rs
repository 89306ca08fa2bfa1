//! Where an expression is defined.
//!
//! In: a graph as it was read, before anything is simplified. Out: its [`Condition`]s: `0 inv(A)` still needs A
//! invertible. Invariant: what the properties of a part make certain is left out; what can never hold is found.
//! Example: `log(det(A)) / t` gives "det(A) > 0" and "t ≠ 0".

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::smallvec;

use crate::catalog::{Catalog, ConditionTemplate};
use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Dim, Graph, Id, Number, Op, Properties};
use crate::syntax::AstKind;

use super::sign::sign;
use super::template::{instantiate, instantiate_entrywise};

/// The conditions of all nodes below some roots, each with the node it comes from.
pub fn collect(graph: &mut Graph, roots: &[Id]) -> Result<Vec<(Condition, Id)>, Diagnostic> {
    let mut found = Vec::new();
    let mut seen = FxHashSet::default();
    for id in graph.reachable(roots) {
        for condition in of_node(graph, id)? {
            if !holds(graph, &condition) && seen.insert(condition.clone()) {
                found.push((condition, id));
            }
        }
    }
    Ok(found)
}

pub(super) fn condition(catalog: &Catalog, name: &str, arg: Id) -> Result<Condition, Diagnostic> {
    let predicate = catalog.predicate(name);
    let predicate =
        predicate.ok_or_else(|| Diagnostic::internal(format!("no predicate `{name}` in the rules")))?;
    Ok(Condition { predicate, args: smallvec![arg] })
}

fn of_node(graph: &mut Graph, id: Id) -> Result<Vec<Condition>, Diagnostic> {
    let (op, args) = (graph.op(id).clone(), graph.args(id).to_vec());
    let catalog = graph.catalog_arc();
    let one = |name: &str, arg: Id| Ok(vec![condition(&catalog, name, arg)?]);
    match (&op, args.as_slice()) {
        (Op::Divide, [_, b]) => one("nonzero", *b),
        (Op::ElementDivide, [_, b]) => one("nonzero_entries", *b),
        (Op::Solve, [a, _]) => one("invertible", *a),
        (Op::Power, [base, exponent]) => {
            let scalar = graph.shape(*base).is_scalar();
            let names: [&str; 2] =
                if scalar { ["nonzero", "positive"] } else { ["invertible", "no_negative_eigenvalues"] };
            power(graph, &catalog, *base, *exponent, names)
        }
        (Op::ElementPower, [base, exponent]) => {
            power(graph, &catalog, *base, *exponent, ["nonzero_entries", "positive"])
        }
        (Op::Map(f) | Op::Call(f), _) => of_call(graph, id, &catalog.entry(*f).domain),
        _ => Ok(Vec::new()),
    }
}

/// The conditions of an entry, said of the arguments of a call.
pub(super) fn of_call(
    graph: &mut Graph,
    id: Id,
    conditions: &[ConditionTemplate],
) -> Result<Vec<Condition>, Diagnostic> {
    let (op, args) = (graph.op(id).clone(), graph.args(id).to_vec());
    let (Op::Map(f) | Op::Call(f)) = op else { return Ok(vec![]) };
    let catalog = graph.catalog_arc();
    let entrywise = matches!(op, Op::Map(_)) && !graph.shape(args[0]).is_scalar();
    let mut found = Vec::new();
    for stated in conditions {
        // "x ≠ 0" of a vector says that it is not the zero vector; here every entry counts.
        let name = match stated.predicate.as_str() {
            "nonzero" if entrywise => "nonzero_entries",
            name => name,
        };
        let mut of = Vec::new();
        for arg in &stated.args {
            of.push(match entrywise {
                true => instantiate_entrywise(graph, f, arg, &args, &[])?,
                false => instantiate(graph, f, arg, &args, &[])?,
            });
        }
        let first = of.first().copied().unwrap_or(id);
        let mut said = condition(&catalog, name, first)?;
        said.args = of.into();
        found.push(said);
    }
    Ok(found)
}

/// Where all functions below some roots are continuous, beyond their domains.
pub fn continuity(graph: &mut Graph, roots: &[Id]) -> Result<Vec<Condition>, Diagnostic> {
    let catalog = graph.catalog_arc();
    let mut found = vec![];
    for id in graph.reachable(roots) {
        if let Op::Map(f) | Op::Call(f) = *graph.op(id) {
            let entry = catalog.entry(f);
            found.extend(of_call(graph, id, entry.continuous.as_ref().unwrap_or(&entry.smooth))?);
        }
    }
    Ok(found)
}

fn power(
    graph: &Graph,
    catalog: &Catalog,
    base: Id,
    exponent: Id,
    [nonzero, positive]: [&str; 2],
) -> Result<Vec<Condition>, Diagnostic> {
    let whole = |k: &Number| k.is_integer();
    let (number, negated) = (graph.number(exponent), matches!(graph.op(exponent), Op::Negate));
    let integer = match &number {
        Some(k) => whole(k),
        None => is_integer(graph, exponent),
    };
    let negative = number.as_ref().map_or(negated && integer, Number::is_negative);
    let scalar_like = nonzero != "invertible";
    let mut found = Vec::new();
    if !integer {
        found.push(condition(catalog, positive, base)?);
    }
    // A positive base is not zero; a matrix without negative eigenvalues may still be singular.
    if negative && (integer || !scalar_like) {
        found.push(condition(catalog, nonzero, base)?);
    }
    Ok(found)
}

/// Whether a node is certainly a whole number: built from integers by sums, products and signs.
fn is_integer(graph: &Graph, root: Id) -> bool {
    graph.reachable(&[root]).into_iter().all(|id| match graph.op(id) {
        Op::Num(n) => n.is_integer(),
        Op::Zeros(Dim::ONE, Dim::ONE) | Op::Size(_) | Op::Sum | Op::Product | Op::Negate => true,
        Op::Var(_) => graph.properties(id).has(Properties::INTEGER),
        _ => false,
    })
}

/// Whether the properties and the sign of a condition's parts make it certain.
pub fn holds(graph: &Graph, condition: &Condition) -> bool {
    let predicate = graph.catalog().predicate_entry(condition.predicate);
    let Some(arg) = condition.args.first() else { return false };
    let mut known = graph.properties(*arg);
    let sign = sign(graph, *arg);
    for (certain, property) in [(sign.positive, Properties::POSITIVE), (sign.definite, Properties::POSDEF)] {
        if certain && !(property == Properties::POSDEF && graph.shape(*arg).is_scalar()) {
            known = known.with(property).closed();
        }
    }
    predicate.implied_by.iter().any(|p| known.has(*p))
        || (predicate.name == "nonnegative" && sign.nonnegative)
        || (predicate.nonzero.is_some()
            && predicate.name.starts_with("nonzero")
            && graph.number(*arg).is_some_and(|n| !n.is_zero()))
}

/// Whether a condition can never hold, whatever the variables are: of something that is always zero, or of a
/// number that must be positive and is not.
pub fn impossible(graph: &Graph, condition: &Condition) -> bool {
    let catalog = graph.catalog();
    let predicate = catalog.predicate_entry(condition.predicate);
    let Some(arg) = condition.args.first() else { return false };
    let values = constant_values(graph, &[*arg]);
    let Some(value) = values.get(arg) else { return false };
    let plain_positive = predicate.positive.as_ref().is_some_and(|t| {
        let ast = t.ast(catalog).ok();
        ast.and_then(|a| a.nodes.last()).is_some_and(|n| matches!(n.kind, AstKind::Name(_)))
    });
    // What must not vanish, or must be positive, is homogeneous in its argument: it vanishes at zero.
    let vanishing = predicate.nonzero.is_some() || predicate.positive.is_some();
    (vanishing && value.is_zero()) || (plain_positive && value.is_negative())
}

/// The values of nodes that do not depend on any variable, as far as cancelling sums show it: numbers, and the
/// zeros of every shape.
fn constant_values(graph: &Graph, roots: &[Id]) -> FxHashMap<Id, Number> {
    let mut values: FxHashMap<Id, Number> = FxHashMap::default();
    for id in graph.reachable(roots) {
        if let Some(value) = constant_value(graph, id, &values) {
            values.insert(id, value);
        }
    }
    values
}

fn constant_value(graph: &Graph, id: Id, values: &FxHashMap<Id, Number>) -> Option<Number> {
    let args = graph.args(id);
    let of = |i: usize| args.get(i).and_then(|a| values.get(a));
    let zero = |a: &Id| values.get(a).is_some_and(Number::is_zero);
    match graph.op(id) {
        Op::Zeros(..) => Some(Number::ZERO),
        Op::Num(n) => Some(n.clone()),
        Op::Negate => of(0).map(|n| -n.clone()),
        Op::Transpose => of(0).cloned(),
        Op::Sum => cancelled(graph, args, values),
        Op::Product | Op::Hadamard | Op::Kronecker => {
            if args.iter().any(zero) {
                return Some(Number::ZERO);
            }
            args.iter().try_fold(Number::ONE, |product, a| small(product * values.get(a)?.clone()))
        }
        Op::Divide => small(of(0)?.clone() * of(1)?.recip()?),
        Op::Solve if zero(&args[1]) => Some(Number::ZERO),
        Op::Power | Op::ElementPower => {
            let (base, k) = (of(0)?, of(1)?.to_integer()?);
            if base.is_zero() && k <= 0 { None } else { base.pow(k, 4096) }
        }
        _ => None,
    }
}

fn small(n: Number) -> Option<Number> {
    let (p, q) = n.parts();
    (p.to_integer().is_some() && q.to_integer().is_some()).then_some(n)
}

/// The value of a sum whose terms cancel: `A - A`, `2 x - x - x`.
fn cancelled(graph: &Graph, args: &[Id], values: &FxHashMap<Id, Number>) -> Option<Number> {
    let mut constant = Number::ZERO;
    let mut rest: FxHashMap<Vec<Id>, Number> = FxHashMap::default();
    for arg in args {
        if let Some(value) = values.get(arg) {
            constant = small(constant + value.clone())?;
            continue;
        }
        let mut coefficient = Number::ONE;
        let mut core = *arg;
        while *graph.op(core) == Op::Negate {
            coefficient = -coefficient;
            core = graph.args(core)[0];
        }
        let mut key = vec![core];
        if *graph.op(core) == Op::Product {
            key.clear();
            for factor in graph.args(core) {
                match graph.number(*factor) {
                    Some(n) => coefficient = small(coefficient * n)?,
                    None => key.push(*factor),
                }
            }
        }
        // Scalars commute: `s t - t s` cancels.
        if key.iter().all(|f| graph.shape(*f).is_scalar()) {
            key.sort_unstable();
        }
        let entry = rest.entry(key).or_insert(Number::ZERO);
        *entry = small(entry.clone() + coefficient)?;
    }
    rest.values().all(Number::is_zero).then_some(constant)
}
