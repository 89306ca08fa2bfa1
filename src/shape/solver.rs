//! Dimensions that are not known yet, and what must hold of them.
//!
//! In: equations between dimensions. Out: the most general assignment that satisfies them.
//! Invariant: an unknown is never 1. Whether a factor is a scalar is therefore known at once, and nothing
//! becomes a scalar by guess: `x y` of two vectors is an error, not a product of 1×1s.
//! Example: in `x^T A x` the rows of x, the rows and the columns of A become one unknown.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::expr::{Dim, DimTable, Monomial, Polynomial};
use crate::syntax::AstId;

/// A dimension, known or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Term {
    /// A dimension over declared names.
    Known(Dim),
    /// An unknown.
    Unknown(u32),
    /// A sum or product with an unknown in it.
    Compound(u32),
}

/// Rows and columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sides {
    pub rows: Term,
    pub cols: Term,
}

impl Sides {
    pub const SCALAR: Sides = Sides { rows: Term::ONE, cols: Term::ONE };

    pub fn new(rows: Term, cols: Term) -> Sides {
        Sides { rows, cols }
    }

    pub fn vector(rows: Term) -> Sides {
        Sides { rows, cols: Term::ONE }
    }

    pub fn transposed(self) -> Sides {
        Sides { rows: self.cols, cols: self.rows }
    }
}

impl Term {
    pub const ONE: Term = Term::Known(Dim::ONE);
}

#[derive(Clone, Debug)]
struct Compound {
    sum: bool,
    parts: Vec<Term>,
}

/// Where an equation comes from: which text, which node.
pub(super) type Site = (usize, AstId);

struct Equation {
    left: Term,
    right: Term,
    site: Site,
}

/// What became of an equation.
enum Outcome {
    Solved,
    Open,
    Contradiction,
}

/// The unknowns and the equations that wait for more to be known.
#[derive(Default)]
pub(super) struct Solver {
    bound: Vec<Option<Term>>,
    compounds: Vec<Compound>,
    waiting: Vec<Equation>,
}

/// In a monomial, names of the [`DimTable`] are below, unknowns from this on.
const UNKNOWN: u32 = 1 << 31;

impl Solver {
    /// A new unknown.
    pub fn fresh(&mut self) -> Term {
        self.bound.push(None);
        Term::Unknown(self.bound.len() as u32 - 1)
    }

    /// What is known of a term by now.
    pub fn resolve(&mut self, mut term: Term) -> Term {
        while let Term::Unknown(v) = term {
            let Some(next) = self.bound[v as usize] else { return term };
            // Halve the path for the next to come.
            if let Term::Unknown(w) = next
                && let Some(further) = self.bound[w as usize]
            {
                self.bound[v as usize] = Some(further);
            }
            term = next;
        }
        term
    }

    pub fn is_one(&mut self, term: Term) -> bool {
        self.resolve(term) == Term::ONE
    }

    pub fn is_scalar(&mut self, s: Sides) -> bool {
        self.is_one(s.rows) && self.is_one(s.cols)
    }

    /// Whether the two are known to be the same.
    pub fn same(&mut self, a: Term, b: Term) -> bool {
        self.resolve(a) == self.resolve(b)
    }

    /// Whether the two can be the same.
    pub fn may_agree(&mut self, a: Term, b: Term) -> bool {
        match (self.resolve(a), self.resolve(b)) {
            (Term::Known(a), Term::Known(b)) => a == b,
            (Term::Known(Dim::ONE), _) | (_, Term::Known(Dim::ONE)) => false,
            _ => true,
        }
    }

    /// `a b`; `None` where a coefficient overflows.
    pub fn times(&mut self, a: Term, b: Term, dims: &mut DimTable) -> Option<Term> {
        match (self.resolve(a), self.resolve(b)) {
            (Term::ONE, t) | (t, Term::ONE) => Some(t),
            (Term::Known(a), Term::Known(b)) => dims.times(a, b).map(Term::Known),
            (a, b) => Some(self.compound(false, vec![a, b])),
        }
    }

    /// `a + b`; `None` where a coefficient overflows.
    pub fn plus(&mut self, a: Term, b: Term, dims: &mut DimTable) -> Option<Term> {
        match (self.resolve(a), self.resolve(b)) {
            (Term::Known(a), Term::Known(b)) => dims.plus(a, b).map(Term::Known),
            (a, b) => Some(self.compound(true, vec![a, b])),
        }
    }

