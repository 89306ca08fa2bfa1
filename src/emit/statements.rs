//! Steps as statements.
//!
//! In: the steps that a function returns. Out: its lines.
//! Invariant: a step used twice is computed once; each statement is one line that the formatter of the language leaves
//! alone, so what is too long has its longest part named in a line before.
//!
//! `2 * (A.T @ (A @ x - b))` may become `t1 = A @ x - b` and `2 * (A.T @ t1)`.

use rustc_hash::FxHashMap;

use crate::diagnostic::Diagnostic;

use super::fit::fits;
use super::function::has_word;
use super::plan::{Code, StepId, Storage};
use super::spell::{Owner, Text};
use super::target::fill;
use super::write::Writer;

/// What has been written of a function.
struct Body<'w, N> {
    writer: &'w Writer<'w>,
    lines: Vec<String>,
    written: FxHashMap<StepId, Text>,
    /// Free names.
    names: N,
}

impl Writer<'_> {
    /// The assignments that `roots` need, and the expression for each root, which shares its line with `beside`
    /// characters.
    pub fn lines(&self, roots: &[StepId], beside: usize) -> Result<(Vec<String>, Vec<String>), Diagnostic> {
        let ids = self.plan.reachable(roots);
        let mut uses: FxHashMap<StepId, usize> = FxHashMap::default();
        for step in ids.iter().flat_map(|id| &self.plan.step(*id).args).chain(roots) {
            *uses.entry(*step).or_default() += 1;
        }
        let names = self.names.temporaries();
        let mut body = Body { writer: self, lines: vec![], written: FxHashMap::default(), names };
        for id in ids {
            let beside = if roots.contains(&id) { beside } else { 0 };
            let room = self.target.layout.expression.saturating_sub(beside);
            body.write(id, room)?;
            if uses.get(&id).is_some_and(|n| *n > 1) && self.is_work(id) {
                body.name(id);
            }
        }
        let texts: Vec<&Text> = roots.iter().filter_map(|r| body.written.get(r)).collect();
        let results = texts.iter().enumerate().map(|(i, t)| self.given(t, &texts[i + 1..])).collect();
        Ok((body.lines, results))
    }

    /// A result as it leaves, where those after it may still read it.
    fn given(&self, text: &Text, later: &[&Text]) -> String {
        let Some(typed) = &self.target.typed else { return text.code.clone() };
        let read = || later.iter().any(|t| has_word(&t.code, &text.code));
        let kept = match text.owner {
            Owner::Caller => true,
            Owner::Function => read(),
            Owner::Nobody => false,
        };
        let code = match kept && !typed.copied.is_empty() {
            true => fill(&typed.copied, &[&text.code]),
            false => text.code.clone(),
        };
        let frame = typed.give.of(text.storage);
        if frame.is_empty() { code } else { fill(frame, &[&code]) }
    }

    /// Whether a step only shows another one in another way.
    fn is_view(&self, id: StepId) -> bool {
        matches!(self.plan.step(id).code, Code::Operator("transpose" | "negate" | "column" | "row"))
    }

    fn is_name(&self, id: StepId) -> bool {
        matches!(self.plan.step(id).code, Code::Name(_) | Code::Size(_) | Code::Literal(_))
    }

    /// Whether computing a step again would cost something.
    fn is_work(&self, id: StepId) -> bool {
        let of_names = || self.plan.step(id).args.iter().all(|a| self.is_name(*a));
        let is_free = self.is_name(id) || self.is_view(id) && of_names();
        !is_free
    }
}

impl<N: Iterator<Item = String>> Body<'_, N> {
    /// Writes a step; as long as it is too long, its longest part is given a name.
    fn write(&mut self, id: StepId, room: usize) -> Result<(), Diagnostic> {
        loop {
            let text = self.writer.text(id, &self.written)?;
            let fitting = fits(&text.code, room, &self.writer.target.layout);
            self.written.insert(id, text);
            let Some(part) = (!fitting).then(|| self.longest(id)).flatten() else { return Ok(()) };
            let path = self.beneath(part);
            if !path.last().is_some_and(|core| self.name(*core)) {
                return Ok(());
            }
            for view in path.iter().rev().skip(1) {
                let text = self.writer.text(*view, &self.written)?;
                self.written.insert(*view, text);
            }
        }
    }

    /// The longest argument of a step that can be given a name.
    fn longest(&self, id: StepId) -> Option<StepId> {
        let nameable = |a: &StepId| self.beneath(*a).last().is_some_and(|core| self.is_nameable(*core));
        let args = self.writer.plan.step(id).args.iter().copied().filter(nameable);
        args.max_by_key(|a| self.written.get(a).map_or(0, |t| t.code.chars().count()))
    }

    /// A step, what it is a view of, and so on.
    fn beneath(&self, id: StepId) -> Vec<StepId> {
        let mut path = vec![id];
        while let Some(view) = path.last().copied().filter(|id| self.writer.is_view(*id)) {
            path.push(self.writer.plan.step(view).args[0]);
        }
        path
    }

    fn is_nameable(&self, id: StepId) -> bool {
        let Some(text) = self.written.get(&id) else { return false };
        let whole = self.writer.target.typed.is_some() && text.whole.is_some();
        let named = text.code.chars().all(|c| c.is_alphanumeric() || c == '_');
        self.writer.is_work(id) && !self.writer.plan.step(id).bound && !whole && !named
    }

    /// Gives a step a name, where it has none.
    fn name(&mut self, id: StepId) -> bool {
        if !self.is_nameable(id) {
            return false;
        }
        let (Some(text), Some(name)) = (self.written.get_mut(&id), self.names.next()) else { return false };
        let storage = self.writer.plan.storage(id);
        self.lines.push(fill(self.writer.assign(storage), &[&name, &text.code]));
        text.owner = if storage == Storage::Scalar { Owner::Nobody } else { Owner::Function };
        (text.code, text.level, text.whole) = (name, self.writer.target.atom, None);
        true
    }
}
