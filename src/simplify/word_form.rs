//! How a reader writes a word: repeated stretches as powers, diagonal matrices as elementwise products.
//!
//! In: a word. Out: rows of factors, each one way to write it.
//! Invariant: a row has the value of the word.
//!
//! `A B A B` is `(A B)^2`, `diag(u) v` is `u .* v`, `ones^T v` is `sum(v)`, over n it is `mean(v)`.

use std::rc::Rc;

use crate::expr::{Dim, Id, Number, Op, Shape};

use super::form::{Form, raised};
use super::normal::Normalizer;
use super::poly::{Factor, Factors, Poly, Term};

impl Normalizer<'_> {
    /// Ways to write a word, each as a row of factors.
    pub(in crate::simplify) fn word_forms(&mut self, word: &[Factor]) -> Vec<Vec<Form>> {
        let plain: Vec<Form> = word.iter().map(|f| self.power_form(*f)).collect();
        let mut forms = vec![plain];
        if let Some(applied) = self.diagonal_applied(word) {
            forms.push(applied);
        }
        if self.solves {
            forms.extend(self.solve_forms(word));
        }
        if let Some(row) = self.repeated_stretch(word) {
            forms.push(row);
        }
        if let Some(f) = self.sum_of_entries_form(word) {
            forms.push(vec![f]);
        }
        if let Some(f) = self.ones_form(word) {
            forms.push(vec![f]);
        }
        if let Some(row) = self.outer_scaling(word) {
            forms.push(row);
        }
        forms
    }

    /// `diag(u) v` as `u .* v`, where v is a stretch that ends as a column: the rightmost such diagonal letter.
    pub(in crate::simplify) fn diagonal_applied(&mut self, word: &[Factor]) -> Option<Vec<Form>> {
        let column =
            |i: usize| (i + 1..word.len()).find(|j| self.graph.shape(word[*j].base).cols == Dim::ONE);
        let places: Vec<(usize, usize)> =
            (0..word.len()).rev().filter_map(|i| Some((i, column(i)?))).collect();
        let (i, last, u) =
            places.into_iter().find_map(|(i, last)| Some((i, last, self.diagonal_vector(&word[i])?)))?;
        let stretch = self.write_word(&word[i + 1..=last]);
        let applied = Form::Node(Op::Hadamard, vec![Form::Hole(u), Form::Hole(stretch)]);
        let mut row: Vec<Form> = word[..i].iter().map(|f| self.power_form(*f)).collect();
        row.push(applied);
        for f in &word[last + 1..] {
            row.push(self.power_form(*f));
        }
        Some(row)
    }

    /// The vector of a diagonal letter: of `diag(u)`, or of a sum of such.
    fn diagonal_vector(&mut self, f: &Factor) -> Option<Id> {
        if !matches!(self.graph.op(f.base), Op::Sum) || f.exponent != self.one {
            return self.diagonal_of(f);
        }
        let sum = self.poly(f.base);
        let mut parts = vec![];
        for t in &sum.terms {
            let [letter] = t.word.as_slice() else { return None };
            let u = self.diagonal_of(letter)?;
            let u = self.poly(u);
            let scale = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
            parts.push(Rc::new(self.times(&scale, &u)));
        }
        let vector = self.add(Shape::vector(sum.shape.rows), &parts);
        Some(self.write(&vector))
    }

    /// `A^-1 b` as `A \\ b` for a user who writes so, and `A^-1 b b^T A^-T` as `(A \\ b) (A \\ b)^T`.
    pub(in crate::simplify) fn solve_forms(&mut self, word: &[Factor]) -> Vec<Vec<Form>> {
        let mut forms = Vec::new();
        let minus_one = Some(Number::MINUS_ONE);
        let inverse = |this: &Self, f: &Factor| this.graph.number(f.exponent) == minus_one;
        for i in 0..word.len().saturating_sub(1) {
            if inverse(self, &word[i]) {
                let rest = self.write_word(&word[i + 1..]);
                let mut row: Vec<Form> = word[..i].iter().map(|f| self.power_form(*f)).collect();
                row.push(Form::Node(Op::Solve, vec![Form::Hole(word[i].base), Form::Hole(rest)]));
                forms.push(row);
            }
        }
        let cut = (1..word.len()).find(|i| self.boundary(word, *i) == Dim::ONE);
        if let Some(i) = cut {
            let turned = self.turn(&word[i..]);
            if turned.coefficient.is_one() {
                let (column, row) = (self.write_word(&word[..i]), self.write_word(&turned.word));
                forms.push(vec![Form::Hole(column), Form::Node(Op::Transpose, vec![Form::Hole(row)])]);
            }
        }
        forms
    }

    /// `A B A B` as `(A B)^2`.
    pub(in crate::simplify) fn repeated_stretch(&mut self, word: &[Factor]) -> Option<Vec<Form>> {
        let n = word.len();
        if n > REPEATS {
            return None;
        }
        for period in 2..=n / 2 {
            for start in 0..=n - 2 * period {
                let unit = &word[start..start + period];
                let times = word[start..].chunks_exact(period).take_while(|c| *c == unit).count();
                let square = self.word_shape(unit).is_square();
                if times < 2 || !square {
                    continue;
                }
                let inner = self.write_word(unit);
                let mut row: Vec<Form> = word[..start].iter().map(|f| self.power_form(*f)).collect();
                row.push(raised(Form::Hole(inner), Number::integer(times as i64)));
                let rest = &word[start + times * period..];
                row.extend(rest.iter().map(|f| self.power_form(*f)).collect::<Vec<_>>());
                return Some(row);
            }
        }
        None
    }

    /// `ones^T v` as `sum(v)`, `ones^T M ones` as `sum(M)`.
    pub(in crate::simplify) fn sum_of_entries_form(&mut self, word: &[Factor]) -> Option<Form> {
        let entries = self.entries_of_sum(word)?;
        Some(Form::Node(Op::Call(self.known.sum?), vec![Form::Hole(entries)]))
    }

    /// v of `ones^T v`, M of `ones^T M ones`.
    fn entries_of_sum(&mut self, word: &[Factor]) -> Option<Id> {
        let (first, rest) = word.split_first()?;
        if rest.is_empty() || !self.is_ones_row(first.base) || first.exponent != self.one {
            return None;
        }
        if self.word_shape(word).cols != Dim::ONE {
            return None;
        }
        let ones = |f: &Factor| matches!(self.graph.op(f.base), Op::Ones(..)) && f.exponent == self.one;
        let inner = match rest {
            [inner @ .., last] if ones(last) && !inner.is_empty() => inner,
            _ => rest,
        };
        Some(self.write_word(inner))
    }

    /// `ones^T v / n` as `mean(v)`.
    pub(in crate::simplify) fn mean_form(&mut self, t: &Term) -> Option<Form> {
        let mean = self.known.mean?;
        for (i, f) in t.scalars.iter().enumerate() {
            if f.exponent != self.one || !matches!(self.graph.op(f.base), Op::Product) {
                continue;
            }
            let letters = self.letters(f.base);
            let Some(entries) = self.entries_of_sum(&letters) else { continue };
            let mut rest = t.clone();
            rest.scalars.remove(i);
            if let Some(rest) = self.divided_by_size(&rest, self.graph.shape(entries)) {
                let (scalars, words) = self.split_words(&rest);
                let mut row = vec![Form::Node(Op::Call(mean), vec![Form::Hole(entries)])];
                row.extend(words.into_iter().next().unwrap_or_default());
                return Some(self.quotient(&rest.coefficient, &scalars, &row));
            }
        }
        None
    }

    /// c of `c / (m n)`, where the term is divided by all of the size of a matrix.
    fn divided_by_size(&mut self, t: &Term, of: Shape) -> Option<Term> {
        let (rows, columns) = (self.size(of.rows), self.size(of.cols));
        let size = self.times(&rows, &columns);
        let shape = self.word_shape(&t.word);
        let whole = self.times(&size, &Poly::of(shape, t.clone()));
        let ([size], [whole]) = (size.terms.as_slice(), whole.terms.as_slice()) else { return None };
        let divides = |f: &Factor| {
            t.scalars
                .iter()
                .any(|g| g.base == f.base && self.graph.number(g.exponent).is_some_and(|e| e.is_negative()))
        };
        let counted = whole.coefficient.parts().1 < t.coefficient.parts().1;
        let known = size.scalars.iter().all(divides) && (size.coefficient.is_one() || counted);
        known.then(|| whole.clone())
    }

    /// `ones(m) ones(n)^T` as `ones(m, n)`.
    pub(in crate::simplify) fn ones_form(&self, word: &[Factor]) -> Option<Form> {
        let [a, b] = word else { return None };
        let row = self.graph.transpose_of(b.base)?;
        match (self.graph.op(a.base), self.graph.op(row)) {
            (Op::Ones(m, _), Op::Ones(n, _)) => Some(Form::Node(Op::Ones(*m, *n), Vec::new())),
            _ => None,
        }
    }

    /// `diag(u) M diag(v)` as `(u v^T) .* M`.
    pub(in crate::simplify) fn outer_scaling(&mut self, word: &[Factor]) -> Option<Vec<Form>> {
        let i = word.iter().position(|f| self.diagonal_of(f).is_some())?;
        let j = word.iter().rposition(|f| self.diagonal_of(f).is_some())?;
        if j < i + 2 {
            return None;
        }
        let (u, v) = (self.diagonal_of(&word[i])?, self.diagonal_of(&word[j])?);
        let inner = self.write_word(&word[i + 1..j]);
        let row = Form::Node(Op::Transpose, vec![Form::Hole(v)]);
        let outer = Form::Node(Op::Product, vec![Form::Hole(u), row]);
        let scaled = Form::Node(Op::Hadamard, vec![outer, Form::Hole(inner)]);
        let mut forms: Vec<Form> = word[..i].iter().map(|f| self.power_form(*f)).collect();
        forms.push(scaled);
        forms.extend(word[j + 1..].iter().map(|f| self.power_form(*f)).collect::<Vec<_>>());
        Some(forms)
    }

    /// Elementwise numerator over denominator.
    pub(in crate::simplify) fn hadamard_form(&mut self, id: Id) -> Form {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for (base, exponent) in self.hadamard_factors(id) {
            match self.graph.number(exponent) {
                Some(e) if e.is_negative() => below.push(self.element_power_form(base, &-e)),
                Some(e) => above.push(self.element_power_form(base, &e)),
                None => {
                    above.push(Form::Node(Op::ElementPower, vec![Form::Hole(base), Form::Hole(exponent)]))
                }
            }
        }
        let row = |mut forms: Vec<Form>| match forms.len() {
            1 => forms.remove(0),
            _ => Form::Node(Op::Hadamard, forms),
        };
        match (above.is_empty(), below.is_empty()) {
            (_, true) => row(above),
            (true, false) => Form::Node(Op::ElementDivide, vec![Form::number(Number::ONE), row(below)]),
            (false, false) => Form::Node(Op::ElementDivide, vec![row(above), row(below)]),
        }
    }

    pub(in crate::simplify) fn element_power_form(&mut self, base: Id, e: &Number) -> Form {
        if e.is_one() {
            return Form::Hole(base);
        }
        if *e == Number::ratio(1, 2)
            && let Some(sqrt) = self.known.sqrt
        {
            return Form::Node(Op::Map(sqrt), vec![Form::Hole(base)]);
        }
        Form::Node(Op::ElementPower, vec![Form::Hole(base), Form::number(e.clone())])
    }
}

/// Longer words are not searched for repeated stretches.
const REPEATS: usize = 48;
