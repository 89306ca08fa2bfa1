//! Files of `--- name ---` cases.
//!
//! In: `tests/suite/**/*.txt`, `tests/lecture/*.txt`. Out: [`Case`]s, in the order of the files.
//! Invariant: a line that is no key of a request fails the test.

use std::fs;
use std::path::{Path, PathBuf};

use matgrad::answer::Request;

/// One case.
pub struct Case {
    /// The file it stands in.
    pub file: PathBuf,
    /// Its name there.
    pub name: String,
    /// Its lines.
    pub text: String,
    /// What is asked.
    pub request: Request,
    /// Whether it is there to be refused.
    pub refused: bool,
    /// Lines the answer must hold to the letter, in ASCII: `gradient x = 2 A x`, `note f is linear in A`.
    pub gives: Vec<String>,
}

impl Case {
    /// Whether a directional derivative is asked for along this name.
    pub fn is_direction(&self, name: &str) -> bool {
        self.request.at.iter().flatten().any(|n| n == name)
    }
}

/// All cases.
pub fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut files = vec![];
    let mut open = vec![root.join("suite"), root.join("lecture")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "txt") {
            files.push(path);
        }
    }
    files.sort();
    files.iter().flat_map(|file| cases_of(file)).collect()
}

fn cases_of(file: &Path) -> Vec<Case> {
    let mut cases: Vec<Case> = vec![];
    for line in fs::read_to_string(file).unwrap().lines() {
        if let Some(name) = line.strip_prefix("--- ").and_then(|l| l.strip_suffix(" ---")) {
            assert!(cases.iter().all(|c| c.name != name), "{}: {name} twice", file.display());
            let request = Request { emit: vec!["numpy".into()], ..Request::new("") };
            let (name, text) = (name.to_owned(), String::new());
            cases.push(Case { file: file.to_owned(), name, text, request, refused: false, gives: vec![] });
        } else if let (Some(case), false) = (cases.last_mut(), line.trim().is_empty()) {
            let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("{}: {line}", file.display()));
            set(case, key, value.trim());
            case.text.push_str(&format!("{}\n", line.trim()));
        }
    }
    cases
}

fn set(case: &mut Case, key: &str, value: &str) {
    let names = || value.split(',').map(|n| n.trim().to_owned()).collect::<Vec<_>>();
    let request = &mut case.request;
    match key {
        "expr" if request.expr.is_empty() => request.expr = value.to_owned(),
        "expr" => request.expr = format!("{}\n{value}", request.expr),
        "let" => request.lets.push(value.to_owned()),
        "wrt" if value == "none" => request.wrt = Some(vec![]),
        "wrt" => request.wrt = Some(names()),
        "at" => request.at = Some(names()),
        "order" => request.order = value.parse().unwrap(),
        "vec" => request.vec = value.parse().unwrap(),
        "free_entries" => request.free_entries = value.parse().unwrap(),
        // Where the problem is published.
        "source" => {}
        "gives" => case.gives.push(value.to_owned()),
        "refused" => case.refused = value.parse().unwrap(),
        _ => panic!("{}: no key `{key}`", case.file.display()),
    }
}
