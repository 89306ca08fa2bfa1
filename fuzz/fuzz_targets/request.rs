//! A line of a batch.
#![no_main]

use libfuzzer_sys::fuzz_target;
use matgrad::answer::Request;
use matgrad_fuzz::{answered, refused};

fuzz_target!(|line: &str| {
    match Request::from_json(line).1 {
        Ok(request) => drop(answered(&request)),
        Err(error) => refused(&error),
    }
});
