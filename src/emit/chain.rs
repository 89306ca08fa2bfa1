//! Matrix products in the order that costs least.
//!
//! In: the letters of a chain. Out: one step.
//! Invariant: every association of the chain gives the same value; the one chosen has the least number of flops by the
//! interval program (Cormen et al., Introduction to Algorithms, §15.2), where a stretch that is there already costs
//! nothing and one that several products share costs each of them its part.

use crate::expr::{Dim, DimTable, Graph};

use super::lower::Lowering;
use super::plan::{Plan, StepId, Storage};
use super::word::{Key, Kind, LONGEST, Letter, keys};

/// What a part of a chain has become.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Factor {
    /// Any matrix or vector.
    Plain(StepId),
    /// The inverse of this.
    Inverse(StepId),
    /// The diagonal matrix with this vector on its diagonal.
    Diagonal(StepId),
}

/// A part of a chain with its shape.
#[derive(Clone, Copy, Debug)]
struct Part {
    factor: Factor,
    rows: Dim,
    cols: Dim,
}

/// The size that a named dimension counts as.
const TYPICAL: i64 = 100;

/// The best association of every stretch of a chain.
pub(super) struct Chain<'a> {
    letters: &'a [Letter],
    /// By start and length − 1: the cost and where to split.
    best: Vec<Vec<(f64, usize)>>,
}

