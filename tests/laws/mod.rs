//! The laws of the catalogue in numbers: what `tests/rules.rs`, `tests/exact.rs` and `tests/injection.rs` share.
//!
//! In: a catalogue and one of its identities, differentials or adjoints. Out: whether it holds, or what was seen.
//! Invariant: a law that cannot be read or is defined nowhere does not hold.

#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use matgrad::catalog::{Catalog, ConditionTemplate, Identity, Parameter, Template};
use matgrad::expr::{Condition, DimTable, FnId, Graph, Id, Kind, Op, Properties, Shape, VarId, Variable};
use matgrad::numeric::{self, Dual, Guard, Matrix, Point, Sizes, Why};
use matgrad::shape::{self, Scope};
use matgrad::syntax::DimExpr;

pub mod exact;

fn sizes(flip: bool) -> Sizes {
    let (m, n) = if flip { (2, 3) } else { (4, 3) };
    [("m", m), ("n", n), ("p", 2), ("q", 3), ("r", 2), ("s", 2), ("k", 2)]
        .map(|(name, size)| (name.to_owned(), size))
        .into_iter()
        .collect()
}

/// Deterministic numbers in (−1, 1) without structure.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    fn matrix(&mut self, rows: usize, cols: usize) -> Matrix<f64> {
        Matrix::from_fn(rows, cols, |_, _| self.next())
    }
}

/// A value with the properties that conditions ask of it.
fn value(numbers: &mut Numbers, rows: usize, cols: usize, p: Properties, positive: bool) -> Matrix<f64> {
    use Properties as P;
    let r = numbers.matrix(rows, cols);
    if p.has(P::POSITIVE) || (positive && p.without(P::INTEGER).is_empty() && (rows != cols || rows == 1)) {
        return r.map(|x| x.abs() + 0.2);
    }
    if p.has(P::ORTHOGONAL) && rows == 1 {
        return Matrix::identity(1, 1);
    }
    if rows != cols || rows == 1 {
        return r;
    }
    let eye = Matrix::identity(rows, rows);
    let near = &eye * 2.0 + &r * 0.6;
    match () {
        () if p.has(P::POSDEF) => &r * r.transpose() + &eye,
        () if p.has(P::ORTHOGONAL) => r.qr().q(),
        () if p.has(P::DIAGONAL) => near.component_mul(&eye),
        () if p.has(P::SYMMETRIC) => (&near + near.transpose()) * 0.5,
        () if p.has(P::SKEW) => &r - r.transpose(),
        () if p.has(P::LOWER) => near.lower_triangle(),
        () if p.has(P::UPPER) => near.upper_triangle(),
        () => near,
    }
}

/// A graph with pattern variables, and the scope to read templates in.
struct Setting {
    graph: Graph,
    scope: Scope,
    properties: Vec<Properties>,
}

impl Setting {
    fn new(catalog: &Arc<Catalog>, parameters: &[Parameter], conditions: &[ConditionTemplate]) -> Setting {
        let mut graph = Graph::new(Arc::clone(catalog));
        let mut scope = Scope::new();
        for name in sizes(false).keys() {
            let dim = graph.dims.named(name);
            scope = scope.size(name.clone(), dim);
        }
        let mut all = Vec::new();
        for p in parameters {
            let said = conditions.iter().filter(|c| c.args.len() == 1 && c.args[0].text() == p.name);
            let properties = said.filter_map(|c| Properties::parse(&c.predicate));
            let properties = properties.fold(Properties::NONE, Properties::with).closed();
            all.push(properties);
            let shape = Shape::new(dim(&p.ty.rows, &mut graph.dims), dim(&p.ty.cols, &mut graph.dims));
            let variable = Variable { name: p.name.clone(), kind: p.ty.kind, shape, properties };
            let id = graph.declare(variable);
            scope = scope.bind(p.name.clone(), id);
        }
        Setting { graph, scope, properties: all }
    }

