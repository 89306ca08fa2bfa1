//! `matgrad batch`: JSON lines in, JSON lines out, in order, on all cores.
//!
//! In: standard input, one request a line. Out: one answer a line.
//! Invariant: as many answers as lines, in their order; a line that cannot be answered gives an error object.
//! Lines are taken as they come: whatever has arrived is answered together, so a client that waits for each
//! answer gets it, and a long input keeps all cores busy in bounded memory.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use matgrad::answer::{Refusal, Request, Setup, answer};
use matgrad::diagnostic::{Diagnostic, json};
use matgrad::syntax::decode;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::output;

/// How many lines are answered together at most.
const WINDOW: usize = 256;

/// What a diagnostic calls a line.
const LINE: &str = "<line>";

/// How long a line may be, in bytes.
const LONGEST_LINE: u64 = 16 << 20;

/// The code of an input that breaks off.
const UNREADABLE: &str = "E0611";

type Line = Result<Vec<u8>, Diagnostic>;

/// Answers standard input until it ends.
pub fn run(setup: &Setup) -> Result<ExitCode, Diagnostic> {
    let (sender, receiver) = sync_channel(WINDOW);
    let reader = std::thread::Builder::new().spawn(move || read_lines(&mut std::io::stdin().lock(), &sender));
    match reader {
        // The thread is not joined: when the output is gone, nobody waits for the rest of the input.
        Ok(_) => Ok(output::written(answer_lines(&receiver, &mut std::io::stdout().lock(), setup))),
        Err(e) => Err(Diagnostic::limit("E0620", format!("cannot start a thread: {e}"), "free some memory")),
    }
}

fn read_lines(from: &mut dyn BufRead, to: &SyncSender<Line>) {
    while let Some(line) = next_line(from) {
        let broken = matches!(&line, Err(e) if e.code == UNREADABLE);
        if to.send(line).is_err() || broken {
            return;
        }
    }
}

/// The next line without its end; a longer one than allowed is read to its end and refused.
fn next_line(from: &mut dyn BufRead) -> Option<Line> {
    let mut line = Vec::new();
    let unreadable =
        |e| Some(Err(Diagnostic::request(UNREADABLE, format!("cannot read standard input: {e}"))));
    match std::io::Read::take(&mut *from, LONGEST_LINE).read_until(b'\n', &mut line) {
        Ok(0) => return None,
        Ok(n) if n as u64 == LONGEST_LINE && line.last() != Some(&b'\n') => {
            if let Err(e) = skip_line(from) {
                return unreadable(e);
            }
            let message = format!("a batch line of more than {LONGEST_LINE} bytes");
            return Some(Err(Diagnostic::limit("E0621", message, "split the request")));
        }
        Ok(_) => {}
        Err(e) => return unreadable(e),
    }
    Some(Ok(line))
}

fn skip_line(from: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let part = from.fill_buf()?;
        let (used, done) = match part.iter().position(|b| *b == b'\n') {
            Some(i) => (i + 1, true),
            None => (part.len(), part.is_empty()),
        };
        from.consume(used);
        if done {
            return Ok(());
        }
    }
}

fn answer_lines(from: &Receiver<Line>, out: &mut dyn Write, setup: &Setup) -> std::io::Result<()> {
    while let Ok(first) = from.recv() {
        let mut window = vec![first];
        window.extend(from.try_iter().take(WINDOW - 1));
        let answers: Vec<Option<String>> = match &window[..] {
            [line] => vec![answer_line(line, setup)],
            _ => window.par_iter().map(|line| answer_line(line, setup)).collect(),
        };
        for line in answers.into_iter().flatten() {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
    }
    Ok(())
}

/// The answer to a line; a blank one has none.
fn answer_line(line: &Line, setup: &Setup) -> Option<String> {
    let text = match line {
        Ok(bytes) => decode(LINE, bytes, &setup.limits).map(|source| source.text),
        Err(error) => Err(error.clone()),
    };
    let text = match text {
        Ok(text) if text.trim().is_empty() => return None,
        Ok(text) => text,
        Err(error) => return Some(refusal(serde_json::Value::Null, &error)),
    };
    let (id, request) = Request::from_json(text.trim());
    Some(match request.and_then(|request| answer(&request, setup)) {
        Err(error) => refusal(id, &error),
        Ok(found) => json(&found)
            .unwrap_or_else(|e| refusal(id, &Diagnostic::internal(format!("the answer is no JSON: {e}")))),
    })
}

fn refusal(id: serde_json::Value, error: &Diagnostic) -> String {
    json(&Refusal::new(id, error)).unwrap_or_default()
}
