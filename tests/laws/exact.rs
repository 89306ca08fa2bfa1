//! Laws over the prime field at all shapes.
//!
//! In: a law. Out: where it does not hold. Invariant: the law must hold wherever its conditions do, and its right
//! side must be defined wherever the left one is.

use super::*;
use matgrad::numeric::{Field, Gf, Undefined};

/// What a law came to.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// It held at so many points.
    Held(usize),
    /// The prime field has no such function; nothing is known.
    Foreign,
    /// The sides differ.
    Wrong(String),
    /// The right side is undefined where the left one is not.
    Gap(String),
}

/// Sizes from 1 to 4.
fn small(round: u64) -> Sizes {
    let mut numbers = Numbers(round.wrapping_mul(0x9e37_79b9) + 5);
    ["m", "n", "p", "q", "r", "s", "k"]
        .map(|name| (name.to_owned(), 1 + ((numbers.next() + 1.0) * 1.9999) as i64))
        .into_iter()
        .collect()
}

fn residue(numbers: &mut Numbers) -> Gf {
    Gf::new((numbers.next() * 1e15) as i64 as u64)
}

/// A value of the field with what its variable promises; `None` where the field has no such thing.
fn exact_value(numbers: &mut Numbers, rows: usize, cols: usize, p: Properties) -> Option<Matrix<Gf>> {
    use Properties as P;
    let r = Matrix::from_fn(rows, cols, |_, _| residue(numbers));
    if p.has(P::INTEGER) {
        return Some(r.map(|_| Gf::from_integer(2)));
    }
    if p.has(P::ORTHOGONAL) {
        return None;
    }
    if rows != cols || (rows == 1 && !p.has(P::SKEW)) {
        return Some(r);
    }
    let only = |keep: &dyn Fn(usize, usize) -> bool| {
        Matrix::from_fn(rows, cols, |i, j| if keep(i, j) { r[(i, j)] } else { Gf::from_integer(0) })
    };
    Some(match () {
        () if p.has(P::DIAGONAL) => only(&|i, j| i == j),
        () if p.any(P::SYMMETRIC.with(P::POSDEF)) => &r + r.transpose(),
        () if p.has(P::SKEW) => &r - r.transpose(),
        () if p.has(P::LOWER) => only(&|i, j| i >= j),
        () if p.has(P::UPPER) => only(&|i, j| i <= j),
        () => r,
    })
}

impl Setting {
    fn exact_point(&self, round: u64) -> Option<Point<Gf>> {
        let sizes = small(round);
        let mut numbers = Numbers(round + 311);
        let mut point = Point::new(sizes.clone());
        for (i, v) in self.graph.variables().iter().take(self.properties.len()).enumerate() {
            let side = |d| self.graph.dims.evaluate(d, &|n| sizes[n]) as usize;
            let whole = v.kind == Kind::Scalar && v.name == "k";
            let properties = if whole { Properties::INTEGER } else { self.properties[i] };
            let value = exact_value(&mut numbers, side(v.shape.rows), side(v.shape.cols), properties)?;
            point.set(VarId(i as u32), value);
        }
        Some(point)
    }
}

fn sides(setting: &mut Setting, left: Id, right: Id) -> Result<[Vec<Id>; 2], String> {
    let both = numeric::lower(&mut setting.graph, &[left, right]).map_err(|e| e.to_string())?;
    Ok([vec![both[0]], vec![both[1]]])
}

fn compared(setting: &Setting, [left, right]: &[Vec<Id>; 2], point: &Point<Gf>) -> Result<Found, Undefined> {
    let l = numeric::evaluate(&setting.graph, left, point)?;
    match numeric::evaluate(&setting.graph, right, point) {
        Err(u) if matches!(u.why, Why::Unsupported(_)) => Err(u),
        Err(u) => Ok(Found::Gap(format!("{} where {:?}", u.why, point.sizes))),
        Ok(r) if l == r => Ok(Found::Held(1)),
        Ok(_) => Ok(Found::Wrong(format!("sizes {:?}", point.sizes))),
    }
}

/// An identity over the prime field.
pub fn identity(catalog: &Arc<Catalog>, law: &Identity) -> Result<Found, String> {
    let mut setting = Setting::new(catalog, &law.variables, &law.conditions);
    let (left, right) = (setting.read(&law.left)?, setting.read(&law.right)?);
    let sides = sides(&mut setting, left, right)?;
    // A scalar function is an uninterpreted one in the field: an identity of it says nothing there.
    let all = setting.graph.reachable(&sides.concat());
    let foreign = |op: &Op| match op {
        Op::Map(_) => true,
        Op::Call(f) => ["norm", "norm1", "softmax", "logsumexp"].contains(&catalog.entry(*f).name.as_str()),
        _ => false,
    };
    if all.iter().any(|id| foreign(setting.graph.op(*id))) {
        return Ok(Found::Foreign);
    }
    let mut held = 0;
    for round in 0..12 {
        let Some(point) = setting.exact_point(round) else { return Ok(Found::Foreign) };
        if !setting.holds(&law.conditions, &point)? {
            continue;
        }
        match compared(&setting, &sides, &point) {
            Ok(Found::Held(_)) => held += 1,
            Ok(other) => return Ok(other),
            Err(u) if matches!(u.why, Why::Unsupported(_)) => return Ok(Found::Foreign),
            Err(_) => {}
        }
    }
    Ok(Found::Held(held))
}

