//! Names in emitted code: a variable, a dimension or an abstract function may be called anything that the language
//! takes; code holds only the words that it holds for harmless names, and identifiers that are free in its language.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use std::collections::{BTreeMap, BTreeSet};

use matgrad::answer::{Request, Setup, answer};

/// Reserved words by language, and names that frames, helpers and documents may use.
fn words() -> BTreeMap<String, BTreeSet<String>> {
    let table: BTreeMap<String, String> = toml::from_str(include_str!("reserved.toml")).unwrap();
    table.into_iter().map(|(k, text)| (k, text.split_whitespace().map(String::from).collect())).collect()
}

/// Targets for code and the language that each is written in.
const CODE: [(&str, &str); 9] = [
    ("numpy", "python"),
    ("torch", "python"),
    ("jax", "python"),
    ("sympy", "python"),
    ("julia", "julia"),
    ("matlab", "matlab"),
    ("c", "c"),
    ("eigen", "eigen"),
    ("rust", "rust"),
];

const DOCUMENTS: [&str; 3] = ["latex", "typst", "mathml"];

/// A matrix, a vector, a scalar and a dimension of these names in all code and documents.
fn request([matrix, vector, scalar, dimension]: [&str; 4]) -> Request {
    let mut request = Request::new(format!(
        "{vector}^T inv({matrix}) {vector} + {scalar} sum(sigmoid.({vector})) / {dimension}"
    ));
    request.lets = vec![
        format!("{matrix}: matrix({dimension},{dimension})"),
        format!("{vector}: vector({dimension})"),
        format!("{scalar}: scalar"),
    ];
    request.wrt = Some(vec![vector.into()]);
    request.emit = CODE.iter().map(|(target, _)| *target).chain(DOCUMENTS).map(String::from).collect();
    request.check = false;
    request
}

/// What harmless names are.
const PLAIN: [&str; 4] = ["qqmat", "qqvec", "qqsca", "qqdim"];

/// Words, numbers and other characters of a code, without blanks, documentation and texts.
fn tokens(code: &str) -> Vec<&str> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let outside = code.split("\"\"\"").step_by(2).flat_map(str::lines);
    let lines = outside.filter(|l| !["//", "%"].iter().any(|c| l.trim_start().starts_with(c)));
    let mut found = vec![];
    for mut rest in lines.flat_map(|l| l.split('"').step_by(2)) {
        rest = rest.trim_start();
        while let Some(first) = rest.chars().next() {
            let text = rest[1..].split_once('\'').map(|(text, _)| text);
            let end = match text.filter(|t| first == '\'' && !t.is_empty() && t.chars().all(part)) {
                Some(text) => text.len() + 2,
                None if part(first) => rest.find(|c| !part(c)).unwrap_or(rest.len()),
                None => first.len_utf8(),
            };
            found.push(&rest[..end]);
            rest = rest[end..].trim_start();
        }
    }
    found.retain(|t| !t.starts_with('\'') || t.len() == 1);
    found
}

/// Whether a token is the name of something.
fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// The words of a code with harmless names that are the target's own.
fn own_words(plain: &str) -> BTreeSet<&str> {
    let users = |t: &str| PLAIN.iter().any(|p| t == *p || t.strip_prefix('d') == Some(p));
    tokens(plain).into_iter().filter(|t| is_word(t) && !users(t)).collect()
}

/// What is wrong with a code for these names, given the words that are the target's own.
fn complaint(
    code: &str,
    names: &[String; 4],
    own: &BTreeSet<&str>,
    reserved: &BTreeSet<String>,
) -> Option<String> {
    let used: BTreeSet<&str> = tokens(code).into_iter().filter(|t| is_word(t)).collect();
    let mut chosen = BTreeSet::new();
    for name in names.iter().cloned().chain([format!("d{}", names[1])]) {
        let free = (0..4)
            .rev()
            .map(|n| name.clone() + &"_".repeat(n))
            .find(|t| !reserved.contains(t) && used.contains(t.as_str()));
        match free {
            Some(free) if chosen.insert(free.clone()) => {}
            Some(free) => return Some(format!("two things are called `{free}`")),
            None => return Some(format!("there is no name for `{name}`")),
        }
    }
    let temporary = |t: &str| t.strip_prefix('t').is_some_and(|n| n.parse::<u32>().is_ok());
    let foreign = used.iter().find(|t| !own.contains(**t) && !chosen.contains(**t) && !temporary(t));
    foreign.map(|t| format!("`{t}` comes from nowhere"))
}

/// Words in groups for the roles of a request; a word that the language refuses as a name is left out.
fn groups(words: &BTreeSet<String>, setup: &Setup) -> Vec<[String; 4]> {
    let names = |word: &&String| {
        let lets = vec![format!("{word}: scalar")];
        let read = Request { lets, wrt: Some(vec![]), ..Request::new(word.as_str()) };
        answer(&read, setup).is_ok_and(|a| a.variables.len() == 1)
    };
    let names: Vec<&String> = words.iter().filter(names).collect();
    let at = |i: usize| names[i % names.len()].clone();
    (0..names.len()).step_by(4).map(|i| [at(i), at(i + 1), at(i + 2), at(i + 3)]).collect()
}

#[test]
fn names_in_code_are_free_in_its_language() {
    let (setup, words) = (Setup::default(), words());
    let plain = answer(&request(PLAIN), &setup).unwrap();
    let all: BTreeSet<String> = words.values().flatten().cloned().collect();
    let mut wrong = vec![];
    let groups = groups(&all, &setup);
    for names in &groups {
        let found = answer(&request(names.each_ref().map(String::as_str)), &setup).unwrap();
        for (target, language) in CODE {
            let own = own_words(&plain.code[target]);
            if let Some(why) = complaint(&found.code[target], names, &own, &words[language]) {
                wrong.push(format!("{target}, {names:?}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(groups.len() > 50, "only {} groups", groups.len());
}
