//! One entry of the catalogue: all that is known of a function.
//!
//! In: the fields of an entry in `rules/`. Out: [`Entry`], which every stage reads.
//! Invariant: templates mention only the entry's parameters, their differentials (`dX`), the cotangent `G`
//! of an adjoint, the dimensions of the signature, and functions of the catalogue.

use std::sync::{Arc, OnceLock};

use super::Identities;
use super::identity::mentions;
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::expr::{Kind, Properties};
use crate::limits::Limits;
use crate::shape::BUILTINS;
use crate::syntax::{Ast, DimExpr, parse_expression};

/// A parameter or result type of a signature: `matrix(m, n)`.
#[derive(Clone, PartialEq, Debug)]
pub struct Type {
    /// Scalar, vector or matrix.
    pub kind: Kind,
    /// Rows and columns over the signature's own dimension names; 1 where the kind says so.
    pub rows: DimExpr,
    /// See `rows`.
    pub cols: DimExpr,
}

impl Type {
    /// The dimension names in it, as often as they occur.
    pub fn names(&self) -> Vec<&str> {
        let (mut names, mut open) = (vec![], vec![&self.cols, &self.rows]);
        while let Some(dim) = open.pop() {
            match dim {
                DimExpr::Integer(_) => {}
                DimExpr::Name(name) => names.push(name.as_str()),
                DimExpr::Sum(parts) | DimExpr::Product(parts) => open.extend(parts.iter().rev()),
            }
        }
        names
    }
}

impl std::fmt::Display for Type {
    /// As it is declared: `matrix(m, n)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            Kind::Scalar => f.write_str("scalar"),
            Kind::Vector => write!(f, "vector({})", sum(&self.rows)),
            Kind::Matrix => write!(f, "matrix({},{})", sum(&self.rows), sum(&self.cols)),
        }
    }
}

/// A dimension of a signature as it is typed: a sum of products, as deep as the grammar goes.
fn sum(dim: &DimExpr) -> String {
    let atom = |d: &DimExpr| match d {
        DimExpr::Integer(n) => n.to_string(),
        DimExpr::Name(name) => name.clone(),
        DimExpr::Sum(_) | DimExpr::Product(_) => String::new(),
    };
    let product = |d: &DimExpr| match d {
        DimExpr::Product(parts) => parts.iter().map(atom).collect::<Vec<_>>().join(" "),
        d => atom(d),
    };
    match dim {
        DimExpr::Sum(parts) => parts.iter().map(product).collect::<Vec<_>>().join(" + "),
        d => product(d),
    }
}

/// A parameter.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// Its name in the templates.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// An expression of a rule, parsed when it is first used: start-up reads only the outline of the files.
#[derive(Clone, Debug)]
pub struct Template {
    /// The text, with the file and line it stands in.
    pub source: Source,
    /// The whole file, and where in it the text starts.
    pub(crate) file: Option<(Source, usize)>,
    pub(crate) parsed: Arc<OnceLock<Result<Ast, Diagnostic>>>,
}

impl Default for Type {
    fn default() -> Type {
        Type { kind: Kind::Scalar, rows: DimExpr::Integer(1), cols: DimExpr::Integer(1) }
    }
}

impl Template {
    /// The template of a text.
    pub fn new(source: Source) -> Template {
        Template { source, file: None, parsed: Arc::default() }
    }

    /// The template of a part of a file that starts at `offset`.
    pub(crate) fn within(self, file: &Source, offset: usize) -> Template {
        Template { file: Some((file.clone(), offset)), ..self }
    }

    /// An error with its places in this text shown in the file the text stands in.
    #[must_use]
    pub fn placed(&self, mut error: Diagnostic) -> Diagnostic {
        let Some((file, offset)) = &self.file else { return error };
        for label in error.labels.iter_mut().filter(|l| l.source == self.source.text) {
            label.origin.clone_from(&file.origin);
            label.source.clone_from(&file.text);
            label.span = Span::new(label.span.start + offset, label.span.end + offset);
        }
        error
    }

