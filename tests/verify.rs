//! The checker of derivations: the steps of every example of the lecture hold, and none does when it is corrupted.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test fails by panicking, in its helpers too.

#[path = "cases/read.rs"]
#[allow(dead_code)]
mod read;

use matgrad::answer::{Request, Setup, answer};
use matgrad::verify::{StepVerdict, verify};
use serde_json::{Value, json};

/// Programs, whose steps are in the names of their parts.
const PROGRAMS: &[&str] = &["r = A x - b; r^T r / 2", "s = a^T x; 1 / (1 + s^2)"];

/// The answers of the lecture's examples, with steps, and those of some programs.
fn answers(setup: &Setup) -> Vec<(String, Value)> {
    let lecture =
        read::cases().into_iter().filter(|c| c.file.components().any(|p| p.as_os_str() == "lecture"));
    let answered = lecture.map(|case| {
        let request = Request { steps: true, ..case.request };
        (case.name, serde_json::to_value(answer(&request, setup).unwrap()).unwrap())
    });
    let programs = PROGRAMS.iter().map(|program| {
        let request =
            Request { steps: true, wrt: Some(vec!["x".into()]), ..Request::new((*program).to_owned()) };
        let answer = serde_json::to_value(answer(&request, setup).unwrap()).unwrap();
        assert_eq!(answer["steps"][0]["rule"], "part", "{program}");
        ((*program).to_owned(), answer)
    });
    answered.chain(programs).collect()
}

#[test]
fn derivations_hold() {
    let setup = Setup::default();
    for (name, answer) in answers(&setup) {
        let verdict = verify(&answer.to_string(), &setup);
        assert!(verdict.holds(), "{name}: {verdict:?}");
        assert!(!answer["steps"].as_array().unwrap().is_empty(), "{name} has no steps");
        let shown = verdict.steps.iter().all(|s| *s == StepVerdict::Proved);
        let by_chain = answer["steps"].as_array().unwrap().iter().any(|s| s["rule"] == "chain");
        assert!(shown || by_chain, "{name} is not proved: {verdict:?}");
    }
}

/// A sign, a transpose, a factor, another rule, other words, another source, other marks, a condition or a step left out,
/// two steps exchanged: each in every step, and rejected where it is.
#[test]
fn corrupted_steps_are_rejected() {
    // Each mutant is replayed whole: a long derivation costs the square of its length.
    rejected_in_derivations_of(7, 700);
}

#[test]
#[ignore = "every step of every derivation: 20 s"]
fn corrupted_steps_of_long_derivations_are_rejected() {
    rejected_in_derivations_of(usize::MAX, 1300);
}

/// Corrupts derivations of at most so many steps, in at least so many ways.
fn rejected_in_derivations_of(most: usize, least: usize) {
    let setup = Setup::default();
    let (mut tried, mut survived) = (0, vec![]);
    for (name, answer) in answers(&setup) {
        let count = answer["steps"].as_array().unwrap().len();
        if count > most {
            continue;
        }
        for i in 0..count {
            for (what, mutant) in mutants(&answer, i) {
                tried += 1;
                let verdict = verify(&mutant.to_string(), &setup);
                // What is wrong shows at the step itself, or at the next one, which goes on from it.
                let near = verdict.steps.iter().skip(i).take(2).any(|s| matches!(s, StepVerdict::Wrong(_)));
                if verdict.holds() || !(near || verdict.fault.is_some()) {
                    survived.push(format!("{name}, step {}: {what}: {}", i + 1, answer["steps"][i]["after"]));
                }
            }
        }
    }
    println!("{tried} corrupted derivations, {} held", survived.len());
    assert!(tried > least, "{tried} mutants");
    assert!(survived.is_empty(), "{} of {tried}:\n{}", survived.len(), survived.join("\n"));
}

fn mutants(answer: &Value, i: usize) -> Vec<(&'static str, Value)> {
    let mut all = vec![];
    let step = &answer["steps"][i];
    for (what, change) in CHANGES {
        for place in ["after", "changed"] {
            let mut mutant = answer.clone();
            let text = match place {
                "after" => &mut mutant["steps"][i]["after"],
                _ if step["changed"].is_array() => &mut mutant["steps"][i]["changed"][0]["to"],
                _ => continue,
            };
            let old = text.as_str().unwrap().to_owned();
            let new = change(&old);
            if new != old {
                *text = json!(new);
                all.push((*what, mutant));
            }
        }
    }
    let rule = if step["rule"] == "logdet" { "det" } else { "logdet" };
    all.push(("rule", with(answer, i, "rule", json!(rule))));
    all.push(("title", with(answer, i, "title", json!("by inspection"))));
    all.push(("source", with(answer, i, "source", json!("matrix-cookbook 1"))));
    all.push(("quantity", with(answer, i, "of", json!("g"))));
    all.push((
        "before",
        with(answer, i, "before", json!(format!("2 ({})", step["before"].as_str().unwrap()))),
    ));
    all.push(("position", with(answer, i, "position", json!([[1, 3]]))));
    if !step["conditions"].as_array().unwrap().is_empty() {
        all.push(("condition", with(answer, i, "conditions", json!([]))));
    }
    if step["uses"].is_array() {
        let mut renamed = answer.clone();
        renamed["steps"][i]["uses"][0]["identity"] = json!("cyclic-no-such");
        all.push(("identity", renamed));
    }
    // That a scalar is its trace is for the reader; among several variables the part by one may be read off without.
    let aside = step["of"].as_str().unwrap().starts_with("df by") && answer["derivatives"][1].is_object();
    if !aside {
        let mut shorter = answer.clone();
        shorter["steps"].as_array_mut().unwrap().remove(i);
        all.push(("left out", shorter));
    }
    // What is read by one variable and by another may come in any order.
    if !aside && answer["steps"][i + 1]["before"] == step["after"] {
        let mut exchanged = answer.clone();
        exchanged["steps"].as_array_mut().unwrap().swap(i, i + 1);
        all.push(("exchanged", exchanged));
    }
    all
}

/// The answer with one field of one step replaced.
fn with(answer: &Value, i: usize, field: &str, value: Value) -> Value {
    let mut changed = answer.clone();
    changed["steps"][i][field] = value;
    changed
}

type Change = fn(&str) -> String;

const CHANGES: &[(&str, Change)] = &[
    ("sign", |t| t.replacen(" + ", " - ", 1)),
    ("opposite", |t| if t == "0" { "0".into() } else { format!("-({t})") }),
    ("transpose", |t| t.replacen("^T", "", 1)),
    ("factor", |t| if t == "0" { "0".into() } else { format!("2 ({t})") }),
    ("number", |t| t.replacen('2', "3", 1)),
];
