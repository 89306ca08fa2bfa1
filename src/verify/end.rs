//! How a derivation ends.
//!
//! In: the lines of a derivation. Out: what its answer says and they do not.
//! Invariant: a line in the names of parts is the answer's text once these are written out, by the reader and by
//! components alone.
//!
//! `2 A^T r`, where r is `A x - b`, ends the gradient `2 A^T (A x - b)`.

use crate::components::Components;

use super::given::Derivative;
use super::replay::{Line, Replay};

impl Replay<'_> {
    /// What is wrong with how the derivation ends.
    pub(super) fn ends(&mut self) -> Option<String> {
        let given = self.given;
        if let Some(df) = &given.differential {
            let last = self.last("df").cloned();
            if last.is_none_or(|line| !self.says(&line, &df.ascii)) {
                return Some(format!("the steps do not end in df = {}", df.ascii));
            }
        }
        let df = given.differential.as_ref().map(|d| d.ascii.as_str());
        let open = given.derivatives.iter().find(|d| {
            let operator =
                d.kind == "operator" && (df == Some(d.result.ascii.as_str()) || given.derivatives.len() > 1);
            !operator && !self.ends_in(d)
        });
        open.map(|d| format!("no step ends in the {} by {}: {}", d.kind, d.wrt, d.result.ascii))
    }

    /// Whether a quantity ends in a derivative of the answer.
    fn ends_in(&mut self, d: &Derivative) -> bool {
        // A differential of higher order is the operator itself.
        let of = |name: &str| d.kind == "operator" || name.split(' ').skip(1).any(|word| word == d.wrt);
        let ends: Vec<Line> = self.lines.iter().filter(|(name, ..)| of(name)).cloned().collect();
        let last = |line: &Line| self.last(&line.0).is_some_and(|(_, text, _)| *text == line.1);
        let ends: Vec<Line> = ends.into_iter().filter(last).collect();
        ends.iter().any(|line| self.says(line, &d.result.ascii))
    }

    /// Whether a line is this text, once what the names in it stand for is written out.
    fn says(&mut self, (_, text, id): &Line, ascii: &str) -> bool {
        if text == ascii {
            return true;
        }
        let shape = self.reader.graph.shape(*id);
        let written = (!self.reader.names.is_empty()).then(|| self.reader.read(ascii, Some(shape)));
        let Some(Ok(written)) = written else { return false };
        written == *id || Components::new(&self.reader.graph, &self.reader.sign, &[]).equal(*id, written)
    }
}