    fn compound(&mut self, sum: bool, parts: Vec<Term>) -> Term {
        self.compounds.push(Compound { sum, parts });
        Term::Compound(self.compounds.len() as u32 - 1)
    }

    /// Asks that two dimensions agree. `false` where they cannot; equations between compounds wait.
    pub fn unify(&mut self, a: Term, b: Term, site: Site) -> bool {
        let (a, b) = (self.resolve(a), self.resolve(b));
        match (a, b) {
            _ if a == b => true,
            (Term::Known(_), Term::Known(_)) => false,
            (Term::Unknown(v), t) | (t, Term::Unknown(v)) => self.bind(v, t),
            (left, right) => {
                self.waiting.push(Equation { left, right, site });
                true
            }
        }
    }

    /// Both sides of two shapes.
    pub fn unify_sides(&mut self, a: Sides, b: Sides, site: Site) -> bool {
        self.unify(a.rows, b.rows, site) && self.unify(a.cols, b.cols, site)
    }

    fn bind(&mut self, v: u32, t: Term) -> bool {
        if t == Term::ONE || self.occurs(v, t) {
            return false;
        }
        // The younger unknown points to the older, so chains stay short.
        match t {
            Term::Unknown(w) if w > v => self.bound[w as usize] = Some(Term::Unknown(v)),
            _ => self.bound[v as usize] = Some(t),
        }
        true
    }

    fn occurs(&mut self, v: u32, t: Term) -> bool {
        let (mut stack, mut seen) = (vec![t], FxHashSet::default());
        while let Some(t) = stack.pop() {
            match self.resolve(t) {
                Term::Unknown(w) if w == v => return true,
                Term::Compound(c) if seen.insert(c) => {
                    stack.extend_from_slice(&self.compounds[c as usize].parts);
                }
                _ => {}
            }
        }
        false
    }

    /// Gives an unknown its name.
    pub fn assign(&mut self, term: Term, dim: Dim) {
        if let Term::Unknown(v) = self.resolve(term) {
            self.bound[v as usize] = Some(Term::Known(dim));
        }
    }

    /// The unknowns a term is made of, first met first.
    pub fn unknowns(&mut self, term: Term) -> Vec<Term> {
        let (mut stack, mut seen, mut found) = (vec![term], FxHashSet::default(), Vec::new());
        while let Some(t) = stack.pop() {
            match self.resolve(t) {
                u @ Term::Unknown(_) if !found.contains(&u) => found.push(u),
                Term::Compound(c) if seen.insert(c) => {
                    stack.extend(self.compounds[c as usize].parts.iter().rev());
                }
                _ => {}
            }
        }
        found
    }

    /// The dimension of a term without unknowns.
    pub fn known(&mut self, term: Term, dims: &mut DimTable) -> Option<Dim> {
        match self.resolve(term) {
            Term::Known(dim) => Some(dim),
            Term::Unknown(_) => None,
            compound => {
                let p = self.polynomial(compound, dims)?;
                let known = p.0.keys().flatten().all(|atom| *atom < UNKNOWN);
                known.then(|| dims.intern(p))
            }
        }
    }

    /// Works on the waiting equations until nothing moves; the first that contradicts, or stays open.
    pub fn solve(&mut self, dims: &mut DimTable) -> Result<(), (Site, Term, Term)> {
        loop {
            let mut open = Vec::new();
            let before = self.waiting.len();
            for e in std::mem::take(&mut self.waiting) {
                match self.solve_one(e.left, e.right, dims) {
                    Some(Outcome::Solved) => {}
                    Some(Outcome::Open) => open.push(e),
                    _ => return Err((e.site, e.left, e.right)),
                }
            }
            match open.first() {
                None => return Ok(()),
                Some(e) if open.len() == before => return Err((e.site, e.left, e.right)),
                _ => self.waiting = open,
            }
        }
    }

