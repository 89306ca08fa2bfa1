//! What becomes of a random request, and whether its answer is right.
//!
//! In: a [`Case`]. Out: a [`Verdict`]: right, refused, or a failure with what was seen.
//! Invariant: an answer is judged by its printed text, read again and compared with the function in numbers at
//! other points than the program's own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use matgrad::answer::{Answer, Derivative, DerivativeKind, Request, Setup, answer};
use matgrad::diagnostic::{Diagnostic, Failure, Source};
use matgrad::expr::{Condition, Graph, Id, VarId};
use matgrad::limits::Limits;
use matgrad::numeric::{self, Claim, Matrix, Point, Relation, Trouble};
use matgrad::print::Term;
use matgrad::shape::{BUILTINS, Problem, Scope, elaborate, infer};
use matgrad::syntax::{parse, parse_expression};

use super::generate::Case;
use super::tree::Manner;

/// A request that takes longer is a failure.
const SLOW_MS: u128 = 1000;

/// The outcome of a case.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// What it counts as: `right`, `refused E0103`, `internal E0901`, `text does not read back` …
    pub class: String,
    /// More about it.
    pub detail: String,
    /// Whether it is one that must not be.
    pub failed: bool,
}

type Judged<T> = Result<T, Verdict>;

fn failure(class: &str, detail: impl Into<String>) -> Verdict {
    Verdict { class: class.to_owned(), detail: detail.into(), failed: true }
}

fn fine(class: impl Into<String>) -> Verdict {
    Verdict { class: class.into(), detail: String::new(), failed: false }
}

/// The request of a case.
pub fn request(case: &Case, manner: Manner) -> Request {
    let mut request = Request::new(case.text(manner));
    request.lets = case.lets(manner);
    request.wrt = case.varying(manner);
    request.order = case.order;
    request.vec = case.vec;
    request
}

/// Answers a case and judges the answer.
pub fn judge(case: &Case, setup: &Setup) -> Verdict {
    match catch_unwind(AssertUnwindSafe(|| judged(case, setup))) {
        Ok(Ok(verdict) | Err(verdict)) => verdict,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            failure("panic", text.unwrap_or_default())
        }
    }
}

fn judged(case: &Case, setup: &Setup) -> Judged<Verdict> {
    let plain = request(case, Manner::default());
    let start = Instant::now();
    let found = answer(&plain, setup);
    let took = start.elapsed().as_millis();
    let found = found.map_err(|d| refused(&d))?;
    if took > SLOW_MS && !cfg!(debug_assertions) {
        return Err(failure("slow", format!("{took} ms")));
    }
    if let Some(note) = found.limits.iter().find(|l| l.contains("simplified form")) {
        return Err(failure("simplified form disagrees", note.clone()));
    }
    reads_back(&found, setup)?;
    let seen = in_numbers(&found, &plain, setup)?;
    for manner in [(true, false), (false, true)].map(|(reversed, renamed)| Manner { reversed, renamed }) {
        invariant(&found, case, manner, setup)?;
    }
    Ok(match found.check {
        Some(check) if check.passed => fine(seen),
        _ => fine(format!("unchecked: {}", found.limits.join("; "))),
    })
}

fn refused(d: &Diagnostic) -> Verdict {
    let class = format!("{} {}", if d.failure == Failure::Internal { "internal" } else { "refused" }, d.code);
    let failed = d.failure == Failure::Internal;
    Verdict { class, detail: d.message.clone(), failed }
}

fn terms(found: &Answer) -> impl Iterator<Item = (&'static str, &Term)> {
    let derivatives = found.derivatives.iter().map(|d| ("derivative", &d.result));
    [("function", &found.function)]
        .into_iter()
        .chain(found.differential.iter().map(|t| ("df", t)))
        .chain(derivatives)
}

/// The text of a term after the named parts it uses.
fn program(found: &Answer, term: &Term) -> String {
    let part = |p: &matgrad::answer::NamedPart| format!("{} = {}; ", p.name, p.value.ascii);
    found.parts.iter().map(part).collect::<String>() + &term.ascii
}

