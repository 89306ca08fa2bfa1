//! Powers: of scalars, of square matrices, and entry by entry.
//!
//! In: base, exponent and their differentials. Out: the differential of the power.
//! Invariant: a matrix power is differentiated without assuming that the base commutes with its differential.
//!
//! `A^3` gives `dA A^2 + A dA A + A^2 dA`; `A^(1/2)` gives the solution Z of `A^(1/2) Z + Z A^(1/2) = dA`.
//! Sources: Magnus and Neudecker 8.3–8.4; Higham, Functions of Matrices, §3.2 and §6.1.

use smallvec::SmallVec;

use crate::diagnostic::Diagnostic;
use crate::expr::{Dim, Graph, Id, Number, Op, Properties};

use super::Pass;

/// Whole powers with more terms are written as a bounded sum.
const WRITTEN_TERMS: i64 = 8;

impl Pass<'_> {
    /// `d(a^k)` of a scalar or a square matrix.
    pub(super) fn power(
        &mut self,
        a: Id,
        k: Id,
        da: Option<Id>,
        dk: Option<Id>,
    ) -> Result<Option<Id>, Diagnostic> {
        let scalar = self.graph.shape(a).is_scalar();
        let by_base = match da {
            Some(da) if scalar => self.scalar_power(a, k, da),
            Some(da) => self.matrix_power(a, k, da)?,
            None => None,
        };
        let by_exponent = match dk {
            Some(dk) => Some(self.by_exponent(a, k, dk, scalar)?),
            None => None,
        };
        Ok(self.graph.add_up(by_base.into_iter().chain(by_exponent)))
    }

    /// `k a^(k-1) da`.
    fn scalar_power(&mut self, a: Id, k: Id, da: Id) -> Option<Id> {
        self.require_smooth_power(a, k);
        let lowered = lowered(self.graph, k);
        if self.graph.number(k).is_some_and(|k| k.is_zero()) {
            return None;
        }
        let rest = raised_by(self.graph, Op::Power, a, lowered);
        Some(self.graph.times([k, rest, da]))
    }

    /// `d(a^k) = a^k log(a) dk`, with a positive base or a matrix without eigenvalues on the negative axis.
    fn by_exponent(&mut self, a: Id, k: Id, dk: Id, scalar: bool) -> Result<Id, Diagnostic> {
        self.require(if scalar { "positive" } else { "no_negative_eigenvalues" }, &[a]);
        let log = self.logarithm(a, scalar)?;
        let g = &mut *self.graph;
        let power = g.add(Op::Power, [a, k]);
        Ok(if scalar { g.times([power, log, dk]) } else { g.times([dk, log, power]) })
    }

    /// The logarithm of a scalar (entry by entry of anything else), or of a matrix.
    fn logarithm(&mut self, a: Id, entrywise: bool) -> Result<Id, Diagnostic> {
        let catalog = self.graph.catalog_arc();
        let overloads = catalog.overloads("log");
        let wanted = overloads.iter().find(|f| catalog.is_scalar_function(**f) == entrywise);
        match wanted {
            Some(f) => Ok(self.graph.call(*f, [a])),
            None => Err(Diagnostic::internal("the catalogue has no log")),
        }
    }

    /// `d(X .^ k) = k X.^(k-1) .* dX + dk (X.^k .* log.(X))`; `power` is the node itself.
    pub(super) fn entrywise_power(
        &mut self,
        power: Id,
        a: Id,
        k: Id,
        da: Option<Id>,
        dk: Option<Id>,
    ) -> Result<Option<Id>, Diagnostic> {
        let mut terms: SmallVec<[Id; 2]> = SmallVec::new();
        if let Some(da) = da
            && self.graph.number(k).is_none_or(|k| !k.is_zero())
        {
            self.require_smooth_power(a, k);
            let g = &mut *self.graph;
            let lowered = lowered(g, k);
            let rest = raised_by(g, Op::ElementPower, a, lowered);
            let scaled = g.entrywise_times([rest, da]);
            terms.push(g.times([k, scaled]));
        }
        if let Some(dk) = dk {
            self.require("positive", &[a]);
            let log = self.logarithm(a, true)?;
            let g = &mut *self.graph;
            let scaled = g.entrywise_times([power, log]);
            terms.push(g.times([dk, scaled]));
        }
        Ok(self.graph.add_up(terms))
    }

    /// A power below 1 that is not whole has no derivative at 0; a symbolic one needs a positive base.
    fn require_smooth_power(&mut self, a: Id, k: Id) {
        match self.graph.number(k) {
            Some(k) if k.is_integer() || k > Number::ONE => {}
            None if is_whole(self.graph, k) => {}
            _ => self.require("positive", &[a]),
        }
    }

    fn matrix_power(&mut self, a: Id, k: Id, da: Id) -> Result<Option<Id>, Diagnostic> {
        if let Some(number) = self.graph.number(k) {
            return match number.to_integer() {
                Some(n) => Ok(whole_power(self.graph, a, n, da)),
                None => fractional_power(self.graph, a, &number, da).map(Some),
            };
        }
        if !is_whole(self.graph, k) {
            return Err(no_form("a matrix power with this exponent"));
        }
        let g = &mut *self.graph;
        match opposite_of(g, k) {
            Some(m) => {
                self.require("invertible", &[a]);
                Ok(Some(inverse_power_sum(self.graph, a, m, da)))
            }
            None => {
                self.require("nonnegative", &[k]);
                Ok(Some(power_sum(self.graph, a, k, da)))
            }
        }
    }
}

