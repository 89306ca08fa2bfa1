//! Transposes, powers and inverses: what follows an operand and binds tightest.

use super::*;

impl Parser<'_> {
    /// Takes a postfix operator, if the word is one.
    pub(super) fn postfix(&mut self, token: Token) -> Result<bool, Diagnostic> {
        match token.word {
            Word::Quote => self.transpose(false, token.span)?,
            Word::SuperscriptTranspose => {
                let inverse = self.text(token.span).starts_with('⁻');
                self.transpose(inverse, token.span)?;
            }
            Word::Superscript => self.superscript(token.span)?,
            Word::Power => self.power(false, token.span)?,
            Word::DotPower => self.power(true, token.span)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Replaces the last operand by its transpose, or the transpose of its inverse; takes one word.
    fn transpose(&mut self, inverse: bool, mark: Span) -> Result<(), Diagnostic> {
        self.at += 1;
        let Some(base) = self.operands.pop() else { return Err(self.no_operand()) };
        let span = base.span.to(mark);
        let mut id = base.id;
        if inverse {
            let exponent = self.add(AstKind::Number(Number::MINUS_ONE), mark)?;
            id = self.add(AstKind::Binary(Binary::Power, id, exponent), span)?;
        }
        let id = self.add(AstKind::Transpose(id), span)?;
        self.operands.push(Operand { id, span, form: Form::Other });
        Ok(())
    }

    fn superscript(&mut self, mark: Span) -> Result<(), Diagnostic> {
        let digit = |c: char| match c {
            '⁻' => '-',
            '¹' => '1',
            '²' => '2',
            '³' => '3',
            c => char::from_digit(u32::from(c).wrapping_sub(u32::from('⁰')), 10).unwrap_or('0'),
        };
        let plain: String = self.text(mark).chars().map(digit).collect();
        let (negative, digits) = match plain.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, plain.as_str()),
        };
        let Some(number) = Number::parse(digits) else { return Err(self.out_of_range(mark)) };
        self.at += 1;
        let Some(base) = self.operands.pop() else { return Err(self.no_operand()) };
        let exponent = self.add(AstKind::Number(if negative { -number } else { number }), mark)?;
        let span = base.span.to(mark);
        let id = self.add(AstKind::Binary(Binary::Power, base.id, exponent), span)?;
        self.operands.push(Operand { id, span, form: Form::Other });
        Ok(())
    }

    /// `^` or `.^`: a transpose if `T` follows, else a power that waits for its exponent.
    fn power(&mut self, dotted: bool, mark: Span) -> Result<(), Diagnostic> {
        if let Some((words, inverse)) = self.transpose_mark() {
            let place = mark.to(self.tokens.get(self.at + words).map_or(mark, |t| t.span));
            if dotted {
                return Err(self.dotted_transpose(place));
            }
            self.at += words;
            return self.transpose(inverse, place);
        }
        self.at += 1;
        let negated = self.word(0) == Word::Minus;
        if negated || self.word(0) == Word::Plus {
            self.at += 1;
        }
        let mark = mark.to(self.tokens.get(self.at.saturating_sub(1)).map_or(mark, |t| t.span));
        match self.peek(0) {
            Some(t) if t.word == Word::Name => self.run_together_exponent(t)?,
            Some(t) if matches!(t.word, Word::Number | Word::Greek | Word::OpenRound | Word::OpenBrace) => {}
            _ => return Err(self.no_exponent()),
        }
        self.wait(Op::Power { dotted, negated }, mark);
        Ok(())
    }

    /// Whether `^` begins `^T`, `^-T`, `^{T}`, `^(-T)`: how many words follow the `^`, and whether it inverts.
    /// That holds also where a variable is called `T`.
    fn transpose_mark(&self) -> Option<(usize, bool)> {
        let bracket = match self.word(1) {
            Word::OpenRound => Some(Word::CloseRound),
            Word::OpenBrace => Some(Word::CloseBrace),
            _ => None,
        };
        let at = 1 + usize::from(bracket.is_some());
        let inverse = self.word(at) == Word::Minus;
        let at = at + usize::from(inverse);
        let token = self.peek(at)?;
        let is_mark = token.word == Word::Top || (token.word == Word::Name && self.text(token.span) == "T");
        match bracket {
            _ if !is_mark => None,
            None => Some((at, inverse)),
            Some(close) => (self.word(at + 1) == close).then_some((at + 1, inverse)),
        }
    }
}
