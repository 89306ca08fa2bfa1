//! Shapes of all nodes of an Ast.
//!
//! In: an [`Ast`] and what its names mean. Out: [`Checked`]: a shape a node, over unknowns, and the function
//! each call stands for. Invariant: whether a node is a scalar is known as soon as it is checked, because no
//! unknown is 1; so every choice here is final.
//! Example: `A x` with A: m×n asks that x has n entries.

use rustc_hash::FxHashMap;

use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::expr::{Dim, DimTable, FnId};
use crate::syntax::{Ast, AstId, AstKind, Binary, Sign};

use super::message;
use super::roles::{Role, Roles};
use super::scope::{Symbol, Symbols};
use super::solver::{Sides, Site, Solver, Term};

/// What was found of one Ast.
pub(super) struct Checked {
    pub roles: Roles,
    pub sides: Vec<Sides>,
    /// Whether a node is certainly a whole number.
    pub integer: Vec<bool>,
    /// The functions that calls stand for.
    pub functions: FxHashMap<AstId, FnId>,
    /// The dimensions of [`Role::Size`] nodes.
    pub sizes: FxHashMap<AstId, Dim>,
}

/// Checks Asts, one after the other, over shared unknowns.
pub(super) struct Checker<'a> {
    pub catalog: &'a Catalog,
    pub dims: &'a mut DimTable,
    pub solver: Solver,
    pub symbols: Symbols,
    /// The variables whose dimensions get names, in the order of the text.
    pub order: Vec<Sides>,
    /// Names that no dimension may get.
    pub taken: rustc_hash::FxHashSet<String>,
    /// Which Ast is being checked.
    pub text: usize,
}

pub(super) type Result<T> = std::result::Result<T, Diagnostic>;

/// One Ast while it is being checked.
pub(super) struct Reading<'t> {
    pub ast: &'t Ast,
    pub checked: Checked,
}

impl Reading<'_> {
    pub fn sides(&self, id: AstId) -> Sides {
        self.checked.sides[id.0 as usize]
    }
}

