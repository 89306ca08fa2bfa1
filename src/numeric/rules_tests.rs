//! Every differential in the catalogue against the function's own derivative.

use std::sync::Arc;

use crate::catalog::{Catalog, Entry, Parameter};
use crate::differentiate::differentiate;
use crate::expr::{Kind, VarId};
use crate::limits::Limits;
use crate::numeric::{Check, Claim, Relation, check};
use crate::shape::infer;
use crate::syntax::{DimExpr, parse};

fn dim(d: &DimExpr) -> String {
    let join = |parts: &[DimExpr], by: &str| parts.iter().map(dim).collect::<Vec<_>>().join(by);
    match d {
        DimExpr::Integer(n) => n.to_string(),
        DimExpr::Name(n) => n.clone(),
        DimExpr::Sum(parts) => join(parts, " + "),
        DimExpr::Product(parts) => join(parts, " "),
    }
}

/// The properties that the domain of an entry asks of a parameter.
fn asked(entry: &Entry, p: &Parameter) -> String {
    let of = |c: &&crate::catalog::ConditionTemplate| c.args.iter().any(|a| a.text().trim() == p.name);
    let words = ["symmetric", "posdef", "positive"];
    let found: Vec<&str> = entry
        .domain
        .iter()
        .filter(of)
        .filter_map(|c| words.into_iter().find(|w| *w == c.predicate))
        .collect();
    found.join(" ")
}

/// The request that calls an entry with variables of its signature, and their names.
fn request(entry: &Entry) -> (Vec<String>, String, Vec<String>) {
    let (mut lets, mut args, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for p in &entry.parameters {
        // A scalar next to a matrix is an index, as in `sigma(A, k)`.
        if p.ty.kind == Kind::Scalar && entry.parameters.len() > 1 {
            args.push("2".to_owned());
            continue;
        }
        let ty = match p.ty.kind {
            Kind::Scalar => "vector(n)".to_owned(),
            Kind::Vector => format!("vector({})", dim(&p.ty.rows)),
            Kind::Matrix => format!("matrix({}, {})", dim(&p.ty.rows), dim(&p.ty.cols)),
        };
        lets.push(format!("{}: {ty} {}", p.name, asked(entry, p)));
        args.push(p.name.clone());
        names.push(p.name.clone());
    }
    let dot = if entry.is_scalar_function() { "." } else { "" };
    (lets, format!("{}{dot}({})", entry.name, args.join(", ")), names)
}

fn outcome(catalog: &Arc<Catalog>, entry: &Entry) -> Result<Check, String> {
    let (lets, text, names) = request(entry);
    let is_function = |name: &str| catalog.find(name).is_some() || ["I", "K", "ones"].contains(&name);
    let limits = Limits::default();
    let shown = |d: crate::diagnostic::Diagnostic| d.to_string();
    let program = parse(&text, &lets, &is_function, &limits).map_err(shown)?;
    let mut p = infer(&program, Arc::clone(catalog), &limits).map_err(shown)?;
    let wrt: Vec<VarId> = names.iter().filter_map(|n| p.graph.variable_named(n)).collect();
    let derived = differentiate(&mut p.graph, p.function, &wrt).map_err(shown)?;
    let conditions = [p.conditions, derived.conditions].concat();
    let claims = [Claim { relation: Relation::Differential, wrt, value: derived.df }];
    Ok(check(&mut p.graph, p.function, &claims, &conditions, 7))
}

#[test]
fn every_differential_agrees_with_dual_numbers() {
    let catalog = Catalog::builtin();
    let (mut wrong, mut right) = (Vec::new(), 0);
    for (_, entry) in catalog.functions() {
        if entry.differential.is_none() && entry.adjoints.is_empty() {
            continue;
        }
        match outcome(&catalog, entry) {
            Ok(check) if check.passed => right += 1,
            other => wrong.push(format!("{} ({}): {other:?}", entry.name, entry.topic)),
        }
    }
    assert!(wrong.is_empty(), "{right} right, wrong:\n{}", wrong.join("\n"));
    // Rules that cannot be read must not pass for rules that hold.
    assert!(right > 40, "{right} rules, {:?}", Catalog::builtin_error());
}
