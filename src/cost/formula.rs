//! The `flops` line of a function.
//!
//! In: a function and the shapes of its arguments. Out: the polynomial, in the dimensions of the call.
//! Invariant: a function without such a line counts one operation an entry of its value.
//!
//! `flops 2/3 n^3` of `det` for a k×k argument is `2/3 k^3`.

use crate::catalog::Catalog;
use crate::expr::{Dim, DimTable, FnId, Number, Shape};
use crate::syntax::{Ast, AstKind, Binary, Sign};

use super::Flops;

/// What one call takes; of a scalar function, applied to every entry of `value`.
pub fn function(catalog: &Catalog, f: FnId, args: &[Shape], value: Shape, dims: &mut DimTable) -> Flops {
    let entries = Flops::of(value.rows, dims).times(&Flops::of(value.cols, dims));
    let entry = catalog.entry(f);
    let mapped = entry.is_scalar_function();
    let bound = if mapped { Some(vec![]) } else { catalog.bind_dims(f, args, dims) };
    let formula = || {
        let ast = entry.flops.as_ref()?.ast(catalog).ok()?;
        polynomial(ast, &bound?, dims)
    };
    match (formula(), mapped) {
        (Some(count), true) => count.times(&entries),
        (Some(count), false) => count,
        (None, _) => entries,
    }
}

/// A polynomial that is written out: numbers, dimensions, sums, products, whole powers, division by a number.
fn polynomial(ast: &Ast, bound: &[(String, Dim)], dims: &DimTable) -> Option<Flops> {
    let mut values: Vec<Flops> = Vec::with_capacity(ast.nodes.len());
    for node in &ast.nodes {
        let of = |id: &crate::syntax::AstId| values.get(id.0 as usize);
        let number = |id: &crate::syntax::AstId| match &ast.node(*id).kind {
            AstKind::Number(n) => Some(n.clone()),
            _ => None,
        };
        let value = match &node.kind {
            AstKind::Number(n) => Flops::constant(n.clone()),
            AstKind::Name(name) => Flops::of(bound.iter().find(|(b, _)| b == name)?.1, dims),
            AstKind::Negate(a) => of(a)?.scaled(-1, 1),
            AstKind::Product(factors) => factors
                .iter()
                .try_fold(Flops::constant(Number::ONE), |product, a| Some(product.times(of(a)?)))?,
            AstKind::Sum(terms) => terms.iter().try_fold(Flops::ZERO, |sum, (sign, a)| {
                let factor = if *sign == Sign::Minus { -1 } else { 1 };
                Some(sum.plus(&of(a)?.scaled(factor, 1)))
            })?,
            AstKind::Binary(Binary::Divide, a, b) => of(a)?.times(&Flops::constant(number(b)?.recip()?)),
            AstKind::Binary(Binary::Power, a, k) => {
                let k = usize::try_from(number(k)?.to_integer()?).ok().filter(|k| *k <= 9)?;
                let base = of(a)?;
                (0..k).fold(Flops::constant(Number::ONE), |power, _| power.times(base))
            }
            _ => return None,
        };
        values.push(value);
    }
    values.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_says_what_it_takes() {
        let catalog = Catalog::builtin();
        for (f, entry) in catalog.functions() {
            let formula = entry.flops.as_ref().unwrap_or_else(|| panic!("{} has no flops", entry.name));
            let mut dims = DimTable::default();
            let names: Vec<(String, Dim)> =
                "k m n p q r s".split(' ').map(|name| (name.to_owned(), dims.named(name))).collect();
            let ast = formula.ast(&catalog).unwrap();
            assert!(polynomial(ast, &names, &dims).is_some(), "{}: {}", entry.name, formula.text());
            let _ = f;
        }
    }

    #[test]
    fn a_call_counts_in_its_own_dimensions() {
        let catalog = Catalog::builtin();
        let mut dims = DimTable::default();
        let k = dims.named("k");
        let square = Shape::new(k, k);
        let mut count = |name: &str, args: &[Shape], value| {
            let count = function(&catalog, catalog.find(name).unwrap(), args, value, &mut dims);
            count.text(&dims)
        };
        assert_eq!(count("det", &[square], Shape::SCALAR), "2/3 k^3");
        assert_eq!(count("tanh", &[square], square), "k^2");
    }
}