    fn solve_one(&mut self, a: Term, b: Term, dims: &mut DimTable) -> Option<Outcome> {
        let (p, q) = (self.polynomial(a, dims)?, self.polynomial(b, dims)?);
        let minus = Polynomial(q.0.into_iter().map(|(m, c)| (m, -c)).collect());
        let difference = p.plus(&minus)?;
        let terms: Vec<(&Monomial, &i64)> = difference.0.iter().collect();
        if terms.is_empty() {
            return Some(Outcome::Solved);
        }
        if difference.0.keys().flatten().all(|atom| *atom < UNKNOWN) {
            return Some(Outcome::Contradiction);
        }
        if let [(m, c), (n, d)] = terms.as_slice() {
            let (m, n) = cancel(m, n);
            for (x, c, y, d) in [(&m, **c, &n, **d), (&n, **d, &m, **c)] {
                if let [v @ UNKNOWN..=u32::MAX] = x.as_slice()
                    && d % c == 0
                    && !y.contains(v)
                {
                    return Some(self.bind_to(*v, Polynomial(BTreeMap::from([(y.clone(), -d / c)])), dims));
                }
            }
        }
        for (m, c) in &terms {
            if let [v @ UNKNOWN..=u32::MAX] = m.as_slice()
                && c.abs() == 1
                && terms.iter().filter(|(n, _)| n.contains(v)).count() == 1
            {
                let sign = -**c;
                let rest = difference.0.iter().filter(|(n, _)| n != m);
                let rest = rest.map(|(n, d)| (n.clone(), sign * d)).collect();
                return Some(self.bind_to(*v, Polynomial(rest), dims));
            }
        }
        Some(Outcome::Open)
    }

    fn bind_to(&mut self, atom: u32, value: Polynomial, dims: &mut DimTable) -> Outcome {
        // A size is positive: an assignment with nothing but negative terms cannot hold.
        if value.0.values().all(|c| *c <= 0) {
            return Outcome::Contradiction;
        }
        let mut sum = None;
        for (monomial, coefficient) in &value.0 {
            let mut product = Some(Term::Known(dims.integer(*coefficient)));
            for atom in monomial {
                let part = match atom.checked_sub(UNKNOWN) {
                    Some(v) => Term::Unknown(v),
                    None => Term::Known(dims.intern(Polynomial(BTreeMap::from([(vec![*atom], 1)])))),
                };
                product = product.and_then(|p| self.times(p, part, dims));
            }
            sum = match (sum, product) {
                (None, p) => p,
                (Some(s), Some(p)) => self.plus(s, p, dims),
                _ => None,
            };
        }
        match sum {
            Some(t) if self.bind(atom - UNKNOWN, t) => Outcome::Solved,
            _ => Outcome::Contradiction,
        }
    }

    /// A term as a polynomial over names and unknowns. `None` where a coefficient overflows.
    fn polynomial(&mut self, term: Term, dims: &DimTable) -> Option<Polynomial> {
        let mut done: BTreeMap<u32, Polynomial> = BTreeMap::new();
        let mut stack = vec![term];
        while let Some(&t) = stack.last() {
            let Term::Compound(c) = self.resolve(t) else {
                stack.pop();
                continue;
            };
            if done.contains_key(&c) {
                stack.pop();
                continue;
            }
            let Compound { sum, parts } = self.compounds[c as usize].clone();
            let parts: Vec<Term> = parts.into_iter().map(|p| self.resolve(p)).collect();
            let missing = |p: &Term| matches!(p, Term::Compound(d) if !done.contains_key(d));
            if parts.iter().any(missing) {
                stack.extend(parts.into_iter().filter(missing));
                continue;
            }
            let mut value: Option<Polynomial> = None;
            for part in parts {
                let p = atom_polynomial(part, &done, dims)?;
                value = Some(match value {
                    None => p,
                    Some(v) if sum => v.plus(&p)?,
                    Some(v) => v.times(&p)?,
                });
            }
            done.insert(c, value?);
            stack.pop();
        }
        let term = self.resolve(term);
        atom_polynomial(term, &done, dims)
    }
}

fn atom_polynomial(term: Term, done: &BTreeMap<u32, Polynomial>, dims: &DimTable) -> Option<Polynomial> {
    match term {
        Term::Known(dim) => Some(dims.polynomial(dim).clone()),
        Term::Unknown(v) => Some(Polynomial(BTreeMap::from([(vec![UNKNOWN + v], 1)]))),
        Term::Compound(c) => done.get(&c).cloned(),
    }
}

/// Two sorted monomials without what they share.
fn cancel(m: &Monomial, n: &Monomial) -> (Monomial, Monomial) {
    let (mut rest, mut left) = (n.clone(), Vec::new());
    for atom in m {
        match rest.iter().position(|a| a == atom) {
            Some(i) => drop(rest.remove(i)),
            None => left.push(*atom),
        }
    }
    (left, rest)
}