/// The declarations of all variables and of their differentials.
fn declarations(found: &Answer) -> Vec<String> {
    let plain = |ty: &str| ty.find(')').map_or_else(|| "scalar".to_owned(), |i| ty[..=i].to_owned());
    let own = found.variables.iter().map(|v| format!("{}: {}", v.name, v.ty));
    let differentials = found.variables.iter().map(|v| format!("d{}: {}", v.name, plain(&v.ty)));
    // An answer may speak of a dimension that no variable of it has.
    own.chain(differentials)
        .chain(["sides1: matrix(m, n)".to_owned(), "sides2: vector(p)".to_owned()])
        .collect()
}

/// The shape; the names in a product of dimensions come in any order.
fn sides(term: &Term) -> Vec<String> {
    let words = |side: &serde_json::Value| {
        let text = side.to_string();
        let mut words: Vec<&str> = text.trim_matches('"').split(' ').collect();
        words.sort_unstable();
        words.join(" ")
    };
    term.shape.as_array().into_iter().flatten().map(words).collect()
}

/// Every printed text is read as what it was: the same text, shape and size.
fn reads_back(found: &Answer, setup: &Setup) -> Judged<()> {
    for (what, term) in terms(found) {
        let text = program(found, term);
        let mut again = Request::new(text.clone());
        (again.lets, again.wrt) = (declarations(found), Some(vec![]));
        let read = answer(&again, setup);
        let read = read.map_err(|d| {
            failure("text does not read back", format!("{what} `{text}`: {} {}", d.code, d.message))
        })?;
        // A zero is written without its shape.
        if term.ascii == "0" {
            continue;
        }
        let same_text = !found.parts.is_empty() || read.function.ascii == term.ascii;
        let same = same_text
            && sides(&read.function) == sides(term)
            && (read.function.size == term.size || !found.parts.is_empty());
        if !same {
            let seen = format!(
                "{what} `{text}` {} {} reads as `{}` {} {}",
                term.shape, term.size, read.function.ascii, read.function.shape, read.function.size
            );
            return Err(failure("text reads as something else", seen));
        }
    }
    Ok(())
}

/// The request's function in a graph of its own.
fn problem(request: &Request, setup: &Setup) -> Result<Problem, Diagnostic> {
    let limits = Limits::default();
    let is_function = |name: &str| setup.catalog.find(name).is_some() || BUILTINS.contains(&name);
    let program = parse(&request.expr, &request.lets, &is_function, &limits)?;
    infer(&program, setup.catalog.clone(), &limits)
}

/// The text; a zero, which is printed without its shape, with it.
fn shaped(term: &Term) -> String {
    let side =
        |i: usize| term.shape.get(i).map(|s| s.to_string().trim_matches('"').to_owned()).unwrap_or_default();
    match term.ascii == "0" && term.shape != serde_json::json!([1, 1]) {
        true => format!("zeros({}, {})", side(0), side(1)),
        false => term.ascii.clone(),
    }
}

/// A printed text as a node of the problem's graph.
fn node(graph: &mut Graph, found: &Answer, term: &Term, setup: &Setup) -> Result<Id, Diagnostic> {
    let is_function = |name: &str| setup.catalog.find(name).is_some() || BUILTINS.contains(&name);
    let mut scope = Scope::of(graph);
    for i in 0..graph.variables().len() {
        let v = VarId(i as u32);
        let (name, d) = (format!("d{}", graph.variable(v).name), graph.differential(v));
        scope = scope.bind(name, d);
    }
    let mut last = None;
    let parts = found.parts.iter().map(|p| (p.name.as_str(), shaped(&p.value)));
    for (name, text) in parts.chain([("", shaped(term))]) {
        let ast = parse_expression(&Source::new("answer", text.as_str()), &is_function, &Limits::default())?;
        let id = elaborate(graph, &ast, &scope)?;
        scope = scope.bind(name, id);
        last = Some(id);
    }
    last.ok_or_else(|| Diagnostic::internal("nothing to read"))
}

