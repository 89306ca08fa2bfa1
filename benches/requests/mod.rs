//! The requests whose cost is watched: timed by `benches/derive.rs`, counted by `tests/work.rs`.
//!
//! In: nothing, or how many of something. Out: a [`Request`] without the numeric check.
//! Invariant: both files take them from here, so what is timed is what is counted.
//!
//! `quadratic_forms(2)` is `x^T A1 x + x^T A2 x` by x.

use matgrad::answer::Request;

/// A request by some of its variables; by all where none is named.
fn by(expr: impl Into<String>, wrt: &str, order: usize) -> Request {
    let wrt = (!wrt.is_empty()).then(|| vec![wrt.to_owned()]);
    Request { wrt, order, check: false, ..Request::new(expr) }
}

/// Requests as people type them, by name.
pub fn typical() -> Vec<(&'static str, Request)> {
    let logistic = "X: matrix(m,n); sum(log.(1 .+ exp.(-y .* X w)))";
    let gaussian = "S: matrix(n,n) posdef; 1/2 logdet(S) + 1/2 (x - m)^T inv(S) (x - m)";
    vec![
        ("x^T A x", by("x^T A x", "x", 1)),
        ("tr(A X B X^T C)", by("tr(A X B X^T C)", "X", 1)),
        ("least squares", by("norm(A x - b)^2", "x", 1)),
        ("logistic gradient", by(logistic, "w", 1)),
        ("logistic Hessian", by(logistic, "w", 2)),
        ("Gaussian in S", by(gaussian, "S", 1)),
    ]
}

/// A derivative of a scalar function whose terms multiply with its order.
pub fn higher_derivative(order: usize) -> Request {
    by("t: scalar; exp(sin(t)) log(t)", "t", order)
}

/// `x^T A1 x + … + x^T Ak x` by x.
pub fn quadratic_forms(k: usize) -> Request {
    by(format!("{}; {}", matrices('A', k), joined(k, " + ", |i| format!("x^T A{i} x"))), "x", 1)
}

/// `tr(A1 A2 … Ak)` by every factor.
pub fn product(k: usize) -> Request {
    by(format!("{}; tr({})", matrices('A', k), joined(k, " ", |i| format!("A{i}"))), "", 1)
}

/// A net of k layers `tanh.(W h)` with a squared loss, by every weight.
pub fn net(k: usize) -> Request {
    let layer = |i: usize| match i {
        1 => "h1 = tanh.(W1 x)".to_owned(),
        i => format!("h{i} = tanh.(W{i} h{})", i - 1),
    };
    let data = "x: vector(n) constant; y: vector(n) constant";
    by(format!("{data}; {}; {}; norm(h{k} - y)^2", matrices('W', k), joined(k, "; ", layer)), "", 1)
}

fn matrices(name: char, k: usize) -> String {
    joined(k, "; ", |i| format!("{name}{i}: matrix(n,n)"))
}

fn joined(k: usize, between: &str, part: impl Fn(usize) -> String) -> String {
    (1..=k).map(part).collect::<Vec<_>>().join(between)
}
