//! The documentation and the result of an emitted function.
//!
//! In: a request of the module. Out: the docstring with shapes and formula, and the returned expression.
//! Invariant: every name in it went through the target's names.

use super::{Module, Request, fill};
use crate::expr::{Dim, Kind};
use crate::print::{DEFAULT_LIMIT, Style, text};

impl Module<'_> {
    /// What a function returns: one value, a dictionary by variable, the value with one of these.
    pub(super) fn result(&self, request: &Request, results: &[String], result_type: &str) -> String {
        let layout = &self.target.layout;
        let skip = usize::from(request.paired);
        let inner = if request.paired { "Gradient" } else { result_type };
        let entries: Vec<String> = request.results[skip..]
            .iter()
            .zip(&results[skip..])
            .map(|((key, ..), code)| fill(&layout.entry, &[&self.field(key), code]))
            .collect();
        let paired = |derivative: &str| match results.first().filter(|_| request.paired) {
            Some(value) => fill(&layout.pair, &[value, derivative, result_type]),
            None => derivative.to_owned(),
        };
        let on_one_line = |code: &str, most: usize| {
            let line = fill(self.last_line(request), &[code, result_type]);
            line.lines().all(|l| l.chars().count() <= layout.line) && code.chars().count() <= most
        };
        let derivative = match entries.as_slice() {
            [_] => results.last().cloned().unwrap_or_default(),
            _ => {
                let content = entries.join(", ");
                let short = fill(&layout.dictionary, &[&content, inner]);
                let fits = layout.long_dictionary.is_empty()
                    || (on_one_line(&paired(&short), usize::MAX) && content.chars().count() <= layout.record);
                match fits {
                    true => short,
                    false => fill(&layout.long_dictionary, &[&entries.join(&layout.long_separator), inner]),
                }
            }
        };
        match results.first().filter(|_| request.paired) {
            Some(value) if !layout.pair_return.is_empty() => fill(&layout.pair_return, &[value, &derivative]),
            Some(value) => {
                let short = paired(&derivative);
                let most = layout.arguments.saturating_add(2);
                match layout.long_pair.is_empty() || (!short.contains('\n') && on_one_line(&short, most)) {
                    true => short,
                    false => {
                        let inside = derivative.replace('\n', "\n    ");
                        fill(&layout.long_pair, &[value, &inside, result_type])
                    }
                }
            }
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
