//! The check of answers against the function itself.
//!
//! In: a function, claims about its derivatives, conditions. Out: [`Check`]: whether every claim holds at
//! random points that satisfy the declarations and conditions.
//! Invariant: the derivative compared with is the function's own, by dual numbers; what cannot be checked is
//! said, never passed. Example: the claim `Gradient (A + A^T) x` of `x^T A x`.

use smallvec::SmallVec;

use crate::expr::{Condition, Graph, Id, VarId};

use super::claim::{Claim, Relation, Truth, error};
use super::dual::Dual;
use super::field::Field;
use super::guards::Guards;
use super::linear::Matrix;
use super::lower::{Guard, guards, lower};
use super::point::{Point, Sizes};
use super::random::Random;
use super::sample::{bend, direction, draw, draw_whole};
use super::tape::Tape;
use super::undefined::{Undefined, Why};

/// Points at which claims must hold.
const POINTS: usize = 3;
/// Points drawn before none counts as found.
const ATTEMPTS: usize = 80;
/// The relative error a claim may have.
const TOLERANCE: f64 = 1e-7;
/// An error between the tolerance and this is laid to a badly conditioned point, a few times.
const SUSPECT: f64 = 1e-4;
const SUSPECTS: usize = 6;
/// Points whose error may be laid to rounding.
const DOUBTS: usize = 24;
/// Said where no point is left.
const ROUNDED: &str = "rounding hides the derivative at every point that was tried";

/// The outcome of a check.
#[derive(Clone, PartialEq, Debug)]
pub struct Check {
    /// Whether every claim held at every point.
    pub passed: bool,
    /// Points at which all claims held.
    pub points: usize,
    /// The largest relative error met.
    pub max_error: f64,
    /// The points, each with the error of every claim at it.
    pub seen: Vec<Seen>,
    /// Why the check did not pass.
    pub trouble: Option<Trouble>,
}

/// What was found at one point.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    /// The sizes of the dimensions there.
    pub sizes: Sizes,
    /// The relative error of each claim.
    pub errors: Vec<f64>,
}

/// Why a check did not pass.
#[derive(Clone, PartialEq, Debug)]
pub enum Trouble {
    /// The claim with this index is off by this relative error.
    Mismatch(usize, f64),
    /// No point was found at which everything is defined; the last node that was not.
    NoPoint(Option<Undefined>),
    /// The evaluator cannot evaluate something; nothing is known.
    Unsupported(String),
}

/// Checks claims about a function's derivatives.
pub fn check(
    graph: &mut Graph,
    function: Id,
    claims: &[Claim],
    conditions: &[Condition],
    seed: u64,
) -> Check {
    let failed =
        |trouble| Check { passed: false, points: 0, max_error: 0.0, seen: vec![], trouble: Some(trouble) };
    let checker = match Checker::new(graph, function, claims, conditions) {
        Ok(checker) => checker,
        Err(diagnostic) => return failed(Trouble::Unsupported(diagnostic.message)),
    };
    checker.run(seed)
}

/// A point in doubles that satisfies declarations and conditions and at which `roots` are defined.
///
/// # Errors
/// The last node met that was undefined, where no point is found.
pub fn sample(
    graph: &Graph,
    roots: &[Id],
    guards: &[Guard],
    seed: u64,
) -> Result<Point<f64>, Option<Undefined>> {
    let (tape, conditions) = (Tape::new(graph, roots), Guards::new(graph, guards));
    let mut last = None;
    for attempt in 0..ATTEMPTS {
        let Ok(point) = draw(graph, seed, attempt) else { continue };
        if let Some(undefined) = conditions.broken(graph, &point) {
            last = Some(undefined);
            continue;
        }
        match tape.run(graph, &point) {
            Ok(_) => return Ok(point),
            Err(undefined) => last = Some(undefined),
        }
    }
    Err(last)
}

/// Points of small whole numbers and small sizes that satisfy declarations and conditions, the smallest first.
pub(crate) fn whole_points(
    graph: &Graph,
    conditions: &[Guard],
    seed: u64,
) -> impl Iterator<Item = Point<f64>> {
    let conditions = Guards::new(graph, conditions);
    let points = (0..ATTEMPTS).filter_map(move |attempt| draw_whole(graph, seed, attempt).ok());
    points.filter(move |point| conditions.broken(graph, point).is_none())
}

/// Points that were passed over because of their rounding.
#[derive(Default)]
struct Doubts {
    count: usize,
    /// The largest of those that would have counted.
    worst: Option<(usize, f64)>,
}

impl Doubts {
    fn add(&mut self, claim: usize, error: f64) {
        self.count += 1;
        if error < SUSPECT && self.worst.is_none_or(|(_, w)| error > w) {
            self.worst = Some((claim, error));
        }
    }
}

struct Checker<'a> {
    graph: &'a Graph,
    claims: &'a [Claim],
    function: Tape,
    answers: Tape,
    guards: Guards,
    varying: SmallVec<[VarId; 4]>,
}

