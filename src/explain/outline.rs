//! The order of a derivation.
//!
//! In: an answer's function, differential and derivatives as nodes. Out: its steps.
//! Invariant: as in the lecture, first the differential by the rules, then its terms collected, then the derivative
//! read off; a higher derivative is the same again for the one before.

use crate::diagnostic::Diagnostic;
use crate::emit::DerivativeKind;
use crate::expr::{Condition, Graph, Id, VarId, Variable};
use crate::print::{Style, differential, text};
use crate::simplify::Instance;
use crate::transpose::{self, Convention};
use crate::verify::only;

use super::begin::{literally, smoother};
use super::differential::{Differential, flat, sign};
use super::proof::{needed, same_but_for_order};
use super::step::{Step, in_names};
use super::turn::Turn;
use super::words::{along_direction, identities, law, name, reading, words};
use super::written::definitions;

/// What was derived.
pub struct Outline {
    /// The function as it was read.
    pub function: Id,
    /// Its named parts.
    pub named: Vec<(String, Id)>,
    /// The form of it that was differentiated.
    pub from: Id,
    /// df by all that varies, simplified.
    pub differential: Option<Id>,
    /// Its parts, one for each variable.
    pub parts: Vec<Id>,
    /// The conditions of the answer.
    pub conditions: Vec<Condition>,
    /// What counts as the gradient by a structured matrix.
    pub convention: Convention,
    /// The derivatives.
    pub targets: Vec<Target>,
}

/// A derivative by one variable.
pub struct Target {
    /// The variable.
    pub wrt: VarId,
    /// What the result is.
    pub kind: DerivativeKind,
    /// The result.
    pub result: Id,
    /// Its order.
    pub order: usize,
    /// The direction, where it was taken along one.
    pub along: Option<Id>,
    /// The derivatives of lower order.
    pub chain: Vec<Id>,
}

/// Brings an expression into its least form, and says which identities held on the way.
pub type Simplify<'a> = dyn FnMut(&mut Graph, Id) -> Result<(Id, Vec<Instance>), Diagnostic> + 'a;

/// The steps.
pub fn derivation(
    graph: &mut Graph,
    outline: &Outline,
    simple: &mut Simplify,
) -> Result<Vec<Step>, Diagnostic> {
    let sign = sign(graph);
    let mut writer = Writer {
        graph,
        sign,
        names: vec![],
        convention: outline.convention,
        assumed: &outline.conditions,
        simple,
        steps: vec![],
        line: None,
    };
    writer.name(outline);
    let from = writer.begin(outline)?;
    let Some(df) = outline.differential else { return Ok(writer.steps) };
    let varying: Vec<VarId> = outline.targets.iter().map(|t| t.wrt).collect();
    writer.differential("df", from, &varying, Some(df))?;
    for (target, part) in outline.targets.iter().zip(&outline.parts) {
        writer.target(target, *part)?;
    }
    Ok(writer.steps)
}

pub(super) struct Writer<'a> {
    pub graph: &'a mut Graph,
    /// The letter of d( ).
    pub sign: &'static str,
    /// The parts of the function that have a name.
    pub names: Vec<(String, Id)>,
    pub convention: Convention,
    pub assumed: &'a [Condition],
    pub simple: &'a mut Simplify<'a>,
    pub steps: Vec<Step>,
    /// Where the last line by a rule began, and what it changed.
    pub line: Option<(Id, Vec<(Id, Id)>)>,
}

