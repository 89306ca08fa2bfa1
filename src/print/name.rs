//! Names in each notation.
//!
//! In: a validated name of the request. Out: `alpha`, `α`, `\alpha`; `x_1`, `x_{1}`; `rate`, `\mathit{rate}`.
//! Invariant: ASCII output is the typed name, with Greek letters spelt out; LaTeX output is balanced and
//! holds no character that LaTeX would act on.

use super::Style;

/// The Greek letters: name, small, capital (empty where it is a Latin letter).
const GREEK: &[(&str, &str, &str)] = &[
    ("alpha", "α", ""),
    ("beta", "β", ""),
    ("gamma", "γ", "Γ"),
    ("delta", "δ", "Δ"),
    ("epsilon", "ε", ""),
    ("zeta", "ζ", ""),
    ("eta", "η", ""),
    ("theta", "θ", "Θ"),
    ("iota", "ι", ""),
    ("kappa", "κ", ""),
    ("lambda", "λ", "Λ"),
    ("mu", "μ", ""),
    ("nu", "ν", ""),
    ("xi", "ξ", "Ξ"),
    ("pi", "π", "Π"),
    ("rho", "ρ", ""),
    ("sigma", "σ", "Σ"),
    ("tau", "τ", ""),
    ("upsilon", "υ", "Υ"),
    ("phi", "φ", "Φ"),
    ("chi", "χ", ""),
    ("psi", "ψ", "Ψ"),
    ("omega", "ω", "Ω"),
];

/// The letter for `alpha` or `Gamma`.
fn letter(word: &str) -> Option<&'static str> {
    GREEK.iter().find_map(|(name, small, capital)| {
        if *name == word {
            return Some(*small);
        }
        let same = word.eq_ignore_ascii_case(name);
        (same && word.starts_with(|c: char| c.is_ascii_uppercase()) && word[1..] == name[1..])
            .then_some(*capital)
            .filter(|c| !c.is_empty())
    })
}

/// The word for `α` or `Γ`.
fn word(letter: &str) -> Option<String> {
    if letter.is_ascii() {
        return None;
    }
    GREEK.iter().find_map(|(name, small, capital)| {
        if *small == letter {
            Some((*name).to_owned())
        } else if *capital == letter {
            Some(format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]))
        } else {
            None
        }
    })
}

/// A name split where its index begins: `x_1` into `x` and `1`, `alpha2` into `alpha` and `2`.
fn split(name: &str) -> (&str, &str) {
    if let Some(i) = name.find('_').filter(|i| *i > 0) {
        return (&name[..i], &name[i + 1..]);
    }
    name.split_at(name.trim_end_matches(|c: char| c.is_ascii_digit()).len())
}

/// A name in a notation.
pub fn name(name: &str, style: Style) -> String {
    match style {
        Style::Ascii => ascii(name),
        Style::Unicode => {
            let (stem, _) = split(name);
            let rest = &name[stem.len()..];
            letter(stem).map_or_else(|| name.to_owned(), |l| format!("{l}{rest}"))
        }
        Style::Latex => latex(name),
    }
}

/// The differential of a variable: `dX`, `dα`, `\mathrm{d}X`.
pub fn differential(variable: &str, style: Style) -> String {
    let d = if style == Style::Latex { "\\mathrm{d}" } else { "d" };
    format!("{d}{}", name(variable, style))
}

fn ascii(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match word(c.encode_utf8(&mut [0; 4])) {
            Some(w) => text.push_str(&w),
            None => text.push(c),
        }
    }
    text
}

fn latex(name: &str) -> String {
    let (stem, index) = split(name);
    let stem = match word(stem).or_else(|| letter(stem).map(|_| stem.to_owned())) {
        Some(greek) => format!("\\{greek}"),
        None if stem.chars().count() == 1 => stem.to_owned(),
        None => format!("\\mathit{{{}}}", escape(stem)),
    };
    match index {
        "" if name.ends_with('_') => format!("{stem}\\_"),
        "" => stem,
        _ if index.chars().count() == 1 || index.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{stem}_{{{}}}", escape(index))
        }
        _ => format!("{stem}_{{\\mathrm{{{}}}}}", escape(index)),
    }
}

/// Text with what LaTeX would act on escaped.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '_' | '#' | '$' | '%' | '&' | '{' | '}') {
            escaped.push('\\');
        }
        if !matches!(c, '\\' | '^' | '~') {
            escaped.push(c);
        }
    }
    escaped
}
