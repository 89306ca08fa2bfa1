//! What names mean while an expression is read.
//!
//! In: variables, parts, dimensions and abstract functions. Out: a [`Symbol`] by name.
//! Invariant: a name has one meaning in one request.

use rustc_hash::FxHashMap;

use crate::expr::{AbstractId, Dim, Graph, Id, Kind, Properties, VarId};

use super::solver::{Sides, Term};

/// Names bound to nodes and dimensions: what [`elaborate`](super::elaborate) reads an Ast in.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub(super) names: Vec<(String, Id)>,
    pub(super) sizes: Vec<(String, Dim)>,
    pub(super) functions: Vec<(String, AbstractId)>,
}

impl Scope {
    /// An empty scope.
    pub fn new() -> Scope {
        Scope::default()
    }

    /// All variables, named dimensions and abstract functions of a graph.
    pub fn of(graph: &mut Graph) -> Scope {
        let mut scope = Scope::new();
        for i in 0..graph.variables().len() {
            let v = VarId(i as u32);
            let id = graph.var(v);
            scope.names.push((graph.variable(v).name.clone(), id));
        }
        let sizes: Vec<String> = graph.dims.names().map(str::to_owned).collect();
        scope.sizes = sizes.into_iter().map(|n| (n.clone(), graph.dims.named(&n))).collect();
        let functions = graph.functions().iter().enumerate();
        scope.functions = functions.map(|(i, f)| (f.name.clone(), AbstractId(i as u32))).collect();
        scope
    }

    /// With a name for a node; hides an earlier one.
    #[must_use]
    pub fn bind(mut self, name: impl Into<String>, id: Id) -> Scope {
        self.names.push((name.into(), id));
        self
    }

    /// With a name for a dimension.
    #[must_use]
    pub fn size(mut self, name: impl Into<String>, dim: Dim) -> Scope {
        self.sizes.push((name.into(), dim));
        self
    }
}

/// The meaning of a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Symbol {
    /// A variable or named part.
    Value { sides: Sides, integer: bool, id: Option<Id> },
    /// A dimension.
    Size(Dim),
    /// An abstract function, by its place among the [`Signature`]s.
    Function(usize),
}

/// The type of an abstract function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature {
    pub argument: (Kind, Sides),
    pub value: (Kind, Sides),
    pub id: Option<AbstractId>,
}

/// All names of one reading.
#[derive(Default)]
pub(super) struct Symbols {
    pub map: FxHashMap<String, Symbol>,
    pub signatures: Vec<Signature>,
}

impl Symbols {
    pub fn get(&self, name: &str) -> Option<Symbol> {
        self.map.get(name).copied()
    }

    /// The abstract function with this name.
    pub fn signature(&self, name: &str) -> Option<Signature> {
        match self.get(name)? {
            Symbol::Function(i) => self.signatures.get(i).copied(),
            _ => None,
        }
    }

    /// The symbols of a scope whose nodes are there already.
    pub fn of_scope(graph: &Graph, scope: &Scope) -> Symbols {
        let mut symbols = Symbols::default();
        for (name, dim) in &scope.sizes {
            symbols.map.insert(name.clone(), Symbol::Size(*dim));
        }
        let known = |s: crate::expr::Shape| Sides::new(Term::Known(s.rows), Term::Known(s.cols));
        for (name, f) in &scope.functions {
            let function = graph.function(*f);
            let typed = |(kind, shape)| (kind, known(shape));
            symbols.map.insert(name.clone(), Symbol::Function(symbols.signatures.len()));
            let (argument, value) = (typed(function.argument), typed(function.value));
            symbols.signatures.push(Signature { argument, value, id: Some(*f) });
        }
        for (name, id) in &scope.names {
            let integer = graph.properties(*id).has(Properties::INTEGER);
            let sides = known(graph.shape(*id));
            symbols.map.insert(name.clone(), Symbol::Value { sides, integer, id: Some(*id) });
        }
        symbols
    }
}
