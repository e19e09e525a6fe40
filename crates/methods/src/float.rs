//! Floating-point numbers of any precision, as coefficients where doubles are too short.

use std::fmt;

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;

use crate::exact::Rational;
use crate::ring::{Field, Ring};

type Binary = FBig<HalfEven, 2>;

/// A binary floating-point number with `BITS` bits of significand, rounded to nearest after every operation. There is no
/// overflow in practice: exponents have 64 bits.
///
/// ```
/// use shadowflow_methods::{BigFloat, Ring};
/// let third: BigFloat<200> = BigFloat::ratio(1, 3);
/// let error = third.times(&BigFloat::ratio(3, 1)).minus(&BigFloat::one());
/// assert!(error.to_f64().abs() < 1e-59);
/// ```
#[derive(Clone, PartialEq)]
pub struct BigFloat<const BITS: usize>(Binary);

impl<const BITS: usize> BigFloat<BITS> {
    /// The same number, rounded if `BITS` is below 53; `None` if it is infinite or no number.
    pub fn from_f64(value: f64) -> Option<Self> {
        let exact = Binary::try_from(value).ok().filter(|_| value.is_finite())?;
        Some(BigFloat(exact.with_precision(BITS).value()))
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        self.0.to_f64().value()
    }
}

impl<const BITS: usize> Ring for BigFloat<BITS> {
    fn from_rational(value: &Rational) -> Self {
        let part = |integer: &dashu_int::IBig| Binary::from(integer.clone()).with_precision(BITS).value();
        // Both parts rounded first: three roundings in all.
        BigFloat(part(value.numerator()) / part(&value.denominator().clone().into()))
    }
    fn is_zero(&self) -> bool {
        self.0.repr().is_zero()
    }
    fn plus(&self, other: &Self) -> Self {
        BigFloat(&self.0 + &other.0)
    }
    fn minus(&self, other: &Self) -> Self {
        BigFloat(&self.0 - &other.0)
    }
    fn times(&self, other: &Self) -> Self {
        BigFloat(&self.0 * &other.0)
    }
}

impl<const BITS: usize> Field for BigFloat<BITS> {
    fn reciprocal(&self) -> Option<Self> {
        (!self.is_zero()).then(|| BigFloat(Self::one().0 / &self.0))
    }
}

/// All digits, in decimal.
impl<const BITS: usize> fmt::Display for BigFloat<BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_decimal().value())
    }
}

impl<const BITS: usize> fmt::Debug for BigFloat<BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Long = BigFloat<256>;

    #[test]
    fn rounding_stays_in_the_last_bits() {
        // 1/1² + … + 1/40² forwards and backwards, against the exact sum: 80 roundings of numbers below 2.
        let term = |k: i64| Long::ratio(1, k * k);
        let forwards = (1..=40).fold(Long::zero(), |sum, k| sum.plus(&term(k)));
        let exact =
            (1..=40u64).fold(Rational::ZERO, |sum, k| sum + Rational::from_parts(1.into(), (k * k).into()));
        let error = forwards.minus(&Long::from_rational(&exact)).to_f64().abs();
        assert!(error < 200.0 * 2f64.powi(-256), "{error}");
        // And the precision is really there: doubles miss by far more.
        let rounded = Long::from_f64(exact.to_f64().value()).unwrap();
        assert!(rounded.minus(&forwards).to_f64().abs() > 2f64.powi(-100));
    }

    #[test]
    fn zero_is_the_only_number_without_a_reciprocal() {
        assert_eq!(Long::zero().reciprocal(), None);
        assert!(Long::ratio(1, 3).minus(&Long::ratio(1, 3)).is_zero());
        let seven = Long::ratio(7, 1);
        assert_eq!(seven.reciprocal(), Some(Long::ratio(1, 7)));
        assert_eq!(Long::from_f64(0.5), Some(Long::ratio(1, 2)));
        assert_eq!(Long::from_f64(f64::NAN), None);
        assert_eq!(Long::from_f64(f64::INFINITY), None);
        assert_eq!(Long::ratio(-3, 4).to_string(), "-0.75");
    }
}
