//! A law in numbers: whether both sides agree wherever it says so.
//!
//! In: a [`Law`]. Out: a [`Verdict`], with a counterexample where there is one.
//! Invariant: the differential of a function is compared with dual numbers pushed through its value, so a wrong
//! rule cannot confirm itself. Small whole numbers come first, so that a counterexample can be followed on paper; special
//! points (zero, rank 1, singular …) come last: there too the right side must have a value wherever the left one has.
//! Example: `norm(A B) = norm(A) norm(B)` fails at A = [1 0], B = [0; 1].

use crate::diagnostic::Diagnostic;
use crate::expr::{Graph, Id, Properties, VarId};
use crate::numeric::{Dual, Guards, Matrix, Point, Random, Tape, Undefined, Why, direction, guards, lower};
use crate::shape::collect;

use super::counterexample::Counterexample;
use super::points::{Draw, HAIR, SEED, moved, nudged};
use super::setting::Setting;

/// Points of any numbers after which a law is taken to hold.
const ENOUGH: usize = 5;
/// The relative lengths of steps, one for values that bend much and one for values with much rounding; and the part of a
/// step that a differentiable value may be off after it.
const STEPS: [f64; 2] = [1e-5, 1e-3];
const KINK: f64 = 0.05;
/// What rounding may leave of the largest value met on the way to a side.
const CANCELLATION: f64 = 1e-10;
/// The relative error a law may have.
const TOLERANCE: f64 = 1e-6;

/// The two sides of a law.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Relation {
    /// The left side equals the right one.
    Equal,
    /// The right side is the differential of the left one.
    Differential,
    /// ⟨G, left⟩ = ⟨right, X⟩ for the cotangent G and this variable.
    Adjoint { cotangent: VarId, of: VarId },
}

/// A law over the variables of a setting.
pub(super) struct Law {
    /// Where it is read.
    pub setting: Setting,
    /// What its sides have to do with one another.
    pub relation: Relation,
    /// The left side.
    pub left: Id,
    /// The right side.
    pub right: Id,
}

/// What became of a law.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// It held at so many points, up to this relative error.
    Holds {
        /// How many points.
        points: usize,
        /// How many of them are special: zero, singular, tied, huge …
        special: usize,
        /// The largest relative error.
        error: f64,
    },
    /// It does not hold here.
    Fails(Counterexample),
    /// Nothing is known, for this reason.
    Unknown(String),
}

/// A law made ready for evaluation.
struct Trial<'a> {
    graph: &'a Graph,
    relation: Relation,
    sides: [Tape; 2],
    guards: Guards,
}

/// What was found at one point.
enum Found {
    /// The law says nothing here.
    Nothing,
    /// The sides agree up to this error.
    Agree(f64),
    /// They do not.
    Differ(Counterexample),
}

/// Tries a law at many points.
///
/// # Errors
/// Where the law cannot be written in what the evaluator knows.
pub(super) fn judge(law: &mut Law) -> Result<Verdict, Diagnostic> {
    let graph = &mut law.setting.graph;
    let mut conditions = law.setting.conditions.clone();
    conditions.extend(collect(graph, &[law.left])?.into_iter().map(|(condition, _)| condition));
    let [left, right] = lower(graph, &[law.left, law.right])?[..] else {
        return Err(Diagnostic::internal("a law has two sides"));
    };
    let guards = guards(graph, &conditions)?;
    let guards = Guards::new(graph, &guards);
    let sides = [left, right].map(|side| Tape::new(graph, &[side]));
    let trial = Trial { graph, relation: law.relation, sides, guards };
    Ok(trial.run())
}