    fn read(&mut self, template: &Template) -> Result<Id, String> {
        let catalog = self.graph.catalog_arc();
        let wrong = |e: matgrad::diagnostic::Diagnostic| format!("{}: {e}", template.source.origin);
        let ast = template.ast(&catalog).map_err(wrong)?;
        let id = shape::elaborate(&mut self.graph, ast, &self.scope).map_err(wrong)?;
        match self.graph.fault() {
            Some(fault) => Err(format!("{}: {}", template.source.origin, fault.error("this").message)),
            None => Ok(id),
        }
    }

    /// The point of a round: rounds differ in sizes and signs.
    fn point(&self, round: u64) -> Point<f64> {
        self.point_of(round, sizes(round % 2 == 1))
    }

    fn point_of(&self, round: u64, sizes: Sizes) -> Point<f64> {
        let mut numbers = Numbers(round + 17);
        let mut point = Point::new(sizes.clone());
        for (i, v) in self.graph.variables().iter().take(self.properties.len()).enumerate() {
            let side = |d| self.graph.dims.evaluate(d, &|n| sizes[n]) as usize;
            let (rows, cols) = (side(v.shape.rows), side(v.shape.cols));
            // Numbers of singular values and exponents are whole.
            let whole =
                v.kind == Kind::Scalar && (v.name == "k" || self.properties[i].has(Properties::INTEGER));
            // Half of the rounds try positive entries; half try positive definite matrices where none are asked.
            let structure = self.properties[i];
            let plain = structure.is_empty() && round > 3 && rows == cols && rows > 1;
            let structure = if plain { Properties::POSDEF } else { structure };
            let drawn = value(&mut numbers, rows, cols, structure, round % 4 > 1);
            point.set(VarId(i as u32), if whole { drawn.map(|_| 2.0) } else { drawn });
        }
        point
    }

