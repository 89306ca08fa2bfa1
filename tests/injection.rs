//! Wrong rules: each rule is broken in many ways, the tests of the rules reject it, and no answer that a broken
//! rule leads to leaves the program wrong.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test fails by panicking, in its helpers too.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use matgrad::answer::{Request, Setup, answer};
use matgrad::catalog::{Catalog, Identity};
use matgrad::diagnostic::Source;
use matgrad::expr::{FnId, Kind};
use matgrad::laws::{examine_function, examine_identity};
use matgrad::limits::Limits;

mod laws;
mod random;

use laws::exact::{self, Found};
use random::judge::in_numbers;

/// All rules files, one after another.
fn rules() -> String {
    fn collect(dir: &Path, all: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => collect(&path, all),
                false if path.extension().is_some_and(|e| e == "rules") => all.push(path),
                false => {}
            }
        }
    }
    let mut files = vec![];
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), &mut files);
    files.sort();
    files.iter().map(|f| fs::read_to_string(f).unwrap() + "\n").collect()
}

fn catalog(text: &str) -> Option<Arc<Catalog>> {
    Catalog::default().with_rules(&Source::new("mutated", text)).ok()
}

/// What a mutated line states.
#[derive(Clone, PartialEq, Debug)]
enum Law {
    Differential(FnId),
    Adjoint(FnId, usize),
    Identity(String),
    /// What an identity is subject to.
    Premises(String),
    /// Where a function is defined, differentiable, continuous, or not zero.
    Conditions(FnId),
}

#[derive(Clone, Debug)]
struct Mutant {
    law: Law,
    /// The line's place and the text in its stead.
    line: usize,
    text: String,
}

impl Mutant {
    /// What was changed to what.
    fn told(&self, rules: &str, whole: &Catalog) -> String {
        let of = match &self.law {
            Law::Differential(f) | Law::Adjoint(f, _) | Law::Conditions(f) => &whole.entry(*f).name,
            Law::Identity(name) | Law::Premises(name) => name,
        };
        let line = rules.lines().nth(self.line).unwrap_or_default().trim();
        format!("{of}: `{line}` to `{}`", self.text.trim())
    }
}

/// Broken forms of the expression in `text`.
fn broken(text: &str) -> Vec<String> {
    let mut all = vec![];
    let mut replace = |from: &str, to: &str| {
        all.extend(
            text.match_indices(from).map(|(i, _)| format!("{}{to}{}", &text[..i], &text[i + from.len()..])),
        );
    };
    replace("^T", "");
    replace(" + ", " - ");
    replace(" - ", " + ");
    replace("inv(", "(");
    replace("2 ", "3 ");
    replace("1/2", "1/3");
    all.push(format!("-({text})"));
    all.push(format!("2 ({text})"));
    // Factors swapped, and terms left out, at the outermost level.
    let (mut depth, mut spaces, mut signs) = (0, vec![], vec![]);
    for (i, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        let rest = &text[i..];
        if depth == 0 && (rest.starts_with(" + ") || rest.starts_with(" - ")) {
            signs.push(i);
        } else if depth == 0 && c == ' ' {
            spaces.push(i);
        }
    }
    if let Some(last) = signs.last() {
        all.push(text[..*last].to_owned());
        all.push(text[last + 3..].to_owned());
    }
    if let (true, [i]) = (signs.is_empty(), spaces.as_slice()) {
        all.push(format!("{} {}", &text[i + 1..], &text[..*i]));
    }
    all.retain(|t| !t.trim().is_empty() && t != text);
    all
}

/// A list of conditions with each of them dropped in turn.
fn without_one(conditions: &str) -> Vec<String> {
    let all: Vec<&str> = conditions.split_inclusive(')').map(|c| c.trim_start_matches([',', ' '])).collect();
    let drop =
        |i| all.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, c)| *c).collect::<Vec<_>>().join(", ");
    if conditions.contains('(') { (0..all.len()).map(drop).collect() } else { vec![] }
}

