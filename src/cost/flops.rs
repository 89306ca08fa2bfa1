//! Counts that are polynomials in the dimensions.
//!
//! In: dimensions, rational numbers. Out: sums and products of them.
//! Invariant: no coefficient is zero, so that equal polynomials are equal values.
//!
//! `2/3 n^3 + 2 n^2` is printed with its terms of highest degree first.

use std::collections::BTreeMap;

use crate::expr::{Dim, DimTable, Monomial, Number};

use super::Sizes;

/// A polynomial with rational coefficients over named dimensions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flops(BTreeMap<Monomial, Number>);

impl Flops {
    /// Nothing.
    pub const ZERO: Flops = Flops(BTreeMap::new());

    /// A number.
    pub fn constant(n: Number) -> Flops {
        Flops(if n.is_zero() { BTreeMap::new() } else { BTreeMap::from([(vec![], n)]) })
    }

    /// A dimension.
    pub fn of(dim: Dim, dims: &DimTable) -> Flops {
        Flops(dims.polynomial(dim).0.iter().map(|(m, c)| (m.clone(), Number::integer(*c))).collect())
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// `self + other`.
    #[must_use]
    pub fn plus(&self, other: &Flops) -> Flops {
        let mut sum = self.clone();
        sum.add(other);
        sum
    }

    /// Adds `other`.
    pub fn add(&mut self, other: &Flops) {
        for (m, c) in &other.0 {
            let entry = self.0.entry(m.clone()).or_insert(Number::ZERO);
            *entry = entry.clone() + c.clone();
        }
        self.0.retain(|_, c| !c.is_zero());
    }

    /// `self · other`.
    #[must_use]
    pub fn times(&self, other: &Flops) -> Flops {
        let mut product = Flops::ZERO;
        for (m, c) in &self.0 {
            for (n, d) in &other.0 {
                let mut names = [m.as_slice(), n.as_slice()].concat();
                names.sort_unstable();
                product.add(&Flops(BTreeMap::from([(names, c.clone() * d.clone())])));
            }
        }
        product
    }

    /// `p/q · self`.
    #[must_use]
    pub fn scaled(&self, p: i64, q: i64) -> Flops {
        self.times(&Flops::constant(Number::ratio(p, q)))
    }

    /// Its value for these sizes.
    pub fn at(&self, dims: &DimTable, sizes: Sizes) -> f64 {
        let term = |(m, c): (&Monomial, &Number)| {
            m.iter().fold(c.to_f64(), |product, name| product * sizes(dims.name(*name)))
        };
        self.0.iter().map(term).fold(0.0, |sum, term| sum + term)
    }

    /// The names in it, in the order of the table.
    pub fn names(&self) -> Vec<u32> {
        let mut names: Vec<u32> = self.0.keys().flatten().copied().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The terms that no other term outgrows, without their coefficients: of `2 n^2 + 3 n`, `n^2`.
    #[must_use]
    pub fn order(&self) -> Flops {
        let divides = |a: &Monomial, b: &Monomial| {
            let mut rest = b.clone();
            a.iter().all(|name| rest.iter().position(|n| n == name).map(|i| rest.remove(i)).is_some())
        };
        let outgrown = |m: &Monomial| self.0.keys().any(|other| other != m && divides(m, other));
        Flops(self.0.keys().filter(|m| !outgrown(m)).map(|m| (m.clone(), Number::ONE)).collect())
    }

    /// The polynomial as it could be typed: `2/3 n^3 + 2 n^2`.
    pub fn text(&self, dims: &DimTable) -> String {
        let mut terms: Vec<(&Monomial, &Number)> = self.0.iter().collect();
        terms.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.0.cmp(b.0)));
        let mut text = String::new();
        for (m, c) in terms {
            text.push_str(match (text.is_empty(), c.is_negative()) {
                (true, false) => "",
                (true, true) => "-",
                (false, false) => " + ",
                (false, true) => " - ",
            });
            let names = powers(m, dims);
            let magnitude = c.abs();
            if !magnitude.is_one() || names.is_empty() {
                text.push_str(&magnitude.to_string());
                text.push_str(if names.is_empty() { "" } else { " " });
            }
            text.push_str(&names);
        }
        if text.is_empty() { "0".into() } else { text }
    }
}

/// `m n^2`.
fn powers(m: &Monomial, dims: &DimTable) -> String {
    let power = |run: &[u32]| match (run.first(), run.len()) {
        (Some(name), 1) => dims.name(*name).to_owned(),
        (Some(name), k) => format!("{}^{k}", dims.name(*name)),
        (None, _) => String::new(),
    };
    m.chunk_by(|a, b| a == b).map(power).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_high_degree_stand_first_and_outgrow_others() {
        let mut dims = DimTable::default();
        let (m, n) = (dims.named("m"), dims.named("n"));
        let (m, n) = (Flops::of(m, &dims), Flops::of(n, &dims));
        let count = n.times(&n).scaled(2, 3).plus(&n.scaled(-1, 1)).plus(&m);
        assert_eq!(count.text(&dims), "2/3 n^2 + m - n");
        assert_eq!(count.order().text(&dims), "n^2 + m");
        assert!((count.at(&dims, &|_| 3.0) - 6.0).abs() < 1e-12);
        assert!(n.plus(&n.scaled(-1, 1)).is_zero());
    }
}
