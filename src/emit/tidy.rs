//! Steps that a neighbour makes cheaper.
//!
//! In: a plan. Out: the same plan with factors where they multiply the least, and operations for what they are known as.
//! Invariant: no step takes more flops than what it stands for, and what other steps use as well stays as it is; an
//! operation that the target does not have is not introduced.
//!
//! `2 * np.outer(r, w)` becomes `np.outer(2 * r, w)`, and `A @ np.ones(n)` `np.sum(A, axis=1)`.

use rustc_hash::FxHashMap;

use super::plan::{Code, Plan, StepId, Storage};
use super::target::Target;

/// Rewrites the steps below `roots`; gives the steps that the roots have become.
pub(super) fn tidy(plan: &mut Plan, target: &'static Target, roots: &[StepId]) -> Vec<StepId> {
    let steps = plan.reachable(roots);
    let mut uses: FxHashMap<StepId, usize> = FxHashMap::default();
    for step in steps.iter().flat_map(|id| &plan.step(*id).args).chain(roots) {
        *uses.entry(*step).or_default() += 1;
    }
    let mut tidy = Tidy { plan, target, uses: FxHashMap::default() };
    let mut new: FxHashMap<StepId, StepId> = FxHashMap::default();
    for id in steps {
        let renamed = tidy.plan.renamed(id, &new);
        let step = tidy.of(renamed).unwrap_or(renamed);
        tidy.plan.note_as(step, id);
        *tidy.uses.entry(step).or_default() += uses.get(&id).copied().unwrap_or(0);
        new.insert(id, step);
    }
    roots.iter().map(|r| new.get(r).copied().unwrap_or(*r)).collect()
}

struct Tidy<'p> {
    plan: &'p mut Plan,
    target: &'static Target,
    /// How often each new step is used.
    uses: FxHashMap<StepId, usize>,
}