/// Every law of the rules in every broken form.
fn mutants(text: &str, whole: &Catalog) -> Vec<Mutant> {
    let mut all = vec![];
    let mut f: Option<FnId> = None;
    let (mut count, mut place) = (0, 0);
    for (line, l) in text.lines().enumerate() {
        if l.starts_with("function ") {
            (f, count, place) = (Some(FnId(count)), count + 1, 0);
        } else if l.starts_with("operator ") || l.starts_with("condition ") {
            f = None;
        }
        let words = l.trim_start();
        let mut add = |law: Law, head: &str, body: &str, tail: &str| {
            let made = broken(body.trim());
            all.extend(made.into_iter().map(|b| Mutant {
                law: law.clone(),
                line,
                text: format!("{head}{b} {tail}"),
            }));
        };
        if let (Some(f), Some(body)) = (f, words.strip_prefix("d  ")) {
            add(Law::Differential(f), "  d  ", body, "");
        } else if let (Some(f), true, Some((head, body))) =
            (f, words.starts_with("linear "), l.split_once(" adjoint "))
        {
            add(Law::Adjoint(f, place), &format!("{head} adjoint "), body, "");
            place += 1;
        } else if let (Some(f), Some(field)) =
            (f, ["domain ", "smooth ", "support ", "continuous "].into_iter().find(|w| words.starts_with(w)))
        {
            // A support that is not stated says nothing, which is not wrong.
            let fewer = without_one(words[field.len()..].trim());
            let fewer = fewer.into_iter().filter(|rest| field != "support " || !rest.is_empty());
            all.extend(fewer.map(|rest| Mutant {
                law: Law::Conditions(f),
                line,
                // What is continuous under no condition is said to be so everywhere.
                text: match (field, rest.is_empty()) {
                    ("continuous ", true) => "  continuous everywhere".to_owned(),
                    (_, true) => String::new(),
                    (_, false) => format!("  {field} {rest}"),
                },
            }));
        } else if let Some(rest) = words.strip_prefix("identity ") {
            let name = rest.split_whitespace().next().unwrap_or_default();
            let Some(law) = whole.identities().find(|i| i.name == name) else { continue };
            let right = law.right.text();
            if let Some(i) = l.find(&format!("= {right}")).or_else(|| l.find(&format!("> {right}"))) {
                let (head, tail) = (&l[..i + 2], &l[i + 2 + right.len()..]);
                add(Law::Identity(name.to_owned()), head, right, tail);
            }
            if let Some((head, tail)) = l.split_once(" if ") {
                let (conditions, cite) = tail.split_once(" cite ").unwrap_or((tail, ""));
                let cite = if cite.is_empty() { String::new() } else { format!(" cite {cite}") };
                all.extend(without_one(conditions.trim()).into_iter().map(|rest| Mutant {
                    law: Law::Premises(name.to_owned()),
                    line,
                    text: if rest.is_empty() {
                        format!("{head}{cite}")
                    } else {
                        format!("{head} if {rest}{cite}")
                    },
                }));
            }
        }
    }
    all
}

fn mutated(text: &str, mutant: &Mutant) -> Option<Arc<Catalog>> {
    let lines =
        text.lines().enumerate().map(|(i, l)| if i == mutant.line { mutant.text.as_str() } else { l });
    catalog(&lines.collect::<Vec<_>>().join("\n"))
}

fn named<'a>(catalog: &'a Catalog, name: &str) -> Option<&'a Identity> {
    catalog.identities().find(|i| i.name == name)
}

/// Whether the tests of the rules reject a law.
fn rejected(catalog: &Arc<Catalog>, law: &Law) -> bool {
    let bad = |found: Result<Found, String>| !matches!(found, Ok(Found::Held(_) | Found::Foreign));
    match law {
        Law::Differential(f) => {
            laws::differential(catalog, *f).is_err() || bad(exact::differential(catalog, *f))
        }
        Law::Adjoint(f, place) => {
            laws::adjoint(catalog, *f, *place).is_err() || bad(exact::adjoint(catalog, *f, *place))
        }
        Law::Conditions(f) => examine_function(catalog, *f).iter().any(|found| found.error.is_some()),
        Law::Identity(name) | Law::Premises(name) => named(catalog, name).is_none_or(|law| {
            laws::identity(catalog, law).is_err()
                || bad(exact::identity(catalog, law))
                || examine_identity(catalog, law).error.is_some()
        }),
    }
}

/// Whether a broken law still says the same: its right side is equal to the original's at every point.
fn says_the_same(original: &Catalog, catalog: &Arc<Catalog>, law: &Law) -> bool {
    let text = |c: &Catalog| match law {
        Law::Differential(f) => c.entry(*f).differential.as_ref().map(|t| t.text().to_owned()),
        Law::Adjoint(f, place) => c.entry(*f).adjoints.get(*place).map(|(_, t)| t.text().to_owned()),
        Law::Identity(name) => named(c, name).map(|i| i.right.text().to_owned()),
        Law::Conditions(_) | Law::Premises(_) => None,
    };
    let (Some(one), Some(two)) = (text(original), text(catalog)) else { return false };
    laws::same(catalog, law_scope(original, law), &one, &two)
}

/// The variables and conditions under which a law is stated.
fn law_scope(c: &Catalog, law: &Law) -> laws::Stage {
    match law {
        Law::Differential(f) | Law::Conditions(f) => laws::Stage::of_entry(c.entry(*f), true),
        Law::Adjoint(f, _) => laws::Stage::of_entry(c.entry(*f), false),
        Law::Identity(name) | Law::Premises(name) => {
            named(c, name).map(laws::Stage::of_identity).unwrap_or_default()
        }
    }
}

