//! What varies, brought to the end of its term.
//!
//! In: a line that is linear in differentials. Out: its parts in which one stands elsewhere, and those parts turned.
//! Invariant: a part and what it becomes are of one value, by one law that has a name.
//!
//! `dx^T A x` is its own transpose, `x^T A^T dx`; `tr(A dX B)` is `tr(B A dX)`.

use rustc_hash::FxHashSet;

use crate::expr::{Graph, Id, Op, VarId};

/// More terms than this are not written out.
const MOST: usize = 24;

/// A law of scalars that turns terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// A scalar is its own transpose.
    Transpose,
    /// `uᵀ (v ⊙ w) = (u ⊙ v)ᵀ w`.
    Entrywise,
    /// `tr(M N) = tr(N M)`, `tr(M) = tr(Mᵀ)`.
    Cyclic,
    /// A scalar is its trace, for the terms with the differential of a variable.
    Trace(VarId),
    /// `u ⊙ v = diag(u) v`, for the columns with the differential of a variable.
    Diagonal(VarId),
}

impl Turn {
    /// Those that come before terms are collected, in the order in which a derivation uses them.
    pub const ALL: [Turn; 3] = [Turn::Transpose, Turn::Entrywise, Turn::Cyclic];

    /// The name of the law.
    pub fn name(self) -> &'static str {
        match self {
            Turn::Transpose => "scalar_transpose",
            Turn::Entrywise => "entrywise_inner",
            Turn::Cyclic => "trace_cyclic",
            Turn::Trace(_) => "scalar_trace",
            Turn::Diagonal(_) => "diagonal",
        }
    }

    /// The parts of a line that the law turns, each with what it becomes.
    pub fn changes(self, graph: &mut Graph, line: Id) -> Vec<(Id, Id)> {
        let of = match self {
            Turn::Trace(v) | Turn::Diagonal(v) => Some(v),
            _ => None,
        };
        let mut varying = Varying::below(graph, line, of);
        let mut changes: Vec<(Id, Id)> = vec![];
        // A part within which something has changed stays for what it is.
        let mut changed: FxHashSet<Id> = FxHashSet::default();
        for id in graph.reachable(&[line]) {
            if graph.args(id).iter().any(|a| changed.contains(a)) {
                changed.insert(id);
                continue;
            }
            let shape = graph.shape(id);
            let turns = if matches!(self, Turn::Diagonal(_)) { shape.is_column() } else { shape.is_scalar() };
            if !turns || !varying.has(id) {
                continue;
            }
            let turned = match (self, graph.op(id), graph.args(id)) {
                (Turn::Diagonal(_), Op::Hadamard, _) => varying.diagonal(graph, id),
                (Turn::Cyclic, Op::Call(f), &[a]) if graph.catalog().entry(*f).name == "tr" => {
                    varying.traced(graph, a)
                }
                (Turn::Trace(_), Op::Product, _) => varying.trace(graph, id),
                (Turn::Transpose | Turn::Entrywise, Op::Product, _) => varying.scalar(graph, id, self),
                (Turn::Entrywise, Op::Call(f), &[a]) if graph.catalog().entry(*f).name == "sum" => {
                    varying.sum(graph, a)
                }
                _ => None,
            };
            if let Some(to) = turned.filter(|to| *to != id) {
                changed.insert(id);
                changes.push((id, to));
            }
        }
        changes
    }
}

/// A term: its sign, its scalar factors, its word of matrices.
#[derive(Clone, Default)]
struct Term {
    negative: bool,
    scalars: Vec<Id>,
    word: Vec<Id>,
}

/// The nodes with a differential below them.
struct Varying {
    nodes: FxHashSet<Id>,
}

impl Varying {
    /// Below a line; of one variable, where only that counts.
    fn below(graph: &Graph, line: Id, of: Option<VarId>) -> Varying {
        let mut nodes = FxHashSet::default();
        for id in graph.reachable(&[line]) {
            let leaf = matches!(*graph.op(id), Op::Differential(v) if of.is_none_or(|of| of == v));
            if leaf || graph.args(id).iter().any(|a| nodes.contains(a)) {
                nodes.insert(id);
            }
        }
        Varying { nodes }
    }

    fn has(&self, id: Id) -> bool {
        self.nodes.contains(&id)
    }

