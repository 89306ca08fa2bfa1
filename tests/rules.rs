//! Every rule is complete, cited, well formed, and holds in numbers.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use matgrad::catalog::{Catalog, Citation, ConditionTemplate, Entry, Parameter, Template, reference};
use matgrad::expr::{DimTable, Graph, Id, Kind, Properties, Shape, VarId, Variable};
use matgrad::numeric::{self, Dual, Matrix, Point, Sizes};
use matgrad::shape::{self, Scope};
use matgrad::syntax::DimExpr;

fn builtin() -> std::sync::Arc<Catalog> {
    assert_eq!(Catalog::builtin_error().map(|e| e.to_string()), None);
    Catalog::builtin()
}

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
    fn new(parameters: &[Parameter], conditions: &[ConditionTemplate]) -> Setting {
        let mut graph = Graph::new(Catalog::builtin());
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
            Some(fault) => Err(format!("{}: {}", template.source.origin, fault.message)),
            None => Ok(id),
        }
    }

    /// The point of a round: rounds differ in sizes and signs.
    fn point(&self, round: u64) -> Point<f64> {
        let sizes = sizes(round % 2 == 1);
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
    fn holds(&mut self, conditions: &[ConditionTemplate], point: &Point<f64>) -> Result<bool, String> {
        let catalog = self.graph.catalog_arc();
        for c in conditions {
            let Some(id) = catalog.predicate(&c.predicate) else { continue };
            let predicate = catalog.predicate_entry(id);
            let mut inner = self.scope.clone();
            for (p, arg) in predicate.parameters.iter().zip(&c.args) {
                inner = inner.bind(p.name.clone(), self.read(arg)?);
            }
            for (template, positive) in [(&predicate.nonzero, false), (&predicate.positive, true)] {
                let Some(template) = template else { continue };
                let ast = template.ast(&catalog).map_err(|e| e.to_string())?;
                let arg = shape::elaborate(&mut self.graph, ast, &inner).map_err(|e| e.to_string())?;
                let Ok(found) = numeric::evaluate(&self.graph, &[arg], point) else { return Ok(false) };
                if found[0].iter().any(|x| if positive { *x <= 0.0 } else { x.abs() < 1e-9 }) {
                    return Ok(false);
                }
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

fn report(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn entries_are_complete() {
    let catalog = builtin();
    let mut failures = Vec::new();
    let mut fail = |e: &Entry, what: &str| failures.push(format!("{} {}: {what}", e.topic, e.name));
    let cited = |all: &[Citation]| !all.is_empty() && all.iter().all(|c| reference(&c.key).is_some());
    for (_, e) in catalog.functions() {
        let said = |target: &str| {
            e.notation.iter().any(|(t, _)| t == target) || e.unsupported.iter().any(|(t, _)| t == target)
        };
        if e.about.is_empty() {
            fail(e, "no about");
        }
        if !cited(&e.citations) || !e.identities.iter().all(|i| cited(&i.citations)) {
            fail(e, "a citation is missing or unknown");
        }
        if e.numeric.is_none() {
            fail(e, "no numeric");
        }
        for target in ["latex", "numpy", "torch", "jax", "julia", "matlab", "eigen", "c", "rust", "sympy"] {
            if !said(target) {
                fail(e, target);
            }
        }
        if e.examples.is_empty() {
            fail(e, "no example");
        }
        for c in e.domain.iter().chain(&e.smooth) {
            if catalog.predicate(&c.predicate).is_none() {
                fail(e, &format!("no condition {}", c.predicate));
            }
        }
    }
    for o in catalog.operators() {
        if o.about.is_empty() || !cited(&o.citations) || !o.identities.iter().all(|i| cited(&i.citations)) {
            failures.push(format!("operator {}", o.name));
        }
    }
    let mut names: Vec<&str> = catalog.identities().map(|i| i.name.as_str()).collect();
    names.sort_unstable();
    failures.extend(names.windows(2).filter(|w| w[0] == w[1]).map(|w| format!("two identities {}", w[0])));
    report(failures);
}

#[test]
fn identities_hold_in_numbers() {
    let catalog = builtin();
    let mut failures = Vec::new();
    for identity in catalog.identities() {
        if let Err(why) = check_identity(identity) {
            failures.push(format!("{}: {why}", identity.name));
        }
    }
    report(failures);
}

fn check_identity(identity: &matgrad::catalog::Identity) -> Result<(), String> {
    let mut setting = Setting::new(&identity.variables, &identity.conditions);
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

#[test]
fn differentials_hold_in_numbers() {
    let catalog = builtin();
    let mut failures = Vec::new();
    for (f, entry) in catalog.functions() {
        let conditions: Vec<_> = entry.domain.iter().chain(&entry.smooth).cloned().collect();
        let mut setting = Setting::new(&entry.parameters, &conditions);
        let symmetric = conditions.iter().any(|c| ["symmetric", "posdef"].contains(&c.predicate.as_str()));
        if let Err(why) = check_differential(&mut setting, f, entry, &conditions, symmetric) {
            failures.push(format!("{}: {why}", entry.name));
        }
    }
    report(failures);
}

fn check_differential(
    setting: &mut Setting,
    f: matgrad::expr::FnId,
    entry: &Entry,
    conditions: &[ConditionTemplate],
    symmetric: bool,
) -> Result<(), String> {
    let Some(template) = &entry.differential else { return Ok(()) };
    let vars: Vec<Id> = (0..entry.parameters.len()).map(|i| setting.graph.var(VarId(i as u32))).collect();
    let call = setting.graph.call(f, vars);
    for (i, p) in entry.parameters.iter().enumerate() {
        let d = setting.graph.add(matgrad::expr::Op::Differential(VarId(i as u32)), []);
        setting.scope = setting.scope.clone().bind(format!("d{}", p.name), d);
    }
    let df = setting.read(template)?;
    let lowered = numeric::lower(&mut setting.graph, &[call, df]).map_err(|e| e.to_string())?;
    let (call, df) = (lowered[0], lowered[1]);
    let mut checked = 0;
    for round in 0..8 {
        let mut point = setting.point(round);
        if !setting.holds(conditions, &point)? {
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

#[test]
fn adjoints_hold_in_numbers() {
    let catalog = builtin();
    let mut failures = Vec::new();
    for (f, entry) in catalog.functions() {
        for (i, adjoint) in &entry.adjoints {
            if let Err(why) = check_adjoint(f, entry, *i, adjoint) {
                failures.push(format!("{} in {}: {why}", entry.name, entry.parameters[*i].name));
            }
        }
    }
    report(failures);
}

/// `⟨G, f(…, X, …)⟩ = ⟨adjoint, X⟩`.
fn check_adjoint(f: matgrad::expr::FnId, entry: &Entry, i: usize, adjoint: &Template) -> Result<(), String> {
    let mut parameters = entry.parameters.clone();
    parameters.push(Parameter { name: "G".into(), ty: entry.result.clone() });
    let mut setting = Setting::new(&parameters, &[]);
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

#[test]
fn examples_are_well_formed() {
    let catalog = builtin();
    let mut failures = Vec::new();
    for (_, entry) in catalog.functions() {
        for example in &entry.examples {
            for side in [&example.expression, &example.answer] {
                if let Err(why) = side.ast(&catalog) {
                    failures.push(format!("{}: {why}", side.source.origin));
                }
            }
        }
    }
    report(failures);
}
