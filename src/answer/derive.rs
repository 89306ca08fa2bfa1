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
use crate::differentiate::{NO_MATRIX, along_directions, differentiate};
use crate::expr::{Condition, Graph, Id, Op, VarId};
use crate::shape::{Problem, collect, continuity};
use crate::simplify::{Budget, Memo, Work, rewritten, simplify};
use crate::transpose::{self, Convention};

use super::alternative::{alternative, follows};
use super::direction::{self, Direction};
use super::{DerivativeKind, Request, Setup, smooth};

/// What was derived.
pub(super) struct Solution {
    /// The form of the function that was differentiated.
    pub from: Id,
    /// df by each variable.
    pub parts: Vec<Form>,
    /// df by all that varies, grouped by variable; `None` where nothing does.
    pub differential: Option<Form>,
    /// One for each variable.
    pub derivatives: Vec<Solved>,
    /// Where, beyond its domain, the function is differentiable and the forms are defined.
    pub conditions: Vec<Condition>,
    /// The conditions of the domain and these, as a reader is told of them.
    pub stated: Vec<Condition>,
    /// The limit at which a simplification stopped.
    pub unfinished: Option<&'static str>,
    /// The rule that would have joined what is not equal, at which the search for a shorter form ended.
    pub tripped: Option<String>,
    /// What was done.
    pub work: Work,
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
    /// The gradient that a Hessian is the derivative of.
    pub gradient: Option<Id>,
    /// The same by other functions, and whether it is that one which needs the conditions.
    pub other: Option<Other>,
}

/// A second form of a result.
pub(super) struct Other {
    /// The form.
    pub id: Id,
    /// What one of the two forms needs.
    pub conditions: Vec<Condition>,
    /// Whether it is this one; else the form that is given.
    pub needs_them: bool,
}

/// An expression as it was derived and as it was simplified.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// As derived.
    pub raw: Id,
    /// The closed form for a reader.
    pub simple: Id,
}

/// Derives by each of `varying`: the function as it was read and, where identities know another form of it, that
/// form; the shorter answer is given. Both are checked against the function as it was read.
pub(super) fn solve(
    problem: &mut Problem,
    varying: &[VarId],
    request: &Request,
    setup: &Setup,
) -> Result<Solution, Diagnostic> {
    let f = problem.function;
    let budget = &Budget::new(setup.limits.work);
    let mut memo = Memo::default();
    if varying.is_empty() {
        return solve_from(problem, f, varying, request, setup, (budget, &mut memo));
    }
    let context = setup.context(f, &problem.conditions, budget);
    let rewritten = rewritten(&mut problem.graph, f, &context, &mut memo);
    let found = solve_from(problem, f, varying, request, setup, (budget, &mut memo));
    let Some(simple) = rewritten else { return found };
    let other = solve_from(problem, simple, varying, request, setup, (budget, &mut memo));
    match (found, other) {
        (Ok(a), Ok(b)) => {
            let least = if b.size(&problem.graph) < a.size(&problem.graph) { b } else { a };
            Ok(Solution { work: budget.done(), ..least })
        }
        (Ok(a), Err(_)) => Ok(a),
        (Err(_), other) => other,
    }
}

impl Solution {
    fn size(&self, graph: &Graph) -> u64 {
        let forms = self.differential.iter().chain(self.derivatives.iter().map(|d| &d.form));
        forms.fold(0, |sum: u64, form| sum.saturating_add(graph.form_size(form.simple)))
    }
}

