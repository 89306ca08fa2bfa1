//! A minus in front of a product, taken into one of its sums.
//!
//! In: a term with a negative coefficient. Out: a form of it without the minus, where one of its letters is a sum
//! that reads as well the other way round. Invariant: the value and the size stay; extraction decides.
//!
//! `-X^T (a - b)` is `X^T (b - a)`, `-(a - b) .* c` is `(b - a) .* c`, `-(s - t) x` is `(t - s) x`.

use crate::expr::{Id, Number, Op};

use super::form::{Form, product};
use super::normal::Normalizer;
use super::poly::{Factor, Poly, Term};

/// A sign is looked for this deep within elementwise products.
const NESTED: usize = 2;

impl Normalizer<'_> {
    /// A sum whose negative terms take their minus inside where they can: `B u - A (v - w)` as `B u + A (w - v)`.
    pub(in crate::simplify) fn sum_with_signs_inside(&mut self, terms: &[Term]) -> Option<Form> {
        let mut turned = vec![];
        let mut rest = vec![];
        for t in terms {
            let turns = t.coefficient.is_negative() && self.sign_inside(t).is_some();
            let list = if turns { &mut turned } else { &mut rest };
            list.push(t.clone());
        }
        if turned.is_empty() {
            return None;
        }
        let mut args: Vec<Form> = turned.iter().map(|t| self.term_hole(t)).collect();
        match rest.as_slice() {
            [] => {}
            rest => match self.sum_form(rest, &Number::ONE) {
                // Those without a minus come first.
                Form::Node(Op::Sum, others) => args.splice(0..0, others).for_each(drop),
                other => args.insert(0, other),
            },
        }
        Some(Form::Node(Op::Sum, args))
    }

    /// `-X^T (a - b)` as `X^T (b - a)`, `-(a - b) .* c` as `(b - a) .* c`.
    pub(in crate::simplify) fn sign_inside(&mut self, t: &Term) -> Option<Form> {
        if !t.coefficient.is_negative() {
            return None;
        }
        let mut word: Vec<Form> = t.word.iter().map(|f| self.power_form(*f)).collect();
        let mut scalars = t.scalars.clone();
        if let Some((place, form)) = self.negated_among(&t.word, NESTED) {
            word[place] = form;
        } else {
            let (place, Form::Hole(sum)) = self.negated_among(&t.scalars, 0)? else { return None };
            scalars[place].base = sum;
        }
        Some(self.quotient(&t.coefficient.abs(), &scalars, &word))
    }

    /// The first of some letters that takes the other sign, one without a constant before `1 - x`.
    fn negated_among(&mut self, letters: &[Factor], nested: usize) -> Option<(usize, Form)> {
        for constant in [false, true] {
            for (i, f) in letters.iter().enumerate() {
                if f.exponent == self.one
                    && let Some(form) = self.negated(f.base, constant, nested)
                {
                    return Some((i, form));
                }
            }
        }
        None
    }

    /// A letter with the other sign, where a sum in it takes that sign.
    fn negated(&mut self, letter: Id, constant: bool, nested: usize) -> Option<Form> {
        let node = self.graph.node(letter).clone();
        match &node.op {
            Op::Sum => {
                let sum = self.poly(letter).as_ref().clone();
                self.negated_sum(sum, constant)
            }
            Op::Transpose if matches!(self.graph.op(node.args[0]), Op::Sum) => {
                let sum = self.poly(node.args[0]);
                let turned = self.transposed(&sum);
                self.negated_sum(turned, constant)
            }
            Op::Product if nested > 0 => {
                let letters = self.letters(letter);
                let (place, form) = self.negated_among(&letters, nested - 1)?;
                let mut word: Vec<Form> = letters.iter().map(|f| self.power_form(*f)).collect();
                word[place] = form;
                Some(product(word))
            }
            Op::Hadamard if nested > 0 => {
                let mut form = self.hadamard_form(letter);
                let (Form::Node(Op::Hadamard, factors) | Form::Node(Op::ElementDivide, factors)) = &mut form
                else {
                    return None;
                };
                let mut above = factors.as_mut_slice();
                if let [Form::Node(Op::Hadamard, inner), _] = above {
                    above = inner;
                }
                for factor in above {
                    if let Form::Hole(id) = factor
                        && let Some(other) = self.negated(*id, constant, nested - 1)
                    {
                        *factor = other;
                        return Some(form);
                    }
                }
                None
            }
            _ => None,
        }
    }

    fn negated_sum(&mut self, sum: Poly, constant: bool) -> Option<Form> {
        let is_constant = |t: &Term| {
            let plain = |f: &Factor| {
                let base = self.graph.transpose_of(f.base).unwrap_or(f.base);
                matches!(self.graph.op(base), Op::Ones(..) | Op::Identity(_))
            };
            t.scalars.is_empty() && t.word.iter().all(plain)
        };
        let turns = sum.terms.len() > 1
            && sum.terms.iter().any(|t| t.coefficient.is_negative())
            && (constant || !sum.terms.iter().any(is_constant));
        turns.then(|| Form::Hole(self.write(&sum.scaled(&Number::MINUS_ONE))))
    }
}
