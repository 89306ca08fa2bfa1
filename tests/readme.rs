//! The table of functions in the README is the one the rules give; examples of rules files are what they are said
//! to be.
//!
//! `UPDATE_README=1 cargo test --test readme` writes it anew.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use matgrad::catalog::Catalog;
use matgrad::handbook::table;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const START: &str = "<!-- functions: written by UPDATE_README=1 cargo test --test readme -->\n";
const END: &str = "<!-- end of functions -->\n";

#[test]
fn the_examples_of_rules_are_those_in_their_readme() {
    let root = env!("CARGO_MANIFEST_DIR");
    let readme = std::fs::read_to_string(format!("{root}/rules/README.md")).unwrap();
    let files: Vec<_> = std::fs::read_dir(format!("{root}/examples/rules")).unwrap().flatten().collect();
    for file in &files {
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(readme.contains(&text), "{:?} is not in rules/README.md", file.path());
    }
    assert!(files.len() >= 5);
}

#[test]
fn the_table_of_functions_is_up_to_date() {
    let readme = std::fs::read_to_string(PATH).unwrap();
    let (before, rest) = readme.split_once(START).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let current = format!("{before}{START}\n{}\n{END}{after}", table(&Catalog::builtin()));
    if std::env::var_os("UPDATE_README").is_some() {
        return std::fs::write(PATH, &current).unwrap();
    }
    assert!(readme == current, "the README is behind the rules: UPDATE_README=1 cargo test --test readme");
}
