//! Every rule over the prime field GF(2^61 − 1) at all shapes, and in doubles at special values.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test fails by panicking, in its helpers too.

mod laws;

use laws::exact::{self, Found};
use matgrad::catalog::Catalog;
use matgrad::laws::{Verdict, examine};

/// What was found of many laws: how many held, how many the field cannot tell of, and what was wrong.
#[derive(Default)]
struct Tally {
    held: usize,
    foreign: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, name: &str, found: Result<Found, String>) {
        match found {
            Ok(Found::Held(0)) | Ok(Found::Foreign) => self.foreign += 1,
            Ok(Found::Held(_)) => self.held += 1,
            Ok(Found::Wrong(why)) => self.wrong.push(format!("{name}: wrong, {why}")),
            Ok(Found::Gap(why)) => self.wrong.push(format!("{name}: right side undefined, {why}")),
            Err(why) => self.wrong.push(format!("{name}: {why}")),
        }
    }

    /// Asserts that all held, and at least so many.
    fn finish(self, least: usize) {
        println!("{} held, {} the field cannot tell of", self.held, self.foreign);
        assert!(self.wrong.is_empty(), "{} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
        assert!(self.held >= least, "only {} were compared", self.held);
    }
}

#[test]
fn identities_hold_exactly() {
    let catalog = Catalog::builtin();
    let mut tally = Tally::default();
    for law in catalog.identities() {
        tally.add(&law.name, exact::identity(&catalog, law));
    }
    tally.finish(100);
}

#[test]
fn differentials_hold_exactly() {
    let catalog = Catalog::builtin();
    let mut tally = Tally::default();
    for (f, entry) in catalog.functions().filter(|(_, e)| e.differential.is_some()) {
        tally.add(&entry.name, exact::differential(&catalog, f));
    }
    tally.finish(10);
}

#[test]
fn adjoints_hold_exactly() {
    let catalog = Catalog::builtin();
    let mut tally = Tally::default();
    for (f, entry) in catalog.functions() {
        for place in 0..entry.adjoints.len() {
            tally.add(&entry.name, exact::adjoint(&catalog, f, place));
        }
    }
    tally.finish(10);
}

/// Zero, the identity, tied entries, rank 1, singular, symmetric, permutations, huge, tiny, negative: the sides are equal
/// where both are defined, and the right one is defined wherever the left one is.
#[test]
fn laws_hold_at_special_points() {
    let (mut met, mut points, mut unmet, mut wrong) = (0, 0, vec![], vec![]);
    for found in examine(&Catalog::builtin()) {
        match found.verdict {
            Verdict::Holds { special: 0, .. } => unmet.push(found.name),
            Verdict::Holds { special, .. } => (met, points) = (met + 1, points + special),
            other => wrong.push(format!("{} {}: {other:?}", found.place, found.name)),
        }
    }
    println!("{met} laws held at {points} special points; at none where both sides are defined: {unmet:?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unmet.is_empty() && points > 10_000, "{points} points; {unmet:?}");
}
