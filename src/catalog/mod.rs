//! The catalogue: rules files become [`Entry`]s.

mod entry;

pub use entry::*;

use crate::expr::{DimTable, FnId, Properties, Shape};

/// All functions, identities and predicates in force.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    entries: Vec<Entry>,
}

impl Catalog {
    /// The entry of a function.
    pub fn entry(&self, f: FnId) -> &Entry {
        &self.entries[f.0 as usize]
    }

    /// The function with this name.
    pub fn find(&self, name: &str) -> Option<FnId> {
        self.entries.iter().position(|e| e.name == name).map(|i| FnId(i as u32))
    }

    /// Whether a function may be applied entry by entry.
    pub fn is_scalar_function(&self, f: FnId) -> bool {
        self.entry(f).is_scalar_function()
    }

    /// What is certain of a value, from what is certain of the arguments.
    pub fn properties(&self, f: FnId, of: &dyn Fn(usize) -> Properties) -> Properties {
        let _ = (f, of);
        Properties::NONE
    }

    /// The shape of a value, from the shapes of the arguments.
    pub fn result_shape(&self, f: FnId, args: &[Shape], dims: &mut DimTable) -> Option<Shape> {
        let _ = (f, args, dims);
        None
    }
}
