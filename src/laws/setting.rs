//! Where a law is read: its variables in a graph of their own.
//!
//! In: an entry or an identity. Out: a [`Setting`], which turns its templates into nodes and its conditions into
//! [`Condition`]s. Invariant: a dimension of the signature is a symbolic size, so what is shown of the setting
//! holds for every size. Example: `tr(inv(X) dX)` of `logdet` is a node over a variable X and its differential.

use std::sync::Arc;

use crate::catalog::dims::evaluate;
use crate::catalog::{
    Catalog, ConditionTemplate, Entry, Identity, Operator, Parameter, Predicate, Template, Type,
};
use crate::diagnostic::Diagnostic;
use crate::expr::{Condition, Dim, FnId, Graph, Id, Kind, PredicateId, Properties, Shape, VarId, Variable};
use crate::shape::{Scope, elaborate, elaborate_as};
use crate::syntax::DimExpr;

/// A graph with the variables of a law, and the scope to read its templates in.
#[derive(Clone)]
pub struct Setting {
    /// The graph.
    pub graph: Graph,
    /// What the law must hold under; what properties of the variables make certain among it.
    pub conditions: Vec<Condition>,
    scope: Scope,
    parameters: Vec<Id>,
    sizes: Vec<(String, Dim)>,
}

impl Setting {
    /// The setting of a function's differential and adjoints.
    pub fn of_entry(catalog: &Arc<Catalog>, entry: &Entry) -> Result<Setting, Diagnostic> {
        let conditions: Vec<ConditionTemplate> = entry.domain.iter().chain(&entry.smooth).cloned().collect();
        Setting::under(catalog, entry, &conditions)
    }

    /// The setting of what is said of a function's value, which need not be smooth.
    pub fn of_value(catalog: &Arc<Catalog>, entry: &Entry) -> Result<Setting, Diagnostic> {
        Setting::under(catalog, entry, &entry.domain)
    }

    fn under(
        catalog: &Arc<Catalog>,
        entry: &Entry,
        conditions: &[ConditionTemplate],
    ) -> Result<Setting, Diagnostic> {
        let mut setting = Setting::new(catalog, entry.parameters.iter().map(|p| &p.ty), &[]);
        for (i, p) in entry.parameters.iter().enumerate() {
            // A number that may not vary, or stands beside a matrix and changes nothing (`sigma(A, k)`), counts something.
            let idle =
                |d: &Template| entry.parameters.len() > 1 && d.text().contains(&format!("0 d{}", p.name));
            let idle = entry.differential.as_ref().is_some_and(idle);
            let counts = p.ty.kind == Kind::Scalar && (idle || !entry.varies(i));
            let counts = if counts { Properties::INTEGER } else { Properties::NONE };
            setting.parameter(p, asked(conditions, p).with(counts));
        }
        setting.bind_differentials(&entry.parameters);
        if !entry.adjoints.is_empty() {
            setting.bind_cotangent(&entry.result);
        }
        setting.assume(conditions)?;
        Ok(setting)
    }

    /// The setting of an operator, for a reader.
    pub fn of_operator(catalog: &Arc<Catalog>, operator: &Operator) -> Setting {
        let mut setting = Setting::plain(catalog, &operator.parameters);
        setting.bind_differentials(&operator.parameters);
        setting.bind_cotangent(&operator.result);
        setting
    }

    /// The setting of a condition, for a reader.
    pub fn of_predicate(catalog: &Arc<Catalog>, predicate: &Predicate) -> Setting {
        Setting::plain(catalog, &predicate.parameters)
    }

    /// The setting of an identity.
    pub fn of_identity(catalog: &Arc<Catalog>, law: &Identity) -> Result<Setting, Diagnostic> {
        let free = law.sizes(catalog)?;
        let mut setting = Setting::new(catalog, law.variables.iter().map(|p| &p.ty), &free);
        for p in &law.variables {
            setting.parameter(p, asked(&law.conditions, p));
        }
        setting.assume(&law.conditions)?;
        Ok(setting)
    }

    fn plain(catalog: &Arc<Catalog>, parameters: &[Parameter]) -> Setting {
        let mut setting = Setting::new(catalog, parameters.iter().map(|p| &p.ty), &[]);
        for p in parameters {
            setting.parameter(p, Properties::NONE);
        }
        setting
    }

