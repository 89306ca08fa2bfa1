//! Random well-typed requests: what is printed reads back, agrees with the function in numbers, is linear where it
//! must be, and does not depend on names or the order of summands.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

mod random;

use matgrad::answer::Setup;
use random::generate::case;
use random::judge::judge;
use random::tree::Manner;

/// Outcomes that tell of an answer that is wrong, as opposed to one that is refused or larger than need be.
const WRONG: [&str; 6] = [
    "panic",
    "wrong in numbers",
    "df is not linear",
    "the Hessian is not symmetric",
    "text reads as something else",
    "fault when read back",
];

#[test]
fn answers_to_random_requests_are_right() {
    let setup = Setup::default();
    let count = if cfg!(debug_assertions) { 60 } else { 400 };
    let (mut right, mut wrong) = (0, vec![]);
    for seed in 1..=count {
        let case = case(&setup.catalog, seed);
        let verdict = judge(&case, &setup);
        right += usize::from(verdict.class == "right");
        if WRONG.iter().any(|w| verdict.class.ends_with(w)) {
            let text = case.text(Manner::default());
            wrong.push(format!("seed {seed}: {} `{text}`: {}", verdict.class, verdict.detail));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(right * 3 > count as usize, "only {right} of {count} are right");
}
