//! The book as mdBook sets it.
//!
//! In: chapters in `book/src`, pages from the rules. Out: HTML that needs nothing from a network. Invariant: every link and
//! picture within the book leads somewhere, which the build checks.

use std::fs;
use std::path::Path;

use mdbook_driver::MDBook;
use mdbook_driver::book::{BookItem, Chapter};

use super::{Outcome, Page};

/// Sets the chapters with their examples worked out, and the catalogue after them.
pub fn set(book: &Path, chapters: &dyn Fn(&str) -> Outcome<String>, catalogue: Vec<Page>) -> Outcome<usize> {
    let mut set = MDBook::load(book).map_err(|e| e.to_string())?;
    let mut failed = None;
    set.book.for_each_chapter_mut(|chapter| match chapters(&chapter.content) {
        Ok(text) => chapter.content = text,
        Err(error) => failed = Some(format!("{}: {error}", chapter.name)),
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    set.book.push_item(BookItem::PartTitle("The catalogue".to_owned()));
    for page in catalogue {
        set.book.push_item(BookItem::Chapter(Chapter::new(&page.title, page.text, page.file, vec![])));
    }
    let count = set.book.chapters().count();
    set.build().map_err(|e| e.to_string())?;
    Ok(count)
}

/// Fails where a link or picture of the book leads nowhere.
pub fn check_links(out: &Path) -> Outcome<usize> {
    let mut count = 0;
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        if path.extension().is_none_or(|e| e != "html") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let targets = [" href=\"", " src=\""].iter().flat_map(|key| text.split(key).skip(1));
        for target in targets.filter_map(|rest| rest.split('"').next()) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if target.contains("://") || target.starts_with("data:") || target.starts_with("mailto:") {
                continue;
            }
            count += 1;
            let there = if file.is_empty() { path.clone() } else { out.join(file) };
            let anchored = |there: &Path| {
                anchor.is_empty()
                    || fs::read_to_string(there).is_ok_and(|t| t.contains(&format!("id=\"{anchor}\"")))
            };
            if !there.exists() || !anchored(&there) {
                return Err(format!("{} links to {target}, which is not there", path.display()).into());
            }
        }
    }
    Ok(count)
}
