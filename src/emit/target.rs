//! A target: one data file.
//!
//! In: `rules/targets/*.toml`. Out: operators with precedences, imports, helpers, names to avoid.
//! Invariant: nothing in the program knows a target but through this.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;

use crate::diagnostic::Diagnostic;

use super::document::Document;
use super::typed::Typed;

/// An operator of the target.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Operator {
    /// The template over `{0}`, `{1}`, …
    pub code: String,
    /// The same where these arguments, without a list all, are names and numbers.
    #[serde(default)]
    pub tight: String,
    #[serde(default)]
    pub simple: Vec<usize>,
    /// How tightly it binds; an atom where it is not given.
    pub level: Option<u8>,
    /// How tightly each argument must bind.
    #[serde(default)]
    pub args: Vec<u8>,
    /// What stands between arguments, where there are as many as there are: `{0}` is the first of them, `{count}` their number.
    #[serde(default)]
    pub separator: String,
    /// How many arguments it may have at most, where that is less.
    pub most: Option<usize>,
    /// Whether plain numbers are made arrays (by the operator `array`) before it takes them.
    #[serde(default)]
    pub arrays: bool,
    /// Which arguments are integers, in a language with types.
    #[serde(default)]
    pub whole: Vec<usize>,
    /// Which arguments are given away, in a language where values have owners.
    #[serde(default)]
    pub values: Vec<usize>,
}

/// A line that a token asks for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Import {
    pub token: String,
    pub line: String,
}

/// The frame of a function.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Layout {
    pub function: String,
    pub documentation: String,
    pub assign: String,
    #[serde(rename = "return")]
    pub give: String,
    pub dictionary: String,
    pub entry: String,
    pub indent: String,
    pub vector: String,
    pub matrix: String,
    /// A value and its gradient, returned together.
    pub pair: String,
    /// How long a line may be, and an expression on it.
    #[serde(default = "endless")]
    pub line: usize,
    #[serde(default = "expression")]
    pub expression: usize,
    /// How long, on one line, the arguments of a call, a chain of method calls and a record may be.
    #[serde(default = "endless")]
    pub arguments: usize,
    #[serde(default = "endless")]
    pub chain: usize,
    #[serde(default = "endless")]
    pub record: usize,
    #[serde(default)]
    pub long_pair: String,
    #[serde(default)]
    pub long_dictionary: String,
    #[serde(default)]
    pub long_separator: String,
    /// The head of a function that would be a long line, and what stands between its parameters.
    #[serde(default)]
    pub long_function: String,
    #[serde(default)]
    pub long_parameter: String,
    /// The frame and the last line of a function that gives a pair, where they are not those of others.
    #[serde(default)]
    pub pair_function: String,
    #[serde(default)]
    pub pair_return: String,
    /// The number {0} over {1}, where numbers are exact.
    #[serde(default)]
    pub quotient: String,
    /// How a formula {0} stands in documentation.
    #[serde(default)]
    pub formula: String,
    /// What closes a function.
    #[serde(default)]
    pub end: String,
    /// What each line of documentation begins with.
    #[serde(default)]
    pub comment: String,
    /// Whether documentation stands before its function.
    #[serde(default)]
    pub documentation_first: bool,
    /// A call of a scalar function entry by entry, by its name and what follows the bracket; any other form.
    #[serde(default)]
    pub map_call: String,
    #[serde(default)]
    pub map: String,
    /// What `{options}` stands for in an operator: {0} is the first array among the variables.
    #[serde(default)]
    pub options: String,
    /// The same where no variable is an array.
    #[serde(default)]
    pub options_alone: String,
}

fn endless() -> usize {
    usize::MAX
}

fn expression() -> usize {
    72
}

/// All that is known of a target.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Target {
    pub name: String,
    pub sum: u8,
    pub product: u8,
    pub atom: u8,
    #[serde(default)]
    pub flat: Vec<String>,
    /// Whether the transpose of a matrix times a vector is written as the vector times the matrix.
    #[serde(default)]
    pub vectors_first: bool,
    pub keywords: Vec<String>,
    #[serde(default)]
    pub import: Vec<Import>,
    pub layout: Layout,
    pub operators: BTreeMap<String, Operator>,
    #[serde(default)]
    pub helpers: BTreeMap<String, String>,
    /// How values are declared, in a language with types.
    pub typed: Option<Typed>,
}

mod files {
    include!(concat!(env!("OUT_DIR"), "/targets.rs"));
    pub(super) fn all() -> &'static [(&'static str, &'static str)] {
        FILES
    }
}

