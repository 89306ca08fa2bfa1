//! A closed form does not depend on how the question was written.
//!
//! In: every case of the suite and of the lecture that is one expression. Out: the same answers, up to names and the order of
//! summands, where it is asked with its summands in reverse order, with its variables under names that sort the other way
//! round, with `'` for `^T`, and with
//! `norm(E)^2` as the trace of `E^T E`.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

#[allow(dead_code)]
#[path = "cases/read.rs"]
mod read;

use std::collections::BTreeMap;

use matgrad::answer::{Answer, Request, Setup, answer};

/// A text in its symbols: names, numbers, and signs.
fn symbols(text: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found: Vec<String> = vec![];
    let mut in_word = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_digit = |c: &char| c.is_ascii_digit();
        match found.last_mut() {
            Some(last)
                if in_word
                    && (is_word(c)
                        || c == '.'
                            && last.chars().all(|c| is_digit(&c))
                            && rest.peek().is_some_and(is_digit)) =>
            {
                last.push(c);
                continue;
            }
            _ if c != ' ' => found.push(c.to_string()),
            _ => {}
        }
        in_word = is_word(c);
    }
    found
}

/// The same text with the summands between any two brackets or commas in reverse order.
fn reversed(text: &str) -> String {
    #[derive(Default)]
    struct Sum(Vec<(char, String)>);
    impl Sum {
        fn push(&mut self, part: &str) {
            match self.0.last_mut() {
                Some((_, summand)) => summand.push_str(part),
                None => self.0.push(('+', part.to_owned())),
            }
        }
        fn text(&self) -> String {
            let mut text = String::new();
            for (sign, summand) in self.0.iter().rev() {
                match (sign, text.is_empty()) {
                    ('+', true) => {}
                    (sign, true) => text.push(*sign),
                    (sign, false) => text += &format!(" {sign} "),
                }
                text += summand.trim();
            }
            text
        }
    }
    let mut open = vec![Sum::default()];
    let mut done = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        let sum = open.last_mut().unwrap();
        let binary = before != '.' && !matches!(before, '*' | '/' | '^');
        match c {
            '(' | '[' => {
                open.push(Sum::default());
                done.push(c.to_string());
            }
            ',' => {
                let first = std::mem::take(sum).text();
                *done.last_mut().unwrap() += &format!("{first}, ");
            }
            ')' | ']' => {
                let whole = format!("{}{}{c}", done.pop().unwrap(), sum.text());
                open.pop();
                open.last_mut().unwrap().push(&whole);
            }
            '+' | '-' if binary => sum.0.push((c, String::new())),
            ' ' if sum.0.is_empty() => {}
            c => sum.push(&c.to_string()),
        }
        if c != ' ' {
            before = c;
        }
    }
    open[0].text()
}

/// The same text with the first `norm(E)^2` as `tr((E)^T (E))`.
fn square(text: &str) -> Option<String> {
    let start = text.find("norm(")?;
    if text[..start].ends_with(char::is_alphanumeric) {
        return None;
    }
    let inner = start + "norm(".len();
    let mut depth = 1;
    let end = inner
        + text[inner..].find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        })?;
    let (e, rest) = (&text[inner..end], text[end + 1..].strip_prefix("^2")?);
    (!e.contains(',')).then(|| format!("{}tr(({e})^T ({e})){rest}", &text[..start]))
}

struct Asked {
    request: Request,
    /// The first names of those it is asked with.
    names: BTreeMap<String, String>,
}

