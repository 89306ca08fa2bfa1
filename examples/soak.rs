//! The long run of random expressions: `cargo run --release --example soak -- --count 100000 --seed 1`.
//!
//! Draws well-typed requests over all functions, judges every answer, and ends with a table of outcomes, each
//! with the smallest request that had it. `--count 1 --seed N --whole` tells of one seed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use matgrad::answer::Setup;

#[path = "../tests/random/mod.rs"]
mod random;

use random::generate::{Case, case};
use random::judge::{Verdict, judge, smallest};
use random::tree::Manner;

#[derive(Parser)]
struct Options {
    /// How many requests.
    #[arg(long, default_value_t = 10_000)]
    count: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads.
    #[arg(long, default_value_t = 1)]
    threads: u64,
    /// Whether to tell of every failure when it is met.
    #[arg(long)]
    every: bool,
    /// Whether to leave examples as they were drawn.
    #[arg(long)]
    whole: bool,
}

struct Seen {
    count: u64,
    seed: u64,
    case: Case,
    verdict: Verdict,
}

fn show(case: &Case) -> String {
    let plain = Manner::default();
    let (lets, wrt) = (case.lets(plain).join("; "), case.varying(plain).unwrap_or_default().join(","));
    format!("{} | wrt {wrt} order {} vec {} | {lets}", case.text(plain), case.order, case.vec)
}

#[allow(clippy::print_stdout, clippy::unwrap_used)]
fn main() {
    let options = Options::parse();
    std::panic::set_hook(Box::new(|_| {}));
    let setup = Setup::default();
    let next = AtomicU64::new(options.seed);
    let bar = progress(options.count);
    let all: Mutex<BTreeMap<String, Seen>> = Mutex::default();
    let end = options.seed + options.count;
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                break;
            }
            one(&setup, seed, &options, &all, &bar);
            let failed = failures(&all.lock().unwrap());
            bar.set_message(format!("{failed} failed"));
            bar.inc(1);
        }
    };
    std::thread::scope(|scope| {
        let worker = || std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work).unwrap();
        let threads: Vec<_> = (0..options.threads).map(|_| worker()).collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
    });
    bar.finish_and_clear();
    let all = all.into_inner().unwrap();
    for (class, seen) in &all {
        println!("{:>8} {} {class}", seen.count, if seen.verdict.failed { "FAILED" } else { "      " });
        if class != "right" {
            println!("         seed {}: {}\n         {}", seen.seed, show(&seen.case), seen.verdict.detail);
        }
    }
    let (failed, right) = (failures(&all), all.get("right").map_or(0, |s| s.count));
    let took = bar.elapsed().as_secs_f64();
    println!(
        "{} requests in {took:.0} s: {right} right, {failed} failures, the rest refused or unchecked",
        options.count
    );
    std::process::exit(i32::from(failed > 0));
}

/// Drawn on a terminal only.
#[allow(clippy::unwrap_used)]
fn progress(count: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len}, {per_sec}, {eta} left, {msg}");
    ProgressBar::new(count).with_style(style.unwrap())
}

fn failures(all: &BTreeMap<String, Seen>) -> u64 {
    all.values().filter(|s| s.verdict.failed).map(|s| s.count).sum()
}

#[allow(clippy::unwrap_used)]
fn one(setup: &Setup, seed: u64, options: &Options, all: &Mutex<BTreeMap<String, Seen>>, bar: &ProgressBar) {
    let tell = |line: String| bar.suspend(|| eprintln!("{line}"));
    let mut case = case(&setup.catalog, seed);
    let mut verdict = judge(&case, setup);
    let class = verdict.class.clone();
    if options.every && verdict.failed {
        tell(format!("seed {seed}: {class}: {}", show(&case)));
    }
    let length = |c: &Case| c.text(Manner::default()).len();
    let known = all.lock().unwrap().get(&class).map(|s| (s.count, length(&s.case)));
    // The first few of a class are cut down.
    if verdict.failed && !options.whole && known.is_none_or(|(n, _)| n < 4) {
        tell(format!("seed {seed}: {class}: {}", show(&case)));
        (case, verdict) = smallest(&case, &class, setup);
        tell(format!("  -> {} | {}", show(&case), verdict.detail));
    }
    let mut all = all.lock().unwrap();
    match all.get_mut(&class) {
        Some(seen) => {
            seen.count += 1;
            if length(&case) < length(&seen.case) {
                (seen.seed, seen.case, seen.verdict) = (seed, case, verdict);
            }
        }
        None => {
            all.insert(class, Seen { count: 1, seed, case, verdict });
        }
    }
}