/// Derives `f`, which has the value of the problem's function.
fn solve_from(
    problem: &mut Problem,
    f: Id,
    varying: &[VarId],
    request: &Request,
    setup: &Setup,
    (budget, memo): (&Budget, &mut Memo),
) -> Result<Solution, Diagnostic> {
    let directions = direction::resolve(problem, varying, request)?;
    let as_read = problem.function;
    let assumed = problem.conditions.clone();
    let graph = &mut problem.graph;
    let mut work = Derivation {
        graph,
        setup,
        budget,
        function: as_read,
        assumed,
        conditions: vec![],
        domain: vec![],
        memo,
    };
    let raws = varying.iter().map(|v| work.derived(f, *v)).collect::<Result<Vec<_>, _>>()?;
    if unfolds(work.graph, &raws, setup.limits.unfolded) {
        budget.spare("unfolded");
    }
    // An answer is told to hold where f does not jump, and its forms may rest on that.
    let continuous = continuity(work.graph, &[f])?;
    work.assumed.extend(continuous);
    let mut parts = vec![];
    for raw in raws {
        parts.push(work.form(raw)?.0);
    }
    let mut derivatives = vec![];
    for (i, (v, part)) in varying.iter().zip(&parts).enumerate() {
        let along = directions.get(i).copied();
        derivatives.push(work.derivative(f, *part, *v, along, request)?);
    }
    let differential = (!parts.is_empty()).then(|| work.join(f, &parts));
    let (found, domain) = (work.conditions, work.domain);
    smooth::somewhere(&problem.graph, &found)?;
    let mut results: Vec<Id> =
        differential.iter().chain(derivatives.iter().map(|d| &d.form)).map(|f| f.simple).collect();
    results.extend(derivatives.iter().flat_map(|d| d.chain.iter().chain(&d.gradient)));
    let mut conditions = smooth::needed(&mut problem.graph, f, found, &results, varying)?;
    conditions.extend(domain);
    let all: Vec<Condition> = problem.conditions.iter().chain(&conditions).cloned().collect();
    let context = setup.context(as_read, &problem.conditions, budget);
    let simple = |graph: &mut Graph, id: Id| simplify(graph, id, &context, memo);
    let stated = smooth::stated(&mut problem.graph, &all, simple)?;
    let (unfinished, tripped) = (budget.met(), budget.tripped());
    let work = budget.done();
    Ok(Solution { from: f, parts, differential, derivatives, conditions, stated, unfinished, tripped, work })
}

/// Whether the closed form of these would be many times what was derived, as in a deep net: no search makes that short, and
/// the parts that they share are better named than written out.
fn unfolds(graph: &Graph, derived: &[Id], most: usize) -> bool {
    let written = derived.iter().fold(0u64, |sum, id| sum.saturating_add(graph.form_size(*id)));
    let once: usize = graph.reachable(derived).iter().map(|id| 1 + graph.args(*id).len()).sum();
    written > most as u64 && written > SHARED * once as u64
}

/// How often the parts of what was derived are shared, on the average, where it is no longer written out.
const SHARED: u64 = 3;

struct Derivation<'a> {
    graph: &'a mut Graph,
    setup: &'a Setup,
    budget: &'a Budget,
    function: Id,
    /// The conditions of the function's domain.
    assumed: Vec<Condition>,
    /// Where the function is differentiable.
    conditions: Vec<Condition>,
    /// Where the forms that were chosen are defined.
    domain: Vec<Condition>,
    memo: &'a mut Memo,
}

