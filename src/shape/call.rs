//! Shapes of calls: which overload, which builtin, which abstract function.
//!
//! In: a call whose arguments have shapes. Out: its shape; for a function of the catalogue, its handle.
//! Invariant: a scalar argument takes the scalar function; anything else never does unless dotted.
//! Example: `exp(A)` is the matrix function, `exp.(A)` the scalar function entry by entry.

use crate::catalog::{Parameter, Type};
use crate::expr::{Dim, FnId, Kind};
use crate::syntax::{Ast, AstId, AstKind, DimExpr};

use super::check::{Checker, Reading, Result};
use super::message;
use super::roles::{Role, is_bounded_sum, literal_forms};
use super::scope::Signature;
use super::solver::{Sides, Term};

/// A call as written.
#[derive(Clone, Copy)]
pub(super) struct CallParts<'t> {
    pub function: &'t str,
    pub dotted: bool,
    pub primes: u8,
    pub args: &'t [AstId],
    pub along: &'t [AstId],
}

/// The call at a node.
pub(super) fn parts(ast: &Ast, id: AstId) -> Option<CallParts<'_>> {
    match &ast.node(id).kind {
        AstKind::Call { function, dotted, primes, args, along } => {
            Some(CallParts { function, dotted: *dotted, primes: *primes, args, along })
        }
        _ => None,
    }
}

