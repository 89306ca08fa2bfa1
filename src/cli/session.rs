//! What an interactive session remembers, and what a line does to it.
//!
//! In: lines. Out: a [`Reply`] each. Invariant: a line that is wrong changes nothing; declarations and named parts
//! are kept as they were typed, and a question is asked with those that it mentions.
//!
//! `A: matrix(n,n)`, `r = A x - b`, `r^T r` declare, name and ask.

use std::fmt::Write;

use matgrad::answer::{Request, Setup, answer};
use matgrad::diagnostic::{Diagnostic, excerpt};
use matgrad::emit::{index, targets};

use super::args::{Cli, RequestArgs};
use super::{rules, shown, usage};

/// What a line came to.
pub enum Reply {
    /// Something to show; nothing where empty.
    Text(String),
    /// The end of the session.
    Quit,
}

/// The commands, with what they take and do.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    (":help", "", "this list"),
    (
        ":let",
        "[DECLARATION]",
        "declares, as `A: matrix(n,n) symmetric` does; alone, lists what is declared and named",
    ),
    (":forget", "[NAME]", "forgets a declaration or part; alone, all"),
    (":wrt", "[NAMES]", "what varies; alone, everything again"),
    (":order", "K", "how often to differentiate"),
    (":at", "[NAMES]", "the directions of a directional derivative; alone, none again"),
    (":vec", "on|off", "operators as matrices on stacked columns"),
    (":free", "on|off", "structured matrices by their independent entries"),
    (":steps", "on|off", "the derivation with every answer"),
    (":ascii", "on|off", "plain text"),
    (":check", "on|off", "the numeric check"),
    (":emit", "[TARGET]", "code instead of the summary; alone, the summary again"),
    (":rules", "[NAME]", "the rules in force, or what one says"),
    (":quit", "", "ends; so does the end of the input"),
];

/// A declaration or a named part.
struct Line {
    name: String,
    text: String,
}

/// The state between lines.
pub struct Session<'a> {
    setup: &'a Setup,
    args: RequestArgs,
    lines: Vec<Line>,
}

