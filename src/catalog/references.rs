//! Where the rules are published.
//!
//! In: `rules/references.toml`. Out: a [`Reference`] by its key.
//! Invariant: read once, when first asked for. Example: `reference("matrix-cookbook")`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A source that rules are cited from.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The authors.
    pub author: String,
    /// The title.
    pub title: String,
    /// When and where it appeared.
    pub published: String,
    /// An address, where there is a lasting one.
    pub url: Option<String>,
}

static REFERENCES: LazyLock<BTreeMap<String, Reference>> =
    LazyLock::new(|| toml::from_str(include_str!("../../rules/references.toml")).unwrap_or_default());

/// The reference with this key.
pub fn reference(key: &str) -> Option<&'static Reference> {
    REFERENCES.get(key)
}

/// All references by key.
pub fn references() -> impl Iterator<Item = (&'static str, &'static Reference)> {
    REFERENCES.iter().map(|(k, r)| (k.as_str(), r))
}