impl Checker<'_> {
    pub(super) fn call(&mut self, r: &mut Reading, id: AstId) -> Result<Sides> {
        let ast = r.ast;
        let Some(call) = parts(ast, id) else { return Err(message::nothing(ast, id)) };
        if let Some(signature) = self.symbols.signature(call.function) {
            return self.abstract_call(r, id, call, signature);
        }
        if call.primes > 0 || !call.along.is_empty() {
            return Err(message::primed(ast, id, call.function));
        }
        match call.function {
            "inv" | "kron" | "frechet" if call.dotted => Err(message::not_entrywise(ast, id, call.function)),
            "I" | "ones" | "zeros" | "e" | "K" => self.constant(r, id, call),
            "inv" => {
                let [a] = self.arguments(r, id, call)?;
                let sides = r.sides(a);
                if !self.solver.unify(sides.rows, sides.cols, self.site(id)) {
                    return Err(message::square(self, r, a, "`inv`"));
                }
                Ok(sides)
            }
            "kron" => {
                let [a, b] = self.arguments(r, id, call)?;
                self.kronecker(r, id, a, b)
            }
            "frechet" => self.frechet(r, id, call),
            _ if is_bounded_sum(call.function, call.args) => self.bounded_sum(r, id, call),
            _ if call.dotted => self.entrywise(r, id, call),
            _ => self.catalogue(r, id, call),
        }
    }

    fn arguments<const N: usize>(&self, r: &Reading, id: AstId, call: CallParts) -> Result<[AstId; N]> {
        <[AstId; N]>::try_from(call.args).map_err(|_| message::arity(r.ast, id, call.function, &[N]))
    }

    fn constant(&mut self, r: &Reading, id: AstId, call: CallParts) -> Result<Sides> {
        let size = |a: &AstId| r.checked.sizes.get(a).map(|d| Term::Known(*d));
        let sizes: Vec<Term> = call.args.iter().filter_map(size).collect();
        match (call.function, sizes.as_slice()) {
            ("I", [n]) => Ok(Sides::new(*n, *n)),
            ("ones" | "zeros", [n]) => Ok(Sides::vector(*n)),
            ("ones" | "zeros", [m, n]) => Ok(Sides::new(*m, *n)),
            ("K", [m, n]) => {
                let mn = self.solver.times(*m, *n, self.dims);
                let mn = mn.ok_or_else(|| message::size(r.ast, id, "this dimension is too large"))?;
                Ok(Sides::new(mn, mn))
            }
            ("e", [n]) if call.args.len() == 2 => self.unit(r, call, *n),
            (name, _) => {
                let counts: &[usize] = match name {
                    "I" => &[1],
                    "ones" | "zeros" => &[1, 2],
                    _ => &[2],
                };
                Err(message::arity(r.ast, id, name, counts))
            }
        }
    }

    fn unit(&mut self, r: &Reading, call: CallParts, n: Term) -> Result<Sides> {
        let index = call.args[0];
        if !self.is_scalar(r, index) {
            return Err(message::size(r.ast, index, "the index of a unit vector is a number"));
        }
        if let AstKind::Number(i) = &r.ast.node(index).kind {
            let last = match n {
                Term::Known(n) => self.dims.as_integer(n).unwrap_or(i64::MAX),
                _ => i64::MAX,
            };
            if !i.to_integer().is_some_and(|i| (1..=last).contains(&i)) {
                return Err(message::size(
                    r.ast,
                    index,
                    "the index of a unit vector counts its entries from 1",
                ));
            }
        }
        Ok(Sides::vector(n))
    }

    fn frechet(&mut self, r: &mut Reading, id: AstId, call: CallParts) -> Result<Sides> {
        let [f, a, e] = self.arguments(r, id, call)?;
        let AstKind::Name(name) = &r.ast.node(f).kind else {
            return Err(message::matrix_function(r.ast, f));
        };
        let is_matrix_function = |f: &&FnId| {
            let entry = self.catalog.entry(**f);
            let square = |t: &Type| t.kind == Kind::Matrix && t.rows == t.cols;
            matches!(entry.parameters.as_slice(), [p] if square(&p.ty)) && square(&entry.result)
        };
        let Some(found) = self.catalog.overloads(name).iter().find(is_matrix_function) else {
            return Err(message::matrix_function(r.ast, f));
        };
        r.checked.functions.insert(id, *found);
        let (at, along) = (r.sides(a), r.sides(e));
        if !self.solver.unify(at.rows, at.cols, self.site(id)) {
            return Err(message::square(self, r, a, "`frechet`"));
        }
        if !self.solver.unify_sides(at, along, self.site(id)) {
            return Err(message::elementwise(self, r, a, e));
        }
        Ok(at)
    }

    fn bounded_sum(&mut self, r: &Reading, id: AstId, call: CallParts) -> Result<Sides> {
        let [index, low, high, body] = self.arguments(r, id, call)?;
        if !matches!(r.ast.node(index).kind, AstKind::Name(_)) {
            return Err(message::bounds(r.ast, index, "the index of a sum is a name"));
        }
        for bound in [low, high] {
            if !self.is_scalar(r, bound) || !r.checked.integer[bound.0 as usize] {
                return Err(message::bounds(r.ast, bound, "the bounds of a sum are whole numbers"));
            }
        }
        Ok(r.sides(body))
    }

    fn entrywise(&mut self, r: &mut Reading, id: AstId, call: CallParts) -> Result<Sides> {
        let scalar = |f: &&FnId| self.catalog.is_scalar_function(**f);
        let Some(f) = self.catalog.overloads(call.function).iter().find(scalar) else {
            return Err(message::not_entrywise(r.ast, id, call.function));
        };
        r.checked.functions.insert(id, *f);
        let [a] = self.arguments(r, id, call)?;
        Ok(r.sides(a))
    }

    fn catalogue(&mut self, r: &mut Reading, id: AstId, call: CallParts) -> Result<Sides> {
        let literal = |a: &&AstId| r.checked.roles.role[a.0 as usize] == Role::Literal;
        let literals: Vec<String> =
            call.args.iter().filter(literal).map(|a| literal_text(r.ast, *a)).collect();
        let args = &call.args[..call.args.len() - literals.len()];
        let f = if literals.is_empty() {
            self.overload(r, id, call)?
        } else {
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            self.catalog.alias(call.function, &literals).ok_or_else(|| {
                message::no_such_form(r.ast, id, call.function, &literal_forms(self.catalog, call.function))
            })?
        };
        r.checked.functions.insert(id, f);
        self.fit(r, id, f, args)
    }

    /// The function among those of one name that takes arguments like these.
    fn overload(&mut self, r: &Reading, id: AstId, call: CallParts) -> Result<FnId> {
        let catalog = self.catalog;
        let all = catalog.overloads(call.function);
        if all.is_empty() {
            return Err(message::unknown_function(r.ast, id, call.function, catalog));
        }
        let parameters = |f: &FnId| catalog.entry(*f).parameters.as_slice();
        let mut counted = all.iter().filter(|f| parameters(f).len() == call.args.len()).peekable();
        if counted.peek().is_none() {
            let mut counts: Vec<usize> = all.iter().map(|f| parameters(f).len()).collect();
            counts.dedup();
            return Err(message::arity(r.ast, id, call.function, &counts));
        }
        // The narrowest that fits: a scalar before a vector, a vector before a matrix.
        let rank = |f: &&FnId| parameters(f).iter().map(|p| p.ty.kind as usize).sum::<usize>();
        let candidates: Vec<FnId> = counted.copied().collect();
        let mut fitting: Vec<FnId> =
            candidates.iter().filter(|f| self.may_take(r, parameters(f), call.args)).copied().collect();
        fitting.sort_by_key(|f| rank(&f));
        if let Some(f) = fitting.first() {
            return Ok(*f);
        }
        if let (Some(_), [a]) = (all.iter().find(|f| catalog.is_scalar_function(**f)), call.args) {
            return Err(message::dot(self, r, *a, call.function));
        }
        let only = candidates.first().copied().unwrap_or(all[0]);
        Err(message::arguments(self, r, id, call.args, only))
    }

    /// Whether arguments can be what parameters ask for, as far as that is known.
    fn may_take(&mut self, r: &Reading, parameters: &[Parameter], args: &[AstId]) -> bool {
        let mut bound: Vec<(&str, Term)> = Vec::new();
        parameters.iter().zip(args).all(|(p, a)| {
            let s = r.sides(*a);
            let kind = match p.ty.kind {
                Kind::Scalar => self.solver.is_scalar(s),
                Kind::Vector => self.solver.is_one(s.cols),
                Kind::Matrix => true,
            };
            kind && [(&p.ty.rows, s.rows), (&p.ty.cols, s.cols)].into_iter().all(|(expr, side)| match expr {
                DimExpr::Name(name) => match bound.iter().find(|(n, _)| n == name) {
                    Some((_, first)) => self.solver.may_agree(*first, side),
                    None => {
                        bound.push((name, side));
                        true
                    }
                },
                _ => true,
            })
        })
    }

    /// Asks that arguments fit a function's parameters; the shape of the value.
    fn fit(&mut self, r: &Reading, id: AstId, f: FnId, args: &[AstId]) -> Result<Sides> {
        let entry = self.catalog.entry(f);
        let mut bound: Vec<(&str, Term)> = Vec::new();
        for (p, a) in entry.parameters.iter().zip(args) {
            let s = r.sides(*a);
            let fits = match p.ty.kind {
                Kind::Scalar => self.solver.is_scalar(s),
                Kind::Vector => self.solver.is_one(s.cols),
                Kind::Matrix => true,
            };
            let fits = fits
                && [(&p.ty.rows, s.rows), (&p.ty.cols, s.cols)].into_iter().all(|(expr, side)| {
                    if let DimExpr::Name(name) = expr
                        && !bound.iter().any(|(n, _)| n == name)
                    {
                        bound.push((name, side));
                        return true;
                    }
                    match self.evaluate(expr, &bound) {
                        Some(expected) => self.solver.unify(expected, side, self.site(id)),
                        None => false,
                    }
                });
            if !fits {
                return Err(message::arguments(self, r, id, args, f));
            }
        }
        let rows = self.evaluate(&entry.result.rows, &bound);
        let cols = self.evaluate(&entry.result.cols, &bound);
        match (rows, cols) {
            (Some(rows), Some(cols)) => Ok(Sides::new(rows, cols)),
            _ => Err(message::size(r.ast, id, "the dimensions of this value are too large")),
        }
    }

    /// A dimension of a signature. Signatures nest dimensions only as sums of products.
    pub(super) fn evaluate(&mut self, expr: &DimExpr, bound: &[(&str, Term)]) -> Option<Term> {
        match expr {
            DimExpr::Integer(n) => Some(Term::Known(self.dims.integer(*n))),
            DimExpr::Name(name) => bound.iter().find(|(n, _)| n == name).map(|(_, t)| *t),
            DimExpr::Sum(parts) => {
                let mut sum = self.evaluate(parts.first()?, bound)?;
                for part in &parts[1..] {
                    let next = self.evaluate(part, bound)?;
                    sum = self.solver.plus(sum, next, self.dims)?;
                }
                Some(sum)
            }
            DimExpr::Product(parts) => parts.iter().try_fold(Term::Known(Dim::ONE), |product, part| {
                let next = self.evaluate(part, bound)?;
                self.solver.times(product, next, self.dims)
            }),
        }
    }

    fn abstract_call(&mut self, r: &Reading, id: AstId, call: CallParts, f: Signature) -> Result<Sides> {
        let [a] = self.arguments(r, id, call)?;
        let ((_, x), (_, y)) = (f.argument, f.value);
        let scalar_function = self.solver.is_scalar(x) && self.solver.is_scalar(y);
        if call.dotted {
            let plain = scalar_function && call.along.is_empty();
            return if plain {
                Ok(r.sides(a))
            } else {
                Err(message::not_entrywise(r.ast, id, call.function))
            };
        }
        for arg in call.args.iter().chain(call.along) {
            if !self.solver.unify_sides(x, r.sides(*arg), self.site(id)) {
                if scalar_function {
                    return Err(message::dot(self, r, *arg, call.function));
                }
                return Err(message::abstract_argument(self, r, id, *arg, x));
            }
        }
        if !call.along.is_empty() {
            let matched = call.along.len() == usize::from(call.primes);
            return if matched { Ok(y) } else { Err(message::directions(r.ast, id, call)) };
        }
        self.derivative(x, y, call.primes).ok_or_else(|| message::directions(r.ast, id, call))
    }

    /// The shape of a derivative that is written without directions.
    fn derivative(&mut self, x: Sides, y: Sides, order: u8) -> Option<Sides> {
        let (column, scalar) = (self.solver.is_one(x.cols), self.solver.is_scalar(y));
        match order {
            0 => Some(y),
            _ if self.solver.is_scalar(x) => Some(y),
            1 if column && self.solver.is_one(y.cols) => Some(Sides::new(y.rows, x.rows)),
            1 if scalar => Some(x),
            2 if column && scalar => Some(Sides::new(x.rows, x.rows)),
            _ => None,
        }
    }
}

/// A literal argument as an alias writes it.
pub(super) fn literal_text(ast: &Ast, id: AstId) -> String {
    match &ast.node(id).kind {
        AstKind::Number(n) => n.to_string(),
        AstKind::Name(name) => name.clone(),
        _ => String::new(),
    }
}
