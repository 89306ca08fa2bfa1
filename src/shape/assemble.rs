//! The nodes of a request whose shapes are known.
//!
//! In: variables and checked texts. Out: a [`Problem`] with its conditions. Invariant: a condition that can never
//! hold is an error here, before anything is derived.
//! Example: `inv(A - A)` is refused.

use crate::diagnostic::Diagnostic;
use crate::expr::{AbstractFunction, Condition, Graph, Id, Shape, VarId, Variable};
use crate::syntax::{Ast, Program};

use super::build::{Builder, Built};
use super::check::{Checked, Result};
use super::conditions;
use super::infer::Draft;
use super::problem::Problem;
use super::scope::{Signature, Symbol, Symbols};
use super::solver::{Sides, Solver};

/// All shapes are known; nodes are built.
pub(super) struct Stage {
    pub graph: Graph,
    pub drafts: Vec<Draft>,
    pub order: Vec<usize>,
    pub function_names: Vec<String>,
    pub solver: Solver,
    pub symbols: Symbols,
}

impl Stage {
    fn shape(&mut self, s: Sides) -> Result<Shape> {
        let rows = self.solver.known(s.rows, &mut self.graph.dims);
        let cols = self.solver.known(s.cols, &mut self.graph.dims);
        match (rows, cols) {
            (Some(rows), Some(cols)) => Ok(Shape::new(rows, cols)),
            _ => Err(Diagnostic::internal("a variable whose shape was not inferred")),
        }
    }

    pub fn build(mut self, program: &Program, texts: &[&Ast], checked: &[Checked]) -> Result<Problem> {
        let variables = self.variables()?;
        self.functions()?;
        let mut parts = Vec::new();
        let mut built = Vec::new();
        for (i, (ast, checked)) in texts.iter().zip(checked).enumerate() {
            let one = Builder::new(&mut self.graph, ast, checked, &self.symbols, &mut self.solver).build()?;
            if let Some(part) = program.parts.get(i) {
                if let Some(Symbol::Value { id, .. }) = self.symbols.map.get_mut(&part.name) {
                    *id = Some(one.root);
                }
                parts.push((part.name.clone(), one.root));
            }
            built.push(one);
        }
        if let Some(fault) = self.graph.fault() {
            return Err(fault.error("the function"));
        }
        let Some(function) = built.last().map(|b| b.root) else {
            return Err(Diagnostic::request("E0001", "there is no expression"));
        };
        let mut conditions = Vec::new();
        for (condition, origin) in conditions::collect(&mut self.graph, &[function])? {
            if conditions::impossible(&self.graph, &condition) {
                return Err(self.never_holds(&condition, origin, texts, &built));
            }
            conditions.push(condition);
        }
        Ok(Problem { graph: self.graph, function, parts, conditions, variables })
    }

    fn variables(&mut self) -> Result<Vec<VarId>> {
        let mut variables = Vec::new();
        for place in std::mem::take(&mut self.order) {
            let Draft { name, kind, sides, properties, .. } = &self.drafts[place];
            let (name, kind, sides, properties) = (name.clone(), *kind, *sides, *properties);
            let shape = self.shape(sides)?;
            variables.push(VarId(self.graph.variables().len() as u32));
            let node = self.graph.declare(Variable { name: name.clone(), kind, shape, properties });
            if let Some(Symbol::Value { id, .. }) = self.symbols.map.get_mut(&name) {
                *id = Some(node);
            }
        }
        Ok(variables)
    }

    fn functions(&mut self) -> Result<()> {
        for i in 0..self.symbols.signatures.len() {
            let Signature { argument, value, .. } = self.symbols.signatures[i];
            let argument = (argument.0, self.shape(argument.1)?);
            let value = (value.0, self.shape(value.1)?);
            let name = self.function_names.get(i).cloned().unwrap_or_default();
            let id = self.graph.declare_function(AbstractFunction { name, argument, value });
            self.symbols.signatures[i].id = Some(id);
        }
        Ok(())
    }

    /// The error of a condition that no values of the variables meet.
    fn never_holds(&self, condition: &Condition, origin: Id, texts: &[&Ast], built: &[Built]) -> Diagnostic {
        let place = |id: Id| {
            let found = |(ast, b): (&&'_ Ast, &Built)| {
                let i = b.ids.iter().position(|other| *other == Some(id))?;
                Some((ast.source.clone(), ast.nodes[i].span))
            };
            texts.iter().zip(built).find_map(found)
        };
        let predicate = self.graph.catalog().predicate_entry(condition.predicate);
        let mut needed = predicate.text.clone();
        for (parameter, arg) in predicate.parameters.iter().zip(&condition.args) {
            let text = place(*arg)
                .and_then(|(source, span)| Some(source.text.get(span.start..span.end)?.to_owned()));
            let text = text.filter(|t| t.chars().count() <= 40).unwrap_or_else(|| "its argument".into());
            needed = needed.replace(&format!("{{{}}}", parameter.name), &text);
        }
        let text = format!("this is nowhere defined: it needs {needed}, which never holds");
        let d = Diagnostic::request("E0131", text);
        match place(origin) {
            Some((source, span)) => d.at(&source, span, "defined nowhere"),
            None => d,
        }
    }
}
