//! One step of a derivation, in texts.
//!
//! In: nodes. Out: [`Step`], serialised under the key `steps` of an answer; LaTeX of all steps together.
//! Invariant: `before`, `after` and `changed` read back by the grammar of the language, where `d(u)` stands for the
//! differential of `u`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::Identity;
use crate::expr::{Condition, Graph, Id, Op};
use crate::print::{Printer, Style, condition, escape, name, text};
use crate::simplify::Instance;
use crate::syntax::DimExpr;

use super::words::{Words, cited};

/// What a rule replaced.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The part before, in ASCII.
    pub from: String,
    /// The part after, in ASCII.
    pub to: String,
}

/// An identity and what its variables stand for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Use {
    /// The identity's name.
    pub identity: String,
    /// What its variables stand for, in ASCII.
    pub with: BTreeMap<String, String>,
    /// Dimensions that do not follow from the variables.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sizes: BTreeMap<String, String>,
    /// Where it is published.
    pub source: String,
}

/// One line of a derivation.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// What the line is equal to: `df`, `gradient x`, `d(gradient x)`.
    pub of: String,
    /// What varies, separated by commas.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub wrt: String,
    /// The rule: a function or operator of the catalogue, or `linear`, `collect`, `identity`, `gradient` ….
    pub rule: String,
    /// The rule in words: `product rule`.
    pub title: String,
    /// Where the rule is published.
    pub source: String,
    /// The line before, in ASCII.
    pub before: String,
    /// The line after, in ASCII.
    pub after: String,
    /// Where in `after` is what changed: pairs of byte positions.
    pub position: Vec<[usize; 2]>,
    /// What the rule replaced by what.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Change>,
    /// The identities that are used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// What the rule needs here.
    pub conditions: Vec<String>,
    /// The line after, in Unicode.
    pub text: String,
    /// The line after in LaTeX; what changed is underlined.
    pub latex: String,
    /// What the terminal shows and JSON does not.
    #[serde(skip)]
    pub plain: Plain,
}

/// What the two notations of a terminal need besides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plain {
    /// Where in `text` is what changed.
    pub position: Vec<[usize; 2]>,
    /// The conditions in ASCII.
    pub conditions: Vec<String>,
    /// The rule in words, in ASCII.
    pub title: String,
}

impl Step {
    /// The step between two lines of one graph; `changed` are the parts replaced, `names` those of parts of the function.
    pub(super) fn new(
        graph: &Graph,
        names: &[(String, Id)],
        of: &str,
        lines: (Id, Id),
        changed: &[(Id, Id)],
    ) -> Step {
        let (before, after) = lines;
        // A minus of what changed may have become that of its term.
        let unsigned = |to: &Id| graph.args(*to).first().copied().filter(|_| *graph.op(*to) == Op::Negate);
        let marks: Vec<Id> = changed.iter().flat_map(|(_, to)| [Some(*to), unsigned(to)]).flatten().collect();
        let own = names.iter().find(|(_, part)| *part == after);
        let marked = |style| match own {
            Some((part, _)) => (name(part, style), vec![]),
            None => Printer::new(graph, style, &[after], names).print_marked(after, &marks),
        };
        let ((ascii, places), (text_after, unicode), (latex, under)) =
            (marked(Style::Ascii), marked(Style::Unicode), marked(Style::Latex));
        let pairs = |places: Vec<std::ops::Range<usize>>| places.iter().map(|p| [p.start, p.end]).collect();
        let ascii_of = |id: Id| in_names(graph, names, id);
        Step {
            of: of.to_owned(),
            before: ascii_of(before),
            after: ascii,
            position: pairs(places),
            changed: changed.iter().map(|(a, b)| Change { from: ascii_of(*a), to: ascii_of(*b) }).collect(),
            text: text_after,
            latex: underlined(&latex, &under),
            plain: Plain { position: pairs(unicode), ..Plain::default() },
            ..Step::default()
        }
    }

    /// With the rule's name, its words and its source.
    pub(super) fn by(mut self, rule: &str, words: Words) -> Step {
        (self.rule, self.title, self.source) = (rule.into(), words.title, words.source);
        self.plain.title = words.ascii;
        self
    }