/// A differential over dual numbers of the prime field.
pub fn differential(catalog: &Arc<Catalog>, f: FnId) -> Result<Found, String> {
    let entry = catalog.entry(f);
    let Some(template) = &entry.differential else { return Ok(Found::Held(0)) };
    // An order, a sign or a constant of analysis means nothing in the field.
    if ["max", "min", "erf", "logdet"].contains(&entry.name.as_str()) {
        return Ok(Found::Foreign);
    }
    let conditions: Vec<_> = entry.domain.iter().chain(&entry.smooth).cloned().collect();
    let mut setting = Setting::new(catalog, &entry.parameters, &conditions);
    let vars: Vec<Id> = (0..entry.parameters.len()).map(|i| setting.graph.var(VarId(i as u32))).collect();
    let call = setting.graph.call(f, vars);
    for (i, p) in entry.parameters.iter().enumerate() {
        let d = setting.graph.add(Op::Differential(VarId(i as u32)), []);
        setting.scope = setting.scope.clone().bind(format!("d{}", p.name), d);
    }
    let df = setting.read(template)?;
    let sides = sides(&mut setting, call, df)?;
    let mut held = 0;
    for round in 0..12 {
        let Some(mut point) = setting.exact_point(round) else { return Ok(Found::Foreign) };
        let mut numbers = Numbers(round + 999);
        let mut along = vec![];
        for (i, p) in entry.parameters.iter().enumerate() {
            let v = VarId(i as u32);
            let (rows, cols) = point.value(v).ok_or("no value")?.shape();
            let d = if p.name == "k" {
                None
            } else {
                exact_value(&mut numbers, rows, cols, setting.properties[i])
            };
            let d = d.unwrap_or_else(|| Matrix::zeros(rows, cols));
            point.set_differential(v, d.clone());
            along.push(d);
        }
        let dual = point.map(|v, value| value.zip_map(&along[v.0 as usize], Dual::new));
        let pushed = match numeric::evaluate(&setting.graph, &sides[0], &dual) {
            Ok(pushed) => pushed,
            Err(u) if matches!(u.why, Why::Unsupported(_)) => return Ok(Found::Foreign),
            Err(_) => continue,
        };
        match numeric::evaluate(&setting.graph, &sides[1], &point) {
            Err(u) if matches!(u.why, Why::Unsupported(_)) => return Ok(Found::Foreign),
            Err(u) => return Ok(Found::Gap(u.why.to_string())),
            Ok(stated) if stated[0] == pushed[0].map(|x| x.du) => held += 1,
            Ok(_) => return Ok(Found::Wrong(format!("sizes {:?}", point.sizes))),
        }
    }
    Ok(Found::Held(held))
}

/// An adjoint over the prime field: `⟨G, f(…, X, …)⟩ = ⟨adjoint, X⟩`.
pub fn adjoint(catalog: &Arc<Catalog>, f: FnId, place: usize) -> Result<Found, String> {
    let entry = catalog.entry(f);
    let (i, template) = &entry.adjoints[place];
    let mut parameters = entry.parameters.clone();
    parameters.push(Parameter { name: "G".into(), ty: entry.result.clone() });
    let mut setting = Setting::new(catalog, &parameters, &[]);
    let vars: Vec<Id> = (0..entry.parameters.len()).map(|i| setting.graph.var(VarId(i as u32))).collect();
    let call = setting.graph.call(f, vars);
    let stated = setting.read(template)?;
    let roots = sides(&mut setting, call, stated)?.concat();
    let mut held = 0;
    for round in 0..12 {
        let Some(point) = setting.exact_point(round) else { return Ok(Found::Foreign) };
        let found = match numeric::evaluate(&setting.graph, &roots, &point) {
            Ok(found) => found,
            Err(u) if matches!(u.why, Why::Unsupported(_)) => return Ok(Found::Foreign),
            Err(u) => return Ok(Found::Gap(u.why.to_string())),
        };
        let value = |v: usize| point.value(VarId(v as u32)).ok_or("no value");
        let inner = |a: &Matrix<Gf>, b: &Matrix<Gf>| {
            a.iter().zip(b.iter()).fold(Gf::from_integer(0), |s, (x, y)| s + *x * *y)
        };
        let (g, x) = (value(entry.parameters.len())?, value(*i)?);
        if inner(&found[0], g) != inner(&found[1], x) {
            return Ok(Found::Wrong(format!("sizes {:?}", point.sizes)));
        }
        held += 1;
    }
    Ok(Found::Held(held))
}
