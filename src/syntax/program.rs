//! A request's text as a whole: declarations, named parts, and the function.
//!
//! In: a text and the texts of `--let`. Out: a [`Program`].
//! Invariant: no two things of a program share a name, and a part is used only after it is named.

use rustc_hash::{FxHashMap, FxHashSet};

use super::ast::*;
use super::declaration;
use super::lexer::{self, Word};
use super::lines::{self, Line};
use super::names::{is_greek, spell, split_name};
use super::parser::{self, Scope};
use crate::diagnostic::{Diagnostic, EXPRESSION, Source, Span};
use crate::limits::Limits;

/// Constants that a variable may hide; a Greek letter may hide a function, such as `sigma`.
const HIDDEN: &[&str] = &["I", "K", "e"];
/// Words that are arguments of functions.
const RESERVED: &[&str] = &["inf", "nuc"];

/// Reads a request: its text and the texts of its `--let` declarations.
pub fn parse(
    text: &str,
    lets: &[String],
    is_function: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Program, Diagnostic> {
    read(text, lets, is_function, limits, true)
}

/// The same where nothing varies: there `dX` is a name like any other.
pub fn parse_unvarying(
    text: &str,
    lets: &[String],
    is_function: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Program, Diagnostic> {
    read(text, lets, is_function, limits, false)
}

fn read(
    text: &str,
    lets: &[String],
    is_function: &dyn Fn(&str) -> bool,
    limits: &Limits,
    varies: bool,
) -> Result<Program, Diagnostic> {
    if text.len() > limits.input_bytes {
        return Err(limits.met("input"));
    }
    let source = &Source::new(EXPRESSION, text);
    let tokens = lexer::lex(source, limits)?;
    let mut lines = lines::split(source, &tokens);
    let Some(last) = lines.pop() else { return Err(no_function(source, None)) };
    let mut declarations = vec![];
    for (i, text) in lets.iter().enumerate() {
        declarations.extend(declared(&Source::new(format!("--let {}", i + 1), text), limits)?);
    }
    for line in lines.iter().filter(|line| line.declares()) {
        declarations.push(declaration::declaration(source, line, limits)?);
    }
    if last.declares() {
        declaration::declaration(source, &last, limits)?;
        return Err(no_function(source, Some(&last)));
    }
    let mut program = Names::new(is_function);
    program.declare(&declarations)?;
    lines.retain(|line| !line.declares());
    for line in lines.iter().chain(last.names().then_some(&last)) {
        program.part(source, line)?;
    }
    if varies {
        program.differentials()?;
    }
    let scope = program.scope();
    let mut parts = vec![];
    for line in &lines {
        let (name, span, value) = named(source, line, &scope, limits)?;
        parts.push(Part { name, span, value });
    }
    let function = if last.names() {
        named(source, &last, &scope, limits)?.2
    } else {
        parser::expression(source, &last.tokens, last.span().end, &scope, limits)?
    };
    let program = Program { declarations, parts, function, varies };
    check_order(source, &program, last.names().then(|| spelt(source, &last)))?;
    check_names(&program, &scope, limits)?;
    Ok(program)
}

/// Reads an expression in which every name but a function's is a variable: those of rules.
pub fn parse_expression(
    source: &Source,
    is_function: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Ast, Diagnostic> {
    let mut tokens = lexer::lex(source, limits)?;
    tokens.retain(|t| t.word != Word::Newline);
    let scope =
        Scope { variables: Default::default(), functions: Default::default(), is_function, closed: true };
    parser::expression(source, &tokens, source.text.len(), &scope, limits)
}

/// The same where these variables and abstract functions are declared: the texts of an answer.
pub fn parse_text(
    source: &Source,
    variables: impl IntoIterator<Item = String>,
    functions: impl IntoIterator<Item = String>,
    is_function: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Ast, Diagnostic> {
    let tokens = lexer::lex(source, limits)?;
    let (variables, functions) = (variables.into_iter().collect(), functions.into_iter().collect());
    let scope = Scope { variables, functions, is_function, closed: true };
    parser::expression(source, &tokens, source.text.len(), &scope, limits)
}

/// Reads one declaration: `A: matrix(m, n) symmetric`.
pub fn parse_declaration(source: &Source, limits: &Limits) -> Result<Declaration, Diagnostic> {
    let mut all = declared(source, limits)?;
    match (all.pop(), all.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(Diagnostic::request("E0010", "expected one declaration").at(
            source,
            Span::new(0, source.text.len()),
            "here",
        )),
    }
}

/// The declarations of a `--let`.
fn declared(source: &Source, limits: &Limits) -> Result<Vec<Declaration>, Diagnostic> {
    let tokens = lexer::lex(source, limits)?;
    let lines = lines::split(source, &tokens);
    if lines.is_empty() {
        return Err(Diagnostic::request("E0010", "expected a declaration, found nothing")
            .at(source, Span::default(), "empty")
            .help("for example: --let 'A: matrix(m, n)'"));
    }
    lines.iter().map(|line| declaration::declaration(source, line, limits)).collect()
}

fn no_function(source: &Source, last: Option<&Line>) -> Diagnostic {
    let end = source.text.trim_end().len();
    match last {
        None => Diagnostic::request("E0001", "empty expression: there is nothing to differentiate")
            .at(source, Span::new(end, end), "an expression is expected here")
            .help("for example: matgrad 'x^T A x'"),
        Some(line) => Diagnostic::request("E0001", "there is no function: the last line only declares")
            .at(source, line.span(), "a declaration")
            .help("end with a line that is an expression"),
    }
}

fn spelt(source: &Source, line: &Line) -> String {
    let span = line.tokens.first().map(|t| t.span).unwrap_or_default();
    spell(source.text.get(span.start..span.end).unwrap_or_default())
}

/// `name = expression`.
fn named(
    source: &Source,
    line: &Line,
    scope: &Scope,
    limits: &Limits,
) -> Result<(String, Span, Ast), Diagnostic> {
    let span = line.tokens.first().map(|t| t.span).unwrap_or_default();
    let tokens = line.tokens.get(2..).unwrap_or_default();
    let value = parser::expression(source, tokens, line.span().end, scope, limits)?;
    Ok((spelt(source, line), span, value))
}

/// Everything that has a name, with its place.
struct Names<'a> {
    is_function: &'a dyn Fn(&str) -> bool,
    places: FxHashMap<String, (Source, Span, &'static str)>,
    order: Vec<String>,
    functions: FxHashSet<String>,
}

impl<'a> Names<'a> {
    fn new(is_function: &'a dyn Fn(&str) -> bool) -> Names<'a> {
        Names { is_function, places: FxHashMap::default(), order: vec![], functions: FxHashSet::default() }
    }

    fn give(
        &mut self,
        name: &str,
        source: &Source,
        span: Span,
        what: &'static str,
    ) -> Result<(), Diagnostic> {
        let hides = HIDDEN.contains(&name) || is_greek(name);
        if (self.is_function)(name) && !hides || RESERVED.contains(&name) {
            return Err(Diagnostic::request(
                "E0012",
                format!("`{name}` is reserved: it is a function's name"),
            )
            .at(source, span, "reserved")
            .help(format!("choose another name, such as `{name}_` or `{name}1`")));
        }
        if let Some((other, place, kind)) = self.places.get(name) {
            return Err(Diagnostic::request("E0013", format!("the name `{name}` is given twice"))
                .at(source, span, what)
                .at(other, *place, format!("already {kind} here"))
                .help("every variable, dimension and named part has a name of its own"));
        }
        self.places.insert(name.into(), (source.clone(), span, what));
        self.order.push(name.into());
        Ok(())
    }

    fn declare(&mut self, declarations: &[Declaration]) -> Result<(), Diagnostic> {
        for d in declarations {
            let what = match d.declared {
                Declared::Variable(_) => "a variable",
                Declared::Function(..) => "a function",
            };
            self.give(&d.name, &d.source, d.span, what)?;
            if what == "a function" {
                self.functions.insert(d.name.clone());
            }
        }
        let mut dims = FxHashSet::default();
        for d in declarations {
            let types = match &d.declared {
                Declared::Variable(ty) => vec![ty],
                Declared::Function(from, to) => vec![from, to],
            };
            for ty in types {
                for name in ty.dims.iter().flatten().flat_map(dimension_names) {
                    if dims.insert(name.clone()) {
                        self.give(&name, &d.source, ty.span, "a dimension")?;
                    }
                }
            }
        }
        Ok(())
    }

    fn part(&mut self, source: &Source, line: &Line) -> Result<(), Diagnostic> {
        let Some(first) = line.tokens.first().filter(|_| line.names()) else {
            return Err(Diagnostic::request("E0016", "only the last line may be an expression by itself")
                .at(source, line.span(), "neither declares nor names a part")
                .help("name the part, `r = …`; indent a line that goes on from the one above"));
        };
        self.give(&spelt(source, line), source, first.span, "a named part")
    }

    /// No name may be the differential of another.
    fn differentials(&self) -> Result<(), Diagnostic> {
        for name in &self.order {
            let of = name.strip_prefix('d').and_then(|of| self.places.get_key_value(of));
            let (Some((of, (other, place, kind))), Some((source, span, what))) = (of, self.places.get(name))
            else {
                continue;
            };
            if *kind == "a variable" && *what != "a dimension" {
                return Err(Diagnostic::request("E0014", format!("`{name}` is the differential of `{of}`"))
                    .at(source, *span, what.to_string())
                    .at(other, *place, "its variable")
                    .help(format!("choose another name than `{name}`")));
            }
        }
        Ok(())
    }

    fn scope(&self) -> Scope<'a> {
        let variables = self.order.iter().filter(|n| !self.functions.contains(*n)).cloned().collect();
        Scope { variables, functions: self.functions.clone(), is_function: self.is_function, closed: false }
    }
}

/// The names in a dimension. Its size is bounded, so a stack of parts is.
fn dimension_names(dim: &DimExpr) -> Vec<String> {
    let (mut stack, mut names) = (vec![dim], vec![]);
    while let Some(dim) = stack.pop() {
        match dim {
            DimExpr::Integer(_) => {}
            DimExpr::Name(name) => names.push(name.clone()),
            DimExpr::Sum(items) | DimExpr::Product(items) => stack.extend(items.iter().rev()),
        }
    }
    names
}

/// A part is used only below its line.
fn check_order(source: &Source, program: &Program, last: Option<String>) -> Result<(), Diagnostic> {
    let mut later: FxHashMap<&str, Option<Span>> = FxHashMap::default();
    later.extend(program.parts.iter().map(|p| (p.name.as_str(), Some(p.span))));
    later.extend(last.as_deref().map(|name| (name, None)));
    let check = |value: &Ast, later: &FxHashMap<&str, Option<Span>>| {
        for (name, span) in value.names() {
            let Some(place) = later.get(name) else { continue };
            let error = Diagnostic::request("E0017", format!("`{name}` is used before it is named"))
                .at(source, span, "used here")
                .help("a part is named on a line above its use, and not by itself");
            return Err(match place {
                Some(place) => error.at(source, *place, "named here"),
                None => error,
            });
        }
        Ok(())
    };
    for part in &program.parts {
        check(&part.value, &later)?;
        later.remove(part.name.as_str());
    }
    check(&program.function, &later)
}

/// Names that nobody declared: not too many, and none run together from others.
fn check_names(program: &Program, scope: &Scope, limits: &Limits) -> Result<(), Diagnostic> {
    let values = || program.parts.iter().map(|p| &p.value).chain([&program.function]);
    let used: FxHashSet<&str> = values().flat_map(|v| v.names()).map(|(n, _)| n).collect();
    let known = |name: &str| scope.variables.contains(name) || scope.functions.contains(name);
    let mut unknown: Vec<(&Ast, &str, Span)> = vec![];
    let mut seen = FxHashSet::default();
    for value in values() {
        for (name, span) in value.names() {
            if !known(name) && !(scope.is_function)(name) && seen.insert(name) {
                unknown.push((value, name, span));
            }
        }
    }
    if unknown.len() > limits.names {
        let first: Vec<&str> = unknown.iter().take(5).map(|(_, n, _)| *n).collect();
        let mut limit = limits.met("names");
        limit.message = format!("{}: {}, …", limit.message, first.join(", "));
        return Err(limit);
    }
    for (value, name, span) in unknown {
        let differential = name.strip_prefix('d').is_some_and(|of| known(of) || used.contains(of));
        if is_greek(name) || differential {
            continue;
        }
        let other = |part: &str| part != name && (known(part) || used.contains(part));
        if let Some(parts) = split_name(name, &other) {
            return Err(Diagnostic::request("E0015", format!("`{name}` is not declared"))
                .at(&value.source, span, "names run together?")
                .help(format!(
                    "for a product leave blanks: `{}`; or declare it: --let '{name}: …'",
                    parts.join(" ")
                )));
        }
    }
    Ok(())
}
