//! The documentation and the result of an emitted function.
//!
//! In: a request of the module. Out: the docstring with shapes and formula, and the returned expression.
//! Invariant: every name in it went through the target's names.

use super::{Module, Request, Stored, fill};
use crate::expr::{Dim, Id, Kind};
use crate::print::{DEFAULT_LIMIT, Style, text};

impl Module<'_> {
    /// What a function returns: one value, a dictionary by variable, the value with one of these.
    pub(super) fn result(&self, request: &Request, results: &[String], result_type: &str) -> String {
        let layout = &self.target.layout;
        let skip = usize::from(request.paired);
        let rest = request.results.iter().zip(results).skip(skip);
        let entry = |((key, ..), code): (&(String, Id, Stored), &String)| {
            fill(&layout.entry, &[&self.field(key), code])
        };
        let inner = if request.paired { "Gradient" } else { result_type };
        let long = results.iter().map(|r| r.chars().count()).sum::<usize>() > layout.wide;
        let many = results.len() > skip + 1;
        let derivative = match (many, long) {
            (false, _) => results.last().cloned().unwrap_or_default(),
            (true, false) => {
                fill(&layout.dictionary, &[&rest.map(entry).collect::<Vec<_>>().join(", "), inner])
            }
            (true, true) => {
                let entries: Vec<String> = rest.map(entry).collect();
                fill(&layout.long_dictionary, &[&entries.join(&layout.long_separator), inner])
            }
        };
        match results.first().filter(|_| request.paired) {
            Some(value) if !layout.pair_return.is_empty() => fill(&layout.pair_return, &[value, &derivative]),
            Some(value) if long && !many => fill(&layout.long_pair, &[value, &derivative, result_type]),
            Some(value) => fill(&layout.pair, &[value, &derivative, result_type]),
            None => derivative,
        }
    }

    /// What the function returns, of what shape its arguments are, when it holds.
    pub(super) fn documentation(&self, request: &Request, conditions: &[String]) -> String {
        let graph = self.graph;
        let layout = &self.target.layout;
        let mut lines: Vec<String> = Vec::new();
        if request.paired {
            lines.push("The value and the gradient, with what they share computed once.".into());
        }
        for (key, id, _) in request.results.iter().filter(|_| !request.paired) {
            let formula = if graph.form_size(*id) > DEFAULT_LIMIT as u64 / 100 {
                "a long expression".to_owned()
            } else {
                let code = text(graph, *id, Style::Ascii);
                if layout.formula.is_empty() { code } else { fill(&layout.formula, &[&code]) }
            };
            lines.push(if request.results.len() > 1 { format!("{key}: {formula}") } else { formula });
        }
        lines.push(String::new());
        let all = self.variables.iter().map(|v| (*v, self.names.variable(*v)));
        for (v, name) in all.chain(request.differentials.iter().map(|v| (*v, self.names.differential(*v)))) {
            let variable = graph.variable(v);
            let side = |d: Dim| graph.dims.text(d);
            let (rows, cols) = (side(variable.shape.rows), side(variable.shape.cols));
            lines.push(match variable.kind {
                Kind::Scalar => format!("{name}: number"),
                Kind::Vector => format!("{name}: {}", fill(&layout.vector, &[&rows])),
                Kind::Matrix => format!("{name}: {}", fill(&layout.matrix, &[&rows, &cols])),
            });
        }
        if request.name != "value" && !conditions.is_empty() {
            lines.push(String::new());
            lines.push(format!("Holds where {}.", conditions.join(", ")));
        }
        if !layout.comment.is_empty() {
            let line = |l: &String| format!("{}{l}", layout.comment).trim_end().to_owned() + "\n";
            return lines.iter().map(line).collect();
        }
        let text =
            lines.join(&format!("\n{}", layout.indent)).replace(&format!("\n{}\n", layout.indent), "\n\n");
        let text = text.replace('"', "'");
        let tail = if lines.len() > 2 { format!("\n{}", layout.indent) } else { String::new() };
        format!(
            "{}{}\n",
            layout.indent,
            fill(&layout.documentation, &[&format!("{}{tail}", text.trim_end())])
        )
    }
}
