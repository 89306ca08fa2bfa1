//! Every limit, at the count that a request needs and one below.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use matgrad::answer::{Request, Setup, answer};
use matgrad::catalog::Catalog;
use matgrad::diagnostic::json;
use matgrad::limits::Limits;

/// For each limit a request that needs some of it, and how much where that can be counted by hand.
fn cases() -> Vec<(&'static str, String, Option<usize>)> {
    let sum = (1..=12).map(|i| format!("y{i}")).collect::<Vec<_>>().join(" + ");
    let deep = "-".repeat(40) + "x";
    let usual = "norm(A x - b)^2 + log(1 + x^T A x)".to_owned();
    vec![
        ("input", "x^T A x".into(), Some(7)),
        ("depth", deep, None),
        ("names", sum, Some(12)),
        ("digits", format!("{} x", "7".repeat(30)), Some(30)),
        ("order", usual.clone(), Some(1)),
        ("nodes", usual.clone(), None),
        ("terms", "p: scalar; q: scalar; r: scalar; (p + q) (p + r) (q + r) - p q r".into(), None),
        ("enodes", usual.clone(), None),
        (
            "unfolded",
            "x: scalar; a = sin(x) + 1; b = a^2 + a; c = b^2 + b; d = c^2 + c; d^2 + d".into(),
            None,
        ),
        ("work", usual.clone(), None),
        ("printed", usual, None),
    ]
}

/// What becomes of a request within a limit: the bytes of its answer, or the limit that its error names.
fn outcome(expr: &str, name: &str, count: usize) -> Result<String, String> {
    let mut limits = Limits::default();
    limits.set(&format!("{name}={count}")).unwrap();
    match answer(&Request::new(expr), &Setup::new(Catalog::builtin(), limits)) {
        Ok(found) => Ok(json(&found).unwrap()),
        Err(error) if error.is_limit() => Err(error.help.unwrap()),
        Err(error) => panic!("{name}={count}: {error}"),
    }
}

#[test]
fn every_limit_has_a_case() {
    let tested: Vec<&str> = cases().iter().map(|c| c.0).collect();
    let all: Vec<&str> = Limits::NAMES.iter().map(|(name, _)| *name).collect();
    assert_eq!(tested, all);
}

#[test]
fn a_limit_is_met_by_one_less_than_is_needed() {
    for (name, expr, known) in cases() {
        let whole = outcome(&expr, name, Limits::default().get(name).unwrap()).unwrap();
        let enough = |count: usize| outcome(&expr, name, count).is_ok_and(|text| text == whole);
        // The least count that is enough.
        let (mut below, mut above) = (0, Limits::default().get(name).unwrap());
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            match enough(middle) {
                true => above = middle,
                false => below = middle,
            }
        }
        assert_eq!(known.unwrap_or(above), above, "{name}");
        match outcome(&expr, name, above - 1) {
            Err(help) => assert!(help.contains(&format!("--limit {name}=")), "{name}: {help}"),
            Ok(text) => {
                assert_ne!(text, whole, "{name}");
                let told = text.contains(&format!("the limit `{name}` of")) || text.contains("\"where\":[{");
                assert!(told, "{name} is not told of: {text}");
            }
        }
        assert!(outcome(&expr, name, above).is_ok(), "{name}");
    }
}

#[test]
fn limits_are_documented_with_their_options() {
    let readme = include_str!("../README.md");
    for (name, _) in Limits::NAMES {
        assert!(readme.contains(&format!("`{name}`")), "{name} is not in the README");
    }
}

#[test]
fn a_long_product_does_not_grow_with_its_square() {
    let mut request = Request::new(vec!["A"; 1500].join(" "));
    request.check = false;
    let found = answer(&request, &Setup::default()).unwrap();
    let text = json(&found).unwrap();
    assert!(found.limits.iter().any(|l| l.contains("`unfolded`")), "{:?}", found.limits);
    assert!(text.len() < 3_000_000, "{} bytes", text.len());
}
