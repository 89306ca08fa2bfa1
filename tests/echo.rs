//! Control, bidirectional and invisible characters of the input never come out as they went in, whatever part of a
//! call they stand in.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use matgrad::diagnostic::is_invisible;

/// Colours of a terminal, its title, C1 controls, bell, delete, directions, blanks without width, a tag.
const NASTY: [&str; 10] = [
    "\u{1b}[31m",
    "\u{1b}]0;owned\u{7}",
    "\u{9b}31m",
    "\u{8}\u{7f}",
    "\r\u{1}",
    "\u{202e}",
    "\u{2066}\u{2069}",
    "\u{200b}",
    "\u{feff}",
    "\u{e0041}",
];

fn run(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_matgrad"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A call that ends before it has read is not at fault.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Panics where something that was put out acts on a terminal.
fn assert_plain(args: &[&str], input: &str) {
    let out = run(args, input);
    assert!(out.status.code().is_some_and(|c| c <= 3), "{args:?} {input:?}: {:?}", out.status);
    for bytes in [out.stdout, out.stderr] {
        let text = String::from_utf8(bytes).unwrap();
        let found = text.chars().find(|c| is_invisible(*c) && *c != '\n');
        assert!(found.is_none(), "{args:?} {input:?} puts out {found:?}:\n{text:?}");
    }
}

#[test]
fn options_are_not_echoed_raw() {
    for n in NASTY {
        let calls: [&[&str]; 17] = [
            &[&format!("A {n} x")],
            &[&format!("{n}(x)")],
            &[&format!("x^T x # {n}")],
            &["x^T x", "--let", &format!("A{n}: matrix(n,n)")],
            &["x^T x", "--let", &format!("A: matrix(n{n},n)")],
            &["x^T x", "--let", &format!("A: matrix(n,n) {n}")],
            &["x^T x", "--wrt", &format!("x{n}")],
            &["x^T x", "--at", n],
            &["x^T x", "--emit", n],
            &["x^T x", "--limit", &format!("{n}=1")],
            &["x^T x", "--limit", &format!("depth={n}")],
            &["x^T x", "--cost", "--dims", &format!("{n}=3")],
            &["x^T x", "--rules", n],
            &[&format!("./{n}.mg")],
            &["rules", n],
            &["verify", n],
            &["equal", n, "x"],
        ];
        for args in calls {
            assert_plain(args, "");
        }
        assert_plain(&[&format!("--{n}")], "");
        assert_plain(&["-"], &format!("x: vector(n)\n{n}\nx^T x"));
        assert_plain(
            &["repl"],
            &format!("{n}\nA: matrix(n,n) # {n}\n:let A{n}: scalar\n:let\n:{n}\n:wrt {n}\nx\n"),
        );
    }
}

#[test]
fn batches_are_not_echoed_raw() {
    for n in NASTY {
        let escaped = serde_json::to_string(n).unwrap();
        let inside = escaped.trim_matches('"');
        for text in [n, inside] {
            let lines = [
                format!(r#"{{"id":"{text}","expr":"x^T x"}}"#),
                format!(r#"{{"id":{{"{text}":1}},"expr":"x^T"}}"#),
                format!(r#"{{"expr":"x {text} x"}}"#),
                format!(r#"{{"expr":"x^T x","{text}":1}}"#),
                format!(r#"{{"expr":"x^T x","let":["{text}"],"wrt":["{text}"]}}"#),
                format!(r#"{{"expr":"x^T x","wrt":["{text}"]}}"#),
                format!(r#"{{"expr":"x^T x","at":["{text}"]}}"#),
                format!(r#"{{"expr":"x^T x","emit":["{text}"]}}"#),
                format!(r#"{{"expr":"x^T x","cost":true,"dims":{{"{text}":2}}}}"#),
                text.to_owned(),
            ];
            assert_plain(&["batch"], &lines.join("\n"));
            assert_plain(&["verify", "-"], &lines.join("\n"));
        }
    }
}

#[test]
fn rules_are_not_echoed_raw() {
    let folder = std::env::temp_dir().join(format!("matgrad-echo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("mine.rules");
    let path = file.to_str().unwrap();
    for n in NASTY {
        let entries = [
            format!("function cube{n}(x: scalar) -> scalar\n  d  3 x^2 dx\n"),
            format!("function cube(x: scalar) -> scalar\n  about \"{n}\"\n  numeric x^3\n  d  3 x^2 dx\n"),
            format!(
                "function cube(x: scalar) -> scalar\n  latex \"{n}{{x}}\"\n  numeric x^3\n  d  3 x^2 dx\n"
            ),
            format!("# {n}\nfunction cube(x: scalar) -> scalar\n  numeric x^3\n  d  3 x^2 dx\n"),
            format!("function cube(x: scalar) -> scalar\n  numeric x^3 {n}\n  d  3 x^2 dx\n"),
        ];
        for entry in entries {
            std::fs::write(&file, entry).unwrap();
            assert_plain(&["rules", "cube", "--rules", path], "");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
