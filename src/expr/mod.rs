//! Typed expressions: the currency between the stages.
//!
//! In: operators over symbolic dimensions. Out: a hash-consed [`Graph`] of nodes, each with its shape and
//! what is certain of its value. Everything that is read, derived, simplified, printed, evaluated or emitted
//! is an [`Id`] in such a graph.

mod build;
mod condition;
mod dim;
mod facts;
mod fault;
mod graph;
mod node;
mod number;
mod properties;
mod result;
mod shape;
mod table;

pub use condition::{Condition, PredicateId};
pub use dim::{Dim, DimTable, Monomial, Polynomial};
pub(crate) use facts::own_size;
pub use fault::Fault;
pub use graph::{AbstractFunction, Graph, Kind, Variable};
pub use node::{AbstractId, FnId, Id, Node, Op, VarId};
pub use number::Number;
pub use properties::Properties;
pub use shape::Shape;
pub use table::Table;
