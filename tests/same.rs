//! The same request gives the same bytes: in any order, on any number of threads.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

#[path = "cases/read.rs"]
#[allow(dead_code)]
mod read;

use std::sync::atomic::{AtomicUsize, Ordering};

use matgrad::answer::{Request, Setup, answer};
use matgrad::diagnostic::{json, render};

fn bytes(request: &Request, setup: &Setup) -> String {
    match answer(request, setup) {
        Ok(found) => json(&found).unwrap(),
        Err(error) => render(&error, false, 80),
    }
}

#[test]
fn answers_depend_on_neither_order_nor_threads() {
    // A debug build takes a spread over the files.
    let step = if cfg!(debug_assertions) { 17 } else { 1 };
    let requests: Vec<Request> = read::cases().into_iter().step_by(step).map(|c| c.request).collect();
    let setup = Setup::default();
    let first: Vec<String> = requests.iter().map(|r| bytes(r, &setup)).collect();
    // Another order: 7919 is a prime that does not divide the count, so each place comes once.
    let count = requests.len();
    assert!(count > 20 && !count.is_multiple_of(7919));
    let (setup, next) = (Setup::default(), AtomicUsize::new(0));
    let work = || {
        let places = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|i| *i < count));
        for place in places.map(|i| (count - 1 - i) * 7919 % count) {
            let again = bytes(&requests[place], &setup);
            assert!(again == first[place], "{}:\n{}\n{again}", requests[place].expr, first[place]);
        }
    };
    std::thread::scope(|scope| {
        (0..8).for_each(|_| drop(scope.spawn(work)));
    });
}
