//! The cases of `tests/suite` and `tests/lecture`.
//!
//! Each has a snapshot with its input, every notation of the answer and the NumPy code; and, apart from that, the
//! numbers of what is printed are compared with differences of the function.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

mod emitted;
mod numbers;
mod read;

use std::fmt::Write;
use std::path::Path;

use matgrad::answer::{Answer, Request, Setup, answer};
use matgrad::print::Term;
use read::{Case, cases};

#[test]
fn answers_are_as_reviewed() {
    let setup = Setup::default();
    for case in cases() {
        // The lecture's examples are worked out.
        let steps = case.file.components().any(|part| part.as_os_str() == "lecture");
        let text = match answer(&Request { steps, ..case.request.clone() }, &setup) {
            Ok(found) => shown(&found),
            Err(error) => format!("{error}\n"),
        };
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(case.file.parent().unwrap_or(Path::new(".")).join("snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(&case.text);
        settings.bind(|| insta::assert_snapshot!(name(&case), text));
    }
}

#[test]
fn answers_have_the_numbers_of_the_function() {
    let setup = Setup::default();
    let wrong: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            let found = answer(&case.request, &setup).ok()?;
            let said = numbers::compare(case, &found, &setup).err()?;
            Some(format!("{}: {said}", name(case)))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn emitted_code_has_the_numbers_of_the_answer() {
    let setup = Setup::default();
    let jobs: Vec<_> = cases().iter().filter_map(|case| emitted::job(case, &name(case), &setup)).collect();
    assert!(jobs.len() > 300, "{} cases have code and numbers", jobs.len());
    match emitted::run(&jobs) {
        Some(wrong) => assert!(wrong.is_empty(), "{}", wrong.join("\n")),
        None => eprintln!("numpy and scipy are not there: emitted code is not run"),
    }
}

#[test]
fn every_case_has_an_answer() {
    let setup = Setup::default();
    let refused: Vec<String> = cases()
        .iter()
        .filter(|case| !case.refused)
        .filter_map(|case| Some(format!("{}: {}", name(case), answer(&case.request, &setup).err()?)))
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// The texts a source prescribes; no snapshot is read.
#[test]
fn answers_are_the_texts_asked_for() {
    let setup = Setup::default();
    let mut missing = vec![];
    for case in cases().iter().filter(|case| !case.gives.is_empty()) {
        let lines = answer(&case.request, &setup).map(|found| lines(&found)).unwrap_or_default();
        for text in case.gives.iter().filter(|text| !lines.contains(text)) {
            missing.push(format!("{}: not `{text}` but\n    {}", name(case), lines.join("\n    ")));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn lines(answer: &Answer) -> Vec<String> {
    let df = answer.differential.iter().map(|df| format!("df = {}", df.ascii));
    let results =
        answer.derivatives.iter().map(|d| format!("{} {} = {}", d.kind.word(), d.wrt, d.result.ascii));
    let notes = answer.notes.iter().map(|n| format!("note {n}"));
    let conditions = answer.conditions.iter().map(|c| format!("where {c}"));
    df.chain(results).chain(notes).chain(conditions).collect()
}

fn name(case: &Case) -> String {
    let file = case.file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{file}__{}", case.name)
}

fn shown(answer: &Answer) -> String {
    let mut out = String::new();
    let mut term = |head: &str, t: &Term| {
        let _ =
            writeln!(out, "{head}  {}  size {}\n  {}\n  {}\n  {}", t.shape, t.size, t.text, t.ascii, t.latex);
    };
    term("f", &answer.function);
    answer.differential.iter().for_each(|df| term("df", df));
    for d in &answer.derivatives {
        term(&format!("{} {}", d.kind.word(), d.wrt), &d.result);
    }
    for part in &answer.parts {
        term(&part.name, &part.value);
    }
    for v in &answer.variables {
        let _ = writeln!(out, "{}: {}", v.name, v.ty);
    }
    for (head, texts) in [("where", &answer.conditions), ("note", &answer.notes), ("limit", &answer.limits)] {
        for text in texts {
            let _ = writeln!(out, "{head} {text}");
        }
    }
    for (i, step) in answer.steps.iter().enumerate() {
        let head = if i > 0 && answer.steps[i - 1].of == step.of { "" } else { &step.of };
        let rule =
            [&step.title, &step.source].into_iter().filter(|t| !t.is_empty()).cloned().collect::<Vec<_>>();
        let _ = writeln!(out, "{head}\n  = {}\n    {}", step.text, rule.join("; "));
    }
    for (target, code) in &answer.code {
        let _ = write!(out, "\n# {target}\n{code}");
    }
    out
}
