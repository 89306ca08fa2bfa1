//! Functions left abstract: the chain rule with their derivatives as symbols.
//!
//! In: `g(x)`, `Y'(X)[E]`, `psi.(x)` and the differential of the argument. Out: the next derivative.
//! Invariant: a derivative of second or higher order is symmetric in its directions.
//!
//! `g(x)` gives `g'(x) dx`; `Y(X)` gives `Y'(X)[dX]`; `psi.(x)` gives `psi'.(x) .* dx`.

use smallvec::SmallVec;

use crate::diagnostic::Diagnostic;
use crate::expr::{AbstractId, Graph, Id, Op};

use super::Differentials;

/// The code of the error that a derivative alone is no matrix: along directions it may be.
pub const NO_MATRIX: &str = "E0305";

/// The differential of `f^(k)(x)`.
pub(super) fn apply(g: &mut Graph, f: AbstractId, k: u8, x: Id, dx: Id) -> Result<Id, Diagnostic> {
    let next = next_order(k)?;
    let (argument, value) = (g.function(f).argument.1, g.function(f).value.1);
    if argument.is_scalar() {
        let derivative = g.add(Op::Apply(f, next), [x]);
        return Ok(if value.is_scalar() { g.times([derivative, dx]) } else { g.times([dx, derivative]) });
    }
    match k {
        0 if argument.is_column() && value.is_column() => {
            let derivative = g.add(Op::Apply(f, 1), [x]);
            Ok(g.times([derivative, dx]))
        }
        0 if value.is_scalar() => {
            let gradient = g.add(Op::Apply(f, 1), [x]);
            Ok(g.inner(gradient, dx))
        }
        0 => Ok(g.add(Op::ApplyAlong(f, 1), [x, dx])),
        1 if argument.is_column() && value.is_scalar() => {
            let hessian = g.add(Op::Apply(f, 2), [x]);
            let row = g.transpose(dx);
            Ok(g.times([row, hessian]))
        }
        _ => Err(no_form(g, f, next)),
    }
}

/// The differential of `f^(k)(X)[E, …]`: one direction more, and each direction's own change.
pub(super) fn along(
    g: &mut Graph,
    f: AbstractId,
    k: u8,
    args: &[Id],
    ds: &Differentials,
) -> Result<Option<Id>, Diagnostic> {
    let mut terms: SmallVec<[Id; 3]> = SmallVec::new();
    if let Some(Some(dx)) = ds.first() {
        let args = args.iter().copied().chain([*dx]);
        terms.push(g.add(Op::ApplyAlong(f, next_order(k)?), args));
    }
    for (i, d) in ds.iter().enumerate().skip(1) {
        let Some(d) = d else { continue };
        let replaced = args.iter().enumerate().map(|(j, a)| if i == j { *d } else { *a });
        terms.push(g.add(Op::ApplyAlong(f, k), replaced));
    }
    Ok(g.add_up(terms))
}

/// The differential of `f^(k).(x)`.
pub(super) fn map(g: &mut Graph, f: AbstractId, k: u8, x: Id, dx: Id) -> Result<Id, Diagnostic> {
    let derivative = g.add(Op::ApplyMap(f, next_order(k)?), [x]);
    Ok(g.entrywise_times([derivative, dx]))
}

fn next_order(k: u8) -> Result<u8, Diagnostic> {
    k.checked_add(1).ok_or_else(|| Diagnostic::request("E0304", "a derivative of this order is out of range"))
}

fn no_form(g: &Graph, f: AbstractId, order: u8) -> Diagnostic {
    let name = &g.function(f).name;
    Diagnostic::request(NO_MATRIX, format!("the derivative of order {order} of {name} is no matrix"))
        .help(format!("a derivative of {name} of lower order, or of a scalar function, has a form"))
}
