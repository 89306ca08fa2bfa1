//! Scalar factors that summands share.
//!
//! In: the rows of a sum. Out: groups that share a scalar factor, and the terms with it taken out.
//! Invariant: a factor that multiplies one summand and divides another is not shared.

use rustc_hash::FxHashMap;

use crate::expr::{Id, Number, Shape};

use super::factor::{Group, Key, Row, Share};
use super::normal::Normalizer;
use super::poly::{Factor, Factors, Poly, Term};

impl Normalizer<'_> {
    /// The scalar factor that most terms share; the rest stays alone.
    pub(in crate::simplify) fn scalar_groups(&mut self, rows: &[Row], skip: &[Id]) -> Option<Vec<Group>> {
        let mut counts: Vec<(Factor, usize)> = Vec::new();
        let mut places: FxHashMap<Id, usize> = FxHashMap::default();
        for row in rows {
            for f in &row.scalars {
                match places.get(&f.base) {
                    Some(i) if self.opposed(counts[*i].0.exponent, f.exponent) => {}
                    Some(i) => {
                        counts[*i].1 += 1;
                        let (kept, exponent) = (counts[*i].0.exponent, f.exponent);
                        counts[*i].0.exponent = self.nearer_to_zero(kept, exponent);
                    }
                    None => {
                        places.insert(f.base, counts.len());
                        counts.push((*f, 1));
                    }
                }
            }
        }
        let mut best: Option<(Factor, usize)> = None;
        for (f, n) in counts {
            if n >= 2 && !skip.contains(&f.base) && best.is_none_or(|(_, m)| n > m) {
                best = Some((f, n));
            }
        }
        let (shared, _) = best?;
        let mut groups = vec![Group { key: Key::Scalar(shared), members: Vec::new() }];
        for (i, row) in rows.iter().enumerate() {
            let shares = |f: &Factor| f.base == shared.base && !self.opposed(f.exponent, shared.exponent);
            if row.scalars.iter().any(shares) {
                groups[0].members.push(i);
            } else {
                groups.push(Group { key: Key::Alone(i), members: vec![i] });
            }
        }
        Some(groups)
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
        let (mut skip, mut found) = (Vec::new(), Vec::new());
        while found.len() < 4
            && let Some(groups) = self.scalar_groups(&rows, &skip)
        {
            let Some(Key::Scalar(shared)) = groups.first().map(|g| g.key.clone()) else { break };
            if !skip.is_empty()
                && let Some(form) = self.merge_groups(p, &rows, groups, Share::Scalar)
            {
                found.push(form);
            }
            skip.push(shared.base);
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
