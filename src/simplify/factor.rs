//! Factoring: fewer terms by taking out what they share.
//!
//! In: a normal form. Out: normal forms of the same value with fewer terms.
//! Invariant: a sum that is taken together is free of differentials, so operators such as
//! `dA A^2 + A dA A + A^2 dA` stay as a reader knows them; the content and sign of such a sum are pulled out
//! first, which makes equal rows equal letters: `A C + A D + B C + B D` becomes `A S + B S` and then `(A + B) S`.
//!
//! Every result is one more equal form for the e-graph; extraction decides.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use crate::expr::{Id, Number, Op, Shape};

use super::normal::Normalizer;
use super::poly::{Factor, Factors, Poly, Term};

/// What terms may share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::simplify) enum Share {
    /// The last letter.
    Suffix,
    /// The first letter.
    Prefix,
    /// A scalar factor.
    Scalar,
    /// The whole word, with different scalar factors.
    Word,
}

/// The orders in which sharing is looked for.
const ORDERS: [&[Share]; 4] = [
    &[Share::Suffix, Share::Prefix, Share::Word, Share::Scalar],
    &[Share::Prefix, Share::Suffix, Share::Word, Share::Scalar],
    &[Share::Scalar, Share::Suffix, Share::Prefix, Share::Word],
    &[Share::Word, Share::Scalar, Share::Prefix, Share::Suffix],
];