    /// With all that another step says, apart from its lines.
    pub(super) fn said_as(self, other: Step) -> Step {
        let plain = Plain { position: self.plain.position, ..other.plain };
        let (of, before, after, position) = (self.of, self.before, self.after, self.position);
        let (changed, text, latex) = (self.changed, self.text, self.latex);
        Step { of, before, after, position, changed, text, latex, plain, ..other }
    }

    /// With the identities it rests on.
    pub(super) fn using(mut self, graph: &Graph, names: &[(String, Id)], used: &[Instance]) -> Step {
        for instance in used {
            let of = graph.catalog().identities().find(|i| i.name == instance.identity);
            let with = instance.variables.iter().map(|(n, id)| (n.clone(), in_names(graph, names, *id)));
            let typed = |n: &String| of.is_some_and(|i| in_types(i, n));
            let sizes = instance.sizes.iter().filter(|(n, _)| !typed(n));
            self.uses.push(Use {
                identity: instance.identity.clone(),
                with: with.collect(),
                sizes: sizes.map(|(n, d)| (n.clone(), graph.dims.text(*d))).collect(),
                source: of.map(|i| cited(&i.citations)).unwrap_or_default(),
            });
        }
        self
    }

    /// With what it needs.
    pub(super) fn under(mut self, graph: &Graph, conditions: &[Condition]) -> Step {
        let said = |style| conditions.iter().map(|c| condition(graph, c, style)).collect();
        self.conditions = said(Style::Unicode);
        self.plain.conditions = said(Style::Ascii);
        self
    }
}

/// A node in ASCII, with the names of parts of the function.
pub(super) fn in_names(graph: &Graph, names: &[(String, Id)], id: Id) -> String {
    let own = names.iter().find(|(_, part)| *part == id);
    match (own, names) {
        (Some((part, _)), _) => name(part, Style::Ascii),
        (None, []) => text(graph, id, Style::Ascii),
        (None, names) => Printer::new(graph, Style::Ascii, &[id], names).print(id),
    }
}

/// Whether a dimension follows from the types of an identity's variables.
fn in_types(identity: &Identity, name: &str) -> bool {
    let is = |d: &DimExpr| matches!(d, DimExpr::Name(n) if n == name);
    identity.variables.iter().any(|p| is(&p.ty.rows) || is(&p.ty.cols))
}

/// LaTeX with the parts underlined; a part that is all of it is left alone.
fn underlined(latex: &str, parts: &[std::ops::Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for part in parts.iter().filter(|p| p.len() < latex.len()) {
        let (Some(between), Some(marked)) = (latex.get(at..part.start), latex.get(part.clone())) else {
            continue;
        };
        out.push_str(between);
        out.push_str("\\underline{");
        out.push_str(marked);
        out.push('}');
        at = part.end;
    }
    out.push_str(latex.get(at..).unwrap_or_default());
    out
}

/// All steps as one LaTeX `aligned` block.
pub fn aligned(steps: &[Step]) -> String {
    let mut out = String::from("\\begin{aligned}\n");
    let mut last = "";
    for (i, step) in steps.iter().enumerate() {
        if i > 0 {
            out.push_str(" \\\\\n");
        }
        let head = if step.of == last { String::new() } else { head(&step.of) };
        let note = [step.rule.replace('_', " "), step.source.clone()].join(" ");
        out.push_str(&format!("{head} &= {} && \\text{{{}}}", step.latex, escape(note.trim())));
        last = &step.of;
    }
    out.push_str("\n\\end{aligned}\n");
    out
}

/// `df` and `gradient x` in LaTeX.
fn head(of: &str) -> String {
    match of.split_once(' ') {
        None if of == "df" => "\\mathrm{d}f".into(),
        None => of.into(),
        Some(("df", rest)) if rest.starts_with("by ") => {
            format!("\\mathrm{{d}}f \\text{{ by }} {}", name(rest.trim_start_matches("by "), Style::Latex))
        }
        Some((word, rest)) => {
            let rest = rest.trim_end_matches(')');
            let close = if of.ends_with(')') { ")" } else { "" };
            format!("\\text{{{word} }}{}{close}", name(rest, Style::Latex))
        }
    }
}
