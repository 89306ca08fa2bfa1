//! What is kept of each node: what follows from its operator and from what is kept of its arguments.
//!
//! In: a node as it is added. Out: [`Facts`], and the questions that they answer.
//! Invariant: worked out once, when the node is added, in time linear in its arguments.
//!
//! `(A B)^T` has the height 2, the size 4 and one transpose.

use super::graph::Graph;
use super::node::{Id, Op};
use super::number::Number;
use super::properties::Properties;
use super::shape::Shape;

/// What is kept of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub shape: Shape,
    pub properties: Properties,
    height: u32,
    size: u64,
    /// How many transposes stand so many levels below.
    transposes: [u32; LEVELS],
}

/// How far down transposes are counted.
const LEVELS: usize = 4;

impl Graph {
    pub(super) fn facts_of(&self, op: &Op, args: &[Id], shape: Shape, properties: Properties) -> Facts {
        let below = args.iter().map(|a| self.height(*a)).max();
        Facts {
            shape,
            properties,
            height: below.map_or(0, |h| h + 1),
            size: self.size_of(op, args),
            transposes: self.transposes_of(op, args),
        }
    }

    /// How many nodes stand above one another below this one.
    pub fn height(&self, id: Id) -> u32 {
        self.facts[id.index()].height
    }

    /// How many transposes a node has, down to the letters of its own words and arguments.
    pub fn count_transposes(&self, id: Id) -> u32 {
        self.facts[id.index()].transposes.iter().fold(0, |sum, n| sum.saturating_add(*n))
    }

    fn transposes_of(&self, op: &Op, args: &[Id]) -> [u32; LEVELS] {
        let mut count = [0; LEVELS];
        count[0] = u32::from(matches!(op, Op::Transpose));
        for a in args {
            for (level, n) in self.facts[a.index()].transposes.iter().take(LEVELS - 1).enumerate() {
                count[level + 1] = u32::saturating_add(count[level + 1], *n);
            }
        }
        count
    }

    /// The size of the form as a reader counts it: leaves + operators, a sum or product of n parts counting
    /// n−1 operators, a leading minus nothing; shared parts count each time. Saturates.
    pub fn form_size(&self, root: Id) -> u64 {
        self.facts[root.index()].size
    }

    /// The same of a node whose arguments have theirs.
    fn size_of(&self, op: &Op, args: &[Id]) -> u64 {
        let below = args.iter().fold(0u64, |sum, a| sum.saturating_add(self.form_size(*a)));
        // `^-1` of a matrix is one operator, as `^T` is; its exponent is no leaf.
        let inverse = u64::from(self.is_inverse(op, args));
        below.saturating_add(own_size(op, args.len())).saturating_sub(inverse)
    }

    /// Whether the node is `A^-1` of a matrix.
    pub(crate) fn is_matrix_inverse(&self, id: Id) -> bool {
        self.is_inverse(self.op(id), self.args(id))
    }

    fn is_inverse(&self, op: &Op, args: &[Id]) -> bool {
        let (Op::Power, [base, exponent]) = (op, args) else { return false };
        !self.shape(*base).is_scalar() && self.number(*exponent) == Some(Number::MINUS_ONE)
    }
}

/// What a node adds to the size of a form. A negation is part of the sum it stands in, or leads.
pub(crate) fn own_size(op: &Op, args: usize) -> u64 {
    match op {
        Op::Var(_)
        | Op::Differential(_)
        | Op::Num(_)
        | Op::Size(_)
        | Op::Identity(_)
        | Op::Ones(..)
        | Op::Zeros(..)
        | Op::Commutation(..) => 1,
        Op::Negate => 0,
        Op::Sum | Op::Product | Op::Hadamard | Op::Kronecker => args as u64 - 1,
        _ => 1,
    }
}
