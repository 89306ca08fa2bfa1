//! The functions of a module and what stands around them.
//!
//! In: a request. Out: imports, helpers, functions.
//! Invariant: every function takes the same variables, by their names, in the order of declaration.

mod docstring;
mod frame;
mod signature;

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::diagnostic::Diagnostic;
use crate::expr::{Dim, Graph, Id, Kind, Op, VarId, Variable};
use crate::print::{Style, name};

pub(super) use frame::has_word;
use frame::mentions;

use super::extract::Extraction;
use super::names::Names;
use super::plan::{Code, Plan, StepId, Storage};
use super::target::{Target, fill};
use super::write::Writer;
use super::{DerivativeKind, EmitRequest};

/// A module in the making.
struct Module<'g> {
    target: &'static Target,
    graph: &'g Graph,
    /// The same with the forms that a machine computes.
    machine: Graph,
    names: Names,
    /// The function that all others are derived from.
    function: Id,
    /// The variables that every function takes.
    variables: Vec<VarId>,
    /// Abstract functions and their derivatives; a function takes those that it calls after them.
    functions: Vec<String>,
    /// Dimensions that no argument shows.
    sizes: BTreeSet<String>,
    /// All code of functions, without documentation.
    code: String,
    /// The types of results, by name.
    records: IndexMap<String, String>,
}

/// One function to write.
struct Request<'r> {
    name: &'static str,
    /// Result by the variable's name, its node, and whether and how it is stored.
    results: Vec<(String, Id, Stored)>,
    differentials: &'r [VarId],
    /// Whether the first result is the function's value, which the others follow.
    paired: bool,
}

/// How a result leaves the function.
#[derive(Clone, Copy)]
enum Stored {
    /// As it is computed.
    Plain,
    /// As this variable came in.
    Like(VarId),
    /// As a 2-d array.
    Matrix,
}

/// The text of a module.
pub(super) fn module(
    target: &'static Target,
    graph: &Graph,
    request: &EmitRequest,
) -> Result<String, Diagnostic> {
    let roots: Vec<Id> = [request.function]
        .into_iter()
        .chain(request.differential)
        .chain(request.derivatives.iter().map(|d| d.2))
        .collect();
    let reachable = graph.reachable(&roots);
    let mut module = Module {
        target,
        graph,
        machine: graph.clone(),
        names: Names::new(graph, target),
        function: request.function,
        variables: variables(graph, &reachable, &request.varying),
        functions: Vec::new(),
        sizes: BTreeSet::new(),
        code: String::new(),
        records: IndexMap::new(),
    };
    module.functions = module.abstract_functions(&reachable);
    let mut requests = vec![Request {
        name: "value",
        results: vec![(String::new(), request.function, Stored::Plain)],
        differentials: &[],
        paired: false,
    }];
    if let Some(df) = request.differential {
        let results = vec![(String::new(), df, Stored::Plain)];
        let differentials = &request.varying;
        requests.push(Request { name: "differential", results, differentials, paired: false });
    }
    requests.extend(derivatives(graph, request));
    if let Some(gradient) = requests.iter().find(|r| r.name == "gradient") {
        let value = [(String::new(), request.function, Stored::Plain)];
        let results = value.into_iter().chain(gradient.results.iter().cloned()).collect();
        requests.push(Request { name: "value_and_gradient", results, differentials: &[], paired: true });
    }
    let mut body = String::new();
    for r in &requests {
        body.push_str(&module.function(r, &request.conditions)?);
    }
    Ok(module.frame(&body))
}

/// The variables in use, without the indices of sums.
fn variables(graph: &Graph, reachable: &[Id], varying: &[VarId]) -> Vec<VarId> {
    let mut found: BTreeSet<VarId> = varying.iter().copied().collect();
    for id in reachable {
        if let Op::Var(v) = graph.op(*id) {
            found.insert(*v);
        }
    }
    for id in reachable.iter().filter(|id| *graph.op(**id) == Op::BoundedSum) {
        if let Some(Op::Var(v)) = graph.args(*id).first().map(|a| graph.op(*a)) {
            found.remove(v);
        }
    }
    found.into_iter().collect()
}

