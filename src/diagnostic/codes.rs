//! The stable codes of errors.
//!
//! E00xx: reading the request. E06xx: options and batch lines. E08xx: limits. E09xx: mistakes in this program. The codes between belong to
//! the later stages. A code keeps its meaning for ever; a retired one is never used again.

/// Codes of reading a request, each with one line on what it means.
pub const CODES: &[(&str, &str)] = &[
    ("E0001", "there is no expression"),
    ("E0002", "a character that is no part of the language"),
    ("E0003", "a malformed number, or one too large for a double"),
    ("E0004", "something else was expected here"),
    ("E0005", "a bracket is never closed"),
    ("E0006", "a closing bracket without its opening one"),
    ("E0007", "the expression can be read in two ways"),
    ("E0008", "a name followed by `(` that is neither a function nor a variable"),
    ("E0009", "the notation of another language"),
    ("E0010", "a malformed declaration"),
    ("E0011", "a dimension that is no positive whole number, name, or sum or product of them"),
    ("E0012", "a name that may not be given"),
    ("E0013", "a name given twice"),
    ("E0014", "a variable named as the differential of another"),
    ("E0015", "names run together"),
    ("E0016", "a line of a program that is neither a declaration, a named part nor the last"),
    ("E0017", "a named part is used before it is named"),
    ("E0018", "the input is not UTF-8"),
    ("E0601", "a batch line that is no JSON"),
    ("E0602", "a batch request with a key that does not exist, or with a value of the wrong kind"),
    ("E0603", "a batch line that is no JSON object"),
    ("E0604", "a batch request without an expression"),
    ("E0610", "an option that does not fit the others, or is not yet supported"),
    ("E0611", "an input that cannot be read"),
    ("E0612", "a direction that is no name, or not of the shape of its variable"),
    ("E0613", "a function that is defined nowhere"),
    ("E0614", "a function that has no derivative anywhere"),
    ("E0620", "not enough memory for a thread"),
    ("E0621", "a batch line that is too long"),
    ("E0800", "a limit was met"),
    ("E0803", "a limit was given that does not exist, or not as a count"),
    ("E0900", "a mistake in matgrad, caught by one of its checks"),
    ("E0901", "a derivative that disagrees with the function; it is not shown"),
];
