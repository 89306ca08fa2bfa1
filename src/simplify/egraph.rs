//! The e-graph of all equal forms, and extraction.
//!
//! In: a canonical node. Out: the least form of it.
//! Invariant: classes are only ever united with a reason, and never across shapes: the first attempt is kept
//! as a fault and reported, the shapes are never picked from.
//!
//! A class starts from a canonical node. Its ways of being written (quotients, norms, factored forms, identities
//! that may be used both ways) join it; every way refers to further canonical nodes, which get classes of their own, until nothing
//! is left or a count limit is met. Extraction then takes the least way of every class.

use std::rc::Rc;

use egg::{EGraph, Language};
use smallvec::SmallVec;

use crate::expr::{Id, Op, Shape, Table};
use crate::limits::Limits;
use crate::numeric::Value;

use super::form::Form;
use super::hints::Hints;
use super::knowledge::{Class, Knowledge};
use super::normal::Normalizer;
use super::poly::Poly;
use super::ways::Other;

/// What a way of writing a class begins with.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(in crate::simplify) enum Head {
    /// An operator.
    Op(Op),
    /// The same where the user wrote it: a sum in his order, a call of his.
    AsRead(Op),
    /// A canonical node whose ways are not known yet. It keeps classes apart and is never written.
    Canonical(u32),
}

/// One way of writing a class.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(in crate::simplify) struct Way {
    pub head: Head,
    pub args: SmallVec<[egg::Id; 3]>,
}

impl Clone for Way {
    fn clone(&self) -> Way {
        // A `SmallVec` would clone its items one by one.
        Way { head: self.head.clone(), args: SmallVec::from_slice(&self.args) }
    }
}

impl Language for Way {
    /// Nobody looks for classes by a pattern: no index of them by operator is kept.
    type Discriminant = ();

    fn discriminant(&self) {}

    fn matches(&self, other: &Self) -> bool {
        self.head == other.head && self.args.len() == other.args.len()
    }

    fn children(&self) -> &[egg::Id] {
        &self.args
    }

    fn children_mut(&mut self) -> &mut [egg::Id] {
        &mut self.args
    }
}

/// The forms of one question, under construction.
pub(super) struct Forms<'n, 'g> {
    pub(super) normalizer: &'n mut Normalizer<'g>,
    pub(super) egraph: EGraph<Way, Knowledge>,
    pub(super) classes: Table<egg::Id>,
    queue: Vec<Id>,
    hints: Rc<Hints>,
    /// The rule that would have joined what is not equal, or rewritten what is undefined.
    tripped: Option<String>,
    /// The rule that joined different shapes.
    faulty: Option<String>,
}

impl<'n, 'g> Forms<'n, 'g> {
    pub fn new(normalizer: &'n mut Normalizer<'g>, hints: Rc<Hints>) -> Forms<'n, 'g> {
        let egraph = EGraph::new(Knowledge::default());
        Forms {
            normalizer,
            egraph,
            classes: Table::default(),
            queue: Vec::new(),
            hints,
            tripped: None,
            faulty: None,
        }
    }

    /// The class of a canonical node; a new one is queued for its forms.
    pub fn class(&mut self, id: Id) -> egg::Id {
        if let Some(c) = self.classes.get(id) {
            return *c;
        }
        self.know(id);
        let marker = Way { head: Head::Canonical(id.0), args: SmallVec::new() };
        let class = self.egraph.add(marker);
        self.classes.insert(id, class);
        self.queue.push(id);
        class
    }

    /// The same value with every sum distributed, where that is another form.
    pub fn start_from(&mut self, expanded: &Poly, root: Id) {
        let other = self.normalizer.write(expanded);
        if other != root {
            self.unite(root, other, "distribute");
        }
    }

    /// Two canonical nodes of one value.
    pub fn unite(&mut self, a: Id, b: Id, reason: &str) {
        let (x, y) = (self.class(a), self.class(b));
        self.join(x, y, reason);
    }

    /// The next node that is added has the shape and the value of this one.
    fn know(&mut self, id: Id) {
        let shape = self.normalizer.graph.shape(id);
        let value = self.normalizer.exact_value(id);
        self.egraph.analysis.next = Some(Class { shape, value });
    }

    /// Unites two classes, unless their values are known and differ: then a rule is wrong, and the search ends.
    fn join(&mut self, a: egg::Id, b: egg::Id, reason: &str) {
        if self.tripped.is_some() {
            return;
        }
        if let (Some(x), Some(y)) = (&self.egraph[a].data, &self.egraph[b].data)
            && x.value.contradicts(&y.value)
        {
            self.tripped = Some(reason.to_owned());
            return;
        }
        self.egraph.union_trusted(a, b, "equal");
        if self.egraph.analysis.fault.is_some() && self.faulty.is_none() {
            self.faulty = Some(reason.to_owned());
        }
    }

