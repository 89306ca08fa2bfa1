//! Pictures from evaluations.
//!
//! In: expressions. Out: SVG as a part of a page, in its colours. Invariant: every point of a function is the value that
//! matgrad's numeric evaluator gives; the cost pictures show the flops that it counts.

use matgrad::answer::{Request, Setup, answer, read};
use matgrad::numeric::{Matrix, Point, Sizes, evaluate, lower};

use super::Outcome;
use super::canvas::Canvas;

/// A picture by its name.
pub fn picture(name: &str) -> Outcome<String> {
    match name {
        "tangent" => tangent(),
        "uphill" => uphill(),
        "many-inputs" => {
            cost("w^T tanh.(A tanh.(B x))", "x", "Flops for the derivative of one number by n inputs")
        }
        "many-outputs" => {
            cost("tanh.(A tanh.(b t))", "t", "Flops for the derivative of n outputs by one number")
        }
        _ => Err(format!("no picture {name}").into()),
    }
}

/// The value of an expression in x, a scalar or a vector with these entries.
pub fn value(expression: &str, declaration: &str, x: &[f64]) -> Outcome<Vec<f64>> {
    let request = Request { lets: vec![declaration.into()], wrt: Some(vec![]), ..Request::new(expression) };
    let mut problem = read(&request, &Setup::default()).map_err(|e| e.to_string())?;
    let roots = lower(&mut problem.graph, &[problem.function]).map_err(|e| e.to_string())?;
    let mut point = Point::new(Sizes::default());
    let v = problem.graph.variable_named("x").ok_or("no variable x")?;
    point.set(v, Matrix::from_column_slice(x.len(), 1, x));
    let values = evaluate(&problem.graph, &roots, &point).map_err(|u| u.why.to_string())?;
    Ok(values.first().ok_or("no value")?.iter().copied().collect())
}

/// The derivative by x as matgrad gives it.
pub fn derivative(expression: &str, declaration: &str) -> Outcome<String> {
    let lets = vec![declaration.to_owned()];
    let request = Request { lets, wrt: Some(vec!["x".into()]), ..Request::new(expression) };
    let found = answer(&request, &Setup::default()).map_err(|e| e.to_string())?;
    Ok(found.derivatives.first().ok_or("no derivative")?.result.ascii.clone())
}

fn steps(from: f64, to: f64, count: usize) -> impl Iterator<Item = f64> {
    (0..=count).map(move |i| from + (to - from) * i as f64 / count as f64)
}

/// f, its tangent at x₀, and what the tangent leaves at x₀ + dx.
fn tangent() -> Outcome<String> {
    let (f, scalar, x0, dx) = ("sin(x^2)", "x: scalar", 0.9, 0.4);
    let slope = derivative(f, scalar)?;
    let at = |expression: &str, x: f64| -> Outcome<f64> {
        Ok(value(expression, scalar, &[x])?.first().copied().ok_or("no value")?)
    };
    let (y0, m) = (at(f, x0)?, at(&slope, x0)?);
    let mut canvas = Canvas::new((0.0, 1.8), (-0.1, 1.5));
    let curve: Outcome<Vec<(f64, f64)>> = steps(0.0, 1.8, 90).map(|x| Ok((x, at(f, x)?))).collect();
    canvas.line("a", &curve?);
    let on_tangent = |x: f64| (x, y0 + m * (x - x0));
    canvas.line("b", &[on_tangent(0.4), on_tangent(1.5)]);
    let x1 = x0 + dx;
    canvas.line("c", &[(x0, y0), (x1, y0), on_tangent(x1)]);
    canvas.line("d", &[on_tangent(x1), (x1, at(f, x1)?)]);
    canvas.dot("a", (x0, y0));
    canvas.dot("a", (x1, at(f, x1)?));
    canvas.text((x0 + dx / 2.0 - 0.04, y0 - 0.1), "δx");
    canvas.text((x1 + 0.04, y0 + m * dx / 2.0), "f′(x) δx");
    canvas.text((x1 + 0.04, (on_tangent(x1).1 + at(f, x1)?) / 2.0), "o(δx)");
    Ok(canvas.finish("The curve sin(x²), its tangent at x = 0.9, and the remainder at x = 1.3"))
}

