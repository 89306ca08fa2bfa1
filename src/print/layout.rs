//! The one layout behind all notations.
//!
//! In: a node, a [`Style`], names for shared parts. Out: text.
//! Invariant: a form is put in brackets exactly where its [`Level`] is below what its place asks for; the
//! work left to do is a stack on the heap, so depth costs no call stack.

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::expr::{Graph, Id, Number, Op};

use super::identity::{self, Known};
use super::name::name;
use super::operator::{
    Level, brackets, closed_division, digit, exponent, is_fraction, level, negatives, number, sign,
    transposed,
};
use super::{Style, shared};

/// How many leaves and operators [`text`] writes out before it names shared parts.
pub const DEFAULT_LIMIT: usize = 20_000;

/// Control characters around marked parts, which no name and no notation holds.
const START: char = '\u{1}';
const END: char = '\u{2}';

/// A node as text. Where it is too large as a tree, shared parts are named and follow as `where t1 = …`.
pub fn text(graph: &Graph, id: Id, style: Style) -> String {
    let parts = shared(graph, &[id], DEFAULT_LIMIT);
    let printer = Printer::new(graph, style, &[id], &parts);
    let mut text = printer.print(id);
    for (i, (name, part)) in parts.iter().enumerate() {
        text.push_str(if i == 0 { " where " } else { "; " });
        text.push_str(&format!("{name} = {}", printer.print(*part)));
    }
    text
}

/// The names of parts.
pub(super) type Names<'g> = Rc<FxHashMap<Id, &'g str>>;

/// Parts by what they are.
pub(super) fn names(parts: &[(String, Id)]) -> Names<'_> {
    Rc::new(parts.iter().map(|(name, id)| (*id, name.as_str())).collect())
}

/// Prints nodes of one graph in one style, with names in place of the parts that have one.
pub struct Printer<'g> {
    pub(super) graph: &'g Graph,
    pub(super) style: Style,
    parts: Names<'g>,
    /// What is known of each node; of none where there is no identity to be written without its size.
    known: FxHashMap<Id, Known>,
    negatives: FxHashSet<Id>,
    marks: FxHashSet<Id>,
    pub(super) hidden_identity: bool,
}

/// What is left to print.
pub(super) enum Task {
    Text(Cow<'static, str>),
    Node(Place),
    /// The end of a marked part.
    End,
}

/// A node and what its place asks for.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) id: Id,
    /// Looser forms are put in brackets.
    pub(super) min: Level,
    /// The minus is already printed.
    pub(super) bare: bool,
    /// Whether the shape follows from what stands around.
    pub(super) fixed: bool,
}

