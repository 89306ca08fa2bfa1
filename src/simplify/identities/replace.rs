//! The right side of an identity for what its variables are bound to.
//!
//! In: a rule and bindings. Out: the normal form of the right side, where types and premises hold.
//! Invariant: a rule is used only where its premises hold by declared or inferred properties, or are among the
//! conditions under which the request is read.

use crate::catalog::dims;
use crate::expr::{Condition, Dim, DimTable, Id, Kind, Number, Op, Polynomial, Shape};
use crate::shape::{Scope, elaborate, elaborate_entrywise, holds};

use super::super::normal::Normalizer;
use super::super::poly::{Factor, Factors, Poly, Term};
use super::matching::Bindings;
use super::{Argument, Instance, Premise, Rule};

impl Normalizer<'_> {
    /// The right side, where the bindings fit the types and the premises hold.
    pub(in crate::simplify) fn replacement(&mut self, rule: &Rule, b: &Bindings) -> Option<Poly> {
        let mut scope = Scope::new();
        let mut types = Vec::new();
        let mut shapes = Vec::new();
        for (p, id) in rule.variables.iter().zip(&b.variables) {
            let Some(id) = id else { continue };
            scope = scope.bind(p.name.clone(), *id);
            types.push(&p.ty);
            shapes.push(self.graph.shape(*id));
        }
        if !rule.entrywise
            && rule.variables.iter().zip(&b.variables).any(|(p, id)| {
                p.ty.kind != Kind::Scalar && id.is_some_and(|i| self.graph.shape(i).is_scalar())
            })
        {
            return None;
        }
        let bound = if rule.entrywise {
            let shape = *shapes.first()?;
            if shapes.iter().any(|s| *s != shape) {
                return None;
            }
            Vec::new()
        } else {
            dims::bind(&types, &shapes, &mut self.graph.dims)?
        };
        let bound = self.bind_leaf_dims(&rule.dims, b, bound)?;
        for (name, dim) in &bound {
            scope = scope.size(name.clone(), *dim);
        }
        if !rule.premises.iter().all(|p| self.holds(p, b, &scope)) {
            return None;
        }
        let catalog = self.graph.catalog_arc();
        let ast = rule.right.ast(&catalog).ok()?;
        let id = match rule.entrywise {
            true => elaborate_entrywise(self.graph, ast, &scope, *shapes.first()?).ok()?,
            false => elaborate(self.graph, ast, &scope).ok()?,
        };
        self.applied += 1;
        if !self.fired.contains(&rule.name) {
            self.fired.insert(rule.name.clone());
        }
        if let Some(log) = &mut self.log {
            let names = rule.variables.iter().map(|p| p.name.clone());
            log.insert(Instance {
                identity: rule.name.clone(),
                variables: names.zip(&b.variables).filter_map(|(n, id)| Some((n, (*id)?))).collect(),
                sizes: bound,
                entrywise: rule.entrywise.then_some(shapes[0]),
            });
        }
        self.depth += 1;
        let p = self.poly(id).as_ref().clone();
        self.depth -= 1;
        Some(if rule.turned { self.transposed(&p) } else { p })
    }

    /// Dimensions met in leaves: `I(n)` of the pattern against an identity of the node.
    pub(in crate::simplify) fn bind_leaf_dims(
        &mut self,
        dims: &DimTable,
        b: &Bindings,
        mut bound: Vec<(String, Dim)>,
    ) -> Option<Vec<(String, Dim)>> {
        for (pattern, target) in &b.dims {
            if *pattern == *target && *pattern == Dim::ONE {
                continue;
            }
            match dims.as_name(*pattern) {
                Some(name) => match bound.iter().find(|(n, _)| n == name) {
                    Some((_, d)) if d != target => return None,
                    Some(_) => {}
                    None => bound.push((name.to_owned(), *target)),
                },
                None => {
                    let polynomial: Polynomial = dims.polynomial(*pattern).clone();
                    let mut sum = self.graph.dims.integer(0);
                    for (names, coefficient) in &polynomial.0 {
                        let mut product = self.graph.dims.integer(*coefficient);
                        for i in names {
                            let name = dims.name(*i);
                            let (_, d) = bound.iter().find(|(n, _)| n == name)?;
                            product = self.graph.dims.times(product, *d)?;
                        }
                        sum = self.graph.dims.plus(sum, product)?;
                    }
                    if sum != *target {
                        return None;
                    }
                }
            }
        }
        Some(bound)
    }

    fn holds(&mut self, premise: &Premise, b: &Bindings, scope: &Scope) -> bool {
        match premise {
            Premise::Property(a, p) => {
                self.argument(a, b, scope).is_some_and(|id| self.graph.properties(id).has(*p))
            }
            Premise::Predicate(p, args) => {
                let ids: Vec<Id> = args.iter().filter_map(|a| self.argument(a, b, scope)).collect();
                if self.assumed.contains(&(*p, ids.clone())) {
                    return true;
                }
                holds(self.graph, &Condition { predicate: *p, args: ids.into() })
            }
        }
    }

    /// What a premise speaks of, as a canonical node.
    fn argument(&mut self, argument: &Argument, b: &Bindings, scope: &Scope) -> Option<Id> {
        match argument {
            Argument::Variable(v) => b.variables.get(*v).copied().flatten(),
            Argument::Expression(template) => {
                let catalog = self.graph.catalog_arc();
                let id = elaborate(self.graph, template.ast(&catalog).ok()?, scope).ok()?;
                Some(self.normal(id))
            }
        }
    }

    /// The other orientation of a lone scalar word, for patterns.
    pub(in crate::simplify) fn other_reading(&mut self, p: &Poly) -> Option<Poly> {
        let [t] = p.terms.as_slice() else { return None };
        let [f] = t.scalars.as_slice() else { return None };
        if !matches!(self.graph.op(f.base), Op::Product) || f.exponent != self.one {
            return None;
        }
        let word: Vec<Factor> =
            self.graph.args(f.base).to_vec().into_iter().map(|a| self.as_power(a)).collect();
        let turned = self.turn(&word);
        let id = self.write_word(&turned.word);
        if id == f.base || !turned.coefficient.is_one() {
            return None;
        }
        let scalars = Factors::from_slice(&[self.factor(id)]);
        Some(Poly::of(Shape::SCALAR, Term { coefficient: Number::ONE, scalars, word: Factors::new() }))
    }
}
