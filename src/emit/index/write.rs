//! Components as text.
//!
//! In: a [`Component`]. Out: Unicode. Invariant: the letters of sums next to one another are the same, those of a sum
//! within another are not. Example: `Σⱼ (Aₖⱼ + Aⱼₖ) xⱼ`.

use super::FREE;
use super::component::{Component, Index};
use crate::expr::Dim;
use crate::print::{Style, name};

/// Letters for sums, in the order they are taken: where there are free indices, and where there are none.
const BESIDE_FREE: &str = "jiklprstuv";
const ALONE: &str = "ijklprstuv";

/// How tightly a text is bound.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Sum,
    Product,
    Factor,
    Atom,
}

/// Writes components.
pub(super) struct Writer {
    letters: Vec<(u32, char)>,
    pool: &'static str,
}

impl Writer {
    /// A writer for a component with these free indices.
    pub(super) fn new(free: &[(Index, Dim)]) -> Writer {
        let named = |(i, _): &(Index, Dim)| match i {
            Index::Letter(n) => FREE.get(*n as usize).map(|c| (*n, *c)),
            Index::At(_) => None,
        };
        let letters: Vec<(u32, char)> = free.iter().filter_map(named).collect();
        let pool = if letters.is_empty() { ALONE } else { BESIDE_FREE };
        Writer { letters, pool }
    }

    /// The text of a component.
    pub(super) fn write(&mut self, c: &Component) -> String {
        self.level(c, Level::Sum)
    }

    fn level(&mut self, c: &Component, least: Level) -> String {
        let (text, level) = self.text(c);
        if level < least { format!("({text})") } else { text }
    }

    fn text(&mut self, c: &Component) -> (String, Level) {
        match c {
            Component::Number(n) if n.is_negative() => (n.to_string(), Level::Sum),
            Component::Number(n) => (n.to_string(), if n.is_integer() { Level::Atom } else { Level::Factor }),
            Component::Entry(base, indices) => {
                let indices: String = indices.iter().map(|i| self.index(*i)).collect();
                (format!("{base}{indices}"), Level::Atom)
            }
            Component::Size(_, text) => {
                (text.clone(), if text.contains(' ') { Level::Sum } else { Level::Atom })
            }
            Component::Delta(a, b) => (format!("δ{}{}", self.index(*a), self.index(*b)), Level::Atom),
            Component::Sum(parts) => (self.sum(parts), Level::Sum),
            Component::Product(parts) => self.product(parts),
            Component::Quotient(a, b) => {
                let (a, b) = (self.level(a, Level::Product), self.level(b, Level::Atom));
                (format!("{a} / {b}"), Level::Product)
            }
            Component::Power(a, k) => {
                let base = self.level(a, Level::Atom);
                (format!("{base}{}", exponent(k)), Level::Factor)
            }
            Component::Call(f, a) => {
                let inner = self.level(a, Level::Sum);
                (format!("{f}({inner})"), Level::Atom)
            }
            Component::Total(index, _, body) => {
                let letter = self.take(*index);
                let body = self.level(body, Level::Product);
                self.letters.pop();
                (format!("Σ{} {body}", subscript(&letter.to_string())), Level::Product)
            }
        }
    }

    /// The next letter that is not in use here.
    fn take(&mut self, index: u32) -> char {
        let free = self.pool.chars().find(|c| self.letters.iter().all(|(_, used)| used != c));
        let letter = free.unwrap_or('x');
        self.letters.push((index, letter));
        letter
    }

    fn sum(&mut self, parts: &[Component]) -> String {
        let mut text = String::new();
        for (i, part) in parts.iter().enumerate() {
            let part = self.level(part, if i == 0 { Level::Sum } else { Level::Product });
            // A product with a negative number in front, in brackets after the first.
            let negative = part.strip_prefix('-');
            match (i, negative) {
                (0, _) => text.push_str(&part),
                (_, Some(rest)) => text.push_str(&format!(" - {rest}")),
                (_, None) => text.push_str(&format!(" + {part}")),
            }
        }
        text
    }

