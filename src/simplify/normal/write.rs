//! Normal forms as canonical nodes, and nodes as letters.
//!
//! In: normal forms, terms, words. Out: the one node for each.
//! Invariant: what was written is known as its own normal form from then on.

use std::rc::Rc;

use smallvec::{SmallVec, smallvec};

use crate::expr::{Id, Number, Op};

use super::super::poly::{Factor, Factors, Poly, Term};
use super::Normalizer;

impl Normalizer<'_> {
    /// The normal form of a node that was done already.
    pub(in crate::simplify) fn known_poly(&self, id: Id) -> Option<Rc<Poly>> {
        self.polys.get(id).cloned()
    }

    /// Keeps a node as a letter of its own.
    pub(in crate::simplify) fn remember_atom(&mut self, id: Id) {
        if !self.polys.contains(id) {
            self.atom(id);
        }
    }

    /// Keeps the normal form of a written term.
    pub(in crate::simplify) fn remember(&mut self, id: Id, t: &Term) {
        if !self.polys.contains(id) {
            let shape = self.graph.shape(id);
            self.polys.insert(id, Rc::new(Poly::of(shape, t.clone())));
        }
    }

    /// A letter as base and exponent.
    pub(in crate::simplify) fn as_power(&self, id: Id) -> Factor {
        match self.graph.op(id) {
            Op::Power => Factor { base: self.graph.args(id)[0], exponent: self.graph.args(id)[1] },
            _ => self.factor(id),
        }
    }

    pub(in crate::simplify) fn factor(&self, base: Id) -> Factor {
        Factor { base, exponent: self.one }
    }

    /// A single letter, or a single scalar factor.
    pub(in crate::simplify) fn atom(&mut self, id: Id) -> Poly {
        let shape = self.graph.shape(id);
        let factors: Factors = smallvec![self.factor(id)];
        let (scalars, word) =
            if shape.is_scalar() { (factors, Factors::new()) } else { (Factors::new(), factors) };
        let atom = Poly::of(shape, Term { coefficient: Number::ONE, scalars, word });
        // Identities look at the letters of what is being built: a letter is always known as itself.
        if !self.polys.contains(id) {
            self.polys.insert(id, Rc::new(atom.clone()));
        }
        atom
    }

    /// The canonical node of a normal form.
    pub fn write(&mut self, p: &Poly) -> Id {
        let id = match p.terms.as_slice() {
            [] => self.graph.zeros(p.shape),
            [t] => self.write_term(t),
            terms => {
                let args: Vec<Id> = terms.iter().map(|t| self.write_term(t)).collect();
                self.graph.sum(args)
            }
        };
        if !self.polys.contains(id) {
            self.polys.insert(id, Rc::new(p.clone()));
        }
        id
    }

    pub(in crate::simplify) fn write_term(&mut self, t: &Term) -> Id {
        let mut factors: SmallVec<[Id; 6]> = SmallVec::new();
        if !t.coefficient.is_one() {
            factors.push(self.graph.num(t.coefficient.clone()));
        }
        for f in t.scalars.iter().chain(&t.word) {
            factors.push(self.write_factor(*f));
        }
        match factors.len() {
            0 => self.one,
            _ => self.graph.product(factors),
        }
    }

    pub(in crate::simplify) fn write_factor(&mut self, f: Factor) -> Id {
        if f.exponent == self.one {
            return f.base;
        }
        let id = self.graph.add(Op::Power, [f.base, f.exponent]);
        if !self.polys.contains(id) {
            let shape = self.graph.shape(id);
            let factors: Factors = smallvec![f];
            let (scalars, word) =
                if shape.is_scalar() { (factors, Factors::new()) } else { (Factors::new(), factors) };
            let term = Term { coefficient: Number::ONE, scalars, word };
            self.polys.insert(id, Rc::new(Poly::of(shape, term)));
        }
        id
    }

    /// A word as a node of its own; its shape may be 1×1.
    pub(in crate::simplify) fn write_word(&mut self, word: &[Factor]) -> Id {
        let letters: SmallVec<[Id; 6]> = word.iter().map(|f| self.write_factor(*f)).collect();
        let id = self.graph.product(letters);
        if !self.polys.contains(id) {
            if self.graph.shape(id).is_scalar() {
                self.atom(id);
            } else {
                let p = self.word_poly_of(word);
                self.polys.insert(id, Rc::new(p));
            }
        }
        id
    }
}
