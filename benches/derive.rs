//! How long a derivative takes, from text to closed form, in process and without the numeric check.
//!
//! `cargo bench` runs all; `cargo bench -- net` some. What is asked stands in `requests`; `tests/work.rs` counts the
//! work of the same requests, where a change shows without a clock.
//!
//! What bounds them, in instructions (`valgrind --tool=callgrind target/release/examples/stopwatch < request.jsonl`): a
//! first answer is 24 million, of which 63 % compile the identities that may concern it and 20 % read the rules; the next
//! to `x^T A x` is 1.5. Of a product of 40 by all its factors (240) 64 % are the searches, one for each form of k letters,
//! and 19 % printing: the answers have k² letters. Of a net of 50 layers (182), which is folded and not searched, 37 %
//! are printing, 14 % folding and 11 % differentiating, each weight anew: quadratic as long as differentials do not
//! share what is above a layer. A net of 5 is below the limit `unfolded` and takes longer than one of 50, as
//! it is searched. The 12th derivative (3100) is 88 % simplification: each order meets the limit `enodes` with all the terms
//! that it has.

mod requests;

use std::sync::Arc;

use divan::Bencher;
use matgrad::answer::{Answer, Request, Setup, answer};
use matgrad::catalog::Catalog;
use matgrad::limits::Limits;

fn main() {
    // The rules that a first request compiles are there for the others.
    let _ = answer(&Request::new("x^T A x"), &Setup::default());
    divan::main();
}

fn time(bencher: Bencher, request: &Request) {
    let setup = Setup::default();
    assert!(answered(request, &setup).is_some(), "{}", request.expr);
    bencher.bench_local(|| answered(divan::black_box(request), &setup));
}

fn answered(request: &Request, setup: &Setup) -> Option<Answer> {
    answer(request, setup).ok()
}

/// The names of the requests that people type.
fn names() -> impl Iterator<Item = &'static str> {
    requests::typical().into_iter().map(|(name, _)| name)
}

#[divan::bench(args = names())]
fn typical(bencher: Bencher, name: &str) {
    let request = requests::typical().into_iter().find(|(n, _)| *n == name).map(|(_, request)| request);
    time(bencher, &request.unwrap_or_default());
}

/// What the first request of a process waits for: the rules are read and those that it needs compiled.
#[divan::bench]
fn first_answer() -> Option<Answer> {
    let catalog = Catalog::read_builtin().unwrap_or_default();
    answered(&Request::new("x^T A x"), &Setup::new(Arc::new(catalog), Limits::default()))
}

#[divan::bench(args = [125, 250, 500, 1000], sample_count = 5, sample_size = 1)]
fn quadratic_forms(bencher: Bencher, k: usize) {
    time(bencher, &requests::quadratic_forms(k));
}

#[divan::bench(args = [10, 20, 40], sample_count = 5, sample_size = 1)]
fn product(bencher: Bencher, k: usize) {
    time(bencher, &requests::product(k));
}

#[divan::bench(args = [5, 10, 25, 50], sample_count = 5, sample_size = 1)]
fn net(bencher: Bencher, layers: usize) {
    time(bencher, &requests::net(layers));
}

#[divan::bench(args = [3, 6, 9, 12], sample_count = 5, sample_size = 1)]
fn higher_derivative(bencher: Bencher, order: usize) {
    time(bencher, &requests::higher_derivative(order));
}
