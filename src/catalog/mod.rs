//! The catalogue: rules files become [`Entry`]s.
//!
//! In: the files of `rules/`, embedded by `build.rs`, and a user's own. Out: [`Catalog`], which every stage
//! asks what a function is. Invariant: handles ([`FnId`], [`PredicateId`]) are places in the order of the files,
//! so they are the same in every run. Example: `Catalog::builtin().find("logdet")`.

mod check;
pub mod dims;
mod entry;
mod field;
mod identity;
mod outline;
mod references;
mod tree;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;

pub use entry::*;
pub use identity::Identities;
pub use references::{Reference, reference, references};
pub use tree::TARGETS;

use crate::diagnostic::{Diagnostic, Source};
use crate::expr::{FnId, PredicateId, Properties};

use tree::{Token, Tree};

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// All functions, operators, identities and predicates in force.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    entries: Vec<Entry>,
    operators: Vec<Operator>,
    predicates: Vec<Predicate>,
    by_name: FxHashMap<String, Vec<FnId>>,
    by_alias: FxHashMap<String, Vec<FnId>>,
    predicate_by_name: FxHashMap<String, PredicateId>,
}

static BUILTIN: LazyLock<Result<Arc<Catalog>, Diagnostic>> =
    LazyLock::new(|| Catalog::read_builtin().map(Arc::new));

impl Catalog {
    /// The catalogue that is part of the program. That it can be read is tested; were it not, it is empty and
    /// [`Catalog::builtin_error`] says why.
    pub fn builtin() -> Arc<Catalog> {
        BUILTIN.clone().unwrap_or_default()
    }

    /// Reads the rules that are part of the program, as [`Catalog::builtin`] does once for a process.
    ///
    /// # Errors
    /// None, which is tested.
    pub fn read_builtin() -> Result<Catalog, Diagnostic> {
        let mut catalog = Catalog::default();
        for (topic, text, tokens) in FILES {
            let tree = Tree { text: Cow::Borrowed(*text), tokens: Cow::Borrowed(*tokens) };
            catalog.read(&Source::new(format!("rules/{topic}.rules"), text), &tree, topic)?;
        }
        Ok(catalog)
    }

    /// Why the built-in rules could not be read.
    pub fn builtin_error() -> Option<Diagnostic> {
        BUILTIN.clone().err()
    }

    /// This catalogue with a user's rules file.
    pub fn with_rules(&self, source: &Source) -> Result<Arc<Catalog>, Diagnostic> {
        let mut catalog = self.clone();
        let (source, tree) = outline::parse(source)?;
        catalog.read(&source, &tree, &source.origin)?;
        catalog.check(self.entries.len(), self.operators.len(), self.predicates.len())?;
        Ok(Arc::new(catalog))
    }

    /// Checks the expressions of what was added after the first so many entries.
    fn check(&self, entries: usize, operators: usize, predicates: usize) -> Result<(), Diagnostic> {
        self.entries.iter().skip(entries).try_for_each(|e| check::entry(self, e))?;
        self.operators.iter().skip(operators).try_for_each(|o| check::operator(self, o))?;
        self.predicates.iter().skip(predicates).try_for_each(|p| check::predicate(self, p))
    }

    /// Checks every expression; the built-in rules are checked by a test, a user's when they are read.
    pub fn check_all(&self) -> Result<(), Diagnostic> {
        self.check(0, 0, 0)
    }

    fn read(&mut self, source: &Source, tree: &Tree, topic: &str) -> Result<(), Diagnostic> {
        let outline = outline::read(source, tree, topic)?;
        for entry in outline.functions {
            let f = FnId(self.entries.len() as u32);
            let kinds = |e: &Entry| e.parameters.iter().map(|p| p.ty.kind).collect::<Vec<_>>();
            if self.overloads(&entry.name).iter().any(|g| kinds(self.entry(*g)) == kinds(&entry)) {
                return Err(duplicate("function", &entry.name, source));
            }
            self.by_name.entry(entry.name.clone()).or_default().push(f);
            for (name, _) in &entry.aliases {
                self.by_alias.entry(name.clone()).or_default().push(f);
            }
            self.entries.push(entry);
        }
        for predicate in outline.predicates {
            let id = PredicateId(self.predicates.len() as u32);
            if self.predicate_by_name.insert(predicate.name.clone(), id).is_some() {
                return Err(duplicate("condition", &predicate.name, source));
            }
            self.predicates.push(predicate);
        }
        self.operators.extend(outline.operators);
        Ok(())
    }

    /// The entry of a function.
    #[expect(clippy::indexing_slicing, reason = "an id is a place in the arena that gave it")]
    pub fn entry(&self, f: FnId) -> &Entry {
        &self.entries[f.0 as usize]
    }

    /// All functions, in the order of the files.
    pub fn functions(&self) -> impl Iterator<Item = (FnId, &Entry)> {
        self.entries.iter().enumerate().map(|(i, e)| (FnId(i as u32), e))
    }

    /// All operators, in the order of the files.
    pub fn operators(&self) -> &[Operator] {
        &self.operators
    }

    /// The operator with this name: `product`.
    pub fn operator(&self, name: &str) -> Option<&Operator> {
        self.operators.iter().find(|o| o.name == name)
    }

    /// All predicates, in the order of the files.
    pub fn predicates(&self) -> impl Iterator<Item = (PredicateId, &Predicate)> {
        self.predicates.iter().enumerate().map(|(i, p)| (PredicateId(i as u32), p))
    }

