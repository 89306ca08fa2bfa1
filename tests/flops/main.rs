//! Flops of emitted code, counted: against the best form known of each case, and of f and gradient against f.
#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use std::collections::BTreeMap;

use matgrad::answer::{Cost, Request, Setup, answer};
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// A case of `cases.toml`.
#[derive(Deserialize)]
struct Case {
    expr: String,
    #[serde(default, rename = "let")]
    lets: Vec<String>,
    wrt: Vec<String>,
    #[serde(default = "first")]
    order: usize,
    /// Polynomials, of which the least counts.
    best: String,
    why: String,
}

fn first() -> usize {
    1
}

type Sizes = BTreeMap<&'static str, f64>;

fn profiles() -> [Sizes; 3] {
    [
        [("n", 1000.0), ("m", 1000.0), ("k", 10.0)],
        [("n", 100.0), ("m", 5000.0), ("k", 20.0)],
        [("n", 2000.0), ("m", 100.0), ("k", 50.0)],
    ]
    .map(BTreeMap::from)
}

fn cases() -> Vec<Case> {
    toml::from_str::<Cases>(include_str!("cases.toml")).unwrap().case
}

impl Case {
    fn cost(&self) -> Cost {
        let mut request = Request::new(&self.expr);
        request.lets = self.lets.clone();
        request.wrt = Some(self.wrt.clone());
        request.order = self.order;
        request.check = false;
        request.cost = true;
        let found = answer(&request, &Setup::default());
        found.unwrap_or_else(|error| panic!("{}: {error}", self.expr)).cost.unwrap()
    }
}

/// The value of a polynomial such as `2/3 n^3 + 2 m n - n`.
fn value(polynomial: &str, sizes: &Sizes) -> f64 {
    let factor = |text: &str| -> f64 {
        let (base, power) = text.split_once('^').unwrap_or((text, "1"));
        match (base.split_once('/'), sizes.get(base)) {
            (Some((p, q)), _) => p.parse::<f64>().unwrap() / q.parse::<f64>().unwrap(),
            (_, Some(size)) => size.powi(power.parse().unwrap()),
            _ => base.parse().unwrap_or_else(|_| panic!("{base} of {polynomial} is no side")),
        }
    };
    let term = |term: &str| term.split_whitespace().map(factor).product::<f64>();
    polynomial.replace("- ", "+ -1 ").split('+').map(term).sum()
}

#[test]
fn flops_are_those_of_the_best_known_form() {
    let (mut logs, mut over) = (vec![], vec![]);
    for case in cases() {
        let found = case.cost().together.flops;
        for sizes in profiles() {
            let best = case.best.split(';').map(|form| value(form, &sizes)).fold(f64::INFINITY, f64::min);
            let ratio = value(&found, &sizes) / best;
            logs.push(ratio.ln());
            if !(0.9..=1.10).contains(&ratio) {
                let Case { expr, wrt, why, .. } = &case;
                over.push(format!("{ratio:.3}: {expr} by {wrt:?} takes {found}; known {}: {why}", case.best));
            }
        }
    }
    let mean = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
    assert!(over.is_empty(), "geometric mean {mean}; off by a tenth:\n{}", over.join("\n"));
    assert!(logs.len() >= 60 * profiles().len() && mean <= 1.02, "geometric mean {mean}");
}

#[test]
fn a_gradient_costs_little_more_than_its_function() {
    let sizes: Sizes = ["n", "m", "k"].map(|side| (side, 1000.0)).into();
    let mut ratios: Vec<(f64, String)> = vec![];
    for case in cases().into_iter().filter(|c| c.order == 1) {
        let found = case.cost();
        for d in &found.derivatives {
            let ratio = value(&d.together.flops, &sizes) / value(&found.value.flops, &sizes);
            ratios.push((ratio, format!("{} by {}", case.expr, d.wrt)));
        }
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (median, most) = (ratios[ratios.len() / 2].0, &ratios[ratios.len() - 1]);
    assert!(median <= 2.1, "median {median}");
    assert!(most.0 <= 3.1, "{most:?}");
}
