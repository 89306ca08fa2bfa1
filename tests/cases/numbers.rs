//! The numbers of an answer against differences of the function.
//!
//! In: an answer as it is printed in ASCII. Out: whether it gives, along random directions, what differences of the
//! function give.
//! Invariant: independent of the engine: the printed text is read again, the derivative is a difference quotient.

use matgrad::answer::{Answer, Derivative, DerivativeKind, Setup};
use matgrad::expr::{Graph, Id, VarId};
use matgrad::numeric::{Matrix, Point, evaluate, guards, lower, sample};
use matgrad::shape::{BUILTINS, Problem, infer};
use matgrad::syntax::parse_unvarying;

use crate::read::Case;

/// An expression with what evaluates it.
pub struct Value {
    pub graph: Graph,
    pub root: Id,
}

impl Value {
    pub fn new(problem: Problem) -> Result<Value, String> {
        let mut graph = problem.graph;
        let roots = lower(&mut graph, &[problem.function]).map_err(|e| e.to_string())?;
        Ok(Value { graph, root: roots[0] })
    }

    pub fn at(&self, point: &Point<f64>) -> Result<Matrix<f64>, String> {
        let values = evaluate(&self.graph, &[self.root], point).map_err(|u| u.why.to_string())?;
        values.into_iter().next().ok_or_else(|| "no value".into())
    }

    pub fn id(&self, name: &str) -> Option<VarId> {
        self.graph.variable_named(name)
    }
}

pub fn read(text: &str, lets: &[String], setup: &Setup) -> Result<Problem, String> {
    let is_function = |n: &str| !setup.catalog.overloads(n).is_empty() || BUILTINS.contains(&n);
    let program =
        parse_unvarying(text, lets, &is_function, &setup.limits).map_err(|e| format!("{text}: {e}"))?;
    infer(&program, setup.catalog.clone(), &setup.limits).map_err(|e| format!("{text}: {e}"))
}

/// The first disagreement of an answer with its function.
pub fn compare(case: &Case, answer: &Answer, setup: &Setup) -> Result<(), String> {
    let request = &case.request;
    let abstracts = request.lets.iter().any(|l| l.contains("->"));
    if abstracts || request.order > 2 || request.free_entries || !answer.parts.is_empty() {
        return Ok(());
    }
    let problem = read(&request.expr, &request.lets, setup)?;
    let conditions = problem.conditions.clone();
    let mut function = Value::new(problem)?;
    let guards = guards(&mut function.graph, &conditions).map_err(|e| e.to_string())?;
    for seed in 0..2 {
        let point =
            sample(&function.graph, &[function.root], &guards, seed).map_err(|_| "no point".to_owned())?;
        let trial = Trial { case, answer, function: &function, point, setup, seed };
        for d in &answer.derivatives {
            trial.derivative(d, request.order, request.at.is_some())?;
        }
        if let (1, Some(df)) = (answer.derivatives.len(), &answer.differential) {
            trial.along(&df.ascii, &answer.derivatives[0], 1)?;
        }
    }
    Ok(())
}

struct Trial<'a> {
    case: &'a Case,
    answer: &'a Answer,
    function: &'a Value,
    point: Point<f64>,
    setup: &'a Setup,
    seed: u64,
}

