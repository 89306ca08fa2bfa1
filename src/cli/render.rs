//! A diagnostic for a person: the message, a caret under the place, and the mend.
//!
//! In: [`Diagnostic`]. Out: text of few lines.
//! Invariant: no control or bidi character of the user's reaches the terminal, and a place in a long line is
//! shown with its surroundings only.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use matgrad::diagnostic::{Diagnostic, Label};

/// How many characters are shown on either side of a place in a long line.
const CONTEXT: usize = 60;

/// The diagnostic as text.
pub fn diagnostic(error: &Diagnostic, colours: bool) -> String {
    let message = escaped(&shortened(&error.message));
    let help = error.help.as_deref().map(|h| escaped(&shortened(h)));
    let windows: Vec<Window> = error.labels.iter().map(Window::new).collect();
    let mut group = Group::with_title(Level::ERROR.primary_title(&message).id(error.code));
    for (i, window) in windows.iter().enumerate() {
        let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(window.span.clone()).label(&window.label);
        let snippet = Snippet::source(&window.text).line_start(window.line).path(&window.origin);
        group = group.element(snippet.annotation(annotation));
    }
    let mut report = vec![group];
    if let Some(help) = &help {
        report.push(Group::with_title(Level::HELP.secondary_title(help)));
    }
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    format!("{}\n", renderer.render(&report))
}

/// The part of a label's source that is shown.
struct Window {
    origin: String,
    line: usize,
    text: String,
    span: Range<usize>,
    label: String,
}

impl Window {
    fn new(label: &Label) -> Window {
        let source: &str = &label.source;
        let start = floor(source, label.span.start);
        let end = floor(source, label.span.end).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |i| start + i);
        let end = end.min(line_end);
        let from = back(source, start, CONTEXT).max(line_start);
        let until = forth(source, end.min(forth(source, start, CONTEXT)), CONTEXT).min(line_end);
        let before = escaped(&source[from..start]);
        let marked = escaped(&source[start..end.min(until)]);
        let after = escaped(&source[end.min(until)..until]);
        let ellipsis = |cut: bool| if cut { "…" } else { "" };
        let before = format!("{}{before}", ellipsis(from > line_start));
        let span = before.len()..before.len() + marked.len();
        Window {
            origin: escaped(&label.origin),
            line: source[..start].matches('\n').count() + 1,
            text: format!("{before}{marked}{after}{}", ellipsis(until < line_end)),
            span,
            label: escaped(&shortened(&label.text)),
        }
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

fn back(text: &str, at: usize, chars: usize) -> usize {
    text[..at].char_indices().rev().take(chars).last().map_or(at, |(i, _)| i)
}

fn forth(text: &str, at: usize, chars: usize) -> usize {
    text[at..].char_indices().nth(chars).map_or(text.len(), |(i, _)| at + i)
}

/// A text of at most some hundred characters.
fn shortened(text: &str) -> String {
    const MOST: usize = 1200;
    match text.char_indices().nth(MOST) {
        Some((i, _)) => format!("{}…", &text[..i]),
        None => text.to_owned(),
    }
}

/// The text with control and bidi characters written as escapes; line breaks stay.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if (c.is_control() && c != '\n') || hidden {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use matgrad::diagnostic::{Source, Span};

    fn rendered(text: &str, span: Span) -> String {
        let source = Source::new("<expression>", text);
        diagnostic(&Diagnostic::request("E0001", "wrong").at(&source, span, "here").help("mend"), false)
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        let text = rendered("A x\n+ y z", Span::new(8, 9));
        assert!(text.contains("error[E0001]: wrong") && text.contains("<expression>:2:5"), "{text}");
        assert!(text.contains("+ y z") && text.contains("^ here") && text.contains("help: mend"), "{text}");
    }

    #[test]
    fn a_long_line_and_control_characters_are_tamed() {
        let text = rendered(
            &format!("{}\u{1b}[2J\u{202e}x", "a".repeat(1_000_000)),
            Span::new(1_000_000, 1_000_001),
        );
        assert!(text.len() < 1000 && !text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(text.contains("\\u{1b}"), "{text}");
    }

    #[test]
    fn a_place_outside_or_inside_a_character_does_not_panic() {
        for (start, end) in [(1, 1), (0, 1), (2, 99), (99, 100), (5, 2)] {
            assert!(rendered("éx→", Span::new(start, end)).contains("wrong"));
        }
        assert!(rendered("", Span::new(0, 0)).contains("wrong"));
    }
}
