//! The functions whose laws are part of the algebra.
//!
//! In: a graph. Out: [`Known`], their handles in its catalogue.
//! Invariant: only what the normal form itself writes or takes apart is named here; everything else that is known of
//! a function stands in `rules/`.

use crate::expr::{FnId, Graph};

/// Functions of the catalogue that are part of the algebra itself.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::simplify) struct Known {
    pub trace: Option<FnId>,
    pub sum: Option<FnId>,
    pub mean: Option<FnId>,
    pub norm: Option<FnId>,
    pub sqrt: Option<FnId>,
    pub matrix_sqrt: Option<FnId>,
    /// Vector to diagonal matrix.
    pub diag: Option<FnId>,
    /// Square matrix to its diagonal.
    pub diag_of: Option<FnId>,
    pub vec: Option<FnId>,
}

impl Known {
    pub fn new(graph: &Graph) -> Known {
        let catalog = graph.catalog();
        let pick = |name: &str, wanted: &dyn Fn(FnId) -> bool| {
            catalog.overloads(name).iter().copied().find(|f| wanted(*f))
        };
        let scalar = |f: FnId| catalog.is_scalar_function(f);
        let vector = |f: FnId| catalog.entry(f).parameters[0].ty.kind == crate::expr::Kind::Vector;
        let any = |_: FnId| true;
        Known {
            trace: pick("tr", &any),
            sum: pick("sum", &any),
            mean: pick("mean", &any),
            norm: pick("norm", &any),
            sqrt: pick("sqrt", &scalar),
            matrix_sqrt: pick("sqrt", &|f| !scalar(f)),
            diag: pick("diag", &vector),
            diag_of: pick("diag", &|f| !vector(f)),
            vec: pick("vec", &any),
        }
    }
}
