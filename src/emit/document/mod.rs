//! Answers as documents: the function, its differential, each derivative, the conditions.
//!
//! In: a request. Out: one display of equations, in LaTeX or in what is translated from it.
//! Invariant: every notation says the same, since all are made of the LaTeX that the printer writes.
//!
//! ```text
//! \begin{aligned}
//! f &= x^{\mathsf{T}} A x \\
//! \nabla_{x} f &= \left(A + A^{\mathsf{T}}\right) x
//! \end{aligned}
//! ```

mod mathml;
mod translate;
mod typst;

use serde::Deserialize;

use crate::expr::{Graph, VarId};
use crate::print::{DEFAULT_LIMIT, Printer, Style, differential, name, shared};

use super::target::fill;
use super::{DerivativeKind, EmitRequest};
use translate::translate;

/// A document target: one data file.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Document {
    notation: Notation,
    begin: String,
    /// Left side and right side.
    equation: String,
    condition: String,
    separator: String,
    end: String,
}

/// How formulas are written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Notation {
    Latex,
    Typst,
    Mathml,
}

/// The document for a request.
pub(super) fn document(target: &Document, graph: &Graph, request: &EmitRequest) -> String {
    let written = |latex: &str| match target.notation {
        Notation::Latex => latex.to_owned(),
        Notation::Typst => translate(latex, &typst::Typst),
        Notation::Mathml => translate(latex, &mathml::MathMl),
    };
    let mut rows: Vec<String> = equations(graph, request)
        .iter()
        .map(|(left, right)| fill(&target.equation, &[&written(left), &written(right)]))
        .collect();
    rows.extend(request.conditions_latex.iter().map(|c| fill(&target.condition, &[&written(c)])));
    format!("{}{}{}", target.begin, rows.join(&target.separator), target.end)
}

/// Left and right sides in LaTeX; shared parts of large forms come last.
fn equations(graph: &Graph, request: &EmitRequest) -> Vec<(String, String)> {
    let f = free_letter(graph);
    let mut sides = vec![(f.to_owned(), request.function)];
    sides.extend(request.differential.map(|df| (format!("\\mathrm{{d}}{f}"), df)));
    for (v, kind, id) in &request.derivatives {
        if let Some(left) = derivative(graph, f, *v, *kind) {
            sides.push((left, *id));
        }
    }
    let roots: Vec<_> = sides.iter().map(|(_, id)| *id).collect();
    let parts = shared(graph, &roots, DEFAULT_LIMIT);
    let printer = Printer::new(graph, Style::Latex, &roots, &parts);
    let named = parts.iter().map(|(part, id)| (printer.part_name(part), *id));
    sides.iter().cloned().chain(named).map(|(left, id)| (left, printer.print(id))).collect()
}

/// A letter for the function that the request does not use.
fn free_letter(graph: &Graph) -> &'static str {
    let used =
        |word: &str| graph.variable_named(word).is_some() || graph.functions().iter().any(|g| g.name == word);
    ["f", "F"].into_iter().find(|letter| !used(letter)).unwrap_or("f_{0}")
}

/// `\nabla_{x} f`; an operator is the differential itself.
fn derivative(graph: &Graph, f: &str, v: VarId, kind: DerivativeKind) -> Option<String> {
    let variable = &graph.variable(v).name;
    let x = name(variable, Style::Latex);
    Some(match kind {
        DerivativeKind::Operator => return None,
        DerivativeKind::Gradient => format!("\\nabla_{{{x}}} {f}"),
        DerivativeKind::Hessian => format!("\\nabla_{{{x}}}^{{2}} {f}"),
        DerivativeKind::Jacobian => format!("\\frac{{\\partial {f}}}{{\\partial {x}}}"),
        DerivativeKind::Derivative => {
            format!("\\frac{{\\mathrm{{d}}{f}}}{{{}}}", differential(variable, Style::Latex))
        }
        DerivativeKind::Kronecker => {
            let vec = "\\operatorname{vec}";
            format!("\\frac{{\\partial {vec}({f})}}{{\\partial {vec}({x})}}")
        }
    })
}
