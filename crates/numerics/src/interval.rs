//! Intervals of real numbers, rounded outward.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use shadowflow_methods::{Exact, Rational};

use crate::error::InputError;
use crate::{Dual, Scalar};

/// All reals between two doubles, or beyond one of them, or all: never empty.
///
/// Arithmetic and square roots give the nearest doubles outward, on the crate `inari`, so that what is true
/// of a formula on intervals
/// is true of real numbers in them (Moore, Kearfott & Cloud 2009). It is not done to be sharp everywhere: an
/// interval that
/// contains 0 divides into the whole line, as does a root of a number that may be negative, and exp, ln, sin,
/// cos and
/// tanh are known by their ranges only. A certificate then is not reached; it is never wrong.
///
/// ```
/// use shadowflow_methods::Exact;
/// use shadowflow_numerics::{Interval, Scalar};
/// let h = Interval::exactly(&"19/10".parse::<Exact>()?);
/// assert!(h.low() < h.high() && h.low() <= 1.9 && 1.9 <= h.high());
/// // (x - 1)² over [0, 3], in which x is one and the same.
/// let square = (Interval::new(0.0, 3.0)? - 1.0).powi(2);
/// assert_eq!((square.low(), square.high()), (0.0, 4.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval(inari::Interval);

impl Interval {
    /// All reals.
    pub const ALL: Interval = Interval(inari::Interval::ENTIRE);

    /// From `low` to `high`, both included where finite.
    ///
    /// # Errors
    /// If a bound is NaN, they are reversed, or no real lies between them.
    pub fn new(low: f64, high: f64) -> Result<Interval, InputError> {
        inari::Interval::try_from((low, high)).map(Interval).map_err(|_| InputError::Number {
            what: "the upper end of an interval",
            value: high,
            expected: "a number that is not below the lower end, with a finite number between them",
        })
    }

    /// The narrowest around an exact number: at most two neighbouring doubles.
    pub fn exactly(value: &Exact) -> Interval {
        let near = value.to_f64();
        let Ok(rational) = Rational::try_from(near) else {
            // Beyond the largest double, or no double found.
            return Interval::ALL;
        };
        let rational = Exact::from(rational);
        let low = if rational > *value { near.next_down() } else { near };
        let high = if rational < *value { near.next_up() } else { near };
        Interval::between(low, high)
    }

    /// The same for doubles known not to be NaN, in any order.
    fn between(a: f64, b: f64) -> Interval {
        Interval::new(a.min(b), a.max(b)).unwrap_or(Interval::ALL)
    }

    /// All reals within `radius` of `middle`, and perhaps a few more; the whole line if the radius is
    /// negative or NaN.
    pub fn around(middle: f64, radius: f64) -> Interval {
        if radius < 0.0 {
            return Interval::ALL;
        }
        Interval::from(middle) + Interval::between(-radius, radius)
    }

    /// The lower end; -∞ if there is none.
    pub fn low(&self) -> f64 {
        self.0.inf()
    }

    /// The upper end; ∞ if there is none.
    pub fn high(&self) -> f64 {
        self.0.sup()
    }

    /// A double in the middle; 0 for the whole line.
    pub fn middle(&self) -> f64 {
        self.0.mid()
    }

    /// An upper bound on the width.
    pub fn width(&self) -> f64 {
        self.0.wid()
    }

    /// The largest |x|.
    pub fn largest(&self) -> f64 {
        self.0.mag()
    }

    /// The smallest |x|.
    pub fn smallest(&self) -> f64 {
        self.0.mig()
    }

    /// |x|.
    pub fn abs(&self) -> Interval {
        Interval(self.0.abs())
    }

    /// Whether both ends are finite.
    pub fn is_bounded(&self) -> bool {
        self.0.is_common_interval()
    }

    /// Whether it contains a number.
    pub fn contains(&self, x: f64) -> bool {
        self.0.contains(x)
    }

    /// Whether it lies between the ends of another, and meets neither.
    pub fn is_inside(&self, other: &Interval) -> bool {
        self.0.interior(other.0)
    }

    /// Whether no number is in both.
    pub fn is_disjoint_from(&self, other: &Interval) -> bool {
        self.0.disjoint(other.0)
    }

    /// Whether all its numbers are less than those of another.
    pub fn is_below(&self, other: &Interval) -> bool {
        self.0.strict_precedes(other.0)
    }

