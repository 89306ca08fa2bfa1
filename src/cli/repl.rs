//! `matgrad repl`: questions and answers, line by line.
//!
//! In: a terminal, or lines of standard input. Out: answers on standard output, errors on standard error.
//! Invariant: no error ends the session; only `:quit` and the end of the input do.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use matgrad::answer::Setup;
use matgrad::diagnostic::Diagnostic;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Context, Editor, Helper};

use super::session::{COMMANDS, Reply, Session};
use super::{output, usage, with_newline};

const PROMPT: &str = "matgrad> ";

/// Answers lines until they end.
pub fn run(setup: &Setup) -> Result<ExitCode, Diagnostic> {
    let mut session = Session::new(setup);
    if std::io::stdin().is_terminal() {
        interactive(&mut session).map_err(|e| usage(format!("the terminal cannot be read: {e}")))
    } else {
        Ok(piped(&mut session))
    }
}

/// Does what a line says; whether the session goes on.
fn step(session: &mut Session, line: &str) -> bool {
    match session.line(line) {
        Ok(Reply::Quit) => return false,
        Ok(Reply::Text(text)) if text.is_empty() => {}
        Ok(Reply::Text(text)) => {
            let mut out = std::io::stdout().lock();
            // A reader that has gone away ends the session.
            return out.write_all(with_newline(text).as_bytes()).and_then(|()| out.flush()).is_ok();
        }
        Err(error) => {
            let _ = output::diagnostic(&error);
        }
    }
    true
}

fn piped(session: &mut Session) -> ExitCode {
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) => return ExitCode::SUCCESS,
            Ok(_) if step(session, &String::from_utf8_lossy(&line)) => {}
            Ok(_) => return ExitCode::SUCCESS,
            Err(e) => {
                let text = format!("cannot read standard input: {e}");
                return output::diagnostic(&Diagnostic::request("E0611", text));
            }
        }
    }
}

fn interactive(session: &mut Session) -> rustyline::Result<ExitCode> {
    let mut editor: Editor<Names, DefaultHistory> = Editor::new()?;
    let history = history();
    if let Some(path) = &history {
        // There is none at first.
        let _ = editor.load_history(path);
    }
    loop {
        editor.set_helper(Some(Names::of(session)));
        match editor.readline(PROMPT) {
            Ok(line) => {
                let _ = editor.add_history_entry(&line);
                if !step(session, &line) {
                    break;
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(e) => return Err(e),
        }
    }
    if let Some(path) = &history {
        // A history that cannot be kept is no reason to complain.
        let _ = path.parent().map(std::fs::create_dir_all);
        let _ = editor.save_history(path);
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the history is kept: below `$XDG_STATE_HOME`, or `~/.local/state`.
fn history() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("matgrad").join("history"))
}

/// The words that are completed.
struct Names(Vec<String>);

impl Names {
    fn of(session: &Session) -> Names {
        let commands = COMMANDS.iter().map(|(name, ..)| (*name).to_owned());
        let mut all: Vec<String> = session.names().map(str::to_owned).chain(commands).collect();
        all.sort_unstable();
        all.dedup();
        Names(all)
    }
}

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, place: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..place).unwrap_or(line);
        let (start, found) = completions(&self.0, before);
        Ok((start, found))
    }
}

/// The names that complete the last word of a line, and where it starts.
fn completions(names: &[String], line: &str) -> (usize, Vec<String>) {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let start = line.trim_end_matches(part).len();
    let word = line.get(start..).unwrap_or_default();
    let found = names.iter().filter(|n| !word.is_empty() && n.starts_with(word)).cloned();
    (start, found.collect())
}

impl Hinter for Names {
    type Hint = String;
}
impl Highlighter for Names {}
impl Validator for Names {}
impl Helper for Names {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_completed() {
        let setup = Setup::default();
        let names = Names::of(&Session::new(&setup)).0;
        assert_eq!(completions(&names, "x^T A + logd"), (8, vec!["logdet".to_owned()]));
        assert_eq!(completions(&names, ":ord").1, [":order"]);
        assert!(completions(&names, "tr(").1.is_empty());
    }
}
