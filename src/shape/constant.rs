//! Numbers computed from numbers alone, to catch what is undefined where it is written.
//!
//! In: a node whose parts are folded. Out: its value, or the error of `1/0` and `0^0`.
//! Invariant: exact, and bounded in size. Example: `2^(1/2 - 1/2)` has the exponent 0.

use crate::diagnostic::Diagnostic;
use crate::expr::Number;
use crate::syntax::{Ast, AstId, AstKind, Binary, Sign};

use super::check::Result;

/// The largest exponent, and the largest denominator of one.
pub(super) const MAX_EXPONENT: i64 = 1_000_000;

/// No constant with more bits is computed.
const MAX_BITS: u64 = 4096;

/// The value of a node, where it is made of numbers alone.
pub(super) fn fold(ast: &Ast, id: AstId, constants: &[Option<Number>]) -> Result<Option<Number>> {
    let of = |a: AstId| constants.get(a.0 as usize).and_then(Option::as_ref);
    let bounded = |n: Number| match &n {
        Number::Big(r) if r.numer().bits().max(r.denom().bits()) > MAX_BITS => None,
        _ => Some(n),
    };
    let signed = |parts: &[(Sign, AstId)]| {
        parts.iter().try_fold(Number::ZERO, |sum, (sign, a)| {
            let n = of(*a)?.clone();
            bounded(sum + if *sign == Sign::Minus { -n } else { n })
        })
    };
    Ok(match &ast.node(id).kind {
        AstKind::Number(n) => Some(n.clone()),
        AstKind::Sum(parts) | AstKind::DotSum(parts) => signed(parts),
        AstKind::Negate(a) => of(*a).map(|n| -n.clone()),
        AstKind::Product(parts) => {
            parts.iter().try_fold(Number::ONE, |product, a| bounded(product * of(*a)?.clone()))
        }
        AstKind::Binary(op, a, b) => return binary(ast, id, *op, (*a, of(*a)), (*b, of(*b))),
        AstKind::Call { function, args, dotted: false, .. } if function == "inv" => match args.as_slice() {
            [a] => match of(*a) {
                Some(n) => Some(n.recip().ok_or_else(|| undefined(ast, *a, "the inverse of zero"))?),
                None => None,
            },
            _ => None,
        },
        _ => None,
    })
}

type Part<'a> = (AstId, Option<&'a Number>);

fn binary(ast: &Ast, id: AstId, op: Binary, a: Part, b: Part) -> Result<Option<Number>> {
    let zero = |n: Option<&Number>| n.is_some_and(Number::is_zero);
    Ok(match op {
        Binary::Divide | Binary::ElementDivide if zero(b.1) => {
            return Err(undefined(ast, b.0, "a division by zero"));
        }
        Binary::Solve if zero(a.1) => return Err(undefined(ast, a.0, "a division by zero")),
        Binary::Power | Binary::ElementPower if zero(a.1) && b.1.is_some_and(|k| k.is_zero()) => {
            return Err(undefined(ast, id, "`0^0`"));
        }
        Binary::Power | Binary::ElementPower if zero(a.1) && b.1.is_some_and(|k| k.is_negative()) => {
            return Err(undefined(ast, id, "a negative power of zero"));
        }
        _ => match (op, a.1, b.1) {
            (Binary::Divide | Binary::ElementDivide, Some(p), Some(q)) => q.recip().map(|r| p.clone() * r),
            (Binary::Solve, Some(p), Some(q)) => p.recip().map(|r| q.clone() * r),
            (Binary::ElementTimes | Binary::Kronecker, Some(p), Some(q)) => Some(p.clone() * q.clone()),
            (Binary::Power | Binary::ElementPower, Some(p), Some(k)) => {
                k.to_integer().and_then(|k| p.pow(k, MAX_BITS))
            }
            _ => None,
        },
    })
}

fn undefined(ast: &Ast, id: AstId, what: &str) -> Diagnostic {
    Diagnostic::request("E0130", format!("{what} is not defined")).at(
        &ast.source,
        ast.node(id).span,
        "always zero",
    )
}
