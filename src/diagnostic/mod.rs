//! What went wrong, where, and how to mend it: one structure for people and for machines.
//!
//! In: a code, a message, places in the source. Out: a [`Diagnostic`], rendered with a caret under the place
//! or serialised as the `error` object of a batch answer.
//! Invariant: text taken from the user is shown with control and bidi characters escaped.

mod codes;
mod plain;
mod render;

use std::fmt;

pub use codes::CODES;
pub use plain::{code_point, escape, excerpt, is_invisible, json};
pub use render::{render, to_json};

/// The name of the source that an expression on the command line or in a batch request is.
pub const EXPRESSION: &str = "<expression>";

/// A half-open range of bytes in one source text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// `start..end`.
    pub const fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    /// The least span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Why a request was not answered; decides the exit status.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Failure {
    /// The request is wrong: exit status 1.
    Request,
    /// The call's options are wrong: exit status 2.
    Usage,
    /// A limit was met: exit status 3.
    Limit,
    /// A mistake in this program, caught by a check: exit status 1, never a wrong answer.
    Internal,
}

/// A place in a source with a word on what is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The name of the source: `<expression>`, `--let 1`, a file.
    pub origin: String,
    /// The whole source text.
    pub source: std::sync::Arc<str>,
    /// The place.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// An error with its place and its mend.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// A stable code, `E0012`; listed in the documentation.
    pub code: &'static str,
    /// Whose fault it is.
    pub failure: Failure,
    /// One sentence.
    pub message: String,
    /// Places, the main one first.
    pub labels: Vec<Label>,
    /// How to mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error in the request without a place yet.
    pub fn request(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, failure: Failure::Request, message: message.into(), labels: vec![], help: None }
    }

    /// A call with wrong options.
    pub fn usage(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { failure: Failure::Usage, ..Diagnostic::request(code, message) }
    }

    /// A limit that was met; `help` names the option that raises it.
    pub fn limit(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        Diagnostic { failure: Failure::Limit, help: Some(help.into()), ..Diagnostic::request(code, message) }
    }

    /// Whether a limit was met: another way may lead to an answer within it.
    pub fn is_limit(&self) -> bool {
        self.failure == Failure::Limit
    }

    /// A mistake in this program.
    pub fn internal(message: impl Into<String>) -> Diagnostic {
        let help = "this is a bug in matgrad; please report it with the input";
        Diagnostic {
            failure: Failure::Internal,
            help: Some(help.into()),
            ..Diagnostic::request("E0900", message)
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, source: &Source, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            origin: source.origin.clone(),
            source: source.text.clone(),
            span,
            text: text.into(),
        });
        self
    }

    /// Adds the mend.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// A text that was read, with the name a diagnostic gives it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The name.
    pub origin: String,
    /// The text.
    pub text: std::sync::Arc<str>,
}

impl Source {
    /// A source.
    pub fn new(origin: impl Into<String>, text: &str) -> Source {
        Source { origin: origin.into(), text: text.into() }
    }
}
