//! What requests cost, counted: no clock, so a regression fails on any machine.
//!
//! In: the requests of `benches/requests`. Out: a table of their work beside what is expected.
//! Invariant: counts are exact where a request is small; where something grows, its growth is bounded.
//!
//! A change that makes a count smaller changes the table, and one that makes it larger has to be worth it.

#[path = "../benches/requests/mod.rs"]
mod requests;

use matgrad::answer::{Request, Setup, Work, answer};

fn work(request: &Request) -> Work {
    answer(request, &Setup::default()).map(|found| found.work).unwrap_or_default()
}

/// One line for each request.
fn table(requests: impl IntoIterator<Item = (String, Request)>) -> String {
    let mut table = format!("{:22} steps  applied  searches  enodes   nodes\n", "request");
    for (name, request) in requests {
        let w = work(&request);
        let line = format!("{:7} {:8} {:9} {:7} {:7}\n", w.steps, w.applied, w.searches, w.enodes, w.nodes);
        table += &format!("{name:20} {line}");
    }
    table
}

#[test]
fn typical_requests() {
    insta::assert_snapshot!(table(requests::typical().into_iter().map(|(n, r)| (n.to_owned(), r))));
}

#[test]
fn requests_that_grow() {
    type Family = (&'static str, fn(usize) -> Request, [usize; 2]);
    let families: [Family; 4] = [
        ("quadratic forms", requests::quadratic_forms, [16, 32]),
        ("factors", requests::product, [5, 10]),
        ("layers", requests::net, [2, 4]),
        ("order", requests::higher_derivative, [3, 6]),
    ];
    let sized = families.iter().flat_map(|(n, r, ks)| ks.iter().map(move |k| (format!("{n}: {k}"), r(*k))));
    insta::assert_snapshot!(table(sized));
}

#[test]
fn a_sum_takes_work_linear_in_its_terms() {
    let [once, twice] = [100, 200].map(|k| work(&requests::quadratic_forms(k)));
    for (a, b) in [(once.steps, twice.steps), (once.enodes, twice.enodes), (once.nodes, twice.nodes)] {
        assert!((b as f64) <= (a as f64) * 2f64.powf(1.1), "{once:?} {twice:?}");
    }
    assert_eq!(once.searches, twice.searches);
}