    /// How many ways of writing something there are.
    pub fn enodes(&self) -> usize {
        self.egraph.total_size()
    }

    /// The rule at which the search ended.
    pub fn tripped(&self) -> Option<&str> {
        self.tripped.as_deref()
    }

    /// Looks for forms until none is left or a limit is met. Returns the name of the limit, if one was.
    pub fn saturate(&mut self, limits: &Limits) -> Option<&'static str> {
        let met = self.grow_all(limits);
        self.rebuild();
        met.or(self.normalizer.is_exhausted().then_some("work"))
    }

    fn grow_all(&mut self, limits: &Limits) -> Option<&'static str> {
        let mut next = 0;
        while next < self.queue.len() {
            if self.egraph.total_size() > limits.enodes {
                return Some("enodes");
            }
            let id = self.queue[next];
            next += 1;
            if !self.normalizer.spend(1) {
                return Some("work");
            }
            if self.tripped.is_some() {
                break;
            }
            self.grow(id);
        }
        None
    }

    /// Finds what became equal by congruence. egg times itself; a clock that stands still spares a process the
    /// calibration of a real one, which takes longer than a small request.
    fn rebuild(&mut self) {
        thread_local!(static STANDING: quanta::Clock = quanta::Clock::mock().0);
        STANDING.with(|clock| quanta::with_clock(clock, || self.egraph.rebuild()));
    }

    fn grow(&mut self, id: Id) {
        let class = self.class(id);
        if self.egraph[class].data.as_ref().is_some_and(|c| c.value == Value::Undefined) {
            self.tripped = Some("undefined".to_owned());
            return;
        }
        let hints = self.hints.clone();
        if let Some(form) = hints.sums.get(&id) {
            self.add_hint(id, form);
        }
        for (other, reason) in self.normalizer.ways(id, &hints).iter() {
            match other {
                Other::Form(form) => {
                    self.add_form(id, form, reason);
                    if reason == "as read" {
                        self.add_call(id, form);
                    }
                }
                Other::Node(other) => self.unite(id, *other, reason),
            }
        }
    }

    fn add_form(&mut self, id: Id, form: &Form, reason: &str) {
        if *form == Form::Hole(id) {
            return;
        }
        let class = self.class(id);
        if let Some((other, _)) = self.add(form) {
            self.join(class, other, reason);
        }
    }

    /// A call of the user's own: `det(X^2)` where `det(X)^2` is as short.
    fn add_call(&mut self, id: Id, form: &Form) {
        let Form::Node(op @ (Op::Call(_) | Op::Map(_)), args) = form else { return };
        if self.normalizer.graph.op(id) != op {
            return;
        }
        let mut classes = SmallVec::new();
        for a in args {
            let Some((class, _)) = self.add(a) else { return };
            classes.push(class);
        }
        self.know(id);
        let class = self.egraph.add(Way { head: Head::AsRead(op.clone()), args: classes });
        let own = self.class(id);
        self.join(own, class, "as read");
    }

    /// The user's own way of writing a sum.
    fn add_hint(&mut self, id: Id, form: &Form) {
        let (negative, sum) = match form {
            Form::Node(Op::Negate, inner) => (true, inner.first()),
            form => (false, Some(form)),
        };
        let Some(Form::Node(Op::Sum, summands)) = sum else { return };
        let mut classes = SmallVec::new();
        for s in summands {
            let Some((class, _)) = self.add(s) else { return };
            classes.push(class);
        }
        self.know(id);
        if negative && let Some(next) = &mut self.egraph.analysis.next {
            next.value = Value::Unknown;
        }
        let mut class = self.egraph.add(Way { head: Head::AsRead(Op::Sum), args: classes });
        if negative {
            class = self.egraph.add(Way { head: Head::Op(Op::Negate), args: SmallVec::from_slice(&[class]) });
        }
        let own = self.class(id);
        self.join(own, class, "as read");
    }

    /// Adds a form; forms are a few levels deep by construction.
    fn add(&mut self, form: &Form) -> Option<(egg::Id, Id)> {
        match form {
            Form::Hole(id) => Some((self.class(*id), *id)),
            Form::Node(op, args) => {
                let mut classes = SmallVec::new();
                let mut ids = Vec::with_capacity(args.len());
                for a in args {
                    let (class, id) = self.add(a)?;
                    classes.push(class);
                    ids.push(id);
                }
                let witness = self.normalizer.graph.add(op.clone(), ids);
                self.know(witness);
                Some((self.egraph.add(Way { head: Head::Op(op.clone()), args: classes }), witness))
            }
        }
    }

    /// The first two shapes that were to be united, and the rule that did it: a mistake in a rule or in this program.
    pub fn fault(&self) -> Option<(Shape, Shape, &str)> {
        let (a, b) = self.egraph.analysis.fault?;
        Some((a, b, self.faulty.as_deref().unwrap_or("congruence")))
    }
}
