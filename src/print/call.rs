//! The layout of leaves and calls.
//!
//! In: a node without operator signs and its place. Out: the tasks that print it.
//! Invariant: a function's own notation comes from its entry in the catalogue, nowhere else.

use crate::expr::{Dim, FnId, Id, Op};

use super::Style;
use super::layout::{Place, Printer, Task, loose, say};
use super::name::{differential, escape, name};
use super::operator::{Level, brackets, notation, number};
use super::template::{Piece, pieces};

impl Printer<'_> {
    pub(super) fn leaf_or_call(&self, place: Place, line: &mut Vec<Task>) {
        let (graph, id, style) = (self.graph, place.id, self.style);
        let args = graph.args(id);
        let dim = |d: &Dim| self.dim(*d);
        match graph.op(id) {
            Op::Var(v) => line.push(Task::Text(name(&graph.variable(*v).name, style).into())),
            Op::Differential(v) => {
                line.push(Task::Text(differential(&graph.variable(*v).name, style).into()));
            }
            Op::Num(n) => line.push(Task::Text(number(n, style).into())),
            Op::Size(d) => line.push(Task::Text(dim(d).into())),
            Op::Identity(n) => line.push(Task::Text(self.identity(*n, place.fixed).into())),
            Op::Ones(r, c) => line.push(Task::Text(self.sized("ones", "\\mathbf{1}", *r, *c).into())),
            Op::Zeros(..) if style == Style::Latex || graph.shape(id).is_scalar() => line.push(say("0")),
            Op::Zeros(r, c) => line.push(Task::Text(self.sized("zeros", "0", *r, *c).into())),
            Op::Commutation(m, n) if style == Style::Latex => {
                line.push(Task::Text(format!("K_{{{}, {}}}", dim(m), dim(n)).into()));
            }
            Op::Commutation(m, n) => line.push(Task::Text(format!("K({}, {})", dim(m), dim(n)).into())),
            Op::Unit(_) if style == Style::Latex => {
                line.extend([say("e_{"), loose(args[0]), say("}")]);
            }
            Op::Unit(n) => {
                let end = format!(", {})", dim(n));
                line.extend([say("e("), loose(args[0]), Task::Text(end.into())]);
            }
            Op::Map(f) | Op::Call(f) => self.call(id, *f, line),
            Op::Frechet(f) => {
                let head =
                    format!("{}{}{}, ", self.word("frechet"), self.open(), self.word(&self.entry_name(*f)));
                self.list(head, args, line);
            }
            Op::Apply(f, order) => self.abstract_call(&graph.function(*f).name, *order, "", args, line),
            Op::ApplyMap(f, order) => {
                let dot = if graph.shape(id).is_scalar() || style == Style::Latex { "" } else { "." };
                self.abstract_call(&graph.function(*f).name, *order, dot, args, line);
            }
            Op::ApplyAlong(f, order) => {
                let (at, along) = args.split_at(1.min(args.len()));
                self.abstract_call(&graph.function(*f).name, *order, "", at, line);
                let (open, close) = if style == Style::Latex { ("\\left[", "\\right]") } else { ("[", "]") };
                line.push(say(open));
                self.commas(along, line);
                line.push(say(close));
            }
            Op::BoundedSum => self.bounded_sum(args, line),
            _ => line.push(say("?")),
        }
    }

    fn bounded_sum(&self, args: &[Id], line: &mut Vec<Task>) {
        match (self.style, args) {
            (Style::Latex, [r, lo, hi, body]) => {
                line.extend([
                    say("\\sum_{"),
                    loose(*r),
                    say("="),
                    loose(*lo),
                    say("}^{"),
                    loose(*hi),
                    say("} "),
                ]);
                line.push(Task::Node(Place { min: Level::Times, ..Place::tight(*body) }));
            }
            _ => self.list("sum(".into(), args, line),
        }
    }

    fn entry_name(&self, f: FnId) -> String {
        self.graph.catalog().entry(f).name.clone()
    }

    /// A dimension in this notation.
    fn dim(&self, d: Dim) -> String {
        let text = self.graph.dims.text(d);
        text.split(' ').map(|word| name(word, self.style)).collect::<Vec<_>>().join(" ")
    }

    fn identity(&self, n: Dim, fixed: bool) -> String {
        let n = self.dim(n);
        match self.style {
            Style::Latex if fixed => "I".into(),
            Style::Latex => format!("I_{{{n}}}"),
            _ if self.hidden_identity => format!("diag(ones({n}))"),
            _ if fixed => "I".into(),
            _ => format!("I({n})"),
        }
    }

    fn sized(&self, word: &str, latex: &str, r: Dim, c: Dim) -> String {
        let (r, one, c) = (self.dim(r), c == Dim::ONE, self.dim(c));
        match (self.style, one) {
            (Style::Latex, true) => format!("{latex}_{{{r}}}"),
            (Style::Latex, false) => format!("{latex}_{{{r} \\times {c}}}"),
            (_, true) => format!("{word}({r})"),
            (_, false) => format!("{word}({r}, {c})"),
        }
    }

    /// A function's name where the catalogue gives no notation.
    fn word(&self, word: &str) -> String {
        if self.style == Style::Latex {
            format!("\\operatorname{{{}}}", escape(word))
        } else {
            word.to_owned()
        }
    }

    fn open(&self) -> &'static str {
        brackets(self.style).0
    }

    fn commas(&self, args: &[Id], line: &mut Vec<Task>) {
        for (i, id) in args.iter().enumerate() {
            if i > 0 {
                line.push(say(", "));
            }
            line.push(loose(*id));
        }
    }

    /// `head`, the arguments with commas, a closing bracket.
    fn list(&self, head: String, args: &[Id], line: &mut Vec<Task>) {
        line.push(Task::Text(head.into()));
        self.commas(args, line);
        line.push(say(brackets(self.style).1));
    }

    fn abstract_call(&self, f: &str, order: u8, dot: &str, args: &[Id], line: &mut Vec<Task>) {
        let primes = "'".repeat(usize::from(order));
        self.list(format!("{}{primes}{dot}{}", name(f, self.style), self.open()), args, line);
    }

    fn call(&self, id: Id, f: FnId, line: &mut Vec<Task>) {
        let args = self.graph.args(id);
        let dotted = matches!(self.graph.op(id), Op::Map(_)) && !self.graph.shape(id).is_scalar();
        let entry = self.graph.catalog().entry(f);
        let Some(template) = notation(self.graph, id, f, self.style) else {
            let dot = if dotted && self.style != Style::Latex { "." } else { "" };
            return self.list(format!("{}{dot}{}", self.word(&entry.name), self.open()), args, line);
        };
        let parameters: Vec<&str> = entry.parameters.iter().map(|p| p.name.as_str()).collect();
        let mut pieces = pieces(template, &parameters).into_iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Text(text) => line.push(Task::Text(text.into())),
                Piece::Argument { index, delimited } => {
                    let Some(id) = args.get(index) else { continue };
                    // `{A}^{+}` of a transpose is `(A^T)^{+}`.
                    let raised = matches!(pieces.peek(), Some(Piece::Text(t)) if t.starts_with(is_raised));
                    line.push(match (delimited, raised) {
                        (true, _) => loose(*id),
                        (false, true) => Task::Node(Place { min: Level::Atom, ..Place::tight(*id) }),
                        (false, false) => Task::Node(Place::tight(*id)),
                    });
                }
            }
        }
    }
}

/// Whether a notation goes on with a superscript.
fn is_raised(c: char) -> bool {
    matches!(c, '^' | '⁺' | '⁻' | 'ᵀ')
}
