//! Products whose order is chosen when the function is called.
//!
//! In: the letters of a chain. Out: whether one order will not do for all sizes.
//! Invariant: only chains of whole matrices with nothing to share are left to the target, and only where it chooses
//! the best order itself; all others are associated here.
//!
//! `A B C` with sides m, k, n, p is `np.linalg.multi_dot([A, B, C])`; with sides n, n, n, n it is `A @ (B @ C)`.

use std::collections::BTreeMap;

use crate::cost::{Order, TYPICAL};
use crate::expr::Dim;

use super::lower::Lowering;
use super::word::{Kind, Letter, keys};

/// How many draws of sizes an order is tried on.
const DRAWS: usize = 40;
/// Of these, on how many it may take more than `SLACK` times the flops of the best order.
const MISSES: usize = 2;
const SLACK: f64 = 1.15;
/// The sizes that are drawn.
const SIZES: [i64; 5] = [10, 30, 100, 300, 1000];

/// Whether the best order of these letters depends on sizes, and the target finds it.
pub(super) fn is_open(lowering: &Lowering, letters: &[Letter]) -> bool {
    let own = lowering.target.operators.get("chain");
    if letters.len() < 3 || own.is_none_or(|o| o.most.is_some_and(|most| letters.len() > most)) {
        return false;
    }
    let sides: Vec<Dim> = [letters[0].rows].into_iter().chain(letters.iter().map(|l| l.cols)).collect();
    let plain = letters.iter().all(|l| l.kind == Kind::Plain && !l.carried);
    plain && !sides.contains(&Dim::ONE) && varies(lowering, &sides) && !has_shared(lowering, letters)
}

/// Whether a stretch of them occurs elsewhere too.
fn has_shared(lowering: &Lowering, letters: &[Letter]) -> bool {
    let n = letters.len();
    let mut stretches = (0..n).flat_map(|i| (i + 2..=n).map(move |j| (i, j)));
    stretches.any(|(i, j)| {
        let [straight, mirrored] = keys(lowering.graph, &letters[i..j]);
        lowering.stretches.count(&straight, &mirrored) > 1 || lowering.built(&straight, &mirrored).is_some()
    })
}

/// Whether the order for sides that are all alike is not good enough for others.
fn varies(lowering: &Lowering, sides: &[Dim]) -> bool {
    let dims = &lowering.graph.dims;
    let at = |size: &dyn Fn(&str) -> i64| -> Vec<f64> {
        sides.iter().map(|d| dims.evaluate(*d, size).max(1) as f64).collect()
    };
    let fixed = Order::best(&at(&|_| TYPICAL)).0;
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        SIZES[(state >> 33) as usize % SIZES.len()]
    };
    let misses = (0..DRAWS).filter(|_| {
        let drawn: BTreeMap<&str, i64> = dims.names().map(|name| (name, draw())).collect();
        let sizes = at(&|name| drawn.get(name).copied().unwrap_or(TYPICAL));
        fixed.flops(&sizes) > SLACK * Order::best(&sizes).1
    });
    misses.count() > MISSES
}

#[cfg(test)]
mod tests;
