//! An answer as it is given to the checker.
//!
//! In: a line of JSON. Out: [`Given`]. Invariant: only texts are taken over; trees, sizes and code are not looked at.
//! Example: `{"ok":true,"function":{"ascii":"x^T x"},…,"steps":[…]}`.

use serde::Deserialize;
use serde_json::Value;

use crate::explain::Step;

/// The parts of an answer that are looked at.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    pub id: Value,
    pub ok: bool,
    pub function: Option<Text>,
    #[serde(default)]
    pub variables: Vec<Typed>,
    #[serde(default)]
    pub functions: Vec<Typed>,
    pub differential: Option<Text>,
    #[serde(default)]
    pub derivatives: Vec<Derivative>,
    #[serde(default)]
    pub conditions: Vec<String>,
    #[serde(default)]
    pub notes: Vec<String>,
    #[serde(default)]
    pub steps: Vec<Step>,
}

#[derive(Deserialize)]
pub(super) struct Text {
    pub ascii: String,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    pub name: String,
    #[serde(rename = "type")]
    pub ty: String,
}

#[derive(Deserialize)]
pub(super) struct Derivative {
    pub wrt: String,
    pub kind: String,
    pub result: Text,
}
