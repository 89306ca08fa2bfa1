//! How much of anything a request may take.
use crate::diagnostic::Diagnostic;
/// The limits of one request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Names that are used but not declared.
    pub names: usize,
}
impl Default for Limits {
    fn default() -> Limits {
        Limits { names: 256 }
    }
}
impl Limits {
    /// The error for a limit that was met.
    pub fn met(&self, name: &str) -> Diagnostic {
        Diagnostic::limit("E0800", format!("limit met: {name}"), "raise it")
    }
}
