//! A point at which a law does not hold.
//!
//! In: the values of the variables and of both sides. Out: text for a person.
//! Invariant: whole numbers are printed whole, all others to four digits; matrices as they are typed elsewhere,
//! rows separated by semicolons. Example: `at A = [1 0], B = [0; 1]`.

use crate::expr::{Graph, VarId};
use crate::numeric::{Matrix, Point};

/// Where a law fails, and how.
#[derive(Clone, PartialEq, Debug)]
pub struct Counterexample {
    /// The variables, and their differentials where there are any, with their values.
    pub values: Vec<(String, Matrix<f64>)>,
    /// What the left side is there.
    pub left: Matrix<f64>,
    /// What the right side is there; absent where it is undefined.
    pub right: Option<Matrix<f64>>,
}

impl Counterexample {
    /// The point with what was found at it.
    pub(super) fn new(
        graph: &Graph,
        point: &Point<f64>,
        left: Matrix<f64>,
        right: Option<Matrix<f64>>,
    ) -> Counterexample {
        let mut values = vec![];
        for (i, variable) in graph.variables().iter().enumerate() {
            let v = VarId(i as u32);
            values.extend(point.value(v).map(|x| (variable.name.clone(), x.clone())));
            values.extend(point.differential(v).map(|x| (format!("d{}", variable.name), x.clone())));
        }
        Counterexample { values, left, right }
    }

    /// The point: `A = [1 0], B = [0; 1]`.
    pub fn point(&self) -> String {
        let values = self.values.iter().map(|(name, value)| format!("{name} = {}", matrix(value)));
        values.collect::<Vec<_>>().join(", ")
    }

    /// What the right side is.
    pub fn right(&self) -> String {
        self.right.as_ref().map_or_else(|| "undefined".into(), matrix)
    }

    /// What the left side is.
    pub fn left(&self) -> String {
        matrix(&self.left)
    }
}

/// A matrix on one line: `2`, `[1 0; 0 1]`.
pub fn matrix(m: &Matrix<f64>) -> String {
    if m.shape() == (1, 1) {
        return m.iter().map(|x| number(*x)).collect();
    }
    let row = |i: usize| m.row(i).iter().map(|x| number(*x)).collect::<Vec<_>>().join(" ");
    format!("[{}]", (0..m.nrows()).map(row).collect::<Vec<_>>().join("; "))
}

/// A number to four digits.
pub fn number(x: f64) -> String {
    if x == x.round() && x.abs() < 1e6 {
        return format!("{}", x.round() + 0.0);
    }
    if !(1e-3..1e6).contains(&x.abs()) {
        return format!("{x:.3e}");
    }
    let digits = (3 - x.abs().log10().floor() as i32).max(0) as usize;
    let text = format!("{x:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let all = [2.0, -0.0, 0.5, 0.123456, -1234.56, 1e-9, 3.0e7].map(number);
        assert_eq!(all, ["2", "0", "0.5", "0.1235", "-1235", "1.000e-9", "3.000e7"]);
    }

    #[test]
    fn a_matrix_is_a_line() {
        assert_eq!(matrix(&Matrix::from_row_slice(2, 2, &[1.0, 0.5, 0.0, 1.0])), "[1 0.5; 0 1]");
        assert_eq!(matrix(&Matrix::from_row_slice(1, 1, &[3.0])), "3");
    }
}