impl<'a> Chain<'a> {
    /// The associations of all stretches that are not longer than `longest`.
    pub fn new(letters: &'a [Letter], longest: usize, lowering: &Lowering) -> Chain<'a> {
        let n = letters.len();
        let mut chain = Chain { letters, best: (0..n).map(|_| vec![(0.0, 0)]).collect() };
        if longest > LONGEST {
            return chain;
        }
        let size = |d: Dim| size(d, &lowering.graph.dims);
        for length in 2..=longest {
            for i in 0..=n - length {
                let mut least = (f64::INFINITY, i + 1);
                for k in i + 1..i + length {
                    let sides = chain.cost(i, k) + chain.cost(k, i + length);
                    let (m, inner, p) =
                        (size(letters[i].rows), size(letters[k].rows), size(letters[i + length - 1].cols));
                    let cost = match mirrored(lowering.graph, &letters[i..k], &letters[k..i + length]) {
                        true => chain.cost(i, k) + m * m * inner,
                        false => sides + flops(&letters[i..k], &letters[k..i + length], m, inner, p),
                    };
                    if cost < least.0 {
                        least = (cost, k);
                    }
                }
                let [straight, mirrored] = keys(lowering.graph, &letters[i..i + length]);
                least.0 = match lowering.built(&straight, &mirrored) {
                    Some(_) => 0.0,
                    None if lowering.stretches.is_wanted(&straight, &mirrored) => 0.0,
                    None => least.0 / f64::from(lowering.stretches.count(&straight, &mirrored)),
                };
                chain.best[i].push(least);
            }
        }
        chain
    }

    /// What `letters[i..j]` costs.
    pub fn cost(&self, i: usize, j: usize) -> f64 {
        self.best.get(i).and_then(|row| row.get(j.checked_sub(i + 1)?)).map_or(f64::INFINITY, |b| b.0)
    }

    /// The step for `letters[from..to]`.
    pub fn build(&self, lowering: &mut Lowering, from: usize, to: usize) -> StepId {
        let carried = self.letters[from..to].iter().position(|l| l.carried);
        let part = match carried {
            Some(i) => self.outwards(lowering, from, from + i, to),
            None if self.cost(from, to).is_infinite() => self.fold(lowering, from, to),
            None => self.associate(lowering, from, to),
        };
        plain(&mut lowering.plan, part)
    }

    fn associate(&self, lowering: &mut Lowering, from: usize, to: usize) -> Part {
        let mut values: Vec<Part> = Vec::new();
        let mut stack = vec![(from, to, false)];
        while let Some((i, j, ready)) = stack.pop() {
            let [straight, mirrored] = keys(lowering.graph, &self.letters[i..j]);
            if j - i == 1 {
                values.push(part(lowering, &self.letters[i]));
            } else if ready {
                if let (Some(right), Some(left)) = (values.pop(), values.pop()) {
                    let value = combine(&mut lowering.plan, left, right);
                    lowering.keep(straight, mirrored, value.factor);
                    values.push(value);
                }
            } else if let Some(step) = lowering.built(&straight, &mirrored) {
                let (step, turn) = step;
                let step = if turn { lowering.plan.transpose(step) } else { step };
                let (rows, cols) = (self.letters[i].rows, self.letters[j - 1].cols);
                values.push(Part { factor: Factor::Plain(step), rows, cols });
            } else {
                let k = self.best[i][j - i - 1].1;
                stack.extend([(i, j, true), (k, j, false), (i, k, false)]);
            }
        }
        values.pop().unwrap_or_else(|| part(lowering, &self.letters[from]))
    }

    /// Multiplies from the letter at `start` outwards, first towards the side that is nearer to a vector.
    fn outwards(&self, lowering: &mut Lowering, from: usize, start: usize, to: usize) -> Part {
        let parts: Vec<Part> = self.letters[from..to].iter().map(|l| part(lowering, l)).collect();
        let (left, right) = (&parts[..start - from], &parts[start - from + 1..]);
        let (mut value, plan) = (parts[start - from], &mut lowering.plan);
        if value.rows == Dim::ONE {
            value = right.iter().fold(value, |v, l| combine(plan, v, *l));
            return left.iter().rev().fold(value, |v, l| combine(plan, *l, v));
        }
        value = left.iter().rev().fold(value, |v, l| combine(plan, *l, v));
        right.iter().fold(value, |v, l| combine(plan, v, *l))
    }

    /// A long chain, from the side of its vector.
    fn fold(&self, lowering: &mut Lowering, from: usize, to: usize) -> Part {
        let parts: Vec<Part> = self.letters[from..to].iter().map(|l| part(lowering, l)).collect();
        let (first, last) = (parts[0], parts[parts.len() - 1]);
        let plan = &mut lowering.plan;
        if last.cols == Dim::ONE {
            parts[..parts.len() - 1].iter().rev().fold(last, |right, left| combine(plan, *left, right))
        } else {
            parts[1..].iter().fold(first, |left, right| combine(plan, left, *right))
        }
    }
}

/// A dimension as a number, to compare costs by.
pub(super) fn size(d: Dim, dims: &DimTable) -> f64 {
    dims.evaluate(d, &|_| TYPICAL).max(1) as f64
}

/// Whether one stretch is the other's transpose, so that half of one product is to be computed.
fn mirrored(graph: &Graph, left: &[Letter], right: &[Letter]) -> bool {
    left.len() == right.len() && left[0].rows != Dim::ONE && keys(graph, left)[1] == keys(graph, right)[0]
}

/// What it takes to multiply two stretches of m×inner and inner×p. That a matrix is factored before it is solved
/// with is paid once, whatever the association.
fn flops(left: &[Letter], right: &[Letter], m: f64, inner: f64, p: f64) -> f64 {
    let single = |side: &[Letter]| if side.len() == 1 { Some(side[0].kind) } else { None };
    let solve = |triangular: bool, p: f64| inner * inner * p * if triangular { 1.0 } else { 2.0 };
    match (single(left), single(right)) {
        (Some(Kind::Inverse { .. }), Some(Kind::Inverse { triangular })) => {
            4.0 / 3.0 * m * m * m + solve(triangular, m)
        }
        (Some(Kind::Inverse { triangular }), _) => solve(triangular, p),
        (_, Some(Kind::Inverse { triangular })) => solve(triangular, m),
        (Some(Kind::Diagonal), Some(Kind::Diagonal)) => m,
        (Some(Kind::Diagonal), _) | (_, Some(Kind::Diagonal)) => m * p,
        // An outer product has no sums.
        _ if inner == 1.0 => m * p,
        _ => 2.0 * m * inner * p,
    }
}

/// The step of a letter.
fn part(lowering: &mut Lowering, letter: &Letter) -> Part {
    let Key { id, turned, inverse } = letter.key;
    let step = lowering.of(id);
    let factor = match letter.kind {
        Kind::Diagonal => {
            let vector = lowering.diagonal(id);
            let plan = &mut lowering.plan;
            match inverse {
                true => {
                    let one = plan.integer(1);
                    Factor::Diagonal(plan.entrywise("divide", one, vector))
                }
                false => Factor::Diagonal(vector),
            }
        }
        _ => {
            if inverse {
                lowering.note_definite(id);
            }
            let step = if turned { lowering.plan.transpose(step) } else { step };
            if inverse { Factor::Inverse(step) } else { Factor::Plain(step) }
        }
    };
    Part { factor, rows: letter.rows, cols: letter.cols }
}

/// The step of a part on its own.
fn plain(plan: &mut Plan, part: Part) -> StepId {
    match part.factor {
        Factor::Plain(s) => s,
        Factor::Inverse(s) => plan.inverse(s),
        Factor::Diagonal(s) => plan.op("diagonal", &[s], Storage::Matrix),
    }
}

fn combine(plan: &mut Plan, left: Part, right: Part) -> Part {
    let factor = match (left.factor, right.factor) {
        (Factor::Diagonal(u), Factor::Diagonal(v)) => Factor::Diagonal(plan.entrywise("multiply", u, v)),
        (Factor::Inverse(a), _) => {
            let b = plain(plan, right);
            Factor::Plain(plan.op("solve", &[a, b], plan.storage(b)))
        }
        (_, Factor::Inverse(a)) => {
            let b = plain(plan, left);
            let (at, bt) = (plan.transpose(a), plan.transpose(b));
            let solved = plan.op("solve", &[at, bt], plan.storage(b));
            Factor::Plain(plan.transpose(solved))
        }
        (Factor::Diagonal(u), Factor::Plain(b)) => Factor::Plain(scaled(plan, u, b, true)),
        (Factor::Plain(a), Factor::Diagonal(u)) => Factor::Plain(scaled(plan, u, a, false)),
        (Factor::Plain(a), Factor::Plain(b)) => Factor::Plain(multiply(plan, left, a, right, b)),
    };
    Part { factor, rows: left.rows, cols: right.cols }
}

/// Rows or columns scaled by a vector; by a reciprocal, divided.
fn scaled(plan: &mut Plan, vector: StepId, array: StepId, rows: bool) -> StepId {
    let divisor = plan.reciprocal_of(vector);
    let mut scale = divisor.unwrap_or(vector);
    if rows && plan.storage(array) == Storage::Matrix {
        scale = plan.op("column", &[scale], Storage::Matrix);
    }
    match (divisor, rows) {
        (Some(_), _) => plan.entrywise("divide", array, scale),
        (None, true) => plan.entrywise("multiply", scale, array),
        (None, false) => plan.entrywise("multiply", array, scale),
    }
}

fn multiply(plan: &mut Plan, left: Part, a: StepId, right: Part, b: StepId) -> StepId {
    let outer = left.cols == Dim::ONE && right.rows == Dim::ONE;
    match (plan.storage(a), plan.storage(b)) {
        (Storage::Scalar, _) | (_, Storage::Scalar) => plan.entrywise("multiply", a, b),
        _ if outer => plan.op("outer", &[a, b], Storage::Matrix),
        (Storage::Vector, Storage::Vector) => plan.op("matmul", &[a, b], Storage::Scalar),
        (Storage::Matrix, Storage::Matrix) => plan.op("matmul", &[a, b], Storage::Matrix),
        _ => plan.op("matmul", &[a, b], Storage::Vector),
    }
}
