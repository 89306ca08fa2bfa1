//! Random well-typed expressions over all functions of the catalogue, operators, shapes and properties.
//!
//! In: a seed. Out: a [`Case`]: an expression, what varies, how often it is differentiated.
//! Invariant: the same seed gives the same case; every case is well shaped.

use matgrad::catalog::{Catalog, Entry, Type};
use matgrad::syntax::DimExpr;

use super::tree::{Head, Manner, Shape, Tree, name};

/// The variables: name, shape, properties.
pub const VARIABLES: &[(&str, Shape, &str)] = &[
    ("s", ("1", "1"), ""),
    ("t", ("1", "1"), "positive"),
    ("x", ("n", "1"), ""),
    ("y", ("n", "1"), ""),
    ("v", ("n", "1"), "positive"),
    ("u", ("m", "1"), ""),
    ("w", ("m", "1"), ""),
    ("z", ("p", "1"), ""),
    ("g", ("3", "1"), ""),
    ("h", ("3", "1"), ""),
    ("A", ("n", "n"), ""),
    ("B", ("n", "n"), "invertible"),
    ("S", ("n", "n"), "symmetric"),
    ("P", ("n", "n"), "posdef"),
    ("D", ("n", "n"), "diagonal"),
    ("Q", ("n", "n"), "orthogonal"),
    ("L", ("n", "n"), "lower"),
    ("U", ("n", "n"), "upper"),
    ("Z", ("n", "n"), "skew"),
    ("C", ("n", "n"), "constant"),
    ("X", ("m", "n"), ""),
    ("Y", ("m", "n"), ""),
    ("M", ("m", "n"), "positive"),
    ("V", ("n", "p"), ""),
    ("W", ("m", "p"), ""),
    ("E", ("m", "m"), ""),
    ("F", ("m", "m"), "symmetric"),
];

/// Deterministic numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.word() % n.max(1) as u64) as usize
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// A request in the making.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    pub tree: Tree,
    /// The varying variable, by its place; all that may where there is none.
    pub wrt: Option<usize>,
    pub order: usize,
    pub vec: bool,
    /// What stands for the dimension n: itself, or a number.
    pub n: &'static str,
}

impl Case {
    /// The declarations.
    pub fn lets(&self, manner: Manner) -> Vec<String> {
        let side = |d: &str| if d == "n" { self.n.to_owned() } else { d.to_owned() };
        let one = |place: usize| {
            let (_, (rows, cols), properties) = VARIABLES[place];
            let ty = match (rows, cols) {
                ("1", "1") => "scalar".to_owned(),
                (r, "1") => format!("vector({})", side(r)),
                (r, c) => format!("matrix({}, {})", side(r), side(c)),
            };
            format!("{}: {ty} {properties}", name(place, manner))
        };
        self.tree.variables().into_iter().map(one).collect()
    }

    /// The expression.
    pub fn text(&self, manner: Manner) -> String {
        self.tree.text(manner).replace('@', self.n)
    }

    /// The varying variables' names.
    pub fn varying(&self, manner: Manner) -> Option<Vec<String>> {
        self.wrt.map(|place| vec![name(place, manner)])
    }

    /// Cases that differ from this one in a smaller expression, and still vary by the same variable.
    pub fn smaller(&self) -> Vec<Case> {
        let mut trees = self.tree.smaller();
        trees.sort_by_key(|t| t.text(Manner::default()).len());
        let keeps = |t: &Tree| self.wrt.is_none_or(|w| t.variables().contains(&w));
        trees.into_iter().filter(keeps).map(|tree| Case { tree, ..self.clone() }).collect()
    }
}

/// The simplest expressions of a shape.
pub fn leaves(shape: Shape) -> impl Iterator<Item = Tree> {
    let places = (0..VARIABLES.len()).filter(move |i| VARIABLES[*i].1 == shape);
    places.map(move |i| Tree { head: Head::Variable(i), parts: vec![], shape })
}

struct Generator<'a> {
    random: Random,
    catalog: &'a Catalog,
}

/// The case of a seed.
pub fn case(catalog: &Catalog, seed: u64) -> Case {
    let mut g = Generator { random: Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d)), catalog };
    loop {
        let shape = match g.random.below(10) {
            0..6 => ("1", "1"),
            6..8 => (g.random.of(&["n", "m"]), "1"),
            _ => (g.random.of(&["n", "m"]), g.random.of(&["n", "m"])),
        };
        let depth = 2 + g.random.below(3);
        let tree = g.tree(shape, depth);
        let places: Vec<usize> =
            tree.variables().into_iter().filter(|i| VARIABLES[*i].2 != "constant").collect();
        if places.is_empty() {
            continue;
        }
        let wrt = (g.random.below(8) > 0).then(|| g.random.of(&places));
        let order = if g.random.below(4) == 0 { 2 } else { 1 };
        let n = g.random.of(&["n", "n", "n", "n", "n", "n", "1", "2"]);
        let vec = g.random.below(3) == 0;
        return Case { tree, wrt, order, vec, n };
    }
}

