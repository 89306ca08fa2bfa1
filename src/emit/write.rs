//! Steps as statements.
//!
//! In: the steps that a function returns. Out: its lines.
//! Invariant: a step used twice is computed once; no line nests deeper than a parser of the target takes.

use rustc_hash::FxHashMap;

use crate::diagnostic::Diagnostic;
use crate::expr::{FnId, Graph, Kind};
use crate::print::{Piece, pieces};

use super::names::Names;
use super::plan::{Code, Plan, Step, StepId, Storage};
use super::target::{Target, fill};

/// Longer expressions are given a name.
const LINE: usize = 72;

/// Writes steps of one plan in one target.
pub(super) struct Writer<'p> {
    pub graph: &'p Graph,
    pub target: &'static Target,
    pub names: &'p Names,
    pub plan: &'p Plan,
    /// What `{options}` stands for in an operator: of what kind a new array is.
    pub options: String,
}

/// Code with the level it binds at.
#[derive(Clone)]
struct Text {
    code: String,
    level: u8,
    /// Whether it is a plain number of the language, made of numbers, sizes and scalar variables alone.
    plain: bool,
    /// The same as an integer, where it is one.
    whole: Option<String>,
    /// Whose value it is, in a language where that matters.
    owner: Owner,
}

/// Whose a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// No one's yet, or a number.
    Nobody,
    /// The caller's.
    Caller,
    /// This function's.
    Function,
}

