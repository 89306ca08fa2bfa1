//! What a step says of itself.
//!
//! In: a step that was found to hold. Out: an error where its words, its source or its marks are not those of what it did.
//! Invariant: words and sources are read from the catalogue, and marks are where the texts of the changed parts stand.
//!
//! A step by `logdet` that cites the source of `det` is rejected, and so is one that marks a part that did not change.

use crate::diagnostic::Diagnostic;
use crate::explain::{Step, Words, along_direction, identities, of_function, of_operator, reading};
use crate::expr::{Condition, Graph, VarId};
use crate::print::{Style, condition, differential, text};
use crate::shape::restated;

use super::instance::{follows_from, wrong};
use super::numbers::always;
use super::replay::Replay;

impl Replay<'_> {
    /// Compares the words of a step with those of its rule.
    pub(super) fn words(&mut self, step: &Step, varying: &[VarId]) -> Result<(), Diagnostic> {
        let along = match (step.rule.as_str(), step.changed.as_slice(), varying) {
            ("direction", [change], [v]) => Some(self.along_words(&change.to, *v)?),
            _ => None,
        };
        let graph = &self.reader.graph;
        let known: Vec<Words> = match (step.rule.as_str(), varying) {
            ("identity", _) => vec![identities(graph, step.uses.iter().map(|u| u.identity.as_str()))],
            (rule @ ("derivative" | "gradient" | "jacobian" | "kronecker_form"), [v]) => {
                let read = |second| reading(graph, rule, *v, self.by_free_entries, second);
                vec![read(false), read(true)]
            }
            ("direction", _) => along.into_iter().collect(),
            (rule, _) => of_rule(graph, rule),
        };
        if !known.iter().any(|w| w.title == step.title) {
            return Err(wrong(format!("the rule `{}` does not say “{}”", step.rule, step.title)));
        }
        if !known.iter().any(|w| w.title == step.title && w.source == step.source) {
            return Err(wrong(format!("the rule `{}` is not from “{}”", step.rule, step.source)));
        }
        for used in &step.uses {
            let source = identities(graph, std::iter::once(used.identity.as_str())).source;
            if source != used.source {
                return Err(wrong(format!("`{}` is not from “{}”", used.identity, used.source)));
            }
        }
        Ok(())
    }

    /// Fails where the answer does not say what its function needs.
    pub(super) fn conditions_are_said(&mut self) -> Result<(), Diagnostic> {
        for asked in self.reader.conditions.clone() {
            for part in restated(&mut self.reader.graph, &asked)? {
                let said = condition(&self.reader.graph, &part, Style::Unicode);
                let texts = &self.given.conditions;
                let texts = texts.clone();
                if !texts.contains(&said)
                    && !self.is_implied(&part, &texts)
                    && !follows_from(&mut self.reader.graph, &[], &texts, &part)
                    && !always(&self.reader, &part, &self.reader.conditions)
                {
                    return Err(wrong(format!("the answer does not say that it needs {said}")));
                }
            }
        }
        Ok(())
    }

    /// Whether a condition is said that makes this one certain: x > 0 for x ≥ 0.
    fn is_implied(&self, asked: &Condition, texts: &[String]) -> bool {
        let catalog = self.reader.graph.catalog();
        let stronger = catalog.predicate_entry(asked.predicate).implied_by.iter().flat_map(|p| p.words());
        stronger.filter_map(|word| catalog.predicate(word)).any(|predicate| {
            let said = Condition { predicate, ..asked.clone() };
            texts.contains(&condition(&self.reader.graph, &said, Style::Unicode))
        })
    }

    /// Fails where a name is none of those that the lines of a derivation have.
    pub(super) fn is_quantity(&self, of: &str) -> Result<(), Diagnostic> {
        let inner = of.strip_prefix("d(").and_then(|t| t.strip_suffix(')')).unwrap_or(of);
        let (kind, name) = inner.split_once(' ').unwrap_or((inner, ""));
        let of_variable = || {
            let last = name.split(" of order ").next().and_then(|n| n.split(' ').next_back());
            last.is_some_and(|n| self.reader.graph.variable_named(n).is_some())
        };
        let known = match kind {
            "f" | "df" if name.is_empty() => true,
            "df" => name.starts_with("by ") && of_variable(),
            "derivative" | "gradient" | "Jacobian" | "Hessian" | "operator" | "Kronecker" => of_variable(),
            _ => kind
                .strip_prefix("d^")
                .and_then(|k| k.strip_suffix('f'))
                .is_some_and(|k| k.parse::<u32>().is_ok()),
        };
        if known { Ok(()) } else { Err(wrong(format!("`{of}` is no quantity of this answer"))) }
    }

    fn along_words(&mut self, to: &str, v: VarId) -> Result<Words, Diagnostic> {
        let variable = self.reader.graph.variable(v);
        let (dx, shape) = (differential(&variable.name, Style::Unicode), variable.shape);
        let to = self.reader.read(to, Some(shape))?;
        Ok(along_direction(&dx, &text(&self.reader.graph, to, Style::Unicode)))
    }

    /// Compares the marks of a step with the places at which the changed parts stand.
    pub(super) fn marks(&self, step: &Step) -> Result<(), Diagnostic> {
        let parts: Vec<&str> = step.changed.iter().map(|c| c.to.as_str()).collect();
        // Where a part stands, it may be in brackets, and its sign may be that of the term, where the part was shown to
        // be what its rule says.
        let shown = step.uses.is_empty();
        let bare = |s: &str| s.strip_prefix('(').and_then(|s| s.strip_suffix(')')).unwrap_or(s).to_owned();
        let is = |slice: &str, part: &str| {
            let unsigned = part.strip_prefix('-').filter(|_| shown).unwrap_or(part);
            [slice, &bare(slice)].iter().any(|s| [part, unsigned, &bare(unsigned)].contains(s))
        };
        let mut marked = vec![false; parts.len()];
        for [start, end] in &step.position {
            let slice = step.after.get(*start..*end).unwrap_or_default();
            let places: Vec<usize> = (0..parts.len()).filter(|i| is(slice, parts[*i])).collect();
            if places.is_empty() {
                return Err(wrong(format!("`{slice}` is marked, and did not change")));
            }
            places.into_iter().for_each(|i| marked[i] = true);
        }
        match parts.iter().zip(marked).find(|(part, marked)| !marked && step.after == **part) {
            Some((part, _)) => Err(wrong(format!("`{part}` changed, and is not marked"))),
            None => Ok(()),
        }
    }
}

/// What may be said of a rule of differentiation, or of a law that the catalogue does not state.
fn of_rule(graph: &Graph, rule: &str) -> Vec<Words> {
    let functions = graph.catalog().overloads(rule).iter().map(|f| of_function(graph, *f));
    let all = functions.chain([of_operator(graph, rule)]);
    all.filter(|w| !w.title.is_empty()).collect()
}
