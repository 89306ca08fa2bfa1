//! Matching modulo the laws of the normal form.
//!
//! In: a pattern, canonical nodes. Out: every way (up to a count) in which the pattern's variables can be bound.
//! Invariant: what a solution binds is canonical; the recursion is over the pattern, which is short.

use smallvec::SmallVec;

use crate::expr::{Dim, Id, Number, Op};

use super::super::normal::Normalizer;
use super::super::poly::{Factor, Factors, Poly, Term};
use super::{Pattern, TermPattern};

/// How many ways are followed at most.
const WAYS: usize = 12;

/// What is bound so far.
#[derive(Clone, Debug, Default)]
pub(in crate::simplify) struct Bindings {
    pub variables: SmallVec<[Option<Id>; 4]>,
    /// Dimensions of the pattern with the dimension each stands for.
    pub dims: SmallVec<[(Dim, Dim); 2]>,
}

impl Bindings {
    pub(in crate::simplify) fn bound(&self, variable: usize, id: Id) -> Option<Bindings> {
        match self.variables.get(variable)? {
            Some(other) => (*other == id).then(|| self.clone()),
            None => {
                let mut next = self.clone();
                next.variables[variable] = Some(id);
                Some(next)
            }
        }
    }
}

type Ways = Vec<Bindings>;

/// The cofactor, once one is known, and the places used.
type PartialMatch = (Option<Term>, Vec<usize>);

