//! Pages as HTML.
//!
//! In: Markdown. Out: a document that needs nothing from a network. Invariant: every link within the book leads
//! somewhere, which the build checks.

use std::fs;
use std::path::Path;

use pulldown_cmark::{Options, Parser, html::push_html};

use super::chapter::escape;
use super::{Outcome, Page};

/// A page with the list of all pages beside it.
pub fn document(page: &Page, all: &[Page]) -> String {
    let mut body = String::new();
    push_html(&mut body, Parser::new_ext(&page.text, Options::ENABLE_TABLES));
    let entry = |p: &Page| {
        let here = if p.file == page.file { " aria-current=\"page\"" } else { "" };
        format!("<li><a href=\"{}\"{here}>{}</a></li>", p.file, escape(&p.title))
    };
    let list: String = all.iter().map(entry).collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{} · matgrad</title>\
         <link rel=\"stylesheet\" href=\"katex/katex.min.css\"><link rel=\"stylesheet\" href=\"book.css\">\
         <script defer src=\"katex/katex.min.js\"></script><script defer src=\"book.js\"></script></head>\
         <body><nav><details open><summary>Contents</summary><ol>{list}</ol></details></nav><main>{body}</main></body></html>\n",
        escape(&page.title)
    )
}

/// Fails where a link or picture of the book leads nowhere.
pub fn check_links(out: &Path) -> Outcome<()> {
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        if path.extension().is_none_or(|e| e != "html") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        for part in text.split('"').filter(|p| !p.contains([' ', ':', '<', '>', '#'])) {
            let is_file = [".html", ".svg", ".css", ".js"].iter().any(|e| part.ends_with(e));
            if is_file && !out.join(part).exists() {
                return Err(format!("{} links to {part}, which is not there", path.display()).into());
            }
        }
    }
    Ok(())
}
