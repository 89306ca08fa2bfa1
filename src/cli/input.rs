//! Where the text of a request comes from.
//!
//! In: the argument. Out: the text itself, or what standard input or a file holds.
//! Invariant: no more is read than a request may hold, and bytes that are no text are an error with a place.

use std::io::Read;
use std::path::Path;

use matgrad::diagnostic::Diagnostic;

/// More than any limit on a request's text that makes sense; the reader stops here.
const MOST_BYTES: u64 = 64 << 20;

/// The text an argument stands for: `-` is standard input, an existing file's path what is in it. A path
/// needs an extension, so that a file called `x` never takes the place of the expression `x`.
pub fn expression(argument: &str) -> Result<String, Diagnostic> {
    let path = Path::new(argument);
    if argument == "-" {
        read("standard input", &mut std::io::stdin().lock())
    } else if path.extension().is_some() && path.is_file() {
        file(path)
    } else {
        Ok(argument.to_owned())
    }
}

/// What a file holds.
pub fn file(path: &Path) -> Result<String, Diagnostic> {
    let name = path.display().to_string();
    let mut file = std::fs::File::open(path).map_err(|e| unreadable(&name, &e.to_string()))?;
    read(&name, &mut file)
}

fn read(name: &str, from: &mut dyn Read) -> Result<String, Diagnostic> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|e| unreadable(name, &e.to_string()))?;
    text(name, bytes)
}

/// Bytes as text, without a byte order mark.
pub fn text(name: &str, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    let text = String::from_utf8(bytes).map_err(|e| {
        let place = e.utf8_error().valid_up_to();
        unreadable(name, &format!("no UTF-8 at position {place}"))
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn unreadable(name: &str, why: &str) -> Diagnostic {
    Diagnostic::request("E0811", format!("cannot read {name}: {why}"))
}
