//! Signatures against shapes.
//!
//! In: a signature over its own dimension names, the shapes of the arguments. Out: a dimension for each name,
//! and the shape of the value. Invariant: a parameter that is a matrix accepts every shape that fits, vectors
//! and scalars included; a vector only columns; a scalar only 1×1.
//! Example: `diag(x: vector(n)) -> matrix(n,n)` of a 3×1 gives 3×3.

use super::{Catalog, Type};
use crate::expr::{Dim, DimTable, FnId, Kind, Shape};
use crate::syntax::DimExpr;

impl Catalog {
    /// The dimensions of a signature, by name, where the arguments fit it.
    pub fn bind_dims(&self, f: FnId, args: &[Shape], dims: &mut DimTable) -> Option<Vec<(String, Dim)>> {
        let types: Vec<&Type> = self.entry(f).parameters.iter().map(|p| &p.ty).collect();
        bind(&types, args, dims)
    }

    /// The shape of a value, from the shapes of the arguments.
    pub fn result_shape(&self, f: FnId, args: &[Shape], dims: &mut DimTable) -> Option<Shape> {
        let bound = self.bind_dims(f, args, dims)?;
        let result = &self.entry(f).result;
        Some(Shape::new(evaluate(&result.rows, &bound, dims)?, evaluate(&result.cols, &bound, dims)?))
    }
}

/// Binds the dimension names of some types so that they fit the shapes.
pub fn bind(types: &[&Type], shapes: &[Shape], dims: &mut DimTable) -> Option<Vec<(String, Dim)>> {
    if types.len() != shapes.len() {
        return None;
    }
    let mut bound: Vec<(String, Dim)> = Vec::new();
    let mut compound = Vec::new();
    for (ty, shape) in types.iter().zip(shapes) {
        let fits = match ty.kind {
            Kind::Scalar => shape.is_scalar(),
            Kind::Vector => shape.is_column(),
            Kind::Matrix => true,
        };
        if !fits {
            return None;
        }
        for (expr, dim) in [(&ty.rows, shape.rows), (&ty.cols, shape.cols)] {
            match expr {
                DimExpr::Name(name) => match bound.iter().find(|(n, _)| n == name) {
                    Some((_, d)) if *d != dim => return None,
                    Some(_) => {}
                    None => bound.push((name.clone(), dim)),
                },
                _ => compound.push((expr, dim)),
            }
        }
    }
    let fits = compound.into_iter().all(|(expr, dim)| evaluate(expr, &bound, dims) == Some(dim));
    fits.then_some(bound)
}

/// The dimension an expression stands for. Signatures nest dimensions only as sums of products.
pub fn evaluate(expr: &DimExpr, bound: &[(String, Dim)], dims: &mut DimTable) -> Option<Dim> {
    match expr {
        DimExpr::Integer(n) => Some(dims.integer(*n)),
        DimExpr::Name(name) => bound.iter().find(|(n, _)| n == name).map(|(_, d)| *d),
        DimExpr::Sum(parts) => {
            let mut parts = parts.iter();
            let mut sum = evaluate(parts.next()?, bound, dims)?;
            for part in parts {
                let next = evaluate(part, bound, dims)?;
                sum = dims.plus(sum, next)?;
            }
            Some(sum)
        }
        DimExpr::Product(parts) => parts.iter().try_fold(Dim::ONE, |product, part| {
            let next = evaluate(part, bound, dims)?;
            dims.times(product, next)
        }),
    }
}

/// The names in a dimension.
pub fn names(expr: &DimExpr) -> impl Iterator<Item = String> + use<> {
    let (mut found, mut stack) = (Vec::new(), vec![expr]);
    while let Some(e) = stack.pop() {
        match e {
            DimExpr::Integer(_) => {}
            DimExpr::Name(n) => found.push(n.clone()),
            DimExpr::Sum(parts) | DimExpr::Product(parts) => stack.extend(parts),
        }
    }
    found.into_iter()
}
