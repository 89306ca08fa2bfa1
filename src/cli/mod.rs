//! The command line: arguments in, text and an exit status out.
//!
//! In: the process's arguments and standard input. Out: results on standard output, diagnostics on standard
//! error, and 0 answered, 1 wrong request, 2 usage, 3 limit.
//! Invariant: a closed or full output, bytes that are no text, and an empty environment never panic.
//!
//! `matgrad 'x^T A x' --wrt x` prints the summary of [`summary`].

mod args;
mod batch;
mod check;
mod cost;
mod derivation;
mod equal;
mod input;
mod layout;
mod output;
mod place;
mod repl;
mod rules;
mod session;
mod summary;
mod tree;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use matgrad::answer::{Answer, answer, read};
use matgrad::diagnostic::{self, Diagnostic};
use matgrad::emit::index;
use matgrad::explain::aligned;
use matgrad::print::Style;

use args::{Cli, Command, Emission, RequestArgs};

/// Runs the command with these arguments and gives the exit status.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(place::command_first(arguments.collect())) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let outcome = match cli.command {
        Some(command) => run_command(command),
        None => single(&cli.request),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => output::diagnostic(&error),
    }
}

fn run_command(command: Command) -> Result<ExitCode, Diagnostic> {
    match command {
        Command::Parse(args) => parse(&args),
        Command::Batch(args) => batch::run(&args.setup()?),
        Command::Equal(args) => equal::run(&args),
        Command::Verify { file, rules } => verify::run(file.as_deref(), &rules.setup()?),
        Command::Rules { name, emit, ascii, rules } => {
            self::rules::run(name.as_deref(), emit.as_deref(), ascii, &rules.setup()?)
        }
        Command::Check(args) => check(&args),
        Command::Repl(args) => repl::run(&args.setup()?),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "matgrad", &mut script);
            Ok(output::result(&script))
        }
    }
}

/// `matgrad EXPR`: the summary, or one target's code alone.
fn single(args: &RequestArgs) -> Result<ExitCode, Diagnostic> {
    let Some(expr) = &args.expr else {
        return Err(usage("no expression was given; try `matgrad 'x^T A x'` or `matgrad --help`"));
    };
    let request = args.request(input::expression(expr, &args.rules.limits()?)?)?;
    let found = answer(&request, &args.rules.setup()?)?;
    Ok(output::result(with_newline(shown(&found, args)?).as_bytes()))
}

/// An answer as the options ask for it.
fn shown(found: &Answer, args: &RequestArgs) -> Result<String, Diagnostic> {
    Ok(match args.emission()? {
        None => {
            let mut page = summary::text(found, args.style());
            if args.steps {
                page = format!("{page}\n{}", derivation::text(&found.steps, args.style()));
            }
            if let Some(count) = &found.cost {
                page = format!("{page}\n{}", cost::text(count, args.style()));
            }
            page
        }
        Some(Emission::Json) => json_line(found)?,
        Some(Emission::Code(target)) if target == "latex" && args.steps => aligned(&found.steps),
        Some(Emission::Code(target)) if target == index::TARGET && args.style() == Style::Ascii => {
            found.code.get(&target).map(|text| index::ascii(text)).unwrap_or_default()
        }
        Some(Emission::Code(target)) => found.code.get(&target).cloned().unwrap_or_default(),
    })
}

/// `matgrad check [EXPR]`: the checks of the rules, or of one answer.
fn check(args: &RequestArgs) -> Result<ExitCode, Diagnostic> {
    let setup = args.rules.setup()?;
    let Some(expr) = &args.expr else { return Ok(check::rules(&setup)) };
    let request = args.request(input::expression(expr, &setup.limits)?)?;
    Ok(check::answer(&answer(&request, &setup)?, args.style()))
}

/// `matgrad parse EXPR`: the typed expression alone.
fn parse(args: &RequestArgs) -> Result<ExitCode, Diagnostic> {
    let Some(expr) = &args.expr else {
        return Err(usage("no expression was given; try `matgrad parse 'x^T A x'`"));
    };
    let mut request = args.request(input::expression(expr, &args.rules.limits()?)?)?;
    request.wrt = Some(vec![]);
    let setup = args.rules.setup()?;
    let found = answer(&request, &setup)?;
    let text = match args.emission()? {
        Some(Emission::Json) => json_line(&found)?,
        Some(Emission::Code(_)) => return Err(usage("`parse` emits nothing but json")),
        None => {
            let problem = read(&request, &setup)?;
            let most = setup.limits.printed_size;
            let tree = tree::tree(&problem.graph, problem.function, args.style(), most);
            format!("{}\n{tree}", summary::reading(&found, args.style()))
        }
    };
    Ok(output::result(with_newline(text).as_bytes()))
}

fn json_line(answer: &Answer) -> Result<String, Diagnostic> {
    json(answer)
}

fn json(value: &impl serde::Serialize) -> Result<String, Diagnostic> {
    diagnostic::json(value).map_err(|e| Diagnostic::internal(format!("the answer is no JSON: {e}")))
}

fn with_newline(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// An error in how the program was called.
fn usage(message: impl Into<String>) -> Diagnostic {
    Diagnostic::usage("E0610", message)
}