    /// A product multiplied out as far as it takes to see each differential in a term of its own.
    fn terms(&mut self, graph: &mut Graph, id: Id) -> Option<Vec<Term>> {
        let mut open = vec![Term { word: vec![id], ..Term::default() }];
        let mut done = vec![];
        while let Some(mut term) = open.pop() {
            if open.len() + done.len() > MOST {
                return None;
            }
            let Some(at) = term.word.iter().position(|f| self.opens(graph, *f)) else {
                done.push(term);
                continue;
            };
            let factor = term.word.remove(at);
            let args = graph.args(factor).to_vec();
            match graph.op(factor) {
                Op::Product => drop(term.word.splice(at..at, args)),
                Op::Negate => {
                    term.word.splice(at..at, args);
                    term.negative = !term.negative;
                }
                Op::Sum if self.has(factor) => {
                    for part in args.iter().rev() {
                        let mut each = term.clone();
                        each.word.insert(at, *part);
                        open.push(each);
                    }
                    continue;
                }
                Op::Transpose if self.has(factor) => {
                    let inside = self.transpose_within(graph, *args.first()?);
                    term.word.insert(at, inside);
                }
                _ => term.scalars.push(factor),
            }
            open.push(term);
        }
        Some(done)
    }

    /// Whether a factor is to be written out.
    fn opens(&self, graph: &Graph, factor: Id) -> bool {
        let sum = |id: Id| matches!(graph.op(id), Op::Sum);
        let nested = |id: Id| matches!(graph.op(id), Op::Product | Op::Negate);
        let turned = |id: Id| graph.args(id).first().is_some_and(|a| nested(*a) || sum(*a));
        match graph.op(factor) {
            Op::Transpose => self.has(factor) && turned(factor),
            _ => nested(factor) || graph.shape(factor).is_scalar() || (sum(factor) && self.has(factor)),
        }
    }

    /// The transpose of a sum or product, taken of its parts.
    fn transpose_within(&mut self, graph: &mut Graph, inside: Id) -> Id {
        let op = graph.op(inside).clone();
        let mut parts = graph.args(inside).to_vec();
        if op == Op::Product {
            parts.reverse();
        }
        let parts: Vec<Id> = parts.into_iter().map(|part| self.turn(graph, part)).collect();
        let whole = graph.add(op, parts);
        self.nodes.insert(whole);
        whole
    }

    /// The transpose of a factor; what varies is known to vary still.
    fn turn(&mut self, graph: &mut Graph, factor: Id) -> Id {
        if !self.has(factor) {
            return match (graph.op(factor), graph.args(factor)) {
                _ if graph.shape(factor).is_scalar() => factor,
                (Op::Power, &[base, exponent]) => match (graph.op(base), graph.args(base)) {
                    (Op::Transpose, &[inner]) => graph.add(Op::Power, [inner, exponent]),
                    _ => graph.turned(factor),
                },
                _ => graph.turned(factor),
            };
        }
        let turned = graph.turned_differential(factor);
        self.nodes.insert(turned);
        turned
    }

    /// The only place in a word that varies.
    fn place(&self, word: &[Id]) -> Option<usize> {
        let mut places = (0..word.len()).filter(|i| word.get(*i).is_some_and(|f| self.has(*f)));
        places.next().filter(|_| places.next().is_none())
    }

    /// A trace with what varies at the end of each term.
    fn traced(&mut self, graph: &mut Graph, inside: Id) -> Option<Id> {
        let terms = self.terms(graph, inside)?;
        let mut turned = false;
        let mut parts = vec![];
        for mut term in terms {
            let mut at = self.place(&term.word)?;
            if matches!(graph.op(*term.word.get(at)?), Op::Transpose) {
                (term.word, turned) = (self.transposed(graph, &term.word), true);
                at = self.place(&term.word)?;
            }
            turned |= at + 1 < term.word.len();
            term.word.rotate_left(at + 1);
            let word = graph.times(term.word.iter().copied());
            let trace = graph.call_named("tr", [word]);
            parts.push(self.scaled(graph, &term, trace));
        }
        let whole = graph.add_up(parts)?;
        turned.then_some(whole)
    }

    /// A row times a column with what varies within it as a trace with that at the end.
    fn trace(&mut self, graph: &mut Graph, id: Id) -> Option<Id> {
        let terms = self.terms(graph, id)?;
        let [term] = terms.as_slice() else { return None };
        let at = self.place(&term.word)?;
        let bounds = row_times_column(graph, &term.word, at)?;
        let (start, end) = (bounds.start, bounds.end);
        let mut word = term.word.get(bounds)?.to_vec();
        word.rotate_left(at + 1 - start);
        let word = graph.times(word);
        let trace = graph.call_named("tr", [word]);
        let rest = term.word.get(..start)?.iter().chain(term.word.get(end..)?).copied();
        let whole = graph.times(rest.chain([trace]).collect::<Vec<_>>());
        Some(self.scaled(graph, term, whole))
    }

