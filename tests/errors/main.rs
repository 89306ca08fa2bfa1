//! Every class of error of reading, as a person sees it.
//!
//! Each snapshot holds the errors of one group, one after another, each under the request that caused it.

use matgrad::diagnostic::render;
use matgrad::limits::Limits;
use matgrad::syntax::parse;

fn is_function(name: &str) -> bool {
    "exp log sqrt sin tr det inv norm sum vec kron I K e".split(' ').any(|f| f == name)
}

fn errors(requests: &[(&str, &[&str])]) -> String {
    let mut out = String::new();
    for (text, lets) in requests {
        let lets: Vec<String> = lets.iter().map(|l| (*l).to_string()).collect();
        out += &format!("### {}", text.escape_debug());
        for l in &lets {
            out += &format!(" --let {:?}", l);
        }
        out += "\n";
        out += &match parse(text, &lets, &is_function, &Limits::default()) {
            Ok(program) => format!("read as {}", program.function),
            Err(error) => render(&error, false, 80),
        };
        out += "\n\n";
    }
    out
}

macro_rules! group {
    ($name:ident, $($text:expr $(, $let:expr)*;)*) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(errors(&[$(($text, &[$($let),*])),*]));
        }
    };
}

group! { brackets,
    "";
    "(";
    ")";
    "((A x)";
    "A x]";
    "tr(A x";
    "(A + B]";
    "f[1]";
}

group! { operands,
    "* A";
    "A +";
    "A^-";
    "A \\";
    "tr(A,)";
    "tr(,A)";
    "tr()";
    "(a, b)";
    "A /* c */ x";
    "1 2 x";
    "x = y + 1 = z";
}

group! { other_notations,
    "A ** x";
    "\\frac{a}{b}";
    "A \\cdot x";
    "x.T A";
    "np.exp(a)";
    "d(A x)/dx";
    "d/dx x^T x";
    "\"A x\"";
    "A % x";
    "$A x$";
    "[1, 2]";
}

group! { characters,
    "A\u{202e}x";
    "A\u{a0}x";
    "\u{0}";
    "\u{391} x";
    "\u{ff21} x";
    "A\u{301} x";
    "∇ f";
    "A × A";
    "x₁";
    "😀";
}

group! { two_readings,
    "x + a/b c";
    "a ./ b c";
    "2 / (a + b) x";
    "1 / x^2 y + z";
    "M .* A / 2 B";
    "A^2^3";
    "x.^-a^b";
}

group! { calls,
    "invv(A)";
    "trace(A)";
    "Tr(A)";
    "g(x + y)";
    "A.(x)";
    "x^Ty";
    "Ax - b", "A: matrix(m, n)", "x: vector(n)", "b: vector(m)";
}

group! { numbers,
    "1.2.3 * x";
    "1e400 x";
    "A^1e99999";
}

group! { declarations,
    "A x", "A: matrix(n,n,n)";
    "A x", "A: matrix(-1,n)";
    "A x", "A: matrix(n,1.5)";
    "A x", "A: matrix(0,n)";
    "A x", "A: matrix(99999999999999999999,n)";
    "A x", "A: matrix(n - 1, n)";
    "A x", "A: matrix(m, n) symmetric";
    "A x", "x: vector(n) diagonal";
    "A x", "A: tensor(n)";
    "A x", "A: matrix(n, n) symetric";
    "A x", "A matrix(n, n)";
    "A x", "a_b^c: vector(n)";
    "A x", "inv: matrix(n, n)";
    "A x", "A: matrix(n, n)", "A: vector(n)";
    "A x", "A: matrix(n, n)", "n: scalar";
    "d + dA", "A: matrix(n,n)", "d: scalar", "dA: matrix(n,n)";
}

group! { programs,
    "A: matrix(n, n)";
    "x^T x\ny^T y";
    "r = s x\ns = 2\nr^T r";
    "r = r + 1\nr";
    "x: vector(n)\nx = 3\nx";
}

#[test]
fn limits() {
    let cases = [
        format!("{}x", "-".repeat(200_000)),
        " ".repeat(2_000_000),
        "9".repeat(5_000),
        (0..300).map(|i| format!("y{i}")).collect::<Vec<_>>().join(" + "),
    ];
    let shown: Vec<String> = cases
        .iter()
        .map(|text| match parse(text, &[], &is_function, &Limits::default()) {
            Ok(_) => "read".into(),
            Err(error) => render(&error, false, 80),
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}
