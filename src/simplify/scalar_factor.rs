//! Scalar factors that summands share.
//!
//! In: the rows of a sum. Out: groups that share a scalar factor, and the terms with it taken out.
//! Invariant: a factor that multiplies one summand and divides another is not shared.

use std::cmp::Reverse;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::expr::{Id, Number, Shape};

use super::factor::{Group, Groups, Key, Row, Share};
use super::normal::Normalizer;
use super::poly::{Factor, Factors, Poly, Term};

/// How many forms with a scalar factor that is not the commonest are looked for.
const OTHERS: usize = 4;

impl Normalizer<'_> {
    /// The scalar factors that two or more terms share, those of most terms first.
    pub(in crate::simplify) fn shared_scalars(&self, rows: &[Row]) -> Vec<Factor> {
        let mut counts: IndexMap<Id, (Id, usize), FxBuildHasher> = IndexMap::default();
        for f in rows.iter().flat_map(|row| &row.scalars) {
            let (exponent, count) = counts.entry(f.base).or_insert((f.exponent, 0));
            if !self.opposed(*exponent, f.exponent) {
                *count += 1;
                *exponent = self.nearer_to_zero(*exponent, f.exponent);
            }
        }
        counts.retain(|_, (_, count)| *count > 1);
        counts.sort_by_cached_key(|_, (_, count)| Reverse(*count));
        counts.into_iter().map(|(base, (exponent, _))| Factor { base, exponent }).collect()
    }

    /// The terms that share a scalar factor; the rest stays alone.
    pub(in crate::simplify) fn scalar_groups(&self, rows: &[Row], shared: Factor) -> Groups {
        let shares = |f: &Factor| f.base == shared.base && !self.opposed(f.exponent, shared.exponent);
        let (members, alone): (Vec<usize>, _) =
            (0..rows.len()).partition(|i| rows[*i].scalars.iter().any(shares));
        Groups { shared: vec![Group { key: Key::Scalar(shared), members: members.into() }], alone }
    }

    /// Whether one exponent multiplies and the other divides.
    pub(in crate::simplify) fn opposed(&self, a: Id, b: Id) -> bool {
        match (self.graph.number(a), self.graph.number(b)) {
            (Some(m), Some(n)) => m.is_negative() != n.is_negative(),
            _ => false,
        }
    }

    /// The sum with a scalar factor taken out that is not the commonest one.
    pub(in crate::simplify) fn other_scalars(&mut self, p: &Poly) -> Vec<Poly> {
        let rows: Vec<Row> = p.terms.iter().map(|t| self.row(t)).collect();
        let mut found = Vec::new();
        for shared in self.shared_scalars(&rows).into_iter().skip(1) {
            let groups = self.scalar_groups(&rows, shared);
            found.extend(self.merge_groups(p, &rows, &groups, Share::Scalar));
            if found.len() == OTHERS {
                break;
            }
        }
        found
    }

    /// Of two exponents the one that all terms can give up: the smaller in size, where both have one sign.
    pub(in crate::simplify) fn nearer_to_zero(&self, a: Id, b: Id) -> Id {
        match (self.graph.number(a), self.graph.number(b)) {
            (Some(m), Some(n)) if n.abs() < m.abs() => b,
            _ => a,
        }
    }

    pub(in crate::simplify) fn merge_by_scalar(
        &mut self,
        members: &[&Row],
        shared: Factor,
        shape: Shape,
    ) -> Option<Vec<Term>> {
        let minus = self.graph.int(-1);
        let negated = self.multiply_exponents(shared.exponent, minus);
        let inverse = Factor { base: shared.base, exponent: negated };
        let mut terms = Vec::new();
        for r in members {
            let scalars = self.merge_scalars(&r.scalars, &[inverse]);
            let whole = self.frame_poly(&r.word, r.frame);
            let scale = Poly::of(
                Shape::SCALAR,
                Term { coefficient: r.coefficient.clone(), scalars, word: Factors::new() },
            );
            terms.extend(self.times(&scale, &whole).terms);
        }
        let sum = Poly { shape, terms }.collected(self.graph);
        if self.has_differential(&sum) && !self.graph_is_linear(shared.base) {
            return self.only_words_vary(&sum).then(|| self.scaled_letter(shared, &sum));
        }
        Some(self.scaled_letter(shared, &sum))
    }

    pub(in crate::simplify) fn scaled_letter(&mut self, shared: Factor, sum: &Poly) -> Vec<Term> {
        let letter = self.as_letter(sum);
        let scalars = Factors::from_slice(&[shared]);
        let scale = Poly::of(Shape::SCALAR, Term { coefficient: Number::ONE, scalars, word: Factors::new() });
        self.times(&scale, &letter).terms
    }

    /// Whether a sum with a differential is scalar: `x^T A dx + b^T dx` may stand behind a common factor, an
    /// operator on matrices stays a sum.
    pub(in crate::simplify) fn only_words_vary(&mut self, sum: &Poly) -> bool {
        sum.shape.is_scalar()
    }
}
