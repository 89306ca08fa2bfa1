//! Mathematics in presentation MathML (Core).
//!
//! In: parts in MathML. Out: their elements.
//! Invariant: well-formed: every element is closed, and `<`, `>`, `&` of the text are entities.

use super::translate::Mathematics;

pub(super) struct MathMl;

fn element(name: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<{name}>{text}</{name}>")
}

/// Letters of the alphabets that mathematics has in Unicode.
fn alphabet(letters: &str, capital: u32, digit: Option<u32>) -> String {
    let shifted = |c: char| match (c, digit) {
        ('A'..='Z', _) => char::from_u32(capital + (c as u32 - 'A' as u32)).unwrap_or(c),
        ('0'..='9', Some(digit)) => char::from_u32(digit + (c as u32 - '0' as u32)).unwrap_or(c),
        _ => c,
    };
    letters.chars().map(shifted).collect()
}

impl Mathematics for MathMl {
    fn sign(&self, sign: &str, _: Option<&str>) -> String {
        let letter = sign.chars().all(char::is_alphabetic);
        element(if letter { "mi" } else { "mo" }, if sign == "-" { "−" } else { sign })
    }

    fn number(&self, digits: &str) -> String {
        element("mn", digits)
    }

    fn function(&self, name: &str) -> String {
        match name.chars().count() {
            1 => format!("<mi mathvariant=\"normal\">{name}</mi>"),
            _ => element("mi", name),
        }
    }

    fn styled(&self, style: &str, letters: &str) -> String {
        match style {
            "mathsf" => element("mi", &alphabet(letters, 0x1D5A0, None)),
            "mathbf" => element("mn", &alphabet(letters, 0x1D400, Some(0x1D7CE))),
            "mathrm" => self.function(letters),
            "mathit" => element("mi", letters),
            _ => element("mtext", &letters.replace(' ', "\u{a0}")),
        }
    }

    fn space(&self) -> String {
        "<mspace width=\"0.167em\"/>".into()
    }

    fn fraction(&self, over: &str, under: &str) -> String {
        format!("<mfrac>{over}{under}</mfrac>")
    }

    fn root(&self, of: &str) -> String {
        format!("<msqrt>{of}</msqrt>")
    }

    fn script(&self, base: &str, sub: Option<&str>, sup: Option<&str>) -> String {
        let base = if base.is_empty() { "<mrow></mrow>" } else { base };
        match (sub, sup) {
            (Some(sub), Some(sup)) => format!("<msubsup>{base}{sub}{sup}</msubsup>"),
            (Some(sub), None) => format!("<msub>{base}{sub}</msub>"),
            (None, Some(sup)) => format!("<msup>{base}{sup}</msup>"),
            (None, None) => base.to_owned(),
        }
    }

    fn fence(&self, open: &str, inside: &str, close: &str) -> String {
        format!("<mrow>{}{inside}{}</mrow>", element("mo", open), element("mo", close))
    }

    fn row(&self, parts: &[String]) -> String {
        match parts {
            [only] => only.clone(),
            _ => format!("<mrow>{}</mrow>", parts.concat()),
        }
    }
}
