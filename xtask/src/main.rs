//! Tasks around matgrad: `cargo xtask book` builds the reference into `book/html`.
//!
//! In: `book/src`, `tests/lecture` and the rules. Out: pages of HTML with pictures, readable without a network.
//! Invariant: every formula and number that is not prose is computed by matgrad while the book is built.

mod canvas;
mod catalogue;
mod chapter;
mod html;
mod plot;
mod question;
mod text;

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

/// A page: the name of its file, its title, its text in Markdown.
struct Page {
    file: String,
    title: String,
    text: String,
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    if task.as_deref() != Some("book") {
        eprintln!("usage: cargo xtask book");
        return ExitCode::from(2);
    }
    match book() {
        Ok(pages) => {
            println!("{pages} pages in book/html; open book/html/index.html");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn book() -> Outcome<usize> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no parent folder")?;
    let out = root.join("book/html");
    let cases = fs::read_to_string(root.join("tests/lecture/chapter2.txt"))?;
    let count = html::set(&root.join("book"), &|text| chapter::expanded(text, &cases), catalogue::pages()?)?;
    // The stylesheet of KaTeX asks for its fonts beside it.
    copy(&root.join("book/assets/katex/fonts"), &out.join("assets/katex/fonts"))?;
    println!("{} links lead somewhere", html::check_links(&out)?);
    Ok(count)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