    /// All identities, those of functions and then those of operators.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        let of_operators = self.operators.iter().flat_map(|o| o.identities.iter());
        self.entries.iter().flat_map(|e| e.identities.iter()).chain(of_operators)
    }

    /// The first function with this name.
    pub fn find(&self, name: &str) -> Option<FnId> {
        self.overloads(name).first().copied()
    }

    /// All functions with this name, scalar functions first.
    pub fn overloads(&self, name: &str) -> &[FnId] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The function that a call with literal trailing arguments stands for: `norm(x, 1)` for `norm1(x)`.
    pub fn alias(&self, name: &str, literals: &[&str]) -> Option<FnId> {
        let stands_for =
            |f: &FnId| self.entry(*f).aliases.iter().any(|(n, l)| n == name && l.iter().eq(literals));
        self.by_alias.get(name)?.iter().copied().find(stands_for)
    }

    /// Whether a function may be applied entry by entry.
    pub fn is_scalar_function(&self, f: FnId) -> bool {
        self.entry(f).is_scalar_function()
    }

    /// What is certain of a value, from what is certain of the arguments.
    pub fn properties(&self, f: FnId, of: &dyn Fn(usize) -> Properties) -> Properties {
        let holds = |g: &&Gives| g.premises.iter().all(|(i, p)| of(*i).has(*p));
        self.entry(f).gives.iter().filter(holds).fold(Properties::NONE, |all, g| all.with(g.property))
    }

    /// The predicate with this name.
    pub fn predicate(&self, name: &str) -> Option<PredicateId> {
        self.predicate_by_name.get(name).copied()
    }

    /// The entry of a predicate.
    #[expect(clippy::indexing_slicing, reason = "an id is a place in the arena that gave it")]
    pub fn predicate_entry(&self, id: PredicateId) -> &Predicate {
        &self.predicates[id.0 as usize]
    }
}

fn duplicate(sort: &str, name: &str, source: &Source) -> Diagnostic {
    let header = format!("{sort} {name}");
    let start = source.text.rfind(&header).unwrap_or(0);
    let span = crate::diagnostic::Span::new(start, (start + header.len()).min(source.text.len()));
    Diagnostic::request("E0707", format!("there is a {sort} `{name}` with these parameters already")).at(
        source,
        span,
        "stated again here",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Dim, DimTable, Shape};

    fn user(text: &str) -> Result<Arc<Catalog>, Diagnostic> {
        Catalog::builtin().with_rules(&Source::new("my.rules", text))
    }

    #[test]
    fn the_built_in_rules_are_read() {
        assert_eq!(Catalog::builtin_error(), None);
        let catalog = Catalog::builtin();
        let logdet = catalog.entry(catalog.find("logdet").unwrap());
        assert_eq!(logdet.differential.as_ref().unwrap().text(), "tr(inv(X) dX)");
        assert_eq!(logdet.citations[0].key, "matrix-cookbook");
        assert!(catalog.predicate("invertible").is_some());
    }

    #[test]
    fn signatures_bind_dimensions() {
        let catalog = user(
            "function stack(X: matrix(m,n), y: vector(n)) -> vector(m n + 1)\n  about \"test\"\n\
             function half(x: scalar) -> scalar\n  gives positive if positive(x)\n",
        );
        let catalog = catalog.unwrap();
        let (stack, half) = (catalog.find("stack").unwrap(), catalog.find("half").unwrap());
        let mut dims = DimTable::default();
        let (three, n) = (dims.integer(3), dims.named("n"));
        let fits = catalog.result_shape(stack, &[Shape::new(three, n), Shape::vector(n)], &mut dims);
        assert_eq!(dims.text(fits.unwrap().rows), "3 n + 1");
        assert_eq!(catalog.result_shape(stack, &[Shape::new(n, three), Shape::vector(n)], &mut dims), None);
        let row = Shape::new(Dim::ONE, n);
        assert_eq!(catalog.result_shape(stack, &[row, row], &mut dims), None);
        assert!(catalog.is_scalar_function(half) && !catalog.is_scalar_function(stack));
        assert_eq!(catalog.properties(half, &|_| Properties::POSITIVE), Properties::POSITIVE);
        assert_eq!(catalog.properties(half, &|_| Properties::NONE), Properties::NONE);
    }

    #[test]
    fn mistakes_in_a_rules_file_have_a_place() {
        let place = |text: &str| {
            let error = user(text).unwrap_err();
            let label = error.labels.first().unwrap().clone();
            (error.code, label.source[label.span.start..label.span.end].to_owned())
        };
        assert_eq!(place("function f(x: scalar) -> scalar\n  abuot \"x\"\n"), ("E0702", "abuot".into()));
        assert_eq!(place("function logdet(X: matrix(n,n)) -> scalar\n").0, "E0707");
        let (code, at) = place("function f(x: scalar) -> scalar\n  linear y adjoint G\n");
        assert_eq!((code, at.as_str()), ("E0703", "y"));
        assert_eq!(place("function f(x: scalr) -> scalar\n").0, "E0701");
        assert_eq!(place("condition c(x: scalar)\n").0, "E0706");
        let unbound = place("function f(x: scalar) -> scalar\n  d  cos(y) dx\n");
        assert_eq!(unbound, ("E0708", "y".into()));
        let unknown = place("function f(x: scalar) -> scalar\n  domain nonzro(x)\n");
        assert_eq!(unknown.0, "E0709");
        let unclosed = place("function f(x: scalar) -> scalar\n  identity a f(x = x\n");
        assert_eq!(unclosed.0, "E0005");
        assert_eq!(Catalog::builtin().check_all().map_err(|e| format!("{e} {:?}", e.labels)), Ok(()));
    }
}
