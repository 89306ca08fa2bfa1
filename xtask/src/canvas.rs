//! A drawing.
//!
//! In: lines, dots and words in the coordinates of the mathematics. Out: SVG. Invariant: colours are classes, which the
//! stylesheet of the book gives for light and dark pages.

/// A drawing in the coordinates of the mathematics.
pub struct Canvas {
    body: String,
    x: (f64, f64),
    y: (f64, f64),
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 340.0;

impl Canvas {
    pub fn new(x: (f64, f64), y: (f64, f64)) -> Canvas {
        Canvas { body: String::new(), x, y }
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = (x - self.x.0) / (self.x.1 - self.x.0);
        let up = (y - self.y.0) / (self.y.1 - self.y.0);
        (across * WIDTH, HEIGHT - up * HEIGHT)
    }

    pub fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let places = points.iter().map(|p| self.place(*p)).map(|(x, y)| format!("{x:.1},{y:.1}"));
        let places = places.collect::<Vec<_>>().join(" ");
        self.body.push_str(&format!("<polyline class=\"{class}\" points=\"{places}\"/>"));
    }

    pub fn dot(&mut self, class: &str, at: (f64, f64)) {
        let (x, y) = self.place(at);
        self.body.push_str(&format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"));
    }

    /// A line with a head.
    pub fn arrow(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.line(class, &[from, to]);
        let ((x0, y0), (x, y)) = (self.place(from), self.place(to));
        let length = (x - x0).hypot(y - y0);
        let (along, across) = (((x - x0) / length, (y - y0) / length), 4.5);
        let back = (x - 9.0 * along.0, y - 9.0 * along.1);
        let side =
            |s: f64| format!("{:.1},{:.1}", back.0 - s * across * along.1, back.1 + s * across * along.0);
        self.body.push_str(&format!(
            "<polygon class=\"{class}\" points=\"{x:.1},{y:.1} {} {}\"/>",
            side(1.0),
            side(-1.0)
        ));
    }

    pub fn text(&mut self, at: (f64, f64), text: &str) {
        let (x, y) = self.place(at);
        self.body.push_str(&format!("<text x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"));
    }

    /// The picture with its caption, in one line: Markdown reads a blank one as its end.
    pub fn finish(self, caption: &str) -> String {
        format!(
            "\n<figure><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{caption}\">{}</svg><figcaption>{caption}</figcaption></figure>\n",
            self.body
        )
    }
}
