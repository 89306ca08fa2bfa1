//! Embeds the data files: `$OUT_DIR/rules.rs` holds the topic and text of every rules file, `$OUT_DIR/targets.rs`
//! the name and text of every target file.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let rules = root.join("rules");
    embed(&rules, "rules", "rules.rs")?;
    embed(&rules.join("targets"), "toml", "targets.rs")?;
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// Writes a table of the files with this ending below a directory.
fn embed(root: &Path, ending: &str, name: &str) -> io::Result<()> {
    let mut files = Vec::new();
    collect(root, ending, &mut files)?;
    files.sort();
    let mut table = String::from("pub(super) static FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let topic = file.strip_prefix(root).unwrap_or(file).with_extension("");
        let topic = topic.to_string_lossy().replace('\\', "/");
        let path = file.to_string_lossy();
        table.push_str(&format!("    ({topic:?}, include_str!({path:?})),\n"));
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join(name), table)
}

/// Finds the files with this ending below a directory, and has cargo watch every directory and file.
fn collect(dir: &Path, ending: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", dir.display());
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, ending, files)?;
        } else if path.extension().is_some_and(|e| e == ending) {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
