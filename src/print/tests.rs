use std::sync::Arc;

use super::*;
use crate::catalog::Catalog;
use crate::expr::{AbstractFunction, Graph, Id, Kind, Number, Op, Properties, Shape, Variable};

/// Variables: `A B` n×n, `X` m×n, `x y` of n, `alpha` scalar.
struct Fixture {
    g: Graph,
    a: Id,
    b: Id,
    x: Id,
    y: Id,
    alpha: Id,
}

fn fixture() -> Fixture {
    let mut g = Graph::new(Arc::new(Catalog::default()));
    let n = g.dims.named("n");
    let mut declare = |name: &str, kind, shape| {
        g.declare(Variable { name: name.into(), kind, shape, properties: Properties::NONE })
    };
    let [a, b] = ["A", "B"].map(|v| declare(v, Kind::Matrix, Shape::new(n, n)));
    let [x, y] = ["x", "y"].map(|v| declare(v, Kind::Vector, Shape::vector(n)));
    let alpha = declare("alpha", Kind::Scalar, Shape::SCALAR);
    Fixture { g, a, b, x, y, alpha }
}

impl Fixture {
    fn ascii(&self, id: Id) -> String {
        assert!(self.g.fault().is_none(), "{:?}", self.g.fault());
        text(&self.g, id, Style::Ascii)
    }

    fn num(&mut self, p: i64, q: i64) -> Id {
        self.g.num(Number::ratio(p, q))
    }
}

#[test]
fn one_layout_three_notations() {
    let mut f = fixture();
    let at = f.g.transpose(f.a);
    let sum = f.g.sum([f.a, at]);
    let (half, inverse) = (f.num(-1, 2), f.g.power(f.b, -1));
    let it = f.g.transpose(inverse);
    let whole = f.g.product([half, f.alpha, it, sum, f.x]);
    assert_eq!(text(&f.g, whole, Style::Ascii), "-1/2 alpha B^-T (A + A^T) x");
    assert_eq!(text(&f.g, whole, Style::Unicode), "-1/2 α B⁻ᵀ (A + Aᵀ) x");
    assert_eq!(
        text(&f.g, whole, Style::Latex),
        "-\\frac{1}{2} \\alpha B^{-\\mathsf{T}} \\left(A + A^{\\mathsf{T}}\\right) x"
    );
}

#[test]
fn signs_stand_between_summands() {
    let mut f = fixture();
    let (two, minus_two, minus_one) = (f.num(2, 1), f.num(-2, 1), f.num(-1, 1));
    let t1 = f.g.product([minus_two, f.a, f.x]);
    let t2 = f.g.product([minus_one, f.b, f.y]);
    let inner = f.g.sum([f.x, f.y]);
    let t3 = f.g.negate(inner);
    let t4 = f.g.product([two, f.x]);
    let all = f.g.sum([t1, t2, t3, t4]);
    assert_eq!(f.ascii(all), "-2 A x - B y - (x + y) + 2 x");
    let again = f.g.negate(all);
    assert_eq!(f.ascii(again), "-(-2 A x - B y - (x + y) + 2 x)");
    let twice = f.g.negate(t3);
    assert_eq!(f.ascii(twice), "-(-(x + y))");
}

