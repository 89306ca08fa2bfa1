//! The flops of what would be emitted.
//!
//! In: nodes of a graph. Out: polynomials in the dimensions.
//! Invariant: what is counted is the plan that is written, with shared steps counted once.
//!
//! Of `x^T A x`: `2 n^2 + 2 n`.

use crate::cost::Flops;
use crate::diagnostic::Diagnostic;
use crate::expr::{Graph, Id};

use super::extract::Extraction;
use super::lower::Lowering;
use super::names::Names;
use super::target::{Form, Target, target};
use super::word::Stretches;

/// The target whose operations are counted: the one that has all of them.
const REFERENCE: &str = "numpy";

/// What the propagation of directions or cotangents takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mode {
    /// What does not depend on the direction.
    pub once: Flops,
    /// What is done for each.
    pub each: Flops,
}

/// What the evaluation of all these together takes, which are `function` and what is derived from it.
pub fn count(graph: &Graph, function: Id, roots: &[Id]) -> Result<Flops, Diagnostic> {
    let target = reference()?;
    let names = Names::new(graph, target);
    let extraction = Extraction { target, names: &names, function };
    let mut machine = graph.clone();
    let chosen = extraction.choose(&mut machine, roots);
    let (plan, steps) = extraction.plan(&machine, &chosen);
    Ok(plan.total(&steps))
}

impl Mode {
    /// What `root` takes where `seed`, a direction or a cotangent, is carried through it step by step.
    pub fn of(graph: &Graph, root: Id, seed: Id) -> Result<Mode, Diagnostic> {
        let target = reference()?;
        let names = Names::new(graph, target);
        let stretches = Stretches::of(graph, &[root], &[]);
        let mut lowering = Lowering::new(graph, target, &names, stretches);
        lowering.carry(root, seed);
        let step = lowering.lower(root);
        let seed = lowering.lower(seed);
        let plan = &lowering.plan;
        let mut mode = Mode { once: Flops::ZERO, each: Flops::ZERO };
        let mut depends = vec![false; plan.len()];
        for id in plan.reachable(&[step]) {
            let carried = id == seed || plan.step(id).args.iter().any(|a| depends[*a]);
            depends[id] = carried;
            let part = if carried { &mut mode.each } else { &mut mode.once };
            part.add(plan.flops(id));
        }
        Ok(mode)
    }
}

fn reference() -> Result<&'static Target, Diagnostic> {
    match target(REFERENCE)? {
        Form::Code(target) => Ok(target),
        Form::Document(_) => Err(Diagnostic::internal("flops are counted in a target that is a document")),
    }
}
