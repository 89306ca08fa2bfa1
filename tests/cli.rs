//! Whole calls of the command: arguments, streams and exit statuses as a user has them.
#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking, in its helpers too.

#[test]
fn calls() {
    trycmd::TestCases::new()
        .case("tests/cli/*.toml")
        .case("tests/cli/*.md")
        .case("README.md")
        .case("rules/README.md");
}

/// What trycmd cannot express: a reader that goes away, a full disk, and bytes that are no text.
#[cfg(unix)]
mod streams {
    use std::io::Write;
    use std::process::{Command, Output, Stdio};

    fn matgrad(arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_matgrad"));
        command.args(arguments).env_clear();
        command
    }

    fn fed(arguments: &[&str], input: &[u8]) -> Output {
        let mut child = matgrad(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let out = matgrad(&["x^T x"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(out.status.code(), Some(0));
        assert!(out.stderr.is_empty());
    }

    #[test]
    fn a_full_disk_is_said() {
        let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
        let out = matgrad(&["x^T x"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(out.status.code(), Some(2));
        assert!(String::from_utf8(out.stderr).unwrap().contains("cannot write the result"));
    }

    #[test]
    fn bytes_that_are_no_text_have_a_place() {
        let out = fed(&["-"], b"A x\xff");
        assert_eq!(out.status.code(), Some(1));
        assert!(String::from_utf8(out.stderr).unwrap().contains("byte 3"));
    }

    #[test]
    fn a_byte_order_mark_and_crlf_are_read_over() {
        assert_eq!(fed(&["-"], b"\xef\xbb\xbfA: matrix(n,n)\r\ntr(A)\r\n").status.code(), Some(0));
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        for arguments in [&["A \u{1b}[2J"][..], &["x", "--\u{1b}[2J"], &["x", "--wrt", "\u{202e}"]] {
            let out = fed(arguments, b"");
            let said = String::from_utf8(out.stderr).unwrap();
            assert!(out.status.code() == Some(1) || out.status.code() == Some(2), "{said}");
            assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said}");
        }
    }

    #[test]
    fn a_batch_answers_each_line_while_the_input_is_open() {
        use std::io::{BufRead, BufReader};
        let mut child = matgrad(&["batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut to = child.stdin.take().unwrap();
        let mut from = BufReader::new(child.stdout.take().unwrap());
        for id in 0..3 {
            writeln!(to, "{{\"id\":{id},\"expr\":\"x^T x\"}}").unwrap();
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            assert!(line.starts_with(&format!("{{\"schema\":1,\"id\":{id},\"ok\":true")), "{line}");
        }
        drop(to);
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }

    #[test]
    fn a_batch_keeps_the_order_of_many_lines() {
        let lines: String = (0..600)
            .map(|i| format!("{{\"id\":{i},\"expr\":\"x^T A x + {i}\",\"wrt\":[\"x\"]}}\n"))
            .collect();
        let out = fed(&["batch"], lines.as_bytes());
        let text = String::from_utf8(out.stdout).unwrap();
        let ids: Vec<i64> = text
            .lines()
            .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["id"].as_i64().unwrap())
            .collect();
        assert_eq!(ids, (0..600).collect::<Vec<_>>());
    }
}
