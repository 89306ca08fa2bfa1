//! What is known of the classes of the e-graph.
//!
//! In: the shape and the value of a node as it is added. Out: those of its class, and the first two shapes that were to be one.
//! Invariant: a class has one shape; a value that is known stays.
//!
//! The class of `x^T A x` is 1×1, and its value a number of the prime field.

use egg::{Analysis, DidMerge, EGraph};

use crate::expr::Shape;
use crate::numeric::Value;

use super::egraph::Way;

/// What a class knows: its shape, and its value at a generic point of the prime field.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub shape: Shape,
    pub value: Value,
}

/// Every class knows its shape and its value.
#[derive(Default)]
pub(super) struct Knowledge {
    /// What is known of the node that is being added.
    pub next: Option<Class>,
    /// The first two shapes that were to be united.
    pub fault: Option<(Shape, Shape)>,
}

impl Analysis<Way> for Knowledge {
    type Data = Option<Class>;

    fn make(egraph: &mut EGraph<Way, Self>, _: &Way, _: egg::Id) -> Option<Class> {
        egraph.analysis.next.clone()
    }

    fn merge(&mut self, a: &mut Option<Class>, b: Option<Class>) -> DidMerge {
        let (Some(x), Some(y)) = (a.as_mut(), b.as_ref()) else {
            *a = a.take().or(b);
            return DidMerge(false, false);
        };
        if x.shape != y.shape {
            self.fault.get_or_insert((x.shape, y.shape));
        }
        if x.value == Value::Unknown {
            x.value = y.value.clone();
        }
        // What is known comes with the node that is added, never from its parts: there is nothing to pass up.
        DidMerge(false, false)
    }
}