impl Normalizer<'_> {
    /// All ways in which a pattern matches a canonical node.
    pub(in crate::simplify) fn match_node(&mut self, p: &Pattern, id: Id, b: &Bindings) -> Ways {
        if !self.may_match() {
            return Ways::new();
        }
        match p {
            Pattern::Variable(v) => b.bound(*v, id).into_iter().collect(),
            Pattern::Transposed(v) => {
                let turned = self.transposed_id(id);
                b.bound(*v, turned).into_iter().collect()
            }
            // `f(X^T) = f(X)` is for what is transposed, or it would turn for ever.
            Pattern::TransposedNode(p) if matches!(**p, Pattern::Variable(_)) => {
                match self.graph.transpose_of(id) {
                    Some(a) => self.match_node(p, a, b),
                    None => Ways::new(),
                }
            }
            Pattern::TransposedNode(p) => {
                let turned = self.transposed_id(id);
                self.match_node(p, turned, b)
            }
            Pattern::Node(op, args) => self.match_operator(op, args, id, b),
            Pattern::Term(t) if self.is_scalar_word(id) && t.scalars.is_empty() => {
                let letters = self.letters(id);
                let turned = self.turn(&letters);
                let mut ways = self.match_word(&t.word, &letters, b);
                if turned.coefficient.is_one() {
                    ways.extend(self.match_word(&t.word, &turned.word, b));
                }
                if t.coefficient.is_one() { ways } else { Ways::new() }
            }
            Pattern::Term(t) => {
                let poly = self.poly(id);
                match poly.terms.as_slice() {
                    [term] => self.match_term(t, &term.clone(), b),
                    _ => self.match_opposite(t, &poly, b).into_iter().collect(),
                }
            }
            Pattern::Sum(terms) => {
                let poly = self.poly(id);
                if poly.terms.len() != terms.len() {
                    return Ways::new();
                }
                let targets: Vec<Term> = poly.terms.clone();
                let found = self.match_terms(terms, &targets, b).into_iter();
                found
                    .filter(|(_, (beside, _))| *beside == Term::number(Number::ONE))
                    .map(|(b, _)| b)
                    .collect()
            }
            Pattern::Hadamard(factors) => {
                let targets = self.hadamard_factors(id);
                if targets.len() != factors.len() {
                    return Ways::new();
                }
                let targets: Vec<Factor> =
                    targets.into_iter().map(|(base, exponent)| Factor { base, exponent }).collect();
                self.match_set(factors, &targets, b, true).into_iter().map(|(b, _)| b).collect()
            }
        }
    }

    /// Whether a node is a product of matrices that is 1×1: one scalar factor.
    fn is_scalar_word(&self, id: Id) -> bool {
        let is_matrix = |a: &Id| !self.graph.shape(*a).is_scalar();
        self.graph.shape(id).is_scalar()
            && matches!(self.graph.op(id), Op::Product)
            && self.graph.args(id).iter().all(is_matrix)
    }

    /// Counts a step of matching; beyond the limit nothing matches any more.
    pub(in crate::simplify) fn may_match(&mut self) -> bool {
        self.spend(1)
    }

    pub(in crate::simplify) fn transposed_id(&mut self, id: Id) -> Id {
        let p = self.poly(id);
        let t = self.transposed(&p);
        self.write(&t)
    }

    pub(in crate::simplify) fn match_operator(
        &mut self,
        op: &Op,
        args: &[Pattern],
        id: Id,
        b: &Bindings,
    ) -> Ways {
        let node = self.graph.node(id).clone();
        let mut start = b.clone();
        let same = match (op, &node.op) {
            (Op::Identity(p), Op::Identity(t)) => {
                start.dims.push((*p, *t));
                true
            }
            (Op::Size(p), Op::Size(t)) => {
                start.dims.push((*p, *t));
                true
            }
            (Op::Ones(p, q), Op::Ones(t, u)) | (Op::Commutation(p, q), Op::Commutation(t, u)) => {
                start.dims.extend([(*p, *t), (*q, *u)]);
                true
            }
            (a, b) => a == b,
        };
        if !same || node.args.len() != args.len() {
            return Ways::new();
        }
        let mut ways = vec![start];
        for (p, a) in args.iter().zip(&node.args) {
            let mut next = Ways::new();
            for w in &ways {
                next.extend(self.match_node(p, *a, w));
            }
            next.truncate(WAYS);
            ways = next;
        }
        ways
    }

    /// A sum against `-x`: it is what is bound as `x` with each sign turned, or begins with a minus.
    fn match_opposite(&mut self, t: &TermPattern, sum: &Poly, b: &Bindings) -> Option<Bindings> {
        let [(Pattern::Variable(v), Pattern::Node(Op::Num(exponent), _))] = t.scalars.as_slice() else {
            return None;
        };
        let minus = Number::integer(-1);
        if !t.word.is_empty() || t.coefficient != minus || !exponent.is_one() {
            return None;
        }
        let first = sum.terms.first()?;
        if !first.coefficient.is_negative() && b.variables.get(*v)?.is_none() {
            return None;
        }
        let turned = self.write(&sum.clone().scaled(&minus));
        b.bound(*v, turned)
    }

    /// A whole term: coefficient, scalars and word. A minus in the pattern has to be there.
    pub(in crate::simplify) fn match_term(&mut self, p: &TermPattern, t: &Term, b: &Bindings) -> Ways {
        if p.coefficient.is_negative() && !t.coefficient.is_negative() {
            return Ways::new();
        }
        let (fixed, free): (Vec<_>, Vec<_>) =
            p.scalars.iter().cloned().partition(|(base, _)| !matches!(base, Pattern::Variable(_)));
        let mut ways = Ways::new();
        for (way, rest) in self.match_set(&fixed, &t.scalars, b, false) {
            let ratio = t.coefficient.clone() * p.coefficient.recip().unwrap_or(Number::ONE);
            ways.extend(self.match_free_scalars(&free, &ratio, &rest, &way));
        }
        let mut found = Ways::new();
        for w in ways {
            found.extend(self.match_word(&p.word, &t.word, &w));
        }
        found.truncate(WAYS);
        found
    }

    /// Scalar variables take what is left: all but the last one factor each, the last the rest.
    pub(in crate::simplify) fn match_free_scalars(
        &mut self,
        free: &[(Pattern, Pattern)],
        ratio: &Number,
        rest: &[Factor],
        b: &Bindings,
    ) -> Ways {
        let Some(((base, exponent), more)) = free.split_first() else {
            return if ratio.is_one() && rest.is_empty() { vec![b.clone()] } else { Ways::new() };
        };
        let plain = matches!(exponent, Pattern::Node(Op::Num(n), _) if n.is_one());
        let Pattern::Variable(v) = base else { return Ways::new() };
        if more.is_empty() && plain {
            let term = Term { coefficient: ratio.clone(), scalars: rest.into(), word: Default::default() };
            if ratio.is_one() && rest.is_empty() {
                return Ways::new();
            }
            let id = self.write_term(&term);
            return b.bound(*v, id).into_iter().collect();
        }
        let mut ways = Ways::new();
        for (i, f) in rest.iter().enumerate() {
            let mut others = rest.to_vec();
            others.remove(i);
            for w in self.match_factor(&(base.clone(), exponent.clone()), *f, b, false) {
                ways.extend(self.match_free_scalars(more, ratio, &others, &w));
            }
        }
        ways.truncate(WAYS);
        ways
    }

    /// Every pattern factor finds a factor of its own; what is left comes back.
    pub(in crate::simplify) fn match_set(
        &mut self,
        patterns: &[(Pattern, Pattern)],
        targets: &[Factor],
        b: &Bindings,
        entrywise: bool,
    ) -> Vec<(Bindings, Vec<Factor>)> {
        let mut ways = vec![(b.clone(), targets.to_vec())];
        for p in patterns {
            let mut next = Vec::new();
            for (w, rest) in &ways {
                for i in 0..rest.len() {
                    for found in self.match_factor(p, rest[i], w, entrywise) {
                        let mut others = rest.clone();
                        others.remove(i);
                        next.push((found, others));
                    }
                }
            }
            next.truncate(WAYS);
            ways = next;
        }
        ways
    }

    pub(in crate::simplify) fn match_factor(
        &mut self,
        p: &(Pattern, Pattern),
        f: Factor,
        b: &Bindings,
        entrywise: bool,
    ) -> Ways {
        let mut ways = Ways::new();
        for w in self.match_node(&p.1, f.exponent, b) {
            ways.extend(self.match_node(&p.0, f.base, &w));
        }
        // A pattern without an exponent may stand for the whole power.
        if ways.is_empty() && self.is_plain(&p.1) && f.exponent != self.one {
            let id = match entrywise {
                true => self.graph.add(Op::ElementPower, [f.base, f.exponent]),
                false => self.write_factor(f),
            };
            self.remember_atom(id);
            ways.extend(self.match_node(&p.0, id, b));
        }
        ways
    }

    pub(in crate::simplify) fn is_plain(&self, exponent: &Pattern) -> bool {
        matches!(exponent, Pattern::Node(Op::Num(n), _) if n.is_one())
    }

    /// A whole word; a variable may stand for a stretch of letters.
    pub(in crate::simplify) fn match_word(
        &mut self,
        patterns: &[(Pattern, Pattern)],
        word: &[Factor],
        b: &Bindings,
    ) -> Ways {
        let Some((first, rest)) = patterns.split_first() else {
            return if word.is_empty() { vec![b.clone()] } else { Ways::new() };
        };
        if word.len() < patterns.len() {
            return Ways::new();
        }
        let variable =
            matches!(first.0, Pattern::Variable(_) | Pattern::Transposed(_)) && self.is_plain(&first.1);
        if !variable && !self.fits_factor(first, word[0]) {
            return Ways::new();
        }
        let longest = if variable { word.len() - rest.len() } else { 1 };
        let mut ways = Ways::new();
        for n in 1..=longest {
            let head = if n == 1 && !variable {
                self.match_factor(first, word[0], b, false)
            } else {
                let id = self.write_word(&word[..n]);
                self.match_node(&first.0, id, b)
            };
            for w in head {
                ways.extend(self.match_word(rest, &word[n..], &w));
            }
            if ways.len() > WAYS {
                break;
            }
        }
        ways
    }

    /// Pattern terms among target terms, all with one cofactor: of `y sigmoid(x) + y sigmoid(-x)` it is `y`. The cofactor
    /// and the places used come back.
    pub(in crate::simplify) fn match_terms(
        &mut self,
        patterns: &[TermPattern],
        targets: &[Term],
        b: &Bindings,
    ) -> Vec<(Bindings, (Term, Vec<usize>))> {
        let mut ways: Vec<(Bindings, PartialMatch)> = vec![(b.clone(), (None, Vec::new()))];
        for p in patterns {
            let mut next = Vec::new();
            for (w, (cofactor, used)) in &ways {
                for (i, t) in targets.iter().enumerate() {
                    if used.contains(&i) {
                        continue;
                    }
                    for (found, own) in self.match_term_beside(p, t, w) {
                        if cofactor.as_ref().is_some_and(|c| *c != own) {
                            continue;
                        }
                        let mut used = used.clone();
                        used.push(i);
                        next.push((found, (Some(own), used)));
                    }
                }
            }
            next.truncate(4 * WAYS);
            ways = next;
        }
        ways.into_iter().filter_map(|(b, (cofactor, used))| Some((b, (cofactor?, used)))).collect()
    }

    /// A term of a sum, and what stands beside it: a number, and, where the pattern says which scalars it takes, more.
    fn match_term_beside(&mut self, p: &TermPattern, t: &Term, b: &Bindings) -> Vec<(Bindings, Term)> {
        let coefficient = t.coefficient.clone() * p.coefficient.recip().unwrap_or(Number::ONE);
        let says = |(base, _): &(Pattern, Pattern)| !matches!(base, Pattern::Variable(_));
        if p.word.is_empty() && !p.scalars.is_empty() && p.scalars.iter().all(says) {
            let beside = |rest: Vec<Factor>| Term {
                coefficient: coefficient.clone(),
                scalars: rest.into(),
                word: t.word.clone(),
            };
            let found = self.match_set(&p.scalars, &t.scalars, b, false);
            return found.into_iter().map(|(b, rest)| (b, beside(rest))).collect();
        }
        let number = Term { coefficient, scalars: Factors::new(), word: Factors::new() };
        let scaled = Term { coefficient: p.coefficient.clone(), ..t.clone() };
        self.match_term(p, &scaled, b).into_iter().map(|b| (b, number.clone())).collect()
    }
}
