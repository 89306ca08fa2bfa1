//! Declarations: `A: matrix(m, n) symmetric`, `k: integer`, `g: vector(p) -> vector(m)`.
//!
//! In: the words of one line. Out: a [`Declaration`].
//! Invariant: every dimension is a positive whole number, a name, or a sum or product of these, and small.

use super::ast::*;
use super::lexer::{Token, Word};
use super::lines::Line;
use super::names::spell;
use super::parser::{self, Scope};
use crate::diagnostic::{Diagnostic, Source, Span, excerpt};
use crate::expr::{Kind, Number, Properties};
use crate::limits::Limits;

/// No array is larger in one direction.
const LARGEST: i64 = 1_000_000_000;
/// The most parts of one dimension.
const PARTS: usize = 64;

struct Reader<'a> {
    source: &'a Source,
    limits: &'a Limits,
    line: &'a Line,
    at: usize,
}

/// Reads one line that must be a declaration.
pub(super) fn declaration(source: &Source, line: &Line, limits: &Limits) -> Result<Declaration, Diagnostic> {
    let mut reader = Reader { source, limits, line, at: 0 };
    let (name, span) = reader.name()?;
    let mut ty = reader.ty()?;
    let declared = match reader.peek() {
        Some(t) if t.word == Word::Arrow => {
            reader.at += 1;
            let value = reader.ty()?;
            Declared::Function(ty, value)
        }
        _ => {
            ty.span = ty.span.to(reader.before());
            Declared::Variable(ty)
        }
    };
    match reader.peek() {
        None => Ok(Declaration { name, span, declared, source: source.clone() }),
        Some(t) => Err(reader.stray(t)),
    }
}

