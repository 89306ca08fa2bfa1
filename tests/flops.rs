//! Flops of emitted code, counted: against the best form known of each case, and of f and gradient against f.
#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use std::collections::BTreeMap;

use matgrad::answer::{Cost, Request, Setup, answer};

type Sizes = BTreeMap<&'static str, f64>;

/// A case: the function, its declarations, what varies, and what f and all these derivatives take in the best form
/// known, with classical products.
struct Case {
    expr: &'static str,
    lets: &'static [&'static str],
    wrt: &'static [&'static str],
    best: fn(&Sizes) -> f64,
}

const SQUARE: &[&str] = &["A: matrix(n,n)", "B: matrix(n,n)", "C: matrix(n,n)", "X: matrix(n,n)"];

const CASES: &[Case] = &[
    Case { expr: "x^T A x", lets: SQUARE, wrt: &["x"], best: |s| 4.0 * s["n"].powi(2) },
    Case {
        expr: "x^T A x",
        lets: &["A: matrix(n,n) symmetric"],
        wrt: &["x"],
        best: |s| 2.0 * s["n"].powi(2) + 3.0 * s["n"],
    },
    Case {
        expr: "norm(X w - y)^2",
        lets: &["X: matrix(m,n)"],
        wrt: &["w"],
        best: |s| 4.0 * s["m"] * s["n"] + 3.0 * s["m"] + s["n"],
    },
    Case {
        expr: "sum(log.(1 .+ exp.(-y .* (X w))))",
        lets: &["X: matrix(m,n)"],
        wrt: &["w"],
        best: |s| 4.0 * s["m"] * s["n"] + 8.0 * s["m"],
    },
    Case { expr: "tr(A X B X^T C)", lets: SQUARE, wrt: &["X"], best: |s| 10.0 * s["n"].powi(3) },
    Case { expr: "logdet(X)", lets: &["X: matrix(n,n) posdef"], wrt: &["X"], best: |s| s["n"].powi(3) },
    Case { expr: "logdet(X)", lets: SQUARE, wrt: &["X"], best: |s| 2.0 * s["n"].powi(3) },
    Case {
        expr: "logdet(X^T X)",
        lets: &["X: matrix(m,n)"],
        wrt: &["X"],
        best: |s| 3.0 * s["m"] * s["n"].powi(2) + s["n"].powi(3) / 3.0,
    },
    Case {
        expr: "a^T inv(X) b",
        lets: SQUARE,
        wrt: &["X"],
        best: |s| 2.0 / 3.0 * s["n"].powi(3) + 6.0 * s["n"].powi(2),
    },
    Case {
        expr: "a^T inv(X) b",
        lets: &["X: matrix(n,n) posdef"],
        wrt: &["a"],
        best: |s| s["n"].powi(3) / 3.0 + 2.0 * s["n"].powi(2),
    },
    Case {
        expr: "1/2 logdet(S) + 1/2 (x - u)^T inv(S) (x - u)",
        lets: &["S: matrix(n,n) posdef"],
        wrt: &["S"],
        best: |s| s["n"].powi(3) + 6.0 * s["n"].powi(2),
    },
    Case {
        expr: "logdet(diag(e) + u u^T)",
        lets: &["u: vector(n)", "e: vector(n)"],
        wrt: &["u"],
        best: |s| 8.0 * s["n"],
    },
    Case {
        expr: "norm(T - U V^T)^2",
        lets: &["T: matrix(m,n)", "U: matrix(m,k)"],
        wrt: &["U", "V"],
        best: |s| 6.0 * s["m"] * s["n"] * s["k"] + 3.0 * s["m"] * s["n"] + 2.0 * (s["m"] + s["n"]) * s["k"],
    },
    Case { expr: "x^T A B C y", lets: SQUARE, wrt: &["x"], best: |s| 6.0 * s["n"].powi(2) },
    Case { expr: "x^T A B C y", lets: SQUARE, wrt: &["B"], best: |s| 7.0 * s["n"].powi(2) },
    Case {
        expr: "tr(A B C D)",
        lets: &["A: matrix(n,n)", "B: matrix(n,n)", "C: matrix(n,n)"],
        wrt: &["A", "B", "C", "D"],
        best: |s| 12.0 * s["n"].powi(3) + 2.0 * s["n"].powi(2),
    },
    Case { expr: "x^T diag(d) x", lets: &["d: vector(n)"], wrt: &["x", "d"], best: |s| 5.0 * s["n"] },
    Case {
        expr: "tr(A diag(d) B)",
        lets: &["A: matrix(m,n)"],
        wrt: &["d"],
        best: |s| 2.0 * s["m"] * s["n"] + 2.0 * s["n"],
    },
    Case { expr: "x^T (u v^T) x", lets: &["u: vector(n)"], wrt: &["x"], best: |s| 7.0 * s["n"] },
    Case {
        expr: "x^T inv(L) b",
        lets: &["L: matrix(n,n) lower"],
        wrt: &["x"],
        best: |s| s["n"].powi(2) + 2.0 * s["n"],
    },
    Case { expr: "sum(tanh.(A x))", lets: SQUARE, wrt: &["x"], best: |s| 4.0 * s["n"].powi(2) },
];

