//! Polynomials in letters that do not commute.
//!
//! In: factors. Out: [`Poly`], a sum of [`Term`]s (coefficient, scalar factors, word).
//! Invariant: the scalar factors of a term are sorted, each base once; the word of a term is empty exactly
//! where the shape is 1×1, and none of its letters is 1×1; no two terms differ in the coefficient only.
//!
//! `2 a x^T y B` is the term with coefficient 2, scalar factors `a` and `x^T y`, and the word `B`.

use std::cmp::Ordering;

use smallvec::SmallVec;

use crate::expr::{Graph, Id, Number, Op, Shape};

/// A base with its exponent, both canonical nodes. The exponent is a scalar, most often the number 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Factor {
    /// What is raised.
    pub base: Id,
    /// To what.
    pub exponent: Id,
}

/// A row of factors.
pub type Factors = SmallVec<[Factor; 4]>;

/// A coefficient, scalar factors and a word of letters.
#[derive(PartialEq, Eq, Hash, Debug)]
pub struct Term {
    /// The rational coefficient, never zero in a [`Poly`].
    pub coefficient: Number,
    /// Scalar factors, sorted by `compare`.
    pub scalars: Factors,
    /// Letters, in order.
    pub word: Factors,
}

impl Clone for Term {
    fn clone(&self) -> Term {
        // A `SmallVec` would clone its items one by one.
        let [scalars, word] = [&self.scalars, &self.word].map(|row| Factors::from_slice(row));
        Term { coefficient: self.coefficient.clone(), scalars, word }
    }
}

impl Term {
    /// A number.
    pub fn number(n: Number) -> Term {
        Term { coefficient: n, scalars: Factors::new(), word: Factors::new() }
    }

    /// What is left without the coefficient.
    pub fn monic(&self) -> Term {
        Term { coefficient: Number::ONE, ..self.clone() }
    }

    /// Whether the terms differ in the coefficient only.
    pub fn same_monomial(&self, other: &Term) -> bool {
        self.scalars == other.scalars && self.word == other.word
    }
}

/// A sum of terms of one shape, sorted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Poly {
    /// The shape of every term.
    pub shape: Shape,
    /// The terms; none for zero.
    pub terms: Vec<Term>,
}

impl Poly {
    /// Zero.
    pub fn zero(shape: Shape) -> Poly {
        Poly { shape, terms: Vec::new() }
    }

    /// A number.
    pub fn number(n: Number) -> Poly {
        let terms = if n.is_zero() { Vec::new() } else { vec![Term::number(n)] };
        Poly { shape: Shape::SCALAR, terms }
    }

    /// One term.
    pub fn of(shape: Shape, term: Term) -> Poly {
        Poly { shape, terms: vec![term] }
    }

    /// The number it is, where it is one.
    pub fn as_number(&self) -> Option<Number> {
        match self.terms.as_slice() {
            [] if self.shape.is_scalar() => Some(Number::ZERO),
            [t] if t.scalars.is_empty() && t.word.is_empty() => Some(t.coefficient.clone()),
            _ => None,
        }
    }

    /// The one factor that it is, without anything beside it.
    pub fn lone(&self) -> Option<Factor> {
        match self.terms.as_slice() {
            [t] if t.coefficient.is_one() => match (t.scalars.as_slice(), t.word.as_slice()) {
                ([f], []) | ([], [f]) => Some(*f),
                _ => None,
            },
            _ => None,
        }
    }

    /// Every coefficient times `n`.
    pub fn scaled(mut self, n: &Number) -> Poly {
        if n.is_zero() {
            return Poly::zero(self.shape);
        }
        if !n.is_one() {
            for t in &mut self.terms {
                t.coefficient = t.coefficient.clone() * n.clone();
            }
        }
        self
    }

