//! Conditions said of simpler parts.
//!
//! In: a condition. Out: conditions that together say the same wherever the expression is defined.
//! Invariant: nothing is lost and nothing added; what is certain is left out.
//!
//! `norm(x) s != 0` is `x != 0` and `s != 0`; `det(X^T X) > 0` is "X has full column rank".

use smallvec::smallvec;

use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Graph, Id, Op};

use super::conditions::{condition, holds, of_call};
use super::sign::{definite_half, sign};

/// The condition in its simplest parts, none of them certain.
pub fn restated(graph: &mut Graph, asked: &Condition) -> Result<Vec<Condition>, Diagnostic> {
    let (mut open, mut done) = (vec![asked.clone()], vec![]);
    while let Some(next) = open.pop() {
        if holds(graph, &next) {
            continue;
        }
        match simpler(graph, &next)? {
            Some(parts) => open.extend(parts.into_iter().rev()),
            None => done.push(next),
        }
    }
    Ok(done)
}

fn simpler(graph: &mut Graph, asked: &Condition) -> Result<Option<Vec<Condition>>, Diagnostic> {
    let [arg] = *asked.args.as_slice() else { return Ok(None) };
    let name = graph.catalog().predicate_entry(asked.predicate).name.clone();
    let scalar = graph.shape(arg).is_scalar();
    match name.as_str() {
        "nonzero_entries" if scalar => Ok(Some(vec![said(graph, "nonzero", arg)?])),
        "nonzero" | "nonzero_entries" => nonzero(graph, &name, arg),
        "invertible" if !scalar => invertible(graph, arg),
        "positive" if sign(graph, arg).nonnegative => Ok(Some(vec![said(graph, "nonzero_entries", arg)?])),
        "positive" => positive(graph, &name, arg),
        "simple" | "full_rank" if !graph.shape(arg).is_matrix() => {
            Ok(Some(vec![said(graph, "nonzero", arg)?]))
        }
        "full_rank" if graph.shape(arg).is_square() => Ok(Some(vec![said(graph, "invertible", arg)?])),
        "constant_rank" if is_free(graph, arg) => Ok(Some(vec![said(graph, "full_rank", arg)?])),
        "constant_rank" => constant_rank(graph, arg),
        _ => Ok(None),
    }
}

/// What is certainly positive is left out of a product and from under a fraction.
fn positive(graph: &mut Graph, name: &str, arg: Id) -> Result<Option<Vec<Condition>>, Diagnostic> {
    let args = graph.args(arg).to_vec();
    let open: Vec<Id> = match graph.op(arg) {
        Op::Product | Op::Hadamard => args.iter().copied().filter(|a| !sign(graph, *a).positive).collect(),
        Op::Divide | Op::ElementDivide if sign(graph, args[1]).positive => vec![args[0]],
        _ => return Ok(None),
    };
    let shape = graph.shape(arg);
    match *open.as_slice() {
        [one] if open.len() < args.len() && graph.shape(one) == shape => {
            Ok(Some(vec![said(graph, name, one)?]))
        }
        _ => Ok(None),
    }
}

fn nonzero(graph: &mut Graph, name: &str, arg: Id) -> Result<Option<Vec<Condition>>, Diagnostic> {
    let (op, args) = (graph.op(arg).clone(), graph.args(arg).to_vec());
    let entrywise = name == "nonzero_entries";
    let is_scalar = |graph: &Graph, id: Id| graph.shape(id).is_scalar();
    let mut parts = vec![];
    match (op, args.as_slice()) {
        (Op::Negate | Op::Transpose, [a]) | (Op::Divide, [a, _]) => parts.push(said(graph, name, *a)?),
        (Op::ElementDivide, [a, _]) if entrywise => parts.push(said(graph, name, *a)?),
        (Op::Product, _) if args.iter().filter(|a| !is_scalar(graph, **a)).count() <= 1 => {
            for a in args {
                let name = if is_scalar(graph, a) { "nonzero" } else { name };
                parts.push(said(graph, name, a)?);
            }
        }
        (Op::Product, _) if is_scalar(graph, arg) => {
            let Some(half) = definite_half(graph, arg) else { return Ok(None) };
            parts.push(said(graph, "nonzero", half)?);
        }
        (Op::Hadamard, _) if entrywise => {
            for a in args {
                parts.push(said(graph, name, a)?);
            }
        }
        // A root of what is not negative vanishes where that does; b^-1 is there only where b is not zero.
        // A power of a matrix may vanish where the matrix does not.
        (Op::Power, [base, _]) if !is_scalar(graph, *base) => return Ok(None),
        (Op::Power | Op::ElementPower, [base, k]) if graph.number(*k).is_some() => {
            parts.push(said(graph, name, *base)?);
        }
        (Op::Call(f) | Op::Map(f), _) => {
            let catalog = graph.catalog_arc();
            let Some(support) = &catalog.entry(f).support else { return Ok(None) };
            if !entrywise && !is_scalar(graph, arg) {
                return Ok(None);
            }
            parts = of_call(graph, arg, support)?;
        }
        _ => return Ok(None),
    }
    Ok(Some(parts))
}

