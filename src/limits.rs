//! How much of anything a request may take.
//!
//! In: `--limit NAME=COUNT`. Out: [`Limits`], handed to every stage.
//! Invariant: limits are counts, never wall-clock time, so the same request meets the same limit everywhere.
//!
//! ```
//! use matgrad::limits::Limits;
//! let mut limits = Limits::default();
//! limits.set("depth=1000").unwrap();
//! assert_eq!(limits.depth, 1000);
//! assert!(limits.set("dept=1000").is_err());
//! ```

use crate::diagnostic::Diagnostic;

macro_rules! limits {
    ($($field:ident $name:literal = $default:expr, $what:literal;)*) => {
        /// The limits of one request.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct Limits {
            $(#[doc = concat!("The most ", $what, ": `--limit ", $name, "=COUNT`.")] pub $field: usize,)*
        }

        impl Default for Limits {
            fn default() -> Limits {
                Limits { $($field: $default),* }
            }
        }

        impl Limits {
            /// The name of every limit on the command line, with what it counts.
            pub const NAMES: &[(&str, &str)] = &[$(($name, $what)),*];

            /// The limit with this name.
            pub fn get(&self, name: &str) -> Option<usize> {
                match name {
                    $($name => Some(self.$field),)*
                    _ => None,
                }
            }

            fn get_mut(&mut self, name: &str) -> Option<&mut usize> {
                match name {
                    $($name => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

limits! {
    input_bytes "input" = 1 << 20, "bytes of input";
    depth "depth" = 100_000, "operators and calls inside one another";
    names "names" = 256, "names that are used but not declared";
    digits "digits" = 1000, "digits of one number";
    order "order" = 100, "times to differentiate";
    nodes "nodes" = 300_000, "nodes of the expression graph";
    terms "terms" = 10_000, "terms of an expanded sum";
    enodes "enodes" = 4_000, "nodes of one e-graph";
    unfolded "unfolded" = 1_500, "leaves and operators of differentials whose parts are shared three times over";
    work "work" = 1_500_000, "letters joined and patterns tried in the simplifications of one request";
    printed_size "printed" = 100_000, "leaves and operators of a printed answer";
}

impl Limits {
    /// Takes `NAME=COUNT`.
    pub fn set(&mut self, assignment: &str) -> Result<(), Diagnostic> {
        let names = || Limits::NAMES.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", ");
        let usage = |message: String| Diagnostic::usage("E0803", message);
        let (name, count) = assignment.split_once('=').ok_or_else(|| {
            usage("a limit is given as NAME=COUNT".into()).help(format!("limits: {}", names()))
        })?;
        let field = self.get_mut(name.trim()).ok_or_else(|| {
            usage(format!("there is no limit `{}`", crate::diagnostic::escape(name)))
                .help(format!("limits: {}", names()))
        })?;
        *field = count.trim().replace('_', "").parse().map_err(|_| {
            usage(format!("`{}` is not a count", crate::diagnostic::escape(count)))
                .help("a count is a whole number, such as 100000")
        })?;
        Ok(())
    }

    /// The error for a limit that was met; `name` is its name on the command line.
    pub fn met(&self, name: &str) -> Diagnostic {
        let what = Limits::NAMES.iter().find(|(n, _)| *n == name).map_or(name, |(_, what)| *what);
        let count = self.get(name).unwrap_or_default();
        Diagnostic::limit(
            "E0800",
            format!("limit met: more than {count} {what}"),
            format!("raise it with `--limit {name}=COUNT`"),
        )
    }
}
