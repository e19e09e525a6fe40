//! The modified equation by consecutive steps.
//!
//! The weight of N steps is a polynomial of degree ≤ |t| in N that vanishes at N = 0, and the flow of the modified
//! equation interpolates the steps, so b(t) is its linear coefficient. Through the values w₁ … wₙ, n = |t|, that is
//! b(t) = Σⱼ (-1)^(j-1)/j · C(n,j)·wⱼ, the derivative of the interpolating polynomial at 0.
//! No partition of a tree is ever formed.

use dashu_int::{IBig, UBig};
use shadowflow_methods::{Exact, ExactInteger, ScaledTableau};

use crate::arithmetic::lcm;
use crate::tree::Trees;
use crate::weights::{for_each_tree, powers};

/// The coefficients b(t) of ẏ = Σ h^(|t|-1) b(t)/σ(t) F(t)(y) (GNI, Theorem IX.9.2), in the order of the table.
pub(crate) fn modified_equation(tableau: &ScaledTableau, trees: &Trees) -> Vec<Exact> {
    let powers = powers(&tableau.denominator, trees.order());
    let functionals: Vec<Functional> = (1..=trees.order()).map(Functional::of_degree).collect();
    let mut coefficients = Vec::with_capacity(trees.len());
    for_each_tree(trees, tableau, trees.order(), |tree, after| {
        let n = trees.vertices(tree);
        coefficients.push(functionals[n - 1].linear_coefficient(after, &powers[n]));
    });
    coefficients
}

/// The linear coefficient of a polynomial of degree n with p(0) = 0, from p(1), …, p(n), in integers over a common
/// denominator.
struct Functional {
    weights: Vec<IBig>,
    denominator: UBig,
}

impl Functional {
    fn of_degree(n: usize) -> Functional {
        let denominator = (1..=n as u64).fold(1, lcm);
        let mut binomial = 1i64;
        let mut weights = Vec::with_capacity(n);
        for j in 1..=n as i64 {
            binomial = binomial * (n as i64 - j + 1) / j;
            let sign = if j % 2 == 1 { 1 } else { -1 };
            weights.push(IBig::from(sign * binomial) * (denominator / j as u64));
        }
        Functional { weights, denominator: denominator.into() }
    }

    fn linear_coefficient(&self, values: &[ExactInteger], scale: &UBig) -> Exact {
        let mut sum = ExactInteger::ZERO;
        for (value, weight) in values.iter().zip(&self.weights) {
            sum += &value.times_integer(weight);
        }
        sum.unscaled(&(&self.denominator * scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functional_differentiates_at_zero() {
        // p(N) = 7N - 3N² + N⁴ has linear coefficient 7, also when read with more values than needed.
        for n in 4..=9 {
            let values: Vec<_> = (1..=n as i64)
                .map(|j| ExactInteger::scaled(&Exact::from(7 * j - 3 * j.pow(2) + j.pow(4)), &UBig::ONE))
                .collect();
            assert_eq!(Functional::of_degree(n).linear_coefficient(&values, &UBig::ONE), Exact::from(7));
        }
    }
}