impl Reader<'_> {
    fn peek(&self) -> Option<Token> {
        self.line.tokens.get(self.at).copied()
    }

    fn text(&self, span: Span) -> &str {
        self.source.text.get(span.start..span.end).unwrap_or_default()
    }

    fn before(&self) -> Span {
        self.at.checked_sub(1).and_then(|i| self.line.tokens.get(i)).map_or(self.line.span(), |t| t.span)
    }

    fn here(&self) -> Span {
        let end = self.line.span().end;
        self.peek().map_or(Span::new(end, end), |t| t.span)
    }

    fn error(&self, message: impl Into<String>, place: Span) -> Diagnostic {
        Diagnostic::request("E0010", message)
            .at(self.source, place, "here")
            .help("a declaration reads `A: matrix(m, n) symmetric`, `x: vector(n)`, `a: scalar`, `k: integer` or `g: vector(n) -> scalar`")
    }

    /// `name :`.
    fn name(&mut self) -> Result<(String, Span), Diagnostic> {
        if self.line.declares() {
            let span = self.peek().map_or(Span::default(), |t| t.span);
            self.at = 2;
            return Ok((spell(self.text(span)), span));
        }
        let span = self.line.span();
        match self.line.tokens.iter().position(|t| t.word == Word::Colon) {
            Some(0) => Err(self.error("expected a name before `:`", span)),
            Some(i) => {
                let last = self.line.tokens.get(i - 1).map_or(span, |t| t.span);
                let place = Span::new(span.start, last.end);
                let text = excerpt(self.text(place));
                Err(self.error(format!("`{text}` is not a name"), place))
            }
            None => {
                let text = excerpt(self.text(span));
                Err(self.error(format!("expected a declaration `name: type`, found `{text}`"), span))
            }
        }
    }

    /// A kind, its dimensions, and properties.
    fn ty(&mut self) -> Result<TypeExpr, Diagnostic> {
        let start = self.here();
        let word = self.text(start).to_string();
        let (kind, integer) = match (self.peek().map(|t| t.word), word.as_str()) {
            (Some(Word::Name), "scalar") => (Kind::Scalar, false),
            (Some(Word::Name), "integer") => (Kind::Scalar, true),
            (Some(Word::Name), "vector") => (Kind::Vector, false),
            (Some(Word::Name), "matrix") => (Kind::Matrix, false),
            (None, _) => return Err(self.error("expected a type after `:`, found the end", start)),
            (_, word) if Properties::parse(word).is_some() => {
                return Err(self.error(format!("expected a type; the property `{word}` follows it"), start));
            }
            (_, word) => {
                let message = format!("expected `scalar`, `vector` or `matrix`, found `{}`", excerpt(word));
                return Err(self.error(message, start));
            }
        };
        self.at += 1;
        let dims = match self.peek() {
            Some(t) if t.word == Word::OpenRound => Some(self.dims(&word, kind, start)?),
            _ if kind == Kind::Scalar => Some(vec![]),
            _ => None,
        };
        let mut properties = if integer { Properties::INTEGER } else { Properties::NONE };
        while let Some(t) = self.peek().filter(|t| t.word == Word::Name) {
            properties = properties.with(self.property(t, kind, dims.as_deref())?);
            self.at += 1;
        }
        Ok(TypeExpr { kind, dims, properties, span: start.to(self.before()) })
    }

    fn property(&self, t: Token, kind: Kind, dims: Option<&[DimExpr]>) -> Result<Properties, Diagnostic> {
        use Properties as P;
        let word = self.text(t.span);
        let Some(property) = Properties::parse(word) else {
            let words: Vec<&str> = Properties::WORDS.iter().map(|(_, w)| *w).collect();
            return Err(self
                .error(format!("`{}` is not a property", excerpt(word)), t.span)
                .help(format!("properties: {}", words.join(", "))));
        };
        let any = P::POSITIVE.with(P::CONSTANT);
        if kind != Kind::Matrix && !any.has(property) && !(kind == Kind::Scalar && property == P::INTEGER) {
            return Err(self.error(format!("`{word}` is a property of matrices"), t.span));
        }
        if kind == Kind::Matrix && property == P::INTEGER {
            return Err(self.error("`integer` is a property of scalars", t.span));
        }
        let square = !any.with(P::LOWER).with(P::UPPER).has(property);
        match dims {
            Some([rows, cols]) if square && rows != cols => Err(self
                .error(format!("`{word}` needs a square matrix"), t.span)
                .help(format!("write `matrix(n, n) {word}`"))),
            _ => Ok(property),
        }
    }

    /// `(m, n)`.
    fn dims(&mut self, word: &str, kind: Kind, start: Span) -> Result<Vec<DimExpr>, Diagnostic> {
        self.at += 1;
        let mut dims = vec![];
        loop {
            let from = self.at;
            let mut depth = 0usize;
            while let Some(t) = self.peek() {
                match t.word {
                    Word::OpenRound | Word::DotOpen => depth += 1,
                    Word::Comma | Word::CloseRound if depth == 0 => break,
                    Word::CloseRound => depth -= 1,
                    _ => {}
                }
                self.at += 1;
            }
            let Some(end) = self.peek() else {
                return Err(self.error("unclosed `(`: expected `)`", start.to(self.before())));
            };
            let tokens = self.line.tokens.get(from..self.at).unwrap_or_default();
            dims.push(self.dim(tokens, end.span)?);
            self.at += 1;
            if end.word == Word::CloseRound {
                break;
            }
        }
        let wanted = match kind {
            Kind::Scalar => 0,
            Kind::Vector => 1,
            Kind::Matrix => 2,
        };
        if dims.len() != wanted {
            let sizes = if wanted == 1 { "size" } else { "sizes" };
            return Err(self.error(
                format!("`{word}` takes {wanted} {sizes}, found {}", dims.len()),
                start.to(self.before()),
            ));
        }
        Ok(dims)
    }

    /// One dimension.
    fn dim(&self, tokens: &[Token], end: Span) -> Result<DimExpr, Diagnostic> {
        let place = tokens.iter().map(|t| t.span).reduce(Span::to).unwrap_or(end);
        let error = |message: String, place: Span| {
            Diagnostic::request("E0011", message).at(self.source, place, "here").help(
                "a size is a positive whole number, a name, or a sum or product of them: `n`, `3`, `2 n + 1`",
            )
        };
        if tokens.is_empty() {
            return Err(error("expected a size".into(), end));
        }
        let scope = Scope {
            variables: Default::default(),
            functions: Default::default(),
            is_function: &|_| false,
            closed: true,
        };
        let ast = parser::expression(self.source, tokens, end.start, &scope, self.limits)?;
        if ast.nodes.len() > PARTS {
            return Err(error(format!("a size of more than {PARTS} parts"), place));
        }
        let mut read: Vec<DimExpr> = vec![];
        for node in &ast.nodes {
            let part = |id: &AstId| read.get(id.0 as usize).cloned().unwrap_or(DimExpr::Integer(1));
            let dim = match &node.kind {
                AstKind::Number(n) => DimExpr::Integer(
                    size(n).map_err(|m| error(m.replace("{}", &excerpt(self.text(node.span))), node.span))?,
                ),
                AstKind::Name(name) => DimExpr::Name(name.clone()),
                AstKind::Product(items) => DimExpr::Product(items.iter().map(part).collect()),
                AstKind::Sum(items) if items.iter().all(|(sign, _)| *sign == Sign::Plus) => {
                    DimExpr::Sum(items.iter().map(|(_, a)| part(a)).collect())
                }
                AstKind::Negate(_) => {
                    return Err(error(
                        format!("the size {} is negative", excerpt(self.text(node.span))),
                        place,
                    ));
                }
                _ => return Err(error(format!("`{}` is not a size", excerpt(self.text(place))), place)),
            };
            read.push(dim);
        }
        read.pop().ok_or_else(|| error("expected a size".into(), place))
    }

    /// A word after the type.
    fn stray(&self, t: Token) -> Diagnostic {
        let text = excerpt(self.text(t.span));
        let error = self.error(format!("unexpected `{text}` in a declaration"), t.span);
        match t.word {
            Word::Arrow => error.help("a function declared so takes one argument"),
            Word::Comma => error.help("one declaration a line; properties are separated by blanks"),
            _ => error,
        }
    }
}

/// The size, or what is wrong with it; `{}` stands for it as written.
fn size(n: &Number) -> Result<i64, &'static str> {
    match n.to_integer() {
        Some(0) => Err("the size {} is not positive"),
        Some(i) if (1..=LARGEST).contains(&i) => Ok(i),
        _ if n.is_integer() => Err("the size {} is too large: at most 1000000000"),
        _ => Err("the size {} is not a whole number"),
    }
}
