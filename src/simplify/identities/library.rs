//! The identities of a catalogue, compiled when a request first needs them.
//!
//! In: a catalogue; what occurs in a graph. Out: [`Identities`], the rules that may concern it.
//! Invariant: which rules are given follows from the functions and operators that occur alone; an identity is left out
//! only where its left side names one that does not, so that it could match nothing.
//!
//! A request without `logdet` never compiles `logdet(inv(X)) = -logdet(X)`.

use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Catalog;
use crate::expr::{FnId, Graph, Id, Op};

use super::compile::compile;
use super::{Identities, Indexed};

/// Functions that the laws of the normal form may do away with: an identity that names one of them may match
/// where none occurs.
const DISSOLVED: &[&str] = &["sum", "norm", "sqrt"];

/// What an identity may wait for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(in crate::simplify) enum Feature {
    Function(FnId),
    /// A power or a quotient, of which the normal form makes negative powers.
    Inverse,
    Kronecker,
}

/// Every identity of a catalogue.
#[derive(Debug)]
pub struct Library {
    catalog: Arc<Catalog>,
    slots: Vec<Slot>,
    /// What some identity waits for.
    awaited: FxHashSet<Feature>,
    /// What was given for each set of features.
    given: Mutex<FxHashMap<Vec<Feature>, Arc<Identities>>>,
}

/// One identity.
#[derive(Debug)]
struct Slot {
    owner: Owner,
    place: usize,
    /// Of each of these lists at least one function occurs in the left side.
    needs: Vec<Vec<Feature>>,
    rules: OnceLock<Result<Vec<Indexed>, String>>,
}

/// Where an identity is stated.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Function(FnId),
    Operator(usize),
}

impl Library {
    /// The identities of a catalogue, none of them compiled yet.
    pub fn new(catalog: Arc<Catalog>) -> Arc<Library> {
        let mut slots = Vec::new();
        let functions = catalog.functions().map(|(f, entry)| (Owner::Function(f), &entry.identities));
        let operators = catalog.operators().iter().enumerate();
        let operators = operators.map(|(i, operator)| (Owner::Operator(i), &operator.identities));
        for (owner, identities) in functions.chain(operators) {
            for (place, text) in identities.texts().enumerate() {
                slots.push(Slot { owner, place, needs: needs(&catalog, text), rules: OnceLock::new() });
            }
        }
        let awaited = slots.iter().flat_map(|s| s.needs.iter().flatten().copied()).collect();
        Arc::new(Library { catalog, slots, awaited, given: Mutex::default() })
    }

    /// No identities at all.
    pub fn none() -> Arc<Library> {
        static NONE: LazyLock<Arc<Library>> = LazyLock::new(|| Library::new(Arc::default()));
        NONE.clone()
    }

    /// Whether there is no identity.
    pub(in crate::simplify) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The rules that may match where only these occur.
    pub(in crate::simplify) fn concerning(&self, features: &[Feature]) -> Arc<Identities> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = given.get(features) {
            return found.clone();
        }
        let mut found = Identities::default();
        let occurs = |any: &Vec<Feature>| any.iter().any(|f| features.contains(f));
        for slot in self.slots.iter().filter(|s| s.needs.iter().all(occurs)) {
            self.compiled(slot).iter().flatten().for_each(|rule| found.insert(rule));
        }
        let found = Arc::new(found);
        given.insert(features.to_vec(), found.clone());
        found
    }

    /// What some identity waits for in a node.
    pub(in crate::simplify) fn awaited(&self, graph: &Graph, id: Id) -> Option<Feature> {
        let feature = match graph.op(id) {
            Op::Map(f) | Op::Call(f) | Op::Frechet(f) => Feature::Function(*f),
            Op::Power | Op::Divide | Op::Solve | Op::ElementPower | Op::ElementDivide => Feature::Inverse,
            Op::Kronecker => Feature::Kronecker,
            _ => return None,
        };
        self.awaited.contains(&feature).then_some(feature)
    }

    /// The identities that could not be compiled, with the reason: mistakes in a rules file.
    pub fn problems(&self) -> Vec<(String, String)> {
        let problem = |slot: &Slot| match self.compiled(slot) {
            Err(reason) => Some((self.text(slot).to_owned(), reason.clone())),
            Ok(_) => None,
        };
        self.slots.iter().filter_map(problem).collect()
    }

    fn compiled<'a>(&'a self, slot: &'a Slot) -> &'a Result<Vec<Indexed>, String> {
        slot.rules.get_or_init(|| {
            let identities = self.identities(slot.owner);
            // One that cannot be read is reported when its file is read.
            let Some(identity) = identities.get(slot.place) else { return Ok(Vec::new()) };
            compile(&self.catalog, identity)
        })
    }

    fn identities(&self, owner: Owner) -> &crate::catalog::Identities {
        static NONE: LazyLock<crate::catalog::Identities> = LazyLock::new(Default::default);
        match owner {
            Owner::Function(f) => &self.catalog.entry(f).identities,
            Owner::Operator(i) => self.catalog.operators().get(i).map_or(&NONE, |o| &o.identities),
        }
    }

    fn text(&self, slot: &Slot) -> &str {
        self.identities(slot.owner).texts().nth(slot.place).unwrap_or_default()
    }
}

