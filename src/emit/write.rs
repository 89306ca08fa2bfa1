//! A step as an expression.
//!
//! In: a step and the code of its arguments. Out: its code.
//! Invariant: an argument that its place would misread stands in brackets.
//!
//! `matmul` of `A` and `x + y` is `A @ (x + y)`.

use rustc_hash::FxHashMap;

use crate::diagnostic::Diagnostic;
use crate::expr::{FnId, Graph, Kind, Number};

use super::function::has_word;
use super::names::Names;
use super::plan::{Code, Plan, StepId, Storage};
use super::spell::{Owner, Speller, Text, is_atom, variants};
use super::target::{Operator, Target, fill};
use super::typed::Typed;

/// Writes steps of one plan in one target.
pub(super) struct Writer<'p> {
    pub graph: &'p Graph,
    pub target: &'static Target,
    pub names: &'p Names,
    pub plan: &'p Plan,
    /// What `{options}` stands for in an operator: of what kind a new array is.
    pub options: String,
    /// The variables that are integers, and those that were made anew where they came in.
    pub whole: Vec<String>,
    pub converted: Vec<String>,
}

impl Writer<'_> {
    /// The code of a step, given that of its arguments.
    pub(super) fn text(&self, id: StepId, written: &FxHashMap<StepId, Text>) -> Result<Text, Diagnostic> {
        let step = self.plan.step(id);
        let args: Vec<Text> = step.args.iter().filter_map(|a| written.get(a).cloned()).collect();
        let mut text = match &step.code {
            Code::Name(n) if step.bound => self.whole(n.clone()),
            Code::Name(n) => self.variable(n, step.storage),
            Code::Size(n) => self.whole(self.names.dimension(n)),
            Code::Literal(n) => self.literal(n),
            Code::Operator(op) => {
                let (op, args) = self.arguments(op, id, args.clone(), written);
                self.operator(op, &args)?
            }
            Code::Function(f) => {
                let scalar = self.graph.catalog().entry(*f).result.kind == Kind::Scalar;
                match self.target.typed.as_ref().filter(|_| scalar && step.storage != Storage::Scalar) {
                    Some(typed) => self.entry_by_entry(typed, *f, &args)?,
                    None => {
                        let mut text = self.function(*f, &self.arrays(&args))?;
                        if scalar && step.storage != Storage::Scalar {
                            self.map(&mut text);
                        }
                        text
                    }
                }
            }
            Code::Frechet(f) => {
                let mut inner =
                    self.function(*f, &[self.name("M".into(), Storage::Matrix, Owner::Caller)])?;
                inner.storage = Storage::Scalar;
                let by_name = inner.code.strip_suffix("(M)").map(str::to_owned);
                let named = by_name.filter(|_| self.target.operators.contains_key("frechet_named"));
                let op = if named.is_some() { "frechet_named" } else { "frechet" };
                inner.code = named.unwrap_or(inner.code);
                self.operator(op, &[args.clone(), vec![inner]].concat())?
            }
            Code::Abstract(f) => {
                let args: Vec<&str> = args.iter().map(|a| a.code.as_str()).collect();
                self.name(format!("{f}({})", args.join(", ")), step.storage, Owner::Nobody)
            }
        };
        text.storage = step.storage;
        let arithmetic = matches!(
            step.code,
            Code::Operator("add" | "subtract" | "negate" | "multiply" | "divide" | "power")
        );
        text.plain = step.storage == Storage::Scalar
            && match step.code {
                Code::Name(_) | Code::Size(_) | Code::Literal(_) => true,
                _ => arithmetic && args.iter().all(|a| a.plain),
            };
        if let Code::Operator(op @ ("add" | "subtract" | "negate" | "multiply")) = step.code {
            text.whole = self.whole_operator(op, &args);
        }
        Ok(text)
    }

    fn name(&self, code: String, storage: Storage, owner: Owner) -> Text {
        Text { code, level: self.target.atom, storage, plain: false, whole: None, owner }
    }

    /// A variable: the caller's unless it was converted where it came in, an integer where it is declared so.
    fn variable(&self, name: &str, storage: Storage) -> Text {
        match self.whole.iter().any(|w| w == name) {
            true => self.whole(name.to_owned()),
            false => {
                let owner =
                    if self.converted.iter().any(|c| c == name) { Owner::Function } else { Owner::Caller };
                let owner = if storage == Storage::Scalar { Owner::Nobody } else { owner };
                self.name(name.to_owned(), storage, owner)
            }
        }
    }

    /// The name of an integer.
    fn whole(&self, name: String) -> Text {
        let real = self.target.typed.as_ref().map_or("", |t| t.real.as_str());
        let code = if real.is_empty() { name.clone() } else { fill(real, &[&name]) };
        let level = if is_atom(&code) { self.target.atom } else { self.target.sum };
        Text { level, whole: Some(name), ..self.name(code, Storage::Scalar, Owner::Nobody) }
    }

    /// A number; in a language with types it is a real one, and an integer only where one is asked for.
    fn literal(&self, n: &str) -> Text {
        let quotient = n.contains('/');
        let level = if quotient { self.target.product } else { self.target.atom };
        let is_whole = n.chars().all(|c| c.is_ascii_digit());
        let real = |part: &str| match part.chars().all(|c| c.is_ascii_digit()) {
            true => format!("{part}.0"),
            false => part.to_owned(),
        };
        let exact = Some(&self.target.layout.quotient).filter(|frame| !frame.is_empty());
        let code = match (exact, &self.target.typed) {
            (Some(_), _) if is_whole => n.to_owned(),
            (Some(frame), _) => exactly(n, frame),
            (None, Some(_)) => n.split(" / ").map(real).collect::<Vec<_>>().join(" / "),
            (None, None) => n.to_owned(),
        };
        let level = if exact.is_some() { self.target.atom } else { level };
        let whole = is_whole.then(|| n.to_owned());
        Text { level, whole, ..self.name(code, Storage::Scalar, Owner::Nobody) }
    }

    /// The same operator of integers, where all arguments are.
    fn whole_operator(&self, op: &'static str, args: &[Text]) -> Option<String> {
        let operator = self.target.operators.get(op)?;
        let whole: Option<Vec<Text>> = args
            .iter()
            .map(|a| {
                let code = a.whole.clone()?;
                let level = if is_atom(&code) { self.target.atom } else { self.target.sum };
                Some(Text { level, ..self.name(code, Storage::Scalar, Owner::Nobody) })
            })
            .collect();
        Some(self.spelt(operator, &operator.code, &whole?))
    }

    /// An operation with its arguments as the target takes them: where rows are scaled by a column, or divided by one,
    /// the vector itself, where there is an operator for that; a vector before the matrix whose transpose it follows,
    /// where that is faster; the matrix alone whose square is computed by half; an index that the terms do not mention as one that is not read.
    fn arguments(
        &self,
        mut op: &'static str,
        id: StepId,
        mut args: Vec<Text>,
        written: &FxHashMap<StepId, Text>,
    ) -> (&'static str, Vec<Text>) {
        let step = self.plan.step(id);
        let by_rows = match op {
            "multiply" => Some(("scale_rows", 0)),
            "divide" => Some(("divide_rows", 1)),
            _ => None,
        };
        if let Some((rows, i)) = by_rows.filter(|(rows, _)| self.target.operators.contains_key(*rows))
            && let Some(inner) = step.args.get(i).and_then(|a| self.plan.argument_of("column", *a))
            && let (Some(vector), Some(column)) = (written.get(&inner), args.get_mut(i))
        {
            *column = vector.clone();
            op = rows;
        }
        if let ("matmul", [left, _], [_, vector]) = (op, step.args.as_slice(), args.as_slice())
            && self.target.vectors_first
            && vector.storage == Storage::Vector
            && let Some(inner) = self.plan.argument_of("transpose", *left)
            && let Some(matrix) = written.get(&inner)
        {
            args = vec![vector.clone(), matrix.clone()];
        }
        if let ("matmul", [left, right]) = (op, step.args.as_slice())
            && self.target.operators.contains_key("gram")
            && self.plan.is_gram(id)
        {
            (op, args) = match self.plan.argument_of("transpose", *left) == Some(*right) {
                true => ("gram", vec![args.swap_remove(1)]),
                false => ("gram_of_rows", vec![args.swap_remove(0)]),
            };
        }
        if let (Some(typed), "bounded_sum", [index, _, _, term, ..]) =
            (&self.target.typed, op, args.as_mut_slice())
            && !typed.unused.is_empty()
            && !has_word(&term.code, &index.code)
        {
            index.whole = index.whole.as_ref().map(|name| fill(&typed.unused, &[name]));
        }
        (op, args)
    }

    /// A scalar function of the entries of arrays, in a language with types.
    fn entry_by_entry(&self, typed: &Typed, f: FnId, args: &[Text]) -> Result<Text, Diagnostic> {
        let is_array = |a: &&Text| a.storage != Storage::Scalar;
        let pair = args.len() == 2 && (args.iter().all(|a| is_array(&a)) || !typed.lifted.is_empty());
        let mut free = ["entry", "other"].into_iter();
        let inner: Vec<Text> = args
            .iter()
            .map(|a| match (is_array(&a) || pair).then(|| free.next()).flatten() {
                Some(name) => self.name(name.into(), Storage::Scalar, Owner::Nobody),
                None => a.clone(),
            })
            .collect();
        let code = self.function(f, &inner)?.code;
        let name = code.split('(').next().unwrap_or_default().to_owned();
        let plain = |code: String| self.name(code, Storage::Scalar, Owner::Nobody);
        let frame = |template: &str, args: &[Text]| {
            let places: Vec<String> = (0..args.len()).map(|i| i.to_string()).collect();
            let places: Vec<&str> = places.iter().map(String::as_str).collect();
            let speller = Speller { target: self.target, least: &|_| 0, whole: &[], values: &[] };
            let code = speller.spell(template, &places, args);
            let level = if is_atom(&code) { self.target.atom } else { self.target.sum };
            Text { level, ..plain(code) }
        };
        if pair {
            let lift = |a: &Text| match is_array(&a) {
                true => a.clone(),
                false => plain(fill(&typed.lifted, &[&a.code])),
            };
            let arrays = [lift(&args[0]), lift(&args[1]), plain(code), plain(name)];
            return Ok(frame(&typed.map_pair, &arrays));
        }
        let array = args.iter().find(is_array).cloned().unwrap_or_else(|| plain(String::new()));
        let template = typed.entries.get(&code).unwrap_or(&typed.map);
        Ok(frame(template, &[array, plain(code), plain(name)]))
    }

    pub(super) fn assign(&self, storage: Storage) -> &str {
        self.target.typed.as_ref().map_or(&self.target.layout.assign, |t| t.assign.of(storage))
    }

    /// Has a scalar function taken entry by entry, where the target says how.
    fn map(&self, text: &mut Text) {
        let layout = &self.target.layout;
        let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
        match text.code.split_once('(').filter(|(name, _)| is_name(name)) {
            _ if layout.map.is_empty() => {}
            Some((name, rest)) if text.level == self.target.atom => {
                text.code = fill(&layout.map_call, &[name, rest]);
            }
            _ => text.code = fill(&layout.map, &[&text.code]),
        }
    }

    /// Arguments for what takes arrays only: plain numbers are made arrays where the target needs that.
    fn arrays(&self, args: &[Text]) -> Vec<Text> {
        let Some(array) = self.target.operators.get("array") else { return args.to_vec() };
        let made = |a: &Text| match a.plain {
            true => self.name(fill(&array.code, &[&a.code]), a.storage, Owner::Nobody),
            false => a.clone(),
        };
        args.iter().map(made).collect()
    }

    /// The operator, or the one of its kind for what it is given, where the target tells these apart.
    fn operator(&self, op: &'static str, args: &[Text]) -> Result<Text, Diagnostic> {
        let found = variants(op, args).into_iter();
        let Some(operator) = found.filter_map(|name| self.target.operators.get(name)).next() else {
            let message = format!("{} cannot express the operation {op}", self.target.name);
            return Err(Diagnostic::request("E0802", message));
        };
        // What is stored alike on both sides of a conversion stays as it is.
        if let ("{0}", [same]) = (operator.code.as_str(), args) {
            return Ok(same.clone());
        }
        let args = if operator.arrays { self.arrays(args) } else { args.to_vec() };
        let simple = |a: &Text| a.code.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
        let asked = |i: &usize| operator.simple.is_empty() || operator.simple.contains(i);
        let tight =
            !operator.tight.is_empty() && args.iter().enumerate().all(|(i, a)| !asked(&i) || simple(a));
        let code = if tight { &operator.tight } else { &operator.code };
        let mut template = code.replace("{options}", &self.options);
        if !operator.separator.is_empty() {
            let places: Vec<String> = (0..args.len()).map(|i| format!("{{{i}}}")).collect();
            template = template.replace("{0}", &places.join(&operator.separator));
            template = template.replace("{count}", &args.len().to_string());
        }
        let level = operator.level.unwrap_or(self.target.atom);
        let code = self.spelt(operator, &template, &args);
        Ok(Text { level, ..self.name(code, Storage::Scalar, Owner::Nobody) })
    }

    fn spelt(&self, operator: &Operator, template: &str, args: &[Text]) -> String {
        let places: Vec<String> = (0..args.len()).map(|i| i.to_string()).collect();
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        let level = operator.level.unwrap_or(self.target.atom);
        let least = |i: usize| match operator.args.get(i) {
            Some(l) => *l,
            None if i == 0 => level,
            None => level.saturating_add(1),
        };
        Speller { target: self.target, least: &least, whole: &operator.whole, values: &operator.values }
            .spell(template, &places, args)
    }

    /// A function of the catalogue; an argument that nothing delimits must be an atom.
    fn function(&self, f: FnId, args: &[Text]) -> Result<Text, Diagnostic> {
        let entry = self.graph.catalog().entry(f);
        let Some((_, template)) = entry.notation.iter().find(|(t, _)| *t == self.target.name) else {
            let why = entry.unsupported.iter().find(|(t, _)| *t == self.target.name);
            let reason = why.map_or("no notation is given for it", |(_, w)| w.as_str());
            return Err(Diagnostic::request(
                "E0803",
                format!("{} has no {}: {reason}", self.target.name, entry.name),
            )
            .help("ask for another target with --emit"));
        };
        let places: Vec<&str> = entry.parameters.iter().map(|p| p.name.as_str()).collect();
        let atom = self.target.atom;
        let code = Speller { target: self.target, least: &|_| atom, whole: &[], values: &[] }
            .spell(template, &places, args);
        let level = if is_atom(&code) { atom } else { self.target.sum };
        Ok(Text { level, ..self.name(code, Storage::Scalar, Owner::Nobody) })
    }
}

/// A decimal or a quotient in the frame of quotients.
fn exactly(n: &str, frame: &str) -> String {
    match (n.split_once(" / "), Number::parse(n)) {
        (Some((p, q)), _) => fill(frame, &[p, q]),
        (None, Some(number)) => {
            let (p, q) = number.parts();
            fill(frame, &[&p.to_string(), &q.to_string()])
        }
        (None, None) => n.to_owned(),
    }
}
