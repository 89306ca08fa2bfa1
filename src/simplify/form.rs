//! How a reader writes a normal form: quotients, roots, norms, sums of entries.
//!
//! In: a normal form or a canonical node. Out: [`Form`]s, each one way to write it.
//! Invariant: a form never changes the value; which form is printed is decided by extraction alone.

use crate::expr::{Id, Number, Op};

use super::normal::Normalizer;
use super::poly::{Factor, Factors, Poly, Term};

/// A way to write something; holes stand for canonical nodes that have ways of their own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::simplify) enum Form {
    /// A canonical node.
    Hole(Id),
    /// An operator.
    Node(Op, Vec<Form>),
}

impl Form {
    pub(in crate::simplify) fn number(n: Number) -> Form {
        Form::Node(Op::Num(n), Vec::new())
    }

    pub(in crate::simplify) fn is_one(&self) -> bool {
        matches!(self, Form::Node(Op::Num(n), _) if n.is_one())
    }
}

impl Normalizer<'_> {
    /// Ways to write a whole normal form.
    pub(in crate::simplify) fn forms_of_poly(&mut self, p: &Poly) -> Vec<Form> {
        match p.terms.as_slice() {
            [] => vec![Form::Node(Op::Zeros(p.shape.rows, p.shape.cols), Vec::new())],
            [t] => self.forms_of_term(t),
            terms => {
                let mut forms = vec![self.sum_form(terms, &Number::ONE)];
                forms.extend(self.sum_with_signs_inside(terms));
                let content = p.content();
                if !content.abs().is_one() || terms.iter().all(|t| t.coefficient.is_negative()) {
                    let inverse = content.recip().unwrap_or(Number::ONE);
                    let monic = p.clone().scaled(&inverse);
                    let id = self.write(&monic);
                    forms.push(scaled(&content, vec![Form::Hole(id)]));
                }
                forms
            }
        }
    }

    /// A sum, its positive terms first.
    pub(in crate::simplify) fn sum_form(&mut self, terms: &[Term], scale: &Number) -> Form {
        let mut terms: Vec<&Term> = terms.iter().collect();
        terms.sort_by_key(|t| self.letters_before_differential(t));
        let (first, rest): (Vec<&Term>, Vec<&Term>) =
            terms.iter().copied().partition(|t| !(t.coefficient.clone() * scale.clone()).is_negative());
        let mut args = Vec::with_capacity(terms.len());
        for t in first.into_iter().chain(rest) {
            let magnitude = Term { coefficient: t.coefficient.abs(), ..t.clone() };
            let form = self.term_hole(&magnitude);
            args.push(match t.coefficient.is_negative() {
                true => Form::Node(Op::Negate, vec![form]),
                false => form,
            });
        }
        Form::Node(Op::Sum, args)
    }

    /// The product rule goes from left to right: `dA A^2 + A dA A + A^2 dA`.
    pub(in crate::simplify) fn letters_before_differential(&mut self, t: &Term) -> i64 {
        let mut letters: Vec<Factor> = t.word.to_vec();
        if letters.is_empty() {
            let linear = t.scalars.iter().find(|f| self.is_linear(f.base)).map(|f| f.base);
            letters = linear.map_or(Vec::new(), |id| self.letters(id).into_vec());
        }
        let mut before = 0;
        for f in letters {
            if self.is_linear(f.base) {
                return before;
            }
            before += self.graph.number(f.exponent).and_then(|e| e.to_integer()).map_or(1, i64::abs);
        }
        0
    }

    /// A term as a hole with ways of its own, so that a choice inside it does not multiply the sum's ways.
    pub(in crate::simplify) fn term_hole(&mut self, t: &Term) -> Form {
        let id = self.write_term(t);
        self.remember(id, t);
        Form::Hole(id)
    }

    /// A term with a scalar part of the function in place of its factors: `2 det(X A X) X^-T`.
    pub(in crate::simplify) fn with_scalars_of(&mut self, t: &Term, parts: &[(Term, Id)]) -> Vec<Form> {
        let mut forms = Vec::new();
        for (part, id) in parts {
            if !part.scalars.iter().all(|f| t.scalars.contains(f))
                || part.scalars.len() == t.scalars.len() && t.word.is_empty()
            {
                continue;
            }
            let coefficient = t.coefficient.clone() * part.coefficient.recip().unwrap_or(Number::ONE);
            let mut scalars = t.scalars.clone();
            scalars.retain(|f| !part.scalars.contains(f));
            let rest = Term { coefficient, scalars, word: t.word.clone() };
            let rest = self.term_hole(&rest);
            forms.push(Form::Node(Op::Product, vec![Form::Hole(*id), rest]));
        }
        forms
    }

    /// Ways to write one term.
    pub(in crate::simplify) fn forms_of_term(&mut self, t: &Term) -> Vec<Form> {
        let (scalars, mut words) = self.split_words(t);
        let mut forms = Vec::new();
        if words.is_empty() {
            words.push(Vec::new());
        }
        for word in words {
            forms.push(self.quotient(&t.coefficient, &scalars, &word));
        }
        forms.extend(self.sign_inside(t));
        forms.extend(self.mean_form(t));
        forms
    }

    /// The scalar factors, and the ways to write the word. A lone 1×1 word among the scalars is the word, so
    /// that `2 a x^T y` is one product.
    pub(in crate::simplify) fn split_words(&mut self, t: &Term) -> (Factors, Vec<Vec<Form>>) {
        if !t.word.is_empty() {
            return (t.scalars.clone(), self.word_forms(&t.word));
        }
        let products: Vec<usize> = t
            .scalars
            .iter()
            .enumerate()
            .filter(|(_, f)| f.exponent == self.one && matches!(self.graph.op(f.base), Op::Product))
            .map(|(i, _)| i)
            .collect();
        match products.as_slice() {
            [i] if t.scalars.len() > 1 || !t.coefficient.is_one() => {
                let mut scalars = t.scalars.clone();
                let base = scalars.remove(*i).base;
                (scalars, vec![vec![Form::Hole(base)]])
            }
            _ => (t.scalars.clone(), Vec::new()),
        }
    }

    /// Numerator over denominator.
    pub(in crate::simplify) fn quotient(
        &mut self,
        coefficient: &Number,
        scalars: &[Factor],
        word: &[Form],
    ) -> Form {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        // 2 x cos(x^2) dx: a differential is the last of the scalars.
        let (linear, free): (Vec<Factor>, Vec<Factor>) =
            scalars.iter().copied().partition(|f| self.is_linear(f.base));
        for f in free.iter().chain(&linear) {
            match self.graph.number(f.exponent) {
                Some(e) if e.is_negative() => {
                    let e = self.graph.num(-e);
                    below.push(self.power_form(Factor { base: f.base, exponent: e }));
                }
                _ => above.push(self.power_form(*f)),
            }
        }
        above.extend_from_slice(word);
        let negative = coefficient.is_negative();
        let (p, q) = coefficient.abs().parts();
        let form = if below.is_empty() {
            scaled(&coefficient.abs(), above)
        } else {
            if !q.is_one() {
                below.insert(0, Form::number(q));
            }
            let above = scaled(&p, above);
            Form::Node(Op::Divide, vec![above, product(below)])
        };
        match (negative, form) {
            (false, form) => form,
            // -2 x rather than -(2 x): one number in front.
            (true, Form::Node(Op::Product, mut args)) => {
                match args.first_mut() {
                    Some(Form::Node(Op::Num(n), _)) => *n = -n.clone(),
                    _ => return Form::Node(Op::Negate, vec![Form::Node(Op::Product, args)]),
                }
                Form::Node(Op::Product, args)
            }
            (true, Form::Node(Op::Num(n), _)) => Form::number(-n),
            (true, form) => Form::Node(Op::Negate, vec![form]),
        }
    }

    /// A factor with its exponent.
    pub(in crate::simplify) fn power_form(&mut self, f: Factor) -> Form {
        if f.exponent == self.one {
            return Form::Hole(f.base);
        }
        let id = self.write_factor(f);
        Form::Hole(id)
    }

    /// Ways to write a power of a scalar or a matrix.
    pub(in crate::simplify) fn forms_of_power(&mut self, f: Factor) -> Vec<Form> {
        let mut forms = Vec::new();
        let number = self.graph.number(f.exponent);
        let scalar = self.graph.shape(f.base).is_scalar();
        if let Some(e) = &number {
            if scalar && let Some(norm) = self.norm_form(f.base) {
                let doubled = e.clone() * Number::integer(2);
                forms.push(raised(norm, doubled));
            }
            if scalar && e.is_negative() {
                let positive = self.graph.num(-e.clone());
                let below = self.power_form(Factor { base: f.base, exponent: positive });
                forms.push(Form::Node(Op::Divide, vec![Form::number(Number::ONE), below]));
            }
            let root = if scalar { self.known.sqrt } else { self.known.matrix_sqrt };
            if *e == Number::ratio(1, 2)
                && let Some(sqrt) = root
            {
                let op = if scalar { Op::Map(sqrt) } else { Op::Call(sqrt) };
                forms.push(Form::Node(op, vec![Form::Hole(f.base)]));
            }
            if *e == Number::MINUS_ONE && self.is_orthogonal(f.base) {
                forms.push(Form::Node(Op::Transpose, vec![Form::Hole(f.base)]));
            }
        }
        forms.push(Form::Node(Op::Power, vec![Form::Hole(f.base), Form::Hole(f.exponent)]));
        forms
    }

    /// `norm(v)` for a scalar `v^T v` or `tr(V^T V)`.
    pub(in crate::simplify) fn norm_form(&mut self, scalar: Id) -> Option<Form> {
        let norm = self.known.norm?;
        let half = match self.graph.op(scalar) {
            Op::Product => {
                let letters = self.letters(scalar);
                self.half(&letters)
            }
            Op::Call(f) if Some(*f) == self.known.trace => {
                let letters = self.letters(self.graph.args(scalar)[0]);
                let n = letters.len();
                let halves: Vec<Id> = (0..n)
                    .filter_map(|i| {
                        let mut rotated = letters.to_vec();
                        rotated.rotate_left(i);
                        self.half(&rotated)
                    })
                    .collect();
                halves.into_iter().min_by_key(|h| self.count_transposes(*h))
            }
            _ => None,
        }?;
        // norm(X^T) = norm(X): the one with fewer transposes.
        let turned = self.transposed_id(half);
        let half = std::cmp::min_by_key(half, turned, |h| self.count_transposes(*h));
        Some(Form::Node(Op::Call(norm), vec![Form::Hole(half)]))
    }

    /// `v` of a word `v^T v`.
    pub(in crate::simplify) fn half(&mut self, letters: &[Factor]) -> Option<Id> {
        let n = letters.len();
        if n == 0 || n % 2 == 1 {
            // An even power in the middle, `x^T A^2 x` with symmetric A, hides a square too; rare, left.
            return None;
        }
        let turned = self.turn(&letters[..n / 2]);
        (turned.word.as_slice() == &letters[n / 2..] && turned.coefficient.is_one()).then(|| {
            let half: Factors = letters[n / 2..].into();
            self.write_word(&half)
        })
    }

    /// Ways to write a canonical node that is one letter or one scalar factor.
    pub(in crate::simplify) fn forms_of_atom(&mut self, id: Id) -> Vec<Form> {
        let node = self.graph.node(id).clone();
        match &node.op {
            Op::Power => {
                let f = self.as_power(id);
                self.forms_of_power(f)
            }
            Op::Product => {
                let letters = self.letters(id);
                let mut forms: Vec<Form> = self.word_forms(&letters).into_iter().map(product).collect();
                if self.graph.shape(id).is_scalar()
                    && let Some(norm) = self.norm_form(id)
                {
                    forms.push(raised(norm, Number::integer(2)));
                }
                forms
            }
            Op::Hadamard => vec![self.hadamard_form(id)],
            Op::ElementPower => {
                let (base, exponent) = (node.args[0], node.args[1]);
                let power = Form::Node(Op::ElementPower, vec![Form::Hole(base), Form::Hole(exponent)]);
                vec![self.hadamard_form(id), power]
            }
            op => {
                let args = node.args.iter().map(|a| Form::Hole(*a)).collect();
                let mut forms = vec![Form::Node(op.clone(), args)];
                if matches!(op, Op::Call(f) if Some(*f) == self.known.trace)
                    && let Some(norm) = self.norm_form(id)
                {
                    forms.push(raised(norm, Number::integer(2)));
                }
                forms
            }
        }
    }
}

/// `base^e`; `base` for 1.
pub(super) fn raised(base: Form, e: Number) -> Form {
    match e.is_one() {
        true => base,
        false => Form::Node(Op::Power, vec![base, Form::number(e)]),
    }
}

/// `n a b …` without a factor 1.
fn scaled(n: &Number, mut factors: Vec<Form>) -> Form {
    if factors.is_empty() {
        return Form::number(n.clone());
    }
    if *n == Number::MINUS_ONE {
        return Form::Node(Op::Negate, vec![product(factors)]);
    }
    if !n.is_one() {
        factors.insert(0, Form::number(n.clone()));
    }
    product(factors)
}

pub(super) fn product(mut factors: Vec<Form>) -> Form {
    factors.retain(|f| !f.is_one());
    match factors.len() {
        0 => Form::number(Number::ONE),
        1 => factors.remove(0),
        _ => Form::Node(Op::Product, factors),
    }
}
