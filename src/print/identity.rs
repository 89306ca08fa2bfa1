//! Where an identity may be written `I`, its size being clear from what stands around it.
//!
//! In: the nodes of an expression. Out: for each, whether its rows and columns follow from its own leaves.
//! Invariant: an `I` without a size is printed only where unification finds the size: `A + I`, `(I - A) x`,
//! but `kron(A, I(n))` and `tr(A) I(n)`.

use rustc_hash::FxHashMap;

use crate::expr::{Graph, Id, Op};

/// Which of rows and columns are determined.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Known {
    pub rows: bool,
    pub cols: bool,
}

impl Known {
    const BOTH: Known = Known { rows: true, cols: true };

    fn or(self, other: Known) -> Known {
        Known { rows: self.rows || other.rows, cols: self.cols || other.cols }
    }

    pub(super) fn all(self) -> bool {
        self.rows && self.cols
    }
}

/// What is known of each node from its leaves alone.
pub(super) fn known(graph: &Graph, ids: &[Id]) -> FxHashMap<Id, Known> {
    let mut found: FxHashMap<Id, Known> = FxHashMap::default();
    for id in ids {
        let args = graph.args(*id);
        let of = |a: &Id| found.get(a).copied().unwrap_or(Known::BOTH);
        let mut k = match graph.op(*id) {
            Op::Identity(_) => Known::default(),
            Op::Sum | Op::Hadamard | Op::ElementDivide => {
                args.iter().map(of).fold(Known::default(), Known::or)
            }
            Op::Product => {
                let bounds = boundaries(graph, args, &found, Known::default());
                Known { rows: bounds.first() == Some(&true), cols: bounds.last() == Some(&true) }
            }
            Op::Transpose => {
                args.first().map(of).map_or(Known::BOTH, |k| Known { rows: k.cols, cols: k.rows })
            }
            Op::Negate | Op::Divide | Op::Power | Op::ElementPower | Op::Map(_) => {
                args.first().map_or(Known::BOTH, of)
            }
            _ if args.iter().all(|a| of(a).all()) => Known::BOTH,
            _ => Known::default(),
        };
        if graph.shape(*id).is_scalar() {
            k = Known::BOTH;
        }
        found.insert(*id, k);
    }
    found
}

/// Before each matrix factor and after the last: whether the dimension there is determined.
fn boundaries(graph: &Graph, args: &[Id], found: &FxHashMap<Id, Known>, outside: Known) -> Vec<bool> {
    let letters: Vec<Id> = args.iter().copied().filter(|a| !graph.shape(*a).is_scalar()).collect();
    let mut bounds = vec![false; letters.len() + 1];
    let set = |bounds: &mut Vec<bool>, i: usize, value: bool| {
        if let Some(b) = bounds.get_mut(i) {
            *b |= value;
        }
    };
    for (i, letter) in letters.iter().enumerate() {
        let k = found.get(letter).copied().unwrap_or(Known::BOTH);
        set(&mut bounds, i, k.rows);
        set(&mut bounds, i + 1, k.cols);
    }
    set(&mut bounds, 0, outside.rows);
    set(&mut bounds, letters.len(), outside.cols);
    // A square factor of unknown size, an I, passes on what its neighbour fixes.
    let square = |i: usize| letters.get(i).is_some_and(|l| graph.shape(*l).is_square());
    for i in (0..letters.len()).chain((0..letters.len()).rev()) {
        if square(i) {
            let either = bounds.get(i) == Some(&true) || bounds.get(i + 1) == Some(&true);
            set(&mut bounds, i, either);
            set(&mut bounds, i + 1, either);
        }
    }
    bounds
}

/// For each argument of a node: whether its shape is fixed by what stands around it.
pub(super) fn fixed(graph: &Graph, id: Id, found: &FxHashMap<Id, Known>, outside: bool) -> Vec<bool> {
    let args = graph.args(id);
    let of = |a: &Id| found.get(a).copied().unwrap_or(Known::BOTH);
    match graph.op(id) {
        Op::Sum | Op::Hadamard => {
            let all = outside || args.iter().map(of).fold(Known::default(), Known::or).all();
            vec![all; args.len()]
        }
        Op::Product => {
            let bounds = boundaries(graph, args, found, Known { rows: outside, cols: outside });
            let mut letter = 0;
            let mut fix = |a: &Id| {
                if graph.shape(*a).is_scalar() {
                    return false;
                }
                letter += 1;
                bounds.get(letter - 1) == Some(&true) && bounds.get(letter) == Some(&true)
            };
            args.iter().map(&mut fix).collect()
        }
        Op::Negate | Op::Divide | Op::Transpose | Op::Power | Op::ElementPower | Op::Map(_) => {
            vec![outside; args.len()]
        }
        _ => vec![false; args.len()],
    }
}
