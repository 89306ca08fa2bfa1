//! Writing an extracted node next to those below it: nested sums and products become flat, signs move out.
//!
//! In: an operator and its written arguments. Out: the written node.
//! Invariant: neither the value nor the size of the form changes.

use crate::catalog::Parity;
use crate::expr::{Graph, Id, Number, Op};

/// Adds an operator over written arguments.
pub(super) fn add(graph: &mut Graph, op: &Op, args: &[Id]) -> Id {
    match op {
        Op::Sum => sum(graph, args),
        Op::Product => product(graph, args),
        Op::Negate => negate(graph, args[0]),
        Op::Hadamard => {
            let (negative, bare) = without_signs(graph, args, |_| true);
            let flat = flatten(graph, &bare, |g, a| matches!(g.op(a), Op::Hadamard));
            let id = graph.add(Op::Hadamard, flat);
            if negative { negate(graph, id) } else { id }
        }
        Op::Transpose | Op::Kronecker | Op::Solve => odd(graph, op, args, |_| true),
        Op::Power | Op::ElementPower => power(graph, op, args[0], args[1]),
        Op::Call(f) | Op::Map(f) => match graph.catalog().entry(*f).parity() {
            Some(Parity::Odd) => odd(graph, op, args, |_| true),
            Some(Parity::Even) => {
                let (_, body) = unsigned(graph, args[0]);
                graph.add(op.clone(), [body])
            }
            None => {
                let linear: Vec<usize> = graph.catalog().entry(*f).adjoints.iter().map(|(i, _)| *i).collect();
                odd(graph, op, args, |i| linear.contains(&i))
            }
        },
        Op::Divide | Op::ElementDivide => {
            let (sign, above) = unsigned(graph, args[0]);
            let (turned, below) = unsigned(graph, args[1]);
            let id = match (graph.op(above), graph.args(above)) {
                // One bar: (a / b) / c is a / (b c).
                (Op::Divide, [p, q]) if *op == Op::Divide => {
                    let (p, q) = (*p, *q);
                    let below = flat_product(graph, vec![q, below], false);
                    graph.add(Op::Divide, [p, below])
                }
                _ => graph.add(op.clone(), [above, below]),
            };
            if sign != turned { negate(graph, id) } else { id }
        }
        _ => graph.add(op.clone(), args.iter().copied()),
    }
}

/// An operator that is odd in some of its arguments: their signs move out.
fn odd(graph: &mut Graph, op: &Op, args: &[Id], in_argument: impl Fn(usize) -> bool) -> Id {
    let (negative, bare) = without_signs(graph, args, in_argument);
    let id = graph.add(op.clone(), bare);
    if negative { negate(graph, id) } else { id }
}

/// Arguments without the signs of some, and whether those make a minus.
fn without_signs(graph: &Graph, args: &[Id], in_argument: impl Fn(usize) -> bool) -> (bool, Vec<Id>) {
    let mut negative = false;
    let mut bare = Vec::with_capacity(args.len());
    for (i, a) in args.iter().enumerate() {
        let (sign, body) = if in_argument(i) { unsigned(graph, *a) } else { (false, *a) };
        negative ^= sign;
        bare.push(body);
    }
    (negative, bare)
}

/// `(-b)^k` as `-b^k` or `b^k`, for a whole number k.
fn power(graph: &mut Graph, op: &Op, base: Id, exponent: Id) -> Id {
    let whole = graph.number(exponent).and_then(|k| k.to_integer());
    let (Some(k), (true, body)) = (whole, unsigned(graph, base)) else {
        return graph.add(op.clone(), [base, exponent]);
    };
    let id = graph.add(op.clone(), [body, exponent]);
    if k % 2 == 0 { id } else { negate(graph, id) }
}

fn flatten(graph: &Graph, args: &[Id], inner: impl Fn(&Graph, Id) -> bool) -> Vec<Id> {
    let mut flat = Vec::with_capacity(args.len());
    for a in args {
        if inner(graph, *a) {
            flat.extend_from_slice(graph.args(*a));
        } else {
            flat.push(*a);
        }
    }
    flat
}