#[test]
fn broken_rules_are_rejected() {
    let text = rules();
    let whole = catalog(&text).unwrap();
    let (mut caught, mut survivors, mut same, mut implied) = (0, vec![], 0, 0);
    for mutant in mutants(&text, &whole) {
        match mutated(&text, &mutant) {
            Some(c) if !rejected(&c, &mutant.law) => match mutant.law {
                // Without the condition the law was found to hold wherever its left side is defined: `chol(A)` is
                // defined where A is positive definite, and an identity of it that says so says it for its reader.
                Law::Premises(_) => implied += 1,
                _ if says_the_same(&whole, &c, &mutant.law) => same += 1,
                _ => survivors.push(mutant.told(&text, &whole)),
            },
            _ => caught += 1,
        }
    }
    let of = caught + survivors.len();
    println!(
        "{caught} of {of} broken rules rejected; {same} more say the same as before, {implied} lack a condition that \
         follows from where the left side is defined; not rejected:\n{}",
        survivors.join("\n")
    );
    assert!(
        of > 1500 && survivors.len() * 100 <= of,
        "{caught} of {of}; not rejected:\n{}",
        survivors.join("\n")
    );
    assert!(implied < 40, "{implied} conditions are not needed");
}

/// Requests that use a law.
fn requests(c: &Catalog, law: &Law) -> Vec<Request> {
    let request = |text: &str,
                   wrt: &str,
                   parameters: &[matgrad::catalog::Parameter],
                   stated: &dyn Fn(&str) -> String| {
        let mut request = Request::new(text);
        request.wrt = Some(vec![wrt.to_owned()]);
        request.lets = parameters
            .iter()
            .map(|p| format!("{}: {} {}", p.name, type_text(&p.ty), stated(&p.name)))
            .collect();
        request
    };
    match law {
        Law::Differential(f) | Law::Adjoint(f, _) | Law::Conditions(f) => {
            let entry = c.entry(*f);
            let example = |e: &matgrad::catalog::Example| {
                let mut r = request(e.expression.text(), &e.wrt, &[], &|_| String::new());
                r.lets.retain(|_| false);
                r
            };
            entry.examples.iter().map(example).collect()
        }
        Law::Identity(name) | Law::Premises(name) => {
            let Some(law) = named(c, name) else { return vec![] };
            let stated = |name: &str| {
                let of = law.conditions.iter().filter(|c| c.args.len() == 1 && c.args[0].text() == name);
                let words = [
                    "symmetric",
                    "posdef",
                    "orthogonal",
                    "positive",
                    "invertible",
                    "lower",
                    "upper",
                    "diagonal",
                ];
                of.filter(|c| words.contains(&c.predicate.as_str()))
                    .map(|c| c.predicate.clone() + " ")
                    .collect()
            };
            let vary = |p: &&matgrad::catalog::Parameter| p.name != "k";
            let wrt = law.variables.iter().find(vary);
            wrt.map(|p| request(law.left.text(), &p.name, &law.variables, &stated)).into_iter().collect()
        }
    }
}

fn type_text(ty: &matgrad::catalog::Type) -> String {
    match ty.kind {
        Kind::Scalar => "scalar".to_owned(),
        Kind::Vector => format!("vector({})", laws::dim_text(&ty.rows)),
        Kind::Matrix => format!("matrix({}, {})", laws::dim_text(&ty.rows), laws::dim_text(&ty.cols)),
    }
}

#[test]
fn no_answer_by_a_broken_rule_is_wrong() {
    let text = rules();
    let whole = catalog(&text).unwrap();
    let all = mutants(&text, &whole);
    let sound = Setup::default();
    // A spread over all laws; those of differentials whole.
    let step = if cfg!(debug_assertions) { 23 } else { 5 };
    let chosen = all
        .iter()
        .enumerate()
        .filter(|(i, m)| i % step == 0 || matches!(m.law, Law::Differential(_)) && i % 4 == 0);
    let (mut used, mut refused, mut right, mut wrong) = (0, 0, 0, vec![]);
    for (_, mutant) in chosen {
        let Some(c) = mutated(&text, mutant) else { continue };
        let setup = Setup::new(c, Limits::default());
        for request in requests(&whole, &mutant.law) {
            used += 1;
            match answer(&request, &setup) {
                Err(_) => refused += 1,
                Ok(found) => match in_numbers(&found, &request, &sound) {
                    Ok(_) => right += 1,
                    Err(v) => wrong.push(format!("{} | {}: {}", mutant.text.trim(), v.class, v.detail)),
                },
            }
        }
    }
    println!("{used} answers by broken rules: {refused} refused, {right} right all the same");
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
    assert!(used >= 100 && refused > 10, "{used} answers, {refused} refused");
}