/// A target is code or a document.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Document(Document),
    Code(Box<Target>),
}

/// Every target, read when it is first asked for.
static TARGETS: LazyLock<Vec<Slot>> =
    LazyLock::new(|| files::all().iter().map(|(name, _)| (*name, OnceLock::new())).collect());

type Slot = (&'static str, OnceLock<Result<Form, String>>);

/// A target with what it leaves as it is in the target that it names as its `base`.
fn read(name: &str) -> Result<Form, String> {
    let mut whole = table(name)?;
    // A base may have a base; a circle ends where its names have all been seen.
    for _ in files::all() {
        let Some(base) = whole.remove("base") else { break };
        let under = table(base.as_str().unwrap_or_default())?;
        whole = overlay(under, whole);
    }
    let value = toml::Value::Table(whole);
    let form = match value.get("notation") {
        Some(_) => value.try_into().map(Form::Document),
        None => value.try_into().map(Form::Code),
    };
    form.map_err(|e| format!("{name}: {e}"))
}

fn table(name: &str) -> Result<toml::Table, String> {
    let text = files::all().iter().find(|(n, _)| *n == name).map(|(_, text)| *text);
    let text = text.ok_or_else(|| format!("there is no target {name}"))?;
    toml::from_str(text).map_err(|e| format!("{name}: {e}"))
}

/// Entries of `over` before those of `under`; tables inside alike, lists as a whole.
fn overlay(mut under: toml::Table, over: toml::Table) -> toml::Table {
    for (key, value) in over {
        let value = match (under.remove(&key), value) {
            (Some(toml::Value::Table(inner)), toml::Value::Table(outer)) => {
                toml::Value::Table(inner.into_iter().chain(outer).collect())
            }
            (_, value) => value,
        };
        under.insert(key, value);
    }
    under
}

/// The names of all targets.
pub fn targets() -> impl Iterator<Item = &'static str> {
    files::all().iter().map(|(name, _)| *name)
}

/// The target with this name.
pub(super) fn target(name: &str) -> Result<&'static Form, Diagnostic> {
    if let Some((name, form)) = TARGETS.iter().find(|(known, _)| *known == name) {
        let form = form.get_or_init(|| read(name)).as_ref();
        return form.map_err(|e| Diagnostic::internal(format!("a target file is malformed: {e}")));
    }
    let known: Vec<&str> = targets().collect();
    Err(Diagnostic::request("E0801", format!("no target is called {name}"))
        .help(format!("targets are {}", known.join(", "))))
}

impl Target {
    /// A name that is neither a keyword, a helper nor one of `taken`: with `_` at its end where it was.
    pub fn free_name(&self, name: &str, taken: &[String]) -> String {
        let mut name = name.to_owned();
        while self.keywords.contains(&name) || self.helpers.contains_key(&name) || taken.contains(&name) {
            name.push('_');
        }
        name
    }
}

/// `{0}`, `{1}` in a frame replaced; other braces stay.
pub(super) fn fill(frame: &str, values: &[&str]) -> String {
    let places: Vec<String> = (0..values.len()).map(|i| i.to_string()).collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    let mut text = String::new();
    for piece in crate::print::pieces(frame, &places) {
        match piece {
            crate::print::Piece::Text(t) => text.push_str(&t),
            crate::print::Piece::Argument { index, .. } => text.push_str(values.get(index).unwrap_or(&"")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that a template mentions: no places, texts, members of something or keyword arguments.
    fn mentioned(template: &str) -> Vec<String> {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let bare = template.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
        let mut words = vec![];
        for (at, _) in bare.match_indices(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let before = bare[..at].chars().next_back();
            let word: String = bare[at..].chars().take_while(|c| part(*c)).collect();
            let after = bare[at + word.len()..].trim_start();
            let own = !before.is_some_and(|c| part(c) || ".:@>{}".contains(c));
            if own && (!after.starts_with('=') || after.starts_with("==")) && !after.starts_with('}') {
                words.push(word);
            }
        }
        words
    }

    #[test]
    fn no_name_of_a_user_hides_what_the_operators_of_a_target_mention() {
        for name in targets() {
            let Form::Code(target) = target(name).unwrap() else { continue };
            for (operator, code) in target.operators.iter().map(|(o, c)| (o, &c.code)) {
                for word in mentioned(code) {
                    assert_ne!(
                        target.free_name(&word, &[]),
                        word,
                        "{name}: `{word}` of {operator} is not reserved"
                    );
                }
            }
        }
    }
}
