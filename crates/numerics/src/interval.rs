//! Intervals of real numbers, rounded outward.

mod circular;
mod exponential;
mod fine;

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use shadowflow_methods::{Exact, Rational};

use self::fine::Fine;
use crate::error::InputError;
use crate::{Dual, Scalar};

/// All reals between two doubles, or beyond one of them, or all: never empty.
///
/// Arithmetic and square roots give the nearest doubles outward, on the crate `inari`, and powers, exp, ln, sin, cos, tan
/// and tanh nearly so: of a number, up to four neighbouring doubles, and mostly two; of more numbers, these at
/// the ends and at the extremes between. So what is true of a formula on intervals is true of real numbers in
/// them (Moore, Kearfott & Cloud 2009).
///
/// An interval stands for numbers that are there, so that none is empty: where a function may have no value, in a quotient
/// by an interval that contains 0, a root of numbers that may be negative, a logarithm of numbers that may not be positive, or a
/// tangent across a pole, the result is the whole line, which suggests no bound. A certificate then is not
/// reached; it is never wrong.
///
/// ```
/// use shadowflow_methods::Exact;
/// use shadowflow_numerics::{Interval, Scalar};
/// let h = Interval::exactly(&"19/10".parse::<Exact>()?);
/// assert!(h.low() < h.high() && h.low() <= 1.9 && 1.9 <= h.high());
/// // (x - 1)² over [0, 3], in which x is one and the same.
/// let square = (Interval::new(0.0, 3.0)? - 1.0).powi(2);
/// assert_eq!((square.low(), square.high()), (0.0, 4.0));
/// // A crest at π/2 lies between the ends.
/// let sine = Interval::new(1.0, 2.0)?.sin();
/// assert_eq!(sine.high(), 1.0);
/// assert!(sine.contains(1f64.sin()) && sine.low() > 0.84);
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
    /// Where e to the power of x leaves the range of doubles, the bound is 0 or ∞.
    fn exp(self) -> Interval {
        exponential::exp(self)
    }

    /// The whole line where there may be no logarithm, which is unless all numbers are positive.
    fn ln(self) -> Interval {
        exponential::ln(self)
    }

    /// Between -1 and 1, also of numbers without bounds.
    fn sin(self) -> Interval {
        circular::sin(self)
    }

    /// Between -1 and 1, also of numbers without bounds.
    fn cos(self) -> Interval {
        circular::cos(self)
    }

    /// The whole line where a pole may lie among the numbers.
    fn tan(self) -> Interval {
        circular::tan(self)
    }

    /// Between -1 and 1, also of numbers without bounds.
    fn tanh(self) -> Interval {
        exponential::tanh(self)
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
    /// xⁿ with one and the same x in all factors: by the ends, between which odd powers increase, and even ones
    /// increase with |x|.
    fn positive_power(self, exponent: u32) -> Interval {
        if exponent < 2 {
            return if exponent == 0 { Interval::from(1.0) } else { self };
        }
        let base = if exponent.is_multiple_of(2) { self.abs() } else { self };
        let at = |end: f64| {
            if end.is_infinite() {
                return Interval::between(f64::MAX.copysign(end), end);
            }
            Fine::from(end).power(exponent).value()
        };
        let found = by_ends(base, at);
        // A square of numbers near 0 is bounded outward below it.
        let positive = Interval::between(0.0, f64::INFINITY);
        if base.low() >= 0.0 { found.intersection(&positive).unwrap_or(positive) } else { found }
    }
}

/// Bounds on an increasing function from those on its values at the ends.
fn by_ends(x: Interval, at: impl Fn(f64) -> Interval) -> Interval {
    let low = at(x.low());
    if x.low() == x.high() {
        return low;
    }
    Interval::between(low.low(), at(x.high()).high())
}

impl Dual<Interval> {
    /// A number without slope.
    pub(crate) fn constant(value: Interval) -> Dual<Interval> {
        Dual { value, slope: Interval::from(0.0) }
    }
}

#[cfg(test)]
mod elementary_tests;
#[cfg(test)]
mod tests;