    /// A scalar product with what varies at the end of its row times column.
    fn scalar(&mut self, graph: &mut Graph, id: Id, law: Turn) -> Option<Id> {
        if graph.args(id).iter().all(|a| graph.shape(*a).is_scalar()) {
            return None;
        }
        let mut turned = false;
        let mut parts = vec![];
        for mut term in self.terms(graph, id)? {
            let at = self.place(&term.word)?;
            let bounds = row_times_column(graph, &term.word, at)?;
            let (start, end) = (bounds.start, bounds.end);
            let mut word = term.word.get(bounds)?.to_vec();
            let varying = *term.word.get(at)?;
            if law == Turn::Transpose && matches!(graph.op(varying), Op::Transpose) {
                (word, turned) = (self.transposed(graph, &word), true);
            } else if law == Turn::Entrywise
                && at + 1 == end
                && let Some((moved, negative)) = self.entrywise(graph, &word)
            {
                (word, turned) = (moved, true);
                term.negative ^= negative;
            }
            let whole = term.word.get(..start)?.iter().chain(&word).chain(term.word.get(end..)?);
            let whole = graph.times(whole.copied().collect::<Vec<_>>());
            parts.push(self.scaled(graph, &term, whole));
        }
        let whole = graph.add_up(parts)?;
        turned.then_some(whole)
    }

    /// `sum(u .* dv)` as `u^T dv`, and `sum(U .* dV)` as `tr(U^T dV)`.
    fn sum(&mut self, graph: &mut Graph, inside: Id) -> Option<Id> {
        if !matches!(graph.op(inside), Op::Hadamard) {
            return None;
        }
        let mut factors = graph.args(inside).to_vec();
        let at = self.place(&factors)?;
        let moving = factors.remove(at);
        let weight = graph.entrywise_times(factors);
        let whole = graph.inner(weight, moving);
        self.nodes.insert(whole);
        Some(whole)
    }

    /// `u .* dv` as `diag(u) dv`.
    fn diagonal(&mut self, graph: &mut Graph, id: Id) -> Option<Id> {
        let (weights, moving, negative) = self.apart(graph, id)?;
        let weight = graph.entrywise_times(weights);
        let matrix = graph.call_fitting("diag", &[weight]);
        let mut word = vec![matrix];
        match graph.op(moving) {
            Op::Product => word.extend_from_slice(graph.args(moving)),
            _ => word.push(moving),
        }
        let whole = graph.times(word);
        Some(if negative { graph.opposite(whole) } else { whole })
    }

    /// `u^T (v .* dw)` as `(u .* v)^T dw`, and whether a sign came out.
    fn entrywise(&mut self, graph: &mut Graph, word: &[Id]) -> Option<(Vec<Id>, bool)> {
        let (last, row) = word.split_last()?;
        if !matches!(graph.op(*last), Op::Hadamard) || row.is_empty() {
            return None;
        }
        let (factors, moving, negative) = self.apart(graph, *last)?;
        let column = graph.turned_word(row);
        let column = graph.times(column);
        let weights = std::iter::once(column).filter(|c| !graph.is_all_ones(*c)).chain(factors);
        let weights: Vec<Id> = weights.collect();
        let weight = graph.entrywise_times(weights);
        Some((vec![graph.turned(weight), moving], negative))
    }

    /// The factors of an entrywise product that stand still, the one that varies, and whether a sign came out.
    fn apart(&mut self, graph: &Graph, hadamard: Id) -> Option<(Vec<Id>, Id, bool)> {
        let mut negative = false;
        let mut factors = graph.args(hadamard).to_vec();
        while let Some(at) = self.place(&factors)
            && let Some(factor) = factors.get(at).copied()
            && matches!(graph.op(factor), Op::Hadamard | Op::Negate)
        {
            negative ^= matches!(graph.op(factor), Op::Negate);
            factors.splice(at..=at, graph.args(factor).iter().copied());
        }
        let at = self.place(&factors)?;
        let moving = factors.remove(at);
        Some((factors, moving, negative))
    }

    /// A word transposed.
    fn transposed(&mut self, graph: &mut Graph, word: &[Id]) -> Vec<Id> {
        word.iter().rev().map(|factor| self.turn(graph, *factor)).collect()
    }

    /// A scalar with the sign and the scalar factors of its term.
    fn scaled(&self, graph: &mut Graph, term: &Term, scalar: Id) -> Id {
        let mut factors = term.scalars.clone();
        match graph.op(scalar) {
            Op::Product => factors.extend_from_slice(graph.args(scalar)),
            _ => factors.push(scalar),
        }
        let whole = graph.times(factors);
        if term.negative { graph.opposite(whole) } else { whole }
    }
}

/// The row times column in which a factor stands: the word up to where a scalar begins and ends.
fn row_times_column(graph: &Graph, word: &[Id], at: usize) -> Option<std::ops::Range<usize>> {
    let start = (0..=at).rev().find(|i| word.get(*i).is_some_and(|f| graph.shape(*f).is_row()))?;
    let end = (at..word.len()).find(|i| word.get(*i).is_some_and(|f| graph.shape(*f).is_column()))?;
    Some(start..end + 1)
}
