//! What is undefined is never rewritten into a value, and a wrong rule ends the search instead of joining classes.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use matgrad::answer::{Request, Setup, answer};
use matgrad::catalog::Catalog;
use matgrad::diagnostic::Source;
use matgrad::limits::Limits;

/// Ways of writing the zero matrix.
const ZEROS: [&str; 14] = [
    "A - A",
    "2 A - A - A",
    "A B - A B",
    "A + B - A - B",
    "(A + B) - (B + A)",
    "A^T - A^T",
    "x y^T - x y^T",
    "(A - A) B",
    "B (A - A) B^T",
    "A (B + A) - A B - A^2",
    "(A B)^T - B^T A^T",
    "S - S^T",
    "A I(n) - A",
    "3 (A - A) + 2 (B - B)",
];

/// Expressions without a value where Z is zero, each of which some law of invertible matrices would simplify.
const AROUND: [&str; 15] = [
    "inv(Z) (Z)",
    "(Z) inv(Z)",
    "inv(Z) (Z) x",
    "tr(inv(Z) (Z))",
    "det(inv(Z) (Z))",
    "inv(Z) - inv(Z)",
    "0 inv(Z)",
    "inv(inv(Z))",
    "inv(Z)^T (Z)^T",
    "(Z)^-1 (Z)^2",
    "tr(Z) / tr(Z)",
    "(Z) / det(Z)",
    "x^T inv(Z) (Z) x",
    "log(det(Z)) - log(det(Z))",
    "(Z) \\ (Z)",
];

#[test]
fn what_is_undefined_has_no_value() {
    let setup = Setup::default();
    let mut printed = vec![];
    for zero in ZEROS {
        for around in AROUND {
            for check in [true, false] {
                let mut request = Request::new(around.replace('Z', zero));
                request.lets = ["A", "B"].map(|m| format!("{m}: matrix(n,n)")).to_vec();
                request
                    .lets
                    .extend(["x: vector(n)", "y: vector(n)", "S: matrix(n,n) symmetric"].map(String::from));
                request.check = check;
                if let Ok(found) = answer(&request, &setup) {
                    printed.push(format!("{}: {}", request.expr, found.function.ascii));
                }
            }
        }
    }
    assert!(printed.is_empty(), "{} have a value:\n{}", printed.len(), printed.join("\n"));
}

/// The built-in rules and one that is wrong.
fn with(rule: &str) -> Setup {
    let text = format!(
        "operator wrong(A: matrix(m,n)) -> matrix(m,n)\n  about \"product\"\n  cite minka §1\n  {rule}\n"
    );
    let catalog = Catalog::builtin().with_rules(&Source::new("wrong.rules", &text)).unwrap();
    Setup::new(catalog, Limits::default())
}

#[test]
fn a_wrong_rule_ends_the_search_and_is_named() {
    let wrong = [
        ("gone", "det(A) <=> 1 where A: matrix(n,n)"),
        ("turned", "tr(A B) <=> tr(A B^T) where A: matrix(n,n), B: matrix(n,n)"),
        ("doubled", "tr(A) <=> 2 tr(A) where A: matrix(n,n)"),
        ("product", "det(A B) <=> 2 det(A) det(B) where A: matrix(n,n), B: matrix(n,n)"),
    ];
    for (name, rule) in wrong {
        let setup = with(&format!("identity {name} {rule}"));
        let mut request = Request::new("tr(A inv(B) C) + det(A B) x^T x");
        request.lets = ["A", "B", "C"].map(|m| format!("{m}: matrix(n,n)")).to_vec();
        request.wrt = Some(vec!["x".into(), "A".into()]);
        let found = answer(&request, &setup).unwrap();
        assert!(found.check.is_some_and(|c| c.passed));
        assert!(found.limits.iter().any(|l| l.contains(name)), "{name}: {:?}", found.limits);
    }
}
