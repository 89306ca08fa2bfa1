//! Rules of differentiation.
//!
//! In: a step that names one, and the lines before and after it. Out: whether the parts that changed are instances of
//! the rule, and whether the line follows from them.
//! Invariant: a function's differential is what the text of its entry says; sums, products, powers and inverses are the
//! calculus of numbers, in components.
//!
//! `d(logdet(A))` may become `tr(inv(A) dA)`, by `logdet` and by no other name.

use rustc_hash::FxHashSet;

use crate::diagnostic::Diagnostic;
use crate::explain::Step;
use crate::expr::{Condition, FnId, Id, Op, VarId};
use crate::print::{Style, condition};
use crate::shape::{Scope, elaborate, holds, instantiate, instantiate_entrywise};

use super::instance::wrong;
use super::replay::{Replay, StepVerdict};

impl Replay<'_> {
    /// A rule of differentiation: each part is an instance of it, and the line follows from them.
    pub(super) fn rule(
        &mut self,
        step: &Step,
        before: Id,
        after: Id,
        varying: &[VarId],
    ) -> Result<StepVerdict, Diagnostic> {
        let mut equations = vec![];
        let mut verdict = StepVerdict::Proved;
        for change in &step.changed {
            let from = self.reader.read(&change.from, None)?;
            let shape = self.reader.graph.shape(from);
            let to = self.reader.read(&change.to, Some(shape))?;
            let inner = self
                .reader
                .inside(from)
                .ok_or_else(|| wrong(format!("`{}` is no differential", change.from)))?;
            let stated = match step.rule.as_str() {
                "linear" => self.is_linear(inner, to, varying)?,
                rule => self.stated(rule, inner, step)?,
            };
            let found = self.settle(stated.unwrap_or(from), to, &[], varying)?;
            match found {
                StepVerdict::Proved => {}
                StepVerdict::Agrees => verdict = StepVerdict::Agrees,
                StepVerdict::Wrong(why) => {
                    return Ok(StepVerdict::Wrong(format!("`{}`: {why}", change.from)));
                }
            }
            equations.push((from, to));
        }
        if step.changed.is_empty() && step.rule != "linear" {
            return Err(wrong(format!("the rule `{}` is used on nothing", step.rule)));
        }
        match self.settle(before, after, &equations, varying)? {
            StepVerdict::Proved => Ok(verdict),
            other => Ok(other),
        }
    }

    /// Fails where more than that d is linear leads from d(u) to its differential, in which parts may be left as they are.
    fn is_linear(&self, u: Id, to: Id, varying: &[VarId]) -> Result<Option<Id>, Diagnostic> {
        let graph = &self.reader.graph;
        let mut varies: FxHashSet<Id> = FxHashSet::default();
        for id in graph.reachable(&[u]) {
            let leaf = matches!(*graph.op(id), Op::Var(v) if varying.contains(&v));
            if leaf || graph.args(id).iter().any(|a| varies.contains(a)) {
                varies.insert(id);
            }
        }
        let left: FxHashSet<Id> =
            graph.reachable(&[to]).into_iter().filter_map(|id| self.reader.inside(id)).collect();
        let mut open = vec![u];
        while let Some(id) = open.pop() {
            let args: Vec<Id> = graph.args(id).iter().copied().filter(|a| varies.contains(a)).collect();
            let place = graph.args(id).iter().position(|a| varies.contains(a));
            let linear = match graph.op(id) {
                Op::Var(_) | Op::Sum | Op::Negate | Op::Transpose => true,
                Op::Product | Op::Hadamard | Op::Kronecker => args.len() == 1,
                Op::Divide | Op::ElementDivide => args.len() == 1 && place == Some(0),
                Op::Solve | Op::Frechet(_) => args.len() == 1 && place == Some(1),
                Op::Call(f) | Op::Map(f) => {
                    args.len() == 1 && graph.catalog().entry(*f).differential.is_none()
                }
                _ => false,
            };
            if !linear && (id == u || !left.contains(&id)) {
                return Err(wrong("more than that the differential is linear is used".into()));
            }
            open.extend(args.into_iter().filter(|a| linear && !left.contains(a)));
        }
        Ok(None)
    }

    /// What a rule says of d(u), in the differentials of u's parts; `None` where that is the calculus of numbers.
    fn stated(&mut self, rule: &str, u: Id, step: &Step) -> Result<Option<Id>, Diagnostic> {
        let graph = &self.reader.graph;
        // `A^-T` is read as the transpose of an inverse and may have been the inverse of a transpose.
        let turned = graph.transpose_of(u).filter(|_| rule != "transpose");
        let u = turned.unwrap_or(u);
        let args = graph.args(u).to_vec();
        let head = match graph.op(u) {
            Op::Sum => "sum",
            Op::Negate => "negate",
            Op::Transpose => "transpose",
            Op::Product => "product",
            Op::Hadamard => "hadamard",
            Op::Kronecker => "kronecker",
            Op::Divide => "quotient",
            Op::ElementDivide => "elementwise_quotient",
            Op::Solve => "inverse",
            Op::Power if graph.is_matrix_inverse(u) => "inverse",
            Op::Power => "power",
            Op::ElementPower => "elementwise_power",
            Op::Apply(..) | Op::ApplyAlong(..) | Op::ApplyMap(..) => "chain",
            Op::Frechet(_) => "frechet",
            Op::Map(f) | Op::Call(f) if turned.is_none() => {
                let f = *f;
                let entry = graph.catalog().entry(f).name.clone();
                if entry != rule {
                    return Err(wrong(format!("`{rule}` is used on `{entry}`")));
                }
                return self.function(f, u, &args, step).map(Some);
            }
            _ => return Err(wrong("there is nothing to differentiate".into())),
        };
        if head != rule {
            return Err(wrong(format!("the rule `{rule}` is used where `{head}` belongs")));
        }
        let symbolic = graph.op(u) == &Op::Power
            && !graph.shape(u).is_scalar()
            && args.get(1).is_some_and(|k| graph.number(*k).is_none());
        if symbolic { self.matrix_power(&args) } else { Ok(None) }
    }

    fn matrix_power(&mut self, args: &[Id]) -> Result<Option<Id>, Diagnostic> {
        let catalog = self.reader.graph.catalog_arc();
        let Some(template) = catalog.operator("power").and_then(|o| o.differential.as_ref()) else {
            return Ok(None);
        };
        let da = self.reader.differential_of(args[0]);
        let n = self.reader.graph.shape(args[0]).rows;
        let scope = Scope::new().bind("A", args[0]).bind("dA", da).bind("k", args[1]).size("n", n);
        elaborate(&mut self.reader.graph, template.ast(&catalog)?, &scope).map(Some)
    }

    /// The differential that a function's entry states, and whether the step names what it needs.
    fn function(&mut self, f: FnId, u: Id, args: &[Id], step: &Step) -> Result<Id, Diagnostic> {
        let catalog = self.reader.graph.catalog_arc();
        let entry = catalog.entry(f);
        let ds: Vec<Id> = args.iter().map(|a| self.reader.differential_of(*a)).collect();
        let graph = &mut self.reader.graph;
        let entrywise = matches!(graph.op(u), Op::Map(_)) && !graph.shape(u).is_scalar();
        for c in &entry.smooth {
            let Some(predicate) = catalog.predicate(&c.predicate) else { continue };
            let mut of = vec![];
            for template in &c.args {
                of.push(match entrywise {
                    true => instantiate_entrywise(graph, f, template, args, &[])?,
                    false => instantiate(graph, f, template, args, &[])?,
                });
            }
            let needed = Condition { predicate, args: of.into_iter().collect() };
            let said = condition(graph, &needed, Style::Unicode);
            if !holds(graph, &needed) && !step.conditions.contains(&said) {
                return Err(wrong(format!("the step does not say that it needs {said}")));
            }
        }
        let Some(template) = &entry.differential else {
            let mut terms = vec![];
            for (i, d) in ds.iter().enumerate() {
                let replaced: Vec<Id> =
                    args.iter().enumerate().map(|(j, a)| if i == j { *d } else { *a }).collect();
                terms.push(graph.call(f, replaced));
            }
            return Ok(graph.sum(terms));
        };
        let names = entry.parameters.iter().map(|p| format!("d{}", p.name));
        let extra: Vec<(String, Id)> = names.zip(ds).collect();
        match entrywise {
            true => instantiate_entrywise(graph, f, template, args, &extra),
            false => instantiate(graph, f, template, args, &extra),
        }
    }
}