    /// What is in both, if anything.
    pub fn intersection(&self, other: &Interval) -> Option<Interval> {
        let common = self.0.intersection(other.0);
        (!common.is_empty()).then_some(Interval(common))
    }

    /// The least interval with both in it.
    pub fn hull(&self, other: &Interval) -> Interval {
        Interval(self.0.convex_hull(other.0))
    }
}

/// A number; the whole line for NaN and infinities.
impl From<f64> for Interval {
    fn from(x: f64) -> Interval {
        Interval::new(x, x).unwrap_or(Interval::ALL)
    }
}

impl Neg for Interval {
    type Output = Interval;
    fn neg(self) -> Interval {
        Interval(-self.0)
    }
}

impl Add for Interval {
    type Output = Interval;
    fn add(self, other: Interval) -> Interval {
        Interval(self.0 + other.0)
    }
}

impl Sub for Interval {
    type Output = Interval;
    fn sub(self, other: Interval) -> Interval {
        Interval(self.0 - other.0)
    }
}

impl Mul for Interval {
    type Output = Interval;
    fn mul(self, other: Interval) -> Interval {
        Interval(self.0 * other.0)
    }
}

impl Div for Interval {
    type Output = Interval;
    /// The whole line where the divisor may be 0: there is no quotient then, and no bound must suggest one.
    fn div(self, other: Interval) -> Interval {
        if other.contains(0.0) { Interval::ALL } else { Interval(self.0 / other.0) }
    }
}

impl Add<f64> for Interval {
    type Output = Interval;
    fn add(self, number: f64) -> Interval {
        self + Interval::from(number)
    }
}

impl Sub<f64> for Interval {
    type Output = Interval;
    fn sub(self, number: f64) -> Interval {
        self - Interval::from(number)
    }
}

impl Mul<f64> for Interval {
    type Output = Interval;
    fn mul(self, number: f64) -> Interval {
        self * Interval::from(number)
    }
}

impl Div<f64> for Interval {
    type Output = Interval;
    fn div(self, number: f64) -> Interval {
        self / Interval::from(number)
    }
}

impl AddAssign for Interval {
    fn add_assign(&mut self, other: Interval) {
        *self = *self + other;
    }
}

impl SubAssign for Interval {
    fn sub_assign(&mut self, other: Interval) {
        *self = *self - other;
    }
}

impl Scalar for Interval {
    /// Of any number: positive.
    fn exp(self) -> Interval {
        Interval::between(0.0, f64::INFINITY)
    }

    /// Not known.
    fn ln(self) -> Interval {
        Interval::ALL
    }

    /// Of any number: between -1 and 1.
    fn sin(self) -> Interval {
        Interval::between(-1.0, 1.0)
    }

    /// Of any number: between -1 and 1.
    fn cos(self) -> Interval {
        Interval::between(-1.0, 1.0)
    }

    /// Of any number: between -1 and 1.
    fn tanh(self) -> Interval {
        Interval::between(-1.0, 1.0)
    }

    /// The whole line where there may be no root.
    fn sqrt(self) -> Interval {
        if self.low() >= 0.0 { Interval(self.0.sqrt()) } else { Interval::ALL }
    }

    fn powi(self, exponent: i32) -> Interval {
        if exponent < 0 {
            return Interval::from(1.0) / Interval::positive_power(self, exponent.unsigned_abs());
        }
        Interval::positive_power(self, exponent.unsigned_abs())
    }

    /// The number if it is one, NaN otherwise: no single number stands for an interval.
    fn leading(&self) -> f64 {
        if self.0.is_singleton() { self.low() } else { f64::NAN }
    }
}

impl Interval {
    /// xⁿ with one and the same x in all factors: even powers by squares, odd ones by their ends, between
    /// which they increase.
    fn positive_power(self, exponent: u32) -> Interval {
        match exponent {
            0 => Interval::from(1.0),
            1 => self,
            even if even.is_multiple_of(2) => Interval(self.0.sqr()).positive_power(even / 2),
            odd => {
                let at = |end: f64| {
                    if end.is_infinite() {
                        return if end > 0.0 { (f64::MAX, end) } else { (end, -f64::MAX) };
                    }
                    let power = Interval::from(end).positive_power(odd - 1) * end;
                    (power.low(), power.high())
                };
                Interval::between(at(self.low()).0, at(self.high()).1)
            }
        }
    }
}