    /// Sorts the terms and merges those that differ in the coefficient only.
    pub fn collected(mut self, graph: &Graph) -> Poly {
        if self.terms.len() < 2 {
            self.terms.retain(|t| !t.coefficient.is_zero());
            return self;
        }
        self.terms.sort_by(|a, b| compare_terms(graph, a, b));
        let mut merged: Vec<Term> = Vec::with_capacity(self.terms.len());
        for t in self.terms {
            match merged.last_mut() {
                Some(last) if last.same_monomial(&t) => {
                    last.coefficient = last.coefficient.clone() + t.coefficient;
                }
                _ => merged.push(t),
            }
        }
        merged.retain(|t| !t.coefficient.is_zero());
        Poly { shape: self.shape, terms: merged }
    }

    /// The content: the rational that leaves coprime integer coefficients, with the sign of the first term.
    pub fn content(&self) -> Number {
        let content = self.terms.iter().fold(Number::ZERO, |c, t| c.content(&t.coefficient));
        match self.terms.first() {
            Some(t) if t.coefficient.is_negative() => -content,
            Some(_) => content,
            None => Number::ONE,
        }
    }
}

/// How deep two nodes are compared operator by operator before their heights are.
const LOOK: u32 = 32;

/// A total order on nodes that depends on structure and names, never on ids: so results do not depend on the
/// order in which a request was written.
pub fn compare(graph: &Graph, a: Id, b: Id) -> Ordering {
    let (mut a, mut b) = (a, b);
    let mut depth = 0;
    // Equal nodes have equal ids, so only the first pair of arguments that differs needs a look.
    while a != b {
        // Far down, which is the higher is seen at once: `sin(sin(…))` of two depths.
        depth += 1;
        if depth == LOOK && graph.height(a) != graph.height(b) {
            return graph.height(a).cmp(&graph.height(b));
        }
        // A letter stands next to its transpose, and before it.
        let (s, t) = (graph.transpose_of(a), graph.transpose_of(b));
        if s.is_some() != t.is_some() {
            (a, b) = (s.unwrap_or(a), t.unwrap_or(b));
            if a == b {
                return s.is_some().cmp(&t.is_some());
            }
        }
        let (x, y) = (graph.node(a), graph.node(b));
        let order = compare_ops(graph, &x.op, &y.op).then(x.args.len().cmp(&y.args.len()));
        if order != Ordering::Equal {
            return order;
        }
        match x.args.iter().zip(&y.args).find(|(p, q)| p != q) {
            Some((p, q)) => (a, b) = (*p, *q),
            None => return Ordering::Equal,
        }
    }
    Ordering::Equal
}

fn compare_ops(graph: &Graph, a: &Op, b: &Op) -> Ordering {
    let text = |d: crate::expr::Dim| graph.dims.text(d);
    match (a, b) {
        (Op::Var(v), Op::Var(w)) | (Op::Differential(v), Op::Differential(w)) => {
            graph.variable(*v).name.cmp(&graph.variable(*w).name)
        }
        (Op::Size(m), Op::Size(n)) | (Op::Identity(m), Op::Identity(n)) | (Op::Unit(m), Op::Unit(n)) => {
            text(*m).cmp(&text(*n))
        }
        (Op::Ones(m, n), Op::Ones(p, q))
        | (Op::Zeros(m, n), Op::Zeros(p, q))
        | (Op::Commutation(m, n), Op::Commutation(p, q)) => (text(*m), text(*n)).cmp(&(text(*p), text(*q))),
        _ => a.cmp(b),
    }
}

/// The same order on factors.
pub fn compare_factors(graph: &Graph, a: &Factor, b: &Factor) -> Ordering {
    compare(graph, a.base, b.base).then_with(|| compare(graph, a.exponent, b.exponent))
}

fn compare_rows(graph: &Graph, a: &[Factor], b: &[Factor]) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        let order = compare_factors(graph, x, y);
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// The order of the terms of a sum: by word, then by scalar factors.
pub fn compare_terms(graph: &Graph, a: &Term, b: &Term) -> Ordering {
    compare_rows(graph, &a.word, &b.word).then_with(|| compare_rows(graph, &a.scalars, &b.scalars))
}

/// The order of words alone.
pub fn compare_words(graph: &Graph, a: &[Factor], b: &[Factor]) -> Ordering {
    compare_rows(graph, a, b)
}
