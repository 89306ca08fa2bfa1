//! The matrix of partial derivatives, entry by entry.
//!
//! In: a statement in components, sizes. Out: rows in brackets. Invariant: sums over indices are written out, equal
//! summands and factors gathered. Example: `A₁₁ x₁ + A₁₂ x₂`.

use std::collections::BTreeMap;

use super::Statement;
use super::component::{Component, Index};
use super::write::Writer;
use crate::diagnostic::Diagnostic;
use crate::expr::{Dim, Graph, Number};

/// The largest size that is written out.
const LARGEST: i64 = 9;
/// The most entries.
const ENTRIES: i64 = 64;

/// The statement with its sums and free indices written out.
pub(super) fn table(
    graph: &Graph,
    line: &Statement,
    sizes: &BTreeMap<String, u64>,
) -> Result<String, Diagnostic> {
    let sizes = Sizes { graph, sizes };
    let mut counts = vec![];
    for (_, dim) in &line.free {
        counts.push(sizes.of(*dim)?);
    }
    if counts.len() > 2 {
        let text = format!("{}: entries with more than two indices are left as they are\n", line.head);
        return Ok(text);
    }
    let (rows, cols) = (counts.first().copied().unwrap_or(1), counts.get(1).copied().unwrap_or(1));
    if rows * cols > ENTRIES {
        let text = format!("{rows}×{cols} entries are too many to write out");
        return Err(Diagnostic::usage("E0610", text).help("give smaller numbers to --dims"));
    }
    let mut cells = vec![];
    for i in 1..=rows {
        let mut row = vec![];
        for j in 1..=cols {
            let mut entry = line.component.clone();
            for ((index, _), at) in line.free.iter().zip([i, j]) {
                if let Index::Letter(n) = index {
                    entry.substitute(*n, Index::At(at));
                }
            }
            row.push(Writer::new(&[]).write(&sizes.expand(&entry)?));
        }
        cells.push(row);
    }
    Ok(aligned(&line.whole, &cells))
}

/// Rows in brackets after a head, columns aligned.
fn aligned(head: &str, cells: &[Vec<String>]) -> String {
    let wide = |text: &str| text.chars().count();
    if let [row] = cells
        && let [one] = &row[..]
    {
        return format!("{head} = {one}\n");
    }
    let columns = cells.first().map_or(0, Vec::len);
    let width = |j: usize| cells.iter().filter_map(|r| r.get(j)).map(|c| wide(c)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (i, row) in cells.iter().enumerate() {
        let padded = row.iter().zip(&widths).map(|(c, w)| format!("{c}{}", " ".repeat(w - wide(c))));
        let row = padded.collect::<Vec<_>>().join("   ");
        let head = if i == 0 { format!("{head} = ") } else { " ".repeat(wide(head) + 3) };
        text.push_str(&format!("{head}[ {row} ]\n"));
    }
    text
}

/// Numbers for dimensions.
struct Sizes<'a> {
    graph: &'a Graph,
    sizes: &'a BTreeMap<String, u64>,
}

impl Sizes<'_> {
    fn of(&self, dim: Dim) -> Result<i64, Diagnostic> {
        let polynomial = self.graph.dims.polynomial(dim);
        let mut names = polynomial.0.keys().flatten().map(|i| self.graph.dims.name(*i));
        let missing = names.find(|n| !self.sizes.contains_key(*n));
        if let Some(name) = missing {
            let text = format!("no size is given for the dimension `{name}`");
            return Err(Diagnostic::usage("E0610", text).help(format!("add it to --dims: --dims {name}=2")));
        }
        let size = |name: &str| self.sizes.get(name).and_then(|n| i64::try_from(*n).ok()).unwrap_or(i64::MAX);
        let n = if self.sizes.values().all(|n| *n <= 1000) {
            self.graph.dims.evaluate(dim, &size)
        } else {
            i64::MAX
        };
        match n {
            1..=LARGEST => Ok(n),
            _ => {
                let text = format!("a matrix is written out for sizes from 1 to {LARGEST}");
                Err(Diagnostic::usage("E0610", text).help("give smaller numbers to --dims"))
            }
        }
    }

    /// The same with sums over indices and deltas written out.
    fn expand(&self, c: &Component) -> Result<Component, Diagnostic> {
        let all = |parts: &[Component]| parts.iter().map(|p| self.expand(p)).collect::<Result<Vec<_>, _>>();
        Ok(match c {
            Component::Sum(parts) => gathered(all(parts)?),
            Component::Product(parts) => Component::product(all(parts)?),
            Component::Quotient(a, b) => {
                let (a, b) = (self.expand(a)?, self.expand(b)?);
                match (&a, &b) {
                    (a, _) if a.is_zero() => Component::int(0),
                    (_, Component::Number(n)) => match n.recip() {
                        Some(r) => Component::product([Component::Number(r), a]),
                        None => Component::Quotient(Box::new(a), Box::new(b)),
                    },
                    _ => Component::Quotient(Box::new(a), Box::new(b)),
                }
            }
            Component::Power(a, k) => Component::Power(Box::new(self.expand(a)?), k.clone()),
            Component::Call(f, a) => Component::Call(f.clone(), Box::new(self.expand(a)?)),
            Component::Delta(Index::At(a), Index::At(b)) => Component::int(i64::from(a == b)),
            Component::Size(dim, _) => Component::int(self.of(*dim)?),
            Component::Total(index, over, body) => {
                let mut parts = vec![];
                for at in 1..=self.of(*over)? {
                    let mut part = (**body).clone();
                    part.substitute(*index, Index::At(at));
                    parts.push(self.expand(&part)?);
                }
                gathered(parts)
            }
            other => other.clone(),
        })
    }
}

/// A sum in which equal summands are counted.
fn gathered(parts: Vec<Component>) -> Component {
    let flat = match Component::sum(parts) {
        Component::Sum(parts) => parts,
        one => return one,
    };
    let mut counted: Vec<(Number, Component)> = vec![];
    for part in flat {
        let (n, rest) = split(part);
        match counted.iter_mut().find(|(_, c)| *c == rest) {
            Some((m, _)) => *m = m.clone() + n,
            None => counted.push((n, rest)),
        }
    }
    Component::sum(counted.into_iter().map(|(n, c)| Component::product([Component::Number(n), c])))
}

/// The number in front, and the rest.
fn split(part: Component) -> (Number, Component) {
    match part {
        Component::Number(n) => (n, Component::int(1)),
        Component::Product(mut parts) => match parts.first() {
            Some(Component::Number(n)) => {
                let n = n.clone();
                parts.remove(0);
                (n, Component::product(parts))
            }
            _ => (Number::from(1), Component::Product(parts)),
        },
        other => (Number::from(1), other),
    }
}