    /// Whether the conditions hold at a point, as their predicates state it.
    fn holds<T: numeric::Field>(
        &mut self,
        conditions: &[ConditionTemplate],
        point: &Point<T>,
    ) -> Result<bool, String> {
        let catalog = self.graph.catalog_arc();
        let mut said = vec![];
        for c in conditions {
            let Some(predicate) = catalog.predicate(&c.predicate) else { continue };
            let args = c.args.iter().map(|a| self.read(a)).collect::<Result<_, _>>()?;
            said.push(Condition { predicate, args });
        }
        for guard in numeric::guards(&mut self.graph, &said).map_err(|e| e.to_string())? {
            let found = match numeric::evaluate(&self.graph, &[guard.id()], point) {
                Ok(found) => found,
                // Singular values and the like are not there in the prime field.
                Err(u) if matches!(u.why, Why::Unsupported(_)) => continue,
                Err(_) => return Ok(false),
            };
            let fails = |x: &T| match guard {
                Guard::Positive(_) => T::ORDERED && x.real() <= 0.0,
                Guard::Nonzero(_) => x.magnitude() < 1e-9,
            };
            if found[0].iter().any(fails) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn dim(expr: &DimExpr, dims: &mut DimTable) -> matgrad::expr::Dim {
    match expr {
        DimExpr::Integer(n) => dims.integer(*n),
        DimExpr::Name(name) => dims.named(name),
        DimExpr::Sum(parts) => {
            let parts: Vec<_> = parts.iter().map(|p| dim(p, dims)).collect();
            parts.into_iter().reduce(|a, b| dims.plus(a, b).unwrap()).unwrap()
        }
        DimExpr::Product(parts) => {
            let parts: Vec<_> = parts.iter().map(|p| dim(p, dims)).collect();
            parts.into_iter().reduce(|a, b| dims.times(a, b).unwrap()).unwrap()
        }
    }
}

fn distance(a: &Matrix<f64>, b: &Matrix<f64>) -> f64 {
    if a.shape() != b.shape() {
        return f64::INFINITY;
    }
    let scale = 1.0 + a.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    a.iter().zip(b.iter()).fold(0.0f64, |m, (x, y)| m.max((x - y).abs())) / scale
}

/// Both sides of an identity are equal wherever the left one is defined.
pub fn identity(catalog: &Arc<Catalog>, identity: &Identity) -> Result<(), String> {
    let mut setting = Setting::new(catalog, &identity.variables, &identity.conditions);
    let sides = [setting.read(&identity.left)?, setting.read(&identity.right)?];
    if setting.graph.shape(sides[0]) != setting.graph.shape(sides[1]) {
        return Err("the sides differ in shape".into());
    }
    let sides = numeric::lower(&mut setting.graph, &sides).map_err(|e| e.to_string())?;
    let mut checked = 0;
    for round in 0..8 {
        let point = setting.point(round);
        if !setting.holds(&identity.conditions, &point)? {
            continue;
        }
        let Ok(left) = numeric::evaluate(&setting.graph, &sides[..1], &point) else { continue };
        let right = numeric::evaluate(&setting.graph, &sides[1..], &point)
            .map_err(|e| format!("right side undefined: {:?}", e.why))?;
        let off = distance(&left[0], &right[0]);
        if off.is_nan() || off > 1e-7 {
            return Err(format!("off by {off:.1e} in round {round}"));
        }
        checked += 1;
    }
    if checked == 0 { Err("defined at no point".into()) } else { Ok(()) }
}

/// The differential of an entry is the derivative of its value by dual numbers.
pub fn differential(catalog: &Arc<Catalog>, f: FnId) -> Result<(), String> {
    let entry = catalog.entry(f);
    let conditions: Vec<_> = entry.domain.iter().chain(&entry.smooth).cloned().collect();
    let mut setting = Setting::new(catalog, &entry.parameters, &conditions);
    let symmetric = conditions.iter().any(|c| ["symmetric", "posdef"].contains(&c.predicate.as_str()));
    let Some(template) = &entry.differential else { return Ok(()) };
    let vars: Vec<Id> = (0..entry.parameters.len()).map(|i| setting.graph.var(VarId(i as u32))).collect();
    let call = setting.graph.call(f, vars);
    for (i, p) in entry.parameters.iter().enumerate() {
        let d = setting.graph.add(Op::Differential(VarId(i as u32)), []);
        setting.scope = setting.scope.clone().bind(format!("d{}", p.name), d);
    }
    let df = setting.read(template)?;
    let lowered = numeric::lower(&mut setting.graph, &[call, df]).map_err(|e| e.to_string())?;
    let (call, df) = (lowered[0], lowered[1]);
    let mut checked = 0;
    for round in 0..8 {
        let mut point = setting.point(round);
        if !setting.holds(&conditions, &point)? {
            continue;
        }
        let mut numbers = Numbers(round + 99);
        let mut along = Vec::new();
        for (i, p) in entry.parameters.iter().enumerate() {
            let v = VarId(i as u32);
            let (rows, cols) = point.value(v).ok_or("no value")?.shape();
            let mut d = numbers.matrix(rows, cols);
            if symmetric && rows == cols {
                d = &d + d.transpose();
            }
            // The number of a singular value does not vary.
            if p.name == "k" {
                d.fill(0.0);
            }
            point.set_differential(v, d.clone());
            along.push(d);
        }
        let dual = point.map(|v, value| value.zip_map(&along[v.0 as usize], Dual::new));
        let Ok(pushed) = numeric::evaluate(&setting.graph, &[call], &dual) else { continue };
        let stated = numeric::evaluate(&setting.graph, &[df], &point)
            .map_err(|e| format!("differential undefined: {:?}", e.why))?;
        let off = distance(&pushed[0].map(|x| x.du), &stated[0]);
        if off.is_nan() || off > 1e-6 {
            return Err(format!("off by {off:.1e} in round {round}"));
        }
        checked += 1;
    }
    if checked == 0 { Err("defined at no point".into()) } else { Ok(()) }
}

/// `⟨G, f(…, X, …)⟩ = ⟨adjoint, X⟩`.
pub fn adjoint(catalog: &Arc<Catalog>, f: FnId, place: usize) -> Result<(), String> {
    let entry = catalog.entry(f);
    let Some((i, adjoint)) = entry.adjoints.get(place) else { return Ok(()) };
    let i = *i;
    let mut parameters = entry.parameters.clone();
    parameters.push(Parameter { name: "G".into(), ty: entry.result.clone() });
    let mut setting = Setting::new(catalog, &parameters, &[]);
    let vars: Vec<Id> = (0..entry.parameters.len()).map(|i| setting.graph.var(VarId(i as u32))).collect();
    let call = setting.graph.call(f, vars);
    let adjoint = setting.read(adjoint)?;
    let roots = numeric::lower(&mut setting.graph, &[call, adjoint]).map_err(|e| e.to_string())?;
    let mut checked = 0;
    for round in 0..4 {
        let point = setting.point(round);
        let g = point.value(VarId(entry.parameters.len() as u32)).ok_or("no value")?;
        let x = point.value(VarId(i as u32)).ok_or("no value")?;
        let Ok(found) = numeric::evaluate(&setting.graph, &roots, &point) else { continue };
        if found[0].shape() != g.shape() || found[1].shape() != x.shape() {
            return Err("another shape".into());
        }
        let off = (found[0].dot(g) - found[1].dot(x)).abs();
        if off.is_nan() || off > 1e-9 {
            return Err(format!("off by {off:.1e}"));
        }
        checked += 1;
    }
    if checked == 0 { Err("defined at no point".into()) } else { Ok(()) }
}

/// Where a law is stated: its variables, its conditions, and whether differentials may occur.
#[derive(Clone, Default)]
pub struct Stage {
    variables: Vec<Parameter>,
    conditions: Vec<ConditionTemplate>,
    differentials: bool,
}

impl Stage {
    pub fn of_entry(entry: &matgrad::catalog::Entry, differentials: bool) -> Stage {
        let mut variables = entry.parameters.clone();
        if !differentials {
            variables.push(Parameter { name: "G".into(), ty: entry.result.clone() });
        }
        let conditions = entry.domain.iter().chain(&entry.smooth).cloned().collect();
        Stage { variables, conditions, differentials }
    }

    pub fn of_identity(law: &Identity) -> Stage {
        Stage { variables: law.variables.clone(), conditions: law.conditions.clone(), differentials: false }
    }
}

/// Whether two expressions agree at every point of many where the conditions hold.
pub fn same(catalog: &Arc<Catalog>, stage: Stage, one: &str, two: &str) -> bool {
    let mut setting = Setting::new(catalog, &stage.variables, &stage.conditions);
    if stage.differentials {
        for (i, p) in stage.variables.iter().enumerate() {
            let d = setting.graph.differential(VarId(i as u32));
            setting.scope = setting.scope.clone().bind(format!("d{}", p.name), d);
        }
    }
    let mut read = |text: &str| {
        let template = Template::new(matgrad::diagnostic::Source::new("law", text));
        setting.read(&template)
    };
    let (Ok(one), Ok(two)) = (read(one), read(two)) else { return false };
    let Ok(roots) = numeric::lower(&mut setting.graph, &[one, two]) else { return false };
    (100..140).all(|round| {
        let mut point = setting.point(round);
        let mut numbers = Numbers(round);
        for i in 0..stage.variables.len() {
            let v = VarId(i as u32);
            if let Some((rows, cols)) = point.value(v).map(Matrix::shape) {
                point.set_differential(v, numbers.matrix(rows, cols));
            }
        }
        let Ok(found) = numeric::evaluate(&setting.graph, &roots, &point) else { return true };
        distance(&found[0], &found[1]) < 1e-8
    })
}

/// A dimension as it is typed.
pub fn dim_text(expr: &DimExpr) -> String {
    match expr {
        DimExpr::Integer(n) => n.to_string(),
        DimExpr::Name(name) => name.clone(),
        DimExpr::Sum(parts) => parts.iter().map(dim_text).collect::<Vec<_>>().join(" + "),
        DimExpr::Product(parts) => parts.iter().map(dim_text).collect::<Vec<_>>().join(" "),
    }
}