const PROFILES: [[(&str, f64); 3]; 3] = [
    [("n", 1000.0), ("m", 1000.0), ("k", 10.0)],
    [("n", 100.0), ("m", 5000.0), ("k", 20.0)],
    [("n", 2000.0), ("m", 100.0), ("k", 50.0)],
];

fn cost(case: &Case, sizes: &Sizes) -> Cost {
    let mut request = Request::new(case.expr);
    request.lets = case.lets.iter().map(|l| (*l).to_owned()).collect();
    request.wrt = Some(case.wrt.iter().map(|v| (*v).to_owned()).collect());
    request.cost = true;
    request.check = false;
    request.dims = sizes.iter().map(|(n, s)| ((*n).to_owned(), *s as u64)).collect();
    match answer(&request, &Setup::default()) {
        Ok(found) => found.cost.unwrap(),
        // A profile may name a dimension that the case does not have.
        Err(_) if sizes.len() > 1 => {
            let mut fewer = sizes.clone();
            fewer.pop_first();
            cost(case, &fewer)
        }
        Err(error) => panic!("{}: {error}", case.expr),
    }
}

#[test]
fn flops_are_those_of_the_best_known_form() {
    let (mut logs, mut worst) = (vec![], (0.0, String::new()));
    for case in CASES {
        for profile in PROFILES {
            let sizes: Sizes = profile.into_iter().collect();
            let own: Sizes = sizes.clone().into_iter().filter(|(n, _)| mentions(case, n)).collect();
            let found = cost(case, &own);
            let ratio = found.together.number.unwrap() / (case.best)(&sizes);
            logs.push(ratio.ln());
            if ratio > worst.0 {
                worst = (ratio, format!("{} by {:?}: {}", case.expr, case.wrt, found.together.flops));
            }
        }
    }
    let mean = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
    assert!(mean <= 1.02, "geometric mean {mean}");
    assert!(worst.0 <= 1.10, "{worst:?}");
}

/// Whether a dimension is one of the case's declarations.
fn mentions(case: &Case, name: &str) -> bool {
    let is = |l: &str| l.split(['(', ',', ')']).any(|part| part.trim() == name);
    case.lets.iter().any(|l| is(l))
}

#[test]
fn a_gradient_costs_little_more_than_its_function() {
    let mut ratios: Vec<(f64, &str)> = vec![];
    for case in CASES {
        let sizes: Sizes = [("n", 1000.0), ("m", 1000.0), ("k", 1000.0)]
            .into_iter()
            .filter(|(n, _)| mentions(case, n))
            .collect();
        let found = cost(case, &sizes);
        for d in &found.derivatives {
            ratios.push((d.together.number.unwrap() / found.value.number.unwrap(), case.expr));
        }
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (median, most) = (ratios[ratios.len() / 2].0, ratios[ratios.len() - 1]);
    assert!(median <= 2.1, "median {median}");
    assert!(most.0 <= 3.1, "{most:?}");
}
