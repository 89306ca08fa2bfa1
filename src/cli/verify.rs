//! `matgrad verify`: answers with steps in, what holds out.
//!
//! In: a file or standard input, one answer a line as `matgrad batch` prints them. Out: a line an answer, and for each
//! step that does not hold, where and why.
//! Invariant: exit status 1 where anything does not hold.

use std::path::Path;
use std::process::ExitCode;

use matgrad::answer::Setup;
use matgrad::diagnostic::{Diagnostic, escape};
use matgrad::verify::{StepVerdict, Verdict, verify};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::{input, output};

/// Checks every line of a file, or of standard input.
pub fn run(file: Option<&Path>, setup: &Setup) -> Result<ExitCode, Diagnostic> {
    let text = input::lines(file)?;
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    let verdicts: Vec<Verdict> = lines.par_iter().map(|line| verify(line, setup)).collect();
    let mut report = String::new();
    for (i, verdict) in verdicts.iter().enumerate() {
        report.push_str(&said(i + 1, verdict));
    }
    let code = output::result(report.as_bytes());
    let holds = verdicts.iter().all(Verdict::holds);
    Ok(if holds { code } else { ExitCode::from(1) })
}

fn said(line: usize, verdict: &Verdict) -> String {
    let name = match &verdict.id {
        serde_json::Value::Null => format!("line {line}"),
        serde_json::Value::String(id) => escape(id),
        id => id.to_string(),
    };
    let count = verdict.steps.len();
    let steps = if count == 1 { "1 step".to_owned() } else { format!("{count} steps") };
    let agree = (0..count).filter(|i| verdict.steps[*i] == StepVerdict::Agrees);
    let agree: Vec<String> = agree.map(|i| (i + 1).to_string()).collect();
    if verdict.holds() {
        return match agree.len() {
            0 => format!("{name}: holds, {steps}\n"),
            _ => format!("{name}: holds, {steps}; in numbers only: {}\n", agree.join(", ")),
        };
    }
    let mut text = String::new();
    for (i, step) in verdict.steps.iter().enumerate() {
        if let StepVerdict::Wrong(why) = step {
            text.push_str(&format!("{name}: step {} does not hold: {}\n", i + 1, escape(why)));
        }
    }
    if let Some(fault) = &verdict.fault {
        text.push_str(&format!("{name}: does not hold: {}\n", escape(fault)));
    }
    text
}
