//! Dimensions: polynomials with integer coefficients over named sizes.
//!
//! In: names and integers. Out: small copyable handles that are equal exactly when the polynomials are.
//! Invariant: the table never forgets, and handle 0 is the dimension 1.

use std::collections::BTreeMap;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

/// A handle to a dimension in a [`DimTable`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Dim(u32);

impl Dim {
    /// The dimension 1, of scalars.
    pub const ONE: Dim = Dim(0);
}

/// A product of named sizes, each name as often as its power, sorted.
pub type Monomial = Vec<u32>;

/// The polynomial behind a [`Dim`]: coefficient by product of names.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Polynomial(pub BTreeMap<Monomial, i64>);

impl Polynomial {
    /// Larger products of dimensions are refused, as coefficients that overflow are.
    const MAX_TERMS: usize = 1 << 12;

    fn integer(n: i64) -> Polynomial {
        Polynomial(if n == 0 { BTreeMap::new() } else { BTreeMap::from([(vec![], n)]) })
    }

    pub(crate) fn plus(&self, other: &Polynomial) -> Option<Polynomial> {
        let mut sum = self.0.clone();
        for (m, c) in &other.0 {
            let entry = sum.entry(m.clone()).or_insert(0);
            *entry = entry.checked_add(*c)?;
        }
        sum.retain(|_, c| *c != 0);
        Some(Polynomial(sum))
    }

    pub(crate) fn times(&self, other: &Polynomial) -> Option<Polynomial> {
        if self.0.len().saturating_mul(other.0.len()) > Polynomial::MAX_TERMS {
            return None;
        }
        let mut product = Polynomial::default();
        for (m, c) in &self.0 {
            for (n, d) in &other.0 {
                let mut names = [m.as_slice(), n.as_slice()].concat();
                names.sort_unstable();
                let term = Polynomial(BTreeMap::from([(names, c.checked_mul(*d)?)]));
                product = product.plus(&term)?;
            }
        }
        Some(product)
    }
}

/// The dimensions of one request.
#[derive(Clone, Debug)]
pub struct DimTable {
    names: IndexSet<String>,
    dims: IndexSet<Polynomial, FxBuildHasher>,
}

impl Default for DimTable {
    fn default() -> DimTable {
        let mut dims = IndexSet::default();
        dims.insert(Polynomial::integer(1));
        DimTable { names: IndexSet::new(), dims }
    }
}

impl DimTable {
    pub(crate) fn intern(&mut self, p: Polynomial) -> Dim {
        Dim(self.dims.insert_full(p).0 as u32)
    }

    /// The dimension with this name.
    pub fn named(&mut self, name: &str) -> Dim {
        let index = match self.names.get_index_of(name) {
            Some(i) => i,
            None => self.names.insert_full(name.to_owned()).0,
        };
        self.intern(Polynomial(BTreeMap::from([(vec![index as u32], 1)])))
    }

    /// A number as a dimension.
    pub fn integer(&mut self, n: i64) -> Dim {
        self.intern(Polynomial::integer(n))
    }

    /// `a + b`; `None` where a coefficient overflows.
    pub fn plus(&mut self, a: Dim, b: Dim) -> Option<Dim> {
        let p = self.polynomial(a).plus(self.polynomial(b))?;
        Some(self.intern(p))
    }

    /// `a b`; `None` where a coefficient overflows or there are too many terms.
    pub fn times(&mut self, a: Dim, b: Dim) -> Option<Dim> {
        match (a, b) {
            (Dim::ONE, d) | (d, Dim::ONE) => Some(d),
            _ => {
                let p = self.polynomial(a).times(self.polynomial(b))?;
                Some(self.intern(p))
            }
        }
    }

    /// The polynomial of a dimension.
    pub fn polynomial(&self, dim: Dim) -> &Polynomial {
        &self.dims[dim.0 as usize]
    }

    /// The number, where the dimension is one.
    pub fn as_integer(&self, dim: Dim) -> Option<i64> {
        let p = &self.polynomial(dim).0;
        match p.len() {
            0 => Some(0),
            1 => p.get(&vec![]).copied(),
            _ => None,
        }
    }

    /// The name, where the dimension is a single one.
    pub fn as_name(&self, dim: Dim) -> Option<&str> {
        let mut terms = self.polynomial(dim).0.iter();
        match (terms.next(), terms.next()) {
            (Some((m, 1)), None) if m.len() == 1 => self.names.get_index(m[0] as usize).map(String::as_str),
            _ => None,
        }
    }

    /// All names, in the order in which they were first seen.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The name with this index in a [`Monomial`].
    pub fn name(&self, index: u32) -> &str {
        self.names.get_index(index as usize).map_or("?", String::as_str)
    }

    /// The value of a dimension where each name has the size that `size` gives.
    pub fn evaluate(&self, dim: Dim, size: &dyn Fn(&str) -> i64) -> i64 {
        self.polynomial(dim).0.iter().fold(0i64, |sum, (m, c)| {
            let product = m.iter().fold(*c, |p, i| p.saturating_mul(size(self.name(*i))));
            sum.saturating_add(product)
        })
    }

    /// The dimension as text: `n`, `m n`, `n + 1`.
    pub fn text(&self, dim: Dim) -> String {
        let p = &self.polynomial(dim).0;
        if p.is_empty() {
            return "0".into();
        }
        // Terms with more names first, so that `n + 1` reads as one writes it.
        let mut terms: Vec<_> = p.iter().collect();
        terms.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.0.cmp(b.0)));
        let mut text = String::new();
        for (i, (m, c)) in terms.into_iter().enumerate() {
            let names: Vec<&str> = m.iter().map(|i| self.name(*i)).collect();
            let sign = if *c < 0 { "-" } else { "+" };
            if i > 0 {
                text.push_str(&format!(" {sign} "));
            } else if *c < 0 {
                text.push('-');
            }
            let magnitude = c.unsigned_abs();
            if magnitude != 1 || names.is_empty() {
                text.push_str(&magnitude.to_string());
                if !names.is_empty() {
                    text.push(' ');
                }
            }
            text.push_str(&names.join(" "));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_polynomials_are_one_dimension() {
        let mut t = DimTable::default();
        let (m, n, one) = (t.named("m"), t.named("n"), Dim::ONE);
        let (mn, nm) = (t.times(m, n), t.times(n, m));
        assert_eq!(mn, nm);
        let next = t.plus(n, one).unwrap();
        assert_eq!(t.text(next), "n + 1");
        assert_eq!(t.integer(1), Dim::ONE);
        assert_eq!(t.evaluate(next, &|_| 4), 5);
    }
}
