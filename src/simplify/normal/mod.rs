//! The normal form: polynomials in letters, modulo the laws that search is bad at.
//!
//! In: any node. Out: its [`Poly`], and a canonical node for it.
//! Invariant: only what contains a differential is distributed. A sum free of differentials stays one letter,
//! with its content and sign pulled out, so `2 A^T (A x - b)` survives by construction.
//!
//! `x^T y x + B x - x` is read as the terms `(1, [x^T y], x)`, `(1, [], B x)` and `(-1, [], x)`.

mod abstracts;
mod bounded;
mod calls;
mod denominators;
mod hadamard;
mod known;
mod letters;
mod memo;
mod power;
mod scalar_word;
mod trace;
mod word;
mod write;

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use smallvec::smallvec;

use crate::expr::{Dim, Graph, Id, Number, Op, PredicateId, Shape, Table};

use super::fold::Folded;
use super::hints::Hints;
use super::identities::{Feature, Identities, Instance, Library};
use super::poly::{Factors, Poly, Term};

use known::Known;
pub use memo::Memo;

/// How many terms a product is distributed to in search of cancellations.
const EXPANDED: usize = 128;

/// Brings nodes of one graph into normal form. Keeps what it found: a node is done once.
pub struct Normalizer<'g> {
    /// The graph that is extended.
    pub graph: &'g mut Graph,
    pub(super) known: Known,
    library: Arc<Library>,
    /// The identities that concern what was met so far, and how many nodes were looked at for them.
    identities: Arc<Identities>,
    features: Vec<Feature>,
    looked_at: usize,
    polys: Table<Rc<Poly>>,
    /// For each node, whether it contains a differential; kept in step with the graph.
    linear: Vec<bool>,
    /// Letters transposed, up to a sign.
    oriented: Table<(Id, Number)>,
    /// Letters into which a transposition is being pushed.
    turning: Vec<Id>,
    /// Whether a word that was turned round is being matched.
    matching: bool,
    /// Whether sums free of differentials are distributed as well, and which of them are not all the same.
    expand: bool,
    kept: Rc<FxHashSet<Id>>,
    /// How many terms a product may have before its factors stay letters.
    term_limit: usize,
    /// Whether factors stayed letters because of that.
    pub(super) condensed: bool,
    /// Letters joined and patterns tried so far, and how many may be.
    pub(super) work: usize,
    pub(super) work_limit: usize,
    pub(super) one: Id,
    /// How deep identities may call for the normal form of what they built.
    pub(super) depth: usize,
    /// Conditions the request is read under: premises of identities may rest on them.
    pub(super) assumed: FxHashSet<(PredicateId, Vec<Id>)>,
    /// How the user wrote the function, once that was looked at.
    pub(super) hints: Option<(Id, Rc<Hints>)>,
    /// What folding made of nodes.
    pub(super) folded: Folded,
    /// Whether the function is written with `A \ b`.
    pub(super) solves: bool,
    /// Names of the identities that were used.
    pub(super) fired: std::collections::BTreeSet<String>,
    /// How often identities were used.
    pub(super) applied: usize,
    /// The values of nodes at a generic point.
    pub(super) exact: Option<crate::numeric::Exact>,
    /// Every use of an identity, where somebody asks for the steps.
    pub(super) log: Option<indexmap::IndexSet<Instance>>,
}

