//! How the user wrote the sums of the function.
//!
//! In: the function as it was read. Out: for each of its sums, the order and the signs a reader knows it by.
//! Invariant: a hint decides between forms of one size only; it never changes a value.
//!
//! The normal form knows `x - A s` as `A s - x` with the sign outside; the answer says `x - A s` again.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::expr::{Id, Number, Op};

use super::form::Form;
use super::normal::Normalizer;
use super::poly::{Poly, Term};

/// How the user wrote parts of the function, by their canonical nodes.
#[derive(Default)]
pub(in crate::simplify) struct Hints {
    /// Sums without their content, in the user's order, up to the sign.
    pub sums: FxHashMap<Id, Form>,
    /// Any part, over its own parts.
    pub parts: FxHashMap<Id, Vec<Form>>,
    /// The normal forms of the sums, for finding them within longer ones.
    pub polys: Vec<Rc<Poly>>,
    /// Scalar parts that are products, for finding them within longer ones.
    pub scalars: Vec<(Term, Id)>,
}

/// The hints of a function, looked for once.
pub(super) fn collect(n: &mut Normalizer, function: Id) -> Rc<Hints> {
    if let Some((f, hints)) = &n.hints
        && *f == function
    {
        return hints.clone();
    }
    let mut hints = Hints::default();
    for id in n.graph.reachable(&[function]) {
        n.solves |= matches!(n.graph.op(id), Op::Solve);
        part(n, &mut hints, id);
        if matches!(n.graph.op(id), Op::Sum) {
            sum(n, &mut hints, id);
        }
    }
    let hints = Rc::new(hints);
    n.ways = Default::default();
    n.hints = Some((function, hints.clone()));
    hints
}

fn part(n: &mut Normalizer, hints: &mut Hints, id: Id) {
    let node = n.graph.node(id).clone();
    if node.args.is_empty() || matches!(node.op, Op::Sum | Op::Negate) {
        return;
    }
    let poly = n.poly(id);
    let own = n.write(&poly);
    if let ([t], true) = (poly.terms.as_slice(), poly.shape.is_scalar())
        && t.scalars.len() > 1
    {
        hints.scalars.push((t.clone(), own));
    }
    let mut args = Vec::with_capacity(node.args.len());
    for a in &node.args {
        args.push(Form::Hole(n.normal(*a)));
    }
    let forms = hints.parts.entry(own).or_default();
    let form = Form::Node(node.op, args);
    if !forms.contains(&form) {
        forms.push(form);
    }
}

fn sum(n: &mut Normalizer, hints: &mut Hints, id: Id) {
    let whole = n.poly(id);
    let mut summands = Vec::new();
    for a in n.graph.args(id).to_vec() {
        let p = n.poly(a);
        summands.extend(p.terms.iter().cloned());
    }
    if whole.terms.len() < 2 || summands.len() != whole.terms.len() {
        return;
    }
    if !hints.polys.contains(&whole) {
        hints.polys.push(whole.clone());
    }
    let turned: Vec<Term> = summands.iter().map(|t| transposed(n, &whole, t)).collect();
    let other = n.transposed(&whole);
    for (p, summands) in [(whole.as_ref(), summands), (&other, turned)] {
        let content = p.content();
        let inverse = content.recip().unwrap_or(Number::ONE);
        let monic = p.clone().scaled(&inverse);
        let key = n.write(&monic);
        let form = written(n, &summands, &content);
        hints.sums.entry(key).or_insert(form);
    }
}

fn transposed(n: &mut Normalizer, whole: &Poly, t: &Term) -> Term {
    let p = n.transposed(&Poly::of(whole.shape, t.clone()));
    p.terms.into_iter().next().unwrap_or_else(|| t.clone())
}

/// The summands in their order, but for a minus in front: `-b + A x` is `A x - b`. Over the content; under a minus
/// where the user's sign is the other one.
fn written(n: &mut Normalizer, summands: &[Term], content: &Number) -> Form {
    let inverse = content.abs().recip().unwrap_or(Number::ONE);
    let mut args = Vec::with_capacity(summands.len());
    for t in summands {
        let magnitude = Term { coefficient: t.coefficient.abs() * inverse.clone(), ..t.clone() };
        let hole = n.term_hole(&magnitude);
        args.push(if t.coefficient.is_negative() { Form::Node(Op::Negate, vec![hole]) } else { hole });
    }
    if let Some(first) = summands.iter().position(|t| !t.coefficient.is_negative()) {
        args.get_mut(..=first).into_iter().for_each(|front| front.rotate_right(1));
    }
    let sum = Form::Node(Op::Sum, args);
    if content.is_negative() { Form::Node(Op::Negate, vec![sum]) } else { sum }
}
