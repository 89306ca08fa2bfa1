//! Rules that hold pass, rules that do not are refused at their place.

use super::*;

#[test]
fn every_built_in_law_holds() {
    let wrong: Vec<String> = examine(&Catalog::builtin())
        .into_iter()
        .filter_map(|f| {
            f.error.map(|e| format!("{} {} {}: {} {:?}", f.place, f.sort.word(), f.name, e.message, e.help))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The code of an error and the text it points at.
fn refused(text: &str) -> (&'static str, String) {
    let error = admit(&Catalog::builtin(), &Source::new("my.rules", text)).unwrap_err();
    let label = error.labels.first().unwrap();
    assert_eq!(label.origin, "my.rules");
    (error.code, label.source[label.span.start..label.span.end].to_owned())
}

#[test]
fn unsound_rules_are_refused_at_their_place() {
    let norm = "function size(X: matrix(m,n)) -> scalar\n  numeric sqrt(sum(X .* X))\n";
    assert_eq!(
        refused(&format!("{norm}  smooth nonzero(X)\n  d tr(X^T dX)  # wrong\n")),
        ("E0710", "tr(X^T dX)".into())
    );
    let product =
        format!("{norm}  identity p size(A B) = size(A) size(B) where A: matrix(m,n), B: matrix(n,p)\n");
    assert_eq!(refused(&product), ("E0710", "size(A) size(B)".into()));
    let linear = "function both(X: matrix(m,n)) -> matrix(n,m)\n  linear X adjoint 2 G^T\n  numeric X^T\n";
    assert_eq!(refused(linear), ("E0710", "2 G^T".into()));
    let shapes = "function g(X: matrix(m,n)) -> matrix(m,n)\n  numeric 2 X\n  d dX^T\n";
    assert_eq!(refused(shapes).1, "dX^T");
    assert_eq!(refused("function g(x: scalar) -> scalar\n  d dx\n").0, "E0711");
}

/// Lines that say too much of a value.
#[test]
fn unsound_lines_are_refused() {
    let refused = |value: &str, line: &str| {
        let text = format!("function g(x: vector(n)) -> scalar\n  numeric {value}\n  {line}\n");
        admit(&Catalog::builtin(), &Source::new("my.rules", &text)).err().map(|e| e.code)
    };
    for (value, line) in [
        ("sum(x)", "range nonnegative"),
        ("norm(x) + 1", "support nonzero(x)"),
        ("sum(x)", "support nonzero(x)"),
        ("norm(sign.(x))", "continuous everywhere"),
    ] {
        assert_eq!(refused(value, line), Some("E0710"), "{value} {line}");
    }
    for line in ["range nonnegative", "support nonzero(x)", "continuous everywhere"] {
        assert_eq!(refused("norm(x)", line), None, "{line}");
    }
}

/// Laws that hold almost everywhere.
#[test]
fn laws_that_fail_at_special_points_are_refused() {
    let refused = |law: &str| {
        let text =
            format!("operator special(A: matrix(m,n)) -> matrix(m,n)\n  about \"it\"\n  identity i {law}\n");
        admit(&Catalog::builtin(), &Source::new("my.rules", &text)).err().map(|e| e.code)
    };
    let x = "where x: vector(n)";
    assert_eq!(refused(&format!("norm(x) x <=> norm(x)^2 x / norm(x) {x}")), Some("E0710"));
    assert_eq!(refused(&format!("norm(x) x <=> norm(x)^2 x / norm(x) {x} if nonzero(x)")), None);
    assert_eq!(refused("adj(X) <=> det(X) inv(X) where X: matrix(n,n)"), Some("E0710"));
}

#[test]
fn a_sound_file_is_admitted() {
    let text = "function mish(x: scalar) -> scalar\n  numeric x * tanh(softplus(x))\n  \
                d (tanh(softplus(x)) + x * (1 - tanh(softplus(x))^2) * sigmoid(x)) dx\n";
    let admitted = admit(&Catalog::builtin(), &Source::new("my.rules", text));
    assert!(admitted.is_ok_and(|c| c.find("mish").is_some()));
}
