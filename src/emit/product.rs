//! Products and traces of products.
//!
//! In: the factors of a product node. Out: one step.
//! Invariant: the number and the 1×1 factors stand in front, the sign before everything; what is left is one
//! chain of matrices.

use crate::expr::{Dim, Id, Number, Op};

use super::chain::{Chain, Factor, Letter};
use super::lower::Lowering;
use super::plan::{StepId, Storage};

impl Lowering<'_> {
    /// A product's number, its scalar factors, and its chains of matrices; all but one of these are 1×1.
    fn split(&mut self, args: &[Id]) -> (Number, Vec<StepId>, Vec<Vec<Letter>>) {
        let (mut number, mut scalars, mut chains) = (Number::ONE, Vec::new(), Vec::new());
        let mut chain: Vec<Letter> = Vec::new();
        for a in args {
            match (self.graph.number(*a), self.storage(*a)) {
                (Some(n), _) => number = number * n,
                (None, Storage::Scalar) => scalars.push(self.of(*a)),
                _ => {
                    let mut letter = self.letter(*a);
                    if let Factor::Plain(step) = letter.factor
                        && let Some(inner) = self.plan.argument_of("negate", step)
                    {
                        (number, letter.factor) = (-number, Factor::Plain(inner));
                    }
                    chain.push(letter);
                    let (first, last) = (chain[0], chain[chain.len() - 1]);
                    if first.rows == Dim::ONE && last.cols == Dim::ONE {
                        chains.push(std::mem::take(&mut chain));
                    }
                }
            }
        }
        if !chain.is_empty() {
            chains.push(chain);
        }
        for chain in &mut chains {
            let eye = |l: &Letter| matches!(l.factor, Factor::Plain(s) if self.plan.is("identity", s));
            if !chain.iter().all(eye) {
                chain.retain(|l| !eye(l));
            } else {
                chain.truncate(1);
            }
        }
        (number, scalars, chains)
    }

    fn letter(&self, id: Id) -> Letter {
        let graph = self.graph;
        let inverse = |id: Id| match (graph.op(id), graph.args(id)) {
            (Op::Power, [base, k]) if graph.number(*k) == Some(Number::MINUS_ONE) => Some(*base),
            _ => None,
        };
        let factor = match (graph.op(id), graph.args(id)) {
            (Op::Power, _) => inverse(id).map(|base| Factor::Inverse(self.of(base))),
            (Op::Call(f), [u]) if graph.catalog().entry(*f).name == "diag" && graph.shape(*u).is_column() => {
                Some(Factor::Diagonal(self.of(*u)))
            }
            _ => None,
        };
        let shape = graph.shape(id);
        let factor = factor.unwrap_or(Factor::Plain(self.of(id)));
        Letter { factor, rows: shape.rows, cols: shape.cols, carried: self.is_carried(id) }
    }

    pub(super) fn product(&mut self, args: &[Id]) -> StepId {
        let (number, mut scalars, chains) = self.split(args);
        let mut whole = None;
        for letters in &chains {
            let letters = self.transposed_inverses(letters);
            let chain = Chain::new(&letters, &self.graph.dims);
            let step = chain.build(&mut self.plan, 0, letters.len());
            match self.plan.storage(step) {
                Storage::Scalar => scalars.push(step),
                _ => whole = Some(step),
            }
        }
        self.scaled(&number, &scalars, whole)
    }

    /// `inv(A).T` as a factor is solved with `A.T`.
    fn transposed_inverses(&mut self, letters: &[Letter]) -> Vec<Letter> {
        let mut found = letters.to_vec();
        for letter in &mut found {
            if let Factor::Plain(step) = letter.factor
                && let Some(inverse) = self.plan.argument_of("transpose", step)
                && let Some(base) = self.plan.argument_of("inverse", inverse)
            {
                letter.factor = Factor::Inverse(self.plan.transpose(base));
            }
        }
        found
    }

    /// `number · scalars · whole`, the sign in front.
    fn scaled(&mut self, number: &Number, scalars: &[StepId], whole: Option<StepId>) -> StepId {
        let parts: Vec<StepId> = scalars.iter().copied().chain(whole).collect();
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
        if !under.is_one() {
            let under = self.plan.number(&under);
            step = self.signed("divide", step, under);
        }
        if number.is_negative() { self.plan.negate(step) } else { step }
    }

    /// tr(A B) as the sum of A .* B^T, split where that costs least.
    pub(super) fn trace(&mut self, args: &[Id]) -> Option<StepId> {
        let [arg] = args else { return None };
        if self.storage(*arg) == Storage::Scalar {
            return Some(self.of(*arg));
        }
        if *self.graph.op(*arg) != Op::Product || self.storage(*arg) != Storage::Matrix {
            return None;
        }
        let (number, mut scalars, mut chains) = self.split(self.graph.args(*arg));
        let last = chains.pop()?;
        for letters in &chains {
            let letters = self.transposed_inverses(letters);
            scalars.push(Chain::new(&letters, &self.graph.dims).build(&mut self.plan, 0, letters.len()));
        }
        let letters = self.transposed_inverses(&last);
        let n = letters.len();
        let chain = Chain::new(&letters, &self.graph.dims);
        let alone = |i: usize, j: usize| j - i == 1 && matches!(letters[i].factor, Factor::Inverse(_));
        let carried = letters.iter().any(|l| l.carried);
        let best = (1..n)
            .filter(|_| !carried)
            .filter(|k| !alone(0, *k) && !alone(*k, n))
            .min_by(|a, b| {
                let cost = |k: usize| chain.cost(0, k) + chain.cost(k, n);
                cost(*a).total_cmp(&cost(*b))
            })
            .filter(|k| (chain.cost(0, *k) + chain.cost(*k, n)).is_finite());
        let whole = match best {
            None => {
                let step = chain.build(&mut self.plan, 0, n);
                self.plan.op("trace", &[step], Storage::Scalar)
            }
            Some(k) => {
                let (a, b) = (chain.build(&mut self.plan, 0, k), chain.build(&mut self.plan, k, n));
                if self.plan.storage(a) == Storage::Matrix {
                    let b = self.plan.transpose(b);
                    let product = self.plan.entrywise("multiply", a, b);
                    self.plan.op("total", &[product], Storage::Scalar)
                } else {
                    self.plan.op("matmul", &[a, b], Storage::Scalar)
                }
            }
        };
        scalars.push(whole);
        Some(self.scaled(&number, &scalars, None))
    }
}
