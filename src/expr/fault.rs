//! Why a graph could not hold a node.
//!
//! In: a node that does not fit, or one too many. Out: [`Fault`], which becomes the error of the request.
//! Invariant: arguments that do not fit are a mistake of this program, a full graph is a limit that was met.
//!
//! `Fault::Full(1000).error("the differential")` is `limit met: more than 1000 nodes of the expression graph`.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::limits::Limits;

use super::{Graph, Id, Node, Shape};

/// A node that was not built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The operator and the shapes it was given.
    Shape(String),
    /// There are as many nodes as there may be.
    Full(usize),
}

impl Fault {
    /// The error for what was being built.
    pub fn error(&self, what: &str) -> Diagnostic {
        match self {
            Fault::Shape(node) => Diagnostic::internal(format!("{what} is ill-shaped: {node}")),
            Fault::Full(nodes) => Limits { nodes: *nodes, ..Limits::default() }.met("nodes"),
        }
    }
}

impl Graph {
    /// An empty graph that holds no more than so many nodes.
    pub fn with_most(catalog: Arc<Catalog>, most: usize) -> Graph {
        let mut graph = Graph::new(catalog);
        graph.most = most;
        graph
    }

    /// The first node that could not be built, if any.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Keeps that a node does not fit; a zero stands in its place.
    pub(super) fn keep_fault(&mut self, node: &Node) -> Id {
        let shapes: Vec<String> = node.args.iter().map(|a| self.shape(*a).text(&self.dims)).collect();
        if self.fault.is_none() {
            self.fault = Some(Fault::Shape(format!("{:?} of {}", node.op, shapes.join(", "))));
        }
        self.zeros(Shape::SCALAR)
    }

    /// Keeps that there is no room; the first node stands in the place of the one that was to be added.
    pub(super) fn full(&mut self) -> Id {
        self.fault.get_or_insert(Fault::Full(self.most));
        Id(0)
    }
}
