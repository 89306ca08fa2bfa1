//! Names for dimensions nobody gave, and types for variables nobody declared.
//!
//! In: unknowns. Out: dimensions m, n, p, … Invariant: the names depend only on the order of the variables in
//! the text, and none is in use.
//! Example: in `x^T A x` the one dimension is n; in `A x` A is m×n.

use crate::expr::Kind;
use crate::syntax::is_greek;

use super::check::Checker;
use super::solver::Term;

/// The names dimensions get, in this order; then n1, n2, …
const NAMES: [&str; 8] = ["n", "m", "p", "q", "k", "l", "r", "s"];

/// Names every unknown dimension of the variables.
pub(super) fn name_dimensions(checker: &mut Checker) {
    let order = checker.order.clone();
    // The first matrix that may be rectangular is m×n, as one writes it.
    let rectangular = order.iter().find_map(|s| {
        let (rows, cols) = (checker.solver.resolve(s.rows), checker.solver.resolve(s.cols));
        let both = matches!((rows, cols), (Term::Unknown(a), Term::Unknown(b)) if a != b);
        both.then_some((rows, cols))
    });
    if let Some((rows, cols)) = rectangular {
        name(checker, rows, &["m", "n"]);
        name(checker, cols, &["n"]);
    }
    for sides in order {
        for side in [sides.rows, sides.cols] {
            for unknown in checker.solver.unknowns(side) {
                name(checker, unknown, &[]);
            }
        }
    }
}

fn name(checker: &mut Checker, unknown: Term, first: &[&str]) {
    let numbered = (1u32..).map(|i| format!("n{i}"));
    let plain = first.iter().chain(&NAMES).map(|n| (*n).to_owned());
    if let Some(name) = plain.chain(numbered).find(|n| !checker.taken.contains(n)) {
        let dim = checker.dims.named(&name);
        checker.taken.insert(name);
        checker.solver.assign(unknown, dim);
    }
}

/// What an undeclared name is by the convention of the lecture notes: an upper-case Latin letter starts a matrix,
/// a lower-case one a column vector; a Greek letter, spelled or not, is a scalar.
pub fn conventional_kind(name: &str) -> Kind {
    if is_greek(name) {
        Kind::Scalar
    } else if name.starts_with(char::is_uppercase) {
        Kind::Matrix
    } else {
        Kind::Vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_convention() {
        for (name, kind) in [
            ("A", Kind::Matrix),
            ("T", Kind::Matrix),
            ("x", Kind::Vector),
            ("x1", Kind::Vector),
            ("alphabet", Kind::Vector),
            ("alpha", Kind::Scalar),
            ("mu_1", Kind::Scalar),
            ("lambda2", Kind::Scalar),
        ] {
            assert_eq!(conventional_kind(name), kind, "{name}");
        }
    }
}
