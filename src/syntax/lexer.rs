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

/// The kinds of words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    Name,
    Greek,
    Number,
    Plus,
    Minus,
    Star,
    Slash,
    Backslash,
    Power,
    DotStar,
    DotSlash,
    DotPower,
    DotPlus,
    DotMinus,
    Kronecker,
    Quote,
    /// `⊤`, which is `T` in an exponent.
    Top,
    /// `²`, `⁻¹`.
    Superscript,
    /// `ᵀ`, `⁻ᵀ`.
    SuperscriptTranspose,
    OpenRound,
    /// `.(`
    DotOpen,
    CloseRound,
    OpenSquare,
    CloseSquare,
    OpenBrace,
    CloseBrace,
    Comma,
    Colon,
    Equals,
    Arrow,
    /// A line break or `;`.
    Newline,
    /// None: where the text ends.
    End,
}

/// The word that a symbol is.
fn symbol(text: &str) -> Word {
    match text {
        "+" => Word::Plus,
        "-" | "−" => Word::Minus,
        "*" | "@" | "·" | "⋅" => Word::Star,
        "/" => Word::Slash,
        "\\" => Word::Backslash,
        "^" => Word::Power,
        ".*" | "⊙" | "∘" => Word::DotStar,
        "./" => Word::DotSlash,
        ".^" => Word::DotPower,
        ".+" => Word::DotPlus,
        ".-" | ".−" => Word::DotMinus,
        "⊗" => Word::Kronecker,
        "'" | ".'" | "′" | "’" => Word::Quote,
        "⊤" => Word::Top,
        "ᵀ" | "⁻ᵀ" => Word::SuperscriptTranspose,
        "(" => Word::OpenRound,
        ".(" => Word::DotOpen,
        ")" => Word::CloseRound,
        "[" => Word::OpenSquare,
        "]" => Word::CloseSquare,
        "{" => Word::OpenBrace,
        "}" => Word::CloseBrace,
        "," => Word::Comma,
        ":" => Word::Colon,
        "=" => Word::Equals,
        "->" | "→" => Word::Arrow,
        _ => Word::Newline,
    }
}

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
        let span = Span::new(pair.as_span().start(), pair.as_span().end());
        let word = match pair.as_rule() {
            Rule::name => Word::Name,
            Rule::symbol => symbol(pair.as_str()),
            Rule::number => {
                check_number(source, tokens.last(), span, limits)?;
                Word::Number
            }
            Rule::greek => Word::Greek,
            Rule::superscript => Word::Superscript,
            Rule::EOI => break,
            _ => return Err(characters::unexpected(source, span)),
        };
        tokens.push(Token { word, span });
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
        Some(before) if before.word == Word::Number && before.span.end == span.start => {
            let all = before.span.to(span);
            let text = source.text.get(all.start..all.end).unwrap_or_default();
            Err(Diagnostic::request("E0003", format!("`{text}` is not a number"))
                .at(source, all, "two decimal points")
                .help("a number is written `12`, `0.5` or `1e-3`"))
        }
        _ => Ok(()),
    }
}
