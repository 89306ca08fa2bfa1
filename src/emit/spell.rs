//! Templates filled with code.
//!
//! In: a template and the code of its arguments. Out: code.
//! Invariant: an argument stands in brackets where it binds less tightly than its place asks for; where values
//! have owners, one of this function's is lent unless a method is called on it.

use crate::print::{Piece, pieces};

use super::plan::Storage;
use super::target::{Target, fill};

/// Code with the level it binds at.
#[derive(Clone)]
pub(super) struct Text {
    pub code: String,
    pub level: u8,
    pub storage: Storage,
    /// Whether it is a plain number of the language, made of numbers, sizes and scalar variables alone.
    pub plain: bool,
    /// The same as an integer, where it is one.
    pub whole: Option<String>,
    pub owner: Owner,
}

/// Whose a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// No one's yet, or a number's.
    Nobody,
    Caller,
    /// This function's.
    Function,
}

/// Fills templates of one target.
pub(super) struct Speller<'t> {
    pub target: &'t Target,
    /// How tightly each argument must bind where nothing delimits it.
    pub least: &'t dyn Fn(usize) -> u8,
    /// The arguments that are integers.
    pub whole: &'t [usize],
    /// The arguments that are given away.
    pub values: &'t [usize],
}

impl Speller<'_> {
    pub fn spell(&self, template: &str, places: &[&str], args: &[Text]) -> String {
        let mut code = String::new();
        let pieces = pieces(template, places);
        for (i, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(t) => code.push_str(t),
                Piece::Argument { index, delimited } => {
                    let called = matches!(pieces.get(i + 1), Some(Piece::Text(t)) if t.starts_with('.'));
                    let Some(arg) = args.get(*index) else { continue };
                    match &arg.whole {
                        Some(whole) if self.whole.contains(index) => code.push_str(whole),
                        _ => code.push_str(&self.argument(arg, *index, *delimited, called)),
                    }
                }
            }
        }
        code
    }

    fn argument(&self, arg: &Text, index: usize, delimited: bool, called: bool) -> String {
        let typed = self.target.typed.as_ref();
        let lent = typed.map_or("", |t| t.lent.as_str());
        let array = arg.storage != Storage::Scalar;
        let in_brackets = |least: u8| match arg.level >= least {
            true => arg.code.clone(),
            false => format!("({})", arg.code),
        };
        let copied = typed.map_or("", |t| t.copied.as_str());
        match (called, delimited) {
            _ if self.values.contains(&index) && arg.owner == Owner::Caller && !copied.is_empty() => {
                fill(copied, &[&arg.code])
            }
            _ if self.values.contains(&index) => arg.code.clone(),
            // Of numbers alone the type is to be said.
            (true, _) if !array && !arg.code.contains(char::is_alphabetic) => {
                let frame = typed.map_or("", |t| t.receiver.as_str());
                let code = if frame.is_empty() { arg.code.clone() } else { fill(frame, &[&arg.code]) };
                if arg.level >= self.target.atom { code } else { format!("({code})") }
            }
            (true, _) => in_brackets(self.target.atom),
            (false, true) if lent.is_empty() || !array || arg.owner == Owner::Caller => arg.code.clone(),
            (false, true) => fill(lent, &[&in_brackets(self.target.atom)]),
            (false, false) if lent.is_empty() || arg.owner != Owner::Function => {
                in_brackets((self.least)(index))
            }
            (false, false) => fill(lent, &[&arg.code]),
        }
    }
}

/// Whether code is a name, call or subscript: no space outside brackets, no sign in front.
pub(super) fn is_atom(code: &str) -> bool {
    let mut depth = 0i32;
    for c in code.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ' ' | '+' | '-' | '*' | '/' | '@' if depth == 0 => return false,
            _ => {}
        }
    }
    true
}

/// The names of the operator for what it is given, the most special first.
pub(super) fn variants(op: &'static str, args: &[Text]) -> Vec<&'static str> {
    use Storage::{Matrix, Scalar, Vector};
    let storage = |i: usize| args.get(i).map_or(Scalar, |a| a.storage);
    let (first, second) = (storage(0), storage(1));
    let exponent = args.get(1).filter(|_| op == "power");
    let two = exponent.is_some_and(|e| e.whole.as_deref() == Some("2"));
    let whole = exponent.is_some_and(|e| e.whole.is_some());
    let mut found: Vec<&'static str> = match (op, first, second) {
        ("add", Scalar, Vector | Matrix) => vec!["number_plus", "add_scalar"],
        ("add", Vector | Matrix, Scalar) => vec!["add_scalar"],
        ("add", Vector | Matrix, _) => vec!["add_entries"],
        ("subtract", Scalar, Vector | Matrix) => vec!["number_minus", "subtract_scalar"],
        ("subtract", Vector | Matrix, Scalar) => vec!["subtract_scalar"],
        ("subtract", Vector | Matrix, _) => vec!["subtract_entries"],
        ("negate", Vector | Matrix, _) => vec!["negate_entries"],
        ("multiply", Matrix, Vector) => vec!["scale_columns"],
        ("multiply", Vector | Matrix, Vector | Matrix) => vec!["multiply_entries"],
        ("multiply", Scalar, Vector | Matrix) => vec!["scale"],
        ("multiply", Vector | Matrix, Scalar) => vec!["scaled"],
        ("divide", Matrix, Vector) => vec!["divide_columns", "divide_entries"],
        ("divide", Scalar, Vector | Matrix) => vec!["number_over", "divide_entries"],
        ("divide", Vector | Matrix, Vector | Matrix) => vec!["divide_entries"],
        ("divide", Vector | Matrix, Scalar) => vec!["shrunk"],
        ("power", Scalar, Vector | Matrix) => vec!["number_power", "power_entries"],
        ("power", Vector | Matrix, Vector | Matrix) => vec!["power_both", "power_entries"],
        ("power", Vector | Matrix, _) if two => {
            vec!["square_entries", "power_whole_entries", "power_entries"]
        }
        ("power", Vector | Matrix, _) if whole => vec!["power_whole_entries", "power_entries"],
        ("power", Vector | Matrix, _) => vec!["power_entries"],
        ("power", ..) if two => vec!["square", "power_whole"],
        ("power", ..) if whole => vec!["power_whole"],
        ("matmul", Vector, Vector) => vec!["dot"],
        ("matmul", Vector, Matrix) => vec!["row_times"],
        ("matmul", Matrix, Vector) => vec!["times_vector"],
        ("sqrt", Vector | Matrix, _) => vec!["sqrt_entries"],
        ("solve", Matrix, Vector) => vec!["solve_vector"],
        ("bounded_sum", ..) => match storage(4) {
            Scalar => vec![],
            Vector => vec!["bounded_sum_vector"],
            Matrix => vec!["bounded_sum_matrix"],
        },
        _ => vec![],
    };
    found.push(op);
    found
}
