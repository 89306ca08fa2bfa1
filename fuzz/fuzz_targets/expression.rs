//! A program: read, derived by all that varies, checked, printed and emitted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use matgrad::answer::Request;
use matgrad_fuzz::answered;

fuzz_target!(|text: &str| {
    let mut request = Request::new(text);
    request.emit = vec!["numpy".into(), "latex".into()];
    answered(&request);
});
