//! A request that was understood.
//!
//! In: what [`infer`](super::infer()) found. Out: what varies, by default or by name.
//! Invariant: every id is in the problem's graph. Example: in `x^T A x` with A constant, only x varies.

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Properties, VarId};

/// A function with its variables, shapes and conditions.
#[derive(Clone)]
pub struct Problem {
    /// Where everything is.
    pub graph: Graph,
    /// The function, the last line of the request.
    pub function: Id,
    /// The named parts, in order.
    pub parts: Vec<(String, Id)>,
    /// What must hold for the function to be defined, in the order of the text.
    pub conditions: Vec<Condition>,
    /// The variables of the request, as they first occur in its text; then those declared and not used. Indices
    /// of bounded sums are not among them.
    pub variables: Vec<VarId>,
}

impl Problem {
    /// What varies where nobody says: all that is not constant.
    pub fn varying(&self) -> Vec<VarId> {
        let fixed = Properties::CONSTANT.with(Properties::INTEGER);
        let varies = |v: &VarId| !self.graph.variable(*v).properties.any(fixed);
        self.variables.iter().copied().filter(varies).collect()
    }

    /// The variables with these names, each once.
    pub fn wrt<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<VarId>, Diagnostic> {
        let mut found = Vec::new();
        for name in names {
            let v = self.variable(name.as_ref())?;
            if !found.contains(&v) {
                found.push(v);
            }
        }
        Ok(found)
    }

    fn variable(&self, name: &str) -> Result<VarId, Diagnostic> {
        let name = name.trim();
        let variable = |v: &VarId| self.graph.variable(*v);
        if let Some(v) = self.variables.iter().copied().find(|v| variable(v).name == name) {
            if variable(&v).properties.has(Properties::INTEGER) {
                let text = format!("`{name}` is an integer and cannot vary");
                return Err(Diagnostic::request("E0140", text));
            }
            return Ok(v);
        }
        let shown = if name.chars().count() > 40 { "…" } else { name };
        let text = if self.parts.iter().any(|(n, _)| n == name) {
            format!("`{shown}` names a part; what varies (wrt) is a variable")
        } else if self.graph.dims.names().any(|n| n == name) {
            format!("`{shown}` is a dimension; what varies (wrt) is a variable")
        } else {
            format!("there is no variable `{shown}` to vary (wrt)")
        };
        let mut known: Vec<&str> = self.variables.iter().take(8).map(|v| variable(v).name.as_str()).collect();
        if self.variables.len() > known.len() {
            known.push("…");
        }
        let help = match known.is_empty() {
            true => "the request has no variables".to_owned(),
            false => format!("the variables are {}", known.join(", ")),
        };
        Err(Diagnostic::request("E0140", text).help(help))
    }
}