    /// An error that is about all of this text.
    #[must_use]
    pub fn blamed(&self, error: Diagnostic, text: impl Into<String>) -> Diagnostic {
        self.placed(error.at(&self.source, Span::new(0, self.text().len()), text))
    }

    /// The expression, parsed when it is first asked for.
    pub fn ast(&self, catalog: &super::Catalog) -> Result<&Ast, Diagnostic> {
        let is_function = |name: &str| BUILTINS.contains(&name) || catalog.find(name).is_some();
        let read = || parse_expression(&self.source, &is_function, &Limits::default());
        self.parsed.get_or_init(read).as_ref().map_err(|e| self.placed(e.clone()))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// Whether a name occurs in it as a word.
    pub fn mentions(&self, name: &str) -> bool {
        mentions(self.text(), name)
    }
}

/// A condition of an entry or identity: `invertible(X)`.
#[derive(Clone, Debug)]
pub struct ConditionTemplate {
    /// The predicate's name.
    pub predicate: String,
    /// What it is said of.
    pub args: Vec<Template>,
}

/// Where a fact is published: a key of `rules/references.toml` and a place in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Citation {
    /// The key: `matrix-cookbook`.
    pub key: String,
    /// The place: `57`, `§2.6`.
    pub place: String,
}

/// In which direction an identity may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// `left = right`: the right side is simpler; used as a simplification.
    Simplify,
    /// `left <=> right`: neither side is simpler in general; extraction chooses.
    Both,
}

/// A named identity.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The name: `logdet-of-inverse`.
    pub name: String,
    /// The left side.
    pub left: Template,
    /// The right side.
    pub right: Template,
    /// Which way it may be used.
    pub direction: Direction,
    /// What must hold: properties of bound parts (`symmetric(S)`) or predicates.
    pub conditions: Vec<ConditionTemplate>,
    /// Types of the pattern variables: those of the entry, overridden by `where X: …`.
    pub variables: Vec<Parameter>,
    /// The dimensions that the types of the entry and of the identity name.
    pub sizes: Vec<String>,
    /// Where it is published.
    pub citations: Vec<Citation>,
}

/// An example: `logdet(X) wrt X => inv(X)^T`.
#[derive(Clone, Debug)]
pub struct Example {
    /// The function.
    pub expression: Template,
    /// What varies.
    pub wrt: String,
    /// The answer.
    pub answer: Template,
}

/// A property of the value and what it follows from: `gives symmetric if symmetric(X)`.
#[derive(Clone, PartialEq, Debug)]
pub struct Gives {
    /// The property.
    pub property: Properties,
    /// All of these must hold of the parameters with these indices.
    pub premises: Vec<(usize, Properties)>,
}

/// How the value is computed in the numeric evaluator.
#[derive(Clone, Debug)]
pub enum Numeric {
    /// By a primitive of the numeric evaluator with this name.
    Primitive(String),
    /// By an expression over other functions.
    Expression(Template),
}

/// What becomes of a function under a minus in front of its argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parity {
    /// `f(-x) = f(x)`.
    Even,
    /// `f(-x) = -f(x)`.
    Odd,
}

/// All that is known of a function.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The name that is typed.
    pub name: String,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The type of the value.
    pub result: Type,
    /// What it is, in a few words.
    pub about: String,
    /// The topic: the file it stands in, `matrix/determinant`.
    pub topic: String,
    /// Sources.
    pub citations: Vec<Citation>,
    /// Where it is defined.
    pub domain: Vec<ConditionTemplate>,
    /// Where, further, it is differentiable.
    pub smooth: Vec<ConditionTemplate>,
    /// Where, within the domain, it is continuous; `None` where only its differentiability is stated.
    pub continuous: Option<Vec<ConditionTemplate>>,
    /// Whether no value is negative.
    pub nonnegative: bool,
    /// Where the value is not zero; `None` where that is not stated.
    pub support: Option<Vec<ConditionTemplate>>,
    /// What is certain of the value.
    pub gives: Vec<Gives>,
    /// The differential, in the parameters and `dX` for each parameter `X`. Parameters whose differential it
    /// does not mention must not vary.
    pub differential: Option<Template>,
    /// For a function linear in a parameter: the index of that parameter and the adjoint in `G`.
    pub adjoints: Vec<(usize, Template)>,
    /// The value in numbers.
    pub numeric: Option<Numeric>,
    /// The notation by target: `latex`, `unicode`, `numpy`, …; `{X}` stands for an argument.
    pub notation: Vec<(String, String)>,
    /// Targets in which it cannot be written, with the reason.
    pub unsupported: Vec<(String, String)>,
    /// Flops in the dimensions of the signature.
    pub flops: Option<Template>,
    /// Identities that belong to it.
    pub identities: Identities,
    /// Examples.
    pub examples: Vec<Example>,
    /// Other ways to write a call: `norm(x, 1)` for `norm1(x)`: name, and the literal arguments that follow.
    pub aliases: Vec<(String, Vec<String>)>,
}

