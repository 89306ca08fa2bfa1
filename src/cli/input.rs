//! Where the text of a request comes from.
//!
//! In: the argument. Out: the text itself, or what standard input or a file holds.
//! Invariant: no more is read than a request may hold, and bytes that are no text are an error with a place.

use std::io::Read;
use std::path::Path;

use matgrad::diagnostic::{Diagnostic, Source, escape};
use matgrad::limits::Limits;
use matgrad::syntax::decode;

/// The text an argument stands for: `-` is standard input, an existing file's path what is in it. A path
/// needs an extension, so that a file called `x` never takes the place of the expression `x`.
pub fn expression(argument: &str, limits: &Limits) -> Result<String, Diagnostic> {
    let path = Path::new(argument);
    let source = if argument == "-" {
        read("standard input", &mut std::io::stdin().lock(), limits)?
    } else if path.extension().is_some() && path.is_file() {
        file(path, limits)?
    } else {
        return Ok(argument.to_owned());
    };
    Ok(source.text.to_string())
}

/// What a file holds.
pub fn file(path: &Path, limits: &Limits) -> Result<Source, Diagnostic> {
    let name = path.display().to_string();
    let mut file = std::fs::File::open(path).map_err(|e| unreadable(&name, &e))?;
    read(&name, &mut file, limits)
}

/// All of a file, or of standard input, as text.
pub fn lines(file: Option<&Path>) -> Result<String, Diagnostic> {
    let name = file.map_or_else(|| "standard input".to_owned(), |p| p.display().to_string());
    let mut text = String::new();
    let read = match file {
        Some(path) => std::fs::File::open(path).and_then(|mut f| f.read_to_string(&mut text)),
        None => std::io::stdin().lock().read_to_string(&mut text),
    };
    read.map_err(|e| unreadable(&name, &e))?;
    Ok(text)
}

fn read(name: &str, from: &mut dyn Read, limits: &Limits) -> Result<Source, Diagnostic> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells a text that is too long from one that fits.
    from.take(limits.input_bytes as u64 + 1).read_to_end(&mut bytes).map_err(|e| unreadable(name, &e))?;
    decode(name, bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes), limits)
}

fn unreadable(name: &str, why: &std::io::Error) -> Diagnostic {
    Diagnostic::request("E0611", format!("cannot read {}: {why}", escape(name)))
}