#[test]
fn brackets_follow_the_table_of_operators() {
    let mut f = fixture();
    let ax = f.g.product([f.a, f.x]);
    let had = f.g.add(Op::Hadamard, [f.y, ax]);
    assert_eq!(f.ascii(had), "y .* A x");
    let outer = f.g.product([f.b, had]);
    assert_eq!(f.ascii(outer), "B (y .* A x)");
    let quotient = f.g.add(Op::ElementDivide, [ax, had]);
    assert_eq!(f.ascii(quotient), "A x ./ (y .* A x)");
    let quotient = f.g.add(Op::ElementDivide, [f.y, ax]);
    assert_eq!(f.ascii(quotient), "y ./ (A x)");
    let solve = f.g.add(Op::Solve, [f.a, ax]);
    assert_eq!(f.ascii(solve), "A \\ (A x)");
    let (two, half, three) = (f.num(2, 1), f.num(1, 2), f.num(3, 1));
    let over = f.g.add(Op::Divide, [ax, f.alpha]);
    let scaled = f.g.product([f.b, over]);
    assert_eq!(f.ascii(scaled), "B (A x / alpha)");
    let closed = f.g.add(Op::Divide, [f.alpha, two]);
    let led = f.g.product([closed, f.x]);
    assert_eq!(f.ascii(led), "alpha/2 x");
    let led = f.g.product([half, f.x]);
    let had = f.g.add(Op::Hadamard, [f.y, led]);
    assert_eq!(f.ascii(had), "y .* (1/2 x)");
    let root = f.g.add(Op::Power, [f.a, half]);
    assert_eq!(f.ascii(root), "A^(1/2)");
    let exponential = f.g.add(Op::Power, [three, f.alpha]);
    let conflict = f.g.product([two, exponential]);
    assert_eq!(f.ascii(conflict), "2 (3^alpha)");
    let kron = f.g.add(Op::Kronecker, [f.a, f.b, f.a]);
    assert_eq!(f.ascii(kron), "kron(kron(A, B), A)");
    let elements = f.g.add(Op::ElementPower, [f.x, two]);
    assert_eq!(f.ascii(elements), "x.^2");
}

#[test]
fn transposes_and_powers_bind_tightest() {
    let mut f = fixture();
    let ab = f.g.product([f.a, f.b]);
    let t = f.g.transpose(ab);
    assert_eq!(f.ascii(t), "(A B)^T");
    let square = f.g.power(f.a, 2);
    let t = f.g.transpose(square);
    assert_eq!(f.ascii(t), "(A^2)^T");
    let at = f.g.transpose(f.a);
    let inverse = f.g.power(at, -1);
    assert_eq!(f.ascii(inverse), "A^-T");
    let da = f.g.add(Op::Differential(f.g.variable_named("A").unwrap()), []);
    let dt = f.g.transpose(da);
    assert_eq!(f.ascii(dt), "dA^T");
    let d_alpha = f.g.add(Op::Differential(f.g.variable_named("alpha").unwrap()), []);
    assert_eq!(text(&f.g, d_alpha, Style::Unicode), "dα");
}

#[test]
fn an_identity_is_sized_where_its_place_does_not_size_it() {
    let mut f = fixture();
    let n = f.g.dims.named("n");
    let i = f.g.identity(n);
    let difference = {
        let minus = f.g.negate(f.a);
        f.g.sum([i, minus])
    };
    assert_eq!(f.ascii(difference), "I - A");
    let scaled = f.g.product([f.alpha, i]);
    assert_eq!(f.ascii(scaled), "alpha I(n)");
    let sum = f.g.sum([scaled, f.b]);
    assert_eq!(f.ascii(sum), "alpha I + B");
    let kron = f.g.add(Op::Kronecker, [f.a, i]);
    assert_eq!(f.ascii(kron), "kron(A, I(n))");
    let before_brackets = f.g.product([f.a, i, difference]);
    assert_eq!(f.ascii(before_brackets), "A I(n) (I - A)");
}

#[test]
fn zero_prints_as_zero_and_keeps_its_shape() {
    let mut f = fixture();
    let shape_of_x = f.g.shape(f.x);
    let zero = f.g.zeros(shape_of_x);
    let t = term(&f.g, zero);
    assert_eq!((t.ascii.as_str(), t.shape, t.size), ("0", serde_json::json!(["n", 1]), 1));
}

