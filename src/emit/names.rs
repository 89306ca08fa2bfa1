//! Names in the target.
//!
//! In: the request's variables, dimensions and functions. Out: identifiers.
//! Invariant: no two things share a name, and none is a keyword or a helper: `lambda` becomes `lambda_`.

use crate::expr::{AbstractId, Graph, VarId};
use crate::print::{Style, name};

use super::target::Target;

/// The highest derivative of a function whose name is kept from the functions after it.
const ORDERS: u8 = 8;

/// The name of everything the code may mention.
pub(super) struct Names {
    variables: Vec<String>,
    differentials: Vec<String>,
    dimensions: Vec<(String, String)>,
    functions: Vec<String>,
    taken: Vec<String>,
    target: &'static Target,
}

impl Names {
    pub fn new(graph: &Graph, target: &'static Target) -> Names {
        let mut taken: Vec<String> = Vec::new();
        let mut take = |text: String| {
            let free = target.free_name(&name(&text, Style::Ascii), &taken);
            taken.push(free.clone());
            free
        };
        let variables = graph.variables().iter().map(|v| take(v.name.clone())).collect();
        let differentials = graph.variables().iter().map(|v| take(format!("d{}", v.name))).collect();
        let dimensions = graph.dims.names().map(|d| (d.to_owned(), take(d.to_owned()))).collect();
        let functions = graph.functions().iter().map(|f| take(f.name.clone())).collect();
        Names { variables, differentials, dimensions, functions, taken, target }
    }

    pub fn variable(&self, v: VarId) -> String {
        self.variables.get(v.0 as usize).cloned().unwrap_or_default()
    }

    pub fn differential(&self, v: VarId) -> String {
        self.differentials.get(v.0 as usize).cloned().unwrap_or_default()
    }

    pub fn dimension(&self, name: &str) -> String {
        self.dimensions.iter().find(|(d, _)| d == name).map(|(_, n)| n.clone()).unwrap_or_default()
    }

    /// `g`, its derivative `dg`, `ddg`; `dg_along` takes the directions too. A name that another function's derivative
    /// would have as well is given to the first: of `g` and `dg`, `ddg` is the second derivative of `g`.
    pub fn function(&self, f: AbstractId, order: u8, along: bool) -> String {
        let called = |g: &str, order: u8| {
            format!("{}{g}{}", "d".repeat(order.into()), if along { "_along" } else { "" })
        };
        let place = f.0 as usize;
        let name = called(self.functions.get(place).map_or("", String::as_str), order);
        if order == 0 {
            return name;
        }
        let earlier = self.functions.iter().take(place);
        let theirs = earlier.flat_map(|g| (1..=ORDERS).map(|k| called(g, k))).filter(|n| *n == name);
        let taken: Vec<String> = self.taken.iter().cloned().chain(theirs).collect();
        self.target.free_name(&name, &taken)
    }

    /// `t1`, `t2`, … as far as they are free.
    pub fn temporaries(&self) -> impl Iterator<Item = String> {
        (1u64..).map(|i| format!("t{i}")).filter(|t| !self.taken.contains(t))
    }
}
