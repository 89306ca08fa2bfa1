//! What is printed is read as what it was: the same text, shape and size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use matgrad::answer::Request;
use matgrad_fuzz::answered;

fuzz_target!(|text: &str| {
    let only_read = |text: &str| Request { wrt: Some(vec![]), ..Request::new(text) };
    let Some(first) = answered(&only_read(text)).filter(|a| a.parts.is_empty()) else { return };
    // A zero is printed without its shape.
    if first.function.ascii == "0" {
        return;
    }
    let mut again = only_read(&first.function.ascii);
    again.lets = first.variables.iter().chain(&first.functions).map(|v| format!("{}: {}", v.name, v.ty)).collect();
    let second = answered(&again).unwrap_or_else(|| panic!("`{}` is not read", again.expr));
    let seen = |a: &matgrad::answer::Answer| {
        (a.function.ascii.clone(), a.function.shape.clone(), a.function.size.clone())
    };
    assert_eq!(seen(&first), seen(&second));
});
