//! Sums that are shorter over a common power, under one trace, or with a commutation matrix in front.
//!
//! In: a sum free of differentials. Out: canonical nodes of the same value.
//! Invariant: a form is given only where it has fewer terms than the sum.
//!
//! `1 / sqrt(u) - x^2 / u^(3/2)` with `u = 1 + x^2` is `1 / u^(3/2)`; `y^T B D B y - tr(D B)` is
//! `tr((B y y^T B - B) D)`.

use std::rc::Rc;

use crate::expr::{Id, Number, Op, Shape};

use super::normal::Normalizer;
use super::poly::{Factor, Factors, Poly, Term};

/// Powers up to this one are multiplied out in search of cancellations.
const POWER: i64 = 3;

/// More terms than this are not looked at.
const TERMS: usize = 12;

/// A term as factors that commute, with their exponents, and the rest.
struct Row {
    commuting: Vec<(Id, Number)>,
    rest: Term,
}

/// A term that is a closed word times scalars: `y^T B y` or `tr(A B)`.
struct Loop {
    scale: Term,
    letters: Factors,
}

impl Normalizer<'_> {
    /// The sum over the lowest power of a base, where multiplying out what is left makes it shorter.
    pub(in crate::simplify) fn over_common_power(&mut self, p: &Poly) -> Vec<Id> {
        if !(2..=TERMS).contains(&p.terms.len()) || self.has_differential(p) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for entrywise in [false, true] {
            let Some(rows) = self.rows_of(p, entrywise) else { continue };
            for (base, lowest) in self.divisors(&rows) {
                found.extend(self.over_power(p, &rows, (base, &lowest), entrywise));
            }
        }
        found
    }

    /// The terms as rows; of elementwise products where `entrywise`, else of scalar factors.
    fn rows_of(&mut self, p: &Poly, entrywise: bool) -> Option<Vec<Row>> {
        let mut rows = Vec::with_capacity(p.terms.len());
        for t in &p.terms {
            let (factors, rest): (Vec<(Id, Id)>, Term) = match entrywise {
                false => {
                    let factors = t.scalars.iter().map(|f| (f.base, f.exponent)).collect();
                    (factors, Term { scalars: Factors::new(), ..t.clone() })
                }
                true => {
                    let [f] = t.word.as_slice() else { return None };
                    if f.exponent != self.one {
                        return None;
                    }
                    let factors = match self.graph.op(f.base) {
                        Op::Ones(..) => Vec::new(),
                        _ => self.hadamard_factors(f.base),
                    };
                    (factors, Term { word: Factors::new(), ..t.clone() })
                }
            };
            let number = |(base, e): (Id, Id)| Some((base, self.graph.number(e)?));
            rows.push(Row { commuting: factors.into_iter().map(number).collect::<Option<_>>()?, rest });
        }
        Some(rows)
    }

    /// Sums that some row is divided by, with the lowest exponent, where the others differ by small whole numbers.
    fn divisors(&mut self, rows: &[Row]) -> Vec<(Id, Number)> {
        let mut found: Vec<(Id, Number)> = Vec::new();
        for (base, e) in rows.iter().flat_map(|r| &r.commuting) {
            if !e.is_negative() || self.poly(*base).terms.len() < 2 {
                continue;
            }
            match found.iter_mut().find(|(b, _)| b == base) {
                Some((_, lowest)) if (e.clone() + -lowest.clone()).is_negative() => *lowest = e.clone(),
                Some(_) => {}
                None => found.push((*base, e.clone())),
            }
        }
        found.retain(|(base, lowest)| {
            rows.iter().all(|r| {
                let excess = exponent(r, *base) + -lowest.clone();
                excess.to_integer().is_some_and(|k| (0..=POWER).contains(&k))
            })
        });
        found
    }

    fn over_power(
        &mut self,
        p: &Poly,
        rows: &[Row],
        (base, lowest): (Id, &Number),
        entrywise: bool,
    ) -> Option<Id> {
        let mut summands = Vec::with_capacity(rows.len());
        for row in rows {
            let mut factors: Vec<Id> = Vec::new();
            let excess = (base, exponent(row, base) + -lowest.clone());
            let others = row.commuting.iter().filter(|(b, _)| *b != base).cloned();
            for (b, e) in others.chain([excess]).filter(|(_, e)| !e.is_zero()) {
                let e = self.graph.num(e);
                let op = if entrywise { Op::ElementPower } else { Op::Power };
                factors.push(if e == self.one { b } else { self.graph.add(op, [b, e]) });
            }
            let rest = self.write_term(&row.rest);
            summands.push(match (entrywise, factors.as_slice()) {
                (true, []) => {
                    let ones = self.graph.ones(p.shape);
                    self.graph.product([rest, ones])
                }
                (true, [one]) => self.graph.product([rest, *one]),
                (true, _) => {
                    let product = self.graph.add(Op::Hadamard, factors);
                    self.graph.product([rest, product])
                }
                (false, _) => self.graph.product(factors.into_iter().chain([rest])),
            });
        }
        let sum = self.graph.sum(summands);
        let left = self.expanded(&Rc::default(), |n| n.poly(sum).as_ref().clone());
        if left.terms.len() >= p.terms.len() {
            return None;
        }
        let letter = self.as_letter(&left);
        let e = self.graph.num(lowest.clone());
        let whole = match entrywise {
            true => {
                let power = self.hadamard_node(p.shape, vec![(base, e)]);
                self.hadamard(p.shape, &[Rc::new(power), Rc::new(letter)])
            }
            false => {
                let scalars = Factors::from_slice(&[Factor { base, exponent: e }]);
                let power = Term { coefficient: Number::ONE, scalars, word: Factors::new() };
                self.times(&Poly::of(Shape::SCALAR, power), &letter)
            }
        };
        Some(self.write(&whole))
    }

    /// `kron(X, I) + kron(I, X) K` with the commutation matrix in front, `kron(X, I) + K kron(X, I)`: so that it
    /// may be taken out. Source: Magnus and Neudecker §3.7.
    pub(in crate::simplify) fn commuted(&mut self, p: &Poly) -> Option<Poly> {
        if !(2..=TERMS).contains(&p.terms.len()) {
            return None;
        }
        let mut found = p.clone();
        for t in &mut found.terms {
            let Some(i) = (1..t.word.len()).find(|i| self.is_commutation(t.word[*i])) else { continue };
            let before = t.word[i - 1];
            if before.exponent != self.one {
                continue;
            }
            // Kronecker products are kept as the transpose that has fewer.
            let (base, turned) = match self.graph.transpose_of(before.base) {
                Some(base) => (base, true),
                None => (before.base, false),
            };
            let Op::Kronecker = self.graph.op(base) else { continue };
            let &[d, c] = self.graph.args(base) else { continue };
            let (d, c) = if turned { (self.graph.turned(d), self.graph.turned(c)) } else { (d, c) };
            let (rows, columns) = (self.graph.shape(d).rows, self.graph.shape(c).rows);
            let k = self.graph.add(Op::Commutation(rows, columns), []);
            self.remember_atom(k);
            let kron = self.graph.add(Op::Kronecker, [c, d]);
            let letter = self.orient(kron);
            let [Term { word, .. }] = letter.terms.as_slice() else { continue };
            let &[kron] = word.as_slice() else { continue };
            (t.word[i - 1], t.word[i]) = (self.factor(k), kron);
        }
        (found != *p).then_some(found)
    }

    fn is_commutation(&self, f: Factor) -> bool {
        f.exponent == self.one && matches!(self.graph.op(f.base), Op::Commutation(..))
    }

    /// Closed words and traces with a common stretch, under one trace.
    pub(in crate::simplify) fn under_one_trace(&mut self, p: &Poly) -> Option<Id> {
        if !p.shape.is_scalar() || !(2..=TERMS).contains(&p.terms.len()) || self.has_differential(p) {
            return None;
        }
        let loops: Option<Vec<Loop>> = p.terms.iter().map(|t| self.loop_of(t)).collect();
        let loops = loops?;
        let shortest = loops.iter().min_by_key(|l| l.letters.len())?.letters.clone();
        let mut best: Option<(usize, Vec<Factors>)> = None;
        for i in 0..shortest.len() {
            let mut first = shortest.clone();
            first.rotate_left(i);
            let Some(last) = first.last().copied() else { continue };
            let turned: Option<Vec<Factors>> =
                loops.iter().map(|l| self.ending_in(&l.letters, last)).collect();
            let Some(turned) = turned else { continue };
            let shared = common_end(&turned);
            if best.as_ref().is_none_or(|(n, _)| shared > *n) {
                best = Some((shared, turned));
            }
        }
        let (shared, words) = best?;
        let mut terms = Vec::new();
        let (mut end, mut shape) = (Factors::new(), None);
        for (l, word) in loops.iter().zip(&words) {
            let (head, tail) = word.split_at(word.len() - shared);
            end = tail.into();
            let n = self.word_shape(tail);
            shape = Some(Shape::new(n.cols, n.rows));
            let head = match head.is_empty() {
                true => {
                    let identity = self.graph.identity(n.rows);
                    self.atom(identity)
                }
                false => self.word_poly_of(head),
            };
            let scaled = self.times(&Poly::of(Shape::SCALAR, l.scale.clone()), &head);
            terms.extend(scaled.terms);
        }
        let sum = Poly { shape: shape?, terms }.collected(self.graph);
        if sum.terms.len() < 2 {
            return None;
        }
        let letter = self.as_letter(&sum);
        let end = self.word_poly_of(&end);
        let product = self.times(&letter, &end);
        let trace = self.trace(&product);
        Some(self.write(&trace))
    }

    /// The one closed word among the scalars of a term.
    fn loop_of(&self, t: &Term) -> Option<Loop> {
        let mut found = None;
        for (i, f) in t.scalars.iter().enumerate() {
            let inner = match self.graph.op(f.base) {
                Op::Product => f.base,
                Op::Call(g) if Some(*g) == self.known.trace => self.graph.args(f.base)[0],
                _ => continue,
            };
            if f.exponent != self.one || found.is_some() {
                return None;
            }
            let mut scale = t.clone();
            scale.scalars.remove(i);
            found = Some(Loop { scale, letters: self.letters(inner) });
        }
        found
    }

    /// A rotation of a closed word, or of its transpose, that ends in this letter.
    fn ending_in(&mut self, letters: &Factors, last: Factor) -> Option<Factors> {
        let turned = self.turn(letters);
        let turned = turned.coefficient.is_one().then_some(turned.word);
        for mut word in std::iter::once(letters.clone()).chain(turned) {
            if let Some(i) = word.iter().position(|f| *f == last) {
                word.rotate_left(i + 1);
                return Some(word);
            }
        }
        None
    }
}

fn exponent(row: &Row, base: Id) -> Number {
    row.commuting.iter().find(|(b, _)| *b == base).map_or(Number::ZERO, |(_, e)| e.clone())
}

/// How many letters all words end in.
fn common_end(words: &[Factors]) -> usize {
    let least = words.iter().map(|w| w.len()).min().unwrap_or(0);
    let nth = |w: &Factors, i: usize| w[w.len() - 1 - i];
    (0..least).take_while(|i| words.iter().all(|w| nth(w, *i) == nth(&words[0], *i))).count()
}
