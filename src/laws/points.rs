//! The points at which laws are tried.
//!
//! In: the variables of a graph. Out: points of small whole numbers, of any numbers, and special ones, in this order.
//! Invariant: a counterexample among small numbers, which can be followed on paper, is met before any other.

use crate::expr::{Graph, Properties, VarId};
use crate::numeric::{Matrix, Point, Random, Stratum, Why, direction, draw, draw_special, draw_whole};

/// The same points for everybody.
pub(super) const SEED: u64 = 0x1a3;
/// How far a hair's breadth is.
pub(super) const HAIR: f64 = 1e-9;
/// Points of small whole numbers that are tried, and of any numbers.
const WHOLE: usize = 24;
const ANY: usize = 60;
/// Points in each stratum for each variable that is in it, and for all at once.
const SPECIAL: usize = 2;

/// How a point is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Draw {
    Whole,
    Any,
    Special(Stratum),
}

impl Draw {
    /// All ways, each with how often it is tried.
    pub(super) fn all(graph: &Graph) -> impl Iterator<Item = (Draw, usize)> + use<> {
        let each = SPECIAL * (graph.variables().len() + 1);
        let special = Stratum::ALL.map(|s| (Draw::Special(s), each));
        [(Draw::Whole, WHOLE), (Draw::Any, ANY)].into_iter().chain(special)
    }

    /// A point.
    pub(super) fn point(self, graph: &Graph, attempt: usize) -> Result<Point<f64>, Why> {
        match self {
            Draw::Whole => draw_whole(graph, SEED, attempt),
            Draw::Any => draw(graph, SEED, attempt),
            Draw::Special(stratum) => draw_special(graph, SEED, stratum, attempt),
        }
    }
}

/// The point a little off, with every variable still what it was declared to be.
pub(super) fn nudged(graph: &Graph, point: &Point<f64>, by: f64, i: u64) -> Point<f64> {
    let mut random = Random::new(SEED ^ 0x9d, i);
    moved(graph, point, |v, x| {
        let variable = graph.variable(v);
        if variable.properties.has(Properties::INTEGER) {
            return x.clone();
        }
        x + direction(variable, x, &mut random) * by
    })
}

/// The same directions at another point.
pub(super) fn moved(
    graph: &Graph,
    point: &Point<f64>,
    to: impl FnMut(VarId, &Matrix<f64>) -> Matrix<f64>,
) -> Point<f64> {
    let mut moved = point.map(to);
    for i in 0..graph.variables().len() {
        let v = VarId(i as u32);
        if let Some(along) = point.differential(v) {
            moved.set_differential(v, along.clone());
        }
    }
    moved
}