/// `sum A^i dA A^(n-1-i)`, or for `n = -m` `-sum A^-i dA A^-(m+1-i)`.
fn whole_power(g: &mut Graph, a: Id, n: i64, da: Id) -> Option<Id> {
    let count = n.checked_abs().unwrap_or(i64::MAX);
    if count > WRITTEN_TERMS {
        let m = g.int(count);
        return Some(if n > 0 { power_sum(g, a, m, da) } else { inverse_power_sum(g, a, m, da) });
    }
    let mut terms: SmallVec<[Id; 3]> = SmallVec::new();
    for i in 0..count {
        let (left, right) = if n > 0 { (i, n - 1 - i) } else { (-1 - i, n + i) };
        let mut factors: SmallVec<[Id; 3]> = SmallVec::new();
        if left != 0 {
            factors.push(g.raised(a, left));
        }
        factors.push(da);
        if right != 0 {
            factors.push(g.raised(a, right));
        }
        terms.push(g.product(factors));
    }
    let sum = g.add_up(terms)?;
    Some(if n < 0 { g.opposite(sum) } else { sum })
}

/// `sum(r, 0, k-1, A^r dA A^(k-1-r))`.
fn power_sum(g: &mut Graph, a: Id, k: Id, da: Id) -> Id {
    let r = g.fresh_index("r");
    let (zero, last) = (g.int(0), lowered(g, k));
    let minus_r = g.opposite(r);
    let rest = added(g, last, minus_r);
    let (left, right) = (g.add(Op::Power, [a, r]), g.add(Op::Power, [a, rest]));
    let body = g.product([left, da, right]);
    g.add(Op::BoundedSum, [r, zero, last, body])
}

/// `-sum(r, 1, m, A^-r dA A^(r-m-1))`: the differential of `A^-m`.
fn inverse_power_sum(g: &mut Graph, a: Id, m: Id, da: Id) -> Id {
    let r = g.fresh_index("r");
    let (one, minus_r, minus_m, minus_one) = (g.int(1), g.opposite(r), g.opposite(m), g.int(-1));
    let rest = added(g, r, minus_m);
    let rest = added(g, rest, minus_one);
    let (left, right) = (g.add(Op::Power, [a, minus_r]), g.add(Op::Power, [a, rest]));
    let body = g.product([left, da, right]);
    let sum = g.add(Op::BoundedSum, [r, one, m, body]);
    g.opposite(sum)
}

