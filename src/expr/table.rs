//! A table by node.
//!
//! In: ids with what is known of them. Out: the same, by an index.
//! Invariant: what was never put in is not there; the table grows with the ids that are.
//!
//! Most nodes of a graph have an entry: an index is found at once, and nothing is hashed or moved about.

use super::node::Id;

/// What is known of nodes.
#[derive(Clone, Debug)]
pub struct Table<T>(Vec<Option<T>>);

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table(Vec::new())
    }
}

impl<T> Table<T> {
    /// What is known of a node.
    pub fn get(&self, id: Id) -> Option<&T> {
        self.0.get(id.index())?.as_ref()
    }

    /// Whether something is known of a node.
    pub fn contains(&self, id: Id) -> bool {
        self.get(id).is_some()
    }

    /// Whether nothing is known of any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps what is known of a node, in place of what was.
    pub fn insert(&mut self, id: Id, value: T) {
        let i = id.index();
        if i >= self.0.len() {
            self.0.resize_with((i + 1).max(START), || None);
        }
        if let Some(entry) = self.0.get_mut(i) {
            *entry = Some(value);
        }
    }
}

/// The length to begin with: most requests have fewer nodes.
const START: usize = 64;