/// The functions for the derivatives: one a kind, a dictionary where more than one variable varies.
fn derivatives<'r>(graph: &Graph, request: &'r EmitRequest) -> Vec<Request<'r>> {
    let scalar = graph.shape(request.function).is_scalar();
    let mut found: Vec<Request> = Vec::new();
    for (v, kind, id) in &request.derivatives {
        let by_scalar = graph.variable(*v).kind == Kind::Scalar;
        let (function, stored) = match kind {
            DerivativeKind::Operator => continue,
            DerivativeKind::Derivative if scalar => ("gradient", Stored::Like(*v)),
            DerivativeKind::Derivative => ("derivative", Stored::Plain),
            DerivativeKind::Gradient => ("gradient", Stored::Like(*v)),
            DerivativeKind::Hessian if by_scalar => ("hessian", Stored::Plain),
            DerivativeKind::Hessian => ("hessian", Stored::Matrix),
            DerivativeKind::Jacobian if by_scalar => ("jacobian", Stored::Plain),
            DerivativeKind::Jacobian | DerivativeKind::Kronecker => ("jacobian", Stored::Matrix),
        };
        let result = (name(&graph.variable(*v).name, Style::Ascii), *id, stored);
        match found.iter_mut().find(|r| r.name == function) {
            Some(r) => r.results.push(result),
            None => {
                let results = vec![result];
                found.push(Request { name: function, results, differentials: &[], paired: false });
            }
        }
    }
    found
}

/// How a variable is stored where it comes in, if that is not how it is computed with.
fn differs(variable: &Variable) -> bool {
    let computed = Storage::of(variable.shape);
    match variable.kind {
        Kind::Scalar => false,
        Kind::Vector => computed != Storage::Vector,
        Kind::Matrix => computed != Storage::Matrix,
    }
}

