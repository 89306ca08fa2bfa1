//! What the rules say, for a reader: pages, a search, the table of functions.
//!
//! In: a [`crate::catalog::Catalog`] and what is looked for. Out: [`Page`]s, and examples worked out by the program itself.
//! Invariant: everything shown is read from the catalogue; nothing is said of a function here.
//!
//! `search(&catalog, "kron")` finds `kron`, the operator `kronecker` and the identities named after it.

mod formula;
mod page;
mod search;
mod table;
mod worked;

pub use formula::Formula;
pub use page::{Law, Page, SourceLine, page};
pub use search::{Rule, Topic, search, topics};
pub use table::table;
pub use worked::{Worked, worked};

#[cfg(test)]
mod tests;
