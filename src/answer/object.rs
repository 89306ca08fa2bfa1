//! What comes back, with the keys of a batch answer.
//!
//! In: the parts of an answer. Out: [`Answer`], serialised as one JSON object.
//! Invariant: the order of keys is fixed, and the same request gives the same bytes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, to_json};
use crate::emit::DerivativeKind;
use crate::explain::Step;
use crate::print::Term;
use crate::simplify::Work;

use super::cost::Cost;

/// The version of the answer's form; raised when a key changes its meaning.
pub const SCHEMA: u32 = 1;

/// The answer to one request.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Answer {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The request's.
    pub id: Value,
    /// True; an error is another object, see [`Refusal`].
    pub ok: bool,
    /// The function as it was read.
    pub function: Term,
    /// All variables of the request.
    pub variables: Vec<VariableType>,
    /// The functions left abstract: `vector(n) -> vector(p)`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<VariableType>,
    /// df; absent where nothing varies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differential: Option<Term>,
    /// One derivative for each varying variable.
    pub derivatives: Vec<Derivative>,
    /// Where the function is defined and the derivative holds.
    pub conditions: Vec<String>,
    /// Remarks: linear, affine, another form, the convention used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The derivation, where it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What the function and its derivatives take; absent where it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Emitted code by target.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub code: BTreeMap<String, String>,
    /// The outcome of the numeric check; absent where none was asked for or nothing was derived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckOutcome>,
    /// Limits that were met on the way; the answer is right but may be larger than need be.
    pub limits: Vec<String>,
    /// Shared parts of an answer too large to print as a tree.
    #[serde(rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<NamedPart>,
    /// The conditions and remarks in ASCII.
    #[serde(skip)]
    pub plain: Plain,
    /// What was done to derive and simplify, counted.
    #[serde(skip)]
    pub work: Work,
}

/// Sentences in ASCII.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plain {
    /// See [`Answer::conditions`].
    pub conditions: Vec<String>,
    /// See [`Answer::notes`].
    pub notes: Vec<String>,
}

/// A variable and its type.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct VariableType {
    /// Its name.
    pub name: String,
    /// `matrix(n, n) symmetric`.
    #[serde(rename = "type")]
    pub ty: String,
}

/// A derivative in one variable.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Derivative {
    /// The variable.
    pub wrt: String,
    /// What the derivative is.
    pub kind: DerivativeKind,
    /// Its closed form.
    pub result: Term,
}

/// How the answer compared with the function at random points.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CheckOutcome {
    /// Whether all agreed.
    pub passed: bool,
    /// At how many points.
    pub points: usize,
    /// The largest relative error.
    pub max_error: f64,
    /// What was compared, and the error of each at every point: `matgrad check` shows them.
    #[serde(skip)]
    pub details: Vec<CheckDetail>,
}

/// A part of an answer at one point of its check.
#[derive(Clone, PartialEq, Debug)]
pub struct CheckDetail {
    /// What was compared with the function: `df`, `gradient x`.
    pub claim: String,
    /// The sizes of the dimensions.
    pub sizes: Vec<(String, i64)>,
    /// The relative error.
    pub error: f64,
}

/// A shared part of a large answer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct NamedPart {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Term,
}

/// The object that takes an answer's place when there is none.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Refusal {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The request's.
    pub id: Value,
    /// False.
    pub ok: bool,
    /// Why.
    pub error: Value,
}

impl Refusal {
    /// The refusal of a request for this reason.
    pub fn new(id: Value, error: &Diagnostic) -> Refusal {
        Refusal { schema: SCHEMA, id, ok: false, error: to_json(error) }
    }
}
