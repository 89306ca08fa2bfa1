//! From text to words.
//!
//! In: a [`Source`]. Out: [`Token`]s, without blanks and comments.
//! Invariant: the words are in order and each lies on character boundaries of the text.

use pest::Parser;
use pest_derive::Parser;

use super::characters;
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::limits::Limits;

#[derive(Parser)]
#[grammar = "../grammar/expr.pest"]
struct Lexer;

pub(super) use Rule as Word;

/// One word of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// Which word.
    pub word: Word,
    /// Where.
    pub span: Span,
}

/// The bytes of a file or of standard input as a source.
pub fn decode(origin: &str, bytes: &[u8], limits: &Limits) -> Result<Source, Diagnostic> {
    if bytes.len() > limits.input_bytes {
        return Err(limits.met("input"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(origin, text)),
        Err(error) => {
            let at = error.valid_up_to();
            let source = Source::new(origin, &String::from_utf8_lossy(bytes));
            let byte = bytes.get(at).copied().unwrap_or_default();
            Err(Diagnostic::request("E0018", format!("the input is not UTF-8: byte {at} is 0x{byte:02X}"))
                .at(&source, Span::new(at, at + 1), "here")
                .help("save the text as UTF-8"))
        }
    }
}

/// All words of a text.
pub(super) fn lex(source: &Source, limits: &Limits) -> Result<Vec<Token>, Diagnostic> {
    let text = &*source.text;
    if text.len() > limits.input_bytes {
        return Err(limits.met("input"));
    }
    let pairs = Lexer::parse(Rule::text, text)
        .map_err(|e| Diagnostic::internal(format!("the lexer stopped: {}", e.variant.message())))?;
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 2 + 1);
    for pair in pairs {
        let word = pair.as_rule();
        let span = pair.as_span();
        let token = Token { word, span: Span::new(span.start(), span.end()) };
        match word {
            Rule::EOI => break,
            Rule::unknown => return Err(characters::unexpected(source, token.span)),
            Rule::number => check_number(source, tokens.last(), token.span, limits)?,
            _ => {}
        }
        tokens.push(token);
    }
    Ok(tokens)
}

/// `1.2.3` is read as `1.2` and `.3`, but is no product of them.
fn check_number(
    source: &Source,
    before: Option<&Token>,
    span: Span,
    limits: &Limits,
) -> Result<(), Diagnostic> {
    if span.end - span.start > limits.digits {
        return Err(limits.met("digits"));
    }
    match before {
        Some(before) if before.word == Rule::number && before.span.end == span.start => {
            let all = before.span.to(span);
            let text = source.text.get(all.start..all.end).unwrap_or_default();
            Err(Diagnostic::request("E0003", format!("`{text}` is not a number"))
                .at(source, all, "two decimal points")
                .help("a number is written `12`, `0.5` or `1e-3`"))
        }
        _ => Ok(()),
    }
}
