//! A rules file: read, and every law of it tried as a user's is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use matgrad::diagnostic::Source;
use matgrad::laws::admit;
use matgrad_fuzz::{SETUP, refused};

fuzz_target!(|text: &str| {
    if let Err(error) = admit(&SETUP.catalog, &Source::new("fuzz.rules", text)) {
        refused(&error);
    }
});
