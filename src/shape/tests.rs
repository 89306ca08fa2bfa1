//! Requests and rules, from text: shapes, conditions, and what is refused.

use std::sync::Arc;

use super::infer::described;
use super::*;
use crate::catalog::{Catalog, Template};
use crate::diagnostic::{Diagnostic, Failure, Source};
use crate::expr::{Op, Shape};
use crate::limits::Limits;
use crate::syntax;

const RULES: &str = "
function exp(x: scalar) -> scalar
  about \"exponential\"
  d     exp(x) dx
function exp(A: matrix(n,n)) -> matrix(n,n)
  about \"matrix exponential\"
function log(x: scalar) -> scalar
  about  \"logarithm\"
  domain positive(x)
  d      dx / x
function tanh(x: scalar) -> scalar
  about \"hyperbolic tangent\"
  d     (1 - tanh(x)^2) dx
function tr(A: matrix(n,n)) -> scalar
  about \"trace\"
function det(A: matrix(n,n)) -> scalar
  about \"determinant\"
function sum(A: matrix(m,n)) -> scalar
  about \"sum of the entries\"
function norm(A: matrix(m,n)) -> scalar
  about \"norm\"
  gives nonnegative if nonnegative(A)
function norm1(A: matrix(m,n)) -> scalar
  about \"sum of absolute values\"
  alias norm(A, 1)
function diag(x: vector(n)) -> matrix(n,n)
  about \"diagonal matrix\"
function diag(A: matrix(n,n)) -> vector(n)
  about \"diagonal\"
function vec(A: matrix(m,n)) -> vector(m n)
  about \"columns stacked\"
function sigma(A: matrix(m,n), k: scalar) -> scalar
  about \"singular value\"
function dot(x: vector(n), y: vector(n)) -> scalar
  about \"inner product\"
condition invertible(X: matrix(n,n))
  text    \"{X} invertible\"
  nonzero det(X)
  implied invertible, posdef, orthogonal
condition no_negative_eigenvalues(X: matrix(n,n))
  text    \"{X} without eigenvalues on (−∞, 0]\"
  implied posdef
condition nonzero(x: matrix(m,n))
  text    \"{x} ≠ 0\"
  nonzero norm(x)
  implied positive, invertible
condition nonzero_entries(x: matrix(m,n))
  text    \"no entry of {x} is 0\"
  nonzero x
  implied positive
condition positive(x: matrix(m,n))
  text     \"{x} > 0\"
  positive x
  implied  positive
";

fn catalog() -> Arc<Catalog> {
    let rules = RULES.replace("  gives nonnegative if nonnegative(A)\n", "");
    Catalog::default().with_rules(&Source::new("test.rules", &rules)).unwrap()
}

fn read(text: &str, lets: &[&str]) -> Result<Problem, Diagnostic> {
    let (catalog, limits) = (catalog(), Limits::default());
    let lets: Vec<String> = lets.iter().map(|l| (*l).to_owned()).collect();
    let program = syntax::parse(text, &lets, &|n| is_function(&catalog, n), &limits)?;
    infer(&program, catalog.clone(), &limits)
}

/// The shape of the function and of each variable, in order.
fn shapes(text: &str, lets: &[&str]) -> String {
    let p = read(text, lets).unwrap_or_else(|e| panic!("{text}: {e} {:?}", e.help));
    let dims = &p.graph.dims;
    let of = |v: &crate::expr::VarId| {
        let v = p.graph.variable(*v);
        format!("; {} {}", v.name, v.shape.text(dims))
    };
    p.graph.shape(p.function).text(dims) + &p.variables.iter().map(of).collect::<String>()
}

fn refused(text: &str, lets: &[&str], words: &[&str]) {
    let Err(e) = read(text, lets) else { panic!("{text} was accepted: {}", shapes(text, lets)) };
    assert_ne!(e.failure, Failure::Internal, "{text}: {e}");
    let said = format!("{} {} {}", e.code, e.message, e.help.clone().unwrap_or_default());
    for word in words {
        assert!(said.contains(word), "{text}: no {word:?} in: {said}");
    }
    assert!(!e.labels.is_empty(), "{text}: no place in {e}");
}