impl Session<'_> {
    /// A session with nothing declared.
    pub fn new(setup: &Setup) -> Session<'_> {
        Session { setup, args: Cli::default_request(), lines: vec![] }
    }

    /// What a line does.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub fn line(&mut self, line: &str) -> Result<Reply, Diagnostic> {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(command) = line.strip_prefix(':') {
            let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
            return self.command(word, rest.trim());
        }
        if line.is_empty() {
            return Ok(Reply::Text(String::new()));
        }
        match named(line) {
            Some(name) => self.keep(&name, line),
            None => self.ask(line),
        }
        .map(Reply::Text)
    }

    /// The names a line may mention, for completion.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let functions = self.setup.catalog.functions().map(|(_, e)| e.name.as_str());
        functions.chain(self.lines.iter().map(|l| l.name.as_str()))
    }

    fn command(&mut self, word: &str, rest: &str) -> Result<Reply, Diagnostic> {
        let list = |rest: &str| (!rest.is_empty()).then(|| rest.to_owned());
        match word {
            "help" => return Ok(Reply::Text(help())),
            "quit" | "q" | "exit" => return Ok(Reply::Quit),
            "rules" => {
                let name = (!rest.is_empty()).then_some(rest);
                return rules::text(name, None, self.args.ascii, self.setup).map(Reply::Text);
            }
            "let" if rest.is_empty() => return Ok(Reply::Text(self.listed())),
            "let" => {
                let Some(name) = named(rest) else {
                    return Err(usage("`:let` takes a declaration, like `:let A: matrix(n,n)`"));
                };
                return self.keep(&name, rest).map(Reply::Text);
            }
            "forget" if rest.is_empty() => self.lines.clear(),
            "forget" => return self.forget(rest).map(Reply::Text),
            "wrt" => self.args.wrt = list(rest),
            "at" => self.args.at = list(rest),
            "order" => match rest.parse() {
                Ok(order) if order > 0 => self.args.order = order,
                _ => return Err(usage("`:order` takes a whole number from 1 on")),
            },
            "emit" if rest.is_empty() || emissions().any(|t| t == rest) => self.args.emit = list(rest),
            "emit" => {
                let all: Vec<&str> = emissions().collect();
                let message = format!("no code can be emitted for `{}`", excerpt(rest));
                return Err(usage(message).help(format!("targets: {}", all.join(", "))));
            }
            "vec" => self.args.vec = switch(word, rest)?,
            "free" => self.args.free_entries = switch(word, rest)?,
            "steps" => self.args.steps = switch(word, rest)?,
            "ascii" => self.args.ascii = switch(word, rest)?,
            "check" => self.args.no_check = !switch(word, rest)?,
            _ => {
                let message = format!("no command `:{}`", excerpt(word));
                return Err(usage(message).help("`:help` lists the commands"));
            }
        }
        Ok(Reply::Text(String::new()))
    }

    /// Keeps a declaration or a named part, in the place of an earlier one of its name.
    fn keep(&mut self, name: &str, text: &str) -> Result<String, Diagnostic> {
        let line = Line { name: name.to_owned(), text: text.to_owned() };
        let place = self.lines.iter().position(|l| l.name == name);
        let old = match place.and_then(|i| self.lines.get_mut(i)) {
            Some(old) => Some(std::mem::replace(old, line)),
            None => {
                self.lines.push(line);
                None
            }
        };
        let is_part = text.contains('=');
        let question = if is_part { name } else { "0" };
        let program = if is_part { self.program(question) } else { format!("{text}\n0") };
        let request = Request { wrt: Some(vec![]), ..Request::new(program) };
        match answer(&request, self.setup) {
            Ok(_) => Ok(String::new()),
            Err(error) => {
                match (place, old) {
                    (Some(i), Some(old)) => self.lines.splice(i..=i, [old]).for_each(drop),
                    _ => drop(self.lines.pop()),
                }
                Err(error)
            }
        }
    }

    fn forget(&mut self, name: &str) -> Result<String, Diagnostic> {
        let before = self.lines.len();
        self.lines.retain(|l| l.name != name);
        if self.lines.len() == before {
            return Err(usage(format!("nothing is called `{}`", excerpt(name))));
        }
        Ok(String::new())
    }

    fn listed(&self) -> String {
        self.lines.iter().map(|l| format!("  {}\n", l.text)).collect()
    }

    fn ask(&self, expression: &str) -> Result<String, Diagnostic> {
        let request = self.args.request(self.program(expression))?;
        shown(&answer(&request, self.setup)?, &self.args)
    }

    /// The expression after the declarations and parts that it mentions, and those that they mention.
    fn program(&self, expression: &str) -> String {
        let mut needed = vec![expression];
        let mut kept = vec![false; self.lines.len()];
        while let Some(text) = needed.pop() {
            for (line, kept) in self.lines.iter().zip(&mut kept) {
                if !*kept && mentions(text, &line.name) {
                    *kept = true;
                    needed.push(&line.text);
                }
            }
        }
        let lines = self.lines.iter().zip(kept).filter(|(_, kept)| *kept).map(|(l, _)| l.text.as_str());
        lines.chain([expression]).collect::<Vec<_>>().join("\n")
    }
}

/// What `:emit` takes.
fn emissions() -> impl Iterator<Item = &'static str> {
    targets().chain([index::TARGET, "json"])
}

fn help() -> String {
    let mut text = String::from(
        "  an expression is differentiated; `A: matrix(m,n)` declares, `r = A x - b` names a part, `#` starts a comment\n\n",
    );
    for (name, takes, does) in COMMANDS {
        let _ = writeln!(text, "  {:<22} {does}", format!("{name} {takes}"));
    }
    text
}

fn switch(word: &str, rest: &str) -> Result<bool, Diagnostic> {
    match rest {
        "" | "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(usage(format!("`:{word}` is on or off"))),
    }
}

/// The name that a line declares or gives to a part.
fn named(line: &str) -> Option<String> {
    let end = line.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let names =
        !name.is_empty() && (rest.starts_with(':') || (rest.starts_with('=') && !rest.starts_with("==")));
    names.then(|| name.to_owned())
}

/// Whether a name occurs in a text as a word; a differential `dA` counts for A.
fn mentions(text: &str, name: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.any(|w| w == name || w.strip_prefix('d') == Some(name))
}
