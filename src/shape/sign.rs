//! What is certain of the sign of an expression.
//!
//! In: a node. Out: [`Sign`]: whether its entries are positive or not negative, whether it is positive (semi)definite.
//! Invariant: a sign is given only where it holds for all values of the variables.
//!
//! `1 + x^2` is positive; `H P H^T + R` is positive definite where P and R are.

use rustc_hash::FxHashMap;

use crate::catalog::Gives;
use crate::expr::{Graph, Id, Op, Properties};

/// What is certain of the values of a node.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Sign {
    /// Every entry is positive.
    pub positive: bool,
    /// No entry is negative.
    pub nonnegative: bool,
    /// Symmetric with positive eigenvalues.
    pub definite: bool,
    /// Symmetric without negative eigenvalues.
    pub semidefinite: bool,
}

/// The sign of a node.
pub(crate) fn sign(graph: &Graph, root: Id) -> Sign {
    let mut signs: FxHashMap<Id, Sign> = FxHashMap::default();
    for id in graph.reachable(&[root]) {
        let found = of_node(graph, id, &signs).closed(graph.shape(id).is_scalar());
        signs.insert(id, found);
    }
    signs.get(&root).copied().unwrap_or_default()
}

impl Sign {
    /// With what follows; a 1×1 matrix is its entry.
    fn closed(mut self, scalar: bool) -> Sign {
        self.nonnegative |= self.positive;
        self.semidefinite |= self.definite;
        if scalar {
            self.positive |= self.definite;
            self.nonnegative |= self.semidefinite | self.positive;
            (self.definite, self.semidefinite) = (self.positive, self.nonnegative);
        }
        self
    }

    /// Entries and eigenvalues of a sum: positive where one summand is and no other is negative.
    fn sum(parts: &[Sign]) -> Sign {
        let nonnegative = parts.iter().all(|s| s.nonnegative);
        let semidefinite = parts.iter().all(|s| s.semidefinite);
        Sign {
            positive: nonnegative && parts.iter().any(|s| s.positive),
            nonnegative,
            definite: semidefinite && parts.iter().any(|s| s.definite),
            semidefinite,
        }
    }
}

fn of_node(graph: &Graph, id: Id, signs: &FxHashMap<Id, Sign>) -> Sign {
    let known = graph.properties(id);
    let mut sign = Sign {
        positive: known.has(Properties::POSITIVE),
        definite: known.has(Properties::POSDEF),
        ..Sign::default()
    };
    let args = graph.args(id);
    let of = |a: &Id| signs.get(a).copied().unwrap_or_default();
    let parts: Vec<Sign> = args.iter().map(of).collect();
    let even = |k: &Id| graph.number(*k).and_then(|k| k.to_integer()).is_some_and(|k| k % 2 == 0);
    match (graph.op(id), args) {
        (Op::Num(n), _) => sign.positive |= !n.is_negative(),
        (Op::Size(_) | Op::Ones(..), _) => sign.positive = true,
        (Op::Identity(_), _) => (sign.definite, sign.nonnegative) = (true, true),
        (Op::Zeros(..), _) => (sign.nonnegative, sign.semidefinite) = (true, graph.shape(id).is_square()),
        (Op::Sum, _) => {
            let sum = Sign::sum(&parts);
            sign.positive |= sum.positive;
            sign.nonnegative |= sum.nonnegative;
            sign.definite |= sum.definite;
            sign.semidefinite |= sum.semidefinite;
        }
        (Op::Product, _) => product(graph, args, &parts, &mut sign),
        (Op::Transpose, [_]) => {
            sign.positive |= parts[0].positive;
            sign.nonnegative |= parts[0].nonnegative;
            sign.definite |= parts[0].definite;
            sign.semidefinite |= parts[0].semidefinite;
        }
        (Op::Power, [base, k]) if graph.shape(*base).is_scalar() => {
            sign.positive |= parts[0].positive;
            sign.nonnegative |= even(k) || parts[0].nonnegative;
        }
        (Op::ElementPower, [_, k]) => {
            sign.positive |= parts[0].positive;
            sign.nonnegative |= even(k) || parts[0].nonnegative;
        }
        (Op::Hadamard | Op::Divide | Op::ElementDivide, _) => {
            sign.positive |= parts.iter().all(|s| s.positive);
            sign.nonnegative |= parts.iter().all(|s| s.nonnegative);
        }
        (Op::Map(f) | Op::Call(f), _) => {
            let certain = |(i, p): &(usize, Properties)| {
                let given = args.get(*i).map(|a| graph.properties(*a)).unwrap_or_default();
                let sign = parts.get(*i).copied().unwrap_or_default();
                given.has(*p)
                    || (*p == Properties::POSITIVE && sign.positive)
                    || (*p == Properties::POSDEF && sign.definite)
            };
            let entry = graph.catalog().entry(*f);
            let positive = |g: &&Gives| g.property == Properties::POSITIVE;
            sign.positive |= entry.gives.iter().filter(positive).any(|g| g.premises.iter().all(certain));
            // What is positive of positive definite matrices and continuous is not negative of semidefinite ones.
            let continuous =
                entry.domain.is_empty() && entry.continuous.as_ref().unwrap_or(&entry.smooth).is_empty();
            let limit = |(i, p): &(usize, Properties)| {
                let sign = parts.get(*i).copied().unwrap_or_default();
                (*p == Properties::POSDEF && sign.semidefinite)
                    || (*p == Properties::POSITIVE && sign.nonnegative)
            };
            let limits = |g: &Gives| !g.premises.is_empty() && g.premises.iter().all(limit);
            sign.nonnegative |=
                entry.nonnegative || continuous && entry.gives.iter().filter(positive).any(limits);
        }
        _ => {}
    }
    sign
}