/// The ways to ask what `request` asks, of which `first` is the answer.
fn manners(request: &Request, first: &Answer) -> Vec<(&'static str, Asked)> {
    let other = |expr: String| Asked { request: Request { expr, ..request.clone() }, names: BTreeMap::new() };
    let apostrophe = request.expr.replace("^T", "'");
    let mut all = vec![("apostrophe", other(apostrophe))];
    if !request.expr.contains(".+") && !request.expr.contains(".-") {
        all.push(("reversed", other(reversed(&request.expr))));
    }
    all.extend(square(&request.expr).map(|expr| ("square", other(expr))));
    let count = first.variables.len();
    let new: BTreeMap<String, String> = first
        .variables
        .iter()
        .enumerate()
        .map(|(i, v)| (v.name.clone(), format!("{}{}", &v.name[..1], 10 + count - i)))
        .collect();
    // A function left abstract has no entry in the answer, and its name is not changed.
    if first.variables.iter().all(|v| v.name.is_ascii()) {
        let text = |t: &str| {
            let one = |s: String| new.get(&s).cloned().unwrap_or(s);
            symbols(t)
                .into_iter()
                .map(one)
                .collect::<Vec<_>>()
                .join(" ")
                .replace(". ", ".")
                .replace("^ T", "^T")
        };
        let name = |n: &String| new.get(n).cloned().unwrap_or_else(|| n.clone());
        let names = |all: &Option<Vec<String>>| all.as_ref().map(|n| n.iter().map(name).collect());
        let request = Request {
            expr: text(&request.expr),
            lets: request.lets.iter().map(|l| renamed_declaration(l, &new)).collect(),
            wrt: names(&request.wrt),
            at: names(&request.at),
            ..request.clone()
        };
        let names = new.iter().map(|(old, new)| (new.clone(), old.clone())).collect();
        all.push(("renamed", Asked { request, names }));
    }
    all
}

fn renamed_declaration(text: &str, new: &BTreeMap<String, String>) -> String {
    let (name, ty) = text.split_once(':').unwrap_or((text, ""));
    format!("{}: {ty}", new.get(name.trim()).cloned().unwrap_or_else(|| name.to_owned()))
}

/// The symbols of all derivatives, sorted, under the first names.
fn forms(answer: &Answer, names: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let original = |s: String| match (names.get(&s), s.strip_prefix('d')) {
        (Some(name), _) => name.clone(),
        (None, Some(rest)) if names.contains_key(rest) => format!("d{}", names[rest]),
        _ => s,
    };
    let sorted = |text: &str| {
        let mut all: Vec<String> = symbols(text).into_iter().map(original).collect();
        all.sort();
        all
    };
    let mut all: Vec<_> = answer.derivatives.iter().map(|d| sorted(&d.result.ascii)).collect();
    all.sort();
    all
}

/// How many ways a case was asked in, and what came out otherwise.
fn ask(case: &read::Case, setup: &Setup) -> (usize, Vec<String>) {
    let request = Request { check: false, emit: vec![], ..case.request.clone() };
    let program = request.expr.contains('\n') || request.expr.contains('=');
    let first = if case.refused || program { None } else { answer(&request, setup).ok() };
    let Some(first) = first else { return (0, vec![]) };
    let wanted = forms(&first, &BTreeMap::new());
    let text =
        |a: &Answer| a.derivatives.iter().map(|d| d.result.ascii.clone()).collect::<Vec<_>>().join("; ");
    let all = manners(&request, &first);
    let count = all.len();
    let other = all.into_iter().filter_map(|(manner, Asked { request, names })| {
        let found = match answer(&request, setup) {
            Ok(again) if forms(&again, &names) == wanted => return None,
            Ok(again) => text(&again),
            Err(error) => error.message,
        };
        Some(format!("{} {manner} `{}`: {} | {found}", case.name, request.expr, text(&first)))
    });
    (count, other.collect())
}

#[test]
fn a_closed_form_does_not_depend_on_how_the_question_was_written() {
    let setup = Setup::default();
    let cases = read::cases();
    let (one, two) = cases.split_at(cases.len() / 2);
    let all = |cases: &[read::Case]| cases.iter().map(|case| ask(case, &setup)).collect::<Vec<_>>();
    let (mut found, more) = std::thread::scope(|scope| {
        let other = scope.spawn(|| all(two));
        (all(one), other.join().unwrap())
    });
    found.extend(more);
    let asked: usize = found.iter().map(|(n, _)| n).sum();
    let other: Vec<String> = found.into_iter().flat_map(|(_, other)| other).collect();
    assert!(asked > 1000, "only {asked} were asked");
    assert!(other.is_empty(), "{} of {asked}:\n{}", other.len(), other.join("\n"));
}
