//! What an answer says of an expression: all notations, shape, size and tree.
//!
//! In: a node. Out: [`Term`], the `T` of the batch protocol; types of variables and conditions as text.
//! Invariant: the fields of one [`Term`] all tell of one node.

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::{Value, json};

use crate::catalog::Predicate;
use crate::expr::{Condition, Dim, Graph, Id, Kind, Properties, VarId};

use super::layout::{Names, names};
use super::template::{Piece, pieces};
use super::{Printer, Style, ast, text};

/// An expression in an answer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Term {
    /// Unicode.
    pub text: String,
    /// ASCII.
    pub ascii: String,
    /// LaTeX.
    pub latex: String,
    /// Rows and columns: `["n", 1]`.
    pub shape: Value,
    /// Leaves and operators, as [`Graph::form_size`] counts them.
    pub size: u64,
    /// The tree, see [`ast`].
    pub ast: Value,
}

/// A node with everything an answer says of it.
pub fn term(graph: &Graph, id: Id) -> Term {
    let [text, ascii, latex] = [Style::Unicode, Style::Ascii, Style::Latex].map(|s| text(graph, id, s));
    Term {
        text,
        ascii,
        latex,
        shape: shape(graph, id),
        size: graph.form_size(id),
        ast: ast(graph, id, &FxHashMap::default()),
    }
}

/// Terms with the names that [`shared`](super::shared) gave to their parts.
pub struct Terms<'g> {
    graph: &'g Graph,
    names: Names<'g>,
}

impl<'g> Terms<'g> {
    /// The terms of a graph.
    pub fn new(graph: &'g Graph, parts: &'g [(String, Id)]) -> Terms<'g> {
        Terms { graph, names: names(parts) }
    }

    /// A node with everything an answer says of it.
    pub fn term(&self, id: Id) -> Term {
        let printer = Printer::naming(self.graph, Style::Unicode, &[id], self.names.clone());
        let text = printer.print(id);
        let printer = printer.in_style(Style::Ascii);
        let ascii = printer.print(id);
        let latex = printer.in_style(Style::Latex).print(id);
        let shape = shape(self.graph, id);
        let size = self.graph.form_size(id);
        Term { text, ascii, latex, shape, size, ast: ast(self.graph, id, &self.names) }
    }
}

/// Rows and columns as JSON: names as text, numbers as numbers.
pub fn shape(graph: &Graph, id: Id) -> Value {
    let shape = graph.shape(id);
    let side = |d: Dim| graph.dims.as_integer(d).map_or_else(|| json!(graph.dims.text(d)), |n| json!(n));
    json!([side(shape.rows), side(shape.cols)])
}

/// A variable's type as it would be declared: `matrix(n,n) symmetric`.
pub fn type_text(graph: &Graph, v: VarId) -> String {
    let variable = graph.variable(v);
    let (rows, cols) = (graph.dims.text(variable.shape.rows), graph.dims.text(variable.shape.cols));
    let mut properties = variable.properties;
    let kind = match variable.kind {
        Kind::Scalar if properties.has(Properties::INTEGER) => {
            properties = properties.without(Properties::INTEGER);
            "integer".to_owned()
        }
        Kind::Scalar => "scalar".to_owned(),
        Kind::Vector => format!("vector({rows})"),
        Kind::Matrix => format!("matrix({rows},{cols})"),
    };
    // What follows from the others is not said.
    let mut said = properties;
    for (p, _) in Properties::WORDS.iter().rev() {
        if said.has(*p) && said.without(*p).closed().has(*p) {
            said = said.without(*p);
        }
    }
    let words: Vec<&str> = Properties::WORDS.iter().filter(|(p, _)| said.has(*p)).map(|(_, w)| *w).collect();
    [vec![kind.as_str()], words].concat().join(" ")
}

/// A condition as text: `A invertible`, `x ≠ 0`.
pub fn condition(graph: &Graph, condition: &Condition, style: Style) -> String {
    predicate(graph, graph.catalog().predicate_entry(condition.predicate), &condition.args, style)
}

/// A predicate said of some expressions.
pub fn predicate(graph: &Graph, predicate: &Predicate, args: &[Id], style: Style) -> String {
    let whole = args.iter().all(|a| graph.shape(*a).is_scalar());
    let template = predicate.entrywise.as_ref().filter(|_| !whole).unwrap_or(&predicate.text);
    let parameters: Vec<&str> = predicate.parameters.iter().map(|p| p.name.as_str()).collect();
    let printer = Printer::new(graph, style, args, &[]);
    let mut text = String::new();
    for piece in pieces(template, &parameters) {
        match piece {
            Piece::Text(t) => text.push_str(&in_style(&t, style)),
            Piece::Argument { index, delimited } => {
                if let Some(id) = args.get(index) {
                    text.push_str(&if delimited || text.is_empty() {
                        printer.print(*id)
                    } else {
                        printer.print_tight(*id)
                    });
                }
            }
        }
    }
    text
}

/// The signs of a condition: as typed, in ASCII, in LaTeX.
const SIGNS: &[(&str, &str, &str)] = &[
    ("≠", "!=", "\\neq"),
    ("≥", ">=", "\\geq"),
    ("≤", "<=", "\\leq"),
    ("∞", "inf", "\\infty"),
    ("−", "-", "-"),
    ("σ₁", "sigma1", "\\sigma_{1}"),
    ("σ", "sigma", "\\sigma"),
    ("λ", "lambda", "\\lambda"),
    ("₁", "1", "_{1}"),
    ("ᵢ", "_i", "_{i}"),
    ("ⱼ", "_j", "_{j}"),
    ("·", " ", "\\cdot"),
    ("×", "x", "\\times"),
    ("ᵀ", "^T", "^{\\mathsf{T}}"),
];

fn in_style(text: &str, style: Style) -> String {
    let mut text = text.to_owned();
    for (unicode, ascii, latex) in SIGNS {
        match style {
            Style::Unicode => {}
            Style::Ascii => text = text.replace(unicode, ascii),
            Style::Latex => text = text.replace(unicode, latex),
        }
    }
    if style == Style::Latex { words(&text) } else { text }
}

/// Words of a condition are text in LaTeX, signs are not.
fn words(text: &str) -> String {
    let word = |w: &str| w.len() > 1 && w.chars().all(|c| c.is_alphabetic() || c == '-' || c == ',');
    let parts: Vec<String> =
        text.split(' ').map(|w| if word(w) { format!("\\text{{ {w} }}") } else { w.to_owned() }).collect();
    parts.join(" ")
}