fn conditions(text: &str, lets: &[&str]) -> Vec<String> {
    let p = read(text, lets).unwrap_or_else(|e| panic!("{text}: {e} {:?}", e.help));
    let name = |c: &crate::expr::Condition| {
        let predicate = p.graph.catalog().predicate_entry(c.predicate);
        let arg = p.graph.shape(c.args[0]).text(&p.graph.dims);
        format!("{} {arg}", predicate.name)
    };
    p.conditions.iter().map(name).collect()
}

#[test]
fn shapes_are_the_most_general() {
    for (text, expected) in [
        ("x^T A x", "1×1; x n×1; A n×n"),
        ("A x", "m×1; A m×n; x n×1"),
        ("A x - y", "m×1; A m×n; x n×1; y m×1"),
        ("A B", "m×p; A m×n; B n×p"),
        ("tr(A X B)", "1×1; A m×n; X n×p; B p×m"),
        ("alpha x + y", "n×1; alpha 1×1; x n×1; y n×1"),
        ("x x^T x", "n×1; x n×1"),
        ("A \\ b", "n×1; A n×n; b n×1"),
        ("exp(A) + I", "n×n; A n×n"),
        ("A^T A - I", "n×n; A m×n"),
        ("sum(exp.(X w)) / n", "1×1; X m×p; w p×1; n n×1"),
        ("T^T x", "n×1; T m×n; x m×1"),
        ("sigma^2 A x", "m×1; sigma 1×1; A m×n; x n×1"),
    ] {
        if text.ends_with("/ n") {
            // Undeclared, n is a vector by convention.
            refused(text, &[], &["E0104"]);
        } else {
            assert_eq!(shapes(text, &[]), expected, "{text}");
        }
    }
}

#[test]
fn declared_names_and_polynomials_are_kept() {
    assert_eq!(shapes("A x", &["A: matrix(n, k)"]), "n×1; A n×k; x k×1");
    assert_eq!(shapes("sum(x) / n", &["x: vector(n)"]), "1×1; x n×1");
    assert_eq!(
        shapes("kron(A, B) x", &["A: matrix(m, n)", "B: matrix(p, q)"]),
        "m p×1; A m×n; B p×q; x n q×1"
    );
    assert_eq!(shapes("(A ⊗ B) x", &["A: matrix(2, 3)", "x: vector(12)"]), "2 n×1; A 2×3; B n×4; x 12×1");
    assert_eq!(shapes("vec(X) - vec(Y)", &["Y: matrix(m, n)", "X: matrix(m, n)"]), "m n×1; X m×n; Y m×n");
    assert_eq!(shapes("A x", &["A: matrix(1, 3)"]), "1×1; A 1×3; x 3×1");
    assert_eq!(shapes("c^T vec(A)", &["A: matrix(n, n + 1)"]), "1×1; c n n + n×1; A n×n + 1");
    refused("vec(X) - y", &["y: vector(m n)"], &["declare"]);
    refused("kron(A, B) x - y", &["A: matrix(2, 2)", "x: vector(5)"], &["E0121"]);
}

#[test]
fn parts_have_the_type_of_their_expression() {
    let text = "r = X w - y; norm(r)^2 / (2 m) + lambda/2 * w^T w";
    let lets = ["X: matrix(m, n)"];
    assert_eq!(shapes(text, &lets), "1×1; X m×n; w n×1; y m×1; lambda 1×1");
    let p = read(text, &lets).unwrap();
    assert_eq!(p.parts[0].0, "r");
    assert!(p.graph.reachable(&[p.function]).contains(&p.parts[0].1));
    for (text, lets) in [("w = X y; w^T w", ["w: vector(n)"]), ("n = X y; n^T n", ["X: matrix(n, m)"])] {
        assert!(read(text, &lets).is_err(), "{text}");
    }
}

