//! Embeds the data files: `$OUT_DIR/rules.rs` holds the topic, text and parse tree of every rules file,
//! `$OUT_DIR/targets.rs` the name and text of every target file. A rules file that cannot be read ends the build.

#[path = "src/catalog/tree.rs"]
mod tree;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use tree::{Token, Tree};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let rules = root.join("rules");
    embed("rules.rs", "(&str, &str, &[Token])", files(&rules, "rules")?, |path, text| {
        let tree = Tree::read(text).map_err(|error| {
            let line = text.get(..error.place.start).unwrap_or(text).lines().count();
            io::Error::other(format!("{path}.rules:{line}: {}", error.expected))
        })?;
        let mut tokens = String::new();
        for Token(rule, start, end, after) in tree.tokens.iter() {
            let _ = write!(tokens, "Token({rule},{start},{end},{after}),");
        }
        Ok(format!("({path:?}, {:?}, &[{tokens}])", tree.text))
    })?;
    embed("targets.rs", "(&str, &str)", files(&rules.join("targets"), "toml")?, |name, text| {
        Ok(format!("({name:?}, {text:?})"))
    })?;
    for part in ["build.rs", "src/catalog/tree.rs", "grammar/rules.pest"] {
        println!("cargo::rerun-if-changed={part}");
    }
    Ok(())
}

/// Writes a table with a line for each of these files, by name.
fn embed(
    name: &str,
    line: &str,
    mut files: Vec<(String, PathBuf)>,
    row: impl Fn(&str, &str) -> io::Result<String>,
) -> io::Result<()> {
    files.sort();
    let mut table = format!("static FILES: &[{line}] = &[\n");
    for (name, path) in files {
        let _ = writeln!(table, "    {},", row(&name, &fs::read_to_string(path)?)?);
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join(name), table)
}

/// The files with this ending below a directory, by their path in it without the ending. Cargo watches them all.
fn files(root: &Path, ending: &str) -> io::Result<Vec<(String, PathBuf)>> {
    let (mut found, mut dirs) = (Vec::new(), vec![root.to_owned()]);
    while let Some(dir) = dirs.pop() {
        println!("cargo::rerun-if-changed={}", dir.display());
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                println!("cargo::rerun-if-changed={}", path.display());
                let name = path.strip_prefix(root).unwrap_or(&path).with_extension("");
                found.push((name.to_string_lossy().replace('\\', "/"), path));
            }
        }
    }
    Ok(found)
}
