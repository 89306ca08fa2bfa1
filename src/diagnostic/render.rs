//! A diagnostic for a terminal and for a program.
//!
//! In: a [`Diagnostic`]. Out: text with a caret under the place, or the `error` object of a batch answer.
//! Invariant: at most one line of a source is shown for a place, cut to the width; no control or
//! bidirectional character comes out as it went in.
//!
//! ```
//! use matgrad::diagnostic::{Diagnostic, Source, Span, render};
//! let source = Source::new("<expression>", "A % x");
//! let error = Diagnostic::request("E0002", "unexpected `%`").at(&source, Span::new(2, 3), "here");
//! assert!(render(&error, false, 80).contains("^ here"));
//! ```

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::plain::{code_point, escape, is_invisible};
use super::{Diagnostic, Label, Span};

/// The same, but line breaks stay.
fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// One line of a source around a place, ready to be shown.
struct Window {
    text: String,
    span: Span,
    line: usize,
    /// The name of the source; the renderer adds the line and the column.
    place: String,
}

/// Cuts the line of a label to about `width` columns around its place, escaping as it goes.
fn window(label: &Label, width: usize) -> Window {
    let source = &*label.source;
    let floor = |mut i: usize| {
        i = i.min(source.len());
        while !source.is_char_boundary(i) {
            i -= 1;
        }
        i
    };
    let start = floor(label.span.start);
    let ends = |c: char| c == '\n' || c == '\r';
    let line_start = source[..start].rfind(ends).map_or(0, |i| i + 1);
    let line_end = source[start..].find(ends).map_or(source.len(), |i| start + i);
    let end = floor(label.span.end).clamp(start, line_end);
    // A line of reasonable length is left to the renderer, which cuts it and knows its columns.
    let short = line_end - line_start <= 4 * width;
    let near = |i: usize| i.saturating_sub(line_start).min(width / 2);
    let from = if short { line_start } else { floor(start - near(start)) };
    let to = if short { line_end } else { floor((start + width / 2).min(line_end)) };
    let mut shown = Window {
        text: String::new(),
        span: Span::default(),
        line: source[..start].replace("\r\n", "\n").matches(ends).count() + 1,
        place: escape(&label.origin),
    };
    if !short {
        shown.place +=
            &format!(", near character {} of the line", source[line_start..start].chars().count() + 1);
    }
    if from > line_start {
        shown.text.push('…');
    }
    for (i, c) in source[from..to].char_indices().map(|(i, c)| (from + i, c)) {
        if i == start {
            shown.span.start = shown.text.len();
        }
        match c {
            '\t' => shown.text.push(' '),
            c if is_invisible(c) => shown.text.push_str(&code_point(c)),
            c => shown.text.push(c),
        }
        if i < end {
            shown.span.end = shown.text.len();
        }
    }
    if start == to {
        shown.span.start = shown.text.len();
    }
    shown.span.end = shown.span.end.max(shown.span.start);
    if to < line_end {
        shown.text.push('…');
    }
    shown
}

/// The diagnostic for a person: message, places with a caret, and the mend.
pub fn render(diagnostic: &Diagnostic, colour: bool, width: usize) -> String {
    let width = width.clamp(40, 200);
    let message = escape(&diagnostic.message);
    let windows: Vec<(Window, &Label)> =
        diagnostic.labels.iter().take(4).map(|l| (window(l, width), l)).collect();
    let texts: Vec<String> = windows.iter().map(|(_, l)| escape(&l.text)).collect();
    let mut group = Group::with_title(Level::ERROR.primary_title(message.as_str()).id(diagnostic.code));
    for (i, ((shown, _), text)) in windows.iter().zip(&texts).enumerate() {
        let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let span = kind.span(shown.span.start..shown.span.end).label(text.as_str());
        let snippet = Snippet::source(shown.text.as_str()).path(shown.place.as_str());
        group = group.element(snippet.line_start(shown.line).annotation(span));
    }
    let help = diagnostic.help.as_deref().map(escape_lines);
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(width).render(&[group])
}

/// The `error` object of a batch answer: the span is in bytes of the text it was found in.
pub fn to_json(diagnostic: &Diagnostic) -> serde_json::Value {
    let main = diagnostic.labels.first();
    let place = match main {
        Some(label) if label.origin != super::EXPRESSION => format!(" (in {})", label.origin),
        _ => String::new(),
    };
    serde_json::json!({
        "code": diagnostic.code,
        "message": escape(&format!("{}{place}", diagnostic.message)),
        "span": main.map(|label| [label.span.start, label.span.end]),
        "help": diagnostic.help.as_deref().map(escape_lines),
    })
}