fn infix(operator: &'static str, parts: Vec<Tree>, shape: Shape) -> Tree {
    Tree { head: Head::Infix(operator), parts, shape }
}

fn after(text: &'static str, part: Tree, shape: Shape) -> Tree {
    Tree { head: Head::Suffix(text), parts: vec![part], shape }
}

impl Generator<'_> {
    fn tree(&mut self, shape: Shape, depth: usize) -> Tree {
        if depth == 0 {
            return self.leaf(shape);
        }
        let (rows, cols) = shape;
        let square = rows == cols;
        match self.random.below(100) {
            0..18 => {
                let count = 2 + self.random.below(2);
                let parts = (0..count).map(|_| self.tree(shape, depth - 1)).collect();
                let minus = (0..count).map(|_| self.random.below(3) == 0).collect();
                Tree { head: Head::Sum(minus), parts, shape }
            }
            18..42 => self.product(shape, depth),
            42..48 => {
                let s = self.tree(("1", "1"), depth - 1);
                infix(" ", vec![s, self.tree(shape, depth - 1)], shape)
            }
            48..54 => after("^T", self.tree((cols, rows), depth - 1), shape),
            54..60 => {
                let parts = vec![self.tree(shape, depth - 1), self.tree(shape, depth - 1)];
                let operator = if self.random.below(4) == 0 { " ./ " } else { " .* " };
                infix(operator, parts, shape)
            }
            60..63 => after(self.random.of(&[".^2", ".^3", ".^-1"]), self.tree(shape, depth - 1), shape),
            63..67 => {
                let parts = vec![self.tree(shape, depth - 1), self.tree(("1", "1"), depth - 1)];
                infix(self.random.of(&[" / ", " .+ "]), parts, shape)
            }
            67..75 if square => {
                after(self.random.of(&["^-1", "^2", "^3", "^-T", "^-2"]), self.tree(shape, depth - 1), shape)
            }
            75..78 if shape == ("1", "1") => {
                let sides = [self.side(), self.side()];
                let kron = infix(
                    " ⊗ ",
                    vec![
                        self.tree((sides[0], sides[0]), depth - 1),
                        self.tree((sides[1], sides[1]), depth - 1),
                    ],
                    ("?", "?"),
                );
                Tree { head: Head::Call("tr".into(), ""), parts: vec![kron], shape }
            }
            _ => self.call(shape, depth),
        }
    }

    fn side(&mut self) -> &'static str {
        self.random.of(&["n", "n", "n", "m", "m", "p"])
    }

    fn product(&mut self, (rows, cols): Shape, depth: usize) -> Tree {
        let mut sides = vec![rows];
        for _ in 0..1 + self.random.below(2) {
            let next = if self.random.below(5) == 0 { "1" } else { self.side() };
            sides.push(next);
        }
        sides.push(cols);
        let parts = sides.windows(2).map(|w| self.tree((w[0], w[1]), depth - 1)).collect();
        infix(" ", parts, (rows, cols))
    }

    fn leaf(&mut self, shape: Shape) -> Tree {
        let (rows, cols) = shape;
        let text = |text: String| Tree { head: Head::Text(text), parts: vec![], shape };
        if self.random.below(12) == 0 {
            let side = |d: &str| if d == "n" { "@".to_owned() } else { d.to_owned() };
            match (rows, cols) {
                ("1", "1") => return text(self.random.of(&["2", "3", "(1/2)"]).to_owned()),
                (r, "1") => return text(format!("ones({})", side(r))),
                (r, c) if r == c => return text(format!("I({})", side(r))),
                _ => {}
            }
        }
        let found: Vec<Tree> = leaves(shape).collect();
        if !found.is_empty() {
            return self.random.of(&found);
        }
        let turned: Vec<Tree> = leaves((cols, rows)).collect();
        if !turned.is_empty() {
            return after("^T", self.random.of(&turned), shape);
        }
        let (left, right) = (self.leaf((rows, "1")), self.leaf((cols, "1")));
        infix(" ", vec![left, after("^T", right, ("1", cols))], shape)
    }

    /// A call of any function whose value may have this shape.
    fn call(&mut self, shape: Shape, depth: usize) -> Tree {
        let catalog = self.catalog;
        let all: Vec<&Entry> = catalog.functions().map(|(_, e)| e).collect();
        for _ in 0..40 {
            let entry = self.random.of(&all);
            if let Some(tree) = self.call_of(entry, shape, depth) {
                return tree;
            }
        }
        self.leaf(shape)
    }

    fn call_of(&mut self, entry: &Entry, shape: Shape, depth: usize) -> Option<Tree> {
        if entry.is_scalar_function() {
            let dot = if shape == ("1", "1") { "" } else { "." };
            let part = self.argument(entry, &entry.parameters[0].name, shape, depth);
            return Some(Tree {
                head: Head::Call(format!("{}{dot}", entry.name), ""),
                parts: vec![part],
                shape,
            });
        }
        let mut dims: Vec<(String, &'static str)> = vec![];
        bind(&entry.result, shape, &mut dims)?;
        let (mut parts, mut more) = (vec![], "");
        for p in &entry.parameters {
            if p.name == "k" {
                more = ", 1";
                continue;
            }
            if let DimExpr::Product(_) = p.ty.rows {
                let inner = entry.parameters.iter().find(|q| q.name != p.name)?;
                let of = (self.resolve(&inner.ty.rows, &mut dims)?, self.resolve(&inner.ty.cols, &mut dims)?);
                let part = self.tree(of, depth - 1);
                parts.push(Tree { head: Head::Call("vec".into(), ""), parts: vec![part], shape: ("?", "?") });
                continue;
            }
            let of = (self.resolve(&p.ty.rows, &mut dims)?, self.resolve(&p.ty.cols, &mut dims)?);
            parts.push(self.argument(entry, &p.name, of, depth));
        }
        Some(Tree { head: Head::Call(entry.name.clone(), more), parts, shape })
    }

    fn resolve(&mut self, side: &DimExpr, dims: &mut Vec<(String, &'static str)>) -> Option<&'static str> {
        match side {
            DimExpr::Integer(1) => Some("1"),
            DimExpr::Integer(3) => Some("3"),
            DimExpr::Name(name) => {
                if let Some((_, bound)) = dims.iter().find(|(n, _)| n == name) {
                    return Some(*bound);
                }
                let drawn = self.side();
                dims.push((name.clone(), drawn));
                Some(drawn)
            }
            _ => None,
        }
    }

    /// An argument that mostly lies in the function's domain.
    fn argument(&mut self, entry: &Entry, parameter: &str, shape: Shape, depth: usize) -> Tree {
        let part = self.tree(shape, depth - 1);
        if self.random.below(4) == 0 {
            return part;
        }
        let of =
            |c: &&matgrad::catalog::ConditionTemplate| c.args.iter().any(|a| a.text().trim() == parameter);
        let conditions: Vec<&str> = entry.domain.iter().filter(of).map(|c| c.predicate.as_str()).collect();
        let has = |name: &str| conditions.contains(&name);
        let turned = |t: &Tree| after("^T", t.clone(), shape);
        let sum = |a: Tree, b: Tree| Tree { head: Head::Sum(vec![false, false]), parts: vec![a, b], shape };
        let one = Tree { head: Head::Text("1".into()), parts: vec![], shape: ("1", "1") };
        if has("posdef") || has("no_negative_eigenvalues") {
            let leaf =
                leaves(shape).find(|t| matches!(t.head, Head::Variable(i) if VARIABLES[i].2 == "posdef"));
            let add = leaf.unwrap_or(Tree {
                head: Head::Text(format!("I({})", shape.0.replace('n', "@"))),
                parts: vec![],
                shape,
            });
            return sum(infix(" ", vec![part.clone(), turned(&part)], shape), add);
        }
        if has("symmetric") {
            return sum(turned(&part), part);
        }
        if has("positive") || has("nonnegative") {
            return infix(" .+ ", vec![after(".^2", infix("", vec![part], shape), shape), one], shape);
        }
        part
    }
}

/// Binds the dimensions of a type to those of a shape.
fn bind(ty: &Type, shape: Shape, dims: &mut Vec<(String, &'static str)>) -> Option<()> {
    for (expr, side) in [(&ty.rows, shape.0), (&ty.cols, shape.1)] {
        match expr {
            DimExpr::Integer(n) if n.to_string() == side => {}
            DimExpr::Name(name) => match dims.iter().find(|(n, _)| n == name) {
                Some((_, bound)) if *bound != side => return None,
                Some(_) => {}
                None => dims.push((name.clone(), side)),
            },
            _ => return None,
        }
    }
    Some(())
}
