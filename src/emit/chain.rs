//! Matrix products in the order that costs least.
//!
//! In: the factors of a chain. Out: one step.
//! Invariant: every association of the chain gives the same value; the one chosen has the least number of
//! multiplications by the interval program (Cormen et al., Introduction to Algorithms, §15.2), where a factor
//! that is an inverse is solved with and a diagonal one scales.

use crate::expr::{Dim, DimTable};

use super::plan::{Plan, StepId, Storage};

/// What a factor is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Factor {
    /// Any matrix or vector.
    Plain(StepId),
    /// The inverse of this.
    Inverse(StepId),
    /// The diagonal matrix with this vector on its diagonal.
    Diagonal(StepId),
}

/// A factor with its shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Letter {
    pub factor: Factor,
    pub rows: Dim,
    pub cols: Dim,
    /// Whether it depends on the direction that is carried through the product.
    pub carried: bool,
}

/// Longer chains are multiplied from the side of their vector.
const LONGEST: usize = 40;
/// The size that a named dimension counts as.
const TYPICAL: i64 = 100;

/// The best association of every part of a chain.
pub(super) struct Chain<'a> {
    letters: &'a [Letter],
    /// By start and length − 1: the cost and where to split.
    best: Vec<Vec<(f64, usize)>>,
}

impl<'a> Chain<'a> {
    pub fn new(letters: &'a [Letter], dims: &DimTable) -> Chain<'a> {
        let n = letters.len();
        let size = |d: Dim| dims.evaluate(d, &|_| TYPICAL).max(1) as f64;
        let mut best: Vec<Vec<(f64, usize)>> = (0..n).map(|_| vec![(0.0, 0)]).collect();
        if n > LONGEST {
            return Chain { letters, best };
        }
        for length in 2..=n {
            for i in 0..=n - length {
                let mut least = (f64::INFINITY, i + 1);
                for k in i + 1..i + length {
                    let sides = best[i][k - i - 1].0 + best[k][i + length - k - 1].0;
                    let (m, inner, p) =
                        (size(letters[i].rows), size(letters[k].rows), size(letters[i + length - 1].cols));
                    let cost = sides + cost(&letters[i..k], &letters[k..i + length], m, inner, p);
                    if cost < least.0 {
                        least = (cost, k);
                    }
                }
                best[i].push(least);
            }
        }
        Chain { letters, best }
    }

    /// The multiplications that `letters[i..j]` takes.
    pub fn cost(&self, i: usize, j: usize) -> f64 {
        self.best.get(i).and_then(|row| row.get(j.checked_sub(i + 1)?)).map_or(f64::INFINITY, |b| b.0)
    }

    /// The steps for `letters[from..to]`.
    pub fn build(&self, plan: &mut Plan, from: usize, to: usize) -> StepId {
        let carried = self.letters[from..to].iter().position(|l| l.carried);
        let letter = match carried {
            Some(i) => self.outwards(plan, from, from + i, to),
            None if self.letters.len() > LONGEST => self.fold(plan, from, to),
            None => self.associate(plan, from, to),
        };
        plain(plan, letter)
    }

    fn associate(&self, plan: &mut Plan, from: usize, to: usize) -> Letter {
        let mut values: Vec<Letter> = Vec::new();
        let mut stack = vec![(from, to, false)];
        while let Some((i, j, ready)) = stack.pop() {
            if j - i == 1 {
                values.push(self.letters[i]);
            } else if ready {
                if let (Some(right), Some(left)) = (values.pop(), values.pop()) {
                    values.push(combine(plan, left, right));
                }
            } else {
                let k = self.best[i][j - i - 1].1;
                stack.extend([(i, j, true), (k, j, false), (i, k, false)]);
            }
        }
        values.pop().unwrap_or(self.letters[from])
    }

    /// Multiplies from the letter at `start` outwards, first towards the side that is nearer to a vector.
    fn outwards(&self, plan: &mut Plan, from: usize, start: usize, to: usize) -> Letter {
        let (left, right) = (&self.letters[from..start], &self.letters[start + 1..to]);
        let mut value = self.letters[start];
        if value.rows == Dim::ONE {
            value = right.iter().fold(value, |v, l| combine(plan, v, *l));
            return left.iter().rev().fold(value, |v, l| combine(plan, *l, v));
        }
        value = left.iter().rev().fold(value, |v, l| combine(plan, *l, v));
        right.iter().fold(value, |v, l| combine(plan, v, *l))
    }

    fn fold(&self, plan: &mut Plan, from: usize, to: usize) -> Letter {
        let part = &self.letters[from..to];
        let (first, last) = (part[0], part[part.len() - 1]);
        if last.cols == Dim::ONE {
            part[..part.len() - 1].iter().rev().fold(last, |right, left| combine(plan, *left, right))
        } else {
            part[1..].iter().fold(first, |left, right| combine(plan, left, *right))
        }
    }
}

fn cost(left: &[Letter], right: &[Letter], m: f64, inner: f64, p: f64) -> f64 {
    let single = |side: &[Letter]| if side.len() == 1 { Some(side[0].factor) } else { None };
    match (single(left), single(right)) {
        (Some(Factor::Inverse(_)), Some(Factor::Inverse(_))) => 3.0 * m * m * m,
        (Some(Factor::Inverse(_)), _) => m * m * m / 3.0 + m * m * p,
        (_, Some(Factor::Inverse(_))) => p * p * p / 3.0 + m * p * p,
        (Some(Factor::Diagonal(_)), _) | (_, Some(Factor::Diagonal(_))) => m * p,
        _ => m * inner * p,
    }
}

/// The step of a letter on its own.
fn plain(plan: &mut Plan, letter: Letter) -> StepId {
    match letter.factor {
        Factor::Plain(s) => s,
        Factor::Inverse(s) => plan.op("inverse", &[s], Storage::Matrix),
        Factor::Diagonal(s) => plan.op("diagonal", &[s], Storage::Matrix),
    }
}

fn combine(plan: &mut Plan, left: Letter, right: Letter) -> Letter {
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
        (Factor::Diagonal(u), Factor::Plain(b)) => {
            let u = match plan.storage(b) {
                Storage::Matrix => plan.op("column", &[u], Storage::Matrix),
                _ => u,
            };
            Factor::Plain(plan.entrywise("multiply", u, b))
        }
        (Factor::Plain(a), Factor::Diagonal(u)) => Factor::Plain(plan.entrywise("multiply", a, u)),
        (Factor::Plain(a), Factor::Plain(b)) => Factor::Plain(multiply(plan, left, a, right, b)),
    };
    Letter { factor, rows: left.rows, cols: right.cols, carried: left.carried || right.carried }
}

fn multiply(plan: &mut Plan, left: Letter, a: StepId, right: Letter, b: StepId) -> StepId {
    let outer = left.cols == Dim::ONE && right.rows == Dim::ONE;
    match (plan.storage(a), plan.storage(b)) {
        (Storage::Scalar, _) | (_, Storage::Scalar) => plan.entrywise("multiply", a, b),
        _ if outer => plan.op("outer", &[a, b], Storage::Matrix),
        (Storage::Vector, Storage::Vector) => plan.op("matmul", &[a, b], Storage::Scalar),
        (Storage::Matrix, Storage::Matrix) => plan.op("matmul", &[a, b], Storage::Matrix),
        _ => plan.op("matmul", &[a, b], Storage::Vector),
    }
}
