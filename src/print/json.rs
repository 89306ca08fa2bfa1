//! Expressions as JSON.
//!
//! In: a node. Out: `{"op":"product","args":[…]}`. The operators are those of [`Op`] in snake case. Leaves:
//! `{"op":"variable","name":"x"}`, `{"op":"differential","name":"x"}`, `{"op":"number","value":"1/2"}`,
//! `{"op":"size","value":"n"}`, `{"op":"identity","dims":["n"]}` (also `ones`, `zeros`, `unit`,
//! `commutation`). Functions add `"function":"logdet"`, abstract ones also `"order":1`.
//! Invariant: whole and of bounded depth. A tree deeper or larger than any JSON reader takes is given flat,
//! arguments first: `{"op":"nodes","nodes":[{"op":…,"args":[0,1]},…]}`, where `args` are places in `nodes`
//! and the last node is the root.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use crate::expr::{Graph, Id, Op};

/// Readers such as `serde_json` stop at 128 levels, two of which one node takes.
const MAX_DEPTH: usize = 50;
/// More nodes than this are given flat, so that sharing does not multiply.
const MAX_SIZE: u64 = 20_000;

/// A node as JSON. Below it, a named part is `{"op":"part","name":"t1"}`.
pub fn ast(graph: &Graph, root: Id, parts: &FxHashMap<Id, &str>) -> Value {
    let name = |id: &Id| parts.get(id).copied().filter(|_| *id != root);
    let ids = graph.reachable_to(&[root], |id| name(&id).is_some());
    let (mut depth, mut size) = (FxHashMap::<Id, usize>::default(), FxHashMap::<Id, u64>::default());
    for id in &ids {
        let args = if name(id).is_some() { &[] } else { graph.args(*id) };
        let below = args.iter().filter_map(|a| depth.get(a)).max();
        depth.insert(*id, below.map_or(1, |d| d + 1));
        let written = args.iter().filter_map(|a| size.get(a)).fold(1u64, |sum, n| sum.saturating_add(*n));
        size.insert(*id, written);
    }
    let too_large = size.get(&root).is_some_and(|n| *n > MAX_SIZE);
    if too_large || depth.get(&root).is_some_and(|d| *d > MAX_DEPTH) {
        return flat(graph, &ids, &name);
    }
    // What is used once more is copied, at its last use moved.
    let mut uses: FxHashMap<Id, usize> = FxHashMap::default();
    for id in ids.iter().filter(|id| name(id).is_none()) {
        graph.args(*id).iter().for_each(|a| *uses.entry(*a).or_default() += 1);
    }
    let mut built: FxHashMap<Id, Value> = FxHashMap::default();
    for id in ids {
        let value = match name(&id) {
            Some(name) => part(name),
            None => {
                let args = graph.args(id).iter().filter_map(|a| take(&mut built, &mut uses, *a)).collect();
                node(graph, id, args)
            }
        };
        built.insert(id, value);
    }
    built.remove(&root).unwrap_or(Value::Null)
}

/// A built argument: itself at its last use, before a copy.
fn take(built: &mut FxHashMap<Id, Value>, uses: &mut FxHashMap<Id, usize>, id: Id) -> Option<Value> {
    let left = uses.get_mut(&id)?;
    *left -= 1;
    if *left == 0 { built.remove(&id) } else { built.get(&id).cloned() }
}

fn part(name: &str) -> Value {
    json!({"op": "part", "name": name})
}

fn flat<'n>(graph: &Graph, ids: &[Id], name: &dyn Fn(&Id) -> Option<&'n str>) -> Value {
    let places: FxHashMap<Id, usize> = ids.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    let nodes: Vec<Value> = ids
        .iter()
        .map(|id| {
            if let Some(name) = name(id) {
                return part(name);
            }
            let args = graph.args(*id).iter().filter_map(|a| places.get(a)).map(|i| json!(i)).collect();
            node(graph, *id, args)
        })
        .collect();
    json!({"op": "nodes", "nodes": nodes})
}

fn node(graph: &Graph, id: Id, args: Vec<Value>) -> Value {
    let op = graph.op(id);
    let mut object = Map::new();
    object.insert("op".into(), json!(op_name(op)));
    let dim = |d| graph.dims.text(d);
    let field = match op {
        Op::Var(v) | Op::Differential(v) => Some(("name", json!(graph.variable(*v).name))),
        Op::Num(n) => Some(("value", json!(n.to_string()))),
        Op::Size(d) => Some(("value", json!(dim(*d)))),
        Op::Identity(d) | Op::Unit(d) => Some(("dims", json!([dim(*d)]))),
        Op::Ones(r, c) | Op::Zeros(r, c) | Op::Commutation(r, c) => Some(("dims", json!([dim(*r), dim(*c)]))),
        Op::Map(f) | Op::Call(f) | Op::Frechet(f) => {
            Some(("function", json!(graph.catalog().entry(*f).name)))
        }
        Op::Apply(f, order) | Op::ApplyAlong(f, order) | Op::ApplyMap(f, order) => {
            object.insert("order".into(), json!(order));
            Some(("function", json!(graph.function(*f).name)))
        }
        _ => None,
    };
    object.extend(field.map(|(key, value)| (key.to_owned(), value)));
    if !args.is_empty() {
        object.insert("args".into(), Value::Array(args));
    }
    Value::Object(object)
}

/// The stable name of an operator.
fn op_name(op: &Op) -> &'static str {
    match op {
        Op::Var(_) => "variable",
        Op::Differential(_) => "differential",
        Op::Num(_) => "number",
        Op::Size(_) => "size",
        Op::Identity(_) => "identity",
        Op::Ones(..) => "ones",
        Op::Zeros(..) => "zeros",
        Op::Unit(_) => "unit",
        Op::Commutation(..) => "commutation",
        Op::Sum => "sum",
        Op::Negate => "negate",
        Op::Product => "product",
        Op::Divide => "divide",
        Op::Solve => "solve",
        Op::Hadamard => "hadamard",
        Op::ElementDivide => "element_divide",
        Op::Power => "power",
        Op::ElementPower => "element_power",
        Op::Transpose => "transpose",
        Op::Kronecker => "kronecker",
        Op::Map(_) => "map",
        Op::Call(_) => "call",
        Op::Frechet(_) => "frechet",
        Op::Apply(..) => "apply",
        Op::ApplyAlong(..) => "apply_along",
        Op::ApplyMap(..) => "apply_map",
        Op::BoundedSum => "bounded_sum",
    }
}
