//! What is said of a rule: its words and its source.
//!
//! In: a rule. Out: [`Words`], from the rule's entry in the catalogue.
//! Invariant: `verify` asks here too, so a step that says something else is rejected.
//!
//! `logdet` says `d logdet(X) = tr(X⁻¹ dX)`, and that it is from `matrix-cookbook 57`.

use indexmap::IndexSet;

use crate::catalog::{Citation, Entry, Identity};
use crate::differentiate::Rule;
use crate::expr::{FnId, Graph, Id, Kind, Op, Properties, VarId};
use crate::laws::Setting;
use crate::print::{Style, differential, text};

/// A rule in words, and where it is published.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Words {
    /// The words, in Unicode.
    pub title: String,
    /// The words in ASCII.
    pub ascii: String,
    /// The source.
    pub source: String,
}

impl Words {
    fn new(title: &str, source: &str) -> Words {
        let signs = [("ᵀ", "^T"), ("⁻¹", "^-1"), ("′", "'"), ("⊙", ".*"), (" ⊗ ", " kron "), ("∇", "grad ")];
        let ascii = signs.iter().fold(title.to_owned(), |text, (from, to)| text.replace(from, to));
        Words { title: title.into(), ascii, source: source.into() }
    }
}

/// Where the ways of reading a differential are taken from.
const READING: &str = "mit-18s096 §2.3";

/// Steps that no entry of the catalogue states: that d is linear, and the ways to bring what varies to the end of a term.
const LAWS: &[(&str, &str, &str)] = &[
    ("linear", "the differential is linear", "mit-18s096 §2.2"),
    ("scalar_transpose", "a scalar is its own transpose", READING),
    ("entrywise_inner", "uᵀ (v ⊙ w) = (u ⊙ v)ᵀ w, sum(U ⊙ V) = tr(Uᵀ V)", "magnus-neudecker §3.6"),
    ("trace_cyclic", "tr(M) = tr(Mᵀ), tr(M N) = tr(N M)", "magnus-neudecker §1.10"),
    ("scalar_trace", "a scalar is its trace, and tr(M N) = tr(N M)", "magnus-neudecker §1.10"),
    ("collect", "collect the terms", ""),
    ("components", "the same sums of products of entries", ""),
    ("diagonal", "u ⊙ v = diag(u) v", "mit-18s096 §2.4"),
    ("in_names", "in these names", ""),
    ("part", "a name for this part", ""),
];

/// The words of a law that is none of the catalogue's; none for another name.
pub(crate) fn law(name: &str) -> Words {
    let known = LAWS.iter().find(|(known, ..)| *known == name);
    known.map(|(_, title, source)| Words::new(title, source)).unwrap_or_default()
}

/// The words of identities used together: what each says, and where.
pub(crate) fn identities<'a>(graph: &Graph, names: impl Iterator<Item = &'a str>) -> Words {
    let names: IndexSet<&str> = names.collect();
    let known = |name: &&str| graph.catalog().identities().find(|i| i.name == *name);
    let found: Vec<&Identity> = names.iter().filter_map(known).collect();
    let said = |style| {
        let each: Vec<String> = found.iter().map(|i| equation(graph, i, style)).collect();
        each.join("; ")
    };
    let sources: IndexSet<String> = found.iter().map(|i| cited(&i.citations)).collect();
    let sources: Vec<String> = sources.into_iter().collect();
    Words { title: said(Style::Unicode), ascii: said(Style::Ascii), source: sources.join(", ") }
}

/// `adj(X) / det(X) = X⁻¹`.
fn equation(graph: &Graph, identity: &Identity, style: Style) -> String {
    let read = Setting::of_identity(&graph.catalog_arc(), identity).and_then(|mut setting| {
        let left = setting.read(&identity.left)?;
        let shape = setting.graph.shape(left);
        let right = setting.read_as(&identity.right, shape)?;
        Ok(format!("{} = {}", text(&setting.graph, left, style), text(&setting.graph, right, style)))
    });
    read.unwrap_or_else(|_| identity.name.clone())
}

/// The words of a derivative along a direction.
pub(crate) fn along_direction(dx: &str, v: &str) -> Words {
    Words::new(&format!("along {v}: {dx} = {v}"), "")
}

