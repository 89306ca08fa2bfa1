//! What an entry says of its value: where it is, that it is never negative, where it is not zero, where it is continuous.
//!
//! In: an entry and what it says. Out: a [`Verdict`], with a counterexample where there is one.
//! Invariant: nothing is asked outside the entry's domain; a condition counts as violated only where what must not
//! vanish is exactly zero. Example: `support nonzero(x)` of a norm fails where x = 0 and the value is not.

use crate::catalog::ConditionTemplate;
use crate::diagnostic::Diagnostic;
use crate::expr::{FnId, Graph};
use crate::numeric::{Guards, Matrix, Point, Tape, guards, lower};

use super::counterexample::Counterexample;
use super::law::Verdict;
use super::points::{Draw, HAIR, nudged};
use super::setting::Setting;

/// What rounding leaves of zero, beside the largest value on the way.
const ROUNDING: f64 = 1e-12;
/// Ways on which a continuous value is approached.
const WAYS: u64 = 4;
/// A change that is a jump, a thousandth of a hair's breadth away.
const JUMP: f64 = 1e-2;

/// What is said of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Saying {
    /// It is there.
    Domain,
    /// It is not negative.
    Range,
    /// It is not zero where the conditions hold, and zero elsewhere.
    Support,
    /// It is continuous where the conditions hold.
    Continuity,
}

struct Trial<'a> {
    graph: &'a Graph,
    saying: Saying,
    value: Tape,
    domain: Guards,
    conditions: Guards,
}

/// Tries what is said of the value of a function in a setting that assumes its domain alone.
///
/// # Errors
/// Where the value or a condition cannot be written in what the evaluator knows.
pub(super) fn judge(
    setting: &mut Setting,
    f: FnId,
    saying: Saying,
    stated: &[ConditionTemplate],
) -> Result<Verdict, Diagnostic> {
    let call = setting.call(f);
    let mut conditions = vec![];
    for template in stated {
        conditions.extend(setting.condition(template)?);
    }
    let graph = &mut setting.graph;
    let value = lower(graph, &[call])?;
    let (domain, conditions) = (guards(graph, &setting.conditions)?, guards(graph, &conditions)?);
    let (domain, conditions) = (Guards::new(graph, &domain), Guards::new(graph, &conditions));
    let trial = Trial { graph, saying, value: Tape::new(graph, &value), domain, conditions };
    Ok(trial.run())
}

impl Trial<'_> {
    fn run(&self) -> Verdict {
        let (mut points, mut special) = (0, 0);
        for (sort, tries) in Draw::all(self.graph) {
            for attempt in 0..tries {
                let Ok(point) = sort.point(self.graph, attempt) else { continue };
                let near = nudged(self.graph, &point, HAIR, 0);
                if !self.domain.hold_clearly(self.graph, &point, &near) {
                    continue;
                }
                let (value, scale) = match self.value.run_scaled(self.graph, &point) {
                    Ok((values, scale)) => {
                        (values.into_iter().next().unwrap_or_else(|| Matrix::zeros(0, 0)), scale)
                    }
                    Err(undefined)
                        if self.saying == Saying::Domain
                            && undefined.why.is_mathematical()
                            && self.domain.broken(self.graph, &point).is_none() =>
                    {
                        return Verdict::Fails(Counterexample::new(
                            self.graph,
                            &point,
                            Matrix::zeros(0, 0),
                            None,
                        ));
                    }
                    Err(_) => continue,
                };
                match self.holds(&point, &near, (&value, scale)) {
                    Some(true) => {
                        points += 1;
                        special += usize::from(matches!(sort, Draw::Special(_)));
                    }
                    Some(false) => {
                        return Verdict::Fails(Counterexample::new(self.graph, &point, value, None));
                    }
                    None => {}
                }
            }
        }
        match points {
            0 => Verdict::Unknown("no point was found at which it says something".into()),
            _ => Verdict::Holds { points, special, error: 0.0 },
        }
    }

    fn at(&self, point: &Point<f64>) -> Option<(Matrix<f64>, f64)> {
        let (values, scale) = self.value.run_scaled(self.graph, point).ok()?;
        Some((values.into_iter().next()?, scale))
    }

    /// Whether what is said is so at a point of the domain; `None` where it says nothing there.
    fn holds(
        &self,
        point: &Point<f64>,
        near: &Point<f64>,
        (value, scale): (&Matrix<f64>, f64),
    ) -> Option<bool> {
        let rounding = ROUNDING * scale;
        let stated = || self.conditions.hold_clearly(self.graph, point, near);
        let is_zero = || value.iter().all(|x| x.abs() <= rounding);
        match self.saying {
            Saying::Domain => Some(true),
            Saying::Range => Some(value.iter().all(|x| *x >= -rounding)),
            Saying::Support if stated() => Some(value.iter().all(|x| *x != 0.0)),
            Saying::Support => self.conditions.vanish(self.graph, point).then(is_zero),
            Saying::Continuity => stated().then(|| self.is_continuous(point, value)),
        }
    }

    /// Whether the value at points that approach this one approaches the value here.
    fn is_continuous(&self, point: &Point<f64>, value: &Matrix<f64>) -> bool {
        let most = value.iter().fold(1.0f64, |most, x| most.max(x.abs()));
        (0..WAYS).all(|way| {
            let near = nudged(self.graph, point, HAIR * 1e-3, way);
            self.at(&near).is_none_or(|(other, _)| {
                value.zip_map(&other, |x, y| (x - y).abs()).iter().all(|change| *change <= JUMP * most)
            })
        })
    }
}