impl Trial<'_> {
    fn derivative(&self, d: &Derivative, order: usize, directional: bool) -> Result<(), String> {
        use DerivativeKind::*;
        let Some(v) = self.function.id(&d.wrt) else { return Err(format!("no variable {}", d.wrt)) };
        if directional || d.kind == Operator {
            return self.along(&d.result.ascii, d, order);
        }
        let e = self.direction(d, 1);
        let f = if order == 2 { self.direction(d, 2) } else { e.clone() };
        let result = self.value(&d.result.ascii, d, &e)?;
        // A zero is printed without its shape.
        let fits = match d.kind {
            Gradient => result.shape() == e.shape(),
            Jacobian => result.ncols() == e.nrows(),
            Kronecker => result.ncols() == e.len(),
            Hessian => result.shape() == (e.len(), f.len()),
            Derivative | Operator => true,
        };
        if !fits && d.result.ascii != "0" {
            return Err(format!(
                "{} {} has the shape {:?}: {}",
                d.kind.word(),
                d.wrt,
                result.shape(),
                d.result.ascii
            ));
        }
        let got = match d.kind {
            _ if !fits => Matrix::zeros(1, 1),
            Gradient => Matrix::from_element(1, 1, result.dot(&e)),
            Jacobian => &result * &e,
            Kronecker => &result * vec(&e),
            Hessian => vec(&e).transpose() * &result * vec(&f),
            Derivative if order == 2 => result * (e[0] * f[0]),
            Derivative => result * e[0],
            Operator => result,
        };
        let want = self.difference(v, &e, if order == 2 { Some(&f) } else { None })?;
        let want = if d.kind == Kronecker { vec(&want) } else { want };
        close(d, &got, &want, order)
    }

    /// A form in `dX`, with dX put in.
    fn along(&self, text: &str, d: &Derivative, order: usize) -> Result<(), String> {
        let Some(v) = self.function.id(&d.wrt) else { return Err(format!("no variable {}", d.wrt)) };
        let e = self.direction(d, 1);
        let got = self.value(text, d, &e)?;
        let want = self.difference(v, &e, if order == 2 { Some(&e) } else { None })?;
        close(d, &got, &want, order)
    }

    /// The value of a printed expression at the point, where dX is `e`.
    fn value(&self, text: &str, d: &Derivative, e: &Matrix<f64>) -> Result<Matrix<f64>, String> {
        let mut lets: Vec<String> = vec![];
        for v in &self.answer.variables {
            lets.push(format!("{}: {}", v.name, v.ty));
            if v.name == d.wrt {
                lets.push(format!("d{}: {}", v.name, v.ty.split(' ').next().unwrap_or_default()));
            }
        }
        let value = Value::new(read(text, &lets, self.setup)?)?;
        let mut point = Point::new(self.point.sizes.clone());
        for (i, v) in value.graph.variables().iter().enumerate() {
            let known = self.function.id(&v.name).and_then(|id| self.point.value(id)).cloned();
            // dX, and the direction of a directional derivative; the index of a sum has no value.
            let direction = v.name == format!("d{}", d.wrt) || self.case.is_direction(&v.name);
            if let Some(value) = if direction { Some(e.clone()) } else { known } {
                point.set(VarId(i as u32), value);
            }
        }
        value.at(&point)
    }

    /// A direction in which the variable may vary.
    fn direction(&self, d: &Derivative, which: u64) -> Matrix<f64> {
        let v = self.function.id(&d.wrt).unwrap();
        let ty = &self.answer.variables.iter().find(|t| t.name == d.wrt).unwrap().ty;
        direction(self.point.value(v).unwrap(), ty, which + 2 * self.seed)
    }

    /// f'(x)[e], or f''(x)[e, f], by central differences.
    fn difference(&self, v: VarId, e: &Matrix<f64>, f: Option<&Matrix<f64>>) -> Result<Matrix<f64>, String> {
        let x = self.point.value(v).ok_or("no value")?;
        // An orthogonal matrix stays one: it goes along geodesics.
        let name = &self.function.graph.variable(v).name;
        let curved = self.answer.variables.iter().any(|t| t.name == *name && t.ty.contains(" orthogonal"));
        let at = |step: Matrix<f64>| {
            let mut point = self.point.clone();
            point.set(v, if curved { x * (x.transpose() * step).exp() } else { x + step });
            self.function.at(&point)
        };
        Ok(match f {
            None => {
                let h = 1e-3;
                let slope = |h: f64| Ok::<_, String>((at(e * h)? - at(e * -h)?) / (2.0 * h));
                (slope(h / 2.0)? * 4.0 - slope(h)?) / 3.0
            }
            Some(f) => {
                let h = 2e-3;
                let corner = |s: f64, t: f64| at(e * (s * h) + f * (t * h));
                (corner(1.0, 1.0)? - corner(1.0, -1.0)? - corner(-1.0, 1.0)? + corner(-1.0, -1.0)?)
                    / (4.0 * h * h)
            }
        })
    }
}

/// A direction in which a variable of this type may vary from x.
pub fn direction(x: &Matrix<f64>, ty: &str, seed: u64) -> Matrix<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(1 + seed);
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
    };
    let e = Matrix::from_fn(x.nrows(), x.ncols(), |_, _| random());
    let has = |word: &str| ty.split(' ').any(|w| w == word);
    if has("orthogonal") {
        return x * (&e - e.transpose());
    } else if has("diagonal") {
        return Matrix::from_diagonal(&e.diagonal());
    } else if has("symmetric") || has("posdef") {
        return &e + e.transpose();
    } else if has("skew") {
        return &e - e.transpose();
    } else if has("lower") {
        return e.lower_triangle();
    } else if has("upper") {
        return e.upper_triangle();
    }
    e
}

fn vec(m: &Matrix<f64>) -> Matrix<f64> {
    Matrix::from_column_slice(m.len(), 1, m.as_slice())
}

fn close(d: &Derivative, got: &Matrix<f64>, want: &Matrix<f64>, order: usize) -> Result<(), String> {
    let zero = d.result.ascii == "0";
    let off = if zero {
        want.amax()
    } else if got.shape() == want.shape() {
        (got - want).amax()
    } else {
        f64::INFINITY
    };
    let tolerance = if order == 2 { 1e-3 } else { 1e-6 } * (1.0 + want.amax());
    let said = || {
        format!("{} {}: off by {off:.1e} of {:.1e}: {}", d.kind.word(), d.wrt, want.amax(), d.result.ascii)
    };
    if off <= tolerance { Ok(()) } else { Err(said()) }
}