    /// Factors; a sum over an index reaches to the end, so it stands last or in brackets.
    fn product(&mut self, parts: &[Component]) -> (String, Level) {
        let mut texts = vec![];
        let (mut sign, mut parts) = ("", parts);
        if let [Component::Number(n), rest @ ..] = parts
            && n.is_negative()
        {
            (sign, parts) = ("-", rest);
            if !n.abs().is_one() {
                texts.push(n.abs().to_string());
            }
        }
        for (i, part) in parts.iter().enumerate() {
            let last = i + 1 == parts.len();
            let bare = last && matches!(part, Component::Total(..));
            texts.push(self.level(part, if bare { Level::Product } else { Level::Factor }));
        }
        (format!("{sign}{}", texts.join(" ")), Level::Product)
    }

    fn index(&self, i: Index) -> String {
        match i {
            Index::At(n) => subscript(&n.to_string()),
            Index::Letter(n) => {
                let letter = self.letters.iter().rev().find(|(m, _)| *m == n).map_or('x', |(_, c)| *c);
                subscript(&letter.to_string())
            }
        }
    }
}

/// Text as a subscript.
pub(super) fn subscript(text: &str) -> String {
    const LETTERS: &[(char, char)] = &[
        ('i', 'ᵢ'),
        ('j', 'ⱼ'),
        ('k', 'ₖ'),
        ('l', 'ₗ'),
        ('p', 'ₚ'),
        ('r', 'ᵣ'),
        ('s', 'ₛ'),
        ('t', 'ₜ'),
        ('u', 'ᵤ'),
        ('v', 'ᵥ'),
        ('x', 'ₓ'),
    ];
    let low = |c: char| match c.to_digit(10) {
        Some(d) => char::from_u32(0x2080 + d).unwrap_or(c),
        None => LETTERS.iter().find(|(letter, _)| *letter == c).map_or(c, |(_, low)| *low),
    };
    text.chars().map(low).collect()
}

/// Components in ASCII: `df/dx_k = sum_j (A_kj + A_jk) x_j`.
pub fn ascii(text: &str) -> String {
    const HIGH: &[(char, &str)] =
        &[('ᵀ', "T"), ('⁻', "-"), ('⁰', "0"), ('¹', "1"), ('²', "2"), ('³', "3"), ('⁺', "+")];
    const PLAIN: &[(char, &str)] = &[
        ('∂', "d"),
        ('δ', "delta"),
        ('⊗', "kron"),
        ('⊙', ".*"),
        ('′', "'"),
        ('‖', "||"),
        ('×', "x"),
        ('−', "-"),
    ];
    let find =
        |table: &[(char, &str)], c: char| table.iter().find(|(k, _)| *k == c).map(|(_, v)| (*v).to_owned());
    let low = |c: char| "0123456789ijklprstuvx".chars().find(|l| subscript(&l.to_string()) == c.to_string());
    let high = |c: char| {
        let digit = ('⁴'..='⁹').position(|d| d == c).map(|d| (d + 4).to_string());
        find(HIGH, c).or(digit)
    };
    let (mut out, mut run) = (String::new(), ' ');
    for c in text.chars() {
        let (kind, said) = match (low(c).filter(|l| *l != c), high(c)) {
            (Some(letter), _) => ('_', letter.to_string()),
            (_, Some(said)) => ('^', said),
            _ if c == 'Σ' => (' ', "sum".into()),
            _ => (' ', find(PLAIN, c).unwrap_or_else(|| name(&c.to_string(), Style::Ascii))),
        };
        if kind != ' ' && kind != run {
            out.push(kind);
        }
        out.push_str(&said);
        run = kind;
    }
    out
}

/// An exponent: `²`, `^k`, `^(-1/2)`.
fn exponent(k: &str) -> String {
    match k {
        "1" => String::new(),
        "2" => "²".into(),
        "3" => "³".into(),
        k if k.chars().all(char::is_alphanumeric) => format!("^{k}"),
        k => format!("^({k})"),
    }
}