/// What the side or the sides of an identity name from which it is used.
fn needs(catalog: &Catalog, text: &str) -> Vec<Vec<Feature>> {
    let (left, right) = match text.split_once("<=>") {
        Some((left, right)) => (left, Some(right)),
        None => (text.split_once(" = ").map_or(text, |(left, _)| left), None),
    };
    let mut names = called(left);
    if let Some(right) = right {
        let others = called(right);
        names.retain(|n| others.contains(n));
    }
    names.retain(|n| !DISSOLVED.contains(n));
    let features = names.into_iter().map(|name| match name {
        "inv" => vec![Feature::Inverse],
        "kron" => vec![Feature::Kronecker],
        name => catalog.overloads(name).iter().map(|f| Feature::Function(*f)).collect(),
    });
    features.filter(|any| !any.is_empty()).collect()
}

/// The names in front of a `(` or `.(`.
fn called(text: &str) -> Vec<&str> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found: Vec<&str> = Vec::new();
    for (i, _) in text.match_indices('(') {
        let before = text.get(..i).unwrap_or_default();
        let before = before.strip_suffix('.').unwrap_or(before);
        let start = before.trim_end_matches(part).len();
        let name = before.get(start..).unwrap_or_default();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Pattern, TermPattern};
    use super::*;

    /// What a pattern cannot match without.
    fn features(pattern: &Pattern, found: &mut Vec<Feature>) {
        let factor = |(p, e): &(Pattern, Pattern), found: &mut Vec<Feature>| {
            features(p, found);
            features(e, found);
            if matches!(e, Pattern::Node(Op::Num(n), _) if n.is_negative()) {
                found.push(Feature::Inverse);
            }
        };
        let term = |t: &TermPattern, found: &mut Vec<Feature>| {
            t.scalars.iter().chain(&t.word).for_each(|f| factor(f, found));
        };
        match pattern {
            Pattern::Variable(_) | Pattern::Transposed(_) => {}
            Pattern::Node(op, args) => {
                match op {
                    Op::Map(f) | Op::Call(f) | Op::Frechet(f) => found.push(Feature::Function(*f)),
                    Op::Power => found.push(Feature::Inverse),
                    Op::Kronecker => found.push(Feature::Kronecker),
                    _ => {}
                }
                args.iter().for_each(|p| features(p, found));
            }
            Pattern::TransposedNode(p) => features(p, found),
            Pattern::Term(t) => term(t, found),
            Pattern::Sum(terms) => terms.iter().for_each(|t| term(t, found)),
            Pattern::Hadamard(factors) => factors.iter().for_each(|f| factor(f, found)),
        }
    }

    #[test]
    fn what_an_identity_waits_for_is_in_its_pattern() {
        let library = Library::new(Catalog::builtin());
        assert_eq!(library.problems(), []);
        for slot in &library.slots {
            for indexed in library.compiled(slot).iter().flatten() {
                let mut found = Vec::new();
                features(&indexed.rule.left, &mut found);
                let waits = slot.needs.iter().all(|any| any.iter().any(|f| found.contains(f)));
                assert!(waits, "{}", library.text(slot));
            }
        }
    }

    #[test]
    fn a_request_without_functions_has_few_identities() {
        let library = Library::new(Catalog::builtin());
        let few = library.concerning(&[]).rules.len();
        let all: Vec<Feature> = library.awaited.iter().copied().collect();
        assert!(few < library.concerning(&all).rules.len() / 2);
    }
}
