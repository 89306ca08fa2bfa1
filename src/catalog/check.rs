//! Whether the expressions of an entry make sense, before they are used.
//!
//! In: an entry or identity. Out: the first name in it that nothing binds, as an error with its place.
//! Invariant: an expression that passes mentions only parameters, their differentials, the cotangent `G`,
//! dimensions of the signature, and functions of the catalogue.
//! Example: `d  cos(y) dx` of a function of `x` is an error under `y`.

use super::{Catalog, ConditionTemplate, Entry, Identity, Numeric, Operator, Parameter, Predicate, Template};
use crate::diagnostic::Diagnostic;
use crate::expr::Properties;
use crate::shape::BUILTINS;
use crate::syntax::AstKind;

type Checked = Result<(), Diagnostic>;

/// The names an expression may use.
struct Bound<'a> {
    catalog: &'a Catalog,
    names: Vec<String>,
}

impl Bound<'_> {
    fn new<'a>(catalog: &'a Catalog, parameters: &[Parameter]) -> Bound<'a> {
        let mut names: Vec<String> = parameters.iter().map(|p| p.name.clone()).collect();
        names.extend(parameters.iter().flat_map(|p| p.ty.names()).map(str::to_owned));
        Bound { catalog, names }
    }

    fn with(&self, more: impl IntoIterator<Item = String>) -> Bound<'_> {
        Bound { catalog: self.catalog, names: self.names.iter().cloned().chain(more).collect() }
    }

    fn template(&self, template: &Template) -> Checked {
        let ast = template.ast(self.catalog)?;
        // The index of a bounded sum is bound by the sum.
        let sums = ast.nodes.iter().filter_map(|n| match &n.kind {
            AstKind::Call { function, args, .. } if function == "sum" && args.len() == 4 => args.first(),
            _ => None,
        });
        let indices: Vec<&AstKind> = sums.map(|a| &ast.node(*a).kind).collect();
        for node in &ast.nodes {
            let AstKind::Name(name) = &node.kind else { continue };
            let known = self.names.contains(name)
                || BUILTINS.contains(&name.as_str())
                || self.catalog.find(name).is_some()
                || indices.contains(&&node.kind);
            if !known {
                let help = format!("names here: {}", self.names.join(", "));
                let error = Diagnostic::request("E0708", format!("nothing is called `{name}` in this rule"))
                    .at(&template.source, node.span, "not bound")
                    .help(help);
                return Err(template.placed(error));
            }
        }
        Ok(())
    }

    fn conditions(&self, conditions: &[ConditionTemplate]) -> Checked {
        for c in conditions {
            let known = self.catalog.predicate(&c.predicate).is_some();
            if let (false, None, Some(arg)) = (known, Properties::parse(&c.predicate), c.args.first()) {
                let all: Vec<&str> = self.catalog.predicates().map(|(_, p)| p.name.as_str()).collect();
                let error = Diagnostic::request("E0709", format!("no condition `{}`", c.predicate))
                    .help(format!("conditions: {}", all.join(", ")));
                return Err(arg.blamed(error, "said of this"));
            }
            c.args.iter().try_for_each(|a| self.template(a))?;
        }
        Ok(())
    }
}

/// Checks a function's entry.
pub(super) fn entry(catalog: &Catalog, e: &Entry) -> Checked {
    let own = Bound::new(catalog, &e.parameters);
    let varying = own.with(e.parameters.iter().map(|p| format!("d{}", p.name)));
    own.conditions(&e.domain)?;
    own.conditions(&e.smooth)?;
    e.continuous.iter().chain(&e.support).try_for_each(|c| own.conditions(c))?;
    e.differential.iter().try_for_each(|d| varying.template(d))?;
    let cotangent = own.with(["G".to_owned()]);
    e.adjoints.iter().try_for_each(|(_, a)| cotangent.template(a))?;
    if let Some(Numeric::Expression(value)) = &e.numeric {
        own.template(value)?;
    }
    e.flops.iter().try_for_each(|f| own.template(f))?;
    e.identities.iter().try_for_each(|i| identity(catalog, i))
}

/// Checks an operator's identities.
pub(super) fn operator(catalog: &Catalog, o: &Operator) -> Checked {
    o.identities.iter().try_for_each(|i| identity(catalog, i))
}

/// Checks what a predicate asks.
pub(super) fn predicate(catalog: &Catalog, p: &Predicate) -> Checked {
    let own = Bound::new(catalog, &p.parameters);
    p.nonzero.iter().chain(&p.positive).try_for_each(|t| own.template(t))
}

fn identity(catalog: &Catalog, i: &Identity) -> Checked {
    let own = Bound::new(catalog, &i.variables);
    let own = own.with(i.sizes(catalog)?);
    own.template(&i.left)?;
    own.template(&i.right)?;
    own.conditions(&i.conditions)
}