fn invertible(graph: &mut Graph, arg: Id) -> Result<Option<Vec<Condition>>, Diagnostic> {
    let (op, args) = (graph.op(arg).clone(), graph.args(arg).to_vec());
    let mut parts = vec![];
    match (op, args.as_slice()) {
        (Op::Negate | Op::Transpose, [a]) | (Op::Power, [a, _]) => parts.push(said(graph, "invertible", *a)?),
        (Op::Product, [a, b]) if graph.transpose_of(*a) == Some(*b) && !graph.shape(*b).is_square() => {
            parts.push(said(graph, "full_column_rank", *b)?);
        }
        (Op::Product, [a, b]) if graph.transpose_of(*b) == Some(*a) && !graph.shape(*a).is_square() => {
            parts.push(said(graph, "full_row_rank", *a)?);
        }
        (Op::Product, _) => {
            for a in args {
                let shape = graph.shape(a);
                if !shape.is_scalar() && !shape.is_square() {
                    return Ok(None);
                }
                parts.push(said(graph, if shape.is_scalar() { "nonzero" } else { "invertible" }, a)?);
            }
        }
        _ => return Ok(None),
    }
    Ok(Some(parts))
}

fn constant_rank(graph: &Graph, arg: Id) -> Result<Option<Vec<Condition>>, Diagnostic> {
    let name = "constant_rank";
    let matrices: Vec<Id> =
        graph.args(arg).iter().copied().filter(|a| !graph.shape(*a).is_scalar()).collect();
    match (graph.op(arg), matrices.as_slice()) {
        (Op::Negate | Op::Transpose, [a]) => Ok(Some(vec![said(graph, name, *a)?])),
        // The scalars must not vanish, if the product is not to be zero everywhere.
        (Op::Product, [a]) => {
            let scalars = graph.args(arg).iter().filter(|s| graph.shape(**s).is_scalar());
            let mut parts = vec![said(graph, name, *a)?];
            for s in scalars {
                parts.push(said(graph, "nonzero", *s)?);
            }
            Ok(Some(parts))
        }
        _ => Ok(None),
    }
}

/// Whether all matrices near it are among its values, so that its rank is constant only where it is full.
fn is_free(graph: &Graph, arg: Id) -> bool {
    let is_variable = |id: &Id| matches!(graph.op(*id), Op::Var(_));
    is_variable(&arg) || matches!(graph.op(arg), Op::Sum) && graph.args(arg).iter().any(is_variable)
}

fn said(graph: &Graph, name: &str, arg: Id) -> Result<Condition, Diagnostic> {
    let mut said = condition(graph.catalog(), name, arg)?;
    said.args = smallvec![arg];
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::super::{collect, infer};
    use super::*;
    use crate::catalog::Catalog;
    use crate::limits::Limits;
    use crate::print::{Style, predicate};
    use crate::syntax::parse;

    /// The conditions of a function, restated, as text.
    fn of(text: &str) -> Vec<String> {
        let catalog = Catalog::builtin();
        let is_function = |name: &str| super::super::is_function(&catalog, name);
        let limits = Limits::default();
        let program = parse(text, &[], &is_function, &limits).unwrap();
        let mut graph = infer(&program, catalog.clone(), &limits).unwrap();
        let found = collect(&mut graph.graph, &[graph.function]).unwrap();
        let mut texts = vec![];
        for (c, _) in found {
            for r in restated(&mut graph.graph, &c).unwrap() {
                let entry = catalog.predicate_entry(r.predicate);
                texts.push(predicate(&graph.graph, entry, &r.args, Style::Ascii));
            }
        }
        texts
    }

    #[test]
    fn products_norms_and_roots_say_it_of_their_parts() {
        assert_eq!(of("s: scalar; 1 / (2 s norm(x))"), ["s != 0", "x != 0"]);
        assert_eq!(of("1 / (x^T x)"), ["x != 0"]);
        assert_eq!(of("A: matrix(n,n) posdef; log(x^T A x)"), ["x != 0"]);
        assert_eq!(of("A: matrix(n,n); log(x^T A x)"), ["x^T A x > 0"]);
        assert_eq!(of("s: scalar; 1 / s^2"), ["s != 0"]);
        assert_eq!(of("1 / sqrt(1 + x^T x)"), [] as [&str; 0]);
    }

    #[test]
    fn a_nilpotent_matrix_is_not_zero() {
        assert_eq!(of("A: matrix(n,n); 1 / norm(A^2)"), ["A^2 != 0"]);
        assert_eq!(of("A: matrix(n,n); B: matrix(n,n); 1 / norm(A B)"), ["A B != 0"]);
    }

    #[test]
    fn determinants_say_rank() {
        assert_eq!(of("X: matrix(m,n); log(det(X^T X))"), ["X has full column rank"]);
        assert_eq!(of("X: matrix(m,n); (X X^T)^-1"), ["X has full row rank"]);
        assert_eq!(of("A: matrix(n,n); B: matrix(n,n); (2 A B^T)^-1"), ["A invertible", "B invertible"]);
        assert_eq!(of("U: matrix(n,k); d: vector(n) positive; log(det(diag(d) + U U^T))"), [] as [&str; 0]);
    }
}
