//! From words to an [`Ast`], by precedence.
//!
//! In: the words of one expression, and what its names are. Out: the tree.
//! Invariant: one loop over the words with two stacks, of operands and of what waits for operands; a run of
//! operators of one level is built when something looser ends it, so sums and products come out flat.
//!
//! Example: at the `+` of `a b^2 + c`, the operands are `a` and `b^2` and a juxtaposition waits; the `+` ends
//! the run, which becomes a product, and then waits itself.

mod errors;
mod postfix;
mod reduce;
mod scope;

use super::ast::*;
use super::lexer::{Token, Word};
use super::names::spell;
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::expr::Number;
use crate::limits::Limits;

use scope::Role;
pub(in crate::syntax) use scope::Scope;

/// A finished part of the expression.
#[derive(Clone, Copy)]
struct Operand {
    id: AstId,
    /// Its place, with its brackets.
    span: Span,
    /// What it looks like, for the rules that look at more than the tree.
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A number as it stands, perhaps with a sign.
    Number,
    /// A call as it stands.
    Call,
    /// `a^b` without brackets; where its operator begins and ends.
    Power(Span),
    Other,
}

/// A call whose brackets are open.
struct Callee {
    name: String,
    dotted: bool,
    primes: u8,
    span: Span,
    /// How many arguments stand in round brackets, once those are closed.
    args: Option<usize>,
}

/// What waits for operands.
enum Op {
    Sum { sign: Sign, dotted: bool },
    Times(Times),
    Juxtapose,
    Negate,
    Power { dotted: bool, negated: bool },
    Open { callee: Option<Callee>, base: usize, close: Word },
}

/// An operator of the level of `*`.
#[derive(Clone, Copy)]
struct Times {
    /// `None` is the matrix product.
    op: Option<Binary>,
    /// Whether it stands between a closed division and what follows: `1/2 x`.
    closing: bool,
    /// Whether an elementwise or Kronecker product stands before it in its run.
    mixed: bool,
}

impl Times {
    /// Whether it is an elementwise or Kronecker product, which does not associate with the matrix product.
    fn is_unlike(self) -> bool {
        matches!(self.op, Some(Binary::ElementTimes | Binary::ElementDivide | Binary::Kronecker))
    }
}

struct Pending {
    op: Op,
    span: Span,
}

pub(super) struct Parser<'a> {
    source: &'a Source,
    tokens: &'a [Token],
    scope: &'a Scope<'a>,
    limits: &'a Limits,
    at: usize,
    end: usize,
    nodes: Vec<AstNode>,
    depths: Vec<u32>,
    operands: Vec<Operand>,
    pending: Vec<Pending>,
    mixes: Vec<Mix>,
}

/// What the loop does next.
enum Next {
    Operand,
    Operator,
    End,
}

/// Reads one expression; `end` is where it ends in the source, for errors there.
pub(super) fn expression(
    source: &Source,
    tokens: &[Token],
    end: usize,
    scope: &Scope,
    limits: &Limits,
) -> Result<Ast, Diagnostic> {
    let mut parser = Parser {
        source,
        tokens,
        scope,
        limits,
        at: 0,
        end,
        nodes: Vec::with_capacity(tokens.len()),
        depths: Vec::with_capacity(tokens.len()),
        operands: vec![],
        pending: vec![],
        mixes: vec![],
    };
    let mut next = Next::Operand;
    loop {
        next = match next {
            Next::Operand => parser.operand()?,
            Next::Operator => parser.operator()?,
            Next::End => break,
        };
    }
    Ok(Ast { source: source.clone(), nodes: parser.nodes, mixes: parser.mixes })
}

