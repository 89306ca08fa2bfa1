//! Denominators of summands under a power.
//!
//! In: a sum raised to a power. Out: the power of a sum without denominators.
//! Invariant: nothing comes out of a fractional power but what is certainly positive and no size.
//!
//! `(1 + u/s)^-2` is `s^2 (s + u)^-2`.

use std::rc::Rc;

use crate::expr::{Id, Number, Op, Properties, Shape};

use super::super::poly::{Factor, Factors, Poly, Term};
use super::Normalizer;
use super::power::scalar_term;

impl Normalizer<'_> {
    /// `(1 + u/s)^e` as `(s + u)^e s^-e`: what divides a summand comes out where the exponent allows it.
    pub(in crate::simplify) fn clear_denominators(
        &mut self,
        base: &Poly,
        exponent: Id,
        whole: bool,
    ) -> Option<Poly> {
        let mut least: Vec<(Id, Number)> = Vec::new();
        for t in &base.terms {
            for f in &t.scalars {
                let Some(e) = self.graph.number(f.exponent).filter(Number::is_negative) else { continue };
                let positive = self.graph.properties(f.base).has(Properties::POSITIVE);
                // A mean under a root stays a mean.
                let size = matches!(self.graph.op(f.base), Op::Size(_));
                if !whole && (!positive || size) {
                    continue;
                }
                match least.iter_mut().find(|(b, _)| *b == f.base) {
                    Some((_, m)) => *m = e.min(m.clone()),
                    None => least.push((f.base, e)),
                }
            }
        }
        if least.is_empty() {
            return None;
        }
        let (mut up, mut down) = (Factors::new(), Factors::new());
        for (b, e) in least {
            let (plus, minus) = (self.graph.num(-e.clone()), self.graph.num(e));
            up = self.merge_scalars(&up, &[Factor { base: b, exponent: plus }]);
            down = self.merge_scalars(&down, &[Factor { base: b, exponent: minus }]);
        }
        let mut terms = Vec::with_capacity(base.terms.len());
        for t in &base.terms {
            let scalars = self.merge_scalars(&t.scalars, &up);
            let cleared = Term { scalars, ..t.clone() };
            // A factor that is a sum and whose power has come to one is a sum again.
            let one = Poly::of(Shape::SCALAR, Term { scalars: Factors::new(), ..cleared.clone() });
            let mut product = one;
            for f in &cleared.scalars {
                let p = if f.exponent == self.one {
                    self.poly(f.base)
                } else {
                    Rc::new(Poly::of(Shape::SCALAR, scalar_term(*f)))
                };
                product = self.times_expanded(&product, &p);
            }
            terms.extend(product.terms);
        }
        let sum = Poly { shape: Shape::SCALAR, terms }.collected(self.graph);
        let e = self.poly(exponent);
        let sum = self.power(&sum, &e);
        let down =
            Poly::of(Shape::SCALAR, Term { coefficient: Number::ONE, scalars: down, word: Factors::new() });
        let down = self.power(&down, &e);
        Some(self.times(&sum, &down))
    }

    /// A product of scalars with sums distributed.
    pub(in crate::simplify) fn times_expanded(&mut self, a: &Poly, b: &Poly) -> Poly {
        let mut terms = Vec::new();
        for s in &a.terms {
            for t in &b.terms {
                terms.extend(self.times_terms(s, t).terms);
            }
        }
        Poly { shape: Shape::SCALAR, terms }.collected(self.graph)
    }
}
