//! What the names of an expression are, as far as reading it depends on that.
//!
//! In: declarations and the catalogue. Out: whether `name(` is a call or a product.
//! Invariant: what is declared hides a function of the same name.

use rustc_hash::FxHashSet;

/// What the names of a request are.
pub(in crate::syntax) struct Scope<'a> {
    /// Declared variables, their dimensions, and named parts.
    pub variables: FxHashSet<String>,
    /// Functions declared without a definition.
    pub functions: FxHashSet<String>,
    /// Whether the catalogue has a function of this name.
    pub is_function: &'a dyn Fn(&str) -> bool,
    /// Whether any other name is a variable: in the expressions of rules, every name is bound.
    pub closed: bool,
}

/// What a name followed by `(` means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Function,
    Variable,
    Unknown,
}

impl Scope<'_> {
    /// What `name(` means.
    pub(super) fn role(&self, name: &str) -> Role {
        let upper = name.starts_with(|c: char| c.is_ascii_uppercase());
        if self.functions.contains(name) {
            Role::Function
        } else if self.variables.contains(name) {
            Role::Variable
        } else if (self.is_function)(name) {
            Role::Function
        } else if self.closed
            || self.is_differential(name)
            || (upper && (name.len() < 2 || !(self.is_function)(&name.to_ascii_lowercase())))
        {
            Role::Variable
        } else {
            Role::Unknown
        }
    }

    /// Whether a name is that of a variable's differential, `dX`.
    fn is_differential(&self, name: &str) -> bool {
        name.strip_prefix('d').is_some_and(|of| self.variables.contains(of))
    }
}
