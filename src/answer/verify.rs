//! The check of an answer in numbers.
//!
//! In: a problem and its solution. Out: how they agree, and the solution with only forms that do.
//! Invariant: a form that disagrees with the function is never given: the derivative as derived takes the
//! place of its simplification, and where that disagrees as well there is no answer.
//!
//! The claim "`(A + A^T) x` is the gradient of `x^T A x`" is tried at random points along random directions.

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Kind, Properties, Shape, VarId, Variable};
use crate::numeric::{self, Claim, Relation, Trouble, lower, nowhere_defined};
use crate::print::{Style, text};
use crate::shape::Problem;

use super::derive::{Form, Solution, Solved};
use super::direction::linear_structure;
use super::object::{CheckDetail, CheckOutcome};
use super::{DerivativeKind, Request};

/// The same points for every request, so that the same request has the same answer.
const SEED: u64 = 0x6d61_7467;

/// Fails where the function has no value at any point.
pub(super) fn defined_somewhere(problem: &Problem) -> Result<(), Diagnostic> {
    let mut graph = problem.graph.clone();
    let roots = lower(&mut graph, &[problem.function])?;
    let Some(undefined) = nowhere_defined(&graph, &roots) else { return Ok(()) };
    let part = text(&graph, undefined.at, Style::Ascii);
    let message =
        format!("the function is defined nowhere: `{part}` has no value at any point ({})", undefined.why);
    Err(Diagnostic::request("E0613", message))
}

/// A claim about one form of the solution.
struct Stated {
    relation: Relation,
    wrt: Vec<VarId>,
    kind: Option<DerivativeKind>,
    form: Form,
}

impl Stated {
    fn said(&self, graph: &Graph) -> String {
        match (self.kind, self.wrt.first()) {
            (Some(kind), Some(v)) => title(graph, kind, *v),
            _ => "df".to_owned(),
        }
    }
}

/// What a derivative is called: `gradient x`.
fn title(graph: &Graph, kind: DerivativeKind, wrt: VarId) -> String {
    format!("{} {}", kind.word(), graph.variable(wrt).name)
}

/// Checks df and every derivative against the function, and puts what was derived in place of a
/// simplification that disagrees. The texts say where that was done, and why there was no check.
pub(super) fn check(
    problem: &mut Problem,
    solution: &mut Solution,
    request: &Request,
) -> Result<(CheckOutcome, Vec<String>), Diagnostic> {
    let conditions: Vec<Condition> = problem.conditions.iter().chain(&solution.conditions).cloned().collect();
    let mut outcome = CheckOutcome { passed: true, points: 0, max_error: 0.0, details: vec![] };
    let mut trouble = vec![];
    let function = problem.function;
    let mut judge = Judge { graph: &mut problem.graph, conditions: &conditions };
    let mut stated = solution.stated(request);
    let first = judge.settle(function, &mut stated)?;
    if matches!(first.trouble, Some(Trouble::NoPoint(_))) {
        judge.defined(&stated)?;
    }
    if solution.accept(&stated) {
        trouble.push(
            "a simplified form disagreed in numbers; what was derived is given in its place".to_owned(),
        );
    }
    let said: Vec<String> = stated.iter().map(|s| s.said(judge.graph)).collect();
    outcome.add(&first, &said, &mut trouble);
    for solved in solution.derivatives.iter().filter(|s| needs_line(s, request)) {
        let next = judge.along_line(function, solved, request)?;
        let said = title(judge.graph, solved.kind, solved.wrt);
        outcome.add(&next, &[said], &mut trouble);
    }
    Ok((outcome, trouble))
}

impl CheckOutcome {
    /// Adds what was found of some claims.
    fn add(&mut self, check: &numeric::Check, claims: &[String], trouble: &mut Vec<String>) {
        for seen in &check.seen {
            let details = claims.iter().zip(&seen.errors).map(|(claim, error)| CheckDetail {
                claim: claim.clone(),
                sizes: seen.sizes.iter().map(|(n, size)| (n.clone(), *size)).collect(),
                error: *error,
            });
            self.details.extend(details);
        }
        self.passed &= check.passed;
        self.points = if self.points == 0 { check.points } else { self.points.min(check.points) };
        self.max_error = self.max_error.max(check.max_error);
        let reason = match &check.trouble {
            None | Some(Trouble::Mismatch(..)) => return,
            Some(Trouble::NoPoint(_)) => "no point was found at which everything is defined".to_owned(),
            Some(Trouble::Unsupported(what)) => what.clone(),
        };
        let text = format!("not checked in numbers: {reason}");
        if !trouble.contains(&text) {
            trouble.push(text);
        }
    }
}

impl Solution {
    /// df and the derivatives as claims about the function; those along a line are checked on their own.
    fn stated(&self, request: &Request) -> Vec<Stated> {
        let all = self.derivatives.iter().map(|d| d.wrt).collect();
        let df = self.differential.map(|form| Stated {
            relation: Relation::Differential,
            wrt: all,
            kind: None,
            form,
        });
        let derivatives = self.derivatives.iter().filter(|s| !needs_line(s, request));
        let each = derivatives.map(|s| Stated {
            relation: relation(s, request),
            wrt: vec![s.wrt],
            kind: Some(s.kind),
            form: s.form,
        });
        df.into_iter().chain(each).collect()
    }