impl Tidy<'_> {
    fn of(&mut self, id: StepId) -> Option<StepId> {
        let step = self.plan.step(id).clone();
        let Code::Operator(name) = step.code else { return None };
        match (name, step.args.as_slice()) {
            ("negate", [a]) => self.opposite(*a),
            ("transpose", [a]) => self.turned(*a),
            ("multiply", [a, b]) if a == b && step.storage == Storage::Matrix => {
                let two = self.plan.integer(2);
                Some(self.plan.op("power", &[*a, two], step.storage))
            }
            ("multiply", [a, b]) if self.plan.storage(*a) == Storage::Scalar => {
                let a = *a;
                self.scaled(*b, &|plan, vector| plan.entrywise("multiply", a, vector))
            }
            ("multiply", [a, b]) => self.product(*a, *b).or_else(|| self.product(*b, *a)),
            ("power", [a, k]) => {
                let inner = self.plan.argument_of("transpose", *a)?;
                let power = self.plan.op("power", &[inner, *k], Storage::Matrix);
                Some(self.plan.transpose(power))
            }
            ("matmul", [a, b]) => self.sums(*a, *b),
            ("row_sums", [a]) => self.weighted_sums(*a),
            _ => None,
        }
    }

    fn is_own(&self, id: StepId) -> bool {
        self.uses.get(&id).is_some_and(|n| *n == 1)
    }

    fn has(&self, operator: &str) -> bool {
        self.target.operators.contains_key(operator)
    }

    fn is_all_ones(&self, id: StepId) -> bool {
        matches!(self.plan.step(id).code, Code::Operator("ones"))
    }

    /// A vector inside a matrix that nothing else uses, changed by `change`: of an outer product or a scaling.
    fn scaled(&mut self, matrix: StepId, change: &dyn Fn(&mut Plan, StepId) -> StepId) -> Option<StepId> {
        if !self.is_own(matrix) || self.plan.storage(matrix) != Storage::Matrix {
            return None;
        }
        let step = self.plan.step(matrix).clone();
        let Code::Operator(name) = step.code else { return None };
        let plan = &mut *self.plan;
        match (name, step.args.as_slice()) {
            ("outer", [a, b]) => {
                let a = change(plan, *a);
                Some(plan.op("outer", &[a, *b], Storage::Matrix))
            }
            ("kronecker", [a, b]) => {
                let a = change(plan, *a);
                Some(plan.add(step.code.clone(), &[a, *b], Storage::Matrix, step.shape))
            }
            ("multiply", [a, b]) => match (plan.argument_of("column", *a), plan.storage(*b)) {
                (Some(vector), _) => {
                    let vector = change(plan, vector);
                    let column = plan.op("column", &[vector], Storage::Matrix);
                    Some(plan.entrywise("multiply", column, *b))
                }
                (None, Storage::Vector) => {
                    let vector = change(plan, *b);
                    Some(plan.entrywise("multiply", *a, vector))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The sign is that of a factor.
    fn opposite(&mut self, a: StepId) -> Option<StepId> {
        let inside = |plan: &mut Plan, vector| negative(plan, vector).unwrap_or_else(|| plan.negate(vector));
        if let Some(step) = self.scaled(a, &inside) {
            return Some(step);
        }
        if self.is_own(a) { negative(self.plan, a) } else { None }
    }

    /// `(d .* M)^T` scales the columns of M^T.
    fn turned(&mut self, a: StepId) -> Option<StepId> {
        let step = self.plan.step(a).clone();
        let (Code::Operator("multiply"), [d, m]) = (step.code, step.args.as_slice()) else { return None };
        let vector = self.plan.argument_of("column", *d).filter(|_| self.is_own(a))?;
        let turned = self.plan.transpose(*m);
        Some(self.plan.entrywise("multiply", turned, vector))
    }

    /// `(u v^T) .* M` scales rows and columns.
    fn product(&mut self, outer: StepId, other: StepId) -> Option<StepId> {
        let step = self.plan.step(outer).clone();
        let (Code::Operator("outer"), [u, v]) = (step.code, step.args.as_slice()) else { return None };
        if !self.is_own(outer) || self.plan.storage(other) != Storage::Matrix {
            return None;
        }
        let column = self.plan.op("column", &[*u], Storage::Matrix);
        let rows = self.plan.entrywise("multiply", column, other);
        Some(self.plan.entrywise("multiply", rows, *v))
    }

    /// Products with a vector of ones are sums.
    fn sums(&mut self, a: StepId, b: StepId) -> Option<StepId> {
        match (self.plan.storage(a), self.plan.storage(b)) {
            (Storage::Matrix, Storage::Vector) if self.is_all_ones(b) && self.has("row_sums") => {
                self.plan.op("row_sums", &[a], Storage::Vector)
            }
            (Storage::Vector, Storage::Matrix) if self.is_all_ones(a) && self.has("column_sums") => {
                self.plan.op("column_sums", &[b], Storage::Vector)
            }
            (Storage::Vector, Storage::Vector) if self.is_all_ones(a) && self.has("total") => {
                self.plan.op("total", &[b], Storage::Scalar)
            }
            (Storage::Vector, Storage::Vector) if self.is_all_ones(b) && self.has("total") => {
                self.plan.op("total", &[a], Storage::Scalar)
            }
            _ => return None,
        }
        .into()
    }

    /// The rows of `P .* (Q diag(w))` sum to `(P .* Q) w`.
    fn weighted_sums(&mut self, a: StepId) -> Option<StepId> {
        let step = self.plan.step(a).clone();
        let (Code::Operator("multiply"), [p, inner]) = (step.code, step.args.as_slice()) else { return None };
        let step = self.plan.step(*inner).clone();
        let (Code::Operator("multiply"), [q, w]) = (step.code, step.args.as_slice()) else { return None };
        let weights = self.plan.storage(*w) == Storage::Vector && self.plan.storage(*q) == Storage::Matrix;
        if !weights || !self.is_own(a) || !self.is_own(*inner) {
            return None;
        }
        let product = self.plan.entrywise("multiply", *p, *q);
        let product = self.of(product).unwrap_or(product);
        Some(self.plan.op("matmul", &[product, *w], Storage::Vector))
    }
}

/// `-2 x` for `2 x`.
fn negative(plan: &mut Plan, a: StepId) -> Option<StepId> {
    let step = plan.step(a).clone();
    let (Code::Operator("multiply"), [n, x]) = (step.code, step.args.as_slice()) else { return None };
    matches!(plan.step(*n).code, Code::Literal(_)).then(|| {
        let n = plan.negate(*n);
        plan.entrywise("multiply", n, *x)
    })
}
