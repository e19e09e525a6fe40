//! Multiply and add, fused where the target does that in one instruction.

/// a·b + c, rounded once on targets with fused multiply-add and twice elsewhere.
///
/// [`f64::mul_add`] promises one rounding everywhere, which without the instruction is a library call dozens of times
/// slower; no result here may depend on that last bit.
///
/// ```
/// assert_eq!(shadowflow_numerics::mul_add(2.0, 3.0, 1.0), 7.0);
/// ```
#[inline]
pub fn mul_add(a: f64, b: f64, c: f64) -> f64 {
    if cfg!(target_feature = "fma") { a.mul_add(b, c) } else { a * b + c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errs_by_at_most_the_rounding_of_product_and_sum() {
        // (1 + ε)² = 1 + 2ε + ε²; the exact a·b + c is 2ε + ε², and ε² is lost when the product is rounded first.
        let a = 1.0 + f64::EPSILON;
        let found = mul_add(a, a, -1.0);
        let exact = 2.0 * f64::EPSILON + f64::EPSILON * f64::EPSILON;
        let expected = if cfg!(target_feature = "fma") { exact } else { 2.0 * f64::EPSILON };
        assert_eq!(found, expected);
    }
}
