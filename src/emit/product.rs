//! Products and traces of products.
//!
//! In: the factors of a product node. Out: one step.
//! Invariant: the number and the 1×1 factors stand in front, the sign before everything; what is left is one
//! chain of matrices.

use crate::expr::{Dim, Id, Number, Op};

use super::chain::Chain;
use super::lower::Lowering;
use super::plan::{StepId, Storage};
use super::word::{Kind, Letter, Word, is_word, split};

impl Lowering<'_> {
    fn word(&self, args: &[Id]) -> Word {
        split(self.graph, args, &|id| self.is_carried(id))
    }

    pub(super) fn product(&mut self, args: &[Id]) -> StepId {
        let Word { number, scalars, divisors, chains } = self.word(args);
        let mut scalars: Vec<StepId> = scalars.iter().map(|s| self.of(*s)).collect();
        let mut whole = None;
        for letters in &chains {
            let step = Chain::new(letters, letters.len(), self).build(self, 0, letters.len());
            match self.plan.storage(step) {
                Storage::Scalar => scalars.push(step),
                _ => whole = Some(step),
            }
        }
        self.scaled(number, &scalars, &divisors, whole)
    }

    /// `number · scalars / divisors · whole`, the sign in front.
    fn scaled(
        &mut self,
        mut number: Number,
        scalars: &[StepId],
        divisors: &[Id],
        whole: Option<StepId>,
    ) -> StepId {
        let mut parts: Vec<StepId> = scalars.iter().copied().chain(whole).collect();
        for part in &mut parts {
            if let Some(inner) = self.plan.argument_of("negate", *part) {
                (number, *part) = (-number, inner);
            }
        }
        let magnitude = number.abs();
        let (p, q) = magnitude.parts();
        // `x / 3` rather than `1 / 3 * x`, `0.5 * x` rather than `x / 2`.
        let decimal = Number::parse(&magnitude.to_f64().to_string()).is_some_and(|d| d == magnitude);
        let (front, under) = match decimal {
            true => (magnitude, Number::ONE),
            false => (p, q),
        };
        let mut step = (!front.is_one() || parts.is_empty()).then(|| self.plan.number(&front));
        for part in parts {
            step = Some(step.map_or(part, |s| self.signed("multiply", s, part)));
        }
        let mut step = step.unwrap_or(0);
        let mut under: Vec<StepId> = if under.is_one() { vec![] } else { vec![self.plan.number(&under)] };
        under.extend(divisors.iter().map(|d| self.of(*d)));
        for divisor in under {
            step = self.signed("divide", step, divisor);
        }
        if number.is_negative() { self.plan.negate(step) } else { step }
    }

    /// tr(A B) as the sum of A .* B^T, cut at the two places of the circle where that costs least.
    pub(super) fn trace(&mut self, args: &[Id]) -> Option<StepId> {
        let [arg] = args else { return None };
        if self.storage(*arg) == Storage::Scalar {
            return Some(self.of(*arg));
        }
        if !is_word(self.graph, *arg) || self.storage(*arg) != Storage::Matrix {
            return None;
        }
        let Word { number, scalars, divisors, mut chains } = match self.graph.op(*arg) {
            Op::Product => self.word(self.graph.args(*arg)),
            _ => self.word(args),
        };
        let letters = chains.pop()?;
        let mut scalars: Vec<StepId> = scalars.iter().map(|s| self.of(*s)).collect();
        for letters in &chains {
            scalars.push(Chain::new(letters, letters.len(), self).build(self, 0, letters.len()));
        }
        scalars.push(self.around(&letters));
        Some(self.scaled(number, &scalars, &divisors, None))
    }

    /// The diagonal of A B as the sums of the rows of A .* B^T.
    pub(super) fn diagonal_of_product(&mut self, args: &[Id]) -> Option<StepId> {
        let [arg] = args else { return None };
        if *self.graph.op(*arg) != Op::Product || self.storage(*arg) != Storage::Matrix {
            return None;
        }
        let Word { number, scalars, divisors, mut chains } = self.word(self.graph.args(*arg));
        let letters = chains.pop()?;
        let sums = self.row_sums(&letters)?;
        let mut scalars: Vec<StepId> = scalars.iter().map(|s| self.of(*s)).collect();
        for letters in &chains {
            scalars.push(Chain::new(letters, letters.len(), self).build(self, 0, letters.len()));
        }
        Some(self.scaled(number, &scalars, &divisors, Some(sums)))
    }

    fn row_sums(&mut self, letters: &[Letter]) -> Option<StepId> {
        let n = letters.len();
        let chain = Chain::new(letters, n, self);
        let cost = |k: usize| chain.cost(0, k) + chain.cost(k, n);
        let wide = |k: &usize| letters[*k].rows != Dim::ONE && cost(*k).is_finite();
        let k = (1..n).filter(wide).min_by(|a, b| cost(*a).total_cmp(&cost(*b)))?;
        if !self.target.operators.contains_key("row_sums") {
            return None;
        }
        let (a, b) = (chain.build(self, 0, k), chain.build(self, k, n));
        let b = self.plan.transpose(b);
        let product = self.plan.entrywise("multiply", a, b);
        Some(self.plan.op("row_sums", &[product], Storage::Vector))
    }

    /// The trace of one chain, whose ends meet.
    fn around(&mut self, letters: &[Letter]) -> StepId {
        let n = letters.len();
        let carried = letters.iter().any(|l| l.carried);
        // tr(diag(d) A B) is d^T diag(A B).
        let is_diagonal = |l: &Letter| l.kind == Kind::Diagonal && !l.key.inverse;
        if let Some(i) = letters.iter().position(is_diagonal).filter(|_| n > 2 && !carried) {
            let rest = [&letters[i + 1..], &letters[..i]].concat();
            if let Some(sums) = self.row_sums(&rest) {
                let diagonal = self.diagonal(letters[i].key.id);
                return self.plan.op("matmul", &[diagonal, sums], Storage::Scalar);
            }
        }
        let twice = [letters, letters].concat();
        let chain = Chain::new(&twice, n, self);
        let alone = |i: usize, j: usize| j - i == 1 && matches!(twice[i].kind, Kind::Inverse { .. });
        let cost = |(i, j): (usize, usize)| chain.cost(i, j) + chain.cost(j, i + n);
        let cuts = (0..n).flat_map(|i| (i + 1..n.min(i + n)).map(move |j| (i, j)));
        let best = cuts
            .filter(|(i, j)| !carried && !alone(*i, *j) && !alone(*j, *i + n))
            .filter(|cut| cost(*cut).is_finite())
            .min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
        let Some((i, j)) = best else {
            let step = chain.build(self, 0, n);
            return self.plan.op("trace", &[step], Storage::Scalar);
        };
        let (a, b) = (chain.build(self, i, j), chain.build(self, j, i + n));
        if letters.iter().any(|l| l.rows == Dim::ONE) && self.plan.storage(a) != Storage::Matrix {
            return self.plan.op("matmul", &[a, b], Storage::Scalar);
        }
        let b = self.plan.transpose(b);
        let product = self.plan.entrywise("multiply", a, b);
        self.plan.op("total", &[product], Storage::Scalar)
    }
}
