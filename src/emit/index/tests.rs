//! Components as a lecture writes them.

use std::collections::BTreeMap;

use crate::answer::{Request, Setup, answer};
use crate::diagnostic::Diagnostic;

fn index(
    expr: &str,
    lets: &[&str],
    wrt: &str,
    order: usize,
    sizes: &[(&str, u64)],
) -> Result<String, Diagnostic> {
    let request = Request {
        lets: lets.iter().map(|l| (*l).to_owned()).collect(),
        wrt: Some(vec![wrt.to_owned()]),
        order,
        emit: vec!["index".into()],
        dims: sizes.iter().map(|(n, size)| ((*n).to_owned(), *size)).collect::<BTreeMap<_, _>>(),
        ..Request::new(expr)
    };
    Ok(answer(&request, &Setup::default())?.code["index"].clone())
}

fn of(expr: &str, wrt: &str) -> String {
    index(expr, &[], wrt, 1, &[]).unwrap()
}

#[test]
fn gradients_and_jacobians() {
    assert_eq!(of("x^T A x", "x"), "f = Σᵢ Σⱼ xᵢ Aᵢⱼ xⱼ\n∂f/∂xₖ = Σⱼ (Aₖⱼ + Aⱼₖ) xⱼ\n");
    assert_eq!(of("A x", "x"), "fᵢ = Σⱼ Aᵢⱼ xⱼ\n∂fᵢ/∂xₖ = Aᵢₖ\n");
    assert_eq!(of("norm(x)^2", "x").lines().last().unwrap(), "∂f/∂xₖ = 2 xₖ");
    assert_eq!(of("x .^ 3", "x").lines().last().unwrap(), "∂fᵢ/∂xₖ = 3 xᵢ² δᵢₖ");
    assert_eq!(of("tr(A X)", "X").lines().last().unwrap(), "∂f/∂Xₖₗ = Aₗₖ");
}

#[test]
fn operators_have_four_indices() {
    assert_eq!(of("A X B", "X").lines().last().unwrap(), "∂fᵢⱼ/∂Xₖₗ = Aᵢₖ Bₗⱼ");
    assert_eq!(of("inv(X)", "X"), "fᵢⱼ = (X⁻¹)ᵢⱼ\n∂fᵢⱼ/∂Xₖₗ = -(X⁻¹)ᵢₖ (X⁻¹)ₗⱼ\n");
    assert_eq!(of("X^2", "X").lines().last().unwrap(), "∂fᵢⱼ/∂Xₖₗ = δᵢₖ Xₗⱼ + Xᵢₖ δⱼₗ");
    assert_eq!(of("tr(exp(X))", "X").lines().last().unwrap(), "∂f/∂Xₖₗ = exp(X)ₗₖ");
}

#[test]
fn second_derivatives() {
    let hessian = index("x^T A x", &[], "x", 2, &[]).unwrap();
    assert_eq!(hessian.lines().last().unwrap(), "∂²f/∂xₖ∂xₗ = Aₖₗ + Aₗₖ");
    let refused = index("X^3", &[], "X", 2, &[]).unwrap_err();
    assert!(refused.message.contains("no components"), "{refused}");
}

#[test]
fn small_sizes_are_written_out() {
    let text = index("x^T A x", &[], "x", 1, &[("n", 2)]).unwrap();
    let lines: Vec<&str> = text.lines().skip(5).collect();
    assert_eq!(
        lines,
        [
            "f = x₁² A₁₁ + x₁ A₁₂ x₂ + x₂ A₂₁ x₁ + x₂² A₂₂",
            "∂f/∂x = [ 2 A₁₁ x₁ + (A₁₂ + A₂₁) x₂ ]",
            "        [ (A₂₁ + A₁₂) x₁ + 2 A₂₂ x₂ ]",
        ]
    );
    let jacobian = index("A x", &[], "x", 1, &[("m", 2), ("n", 3)]).unwrap();
    assert!(jacobian.ends_with("∂f/∂x = [ A₁₁   A₁₂   A₁₃ ]\n        [ A₂₁   A₂₂   A₂₃ ]\n"), "{jacobian}");
    assert!(index("A x", &[], "x", 1, &[("n", 3)]).unwrap_err().message.contains("`m`"));
    assert!(index("A x", &[], "x", 1, &[("n", 300), ("m", 2)]).is_err());
}