/// The catalogue's name of the rule that differentiates a node; that of a power with exponent -1 is the inverse.
pub(crate) fn rule_of(graph: &Graph, node: Id, rule: Rule) -> Rule {
    match rule {
        Rule::Operator("power") if graph.is_matrix_inverse(node) => Rule::Operator("inverse"),
        Rule::Function(_) if matches!(graph.op(node), Op::Frechet(_)) => Rule::Operator("frechet"),
        rule => rule,
    }
}

/// A rule's name.
pub(crate) fn name(graph: &Graph, rule: Rule) -> String {
    match rule {
        Rule::Operator(name) => name.into(),
        Rule::Function(f) => graph.catalog().entry(f).name.clone(),
    }
}

/// The words of a rule of differentiation.
pub(crate) fn words(graph: &Graph, rule: Rule) -> Words {
    match rule {
        Rule::Function(f) => of_function(graph, f),
        Rule::Operator(name) => of_operator(graph, name),
    }
}

/// The words of an operator's rule, or of a law that is none of the catalogue's.
pub(crate) fn of_operator(graph: &Graph, name: &str) -> Words {
    let Some(operator) = graph.catalog().operator(name) else { return law(name) };
    let (about, _) = operator.about.split_once(':').unwrap_or((&operator.about, ""));
    Words::new(about, &cited(&operator.citations))
}

/// `d logdet(X) = tr(X⁻¹ dX)`.
pub(crate) fn of_function(graph: &Graph, f: FnId) -> Words {
    let entry = graph.catalog().entry(f);
    let said = |style| statement(graph, f, entry, style);
    Words { title: said(Style::Unicode), ascii: said(Style::Ascii), source: cited(&entry.citations) }
}

fn statement(graph: &Graph, f: FnId, entry: &Entry, style: Style) -> String {
    let Some(differential) = &entry.differential else { return format!("{} is linear", entry.name) };
    let read = Setting::of_entry(&graph.catalog_arc(), entry).and_then(|mut setting| {
        let (call, d) = (setting.call(f), setting.read(differential)?);
        Ok(format!("d {} = {}", text(&setting.graph, call, style), text(&setting.graph, d, style)))
    });
    read.unwrap_or_else(|_| format!("d {} = {}", entry.name, differential.text().trim()))
}

/// How a derivative by `v` is read off a differential: the rule's name is that of its kind.
pub(crate) fn reading(graph: &Graph, rule: &str, v: VarId, free: bool, second: bool) -> Words {
    let variable = graph.variable(v);
    let dx = differential(&variable.name, Style::Unicode);
    let f = if second { "dG" } else { "df" };
    let title = match rule {
        "gradient" if variable.shape.is_column() => {
            format!("df = Gᵀ {dx}: G is the row before {dx}, transposed")
        }
        "gradient" => format!("df = tr(Gᵀ {dx}): G is what stands before {dx}, transposed"),
        "jacobian" => format!("{f} = {} {dx}", if second { "H" } else { "J" }),
        "kronecker_form" => format!("vec({f}) = K vec({dx}), by vec(A X B) = (Bᵀ ⊗ A) vec(X)"),
        _ => format!("df = f′ {dx}"),
    };
    let square = variable.kind == Kind::Matrix && !variable.shape.is_scalar();
    let structure = [
        (Properties::DIAGONAL, "its diagonal"),
        (Properties::SYMMETRIC, "its symmetric part"),
        (Properties::SKEW, "its skew part"),
        (Properties::LOWER, "its lower part"),
        (Properties::UPPER, "its upper part"),
    ];
    let part = structure.iter().find(|(p, _)| variable.properties.has(*p) && square);
    let title = match part {
        Some((_, part)) if rule == "gradient" && !free => format!("{title}, and of that {part}"),
        _ => title,
    };
    Words::new(&title, READING)
}

/// Citations as they stand in the rules files.
pub(super) fn cited(citations: &[Citation]) -> String {
    let all: Vec<String> =
        citations.iter().map(|c| format!("{} {}", c.key, c.place).trim().to_owned()).collect();
    all.join(", ")
}
