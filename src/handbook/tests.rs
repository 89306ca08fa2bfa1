//! Pages say what the rules say.

use super::*;
use crate::answer::Setup;
use crate::catalog::Catalog;

fn names<'a>(rules: &[Rule<'a>]) -> Vec<&'a str> {
    rules.iter().map(Rule::name).collect()
}

#[test]
fn a_part_of_a_name_or_a_notation_finds() {
    let catalog = Catalog::builtin();
    let (exact, more) = search(&catalog, "kron");
    assert_eq!(names(&exact), ["kronecker"]);
    assert!(names(&more).contains(&"det-of-kronecker") && !names(&more).contains(&"kronecker-mixed-product"));
    assert_eq!(names(&search(&catalog, "diag").0), ["diag", "diag"]);
    // What alone is found is shown whole.
    assert_eq!(names(&search(&catalog, "slogdet").0), ["logdet"]);
    assert!(names(&search(&catalog, "matrix/determinant").1).contains(&"adj"));
    assert!(search(&catalog, "no such thing").1.is_empty());
}

#[test]
fn a_page_says_what_the_rule_says() {
    let catalog = Catalog::builtin();
    let (exact, _) = search(&catalog, "logdet");
    let page = page(&catalog, &exact[0]);
    assert_eq!(page.signature, "logdet(X: matrix(n,n)) -> scalar");
    assert_eq!(page.states[0].text, "d logdet(X) = tr(X⁻¹ dX)");
    assert_eq!(page.conditions[0].text, "X invertible");
    assert!(page.sources[0].text.contains("The Matrix Cookbook, 57"));
    let law = page.identities.iter().find(|l| l.name == "logdet-of-inverse").unwrap();
    assert_eq!(law.formula.ascii, "logdet(X^-1) = -logdet(X)");
}

#[test]
fn every_formula_of_every_page_is_read() {
    let catalog = Catalog::builtin();
    for rule in topics(&catalog).iter().flat_map(|t| t.rules.iter()) {
        let page = page(&catalog, rule);
        let all =
            page.states.iter().chain(&page.conditions).chain(page.identities.iter().map(|i| &i.formula));
        for formula in all.filter(|f| f.latex.chars().count() > 1) {
            // A formula that was not read is the same in all notations, down to `inv(` and `dX`.
            assert!(!formula.latex.contains("inv("), "{}: {formula:?}", page.name);
        }
    }
}

#[test]
fn examples_are_worked_out_with_the_types_of_the_signature() {
    let setup = Setup::default();
    let entry = setup.catalog.entry(setup.catalog.find("chol").unwrap());
    let worked = super::worked(entry, &setup).unwrap();
    assert!(worked[0].call.contains("--let 'A: matrix(n,n) posdef'"), "{}", worked[0].call);
    assert!(worked[0].answer.check.as_ref().is_some_and(|c| c.passed));
}
