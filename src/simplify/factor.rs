//! Factoring: fewer terms by taking out what they share.
//!
//! In: a normal form. Out: normal forms of the same value with fewer terms.
//! Invariant: a sum that is taken together is free of differentials, so operators such as
//! `dA A^2 + A dA A + A^2 dA` stay as a reader knows them; the content and sign of such a sum are pulled out
//! first, which makes equal rows equal letters: `A C + A D + B C + B D` becomes `A S + B S` and then `(A + B) S`.
//!
//! Every result is one more equal form for the e-graph; extraction decides.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::expr::{FnId, Id, Number, Op, Shape};

use super::normal::Normalizer;
use super::poly::{Factor, Factors, Poly, Term};

/// What terms may share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Share {
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
    pub(super) fn factored(&mut self, p: &Poly) -> Vec<Poly> {
        let mut forms: Vec<Poly> = Vec::new();
        if p.terms.len() < 2 {
            return forms;
        }
        forms.extend(self.merged_calls(p));
        forms.extend(self.unfolded(p));
        if p.terms.len() <= 32 {
            forms.extend(self.other_scalars(p));
        }
        for order in ORDERS {
            let mut form = p.clone();
            while let Some(next) = order.iter().find_map(|share| self.take_out(&form, *share)) {
                form = next;
            }
            if form != *p && !forms.contains(&form) {
                forms.push(form);
            }
        }
        forms
    }

    /// `f(u) + 2 f(v)` as `f(u + 2 v)` for a function that is linear: diag, tr, vec, tril, …
    fn merged_calls(&mut self, p: &Poly) -> Option<Poly> {
        let mut groups: Vec<(FnId, Vec<Rc<Poly>>)> = Vec::new();
        let mut rest = Vec::new();
        for t in &p.terms {
            match self.linear_call_of(t, p.shape) {
                Some((f, inner)) => {
                    let scale = match p.shape.is_scalar() {
                        true => self.without_call(t, f),
                        false => Term { word: Factors::new(), ..t.clone() },
                    };
                    let scale = Poly::of(Shape::SCALAR, scale);
                    let inner = self.poly(inner);
                    let scaled = Rc::new(self.times(&scale, &inner));
                    let same =
                        |(g, parts): &&mut (FnId, Vec<Rc<Poly>>)| *g == f && parts[0].shape == scaled.shape;
                    match groups.iter_mut().find(same) {
                        Some((_, parts)) => parts.push(scaled),
                        None => groups.push((f, vec![scaled])),
                    }
                }
                None => rest.push(t.clone()),
            }
        }
        if groups.iter().all(|(_, parts)| parts.len() < 2) {
            return None;
        }
        let mut sum = Poly { shape: p.shape, terms: rest };
        for (f, parts) in groups {
            let inner = self.add(parts[0].shape, &parts);
            if self.has_differential(&inner) {
                return None;
            }
            let letter = self.as_letter(&inner);
            let (scale, id) = self.letter_of(&letter)?;
            let call = self.graph.add(Op::Call(f), [id]);
            let call = self.atom(call);
            sum.terms.extend(self.times(&scale, &call).terms);
        }
        Some(sum.collected(self.graph))
    }

    /// The scalar part and the node of a letter.
    fn letter_of(&mut self, p: &Poly) -> Option<(Poly, Id)> {
        let [t] = p.terms.as_slice() else { return None };
        let scale = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
        let id = self.write_word(&t.word);
        Some((scale, id))
    }

    /// The function and its argument of a term that is one call of a linear function, up to scalars.
    fn linear_call_of(&self, t: &Term, shape: Shape) -> Option<(FnId, Id)> {
        let factors = if shape.is_scalar() { &t.scalars } else { &t.word };
        let call = |f: &Factor| match self.graph.op(f.base) {
            Op::Call(g) if f.exponent == self.one && self.graph.args(f.base).len() == 1 => {
                let linear = self.graph.catalog().entry(*g).adjoints.len() == 1;
                linear.then(|| (*g, self.graph.args(f.base)[0]))
            }
            _ => None,
        };
        match (factors.as_slice(), shape.is_scalar()) {
            ([f], false) => call(f),
            (many, true) => {
                let mut found = many.iter().filter_map(call);
                let first = found.next()?;
                found.next().is_none().then_some(first)
            }
            _ => None,
        }
    }

    fn without_call(&self, t: &Term, f: FnId) -> Term {
        let mut scalars = t.scalars.clone();
        scalars
            .retain(|s| !matches!(self.graph.op(s.base), Op::Call(g) if *g == f && s.exponent == self.one));
        Term { scalars, word: Factors::new(), ..t.clone() }
    }

    /// Vectors with a common last factor that hides in a scalar or an elementwise product:
    /// `(b^T x) a + (a^T x) b` as `(a b^T + b a^T) x`, `s .* g - (s^T g) s` as `(diag(s) - s s^T) g`.
    fn unfolded(&mut self, p: &Poly) -> Option<Poly> {
        let long = p.terms.len() > 32 || p.terms.iter().any(|t| t.word.len() > 32);
        if !p.shape.is_column() || p.shape.is_scalar() || long || self.has_differential(p) {
            return None;
        }
        let rows: Vec<Vec<Unfolded>> = p.terms.iter().map(|t| self.unfoldings(t)).collect();
        let mut suffixes: Vec<Factors> = Vec::new();
        for u in rows.iter().flatten() {
            if !suffixes.contains(&u.suffix) {
                suffixes.push(u.suffix.clone());
            }
        }
        let count = |s: &Factors| rows.iter().filter(|r| r.iter().any(|u| u.suffix == *s)).count();
        let best = suffixes.into_iter().max_by_key(|s| (count(s), s.len()))?;
        let n = count(&best);
        let hidden = rows.iter().flatten().any(|u| u.suffix == best && u.hidden);
        if n < 2 || !hidden {
            return None;
        }
        let width = self.word_shape(&best).rows;
        let (mut heads, mut rest) = (Vec::new(), Vec::new());
        for (t, row) in p.terms.iter().zip(&rows) {
            match row.iter().find(|u| u.suffix == best) {
                Some(u) => heads.push(Rc::new(u.head.clone())),
                None => rest.push(t.clone()),
            }
        }
        let shape = Shape::new(p.shape.rows, width);
        let sum = self.add(shape, &heads);
        let letter = self.as_letter(&sum);
        let suffix = self.word_poly_of(&best);
        let product = self.times(&letter, &suffix);
        let mut terms = product.terms;
        terms.extend(rest);
        Some(Poly { shape: p.shape, terms }.collected(self.graph))
    }

    /// The ways to read a column-shaped term as a matrix times a vector.
    fn unfoldings(&mut self, t: &Term) -> Vec<Unfolded> {
        let mut found = Vec::new();
        let scale = |scalars: Factors, t: &Term| {
            let term = Term { coefficient: t.coefficient.clone(), scalars, word: Factors::new() };
            Poly::of(Shape::SCALAR, term)
        };
        if let Some((last, head)) = t.word.split_last() {
            if head.is_empty() {
                if let Op::Hadamard = self.graph.op(last.base) {
                    self.unfold_hadamard(t, last.base, &mut found);
                }
            } else {
                for cut in 1..t.word.len() {
                    let head = self.word_poly_of(&t.word[..cut]);
                    let outer = scale(t.scalars.clone(), t);
                    let head = self.times(&outer, &head);
                    found.push(Unfolded { head, suffix: t.word[cut..].into(), hidden: false });
                }
            }
        }
        for (i, f) in t.scalars.iter().enumerate() {
            if f.exponent != self.one || !matches!(self.graph.op(f.base), Op::Product) {
                continue;
            }
            let mut scalars = t.scalars.clone();
            scalars.remove(i);
            let outer = scale(scalars, t);
            let letters = self.letters(f.base);
            let turned = self.turn(&letters);
            for (word, sign) in [(letters, Number::ONE), (turned.word, turned.coefficient)] {
                for cut in 1..word.len() {
                    let row = self.word_poly_of(&word[..cut]);
                    let column = self.word_poly_of(&t.word);
                    let head =
                        self.product(&[Rc::new(outer.clone()), Rc::new(column), Rc::new(row)]).scaled(&sign);
                    found.push(Unfolded { head, suffix: word[cut..].into(), hidden: true });
                }
            }
        }
        found
    }

    fn unfold_hadamard(&mut self, t: &Term, id: Id, found: &mut Vec<Unfolded>) {
        let factors = self.hadamard_factors(id);
        for (i, (base, exponent)) in factors.iter().enumerate() {
            if *exponent != self.one {
                continue;
            }
            let mut others = factors.clone();
            others.remove(i);
            let shape = self.graph.shape(id);
            let u = self.hadamard_of(shape, &others);
            let d = self.diagonal(&u);
            let outer = Poly::of(Shape::SCALAR, Term { word: Factors::new(), ..t.clone() });
            let head = self.times(&outer, &d);
            let suffix = self.letters(*base);
            found.push(Unfolded { head, suffix, hidden: true });
        }
    }

    /// Sums of the function that stand inside a longer sum: `2 W x + 2 c + y` as `2 (W x + c) + y`.
    pub(super) fn with_sums_of(&mut self, p: &Poly, sums: &[Rc<Poly>]) -> Vec<Poly> {
        let mut found = Vec::new();
        for sum in sums {
            if sum.shape != p.shape || sum.terms.len() >= p.terms.len() {
                continue;
            }
            let place = |s: &Term| p.terms.iter().position(|t| t.same_monomial(s));
            let places: Option<Vec<usize>> = sum.terms.iter().map(place).collect();
            let Some(places) = places else { continue };
            let ratio = |(s, i): (&Term, &usize)| {
                p.terms[*i].coefficient.clone() * s.coefficient.recip().unwrap_or(Number::ONE)
            };
            let mut ratios = sum.terms.iter().zip(&places).map(ratio);
            let Some(first) = ratios.next() else { continue };
            if !ratios.all(|r| r == first) {
                continue;
            }
            let letter = self.as_letter(sum).scaled(&first);
            let rest =
                p.terms.iter().enumerate().filter(|(i, _)| !places.contains(i)).map(|(_, t)| t.clone());
            let terms = letter.terms.into_iter().chain(rest).collect();
            found.push(Poly { shape: p.shape, terms }.collected(self.graph));
        }
        found
    }

    /// One round of taking out: every group of two or more terms becomes one term.
    fn take_out(&mut self, p: &Poly, share: Share) -> Option<Poly> {
        if p.terms.len() < 2 {
            return None;
        }
        let rows: Vec<Row> = p.terms.iter().map(|t| self.row(t)).collect();
        let groups = self.groups(&rows, share)?;
        self.merge_groups(p, &rows, groups, share)
    }

    fn merge_groups(&mut self, p: &Poly, rows: &[Row], groups: Vec<Group>, share: Share) -> Option<Poly> {
        let mut terms = Vec::with_capacity(groups.len());
        let mut changed = false;
        for group in groups {
            let merged = match group.members.as_slice() {
                [_] => None,
                members => {
                    let members: Vec<&Row> = members.iter().map(|i| &rows[*i]).collect();
                    self.merge(&members, &group.key, share, p.shape)
                }
            };
            match merged {
                Some(t) => {
                    changed = true;
                    terms.extend(t);
                }
                None => terms.extend(group.members.iter().map(|i| p.terms[*i].clone())),
            }
        }
        changed
            .then(|| Poly { shape: p.shape, terms }.collected(self.graph))
            .filter(|q| q.terms.len() < p.terms.len())
    }

    /// A term seen as scalars and one word: of a scalar term, the word that holds the differential, else its
    /// only word.
    fn row(&mut self, t: &Term) -> Row {
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
    pub(super) fn letters(&self, id: Id) -> Factors {
        match self.graph.op(id) {
            Op::Product => self.graph.args(id).iter().map(|a| self.as_power(*a)).collect(),
            _ => Factors::from_slice(&[self.as_power(id)]),
        }
    }

    /// Terms by what they share, in the order of first appearance.
    fn groups(&mut self, rows: &[Row], share: Share) -> Option<Vec<Group>> {
        if share == Share::Scalar {
            return self.scalar_groups(rows, &[]);
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut places: FxHashMap<Key, usize> = FxHashMap::default();
        for (i, row) in rows.iter().enumerate() {
            let key = match (share, row.frame) {
                (Share::Word, _) if !row.word.is_empty() => Key::Word(row.word.clone(), row.frame),
                (Share::Suffix, _) if row.word.len() > usize::from(row.frame != Frame::Scalar) => {
                    row.word.last().map_or(Key::Alone(i), |f| Key::Letter(*f, row.frame))
                }
                // A trace turns until its differential is last: there is no first letter.
                (Share::Prefix, Frame::Word | Frame::Scalar) if row.word.len() > 1 => {
                    row.word.first().map_or(Key::Alone(i), |f| Key::Letter(*f, row.frame))
                }
                (Share::Suffix | Share::Prefix, Frame::Word) if row.word.len() == 1 => {
                    Key::Letter(row.word[0], row.frame)
                }
                _ => Key::Alone(i),
            };
            match places.get(&key) {
                Some(g) => groups[*g].members.push(i),
                None => {
                    places.insert(key.clone(), groups.len());
                    groups.push(Group { key, members: vec![i] });
                }
            }
        }
        (groups.len() < rows.len()).then_some(groups)
    }

    /// The scalar factor that most terms share; the rest stays alone.
    fn scalar_groups(&mut self, rows: &[Row], skip: &[Id]) -> Option<Vec<Group>> {
        let mut counts: Vec<(Factor, usize)> = Vec::new();
        let mut places: FxHashMap<Id, usize> = FxHashMap::default();
        for row in rows {
            for f in &row.scalars {
                match places.get(&f.base) {
                    Some(i) if self.opposed(counts[*i].0.exponent, f.exponent) => {}
                    Some(i) => {
                        counts[*i].1 += 1;
                        let (kept, exponent) = (counts[*i].0.exponent, f.exponent);
                        counts[*i].0.exponent = self.nearer_to_zero(kept, exponent);
                    }
                    None => {
                        places.insert(f.base, counts.len());
                        counts.push((*f, 1));
                    }
                }
            }
        }
        let mut best: Option<(Factor, usize)> = None;
        for (f, n) in counts {
            if n >= 2 && !skip.contains(&f.base) && best.is_none_or(|(_, m)| n > m) {
                best = Some((f, n));
            }
        }
        let (shared, _) = best?;
        let mut groups = vec![Group { key: Key::Scalar(shared), members: Vec::new() }];
        for (i, row) in rows.iter().enumerate() {
            let shares = |f: &Factor| f.base == shared.base && !self.opposed(f.exponent, shared.exponent);
            if row.scalars.iter().any(shares) {
                groups[0].members.push(i);
            } else {
                groups.push(Group { key: Key::Alone(i), members: vec![i] });
            }
        }
        Some(groups)
    }

    /// Whether one exponent multiplies and the other divides.
    fn opposed(&self, a: Id, b: Id) -> bool {
        match (self.graph.number(a), self.graph.number(b)) {
            (Some(m), Some(n)) => m.is_negative() != n.is_negative(),
            _ => false,
        }
    }

    /// The sum with a scalar factor taken out that is not the commonest one.
    fn other_scalars(&mut self, p: &Poly) -> Vec<Poly> {
        let rows: Vec<Row> = p.terms.iter().map(|t| self.row(t)).collect();
        let (mut skip, mut found) = (Vec::new(), Vec::new());
        while found.len() < 4
            && let Some(groups) = self.scalar_groups(&rows, &skip)
        {
            let Some(Key::Scalar(shared)) = groups.first().map(|g| g.key.clone()) else { break };
            if !skip.is_empty()
                && let Some(form) = self.merge_groups(p, &rows, groups, Share::Scalar)
            {
                found.push(form);
            }
            skip.push(shared.base);
        }
        found
    }

    /// Of two exponents the one that all terms can give up: the smaller in size, where both have one sign.
    fn nearer_to_zero(&self, a: Id, b: Id) -> Id {
        match (self.graph.number(a), self.graph.number(b)) {
            (Some(m), Some(n)) if n.abs() < m.abs() => b,
            _ => a,
        }
    }

    /// The members of a group as one term.
    fn merge(&mut self, members: &[&Row], key: &Key, share: Share, shape: Shape) -> Option<Vec<Term>> {
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
            (Key::Letter(letter, frame), Share::Suffix | Share::Prefix) => {
                self.merge_by_letter(members, *letter, *frame, share, shape)
            }
            _ => None,
        }
    }

    fn merge_by_scalar(&mut self, members: &[&Row], shared: Factor, shape: Shape) -> Option<Vec<Term>> {
        let minus = self.graph.int(-1);
        let negated = self.multiply_exponents(shared.exponent, minus);
        let inverse = Factor { base: shared.base, exponent: negated };
        let mut terms = Vec::new();
        for r in members {
            let scalars = self.merge_scalars(&r.scalars, &[inverse]);
            let whole = self.frame_poly(&r.word, r.frame);
            let scale = Poly::of(
                Shape::SCALAR,
                Term { coefficient: r.coefficient.clone(), scalars, word: Factors::new() },
            );
            terms.extend(self.times(&scale, &whole).terms);
        }
        let sum = Poly { shape, terms }.collected(self.graph);
        if self.has_differential(&sum) && !self.graph_is_linear(shared.base) {
            return self.only_words_vary(&sum).then(|| self.scaled_letter(shared, &sum));
        }
        Some(self.scaled_letter(shared, &sum))
    }

    fn scaled_letter(&mut self, shared: Factor, sum: &Poly) -> Vec<Term> {
        let letter = self.as_letter(sum);
        let scalars = Factors::from_slice(&[shared]);
        let scale = Poly::of(Shape::SCALAR, Term { coefficient: Number::ONE, scalars, word: Factors::new() });
        self.times(&scale, &letter).terms
    }

    /// Whether a sum with a differential is scalar: `x^T A dx + b^T dx` may stand behind a common factor, an
    /// operator on matrices stays a sum.
    fn only_words_vary(&mut self, sum: &Poly) -> bool {
        sum.shape.is_scalar()
    }

    fn merge_by_letter(
        &mut self,
        members: &[&Row],
        letter: Factor,
        frame: Frame,
        share: Share,
        shape: Shape,
    ) -> Option<Vec<Term>> {
        let own = self.graph.shape(letter.base);
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
                Share::Suffix => r.word[..n - 1].into(),
                _ => r.word[1..].into(),
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
        let alone = self.word_poly_of(&[letter]);
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
    fn unit(&mut self, shape: Shape) -> Option<Poly> {
        if shape.is_scalar() {
            return Some(Poly::number(Number::ONE));
        }
        if !shape.is_square() {
            return None;
        }
        let identity = self.graph.identity(shape.rows);
        Some(self.atom(identity))
    }

    fn frame_poly(&mut self, word: &Factors, frame: Frame) -> Poly {
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

    fn has_differential(&mut self, p: &Poly) -> bool {
        p.terms.iter().any(|t| t.scalars.iter().chain(&t.word).any(|f| self.is_linear(f.base)))
    }

    fn word_is_linear(&mut self, word: &[Factor]) -> bool {
        word.iter().any(|f| self.is_linear(f.base))
    }

    fn graph_is_linear(&mut self, id: Id) -> bool {
        self.is_linear(id)
    }
}

/// How a row's word stands in its term.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Frame {
    /// As the word itself.
    Word,
    /// As a 1×1 factor.
    Scalar,
    /// Under a trace.
    Trace,
}

/// A column read as a matrix times a vector.
struct Unfolded {
    head: Poly,
    suffix: Factors,
    /// Whether the vector was hidden in a scalar or in an elementwise product.
    hidden: bool,
}

struct Row {
    coefficient: Number,
    scalars: Factors,
    word: Factors,
    frame: Frame,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Letter(Factor, Frame),
    Word(Factors, Frame),
    Scalar(Factor),
    Alone(usize),
}

struct Group {
    key: Key,
    members: Vec<usize>,
}