impl<'g> Normalizer<'g> {
    /// A normalizer for `graph`.
    pub fn new(graph: &'g mut Graph, library: Arc<Library>, term_limit: usize) -> Normalizer<'g> {
        let one = graph.int(1);
        let known = Known::new(graph);
        Normalizer {
            graph,
            known,
            library,
            identities: Arc::default(),
            features: Vec::new(),
            looked_at: 0,
            polys: Table::default(),
            linear: Vec::new(),
            oriented: Table::default(),
            turning: Vec::new(),
            matching: false,
            expand: false,
            kept: Rc::default(),
            term_limit,
            condensed: false,
            work: 0,
            work_limit: usize::MAX,
            one,
            depth: 0,
            assumed: FxHashSet::default(),
            hints: None,
            folded: Folded::default(),
            solves: false,
            fired: Default::default(),
            applied: 0,
            exact: None,
            log: None,
        }
    }

    /// The names of the identities that were used so far.
    pub fn fired(&self) -> impl Iterator<Item = &str> {
        self.fired.iter().map(String::as_str)
    }

    /// Runs `work` with every sum but those in `kept` distributed, within the term limit: for cancellations.
    pub fn expanded<R>(&mut self, kept: &Rc<FxHashSet<Id>>, work: impl FnOnce(&mut Self) -> R) -> R {
        // How a letter is turned depends on whether its sums are distributed.
        let polys = std::mem::take(&mut self.polys);
        let oriented = std::mem::take(&mut self.oriented);
        let before = std::mem::replace(&mut self.expand, true);
        let others = std::mem::replace(&mut self.kept, kept.clone());
        let limit = self.term_limit;
        self.term_limit = limit.min(EXPANDED);
        let result = work(self);
        self.expand = before;
        self.kept = others;
        self.term_limit = limit;
        (self.polys, self.oriented) = (polys, oriented);
        result
    }

    /// The normal form of a node.
    pub fn poly(&mut self, id: Id) -> Rc<Poly> {
        if let Some(p) = self.polys.get(id) {
            return p.clone();
        }
        for node in self.pending(id) {
            let poly = self.build(node);
            self.polys.insert(node, Rc::new(poly));
        }
        self.polys.get(id).cloned().unwrap_or_else(|| Rc::new(Poly::zero(self.graph.shape(id))))
    }

    /// The transpose of a normal form.
    pub(super) fn transposed(&mut self, p: &Poly) -> Poly {
        self.transpose(p)
    }

    /// Nodes below `id` without a normal form, arguments first.
    fn pending(&self, id: Id) -> Vec<Id> {
        let mut stack = vec![id];
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        while let Some(node) = stack.pop() {
            if !self.polys.contains(node) && seen.insert(node) {
                found.push(node);
                stack.extend_from_slice(self.graph.args(node));
            }
        }
        found.sort_unstable();
        found
    }

    /// The canonical node of a node.
    pub fn normal(&mut self, id: Id) -> Id {
        let poly = self.poly(id);
        self.write(&poly)
    }

    fn build(&mut self, id: Id) -> Poly {
        let node = self.graph.node(id).clone();
        let shape = self.graph.shape(id);
        if !self.spend(node.args.len() + 1) {
            return self.atom(id);
        }
        let args: Vec<Rc<Poly>> = node.args.iter().map(|a| self.poly_or_atom(*a)).collect();
        match &node.op {
            Op::Num(n) => Poly::number(n.clone()),
            Op::Zeros(..) => Poly::zero(shape),
            Op::Size(d) => self.size(*d),
            Op::Ones(r, c) if *r != Dim::ONE && *c != Dim::ONE => {
                let column = self.graph.ones(Shape::vector(*r));
                let row = self.graph.ones(Shape::vector(*c));
                let row = self.graph.transpose(row);
                let word = smallvec![self.factor(column), self.factor(row)];
                Poly::of(shape, Term { coefficient: Number::ONE, scalars: Factors::new(), word })
            }
            Op::Ones(r, c) if *r == Dim::ONE && *c != Dim::ONE => {
                let column = self.graph.ones(Shape::vector(*c));
                let row = self.graph.transpose(column);
                self.atom(row)
            }
            Op::Sum => self.add(shape, &args),
            Op::Negate => args[0].as_ref().clone().scaled(&Number::MINUS_ONE),
            Op::Product => self.product(&args),
            Op::Divide => {
                let inverse = self.power(&args[1], &Poly::number(Number::MINUS_ONE));
                self.times(&args[0], &inverse)
            }
            Op::Solve => {
                let inverse = self.power(&args[0], &Poly::number(Number::MINUS_ONE));
                self.times(&inverse, &args[1])
            }
            Op::Power => self.power(&args[0], &args[1]),
            Op::Transpose => self.transpose(&args[0]),
            Op::Hadamard => self.hadamard(shape, &args),
            Op::ElementPower => self.element_power(&args[0], &args[1]),
            Op::ElementDivide => self.element_divide(shape, &args),
            Op::Kronecker => self.kronecker(shape, &args),
            Op::Map(f) => self.map(*f, &args[0]),
            Op::Call(f) => self.call(*f, shape, &args),
            Op::Frechet(_) => self.linear_call(node.op.clone(), shape, &args, &[1]),
            Op::ApplyAlong(f, k) => self.along((*f, *k), shape, &args),
            Op::BoundedSum => self.bounded_sum(shape, &args),
            _ if args.is_empty() => self.atom(id),
            _ => self.linear_call(node.op.clone(), shape, &args, &[]),
        }
    }

    /// The normal form of an argument; of a node this normalizer made itself, that node as a letter.
    fn poly_or_atom(&mut self, id: Id) -> Rc<Poly> {
        match self.polys.get(id) {
            Some(p) => p.clone(),
            None => Rc::new(self.atom(id)),
        }
    }

    /// A dimension as a polynomial in its names.
    pub(in crate::simplify) fn size(&mut self, dim: Dim) -> Poly {
        let terms: Vec<(Vec<u32>, i64)> =
            self.graph.dims.polynomial(dim).0.iter().map(|(m, c)| (m.clone(), *c)).collect();
        let mut polys = Vec::new();
        for (names, coefficient) in terms {
            let mut product = Poly::number(Number::integer(coefficient));
            for index in names {
                let name = self.graph.dims.name(index).to_owned();
                let named = self.graph.dims.named(&name);
                let leaf = self.graph.add(Op::Size(named), []);
                let leaf = self.atom(leaf);
                product = self.times(&product, &leaf);
            }
            polys.push(Rc::new(product));
        }
        self.add(Shape::SCALAR, &polys)
    }

    /// Whether a node contains a differential.
    pub fn is_linear(&mut self, id: Id) -> bool {
        for i in self.linear.len()..self.graph.len() {
            let node = self.graph.node(Id(i as u32));
            let found = matches!(node.op, Op::Differential(_))
                || node.args.iter().any(|a| self.linear.get(a.index()).copied().unwrap_or(false));
            self.linear.push(found);
        }
        self.linear.get(id.index()).copied().unwrap_or(false)
    }

    fn is_linear_poly(&mut self, p: &Poly) -> bool {
        p.terms.iter().any(|t| t.scalars.iter().chain(&t.word).any(|f| self.is_linear(f.base)))
    }

    /// The sum of normal forms.
    pub(super) fn add(&mut self, shape: Shape, args: &[Rc<Poly>]) -> Poly {
        let terms = args.iter().flat_map(|p| p.terms.iter().cloned()).collect();
        let sum = Poly { shape, terms }.collected(self.graph);
        self.rewrite_sum(sum)
    }

    pub(super) fn product(&mut self, args: &[Rc<Poly>]) -> Poly {
        if let Some(product) = self.long_product(args) {
            return product;
        }
        let mut product = Poly::number(Number::ONE);
        for a in args {
            product = self.times(&product, a);
        }
        product
    }

    /// A product of words alone is joined at once: factor by factor it would be quadratic.
    fn long_product(&mut self, args: &[Rc<Poly>]) -> Option<Poly> {
        let (first, last) = (args.first()?, args.last()?);
        let plain =
            |p: &Rc<Poly>| matches!(p.terms.as_slice(), [t] if t.scalars.is_empty() && !t.word.is_empty());
        // In `y^T X w w` the first three are a scalar that the last is multiplied by, no word.
        let chained = args.windows(2).all(|w| w[0].shape.cols == w[1].shape.rows);
        if args.len() < 3 || !chained || !args.iter().all(plain) {
            return None;
        }
        let shape = Shape::new(first.shape.rows, last.shape.cols);
        let mut coefficient = Number::ONE;
        let mut word = Factors::new();
        for t in args.iter().filter_map(|p| p.terms.first()) {
            coefficient = coefficient * t.coefficient.clone();
            self.spend(t.word.len());
            for f in &t.word {
                self.push(&mut word, *f);
            }
        }
        Some(self.finish_word(word, shape).scaled(&coefficient))
    }

    /// The product of normal forms.
    pub(super) fn times(&mut self, a: &Poly, b: &Poly) -> Poly {
        let shape = match (a.shape.is_scalar(), b.shape.is_scalar()) {
            (_, true) => a.shape,
            (true, false) => b.shape,
            (false, false) => Shape::new(a.shape.rows, b.shape.cols),
        };
        if a.terms.is_empty() || b.terms.is_empty() {
            return Poly::zero(shape);
        }
        if let Some(n) = a.as_number() {
            return b.clone().scaled(&n);
        }
        if let Some(n) = b.as_number() {
            return a.clone().scaled(&n);
        }
        let (a, b) = (self.as_factor(a), self.as_factor(b));
        let (a, b) = if a.terms.len().saturating_mul(b.terms.len()) > self.term_limit {
            // What is distributed for cancellations alone has a limit of its own.
            self.condensed |= !self.expand || self.term_limit < EXPANDED;
            (self.as_letter(&a), self.as_letter(&b))
        } else {
            (a, b)
        };
        let mut terms = Vec::with_capacity(a.terms.len() * b.terms.len());
        for s in &a.terms {
            for t in &b.terms {
                for t in self.times_terms(s, t).terms {
                    match self.rewrite_term(&t) {
                        Some(p) => terms.extend(p.terms),
                        None => terms.push(t),
                    }
                }
            }
        }
        Poly { shape, terms }.collected(self.graph)
    }

    /// A factor as it enters a product: a sum stays one letter unless it contains a differential.
    fn as_factor(&mut self, p: &Poly) -> Poly {
        if p.terms.len() < 2 || self.distributes(p) || self.is_linear_poly(p) {
            return p.clone();
        }
        self.as_letter(p)
    }

    /// Whether a sum is distributed though no differential is in it.
    pub(super) fn distributes(&mut self, p: &Poly) -> bool {
        if !self.expand || self.kept.is_empty() {
            return self.expand;
        }
        let inverse = p.content().recip().unwrap_or(Number::ONE);
        let id = self.write(&p.clone().scaled(&inverse));
        !self.kept.contains(&id)
    }

    /// A sum as one letter, with its content and sign as the coefficient.
    pub(super) fn as_letter(&mut self, p: &Poly) -> Poly {
        if p.terms.len() < 2 {
            return p.clone();
        }
        let content = p.content();
        let inverse = content.recip().unwrap_or(Number::ONE);
        let monic = p.clone().scaled(&inverse);
        let id = self.write(&monic);
        let letter = self.orient(id);
        letter.scaled(&content)
    }
}
