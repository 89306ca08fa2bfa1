//! A product taken apart around the one factor that carries the differential.
//!
//! In: the factors of a product and which of them is active. Out: the scalars, the words to its left and
//! right, and what the stretch they form scales. Invariant: the product of the parts is the product.
//!
//! `s (x^T A dx) B` with active dx: scalars `s`, left `x^T A`, right nothing, scaled `B`.

use crate::expr::{Graph, Id};

/// A product around its active factor.
#[derive(Debug, Default)]
pub(super) struct Word {
    /// Free scalar factors, closed stretches among them.
    pub scalars: Vec<Id>,
    /// The free factors before the active one in its stretch.
    pub left: Vec<Id>,
    /// The free factors after it.
    pub right: Vec<Id>,
    /// Where the active stretch is a scalar: the stretch that it multiplies.
    pub scaled: Vec<Id>,
    /// The active factor.
    pub active: Option<Id>,
}

/// Takes a product apart; `None` where more than one factor is active, for then it is not linear.
pub(super) fn split(g: &mut Graph, args: &[Id], is_active: impl Fn(Id) -> bool) -> Option<Word> {
    let active = args.iter().position(|a| is_active(*a))?;
    if args.iter().skip(active + 1).any(|a| is_active(*a)) {
        return None;
    }
    let mut word = Word { active: Some(args[active]), ..Word::default() };
    let mut alone = false;
    let mut stretches: Vec<Vec<usize>> = vec![Vec::new()];
    let (mut rows, mut open) = (None, false);
    for (i, a) in args.iter().enumerate() {
        let shape = g.shape(*a);
        if shape.is_scalar() {
            match i == active {
                true => alone = true,
                false => word.scalars.push(*a),
            }
            continue;
        }
        if !open {
            stretches.push(Vec::new());
            rows = Some(shape.rows);
        }
        if let Some(stretch) = stretches.last_mut() {
            stretch.push(i);
        }
        // A stretch of the shape 1×1 is a scalar, and what follows it is another stretch.
        open = !(rows == Some(crate::expr::Dim::ONE) && shape.is_column());
    }
    for stretch in stretches.iter().filter(|s| !s.is_empty()) {
        let ids: Vec<Id> = stretch.iter().map(|i| args[*i]).collect();
        if let Some(at) = stretch.iter().position(|i| *i == active) {
            word.left = ids[..at].to_vec();
            word.right = ids[at + 1..].to_vec();
            // A later stretch is what this one scales.
            continue;
        }
        let product = g.times(ids.iter().copied());
        if g.shape(product).is_scalar() {
            word.scalars.push(product);
        } else {
            word.scaled = ids;
        }
    }
    debug_assert!(!alone || (word.left.is_empty() && word.right.is_empty()));
    Some(word)
}

/// `f g h` with the ones left out, followed by more words.
pub(super) fn joined(g: &mut Graph, words: &[&[Id]]) -> Id {
    let all: Vec<Id> = words.concat();
    let kept: Vec<Id> = all.iter().copied().filter(|f| !g.is_identity(*f)).collect();
    if kept.iter().all(|f| g.shape(*f).is_scalar()) && !all.is_empty() {
        // Only identities and scalars: one identity keeps the shape.
        let identity = all.iter().copied().find(|f| !g.shape(*f).is_scalar());
        return g.times(kept.into_iter().chain(identity));
    }
    g.times(kept)
}
