//! What a canonical node is equal to, looked for once in a request.
//!
//! In: a canonical node, how the user wrote the function. Out: forms and other canonical nodes of its value, each with
//! its reason.
//! Invariant: what is found rests on the node, the hints and the identities in force, never on the search that asks;
//! where one of these changes nothing is kept.
//!
//! `x^T A + x^T A^T` is `x^T (A + A^T)`, by factoring, for the differential as for the gradient.

use std::borrow::Cow;
use std::rc::Rc;

use crate::expr::{Id, Op};

use super::form::Form;
use super::hints::Hints;
use super::normal::Normalizer;
use super::poly::Poly;

/// Another way to write a canonical node.
pub(super) enum Other {
    Form(Form),
    /// A canonical node, which has ways of its own.
    Node(Id),
}

/// What was found for one node, with the reasons.
pub(super) type Found = Vec<(Other, Cow<'static, str>)>;

impl Normalizer<'_> {
    /// What a canonical node is equal to.
    pub(super) fn ways(&mut self, id: Id, hints: &Hints) -> Rc<Found> {
        // New identities do away with what is known.
        self.identities();
        if let Some(known) = self.ways.get(id) {
            return known.clone();
        }
        let mut found = Found::new();
        for form in hints.parts.get(&id).into_iter().flatten() {
            found.push((Other::Form(form.clone()), "as read".into()));
        }
        if let Some(a) = self.graph.transpose_of(id) {
            let form = Form::Node(Op::Transpose, vec![Form::Hole(a)]);
            found.push((Other::Form(form), "notation".into()));
        }
        let poly = self.poly(id);
        match poly.lone() {
            Some(f) => {
                let own = self.write_factor(f);
                self.ways_of_letter(own, &poly, &mut found);
            }
            None => self.ways_of_poly(id, &poly, hints, &mut found),
        }
        found.retain(|(other, _)| !matches!(other, Other::Node(other) if *other == id));
        let found = Rc::new(found);
        self.ways.insert(id, found.clone());
        found
    }

    fn ways_of_letter(&mut self, letter: Id, poly: &Poly, found: &mut Found) {
        self.ways_by_identities(poly, found);
        for form in self.forms_of_atom(letter) {
            found.push((Other::Form(form), "notation".into()));
        }
        if let Some(a) = self.graph.transpose_of(letter) {
            self.push_transpose(a, found);
            self.push_into_letter(a, found);
        }
    }

    fn ways_of_poly(&mut self, id: Id, poly: &Poly, hints: &Hints, found: &mut Found) {
        if let [t] = poly.terms.as_slice() {
            for form in self.with_scalars_of(t, &hints.scalars) {
                found.push((Other::Form(form), "as read".into()));
            }
        }
        for form in self.forms_of_poly(poly) {
            found.push((Other::Form(form), "notation".into()));
        }
        let mut forms = self.factored(poly);
        forms.extend(self.with_sums_of(poly, &hints.polys));
        if let Some(commuted) = self.commuted(poly) {
            forms.extend(self.factored(&commuted));
        }
        for form in forms {
            found.push((Other::Node(self.write(&form)), "factor".into()));
        }
        for other in self.over_common_power(poly) {
            found.push((Other::Node(other), "common denominator".into()));
        }
        if let Some(other) = self.under_one_trace(poly) {
            found.push((Other::Node(other), "one trace".into()));
        }
        self.pull_transpose(id, poly, found);
        self.ways_by_identities(poly, found);
    }

    fn ways_by_identities(&mut self, poly: &Poly, found: &mut Found) {
        for (rule, other) in self.alternatives(poly) {
            found.push((Other::Node(self.write(&other)), rule.into()));
        }
    }

    /// `(A - B)^T` may be shorter with the transposition inside.
    fn push_transpose(&mut self, inner: Id, found: &mut Found) {
        let p = self.poly(inner);
        if p.terms.len() > 1 {
            let t = self.transposed(&p);
            found.push((Other::Node(self.write(&t)), "transpose of a sum".into()));
        }
    }

    /// `kron(A, B^T)^T` is shorter as `kron(A^T, B)`.
    fn push_into_letter(&mut self, inner: Id, found: &mut Found) {
        if let Some((pushed, sign)) = self.pushed_letter(inner)
            && pushed != inner
            && !matches!(self.graph.op(inner), Op::Sum)
        {
            for form in self.forms_of_atom(pushed) {
                let form = if sign.is_negative() { Form::Node(Op::Negate, vec![form]) } else { form };
                found.push((Other::Form(form), "transpose of a letter".into()));
            }
        }
    }

    /// `X^T B^T + B^T X^T` is shorter as `(B X + X B)^T`; of a single product only where two transposes go.
    fn pull_transpose(&mut self, id: Id, p: &Poly, found: &mut Found) {
        let margin = if p.terms.len() > 1 { 1 } else { 2 };
        let here = self.graph.count_transposes(id);
        if !p.shape.is_matrix() || here <= margin {
            return;
        }
        let t = self.transposed(p);
        let turned = self.write(&t);
        if turned != id && here > self.graph.count_transposes(turned) + margin {
            let form = Form::Node(Op::Transpose, vec![Form::Hole(turned)]);
            found.push((Other::Form(form), "transpose of a product".into()));
        }
    }
}