fn relation(d: &Derivative, request: &Request) -> Relation {
    match d.kind {
        DerivativeKind::Derivative => Relation::Nth(request.order as u8),
        DerivativeKind::Gradient => Relation::Gradient,
        DerivativeKind::Jacobian => Relation::Jacobian,
        DerivativeKind::Kronecker => Relation::Kronecker,
        DerivativeKind::Hessian => Relation::Hessian,
        DerivativeKind::Operator if request.order == 2 => Relation::SecondDifferential,
        DerivativeKind::Operator => Relation::Differential,
    }
}

/// The printed derivatives against the function, df linear in its differentials, Hessians symmetric.
pub fn in_numbers(found: &Answer, request: &Request, setup: &Setup) -> Judged<&'static str> {
    let unread = |d: Diagnostic| failure("text does not elaborate", format!("{} {}", d.code, d.message));
    let mut p = problem(request, setup).map_err(unread)?;
    let texts: Vec<&Term> =
        found.differential.iter().chain(found.derivatives.iter().map(|d| &d.result)).collect();
    let mut claims = vec![];
    let varying: Vec<VarId> =
        found.derivatives.iter().filter_map(|d| p.graph.variable_named(&d.wrt)).collect();
    if let Some(df) = &found.differential {
        let value = node(&mut p.graph, found, df, setup).map_err(unread)?;
        claims.push(Claim { relation: Relation::Differential, wrt: varying.clone(), value });
    }
    for (d, v) in found.derivatives.iter().zip(&varying) {
        let value = node(&mut p.graph, found, &d.result, setup).map_err(unread)?;
        claims.push(Claim { relation: relation(d, request), wrt: vec![*v], value });
    }
    if let Some(fault) = p.graph.fault() {
        return Err(failure("fault when read back", fault.error("the text").message));
    }
    for seed in [77, 4242] {
        let check = numeric::check(&mut p.graph, p.function, &claims, &p.conditions, seed);
        if let Some(Trouble::Mismatch(i, error)) = check.trouble {
            let term = texts.get(i).map_or("", |t| &t.ascii);
            return Err(failure("wrong in numbers", format!("claim {i} off by {error:.1e}: {term}")));
        }
    }
    let conditions = p.conditions.clone();
    for claim in &claims {
        match claim.relation {
            Relation::Differential => linear(&mut p.graph, claim, &conditions)?,
            Relation::Hessian if plain(&p.graph, claim) => symmetric(&mut p.graph, claim, &conditions)?,
            _ => {}
        }
    }
    Ok("right")
}

/// A point at which a node and the conditions can be evaluated; the differentials along two directions and in
/// a combination of them.
fn points(graph: &mut Graph, id: Id, conditions: &[Condition]) -> Option<(Vec<Point<f64>>, Id)> {
    let root = *numeric::lower(graph, &[id]).ok()?.first()?;
    let guards = numeric::guards(graph, conditions).ok()?;
    // Any values will do for the differentials.
    let zero: Vec<Id> = (0..graph.variables().len() as u32)
        .flat_map(|v| {
            let (d, shape) = (graph.differential(VarId(v)), graph.variable(VarId(v)).shape);
            [d, graph.zeros(shape)]
        })
        .collect();
    let pairs: Vec<(Id, Id)> = zero.chunks(2).map(|c| (c[0], c[1])).collect();
    let still = graph.substitute_all(root, &pairs);
    let base = numeric::sample(graph, &[still], &guards, 31).ok()?;
    let mut random = super::generate::Random(9);
    let mut all = vec![base.clone(), base.clone(), base.clone()];
    for v in (0..graph.variables().len() as u32).map(VarId) {
        let Some(x) = base.value(v) else { continue };
        let mut draw =
            || Matrix::from_fn(x.nrows(), x.ncols(), |_, _| random.below(2000) as f64 / 1000.0 - 1.0);
        let (a, b) = (draw(), draw());
        all[2].set_differential(v, &a * 2.5 - &b);
        all[0].set_differential(v, a);
        all[1].set_differential(v, b);
    }
    Some((all, root))
}

