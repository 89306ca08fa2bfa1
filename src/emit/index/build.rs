//! The entry of a node at a place.
//!
//! In: a node, two indices. Out: its [`Component`]. Invariant: a new letter for every sum.
//! Example: the entry (i, k) of `A B` is `Σⱼ Aᵢⱼ Bⱼₖ`.

use super::component::{Component, Index};
use crate::expr::{Dim, Graph, Id, Op, Shape, VarId};
use crate::print::{Printer, Style, name, text};

/// The largest power of a matrix that is written as a product.
const POWER: i64 = 4;

/// Letters below this are free ones.
const FIRST: u32 = 8;

/// The matrix with one 1, along which an operator's partial derivative is taken.
pub(super) const UNIT: &str = "Eₖₗ";

/// Builds components.
pub(super) struct Builder<'g> {
    graph: &'g Graph,
    next: u32,
    /// The variable whose differential stands for the unit matrix at these indices; all others stand still.
    unit: Option<(VarId, [Index; 2])>,
    /// Whether that matrix was written by its name.
    pub(super) names_unit: bool,
}

impl Builder<'_> {
    pub(super) fn new(graph: &Graph, unit: Option<(VarId, [Index; 2])>) -> Builder<'_> {
        Builder { graph, next: FIRST, unit, names_unit: false }
    }

    fn letter(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// The entry of a node at a place; of a scalar, the scalar.
    pub(super) fn entry(&mut self, id: Id, at: [Index; 2]) -> Component {
        let graph = self.graph;
        let args = graph.args(id);
        let [row, col] = at;
        match (graph.op(id), args) {
            (Op::Var(v), _) => {
                let base = name(&graph.variable(*v).name, Style::Unicode);
                self.indexed(base, graph.shape(id), at)
            }
            (Op::Differential(v), _) => match self.unit {
                Some((x, place)) if x == *v => {
                    let shape = graph.shape(id);
                    let sides = [(shape.rows, row, place[0]), (shape.cols, col, place[1])];
                    let deltas = sides.into_iter().filter(|(d, ..)| *d != Dim::ONE);
                    Component::product(deltas.map(|(_, a, b)| Component::Delta(a, b)))
                }
                _ => Component::int(0),
            },
            (Op::Num(n), _) => Component::Number(n.clone()),
            (Op::Size(d), _) => Component::Size(*d, graph.dims.text(*d)),
            (Op::Identity(_), _) => Component::Delta(row, col),
            (Op::Ones(..), _) => Component::int(1),
            (Op::Zeros(..), _) => Component::int(0),
            (Op::Unit(_), [k]) => match graph.number(*k).and_then(|k| k.to_integer()) {
                Some(k) => Component::Delta(row, Index::At(k)),
                None => self.opaque(id, at),
            },
            (Op::Transpose, [a]) => self.entry(*a, [col, row]),
            (Op::Negate, [a]) => Component::product([Component::int(-1), self.entry(*a, at)]),
            (Op::Sum, _) => Component::sum(args.iter().map(|a| self.entry(*a, at)).collect::<Vec<_>>()),
            (Op::Hadamard, _) => self.entrywise(args, at),
            (Op::Product, _) => self.chain(args, at),
            (Op::Divide | Op::ElementDivide, [a, b]) => {
                let (a, b) = (self.broadcast(*a, at), self.broadcast(*b, at));
                if a.is_zero() { a } else { Component::Quotient(Box::new(a), Box::new(b)) }
            }
            (Op::ElementPower, [a, k]) => self.power(*a, *k, at),
            (Op::Power, [a, k]) if graph.shape(*a).is_scalar() => self.power(*a, *k, at),
            (Op::Power, [a, k]) => match graph.number(*k).and_then(|k| k.to_integer()) {
                Some(k @ 1..=POWER) => self.chain(&vec![*a; k as usize], at),
                _ => self.opaque(id, at),
            },
            (Op::Map(f), [a]) => {
                let inner = self.entry(*a, at);
                Component::Call(graph.catalog().entry(*f).name.clone(), Box::new(inner))
            }
            (Op::Call(f), _) => {
                let function = graph.catalog().entry(*f).name.clone();
                self.reduced(&function, args, at).unwrap_or_else(|| self.opaque(id, at))
            }
            _ => self.opaque(id, at),
        }
    }

    /// A scalar stands for all entries.
    fn broadcast(&mut self, id: Id, at: [Index; 2]) -> Component {
        self.entry(id, if self.graph.shape(id).is_scalar() { [Index::At(1); 2] } else { at })
    }

    fn entrywise(&mut self, args: &[Id], at: [Index; 2]) -> Component {
        Component::product(args.iter().map(|a| self.broadcast(*a, at)).collect::<Vec<_>>())
    }

    fn power(&mut self, base: Id, exponent: Id, at: [Index; 2]) -> Component {
        let exponent = text(self.graph, exponent, Style::Unicode);
        match self.broadcast(base, at) {
            // The square of a norm is the sum of squares.
            Component::Call(f, inner) if f == "sqrt" && exponent == "2" => *inner,
            base => Component::Power(Box::new(base), exponent),
        }
    }

    /// The sum of a body over a new index.
    fn total(&mut self, over: Dim, body: impl FnOnce(&mut Self, Index) -> Component) -> Component {
        if over == Dim::ONE {
            return body(self, Index::At(1));
        }
        let letter = self.letter();
        let body = body(self, Index::Letter(letter));
        Component::total(letter, over, &|| Component::Size(over, self.graph.dims.text(over)), body)
    }

    /// A product of matrices, with a sum between each two; scalars stand in front.
    fn chain(&mut self, args: &[Id], [row, col]: [Index; 2]) -> Component {
        let (scalars, letters): (Vec<Id>, Vec<Id>) =
            args.iter().partition(|a| self.graph.shape(**a).is_scalar());
        let mut parts: Vec<Component> = scalars.iter().map(|s| self.entry(*s, [Index::At(1); 2])).collect();
        let mut bound = vec![];
        let mut left = row;
        for (i, factor) in letters.iter().enumerate() {
            let over = self.graph.shape(*factor).cols;
            let right = match i + 1 == letters.len() {
                true => col,
                false if over == Dim::ONE => Index::At(1),
                false => {
                    let letter = self.letter();
                    bound.push((letter, over));
                    Index::Letter(letter)
                }
            };
            parts.push(self.entry(*factor, [left, right]));
            left = right;
        }
        let mut body = Component::product(parts);
        for (letter, over) in bound.into_iter().rev() {
            let size = || Component::Size(over, self.graph.dims.text(over));
            body = Component::total(letter, over, &size, body);
        }
        body
    }

    /// The functions that only add or pick entries.
    fn reduced(&mut self, function: &str, args: &[Id], [row, col]: [Index; 2]) -> Option<Component> {
        let [a] = args else { return None };
        let shape = self.graph.shape(*a);
        let all = |b: &mut Self, of: &dyn Fn(Component) -> Component| {
            b.total(shape.rows, |b, i| b.total(shape.cols, |b, j| of(b.entry(*a, [i, j]))))
        };
        Some(match function {
            "tr" => self.total(shape.rows, |b, i| b.entry(*a, [i, i])),
            "sum" => all(self, &|x| x),
            "norm" => {
                let squares = all(self, &|x| Component::Power(Box::new(x), "2".into()));
                Component::Call("sqrt".into(), Box::new(squares))
            }
            "diag" if shape.is_column() => {
                Component::product([self.entry(*a, [row, Index::At(1)]), Component::Delta(row, col)])
            }
            "diag" => self.entry(*a, [row, row]),
            _ => return None,
        })
    }

    /// What has no components of its own: an entry of the whole.
    fn opaque(&mut self, id: Id, at: [Index; 2]) -> Component {
        let whole = self.whole(id);
        let closed =
            matches!(self.graph.op(id), Op::Call(_) | Op::Apply(..) | Op::ApplyAlong(..) | Op::Frechet(_));
        let shape = self.graph.shape(id);
        let base =
            if closed && whole.ends_with(')') || shape.is_scalar() { whole } else { format!("({whole})") };
        self.indexed(base, shape, at)
    }

    /// A node as text, the differential that stands for a unit matrix as that.
    fn whole(&mut self, id: Id) -> String {
        let of = self.unit.map(|(v, _)| v);
        let parts = self.graph.reachable(&[id]);
        let varying =
            parts.into_iter().find(|id| matches!(self.graph.op(*id), Op::Differential(v) if Some(*v) == of));
        match varying {
            Some(dx) => {
                self.names_unit = true;
                Printer::new(self.graph, Style::Unicode, &[id], &[(UNIT.to_owned(), dx)]).print(id)
            }
            None => text(self.graph, id, Style::Unicode),
        }
    }

    fn indexed(&self, base: String, shape: Shape, [row, col]: [Index; 2]) -> Component {
        let sides = [(shape.rows, row), (shape.cols, col)];
        Component::Entry(base, sides.into_iter().filter(|(d, _)| *d != Dim::ONE).map(|(_, i)| i).collect())
    }
}
