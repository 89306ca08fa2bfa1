//! Expressions as trees that can be written in more than one way and cut down.
//!
//! In: what the generator drew. Out: text of the language; smaller trees of the same shape.
//! Invariant: every way of writing a tree means the same up to the names of variables.

use std::collections::BTreeSet;

/// Rows and columns: `1`, a number, or the name of a dimension.
pub type Shape = (&'static str, &'static str);

/// What stands at a node.
#[derive(Clone, PartialEq, Debug)]
pub enum Head {
    /// A variable of [`VARIABLES`](super::generate::VARIABLES), by its place.
    Variable(usize),
    /// A constant.
    Text(String),
    /// A sum; which summands are subtracted.
    Sum(Vec<bool>),
    /// Operands with an operator between them.
    Infix(&'static str),
    /// A call: the function with its dot, and arguments that come after the operands.
    Call(String, &'static str),
    /// Something after the operand: `^T`.
    Suffix(&'static str),
}

/// An expression with its shape.
#[derive(Clone, PartialEq, Debug)]
pub struct Tree {
    pub head: Head,
    pub parts: Vec<Tree>,
    pub shape: Shape,
}

/// How a tree is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Manner {
    /// Summands in reverse order.
    pub reversed: bool,
    /// Variables under other names.
    pub renamed: bool,
}

/// The name of a variable in a manner of writing; renaming turns the alphabetical order around.
pub fn name(place: usize, manner: Manner) -> String {
    let (name, _, _) = super::generate::VARIABLES[place];
    match manner.renamed {
        true => format!("{}{}", &name[..1], 90 - place),
        false => name.to_owned(),
    }
}

impl Tree {
    pub fn text(&self, manner: Manner) -> String {
        let part = |i: usize| self.parts[i].text(manner);
        match &self.head {
            Head::Variable(place) => name(*place, manner),
            Head::Text(text) => text.clone(),
            Head::Sum(minus) => {
                let mut order: Vec<usize> = (0..self.parts.len()).collect();
                if manner.reversed {
                    order.reverse();
                }
                let mut text = String::from("(");
                for (k, i) in order.into_iter().enumerate() {
                    text += match (k, minus[i]) {
                        (0, true) => "-",
                        (0, false) => "",
                        (_, true) => " - ",
                        (_, false) => " + ",
                    };
                    text += &part(i);
                }
                text + ")"
            }
            Head::Infix(operator) => {
                let parts: Vec<String> = (0..self.parts.len()).map(part).collect();
                format!("({})", parts.join(operator))
            }
            Head::Call(f, more) => {
                let parts: Vec<String> = (0..self.parts.len()).map(part).collect();
                format!("{f}({}{more})", parts.join(", "))
            }
            Head::Suffix(after) => match self.parts[0].head {
                Head::Suffix(_) => format!("({}){after}", part(0)),
                _ => format!("{}{after}", part(0)),
            },
        }
    }

    /// The variables in it, by their places.
    pub fn variables(&self) -> BTreeSet<usize> {
        let own = match self.head {
            Head::Variable(place) => BTreeSet::from([place]),
            _ => BTreeSet::new(),
        };
        self.parts.iter().fold(own, |all, p| &all | &p.variables())
    }

    /// Trees of the same shape with one node replaced by something below it, summands or factors left out.
    pub fn smaller(&self) -> Vec<Tree> {
        let mut found: Vec<Tree> = vec![];
        self.descendants(&mut |t| {
            if t.shape == self.shape && t != self {
                found.push(t.clone());
            }
        });
        if let (Head::Sum(minus), true) = (&self.head, self.parts.len() > 2) {
            for i in 0..self.parts.len() {
                let (mut less, mut minus) = (self.clone(), minus.clone());
                less.parts.remove(i);
                minus.remove(i);
                less.head = Head::Sum(minus);
                found.push(less);
            }
        }
        for (i, part) in self.parts.iter().enumerate() {
            for replaced in part.smaller() {
                let mut whole = self.clone();
                whole.parts[i] = replaced;
                found.push(whole);
            }
            if !part.parts.is_empty() {
                for leaf in super::generate::leaves(part.shape).take(2) {
                    let mut whole = self.clone();
                    whole.parts[i] = leaf;
                    found.push(whole);
                }
            }
        }
        found
    }

    fn descendants(&self, visit: &mut impl FnMut(&Tree)) {
        visit(self);
        self.parts.iter().for_each(|p| p.descendants(visit));
    }
}
