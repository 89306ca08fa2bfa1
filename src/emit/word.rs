//! Products as words.
//!
//! In: the factors of a product node. Out: its number, its scalar factors, its chains of matrices as [`Letter`]s.
//! Invariant: brackets do not matter: a product inside a product, its transpose, `A \ b` and signs are taken apart, so
//! that equal stretches of two products are equal slices of their words.
//!
//! `-2 (A B)^T x` is the number -2 and the word `B^T A^T x`.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::expr::{Dim, Graph, Id, Number, Op, Properties};

/// What a letter stands for: a node, its transpose, its inverse, or both.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Key {
    pub id: Id,
    pub turned: bool,
    pub inverse: bool,
}

/// How a letter is multiplied with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// As any matrix or vector.
    Plain,
    /// By solving with it; where it is triangular, by substitution.
    Inverse { triangular: bool },
    /// By scaling with the diagonal that this node has.
    Diagonal,
}

/// A factor of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Letter {
    pub key: Key,
    pub kind: Kind,
    pub rows: Dim,
    pub cols: Dim,
    /// Whether it depends on the direction that is carried through the product.
    pub carried: bool,
}

/// A product taken apart.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub number: Number,
    /// Scalar factors.
    pub scalars: Vec<Id>,
    /// Scalar divisors.
    pub divisors: Vec<Id>,
    /// Chains of matrices; all but one of them are 1×1.
    pub chains: Vec<Vec<Letter>>,
}

/// Takes the product of these factors apart. `carried` tells what depends on a direction.
pub(super) fn split(graph: &Graph, args: &[Id], carried: &dyn Fn(Id) -> bool) -> Word {
    let mut word =
        Word { number: Number::ONE, scalars: Vec::new(), divisors: Vec::new(), chains: Vec::new() };
    let mut chain: Vec<Letter> = Vec::new();
    let mut open: Vec<Key> = args.iter().rev().map(|a| key(*a, false, false)).collect();
    while let Some(next) = open.pop() {
        let Key { id, turned, inverse } = next;
        if let Some(n) = graph.number(id) {
            word.number = word.number * n;
        } else if graph.shape(id).is_scalar() && !inverse {
            word.scalars.push(id);
        } else if !taken_apart(graph, next, &mut word, &mut open) {
            let mut letter = letter(graph, key(id, turned, inverse));
            letter.carried = carried(id);
            chain.push(letter);
            if chain[0].rows == Dim::ONE && letter.cols == Dim::ONE {
                word.chains.push(std::mem::take(&mut chain));
            }
        }
    }
    if !chain.is_empty() {
        word.chains.push(chain);
    }
    for chain in &mut word.chains {
        let eye = |l: &Letter| matches!(graph.op(l.key.id), Op::Identity(_));
        match chain.iter().all(eye) {
            true => chain.truncate(1),
            false => chain.retain(|l| !eye(l)),
        }
    }
    word
}

fn key(id: Id, turned: bool, inverse: bool) -> Key {
    Key { id, turned, inverse }
}

/// Puts what a factor is made of in its place.
fn taken_apart(graph: &Graph, factor: Key, word: &mut Word, open: &mut Vec<Key>) -> bool {
    let Key { id, turned, inverse } = factor;
    match (graph.op(id), graph.args(id)) {
        (Op::Transpose, [a]) => open.push(key(*a, !turned, inverse)),
        _ if inverse => return false,
        (Op::Negate, [a]) => {
            word.number = -word.number.clone();
            open.push(key(*a, turned, false));
        }
        (Op::Divide, [a, s]) => {
            word.divisors.push(*s);
            open.push(key(*a, turned, false));
        }
        (Op::Product, factors) if turned => open.extend(factors.iter().map(|f| key(*f, true, false))),
        (Op::Product, factors) => open.extend(factors.iter().rev().map(|f| key(*f, false, false))),
        (Op::Power, [base, _]) if graph.is_matrix_inverse(id) => open.push(key(*base, turned, true)),
        (Op::Power, [base, _]) => match repeated(graph, id) {
            Some(k) => open.extend((0..k.unsigned_abs()).map(|_| key(*base, turned, k < 0))),
            None => return false,
        },
        (Op::Solve, [a, b]) if turned => open.extend([key(*a, true, true), key(*b, true, false)]),
        (Op::Solve, [a, b]) => open.extend([key(*b, false, false), key(*a, false, true)]),
        _ => return false,
    }
    true
}

/// The exponent of a power that is written as a product: `A^2`, `A^-3`.
fn repeated(graph: &Graph, id: Id) -> Option<i64> {
    let [base, exponent] = graph.args(id) else { return None };
    let whole = graph.number(*exponent).and_then(|k| k.to_integer());
    whole.filter(|k| graph.shape(*base).is_matrix() && (2..=POWER).contains(&k.abs()))
}

