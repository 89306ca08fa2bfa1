//! Functions of the catalogue: the chain rule with the differential that their entry states.
//!
//! In: a function, its arguments and their differentials. Out: the entry's template built from them.
//! Invariant: an argument that varies is mentioned by the template, or there is no answer.
//!
//! `logdet` at `A X` with varying X gives `tr(inv(A X) A dX)`.

use smallvec::SmallVec;

use crate::catalog::Template;
use crate::diagnostic::Diagnostic;
use crate::expr::{Dim, FnId, Graph, Id, Op};
use crate::shape;

use super::{Differentials, Pass};

impl Pass<'_> {
    /// The differential of a call, with the conditions under which it holds.
    pub(super) fn function(
        &mut self,
        f: FnId,
        op: &Op,
        args: &[Id],
        ds: &Differentials,
    ) -> Result<Option<Id>, Diagnostic> {
        let catalog = self.graph.catalog_arc();
        let entry = catalog.entry(f);
        self.smooth(f, args)?;
        let Some(template) = &entry.differential else {
            return self.linear(f, args, ds);
        };
        let mut extra: Vec<(String, Id)> = Vec::new();
        for ((parameter, arg), d) in entry.parameters.iter().zip(args).zip(ds) {
            let name = format!("d{}", parameter.name);
            if d.is_some() && !mentions(template, &name) {
                return Err(constant_argument(&entry.name, &parameter.name));
            }
            extra.push((name, d.unwrap_or_else(|| self.graph.zeros(self.graph.shape(*arg)))));
        }
        let entrywise =
            matches!(op, Op::Map(_)) && args.first().is_some_and(|a| !self.graph.shape(*a).is_scalar());
        let g = &mut *self.graph;
        let first = g.len();
        let d = match entrywise {
            true => shape::instantiate_entrywise(g, f, template, args, &extra)?,
            false => shape::instantiate(g, f, template, args, &extra)?,
        };
        Ok(g.without_new_zeros(d, first))
    }

    /// A function that is linear in each argument that varies: the function of the differential.
    fn linear(&mut self, f: FnId, args: &[Id], ds: &Differentials) -> Result<Option<Id>, Diagnostic> {
        let catalog = self.graph.catalog_arc();
        let entry = catalog.entry(f);
        let mut terms: SmallVec<[Id; 3]> = SmallVec::new();
        for (i, d) in ds.iter().enumerate() {
            let Some(d) = d else { continue };
            if !entry.adjoints.iter().any(|(k, _)| *k == i) {
                let parameter = entry.parameters.get(i).map_or("", |p| p.name.as_str());
                return Err(constant_argument(&entry.name, parameter));
            }
            let replaced: SmallVec<[Id; 3]> =
                args.iter().enumerate().map(|(j, a)| if i == j { *d } else { *a }).collect();
            terms.push(self.graph.call(f, replaced));
        }
        Ok(self.graph.add_up(terms))
    }
}

fn constant_argument(function: &str, parameter: &str) -> Diagnostic {
    Diagnostic::request(
        "E0302",
        format!("the derivative of {function} by its argument {parameter} is not known"),
    )
    .help("keep that argument constant, or state the differential in a rules file")
}

/// Whether a template uses a name.
fn mentions(template: &Template, name: &str) -> bool {
    template.text().split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// `d frechet(f, A, E) = frechet(f, A, dE)` plus the second derivative of `f` along E and dA, which is a
/// block of the first derivative at a matrix of twice the size: with `N = e(1,2) e(2,2)^T`,
/// `(e(1,2)^T ⊗ I) frechet(f, I(2) ⊗ A + N ⊗ E, I(2) ⊗ dA) (e(2,2) ⊗ I)`.
/// Source: Mathias 1996; Higham and Relton, Higher order Fréchet derivatives of matrix functions, 2014.
pub(super) fn frechet(g: &mut Graph, f: FnId, a: Id, e: Id, da: Option<Id>, de: Option<Id>) -> Option<Id> {
    let first = de.map(|de| g.add(Op::Frechet(f), [a, de]));
    let second = da.map(|da| second_derivative(g, f, a, e, da));
    g.add_up(first.into_iter().chain(second))
}

fn second_derivative(g: &mut Graph, f: FnId, a: Id, e: Id, da: Id) -> Id {
    let n: Dim = g.shape(a).rows;
    let two = g.dims.integer(2);
    let (one, second) = (g.int(1), g.int(2));
    let (e1, e2) = (g.add(Op::Unit(two), [one]), g.add(Op::Unit(two), [second]));
    let (wide, tall) = (g.transpose(e1), g.transpose(e2));
    let nilpotent = g.product([e1, tall]);
    let (pair, own) = (g.identity(two), g.identity(n));
    let diagonal = g.add(Op::Kronecker, [pair, a]);
    let corner = g.add(Op::Kronecker, [nilpotent, e]);
    let at = g.sum([diagonal, corner]);
    let along = g.add(Op::Kronecker, [pair, da]);
    let derivative = g.add(Op::Frechet(f), [at, along]);
    let left = g.add(Op::Kronecker, [wide, own]);
    let right = g.add(Op::Kronecker, [e2, own]);
    g.product([left, derivative, right])
}