/// Level lines of a quadratic form, and gradients across them.
fn uphill() -> Outcome<String> {
    let vector = "x: vector(2)";
    let f = "dot(e(1,2), x)^2 / 2 + dot(e(2,2), x)^2 + dot(e(1,2), x) * dot(e(2,2), x) / 2";
    let gradient = derivative(f, vector)?;
    let mut canvas = Canvas::new((-2.6, 2.6), (-1.6, 1.6));
    for level in [0.25, 0.75, 1.5, 2.5] {
        let mut ring = vec![];
        for angle in steps(0.0, std::f64::consts::TAU, 72) {
            let ray = [angle.cos(), angle.sin()];
            // A quadratic form grows with the square of the distance.
            let along = value(f, vector, &ray)?.first().copied().ok_or("no value")?;
            let r = f64::sqrt(level / along);
            ring.push((r * ray[0], r * ray[1]));
        }
        canvas.line("a", &ring);
    }
    for point in [[1.3, 0.2], [0.2, 0.85], [-1.1, 0.6], [-0.6, -0.7], [0.9, -0.9]] {
        let g = value(&gradient, vector, &point)?;
        let [x, y] = g[..] else { return Err("a gradient of two entries".into()) };
        let from = (point[0], point[1]);
        canvas.arrow("b", from, (from.0 + 0.35 * x, from.1 + 0.35 * y));
        canvas.dot("b", from);
    }
    Ok(canvas.finish("Level lines of a quadratic form, and its gradients at five points"))
}

/// The flops of forward and reverse mode, for sizes that double.
fn cost(expression: &str, wrt: &str, title: &str) -> Outcome<String> {
    let (mut forward, mut reverse) = (vec![], vec![]);
    for k in 1..=8 {
        let (f, r) = modes(expression, wrt, 1 << k)?;
        forward.push((f64::from(k), f.log2()));
        reverse.push((f64::from(k), r.log2()));
    }
    let mut canvas = Canvas::new((0.0, 10.2), (1.0, 27.5));
    canvas.line("c", &[(0.8, 3.2), (8.4, 3.2)]);
    for k in 1..=8 {
        canvas.text((f64::from(k) - 0.12, 1.8), &(1 << k).to_string());
    }
    canvas.text((8.6, 2.9), "n");
    for (line, class, name) in [(&forward, "b", "forward"), (&reverse, "a", "reverse")] {
        canvas.line(class, line);
        line.iter().for_each(|at| canvas.dot(class, *at));
        let (x, y) = line.last().copied().unwrap_or_default();
        canvas.text((x + 0.25, y - 0.3), name);
    }
    Ok(canvas.finish(title))
}

/// The flops of one derivative in forward and in reverse mode, where every dimension is n.
fn modes(expression: &str, wrt: &str, n: u64) -> Outcome<(f64, f64)> {
    let lets = ["A: matrix(n,n)", "B: matrix(n,n)", "b: vector(n)", "t: scalar"];
    let lets = lets.iter().filter(|l| expression.contains(&l[..1])).map(|l| (*l).to_owned()).collect();
    let dims = [("n".to_owned(), n)].into_iter().collect();
    let wrt = Some(vec![wrt.to_owned()]);
    let request = Request { lets, wrt, dims, cost: true, ..Request::new(expression) };
    let found = answer(&request, &Setup::default()).map_err(|e| e.to_string())?;
    let counted = found.cost.ok_or("no cost")?.derivatives;
    let of = counted.first().ok_or("no derivative")?;
    let number =
        |count: &Option<matgrad::answer::Count>| count.as_ref().and_then(|c| c.number).ok_or("no count");
    Ok((number(&of.forward)?, number(&of.reverse)?))
}
