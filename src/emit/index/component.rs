//! Components: scalar expressions with indices.
//!
//! In: entries, sums, products. Out: the same without zeros, ones and contracted Kronecker deltas.
//! Invariant: an index is bound by at most one sum. Depth is bounded by the number of nodes that are admitted.
//! Example: `Σⱼ Aᵢⱼ δⱼₖ` becomes `Aᵢₖ`.

use crate::expr::{Dim, Number};

/// An index: a letter, free or bound by a sum, or a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Index {
    /// A letter.
    Letter(u32),
    /// A place, counted from 1.
    At(i64),
}

/// A scalar expression.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Component {
    /// A number.
    Number(Number),
    /// An entry of something, with as many indices as it has sides.
    Entry(String, Vec<Index>),
    /// The size of a dimension.
    Size(Dim, String),
    /// 1 where both are equal, else 0.
    Delta(Index, Index),
    /// A sum.
    Sum(Vec<Component>),
    /// A product.
    Product(Vec<Component>),
    /// A quotient.
    Quotient(Box<Component>, Box<Component>),
    /// A power, with its exponent as text.
    Power(Box<Component>, String),
    /// A function of a scalar.
    Call(String, Box<Component>),
    /// A sum over an index.
    Total(u32, Dim, Box<Component>),
}

use Component::{Call, Delta, Entry, Power, Product, Quotient, Size, Sum, Total};

impl Component {
    pub(super) fn int(n: i64) -> Component {
        Component::Number(Number::from(n))
    }

    pub(super) fn is_zero(&self) -> bool {
        matches!(self, Component::Number(n) if n.is_zero())
    }

    /// A sum without zeros.
    pub(super) fn sum(parts: impl IntoIterator<Item = Component>) -> Component {
        let mut kept: Vec<Component> = vec![];
        for part in parts {
            match part {
                Sum(inner) => kept.extend(inner),
                part if part.is_zero() => {}
                part => kept.push(part),
            }
        }
        match kept.pop() {
            None => Component::int(0),
            Some(one) if kept.is_empty() => one,
            Some(last) => {
                kept.push(last);
                Sum(kept)
            }
        }
    }

    /// A product with one number in front, and the power of what is in it more than once.
    pub(super) fn product(parts: impl IntoIterator<Item = Component>) -> Component {
        let (mut number, mut powers) = (Number::from(1), Vec::<(Component, i64)>::new());
        for part in parts {
            let inner = if let Product(inner) = part { inner } else { vec![part] };
            for part in inner {
                let (base, k) = match part {
                    Component::Number(n) => {
                        number = number * n;
                        continue;
                    }
                    Power(base, k) => match k.parse() {
                        Ok(k) => (*base, k),
                        Err(_) => (Power(base, k), 1),
                    },
                    part => (part, 1),
                };
                match powers.iter_mut().find(|(known, _)| *known == base) {
                    // A delta is 0 or 1, and so is each of its powers.
                    Some(_) if matches!(base, Delta(..)) => {}
                    Some((_, times)) => *times += k,
                    None => powers.push((base, k)),
                }
            }
        }
        let raised = |(base, k): (Component, i64)| match k {
            1 => base,
            k => Power(Box::new(base), k.to_string()),
        };
        let mut kept: Vec<Component> = powers.into_iter().filter(|(_, k)| *k != 0).map(raised).collect();
        if number.is_zero() || kept.is_empty() {
            return Component::Number(number);
        }
        if !number.is_one() {
            kept.insert(0, Component::Number(number));
        }
        match kept.pop() {
            Some(one) if kept.is_empty() => one,
            last => {
                kept.extend(last);
                Product(kept)
            }
        }
    }

