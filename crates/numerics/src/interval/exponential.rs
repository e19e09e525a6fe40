//! Bounds on exp, ln and tanh.

use std::f64::consts::{LN_2, SQRT_2};

use super::fine::Fine;
use super::{Interval, by_ends};

/// The terms of series that are summed as plain intervals come after these; they are 2⁻¹⁶ of the sum at most, and
/// their relative bounds of 2⁻⁵⁰ suffice.
const FINE_TERMS: u32 = 6;

/// ln 2, rounded, and bounds on what is left; checked against a series in the tests.
fn ln_two() -> Fine {
    Fine::known(LN_2, 2.319_046_813_846_299_6e-17, 2.319_046_813_846_3e-17)
}

/// Beyond these exp leaves the range of doubles.
const LARGEST_ARGUMENT: f64 = 709.79;
const LEAST_ARGUMENT: f64 = -745.14;

/// Bounds on eˣ for x in an interval.
pub(super) fn exp(x: Interval) -> Interval {
    by_ends(x, exp_at)
}

/// Bounds on eˣ: two neighbouring doubles mostly, never more than four.
fn exp_at(x: f64) -> Interval {
    if x > LARGEST_ARGUMENT {
        // e^709.79 > 2¹⁰²⁴.
        return Interval::between(f64::MAX, f64::INFINITY);
    }
    if x < LEAST_ARGUMENT {
        // e^-745.14 < 2⁻¹⁰⁷⁴.
        return Interval::between(0.0, f64::from_bits(1));
    }
    let (less_one, doublings) = exp_less_one(Fine::from(x), x);
    let power = less_one.plus(Fine::from(1.0)).value();
    // In two steps, as a factor below the least normal double is not exact: outside the range of doubles the
    // product is rounded outward.
    let half = doublings / 2;
    power * 2f64.powi(half) * 2f64.powi(doublings - half)
}

/// eʳ - 1 and k with x = k ln 2 + r and |r| at most a little above (ln 2)/2, for x near the number `close`.
fn exp_less_one(x: Fine, close: f64) -> (Fine, i32) {
    let doublings = (close / LN_2).round();
    let rest = if doublings == 0.0 { x } else { x.minus(ln_two().times(Fine::from(doublings))) };
    let r = rest.value();
    // The sum Σ rᵐ N!/(N + m)! after N = 18 terms is within r/19 + r²/(19·20) + … < 0.02 of 1.
    debug_assert!(r.largest() < 0.36);
    let mut tail = Interval::between(0.98, 1.02);
    for n in (FINE_TERMS..18).rev() {
        tail = r * tail / f64::from(n + 1) + 1.0;
    }
    let mut sum = Fine::from(tail);
    for n in (2..=FINE_TERMS).rev() {
        sum = rest.times(sum).over(Fine::from(f64::from(n))).plus(Fine::from(1.0));
    }
    // |doublings| is at most 1076, by the range of x.
    (rest.times(sum), doublings as i32)
}

/// Bounds on ln x for x in an interval; the whole line unless all its numbers are positive.
pub(super) fn ln(x: Interval) -> Interval {
    if x.low() <= 0.0 {
        return Interval::ALL;
    }
    let above = if x.high() == f64::INFINITY { f64::INFINITY } else { ln_at(x.high()).high() };
    Interval::between(ln_at(x.low()).low(), above)
}

/// Bounds on ln x for 0 < x < ∞: with x = 2ᵏm, √½ ≲ m ≲ √2, it is k ln 2 + 2 artanh s for s = (m - 1)/(m + 1), and
/// artanh s = s (1 + s²/3 + s⁴/5 + …).
fn ln_at(x: f64) -> Interval {
    let (scaled, shift) = if x < f64::MIN_POSITIVE { (x * 2f64.powi(54), -54) } else { (x, 0) };
    let bits = scaled.to_bits();
    // The exponent field of a positive double, less the bias; the mantissa in [1, 2).
    let mut exponent = (bits >> 52) as i32 - 1023;
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if mantissa > SQRT_2 {
        (mantissa, exponent) = (0.5 * mantissa, exponent + 1);
    }
    let (one, mantissa) = (Fine::from(1.0), Fine::from(mantissa));
    let s = mantissa.minus(one).over(mantissa.plus(one));
    let square = s.times(s);
    let near = square.value();
    // s² < 0.0295, so that 1/(2N + 1) + s²/(2N + 3) + … lies in [1, 1.1]/(2N + 1).
    let terms = 15;
    let mut tail = Interval::between(1.0, 1.1) / f64::from(2 * terms + 1);
    for n in (FINE_TERMS..terms).rev() {
        tail = near * tail + Interval::from(1.0) / f64::from(2 * n + 1);
    }
    let mut sum = Fine::from(tail);
    for n in (0..FINE_TERMS).rev() {
        sum = square.times(sum).plus(one.over(Fine::from(f64::from(2 * n + 1))));
    }
    let of_mantissa = s.times(sum).times(Fine::from(2.0));
    ln_two().times(Fine::from(f64::from(exponent + shift))).plus(of_mantissa).value()
}

/// Bounds on tanh x for x in an interval.
pub(super) fn tanh(x: Interval) -> Interval {
    by_ends(x, tanh_at)
}

/// Bounds on tanh x = (e²ˣ - 1)/(e²ˣ + 1).
fn tanh_at(x: f64) -> Interval {
    if x == 0.0 {
        return Interval::from(0.0);
    }
    if x < 0.0 {
        return -tanh_at(-x);
    }
    if x < 1e-20 {
        // Between x and x - x³/3.
        return Interval::between(x.next_down(), x);
    }
    // 1 - tanh x < 2e⁻²ˣ, less than 2⁻⁵³ from here on.
    if x > 19.1 {
        return Interval::between(1f64.next_down(), 1.0);
    }
    let twice = 2.0 * x;
    let (mut less_one, doublings) = exp_less_one(Fine::from(twice), twice);
    // Without doublings small numbers keep their digits.
    if doublings > 0 {
        // 2ᵏ(eʳ - 1) + 2ᵏ - 1.
        let scale = Fine::from(2f64.powi(doublings));
        less_one = less_one.times(scale).plus(scale).minus(Fine::from(1.0));
    }
    let found = less_one.over(less_one.plus(Fine::from(2.0))).value();
    let range = Interval::between(-1.0, 1.0);
    found.intersection(&range).unwrap_or(range)
}

#[cfg(test)]
mod tests {
    use super::LN_2;
    use shadowflow_methods::{Exact, Rational};

    /// 2 artanh(1/3) = Σ 2/((2n + 1) 3²ⁿ⁺¹), of which the terms after n = 70 are below 10⁻⁶⁸ together.
    #[test]
    fn ln_two_is_enclosed_by_its_series() {
        let third = Exact::ratio(1, 3);
        let low = (0..70).fold(Exact::ZERO, |sum, n: i64| {
            &sum + &(&third.pow(2 * n as u32 + 1) * &Exact::ratio(2, 2 * n + 1))
        });
        let high = &low + &third.pow(139);
        let exact = |x: f64| Exact::from(Rational::try_from(x).unwrap());
        let head = LN_2;
        assert!(&exact(head) + &exact(2.319_046_813_846_299_6e-17) < low);
        assert!(high < &exact(head) + &exact(2.319_046_813_846_3e-17));
    }
}
