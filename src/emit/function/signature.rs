//! Parameters and results of an emitted function, with types where the language has them.
//!
//! In: a request of the module. Out: parameters, the type of the result, the last line.
//! Invariant: without a `typed` table a parameter is its name, and a result has no type.

use crate::diagnostic::Diagnostic;
use crate::expr::{Kind, Properties, VarId};

use super::{Module, Request, differs, fill};
use crate::emit::plan::Storage;
use crate::emit::typed::Typed;

impl Module<'_> {
    /// Whether the language writes types.
    pub(super) fn declares(&self) -> bool {
        self.target.typed.as_ref().is_some_and(Typed::declares)
    }

    /// Whether a variable is an integer.
    pub(super) fn is_whole(&self, v: VarId) -> bool {
        self.target.typed.is_some() && self.graph.variable(v).properties.has(Properties::INTEGER)
    }

    /// The name under which the caller gives what is converted first.
    pub(super) fn incoming(&self, name: &str) -> String {
        if self.declares() { format!("{name}_in") } else { name.to_owned() }
    }

    /// The name of a result by a variable: of a field where the language has types, of a key elsewhere.
    pub(super) fn field(&self, key: &str) -> String {
        if self.declares() { self.target.free_name(key, &[]) } else { key.to_owned() }
    }

    /// All parameters, and the lines that say which of them are not read.
    pub(super) fn parameters(
        &self,
        differentials: &[VarId],
        missing: &[String],
        read: &dyn Fn(&str) -> bool,
    ) -> Result<(Vec<String>, Vec<String>), Diagnostic> {
        let own = self.variables.iter().map(|v| (*v, self.names.variable(*v), self.is_whole(*v)));
        let other = differentials.iter().map(|v| (*v, self.names.differential(*v), false));
        let missing = missing.iter().map(|d| self.names.dimension(d));
        let Some(typed) = self.target.typed.as_ref().filter(|t| t.declares()) else {
            let names = own.chain(other).map(|(_, name, _)| name);
            let functions = self.functions.iter().filter(|f| read(f)).cloned();
            return Ok((names.chain(functions).chain(missing).collect(), vec![]));
        };
        if let Some(f) = self.functions.first() {
            let message = format!("{} has no abstract function {f}: its type is not known", self.target.name);
            return Err(Diagnostic::request("E0803", message).help("ask for another target with --emit"));
        }
        let (mut parameters, mut discarded) = (Vec::new(), Vec::new());
        let mut take = |name: String, frame: &str| {
            let used = read(&name);
            let written =
                if used || typed.unused.is_empty() { name.clone() } else { fill(&typed.unused, &[&name]) };
            parameters.push(fill(frame, &[&written]));
            if !used && !typed.discard.is_empty() {
                discarded.push(fill(&typed.discard, &[&name]));
            }
        };
        for (v, name, whole) in own.chain(other) {
            let variable = self.graph.variable(v);
            let frame = match variable.kind {
                _ if whole => &typed.parameter.whole,
                Kind::Scalar => &typed.parameter.scalar,
                Kind::Vector => &typed.parameter.vector,
                Kind::Matrix => &typed.parameter.matrix,
            };
            take(if differs(variable) { self.incoming(&name) } else { name }, frame);
        }
        let size = if typed.dimension.is_empty() { &typed.parameter.whole } else { &typed.dimension };
        missing.for_each(|name| take(name, size));
        Ok((parameters, discarded))
    }

    /// The type of a function's result, and the records to define for it.
    pub(super) fn result_type(
        &self,
        request: &Request,
        parts: &[(String, Storage)],
    ) -> (String, Vec<(String, String)>) {
        let typed = self.target.typed.as_ref().filter(|t| t.declares());
        typed.map(|t| t.result_type(request.name, parts, request.paired)).unwrap_or_default()
    }

    /// How a function ends.
    pub(super) fn last_line(&self, request: &Request) -> &str {
        let plain = self.target.typed.as_ref().map_or("", |t| t.plain_return.as_str());
        let mut taken = self.variables.iter().chain(request.differentials);
        let numbers = taken.all(|v| self.graph.variable(*v).kind == Kind::Scalar);
        if numbers && !plain.is_empty() { plain } else { &self.target.layout.give }
    }
}
