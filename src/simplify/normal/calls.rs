//! Functions.
//!
//! In: a function and its arguments in normal form. Out: the normal form of the call.
//! Invariant: a function that is linear in an argument gives up that argument's coefficient and scalar
//! factors, and its sum where a differential is in it.

use std::rc::Rc;

use crate::expr::{Dim, FnId, Id, Number, Op, Shape};

use super::super::poly::{Factors, Poly, Term, compare};
use super::Normalizer;

impl Normalizer<'_> {
    /// A scalar function, entry by entry.
    pub(in crate::simplify) fn map(&mut self, f: FnId, x: &Poly) -> Poly {
        if Some(f) == self.known.sqrt {
            return self.element_power(x, &Poly::number(Number::ratio(1, 2)));
        }
        let x = self.write(x);
        let id = self.graph.add(Op::Map(f), [x]);
        match self.rewrite_atom(id) {
            Some(p) => p,
            None => self.orient(id),
        }
    }

    /// Any other function.
    pub(in crate::simplify) fn call(&mut self, f: FnId, shape: Shape, args: &[Rc<Poly>]) -> Poly {
        let known = self.known;
        if Some(f) == known.trace {
            return self.trace(&args[0]);
        }
        if Some(f) == known.sum {
            return self.sum_of_entries(&args[0]);
        }
        if Some(f) == known.norm {
            return self.norm(&args[0]);
        }
        if Some(f) == known.matrix_sqrt {
            return self.power(&args[0], &Poly::number(Number::ratio(1, 2)));
        }
        if Some(f) == known.vec && args[0].shape.is_column() {
            return args[0].as_ref().clone();
        }
        if args.len() == 1 && args[0].shape.is_scalar() && (Some(f) == known.diag || Some(f) == known.diag_of)
        {
            return args[0].as_ref().clone();
        }
        let catalog = self.graph.catalog_arc();
        let linear: Vec<usize> = catalog.entry(f).adjoints.iter().map(|(i, _)| *i).collect();
        self.linear_call(Op::Call(f), shape, args, &linear)
    }

    /// A call that is linear in the arguments at `linear`.
    pub(in crate::simplify) fn linear_call(
        &mut self,
        op: Op,
        shape: Shape,
        args: &[Rc<Poly>],
        linear: &[usize],
    ) -> Poly {
        // The scalar parts that came out, and the arguments that are left, for each combination of terms.
        let mut rows: Vec<(Poly, Vec<Id>)> = vec![(Poly::number(Number::ONE), Vec::new())];
        for (i, a) in args.iter().enumerate() {
            if !linear.contains(&i) {
                let id = self.write(a);
                rows.iter_mut().for_each(|(_, ids)| ids.push(id));
                continue;
            }
            let split = self.split_linear(a);
            let mut next = Vec::with_capacity(rows.len() * split.len());
            for (scale, ids) in rows {
                for (s, word) in &split {
                    let scale = self.times(&scale, s);
                    let mut ids = ids.clone();
                    ids.push(*word);
                    next.push((scale, ids));
                }
            }
            rows = next;
        }
        let mut sum = Vec::with_capacity(rows.len());
        for (scale, ids) in rows {
            let value = self.call_of_words(op.clone(), ids);
            sum.push(Rc::new(self.times(&scale, &value)));
        }
        if sum.is_empty() {
            return Poly::zero(shape);
        }
        self.add(shape, &sum)
    }

    /// The terms of a linear argument: the scalar part, and the word as a node.
    pub(in crate::simplify) fn split_linear(&mut self, a: &Poly) -> Vec<(Poly, Id)> {
        let linear = a.terms.iter().any(|t| t.word.iter().chain(&t.scalars).any(|f| self.is_linear(f.base)));
        let a = if linear || self.distributes(a) { a.clone() } else { self.as_letter(a) };
        let mut split = Vec::with_capacity(a.terms.len());
        for t in &a.terms {
            let scalar = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
            if t.word.is_empty() {
                // A scalar argument: a differential in it stays inside.
                let (inside, outside): (Factors, Factors) =
                    t.scalars.iter().copied().partition(|f| self.is_linear(f.base));
                let inner = Term { coefficient: Number::ONE, scalars: inside, word: Factors::new() };
                let outer =
                    Term { coefficient: t.coefficient.clone(), scalars: outside, word: Factors::new() };
                let id = self.write_term(&inner);
                split.push((Poly::of(Shape::SCALAR, outer), id));
            } else {
                let id = self.write_word(&t.word);
                split.push((scalar, id));
            }
        }
        split
    }

    pub(in crate::simplify) fn call_of_words(&mut self, op: Op, mut ids: Vec<Id>) -> Poly {
        if let (Op::ApplyAlong(..), Some(directions)) = (&op, ids.get_mut(1..)) {
            directions.sort_by(|a, b| compare(self.graph, *a, *b));
        }
        if let Op::Call(f) = op {
            if Some(f) == self.known.diag
                && let [u] = ids.as_slice()
            {
                let p = self.poly(*u);
                if let [t] = p.terms.as_slice()
                    && !t.word.is_empty()
                {
                    let word = t.word.clone();
                    return self.diagonal_word(f, &word);
                }
            }
            if Some(f) == self.known.diag_of
                && let [m] = ids.as_slice()
                && let Some(p) = self.diagonal_entries(*m)
            {
                return p;
            }
        }
        let id = self.graph.add(op, ids);
        match self.rewrite_atom(id) {
            Some(p) => p,
            None => self.atom(id),
        }
    }

    /// `diag(M)` of one word: of `u v^T` it is `u .* v`, of `diag(u)` it is u, of `A diag(u) B` it is
    /// `(A .* B^T) u`, and a matrix and its transpose have one diagonal.
    pub(in crate::simplify) fn diagonal_entries(&mut self, m: Id) -> Option<Poly> {
        let p = self.poly(m);
        let [t] = p.terms.as_slice() else { return None };
        let word = t.word.clone();
        let shape = Shape::vector(p.shape.rows);
        if let Some(i) = (1..word.len()).find(|i| self.boundary(&word, *i) == Dim::ONE) {
            let (u, v) = (self.word_poly_of(&word[..i]), self.word_poly_of(&word[i..]));
            let v = self.transpose(&v);
            return Some(self.hadamard(shape, &[Rc::new(u), Rc::new(v)]));
        }
        if let [f] = word.as_slice() {
            if matches!(self.graph.op(f.base), Op::Identity(_)) {
                return Some(self.ones(shape));
            }
            if let Some(u) = self.diagonal_of(f) {
                return Some(self.poly(u).as_ref().clone());
            }
        }
        if let Some(i) = word.iter().position(|f| self.diagonal_of(f).is_some()) {
            let u = self.diagonal_of(&word[i])?;
            let u = self.poly(u);
            let n = u.shape.rows;
            let side = |this: &mut Self, w: &[crate::simplify::poly::Factor]| match w.is_empty() {
                true => {
                    let identity = this.graph.identity(n);
                    this.atom(identity)
                }
                false => this.word_poly_of(w),
            };
            let (a, b) = (side(self, &word[..i]), side(self, &word[i + 1..]));
            let b = self.transpose(&b);
            let shape = a.shape;
            let ab = self.hadamard(shape, &[Rc::new(a), Rc::new(b)]);
            return Some(self.times(&ab, &u));
        }
        let turned = self.turn(&word);
        if self.prefer(&turned.word, &word) == std::cmp::Ordering::Less {
            let id = self.write_word(&turned.word);
            let f = self.known.diag_of?;
            let id = self.graph.add(Op::Call(f), [id]);
            return Some(self.atom(id).scaled(&turned.coefficient));
        }
        None
    }

    /// `sum(x)`: `ones^T x`, of a matrix `ones^T X ones`.
    pub(in crate::simplify) fn sum_of_entries(&mut self, x: &Poly) -> Poly {
        let mut sum = x.clone();
        if x.shape.rows != Dim::ONE {
            let ones = self.ones(Shape::vector(x.shape.rows));
            let row = self.transpose(&ones);
            sum = self.times(&row, &sum);
        }
        if x.shape.cols != Dim::ONE {
            let ones = self.ones(Shape::vector(x.shape.cols));
            sum = self.times(&sum, &ones);
        }
        sum
    }

    /// `norm(x)`: `(x^T x)^(1/2)`, of a matrix `tr(X^T X)^(1/2)`.
    pub(in crate::simplify) fn norm(&mut self, x: &Poly) -> Poly {
        let x = self.as_letter(x);
        let t = self.transpose(&x);
        let square = if x.shape.is_column() {
            self.times(&t, &x)
        } else if x.shape.is_row() {
            self.times(&x, &t)
        } else {
            let product = self.times(&t, &x);
            self.trace(&product)
        };
        self.power(&square, &Poly::number(Number::ratio(1, 2)))
    }
}
