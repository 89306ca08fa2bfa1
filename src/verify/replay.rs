//! The replay of a derivation.
//!
//! In: an answer as a line of JSON. Out: [`Verdict`].
//! Invariant: an answer holds if every step does, each begins where one before it ended, and the last ones end in the
//! differential and the derivatives of the answer.

use serde_json::Value;

use crate::answer::{Request, Setup, read};
use crate::components::Components;
use crate::diagnostic::Diagnostic;
use crate::explain::Step;
use crate::expr::{Condition, Dim, Id, Op, Shape, VarId};
use crate::print::{Style, condition};

use super::given::Given;
use super::instance::{follows_from, sides, wrong};
use super::numbers::agree;
use super::reading::{claims, only};
use super::text::Reader;

/// How a step was found to hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StepVerdict {
    /// It follows from the rules' texts and the laws of numbers.
    Proved,
    /// It is an instance of its rule, and both lines have the same values; that they are equal was not shown otherwise.
    Agrees,
    /// It does not hold.
    Wrong(String),
}

/// What was found of an answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// The answer's id.
    pub id: Value,
    /// Of each step.
    pub steps: Vec<StepVerdict>,
    /// What is wrong with the answer apart from single steps.
    pub fault: Option<String>,
}

impl Verdict {
    /// Whether all holds.
    pub fn holds(&self) -> bool {
        self.fault.is_none() && !self.steps.iter().any(|s| matches!(s, StepVerdict::Wrong(_)))
    }
}

/// Checks one answer.
pub fn verify(line: &str, setup: &Setup) -> Verdict {
    let mut verdict = Verdict { id: Value::Null, steps: vec![], fault: None };
    let given: Given = match serde_json::from_str(line) {
        Ok(given) => given,
        Err(e) => return Verdict { fault: Some(format!("no answer: {e}")), ..verdict },
    };
    verdict.id = given.id.clone();
    if !given.ok {
        return Verdict { fault: Some("an error, which has no steps".into()), ..verdict };
    }
    match replay(&given, setup, &mut verdict.steps) {
        Ok(fault) => verdict.fault = fault,
        Err(e) => verdict.fault = Some(e.message),
    }
    verdict
}

fn replay(given: &Given, setup: &Setup, found: &mut Vec<StepVerdict>) -> Result<Option<String>, Diagnostic> {
    let function = given.function.as_ref().ok_or_else(|| wrong("the answer has no function".into()))?;
    let lets =
        given.variables.iter().chain(&given.functions).map(|v| format!("{}: {}", v.name, v.ty)).collect();
    let request = Request { lets, wrt: Some(vec![]), ..Request::new(function.ascii.clone()) };
    let problem = read(&request, setup)?;
    let reader = Reader::new(problem.graph, problem.variables, problem.conditions, &setup.limits);
    let by_free_entries = given.notes.iter().any(|n| n.contains("independent entries"));
    let lines = vec![("f".into(), function.ascii.clone(), problem.function)];
    let mut replay = Replay { reader, given, by_free_entries, lines };
    replay.conditions_are_said()?;
    if given.steps.is_empty() && given.derivatives.iter().any(|_| true) {
        return Ok(Some("the answer has no steps".into()));
    }
    for step in &given.steps {
        found.push(match replay.step(step) {
            Ok(verdict) => verdict,
            Err(e) => StepVerdict::Wrong(e.message),
        });
    }
    Ok(replay.ends())
}

pub(super) struct Replay<'a> {
    pub(super) reader: Reader,
    pub(super) given: &'a Given,
    /// Whether a structured matrix varies by its independent entries.
    pub(super) by_free_entries: bool,
    /// What each quantity is equal to so far: its name, the text and the node.
    pub(super) lines: Vec<Line>,
}

/// A quantity, the text of a line of it, and its node.
pub(super) type Line = (String, String, Id);

/// Laws that turn terms: what varies comes to their end.
const TURNS: &[&str] = &["scalar_transpose", "entrywise_inner", "trace_cyclic", "scalar_trace", "diagonal"];

