//! Notation lines of the catalogue, taken apart.
//!
//! In: `\log\lvert\det {X}\rvert` and the names of the parameters. Out: literal text and places of arguments.
//! Invariant: only `{name}` of a parameter is a place; all other braces are text, as LaTeX needs them.

/// A part of a notation line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// Text to copy.
    Text(String),
    /// An argument.
    Argument {
        /// Which one.
        index: usize,
        /// Whether text on both sides delimits it, so that it needs no brackets of its own.
        delimited: bool,
    },
}

const OPENING: &[&str] = &["(", "[", "{", ",", "|", "‖", "⌊", "\\lVert", "\\lvert", "\\left(", "\\left["];
const CLOSING: &[&str] = &[")", "]", "}", ",", "|", "‖", "⌋", "\\rVert", "\\rvert", "\\right"];

/// The parts of a notation line.
pub fn pieces(template: &str, parameters: &[&str]) -> Vec<Piece> {
    let mut found = Vec::new();
    let (mut text, mut rest) = (String::new(), template);
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        text.push_str(before);
        let place = after.find('}').and_then(|close| {
            let index = parameters.iter().position(|p| *p == after[1..close].trim())?;
            Some((index, &after[close + 1..]))
        });
        match place {
            Some((index, tail)) => {
                let (left, right) = (text.trim_end(), tail.trim_start());
                let opened = OPENING.iter().any(|o| left.ends_with(o));
                let closed = CLOSING.iter().any(|c| right.starts_with(c));
                let alone = left.is_empty() && found.is_empty() && right.is_empty();
                if !text.is_empty() {
                    found.push(Piece::Text(std::mem::take(&mut text)));
                }
                found.push(Piece::Argument { index, delimited: alone || opened && closed });
                rest = tail;
            }
            None => {
                text.push('{');
                rest = &after[1..];
            }
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        found.push(Piece::Text(text));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_know_whether_they_are_delimited() {
        let found = pieces("\\log\\lvert\\det {X}\\rvert", &["X"]);
        assert_eq!(found[1], Piece::Argument { index: 0, delimited: false });
        let found = pieces("np.trace({X}) * {y}", &["X", "y"]);
        assert_eq!(found[1], Piece::Argument { index: 0, delimited: true });
        assert_eq!(found[3], Piece::Argument { index: 1, delimited: false });
        assert_eq!(pieces("\\frac{1}{n}", &["X"]), [Piece::Text("\\frac{1}{n}".into())]);
        assert_eq!(pieces("e^{{x}}", &["x"])[1], Piece::Argument { index: 0, delimited: true });
    }
}
