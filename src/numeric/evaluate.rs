//! Values of expressions at a point, in any field.
//!
//! In: a graph, roots, a [`Point`]. Out: their values, or the first node that has none.
//! Invariant: a loop over ids in topological order; the only recursion is over nested bounded sums, to a
//! fixed depth. A value is returned only if every intermediate value is defined.

use crate::expr::{Graph, Id, Op};

use super::field::Field;
use super::linear::Matrix;
use super::operators::Operators;
use super::point::Point;
use super::tape::{NESTING, Step, Tape};
use super::undefined::{Undefined, Why};

/// The work one evaluation may take, in multiplications.
const WORK: u64 = 100_000_000;
/// Summands a bounded sum may have.
const SUMMANDS: i64 = 1000;

/// The values of `roots` at a point.
///
/// # Errors
/// The first node without a value, and why.
pub fn evaluate<T: Field>(
    graph: &Graph,
    roots: &[Id],
    point: &Point<T>,
) -> Result<Vec<Matrix<T>>, Undefined> {
    Tape::new(graph, roots).run(graph, point)
}

impl Tape {
    /// The values of the roots at a point.
    ///
    /// # Errors
    /// The first node without a value, and why.
    pub fn run<T: Field>(&self, graph: &Graph, point: &Point<T>) -> Result<Vec<Matrix<T>>, Undefined> {
        self.run_scaled(graph, point).map(|(values, _)| values)
    }

    /// The same with the largest magnitude of a derivative of highest order met on the way; a value, too, bounds
    /// it from below by what its rounding leaves in derivatives.
    pub(crate) fn run_scaled<T: Field>(
        &self,
        graph: &Graph,
        point: &Point<T>,
    ) -> Result<(Vec<Matrix<T>>, f64), Undefined> {
        let mut machine = Machine::new(self, graph, point);
        for place in 0..self.steps.len() {
            if !self.steps[place].bound {
                machine.step(place).map_err(|why| Undefined { at: self.steps[place].id, why })?;
            }
        }
        let roots = self.roots.iter().map(|r| {
            let index = *r as usize;
            machine.values[index].clone().ok_or_else(|| Undefined {
                at: self.steps[index].id,
                why: Why::Unsupported("an index outside its sum".into()),
            })
        });
        Ok((roots.collect::<Result<_, _>>()?, machine.largest))
    }

    /// Every node that is undefined though its arguments are defined; nodes above one are passed over.
    pub(super) fn failures<T: Field>(&self, graph: &Graph, point: &Point<T>) -> Vec<Undefined> {
        let mut machine = Machine::new(self, graph, point);
        let mut failures = Vec::new();
        for (place, step) in self.steps.iter().enumerate() {
            let ready = step.args.iter().all(|a| machine.values[*a as usize].is_some());
            if step.bound || !(ready || *graph.op(step.id) == Op::BoundedSum) {
                continue;
            }
            if let Err(why) = machine.step(place) {
                failures.push(Undefined { at: step.id, why });
            }
        }
        failures
    }
}

/// A derivative that cancels keeps this part, after tolerance, of the values it was computed from.
const ROUNDING: f64 = 1e-4;

struct Machine<'a, T> {
    tape: &'a Tape,
    operators: Operators<'a, T>,
    values: Vec<Option<Matrix<T>>>,
    work: u64,
    largest: f64,
}

impl<'a, T: Field> Machine<'a, T> {
    fn new(tape: &'a Tape, graph: &'a Graph, point: &'a Point<T>) -> Machine<'a, T> {
        let values = vec![None; tape.steps.len()];
        Machine { tape, operators: Operators { graph, point }, values, work: 0, largest: 0.0 }
    }

    /// Evaluates one step from values that are there.
    fn step(&mut self, place: usize) -> Result<(), Why> {
        let step: &'a Step = &self.tape.steps[place];
        let value = if *self.operators.graph.op(step.id) == Op::BoundedSum {
            self.bounded_sum(step, NESTING)?
        } else {
            self.operator(step)?
        };
        self.keep(place, value)
    }

    fn keep(&mut self, place: usize, value: Matrix<T>) -> Result<(), Why> {
        if !value.iter().all(|x| x.is_finite()) {
            return Err(Why::NotFinite);
        }
        let magnitude = |x: &T| x.top().abs().max(ROUNDING * x.size());
        self.largest = value.iter().fold(self.largest, |m, x| m.max(magnitude(x)));
        self.values[place] = Some(value);
        Ok(())
    }

    fn operator(&mut self, step: &Step) -> Result<Matrix<T>, Why> {
        let missing = || Why::Unsupported("an index outside its sum".into());
        let args: Result<smallvec::SmallVec<[&Matrix<T>; 4]>, Why> =
            step.args.iter().map(|a| self.values[*a as usize].as_ref().ok_or_else(missing)).collect();
        let args = args?;
        self.work = self.work.saturating_add(self.operators.work(step, &args));
        if self.work > WORK {
            return Err(Why::TooLarge);
        }
        self.operators.apply(step, &args)
    }

    /// Repeats the steps of the body for each value of the index.
    fn bounded_sum(&mut self, step: &Step, depth: usize) -> Result<Matrix<T>, Why> {
        let [index, low, high, body] = step.args[..] else {
            return Err(Why::Unsupported("a sum without bounds".into()));
        };
        if depth == 0 || self.tape.deepest > NESTING {
            return Err(Why::TooLarge);
        }
        let bound = |place: u32| {
            let value = self.values[place as usize].as_ref().and_then(|m| m.iter().next().copied());
            value.and_then(Field::to_integer).ok_or(Why::Domain("a bound that is no whole number"))
        };
        let (low, high) = (bound(low)?, bound(high)?);
        if high.saturating_sub(low) > SUMMANDS {
            return Err(Why::TooLarge);
        }
        let tape = self.tape;
        // An inner sum over the same index shares steps with the outer one, which finds them unchanged.
        let outer: Vec<_> = std::iter::once(&index)
            .chain(&step.body)
            .map(|p| (*p as usize, self.values[*p as usize].take()))
            .collect();
        let mut sum = self.operators.zeros(step.id)?;
        for i in low..=high {
            self.values[index as usize] = Some(Matrix::from_element(1, 1, T::from_integer(i)));
            for &place in &step.body {
                let inner = &tape.steps[place as usize];
                let value = if *self.operators.graph.op(inner.id) == Op::BoundedSum {
                    self.bounded_sum(inner, depth - 1)?
                } else {
                    self.operator(inner)?
                };
                self.keep(place as usize, value)?;
            }
            sum += self.values[body as usize].as_ref().ok_or(Why::NotFinite)?;
        }
        for (place, value) in outer {
            self.values[place] = value;
        }
        Ok(sum)
    }
}

#[cfg(test)]
#[path = "evaluate_tests.rs"]
mod tests;
