//! The options, as clap reads them.
//!
//! In: arguments. Out: [`Cli`], and from it a [`Request`] and a [`Setup`].
//! Invariant: every key of a batch request has its option here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use matgrad::answer::{Request, Setup};
use matgrad::catalog::Catalog;
use matgrad::diagnostic::Diagnostic;
use matgrad::laws;
use matgrad::limits::Limits;
use matgrad::print::Style;

use super::{input, usage};

/// Matrix calculus: derivatives in closed form, derived from cited rules and checked against the function.
#[derive(Parser, Debug)]
#[command(
    name = "matgrad",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  matgrad 'x^T A x'\n  matgrad 'log(det(X^T A X))' --wrt X --let 'A: matrix(n,n) symmetric'\n  \
                  matgrad 'norm(A x - b)^2' --wrt x --emit numpy\n\n\
                  Exit status: 0 answered, 1 the request is wrong, 2 usage, 3 a limit was met."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub request: RequestArgs,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// The typed expression alone: shapes, tree, size.
    Parse(RequestArgs),
    /// JSON lines in, JSON lines out, in order, one request a line, on all cores.
    Batch(RulesArgs),
    /// Whether two expressions are equal: a proof (exit status 0), a point at which they differ (1), or neither (3).
    Equal(EqualArgs),
    /// Checks answers with steps, one JSON object a line as `batch` prints them; exit status 1 where one does not hold.
    Verify {
        /// The answers; standard input if absent.
        file: Option<PathBuf>,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// The rules in force with their citations; with a name, what the rule says, and an example worked out.
    Rules {
        /// A function, operator, condition, identity or topic, or a part of a name, a description or a notation.
        name: Option<String>,
        /// `json` for one object a line, `markdown` for the table of functions.
        #[arg(long, value_name = "FORMAT")]
        emit: Option<String>,
        /// Plain ASCII.
        #[arg(long)]
        ascii: bool,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// The numeric checks of all rules, or of the answer for one expression.
    Check(RequestArgs),
    /// Interactive use: declarations and named parts persist; `:help` lists the commands.
    Repl(RulesArgs),
    /// A completion script.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// An expression and how to differentiate it.
#[derive(Args, Debug)]
pub struct RequestArgs {
    /// The function, after its declarations and named parts; `;` separates lines; `-` is standard input;
    /// a file's path (with an extension) stands for what is in it.
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub expr: Option<String>,
    /// What varies: names, separated by commas. Else every variable that is not constant.
    #[arg(short, long, value_name = "NAMES")]
    pub wrt: Option<String>,
    /// A declaration, as often as needed: 'A: matrix(n,n) symmetric'.
    #[arg(short, long = "let", value_name = "DECLARATION")]
    pub lets: Vec<String>,
    /// How often to differentiate.
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub order: usize,
    /// Linear operators on matrices as matrices, on the columns stacked.
    #[arg(long)]
    pub vec: bool,
    /// The derivative along a direction: a name for each varying variable.
    #[arg(long, value_name = "NAMES")]
    pub at: Option<String>,
    /// For symmetric and other structured matrices, the derivative by the independent entries.
    #[arg(long)]
    pub free_entries: bool,
    /// The derivation, a line a rule; with --emit latex that alone.
    #[arg(long)]
    pub steps: bool,
    /// Flops of forward mode, of reverse mode and of the form chosen.
    #[arg(long)]
    pub cost: bool,
    /// Numbers for dimensions: n=1000,m=10, for --cost; small ones, n=2, for matrices written out by --emit index.
    #[arg(long, value_name = "NAME=SIZE,…")]
    pub dims: Option<String>,
    /// Code for one target, alone: numpy; or json for the whole answer.
    #[arg(long, value_name = "TARGET")]
    pub emit: Option<String>,
    /// Plain ASCII.
    #[arg(long)]
    pub ascii: bool,
    /// Leave out the check against the function at random points.
    #[arg(long)]
    pub no_check: bool,
    #[command(flatten)]
    pub rules: RulesArgs,
}

/// Two expressions.
#[derive(Args, Debug)]
pub struct EqualArgs {
    /// The one.
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub left: String,
    /// The other.
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub right: String,
    /// A declaration, as often as needed: 'A: matrix(n,n) symmetric'.
    #[arg(short, long = "let", value_name = "DECLARATION")]
    pub lets: Vec<String>,
    /// json for an object.
    #[arg(long, value_name = "TARGET")]
    pub emit: Option<String>,
    /// Plain ASCII.
    #[arg(long)]
    pub ascii: bool,
    #[command(flatten)]
    pub rules: RulesArgs,
}

impl EqualArgs {
    /// The notation of the summary.
    pub fn style(&self) -> Style {
        if self.ascii { Style::Ascii } else { Style::Unicode }
    }

    /// What `--emit` asks for.
    pub fn emission(&self) -> Option<Emission> {
        self.emit.as_deref().map(|target| match target {
            "json" => Emission::Json,
            other => Emission::Code(other.to_owned()),
        })
    }
}

/// What requests share.
#[derive(Args, Debug)]
pub struct RulesArgs {
    /// More functions and identities, as often as needed.
    #[arg(long, value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// Raises or lowers a limit: terms=100000.
    #[arg(long, value_name = "NAME=COUNT")]
    pub limit: Vec<String>,
}

/// What is printed instead of the summary.
pub enum Emission {
    /// The batch object.
    Json,
    /// The code for this target.
    Code(String),
}

impl Cli {
    /// The options of a request when none is given.
    pub fn default_request() -> RequestArgs {
        Cli::parse_from(["matgrad"]).request
    }
}

impl RequestArgs {
    /// The request for this text.
    pub fn request(&self, expr: String) -> Result<Request, Diagnostic> {
        let emit = match self.emission()? {
            Some(Emission::Code(target)) => vec![target],
            _ => vec![],
        };
        Ok(Request {
            lets: self.lets.clone(),
            wrt: self.wrt.as_deref().map(|w| names("--wrt", w)).transpose()?,
            order: self.order,
            vec: self.vec,
            free_entries: self.free_entries,
            at: self.at.as_deref().map(|v| names("--at", v)).transpose()?,
            emit,
            steps: self.steps,
            cost: self.cost,
            check: !self.no_check,
            dims: self.dims.as_deref().map(dimensions).transpose()?.unwrap_or_default(),
            ..Request::new(expr)
        })
    }

    /// The notation of the summary.
    pub fn style(&self) -> Style {
        if self.ascii { Style::Ascii } else { Style::Unicode }
    }

    /// What `--emit` asks for.
    pub fn emission(&self) -> Result<Option<Emission>, Diagnostic> {
        Ok(self.emit.as_deref().map(|target| match target {
            "json" => Emission::Json,
            other => Emission::Code(other.to_owned()),
        }))
    }
}

impl RulesArgs {
    /// The catalogue and the limits.
    pub fn setup(&self) -> Result<Setup, Diagnostic> {
        let limits = self.limits()?;
        if let Some(error) = Catalog::builtin_error() {
            return Err(error);
        }
        let mut catalog = Catalog::builtin();
        for path in &self.rules {
            catalog = laws::admit(&catalog, &input::file(path, &limits)?)?;
        }
        Ok(Setup::new(catalog, limits))
    }

    /// The limits alone, for reading what is to be answered.
    pub fn limits(&self) -> Result<Limits, Diagnostic> {
        let mut limits = Limits::default();
        for assignment in &self.limit {
            limits.set(assignment)?;
        }
        Ok(limits)
    }
}

/// The names of a list like `x,A`.
fn names(option: &str, list: &str) -> Result<Vec<String>, Diagnostic> {
    let names: Vec<String> = list.split(',').map(|n| n.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return Err(usage(format!("{option} takes names separated by commas, like `{option} x,A`")));
    }
    Ok(names)
}

/// The pairs of a list like `n=1000,m=10`.
fn dimensions(list: &str) -> Result<BTreeMap<String, u64>, Diagnostic> {
    let pair = |item: &str| {
        let (name, size) = item.split_once('=')?;
        Some((name.trim().to_owned(), size.trim().parse().ok()?))
    };
    let pairs: Option<BTreeMap<_, _>> = list.split(',').map(pair).collect();
    pairs.ok_or_else(|| usage("--dims takes sizes separated by commas, like `--dims n=1000,m=10`"))
}
