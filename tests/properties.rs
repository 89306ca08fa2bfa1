//! Random well-typed requests: what is printed reads back, agrees with the function in numbers, is linear where it
//! must be, and does not depend on names or the order of summands.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test fails by panicking, in its helpers too.

use std::collections::BTreeMap;

mod random;

use matgrad::answer::Setup;
use random::generate::case;
use random::judge::judge;
use random::tree::Manner;

/// Failures that do not make an answer wrong, as the end of what they are called, with how many a hundred requests may have
/// and why they are there. Every other failure may not happen at all.
const BORNE: [(&str, usize, &str); 4] = [
    (
        "internal E0901",
        1,
        "an answer is refused: the derivative vanishes, and rounding is compared with rounding",
    ),
    (
        "text does not read back",
        1,
        "an answer is defined nowhere on a subspace: `sqrt.(L)` of a lower triangle",
    ),
    ("another size", 1, "other names or another order of summands lead to a form that is right and larger"),
    ("simplified form disagrees", 1, "the form as derived is given, and the answer says so"),
];

/// Outcomes that are no answer: refused, or not checked because no point was found.
const MOST_UNANSWERED: usize = 15;

#[test]
fn answers_to_random_requests_are_right() {
    let setup = Setup::default();
    let count: usize = if cfg!(debug_assertions) { 60 } else { 2000 };
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut unanswered = 0;
    for seed in 1..=count as u64 {
        let case = case(&setup.catalog, seed);
        let verdict = judge(&case, &setup);
        unanswered += usize::from(!verdict.failed && verdict.class != "right");
        if verdict.failed {
            let text = case.text(Manner::default());
            let line = format!("seed {seed}: {}: `{text}`: {}", verdict.class, verdict.detail);
            seen.entry(verdict.class).or_default().push(line);
        }
    }
    let mut wrong = vec![];
    for (class, lines) in &seen {
        let borne = BORNE.iter().find(|(end, ..)| class.ends_with(end));
        let most = borne.map_or(0, |(_, most, _)| (most * count).div_ceil(100));
        println!("{} {class}, {most} may be: {}", lines.len(), borne.map_or("", |(.., why)| why));
        if lines.len() > most {
            wrong.extend(lines.iter().cloned());
        }
    }
    println!("{unanswered} of {count} refused or not checked");
    assert!(wrong.is_empty(), "{} too many or wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unanswered * 100 <= MOST_UNANSWERED * count, "{unanswered} of {count} are not answered");
}
