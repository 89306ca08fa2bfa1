//! Pictures from evaluations.
//!
//! In: expressions. Out: SVG, in the colours of the page. Invariant: every point of a function is the value that matgrad's
//! numeric evaluator gives; the cost picture counts the multiplications while it forms the products.

use matgrad::answer::{Request, Setup, answer, read};
use matgrad::numeric::{Matrix, Point, Sizes, evaluate, lower};

use super::Outcome;

/// All pictures by name.
pub fn pictures() -> Outcome<Vec<(&'static str, String)>> {
    Ok(vec![("tangent", tangent()?), ("uphill", uphill()?), ("cost", cost())])
}

/// The value of an expression in x, a scalar or a vector with these entries.
fn value(expression: &str, declaration: &str, x: &[f64]) -> Outcome<Vec<f64>> {
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
fn derivative(expression: &str, declaration: &str) -> Outcome<String> {
    let lets = vec![declaration.to_owned()];
    let request = Request { lets, wrt: Some(vec!["x".into()]), ..Request::new(expression) };
    let found = answer(&request, &Setup::default()).map_err(|e| e.to_string())?;
    Ok(found.derivatives.first().ok_or("no derivative")?.result.ascii.clone())
}

/// A drawing in the coordinates of the mathematics.
struct Canvas {
    body: String,
    x: (f64, f64),
    y: (f64, f64),
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 340.0;

impl Canvas {
    fn new(x: (f64, f64), y: (f64, f64)) -> Canvas {
        Canvas { body: String::new(), x, y }
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = (x - self.x.0) / (self.x.1 - self.x.0);
        let up = (y - self.y.0) / (self.y.1 - self.y.0);
        (across * WIDTH, HEIGHT - up * HEIGHT)
    }

    fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let places = points.iter().map(|p| self.place(*p)).map(|(x, y)| format!("{x:.1},{y:.1}"));
        let places = places.collect::<Vec<_>>().join(" ");
        self.body.push_str(&format!("<polyline class=\"{class}\" points=\"{places}\"/>"));
    }

    fn dot(&mut self, at: (f64, f64)) {
        let (x, y) = self.place(at);
        self.body.push_str(&format!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"));
    }

    fn text(&mut self, at: (f64, f64), text: &str) {
        let (x, y) = self.place(at);
        self.body.push_str(&format!("<text x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"));
    }

    fn finish(self, title: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{title}</title>\
             <style>polyline{{fill:none;stroke-width:2;stroke:#3b6fb6}}.b{{stroke:#c4662f}}.c{{stroke:#888;stroke-width:1}}\
             .d{{stroke:#2f8f5b;stroke-width:3}}.dot{{fill:#c4662f}}text{{font:14px sans-serif;fill:#777}}</style>{}</svg>\n",
            self.body
        )
    }
}

fn steps(from: f64, to: f64, count: usize) -> impl Iterator<Item = f64> {
    (0..=count).map(move |i| from + (to - from) * i as f64 / count as f64)
}

/// f, its tangent at x₀, and what the tangent leaves at x₀ + dx.
fn tangent() -> Outcome<String> {
    let (f, scalar, x0, dx) = ("sin(x^2)", "x: scalar", 0.7, 0.5);
    let slope = derivative(f, scalar)?;
    let at = |expression: &str, x: f64| -> Outcome<f64> {
        Ok(value(expression, scalar, &[x])?.first().copied().ok_or("no value")?)
    };
    let (y0, m) = (at(f, x0)?, at(&slope, x0)?);
    let mut canvas = Canvas::new((0.0, 1.8), (-0.4, 1.6));
    let curve: Outcome<Vec<(f64, f64)>> = steps(0.0, 1.8, 90).map(|x| Ok((x, at(f, x)?))).collect();
    canvas.line("a", &curve?);
    let on_tangent = |x: f64| (x, y0 + m * (x - x0));
    canvas.line("b", &[on_tangent(0.25), on_tangent(1.6)]);
    let x1 = x0 + dx;
    canvas.line("c", &[(x0, y0), (x1, y0), on_tangent(x1)]);
    canvas.line("d", &[on_tangent(x1), (x1, at(f, x1)?)]);
    canvas.dot((x0, y0));
    canvas.dot((x1, at(f, x1)?));
    canvas.text((x0 + dx / 2.0 - 0.04, y0 - 0.1), "dx");
    canvas.text((x1 + 0.04, y0 + m * dx / 2.0), "f′(x) dx");
    canvas.text((x1 + 0.04, (on_tangent(x1).1 + at(f, x1)?) / 2.0), "o(dx)");
    Ok(canvas.finish("sin(x²), its tangent, and the remainder"))
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
        canvas.line("b", &[(point[0], point[1]), (point[0] + 0.35 * x, point[1] + 0.35 * y)]);
        canvas.dot((point[0], point[1]));
    }
    Ok(canvas.finish("level lines, and gradients at right angles to them"))
}

/// The multiplications of a row and three n×n Jacobians, formed from the left and from the right.
fn cost() -> String {
    let sizes: Vec<usize> = (1..=8).map(|k| 1 << k).collect();
    // Shapes of the factors of the row xᵀ and the three Jacobians behind it.
    let shapes = |n: usize| vec![(1, n), (n, n), (n, n), (n, n)];
    let mark = |count: u64| (count as f64).log2();
    let line = |from_left: bool| -> Vec<(f64, f64)> {
        sizes.iter().map(|n| ((*n as f64).log2(), mark(multiplications(shapes(*n), from_left)))).collect()
    };
    let (reverse, forward) = (line(true), line(false));
    let mut canvas = Canvas::new((0.4, 9.6), (0.0, 27.5));
    canvas.line("c", &[(1.0, 1.5), (9.4, 1.5)]);
    for (n, at) in sizes.iter().zip(1..) {
        canvas.text((f64::from(at) - 0.12, 0.2), &n.to_string());
    }
    for (line, class) in [(&forward, "b"), (&reverse, "a")] {
        canvas.line(class, line);
        line.iter().for_each(|at| canvas.dot(*at));
    }
    canvas.text((2.6, 19.2), "forward: matrix by matrix");
    canvas.text((5.6, 10.2), "reverse: row by matrix");
    canvas.text((8.7, 2.2), "n");
    canvas.finish(
        "multiplications for one gradient, forward and in reverse, by n; both axes double from mark to mark",
    )
}

/// Multiplies matrices of these shapes in one order, and counts the multiplications of numbers.
fn multiplications(mut shapes: Vec<(usize, usize)>, from_left: bool) -> u64 {
    if !from_left {
        shapes.reverse();
    }
    let mut shapes = shapes.into_iter();
    let Some(mut product) = shapes.next() else { return 0 };
    let mut count = 0;
    for next in shapes {
        let ((rows, inner), (_, cols)) = if from_left { (product, next) } else { (next, product) };
        count += (rows * inner * cols) as u64;
        product = (rows, cols);
    }
    count
}