impl Replay<'_> {
    /// The last line of a quantity.
    pub(super) fn last(&self, of: &str) -> Option<&Line> {
        self.lines.iter().rev().find(|(name, ..)| name == of)
    }

    fn varying(&self, names: &str) -> Result<Vec<VarId>, Diagnostic> {
        let find = |name: &str| {
            let v = self.reader.graph.variable_named(name.trim());
            v.ok_or_else(|| wrong(format!("there is no variable `{name}`")))
        };
        names.split(',').filter(|n| !n.is_empty()).map(find).collect()
    }

    fn step(&mut self, step: &Step) -> Result<StepVerdict, Diagnostic> {
        if step.rule == "part" {
            return self.part_named(step);
        }
        self.is_quantity(&step.of)?;
        let varying = self.varying(&step.wrt)?;
        let before = self.start(step, &varying)?;
        let reads = matches!(step.rule.as_str(), "derivative" | "gradient" | "jacobian" | "kronecker_form");
        let shape = self.reader.graph.shape(before);
        let after = match reads {
            true => self.result(step, &varying)?,
            false => self.reader.read(&step.after, Some(shape))?,
        };
        let verdict = match step.rule.as_str() {
            _ if reads => self.read_off(step, before, after, &varying)?,
            "direction" => self.along(step, before, after, &varying)?,
            "collect" | "components" | "identity" | "in_names" => {
                self.equal(step, before, after, &varying)?
            }
            rule if TURNS.contains(&rule) => self.turn(step, before, after, &varying)?,
            _ => self.rule(step, before, after, &varying)?,
        };
        self.lines.push((step.of.clone(), step.after.clone(), after));
        self.words(step, &varying)?;
        self.marks(step)?;
        Ok(verdict)
    }

    /// A name for an expression: what it stands for is put in its place wherever it is read.
    fn part_named(&mut self, step: &Step) -> Result<StepVerdict, Diagnostic> {
        if step.before != step.after || !step.changed.is_empty() || self.lines.len() > 1 {
            return Err(wrong(format!("`{}` is not named at the beginning, for what it is", step.of)));
        }
        self.reader.name(&step.of, &step.after)?;
        self.words(step, &[])?;
        self.marks(step)?;
        Ok(StepVerdict::Proved)
    }

    /// The line a step begins with, which has to be known.
    fn start(&mut self, step: &Step, varying: &[VarId]) -> Result<Id, Diagnostic> {
        // A quantity goes on from its last line, and begins with the last line of another one.
        if let Some((_, text, id)) = self.last(&step.of) {
            let broken = wrong(format!("`{}` is not the line before, `{text}`", step.before));
            return if *text == step.before { Ok(*id) } else { Err(broken) };
        }
        let last = |(i, (of, ..)): &(usize, &Line)| !self.lines.iter().skip(i + 1).any(|(o, ..)| o == of);
        let ends = self.lines.iter().enumerate().filter(last).map(|(_, line)| line);
        if let Some((_, _, id)) = ends.rev().find(|(_, text, _)| *text == step.before) {
            return Ok(*id);
        }
        let sign = self.reader.sign.clone();
        let inner = step
            .before
            .strip_prefix(sign.as_str())
            .and_then(|t| t.strip_prefix('('))
            .and_then(|t| t.strip_suffix(')'));
        if let Some(inner) = inner {
            let known = self.lines.iter().rev().find(|(_, text, _)| text == inner).map(|(_, _, id)| *id);
            let known = match known {
                Some(id) => Some(id),
                None => self.part(inner, varying)?,
            };
            if let Some(id) = known {
                return Ok(self.reader.differential_of(id));
            }
        }
        if let Some(id) = self.part(&step.before, varying)? {
            return Ok(id);
        }
        Err(wrong(format!("`{}` is none of the lines before", step.before)))
    }

    /// A text that is the part of a known line in which only `varying` varies.
    fn part(&mut self, text: &str, varying: &[VarId]) -> Result<Option<Id>, Diagnostic> {
        let [v] = varying else { return Ok(None) };
        let lines: Vec<Id> =
            self.lines.iter().rev().filter(|(of, ..)| of != "f").map(|(_, _, id)| *id).collect();
        for id in lines {
            let shape = self.reader.graph.shape(id);
            let part = only(&mut self.reader.graph, id, *v);
            if part == id {
                continue;
            }
            let Ok(read) = self.reader.read(text, Some(shape)) else { continue };
            let mut components = Components::new(&self.reader.graph, &self.reader.sign, varying);
            if components.equal(part, read) {
                return Ok(Some(read));
            }
        }
        Ok(None)
    }

    /// What a derivative's text means: its shape follows from the kind.
    fn result(&mut self, step: &Step, varying: &[VarId]) -> Result<Id, Diagnostic> {
        let [v] = varying else { return Err(wrong("a derivative is by one variable".into())) };
        let x = self.reader.graph.variable(*v).shape;
        let before = self.last_shape(step)?;
        let dims = &mut self.reader.graph.dims;
        let mut count =
            |s: Shape| dims.times(s.rows, s.cols).ok_or_else(|| wrong("a dimension overflows".into()));
        let shape = match step.rule.as_str() {
            "derivative" => before,
            "gradient" => x,
            "jacobian" => Shape::new(before.rows, x.rows),
            _ => Shape::new(count(before)?, count(x)?),
        };
        self.reader.read(&step.after, Some(shape))
    }

    fn last_shape(&mut self, step: &Step) -> Result<Shape, Diagnostic> {
        let varying = self.varying(&step.wrt)?;
        let before = self.start(step, &varying)?;
        Ok(self.reader.graph.shape(before))
    }

    fn read_off(
        &mut self,
        step: &Step,
        df: Id,
        result: Id,
        varying: &[VarId],
    ) -> Result<StepVerdict, Diagnostic> {
        let [v] = varying else { return Err(wrong("a derivative is by one variable".into())) };
        let free = self.by_free_entries;
        let claims = claims(&mut self.reader.graph, &step.rule, df, *v, result, free)?;
        let mut verdict = StepVerdict::Proved;
        for claim in claims {
            match self.equal(step, claim.left, claim.right, varying)? {
                StepVerdict::Proved => {}
                other => verdict = other,
            }
        }
        Ok(verdict)
    }

    fn along(
        &mut self,
        step: &Step,
        df: Id,
        result: Id,
        varying: &[VarId],
    ) -> Result<StepVerdict, Diagnostic> {
        let [change] = step.changed.as_slice() else { return Err(wrong("a direction is missing".into())) };
        let leaf = self.reader.read(&change.from, None)?;
        let shape = self.reader.graph.shape(leaf);
        let direction = self.reader.read(&change.to, Some(shape))?;
        if !matches!(self.reader.graph.op(leaf), Op::Differential(v) if varying.contains(v)) {
            return Err(wrong(format!("`{}` is not the differential of what varies", change.from)));
        }
        let df = only(&mut self.reader.graph, df, varying[0]);
        let along = self.reader.graph.substitute(df, leaf, direction);
        self.equal(step, along, result, varying)
    }

    /// Terms turned by a law: each part keeps its value, and the line follows.
    fn turn(
        &mut self,
        step: &Step,
        before: Id,
        after: Id,
        varying: &[VarId],
    ) -> Result<StepVerdict, Diagnostic> {
        let mut equations = vec![];
        let scalar = (step.rule != "diagonal").then_some(Shape::SCALAR);
        for change in &step.changed {
            let from = self.reader.read(&change.from, scalar)?;
            let shape = self.reader.graph.shape(from);
            let to = self.reader.read(&change.to, Some(shape))?;
            match self.settle(from, to, &[], varying)? {
                StepVerdict::Proved => equations.push((from, to)),
                _ => return Err(wrong(format!("`{}` is not `{}`", change.from, change.to))),
            }
        }
        if equations.is_empty() {
            return Err(wrong(format!("`{}` is used on nothing", step.rule)));
        }
        self.settle(before, after, &equations, varying)
    }

    /// Whether two nodes are equal under the identities that a step names.
    fn equal(&mut self, step: &Step, a: Id, b: Id, varying: &[VarId]) -> Result<StepVerdict, Diagnostic> {
        let mut equations = vec![];
        for used in &step.uses {
            let mut variables = vec![];
            for (name, text) in &used.with {
                variables.push((name.clone(), self.reader.read(text, None)?));
            }
            let mut sizes: Vec<(String, Dim)> = vec![];
            for (name, text) in &used.sizes {
                sizes.push((name.clone(), self.dimension(text)?));
            }
            let instance = sides(&mut self.reader.graph, &used.identity, &variables, &sizes)?;
            self.known(&used.identity, &instance.needs)?;
            equations.push((instance.left, instance.right));
        }
        self.settle(a, b, &equations, varying)
    }

    /// A dimension as an answer prints it: `n`, `n k`, `n + 1`.
    fn dimension(&mut self, text: &str) -> Result<Dim, Diagnostic> {
        let dims = &mut self.reader.graph.dims;
        let mut sum: Option<Dim> = None;
        for part in text.split('+') {
            let mut product = Some(Dim::ONE);
            for word in part.split_whitespace() {
                let one = match word.parse() {
                    Ok(n) => dims.integer(n),
                    Err(_) => dims.named(word),
                };
                product = product.and_then(|p| dims.times(p, one));
            }
            sum = match (sum, product) {
                (Some(s), Some(p)) => dims.plus(s, p),
                (None, p) => p,
                _ => None,
            };
        }
        sum.ok_or_else(|| wrong(format!("`{text}` is no dimension")))
    }

    /// Fails where an identity needs what is neither certain nor a condition of the answer.
    fn known(&mut self, name: &str, needs: &[Condition]) -> Result<(), Diagnostic> {
        for c in needs {
            let said = condition(&self.reader.graph, c, Style::Unicode);
            let given = self.given.conditions.contains(&said) || self.reader.conditions.contains(c);
            if !given
                && !follows_from(&mut self.reader.graph, &self.reader.conditions, &self.given.conditions, c)
            {
                return Err(wrong(format!("`{name}` needs {said}, which is not among the conditions")));
            }
        }
        Ok(())
    }

    /// By components, and in numbers.
    pub(super) fn settle(
        &mut self,
        a: Id,
        b: Id,
        equations: &[(Id, Id)],
        varying: &[VarId],
    ) -> Result<StepVerdict, Diagnostic> {
        let graph = &self.reader.graph;
        if graph.shape(a) != graph.shape(b) || graph.fault().is_some() {
            return Ok(StepVerdict::Wrong("the two lines have different shapes".into()));
        }
        let mut components = Components::new(graph, &self.reader.sign, varying);
        for (l, r) in equations {
            components.assume(*l, *r);
        }
        components.settle();
        let proved = components.equal(a, b);
        let numbers = agree(&self.reader, a, b, varying, &self.reader.conditions);
        Ok(match (proved, numbers) {
            (_, Some(false)) => StepVerdict::Wrong("the two lines have different values".into()),
            (true, _) => StepVerdict::Proved,
            (false, Some(true)) => StepVerdict::Agrees,
            (false, None) => {
                StepVerdict::Wrong("it was not shown, and no point was found to try it at".into())
            }
        })
    }
}
