//! Conditions at a point.
//!
//! In: what must not vanish or must be positive, and a point. Out: whether it is so.
//! Invariant: a condition that cannot be evaluated here counts as kept; one that is undefined does not.
//! Example: `A` invertible, that is `det(A)` not zero, is not kept at a matrix of ones.

use crate::expr::Graph;

use super::lower::Guard;
use super::point::Point;
use super::tape::Tape;
use super::undefined::{Undefined, Why};

/// How far from its limit a condition must be satisfied.
const MARGIN: f64 = 1e-4;
/// How much of itself what must not vanish may change a hair's breadth away.
const CHANGE: f64 = 1e-3;

/// Conditions with an order of evaluation each: one that cannot be evaluated must not hide another.
pub(crate) struct Guards(Vec<(Guard, Tape)>);

impl Guards {
    pub(crate) fn new(graph: &Graph, guards: &[Guard]) -> Guards {
        Guards(guards.iter().map(|g| (*g, Tape::new(graph, &[g.id()]))).collect())
    }

    /// Whether all conditions hold at a special point, where a margin would exclude what is tiny and take what rounding
    /// leaves of a huge zero for something: what must not vanish is about the same at a point a hair's breadth away.
    pub(crate) fn hold_clearly(&self, graph: &Graph, point: &Point<f64>, near: &Point<f64>) -> bool {
        self.0.iter().all(|(guard, tape)| {
            let (here, there) = match (tape.run(graph, point), tape.run(graph, near)) {
                (Ok(here), Ok(there)) => (here, there),
                (here, there) => return ![here.err(), there.err()].iter().flatten().any(is_mathematical),
            };
            let pairs = here.iter().flat_map(|m| m.iter()).zip(there.iter().flat_map(|m| m.iter()));
            pairs.into_iter().all(|(x, y)| {
                (x - y).abs() < CHANGE * x.abs() && (*x > 0.0 || matches!(guard, Guard::Nonzero(_)))
            })
        })
    }

    /// Whether some condition does not hold, and not by rounding: what must not vanish is exactly zero.
    pub(crate) fn vanish(&self, graph: &Graph, point: &Point<f64>) -> bool {
        self.0.iter().any(|(guard, tape)| {
            let values = tape.run(graph, point).unwrap_or_default();
            values.iter().flat_map(|m| m.iter()).any(|x| match guard {
                Guard::Nonzero(_) => *x == 0.0,
                Guard::Positive(_) => *x <= 0.0,
            })
        })
    }

    /// The first condition that does not hold at a point, if any.
    pub(crate) fn broken(&self, graph: &Graph, point: &Point<f64>) -> Option<Undefined> {
        self.0.iter().find_map(|(guard, tape)| match tape.run(graph, point) {
            Ok(values) => {
                let holds = values.iter().flat_map(|m| m.iter()).all(|x| match guard {
                    Guard::Nonzero(_) => x.abs() > MARGIN,
                    Guard::Positive(_) => *x > MARGIN,
                });
                let why = Why::Domain("a condition that does not hold");
                (!holds).then(|| Undefined { at: guard.id(), why })
            }
            Err(undefined) => is_mathematical(&undefined).then_some(undefined),
        })
    }
}

fn is_mathematical(undefined: &Undefined) -> bool {
    undefined.why.is_mathematical()
}
