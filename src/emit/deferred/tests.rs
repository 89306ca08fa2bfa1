//! Random chains: what is emitted against the best order for the sizes at hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::cost::Order;
use crate::emit::extract::Extraction;
use crate::emit::names::Names;
use crate::emit::plan::{Code, Plan, StepId};
use crate::emit::target::{Form, target};
use crate::expr::{Dim, Graph, Kind, Properties, Shape, Variable};

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// A product of 2 to 7 matrices, some transposed, often with sides in common, with vectors at its ends or not.
fn chain(random: &mut Random) -> (Graph, crate::expr::Id, Vec<Dim>) {
    let mut g = Graph::new(Arc::new(Catalog::default()));
    let length = 2 + random.below(6);
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut sides: Vec<Dim> = (0..=length).map(|_| g.dims.named(names[random.below(8)])).collect();
    let ends = random.below(4);
    if ends & 1 == 1 {
        sides[0] = Dim::ONE;
    }
    if ends & 2 == 2 {
        sides[length] = Dim::ONE;
    }
    let factors: Vec<_> = (0..length)
        .map(|i| {
            let (shape, turned) = (Shape::new(sides[i], sides[i + 1]), random.below(2) == 1);
            let own = if turned { shape.transposed() } else { shape };
            let kind = if own.is_column() { Kind::Vector } else { Kind::Matrix };
            let name = format!("X{i}");
            let x = g.declare(Variable { name, kind, shape: own, properties: Properties::NONE });
            if turned { g.transpose(x) } else { x }
        })
        .collect();
    let root = g.product(factors);
    (g, root, sides)
}

/// The flops of a plan where deferred chains are multiplied in the best order.
fn flops(plan: &Plan, steps: &[StepId], size: &dyn Fn(&str) -> f64) -> f64 {
    let side = |d: Dim| plan.dims.evaluate(d, &|name| size(name) as i64) as f64;
    let of = |id: StepId| match &plan.step(id).code {
        Code::Operator("chain") => {
            let args = &plan.step(id).args;
            let sides =
                [plan.shape(args[0]).rows].into_iter().chain(args.iter().map(|a| plan.shape(*a).cols));
            Order::best(&sides.map(side).collect::<Vec<_>>()).1
        }
        _ => plan.flops(id).at(&plan.dims, size),
    };
    plan.reachable(steps).into_iter().map(of).sum()
}

#[test]
fn random_chains_are_within_15_percent_of_the_best_order() {
    for name in ["numpy", "jax", "torch", "c", "eigen", "rust", "matlab"] {
        let (misses, cases) = misses(name);
        assert!(misses * 20 <= cases, "{name}: {misses} of {cases}");
    }
}

/// How often the flops of emitted code are more than 15 % above the best order's, and of how many.
fn misses(name: &str) -> (usize, usize) {
    let Ok(Form::Code(target)) = target(name) else { panic!("no {name}") };
    let mut random = Random(7);
    let (mut cases, mut misses) = (0, 0);
    for _ in 0..100 {
        let (mut g, root, sides) = chain(&mut random);
        assert!(g.fault().is_none());
        let names = Names::new(&g, target);
        let extraction = Extraction { target, names: &names, function: root };
        let chosen = extraction.choose(&mut g, &[root]);
        let (plan, steps) = extraction.plan(&g, &chosen);
        for _ in 0..10 {
            let sizes: BTreeMap<String, f64> = g
                .dims
                .names()
                .map(|name| (name.to_owned(), 3.0 * 2f64.powi(random.below(10) as i32)))
                .collect();
            let size = |name: &str| sizes.get(name).copied().unwrap_or(1.0);
            let actual: Vec<f64> =
                sides.iter().map(|d| g.dims.evaluate(*d, &|n| size(n) as i64) as f64).collect();
            cases += 1;
            misses += usize::from(flops(&plan, &steps, &size) > 1.15 * Order::best(&actual).1);
        }
    }
    (misses, cases)
}