/// A point with two directions for each varying variable.
struct Probe {
    point: Point<f64>,
    first: Vec<Option<Matrix<f64>>>,
    second: Vec<Option<Matrix<f64>>>,
}

impl<'a> Checker<'a> {
    fn new(
        graph: &'a mut Graph,
        function: Id,
        claims: &'a [Claim],
        conditions: &[Condition],
    ) -> Result<Checker<'a>, crate::diagnostic::Diagnostic> {
        let roots: Vec<Id> = std::iter::once(function).chain(claims.iter().map(|c| c.value)).collect();
        let lowered = lower(graph, &roots)?;
        let guards = guards(graph, conditions)?;
        if let Some(fault) = graph.fault() {
            return Err(fault.error("what is checked"));
        }
        let mut varying: SmallVec<[VarId; 4]> = claims.iter().flat_map(|c| c.wrt.iter().copied()).collect();
        varying.sort_unstable();
        varying.dedup();
        let (function, answers) = lowered.split_at(1);
        let graph: &'a Graph = graph;
        Ok(Checker {
            graph,
            claims,
            function: Tape::new(graph, function),
            answers: Tape::new(graph, answers),
            guards: Guards::new(graph, &guards),
            varying,
        })
    }

    fn run(&self, seed: u64) -> Check {
        let mut check = Check { passed: false, points: 0, max_error: 0.0, seen: vec![], trouble: None };
        let (mut last, mut doubts) = (None, Doubts::default());
        for attempt in 0..ATTEMPTS {
            let Some(probe) = self.probe(seed, attempt) else { continue };
            if let Some(undefined) = self.guards.broken(self.graph, &probe.point) {
                last = Some(undefined);
                continue;
            }
            let errors = self.errors(&probe);
            match errors.as_deref().map(largest) {
                Err(Undefined { why: why @ (Why::Unsupported(_) | Why::TooLarge), .. }) => {
                    check.trouble = Some(Trouble::Unsupported(why.to_string()));
                    return check;
                }
                Err(undefined) => last = Some(undefined.clone()),
                Ok((claim, error)) if error > TOLERANCE && self.is_doubtful(&probe, error, &doubts) => {
                    doubts.add(claim, error);
                    if doubts.count == DOUBTS {
                        break;
                    }
                }
                Ok((claim, error)) => {
                    check.max_error = check.max_error.max(error);
                    let errors = errors.unwrap_or_default();
                    check.seen.push(Seen { sizes: probe.point.sizes, errors });
                    if error.is_nan() || error > TOLERANCE {
                        check.trouble = Some(Trouble::Mismatch(claim, error));
                        return check;
                    }
                    check.points += 1;
                    if check.points == POINTS {
                        check.passed = true;
                        return check;
                    }
                }
            }
        }
        check.passed = check.points > 0;
        // Small errors everywhere speak against the claim; rounding everywhere leaves it open.
        check.trouble = match doubts.worst {
            _ if check.passed => None,
            Some((claim, error)) => Some(Trouble::Mismatch(claim, error)),
            None if doubts.count > 0 => Some(Trouble::Unsupported(ROUNDED.into())),
            None => Some(Trouble::NoPoint(last)),
        };
        check
    }

    /// Whether an error is laid to a badly conditioned point: a few small ones, and a few that are not the same a
    /// hair's breadth away.
    fn is_doubtful(&self, probe: &Probe, error: f64, doubts: &Doubts) -> bool {
        error.is_finite() && (error < SUSPECT && doubts.count < SUSPECTS || self.is_noise(probe, error))
    }

    /// Whether an error is rounding: that of a wrong answer is the same a hair's breadth away, rounding at an
    /// ill-conditioned point (`det(X^5)` where X is nearly singular) is another one.
    fn is_noise(&self, probe: &Probe, error: f64) -> bool {
        [1.0 + 1e-9, 1.0 - 3e-9].into_iter().any(|scale| {
            let point = probe.point.scaled(scale);
            let near = Probe { point, first: probe.first.clone(), second: probe.second.clone() };
            match self.errors(&near).as_deref().map(largest) {
                Ok((_, other)) => (other - error).abs() > 0.02 * error,
                Err(_) => false,
            }
        })
    }

    fn probe(&self, seed: u64, attempt: usize) -> Option<Probe> {
        let mut point = draw(self.graph, seed, attempt).ok()?;
        let mut random = Random::new(seed ^ 0xd1_4ec7, attempt as u64);
        let slots = self.varying.last().map_or(0, |v| v.0 as usize + 1);
        let (mut first, mut second) = (vec![None; slots], vec![None; slots]);
        for v in &self.varying {
            let x = point.value(*v)?.clone();
            for directions in [&mut first, &mut second] {
                directions[v.0 as usize] = Some(direction(self.graph.variable(*v), &x, &mut random));
            }
            point.set_differential(*v, first[v.0 as usize].clone()?);
        }
        Some(Probe { point, first, second })
    }

    /// The error of each claim at a point.
    fn errors(&self, probe: &Probe) -> Result<Vec<f64>, Undefined> {
        let mut known: SmallVec<[(u8, &[VarId], Truth); 4]> = SmallVec::new();
        let mut errors = vec![0.0; self.claims.len()];
        // The function first: where it is undefined the answer need not be looked at.
        for claim in self.claims {
            let order = order(claim.relation);
            if !known.iter().any(|(o, wrt, _)| *o == order && *wrt == claim.wrt.as_slice()) {
                known.push((order, &claim.wrt, self.truth(claim, probe)?));
            }
        }
        let answers = self.answers.run(self.graph, &probe.point)?;
        let one = Matrix::from_element(1, 1, 1.0);
        for (slot, (claim, answer)) in errors.iter_mut().zip(self.claims.iter().zip(&answers)) {
            let order = order(claim.relation);
            let truth = known.iter().find(|(o, wrt, _)| *o == order && *wrt == claim.wrt.as_slice());
            let of = |all: &'_ [Option<Matrix<f64>>]| {
                claim
                    .wrt
                    .first()
                    .and_then(|v| all.get(v.0 as usize).cloned().flatten())
                    .unwrap_or_else(|| one.clone())
            };
            let directions = (of(&probe.first), of(&probe.second));
            let Some((_, _, truth)) = truth else { continue };
            *slot = error(self.graph, claim, answer, truth, &probe.point, (&directions.0, &directions.1));
        }
        Ok(errors)
    }

    /// The derivative of the function that a claim is about.
    fn truth(&self, claim: &Claim, probe: &Probe) -> Result<Truth, Undefined> {
        let (first, second) = (&probe.first, &probe.second);
        let at = |all: &[Option<Matrix<f64>>], v: VarId, i: usize| {
            let varies = claim.wrt.contains(&v);
            let entry = all.get(v.0 as usize).and_then(Option::as_ref).map(|m| m[i]);
            if varies { entry.unwrap_or(0.0) } else { 0.0 }
        };
        let along = |x: f64, v, i| Dual::new(x, at(first, v, i));
        match claim.relation {
            Relation::Hessian | Relation::SecondDifferential => {
                let second = if claim.relation == Relation::Hessian { second } else { first };
                let bent = self.bent(probe, second);
                let across = |v, i| Dual::new(at(second, v, i), at(&bent, v, i));
                self.lifted(probe, |x, v, i| Dual::new(along(x, v, i), across(v, i)))
            }
            Relation::Nth(2) => self.lifted(probe, |x, v, _| {
                let one = unit(claim, v);
                Dual::new(Dual::new(x, one), Dual::constant(one))
            }),
            Relation::Nth(3) => self.lifted(probe, |x, v, _| {
                let one = unit(claim, v);
                Dual::new(
                    Dual::new(Dual::new(x, one), Dual::constant(one)),
                    Dual::constant(Dual::constant(one)),
                )
            }),
            Relation::Nth(1) => self.lifted(probe, |x, v, _| Dual::new(x, unit(claim, v))),
            Relation::Nth(k) => Err(Undefined {
                at: claim.value,
                why: Why::Unsupported(format!("a derivative of order {k}")),
            }),
            _ => self.lifted(probe, along),
        }
    }

    /// How the ways along `second` turn when the point goes along the first directions.
    fn bent(&self, probe: &Probe, second: &[Option<Matrix<f64>>]) -> Vec<Option<Matrix<f64>>> {
        let ways = probe.first.iter().zip(second).enumerate();
        ways.map(|(slot, (d, e))| {
            let v = VarId(u32::try_from(slot).ok()?);
            bend(self.graph.variable(v), probe.point.value(v)?, d.as_ref()?, e.as_ref()?)
        })
        .collect()
    }

    fn lifted<T: Field>(
        &self,
        probe: &Probe,
        lift: impl Fn(f64, VarId, usize) -> T,
    ) -> Result<Truth, Undefined> {
        let point = probe.point.map(|v, m| {
            let entries = m.iter().enumerate().map(|(i, x)| lift(*x, v, i));
            Matrix::from_iterator(m.nrows(), m.ncols(), entries)
        });
        let (values, scale) = self.function.run_scaled(self.graph, &point)?;
        let value = values.first().map_or_else(|| Matrix::zeros(1, 1), |m| m.map(Field::top));
        Ok(Truth { value, scale })
    }
}

/// The claim with the largest error; one that is no number is larger than all.
fn largest(errors: &[f64]) -> (usize, f64) {
    let worse = |a: (usize, f64), b: (usize, f64)| if b.1.is_nan() || b.1 > a.1 { b } else { a };
    errors.iter().copied().enumerate().fold((0, 0.0), worse)
}

/// The direction of a derivative by a scalar.
fn unit(claim: &Claim, v: VarId) -> f64 {
    f64::from(u8::from(claim.wrt.contains(&v)))
}

/// A number that tells apart the derivatives that relations are about.
fn order(relation: Relation) -> u8 {
    match relation {
        Relation::Hessian => 100,
        Relation::SecondDifferential => 101,
        Relation::Nth(k) => 102u8.saturating_add(k),
        _ => 1,
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
