//! Options before the subcommand.
//!
//! In: the arguments. Out: the same with the subcommand first: `matgrad --ascii parse x` is `matgrad parse --ascii x`.
//! Invariant: an argument moves only where all before it are options of a request and their values, so that an
//! expression or a value that is spelt like a subcommand stays what it is.

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use super::args::Cli;

/// The arguments with the subcommand first.
pub fn command_first(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if let Some(place) = place(&arguments) {
        arguments.get_mut(1..=place).into_iter().for_each(|part| part.rotate_right(1));
    }
    arguments
}

/// Where a subcommand stands after nothing but options.
fn place(arguments: &[OsString]) -> Option<usize> {
    let command = Cli::command();
    let is_command = |a: &OsString| command.get_subcommands().any(|c| a == c.get_name());
    let end = arguments.iter().position(|a| a == "--").unwrap_or(arguments.len());
    let candidates = (2..end).filter(|i| arguments.get(*i).is_some_and(is_command));
    let alone = |i: &usize| {
        let before = Cli::try_parse_from(arguments.iter().take(*i));
        before.is_ok_and(|cli| cli.command.is_none() && cli.request.expr.is_none())
    };
    candidates.into_iter().find(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(text: &str) -> String {
        let arguments = text.split(' ').map(OsString::from).collect();
        let moved = command_first(arguments);
        moved.iter().map(|a| a.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_subcommand_after_options_comes_first() {
        assert_eq!(moved("matgrad --ascii parse x"), "matgrad parse --ascii x");
        assert_eq!(moved("matgrad --rules f -l A:scalar check A"), "matgrad check --rules f -l A:scalar A");
    }

    #[test]
    fn what_is_no_subcommand_stays() {
        for same in
            ["matgrad -w parse x", "matgrad x parse", "matgrad parse --ascii x", "matgrad --ascii -- rules"]
        {
            assert_eq!(moved(same), same);
        }
    }
}