    /// The sum of a body over an index; a delta of it is contracted.
    pub(super) fn total(index: u32, over: Dim, size: &dyn Fn() -> Component, body: Component) -> Component {
        if !body.mentions(index) {
            return Component::product([size(), body]);
        }
        let factors = match body.with_inner_sum_outside(index) {
            // Where the delta stands within another sum, that one is taken outside.
            Total(inner, of, body) if body.delta_within(index) => {
                return Total(inner, of, Box::new(Component::total(index, over, size, *body)));
            }
            // Where a delta stands in a sum, each summand is contracted by itself.
            Sum(parts) if parts.iter().any(|p| p.delta(index).is_some()) => {
                let each = parts.into_iter().map(|p| Component::total(index, over, size, p));
                return Component::sum(each);
            }
            Product(factors) => factors,
            other => vec![other],
        };
        let delta = factors.iter().position(|f| f.delta(index).is_some());
        let Some((place, to)) = delta.and_then(|i| Some((i, factors.get(i)?.delta(index)?))) else {
            let (numbers, rest): (Vec<_>, Vec<_>) =
                factors.into_iter().partition(|f| matches!(f, Component::Number(_)));
            let total = Total(index, over, Box::new(Component::product(rest)));
            return Component::product(numbers.into_iter().chain([total]));
        };
        let rest = factors.into_iter().enumerate().filter(|(i, _)| *i != place).map(|(_, f)| f);
        let mut contracted = Component::product(rest);
        contracted.substitute(index, to);
        contracted
    }

    /// A product in which a delta of a letter stands within a sum, as that sum.
    fn with_inner_sum_outside(self, index: u32) -> Component {
        let Product(mut factors) = self else { return self };
        let place = factors.iter().position(|f| matches!(f, Total(..)) && f.delta_within(index));
        match place.map(|i| factors.remove(i)) {
            Some(Total(inner, of, body)) => {
                Total(inner, of, Box::new(Component::product(factors.into_iter().chain([*body]))))
            }
            _ => Product(factors),
        }
    }

    /// Whether a factor, of sums within it as well, is a delta of this letter.
    fn delta_within(&self, index: u32) -> bool {
        let mut open = vec![self];
        while let Some(part) = open.pop() {
            match part {
                Product(parts) => open.extend(parts),
                Total(_, _, body) => open.push(body),
                other if other.delta(index).is_some() => return true,
                _ => {}
            }
        }
        false
    }

    /// The other index of a delta in this letter, also as a factor.
    fn delta(&self, index: u32) -> Option<Index> {
        let letter = Index::Letter(index);
        match self {
            Delta(a, b) if *a == letter => Some(*b),
            Delta(a, b) if *b == letter => Some(*a),
            Product(parts) => parts.iter().find_map(|p| p.delta(index)),
            _ => None,
        }
    }

    fn parts(&self) -> Vec<&Component> {
        match self {
            Sum(parts) | Product(parts) => parts.iter().collect(),
            Quotient(a, b) => vec![a, b],
            Power(a, _) | Call(_, a) | Total(_, _, a) => vec![a],
            Component::Number(_) | Entry(..) | Size(..) | Delta(..) => vec![],
        }
    }

    fn parts_mut(&mut self) -> Vec<&mut Component> {
        match self {
            Sum(parts) | Product(parts) => parts.iter_mut().collect(),
            Quotient(a, b) => vec![a, b],
            Power(a, _) | Call(_, a) | Total(_, _, a) => vec![a],
            Component::Number(_) | Entry(..) | Size(..) | Delta(..) => vec![],
        }
    }

    /// Whether a letter occurs.
    pub(super) fn mentions(&self, index: u32) -> bool {
        let letter = Index::Letter(index);
        let mut open = vec![self];
        while let Some(part) = open.pop() {
            let here = match part {
                Entry(_, indices) => indices.contains(&letter),
                Delta(a, b) => *a == letter || *b == letter,
                _ => false,
            };
            if here {
                return true;
            }
            open.extend(part.parts());
        }
        false
    }

    /// Puts another index in the place of a letter.
    pub(super) fn substitute(&mut self, index: u32, to: Index) {
        let letter = Index::Letter(index);
        let put = |i: &mut Index| *i = if *i == letter { to } else { *i };
        let mut open = vec![self];
        while let Some(part) = open.pop() {
            match part {
                Entry(_, indices) => indices.iter_mut().for_each(put),
                Delta(a, b) => [a, b].into_iter().for_each(put),
                _ => open.extend(part.parts_mut()),
            }
        }
    }
}
