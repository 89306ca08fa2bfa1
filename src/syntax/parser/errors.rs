//! What to say where an expression cannot be read.

use super::super::names::nearest;
use super::*;
use crate::diagnostic::excerpt;

/// Commands of LaTeX that cannot be mistaken for `A \ name`.
const LATEX: &[&str] = &[
    "cdot",
    "times",
    "frac",
    "dfrac",
    "tfrac",
    "mathbf",
    "mathrm",
    "boldsymbol",
    "top",
    "intercal",
    "left",
    "right",
    "odot",
    "otimes",
    "circ",
    "operatorname",
    "text",
    "big",
];

fn bracket(word: Word) -> &'static str {
    match word {
        Word::CloseRound => ")",
        Word::CloseSquare => "]",
        Word::CloseBrace => "}",
        _ => "a bracket",
    }
}

impl Parser<'_> {
    fn error(&self, code: &'static str, message: impl Into<String>, place: Span, label: &str) -> Diagnostic {
        Diagnostic::request(code, message).at(self.source, place, label)
    }

    fn found(&self) -> String {
        match self.peek(0) {
            None => "the end".into(),
            Some(t) if t.word == Word::Newline => "the end of the line".into(),
            Some(t) => format!("`{}`", excerpt(self.text(t.span))),
        }
    }

    fn before(&self) -> Option<Token> {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).copied()
    }

    /// An expression was expected.
    pub(super) fn no_operand(&self) -> Diagnostic {
        let (here, token, before) = (self.here(), self.peek(0), self.before());
        let Some(before) = before else {
            let message = match token {
                None => "empty expression: a name, a number or a bracket is expected".to_string(),
                Some(t) if matches!(t.word, Word::CloseRound | Word::CloseSquare | Word::CloseBrace) => {
                    return self.unmatched(t);
                }
                Some(_) => format!("expected an expression, found {}", self.found()),
            };
            let code = if token.is_none() { "E0001" } else { "E0004" };
            let error = self.error(code, message, here, "an expression is expected here");
            return match token {
                None => error.help("for example: matgrad 'x^T A x'"),
                Some(t) if t.word == Word::Backslash => self.latex(t.span),
                Some(t) if t.word == Word::Quote => {
                    error.help("write the expression without quotes of its own")
                }
                Some(_) => error,
            };
        };
        if let Some(t) = token {
            let adjacent = before.span.end == t.span.start;
            if before.word == Word::Star && t.word == Word::Star && adjacent {
                return self
                    .error("E0009", "`**` is not an operator here", before.span.to(t.span), "here")
                    .help("a power is written `a^b`, elementwise `x.^b`");
            }
            if t.word == Word::Backslash {
                return self.latex(t.span);
            }
        }
        let after = format!("after `{}`", excerpt(self.text(before.span)));
        if token.is_none() && before.word == Word::OpenRound
            || matches!(before.word, Word::DotOpen) && token.is_none()
        {
            return self.unclosed(before.span);
        }
        let message = match before.word {
            Word::Comma => format!("expected an argument after `,`, found {}", self.found()),
            Word::OpenRound if self.word(0) == Word::CloseRound => {
                "expected an expression between `(` and `)`".into()
            }
            _ => format!("expected an expression {after}, found {}", self.found()),
        };
        let error = self.error("E0004", message, here, "an expression is expected here");
        match token.map(|t| t.word) {
            Some(Word::OpenSquare) => {
                error.help("there are no matrix literals: declare a matrix by its shape")
            }
            Some(Word::OpenBrace) => error.help("group with `(` and `)`"),
            _ => error,
        }
    }

    pub(super) fn latex(&self, place: Span) -> Diagnostic {
        self.error("E0009", "unexpected `\\`: LaTeX is not read", place, "here").help(
            "write `a / b` for \\frac{a}{b}, `alpha` for \\alpha, `x^T` for x^\\top, a blank for \\cdot;\n\
             between two expressions, `A \\ b` is inv(A) b",
        )
    }

    pub(super) fn no_exponent(&self) -> Diagnostic {
        let message = match self.before() {
            Some(t) if t.word == Word::Minus => {
                format!("expected a number after `^-`, found {}", self.found())
            }
            _ => format!("expected an exponent after `^`, found {}", self.found()),
        };
        self.error("E0004", message, self.here(), "an exponent is expected here")
            .help("a power is written `A^2`, `A^-1`, `A^(1/2)`, a transpose `A^T`")
    }

    /// An operator, a closing bracket or the end was expected.
    pub(super) fn no_operator(&self, token: Token) -> Diagnostic {
        let found = excerpt(self.text(token.span));
        let error = self.error(
            "E0004",
            format!("unexpected `{found}`"),
            token.span,
            "an operator or the end is expected here",
        );
        let mend = match token.word {
            Word::Comma => "only the arguments of a function are separated by commas",
            Word::Equals => {
                "`name = expression` on a line of its own names a part; an equation has no derivative"
            }
            Word::Colon => "a declaration stands on a line of its own or in `--let 'A: matrix(m, n)'`",
            Word::OpenSquare => {
                "there is no indexing; directions in `[ ]` follow a declared function: `g'(x)[dx]`"
            }
            Word::OpenBrace => "group with `(` and `)`",
            Word::Top => "a transpose is written `x^T` or `x'`",
            Word::DotOpen => "only a function's name is followed by `.(`",
            _ => return error,
        };
        error.help(mend)
    }

    pub(super) fn two_numbers(&self, token: Token) -> Diagnostic {
        self.error("E0004", "expected an operator between two numbers", token.span, "a second number")
            .help("write `*` for their product")
    }

    pub(super) fn unclosed(&self, open: Span) -> Diagnostic {
        let text = self.text(open);
        let (mark, close) = match text.chars().last() {
            Some('[') => ('[', ']'),
            Some('{') => ('{', '}'),
            _ => ('(', ')'),
        };
        self.error(
            "E0005",
            format!("unclosed `{mark}`: expected `{close}`, found {}", self.found()),
            open,
            "opened here",
        )
    }

    pub(super) fn unmatched(&self, token: Token) -> Diagnostic {
        let mark = bracket(token.word);
        self.error("E0006", format!("unexpected `{mark}`: no bracket is open"), token.span, "closes nothing")
    }

    pub(super) fn wrong_close(&self, token: Token, open: Span, close: Word) -> Diagnostic {
        let message = format!("unexpected `{}`: expected `{}`", bracket(token.word), bracket(close));
        self.error("E0006", message, token.span, "here").at(self.source, open, "opened here")
    }

    pub(super) fn out_of_range(&self, span: Span) -> Diagnostic {
        let message = format!("the number {} is out of range", excerpt(self.text(span)));
        self.error("E0003", message, span, "overflows a double")
            .help("numbers are exact, but must lie within ±1.8e308, with exponents from -10000")
    }

    pub(super) fn dotted_transpose(&self, span: Span) -> Diagnostic {
        self.error("E0009", "a transpose has no dot", span, "here").help("write `x^T` or `x'`")
    }

    pub(super) fn dotted_variable(&self, name: &str, span: Span) -> Diagnostic {
        let message = format!("`{name}.(` applies a function entry by entry, but `{name}` is no function");
        self.error("E0008", message, span, "a variable")
            .help(format!("an elementwise product is `{name} .* (…)`"))
    }

    /// `x^Ty`, where `T` and another name have run together.
    pub(super) fn run_together_exponent(&self, token: Token) -> Result<(), Diagnostic> {
        let name = self.text(token.span);
        let rest = match name.strip_prefix('T') {
            Some(rest) if !self.scope.closed && !self.scope.variables.contains(name) => rest,
            _ => return Ok(()),
        };
        let message = format!("the exponent `{name}` is not declared");
        Err(self.error("E0015", message, token.span, "a transpose and a name run together?").help(format!(
            "for the transpose leave a blank: `^T {rest}`; for an exponent declare it: --let '{name}: scalar'"
        )))
    }

    /// A name followed by `(` that may be a function or a factor.
    pub(super) fn unknown_call(&self, name: &str, span: Span) -> Diagnostic {
        let rest = self.tokens.iter().skip(self.at).take(40);
        let mut depth = 0usize;
        let end = rest.clone().find_map(|t| {
            match t.word {
                Word::OpenRound | Word::DotOpen => depth += 1,
                Word::CloseRound => depth = depth.saturating_sub(1),
                _ => {}
            }
            (depth == 0).then_some(t.span.end)
        });
        let args = end.and_then(|end| self.source.text.get(span.end..end)).map(str::trim);
        let args = args.filter(|a| a.len() <= 40 && a.starts_with('(')).unwrap_or("(…)");
        let derivative = name == "d" && self.source.text.contains('/');
        let message =
            format!("`{name}` is followed by `(`, but is neither a known function nor a declared variable");
        let error = self.error("E0008", message, span, "unknown");
        if derivative {
            return error.help("for a derivative give the function alone and the variable with `--wrt x`: matgrad 'A x' --wrt x");
        }
        if let Some(meant) =
            nearest(name, &|n| (self.scope.is_function)(n) || self.scope.functions.contains(n))
        {
            return error.help(format!("did you mean `{meant}{args}`?"));
        }
        error.help(format!(
            "for a product write `{name} * {args}`;\n\
             for a function declare it: --let '{name}: vector(n) -> scalar'"
        ))
    }

    /// `a^b^c`.
    pub(super) fn tower(&self, base: Span, first: Span, second: Span, exponent: Span) -> Diagnostic {
        let text = |start: usize, end: usize| self.text(Span::new(start, end));
        let left = format!("({}){}", text(base.start, base.end), text(base.end, exponent.end));
        let inner = match text(first.start, first.end).trim_end().strip_suffix('-') {
            Some(mark) => format!("{}(-{}", mark.trim_end(), text(first.end, exponent.end)),
            None => format!("{}({}", text(first.start, first.end), text(first.end, exponent.end)),
        };
        let right = format!("{}{inner})", text(base.start, first.start));
        self.two_readings(
            "a power of a power can be read in two ways",
            second,
            &left,
            &right,
            base.to(exponent),
        )
    }

    /// Where the run of products begins whose last operator waits.
    fn run_start(&self, otherwise: usize) -> usize {
        let waiting = self.pending.iter().rev().take_while(|p| matches!(p.op, Op::Times(_))).count();
        let first = self.operands.len().checked_sub(waiting).and_then(|i| self.operands.get(i));
        first.map_or(otherwise, |o| o.span.start)
    }

    /// `M .* A / 2 B`: the first factor and all factors after the division.
    pub(super) fn ambiguous_factor(&self, first: Span, factors: Span) -> Diagnostic {
        let start = self.run_start(factors.start);
        let last = self.operands.last().map_or(factors.start, |o| o.span.start);
        let text = |start: usize, end: usize| self.text(Span::new(start, end));
        let left = format!("({}){}", text(start, first.end), text(first.end, factors.end));
        let right = format!("{}({})", text(start, last), text(last, factors.end));
        let message = "an elementwise product followed by a product can be read in two ways";
        self.two_readings(message, Span::new(last, factors.end), &left, &right, Span::new(start, factors.end))
    }

    /// `a / b c`: the `/`, the first factor after it, and all factors after it.
    pub(super) fn ambiguous_division(&self, mark: Span, first: Operand, factors: Span) -> Diagnostic {
        let start = self.run_start(mark.start);
        let text = |start: usize, end: usize| self.text(Span::new(start, end));
        if text(start, mark.start).trim() == "d" && text(first.span.start, first.span.end).starts_with('d') {
            let place = Span::new(start, first.span.end);
            return self.error("E0009", "unexpected `d/dx`", place, "here").help(
                "for a derivative give the function alone and the variable with `--wrt x`: matgrad 'x^T A x' --wrt x",
            );
        }
        let left = format!("({}){}", text(start, first.span.end), text(first.span.end, factors.end));
        let right = format!(
            "{}{}({})",
            text(start, mark.end),
            text(mark.end, factors.start),
            text(factors.start, factors.end)
        );
        let message = "a division followed by a product can be read in two ways";
        self.two_readings(message, mark.to(factors), &left, &right, Span::new(start, factors.end))
    }

    /// Both readings of a part, within the whole expression where that is short.
    fn two_readings(&self, message: &str, place: Span, left: &str, right: &str, part: Span) -> Diagnostic {
        let whole = self.tokens.first().map_or(part, |t| Span::new(t.span.start, self.end));
        let around = |reading: &str| {
            let before = self.text(Span::new(whole.start, part.start));
            let after = self.text(Span::new(part.end, whole.end));
            let all = format!("{before}{reading}{after}");
            if all.chars().count() <= 72 && !all.contains(['\n', '\r', '#']) {
                all
            } else {
                reading.to_string()
            }
        };
        self.error("E0007", message, place, "ambiguous").help(format!(
            "write one of\n    {}\n    {}",
            around(left),
            around(right)
        ))
    }

    /// `A \cdot B`: a command of LaTeX after an operand.
    pub(super) fn is_latex(&self, token: Token) -> bool {
        let next = self.peek(1);
        token.word == Word::Backslash
            && next.is_some_and(|n| {
                let name = self.text(n.span);
                n.span.start == token.span.end
                    && n.word == Word::Name
                    && LATEX.contains(&name)
                    && !self.scope.variables.contains(name)
            })
    }
}