    /// Takes over the forms that were found to agree; whether any was not the simplified one.
    fn accept(&mut self, stated: &[Stated]) -> bool {
        let mut changed = false;
        let derivatives = self.derivatives.iter_mut().map(|d| &mut d.form);
        for form in self.differential.iter_mut().chain(derivatives) {
            let fell_back = |s: &&Stated| s.form.raw == form.raw && s.form.simple == form.raw;
            if form.simple != form.raw && stated.iter().any(|s| fell_back(&s)) {
                (form.simple, changed) = (form.raw, true);
            }
        }
        changed
    }
}

fn relation(solved: &Solved, request: &Request) -> Relation {
    match solved.kind {
        DerivativeKind::Derivative => Relation::Nth(u8::try_from(request.order).unwrap_or(u8::MAX)),
        DerivativeKind::Gradient if request.free_entries => Relation::FreeGradient,
        DerivativeKind::Gradient => Relation::Gradient,
        DerivativeKind::Jacobian => Relation::Jacobian,
        DerivativeKind::Kronecker => Relation::Kronecker,
        DerivativeKind::Hessian => Relation::Hessian,
        DerivativeKind::Operator if request.order == 2 => Relation::SecondDifferential,
        DerivativeKind::Operator => Relation::Differential,
    }
}

/// Whether a derivative is checked as that of t ↦ f(x + t v): along a direction, and from the third order on.
fn needs_line(solved: &Solved, request: &Request) -> bool {
    let operator = solved.kind == DerivativeKind::Operator;
    solved.along.is_some() || request.order > if operator { 2 } else { 3 }
}

struct Judge<'a> {
    graph: &'a mut Graph,
    conditions: &'a [Condition],
}

impl Judge<'_> {
    fn check(&mut self, function: Id, claims: &[Claim]) -> numeric::Check {
        numeric::check(self.graph, function, claims, self.conditions, SEED)
    }

    /// Fails where a form that found no point to be checked at has no value at any: `(x v^T)^-1`.
    fn defined(&mut self, stated: &[Stated]) -> Result<(), Diagnostic> {
        for s in stated {
            let roots = lower(self.graph, &[s.form.simple])?;
            if let Some(undefined) = nowhere_defined(self.graph, &roots) {
                let part = text(self.graph, undefined.at, Style::Ascii);
                let message =
                    format!("the form found for the derivative is defined nowhere: `{part}` has no value");
                return Err(Diagnostic::request("E0615", message));
            }
        }
        Ok(())
    }

    /// Checks all claims; one whose simplification disagrees falls back on what was derived.
    fn settle(&mut self, function: Id, stated: &mut [Stated]) -> Result<numeric::Check, Diagnostic> {
        for _ in 0..=stated.len() {
            let claim = |s: &Stated| Claim { relation: s.relation, wrt: s.wrt.clone(), value: s.form.simple };
            let claims: Vec<Claim> = stated.iter().map(claim).collect();
            let check = self.check(function, &claims);
            match check.trouble {
                Some(Trouble::Mismatch(i, error)) => {
                    let wrong = stated.get_mut(i).filter(|s| s.form.simple != s.form.raw);
                    let Some(wrong) = wrong else { return Err(disagrees(error)) };
                    wrong.form.simple = wrong.form.raw;
                }
                _ => return Ok(check),
            }
        }
        Err(disagrees(f64::NAN))
    }

    /// Checks derivatives of any order along a line: each is the derivative by t of the one before it.
    fn along_line(
        &mut self,
        f: Id,
        solved: &Solved,
        request: &Request,
    ) -> Result<numeric::Check, Diagnostic> {
        let mut graph = self.graph.clone();
        let by = VarId(graph.variables().len() as u32);
        let t = declare(&mut graph, "t", Kind::Scalar, Shape::SCALAR, Properties::NONE);
        let variable = graph.variable(solved.wrt).clone();
        let v = match solved.along {
            Some(v) => v,
            None if variable.shape.is_scalar() => graph.int(1),
            None => {
                let properties = linear_structure(variable.properties);
                declare(&mut graph, "v", variable.kind, variable.shape, properties)
            }
        };
        let (x, dx) = (graph.var(solved.wrt), graph.differential(solved.wrt));
        let step = graph.product([t, v]);
        let moved = graph.sum([x, step]);
        let mut on_line = |id: Id| {
            let along = graph.substitute(id, dx, v);
            graph.substitute(along, x, moved)
        };
        let mut chain = vec![on_line(f)];
        chain.extend(solved.chain.iter().take(request.order - 1).map(|id| on_line(*id)));
        chain.push(on_line(solved.form.simple));
        let mut judge = Judge { graph: &mut graph, conditions: self.conditions };
        let mut last = None;
        for pair in chain.windows(2) {
            let [before, after] = pair else { continue };
            let claim = Claim { relation: Relation::Nth(1), wrt: vec![by], value: *after };
            let check = judge.check(*before, &[claim]);
            if let Some(Trouble::Mismatch(_, error)) = check.trouble {
                return Err(disagrees(error));
            }
            last = Some(check);
        }
        last.ok_or_else(|| Diagnostic::internal("nothing to check along a line"))
    }
}

/// A variable of the check's own graph.
fn declare(graph: &mut Graph, name: &str, kind: Kind, shape: Shape, properties: Properties) -> Id {
    graph.declare(Variable { name: name.to_owned(), kind, shape, properties })
}

fn disagrees(error: f64) -> Diagnostic {
    let message = format!("the derivative found disagrees with the function by {error:.1e} and is not shown");
    Diagnostic { code: "E0901", ..Diagnostic::internal(message) }
}