fn sum(graph: &mut Graph, args: &[Id]) -> Id {
    let mut flat = Vec::with_capacity(args.len());
    for a in args {
        let (negative, body) = match graph.op(*a) {
            Op::Negate => (true, graph.args(*a)[0]),
            _ => (false, *a),
        };
        match (graph.op(body), negative) {
            (Op::Sum, false) => flat.extend_from_slice(graph.args(body)),
            (Op::Sum, true) => {
                for b in graph.args(body).to_vec() {
                    flat.push(negate(graph, b));
                }
            }
            _ => flat.push(*a),
        }
    }
    // A form never begins with a minus where another summand can begin it.
    if let Some(i) = flat.iter().position(|a| !is_negative(graph, *a)) {
        let first = flat.remove(i);
        flat.insert(0, first);
    }
    graph.sum(flat)
}

fn is_negative(graph: &Graph, id: Id) -> bool {
    match graph.op(id) {
        Op::Negate => true,
        Op::Num(n) => n.is_negative(),
        Op::Product => {
            graph.args(id).first().is_some_and(|a| matches!(graph.op(*a), Op::Num(n) if n.is_negative()))
        }
        _ => false,
    }
}

/// A node without its sign, and whether there was one.
fn unsigned(graph: &Graph, id: Id) -> (bool, Id) {
    match graph.op(id) {
        Op::Negate => (true, graph.args(id)[0]),
        _ => (false, id),
    }
}

fn negate(graph: &mut Graph, id: Id) -> Id {
    match graph.op(id).clone() {
        Op::Negate => graph.args(id)[0],
        Op::Num(n) => graph.num(-n),
        Op::Product => {
            let mut args = graph.args(id).to_vec();
            match args.first().and_then(|a| graph.number(*a)) {
                Some(n) if n == Number::MINUS_ONE => {
                    args.remove(0);
                    graph.product(args)
                }
                Some(n) => {
                    args[0] = graph.num(-n);
                    graph.product(args)
                }
                None => graph.negate(id),
            }
        }
        _ => graph.negate(id),
    }
}

/// A quotient that is no scalar divides the whole product: `(M / s) x` is `M x / s`.
fn product(graph: &mut Graph, args: &[Id]) -> Id {
    let mut negative = false;
    let (mut above, mut below) = (Vec::with_capacity(args.len()), vec![]);
    for a in args {
        let (sign, body) = unsigned(graph, *a);
        negative ^= sign;
        match (graph.op(body), graph.args(body)) {
            (Op::Divide, [p, q]) if !graph.shape(body).is_scalar() => {
                above.push(*p);
                below.push(*q);
            }
            _ => above.push(body),
        }
    }
    let mut id = flat_product(graph, above, negative);
    if !below.is_empty() {
        let (sign, body) = unsigned(graph, id);
        let below = flat_product(graph, below, false);
        id = graph.add(Op::Divide, [body, below]);
        if sign {
            id = negate(graph, id);
        }
    }
    id
}

/// Factors in one row, with one sign and one number in front.
fn flat_product(graph: &mut Graph, parts: Vec<Id>, mut negative: bool) -> Id {
    let scalars_only = |g: &Graph, id: Id| g.args(id).iter().all(|a| g.shape(*a).is_scalar());
    let words = parts.iter().filter(|p| !graph.shape(**p).is_scalar() || is_word(graph, **p)).count();
    let flat = flatten(graph, &parts, |g, a| {
        matches!(g.op(a), Op::Product) && (!g.shape(a).is_scalar() || scalars_only(g, a) || words == 1)
    });
    // One number, in front.
    let (mut number, mut rest) = (Number::ONE, Vec::with_capacity(flat.len()));
    for a in flat {
        match graph.op(a) {
            Op::Num(n) => number = number * n.clone(),
            _ => rest.push(a),
        }
    }
    if negative && !number.is_one() {
        (number, negative) = (-number, false);
    }
    if !number.is_one() || rest.is_empty() {
        let n = graph.num(number);
        rest.insert(0, n);
    }
    let id = graph.product(rest);
    if negative { negate(graph, id) } else { id }
}

/// Whether a scalar is a product of something that is not.
fn is_word(graph: &Graph, id: Id) -> bool {
    matches!(graph.op(id), Op::Product) && graph.args(id).iter().any(|a| !graph.shape(*a).is_scalar())
}