#[test]
fn abstract_functions_keep_their_primes() {
    let mut f = fixture();
    let (vector, scalar) = ((Kind::Vector, f.g.shape(f.x)), (Kind::Scalar, Shape::SCALAR));
    let g = f.g.declare_function(AbstractFunction { name: "g".into(), argument: vector, value: vector });
    let psi = f.g.declare_function(AbstractFunction { name: "psi".into(), argument: scalar, value: scalar });
    let inner = f.g.add(Op::Apply(g, 0), [f.x]);
    let jacobian = f.g.add(Op::Apply(g, 1), [inner]);
    assert_eq!(f.ascii(jacobian), "g'(g(x))");
    let along = f.g.add(Op::ApplyAlong(g, 1), [f.x, f.y]);
    assert_eq!(f.ascii(along), "g'(x)[y]");
    let map = f.g.add(Op::ApplyMap(psi, 1), [f.x]);
    assert_eq!(f.ascii(map), "psi'.(x)");
}

#[test]
fn sharing_is_named_before_it_explodes() {
    let mut f = fixture();
    let mut id = f.x;
    for _ in 0..60 {
        let ax = f.g.product([f.a, id]);
        id = f.g.sum([ax, id, id]);
    }
    let printed = f.ascii(id);
    assert!(printed.len() < 20_000 && printed.contains(" where t1 = "), "{}", printed.len());
    assert_eq!(term(&f.g, id).ast["op"], "nodes");
}

#[test]
fn depth_costs_no_stack() {
    let mut f = fixture();
    let mut id = f.a;
    for _ in 0..20_000 {
        let t = f.g.transpose(id);
        id = f.g.sum([t, f.a]);
    }
    assert!(text(&f.g, id, Style::Latex).len() > 20_000);
    assert_eq!(ast(&f.g, id, &Default::default())["op"], "nodes");
}

#[test]
fn names_in_latex_are_escaped() {
    assert_eq!(name("a_1", Style::Latex), "a_{1}");
    assert_eq!(name("rate", Style::Latex), "\\mathit{rate}");
    assert_eq!(name("x_max_y", Style::Latex), "x_{\\mathrm{max\\_y}}");
    assert_eq!(name("Sigma2", Style::Latex), "\\Sigma_{2}");
    assert_eq!(name("λ", Style::Ascii), "lambda");
    assert_eq!(differential("mu", Style::Latex), "\\mathrm{d}\\mu");
}

#[test]
fn types_say_only_what_does_not_follow() {
    let mut f = fixture();
    let n = f.g.dims.named("n");
    let properties = Properties::POSDEF.closed();
    f.g.declare(Variable { name: "S".into(), kind: Kind::Matrix, shape: Shape::new(n, n), properties });
    let s = f.g.variable_named("S").unwrap();
    assert_eq!(type_text(&f.g, s), "matrix(n,n) posdef");
}

#[test]
fn conditions_read_in_each_notation() {
    let catalog = Catalog::builtin();
    let invertible = catalog.predicate("invertible").unwrap();
    let mut g = Graph::new(catalog);
    let n = g.dims.named("n");
    let shape = Shape::new(n, n);
    let a = g.declare(Variable { name: "A".into(), kind: Kind::Matrix, shape, properties: Properties::NONE });
    let at = g.transpose(a);
    let gram = g.product([at, a]);
    let c = crate::expr::Condition { predicate: invertible, args: [gram].into_iter().collect() };
    assert_eq!(condition(&g, &c, Style::Unicode), "Aᵀ A invertible");
    assert_eq!(condition(&g, &c, Style::Ascii), "A^T A invertible");
}

#[test]
fn a_named_part_with_a_minus_is_written_out_where_it_is_defined() {
    let mut f = fixture();
    let product = f.g.product([f.a, f.b]);
    let minus = f.g.opposite(product);
    let sum = f.g.sum([f.a, minus]);
    let parts = vec![("t1".to_owned(), minus)];
    let terms = Terms::new(&f.g, &parts);
    let print = |id| terms.term(id).ascii;
    assert_eq!([print(minus), print(sum)], ["-A B", "A + t1"]);
}
