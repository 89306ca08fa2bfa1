//! Matrices that carry the differential, seen through the vectors they are multiplied by.
//!
//! In: `L op(Y) r` with a matrix Y linear in `dx` and a free column r, or the diagonal of `L op(Y) R`. Out:
//! the Jacobian, a term for each way down to a vector that carries `dx`.
//! Invariant: the value of left, node and right together is what was asked for, for every task.
//!
//! `diag(dx) r` gives `diag(r)`; `diag(A diag(dx) B)` gives `A .* B^T`.
//! Source: Magnus and Neudecker 3.6 and 8.4; Horn and Johnson, Topics in Matrix Analysis, 5.1.4.

use crate::diagnostic::Diagnostic;
use crate::expr::{Graph, Id, Node, Op};

use super::jacobian::{Forward, diagonal_matrix};
use super::word::{Word, joined, split};

/// Terms of one expansion; beyond, the columns are listed instead.
const TERMS: usize = 1000;

/// What is read off the matrix `left op(node) right`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// Its only column.
    Column,
    /// Its diagonal.
    Diagonal,
}

struct Task {
    left: Vec<Id>,
    node: Id,
    flipped: bool,
    right: Vec<Id>,
}

enum Outcome {
    Term(Id),
    Tasks(Vec<Task>),
    Unknown,
}

