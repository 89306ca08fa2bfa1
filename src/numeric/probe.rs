//! Whether an expression is defined anywhere at all.
//!
//! In: an expression as it was read. Out: a node that has no value at any point tried.
//! Invariant: the points are generic ones of the prime field, where nothing is zero by accident: an inverse
//! that fails at every one fails identically. Example: `inv(x x^T)` with n > 1.

use crate::expr::{Graph, Id};

use super::sample::draw_exact;
use super::tape::Tape;
use super::undefined::Undefined;

/// Points tried, each with its own order of sizes.
const POINTS: usize = 12;

/// The first node below `roots` that is undefined at every generic point; `None` where each is defined
/// somewhere. Functions that the prime field does not have are passed over. Call [`lower`](super::lower())
/// before.
pub fn nowhere_defined(graph: &Graph, roots: &[Id]) -> Option<Undefined> {
    let tape = Tape::new(graph, roots);
    let mut suspects: Option<Vec<Undefined>> = None;
    for attempt in 0..POINTS {
        let Ok(point) = draw_exact(graph, 0x90_be, attempt) else { continue };
        let failures: Vec<Undefined> =
            tape.failures(graph, &point).into_iter().filter(|u| u.why.is_mathematical()).collect();
        let remaining = match suspects {
            None => failures,
            Some(old) => old.into_iter().filter(|u| failures.iter().any(|f| f.at == u.at)).collect(),
        };
        if remaining.is_empty() {
            return None;
        }
        suspects = Some(remaining);
    }
    suspects?.into_iter().next()
}