/// Products of what is not negative, and `B^T M B` with a semidefinite M or none.
fn product(graph: &Graph, args: &[Id], parts: &[Sign], sign: &mut Sign) {
    let is_scalar = |a: &Id| graph.shape(*a).is_scalar();
    sign.nonnegative |= parts.iter().all(|s| s.nonnegative);
    sign.positive |= parts.iter().all(|s| s.positive);
    let scalars = args.iter().zip(parts).filter(|(a, _)| is_scalar(a));
    let scale = scalars.fold(Sign { positive: true, nonnegative: true, ..Sign::default() }, |all, (_, s)| {
        Sign { positive: all.positive && s.positive, nonnegative: all.nonnegative && s.nonnegative, ..all }
    });
    let word: Vec<(Id, Sign)> =
        args.iter().copied().zip(parts.iter().copied()).filter(|(a, _)| !is_scalar(a)).collect();
    let symmetric = |a: Id| graph.properties(a).has(Properties::SYMMETRIC);
    let turned = |a: Id, b: Id| {
        graph.transpose_of(a) == Some(b) || graph.transpose_of(b) == Some(a) || (a == b && symmetric(a))
    };
    let n = word.len();
    let mirrored = n > 0 && (0..n / 2).all(|i| turned(word[i].0, word[n - 1 - i].0));
    let middle = if n % 2 == 1 { word.get(n / 2).map(|(_, s)| *s) } else { None };
    if mirrored && scale.nonnegative && (n.is_multiple_of(2) || middle.is_some_and(|s| s.semidefinite)) {
        sign.semidefinite = true;
        sign.definite |= n == 1 && scale.positive && middle.is_some_and(|s| s.definite);
    }
}

/// `v` of a scalar `v^T M v` with M positive definite or none: it is zero only where v is.
pub(super) fn definite_half(graph: &mut Graph, product: Id) -> Option<Id> {
    let word: Vec<Id> = graph.args(product).to_vec();
    if word.iter().any(|a| graph.shape(*a).is_scalar()) {
        return None;
    }
    let n = word.len();
    let turned = |a: Id, b: Id| graph.transpose_of(a) == Some(b) || graph.transpose_of(b) == Some(a);
    let definite = n.is_multiple_of(2) || word.get(n / 2).is_some_and(|m| sign(graph, *m).definite);
    let mirrored = n > 1 && definite && (0..n / 2).all(|i| turned(word[i], word[n - 1 - i]));
    mirrored.then(|| graph.product(word[n.div_ceil(2)..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::super::infer;
    use super::*;
    use crate::catalog::Catalog;
    use crate::limits::Limits;
    use crate::syntax::parse;

    fn of(text: &str) -> Sign {
        let catalog = Catalog::builtin();
        let is_function = |name: &str| super::super::is_function(&catalog, name);
        let limits = Limits::default();
        let program = parse(text, &[], &is_function, &limits).unwrap();
        let problem = infer(&program, catalog.clone(), &limits).unwrap();
        sign(&problem.graph, problem.function)
    }

    #[test]
    fn squares_and_sums_of_them() {
        assert!(of("s: scalar; 1 + s^2").positive);
        assert!(!of("s: scalar; s^2").positive);
        assert!(of("s: scalar; s^2").nonnegative);
        assert!(!of("s: scalar; 1 + s^3").positive);
        assert!(!of("s: scalar; 1 - s^2").nonnegative);
        assert!(of("ones(n) + x.^2").positive);
        assert!(of("sqrt(1 + x^T x)").positive);
    }

    #[test]
    fn mirrored_products_are_semidefinite() {
        let declared = "P: matrix(n,n) posdef; R: matrix(m,m) posdef; H: matrix(m,n); ";
        assert!(of(&format!("{declared}H P H^T + R")).definite);
        assert!(of(&format!("{declared}H P H^T")).semidefinite);
        assert!(!of(&format!("{declared}H P H^T")).definite);
        assert!(!of(&format!("{declared}H P H^T - R")).semidefinite);
        assert!(!of("A: matrix(n,n); x^T A x").nonnegative);
        assert!(of("X^T X").semidefinite);
    }
}