    /// An empty setting with the dimensions of some types, and more.
    fn new<'t>(catalog: &Arc<Catalog>, types: impl Iterator<Item = &'t Type>, more: &'t [String]) -> Setting {
        let mut graph = Graph::new(Arc::clone(catalog));
        let (mut scope, mut sizes) = (Scope::new(), Vec::<(String, Dim)>::new());
        for name in types.flat_map(Type::names).chain(more.iter().map(String::as_str)) {
            if !sizes.iter().any(|(n, _)| n == name) {
                let dim = graph.dims.named(name);
                scope = scope.size(name, dim);
                sizes.push((name.to_owned(), dim));
            }
        }
        Setting { graph, conditions: vec![], scope, parameters: vec![], sizes }
    }

    fn parameter(&mut self, p: &Parameter, properties: Properties) {
        let id = self.declare(&p.name, &p.ty, properties);
        self.parameters.push(id);
    }

    fn declare(&mut self, name: &str, ty: &Type, properties: Properties) -> Id {
        let mut side = |d: &DimExpr| evaluate(d, &self.sizes, &mut self.graph.dims).unwrap_or(Dim::ONE);
        let shape = Shape::new(side(&ty.rows), side(&ty.cols));
        let id = self.graph.declare(Variable { name: name.into(), kind: ty.kind, shape, properties });
        self.scope = std::mem::take(&mut self.scope).bind(name, id);
        id
    }

    fn bind_differentials(&mut self, parameters: &[Parameter]) {
        for (i, p) in parameters.iter().enumerate() {
            let d = self.graph.differential(VarId(i as u32));
            self.scope = std::mem::take(&mut self.scope).bind(format!("d{}", p.name), d);
        }
    }

    fn bind_cotangent(&mut self, result: &Type) {
        // A parameter of the same name comes first, as in the entry itself.
        if !self.graph.variables().iter().any(|v| v.name == "G") {
            self.declare("G", result, Properties::NONE);
        }
    }

    fn assume(&mut self, conditions: &[ConditionTemplate]) -> Result<(), Diagnostic> {
        for c in conditions {
            let found = self.condition(c)?;
            self.conditions.extend(found);
        }
        Ok(())
    }

    /// A condition of the law; none where it is a property, which the variables have.
    pub fn condition(&mut self, template: &ConditionTemplate) -> Result<Option<Condition>, Diagnostic> {
        let catalog = self.graph.catalog_arc();
        let Some(predicate) = catalog.predicate(&template.predicate) else { return Ok(None) };
        let args = template.args.iter().map(|a| self.read(a)).collect::<Result<_, _>>()?;
        Ok(Some(Condition { predicate, args }))
    }

    /// A predicate said of its own parameters.
    pub fn said(&self, predicate: PredicateId) -> Condition {
        Condition { predicate, args: self.parameters.iter().copied().collect() }
    }

    /// A template as a node.
    pub fn read(&mut self, template: &Template) -> Result<Id, Diagnostic> {
        self.read_in(template, None)
    }

    /// A template as a node of this shape.
    pub fn read_as(&mut self, template: &Template, shape: Shape) -> Result<Id, Diagnostic> {
        self.read_in(template, Some(shape))
    }

    fn read_in(&mut self, template: &Template, shape: Option<Shape>) -> Result<Id, Diagnostic> {
        let catalog = self.graph.catalog_arc();
        let ast = template.ast(&catalog)?;
        let read = match shape {
            Some(shape) => elaborate_as(&mut self.graph, ast, &self.scope, shape),
            None => elaborate(&mut self.graph, ast, &self.scope),
        };
        let id = read.map_err(|e| template.placed(e))?;
        let found = self.graph.shape(id);
        if let Some(wanted) = shape.filter(|s| *s != found) {
            let said =
                |s: Shape| format!("{}×{}", self.graph.dims.text(s.rows), self.graph.dims.text(s.cols));
            let text = format!("this is {}, and must be {}", said(found), said(wanted));
            return Err(template.blamed(Diagnostic::request("E0121", text), said(found)));
        }
        match self.graph.fault() {
            Some(fault) => Err(template.blamed(fault.error("this side"), "here")),
            None => Ok(id),
        }
    }

    /// The call of a function on the variables.
    pub fn call(&mut self, f: FnId) -> Id {
        self.graph.call(f, self.parameters.iter().copied())
    }

    /// The variables of the parameters.
    pub fn parameters(&self) -> &[Id] {
        &self.parameters
    }

    /// The cotangent G.
    pub fn cotangent(&mut self) -> Option<Id> {
        self.graph.variable_named("G").map(|v| self.graph.var(v))
    }
}

/// The properties that conditions ask of a parameter.
fn asked(conditions: &[ConditionTemplate], p: &Parameter) -> Properties {
    let said = conditions.iter().filter(|c| matches!(&c.args[..], [arg] if arg.text() == p.name));
    said.filter_map(|c| Properties::parse(&c.predicate)).fold(Properties::NONE, Properties::with).closed()
}