impl Forward<'_> {
    /// The Jacobian of the column or the diagonal of `left op(node) right`.
    pub(super) fn expand(
        &mut self,
        left: Vec<Id>,
        node: Id,
        flipped: bool,
        right: Vec<Id>,
        reading: Reading,
    ) -> Result<Option<Id>, Diagnostic> {
        let mut stack = vec![Task { left, node, flipped, right }];
        let mut terms = Vec::new();
        let mut seen = 0;
        while let Some(task) = stack.pop() {
            seen += 1;
            if seen > TERMS {
                return Ok(None);
            }
            match self.step(task, reading)? {
                Outcome::Term(term) => terms.push(term),
                Outcome::Tasks(tasks) => stack.extend(tasks.into_iter().rev()),
                Outcome::Unknown => return Ok(None),
            }
        }
        Ok(self.graph.add_up(terms))
    }

    fn step(&mut self, task: Task, reading: Reading) -> Result<Outcome, Diagnostic> {
        let Task { left, node, flipped, right } = task;
        if !self.graph.shape(node).is_matrix() {
            let Some(&j) = self.found.get(&node) else { return Ok(Outcome::Unknown) };
            return Ok(Outcome::Term(match reading {
                Reading::Column => self.vector_term(&left, node, flipped, &right, j),
                Reading::Diagonal => self.diagonal_of_outer(&left, node, flipped, &right, j),
            }));
        }
        let Node { op, args } = self.graph.node(node).clone();
        let g = &mut *self.graph;
        Ok(match (op, args.as_slice()) {
            (Op::Sum, _) => Outcome::Tasks(
                args.iter()
                    .filter(|a| self.active.contains(a))
                    .map(|a| Task { left: left.clone(), node: *a, flipped, right: right.clone() })
                    .collect(),
            ),
            (Op::Negate, &[a]) => {
                let sign = g.int(-1);
                one(Task { left: [vec![sign], left].concat(), node: a, flipped, right })
            }
            (Op::Transpose, &[a]) => one(Task { left, node: a, flipped: !flipped, right }),
            (Op::Divide, &[a, s]) if self.active.contains(&a) && !self.active.contains(&s) => {
                let n = g.int(1);
                let factor = g.add(Op::Divide, [n, s]);
                one(Task { left: [vec![factor], left].concat(), node: a, flipped, right })
            }
            (Op::Solve, &[a, y]) if !self.active.contains(&a) => {
                let (mut left, mut right) = (left, right);
                if flipped {
                    let turned = g.turned(a);
                    right.insert(0, g.power(turned, -1));
                } else {
                    left.push(g.power(a, -1));
                }
                one(Task { left, node: y, flipped, right })
            }
            (Op::Call(f), &[u]) if g.catalog().entry(f).name == "diag" => match self.found.get(&u).copied() {
                Some(j) => Outcome::Term(self.diagonal_between(&left, &right, j, reading)),
                None => Outcome::Unknown,
            },
            (Op::Product, _) => {
                let active = &self.active;
                match split(g, &args, |a| active.contains(&a)) {
                    Some(word) => self.product_step(left, word, flipped, right, reading)?,
                    None => Outcome::Unknown,
                }
            }
            _ => Outcome::Unknown,
        })
    }

    fn product_step(
        &mut self,
        left: Vec<Id>,
        word: Word,
        flipped: bool,
        right: Vec<Id>,
        reading: Reading,
    ) -> Result<Outcome, Diagnostic> {
        let Some(node) = word.active else { return Ok(Outcome::Unknown) };
        if word.scaled.is_empty() {
            let g = &mut *self.graph;
            let (before, after) = match flipped {
                true => (g.turned_word(&word.right), g.turned_word(&word.left)),
                false => (word.left, word.right),
            };
            let left = [word.scalars, left, before].concat();
            return Ok(one(Task { left, node, flipped, right: [after, right].concat() }));
        }
        let Some(row) = self.through(word.left, node, false, word.right)? else {
            return Ok(Outcome::Unknown);
        };
        let g = &mut *self.graph;
        let scaled = if flipped { g.turned_word(&word.scaled) } else { word.scaled };
        Ok(Outcome::Term(match reading {
            Reading::Column => joined(g, &[&word.scalars, &left, &scaled, &right, &[row]]),
            Reading::Diagonal => {
                let matrix = joined(g, &[&left, &scaled, &right]);
                let diagonal = g.call_fitting("diag", &[matrix]);
                joined(g, &[&word.scalars, &[diagonal, row]])
            }
        }))
    }

    /// `left diag(u) right`: its column is `left diag(right) u`, its diagonal `(left .* right^T) u`.
    fn diagonal_between(&mut self, left: &[Id], right: &[Id], j: Id, reading: Reading) -> Id {
        let g = &mut *self.graph;
        if reading == Reading::Column {
            let right = g.times(right.iter().copied());
            let diagonal = diagonal_matrix(g, right);
            return joined(g, &[left, &[diagonal, j]]);
        }
        let (scalars, left): (Vec<Id>, Vec<Id>) = left.iter().partition(|f| g.shape(**f).is_scalar());
        let matrix = match (left.as_slice(), right) {
            ([], []) => return joined(g, &[&scalars, &[j]]),
            ([], only) | (only, []) => {
                let only = g.times(only.iter().copied());
                let diagonal = g.call_fitting("diag", &[only]);
                diagonal_matrix(g, diagonal)
            }
            (left, right) => {
                let left = joined(g, &[left]);
                let right = g.turned_word(right);
                let right = joined(g, &[&right]);
                g.entrywise_times([left, right])
            }
        };
        joined(g, &[&scalars, &[matrix, j]])
    }

    /// The diagonal of `(left u) right` with a row `right`, or of `left (u^T right)` with a column `left`.
    fn diagonal_of_outer(&mut self, left: &[Id], u: Id, flipped: bool, right: &[Id], j: Id) -> Id {
        let g = &mut *self.graph;
        let shape = if flipped { g.shape(u).transposed() } else { g.shape(u) };
        let turned = g.turned_word(right);
        if shape.is_column() {
            let weights = diagonal_word(g, &turned);
            return joined(g, &[&weights, left, &[j]]);
        }
        let weights = diagonal_word(g, left);
        joined(g, &[&weights, &turned, &[j]])
    }
}

/// `diag(word)` of a word that is a column, scalars in front.
fn diagonal_word(g: &mut Graph, word: &[Id]) -> Vec<Id> {
    let (mut scalars, rest): (Vec<Id>, Vec<Id>) = word.iter().partition(|f| g.shape(**f).is_scalar());
    if !rest.is_empty() {
        let column = joined(g, &[&rest]);
        scalars.push(diagonal_matrix(g, column));
    }
    scalars
}

fn one(task: Task) -> Outcome {
    Outcome::Tasks(vec![task])
}
