//! Text of a user, made fit to be shown.
//!
//! In: any text. Out: the same with what acts on a terminal or is not seen as code points; JSON with escapes for it.
//! Invariant: no control, bidirectional or invisible character comes out as it went in.
//!
//! `escape("a\u{202E}b")` is `aU+202Eb`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

/// Replaces control, bidirectional and invisible characters by their code points: `U+202E`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) { out.push_str(&code_point(c)) } else { out.push(c) }
    }
    out
}

/// `U+202E`.
pub fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Whether a character acts on a terminal, or is not seen.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The text of a user in a message: escaped, and cut after 60 characters.
pub fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    escape(&short)
}

/// JSON in one line in which what [`escape`] replaces is `\u202e`: it reads back as it was.
///
/// # Errors
/// For a value that is no JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Plain))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Compact JSON without invisible characters.
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for piece in fragment.split_inclusive(is_invisible) {
            let Some(c) = piece.chars().next_back().filter(|c| is_invisible(*c)) else {
                return writer.write_all(piece.as_bytes());
            };
            writer.write_all(piece.trim_end_matches(c).as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}
