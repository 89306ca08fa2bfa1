//! Formulas of rules in the notations people read.
//!
//! In: templates. Out: [`Formula`]s. Invariant: the three notations of a formula say the same.
//! Example: `tr(inv(X) dX)` reads `tr(X⁻¹ dX)`.

use serde::Serialize;

use crate::catalog::{ConditionTemplate, Entry, Template};
use crate::expr::FnId;
use crate::laws::Setting;
use crate::print::{Style, condition, text};

/// A formula in three notations.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Formula {
    /// Unicode.
    pub text: String,
    /// ASCII.
    pub ascii: String,
    /// LaTeX.
    pub latex: String,
}

impl Formula {
    /// The same in all notations.
    pub(super) fn plain(text: &str) -> Formula {
        Formula { text: text.into(), ascii: text.into(), latex: text.into() }
    }

    fn of(write: impl Fn(Style) -> String) -> Formula {
        Formula { text: write(Style::Unicode), ascii: write(Style::Ascii), latex: write(Style::Latex) }
    }

    /// Followed by a text in each notation.
    pub(super) fn then(self, text: &str, ascii: &str, latex: &str) -> Formula {
        Formula { text: self.text + text, ascii: self.ascii + ascii, latex: self.latex + latex }
    }

    /// Followed by another formula.
    pub(super) fn join(self, other: &Formula) -> Formula {
        self.then(&other.text, &other.ascii, &other.latex)
    }

    /// This equals that.
    pub(super) fn equals(self, other: &Formula) -> Formula {
        self.then(" = ", " = ", " = ").join(other)
    }

    /// The inner product of both.
    pub(super) fn inner(self, other: &Formula) -> Formula {
        let open = Formula { text: "⟨".into(), ascii: "<".into(), latex: "\\langle ".into() };
        open.join(&self).then(", ", ", ", ", ").join(other).then("⟩", ">", " \\rangle")
    }

    /// The differential of what this stands for.
    pub(super) fn differential(&self) -> Formula {
        let space = if self.text.chars().count() > 1 { " " } else { "" };
        let head = format!("d{space}");
        Formula { text: head.clone(), ascii: head, latex: "\\mathrm{d}".into() }.join(self)
    }

    /// In a notation.
    pub fn get(&self, style: Style) -> &str {
        match style {
            Style::Unicode => &self.text,
            Style::Ascii => &self.ascii,
            Style::Latex => &self.latex,
        }
    }
}

/// Reads the templates of one rule.
pub(super) struct Reader {
    setting: Option<Setting>,
}

impl Reader {
    /// A reader in a setting; without one, templates are shown as they were typed.
    pub(super) fn new(setting: Option<Setting>) -> Reader {
        Reader { setting }
    }

    /// A template as a formula.
    pub(super) fn show(&mut self, template: &Template) -> Formula {
        let Some(setting) = &mut self.setting else { return Formula::plain(template.text()) };
        match setting.read(template) {
            Ok(id) => Formula::of(|style| text(&setting.graph, id, style)),
            Err(_) => Formula::plain(template.text()),
        }
    }

    /// The call of a function on its own parameters.
    pub(super) fn call(&mut self, f: FnId, e: &Entry) -> Formula {
        match &mut self.setting {
            Some(setting) => {
                let id = setting.call(f);
                Formula::of(|style| text(&setting.graph, id, style))
            }
            None => Formula::plain(&e.name),
        }
    }

    /// A condition: a predicate, or a property of a part.
    pub(super) fn condition(&mut self, template: &ConditionTemplate) -> Formula {
        if let Some(setting) = &mut self.setting
            && let Ok(Some(found)) = setting.condition(template)
        {
            return Formula::of(|style| condition(&setting.graph, &found, style));
        }
        let of: Vec<Formula> = template.args.iter().map(|a| self.show(a)).collect();
        let word = &template.predicate;
        let list = of.into_iter().reduce(|a, b| a.then(", ", ", ", ", ").join(&b)).unwrap_or_default();
        list.then(&format!(" {word}"), &format!(" {word}"), &format!("\\text{{ {word}}}"))
    }
}
