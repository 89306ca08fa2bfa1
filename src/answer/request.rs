//! What may be asked, with the keys of a batch request.
//!
//! In: a line of JSON, or the options of the command line. Out: [`Request`].
//! Invariant: a key that is not known is an error, never ignored.
//!
//! `{"id":1,"expr":"x^T A x","wrt":["x"],"emit":["numpy"]}`

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::diagnostic::Diagnostic;

/// One request; only `expr` is required.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// Given back with the answer.
    pub id: Value,
    /// The function, after its declarations and named parts; newlines and `;` separate the lines.
    pub expr: String,
    /// Declarations: `A: matrix(n,n) symmetric`.
    #[serde(rename = "let")]
    pub lets: Vec<String>,
    /// What varies. Absent: every variable that is not constant. Empty: the expression is only read.
    pub wrt: Option<Vec<String>>,
    /// How often to differentiate.
    pub order: usize,
    /// Whether linear operators on matrices are given in Kronecker form.
    pub vec: bool,
    /// Whether a structured matrix varies by its independent entries.
    pub free_entries: bool,
    /// The directions of a directional derivative, one for each varying variable.
    pub at: Option<Vec<String>>,
    /// Targets to emit code for.
    pub emit: Vec<String>,
    /// Whether to give the derivation.
    pub steps: bool,
    /// Whether to count flops.
    pub cost: bool,
    /// Whether to check the answer in numbers.
    pub check: bool,
    /// Numbers for dimensions in the flop counts.
    pub dims: BTreeMap<String, u64>,
}

impl Default for Request {
    fn default() -> Request {
        Request {
            id: Value::Null,
            expr: String::new(),
            lets: vec![],
            wrt: None,
            order: 1,
            vec: false,
            free_entries: false,
            at: None,
            emit: vec![],
            steps: false,
            cost: false,
            check: true,
            dims: BTreeMap::new(),
        }
    }
}

impl Request {
    /// The request for this expression, with everything else as by default.
    pub fn new(expr: impl Into<String>) -> Request {
        Request { expr: expr.into(), ..Request::default() }
    }

    /// Reads a line of a batch: its `id`, where that much can be read, and the request.
    pub fn from_json(line: &str) -> (Value, Result<Request, Diagnostic>) {
        let value: Value = match serde_json::from_str(line) {
            Ok(value) => value,
            Err(e) => return (Value::Null, Err(not_a_request(&e))),
        };
        let Value::Object(keys) = &value else {
            let message = "a batch line must be a JSON object with at least the key \"expr\"";
            return (Value::Null, Err(Diagnostic::request("E0603", message)));
        };
        let id = keys.get("id").cloned().unwrap_or_default();
        if !keys.contains_key("expr") {
            return (id, Err(Diagnostic::request("E0604", "the request has no \"expr\"")));
        }
        (id, serde_json::from_value(value).map_err(|e| not_a_request(&e)))
    }
}

fn not_a_request(error: &serde_json::Error) -> Diagnostic {
    let code = if error.is_data() { "E0602" } else { "E0601" };
    let help = "one request a line, for example {\"id\":1,\"expr\":\"x^T A x\",\"wrt\":[\"x\"]}";
    Diagnostic::request(code, format!("not a batch request: {error}")).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_expression_is_required() {
        let read = Request::from_json(r#"{"expr":"x^T x"}"#).1.unwrap();
        assert_eq!(read, Request::new("x^T x"));
        assert!(read.check && read.wrt.is_none() && read.order == 1);
    }

    #[test]
    fn an_unknown_key_is_named_and_the_id_kept() {
        let (id, read) = Request::from_json(r#"{"id":[7],"expr":"x","worth":["x"]}"#);
        let error = read.unwrap_err();
        assert_eq!(id, serde_json::json!([7]));
        assert!(error.message.contains("`worth`"), "{error}");
    }

    #[test]
    fn what_is_no_request_is_an_error() {
        for line in ["", "{", "[]", "3", "{}", r#"{"expr":3}"#, r#"{"expr":"x","order":-1}"#] {
            assert!(Request::from_json(line).1.is_err(), "{line}");
        }
        let deep = "[".repeat(100_000);
        assert!(Request::from_json(&deep).1.is_err());
    }
}
