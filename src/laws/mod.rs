//! The laws of a catalogue in numbers: every differential, adjoint and identity, and what is said of values.
//!
//! In: a [`Catalog`]. Out: a [`Finding`] for each law, or a catalogue with a user's rules that passed.
//! Invariant: a rule that is found not to hold, or of which nothing can be found, is never admitted.
//!
//! `admit(&catalog, &source)` reads a rules file; `examine(&catalog)` is `matgrad check`.

mod counterexample;
mod law;
mod points;
mod setting;
mod value;

use std::sync::Arc;

use crate::catalog::{Catalog, ConditionTemplate, Entry, Identity, Template};
use crate::diagnostic::{Diagnostic, Source};
use crate::expr::{FnId, Kind, Properties};

pub use counterexample::{Counterexample, matrix, number};
pub use law::Verdict;
use law::{Law, Relation, judge};
pub use setting::Setting;
use value::Saying;

/// What sort of law it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// A function's differential.
    Differential,
    /// The adjoint of a linear function.
    Adjoint,
    /// An identity.
    Identity,
    /// Where the value is.
    Domain,
    /// That no value is negative.
    Range,
    /// Where the value is not zero.
    Support,
    /// Where the value is continuous.
    Continuity,
}

impl Sort {
    /// All of them.
    pub const ALL: [Sort; 7] = [
        Sort::Differential,
        Sort::Adjoint,
        Sort::Identity,
        Sort::Domain,
        Sort::Range,
        Sort::Support,
        Sort::Continuity,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Sort::Differential => "differential",
            Sort::Adjoint => "adjoint",
            Sort::Identity => "identity",
            Sort::Domain => "domain",
            Sort::Range => "range",
            Sort::Support => "support",
            Sort::Continuity => "continuity",
        }
    }

    /// The word for many.
    pub fn plural(self) -> &'static str {
        match self {
            Sort::Differential => "differentials",
            Sort::Adjoint => "adjoints",
            Sort::Identity => "identities",
            Sort::Domain => "domains",
            Sort::Range => "ranges",
            Sort::Support => "supports",
            Sort::Continuity => "continuity",
        }
    }
}

/// A law and what was found of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// What sort of law it is.
    pub sort: Sort,
    /// The function, or the identity's name.
    pub name: String,
    /// The file and line.
    pub place: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// The same as an error, where it does not.
    pub error: Option<Diagnostic>,
}

/// The catalogue with a user's rules file, every law of which was found to hold.
///
/// # Errors
/// The first rule that cannot be read, does not fit or does not hold, with its place.
pub fn admit(catalog: &Catalog, source: &Source) -> Result<Arc<Catalog>, Diagnostic> {
    let (functions, operators) = (catalog.functions().count(), catalog.operators().len());
    let extended = catalog.with_rules(source)?;
    match examine_after(&extended, functions, operators).into_iter().find_map(|f| f.error) {
        Some(error) => Err(error),
        None => Ok(extended),
    }
}

/// Tries every law of a catalogue.
pub fn examine(catalog: &Arc<Catalog>) -> Vec<Finding> {
    examine_after(catalog, 0, 0)
}

fn examine_after(catalog: &Arc<Catalog>, functions: usize, operators: usize) -> Vec<Finding> {
    let own = catalog.functions().skip(functions).flat_map(|(f, _)| examine_function(catalog, f));
    let of_functions = catalog.functions().skip(functions).flat_map(|(_, e)| e.identities.iter());
    let of_operators = catalog.operators().iter().skip(operators).flat_map(|o| o.identities.iter());
    own.chain(of_functions.chain(of_operators).map(|law| examine_identity(catalog, law))).collect()
}

/// Tries what an entry states of its function, its identities aside.
pub fn examine_function(catalog: &Arc<Catalog>, f: FnId) -> Vec<Finding> {
    let entry = catalog.entry(f);
    let mut found = vec![];
    if let Some(d) = &entry.differential {
        let verdict = differential(catalog, f, entry, d).and_then(|mut law| judge(&mut law));
        found.push(finding(Sort::Differential, &entry.name, Some(d), verdict));
    }
    for (place, a) in &entry.adjoints {
        let verdict = adjoint(catalog, f, entry, (*place, a)).and_then(|mut law| judge(&mut law));
        found.push(finding(Sort::Adjoint, &entry.name, Some(a), verdict));
    }
    for (sort, saying, conditions) in sayings(catalog, entry) {
        let place = conditions.iter().find_map(|c| c.args.first()).or(entry.differential.as_ref());
        let verdict = said(catalog, f, entry, saying, conditions);
        found.push(finding(sort, &entry.name, place, verdict));
    }
    found
}

/// Tries one identity.
pub fn examine_identity(catalog: &Arc<Catalog>, law: &Identity) -> Finding {
    let verdict = identity(catalog, law).and_then(|mut law| judge(&mut law));
    finding(Sort::Identity, &law.name, Some(&law.right), verdict)
}