impl Parser<'_> {
    fn peek(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    fn word(&self, ahead: usize) -> Word {
        self.peek(ahead).map_or(Word::End, |t| t.word)
    }

    fn text(&self, span: Span) -> &str {
        self.source.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The place of the next word, or of the end.
    fn here(&self) -> Span {
        self.peek(0).map_or(Span::new(self.end, self.end), |t| t.span)
    }

    fn wait(&mut self, op: Op, span: Span) {
        self.pending.push(Pending { op, span });
    }

    fn add(&mut self, kind: AstKind, span: Span) -> Result<AstId, Diagnostic> {
        let below = |id: &AstId| self.depths.get(id.0 as usize).copied().unwrap_or(0);
        let depth = 1 + match &kind {
            AstKind::Number(_) | AstKind::Name(_) => 0,
            AstKind::Negate(a) | AstKind::Transpose(a) => below(a),
            AstKind::Binary(_, a, b) => below(a).max(below(b)),
            AstKind::Product(items) => items.iter().map(below).max().unwrap_or(0),
            AstKind::Sum(items) | AstKind::DotSum(items) => {
                items.iter().map(|(_, a)| below(a)).max().unwrap_or(0)
            }
            AstKind::Call { args, along, .. } => args.iter().chain(along).map(below).max().unwrap_or(0),
        };
        if depth as usize > self.limits.depth {
            return Err(self.limits.met("depth"));
        }
        let id = AstId(self.nodes.len() as u32);
        self.nodes.push(AstNode { kind, span });
        self.depths.push(depth);
        Ok(id)
    }

    /// Where an operand must come: a sign, an opening bracket, a number or a name.
    fn operand(&mut self) -> Result<Next, Diagnostic> {
        let Some(token) = self.peek(0) else { return Err(self.no_operand()) };
        match token.word {
            Word::Minus => {
                self.wait(Op::Negate, token.span);
                self.at += 1;
                Ok(Next::Operand)
            }
            Word::Plus => {
                self.at += 1;
                Ok(Next::Operand)
            }
            Word::OpenRound => {
                self.open(None, Word::CloseRound, token.span);
                Ok(Next::Operand)
            }
            Word::OpenBrace if matches!(self.pending.last(), Some(Pending { op: Op::Power { .. }, .. })) => {
                self.open(None, Word::CloseBrace, token.span);
                Ok(Next::Operand)
            }
            Word::Number => {
                self.at += 1;
                let number = self.number(token.span)?;
                let id = self.add(AstKind::Number(number), token.span)?;
                self.finish(Operand { id, span: token.span, form: Form::Number })
            }
            Word::Name | Word::Greek => self.name(token),
            _ => Err(self.no_operand()),
        }
    }

    fn open(&mut self, callee: Option<Callee>, close: Word, span: Span) {
        self.at += 1;
        let base = self.operands.len();
        self.wait(Op::Open { callee, base, close }, span);
    }

    fn number(&self, span: Span) -> Result<Number, Diagnostic> {
        let text = self.text(span);
        // Digits before an exponent do not help a number that overflows; those after a point do not hurt.
        match Number::parse(text.strip_suffix('.').unwrap_or(text)) {
            Some(n) if n.to_f64().is_finite() => Ok(n),
            _ => Err(self.out_of_range(span)),
        }
    }

    /// A name, and whether it is called.
    fn name(&mut self, token: Token) -> Result<Next, Diagnostic> {
        let name = spell(self.text(token.span));
        self.at += 1;
        let primes = self.primes(&name);
        let dotted = match self.word(primes) {
            Word::OpenRound => false,
            Word::DotOpen => true,
            _ => {
                let id = self.add(AstKind::Name(name), token.span)?;
                return self.finish(Operand { id, span: token.span, form: Form::Other });
            }
        };
        match self.scope.role(&name) {
            Role::Function => {
                self.at += primes;
                let span = token.span.to(self.here());
                let callee = Callee { name, dotted, primes: primes as u8, span, args: None };
                self.open(Some(callee), Word::CloseRound, span);
                Ok(Next::Operand)
            }
            Role::Unknown => Err(self.unknown_call(&name, token.span)),
            Role::Variable if dotted => Err(self.dotted_variable(&name, token.span)),
            Role::Variable => {
                let id = self.add(AstKind::Name(name), token.span)?;
                self.finish(Operand { id, span: token.span, form: Form::Other })
            }
        }
    }

    /// How many primes stand between a declared function and its bracket: two in `g''(x)`.
    fn primes(&self, name: &str) -> usize {
        if !self.scope.functions.contains(name) {
            return 0;
        }
        let count = (0..100).take_while(|i| self.word(*i) == Word::Quote).count();
        let called = matches!(self.word(count), Word::OpenRound | Word::DotOpen);
        if called { count } else { 0 }
    }

    /// An operand is complete but for what may follow it at the level of powers.
    fn finish(&mut self, operand: Operand) -> Result<Next, Diagnostic> {
        self.operands.push(operand);
        if matches!(self.pending.last(), Some(Pending { op: Op::Power { .. }, .. })) {
            self.reduce_power()?;
        }
        Ok(Next::Operator)
    }

    /// Where an operator, a closing bracket or the end may come.
    fn operator(&mut self) -> Result<Next, Diagnostic> {
        let Some(token) = self.peek(0) else {
            self.reduce_signs()?;
            self.reduce_sums()?;
            return match self.pending.last() {
                Some(open) => Err(self.unclosed(open.span)),
                None => Ok(Next::End),
            };
        };
        if self.postfix(token)? {
            return Ok(match self.pending.last() {
                Some(Pending { op: Op::Power { .. }, .. }) => Next::Operand,
                _ => Next::Operator,
            });
        }
        self.reduce_signs()?;
        match token.word {
            Word::Number | Word::Name | Word::Greek | Word::OpenRound => self.juxtapose(token),
            Word::Plus => self.sum(Sign::Plus, false, token),
            Word::Minus => self.sum(Sign::Minus, false, token),
            Word::DotPlus => self.sum(Sign::Plus, true, token),
            Word::DotMinus => self.sum(Sign::Minus, true, token),
            Word::Star => self.times(None, token),
            Word::Slash => self.times(Some(Binary::Divide), token),
            Word::Backslash if self.is_latex(token) => Err(self.latex(token.span)),
            Word::Backslash => self.times(Some(Binary::Solve), token),
            Word::DotStar => self.times(Some(Binary::ElementTimes), token),
            Word::DotSlash => self.times(Some(Binary::ElementDivide), token),
            Word::Kronecker => self.times(Some(Binary::Kronecker), token),
            Word::Comma | Word::CloseRound | Word::CloseBrace | Word::CloseSquare => {
                self.reduce_sums()?;
                if token.word == Word::Comma { self.comma(token) } else { self.close(token) }
            }
            _ => Err(self.no_operator(token)),
        }
    }

    fn juxtapose(&mut self, token: Token) -> Result<Next, Diagnostic> {
        let last = self.operands.last().map(|o| o.form);
        if token.word == Word::Number && last == Some(Form::Number) {
            return Err(self.two_numbers(token));
        }
        self.wait(Op::Juxtapose, token.span);
        Ok(Next::Operand)
    }

    fn sum(&mut self, sign: Sign, dotted: bool, token: Token) -> Result<Next, Diagnostic> {
        self.reduce_products()?;
        self.wait(Op::Sum { sign, dotted }, token.span);
        self.at += 1;
        Ok(Next::Operand)
    }

    fn times(&mut self, op: Option<Binary>, token: Token) -> Result<Next, Diagnostic> {
        self.reduce_juxtaposition()?;
        let mixed = match self.pending.last() {
            Some(Pending { op: Op::Times(t), .. }) => t.mixed || t.is_unlike(),
            _ => false,
        };
        self.wait(Op::Times(Times { op, closing: false, mixed }), token.span);
        self.at += 1;
        Ok(Next::Operand)
    }

    fn comma(&mut self, token: Token) -> Result<Next, Diagnostic> {
        match self.pending.last() {
            Some(Pending { op: Op::Open { callee: Some(_), .. }, .. }) => {
                self.at += 1;
                Ok(Next::Operand)
            }
            _ => Err(self.no_operator(token)),
        }
    }

    /// A closing bracket, whose contents are built.
    fn close(&mut self, token: Token) -> Result<Next, Diagnostic> {
        let (callee, base, span) = match self.pending.pop() {
            Some(Pending { op: Op::Open { callee, base, close }, span }) if close == token.word => {
                (callee, base, span)
            }
            Some(Pending { op: Op::Open { close, .. }, span }) => {
                return Err(self.wrong_close(token, span, close));
            }
            _ => return Err(self.unmatched(token)),
        };
        self.at += 1;
        let Some(mut callee) = callee else {
            // In brackets of its own, an operand is no longer what it looked like.
            let Some(inner) = self.operands.pop() else { return Err(self.no_operand()) };
            return self.finish(Operand { span: span.to(token.span), form: Form::Other, ..inner });
        };
        let count = self.operands.len() - base;
        let args = *callee.args.get_or_insert(count);
        if self.word(0) == Word::OpenSquare && self.scope.functions.contains(&callee.name) {
            let span = span.to(self.here());
            self.open(Some(callee), Word::CloseSquare, span);
            if let Some(Pending { op: Op::Open { base: at, .. }, .. }) = self.pending.last_mut() {
                *at = base;
            }
            return Ok(Next::Operand);
        }
        let mut items: Vec<AstId> = self.operands.drain(base..).map(|o| o.id).collect();
        let along = items.split_off(args.min(items.len()));
        let span = callee.span.to(token.span);
        let Callee { name: function, dotted, primes, .. } = callee;
        let id = self.add(AstKind::Call { function, dotted, primes, args: items, along }, span)?;
        self.finish(Operand { id, span, form: Form::Call })
    }
}
