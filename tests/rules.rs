//! Every rule is complete, cited, well formed, and holds in numbers.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use matgrad::answer::Setup;
use matgrad::catalog::{Catalog, Citation, Entry, reference};
use matgrad::handbook::worked;

mod laws;

use laws::{adjoint, differential, identity};

fn builtin() -> std::sync::Arc<Catalog> {
    assert_eq!(Catalog::builtin_error().map(|e| e.to_string()), None);
    Catalog::builtin()
}

fn report(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn entries_are_complete() {
    let catalog = builtin();
    let mut failures = Vec::new();
    let mut fail = |e: &Entry, what: &str| failures.push(format!("{} {}: {what}", e.topic, e.name));
    let cited = |all: &[Citation]| !all.is_empty() && all.iter().all(|c| reference(&c.key).is_some());
    for (_, e) in catalog.functions() {
        let said = |target: &str| {
            e.notation.iter().any(|(t, _)| t == target) || e.unsupported.iter().any(|(t, _)| t == target)
        };
        if e.about.is_empty() {
            fail(e, "no about");
        }
        if !cited(&e.citations) || !e.identities.iter().all(|i| cited(&i.citations)) {
            fail(e, "a citation is missing or unknown");
        }
        if e.numeric.is_none() {
            fail(e, "no numeric");
        }
        for target in ["latex", "numpy", "torch", "jax", "julia", "matlab", "eigen", "c", "rust", "sympy"] {
            if !said(target) {
                fail(e, target);
            }
        }
        if e.examples.is_empty() {
            fail(e, "no example");
        }
        for c in e.domain.iter().chain(&e.smooth) {
            if catalog.predicate(&c.predicate).is_none() {
                fail(e, &format!("no condition {}", c.predicate));
            }
        }
    }
    for o in catalog.operators() {
        if o.about.is_empty() || !cited(&o.citations) || !o.identities.iter().all(|i| cited(&i.citations)) {
            failures.push(format!("operator {}", o.name));
        }
    }
    let mut names: Vec<&str> = catalog.identities().map(|i| i.name.as_str()).collect();
    names.sort_unstable();
    failures.extend(names.windows(2).filter(|w| w[0] == w[1]).map(|w| format!("two identities {}", w[0])));
    report(failures);
}

#[test]
fn identities_hold_in_numbers() {
    let catalog = builtin();
    let mut failures = Vec::new();
    for law in catalog.identities() {
        if let Err(why) = identity(&catalog, law) {
            failures.push(format!("{}: {why}", law.name));
        }
    }
    report(failures);
}

#[test]
fn differentials_hold_in_numbers() {
    let catalog = builtin();
    let mut failures = Vec::new();
    for (f, entry) in catalog.functions() {
        if let Err(why) = differential(&catalog, f) {
            failures.push(format!("{}: {why}", entry.name));
        }
    }
    report(failures);
}

#[test]
fn adjoints_hold_in_numbers() {
    let catalog = builtin();
    let mut failures = Vec::new();
    for (f, entry) in catalog.functions() {
        for place in 0..entry.adjoints.len() {
            if let Err(why) = adjoint(&catalog, f, place) {
                failures.push(format!("{}: {why}", entry.name));
            }
        }
    }
    report(failures);
}

/// Examples that state a better form than the program finds; one that is mended must leave this list.
const OPEN: &[&str] = &["cumsum(x)"];

/// A rules file promises nothing that the program does not say, letter by letter.
#[test]
fn examples_are_what_the_program_answers() {
    let setup = Setup::default();
    let mut failures = Vec::new();
    for (_, entry) in setup.catalog.functions() {
        let found = worked(entry, &setup).unwrap();
        assert_eq!(found.len(), entry.examples.len());
        for (example, found) in entry.examples.iter().zip(found) {
            let answers: Vec<&str> =
                found.answer.derivatives.iter().map(|d| d.result.ascii.as_str()).collect();
            let open = OPEN.contains(&example.expression.text());
            if (answers == [example.answer.text()]) == open {
                let (place, stated) = (&example.answer.source.origin, example.answer.text());
                failures
                    .push(format!("{place}: {}\n    states  {stated}\n    answers {answers:?}", found.call));
            }
        }
    }
    report(failures);
}

#[test]
fn examples_are_well_formed() {
    let catalog = builtin();
    let mut failures = Vec::new();
    for (_, entry) in catalog.functions() {
        for example in &entry.examples {
            for side in [&example.expression, &example.answer] {
                if let Err(why) = side.ast(&catalog) {
                    failures.push(format!("{}: {why}", side.source.origin));
                }
            }
        }
    }
    report(failures);
}
