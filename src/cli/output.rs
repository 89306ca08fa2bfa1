//! Results to standard output, diagnostics to standard error.
//!
//! In: bytes, or an error. Out: the exit status.
//! Invariant: a reader that has gone away is no error; any other failure to write is said, never a panic.

use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use matgrad::diagnostic::{Diagnostic, Failure, escape, render};

/// Writes a result.
pub fn result(bytes: &[u8]) -> ExitCode {
    let mut out = std::io::stdout().lock();
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// The exit status after writing to standard output.
pub fn written(outcome: std::io::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if e.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format!("error: cannot write the result: {e}\n"));
            ExitCode::from(2)
        }
    }
}

/// Writes a diagnostic.
pub fn diagnostic(error: &Diagnostic) -> ExitCode {
    complain(&format!("{}\n", render(error, std::io::stderr().is_terminal(), 100).trim_end()));
    ExitCode::from(match error.failure {
        Failure::Request | Failure::Internal => 1,
        Failure::Usage => 2,
        Failure::Limit => 3,
    })
}

/// What clap has to say: help and version on standard output, mistakes on standard error.
pub fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return written(error.print());
    }
    let text = error.render().to_string();
    let lines: Vec<String> = text.lines().map(escape).collect();
    complain(&format!("{}\n", lines.join("\n")));
    ExitCode::from(2)
}

fn complain(text: &str) {
    // With standard error gone as well there is nobody left to tell; the exit status says it.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