impl<'a> Checker<'a> {
    pub fn new(catalog: &'a Catalog, dims: &'a mut DimTable, symbols: Symbols) -> Checker<'a> {
        let (solver, order, taken) = (Solver::default(), Vec::new(), Default::default());
        Checker { catalog, dims, solver, symbols, order, taken, text: 0 }
    }

    /// The roles of an Ast's nodes.
    pub fn roles(&self, ast: &Ast) -> Roles {
        Roles::of(ast, self.catalog, &|name| self.symbols.signature(name).is_some())
    }

    /// Checks one Ast.
    pub fn check(&mut self, ast: &Ast) -> Result<Checked> {
        let n = ast.nodes.len();
        let roles = self.roles(ast);
        let checked = Checked {
            roles,
            sides: vec![Sides::SCALAR; n],
            integer: vec![false; n],
            functions: FxHashMap::default(),
            sizes: FxHashMap::default(),
        };
        let mut reading = Reading { ast, checked };
        for i in 0..n {
            let id = AstId(i as u32);
            match reading.checked.roles.role[i] {
                Role::Value | Role::Inner => {
                    let sides = self.node(&mut reading, id)?;
                    reading.checked.sides[i] = sides;
                }
                Role::Size => {
                    let dim = self.size(&reading, id)?;
                    reading.checked.sizes.insert(id, dim);
                }
                _ => {}
            }
        }
        self.text += 1;
        Ok(reading.checked)
    }

    pub fn site(&self, id: AstId) -> Site {
        (self.text, id)
    }

    pub fn is_scalar(&mut self, r: &Reading, id: AstId) -> bool {
        self.solver.is_scalar(r.sides(id))
    }

    fn node(&mut self, r: &mut Reading, id: AstId) -> Result<Sides> {
        let i = id.0 as usize;
        match &r.ast.nodes[i].kind {
            AstKind::Number(n) => {
                r.checked.integer[i] = n.is_integer();
                if n.to_f64().is_finite() { Ok(Sides::SCALAR) } else { Err(message::huge_number(r.ast, id)) }
            }
            AstKind::Name(name) => self.name(r, id, name),
            AstKind::Sum(parts) => self.sum(r, id, parts),
            AstKind::DotSum(parts) => self.dot_sum(r, id, parts),
            AstKind::Negate(a) => {
                r.checked.integer[i] = r.checked.integer[a.0 as usize];
                Ok(r.sides(*a))
            }
            AstKind::Product(factors) => self.product(r, id, factors),
            AstKind::Binary(op, a, b) => self.binary(r, id, *op, *a, *b),
            AstKind::Transpose(a) => Ok(r.sides(*a).transposed()),
            AstKind::Call { .. } => self.call(r, id),
        }
    }

    fn name(&mut self, r: &mut Reading, id: AstId, name: &str) -> Result<Sides> {
        let i = id.0 as usize;
        if r.checked.roles.binder(r.ast, i, name).is_some() {
            r.checked.integer[i] = true;
            return Ok(Sides::SCALAR);
        }
        match self.symbols.get(name) {
            Some(Symbol::Value { sides, integer, .. }) => {
                r.checked.integer[i] = integer;
                Ok(sides)
            }
            Some(Symbol::Size(_)) => {
                r.checked.integer[i] = true;
                Ok(Sides::SCALAR)
            }
            Some(Symbol::Function(_)) => Err(message::bare_function(r.ast, id, name)),
            None if name == "I" => {
                let n = self.solver.fresh();
                Ok(Sides::new(n, n))
            }
            None if self.catalog.find(name).is_some() => Err(message::bare_function(r.ast, id, name)),
            None => Err(message::unknown_name(r.ast, id, name)),
        }
    }

    /// The dimension that a node in the place of one stands for.
    fn size(&mut self, r: &Reading, id: AstId) -> Result<Dim> {
        let of = |part: &AstId| r.checked.sizes.get(part).copied().unwrap_or(Dim::ONE);
        let too_large = || message::size(r.ast, id, "this dimension is too large");
        match &r.ast.node(id).kind {
            AstKind::Number(n) => match n.to_integer() {
                Some(n) if n >= 1 => Ok(self.dims.integer(n)),
                _ => Err(message::size(r.ast, id, "a dimension is a positive whole number or a name")),
            },
            AstKind::Name(name) => match self.symbols.get(name) {
                Some(Symbol::Size(dim)) => Ok(dim),
                Some(_) => Err(message::size(r.ast, id, &format!("`{name}` is no dimension"))),
                None => Err(message::size(r.ast, id, &format!("there is no dimension `{name}`"))),
            },
            AstKind::Sum(parts) if parts.iter().all(|(s, _)| *s == Sign::Plus) => {
                let mut sum: Option<Dim> = None;
                for (_, part) in parts {
                    let next = of(part);
                    sum = Some(match sum {
                        None => next,
                        Some(s) => self.dims.plus(s, next).ok_or_else(too_large)?,
                    });
                }
                Ok(sum.unwrap_or(Dim::ONE))
            }
            AstKind::Product(parts) => parts
                .iter()
                .try_fold(Dim::ONE, |product, part| self.dims.times(product, of(part)))
                .ok_or_else(too_large),
            _ => {
                Err(message::size(r.ast, id, "a dimension is a name, a number, or a sum or product of them"))
            }
        }
    }

    fn sum(&mut self, r: &mut Reading, id: AstId, parts: &[(Sign, AstId)]) -> Result<Sides> {
        let Some((_, first)) = parts.first() else { return Err(message::nothing(r.ast, id)) };
        let sides = r.sides(*first);
        for (_, part) in &parts[1..] {
            let next = r.sides(*part);
            if !self.solver.unify_sides(sides, next, self.site(id)) {
                return Err(message::sum(self, r, *first, *part));
            }
        }
        r.checked.integer[id.0 as usize] = parts.iter().all(|(_, p)| r.checked.integer[p.0 as usize]);
        Ok(sides)
    }

    fn dot_sum(&mut self, r: &mut Reading, id: AstId, parts: &[(Sign, AstId)]) -> Result<Sides> {
        let mut found: Option<AstId> = None;
        for (_, part) in parts {
            if self.is_scalar(r, *part) {
                continue;
            }
            match found {
                None => found = Some(*part),
                Some(first) => {
                    if !self.solver.unify_sides(r.sides(first), r.sides(*part), self.site(id)) {
                        return Err(message::elementwise(self, r, first, *part));
                    }
                }
            }
        }
        Ok(found.map_or(Sides::SCALAR, |first| r.sides(first)))
    }

    fn product(&mut self, r: &mut Reading, id: AstId, factors: &[AstId]) -> Result<Sides> {
        let mut so_far: Option<(Sides, AstId)> = None;
        for (i, factor) in factors.iter().enumerate() {
            let next = r.sides(*factor);
            if self.solver.is_scalar(next) {
                continue;
            }
            so_far = match so_far {
                None => Some((next, *factor)),
                Some((left, start)) => {
                    if !self.solver.unify(left.cols, next.rows, self.site(id)) {
                        let previous = factors.get(i.wrapping_sub(1)).copied().unwrap_or(start);
                        return Err(message::product(self, r, left, (start, previous), *factor));
                    }
                    let sides = Sides::new(left.rows, next.cols);
                    // `x^T y` is a scalar from here on: it scales what follows.
                    if self.solver.is_scalar(sides) { None } else { Some((sides, start)) }
                }
            };
        }
        r.checked.integer[id.0 as usize] = factors.iter().all(|p| r.checked.integer[p.0 as usize]);
        Ok(so_far.map_or(Sides::SCALAR, |(sides, _)| sides))
    }

    fn binary(&mut self, r: &mut Reading, id: AstId, op: Binary, a: AstId, b: AstId) -> Result<Sides> {
        let (left, right) = (r.sides(a), r.sides(b));
        let (left_scalar, right_scalar) = (self.solver.is_scalar(left), self.solver.is_scalar(right));
        match op {
            Binary::Divide if right_scalar => Ok(left),
            Binary::Divide => Err(message::division(self, r, a, b)),
            Binary::Solve if left_scalar => Ok(right),
            Binary::Solve => {
                if !self.solver.unify(left.rows, left.cols, self.site(id)) {
                    return Err(message::square(self, r, a, "the left side of `\\`"));
                }
                if !self.solver.unify(left.cols, right.rows, self.site(id)) {
                    return Err(message::product(self, r, left, (a, a), b));
                }
                Ok(right)
            }
            Binary::ElementTimes | Binary::ElementDivide => {
                if left_scalar || right_scalar {
                    return Ok(if left_scalar { right } else { left });
                }
                if !self.solver.unify_sides(left, right, self.site(id)) {
                    return Err(message::elementwise(self, r, a, b));
                }
                Ok(left)
            }
            Binary::Kronecker => self.kronecker(r, id, a, b),
            Binary::Power => self.power(r, id, a, b),
            Binary::ElementPower if right_scalar => Ok(left),
            Binary::ElementPower => Err(message::exponent(self, r, b)),
        }
    }

    pub fn kronecker(&mut self, r: &Reading, id: AstId, a: AstId, b: AstId) -> Result<Sides> {
        let (a, b) = (r.sides(a), r.sides(b));
        let rows = self.solver.times(a.rows, b.rows, self.dims);
        let cols = self.solver.times(a.cols, b.cols, self.dims);
        match (rows, cols) {
            (Some(rows), Some(cols)) => Ok(Sides::new(rows, cols)),
            _ => Err(message::size(r.ast, id, "the dimensions of this product are too large")),
        }
    }

    fn power(&mut self, r: &mut Reading, id: AstId, base: AstId, exponent: AstId) -> Result<Sides> {
        if !self.is_scalar(r, exponent) {
            return Err(message::exponent(self, r, exponent));
        }
        let sides = r.sides(base);
        if self.solver.is_scalar(sides) {
            let whole = |e: AstId| r.checked.integer[e.0 as usize];
            let counted = matches!(&r.ast.node(exponent).kind, AstKind::Number(n) if !n.is_negative());
            r.checked.integer[id.0 as usize] = whole(base) && whole(exponent) && counted;
            return Ok(sides);
        }
        if !self.solver.unify(sides.rows, sides.cols, self.site(id)) {
            return Err(message::square(self, r, base, "a power"));
        }
        Ok(sides)
    }

    /// Solves what waits, and gives each dimension that is still unknown a name.
    pub fn finish(&mut self) -> std::result::Result<(), (Site, Term, Term)> {
        self.solver.solve(self.dims)?;
        super::naming::name_dimensions(self);
        Ok(())
    }
}
