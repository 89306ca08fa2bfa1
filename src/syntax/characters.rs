//! What to say of a character that is no part of the language.
//!
//! In: the character and what stands around it. Out: a message and, where one is known, the mend.
//! Invariant: the character is shown raw only where it is visible and goes left to right.

use crate::diagnostic::{Diagnostic, Source, Span, code_point, escape};

/// Letters of other scripts that look like a Latin one.
const LOOKALIKES: &[(&str, char)] = &[
    ("ΑАᎪ", 'A'),
    ("ΒВ", 'B'),
    ("СϹ", 'C'),
    ("ΕЕ", 'E'),
    ("ΗН", 'H'),
    ("ΙІ", 'I'),
    ("Ј", 'J'),
    ("ΚК", 'K'),
    ("ΜМ", 'M'),
    ("Ν", 'N'),
    ("ΟО", 'O'),
    ("ΡР", 'P'),
    ("Ѕ", 'S'),
    ("ΤТ", 'T'),
    ("ΧХ", 'X'),
    ("ΥҮ", 'Y'),
    ("Ζ", 'Z'),
    ("а", 'a'),
    ("с", 'c'),
    ("е", 'e'),
    ("і", 'i'),
    ("ј", 'j'),
    ("οо", 'o'),
    ("р", 'p'),
    ("ѕ", 's'),
    ("х", 'x'),
    ("у", 'y'),
];

/// Characters with a meaning in mathematics or another language, and what to write instead.
const MEANT: &[(&str, &str)] = &[
    ("%", "a comment starts with `#`; there is no remainder operator"),
    ("$", "write the formula without `$`"),
    ("\"`“”‘", "write the expression without quotes of its own; a transpose is `x'` or `x^T`"),
    (
        "×✕",
        "write `A * B` for the matrix product, `cross(a, b)` for the cross product, `kron(A, B)` for Kronecker's",
    ),
    ("÷", "write `/`"),
    ("∇", "the gradient is what comes back: give the function, and the variable with `--wrt x`"),
    ("∂", "the derivative is what comes back: give the function, and the variable with `--wrt x`"),
    ("√", "write `sqrt(a)`, or `sqrt.(x)` entry by entry"),
    ("∑", "write `sum(x)`"),
    ("‖∥", "write `norm(x)`"),
    ("|", "write `abs(a)`, `norm(x)` or `det(A)`"),
    ("!", "there is no factorial"),
    ("&", "write one expression; `.*` is the elementwise product"),
    ("~?", "there is no such operator"),
    ("<>≤≥≠", "comparisons are no part of an expression"),
    ("†*ᴴ", "all variables are real: write `'` or `^T`"),
    ("_", "a name begins with a letter"),
    ("∞", "write `inf`, as in `norm(x, inf)`"),
    ("–—‐‑", "write an ordinary `-`"),
    ("\u{A0}\u{2007}\u{202F}\u{2009}\u{3000}", "replace it by an ordinary blank"),
];

/// The error for a character that is no part of the language.
pub(super) fn unexpected(source: &Source, span: Span) -> Diagnostic {
    let text = &*source.text;
    let rest = text.get(span.start..).unwrap_or_default();
    let Some(c) = rest.chars().next() else {
        return Diagnostic::internal("an unknown character without text");
    };
    let error = |message: String| Diagnostic::request("E0002", message).at(source, span, "here");
    if c == '.' {
        return dot(source, span, &rest[1..]);
    }
    if let Some((_, latin)) = LOOKALIKES.iter().find(|(others, _)| others.contains(c)) {
        return error(format!(
            "unexpected `{c}` ({}): it looks like the Latin `{latin}` but is another letter",
            code_point(c)
        ))
        .help(format!("type an ordinary `{latin}`"));
    }
    if let Some(latin) =
        u32::from(c).checked_sub(0xFEE0).filter(|n| (0x21..0x7F).contains(n)).and_then(char::from_u32)
    {
        return error(format!("unexpected `{c}` ({}), a full-width `{latin}`", code_point(c)))
            .help(format!("type an ordinary `{latin}`"));
    }
    if ('\u{300}'..='\u{36F}').contains(&c) {
        return error(format!("unexpected combining accent ({})", code_point(c)))
            .help("names are made of letters without accents, digits and `_`");
    }
    let shown = escape(&c.to_string());
    let message = match c {
        '\u{A0}' => "unexpected no-break space (U+00A0)".to_string(),
        c if shown.starts_with("U+") && c.is_control() => format!("unexpected control character {shown}"),
        _ if shown.starts_with("U+") => format!("unexpected invisible character {shown}"),
        c if c.is_whitespace() => format!("unexpected blank of another kind ({})", code_point(c)),
        c if c.is_ascii() => format!("unexpected `{c}`"),
        c => format!("unexpected `{c}` ({})", code_point(c)),
    };
    let mend = MEANT.iter().find(|(others, _)| others.contains(c)).map(|(_, mend)| *mend);
    match mend {
        Some(mend) => error(message).help(mend),
        None if ('₀'..='₉').contains(&c) => {
            let digit = u32::from(c) - u32::from('₀');
            error(message).help(format!("an index is written `x_{digit}` or `x{digit}`"))
        }
        None if c.is_alphabetic() => error(message)
            .help("names are made of Latin letters without accents, digits and `_`, or one Greek letter"),
        None if shown.starts_with("U+") => error(message).help("delete it"),
        None => error(message),
    }
}

/// A dot that belongs to no number and no operator.
fn dot(source: &Source, span: Span, after: &str) -> Diagnostic {
    let word: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let place = Span::new(span.start, span.end + word.len());
    let error = |mend: &str| {
        Diagnostic::request("E0009", format!("unexpected `.{word}`")).at(source, place, "here").help(mend)
    };
    match word.as_str() {
        "T" | "t" | "transpose" => error("a transpose is written `x^T` or `x'`"),
        "H" => error("all variables are real: a transpose is written `x^T` or `x'`"),
        "I" | "inv" => error("an inverse is written `inv(A)` or `A^-1`"),
        "dot" => error("a product is written `A x` or `A * x`"),
        "" => Diagnostic::request("E0002", "unexpected `.`").at(source, span, "here").help(
            "elementwise operators are `.*`, `./`, `.^`, `.+`, `.-`; a function entry by entry is `exp.(x)`",
        ),
        _ => error("functions have no prefix: write `exp(a)`, not `np.exp(a)`"),
    }
}