impl Normalizer<'_> {
    /// Forms of `p` with fewer terms, without duplicates.
    pub(in crate::simplify) fn factored(&mut self, p: &Poly) -> Vec<Poly> {
        let mut forms: Vec<Poly> = Vec::new();
        if p.terms.len() < 2 {
            return forms;
        }
        forms.extend(self.merged_calls(p));
        forms.extend(self.unfolded(p));
        forms.extend(self.unfolded_scalar(p));
        forms.extend(self.product_of_binomials(p));
        forms.extend(self.merged_elementwise(p));
        if p.terms.len() <= 32 {
            forms.extend(self.other_scalars(p));
        }
        for form in self.factored_in_orders(p) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        forms
    }

    /// What is left of `p` when nothing more can be taken out, in every order. Orders meet in the same sums: what can be
    /// taken out of each is found once.
    fn factored_in_orders(&mut self, p: &Poly) -> Vec<Poly> {
        let mut met = vec![self.stage(p.clone())];
        let mut ends = Vec::new();
        for order in ORDERS {
            let mut at = 0;
            while let Some(to) = order.iter().find_map(|share| self.follow(&mut met, at, *share)) {
                at = to;
            }
            if at > 0 && !ends.contains(&at) {
                ends.push(at);
            }
        }
        ends.into_iter().map(|end| met[end].sum.clone()).collect()
    }

    fn stage(&mut self, sum: Poly) -> Stage {
        let rows = sum.terms.iter().map(|t| self.row(t)).collect();
        Stage { sum, rows, next: [None; ORDERS.len()] }
    }

    /// Where taking out what is shared so leads from a stage, looked for once.
    fn follow(&mut self, met: &mut Vec<Stage>, at: usize, share: Share) -> Option<usize> {
        if let Some(known) = met[at].next[share as usize] {
            return known;
        }
        let Stage { sum, rows, .. } = &met[at];
        let groups = self.groups(rows, share);
        let taken = groups.and_then(|groups| self.merge_groups(sum, rows, &groups, share));
        let to = taken.map(|taken| match met.iter().position(|stage| stage.sum == taken) {
            Some(known) => known,
            None => {
                met.push(self.stage(taken));
                met.len() - 1
            }
        });
        met[at].next[share as usize] = Some(to);
        to
    }

    /// One round of taking out: every group becomes one term.
    pub(in crate::simplify) fn merge_groups(
        &mut self,
        p: &Poly,
        rows: &[Row],
        groups: &Groups,
        share: Share,
    ) -> Option<Poly> {
        let mut terms = Vec::with_capacity(p.terms.len());
        let mut changed = false;
        for group in &groups.shared {
            let members: SmallVec<[&Row; 4]> = group.members.iter().map(|i| &rows[*i]).collect();
            match self.merge(&members, &group.key, share, p.shape) {
                Some(merged) => {
                    changed = true;
                    terms.extend(merged);
                }
                None => terms.extend(group.members.iter().map(|i| p.terms[*i].clone())),
            }
        }
        if !changed {
            return None;
        }
        terms.extend(groups.alone.iter().map(|i| p.terms[*i].clone()));
        Some(Poly { shape: p.shape, terms }.collected(self.graph)).filter(|q| q.terms.len() < p.terms.len())
    }

    /// A term seen as scalars and one word: of a scalar term, the word that holds the differential, else its
    /// only word.
    pub(in crate::simplify) fn row(&mut self, t: &Term) -> Row {
        if !t.word.is_empty() {
            let scalars = t.scalars.clone();
            return Row {
                coefficient: t.coefficient.clone(),
                scalars,
                word: t.word.clone(),
                frame: Frame::Word,
            };
        }
        let mut words = Vec::new();
        for (i, f) in t.scalars.iter().enumerate() {
            if f.exponent != self.one {
                continue;
            }
            let frame = match self.graph.op(f.base) {
                Op::Product => Frame::Scalar,
                Op::Call(g) if Some(*g) == self.known.trace => Frame::Trace,
                _ => continue,
            };
            words.push((i, frame, self.is_linear(f.base)));
        }
        let chosen = match words.as_slice() {
            [one] => Some(*one),
            many => many.iter().find(|(_, _, linear)| *linear).copied(),
        };
        let mut scalars = t.scalars.clone();
        let (word, frame) = match chosen {
            None => (Factors::new(), Frame::Word),
            Some((i, frame, _)) => {
                let base = scalars.remove(i).base;
                let inner = if frame == Frame::Trace { self.graph.args(base)[0] } else { base };
                (self.letters(inner), frame)
            }
        };
        Row { coefficient: t.coefficient.clone(), scalars, word, frame }
    }

    /// The letters of a written word.
    pub(in crate::simplify) fn letters(&self, id: Id) -> Factors {
        match self.graph.op(id) {
            Op::Product => self.graph.args(id).iter().map(|a| self.as_power(*a)).collect(),
            _ => Factors::from_slice(&[self.as_power(id)]),
        }
    }

    /// The letters that a row is to share: the last or the first, with those up to a differential, which never
    /// stays in a sum. `None` where nothing is left of the word, or the word of a trace is too short.
    fn shared_stretch(&mut self, row: &Row, share: Share) -> Option<Factors> {
        let word = &row.word;
        let differential = word.iter().position(|f| self.is_linear(f.base));
        let n = word.len();
        match (share, row.frame) {
            (Share::Suffix, frame) if n > usize::from(frame != Frame::Scalar) => {
                let start = differential.filter(|d| *d > 0).unwrap_or(n - 1);
                word.get(start..).map(Factors::from_slice)
            }
            // A trace turns until its differential is last: there is no first letter.
            (Share::Prefix, Frame::Word | Frame::Scalar) if n > 1 => {
                let end = differential.filter(|d| d + 1 < n).map_or(1, |d| d + 1);
                word.get(..end).map(Factors::from_slice)
            }
            (Share::Suffix | Share::Prefix, Frame::Word) if n == 1 => Some(word.clone()),
            _ => None,
        }
    }

    /// Terms by what they share; `None` where no two share anything.
    fn groups(&mut self, rows: &[Row], share: Share) -> Option<Groups> {
        if share == Share::Scalar {
            let most = *self.shared_scalars(rows).first()?;
            return Some(self.scalar_groups(rows, most));
        }
        let mut places: IndexMap<Key, SmallVec<[usize; 4]>, FxBuildHasher> = IndexMap::default();
        let mut alone = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            match self.key(row, share) {
                Some(key) => places.entry(key).or_default().push(i),
                None => alone.push(i),
            }
        }
        let (shared, single): (Vec<Group>, Vec<Group>) = places
            .into_iter()
            .map(|(key, members)| Group { key, members })
            .partition(|group| group.members.len() > 1);
        alone.extend(single.into_iter().flat_map(|group| group.members));
        (!shared.is_empty()).then_some(Groups { shared, alone })
    }

    /// What a row may share with others.
    fn key(&mut self, row: &Row, share: Share) -> Option<Key> {
        match share {
            _ if row.word.is_empty() => None,
            Share::Word => Some(Key::Word(row.word.clone(), row.frame)),
            _ => Some(Key::Stretch(self.shared_stretch(row, share)?, row.frame)),
        }
    }

    /// The members of a group as one term.
    pub(in crate::simplify) fn merge(
        &mut self,
        members: &[&Row],
        key: &Key,
        share: Share,
        shape: Shape,
    ) -> Option<Vec<Term>> {
        match (key, share) {
            (Key::Scalar(f), _) => self.merge_by_scalar(members, *f, shape),
            (Key::Word(word, frame), _) => {
                let terms = members
                    .iter()
                    .map(|r| Term {
                        coefficient: r.coefficient.clone(),
                        scalars: r.scalars.clone(),
                        word: Factors::new(),
                    })
                    .collect();
                let sum = Poly { shape: Shape::SCALAR, terms }.collected(self.graph);
                if self.has_differential(&sum) && sum.terms.len() > 1 && self.word_is_linear(word) {
                    return None;
                }
                let sum = self.as_letter(&sum);
                let whole = self.frame_poly(word, *frame);
                Some(self.times(&sum, &whole).terms)
            }
            (Key::Stretch(stretch, frame), Share::Suffix | Share::Prefix) => {
                self.merge_by_stretch(members, stretch, *frame, share, shape)
            }
            _ => None,
        }
    }

    pub(in crate::simplify) fn merge_by_stretch(
        &mut self,
        members: &[&Row],
        stretch: &Factors,
        frame: Frame,
        share: Share,
        shape: Shape,
    ) -> Option<Vec<Term>> {
        let own = self.word_shape(stretch);
        let length = stretch.len();
        let mut terms = Vec::new();
        let rest_shape = match (share, frame) {
            (_, Frame::Trace) => own.transposed(),
            (Share::Suffix, Frame::Scalar) => Shape::new(Shape::SCALAR.rows, own.rows),
            (Share::Prefix, Frame::Scalar) => Shape::new(own.cols, Shape::SCALAR.cols),
            (Share::Suffix, _) => Shape::new(shape.rows, own.rows),
            (_, _) => Shape::new(own.cols, shape.cols),
        };
        for r in members {
            let n = r.word.len();
            let word: Factors = match share {
                Share::Suffix => r.word[..n - length].into(),
                _ => r.word[length..].into(),
            };
            let rest =
                if word.is_empty() { self.unit(rest_shape)? } else { self.finish_word(word, rest_shape) };
            let scale =
                Term { coefficient: r.coefficient.clone(), scalars: r.scalars.clone(), word: Factors::new() };
            let scale = Poly::of(Shape::SCALAR, scale);
            terms.extend(self.times(&scale, &rest).terms);
        }
        let sum = Poly { shape: rest_shape, terms }.collected(self.graph);
        if self.has_differential(&sum) || sum.terms.is_empty() {
            return None;
        }
        let sum = self.as_letter(&sum);
        let alone = self.word_poly_of(stretch);
        let product = match (share, frame) {
            (_, Frame::Trace) => {
                let product = self.times(&sum, &alone);
                self.trace(&product)
            }
            (Share::Suffix, _) => self.times(&sum, &alone),
            _ => self.times(&alone, &sum),
        };
        Some(product.terms)
    }

    /// What is left of a letter that stands alone: the identity, or 1.
    pub(in crate::simplify) fn unit(&mut self, shape: Shape) -> Option<Poly> {
        if shape.is_scalar() {
            return Some(Poly::number(Number::ONE));
        }
        if !shape.is_square() {
            return None;
        }
        let identity = self.graph.identity(shape.rows);
        Some(self.atom(identity))
    }

    pub(in crate::simplify) fn frame_poly(&mut self, word: &Factors, frame: Frame) -> Poly {
        if word.is_empty() {
            return Poly::number(Number::ONE);
        }
        match frame {
            Frame::Word => self.word_poly_of(word),
            Frame::Scalar => {
                let id = self.write_word(word);
                self.atom(id)
            }
            Frame::Trace => {
                let p = self.word_poly_of(word);
                self.trace(&p)
            }
        }
    }

    pub(in crate::simplify) fn has_differential(&mut self, p: &Poly) -> bool {
        p.terms.iter().any(|t| t.scalars.iter().chain(&t.word).any(|f| self.is_linear(f.base)))
    }

    pub(in crate::simplify) fn word_is_linear(&mut self, word: &[Factor]) -> bool {
        word.iter().any(|f| self.is_linear(f.base))
    }

    pub(in crate::simplify) fn graph_is_linear(&mut self, id: Id) -> bool {
        self.is_linear(id)
    }
}

/// How a row's word stands in its term.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::simplify) enum Frame {
    /// As the word itself.
    Word,
    /// As a 1×1 factor.
    Scalar,
    /// Under a trace.
    Trace,
}

pub(in crate::simplify) struct Row {
    pub coefficient: Number,
    pub scalars: Factors,
    pub word: Factors,
    pub frame: Frame,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::simplify) enum Key {
    Stretch(Factors, Frame),
    Word(Factors, Frame),
    Scalar(Factor),
}

/// Two or more terms with what they share.
pub(in crate::simplify) struct Group {
    pub key: Key,
    pub members: SmallVec<[usize; 4]>,
}

/// The terms of a sum by what they share.
pub(in crate::simplify) struct Groups {
    pub shared: Vec<Group>,
    pub alone: Vec<usize>,
}

/// A sum that taking out leads to, and where each way of sharing leads from it, once that was looked for.
struct Stage {
    sum: Poly,
    rows: Vec<Row>,
    next: [Option<Option<usize>>; ORDERS.len()],
}
