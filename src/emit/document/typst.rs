//! Mathematics in Typst.
//!
//! In: parts in Typst. Out: their forms: `frac(a, b)`, `x^(sans("T"))`.
//! Invariant: letters are set apart by spaces, so that none join to a word.

use super::translate::Mathematics;

pub(super) struct Typst;

/// Functions that Typst has by this name.
const FUNCTIONS: &[&str] = &["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "det", "max", "min"];
/// Signs under their name in Typst; others are written as themselves.
const NAMES: &[(&str, &str)] = &[("⊙", "dot.o"), ("⊗", "times.o"), ("∞", "infinity"), ("∇", "nabla")];

impl Mathematics for Typst {
    fn sign(&self, sign: &str, latex: Option<&str>) -> String {
        match (sign, latex) {
            ("/" | "#" | "$" | "\"" | "*" | "~" | "&" | "_" | "^", None) => format!("\\{sign}"),
            _ => match (NAMES.iter().find(|(s, _)| *s == sign), latex) {
                (Some((_, name)), _) => (*name).to_owned(),
                (None, Some(name)) if sign.chars().all(char::is_alphabetic) => name.to_owned(),
                _ => sign.to_owned(),
            },
        }
    }

    fn number(&self, digits: &str) -> String {
        digits.to_owned()
    }

    fn function(&self, name: &str) -> String {
        if FUNCTIONS.contains(&name) { name.to_owned() } else { format!("op(\"{name}\")") }
    }

    fn styled(&self, style: &str, letters: &str) -> String {
        match (style, letters) {
            ("mathrm", "d") => "dif".into(),
            ("mathrm", _) => format!("upright(\"{letters}\")"),
            ("mathit", _) => format!("italic(\"{letters}\")"),
            ("mathsf", _) => format!("sans(\"{letters}\")"),
            ("mathbf", _) => format!("bold(\"{letters}\")"),
            _ => format!("\"{letters}\""),
        }
    }

    fn space(&self) -> String {
        "thin".into()
    }

    fn fraction(&self, over: &str, under: &str) -> String {
        format!("frac({over}, {under})")
    }

    fn root(&self, of: &str) -> String {
        format!("sqrt({of})")
    }

    fn script(&self, base: &str, sub: Option<&str>, sup: Option<&str>) -> String {
        let mut text = if base.is_empty() { "\"\"".to_owned() } else { base.to_owned() };
        for (mark, script) in [("_", sub), ("^", sup)] {
            if let Some(script) = script {
                // One letter or one number needs no brackets.
                let single = script.chars().count() == 1 || script.bytes().all(|b| b.is_ascii_digit());
                let script = if single { script.to_owned() } else { format!("({script})") };
                text.push_str(&format!("{mark}{script}"));
            }
        }
        text
    }

    fn fence(&self, open: &str, inside: &str, close: &str) -> String {
        match open {
            "‖" => format!("norm({inside})"),
            "|" => format!("abs({inside})"),
            _ => format!("{open}{inside}{close}"),
        }
    }

    fn row(&self, parts: &[String]) -> String {
        parts.join(" ").replace(" ,", ",")
    }
}
