//! From the text of an identity to its pattern.
//!
//! In: an identity of a catalogue. Out: its rules, each with the place in which it is tried.
//! Invariant: an identity whose left side is a bare variable is never compiled: it would match everything.

use std::sync::Arc;

use crate::catalog::{Catalog, Direction, Identity, Template};
use crate::expr::{Dim, Graph, Id, Kind, Op, Properties, Shape, Variable};
use crate::shape::{Scope, elaborate, elaborate_as, elaborate_entrywise};
use crate::syntax::DimExpr;

use super::super::normal::Normalizer;
use super::super::poly::{Factor, Poly, Term};
use super::{Argument, Head, Indexed, Library, Pattern, Place, Premise, Rule, TermPattern, head_of};

/// The rules of one identity; or why it has none, a mistake in a rules file.
pub(super) fn compile(catalog: &Arc<Catalog>, identity: &Identity) -> Result<Vec<Indexed>, String> {
    let directed = identity.direction == Direction::Simplify;
    let scalar =
        identity.variables.iter().all(|p| p.ty.kind == Kind::Scalar) && !identity.variables.is_empty();
    let mut rules = Vec::new();
    let (left, right) = (&identity.left, &identity.right);
    for entrywise in [None, Some(Kind::Matrix), Some(Kind::Vector)] {
        if entrywise.is_some() && !scalar {
            continue;
        }
        let mut sides = vec![Side { left, right, directed, entrywise }];
        if !directed {
            sides.push(Side { left: right, right: left, directed, entrywise });
        }
        for side in sides {
            match add(&mut rules, catalog, identity, &side) {
                // Not every scalar identity can be lifted: `max` has no entrywise form.
                Err(reason) if entrywise.is_none() => return Err(reason),
                _ => {}
            }
        }
    }
    Ok(rules)
}

struct Side<'a> {
    left: &'a Template,
    right: &'a Template,
    directed: bool,
    /// Lifted to the entries of a matrix or of a vector, whose `ones` are written differently.
    entrywise: Option<Kind>,
}

fn add(
    rules: &mut Vec<Indexed>,
    catalog: &Arc<Catalog>,
    identity: &Identity,
    side: &Side,
) -> Result<(), String> {
    let mut graph = Graph::new(catalog.clone());
    let scope = declare(&mut graph, identity, side.entrywise)?;
    let ast = side.left.ast(catalog).map_err(|d| d.to_string())?;
    let root = match side.entrywise {
        Some(kind) => {
            let shape = entrywise_shape(&mut graph, kind);
            elaborate_entrywise(&mut graph, ast, &scope, shape)
        }
        None => elaborate(&mut graph, ast, &scope),
    };
    let root = root.map_err(|d| d.to_string())?;
    let premises = premises(catalog, identity)?;
    let mut normalizer = Normalizer::new(&mut graph, Library::none(), 64);
    let poly = normalizer.poly(root).as_ref().clone();
    // What the laws of the normal form say already is no rule.
    let right = side.right.ast(catalog).map_err(|d| d.to_string())?;
    let shape = normalizer.graph.shape(root);
    let right = match side.entrywise {
        Some(_) => elaborate_entrywise(normalizer.graph, right, &scope, shape),
        None => elaborate_as(normalizer.graph, right, &scope, shape),
    };
    let right = right.map_err(|d| d.to_string())?;
    let right = normalizer.poly(right);
    if *right == poly {
        return Ok(());
    }
    let turned = normalizer.transposed(&poly);
    let mut forms = vec![(poly.clone(), false)];
    // A lone letter is rewritten before it is transposed.
    let lone = matches!(poly.terms.as_slice(), [t] if t.word.len() == 1);
    // One that says that something is symmetric would undo itself.
    let symmetry = turned == *right;
    if turned != poly && !symmetry && !poly.shape.is_scalar() && side.entrywise.is_none() && !lone {
        forms.push((turned, true));
    }
    if poly.shape.is_scalar()
        && let Some(p) = normalizer.other_reading(&poly)
    {
        forms.push((p, false));
    }
    for (form, turned) in forms {
        let pattern = only_transposed(read_poly(&normalizer, &form)?);
        if matches!(pattern, Pattern::Variable(_) | Pattern::Transposed(_)) {
            return Err("the left side is a bare variable".into());
        }
        let rule = Rule {
            name: identity.name.clone(),
            variables: identity.variables.clone(),
            dims: normalizer.graph.dims.clone(),
            left: pattern,
            right: side.right.clone(),
            premises: premises.clone(),
            turned,
            entrywise: side.entrywise.is_some(),
        };
        rules.extend(index(normalizer.graph, &form, rule, side.directed));
    }
    Ok(())
}