impl Derivation<'_> {
    fn simple(&mut self, id: Id) -> Result<Id, Diagnostic> {
        let context = self.setup.context(self.function, &self.assumed, self.budget);
        simplify(self.graph, id, &context, self.memo)
    }

    fn form(&mut self, raw: Id) -> Result<(Form, Option<Other>), Diagnostic> {
        let simple = self.simple(raw)?;
        let Some(found) = alternative(self.graph, self.function, simple)? else {
            return Ok((Form { raw, simple }, None));
        };
        let mut needs = vec![];
        for condition in found.conditions {
            if !follows(self.graph, &self.assumed, &condition)? {
                needs.push(condition);
            }
        }
        let kept = self.assumed.len();
        self.assumed.extend(needs.iter().cloned());
        // What holds under more conditions is not for later.
        let memo = (!needs.is_empty()).then(|| std::mem::take(self.memo));
        let other = self.simple(found.id);
        self.assumed.truncate(kept);
        if let Some(memo) = memo {
            *self.memo = memo;
        }
        let other_id = other?;
        if self.graph.form_size(other_id) >= self.graph.form_size(simple) {
            let other = Other { id: other_id, conditions: needs, needs_them: true };
            return Ok((Form { raw, simple }, Some(other)));
        }
        // What the chosen form needs: after simplification that may be less than what led to it.
        let needs = if needs.is_empty() { needs } else { self.needs(other_id, simple)? };
        self.domain.extend(needs.iter().filter(|c| !self.domain.contains(c)).cloned().collect::<Vec<_>>());
        let other = (!needs.is_empty()).then_some(Other { id: simple, conditions: needs, needs_them: false });
        Ok((Form { raw, simple: other_id }, other))
    }

    /// The conditions under which `form` is defined and `than` need not be.
    fn needs(&mut self, form: Id, than: Id) -> Result<Vec<Condition>, Diagnostic> {
        let known: Vec<Condition> = collect(self.graph, &[than])?.into_iter().map(|(c, _)| c).collect();
        let mut needs = vec![];
        for (condition, _) in collect(self.graph, &[form])? {
            if !known.contains(&condition) && !follows(self.graph, &self.assumed, &condition)? {
                needs.push(condition);
            }
        }
        Ok(needs)
    }

    fn differential(&mut self, f: Id, v: VarId) -> Result<Form, Diagnostic> {
        let df = self.derived(f, v)?;
        Ok(self.form(df)?.0)
    }

    /// The differential as it is derived.
    fn derived(&mut self, f: Id, v: VarId) -> Result<Id, Diagnostic> {
        let derived = differentiate(self.graph, f, &[v])?;
        for condition in derived.conditions {
            if !self.conditions.contains(&condition) {
                self.conditions.push(condition);
            }
        }
        Ok(derived.df)
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
        let (mut chain, mut lower) = (vec![], None);
        let (kind, raw) = match along {
            Some(direction) => {
                let d = self.repeated(df, v, request.order, &mut chain)?;
                (DerivativeKind::Derivative, transpose::directional(self.graph, d, v, direction.id)?)
            }
            None if self.graph.variable(v).shape.is_scalar() => {
                (DerivativeKind::Derivative, self.by_scalar(df, v, request.order, &mut chain)?)
            }
            None if request.order > 1 => self.higher(f, df, v, request, (&mut chain, &mut lower))?,
            None => self.first(df, v, request)?,
        };
        let (mut form, other) = self.form(raw)?;
        // The operator is df itself, and is written as it is.
        if raw == df.simple && self.graph.form_size(form.simple) == self.graph.form_size(raw) {
            form.simple = raw;
        }
        Ok(Solved { wrt: v, kind, form, along: along.map(|d| d.id), chain, gradient: lower, other })
    }

    /// The derivative by a scalar, as often as asked. From the second on no form of the differential is looked for: it is
    /// the derivative times that of the variable, and nobody sees it.
    fn by_scalar(&mut self, df: Form, v: VarId, order: usize, chain: &mut Vec<Id>) -> Result<Id, Diagnostic> {
        let mut result = transpose::derivative(self.graph, df.simple, v)?;
        for _ in 1..order {
            let simple = self.simple(result)?;
            chain.push(simple);
            let df = self.derived(simple, v)?;
            result = transpose::derivative(self.graph, df, v)?;
        }
        Ok(result)
    }

    /// The differential of the differential, and so on: the differential leaf itself does not vary.
    fn repeated(&mut self, df: Form, v: VarId, order: usize, chain: &mut Vec<Id>) -> Result<Id, Diagnostic> {
        let mut d = df.simple;
        for _ in 1..order {
            chain.push(d);
            d = match self.differential(d, v) {
                Err(error) if error.code == NO_MATRIX => {
                    let along = along_directions(self.graph, d);
                    self.differential(along, v)?
                }
                found => found?,
            }
            .simple;
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
        (chain, lower): (&mut Vec<Id>, &mut Option<Id>),
    ) -> Result<(DerivativeKind, Id), Diagnostic> {
        let x = self.graph.variable(v).shape;
        let has_hessian = self.graph.shape(f).is_scalar() && (x.is_column() || request.vec);
        if has_hessian
            && request.order == 2
            && let Some(gradient) = transpose::gradient(self.graph, df.simple, v, convention(request))?
        {
            let gradient = self.simple(gradient)?;
            match transpose::hessian(self.graph, gradient, v) {
                Err(error) if error.code == NO_MATRIX => {}
                second => {
                    let second = second?;
                    self.conditions.extend(second.derived.conditions);
                    if let Some(hessian) = second.hessian {
                        *lower = Some(gradient);
                        return Ok((DerivativeKind::Hessian, hessian));
                    }
                }
            }
        }
        Ok((DerivativeKind::Operator, self.repeated(df, v, request.order, chain)?))
    }
}

pub(super) fn convention(request: &Request) -> Convention {
    if request.free_entries { Convention::FreeEntries } else { Convention::Subspace }
}