/// What an entry says of its value, with the conditions under which it says so.
fn sayings<'e>(catalog: &Catalog, entry: &'e Entry) -> Vec<(Sort, Saying, &'e [ConditionTemplate])> {
    let mut all = vec![];
    // Whether a condition holds is known where it is one of numbers, or of a property.
    let in_numbers = |c: &ConditionTemplate| {
        let predicate = catalog.predicate(&c.predicate).map(|p| catalog.predicate_entry(p));
        predicate.is_none_or(|p| {
            p.nonzero.is_some() || p.positive.is_some() || Properties::parse(&p.name).is_some()
        })
    };
    // What numbers count, as the k of σ_k, ends where no condition says.
    let counts = entry.parameters.len() > 1 && entry.parameters.iter().any(|p| p.ty.kind == Kind::Scalar);
    if entry.numeric.is_some() && !counts && entry.domain.iter().all(in_numbers) {
        all.push((Sort::Domain, Saying::Domain, &[][..]));
    }
    if entry.nonnegative {
        all.push((Sort::Range, Saying::Range, &[][..]));
    }
    all.extend(entry.support.as_deref().map(|c| (Sort::Support, Saying::Support, c)));
    all.extend(entry.continuous.as_deref().map(|c| (Sort::Continuity, Saying::Continuity, c)));
    all
}

fn said(
    catalog: &Arc<Catalog>,
    f: FnId,
    entry: &Entry,
    saying: Saying,
    conditions: &[ConditionTemplate],
) -> Result<Verdict, Diagnostic> {
    valued(entry)?;
    value::judge(&mut Setting::of_value(catalog, entry)?, f, saying, conditions)
}

fn finding(
    sort: Sort,
    name: &str,
    template: Option<&Template>,
    verdict: Result<Verdict, Diagnostic>,
) -> Finding {
    let blamed = |error: Diagnostic, label: String| match template {
        Some(template) if error.labels.is_empty() => template.blamed(error, label),
        _ => error,
    };
    let (verdict, error) = match verdict {
        Err(error) => {
            let error = blamed(error, "stated here".into());
            (Verdict::Unknown(error.message.clone()), Some(error))
        }
        Ok(verdict) => {
            let error = complaint(sort, name, &verdict).map(|(error, label)| blamed(error, label));
            (verdict, error)
        }
    };
    let place = template.map(|t| t.source.origin.clone()).unwrap_or_default();
    Finding { sort, name: name.to_owned(), place, verdict, error }
}

/// What is wrong, as an error and what is said at its place.
fn complaint(sort: Sort, name: &str, verdict: &Verdict) -> Option<(Diagnostic, String)> {
    let law = match sort {
        Sort::Identity => format!("the identity `{name}`"),
        other => format!("the {} of `{name}`", other.word()),
    };
    match verdict {
        Verdict::Holds { .. } => None,
        Verdict::Fails(at) => {
            let (left, right) = (at.left(), at.right());
            let label = match sort {
                Sort::Identity => format!("this is {right}, the other side {left}"),
                Sort::Differential => format!("this is {right}, the derivative of the value {left}"),
                Sort::Adjoint => format!("the inner product with this is {right}, not {left}"),
                Sort::Domain => "there is no value".into(),
                Sort::Range | Sort::Support | Sort::Continuity => format!("the value is {left}"),
            };
            let error = Diagnostic::request("E0710", format!("{law} does not hold"));
            Some((error.help(format!("a counterexample: {}", at.point())), label))
        }
        Verdict::Unknown(why) => {
            let error = Diagnostic::request("E0711", format!("{law} cannot be checked: {why}"));
            Some((error, "stated here".into()))
        }
    }
}

/// Fails for a function without a value to hold its rules against.
fn valued(entry: &Entry) -> Result<(), Diagnostic> {
    match entry.numeric {
        Some(_) => Ok(()),
        None => {
            let text = format!("`{}` has no value in numbers, so its rules cannot be checked", entry.name);
            let help = "add `numeric` with an expression over other functions";
            Err(Diagnostic::request("E0711", text).help(help))
        }
    }
}

fn differential(
    catalog: &Arc<Catalog>,
    f: FnId,
    entry: &Entry,
    stated: &Template,
) -> Result<Law, Diagnostic> {
    valued(entry)?;
    let mut setting = Setting::of_entry(catalog, entry)?;
    let left = setting.call(f);
    let shape = setting.graph.shape(left);
    let right = setting.read_as(stated, shape)?;
    Ok(Law { setting, relation: Relation::Differential, left, right })
}

fn adjoint(
    catalog: &Arc<Catalog>,
    f: FnId,
    entry: &Entry,
    (place, stated): (usize, &Template),
) -> Result<Law, Diagnostic> {
    valued(entry)?;
    let mut setting = Setting::of_entry(catalog, entry)?;
    let left = setting.call(f);
    let variable = |name: &str| setting.graph.variable_named(name);
    let of = entry.parameters.get(place).and_then(|p| variable(&p.name));
    let (Some(cotangent), Some(of)) = (variable("G"), of) else {
        return Err(Diagnostic::internal("an adjoint without its variables"));
    };
    let shape = setting.graph.variable(of).shape;
    let right = setting.read_as(stated, shape)?;
    Ok(Law { setting, relation: Relation::Adjoint { cotangent, of }, left, right })
}

fn identity(catalog: &Arc<Catalog>, law: &Identity) -> Result<Law, Diagnostic> {
    let mut setting = Setting::of_identity(catalog, law)?;
    let left = setting.read(&law.left)?;
    let shape = setting.graph.shape(left);
    let right = setting.read_as(&law.right, shape)?;
    Ok(Law { setting, relation: Relation::Equal, left, right })
}

#[cfg(test)]
mod tests;
