//! The product rule and its kin: quotients and linear systems.
//!
//! In: factors and the differentials of those that vary. Out: the differential, in the order of the factors.
//! Invariant: factors never change places, matrices do not commute.
//!
//! `A B` gives `dA B + A dB`. Source: Magnus and Neudecker 8.1–8.4.

use smallvec::SmallVec;

use crate::expr::{Graph, Id, Number, Op};

use super::Differentials;

/// Products with more varying factors are differentiated factor by factor on shared prefixes, which keeps
/// the graph linear in their number.
const FLAT_FACTORS: usize = 24;

/// The product rule.
pub(super) fn product(g: &mut Graph, args: &[Id], ds: &Differentials) -> Option<Id> {
    if args.len() <= FLAT_FACTORS {
        return in_place(g, Op::Product, args, ds);
    }
    let (mut prefix, mut d) = (*args.first()?, *ds.first()?);
    for (factor, df) in args.iter().zip(ds).skip(1) {
        let first = d.map(|d| g.product([d, *factor]));
        let second = df.map(|df| g.product([prefix, df]));
        d = g.add_up(first.into_iter().chain(second));
        prefix = g.product([prefix, *factor]);
    }
    d
}

/// The sum over the varying arguments of the operator with that one replaced by its differential.
pub(super) fn in_place(g: &mut Graph, op: Op, args: &[Id], ds: &Differentials) -> Option<Id> {
    let mut terms: SmallVec<[Id; 3]> = SmallVec::new();
    for (i, d) in ds.iter().enumerate() {
        let Some(d) = d else { continue };
        let replaced = args.iter().enumerate().map(|(j, a)| if i == j { *d } else { *a });
        let replaced: SmallVec<[Id; 3]> = replaced.collect();
        terms.push(match op {
            Op::Product => g.times(replaced),
            _ => g.add(op.clone(), replaced),
        });
    }
    g.add_up(terms)
}

/// The product rule for `.*`.
pub(super) fn entrywise(g: &mut Graph, args: &[Id], ds: &Differentials) -> Option<Id> {
    if args.len() <= FLAT_FACTORS {
        return in_place(g, Op::Hadamard, args, ds);
    }
    let (mut prefix, mut d) = (*args.first()?, *ds.first()?);
    for (factor, df) in args.iter().zip(ds).skip(1) {
        let first = d.map(|d| g.entrywise_times([d, *factor]));
        let second = df.map(|df| g.entrywise_times([prefix, df]));
        d = g.add_up(first.into_iter().chain(second));
        prefix = g.entrywise_times([prefix, *factor]);
    }
    d
}

/// `d(a / s) = da / s - a ds / s^2`.
pub(super) fn quotient(g: &mut Graph, a: Id, s: Id, da: Option<Id>, ds: Option<Id>) -> Option<Id> {
    let first = da.map(|da| g.add(Op::Divide, [da, s]));
    let second = ds.map(|ds| {
        let scaled = if g.shape(a).is_scalar() { g.times([a, ds]) } else { g.times([ds, a]) };
        let square = g.power(s, 2);
        let quotient = g.add(Op::Divide, [scaled, square]);
        g.opposite(quotient)
    });
    g.add_up(first.into_iter().chain(second))
}

/// `d(a ./ b) = da ./ b - a .* db ./ b.^2`, either side may be a scalar.
pub(super) fn entrywise_quotient(g: &mut Graph, a: Id, b: Id, da: Option<Id>, db: Option<Id>) -> Option<Id> {
    if g.shape(b).is_scalar() {
        return quotient(g, a, b, da, db);
    }
    let first = da.map(|da| g.add(Op::ElementDivide, [da, b]));
    let second = db.map(|db| {
        let scaled = if g.shape(a).is_scalar() { g.times([a, db]) } else { g.entrywise_times([a, db]) };
        let two = g.num(Number::integer(2));
        let square = g.add(Op::ElementPower, [b, two]);
        let quotient = g.add(Op::ElementDivide, [scaled, square]);
        g.opposite(quotient)
    });
    g.add_up(first.into_iter().chain(second))
}

/// `d(A \ b) = A \ (db - dA (A \ b))`; `y` is the node `A \ b`.
pub(super) fn solve(g: &mut Graph, y: Id, a: Id, da: Option<Id>, db: Option<Id>) -> Option<Id> {
    let change = da.map(|da| {
        let product = g.product([da, y]);
        g.opposite(product)
    });
    let right = g.add_up(db.into_iter().chain(change))?;
    Some(match (db, g.op(right), g.args(right)) {
        // A sign is written outside: `-(A \ dA y)`.
        (None, Op::Negate, &[inner]) => {
            let solved = g.add(Op::Solve, [a, inner]);
            g.opposite(solved)
        }
        _ => g.add(Op::Solve, [a, right]),
    })
}