#[test]
fn abstract_functions_have_their_declared_shapes() {
    let lets = ["g: vector(p) -> vector(m)", "Y: matrix(m, n) -> matrix(p, q)", "psi: scalar -> scalar"];
    assert_eq!(shapes("g(A x)", &lets), "m×1; A p×k; x k×1");
    assert_eq!(shapes("g'(x)", &lets), "m×p; x p×1");
    assert_eq!(shapes("Y'(X)[E]", &lets), "p×q; X m×n; E m×n");
    assert_eq!(shapes("psi.(x)", &lets), "k×1; x k×1");
    refused("psi(x)", &lets, &["psi.(x)"]);
    refused("Y'(X)", &lets, &["[…]"]);
    refused("g(x + y)", &["g: vector(p) -> scalar", "x: vector(n)"], &["E0119", "p entries"]);
}

#[test]
fn what_does_not_fit_says_how_to_mend_it() {
    let lets = ["A: matrix(m,n)", "B: matrix(n,n)", "x: vector(n)", "y: vector(m)", "a: scalar"];
    for (text, words) in [
        ("A y", &["`A` is m×n", "`y` has m entries", "A^T y"][..]),
        ("x A", &["shapes", "A"]),
        ("x B", &["x^T B"]),
        ("inv(A)", &["square"]),
        ("tr(A)", &["square"]),
        ("A^2", &["square"]),
        ("inv(x)", &["square"]),
        ("x y", &["x y^T"]),
        ("x x", &["x^T x", "x .* x"]),
        ("x .* y", &["n entries", "m entries"]),
        ("x^T y", &["n", "m"]),
        ("log(x)", &["log.(x)"]),
        ("exp(A)", &["exp.(A)"]),
        ("tanh(B)", &["tanh.(B)"]),
        ("diag(A)", &["square"]),
        ("x/x", &["./"]),
        ("1/B", &["inv(B)"]),
        ("2^B", &["exponent"]),
        ("B^x", &["exponent"]),
        ("B^a", &["exponent", "integer"]),
        ("norm(B, 3)", &["norm(…, 1)"]),
        ("B + 1", &[".+", "1 I"]),
        ("x + 1", &[".+"]),
        ("A + A^T", &["m×n"]),
        ("tr.(B)", &["entry by entry"]),
        ("tr(B, B)", &["1 argument"]),
        ("dot(x, y)", &["n entries", "m entries"]),
        ("1/0", &["zero"]),
        ("1/(2 - 2)", &["zero"]),
        ("0^0 * x", &["0^0"]),
        ("inv(0) x", &["zero"]),
        ("ones(0)", &["positive"]),
        ("e(4, 3)", &["index"]),
        ("A .+ x", &["shapes"]),
    ] {
        refused(text, &lets, words);
    }
    refused("A x", &["A: matrix(0,0)"], &[]);
    refused("inv(B - B) x", &lets, &["E0131", "B - B invertible"]);
    refused("tanh.(t^2 x)", &[], &["t: scalar"]);
    refused("A x", &["A: matrix(m,n) symmetric"], &["symmetric"]);
    refused("d + dA", &["d: scalar", "A: matrix(n,n)", "dA: scalar"], &["dA"]);
}

#[test]
fn huge_exponents_meet_a_limit() {
    for text in ["A^(10^18)", "A^9223372036854775808", "A^-9223372036854775808", "alpha^(1e30)"] {
        let e = read(text, &["A: matrix(n,n)"]).err().unwrap();
        assert_eq!(e.failure, Failure::Limit, "{text}: {e}");
    }
    let names: String = (0..300).map(|i| format!(" + y{i}")).collect();
    let e = read(&format!("x{names}"), &[]).err().unwrap();
    assert_eq!(e.failure, Failure::Limit);
    assert!(e.message.contains("y0") && !e.message.contains("y9"), "{e}");
}