/// `A^(p/q)` for q a power of two: each square root is the solution of a Sylvester equation.
fn fractional_power(g: &mut Graph, a: Id, k: &Number, da: Id) -> Result<Id, Diagnostic> {
    let (p, q) = k.parts();
    let (Some(p), Some(mut q)) = (p.to_integer(), q.to_integer()) else {
        return Err(no_form("a matrix power with this exponent"));
    };
    if q.count_ones() != 1 {
        return Err(no_form(&format!("the matrix power {k}")).help(
            "whole powers and those with a denominator 2, 4, 8, … are differentiated; exp(k log(A)) is, too",
        ));
    }
    let (mut root, mut d, mut exponent) = (a, da, Number::ONE);
    while q > 1 {
        exponent = exponent * Number::ratio(1, 2);
        let e = g.num(exponent.clone());
        root = g.add(Op::Power, [a, e]);
        d = g.call_named("solve_sylvester", [root, root, d]);
        q /= 2;
    }
    whole_power(g, root, p, d).ok_or_else(|| no_form("a power with the exponent zero"))
}

fn no_form(what: &str) -> Diagnostic {
    Diagnostic::request("E0303", format!("the differential of {what} has no closed form here"))
}

/// `k - 1`.
fn lowered(g: &mut Graph, k: Id) -> Id {
    let minus_one = g.int(-1);
    added(g, k, minus_one)
}

/// `a + b`; numbers are added up.
fn added(g: &mut Graph, a: Id, b: Id) -> Id {
    if let (Some(x), Some(y)) = (g.number(a), g.number(b)) {
        return g.num(x + y);
    }
    let mut terms: SmallVec<[Id; 4]> = SmallVec::new();
    let mut number = Number::ZERO;
    for part in [a, b] {
        let summands: SmallVec<[Id; 4]> = match g.op(part) {
            Op::Sum => SmallVec::from_slice(g.args(part)),
            _ => SmallVec::from_slice(&[part]),
        };
        for s in summands {
            match g.number(s) {
                Some(n) => number = number + n,
                None => terms.push(s),
            }
        }
    }
    let opposites: SmallVec<[Id; 4]> = terms.iter().map(|t| g.opposite(*t)).collect();
    if let Some(i) = terms.iter().position(|t| opposites.contains(t)) {
        let j = terms.iter().position(|t| opposites.get(i) == Some(t)).unwrap_or(i);
        let keep = |n: usize| n != i && n != j;
        terms = terms.iter().enumerate().filter(|(n, _)| keep(*n)).map(|(_, t)| *t).collect();
    }
    if !number.is_zero() || terms.is_empty() {
        terms.push(g.num(number));
    }
    g.sum(terms)
}

/// `a^k`, where an exponent of 0 leaves ones and of 1 the base.
fn raised_by(g: &mut Graph, op: Op, a: Id, k: Id) -> Id {
    match g.number(k) {
        Some(n) if n.is_one() => a,
        Some(n) if n.is_zero() => g.ones(g.shape(a)),
        _ => g.add(op, [a, k]),
    }
}

/// Whether a scalar is certain to be a whole number.
fn is_whole(g: &Graph, k: Id) -> bool {
    g.reachable(&[k]).iter().all(|id| match g.op(*id) {
        Op::Num(n) => n.is_integer(),
        Op::Zeros(Dim::ONE, Dim::ONE) | Op::Size(_) | Op::Sum | Op::Negate | Op::Product => true,
        Op::Var(_) => g.properties(*id).has(Properties::INTEGER),
        _ => false,
    })
}

/// `m` where the exponent reads `-m`.
fn opposite_of(g: &mut Graph, k: Id) -> Option<Id> {
    match g.op(k) {
        Op::Negate => g.args(k).first().copied(),
        Op::Product => {
            let args: SmallVec<[Id; 3]> = SmallVec::from_slice(g.args(k));
            let first = g.number(*args.first()?).filter(Number::is_negative)?;
            let positive = g.num(-first);
            Some(g.times(std::iter::once(positive).chain(args.into_iter().skip(1))))
        }
        _ => None,
    }
}
