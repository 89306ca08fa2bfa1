//! The texts of an answer as nodes.
//!
//! In: an answer's variables and its texts. Out: nodes of one graph.
//! Invariant: the ordinary parser and the ordinary shape inference read them; only `d(u)`, the differential of u, and
//! `dX` are new names.

use crate::diagnostic::{Diagnostic, Source};
use crate::expr::{AbstractFunction, Condition, Graph, Id, Kind, Op, Shape, VarId};
use crate::limits::Limits;
use crate::print::{Style, differential, name};
use crate::shape::{Scope, elaborate, elaborate_as};
use crate::syntax::{Ast, AstId, AstKind, AstNode, parse_text};

use super::instance::wrong;

/// Reads the texts of one answer.
pub(super) struct Reader {
    pub graph: Graph,
    /// The variables of the answer.
    pub variables: Vec<VarId>,
    /// What must hold for the function to be defined.
    pub conditions: Vec<Condition>,
    /// How `d( )` is called.
    pub sign: String,
    /// Names that the derivation gave to parts.
    pub names: Vec<(String, Id)>,
    limits: Limits,
}

impl Reader {
    pub fn new(graph: Graph, variables: Vec<VarId>, conditions: Vec<Condition>, limits: &Limits) -> Reader {
        let sign = crate::explain::sign(&graph).to_owned();
        Reader { graph, variables, conditions, sign, names: vec![], limits: limits.clone() }
    }

    /// The node of a text; `shape` where it is known.
    pub fn read(&mut self, text: &str, shape: Option<Shape>) -> Result<Id, Diagnostic> {
        if let (Some(shape), "0") = (shape, text.trim()) {
            return Ok(self.graph.zeros(shape));
        }
        let source = Source::new("<step>", text);
        let (catalog, sign) = (self.graph.catalog_arc(), self.sign.clone());
        let is_function = |name: &str| {
            name == sign || crate::shape::BUILTINS.contains(&name) || catalog.find(name).is_some()
        };
        let named = self.names.iter().map(|(name, _)| name.clone());
        let variables = self.graph.variables().iter().map(|v| v.name.clone()).chain(named);
        let functions = self.graph.functions().iter().map(|f| f.name.clone());
        let ast = parse_text(&source, variables, functions, &is_function, &self.limits)?;
        let mut scope = Scope::of(&mut self.graph);
        for v in self.variables.clone() {
            let d = differential(&self.graph.variable(v).name, Style::Ascii);
            let plain = name(&self.graph.variable(v).name, Style::Ascii);
            let (leaf, var) = (self.graph.differential(v), self.graph.var(v));
            scope = scope.bind(d, leaf).bind(plain, var);
        }
        for (name, part) in &self.names {
            scope = scope.bind(name.clone(), *part);
        }
        self.with_differentials(&ast, scope, shape)
    }

    /// Gives a part a name, which has to be new.
    pub fn name(&mut self, name: &str, part: &str) -> Result<(), Diagnostic> {
        let graph = &self.graph;
        let is_differential = |v: &VarId| differential(&graph.variable(*v).name, Style::Ascii) == name;
        let taken = graph.variable_named(name).is_some()
            || graph.functions().iter().any(|f| f.name == name)
            || graph.dims.names().any(|d| d == name)
            || graph.catalog().find(name).is_some()
            || self.variables.iter().any(is_differential)
            || self.names.iter().any(|(known, _)| known == name)
            || name == self.sign;
        let mut letters = name.chars();
        let word = letters.next().is_some_and(char::is_alphabetic)
            && letters.all(|c| c.is_alphanumeric() || c == '_');
        if taken || !word {
            return Err(wrong(format!("`{name}` is no new name")));
        }
        let id = self.read(part, None)?;
        self.names.push((name.to_owned(), id));
        Ok(())
    }

    /// Builds each `d(u)` before what it stands in.
    fn with_differentials(
        &mut self,
        ast: &Ast,
        mut scope: Scope,
        shape: Option<Shape>,
    ) -> Result<Id, Diagnostic> {
        let mut ast = ast.clone();
        for i in 0..ast.nodes.len() {
            let AstKind::Call { function, args, .. } = &ast.nodes[i].kind else { continue };
            let [arg] = args.as_slice() else { continue };
            if *function != self.sign {
                continue;
            }
            let inner = elaborate(&mut self.graph, &below(&ast, *arg), &scope)?;
            let d = self.differential_of(inner);
            let name = format!("differential{i}");
            scope = scope.bind(name.clone(), d);
            ast.nodes[i].kind = AstKind::Name(name);
        }
        let ast = below(&ast, ast.root());
        match shape {
            Some(shape) => elaborate_as(&mut self.graph, &ast, &scope, shape),
            None => elaborate(&mut self.graph, &ast, &scope),
        }
    }

    /// `d(u)`.
    pub fn differential_of(&mut self, u: Id) -> Id {
        let shape = self.graph.shape(u);
        let known = self.graph.functions().iter().position(|f| f.name == self.sign && f.argument.1 == shape);
        let f = match known {
            Some(place) => crate::expr::AbstractId(place as u32),
            None => {
                let kind = if shape.is_scalar() { Kind::Scalar } else { Kind::Matrix };
                let side = (kind, shape);
                self.graph.declare_function(AbstractFunction {
                    name: self.sign.clone(),
                    argument: side,
                    value: side,
                })
            }
        };
        self.graph.add(Op::Apply(f, 0), [u])
    }

    /// What `d( )` is of.
    pub fn inside(&self, id: Id) -> Option<Id> {
        match self.graph.op(id) {
            Op::Apply(f, 0) if self.graph.function(*f).name == self.sign => {
                self.graph.args(id).first().copied()
            }
            _ => None,
        }
    }
}

/// The part of an Ast below one node, as one of its own.
fn below(ast: &Ast, root: AstId) -> Ast {
    let mut wanted = vec![false; ast.nodes.len()];
    wanted[root.0 as usize] = true;
    for i in (0..=root.0).rev() {
        if wanted[i as usize] {
            for c in ast.children(AstId(i)) {
                wanted[c.0 as usize] = true;
            }
        }
    }
    let mut to = vec![AstId(0); ast.nodes.len()];
    let mut nodes: Vec<AstNode> = vec![];
    for (i, node) in ast.nodes.iter().enumerate().filter(|(i, _)| wanted[*i]) {
        let moved = |a: &AstId| to[a.0 as usize];
        let kind = match &node.kind {
            AstKind::Sum(items) => AstKind::Sum(items.iter().map(|(s, a)| (*s, moved(a))).collect()),
            AstKind::DotSum(items) => AstKind::DotSum(items.iter().map(|(s, a)| (*s, moved(a))).collect()),
            AstKind::Negate(a) => AstKind::Negate(moved(a)),
            AstKind::Transpose(a) => AstKind::Transpose(moved(a)),
            AstKind::Product(items) => AstKind::Product(items.iter().map(moved).collect()),
            AstKind::Binary(op, a, b) => AstKind::Binary(*op, moved(a), moved(b)),
            AstKind::Call { function, dotted, primes, args, along } => AstKind::Call {
                function: function.clone(),
                dotted: *dotted,
                primes: *primes,
                args: args.iter().map(moved).collect(),
                along: along.iter().map(moved).collect(),
            },
            kind => kind.clone(),
        };
        to[i] = AstId(nodes.len() as u32);
        nodes.push(AstNode { kind, span: node.span });
    }
    Ast { source: ast.source.clone(), nodes, mixes: vec![] }
}