impl Entry {
    /// Whether it maps a scalar to a scalar and so may be applied entry by entry.
    pub fn is_scalar_function(&self) -> bool {
        matches!(self.parameters.as_slice(), [p] if p.ty.kind == Kind::Scalar)
            && self.result.kind == Kind::Scalar
    }

    /// What a minus in front of the one argument does, by an identity of the entry: `tanh(-x) = -tanh(x)`.
    pub fn parity(&self) -> Option<Parity> {
        let [p] = self.parameters.as_slice() else { return None };
        let turned = format!("{}(-{})", self.name, p.name);
        let identity = self.identities.iter().find(|i| i.left.text().trim() == turned)?;
        let plain = format!("{}({})", self.name, p.name);
        match identity.right.text().trim() {
            right if right == plain => Some(Parity::Even),
            right if right.strip_prefix('-') == Some(&plain) => Some(Parity::Odd),
            _ => None,
        }
    }

    /// Whether the parameter at this place may vary: its differential is mentioned, or it has an adjoint.
    pub fn varies(&self, place: usize) -> bool {
        let Some(p) = self.parameters.get(place) else { return false };
        let differential = format!("d{}", p.name);
        self.adjoints.iter().any(|(i, _)| *i == place)
            || self.differential.as_ref().is_some_and(|d| d.mentions(&differential))
    }
}

/// An operator of the language: its rules are part of the program, its citations and identities stand here.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The name: `product`.
    pub name: String,
    /// The operands.
    pub parameters: Vec<Parameter>,
    /// The type of the value.
    pub result: Type,
    /// How it is written and what it is.
    pub about: String,
    /// The topic: the file it stands in.
    pub topic: String,
    /// Sources of its rule of differentiation.
    pub citations: Vec<Citation>,
    /// Its rule of differentiation, for a reader.
    pub differential: Option<Template>,
    /// Its adjoints, for a reader.
    pub adjoints: Vec<(usize, Template)>,
    /// Identities that belong to it.
    pub identities: Identities,
    /// Examples.
    pub examples: Vec<Example>,
}

impl From<Entry> for Operator {
    fn from(e: Entry) -> Operator {
        Operator {
            name: e.name,
            parameters: e.parameters,
            result: e.result,
            about: e.about,
            topic: e.topic,
            citations: e.citations,
            differential: e.differential,
            adjoints: e.adjoints,
            identities: e.identities,
            examples: e.examples,
        }
    }
}

/// A predicate that conditions use: `invertible(X)`.
#[derive(Clone, Debug, Default)]
pub struct Predicate {
    /// The name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// How it reads: `{X} invertible`.
    pub text: String,
    /// How it reads of something that is no scalar, where that differs: `{x} > 0 in every entry`.
    pub entrywise: Option<String>,
    /// An expression that must not vanish where the predicate holds (in every entry, where it is no scalar).
    pub nonzero: Option<Template>,
    /// An expression that must be positive where the predicate holds (in every entry, where it is no scalar).
    pub positive: Option<Template>,
    /// Properties that imply it of the first parameter: `invertible` of `invertible(X)`.
    pub implied_by: Vec<Properties>,
}
