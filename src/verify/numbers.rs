//! A step in numbers.
//!
//! In: two nodes that should be equal. Out: whether they are at a random point; `None` where none was found.
//! Invariant: what varies has a random direction for its differential, and `d(u)` is the derivative of u along it by
//! dual numbers: no rule of differentiation is used.

use crate::expr::{Condition, Graph, Id, Op, Properties, VarId, Variable};
use crate::numeric::{Dual, Guard, Matrix, evaluate, guards, lower, sample};

use super::text::Reader;

/// Points tried.
const POINTS: u64 = 6;
/// Points at which a sign is looked at.
const MANY_POINTS: u64 = 24;
/// How far two values may be apart, relative to their size.
const NEAR: f64 = 1e-6;

/// Whether two nodes agree at a point where both are defined.
pub(super) fn agree(
    reader: &Reader,
    a: Id,
    b: Id,
    varying: &[VarId],
    conditions: &[Condition],
) -> Option<bool> {
    let mut graph = reader.graph.clone();
    let mut differentials = vec![];
    for i in 0..graph.variables().len() {
        let v = VarId(i as u32);
        let leaf = graph.differential(v);
        differentials.push((v, leaf, direction(&mut graph, v)));
    }
    let pairs: Vec<(Id, Id)> = differentials.iter().map(|(_, leaf, d)| (*leaf, *d)).collect();
    let mut roots = [a, b].map(|id| graph.substitute_all(id, &pairs));
    // Each d(u) becomes a variable whose value is known once a point is.
    let mut open: Vec<(VarId, Id)> = vec![];
    loop {
        let found = graph.reachable(&roots).into_iter().find(|id| is_open(reader, &graph, *id));
        let Some(d) = found else { break };
        let u = graph.args(d)[0];
        let v = VarId(graph.variables().len() as u32);
        let kind = crate::expr::Kind::Matrix;
        let name = format!("open{}", v.0);
        let var = graph.declare(Variable { name, kind, shape: graph.shape(u), properties: Properties::NONE });
        open.push((v, u));
        roots = roots.map(|id| graph.substitute(id, d, var));
        for (_, u) in &mut open {
            *u = graph.substitute(*u, d, var);
        }
    }
    let insides: Vec<Id> = open.iter().map(|(_, u)| *u).collect();
    let directions: Vec<Id> = differentials.iter().map(|(_, _, d)| *d).collect();
    let guards = guards(&mut graph, conditions).ok()?;
    let all: Vec<Id> = roots.iter().chain(&insides).chain(&directions).copied().collect();
    let all = lower(&mut graph, &all).ok()?;
    let (roots, rest) = all.split_at(2);
    let (insides, directions) = rest.split_at(insides.len());
    let mut seen = None;
    for seed in 0..POINTS {
        let Ok(mut point) = sample(&graph, &all, &guards, 0x5eed + seed) else { continue };
        let Ok(along) = evaluate(&graph, directions, &point) else { continue };
        for ((v, _), inside) in open.iter().zip(insides) {
            let dual = point.map(|w, m| {
                let d = along.get(w.0 as usize).filter(|_| varying.contains(&w));
                m.map_with_location(|i, j, x| Dual::new(x, d.map_or(0.0, |d| d[(i, j)])))
            });
            let Ok(values) = evaluate(&graph, &[*inside], &dual) else { continue };
            if let Some(value) = values.first() {
                point.set(*v, value.map(|x| x.du));
            }
        }
        let Ok(values) = evaluate(&graph, roots, &point) else { continue };
        let [x, y] = values.as_slice() else { continue };
        if near(x, y) {
            return Some(true);
        }
        seen = Some(false);
    }
    seen
}

/// Whether what a condition asks to be positive is so at every point tried, with the other conditions alone.
pub(super) fn always(reader: &Reader, asked: &Condition, conditions: &[Condition]) -> bool {
    let mut graph = reader.graph.clone();
    let others: Vec<Condition> = conditions.iter().filter(|c| *c != asked).cloned().collect();
    let Ok(asked) = guards(&mut graph, std::slice::from_ref(asked)) else { return false };
    let positive = |g: &Guard| if let Guard::Positive(id) = g { Some(*id) } else { None };
    let Some(roots) = asked.iter().map(positive).collect::<Option<Vec<Id>>>() else { return false };
    let (Ok(guards), Ok(roots)) = (guards(&mut graph, &others), lower(&mut graph, &roots)) else {
        return false;
    };
    let mut seen = 0;
    for seed in 0..MANY_POINTS {
        let Ok(point) = sample(&graph, &roots, &guards, 0xa1 + seed) else { continue };
        let Ok(values) = evaluate(&graph, &roots, &point) else { continue };
        if values.iter().any(|m: &Matrix<f64>| m.iter().any(|x| *x <= 0.0)) {
            return false;
        }
        seen += 1;
    }
    seen >= MANY_POINTS / 2
}

fn near(x: &Matrix<f64>, y: &Matrix<f64>) -> bool {
    let size = |m: &Matrix<f64>| m.iter().fold(0.0f64, |s, x| s.max(x.abs()));
    x.shape() == y.shape() && size(&(x - y)) <= NEAR * (size(x).max(size(y)) + 1e-3)
}

fn is_open(reader: &Reader, graph: &Graph, id: Id) -> bool {
    match graph.op(id) {
        // Innermost first: what stands inside is free of open parts.
        Op::Apply(f, 0) => {
            graph.function(*f).name == reader.sign
                && !graph.reachable(graph.args(id)).iter().any(
                    |i| matches!(graph.op(*i), Op::Apply(g, 0) if graph.function(*g).name == reader.sign),
                )
        }
        _ => false,
    }
}

/// A direction in which a variable may vary: of its structure; of an orthogonal matrix Q W with a skew W.
fn direction(graph: &mut Graph, v: VarId) -> Id {
    use Properties as P;
    let variable = graph.variable(v).clone();
    let linear = P::SYMMETRIC.with(P::SKEW).with(P::DIAGONAL).with(P::LOWER).with(P::UPPER);
    let orthogonal = variable.properties.has(P::ORTHOGONAL) && !variable.shape.is_scalar();
    let properties = if orthogonal { P::SKEW } else { variable.properties.and(linear) };
    let name = format!("direction{}", v.0);
    let d = graph.declare(Variable { name, properties, ..variable });
    match orthogonal {
        true => {
            let q = graph.var(v);
            graph.product([q, d])
        }
        false => d,
    }
}
