//! Random expressions, judged: what `tests/properties.rs` and `examples/soak.rs` share.
//!
//! In: a seed. Out: a case and its verdict. Invariant: the same seed gives the same verdict.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

pub mod generate;
pub mod judge;
pub mod tree;
