//! The differential and the derivatives of a problem.
//!
//! In: a [`Problem`] and what varies. Out: [`Solution`]: df and one derivative for each variable, simplified.
//! Invariant: which kind of derivative is given follows from the shapes alone, by the table of the language.
//!
//! | f by | scalar | vector | matrix |
//! | --- | --- | --- | --- |
//! | scalar | derivative | gradient | gradient |
//! | vector | derivative | Jacobian | operator, or Kronecker |
//! | matrix | derivative | operator, or Kronecker | operator, or Kronecker |

use crate::diagnostic::Diagnostic;
use crate::differentiate::differentiate;
use crate::expr::{Condition, Graph, Id, Op, VarId};
use crate::shape::Problem;
use crate::simplify::simplify;
use crate::transpose::{self, Convention};

use super::direction::{self, Direction};
use super::{DerivativeKind, Request, Setup, smooth};

/// What was derived.
pub(super) struct Solution {
    /// df by all that varies, grouped by variable; `None` where nothing does.
    pub differential: Option<Form>,
    /// One for each variable.
    pub derivatives: Vec<Solved>,
    /// Where, beyond its domain, the function is differentiable.
    pub conditions: Vec<Condition>,
}

/// A derivative in one variable.
pub(super) struct Solved {
    /// The variable.
    pub wrt: VarId,
    /// What the result is.
    pub kind: DerivativeKind,
    /// The derivative.
    pub form: Form,
    /// The direction, where it was taken along one.
    pub along: Option<Id>,
    /// The derivatives of lower order, where they are of the same kind.
    pub chain: Vec<Id>,
}

/// An expression as it was derived and as it was simplified.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// As derived.
    pub raw: Id,
    /// The closed form for a reader.
    pub simple: Id,
}

/// Derives by each of `varying`.
pub(super) fn solve(
    problem: &mut Problem,
    varying: &[VarId],
    request: &Request,
    setup: &Setup,
) -> Result<Solution, Diagnostic> {
    let directions = direction::resolve(problem, varying, request)?;
    let f = problem.function;
    let assumed = problem.conditions.clone();
    let mut work = Work { graph: &mut problem.graph, setup, assumed, conditions: vec![] };
    let mut parts = vec![];
    for v in varying {
        parts.push(work.differential(f, *v)?);
    }
    let mut derivatives = vec![];
    for (i, v) in varying.iter().enumerate() {
        let along = directions.get(i).copied();
        derivatives.push(work.derivative(f, parts[i], *v, along, request)?);
    }
    let differential = (!parts.is_empty()).then(|| work.join(f, &parts));
    let found = work.conditions;
    smooth::somewhere(&problem.graph, &found)?;
    let results = differential.iter().chain(derivatives.iter().map(|d| &d.form)).map(|f| f.simple).collect();
    let conditions = smooth::needed(&mut problem.graph, f, found, results, varying)?;
    Ok(Solution { differential, derivatives, conditions })
}

struct Work<'a> {
    graph: &'a mut Graph,
    setup: &'a Setup,
    /// The conditions of the function's domain.
    assumed: Vec<Condition>,
    /// Those of the derivatives.
    conditions: Vec<Condition>,
}