impl Writer<'_> {
    /// A line for each part of the function that has a name, and the function in these names.
    fn name(&mut self, outline: &Outline) {
        for (name, part) in &outline.named {
            let leaf = self.graph.args(*part).is_empty();
            let known = self.names.iter().any(|(_, id)| id == part);
            let seen = [outline.function, outline.from].iter().any(|f| self.graph.contains(*f, *part));
            let dx = |v: &Variable| differential(&v.name, Style::Ascii) == *name || v.name == *name;
            let taken = *name == self.sign || self.graph.variables().iter().any(dx);
            if leaf || known || !seen || taken || *part == outline.function {
                continue;
            }
            let step = self.step(name, (*part, *part), &[]);
            self.steps.push(step.by("part", law("part")));
            self.names.push((name.clone(), *part));
        }
        if !self.names.is_empty() {
            let written = text(self.graph, outline.function, Style::Ascii);
            let step = self.step("f", (outline.function, outline.function), &[]);
            self.steps.push(Step { before: written, ..step.by("in_names", law("in_names")) });
        }
    }

    fn step(&self, of: &str, lines: (Id, Id), changed: &[(Id, Id)]) -> Step {
        Step::new(self.graph, &self.names, of, lines, changed)
    }

    /// The form of the function that is differentiated, with the steps that lead to it.
    fn begin(&mut self, outline: &Outline) -> Result<Id, Diagnostic> {
        let mut form = outline.function;
        if outline.from != form {
            let pool = self.pool(form, &[])?;
            let used = needed(self.graph, self.sign, (form, outline.from), &pool).unwrap_or_default();
            match literally(self.graph, form, &used) {
                Some(begin) => {
                    self.by_identities("f", (form, begin.form), &begin.used, &begin.changed);
                    form = begin.form;
                }
                None => {
                    self.equal("f", form, outline.from, &pool);
                    form = outline.from;
                }
            }
        }
        if let Some(begin) = smoother(self.graph, form) {
            self.by_identities("f", (form, begin.form), &begin.used, &begin.changed);
            form = begin.form;
        }
        Ok(form)
    }

    /// The lines of a differential, the last of them collected.
    fn differential(
        &mut self,
        of: &str,
        f: Id,
        varying: &[VarId],
        simple: Option<Id>,
    ) -> Result<Id, Diagnostic> {
        let lines = Differential::new(self.graph, self.sign, &self.names).lines(f, varying)?;
        let Some(mut raw) = lines.last().map(|l| l.after) else {
            return Ok(self.graph.zeros(self.graph.shape(f)));
        };
        let names: Vec<&str> = varying.iter().map(|v| self.graph.variable(*v).name.as_str()).collect();
        let names = names.join(",");
        for line in &lines {
            let (name, words) = (name(self.graph, line.rule), words(self.graph, line.rule));
            let step = self.step(of, (line.before, line.after), &line.changed);
            self.push(step.by(&name, words).under(self.graph, &line.conditions), &names);
            self.line = Some((line.before, line.changed.clone()));
        }
        let simple = match simple {
            Some(simple) => simple,
            None => (self.simple)(self.graph, raw)?.0,
        };
        let pool = self.pool(raw, varying)?;
        for turn in Turn::ALL {
            if raw != simple {
                raw = self.turned(of, raw, turn, &names);
            }
        }
        self.equal(of, raw, simple, &pool);
        Ok(simple)
    }

    /// The next line, where a law of scalars brings what varies to the end of a term.
    fn turned(&mut self, of: &str, line: Id, turn: Turn, varying: &str) -> Id {
        let changes = turn.changes(self.graph, line);
        if changes.is_empty() {
            return line;
        }
        let after = self.graph.substitute_all(line, &changes);
        let after = flat(self.graph, after, self.sign, &self.names);
        let step = self.step(of, (line, after), &changes);
        self.push(step.by(turn.name(), law(turn.name())), varying);
        self.line = Some((line, changes));
        after
    }

    /// The identities that hold on the way from an expression to its least form, and from its part by each variable.
    pub fn pool(&mut self, id: Id, varying: &[VarId]) -> Result<Vec<Instance>, Diagnostic> {
        let mut parts = vec![id];
        if varying.len() > 1 {
            parts = varying.iter().map(|v| only(self.graph, id, *v)).collect();
        }
        let mut pool: Vec<Instance> = vec![];
        for part in parts {
            let (_, found) = (self.simple)(self.graph, part)?;
            let defined = definitions(self.graph, &[part], self.assumed)?;
            for instance in found.into_iter().chain(defined) {
                if !pool.contains(&instance) {
                    pool.push(instance);
                }
            }
        }
        Ok(pool)
    }

    /// Another way of writing the same.
    pub fn equal(&mut self, of: &str, before: Id, after: Id, pool: &[Instance]) {
        let ascii = |id| in_names(self.graph, &self.names, id);
        let same = ascii(before) == ascii(after);
        if before == after || same || self.reordered(of, before, after) {
            return;
        }
        let used = needed(self.graph, self.sign, (before, after), pool);
        match used.as_deref() {
            None | Some([]) => {
                let step = self.step(of, (before, after), &[]);
                self.steps.push(step.by("collect", law("collect")));
            }
            Some(used) => self.by_identities(of, (before, after), used, &[]),
        }
    }

    /// Where only the order differs, the line before is written in the new one: a reader sees no step in that.
    fn reordered(&mut self, of: &str, before: Id, after: Id) -> bool {
        let text = in_names(self.graph, &self.names, before);
        let Some(last) = self.steps.last().filter(|s| s.of == of && s.after == text) else { return false };
        if !same_but_for_order(self.graph, before, after) {
            return false;
        }
        let Some((start, changed)) = self.line.clone().filter(|_| last.rule != "identity") else {
            return false;
        };
        let said = last.clone();
        let text = self.step(of, (start, after), &changed);
        self.steps.pop();
        self.steps.push(text.said_as(said));
        true
    }

    /// A line that follows by identities.
    fn by_identities(&mut self, of: &str, lines: (Id, Id), used: &[Instance], changed: &[(Id, Id)]) {
        let step = self.step(of, lines, changed);
        let words = identities(self.graph, used.iter().map(|u| u.identity.as_str()));
        self.steps.push(step.by("identity", words).using(self.graph, &self.names, used));
        self.line = None;
    }

    fn target(&mut self, target: &Target, df: Id) -> Result<(), Diagnostic> {
        let v = target.wrt;
        let name = self.graph.variable(v).name.clone();
        let title = |kind: DerivativeKind| format!("{} {name}", kind.word());
        let scalar = self.graph.variable(v).shape.is_scalar();
        if target.kind == DerivativeKind::Hessian || (scalar && target.along.is_none()) {
            let kind = if scalar { DerivativeKind::Derivative } else { DerivativeKind::Gradient };
            let (mut df, mut of) = (df, title(kind));
            for lower in &target.chain {
                self.read_off(&of, v, kind, df, *lower)?;
                of = format!("d({of})");
                df = self.differential(&of, *lower, &[v], None)?;
                of = if kind == DerivativeKind::Gradient {
                    title(DerivativeKind::Hessian)
                } else {
                    format!("{} of order {}", title(kind), 2)
                };
            }
            return self.read_off(&of, v, target.kind, df, target.result);
        }
        let (mut df, mut order) = (df, 1);
        for lower in target.chain.iter().skip(1).chain(std::iter::once(&target.result)) {
            if order == target.order {
                break;
            }
            order += 1;
            let end = (target.along.is_none() || order < target.order).then_some(*lower);
            df = self.differential(&format!("d^{order}f"), df, &[v], end)?;
        }
        match (target.along, target.kind) {
            (Some(along), _) => {
                let leaf = self.graph.differential(v);
                let of = title(target.kind);
                let step = self.step(&of, (df, target.result), &[(leaf, along)]);
                let dx = text(self.graph, leaf, Style::Unicode);
                let v = text(self.graph, along, Style::Unicode);
                self.push(step.by("direction", along_direction(&dx, &v)), &name);
            }
            (None, DerivativeKind::Operator) if order == 1 && df != target.result => {
                let pool = self.pool(df, &[])?;
                self.equal(&title(target.kind), df, target.result, &pool);
            }
            (None, DerivativeKind::Operator) => {}
            (None, kind) => self.read_off(&title(kind), v, kind, df, target.result)?,
        }
        Ok(())
    }

    fn push(&mut self, mut step: Step, wrt: &str) {
        step.wrt = wrt.to_owned();
        self.steps.push(step);
    }

    /// The derivative that a differential is read as, and its least form where identities lead to it.
    fn read_off(
        &mut self,
        of: &str,
        v: VarId,
        kind: DerivativeKind,
        df: Id,
        result: Id,
    ) -> Result<(), Diagnostic> {
        let raw = self.raw(v, kind, df)?.filter(|raw| *raw != result);
        let mut df = df;
        let column = self.graph.variable(v).shape.is_column();
        let name = self.graph.variable(v).name.clone();
        let turn = match kind {
            DerivativeKind::Gradient if !column => Some((format!("df by {name}"), Turn::Trace(v))),
            DerivativeKind::Jacobian => Some((format!("df by {name}"), Turn::Diagonal(v))),
            DerivativeKind::Hessian if column => Some((format!("d(gradient {name})"), Turn::Diagonal(v))),
            _ => None,
        };
        if let Some((of, turn)) = turn {
            df = self.turned(&of, df, turn, &name);
        }
        let pool = match raw {
            Some(raw) => self.pool(raw, &[])?,
            None => vec![],
        };
        let first = match raw {
            Some(raw) if needed(self.graph, self.sign, (raw, result), &[]).is_none() => raw,
            _ => result,
        };
        self.read_as(of, v, kind, df, first);
        self.equal(of, first, result, &pool);
        Ok(())
    }

    /// The derivative as the passes read it, before anything is simplified.
    fn raw(&mut self, v: VarId, kind: DerivativeKind, df: Id) -> Result<Option<Id>, Diagnostic> {
        let graph = &mut *self.graph;
        let vector = graph.variable(v).shape.is_column();
        match kind {
            DerivativeKind::Gradient => transpose::gradient(graph, df, v, self.convention),
            DerivativeKind::Jacobian => transpose::jacobian(graph, df, v),
            DerivativeKind::Hessian if vector => transpose::jacobian(graph, df, v),
            DerivativeKind::Kronecker | DerivativeKind::Hessian => transpose::kronecker(graph, df, v),
            _ => transpose::derivative(graph, df, v).map(Some),
        }
    }

    fn read_as(&mut self, of: &str, v: VarId, kind: DerivativeKind, df: Id, result: Id) {
        let name = self.graph.variable(v).name.clone();
        let second = kind == DerivativeKind::Hessian;
        let rule = match kind {
            DerivativeKind::Gradient => "gradient",
            DerivativeKind::Jacobian => "jacobian",
            DerivativeKind::Hessian if self.graph.variable(v).shape.is_column() => "jacobian",
            DerivativeKind::Kronecker | DerivativeKind::Hessian => "kronecker_form",
            _ => "derivative",
        };
        let free = self.convention == Convention::FreeEntries;
        let words = reading(self.graph, rule, v, free, second);
        let step = self.step(of, (df, result), &[]);
        self.push(step.by(rule, words), &name);
    }
}
