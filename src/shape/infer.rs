//! A whole request: declarations, parts and the function.
//!
//! In: a [`Program`]. Out: a [`Problem`]. Invariant: the shapes found, and the names of dimensions, do not depend
//! on the order of declarations.
//! Example: `r = X w - y; norm(r)^2` gives X: m×n, w: n, y: m.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::expr::{Dim, Graph, Kind, Properties};
use crate::limits::Limits;
use crate::syntax::{Ast, AstId, AstKind, Declaration, Declared, DimExpr, Program, TypeExpr, is_greek};

use super::assemble::Stage;
use super::check::{Checked, Checker, Result};
use super::message;
use super::naming::conventional_kind;
use super::problem::Problem;
use super::roles::{BUILTINS, Role, Roles};
use super::scope::{Signature, Symbol, Symbols};
use super::solver::{Sides, Term};

/// A variable before it has a node.
pub(super) struct Draft {
    pub name: String,
    pub kind: Kind,
    pub sides: Sides,
    pub properties: Properties,
    pub mentioned: bool,
}

struct Inference<'a> {
    checker: Checker<'a>,
    drafts: Vec<Draft>,
    /// The place of each variable among the drafts.
    places: rustc_hash::FxHashMap<String, usize>,
    /// Drafts in the order of the text.
    order: Vec<usize>,
    undeclared: Vec<String>,
    function_names: Vec<String>,
}

/// Finds the shapes of a request, builds it, and collects its conditions.
pub fn infer(program: &Program, catalog: Arc<Catalog>, limits: &Limits) -> Result<Problem> {
    let mut graph = Graph::with_most(catalog.clone(), limits.nodes);
    let texts: Vec<&Ast> =
        program.parts.iter().map(|p| &p.value).chain(std::iter::once(&program.function)).collect();
    let mut inference = Inference {
        checker: Checker::new(&catalog, &mut graph.dims, Symbols::default()),
        drafts: Vec::new(),
        places: Default::default(),
        order: Vec::new(),
        undeclared: Vec::new(),
        function_names: Vec::new(),
    };
    inference.declarations(&program.declarations)?;
    inference.sizes(&texts);
    let mut checked = Vec::new();
    for (i, ast) in texts.iter().enumerate() {
        inference.names(ast, limits)?;
        let one = inference.checker.check(ast).map_err(|d| inference.explain(d, ast))?;
        if let Some(part) = program.parts.get(i) {
            inference.part(part.name.as_str(), part.span, ast, &one)?;
        }
        checked.push(one);
    }
    inference.rest();
    // An identity whose size nothing determines is of a size of its own.
    for (ast, one) in texts.iter().zip(&checked) {
        let identities =
            ast.nodes.iter().zip(&one.sides).filter(|(n, _)| n.kind == AstKind::Name("I".into()));
        inference.checker.order.extend(identities.map(|(_, sides)| *sides));
    }
    if let Err(((text, id), left, right)) = inference.checker.finish() {
        return Err(message::open_sizes(&mut inference.checker, texts[text], id, left, right));
    }
    if program.varies {
        inference.differentials(&texts)?;
    }
    let Inference { checker, drafts, order, function_names, .. } = inference;
    let Checker { solver, symbols, .. } = checker;
    let stage = Stage { graph, drafts, order, function_names, solver, symbols };
    stage.build(program, &texts, &checked)
}

fn clash(name: &str, what: &str, source: &Source, span: Span) -> Diagnostic {
    Diagnostic::request("E0013", format!("`{name}` is {what} already"))
        .at(source, span, "given again here")
        .help("take another name")
}