fn entrywise_shape(graph: &mut Graph, kind: Kind) -> Shape {
    let rows = graph.dims.named("rows");
    match kind {
        Kind::Vector => Shape::vector(rows),
        _ => Shape::new(rows, graph.dims.named("cols")),
    }
}

/// A dimension of a pattern, its names as they are.
fn dimension(expr: &DimExpr, graph: &mut Graph) -> Option<Dim> {
    let bound: Vec<(String, Dim)> =
        crate::catalog::dims::names(expr).map(|n| (n.clone(), graph.dims.named(&n))).collect();
    crate::catalog::dims::evaluate(expr, &bound, &mut graph.dims)
}

/// The variables of an identity, as variables of the pattern graph.
fn declare(graph: &mut Graph, identity: &Identity, entrywise: Option<Kind>) -> Result<Scope, String> {
    let mut scope = Scope::new();
    for p in &identity.variables {
        let shape = match entrywise {
            Some(kind) => entrywise_shape(graph, kind),
            None => {
                let overflow = "a dimension overflows";
                let rows = dimension(&p.ty.rows, graph).ok_or(overflow)?;
                Shape::new(rows, dimension(&p.ty.cols, graph).ok_or(overflow)?)
            }
        };
        let properties = premise_properties(identity, &p.name);
        let id = graph.declare(Variable { name: p.name.clone(), kind: p.ty.kind, shape, properties });
        scope = scope.bind(p.name.clone(), id);
    }
    for name in &identity.sizes {
        let dim = graph.dims.named(name);
        scope = scope.size(name.clone(), dim);
    }
    Ok(scope)
}

/// Declared properties of a pattern variable, so that a pattern with a symmetric `S` is normalised as one.
fn premise_properties(identity: &Identity, name: &str) -> Properties {
    let mut found = Properties::NONE;
    for c in &identity.conditions {
        if let (Some(p), [arg]) = (Properties::parse(&c.predicate), c.args.as_slice())
            && arg.source.text.trim() == name
        {
            found = found.with(p);
        }
    }
    found.closed()
}

fn premises(catalog: &Catalog, identity: &Identity) -> Result<Vec<Premise>, String> {
    let mut found = Vec::new();
    for c in &identity.conditions {
        let argument = |a: &Template| match identity.variables.iter().position(|p| p.name == a.text().trim())
        {
            Some(variable) => Argument::Variable(variable),
            None => Argument::Expression(a.clone()),
        };
        let args: Vec<Argument> = c.args.iter().map(argument).collect();
        match (catalog.predicate(&c.predicate), Properties::parse(&c.predicate), args.as_slice()) {
            (Some(p), ..) => found.push(Premise::Predicate(p, args)),
            (_, Some(p), [a]) => found.push(Premise::Property(a.clone(), p)),
            _ => return Err(format!("unknown condition `{}`", c.predicate)),
        }
    }
    Ok(found)
}

