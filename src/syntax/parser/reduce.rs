//! Building a run of operators of one level, when something looser ends it.

use super::*;

impl Parser<'_> {
    /// The exponent is there: builds the power.
    pub(super) fn reduce_power(&mut self) -> Result<(), Diagnostic> {
        let (Some(exponent), Some(base), Some(wait)) =
            (self.operands.pop(), self.operands.pop(), self.pending.pop())
        else {
            return Err(self.no_operand());
        };
        let Op::Power { dotted, negated } = wait.op else { return Err(self.no_operand()) };
        if let Form::Power(mark) = base.form {
            return Err(self.tower(base.span, mark, wait.span, exponent.span));
        }
        let place = wait.span.to(exponent.span);
        let mut exponent_id = exponent.id;
        if negated {
            let number = match self.nodes.get(exponent_id.0 as usize).map(|n| &n.kind) {
                Some(AstKind::Number(n)) => Some(-n.clone()),
                _ => None,
            };
            let kind = number.map_or(AstKind::Negate(exponent_id), AstKind::Number);
            exponent_id = self.add(kind, place)?;
        }
        let op = if dotted { Binary::ElementPower } else { Binary::Power };
        let span = base.span.to(exponent.span);
        let id = self.add(AstKind::Binary(op, base.id, exponent_id), span)?;
        self.operands.push(Operand { id, span, form: Form::Power(wait.span) });
        Ok(())
    }

    /// The signs before the last operand.
    pub(super) fn reduce_signs(&mut self) -> Result<(), Diagnostic> {
        while let Some(Pending { op: Op::Negate, span }) = self.pending.last() {
            let span = *span;
            self.pending.pop();
            let Some(a) = self.operands.pop() else { return Err(self.no_operand()) };
            let span = span.to(a.span);
            let id = self.add(AstKind::Negate(a.id), span)?;
            let form = if a.form == Form::Number { Form::Number } else { Form::Other };
            self.operands.push(Operand { id, span, form });
        }
        Ok(())
    }

    /// The last `count` operands.
    fn take(&mut self, count: usize) -> Vec<Operand> {
        self.operands.split_off(self.operands.len().saturating_sub(count))
    }

    /// `a b c`; after a division, only a number or a call in front closes it.
    pub(super) fn reduce_juxtaposition(&mut self) -> Result<(), Diagnostic> {
        let waits = |p: &&Pending| matches!(p.op, Op::Juxtapose);
        let count = self.pending.iter().rev().take_while(waits).count();
        if count == 0 {
            return Ok(());
        }
        self.pending.truncate(self.pending.len() - count);
        let items = self.take(count + 1);
        let (Some(first), Some(last)) = (items.first().copied(), items.last()) else { return Ok(()) };
        let span = first.span.to(last.span);
        let division = match self.pending.last() {
            Some(Pending { op: Op::Times(t), span })
                if matches!(t.op, Some(Binary::Divide | Binary::ElementDivide)) =>
            {
                Some((*t, *span))
            }
            _ => None,
        };
        if let Some((times, mark)) = division {
            let closes =
                first.form == Form::Number || (first.form == Form::Call && times.op == Some(Binary::Divide));
            if !closes {
                return Err(self.ambiguous_division(mark, first, span));
            }
            if times.mixed {
                return Err(self.ambiguous_factor(first.span, span));
            }
            self.operands.extend(items);
            for _ in 0..count {
                self.wait(Op::Times(Times { op: None, closing: true, mixed: times.is_unlike() }), mark);
            }
            return Ok(());
        }
        let id = self.add(AstKind::Product(items.iter().map(|o| o.id).collect()), span)?;
        self.operands.push(Operand { id, span, form: Form::Other });
        Ok(())
    }

    /// `a * b .* c / d`, from the left.
    pub(super) fn reduce_products(&mut self) -> Result<(), Diagnostic> {
        self.reduce_juxtaposition()?;
        let waits = |p: &&Pending| matches!(p.op, Op::Times(_));
        let count = self.pending.iter().rev().take_while(waits).count();
        if count == 0 {
            return Ok(());
        }
        let waiting = self.pending.split_off(self.pending.len() - count);
        let ops: Vec<Times> =
            waiting.iter().filter_map(|p| if let Op::Times(t) = p.op { Some(t) } else { None }).collect();
        let items = self.take(count + 1);
        self.find_mixes(&ops, &items);
        let Some(first) = items.first() else { return Ok(()) };
        let (mut factors, mut span) = (vec![first.id], first.span);
        for (times, item) in ops.iter().zip(items.iter().skip(1)) {
            let before = span;
            span = span.to(item.span);
            match times.op {
                None => factors.push(item.id),
                Some(op) => {
                    let left = self.product(&mut factors, before)?;
                    factors = vec![self.add(AstKind::Binary(op, left, item.id), span)?];
                }
            }
        }
        let id = self.product(&mut factors, span)?;
        self.operands.push(Operand { id, span, form: Form::Other });
        Ok(())
    }

    fn product(&mut self, factors: &mut Vec<AstId>, span: Span) -> Result<AstId, Diagnostic> {
        match factors.as_slice() {
            [one] => Ok(*one),
            _ => self.add(AstKind::Product(std::mem::take(factors)), span),
        }
    }

    /// Notes neighbours of unlike kinds, whose grouping only the shapes can tell apart.
    fn find_mixes(&mut self, ops: &[Times], items: &[Operand]) {
        let kind = |t: &Times| match t.op {
            None => Some(0),
            Some(Binary::ElementTimes | Binary::ElementDivide) => Some(1),
            Some(Binary::Kronecker) => Some(2),
            _ => None,
        };
        for (pair, three) in ops.windows(2).zip(items.windows(3)) {
            let ([a, b], [left, middle, right]) = (pair, three) else { continue };
            let unlike = kind(a).is_some() && kind(b).is_some() && kind(a) != kind(b);
            if unlike && !a.closing && !b.closing {
                let all = items.first().map_or(left.span, |f| f.span.to(left.span));
                self.mixes.push(Mix {
                    left: left.id,
                    first: a.op,
                    middle: middle.id,
                    second: b.op,
                    right: right.id,
                    spans: [all, middle.span, right.span],
                });
            }
        }
    }

    /// `a + b - c .+ d`, from the left.
    pub(super) fn reduce_sums(&mut self) -> Result<(), Diagnostic> {
        self.reduce_products()?;
        let waits = |p: &&Pending| matches!(p.op, Op::Sum { .. });
        let count = self.pending.iter().rev().take_while(waits).count();
        if count == 0 {
            return Ok(());
        }
        let waiting = self.pending.split_off(self.pending.len() - count);
        let items = self.take(count + 1);
        let Some(first) = items.first() else { return Ok(()) };
        let (mut terms, mut span, mut kind) = (vec![(Sign::Plus, first.id)], first.span, None);
        for (wait, item) in waiting.iter().zip(items.iter().skip(1)) {
            let Op::Sum { sign, dotted } = wait.op else { continue };
            if kind.is_some_and(|k| k != dotted) {
                let id = self.sum_node(&mut terms, !dotted, span)?;
                terms = vec![(Sign::Plus, id)];
            }
            kind = Some(dotted);
            terms.push((sign, item.id));
            span = span.to(item.span);
        }
        let id = self.sum_node(&mut terms, kind.unwrap_or(false), span)?;
        self.operands.push(Operand { id, span, form: Form::Other });
        Ok(())
    }

    fn sum_node(
        &mut self,
        terms: &mut Vec<(Sign, AstId)>,
        dotted: bool,
        span: Span,
    ) -> Result<AstId, Diagnostic> {
        let terms = std::mem::take(terms);
        self.add(if dotted { AstKind::DotSum(terms) } else { AstKind::Sum(terms) }, span)
    }
}