impl Trial<'_> {
    fn run(&self) -> Verdict {
        let (mut points, mut special, mut error) = (0, 0, 0.0f64);
        for (sort, tries) in Draw::all(self.graph) {
            let mut held = 0;
            for attempt in 0..tries {
                let Ok(mut point) = sort.point(self.graph, attempt) else { continue };
                self.direct(&mut point, attempt, sort == Draw::Whole);
                match self.at(&point, sort) {
                    Found::Nothing => continue,
                    Found::Agree(off) => (error, held) = (error.max(off), held + 1),
                    Found::Differ(found) => return Verdict::Fails(found),
                }
                if held == ENOUGH && sort == Draw::Any {
                    break;
                }
            }
            points += held;
            special += if matches!(sort, Draw::Special(_)) { held } else { 0 };
        }
        match points {
            0 => Verdict::Unknown("no point was found at which both sides are defined".into()),
            _ => Verdict::Holds { points, special, error },
        }
    }

    /// Gives the variables a direction each, in whole numbers where the point is.
    fn direct(&self, point: &mut Point<f64>, attempt: usize, whole: bool) {
        if self.relation != Relation::Differential {
            return;
        }
        let mut random = Random::new(SEED ^ 0xd1, attempt as u64);
        for (i, variable) in self.graph.variables().iter().enumerate() {
            let v = VarId(i as u32);
            let Some(x) = point.value(v).cloned() else { continue };
            let mut along = direction(variable, &x, &mut random);
            if variable.properties.has(Properties::INTEGER) {
                along.fill(0.0);
            } else if whole {
                // Doubled, so that the halves of a symmetric direction are whole as well.
                along = along.map(|e| 2.0 * (2.0 * e).round());
            }
            point.set_differential(v, along);
        }
    }

    fn at(&self, point: &Point<f64>, sort: Draw) -> Found {
        let whole = sort == Draw::Whole;
        let holds = match sort {
            Draw::Special(_) => {
                self.guards.hold_clearly(self.graph, point, &nudged(self.graph, point, HAIR, 0))
            }
            _ => self.guards.broken(self.graph, point).is_none(),
        };
        if !holds {
            return Found::Nothing;
        }
        let Ok((left, scale)) = self.left(point) else { return Found::Nothing };
        let right = match self.right(point) {
            Ok((right, larger)) => Some((right, scale.max(larger))),
            // At whole numbers much vanishes by accident; elsewhere the right side must have a value too.
            Err(u) if whole || matches!(u.why, Why::Unsupported(_) | Why::TooLarge) => return Found::Nothing,
            Err(_) => None,
        };
        let (left, right, scale) = match right {
            Some((right, scale)) => {
                let (left, right) = self.compared(left, right, point);
                (left, right, scale)
            }
            None => (left, None, scale),
        };
        let off = right.as_ref().map_or(f64::INFINITY, |r| distance(&left, r));
        if off <= TOLERANCE {
            let sound = right.as_ref().is_none_or(|df| whole || self.approached(point, df));
            return if sound {
                Found::Agree(off)
            } else {
                Found::Differ(Counterexample::new(self.graph, point, left, right))
            };
        }
        if matches!(sort, Draw::Special(_)) && off * size(&left) <= CANCELLATION * scale {
            return Found::Nothing;
        }
        if right.as_ref().is_some_and(|r| self.is_accident(point, (&left, r), off, whole)) {
            return Found::Nothing;
        }
        Found::Differ(Counterexample::new(self.graph, point, left, right))
    }

    /// The left side, or its derivative along the differentials of the point, with the largest value on the way.
    fn left(&self, point: &Point<f64>) -> Result<(Matrix<f64>, f64), Undefined> {
        if self.relation != Relation::Differential {
            return self.sides[0].run_scaled(self.graph, point).map(first);
        }
        let dual = point.map(|v, value| {
            let along = point.differential(v).cloned().unwrap_or_else(|| value * 0.0);
            value.zip_map(&along, Dual::new)
        });
        let (pushed, scale) = self.sides[0].run_scaled(self.graph, &dual)?;
        Ok(first((pushed.iter().map(|m| m.map(|x| x.du)).collect(), scale)))
    }

    fn right(&self, point: &Point<f64>) -> Result<(Matrix<f64>, f64), Undefined> {
        self.sides[1].run_scaled(self.graph, point).map(first)
    }

    /// Whether the value really changes by the differential, to both sides of a point: at a kink dual numbers give the slope of
    /// one side, or none.
    fn approached(&self, point: &Point<f64>, df: &Matrix<f64>) -> bool {
        if self.relation != Relation::Differential {
            return true;
        }
        let value = |p: &Point<f64>| self.sides[0].run_scaled(self.graph, p).ok().map(first);
        let Some((here, scale)) = value(point) else { return true };
        // As long as the smallest of what moves, where that is not zero.
        let size_of = |x: &Matrix<f64>| x.iter().fold(0.0f64, |most, e| most.max(e.abs()));
        let moving = (0..self.graph.variables().len()).map(|i| VarId(i as u32)).filter_map(|v| {
            let moves = point.differential(v).is_some_and(|d| size_of(d) > 0.0);
            point.value(v).filter(|_| moves).map(size_of).filter(|size| *size > 0.0)
        });
        let length = moving.reduce(f64::min).unwrap_or(1.0);
        STEPS.into_iter().any(|step| {
            let step = step * length;
            [step, -step].into_iter().all(|h| {
                let along = |v: VarId, x: &Matrix<f64>| {
                    point.differential(v).map_or_else(|| x.clone(), |d| x + d * h)
                };
                value(&point.map(along)).is_none_or(|(there, _)| {
                    let off = (there - &here - df * h).iter().fold(0.0f64, |m, x| m.max(x.abs()));
                    off <= (KINK * size(df) + CANCELLATION * scale.max(1.0)) * step
                })
            })
        })
    }

    /// What is compared: both sides, or for an adjoint both inner products.
    fn compared(
        &self,
        left: Matrix<f64>,
        right: Matrix<f64>,
        point: &Point<f64>,
    ) -> (Matrix<f64>, Option<Matrix<f64>>) {
        let Relation::Adjoint { cotangent, of } = self.relation else { return (left, Some(right)) };
        let inner = |a: &Matrix<f64>, v: VarId| match point.value(v) {
            Some(b) if a.shape() == b.shape() => Some(Matrix::from_element(1, 1, a.dot(b))),
            _ => None,
        };
        (inner(&left, cotangent).unwrap_or(left), inner(&right, of))
    }

    /// Whether an error is that of this point alone: of rounding, which is another one a hair's breadth away, or of
    /// a tie or a rank among whole numbers that a condition excludes without saying it in numbers.
    fn is_accident(
        &self,
        point: &Point<f64>,
        sides: (&Matrix<f64>, &Matrix<f64>),
        off: f64,
        whole: bool,
    ) -> bool {
        let nudges = if whole { 3 } else { 0 };
        let nudged = (0..nudges).any(|i| match self.sides_at(&nudged(self.graph, point, 1e-2, i)) {
            Some((left, right)) => distance(&left, &right) < 0.5 * off.min(1.0),
            None => true,
        });
        let near = moved(self.graph, point, |_, x| x * (1.0 + HAIR));
        nudged
            || self.sides_at(&near).is_none_or(|(left, right)| {
                distance(sides.0, &left) > 0.02 * off || distance(sides.1, &right) > 0.02 * off
            })
    }

    /// Both sides as they are compared.
    fn sides_at(&self, point: &Point<f64>) -> Option<(Matrix<f64>, Matrix<f64>)> {
        let ((left, _), (right, _)) = (self.left(point).ok()?, self.right(point).ok()?);
        let (left, right) = self.compared(left, right, point);
        Some((left, right?))
    }
}

/// The one value of a side.
fn first((values, scale): (Vec<Matrix<f64>>, f64)) -> (Matrix<f64>, f64) {
    (values.into_iter().next().unwrap_or_else(|| Matrix::zeros(0, 0)), scale)
}

/// The size of a value, where it is large.
fn size(m: &Matrix<f64>) -> f64 {
    m.iter().fold(1.0, |most, x| most.max(x.abs()))
}

/// The difference of two values, relative to their size where that is large.
fn distance(a: &Matrix<f64>, b: &Matrix<f64>) -> f64 {
    if a.shape() != b.shape() {
        return f64::INFINITY;
    }
    let off = a.iter().zip(b.iter()).fold(0.0f64, |m, (x, y)| m.max((x - y).abs())) / size(a);
    if off.is_nan() { f64::INFINITY } else { off }
}
