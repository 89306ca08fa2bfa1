//! Matrices that are solved with are factored once.
//!
//! In: a plan. Out: the same plan with steps of one factorisation where there were several solves, an inverse or a
//! determinant of one matrix.
//! Invariant: positive definite matrices are factored by Cholesky, others by LU with pivoting, triangular ones not at
//! all; an operation that the target does not have is not introduced.
//!
//! `solve(S, b)` and `logdet(S)` become `L = cholesky(S)`, `cholesky_solve(L, b)`, `cholesky_logdet(L)`.

use rustc_hash::FxHashMap;

use crate::catalog::Catalog;
use crate::expr::Properties;

use super::plan::{Code, Plan, StepId, Storage};
use super::target::Target;

/// What is done with a matrix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Use {
    Solve { turned: bool },
    Inverse,
    Logdet,
    Det,
}

/// A way to factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Method {
    Lu,
    Cholesky,
    /// A solve that factors for itself.
    Posdef,
    Lower,
    Upper,
}

/// Rewrites the steps below `roots`; gives the steps that the roots have become.
pub(super) fn factor(plan: &mut Plan, catalog: &Catalog, target: &Target, roots: &[StepId]) -> Vec<StepId> {
    let steps = plan.reachable(roots);
    let mut uses: FxHashMap<StepId, Vec<Use>> = FxHashMap::default();
    for id in &steps {
        if let Some((matrix, what)) = used(plan, catalog, *id) {
            uses.entry(matrix).or_default().push(what);
        }
    }
    let mut new: FxHashMap<StepId, StepId> = FxHashMap::default();
    for id in steps {
        let found = used(plan, catalog, id).and_then(|(matrix, what)| {
            let method = method(plan, target, matrix, uses.get(&matrix)?)?;
            let renamed = new.get(&matrix).copied()?;
            written(plan, target, id, what, method, renamed, &new)
        });
        let step = found.unwrap_or_else(|| plan.renamed(id, &new));
        new.insert(id, step);
    }
    roots.iter().map(|r| new.get(r).copied().unwrap_or(*r)).collect()
}

/// The matrix that a step factors, and what for.
fn used(plan: &Plan, catalog: &Catalog, id: StepId) -> Option<(StepId, Use)> {
    let step = plan.step(id);
    let a = *step.args.first()?;
    if step.bound || plan.storage(a) != Storage::Matrix {
        return None;
    }
    let inner = plan.argument_of("transpose", a);
    let matrix = inner.unwrap_or(a);
    let what = match &step.code {
        Code::Operator("solve") => Use::Solve { turned: inner.is_some() },
        Code::Operator("inverse") => Use::Inverse,
        Code::Function(f) => match catalog.entry(*f).name.as_str() {
            "logdet" => Use::Logdet,
            "det" => Use::Det,
            _ => return None,
        },
        _ => return None,
    };
    Some((matrix, what))
}

fn method(plan: &Plan, target: &Target, matrix: StepId, uses: &[Use]) -> Option<Method> {
    let properties = plan.properties(matrix);
    let has = |op: &str| target.operators.contains_key(op);
    let solved = |u: &Use| matches!(u, Use::Solve { .. });
    if properties.any(Properties::LOWER.with(Properties::UPPER)) {
        let lower = properties.has(Properties::LOWER);
        return has("solve_lower").then_some(if lower { Method::Lower } else { Method::Upper });
    }
    // A Gram matrix that needs an inverse is positive definite; its determinant alone may vanish.
    let inverted = uses.iter().any(|u| *u != Use::Det);
    let posdef = properties.has(Properties::POSDEF) || (inverted && plan.is_gram(matrix));
    match uses {
        [u] if posdef && solved(u) => has("solve_posdef").then_some(Method::Posdef),
        _ if posdef && has("cholesky") => Some(Method::Cholesky),
        [_] => None,
        _ => has("lu").then_some(Method::Lu),
    }
}

/// The step for one use of a factored matrix.
fn written(
    plan: &mut Plan,
    target: &Target,
    id: StepId,
    what: Use,
    method: Method,
    matrix: StepId,
    new: &FxHashMap<StepId, StepId>,
) -> Option<StepId> {
    let storage = plan.storage(id);
    let right = plan.step(id).args.get(1).and_then(|b| new.get(b)).copied();
    let name = match (method, what) {
        (Method::Lu, Use::Solve { turned: false }) => "lu_solve",
        (Method::Lu, Use::Solve { turned: true }) => "lu_solve_transposed",
        (Method::Lu, Use::Inverse) => "lu_inverse",
        (Method::Lu, Use::Logdet) => "lu_logdet",
        (Method::Lu, Use::Det) => "lu_det",
        (Method::Cholesky, Use::Solve { .. }) => "cholesky_solve",
        (Method::Cholesky, Use::Inverse) => "cholesky_inverse",
        (Method::Cholesky, Use::Logdet) => "cholesky_logdet",
        (Method::Cholesky, Use::Det) => "cholesky_det",
        (Method::Posdef, Use::Solve { .. }) => "solve_posdef",
        (Method::Lower, Use::Solve { turned: false }) | (Method::Upper, Use::Solve { turned: true }) => {
            "solve_lower"
        }
        (Method::Lower | Method::Upper, Use::Solve { .. }) => "solve_upper",
        _ => return None,
    };
    if !target.operators.contains_key(name) {
        return None;
    }
    let first = match method {
        Method::Lu => plan.op("lu", &[matrix], Storage::Matrix),
        Method::Cholesky => plan.op("cholesky", &[matrix], Storage::Matrix),
        // The triangle that is solved with, the other way round where it is transposed.
        Method::Lower | Method::Upper if matches!(what, Use::Solve { turned: true }) => {
            plan.transpose(matrix)
        }
        _ => matrix,
    };
    Some(match right {
        Some(b) => plan.op(name, &[first, b], storage),
        None => plan.op(name, &[first], storage),
    })
}
