//! Powers of scalars and square matrices.
//!
//! In: a base and an exponent in normal form. Out: the normal form of the power.
//! Invariant: a base is never itself a power with an integer exponent, nor a product where the law of the
//! product's power holds (integer exponents; any exponent of what is positive).

use std::rc::Rc;

use crate::expr::{Id, Number, Op, Properties, Shape};

use super::super::poly::{Factor, Factors, Poly, Term};
use super::Normalizer;

/// Words are repeated, not raised, up to this many letters.
const UNROLL: usize = 8;

impl Normalizer<'_> {
    /// `base^exponent`.
    pub(in crate::simplify) fn power(&mut self, base: &Poly, exponent: &Poly) -> Poly {
        let number = exponent.as_number();
        if number.as_ref().is_some_and(Number::is_one) {
            return base.clone();
        }
        if number.as_ref().is_some_and(Number::is_zero) {
            return match base.shape.is_scalar() {
                true => Poly::number(Number::ONE),
                false => {
                    let identity = self.graph.identity(base.shape.rows);
                    self.atom(identity)
                }
            };
        }
        let exponent = self.write(exponent);
        if base.shape.is_scalar() {
            let p = self.scalar_power(base, exponent, number);
            match p.terms.as_slice() {
                [t] => self.rewrite_term(&t.clone()).unwrap_or(p),
                _ => p,
            }
        } else {
            self.matrix_power(base, exponent, number)
        }
    }

    pub(in crate::simplify) fn scalar_power(
        &mut self,
        base: &Poly,
        exponent: Id,
        number: Option<Number>,
    ) -> Poly {
        let whole = self.is_whole(exponent);
        if let [t] = base.terms.as_slice() {
            return self.monomial_power(t, exponent, number, whole);
        }
        if base.terms.is_empty() {
            return match number {
                // 0^k is a zero only for positive k; anything else stays as it stands, undefined.
                Some(k) if !k.is_negative() => Poly::zero(Shape::SCALAR),
                _ => {
                    let zero = self.graph.zeros(Shape::SCALAR);
                    let id = self.graph.add(Op::Power, [zero, exponent]);
                    self.atom(id)
                }
            };
        }
        if self.expand
            && let Some(k) = number.as_ref().and_then(Number::to_integer)
            && (2..=4).contains(&k)
        {
            return self.repeated(base, k);
        }
        if let Some(cleared) = self.clear_denominators(base, exponent, whole) {
            return cleared;
        }
        let content = base.content();
        if whole {
            let inverse = content.recip().unwrap_or(Number::ONE);
            let monic = base.clone().scaled(&inverse);
            let id = self.write(&monic);
            let factor = Poly::of(Shape::SCALAR, scalar_term(Factor { base: id, exponent }));
            let scale = self.number_power(&content, exponent, number);
            return self.times(&scale, &factor);
        }
        // Only a positive square content comes out of a fractional power.
        let magnitude = content.abs();
        let root = number.as_ref().and_then(|e| fractional_power(&magnitude, e));
        let (scale, kept) = match root {
            Some(r) => (r, magnitude),
            None => (Number::ONE, Number::ONE),
        };
        let inner = base.clone().scaled(&kept.recip().unwrap_or(Number::ONE));
        let id = self.write(&inner);
        Poly::of(Shape::SCALAR, scalar_term(Factor { base: id, exponent })).scaled(&scale)
    }

    /// A power of a coefficient times scalar factors.
    pub(in crate::simplify) fn monomial_power(
        &mut self,
        t: &Term,
        exponent: Id,
        number: Option<Number>,
        whole: bool,
    ) -> Poly {
        let mut outside = Factors::new();
        let mut inside = Factors::new();
        for f in &t.scalars {
            let positive = self.graph.properties(f.base).has(Properties::POSITIVE);
            if whole || positive { outside.push(*f) } else { inside.push(*f) }
        }
        // A lone root raised again: (b^(1/2))^3; the base is nonnegative where the root is defined.
        if let ([f], true) = (inside.as_slice(), t.coefficient.is_one())
            && let Some(e) = self.graph.number(f.exponent)
            && !e.is_integer()
        {
            outside.push(*f);
            inside.clear();
        }
        let mut scalars = Factors::new();
        for f in outside {
            let product = self.multiply_exponents(f.exponent, exponent);
            let raised = Factor { base: f.base, exponent: product };
            scalars = self.merge_scalars(&scalars, &[raised]);
        }
        let outer = Poly::of(Shape::SCALAR, Term { coefficient: Number::ONE, scalars, word: Factors::new() });
        let inner = if inside.is_empty() && (whole || !t.coefficient.is_negative()) {
            self.number_power(&t.coefficient, exponent, number)
        } else {
            self.opaque_power(&t.coefficient, inside, exponent, number)
        };
        self.times(&inner, &outer)
    }

    /// `(c a b)^e` with factors that do not come out.
    pub(in crate::simplify) fn opaque_power(
        &mut self,
        c: &Number,
        inside: Factors,
        exponent: Id,
        number: Option<Number>,
    ) -> Poly {
        let root = number.as_ref().and_then(|e| fractional_power(&c.abs(), e));
        let (scale, kept) = match root {
            Some(r) => (r, c.abs()),
            None => (Number::ONE, Number::ONE),
        };
        let coefficient = c.clone() * kept.recip().unwrap_or(Number::ONE);
        let base = match (inside.as_slice(), coefficient.is_one()) {
            ([f], true) if f.exponent == self.one => f.base,
            _ => {
                let term = Term { coefficient, scalars: inside, word: Factors::new() };
                let p = Poly::of(Shape::SCALAR, term);
                self.write(&p)
            }
        };
        Poly::of(Shape::SCALAR, scalar_term(Factor { base, exponent })).scaled(&scale)
    }

    /// A power of a number: folded where the result is short, else kept as a factor.
    pub(in crate::simplify) fn number_power(
        &mut self,
        n: &Number,
        exponent: Id,
        number: Option<Number>,
    ) -> Poly {
        if n.is_one() {
            return Poly::number(Number::ONE);
        }
        if let Some(e) = &number {
            let folded = match e.to_integer() {
                Some(k) => n.pow(k, 64),
                None => fractional_power(n, e),
            };
            if let Some(value) = folded {
                return Poly::number(value);
            }
        }
        let base = self.graph.num(n.clone());
        Poly::of(Shape::SCALAR, scalar_term(Factor { base, exponent }))
    }

    pub(in crate::simplify) fn matrix_power(
        &mut self,
        base: &Poly,
        exponent: Id,
        number: Option<Number>,
    ) -> Poly {
        let shape = base.shape;
        let integer = number.as_ref().and_then(Number::to_integer);
        let base = self.as_letter(base);
        let [t] = base.terms.as_slice() else {
            let zero = self.graph.zeros(shape);
            return match integer {
                Some(k) if k > 0 => Poly::zero(shape),
                _ => {
                    let id = self.graph.add(Op::Power, [zero, exponent]);
                    self.atom(id)
                }
            };
        };
        let t = t.clone();
        if self.is_whole(exponent) {
            let scalar = Term { word: Factors::new(), ..t.clone() };
            let scale = self.monomial_power(&scalar, exponent, number, true);
            let word = self.word_power(&t.word, shape, exponent, integer);
            return self.times(&scale, &word);
        }
        let positive = !t.coefficient.is_negative()
            && t.scalars.iter().all(|f| self.graph.properties(f.base).has(Properties::POSITIVE));
        if positive {
            let scalar = Term { word: Factors::new(), ..t.clone() };
            let scale = self.monomial_power(&scalar, exponent, number, false);
            let word = self.word_power(&t.word, shape, exponent, None);
            return self.times(&scale, &word);
        }
        let id = self.write_term(&t);
        let term = Term {
            coefficient: Number::ONE,
            scalars: Factors::new(),
            word: Factors::from_slice(&[Factor { base: id, exponent }]),
        };
        Poly::of(shape, term)
    }

    pub(in crate::simplify) fn word_power(
        &mut self,
        word: &[Factor],
        shape: Shape,
        exponent: Id,
        integer: Option<i64>,
    ) -> Poly {
        if let [f] = word {
            if matches!(self.graph.op(f.base), Op::Identity(_)) {
                return self.atom(f.base);
            }
            if let Some(u) = self.diagonal_of(f) {
                let u = self.poly(u);
                let e = self.poly(exponent);
                let raised = self.element_power(&u, &e);
                return self.diagonal(&raised);
            }
            let merges = f.exponent == self.one
                || integer.is_some()
                || (self.is_whole(f.exponent) && self.is_whole(exponent))
                || self.graph.properties(f.base).has(Properties::POSDEF);
            if merges {
                let exponent = self.multiply_exponents(f.exponent, exponent);
                let raised = Factor { base: f.base, exponent };
                let word = self.normal_letter_power(raised);
                return Poly::of(shape, Term { coefficient: Number::ONE, scalars: Factors::new(), word });
            }
        }
        let square = word.iter().all(|f| self.graph.shape(f.base).is_square());
        if let Some(k) = integer {
            let times = k.unsigned_abs() as usize;
            if square && times.saturating_mul(word.len()) <= UNROLL {
                return self.repeat_word(word, shape, k);
            }
            if square && k < 0 && k != -1 {
                let inverse = self.repeat_word(word, shape, -1);
                let positive = self.graph.int(-k);
                let [t] = inverse.terms.as_slice() else { return inverse };
                let t = t.clone();
                return self.word_power(&t.word, shape, positive, Some(-k));
            }
        }
        let id = self.write_word(word);
        let letter = self.orient(id);
        self.letter_power(&letter, exponent)
    }

    /// The power of a letter that nothing comes out of, but for the sign under a whole exponent. What is a power
    /// already stays one: `(A^-1)^(1/2)`.
    pub(in crate::simplify) fn letter_power(&mut self, letter: &Poly, exponent: Id) -> Poly {
        let lone = match letter.terms.as_slice() {
            [Term { coefficient, scalars, word }] if scalars.is_empty() => match word[..] {
                [f] if f.exponent == self.one => Some((f.base, coefficient.clone())),
                _ => None,
            },
            _ => None,
        };
        let whole = self.graph.number(exponent).is_some_and(|e| e.is_integer());
        let (base, sign) = match lone {
            Some((base, c)) if c.is_one() => (base, c),
            Some((base, c)) if c == Number::MINUS_ONE && whole => (base, self.sign_power(&c, exponent)),
            _ => (self.write(letter), Number::ONE),
        };
        let word = Factors::from_slice(&[Factor { base, exponent }]);
        Poly::of(letter.shape, Term { coefficient: sign, scalars: Factors::new(), word })
    }

    /// One letter with its exponent, split where the base is a Kronecker product or an inverse of one.
    pub(in crate::simplify) fn normal_letter_power(&mut self, f: Factor) -> Factors {
        if matches!(self.graph.op(f.base), Op::Kronecker) && self.graph.number(f.exponent).is_some() {
            let args = self.graph.args(f.base).to_vec();
            if args.iter().all(|a| self.graph.shape(*a).is_square()) {
                let e = self.poly(f.exponent);
                let mut parts = Vec::new();
                for a in args {
                    let p = self.poly(a);
                    parts.push(Rc::new(self.power(&p, &e)));
                }
                let shape = self.graph.shape(f.base);
                let k = self.kronecker(shape, &parts);
                if let [t] = k.terms.as_slice()
                    && t.coefficient.is_one()
                    && t.scalars.is_empty()
                {
                    return t.word.clone();
                }
            }
        }
        Factors::from_slice(&[f])
    }

    pub(in crate::simplify) fn repeat_word(&mut self, word: &[Factor], shape: Shape, k: i64) -> Poly {
        let mut unit: Vec<Factor> = word.to_vec();
        if k < 0 {
            unit.reverse();
            for f in &mut unit {
                let minus = self.graph.int(-1);
                f.exponent = self.multiply_exponents(f.exponent, minus);
            }
        }
        let mut product = Factors::new();
        for _ in 0..k.unsigned_abs() {
            for f in &unit {
                self.push(&mut product, *f);
            }
        }
        self.finish_word(product, shape)
    }

    pub(in crate::simplify) fn repeated(&mut self, base: &Poly, k: i64) -> Poly {
        let mut product = Poly::number(Number::ONE);
        for _ in 0..k {
            product = self.times(&product, base);
        }
        product
    }

    /// The product of two exponents, canonical.
    pub(in crate::simplify) fn multiply_exponents(&mut self, a: Id, b: Id) -> Id {
        if a == self.one {
            return b;
        }
        if b == self.one {
            return a;
        }
        if let (Some(m), Some(n)) = (self.graph.number(a), self.graph.number(b)) {
            return self.graph.num(m * n);
        }
        let (a, b) = (self.poly(a), self.poly(b));
        let product = self.times(&a, &b);
        self.write(&product)
    }

    /// Whether an exponent is certainly an integer: a number, or built from symbolic integers.
    pub(in crate::simplify) fn is_whole(&self, exponent: Id) -> bool {
        let mut stack = vec![exponent];
        while let Some(id) = stack.pop() {
            let whole = match self.graph.op(id) {
                Op::Num(n) => n.is_integer(),
                Op::Sum | Op::Product | Op::Negate => {
                    stack.extend_from_slice(self.graph.args(id));
                    true
                }
                Op::Zeros(..) | Op::Size(_) => true,
                _ => self.graph.properties(id).has(Properties::INTEGER),
            };
            if !whole {
                return false;
            }
        }
        true
    }
}

pub(super) fn scalar_term(f: Factor) -> Term {
    Term { coefficient: Number::ONE, scalars: Factors::from_slice(&[f]), word: Factors::new() }
}

/// `n^e` for a nonnegative `n`, where it is rational.
fn fractional_power(n: &Number, e: &Number) -> Option<Number> {
    if n.is_one() {
        return Some(Number::ONE);
    }
    let (p, q) = e.parts();
    match q.to_integer()? {
        1 => n.pow(p.to_integer()?, 64),
        2 => n.sqrt()?.pow(p.to_integer()?, 64),
        4 => n.sqrt()?.sqrt()?.pow(p.to_integer()?, 64),
        _ => None,
    }
}