fn linear(graph: &mut Graph, claim: &Claim, conditions: &[Condition]) -> Judged<()> {
    let Some((points, root)) = points(graph, claim.value, conditions) else { return Ok(()) };
    let values: Result<Vec<_>, _> = points.iter().map(|p| numeric::evaluate(graph, &[root], p)).collect();
    let Ok(values) = values else { return Ok(()) };
    let (a, b, both) = (&values[0][0], &values[1][0], &values[2][0]);
    let off = (a * 2.5 - b - both).amax();
    if off > 1e-6 * (1.0 + a.amax() + b.amax()) {
        return Err(failure("df is not linear", format!("off by {off:.1e}")));
    }
    Ok(())
}

/// Whether what varies has no structure: the Hessian of a lower triangle counts on lower triangles only.
fn plain(graph: &Graph, claim: &Claim) -> bool {
    use matgrad::expr::Properties as P;
    let structure =
        P::SYMMETRIC.with(P::DIAGONAL).with(P::LOWER).with(P::UPPER).with(P::SKEW).with(P::ORTHOGONAL);
    claim.wrt.iter().all(|v| !graph.variable(*v).properties.any(structure))
}

fn symmetric(graph: &mut Graph, claim: &Claim, conditions: &[Condition]) -> Judged<()> {
    let Some((points, root)) = points(graph, claim.value, conditions) else { return Ok(()) };
    let Ok(values) = numeric::evaluate(graph, &[root], &points[0]) else { return Ok(()) };
    let h = &values[0];
    let off = if h.is_square() { (h - h.transpose()).amax() } else { f64::INFINITY };
    if off > 1e-6 * (1.0 + h.amax()) {
        return Err(failure("the Hessian is not symmetric", format!("off by {off:.1e}")));
    }
    Ok(())
}

/// Other names and another order of summands give an answer of the same size, which is right.
fn invariant(found: &Answer, case: &Case, manner: Manner, setup: &Setup) -> Judged<()> {
    let other = request(case, manner);
    let what = if manner.renamed { "renamed" } else { "reordered" };
    let again =
        answer(&other, setup).map_err(|d| failure(&format!("{what}: refused {}", d.code), d.message))?;
    let passed = |a: &Answer| a.check.as_ref().map(|c| c.passed);
    if passed(&again) != passed(found) {
        return Err(failure(
            &format!("{what}: another check"),
            format!("{:?} {:?}", again.check, again.limits),
        ));
    }
    in_numbers(&again, &other, setup).map_err(|v| failure(&format!("{what}: {}", v.class), v.detail))?;
    let place = |i: usize, d: &Derivative| match manner.renamed {
        true => again.derivatives.get(i),
        false => again.derivatives.iter().find(|e| e.wrt == d.wrt),
    };
    for (i, one) in found.derivatives.iter().enumerate() {
        let Some(two) = place(i, one) else { return Err(failure(&format!("{what}: another variable"), "")) };
        let (one, two) = (&one.result, &two.result);
        if one.size != two.size {
            let seen = format!("{} `{}`, {} `{}`", one.size, one.ascii, two.size, two.ascii);
            return Err(failure(&format!("{what}: another size"), seen));
        }
    }
    Ok(())
}

/// The smallest case found with the same outcome.
pub fn smallest(case: &Case, class: &str, setup: &Setup) -> (Case, Verdict) {
    let mut best = (case.clone(), judge(case, setup));
    let mut tries = if class == "slow" { 8 } else { 120 };
    'again: while tries > 0 {
        for smaller in best.0.smaller() {
            if smaller.text(Manner::default()).len() >= best.0.text(Manner::default()).len() {
                continue;
            }
            tries -= 1;
            let verdict = judge(&smaller, setup);
            if verdict.class == class {
                best = (smaller, verdict);
                continue 'again;
            }
            if tries == 0 {
                break;
            }
        }
        break;
    }
    best
}
