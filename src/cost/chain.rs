//! The order in which a chain of matrices is multiplied.
//!
//! In: the sides of the matrices, one more than there are matrices. Out: what the best order takes, and the order.
//! Invariant: of all orders the one with the fewest flops (Cormen et al., Introduction to Algorithms, §15.2).
//!
//! Of sides 10, 1000, 10, 1000 the first two matrices are multiplied first.

/// Where each stretch of a chain is cut, by its start and its length − 2.
pub struct Order(Vec<Vec<usize>>);

impl Order {
    /// The best order for these sides, and its flops.
    pub fn best(sides: &[f64]) -> (Order, f64) {
        let n = sides.len().saturating_sub(1);
        let (mut cuts, mut costs) = (vec![vec![]; n], vec![vec![0.0]; n]);
        for length in 2..=n {
            for i in 0..=n - length {
                let cost = |k: usize| {
                    let inner = 2.0 * sides[i] * sides[k] * sides[i + length];
                    costs[i][k - i - 1] + costs[k][i + length - k - 1] + inner
                };
                let cut = (i + 1..i + length).min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(i + 1);
                let least = cost(cut);
                cuts[i].push(cut);
                costs[i].push(least);
            }
        }
        let whole = costs.first().and_then(|row| row.last()).copied().unwrap_or(0.0);
        (Order(cuts), whole)
    }

    /// The products in this order: rows of the left, the side between, columns of the right, as places among the sides.
    pub fn products(&self) -> Vec<[usize; 3]> {
        let (mut found, mut open) = (vec![], vec![(0, self.0.len())]);
        while let Some((i, j)) = open.pop() {
            if let Some(cut) = (j - i).checked_sub(2).and_then(|length| self.0[i].get(length)) {
                found.push([i, *cut, j]);
                open.extend([(i, *cut), (*cut, j)]);
            }
        }
        found
    }

    /// What this order takes for other sides.
    pub fn flops(&self, sides: &[f64]) -> f64 {
        self.products().into_iter().map(|[i, k, j]| 2.0 * sides[i] * sides[k] * sides[j]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_side_is_multiplied_over_last() {
        let (order, cost) = Order::best(&[10.0, 1000.0, 10.0, 1000.0]);
        assert_eq!(order.products(), [[0, 2, 3], [0, 1, 2]]);
        assert_eq!(cost, 4e5);
        assert_eq!(order.flops(&[1.0; 4]), 4.0);
        assert_eq!(Order::best(&[3.0, 4.0]).1, 0.0);
    }
}