#[test]
fn both_readings_of_a_mixed_product_are_printed() {
    let lets = [
        "A: matrix(n,n)",
        "B: matrix(n,n)",
        "M: matrix(n,n)",
        "C: matrix(n,m)",
        "N: matrix(n,m)",
        "a: scalar",
    ];
    refused("M .* A * B", &lets, &["(M .* A) * B", "M .* (A * B)"]);
    refused("A * B .* M", &lets, &["(A * B) .* M", "A * (B .* M)"]);
    for text in
        ["(M .* A) * B", "M .* (A * B)", "M .* A B", "M .* A * C", "a * B .* M", "M .* A * a", "A B .* M"]
    {
        assert!(read(text, &lets).is_ok(), "{text}");
    }
}

#[test]
fn conditions_are_collected_before_anything_is_simplified() {
    let lets = ["A: matrix(n,n)", "S: matrix(n,n) posdef", "t: scalar", "u: scalar positive", "x: vector(n)"];
    for (text, expected) in [
        ("0 inv(A)", &["invertible n×n"][..]),
        ("inv(S)", &[]),
        ("log(det(A)) / t", &["positive 1×1", "nonzero 1×1"]),
        ("x / u / 2", &[]),
        ("1 ./ x", &["nonzero_entries n×1"]),
        ("log.(x)", &["positive n×1"]),
        ("A^(1/2)", &["no_negative_eigenvalues n×n"]),
        ("A^(-1/2)", &["no_negative_eigenvalues n×n", "invertible n×n"]),
        ("t^(1/2) + u^(-1/2)", &["positive 1×1"]),
        ("A \\ x", &["invertible n×n"]),
        ("t^t", &["positive 1×1"]),
        ("x.^-2", &["nonzero_entries n×1"]),
        ("A^2", &[]),
    ] {
        assert_eq!(conditions(text, &lets), expected, "{text}");
    }
    for text in
        ["inv(A - A)", "inv(A - A)*(A - A)", "log(0)", "log(-1)", "x / (t - t)", "log.(x - x)", "x / norm(x)"]
    {
        let ok = text == "x / norm(x)";
        assert_eq!(read(text, &lets).is_ok(), ok, "{text}");
    }
}

#[test]
fn nodes_are_as_written() {
    let lets = ["x: vector(n)", "y: vector(n)", "A: matrix(n,n)", "k: integer"];
    let op = |text: &str| {
        let p = read(text, &lets).unwrap_or_else(|e| panic!("{text}: {e}"));
        (p.graph.op(p.function).clone(), p.graph.args(p.function).len())
    };
    assert_eq!(op("x .* y .* x"), (Op::Hadamard, 3));
    assert_eq!(op("2 .* x"), (Op::Product, 2));
    assert_eq!(op("x .+ 1"), (Op::Sum, 2));
    assert_eq!(op("2 ./ x"), (Op::ElementDivide, 2));
    assert_eq!(op("x ./ 2"), (Op::Divide, 2));
    assert_eq!(op("inv(A)"), (Op::Power, 2));
    assert_eq!(op("A^k"), (Op::Power, 2));
    assert_eq!(op("A^(k - 1)"), (Op::Power, 2));
    assert_eq!(op("sum(r, 0, k-1, A^r A^(k-1-r))"), (Op::BoundedSum, 4));
    assert_eq!(op("frechet(exp, A, x y^T)").1, 2);
    assert!(matches!(op("exp.(A)").0, Op::Map(_)));
    assert!(matches!(op("exp(A)").0, Op::Call(_)));
    assert!(matches!(op("exp(x^T x)").0, Op::Map(_)));
    assert!(matches!(op("norm(x, 1)"), (Op::Call(_), 1)));
    let p = read("1/2 x^T A x", &lets).unwrap();
    assert_eq!(p.graph.number(p.graph.args(p.function)[0]), Some(crate::expr::Number::ratio(1, 2)));
}

