//! How expressions and programs are read, as S-expressions.

use super::*;
use crate::diagnostic::Source;
use crate::expr::{Kind, Properties};
use crate::limits::Limits;

fn is_function(name: &str) -> bool {
    "exp log sqrt sin tr det inv norm kron sum frechet sigma I K e".split(' ').any(|f| f == name)
}

fn program(text: &str, lets: &[&str]) -> Program {
    let lets: Vec<String> = lets.iter().map(|l| (*l).to_string()).collect();
    parse(text, &lets, &is_function, &Limits::default()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn code(text: &str, lets: &[&str]) -> &'static str {
    let lets: Vec<String> = lets.iter().map(|l| (*l).to_string()).collect();
    parse(text, &lets, &is_function, &Limits::default()).map_or_else(|e| e.code, |p| panic!("{}", p.function))
}

macro_rules! read {
    ($name:ident, $($text:literal => $tree:literal;)*) => {
        #[test]
        fn $name() {
            $(assert_eq!(program($text, &[]).function.to_string(), $tree, "{}", $text);)*
        }
    };
}

read! { levels,
    "x^T A x" => "(* (^T x) A x)";
    "a + b - c" => "(+ a b -c)";
    "a .+ b .- c + d" => "(+ (.+ a b -c) d)";
    "-c X^T y" => "(* (- c) (^T X) y)";
    "-x^2" => "(- (^ x 2))";
    "--x" => "(- (- x))";
    "a - -b" => "(+ a -(- b))";
    "y .* X w" => "(.* y (* X w))";
    "a * b @ c" => "(* a b c)";
    "a b * c d" => "(* (* a b) (* c d))";
    "a / b / c" => "(/ (/ a b) c)";
    "A \\ B \\ c" => "(\\ (\\ A B) c)";
    "A \\ b c" => "(\\ A (* b c))";
    "a * b / c * d" => "(* (/ (* a b) c) d)";
    "-y .* x" => "(.* (- y) x)";
    "A ⊗ B ⊙ C" => "(.* (⊗ A B) C)";
    "2x" => "(* 2 x)";
    "(a + b) c" => "(* (+ a b) c)";
    "x − y · z" => "(+ x -(* y z))";
}

read! { divisions,
    "1/2 x^T A x" => "(* (/ 1 2) (^T x) A x)";
    "lambda/2 w^T w" => "(* (/ lambda 2) (^T w) w)";
    "-1/2 x" => "(* (/ (- 1) 2) x)";
    "2 a/3 b + c" => "(+ (* (/ (* 2 a) 3) b) c)";
    "2 / (x' x) * (A x)" => "(* (/ 2 (* (^T x) x)) (* A x))";
    "4 / alpha" => "(/ 4 alpha)";
    "exp(a) / sqrt(1 + b) x" => "(* (/ (exp a) (sqrt (+ 1 b))) x)";
    "nu / 2 * V^-1" => "(* (/ nu 2) (^ V -1))";
    "x ./ 2 y" => "(* (./ x 2) y)";
}

read! { powers,
    "A^-1" => "(^ A -1)";
    "A^(-1)" => "(^ A (- 1))";
    "A^-T" => "(^T (^ A -1))";
    "A^{-T} A^{T} A^(T)" => "(* (^T (^ A -1)) (^T A) (^T A))";
    "A'^-1" => "(^ (^T A) -1)";
    "A^T^-1" => "(^ (^T A) -1)";
    "A^-1'" => "(^T (^ A -1))";
    "xᵀ A⁻¹ x² y⁻ᵀ" => "(* (^T x) (^ A -1) (^ x 2) (^T (^ y -1)))";
    "A^(1/2) b" => "(* (^ A (/ 1 2)) b)";
    "x.^2 y" => "(* (.^ x 2) y)";
    "2.^x" => "(.^ 2 x)";
    "X^(k-1-r)" => "(^ X (+ k -1 -r))";
    "A^n B" => "(* (^ A n) B)";
    "a^sin(b) c" => "(* (^ a (sin b)) c)";
    "x′ x’" => "(* (^T x) (^T x))";
}

read! { calls,
    "tr(A B)" => "(tr (* A B))";
    "exp.(x) .* y" => "(.* (exp. x) y)";
    "A (B + C)" => "(* A (+ B C))";
    "A(B + C)" => "(* A (+ B C))";
    "sin(a)^2 + tr(A)'" => "(+ (^ (sin a) 2) (^T (tr A)))";
    "frechet(exp, A, B)" => "(frechet exp A B)";
    "norm(x, 1)" => "(norm x 1)";
    "λx + λ_max α" => "(+ (* lambda x) (* lambda_max alpha))";
    "(((x)))" => "x";
    "tr(A # a comment\n B)" => "(tr (* A B))";
    "0.1 x + 2.5e-1 y + 2. z" => "(+ (* 1/10 x) (* 1/4 y) (* 2 z))";
}

#[test]
fn declared_names_decide_what_a_bracket_means() {
    let read = |text, lets: &[&str]| program(text, lets).function.to_string();
    assert_eq!(read("a (b + c)", &["a: scalar"]), "(* a (+ b c))");
    assert_eq!(read("K (x + y)", &["K: matrix(n, n)"]), "(* K (+ x y))");
    assert_eq!(read("n (x + y)", &["K: matrix(n, n)"]), "(* n (+ x y))");
    assert_eq!(read("dx (x + y)", &["x: vector(n)"]), "(* dx (+ x y))");
    assert_eq!(read("sigma (x + y)", &["sigma: scalar"]), "(* sigma (+ x y))");
    assert_eq!(read("T x^T", &["T: scalar"]), "(* T (^T x))");
    let g = "g: vector(p) -> vector(m)";
    assert_eq!(read("g(A x)' g''(x)", &[g]), "(* (^T (g (* A x))) (g'' x))");
    assert_eq!(read("Y'(X)[dX] + g.(x)", &["Y: matrix(m, n) -> matrix(p, q)", g]), "(+ (Y' X | dX) (g. x))");
}

#[test]
fn two_readings_are_errors() {
    for text in ["a/b c", "a ./ b c", "2 / (a + b) x", "1/x^2 y", "M .* A / 2 B", "A^2^3", "a/b' c"] {
        assert_eq!(code(text, &[]), "E0007", "{text}");
    }
}

#[test]
fn unlike_products_are_left_to_the_shapes() {
    let ast = program("2 M .* A * B C + D", &[]).function;
    assert_eq!(ast.to_string(), "(+ (* (.* (* 2 M) A) (* B C)) D)");
    let [mix] = ast.mixes.as_slice() else { panic!("{:?}", ast.mixes) };
    assert_eq!(mix.readings(&ast.source), ["(2 M .* A) * B C", "2 M .* (A * B C)"]);
    for text in ["(M .* A) * B", "M .* (A * B)", "M .* A B", "a .* b ./ c", "1/2 A x .* y"] {
        assert!(program(text, &[]).function.mixes.is_empty(), "{text}");
    }
}

#[test]
fn spans_hold_the_brackets_of_their_parts() {
    let ast = program("y + 2 (a - b)", &[]).function;
    let product = ast.nodes.iter().find(|n| matches!(n.kind, AstKind::Product(_))).unwrap();
    assert_eq!(&ast.source.text[product.span.start..product.span.end], "2 (a - b)");
}

#[test]
fn programs_have_lines() {
    let text = "X: matrix(m, n); y: vector(m)\r\n# the residual\r\nr = X w -\r\n y\r\nnorm(r)^2\r\n  + tr(\r\nX)\r\n";
    let p = program(text, &["w: vector(n)"]);
    assert_eq!(p.declarations.iter().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["w", "X", "y"]);
    assert_eq!(p.parts[0].value.to_string(), "(+ (* X w) -y)");
    assert_eq!(p.function.to_string(), "(+ (^ (norm r) 2) (tr X))");
    assert_eq!(program("A\r\n x", &[]).function.to_string(), "(* A x)");
    assert_eq!(program("  r = a\n  r + 1", &[]).function.to_string(), "(+ r 1)");
    assert_eq!(program("\u{feff}f = A x", &[]).function.to_string(), "(* A x)");
    for (text, wanted) in
        [("x\ny", "E0016"), ("a; x", "E0016"), ("A: matrix", "E0001"), ("r = s\ns = 1\nr", "E0017")]
    {
        assert_eq!(code(text, &[]), wanted, "{text}");
    }
}

#[test]
fn types_are_read() {
    let p = program("x", &["A: matrix(2 n, m*k + 1) positive lower", "x: vector"]);
    let Declared::Variable(a) = &p.declarations[0].declared else { panic!() };
    assert_eq!(a.kind, Kind::Matrix);
    assert_eq!(a.properties, Properties::POSITIVE.with(Properties::LOWER));
    let n = |s: &str| DimExpr::Name(s.into());
    let cols = DimExpr::Sum(vec![DimExpr::Product(vec![n("m"), n("k")]), DimExpr::Integer(1)]);
    assert_eq!(a.dims, Some(vec![DimExpr::Product(vec![DimExpr::Integer(2), n("n")]), cols]));
    let Declared::Variable(x) = &p.declarations[1].declared else { panic!() };
    assert_eq!(x.dims, None);
    let p = program("A^k", &["k: integer"]);
    let Declared::Variable(k) = &p.declarations[0].declared else { panic!() };
    assert_eq!((k.kind, k.properties), (Kind::Scalar, Properties::INTEGER));
}

#[test]
fn names_have_one_meaning() {
    for (text, lets, wanted) in [
        ("x", &["inv: scalar"][..], "E0012"),
        ("x", &["x: scalar", "x: scalar"], "E0013"),
        ("x", &["A: matrix(n, n)", "n: scalar"], "E0013"),
        ("dA", &["A: matrix(n, n)", "dA: scalar"], "E0014"),
        ("x = 2\nx", &["x: scalar"], "E0013"),
        ("Ax", &["A: matrix(n, n)", "x: vector(n)"], "E0015"),
    ] {
        assert_eq!(code(text, lets), wanted, "{text} {lets:?}");
    }
    // What is declared, a differential or a Greek letter is no slip of the space bar.
    program("Ax + dx + mu", &["A: scalar", "x: scalar", "Ax: scalar", "m: scalar", "u: scalar"]);
}

#[test]
fn nesting_is_bounded_by_a_limit_alone() {
    let deep = |n: usize| format!("{}x{}", "sin(".repeat(n), ")".repeat(n));
    assert_eq!(program(&deep(99_999), &[]).function.nodes.len(), 100_000);
    assert_eq!(code(&deep(100_000), &[]), "E0800");
    assert_eq!(
        program(&format!("{}x{}", "(".repeat(200_000), ")".repeat(200_000)), &[]).function.nodes.len(),
        1
    );
    assert_eq!(code(&"-".repeat(200_000), &[]), "E0004");
}

#[test]
fn templates_take_any_name_for_a_variable() {
    let source = Source::new("rule", "c (dX + x (A\n+ B))");
    let ast = parse_expression(&source, &is_function, &Limits::default()).unwrap();
    assert_eq!(ast.to_string(), "(* c (+ dX (* x (+ A B))))");
}
