//! What each node of an Ast is there for: a value, a dimension, a literal, a bound index.
//!
//! In: an [`Ast`]. Out: a [`Role`] a node, and for every name the bounded sums it stands inside.
//! Invariant: parents are looked at before children, in one pass from the last node to the first.
//! Example: in `ones(n) + norm(x, inf)` n is a size and `inf` a literal; only x is a variable.

use crate::catalog::Catalog;
use crate::syntax::{Ast, AstId, AstKind, Binary};

/// What a node is there for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Not part of the expression.
    Unused,
    /// An expression.
    Value,
    /// An elementwise product whose factors its parent takes over: the inner node of `a .* b .* c`.
    Inner,
    /// A dimension: the n of `ones(n)`.
    Size,
    /// A literal that selects a function: the 1 of `norm(x, 1)`.
    Literal,
    /// The name of a function: the f of `frechet(f, A, E)`.
    Function,
    /// The name a bounded sum binds.
    Index,
}

/// Roles and scopes of one Ast.
pub(super) struct Roles {
    pub role: Vec<Role>,
    /// The innermost bounded sum around a node, if any.
    within: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

/// Functions the language itself has, besides those of the catalogue.
pub const BUILTINS: &[&str] = &["I", "ones", "zeros", "e", "K", "inv", "kron", "frechet"];

/// Whether a name followed by `(` is a call, unless a variable has the name.
pub fn is_function(catalog: &Catalog, name: &str) -> bool {
    BUILTINS.contains(&name) || catalog.find(name).is_some()
}

/// Whether a call is the bounded sum `sum(r, lo, hi, body)`.
pub(super) fn is_bounded_sum(function: &str, args: &[AstId]) -> bool {
    function == "sum" && args.len() == 4
}

impl Roles {
    pub fn of(ast: &Ast, catalog: &Catalog, declared: &dyn Fn(&str) -> bool) -> Roles {
        let n = ast.nodes.len();
        let mut roles = Roles { role: vec![Role::Unused; n], within: vec![NOWHERE; n] };
        if n > 0 {
            roles.role[n - 1] = Role::Value;
        }
        for (i, node) in ast.nodes.iter().enumerate().rev() {
            match roles.role[i] {
                Role::Size => roles.all(&node.kind, Role::Size, roles.within[i]),
                Role::Value | Role::Inner => roles.children(i, ast, catalog, declared),
                _ => {}
            }
        }
        roles
    }

    fn give(&mut self, child: AstId, role: Role, within: u32) {
        self.role[child.0 as usize] = role;
        self.within[child.0 as usize] = within;
    }

    fn all(&mut self, kind: &AstKind, role: Role, within: u32) {
        match kind {
            AstKind::Number(_) | AstKind::Name(_) => {}
            AstKind::Sum(parts) | AstKind::DotSum(parts) => {
                parts.iter().for_each(|(_, p)| self.give(*p, role, within));
            }
            AstKind::Product(parts) => parts.iter().for_each(|p| self.give(*p, role, within)),
            AstKind::Negate(a) | AstKind::Transpose(a) => self.give(*a, role, within),
            AstKind::Binary(_, a, b) => [a, b].iter().for_each(|p| self.give(**p, role, within)),
            AstKind::Call { args, along, .. } => {
                args.iter().chain(along).for_each(|p| self.give(*p, role, within));
            }
        }
    }

    fn children(&mut self, i: usize, ast: &Ast, catalog: &Catalog, declared: &dyn Fn(&str) -> bool) {
        let within = self.within[i];
        let kind = &ast.nodes[i].kind;
        self.all(kind, Role::Value, within);
        match kind {
            AstKind::Binary(Binary::ElementTimes, a, _)
                if matches!(ast.node(*a).kind, AstKind::Binary(Binary::ElementTimes, ..)) =>
            {
                self.give(*a, Role::Inner, within);
            }
            AstKind::Call { function, args, .. } if !declared(function) => match function.as_str() {
                "I" | "ones" | "zeros" | "K" => args.iter().for_each(|a| self.give(*a, Role::Size, within)),
                "e" => args.iter().skip(1).for_each(|a| self.give(*a, Role::Size, within)),
                "frechet" => args.iter().take(1).for_each(|a| self.give(*a, Role::Function, within)),
                _ if is_bounded_sum(function, args) => {
                    self.give(args[0], Role::Index, within);
                    self.give(args[3], Role::Value, i as u32);
                }
                _ if takes_literals(catalog, function, args.len()) => {
                    args.iter().skip(1).for_each(|a| self.give(*a, Role::Literal, within));
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// The bounded sum that binds a name at a node.
    pub fn binder(&self, ast: &Ast, at: usize, name: &str) -> Option<AstId> {
        let mut within = self.within[at];
        while within != NOWHERE {
            let AstKind::Call { args, .. } = &ast.nodes[within as usize].kind else { return None };
            if matches!(&ast.node(args[0]).kind, AstKind::Name(n) if n == name) {
                return Some(AstId(within));
            }
            within = self.within[within as usize];
        }
        None
    }
}

/// Whether a call with this many arguments can only be one with literals: `norm(x, 1)`.
fn takes_literals(catalog: &Catalog, function: &str, count: usize) -> bool {
    let overloads = catalog.overloads(function);
    count > 1
        && !overloads.iter().any(|f| catalog.entry(*f).parameters.len() == count)
        && !literal_forms(catalog, function).is_empty()
}

/// The literals that may follow the arguments of a function: `1`, `2`, `inf`, `nuc` of `norm`.
pub(super) fn literal_forms(catalog: &Catalog, function: &str) -> Vec<String> {
    let aliases = catalog.functions().flat_map(|(_, e)| &e.aliases);
    let mut forms: Vec<String> =
        aliases.filter(|(n, l)| n == function && !l.is_empty()).map(|(_, l)| l.join(", ")).collect();
    forms.sort();
    forms.dedup();
    forms
}