impl Work<'_> {
    fn simple(&mut self, id: Id) -> Result<Id, Diagnostic> {
        simplify(self.graph, id, self.setup.identities(), &self.assumed, &self.setup.limits)
    }

    fn form(&mut self, raw: Id) -> Result<Form, Diagnostic> {
        Ok(Form { raw, simple: self.simple(raw)? })
    }

    fn differential(&mut self, f: Id, v: VarId) -> Result<Form, Diagnostic> {
        let derived = differentiate(self.graph, f, &[v])?;
        for condition in derived.conditions {
            if !self.conditions.contains(&condition) {
                self.conditions.push(condition);
            }
        }
        self.form(derived.df)
    }

    /// The differentials by each variable, one after another: `x^T (A + A^T) dx + x^T dA x`.
    fn join(&mut self, f: Id, parts: &[Form]) -> Form {
        let raw = self.sum(f, parts.iter().map(|p| p.raw).collect());
        let simple = self.sum(f, parts.iter().map(|p| p.simple).collect());
        Form { raw, simple }
    }

    fn sum(&mut self, f: Id, parts: Vec<Id>) -> Id {
        let mut summands = vec![];
        for part in parts {
            match self.graph.op(part) {
                Op::Zeros(..) => {}
                Op::Sum => summands.extend_from_slice(self.graph.args(part)),
                _ => summands.push(part),
            }
        }
        match summands.is_empty() {
            true => self.graph.zeros(self.graph.shape(f)),
            false => self.graph.sum(summands),
        }
    }

    fn derivative(
        &mut self,
        f: Id,
        df: Form,
        v: VarId,
        along: Option<Direction>,
        request: &Request,
    ) -> Result<Solved, Diagnostic> {
        let mut chain = vec![];
        let (kind, raw) = match along {
            Some(direction) => {
                let d = self.repeated(df, v, request.order, &mut chain)?;
                (DerivativeKind::Derivative, transpose::directional(self.graph, d, v, direction.id)?)
            }
            None if self.graph.variable(v).shape.is_scalar() => {
                (DerivativeKind::Derivative, self.by_scalar(df, v, request.order, &mut chain)?)
            }
            None if request.order > 1 => self.higher(f, df, v, request, &mut chain)?,
            None => self.first(df, v, request)?,
        };
        let form = self.form(raw)?;
        Ok(Solved { wrt: v, kind, form, along: along.map(|d| d.id), chain })
    }

    /// The derivative by a scalar, as often as asked.
    fn by_scalar(&mut self, df: Form, v: VarId, order: usize, chain: &mut Vec<Id>) -> Result<Id, Diagnostic> {
        let mut result = transpose::derivative(self.graph, df.simple, v)?;
        for _ in 1..order {
            let simple = self.simple(result)?;
            chain.push(simple);
            let next = self.differential(simple, v)?;
            result = transpose::derivative(self.graph, next.simple, v)?;
        }
        Ok(result)
    }

    /// The differential of the differential, and so on: the differential leaf itself does not vary.
    fn repeated(&mut self, df: Form, v: VarId, order: usize, chain: &mut Vec<Id>) -> Result<Id, Diagnostic> {
        let mut d = df.simple;
        for _ in 1..order {
            chain.push(d);
            d = self.differential(d, v)?.simple;
        }
        Ok(d)
    }

    fn first(&mut self, df: Form, v: VarId, request: &Request) -> Result<(DerivativeKind, Id), Diagnostic> {
        let (f, x) = (self.graph.shape(df.raw), self.graph.variable(v).shape);
        // The raw differential has a form wherever the simplified one has, and the other way round.
        let (kind, found) = if f.is_scalar() {
            let convention = convention(request);
            (DerivativeKind::Gradient, transpose::gradient(self.graph, df.simple, v, convention)?)
        } else if f.is_column() && x.is_column() {
            (DerivativeKind::Jacobian, transpose::jacobian(self.graph, df.simple, v)?)
        } else if request.vec {
            (DerivativeKind::Kronecker, transpose::kronecker(self.graph, df.simple, v)?)
        } else {
            (DerivativeKind::Operator, None)
        };
        Ok(found.map_or((DerivativeKind::Operator, df.simple), |id| (kind, id)))
    }

    /// The Hessian where there is one; else the differential of this order.
    fn higher(
        &mut self,
        f: Id,
        df: Form,
        v: VarId,
        request: &Request,
        chain: &mut Vec<Id>,
    ) -> Result<(DerivativeKind, Id), Diagnostic> {
        let x = self.graph.variable(v).shape;
        let has_hessian = self.graph.shape(f).is_scalar() && (x.is_column() || request.vec);
        if has_hessian && request.order == 2 {
            if let Some(gradient) = transpose::gradient(self.graph, df.simple, v, convention(request))? {
                let gradient = self.simple(gradient)?;
                let second = transpose::hessian(self.graph, gradient, v)?;
                self.conditions.extend(second.derived.conditions);
                if let Some(hessian) = second.hessian {
                    return Ok((DerivativeKind::Hessian, hessian));
                }
            }
        }
        Ok((DerivativeKind::Operator, self.repeated(df, v, request.order, chain)?))
    }
}

fn convention(request: &Request) -> Convention {
    if request.free_entries { Convention::FreeEntries } else { Convention::Subspace }
}