impl Dual<Interval> {
    /// A number without slope.
    pub(crate) fn constant(value: Interval) -> Dual<Interval> {
        Dual { value, slope: Interval::from(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One of every operation a formula may use, within reach of exact arithmetic.
    fn formula<S: Scalar>(x: S, y: S) -> S {
        (x * y - x.powi(3)) / (y * y + 1.5) + (-x).powi(-2) * 0.1 - y.powi(4) / 3.0
    }

    fn formula_exactly(x: &Exact, y: &Exact) -> Exact {
        let inverse = |a: &Exact| a.inverse().unwrap();
        let first = &(&(x * y) - &x.pow(3)) * &inverse(&(&(y * y) + &Exact::ratio(3, 2)));
        // The doubles 0.1 and 3.
        let tenth = Exact::from(Rational::try_from(0.1).unwrap());
        &(&first + &(&inverse(&x.pow(2)) * &tenth)) - &(&y.pow(4) * &Exact::ratio(1, 3))
    }

    fn is_in(value: &Exact, interval: Interval) -> bool {
        let exact = |x: f64| Rational::try_from(x).map(Exact::from);
        exact(interval.low()).is_ok_and(|low| low <= *value)
            && exact(interval.high()).is_ok_and(|high| *value <= high)
    }

    proptest! {
        #[test]
        fn exact_values_lie_in_intervals(p in 1i64..1000, q in 1i64..1000, r in -1000i64..1000, wide in 0.0..0.1f64) {
            let (x, y) = (Exact::ratio(p, q), Exact::ratio(r, 37));
            let exact = formula_exactly(&x, &y);
            let narrow = formula(Interval::exactly(&x), Interval::exactly(&y));
            prop_assert!(is_in(&exact, narrow), "{narrow:?}");
            let around = |x: &Exact| Interval::exactly(x) + Interval::new(-wide, wide / 3.0).unwrap();
            let result = formula(around(&x), around(&y));
            prop_assert!(!result.is_bounded() || is_in(&exact, result));
        }

        #[test]
        fn roots_square_back(p in 0i64..1000, q in 1i64..1000) {
            let x = Interval::exactly(&Exact::ratio(p, q));
            prop_assert!(is_in(&Exact::ratio(p, q), x.sqrt() * x.sqrt()));
        }
    }

    #[test]
    fn exact_numbers_lie_between_neighbouring_doubles() {
        for text in ["1/3", "-19/10", "sqrt(2)", "1 - sqrt(5)", "10^300", "1/10^400"] {
            let value: Exact = text.parse().unwrap();
            let found = Interval::exactly(&value);
            assert!(is_in(&value, found) && found.low().next_up() >= found.high(), "{text} {found:?}");
        }
        let half = Interval::exactly(&Exact::ratio(-1, 2));
        assert_eq!((half.low(), half.high()), (-0.5, -0.5));
        assert_eq!(Interval::exactly(&"10^400".parse().unwrap()), Interval::ALL);
    }

    #[test]
    fn what_is_not_known_is_the_whole_line() {
        let (across, nan) = (Interval::new(-1.0, 2.0).unwrap(), Interval::from(f64::NAN));
        for whole in
            [nan, across.sqrt(), Interval::from(1.0) / across, across.powi(-1), across.ln(), nan * 0.5]
        {
            assert_eq!(whole, Interval::ALL);
        }
        assert_eq!(across.powi(3), Interval::new(-1.0, 8.0).unwrap());
        assert_eq!(across.powi(2), Interval::new(0.0, 4.0).unwrap());
        assert!(across.leading().is_nan() && Interval::from(3.0).leading() == 3.0);
        // No number stands for the whole line where a slope is asked for.
        let root = Dual { value: across, slope: Interval::from(1.0) }.sqrt();
        assert_eq!(root.slope, Interval::ALL);
    }

    #[test]
    fn empty_intervals_are_refused() {
        for (low, high) in [(1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::NAN), (f64::INFINITY, f64::INFINITY)] {
            assert!(Interval::new(low, high).is_err());
        }
        let (a, b) = (Interval::new(0.0, 1.0).unwrap(), Interval::new(1.5, 2.0).unwrap());
        assert!(a.is_disjoint_from(&b) && a.is_below(&b) && a.intersection(&b).is_none());
        assert_eq!(a.hull(&b), Interval::new(0.0, 2.0).unwrap());
    }
}
