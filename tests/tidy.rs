//! What no compiler checks: sizes of files, module headers, the changelog, and that tests mirror rules.
#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder with one of these endings, sorted.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if endings.iter().any(|e| path.extension().is_some_and(|x| x == *e)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn files_are_short() {
    for path in files("src", &["rs"]) {
        let lines = read(&path).lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines; split it", path.display());
    }
}

#[test]
fn modules_say_what_they_are() {
    let is_test = |path: &PathBuf| path.file_stem().is_some_and(|s| s.to_string_lossy().ends_with("tests"));
    for path in files("src", &["rs"]).into_iter().filter(|p| !is_test(p)) {
        assert!(read(&path).starts_with("//! "), "{} does not open with its documentation", path.display());
    }
}

#[test]
fn nothing_is_left_to_do() {
    let words = ["TODO", "FIXME", "XXX", "unimplemented!", "todo!", "dbg!"];
    for path in [files("src", &["rs"]), files("rules", &["rules", "toml"])].concat() {
        for (i, line) in read(&path).lines().enumerate() {
            for word in words {
                assert!(!line.contains(word), "{}:{}: {word}", path.display(), i + 1);
            }
        }
    }
}

#[test]
fn the_changelog_has_a_place_for_what_is_new() {
    let changelog = read(&root().join("CHANGELOG.md"));
    assert!(changelog.contains("\n## Unreleased\n"));
}

#[test]
fn the_suite_mirrors_the_rules() {
    let topics = |folder: &str, ending: &str| -> BTreeSet<String> {
        let base = root().join(folder);
        let topic = |p: PathBuf| p.strip_prefix(&base).unwrap().with_extension("").display().to_string();
        files(folder, &[ending]).into_iter().map(topic).collect()
    };
    let (rules, suite) = (topics("rules", "rules"), topics("tests/suite", "txt"));
    let missing: Vec<_> = rules.difference(&suite).collect();
    assert!(missing.is_empty(), "no tests/suite/….txt for {missing:?}");
    let odd: Vec<_> = suite.difference(&rules).collect();
    assert!(odd.is_empty(), "no rules/….rules for {odd:?}");
}

#[test]
fn snapshots_belong_to_cases() {
    for folder in ["tests/suite", "tests/lecture"] {
        for snapshot in files(folder, &["snap"]) {
            let case = snapshot.with_extension("");
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            let cases = snapshot.parent().unwrap().parent().unwrap();
            let (file, case) = name.split_once("__").unwrap();
            let text = read(&cases.join(format!("{file}.txt")));
            assert!(text.contains(&format!("--- {case} ---")), "{} has no case", snapshot.display());
        }
    }
}
