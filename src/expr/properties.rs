//! Properties of matrices: declared by the user, inferred for everything built from them.
//!
//! In: an operator, its arguments' properties. Out: what is certain of the result.
//! Invariant: a property is set only where it always holds.

use super::graph::Graph;
use super::node::{Id, Op};
use super::number::Number;

/// A set of properties.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Properties(u16);

macro_rules! properties {
    ($($flag:ident = $bit:expr, $word:literal, $doc:literal;)*) => {
        impl Properties {
            $(#[doc = $doc] pub const $flag: Properties = Properties(1 << $bit);)*
            /// Every property and the word for it, in the order of declaration.
            pub const WORDS: &[(Properties, &str)] = &[$((Properties::$flag, $word)),*];
        }
    };
}

properties! {
    SYMMETRIC = 0, "symmetric", "Equal to its transpose.";
    SKEW = 1, "skew", "The negative of its transpose.";
    DIAGONAL = 2, "diagonal", "Zero off the diagonal.";
    ORTHOGONAL = 3, "orthogonal", "Its transpose is its inverse.";
    POSDEF = 4, "posdef", "Symmetric with positive eigenvalues.";
    LOWER = 5, "lower", "Zero above the diagonal.";
    UPPER = 6, "upper", "Zero below the diagonal.";
    INVERTIBLE = 7, "invertible", "Has an inverse.";
    POSITIVE = 8, "positive", "Every entry is positive.";
    CONSTANT = 9, "constant", "Does not vary by default.";
    INTEGER = 10, "integer", "A symbolic whole number.";
}

impl Properties {
    /// No property.
    pub const NONE: Properties = Properties(0);

    /// Whether all of `other` are among these.
    pub const fn has(self, other: Properties) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether one of `other` is among these.
    pub const fn any(self, other: Properties) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    pub const fn with(self, other: Properties) -> Properties {
        Properties(self.0 | other.0)
    }

    /// What both sets share.
    pub const fn and(self, other: Properties) -> Properties {
        Properties(self.0 & other.0)
    }

    /// These without `other`.
    pub const fn without(self, other: Properties) -> Properties {
        Properties(self.0 & !other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The property with this name.
    pub fn parse(word: &str) -> Option<Properties> {
        Properties::WORDS.iter().find(|(_, w)| *w == word).map(|(p, _)| *p)
    }

    /// The words for these, in the order of declaration.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Properties::WORDS.iter().filter(move |(p, _)| self.has(*p)).map(|(_, w)| *w)
    }

    /// Adds what follows: positive definite implies symmetric and invertible, and so on.
    #[must_use]
    pub fn closed(mut self) -> Properties {
        use Properties as P;
        if self.has(P::POSDEF) || self.has(P::DIAGONAL) {
            self = self.with(P::SYMMETRIC);
        }
        if self.has(P::POSDEF) || self.has(P::ORTHOGONAL) {
            self = self.with(P::INVERTIBLE);
        }
        if self.has(P::LOWER) && self.has(P::UPPER) {
            self = self.with(P::DIAGONAL).with(P::SYMMETRIC);
        }
        if self.has(P::DIAGONAL) {
            self = self.with(P::LOWER).with(P::UPPER);
        }
        self
    }

    /// The properties of the transpose.
    #[must_use]
    pub fn transposed(self) -> Properties {
        use Properties as P;
        let mut t = self.without(P::LOWER).without(P::UPPER);
        if self.has(P::LOWER) {
            t = t.with(P::UPPER);
        }
        if self.has(P::UPPER) {
            t = t.with(P::LOWER);
        }
        t
    }
}

/// The properties of a node, from those of its arguments.
pub(super) fn infer(graph: &Graph, op: &Op, args: &[Id]) -> Properties {
    use Properties as P;
    let of = |i: usize| graph.properties(args[i]);
    let all = |mask: P| args.iter().fold(mask, |p, a| p.and(graph.properties(*a)));
    let structure = P::SYMMETRIC.with(P::DIAGONAL).with(P::LOWER).with(P::UPPER);
    let found = match op {
        // Perturbations of a structured matrix stay in its subspace.
        Op::Var(v) => graph.variable(*v).properties,
        Op::Differential(v) => graph.variable(*v).properties.closed().and(structure.with(P::SKEW)),
        Op::Num(n) => {
            let when = |holds: bool, p: P| if holds { p } else { P::NONE };
            let positive = !n.is_negative() && !n.is_zero();
            when(positive, P::POSITIVE)
                .with(when(!n.is_zero(), P::INVERTIBLE))
                .with(when(n.is_integer(), P::INTEGER))
        }
        Op::Size(_) => P::POSITIVE.with(P::INVERTIBLE).with(P::INTEGER),
        Op::Identity(_) => P::DIAGONAL.with(P::ORTHOGONAL).with(P::POSDEF),
        Op::Ones(r, c) if r == c => P::SYMMETRIC.with(P::POSITIVE),
        Op::Ones(..) => P::POSITIVE,
        Op::Zeros(r, c) if r == c => P::DIAGONAL,
        Op::Commutation(r, c) if r == c => P::SYMMETRIC.with(P::ORTHOGONAL),
        Op::Commutation(..) => P::ORTHOGONAL,
        // The Hessian of a scalar function of a vector (Schwarz).
        Op::Apply(f, 2) if graph.function(*f).value.1.is_scalar() => P::SYMMETRIC,
        Op::Sum => all(structure.with(P::SKEW).with(P::POSDEF).with(P::POSITIVE)),
        Op::Negate => of(0).and(structure.with(P::SKEW).with(P::ORTHOGONAL).with(P::INVERTIBLE)),
        Op::Transpose => of(0).transposed(),
        Op::Hadamard => {
            let some = args.iter().fold(P::NONE, |p, a| p.with(graph.properties(*a)));
            let triangle = P::DIAGONAL.with(P::LOWER).with(P::UPPER);
            all(P::SYMMETRIC.with(P::POSITIVE).with(P::POSDEF)).with(some.and(triangle))
        }
        Op::Kronecker => {
            all(structure.with(P::POSDEF).with(P::ORTHOGONAL).with(P::INVERTIBLE).with(P::POSITIVE))
        }
        Op::Product => product(graph, args),
        Op::Divide if of(1).has(P::POSITIVE) => {
            of(0).and(structure.with(P::SKEW).with(P::POSDEF).with(P::POSITIVE).with(P::INVERTIBLE))
        }
        Op::Divide => of(0).and(structure.with(P::SKEW)),
        Op::ElementDivide => all(P::POSITIVE),
        Op::Power => power(graph, args),
        Op::ElementPower => of(0).and(P::POSITIVE),
        Op::Map(f) | Op::Call(f) => graph.catalog().properties(*f, &|i| of(i)),
        _ => P::NONE,
    };
    let found = found.closed();
    // A 1×1 matrix is its own transpose, but the flags are kept for matrices: a scalar is only ever positive.
    if graph.shape_of(op, args).is_some_and(|s| s.is_scalar()) {
        found.and(P::POSITIVE.with(P::INTEGER).with(P::INVERTIBLE))
    } else {
        found
    }
}

fn product(graph: &Graph, args: &[Id]) -> Properties {
    use Properties as P;
    let keep = P::LOWER.with(P::UPPER).with(P::DIAGONAL).with(P::ORTHOGONAL).with(P::INVERTIBLE);
    let mut found = keep.with(P::POSITIVE);
    let (mut matrices, mut last) = (0, None);
    let mut scalars_positive = true;
    for a in args {
        let p = graph.properties(*a);
        if graph.shape(*a).is_scalar() {
            scalars_positive &= p.has(P::POSITIVE);
            found = found.without(P::ORTHOGONAL);
            if !p.has(P::INVERTIBLE) && !p.has(P::POSITIVE) {
                found = found.without(P::INVERTIBLE);
            }
        } else {
            found = found.and(p);
            (matrices, last) = (matrices + 1, Some(*a));
        }
    }
    if !scalars_positive {
        found = found.without(P::POSITIVE);
    }
    match (matrices, last) {
        (1, Some(a)) => {
            let p = graph.properties(a);
            found = found.with(p.and(P::SYMMETRIC.with(P::SKEW)));
            if scalars_positive {
                found = found.with(p.and(P::POSDEF));
            }
        }
        (0, _) => found = found.and(P::POSITIVE),
        _ => {
            let letters: Vec<Id> = args.iter().copied().filter(|a| !graph.shape(*a).is_scalar()).collect();
            if palindrome(graph, &letters) {
                found = found.with(P::SYMMETRIC);
                // A congruence keeps a positive definite middle so (Horn and Johnson, 7.1.8).
                let middle = (letters.len() % 2 == 1).then(|| letters[letters.len() / 2]);
                let definite = middle.is_none_or(|m| graph.properties(m).has(P::POSDEF));
                if definite && scalars_positive && found.has(P::INVERTIBLE) {
                    found = found.with(P::POSDEF);
                }
            }
        }
    }
    found
}

/// Whether the letters of a product read the same transposed: `X^T A X` with symmetric `A`.
fn palindrome(graph: &Graph, letters: &[Id]) -> bool {
    let mirrored = |a: Id, b: Id| {
        graph.transpose_of(a) == Some(b)
            || graph.transpose_of(b) == Some(a)
            || (a == b && graph.properties(a).has(Properties::SYMMETRIC))
    };
    let n = letters.len();
    (0..n.div_ceil(2)).all(|i| mirrored(letters[i], letters[n - 1 - i]))
}

fn power(graph: &Graph, args: &[Id]) -> Properties {
    use Properties as P;
    let (base, exponent) = (graph.properties(args[0]), graph.number(args[1]));
    let whole =
        exponent.as_ref().is_some_and(Number::is_integer) || graph.properties(args[1]).has(P::INTEGER);
    let mut found = base.and(P::SYMMETRIC.with(P::DIAGONAL).with(P::LOWER).with(P::UPPER).with(P::POSDEF));
    if whole {
        found = found.with(base.and(P::ORTHOGONAL.with(P::INVERTIBLE)));
    } else if !base.has(P::POSDEF) {
        found = found.and(P::SYMMETRIC);
    }
    if graph.shape(args[0]).is_scalar() {
        found = base.and(P::POSITIVE.with(P::INVERTIBLE));
    } else if exponent.is_some_and(|e| e.is_negative()) {
        found = found.with(P::INVERTIBLE);
    }
    found
}