impl<'g> Printer<'g> {
    /// A printer for everything below `roots`.
    pub fn new(graph: &'g Graph, style: Style, roots: &[Id], parts: &'g [(String, Id)]) -> Printer<'g> {
        Printer::naming(graph, style, roots, names(parts))
    }

    /// The same with names that several printers share.
    pub(super) fn naming(graph: &'g Graph, style: Style, roots: &[Id], parts: Names<'g>) -> Printer<'g> {
        let ids = graph.reachable_to(roots, |id| parts.contains_key(&id));
        let identities = ids.iter().any(|id| matches!(graph.op(*id), Op::Identity(_)));
        let known = if identities { identity::known(graph, &ids) } else { FxHashMap::default() };
        let negatives = negatives(graph, &ids, &|id| parts.contains_key(&id));
        let hidden_identity = graph.variable_named("I").is_some();
        let marks = FxHashSet::default();
        Printer { graph, style, parts, known, negatives, marks, hidden_identity }
    }

    /// The same for another style.
    pub(super) fn in_style(self, style: Style) -> Printer<'g> {
        Printer { style, ..self }
    }

    /// The text of a node, and where in it these parts stand: byte ranges, none within another.
    pub fn print_marked(mut self, root: Id, marks: &[Id]) -> (String, Vec<Range<usize>>) {
        self.marks = marks.iter().copied().collect();
        let (mut text, mut places, mut open) = (String::new(), vec![], None);
        for c in self.print(root).chars() {
            match (c, open) {
                (START, _) => open = Some(text.len()),
                (END, Some(start)) => {
                    places.push(start..text.len());
                    open = None;
                }
                _ => text.push(c),
            }
        }
        (text, places)
    }

    /// The text of a node; its own name is not used for it.
    pub fn print(&self, root: Id) -> String {
        self.print_at(root, Level::Sum)
    }

    /// The text of a node that is put into text which does not delimit it: bracketed unless a name or call.
    pub fn print_tight(&self, root: Id) -> String {
        self.print_at(root, Level::Power)
    }

    fn print_at(&self, root: Id, min: Level) -> String {
        if self.graph.is_zero(root) {
            return "0".into();
        }
        let mut text = String::new();
        let (mut stack, mut line) = (Vec::new(), Vec::new());
        let mut inside = false;
        let mut next = Some(Task::Node(Place { id: root, min, bare: false, fixed: false }));
        while let Some(task) = next {
            match task {
                Task::Text(t) => text.push_str(&t),
                Task::End => {
                    text.push(END);
                    inside = false;
                }
                Task::Node(place) => {
                    if !inside && self.marks.contains(&place.id) {
                        inside = true;
                        text.push(START);
                        stack.push(Task::End);
                    }
                    match self.parts.get(&place.id).filter(|_| place.id != root) {
                        Some(part) => text.push_str(&self.part_name(part)),
                        None => self.expand(place, &mut line),
                    }
                    stack.extend(line.drain(..).rev());
                }
            }
            next = stack.pop();
        }
        text
    }

    /// The name of a shared part as it is printed.
    pub fn part_name(&self, part: &str) -> String {
        name(part, self.style)
    }

    fn is_part(&self, id: Id) -> bool {
        self.parts.contains_key(&id)
    }

    /// Whether a node prints with a leading minus; a named part does not.
    fn negative(&self, id: Id) -> bool {
        self.negatives.contains(&id)
    }

    fn expand(&self, place: Place, line: &mut Vec<Task>) {
        let Place { id, min, bare, .. } = place;
        let minus = self.negative(id) && !bare;
        // What a negation leaves when its minus is printed is bracketed where that is expanded.
        let level = match (minus, self.graph.op(id)) {
            (true, _) => Level::Negative,
            (false, Op::Negate) => Level::Atom,
            _ => level(self.graph, id, self.style),
        };
        if level < min {
            let (open, close) = brackets(self.style);
            line.extend([say(open), Task::Node(Place { min: Level::Sum, ..place }), say(close)]);
        } else if minus {
            line.extend([say("-"), Task::Node(Place { min: Level::Fraction, bare: true, ..place })]);
        } else {
            self.expand_form(place, line);
        }
    }

    fn expand_form(&self, place: Place, line: &mut Vec<Task>) {
        let (graph, id) = (self.graph, place.id);
        let args = graph.args(id);
        let op = graph.op(id);
        let fixed = match self.known.is_empty() {
            true => Vec::new(),
            false => identity::fixed(graph, id, &self.known, place.fixed),
        };
        let at = |i: usize, min: Level| {
            let fixed = fixed.get(i).copied().unwrap_or(false);
            // A minus that leads the whole form is printed already.
            let bare = i == 0 && place.bare && self.negative(args[i]);
            Task::Node(Place { id: args[i], min, bare, fixed })
        };
        match op {
            Op::Negate => {
                let min = place.min.max(Level::Fraction);
                line.push(Task::Node(Place { id: args[0], min, bare: false, fixed: place.fixed }));
            }
            Op::Sum => self.sum(args, &fixed, line),
            Op::Product => self.product(args, &fixed, place.bare, line),
            Op::Divide => self.divide(args, place.bare, line),
            Op::Solve if self.style == Style::Latex => {
                line.extend([at(0, Level::Atom), say("^{-1} "), at(1, Level::Power)]);
            }
            Op::Solve => line.extend([at(0, Level::Power), say(sign(op, self.style)), at(1, Level::Power)]),
            Op::Kronecker if self.style == Style::Ascii => {
                line.extend((1..args.len()).map(|_| say("kron(")));
                line.push(at(0, Level::Sum));
                line.extend((1..args.len()).flat_map(|i| [say(", "), at(i, Level::Sum), say(")")]));
            }
            Op::Hadamard | Op::ElementDivide | Op::Kronecker => {
                let right = if *op == Op::Hadamard { Level::Word } else { Level::Power };
                for i in 0..args.len() {
                    if i > 0 {
                        line.push(say(sign(op, self.style)));
                    }
                    line.push(at(i, if i == 0 { Level::Word } else { right }));
                }
            }
            Op::Power => self.power(args, at(0, Level::Atom), line),
            Op::ElementPower => self.element_power(args, at(0, Level::Atom), line),
            Op::Transpose => self.transpose(args, at, line),
            _ => self.leaf_or_call(place, line),
        }
    }

    fn sum(&self, args: &[Id], fixed: &[bool], line: &mut Vec<Task>) {
        for (i, id) in args.iter().enumerate() {
            let bare = i > 0 && self.negative(*id) && !self.is_part(*id);
            if i > 0 {
                line.push(say(if bare { " - " } else { " + " }));
            }
            let min = if i == 0 { Level::Negative } else { Level::Fraction };
            let fixed = fixed.get(i).copied().unwrap_or(false);
            line.push(Task::Node(Place { id: *id, min, bare, fixed }));
        }
    }

    fn product(&self, args: &[Id], fixed: &[bool], bare: bool, line: &mut Vec<Task>) {
        let graph = self.graph;
        let is_one = |id: &Id| graph.number(*id).is_some_and(|n| n == Number::MINUS_ONE);
        // The sign of a leading number is printed already; of -1 nothing is left.
        let skip = usize::from(args.len() > 1 && args.first().is_some_and(is_one));
        for (i, id) in args.iter().enumerate().skip(skip) {
            if i > skip {
                line.push(say(self.gap(args[i - 1], *id)));
            }
            let head = i == skip && i == 0;
            let fixed = fixed.get(i).copied().unwrap_or(false);
            // `I (a + b)` would be a call, so that only the last factor is an `I` without its size.
            let fixed = fixed && (i + 1 == args.len() || self.style == Style::Latex);
            let bare = bare && head && self.negative(*id);
            let place = Place { id: *id, min: Level::Power, bare, fixed };
            match (graph.op(*id), closed_division(graph, *id)) {
                _ if self.is_part(*id) => line.push(Task::Node(place)),
                (Op::Num(n), _) if head => line.push(Task::Text(number(n, self.style).into())),
                (_, Some((over, under))) if head && self.style != Style::Latex => {
                    line.push(Task::Node(Place { id: over, ..place }));
                    line.push(say("/"));
                    line.push(Task::Node(Place { id: under, ..place }));
                }
                // `x 2` and `2 3^x` invite misreading.
                _ if i > skip && digit(graph, *id) => {
                    let (open, close) = brackets(self.style);
                    line.extend([say(open), loose(*id), say(close)]);
                }
                _ => line.push(Task::Node(place)),
            }
        }
    }

    /// The space between two factors. LaTeX sets letters close, which reads badly beside words.
    fn gap(&self, left: Id, right: Id) -> &'static str {
        let wide = |id: Id| match self.graph.op(id) {
            Op::Var(v) => name(&self.graph.variable(*v).name, self.style).starts_with("\\mathit"),
            Op::Map(_) | Op::Call(_) | Op::Differential(_) | Op::Frechet(_) | Op::Apply(..) => true,
            Op::Transpose => {
                self.graph.args(id).iter().any(|a| matches!(self.graph.op(*a), Op::Differential(_)))
            }
            _ => false,
        };
        if self.style == Style::Latex && (wide(left) || wide(right)) { " \\, " } else { " " }
    }

    fn divide(&self, args: &[Id], bare: bool, line: &mut Vec<Task>) {
        let (min, signs) = match self.style {
            Style::Latex => ([Level::Sum; 2], ["\\frac{", "}{", "}"]),
            _ => ([Level::Word, Level::Power], ["", " / ", ""]),
        };
        for (i, id) in args.iter().enumerate().take(2) {
            line.push(say(signs[i]));
            match self.graph.op(*id) {
                // A minus in front of the division is printed already.
                Op::Num(n) if i == 0 && (!is_fraction(n) || self.style == Style::Latex) => {
                    line.push(Task::Text(number(n, self.style).into()));
                }
                Op::Num(n) if i == 0 => line.push(Task::Text(format!("({})", number(n, self.style)).into())),
                _ => {
                    let bare = bare && i == 0 && self.negative(*id);
                    line.push(Task::Node(Place { id: *id, min: min[i], bare, fixed: false }));
                }
            }
        }
        line.push(say(signs[2]));
    }

    fn power(&self, args: &[Id], base: Task, line: &mut Vec<Task>) {
        // (A^T)^-1 is written as A^-T, the same matrix.
        let whole = self.graph.number(args[1]).and_then(|n| n.to_integer());
        let inner = self.graph.transpose_of(args[0]).filter(|_| whole == Some(-1) && !self.is_part(args[0]));
        if let (Some(inner), Task::Node(place)) = (inner, &base) {
            line.push(Task::Node(Place { id: inner, ..*place }));
            return line.push(say(transposed(true, self.style)));
        }
        line.push(base);
        self.raised(args[1], line);
    }

    /// An exponent with its sign.
    fn raised(&self, id: Id, line: &mut Vec<Task>) {
        let whole = self.graph.number(id).and_then(|n| n.to_integer()).filter(|_| !self.is_part(id));
        // `^T` is always the transpose, also where a variable is called T.
        let simple = matches!(self.graph.op(id), Op::Var(v) if self.graph.variable(*v).name != "T");
        match (whole, self.style) {
            (Some(n), style) => line.push(Task::Text(exponent(n, style).into())),
            (None, Style::Latex) => line.extend([say("^{"), loose(id), say("}")]),
            _ if simple && !self.is_part(id) => line.extend([say("^"), loose(id)]),
            _ => line.extend([say("^("), loose(id), say(")")]),
        }
    }

    fn element_power(&self, args: &[Id], base: Task, line: &mut Vec<Task>) {
        let number_base = matches!(self.graph.op(args[0]), Op::Num(_)) && self.style != Style::Latex;
        if number_base {
            line.extend([say("("), base, say(")")]);
        } else {
            line.push(base);
        }
        if self.style == Style::Latex {
            return line.extend([say("^{\\odot "), Task::Node(Place::tight(args[1])), say("}")]);
        }
        let whole =
            self.graph.number(args[1]).and_then(|n| n.to_integer()).filter(|_| !self.is_part(args[1]));
        match whole {
            Some(n) => line.push(Task::Text(format!(".^{n}").into())),
            None => line.extend([say(".^("), loose(args[1]), say(")")]),
        }
    }

    fn transpose(&self, args: &[Id], at: impl Fn(usize, Level) -> Task, line: &mut Vec<Task>) {
        let inverse = match (self.graph.op(args[0]), self.graph.args(args[0])) {
            (Op::Power, [base, k]) if !self.is_part(args[0]) => {
                self.graph.number(*k).filter(|n| *n == Number::MINUS_ONE).map(|_| *base)
            }
            _ => None,
        };
        match (inverse, at(0, Level::Atom)) {
            (Some(base), Task::Node(place)) => line.push(Task::Node(Place { id: base, ..place })),
            (_, task) => line.push(task),
        }
        line.push(say(transposed(inverse.is_some(), self.style)));
    }
}

pub(super) fn say(text: &'static str) -> Task {
    Task::Text(text.into())
}

/// A node where nothing needs brackets.
pub(super) fn loose(id: Id) -> Task {
    Task::Node(Place { min: Level::Sum, ..Place::tight(id) })
}

impl Place {
    /// Brackets around all but names, calls and powers.
    pub(super) fn tight(id: Id) -> Place {
        Place { id, min: Level::Power, bare: false, fixed: false }
    }
}
