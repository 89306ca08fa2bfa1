//! Names: which there may be, how Greek letters are spelt, and what a mistyped one may have meant.
//!
//! In: a name. Out: its spelling in ASCII, or suggestions.
//! Invariant: every name in an [`Ast`](super::Ast) is `[A-Za-z_][A-Za-z0-9_]*`, so that no printer needs to escape it.
//!
//! ```
//! use matgrad::syntax::{is_greek, split_name};
//! assert!(is_greek("alpha_1") && !is_greek("alphabet"));
//! assert_eq!(split_name("Ax", &|n| n == "A" || n == "x"), Some(vec!["A".into(), "x".into()]));
//! ```

/// Greek letters by their names; a letter may have two forms.
const GREEK: &[(&str, &str)] = &[
    ("α", "alpha"),
    ("β", "beta"),
    ("γ", "gamma"),
    ("δ", "delta"),
    ("ε", "epsilon"),
    ("ϵ", "epsilon"),
    ("ζ", "zeta"),
    ("η", "eta"),
    ("θ", "theta"),
    ("ϑ", "theta"),
    ("ι", "iota"),
    ("κ", "kappa"),
    ("λ", "lambda"),
    ("μ", "mu"),
    ("µ", "mu"),
    ("ν", "nu"),
    ("ξ", "xi"),
    ("π", "pi"),
    ("ρ", "rho"),
    ("ϱ", "rho"),
    ("σ", "sigma"),
    ("τ", "tau"),
    ("υ", "upsilon"),
    ("φ", "phi"),
    ("ϕ", "phi"),
    ("χ", "chi"),
    ("ψ", "psi"),
    ("ω", "omega"),
    ("Γ", "Gamma"),
    ("Δ", "Delta"),
    ("Θ", "Theta"),
    ("Λ", "Lambda"),
    ("Ξ", "Xi"),
    ("Π", "Pi"),
    ("Σ", "Sigma"),
    ("Φ", "Phi"),
    ("Ψ", "Psi"),
    ("Ω", "Omega"),
];

/// Whether a text is a name: a letter, then letters, digits or `_`, all ASCII.
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a name is a Greek letter, with an index or without: `alpha`, `mu_0`, `lambda2`.
pub fn is_greek(name: &str) -> bool {
    let word = name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    GREEK.iter().any(|(_, spelt)| *spelt == word)
}

/// The ASCII spelling of a name whose first letter may be Greek.
pub(super) fn spell(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(String::from).unwrap_or_default();
    match GREEK.iter().find(|(letter, _)| *letter == first) {
        Some((_, spelt)) => format!("{spelt}{}", chars.as_str()),
        None => name.to_string(),
    }
}

/// The known names that a name is made of when run together: `Ax` is `A x`. The fewest parts win.
pub fn split_name(name: &str, known: &dyn Fn(&str) -> bool) -> Option<Vec<String>> {
    // Longer names are never a slip of the space bar, and the search is cubic.
    if !name.is_ascii() || name.len() > 32 {
        return None;
    }
    let mut best: Vec<Option<Vec<String>>> = vec![Some(vec![])];
    for end in 1..=name.len() {
        let mut found: Option<Vec<String>> = None;
        for start in 0..end {
            let word = &name[start..end];
            let Some(Some(head)) = best.get(start) else { continue };
            let shorter = found.as_ref().is_none_or(|f| head.len() + 1 < f.len());
            if shorter && word.len() < name.len() && known(word) {
                found = Some(head.iter().cloned().chain([word.to_string()]).collect());
            }
        }
        best.push(found);
    }
    best.pop().flatten()
}

/// Names that other systems use, and the functions of this one.
const SYNONYMS: &[(&str, &str)] = &[
    ("trace", "tr"),
    ("ln", "log"),
    ("determinant", "det"),
    ("inverse", "inv"),
    ("eye", "I"),
    ("identity", "I"),
    ("pseudoinverse", "pinv"),
    ("adjugate", "adj"),
    ("sgn", "sign"),
    ("frobenius", "norm"),
    ("normalize", "norm"),
    ("cholesky", "chol"),
    ("lse", "logsumexp"),
    ("heaviside", "step"),
    ("logistic", "sigmoid"),
    ("expm", "exp"),
    ("logm", "log"),
    ("sqrtm", "sqrt"),
    ("slogdet", "logdet"),
    ("vectorize", "vec"),
    ("one", "ones"),
    ("zero", "zeros"),
    ("average", "mean"),
];

/// The function that a name was most likely meant to be: one edit away, or known elsewhere by that name.
pub fn nearest(name: &str, is_function: &dyn Fn(&str) -> bool) -> Option<String> {
    if name.len() > 32 || !name.is_ascii() {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if lower != name && is_function(&lower) {
        return Some(lower);
    }
    if let Some((_, ours)) = SYNONYMS.iter().find(|(theirs, ours)| *theirs == lower && is_function(ours)) {
        return Some((*ours).to_string());
    }
    // One letter is one edit from every name of two.
    if name.len() < 3 {
        return None;
    }
    edits(name).into_iter().find(|candidate| candidate.len() > 1 && is_function(candidate))
}

/// All texts one deletion, swap, substitution or insertion away, in that order.
fn edits(name: &str) -> Vec<String> {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut found = vec![];
    for i in 0..name.len() {
        found.push(format!("{}{}", &name[..i], &name[i + 1..]));
    }
    for i in 1..name.len() {
        let (a, b) = (&name[i - 1..i], &name[i..i + 1]);
        found.push(format!("{}{b}{a}{}", &name[..i - 1], &name[i + 1..]));
    }
    for i in 0..name.len() {
        found.extend(LETTERS.chars().map(|c| format!("{}{c}{}", &name[..i], &name[i + 1..])));
    }
    for i in 0..=name.len() {
        found.extend(LETTERS.chars().map(|c| format!("{}{c}{}", &name[..i], &name[i..])));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greek_is_spelt() {
        assert_eq!(spell("λ_max"), "lambda_max");
        assert_eq!(spell("µ"), "mu");
        assert!(is_greek("mu2") && is_greek("Sigma") && !is_greek("music"));
    }

    #[test]
    fn run_together_names_are_split_into_the_fewest() {
        let known = |n: &str| ["A", "x", "ab", "a", "b"].contains(&n);
        assert_eq!(split_name("Axx", &known).unwrap(), ["A", "x", "x"]);
        assert_eq!(split_name("abA", &known).unwrap(), ["ab", "A"]);
        assert_eq!(split_name("Ay", &known), None);
        assert_eq!(split_name("A", &known), None);
    }

    #[test]
    fn mistyped_functions_are_found() {
        let known = |n: &str| ["inv", "det", "tr", "softmax"].contains(&n);
        for (typed, meant) in
            [("invv", "inv"), ("det2", "det"), ("softmxa", "softmax"), ("Tr", "tr"), ("trace", "tr")]
        {
            assert_eq!(nearest(typed, &known).as_deref(), Some(meant));
        }
        assert_eq!(nearest("g", &known), None);
    }
}