impl Module<'_> {
    fn abstract_functions(&self, reachable: &[Id]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for id in reachable {
            let called = match self.graph.op(*id) {
                Op::Apply(f, order) | Op::ApplyMap(f, order) => self.names.function(*f, *order, false),
                Op::ApplyAlong(f, order) => self.names.function(*f, *order, true),
                _ => continue,
            };
            if !found.contains(&called) {
                found.push(called);
            }
        }
        found.sort();
        found
    }

    fn function(&mut self, request: &Request, conditions: &[String]) -> Result<String, Diagnostic> {
        let layout = &self.target.layout;
        let roots: Vec<Id> = request.results.iter().map(|r| r.1).collect();
        let extraction = Extraction { target: self.target, names: &self.names, function: self.function };
        let chosen = extraction.choose(&mut self.machine, &roots);
        let (mut plan, mut steps) = extraction.plan(&self.machine, &chosen);
        for (step, (_, id, stored)) in steps.iter_mut().zip(&request.results) {
            *step = self.stored(&mut plan, *step, *id, *stored);
        }
        let plan = &plan;
        let options = self.options();
        let taken = self.variables.iter().chain(request.differentials);
        let named = |v: &VarId| [self.names.variable(*v), self.names.differential(*v)];
        let writer = Writer {
            graph: &self.machine,
            target: self.target,
            names: &self.names,
            plan,
            options,
            whole: taken.clone().filter(|v| self.is_whole(**v)).map(|v| self.names.variable(*v)).collect(),
            converted: taken.filter(|v| differs(self.graph.variable(**v))).flat_map(named).collect(),
        };
        let beside = request.results.iter().map(|(key, ..)| key.chars().count()).max().unwrap_or(0);
        let (mut assignments, mut results) = writer.lines(&steps, beside)?;
        let parts =
            request.results.iter().zip(&steps).map(|((key, ..), s)| (self.field(key), plan.storage(*s)));
        let (result_type, records) = self.result_type(request, &parts.collect::<Vec<_>>());
        let converted = self.converted(&mut assignments, &mut results);
        let result = self.result(request, &results, &result_type);
        let used: BTreeSet<String> = plan
            .reachable(&steps)
            .into_iter()
            .filter_map(|s| match &plan.step(s).code {
                Code::Size(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        let entry = self.entry(request.differentials);
        let (dimensions, missing) = self.dimensions(&used)?;
        self.sizes.extend(missing.iter().cloned());
        let read = |name: &str| {
            let mut lines = entry.iter().chain(&dimensions).chain(&assignments).chain(&results);
            lines.any(|line| has_word(line, name))
        };
        let (parameters, discarded) = self.parameters(request.differentials, &missing, &read)?;
        let own = |pair: &'static str, other: &'static str| match request.paired && !pair.is_empty() {
            true => pair,
            false => other,
        };
        let head = own(&layout.pair_function, &layout.function);
        let mut head = format!("{}\n", fill(head, &[request.name, &parameters.join(", "), &result_type]));
        if head.chars().count() > layout.line.saturating_add(1) && !layout.long_function.is_empty() {
            let parameters = parameters.join(&layout.long_parameter);
            head = format!("{}\n", fill(&layout.long_function, &[request.name, &parameters, &result_type]));
        }
        let documentation = self.documentation(request, conditions);
        let mut text = match layout.documentation_first {
            true => format!("{}{documentation}{head}", self.apart()),
            false => format!("{}{head}{documentation}", self.apart()),
        };
        let give = match request.paired && !layout.pair_return.is_empty() {
            true => result,
            false => fill(self.last_line(request), &[&result, &result_type]),
        };
        if self.declares() {
            self.code.push_str(&head);
            self.code.push_str(&records.iter().map(|r| r.1.as_str()).collect::<String>());
        }
        self.records.extend(records);
        for line in discarded
            .iter()
            .chain(&entry)
            .chain(&converted)
            .chain(&dimensions)
            .chain(&assignments)
            .chain([&give])
            .chain((!layout.end.is_empty()).then_some(&layout.end))
        {
            for out in [&mut text, &mut self.code] {
                out.push_str(line);
                out.push('\n');
            }
        }
        Ok(text)
    }

    /// Scalar variables that are taken as arrays are made arrays once, in front.
    fn converted(&self, assignments: &mut [String], results: &mut [String]) -> Vec<String> {
        let Some(array) = self.target.operators.get("array") else { return vec![] };
        let mut lines = vec![];
        let scalars = self.variables.iter().filter(|v| self.graph.variable(**v).kind == Kind::Scalar);
        for name in scalars.map(|v| self.names.variable(*v)) {
            let call = fill(&array.code, &[&name]);
            let all = || assignments.iter().chain(results.iter());
            if all().any(|code| mentions(code, &call)) {
                for code in assignments.iter_mut().chain(results.iter_mut()) {
                    *code = code.replace(&call, &name);
                }
                lines.push(fill(&self.target.layout.assign, &[&name, &call]));
            }
        }
        lines
    }

    /// Of what kind a new array is: as the first array that comes in.
    fn options(&self) -> String {
        let layout = &self.target.layout;
        let array = self.variables.iter().find(|v| self.graph.variable(**v).kind != Kind::Scalar);
        array.map_or_else(
            || layout.options_alone.clone(),
            |v| fill(&layout.options, &[&self.names.variable(*v)]),
        )
    }

    /// The step that brings a result into the form it leaves in.
    fn stored(&self, plan: &mut Plan, step: StepId, id: Id, stored: Stored) -> StepId {
        let shape = self.graph.shape(id);
        let wanted = match stored {
            Stored::Plain => return step,
            Stored::Matrix => Kind::Matrix,
            Stored::Like(v) => self.graph.variable(v).kind,
        };
        match (wanted, plan.storage(step)) {
            (Kind::Matrix, Storage::Scalar) => plan.op("singleton_matrix", &[step], Storage::Matrix),
            (Kind::Matrix, Storage::Vector) if shape.is_column() => {
                plan.op("column", &[step], Storage::Matrix)
            }
            (Kind::Matrix, Storage::Vector) => plan.op("row", &[step], Storage::Matrix),
            (Kind::Vector, Storage::Scalar) => plan.op("singleton", &[step], Storage::Vector),
            _ => step,
        }
    }

    /// Variables that come in as 2-d arrays of one row or column, or as arrays of one number.
    fn entry(&self, differentials: &[VarId]) -> Vec<String> {
        let all = self.variables.iter().map(|v| (*v, self.names.variable(*v)));
        let all = all.chain(differentials.iter().map(|v| (*v, self.names.differential(*v))));
        all.filter(|(v, _)| differs(self.graph.variable(*v)))
            .map(|(v, name)| {
                let scalar = self.graph.variable(v).shape.is_scalar();
                let op = if scalar { "item" } else { "flatten" };
                let code = self.target.operators.get(op).map_or("", |o| o.code.as_str());
                let storage = if scalar { Storage::Scalar } else { Storage::Vector };
                let assign = self.target.typed.as_ref().map(|t| t.assign.of(storage));
                let assign = assign.unwrap_or(&self.target.layout.assign);
                fill(assign, &[&name, &fill(code, &[&self.incoming(&name)])])
            })
            .collect()
    }

    /// An assignment for each dimension that a variable shows, and the names of the others.
    fn dimensions(&self, used: &BTreeSet<String>) -> Result<(Vec<String>, Vec<String>), Diagnostic> {
        let (mut lines, mut missing) = (Vec::new(), Vec::new());
        for d in used {
            let is = |dim: Dim| self.graph.dims.as_name(dim) == Some(d.as_str());
            let shown = self.variables.iter().find_map(|v| {
                let shape = self.graph.variable(*v).shape;
                let matrix = shape.is_matrix();
                let op = if is(shape.rows) {
                    "rows"
                } else if is(shape.cols) {
                    if matrix { "columns" } else { "rows" }
                } else {
                    return None;
                };
                let code = self.target.operators.get(op)?.code.as_str();
                Some(fill(code, &[&self.names.variable(*v)]))
            });
            let assign = self.target.typed.as_ref().map_or(&self.target.layout.assign, |t| &t.assign.whole);
            match shown {
                Some(code) => lines.push(fill(assign, &[&self.names.dimension(d), &code])),
                None => missing.push(d.clone()),
            }
        }
        Ok((lines, missing))
    }
}