/// Whether a node is a product of matrices, however it is written.
pub(super) fn is_word(graph: &Graph, id: Id) -> bool {
    match graph.op(id) {
        Op::Product => true,
        Op::Solve => graph.shape(graph.args(id)[0]).is_matrix(),
        Op::Power => repeated(graph, id).is_some(),
        _ => false,
    }
}

fn letter(graph: &Graph, key: Key) -> Letter {
    let properties = graph.properties(key.id);
    let shape = if key.turned { graph.shape(key.id).transposed() } else { graph.shape(key.id) };
    let kind = match () {
        () if shape.is_matrix() && properties.has(Properties::DIAGONAL) && !is_identity(graph, key.id) => {
            Kind::Diagonal
        }
        () if key.inverse => {
            let triangular = properties.any(Properties::LOWER.with(Properties::UPPER));
            Kind::Inverse { triangular }
        }
        () => Kind::Plain,
    };
    let turned = key.turned && !properties.has(Properties::SYMMETRIC);
    Letter { key: Key { turned, ..key }, kind, rows: shape.rows, cols: shape.cols, carried: false }
}

fn is_identity(graph: &Graph, id: Id) -> bool {
    matches!(graph.op(id), Op::Identity(_) | Op::Zeros(..))
}

/// The keys of a slice and of its transpose.
pub(super) fn keys(graph: &Graph, letters: &[Letter]) -> [Vec<Key>; 2] {
    let turned = |k: Key| {
        let own = graph.properties(k.id).has(Properties::SYMMETRIC);
        Key { turned: !k.turned && !own, ..k }
    };
    let straight: Vec<Key> = letters.iter().map(|l| l.key).collect();
    let mirrored = straight.iter().rev().map(|k| turned(*k)).collect();
    [straight, mirrored]
}

/// How often each stretch of letters, or its transpose, occurs in the products that are to be computed.
#[derive(Default)]
pub(super) struct Stretches {
    counts: FxHashMap<Vec<Key>, u32>,
    /// Those that every product is to be built from.
    wanted: Vec<Vec<Key>>,
}

/// Higher powers are left to the target.
const POWER: i64 = 3;
/// Longer words are not searched for stretches in common.
pub(super) const LONGEST: usize = 40;

impl Stretches {
    /// The stretches of all products below `roots`.
    pub fn of(graph: &Graph, roots: &[Id], wanted: &[Vec<Key>]) -> Stretches {
        let mut found = Stretches { wanted: wanted.to_vec(), ..Stretches::default() };
        let ids = graph.reachable(roots);
        let traced: FxHashSet<Id> = ids.iter().filter_map(|id| traced(graph, *id)).collect();
        for id in ids.into_iter().filter(|id| is_word(graph, *id)) {
            for chain in split_product(graph, id).chains.iter().filter(|c| c.len() <= LONGEST) {
                // Under a trace the ends of a word meet.
                let n = chain.len();
                let around = traced.contains(&id) && chain[0].rows != Dim::ONE;
                let (starts, longest) = if around { (n, n - 1) } else { (n.saturating_sub(1), n) };
                let letters = if around { [&chain[..], &chain[..]].concat() } else { chain.clone() };
                for i in 0..starts {
                    for j in i + 2..=letters.len().min(i + longest) {
                        found.add(graph, &letters[i..j]);
                    }
                }
            }
        }
        found
    }

    fn add(&mut self, graph: &Graph, letters: &[Letter]) {
        let [a, b] = keys(graph, letters);
        *self.counts.entry(a.min(b)).or_default() += 1;
    }

    /// How often a stretch occurs.
    pub fn count(&self, straight: &[Key], mirrored: &[Key]) -> u32 {
        self.counts.get(straight.min(mirrored)).copied().unwrap_or(1)
    }

    /// Whether products are to be built from a stretch.
    pub fn is_wanted(&self, straight: &[Key], mirrored: &[Key]) -> bool {
        self.wanted.iter().any(|w| w == straight || w == mirrored)
    }

    /// The pairs of letters that occur more than once, in order.
    pub fn common_pairs(&self) -> Vec<Vec<Key>> {
        let often = self.counts.iter().filter(|(keys, n)| keys.len() == 2 && **n > 1);
        let mut found: Vec<Vec<Key>> = often.map(|(keys, _)| keys.clone()).collect();
        found.sort_unstable();
        found
    }
}

/// What a trace is taken of.
pub(super) fn traced(graph: &Graph, id: Id) -> Option<Id> {
    match (graph.op(id), graph.args(id)) {
        (Op::Call(f), [a]) if graph.catalog().entry(*f).name == "tr" => Some(*a),
        _ => None,
    }
}

/// A product node, or `A \ B`, taken apart; a scalar one by its factors.
pub(super) fn split_product(graph: &Graph, id: Id) -> Word {
    match graph.op(id) {
        Op::Product => split(graph, graph.args(id), &|_| false),
        _ => split(graph, &[id], &|_| false),
    }
}
