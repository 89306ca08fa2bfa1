//! `matgrad check [EXPR]`: the numeric checks of all rules, or of one answer, point by point.
//!
//! In: the rules in force, or a request. Out: what held, and what did not.
//! Invariant: the exit status is 0 only where everything held.

use std::process::ExitCode;

use matgrad::answer::{Answer, Setup};
use matgrad::laws::{self, Sort, Verdict};
use matgrad::print::Style;

use super::layout::{Row, layout};
use super::{output, summary};

/// Tries every rule.
pub fn rules(setup: &Setup) -> ExitCode {
    let found = laws::examine(&setup.catalog);
    let mut rows = vec![];
    for sort in Sort::ALL {
        let of_sort = found.iter().filter(|f| f.sort == sort);
        let (mut held, mut points, mut special, mut worst) = (0, 0, 0, 0.0f64);
        for finding in of_sort.clone() {
            if let Verdict::Holds { points: p, special: s, error } = finding.verdict {
                (held, points, special, worst) = (held + 1, points + p, special + s, worst.max(error));
            }
        }
        let failed = of_sort.count() - held;
        let failed = if failed == 0 { String::new() } else { format!(", {failed} failed") };
        let body = format!(
            "{held} hold at {points} points, {special} of them special, largest error {worst:.0e}{failed}"
        );
        rows.push(Row { head: sort.plural().into(), body, ..Row::default() });
    }
    let shown = output::result(layout(&rows).as_bytes());
    let errors = found.iter().filter_map(|f| f.error.as_ref());
    errors.fold(shown, |_, error| output::diagnostic(error))
}

/// The check of one answer in detail.
pub fn answer(found: &Answer, style: Style) -> ExitCode {
    let Some(check) = &found.check else {
        return output::result(b"nothing varies, so there is nothing to check\n");
    };
    let mut rows = vec![];
    let mut last = None;
    for detail in &check.details {
        if last.replace(&detail.sizes).is_some_and(|sizes| sizes != &detail.sizes) {
            rows.push(Row::default());
        }
        let sizes: Vec<String> = detail.sizes.iter().map(|(n, size)| format!("{n} = {size}")).collect();
        let body = format!("off by {:.1e}", detail.error);
        rows.push(Row { head: detail.claim.clone(), body, shape: sizes.join(", ") });
    }
    let outcome = match check.passed {
        true => {
            format!("{} random points, largest relative error {:.1e}", check.points, check.max_error)
        }
        false => "not checked".to_owned(),
    };
    rows.push(Row::default());
    rows.push(Row { head: "in all".into(), body: outcome, ..Row::default() });
    for limit in &found.limits {
        rows.push(Row { head: "but".into(), body: limit.clone(), ..Row::default() });
    }
    let text = format!("{}\n{}", summary::text(found, style), layout(&rows));
    let shown = output::result(text.as_bytes());
    if check.passed { shown } else { ExitCode::FAILURE }
}
