//! How the user wrote the sums of the function.
//!
//! In: the function as it was read. Out: for each of its sums, the order and the signs a reader knows it by.
//! Invariant: a hint decides between forms of one size only; it never changes a value.
//!
//! The normal form knows `x - A s` as `A s - x` with the sign outside; the answer says `x - A s` again.

use rustc_hash::FxHashMap;

use crate::expr::{Id, Number, Op};

use super::form::Form;
use super::normal::Normalizer;
use super::poly::{Poly, Term};

/// For the canonical node of a sum, the way in which the user wrote it, up to the sign.
pub(super) type Hints = FxHashMap<Id, Form>;

/// The hints of a function.
pub(super) fn collect(n: &mut Normalizer, function: Id) -> Hints {
    let mut hints = Hints::default();
    for id in n.graph.reachable(&[function]) {
        if !matches!(n.graph.op(id), Op::Sum) {
            continue;
        }
        let whole = n.poly(id);
        let mut summands = Vec::new();
        for a in n.graph.args(id).to_vec() {
            let p = n.poly(a);
            summands.extend(p.terms.iter().cloned());
        }
        if whole.terms.len() < 2 || summands.len() != whole.terms.len() {
            continue;
        }
        let turned: Vec<Term> = summands.iter().map(|t| transposed(n, &whole, t)).collect();
        let other = n.transposed(&whole);
        for (p, summands) in [(whole.as_ref(), summands), (&other, turned)] {
            let content = p.content();
            let inverse = content.recip().unwrap_or(Number::ONE);
            let monic = p.clone().scaled(&inverse);
            let key = n.write(&monic);
            let form = written(n, &summands, &content);
            hints.entry(key).or_insert(form);
        }
    }
    hints
}

fn transposed(n: &mut Normalizer, whole: &Poly, t: &Term) -> Term {
    let p = n.transposed(&Poly::of(whole.shape, t.clone()));
    p.terms.into_iter().next().unwrap_or_else(|| t.clone())
}

/// The summands in their order, over the content; under a minus where the user's sign is the other one.
fn written(n: &mut Normalizer, summands: &[Term], content: &Number) -> Form {
    let inverse = content.abs().recip().unwrap_or(Number::ONE);
    let mut args = Vec::with_capacity(summands.len());
    for t in summands {
        let magnitude = Term { coefficient: t.coefficient.abs() * inverse.clone(), ..t.clone() };
        let hole = n.term_hole(&magnitude);
        args.push(if t.coefficient.is_negative() { Form::Node(Op::Negate, vec![hole]) } else { hole });
    }
    let sum = Form::Node(Op::Sum, args);
    if content.is_negative() { Form::Node(Op::Negate, vec![sum]) } else { sum }
}