#[test]
fn the_order_of_declarations_does_not_matter() {
    let lets = ["A: matrix", "x: vector(n)", "S: matrix symmetric", "a: scalar", "W: matrix(m, k)"];
    let text = "a x^T A (S b) + sum(W c) + y^T S y";
    let expected = described(&read(text, &lets).unwrap());
    for turn in 0..lets.len() {
        let mut turned = lets;
        turned.rotate_left(turn);
        assert_eq!(described(&read(text, &turned).unwrap()), expected);
        turned.reverse();
        assert_eq!(described(&read(text, &turned).unwrap()), expected);
    }
}

#[test]
fn rules_become_nodes() {
    let mut p =
        read("tanh(t) + sum(tanh.(x)) + tr(exp(A))", &["x: vector(n)", "t: scalar", "A: matrix(n,n)"])
            .unwrap();
    let catalog = p.graph.catalog_arc();
    let f = catalog.find("tanh").unwrap();
    let template = catalog.entry(f).differential.clone().unwrap();
    let (t, x) = (p.graph.variable_named("t").unwrap(), p.graph.variable_named("x").unwrap());
    for (v, lifted) in [(t, false), (x, true)] {
        let arg = p.graph.var(v);
        let d = p.graph.add(Op::Differential(v), []);
        let extra = [("dx".to_owned(), d)];
        let id = instantiate_entrywise(&mut p.graph, f, &template, &[arg], &extra).unwrap();
        assert_eq!(p.graph.shape(id), p.graph.shape(arg));
        assert_eq!(*p.graph.op(id) == Op::Hadamard, lifted);
        assert!(p.graph.fault().is_none());
    }
    let tr = catalog.find("tr").unwrap();
    let a = p.graph.variable_named("A").unwrap();
    let (a, g) = (p.graph.var(a), p.graph.int(3));
    let adjoint = Template::new(Source::new("rule", "G * I(n) + I"));
    let id = instantiate(&mut p.graph, tr, &adjoint, &[a], &[("G".to_owned(), g)]).unwrap();
    assert_eq!(p.graph.shape(id), p.graph.shape(a));
    let misfit = Template::new(Source::new("rule", "A + ones(n)"));
    assert!(instantiate(&mut p.graph, tr, &misfit, &[a], &[]).is_err());
    let identity = Template::new(Source::new("rule", "I"));
    let n = p.graph.shape(a).rows;
    let ast = identity.ast(&catalog).unwrap();
    let id = elaborate_as(&mut p.graph, ast, &Scope::new(), Shape::new(n, n)).unwrap();
    assert_eq!(*p.graph.op(id), Op::Identity(n));
}

#[test]
fn what_varies_is_asked_by_name() {
    let p = read("r = x^T A x; r t^k", &["A: matrix constant", "k: integer", "t: scalar", "x: vector(n)"])
        .unwrap();
    let names =
        |v: Vec<crate::expr::VarId>| v.iter().map(|v| p.graph.variable(*v).name.clone()).collect::<Vec<_>>();
    assert_eq!(names(p.varying()), ["x", "t"]);
    assert_eq!(names(p.wrt(&["A", "x", "A"]).unwrap()), ["A", "x"]);
    for (name, word) in [("q", "x"), ("n", "dimension"), ("r", "part"), ("k", "integer")] {
        let e = p.wrt(&[name]).err().unwrap();
        assert!(format!("{e} {:?}", e.help).contains(word), "{e}");
    }
}

#[test]
fn long_and_deep_requests_take_linear_time() {
    let start = std::time::Instant::now();
    assert!(read(&format!("x{}", " + x".repeat(20_000)), &[]).is_ok());
    assert!(read(&format!("x{}", " .* x".repeat(20_000)), &[]).is_ok());
    assert!(read(&format!("{}x{}", "tanh.(".repeat(5_000), ")".repeat(5_000)), &[]).is_ok());
    assert!(read(&format!("{} x", "A ".repeat(20_000)), &[]).is_ok());
    // Debug builds on a busy machine: what is quadratic takes minutes.
    assert!(start.elapsed().as_secs() < 60);
}