impl Writer<'_> {
    /// The assignments that `roots` need, and the expression for each root.
    pub fn lines(&self, roots: &[StepId]) -> Result<(Vec<String>, Vec<String>), Diagnostic> {
        let ids = self.plan.reachable(roots);
        let mut uses: FxHashMap<StepId, usize> = FxHashMap::default();
        for step in ids.iter().flat_map(|id| &self.plan.step(*id).args).chain(roots) {
            *uses.entry(*step).or_default() += 1;
        }
        let mut names = self.names.temporaries();
        let mut written: FxHashMap<StepId, Text> = FxHashMap::default();
        let mut lines = Vec::new();
        for id in ids {
            let step = self.plan.step(id);
            let mut text = self.text(id, &written)?;
            let often = uses.get(&id).is_some_and(|n| *n > 1) && self.is_work(id);
            let long = text.code.len() > LINE && !roots.contains(&id);
            if (often || long)
                && !step.bound
                && let Some(name) = names.next()
            {
                lines.push(fill(self.assign(step.storage), &[&name, &text.code]));
                let owner = if step.storage == Storage::Scalar { Owner::Nobody } else { Owner::Function };
                text = Text { code: name, level: self.target.atom, whole: None, owner, ..text };
            }
            written.insert(id, text);
        }
        let results = roots.iter().filter_map(|r| written.get(r)).map(|t| t.code.clone()).collect();
        Ok((lines, results))
    }

    /// Whether computing a step again would cost something.
    fn is_work(&self, id: StepId) -> bool {
        let step = self.plan.step(id);
        let name = |id: &StepId| {
            matches!(self.plan.step(*id).code, Code::Name(_) | Code::Size(_) | Code::Literal(_))
        };
        match step.code {
            Code::Name(_) | Code::Size(_) | Code::Literal(_) => false,
            // Views.
            Code::Operator("transpose" | "negate" | "column" | "row") => !step.args.iter().all(name),
            _ => true,
        }
    }

    fn text(&self, id: StepId, written: &FxHashMap<StepId, Text>) -> Result<Text, Diagnostic> {
        let step = self.plan.step(id);
        let args: Vec<Text> = step.args.iter().filter_map(|a| written.get(a).cloned()).collect();
        let atom = self.target.atom;
        let name = |code: String| Text { code, level: atom, plain: false };
        let mut text = match &step.code {
            Code::Name(n) => name(n.clone()),
            Code::Size(n) => name(self.names.dimension(n)),
            Code::Literal(n) if n.contains('/') => {
                Text { code: n.clone(), level: self.target.product, plain: true }
            }
            Code::Literal(n) => name(n.clone()),
            Code::Operator(op) => self.operator(self.variant(op, step), &args)?,
            Code::Function(f) => {
                let mut text = self.function(*f, &self.arrays(&args))?;
                let scalar = self.graph.catalog().entry(*f).result.kind == Kind::Scalar;
                if scalar && step.storage != Storage::Scalar {
                    self.map(&mut text);
                }
                text
            }
            Code::Frechet(f) => {
                let inner = self.function(*f, &[name("M".into())])?;
                self.operator("frechet", &[args.clone(), vec![inner]].concat())?
            }
            Code::Abstract(f) => {
                let args: Vec<&str> = args.iter().map(|a| a.code.as_str()).collect();
                name(format!("{f}({})", args.join(", ")))
            }
        };
        text.plain = step.storage == Storage::Scalar
            && match step.code {
                Code::Name(_) | Code::Size(_) | Code::Literal(_) => true,
                Code::Operator("add" | "subtract" | "negate" | "multiply" | "divide" | "power") => {
                    args.iter().all(|a| a.plain)
                }
                _ => false,
            };
        Ok(text)
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
            true => Text { code: fill(&array.code, &[&a.code]), level: self.target.atom, plain: false },
            false => a.clone(),
        };
        args.iter().map(made).collect()
    }

    /// The operator, or the one of its kind for what it is given, where the target tells these apart.
    fn variant(&self, op: &'static str, step: &Step) -> &'static str {
        let storage = |i: usize| step.args.get(i).map_or(Storage::Scalar, |a| self.plan.storage(*a));
        use Storage::{Matrix, Scalar, Vector};
        let found = match (op, storage(0), storage(1)) {
            ("add", Scalar, Vector | Matrix) | ("add", Vector | Matrix, Scalar) => "add_scalar",
            ("subtract", Scalar, Vector | Matrix) | ("subtract", Vector | Matrix, Scalar) => {
                "subtract_scalar"
            }
            ("multiply", Matrix, Vector) => "scale_columns",
            ("multiply", Vector | Matrix, Vector | Matrix) => "multiply_entries",
            ("divide", _, Vector | Matrix) => "divide_entries",
            ("power", Vector | Matrix, _) | ("power", _, Vector | Matrix) => "power_entries",
            ("matmul", Vector, Vector) => "dot",
            ("matmul", Vector, Matrix) => "row_times",
            ("sqrt", Vector | Matrix, _) => "sqrt_entries",
            _ => op,
        };
        if self.target.operators.contains_key(found) { found } else { op }
    }

    fn operator(&self, op: &str, args: &[Text]) -> Result<Text, Diagnostic> {
        let Some(operator) = self.target.operators.get(op) else {
            let message = format!("{} cannot express the operation {op}", self.target.name);
            return Err(Diagnostic::request("E0802", message));
        };
        // What is stored alike on both sides of a conversion stays as it is.
        if let ("{0}", [same]) = (operator.code.as_str(), args) {
            return Ok(same.clone());
        }
        let args = if operator.arrays { self.arrays(args) } else { args.to_vec() };
        let places: Vec<String> = (0..args.len()).map(|i| i.to_string()).collect();
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        let level = operator.level.unwrap_or(self.target.atom);
        let least = |i: usize| match operator.args.get(i) {
            Some(l) => *l,
            None if i == 0 => level,
            None => level.saturating_add(1),
        };
        let template = operator.code.replace("{options}", &self.options);
        Ok(Text { code: spell(&template, &places, &args, &least), level, plain: false })
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
        let code = spell(template, &places, args, &|_| self.target.atom);
        let level = if is_atom(&code) { self.target.atom } else { self.target.sum };
        Ok(Text { code, level, plain: false })
    }
}

fn spell(template: &str, places: &[&str], args: &[Text], least: &dyn Fn(usize) -> u8) -> String {
    let mut code = String::new();
    for piece in pieces(template, places) {
        match piece {
            Piece::Text(t) => code.push_str(&t),
            Piece::Argument { index, delimited } => match args.get(index) {
                Some(a) if delimited || a.level >= least(index) => code.push_str(&a.code),
                Some(a) => code.push_str(&format!("({})", a.code)),
                None => {}
            },
        }
    }
    code
}

/// Whether code is a name, call or subscript: no space outside brackets, no sign in front.
fn is_atom(code: &str) -> bool {
    let mut depth = 0i32;
    for c in code.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ' ' | '+' | '-' | '*' | '/' | '@' if depth == 0 => return false,
            _ => {}
        }
    }
    true
}