fn index(graph: &Graph, form: &Poly, rule: Rule, directed: bool) -> Option<Indexed> {
    let heads = |factors: &[Factor], one: Id| -> Option<Head> {
        // The most telling factor: a call before a power before a bare letter.
        let head = |f: &Factor| if f.exponent == one { head_of(graph, f.base) } else { Head::Power };
        let mut found: Vec<Head> = factors.iter().map(head).collect();
        found.sort_by_key(|h| match h {
            Head::Op(_) => 0,
            Head::Power => 1,
            Head::Letter => 2,
        });
        found.into_iter().next()
    };
    let one = graph.find(Op::Num(crate::expr::Number::ONE), &[]).unwrap_or(Id(0));
    let head_of_term =
        |t: &Term| heads(&t.word, one).filter(|h| *h != Head::Letter).or_else(|| heads(&t.scalars, one));
    let (place, head) = match form.terms.as_slice() {
        [t] if t.scalars.is_empty() && t.word.len() == 1 && t.word[0].exponent == one => {
            let base = graph.transpose_of(t.word[0].base).unwrap_or(t.word[0].base);
            match graph.op(base) {
                Op::Hadamard | Op::ElementPower => {
                    (Place::Hadamard, heads(&hadamard_args(graph, base, one), one))
                }
                _ => (Place::Atom, heads(&t.word, one)),
            }
        }
        [t] if t.word.is_empty()
            && t.scalars.len() == 1
            && t.scalars[0].exponent == one
            && t.coefficient.is_one() =>
        {
            match graph.op(t.scalars[0].base) {
                Op::Product => {
                    let letters: Vec<Factor> =
                        graph.args(t.scalars[0].base).iter().map(|a| split_power(graph, *a, one)).collect();
                    (Place::Word, heads(&letters, one))
                }
                _ => (Place::Atom, heads(&t.scalars, one)),
            }
        }
        [t] if t.word.len() > 1 && t.scalars.is_empty() => (Place::Word, heads(&t.word, one)),
        [t] => (Place::Term, head_of_term(t)),
        terms => (Place::Sum, terms.iter().filter_map(head_of_term).find(|h| *h != Head::Letter)),
    };
    let head = head.filter(|h| *h != Head::Letter)?;
    let place = if directed { place } else { Place::Alternative };
    Some(Indexed { place, head, rule: Arc::new(rule) })
}

fn hadamard_args(graph: &Graph, id: Id, one: Id) -> Vec<Factor> {
    let split = |a: Id| match graph.op(a) {
        Op::ElementPower => Factor { base: graph.args(a)[0], exponent: graph.args(a)[1] },
        _ => Factor { base: a, exponent: one },
    };
    match graph.op(id) {
        Op::Hadamard => graph.args(id).iter().map(|a| split(*a)).collect(),
        _ => vec![split(id)],
    }
}

fn split_power(graph: &Graph, id: Id, one: Id) -> Factor {
    match graph.op(id) {
        Op::Power => Factor { base: graph.args(id)[0], exponent: graph.args(id)[1] },
        _ => Factor { base: id, exponent: one },
    }
}

/// A variable that occurs transposed only is matched by transposed letters only.
fn only_transposed(mut pattern: Pattern) -> Pattern {
    let mut plain = Vec::new();
    visit(&mut pattern, &mut |p| {
        if let Pattern::Variable(v) = p {
            plain.push(*v);
        }
    });
    visit(&mut pattern, &mut |p| {
        if let Pattern::Transposed(v) = p
            && !plain.contains(v)
        {
            *p = Pattern::TransposedNode(Box::new(Pattern::Variable(*v)));
        }
    });
    pattern
}

fn visit(pattern: &mut Pattern, see: &mut dyn FnMut(&mut Pattern)) {
    match pattern {
        Pattern::Node(_, args) => args.iter_mut().for_each(|p| visit(p, see)),
        Pattern::TransposedNode(p) => visit(p, see),
        Pattern::Term(t) => visit_term(t, see),
        Pattern::Sum(terms) => terms.iter_mut().for_each(|t| visit_term(t, see)),
        Pattern::Hadamard(factors) => factors.iter_mut().for_each(|(p, e)| {
            visit(p, see);
            visit(e, see);
        }),
        Pattern::Variable(_) | Pattern::Transposed(_) => {}
    }
    see(pattern);
}

