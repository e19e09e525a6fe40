//! Gauss–Legendre quadrature to any precision.

use shadowflow_methods::{BigFloat, Field, Ring};

/// Nodes and weights of Gauss–Legendre quadrature on [-1, 1]: zeros of the Legendre polynomial Pₙ by Newton's method from
/// Tricomi's estimate cos(π(k - 1/4)/(n + 1/2)), weights 2/((1 - x²) Pₙ'(x)²) (Davis & Rabinowitz 1984, §2.7).
pub(crate) fn gauss_legendre<const BITS: usize>(n: usize) -> Vec<(BigFloat<BITS>, BigFloat<BITS>)> {
    let one = <BigFloat<BITS> as Ring>::one;
    let node = |k: usize| {
        let estimate = (std::f64::consts::PI * (k as f64 - 0.25) / (n as f64 + 0.5)).cos();
        let mut x = BigFloat::from_f64(estimate).unwrap_or_else(BigFloat::zero);
        let mut slope = one();
        // Correct digits double from three or so: this many steps give 2⁹ bits and more.
        for _ in 0..9 {
            let (value, derivative) = legendre(n, &x);
            x = x.minus(&value.over(&derivative).unwrap_or_else(BigFloat::zero));
            slope = derivative;
        }
        let below = one().minus(&x.times(&x)).times(&slope).times(&slope);
        (x, below.reciprocal().unwrap_or_else(BigFloat::zero).times(&BigFloat::ratio(2, 1)))
    };
    (1..=n).map(node).collect()
}

/// Pₙ and its derivative at x inside (-1, 1), by Bonnet's recursion k Pₖ = (2k-1) x Pₖ₋₁ - (k-1) Pₖ₋₂ and
/// (1 - x²) Pₙ' = n (Pₙ₋₁ - x Pₙ).
fn legendre<const BITS: usize>(n: usize, x: &BigFloat<BITS>) -> (BigFloat<BITS>, BigFloat<BITS>) {
    let (mut before, mut value) = (BigFloat::one(), x.clone());
    for k in 2..=n as i64 {
        let next = BigFloat::ratio(2 * k - 1, k).times(x).times(&value);
        let next = next.minus(&BigFloat::ratio(k - 1, k).times(&before));
        before = std::mem::replace(&mut value, next);
    }
    let numerator = BigFloat::ratio(n as i64, 1).times(&before.minus(&x.times(&value)));
    let derivative = numerator.over(&BigFloat::one().minus(&x.times(x))).unwrap_or_else(BigFloat::zero);
    (value, derivative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_below_twice_the_nodes_are_integrated() {
        for n in [1, 2, 7, 24] {
            let rule = gauss_legendre::<240>(n);
            for degree in 0..2 * n {
                let power = |x: &BigFloat<240>| (0..degree).fold(BigFloat::one(), |p, _| p.times(x));
                let sum = rule.iter().fold(BigFloat::zero(), |sum, (x, w)| sum.plus(&w.times(&power(x))));
                let exact =
                    if degree % 2 == 0 { BigFloat::ratio(2, degree as i64 + 1) } else { BigFloat::zero() };
                // Two hundred bits of 240 after sums of 24 terms.
                assert!(sum.minus(&exact).to_f64().abs() < 1e-60, "{n} nodes, degree {degree}");
            }
        }
    }
}
