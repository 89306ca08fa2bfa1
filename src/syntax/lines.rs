//! From words to the lines of a program.
//!
//! In: the words of a text. Out: its logical lines, without the line breaks that continue one.
//! Invariant: a line break ends a line unless a bracket is open, an operator stands on either side of it, or the next
//! line is indented deeper than the line it would continue and declares or names nothing.

use super::lexer::{Token, Word};
use crate::diagnostic::{Source, Span};

/// A logical line: its words, and where it ends.
pub(super) struct Line {
    pub tokens: Vec<Token>,
}

impl Line {
    /// The place of the whole line.
    pub fn span(&self) -> Span {
        match (self.tokens.first(), self.tokens.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        }
    }

    /// Whether it is `name: …`.
    pub fn declares(&self) -> bool {
        begins(&self.tokens, Word::Colon)
    }

    /// Whether it is `name = …`.
    pub fn names(&self) -> bool {
        begins(&self.tokens, Word::Equals)
    }
}

fn begins(tokens: &[Token], mark: Word) -> bool {
    matches!(tokens, [name, second, ..] if matches!(name.word, Word::Name | Word::Greek) && second.word == mark)
}

/// Operators that cannot end an expression.
fn leaves_open(word: Word) -> bool {
    joins(word) || matches!(word, Word::Minus | Word::Comma | Word::Equals | Word::Colon | Word::Arrow)
}

/// Operators that cannot begin an expression.
fn joins(word: Word) -> bool {
    matches!(
        word,
        Word::Plus
            | Word::Star
            | Word::Slash
            | Word::Backslash
            | Word::Power
            | Word::DotStar
            | Word::DotSlash
            | Word::DotPower
            | Word::DotPlus
            | Word::DotMinus
            | Word::Kronecker
    )
}

/// Splits a text into logical lines; empty ones are left out.
pub(super) fn split(source: &Source, tokens: &[Token]) -> Vec<Line> {
    let semicolon = |t: &Token| source.text.as_bytes().get(t.span.start) == Some(&b';');
    let indent = |from: usize, t: &Token| t.span.start - from;
    let (mut lines, mut line) = (vec![], Line { tokens: vec![] });
    let (mut depth, mut margin, mut begin) = (0usize, 0usize, 0usize);
    for (i, token) in tokens.iter().enumerate() {
        if token.word != Word::Newline {
            match token.word {
                Word::OpenRound | Word::DotOpen | Word::OpenSquare | Word::OpenBrace => depth += 1,
                Word::CloseRound | Word::CloseSquare | Word::CloseBrace => depth = depth.saturating_sub(1),
                _ => {}
            }
            if line.tokens.is_empty() {
                margin = indent(begin, token);
            }
            line.tokens.push(*token);
            continue;
        }
        if semicolon(token) {
            // In brackets it stays, and is an error there.
            if depth > 0 {
                line.tokens.push(*token)
            } else {
                finish(&mut lines, &mut line)
            }
            continue;
        }
        begin = token.span.end;
        let rest = tokens.get(i + 1..).unwrap_or_default();
        let Some(next) = rest.first() else { break };
        let open = depth > 0 || line.tokens.last().is_none_or(|last| leaves_open(last.word));
        let new = begins(rest, Word::Colon) || begins(rest, Word::Equals) || line.declares();
        let deeper = next.word != Word::Newline && indent(begin, next) > margin && !new;
        if !open && !joins(next.word) && !deeper {
            finish(&mut lines, &mut line);
        }
    }
    finish(&mut lines, &mut line);
    lines
}

fn finish(lines: &mut Vec<Line>, line: &mut Line) {
    if !line.tokens.is_empty() {
        lines.push(Line { tokens: std::mem::take(&mut line.tokens) });
    }
}