fn visit_term(t: &mut TermPattern, see: &mut dyn FnMut(&mut Pattern)) {
    for (p, e) in t.scalars.iter_mut().chain(&mut t.word) {
        visit(p, see);
        visit(e, see);
    }
}

// Reading a normal form back as a pattern. Patterns are short, so this may recurse.

fn read_poly(n: &Normalizer, p: &Poly) -> Result<Pattern, String> {
    match p.terms.as_slice() {
        [] => Err("the left side is zero".into()),
        [t] => read_term(n, t),
        terms => {
            let terms: Result<Vec<_>, _> = terms.iter().map(|t| term_pattern(n, t)).collect();
            Ok(Pattern::Sum(terms?))
        }
    }
}

fn read_term(n: &Normalizer, t: &Term) -> Result<Pattern, String> {
    let lone = |factors: &[Factor]| match factors {
        [f] if f.exponent == n.one => Some(f.base),
        _ => None,
    };
    if t.coefficient.is_one() {
        if t.scalars.is_empty()
            && let Some(id) = lone(&t.word)
        {
            return read(n, id);
        }
        if t.word.is_empty()
            && let Some(id) = lone(&t.scalars)
        {
            return read(n, id);
        }
    }
    term_pattern(n, t).map(Pattern::Term)
}

fn term_pattern(n: &Normalizer, t: &Term) -> Result<TermPattern, String> {
    let factors = |row: &[Factor]| -> Result<Vec<_>, String> {
        row.iter().map(|f| Ok((read(n, f.base)?, read(n, f.exponent)?))).collect()
    };
    Ok(TermPattern {
        coefficient: t.coefficient.clone(),
        scalars: factors(&t.scalars)?,
        word: factors(&t.word)?,
    })
}

fn read(n: &Normalizer, id: Id) -> Result<Pattern, String> {
    let graph = &*n.graph;
    let node = graph.node(id);
    Ok(match &node.op {
        Op::Var(v) => Pattern::Variable(v.0 as usize),
        Op::Transpose => match graph.op(node.args[0]) {
            Op::Var(v) => Pattern::Transposed(v.0 as usize),
            _ => Pattern::TransposedNode(Box::new(read(n, node.args[0])?)),
        },
        Op::Sum | Op::Product => match n.known_poly(id) {
            Some(p) if p.terms.len() > 1 => read_poly(n, &p)?,
            Some(p) if p.terms.len() == 1 && !is_self(&p.terms[0], id) => {
                Pattern::Term(term_pattern(n, &p.terms[0])?)
            }
            _ => {
                let letters: Result<Vec<_>, String> = node
                    .args
                    .iter()
                    .map(|a| {
                        let f = split_power(graph, *a, n.one);
                        Ok((read(n, f.base)?, read(n, f.exponent)?))
                    })
                    .collect();
                Pattern::Term(TermPattern {
                    coefficient: crate::expr::Number::ONE,
                    scalars: Vec::new(),
                    word: letters?,
                })
            }
        },
        Op::Power => {
            let (b, e) = (read(n, node.args[0])?, read(n, node.args[1])?);
            let factor = vec![(b, e)];
            let (scalars, word) =
                if graph.shape(id).is_scalar() { (factor, Vec::new()) } else { (Vec::new(), factor) };
            Pattern::Term(TermPattern { coefficient: crate::expr::Number::ONE, scalars, word })
        }
        Op::Hadamard | Op::ElementPower => {
            let factors: Result<Vec<_>, String> =
                n.hadamard_factors(id).into_iter().map(|(b, e)| Ok((read(n, b)?, read(n, e)?))).collect();
            Pattern::Hadamard(factors?)
        }
        op => {
            let args: Result<Vec<_>, String> = node.args.iter().map(|a| read(n, *a)).collect();
            Pattern::Node(op.clone(), args?)
        }
    })
}

fn is_self(t: &Term, id: Id) -> bool {
    t.coefficient.is_one() && t.word.is_empty() && t.scalars.len() == 1 && t.scalars[0].base == id
}
