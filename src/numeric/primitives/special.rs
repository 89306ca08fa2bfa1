//! Polygamma functions by recurrence and asymptotic expansion (DLMF 5.15, 5.11).

/// The Bernoulli numbers B₂, B₄, …, B₁₆.
const BERNOULLI: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// From here on the expansion is exact to the last digits.
const ASYMPTOTIC: f64 = 20.0;

/// The derivative of order `n` of the digamma function.
pub(super) fn polygamma(n: u8, x: f64) -> f64 {
    let pole = x <= 0.0 && x == libm::floor(x);
    if pole || x.is_nan() || x < -1000.0 || n > 30 {
        return f64::NAN;
    }
    let order = i32::from(n);
    let factorial: f64 = (1..=order).map(f64::from).product();
    let sign = if n.is_multiple_of(2) { 1.0 } else { -1.0 };
    // ψₙ(x) = ψₙ(x + 1) − (−1)ⁿ n! / xⁿ⁺¹ carries the argument upwards.
    let (mut x, mut sum) = (x, 0.0);
    let start = ASYMPTOTIC + f64::from(n);
    while x < start {
        sum -= sign * factorial / x.powi(order + 1);
        x += 1.0;
    }
    sum + asymptotic(order, sign, factorial, x)
}

fn asymptotic(n: i32, sign: f64, factorial: f64, x: f64) -> f64 {
    let leading = if n == 0 { libm::log(x) } else { -sign * factorial / f64::from(n) / x.powi(n) };
    let mut sum = leading - sign * factorial / (2.0 * x.powi(n + 1));
    for (k, b) in (1i32..).zip(BERNOULLI) {
        // (2k + n − 1)! / (2k)!
        let low = 2 * k;
        let ratio: f64 =
            if n == 0 { 1.0 / f64::from(low) } else { ((low + 1)..=(low + n - 1)).map(f64::from).product() };
        sum -= sign * b * ratio / x.powi(low + n);
    }
    sum
}