impl Inference<'_> {
    /// What a name means already, where it may not be given again.
    fn in_use(&self, name: &str) -> Option<&'static str> {
        // A variable may hide a constant, and a Greek letter is a variable first.
        let hidden = ["I", "K", "e"].contains(&name) || is_greek(name);
        match self.checker.symbols.get(name) {
            Some(Symbol::Size(_)) => Some("a dimension"),
            Some(Symbol::Function(_)) => Some("a function"),
            Some(Symbol::Value { .. }) => Some("a variable or part"),
            None if self.checker.catalog.find(name).is_some() && !hidden => Some("a function"),
            None if BUILTINS.contains(&name) && !hidden => Some("a function"),
            None => None,
        }
    }

    fn declarations(&mut self, declarations: &[Declaration]) -> Result<()> {
        for d in declarations {
            let types = match &d.declared {
                Declared::Variable(t) => vec![t],
                Declared::Function(x, y) => vec![x, y],
            };
            for dim in types.into_iter().filter_map(|t| t.dims.as_ref()).flatten() {
                self.dimension_names(dim);
            }
        }
        for d in declarations {
            if let Some(what) = self.in_use(&d.name) {
                return Err(clash(&d.name, what, &d.source, d.span));
            }
            match &d.declared {
                Declared::Variable(t) => {
                    let sides = self.sides(t, &d.source)?;
                    let properties = t.properties.closed();
                    self.draft(d.name.clone(), t.kind, sides, properties);
                }
                Declared::Function(x, y) => {
                    let argument = (x.kind, self.sides(x, &d.source)?);
                    let value = (y.kind, self.sides(y, &d.source)?);
                    let symbols = &mut self.checker.symbols;
                    symbols.map.insert(d.name.clone(), Symbol::Function(symbols.signatures.len()));
                    symbols.signatures.push(Signature { argument, value, id: None });
                    self.function_names.push(d.name.clone());
                    self.checker.taken.insert(d.name.clone());
                }
            }
        }
        Ok(())
    }

    /// Makes every name in a dimension a dimension. Dimensions nest only as sums of products.
    fn dimension_names(&mut self, dim: &DimExpr) {
        match dim {
            DimExpr::Integer(_) => {}
            DimExpr::Name(name) => self.dimension(name),
            DimExpr::Sum(parts) | DimExpr::Product(parts) => {
                parts.iter().for_each(|p| self.dimension_names(p));
            }
        }
    }

    fn dimension(&mut self, name: &str) {
        let dim = self.checker.dims.named(name);
        self.checker.symbols.map.insert(name.to_owned(), Symbol::Size(dim));
        self.checker.taken.insert(name.to_owned());
    }

    fn sides(&mut self, t: &TypeExpr, source: &Source) -> Result<Sides> {
        let mut terms = Vec::new();
        for dim in t.dims.iter().flatten() {
            let known = self.dim(dim).ok_or_else(|| {
                Diagnostic::request(
                    "E0011",
                    "a dimension is a positive whole number, a name, or a sum or product of them",
                )
                .at(source, t.span, "in this type")
            })?;
            terms.push(Term::Known(known));
        }
        let mut terms = terms.into_iter();
        let mut next = || terms.next().unwrap_or_else(|| self.checker.solver.fresh());
        let sides = match t.kind {
            Kind::Scalar => Sides::SCALAR,
            Kind::Vector => Sides::vector(next()),
            Kind::Matrix => Sides::new(next(), next()),
        };
        use Properties as P;
        let of_square = [P::SYMMETRIC, P::SKEW, P::DIAGONAL, P::ORTHOGONAL, P::POSDEF, P::LOWER, P::UPPER];
        let asked = of_square.iter().chain(&[P::INVERTIBLE]).find(|p| t.properties.has(**p));
        if let Some(property) = asked
            && !self.checker.solver.unify(sides.rows, sides.cols, (0, AstId(0)))
        {
            let word = property.words().next().unwrap_or_default();
            return Err(Diagnostic::request("E0123", format!("only a square matrix can be {word}")).at(
                source,
                t.span,
                "not square",
            ));
        }
        Ok(sides)
    }

    fn dim(&mut self, dim: &DimExpr) -> Option<Dim> {
        match dim {
            DimExpr::Integer(n) => (*n >= 1).then(|| self.checker.dims.integer(*n)),
            DimExpr::Name(name) => Some(self.checker.dims.named(name)),
            DimExpr::Sum(parts) => {
                let mut sum = self.dim(parts.first()?)?;
                for part in &parts[1..] {
                    let next = self.dim(part)?;
                    sum = self.checker.dims.plus(sum, next)?;
                }
                Some(sum)
            }
            DimExpr::Product(parts) => parts.iter().try_fold(Dim::ONE, |product, part| {
                let next = self.dim(part)?;
                self.checker.dims.times(product, next)
            }),
        }
    }

    fn draft(&mut self, name: String, kind: Kind, sides: Sides, properties: Properties) {
        let integer = properties.has(Properties::INTEGER);
        self.checker.symbols.map.insert(name.clone(), Symbol::Value { sides, integer, id: None });
        self.checker.taken.insert(name.clone());
        self.places.insert(name.clone(), self.drafts.len());
        self.drafts.push(Draft { name, kind, sides, properties, mentioned: false });
    }

    /// Names that stand where a dimension is asked for are dimensions; no name of the text names another.
    fn sizes(&mut self, texts: &[&Ast]) {
        for ast in texts {
            let roles = self.checker.roles(ast);
            for (node, role) in ast.nodes.iter().zip(&roles.role) {
                let AstKind::Name(name) = &node.kind else { continue };
                if *role == Role::Size && self.checker.symbols.get(name).is_none() {
                    self.dimension(name);
                } else if !self.checker.taken.contains(name) {
                    self.checker.taken.insert(name.clone());
                }
            }
        }
    }

    /// Gives undeclared names their type by convention, and notes the order of all.
    fn names(&mut self, ast: &Ast, limits: &Limits) -> Result<()> {
        let roles: Roles = self.checker.roles(ast);
        for (i, node) in ast.nodes.iter().enumerate() {
            let AstKind::Name(name) = &node.kind else { continue };
            if roles.role[i] != Role::Value || roles.binder(ast, i, name).is_some() {
                continue;
            }
            if self.checker.symbols.get(name).is_none() && self.is_free(name) {
                self.undeclared.push(name.clone());
                if self.undeclared.len() > limits.names {
                    return Err(self.too_many_names(ast, node.span, limits));
                }
                let kind = conventional_kind(name);
                let solver = &mut self.checker.solver;
                let sides = match kind {
                    Kind::Scalar => Sides::SCALAR,
                    Kind::Vector => Sides::vector(solver.fresh()),
                    Kind::Matrix => Sides::new(solver.fresh(), solver.fresh()),
                };
                self.draft(name.clone(), kind, sides, Properties::NONE);
            }
            if let Some(place) = self.places.get(name).copied() {
                self.mention(place);
            }
        }
        Ok(())
    }

    /// Whether a name that nobody declared is a variable: not `I`, not a function.
    fn is_free(&self, name: &str) -> bool {
        let function =
            self.checker.catalog.find(name).is_some() || ["inv", "kron", "frechet"].contains(&name);
        name != "I" && (is_greek(name) || !function)
    }

    fn mention(&mut self, place: usize) {
        let draft = &mut self.drafts[place];
        if !draft.mentioned {
            draft.mentioned = true;
            self.order.push(place);
            self.checker.order.push(draft.sides);
        }
    }

    fn too_many_names(&self, ast: &Ast, span: Span, limits: &Limits) -> Diagnostic {
        let mut d = limits.met("names").at(&ast.source, span, "one too many");
        let first: Vec<&str> = self.undeclared.iter().take(4).map(String::as_str).collect();
        d.message.push_str(&format!(": {}, …", first.join(", ")));
        d
    }

    /// Says of an error what the convention made of an undeclared name in its place.
    fn explain(&self, mut d: Diagnostic, ast: &Ast) -> Diagnostic {
        let Some(label) = d.labels.first() else { return d };
        let (start, end) = (label.span.start, label.span.end);
        let inside = ast.nodes.iter().filter(|n| n.span.start >= start && n.span.end <= end);
        let names = inside.filter_map(|n| match &n.kind {
            AstKind::Name(name) if self.undeclared.contains(name) => Some(name),
            _ => None,
        });
        let is_vector = |name: &&String| conventional_kind(name) == Kind::Vector;
        if let Some(name) = names.into_iter().find(is_vector) {
            let note = format!(
                "`{name}` is not declared, so it is a column vector; or declare it: `{name}: scalar`"
            );
            d.help = Some(d.help.map_or(note.clone(), |help| format!("{help}; {note}")));
        }
        d
    }

    fn part(&mut self, name: &str, span: Span, ast: &Ast, checked: &Checked) -> Result<()> {
        if let Some(what) = self.in_use(name) {
            return Err(clash(name, what, &ast.source, span));
        }
        let sides = checked.sides.last().copied().unwrap_or(Sides::SCALAR);
        let integer = checked.integer.last().copied().unwrap_or(false);
        self.checker.symbols.map.insert(name.to_owned(), Symbol::Value { sides, integer, id: None });
        Ok(())
    }

    /// Variables nobody mentioned, and the types of functions, come last.
    fn rest(&mut self) {
        for place in 0..self.drafts.len() {
            self.mention(place);
        }
        let signatures = self.checker.symbols.signatures.iter();
        let types: Vec<Sides> = signatures.flat_map(|s| [s.argument.1, s.value.1]).collect();
        self.checker.order.extend(types);
    }

    /// A variable may not be called what the differential of another is called.
    fn differentials(&self, texts: &[&Ast]) -> Result<()> {
        for draft in &self.drafts {
            let Some(place) = draft.name.strip_prefix('d').and_then(|n| self.places.get(n)) else { continue };
            let other = &self.drafts[*place];
            if other.properties.any(Properties::CONSTANT.with(Properties::INTEGER)) {
                continue;
            }
            let text = format!("`{}` is the name of the differential of `{}`", draft.name, other.name);
            let mut d = Diagnostic::request("E0014", text)
                .help(format!("take another name, or declare `{}` constant", other.name));
            let is_it = |kind: &AstKind| matches!(kind, AstKind::Name(n) if *n == draft.name);
            let found = texts.iter().find_map(|a| Some((a, a.nodes.iter().find(|n| is_it(&n.kind))?)));
            if let Some((ast, node)) = found {
                d = d.at(&ast.source, node.span, "as a variable");
            }
            return Err(d);
        }
        Ok(())
    }
}

/// The names of variables of a request, for tests of what does not depend on order.
#[cfg(test)]
pub(super) fn described(problem: &Problem) -> std::collections::BTreeSet<String> {
    let dims = &problem.graph.dims;
    problem.graph.variables().iter().map(|v| format!("{}: {}", v.name, v.shape.text(dims))).collect()
}
