//! Bounds on sin, cos and tan.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, TAU};

use super::Interval;
use super::fine::Fine;

/// 2/π in base 2⁶⁴, with as many digits as the largest double needs, after a leading 0; checked against Machin's
/// formula in the tests.
#[rustfmt::skip]
const TWO_OVER_PI: [u64; 21] = [
    0,
    0xa2f9_836e_4e44_1529, 0xfc27_57d1_f534_ddc0, 0xdb62_9599_3c43_9041, 0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0, 0x0649_2eea_09d1_921c, 0xfe1d_eb1c_b129_a73e, 0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41, 0x3991_d639_8353_39f4, 0x9c84_5f8b_bdf9_283b, 0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f, 0x6d36_7ecf_27cb_09b7, 0x4f46_3f66_9e5f_ea2d, 0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea, 0x6bfb_5fb1_1f8d_5d08, 0x5603_3046_fc7b_6bab, 0xf0cf_bc20_9af4_361d,
];

/// Below π/4 nothing is reduced.
const REDUCED: f64 = FRAC_PI_4;

/// π/2, rounded, and bounds on what is left; checked against Machin's formula in the tests.
fn half_turn() -> Fine {
    Fine::known(FRAC_PI_2, 6.123_233_995_736_765e-17, 6.123_233_995_736_766e-17)
}

/// x as k quarters of a turn, k modulo 4, and a rest of at most an eighth to either side, with the quarter that x
/// lies in, 0 for 0 ≤ x < π/2.
struct Reduced {
    nearest: u8,
    rest: Fine,
    quarter: u8,
}

impl Reduced {
    /// By multiplication with as many digits of 2/π as matter (Payne & Hanek 1983): of x·2/π modulo 4 for
    /// x = 2ᵉm, the digits of 2/π worth 2² and more after multiplication by 2ᵉ are left out, and those after the next
    /// 256 change it by less than 2⁻²⁰⁰. No double but 0 comes nearer to a multiple of π/2 than 2⁻⁶² (Muller,
    /// *Elementary Functions*, 2016, chapter 11); nothing here rests on that but the sharpness of the bounds.
    fn of(x: f64) -> Option<Reduced> {
        if x.abs() < REDUCED {
            let quarter = if x < 0.0 { 3 } else { 0 };
            return Some(Reduced { nearest: 0, rest: Fine::from(x), quarter });
        }
        let bits = x.abs().to_bits();
        // x is normal and finite: |x| = mantissa · 2^exponent.
        let (mantissa, exponent) = ((bits & ((1 << 52) - 1)) | (1 << 52), (bits >> 52) as i64 - 1075);
        // The first digit kept is worth 2 after multiplication by 2^exponent. The table begins 64 places early.
        let first = usize::try_from(exponent - 1 - 1 + 64).ok()?;
        let word = |at: usize| TWO_OVER_PI.get(at).copied();
        let mut product = [0u64; 4];
        let mut carry = 0u128;
        for place in (0..4).rev() {
            let (at, shift) = (first / 64 + place, first % 64);
            let after = if shift == 0 { 0 } else { word(at + 1)? >> (64 - shift) };
            let digits = (word(at)? << shift) | after;
            let sum = u128::from(digits) * u128::from(mantissa) + carry;
            // Base 2⁶⁴; what is carried out of the first is a multiple of 4 quarters.
            (product[place], carry) = (sum as u64, sum >> 64);
        }
        let quarter = (product[0] >> 62) as u8;
        product[0] &= u64::MAX >> 2;
        // The digits left out add less than the mantissa to the last place. The quarter is certain unless that
        // carries all the way.
        let carried = product[3].checked_add(mantissa).is_none();
        if carried && product[0] == u64::MAX >> 2 && product[1] == u64::MAX && product[2] == u64::MAX {
            return None;
        }
        // A fraction of a quarter above 1/2 is told by what it lacks to 1, all of whose digits count.
        let up = (product[0] >> 61) & 1 == 1;
        if up {
            let mut lacks = true;
            for (place, digits) in product.iter_mut().enumerate().rev() {
                let all = if place == 0 { u64::MAX >> 2 } else { u64::MAX };
                (*digits, lacks) = (all - *digits).overflowing_add(u64::from(lacks));
            }
        }
        let mut fraction = Fine::from(0.0);
        let mut worth = 4.0;
        for digits in product {
            // 32 binary digits at a time, which are doubles.
            for half in [digits >> 32, digits & 0xffff_ffff] {
                worth *= 2f64.powi(-32);
                fraction = fraction.plus(Fine::from(half as f64 * worth));
            }
        }
        let left = Interval::between(0.0, mantissa as f64 * worth);
        fraction = if up { fraction.negated() } else { fraction }.plus(Fine::from(left));
        let nearest = (quarter + u8::from(up)) & 3;
        let rest = fraction.times(half_turn());
        Some(if x > 0.0 {
            Reduced { nearest, rest, quarter }
        } else {
            Reduced { nearest: (4 - nearest) & 3, rest: rest.negated(), quarter: 3 - quarter }
        })
    }

    /// The sine of x + k quarters of a turn.
    fn sine(&self, ahead: u8) -> Fine {
        match (self.nearest + ahead) & 3 {
            0 => sine_near(self.rest),
            1 => cosine_near(self.rest),
            2 => sine_near(self.rest).negated(),
            _ => cosine_near(self.rest).negated(),
        }
    }
}

/// Terms of the series summed finely; those after them are summed as plain intervals.
const FINE_TERMS: u32 = 4;
const TERMS: u32 = 11;

/// Σ (-r²)ⁿ c!/(2n + c)! for c = 0, the cosine, or c = 1, the sine over r, with r² < 0.62.
fn alternating(square: Fine, c: u32) -> Fine {
    let near = square.value();
    // (2n + c - 1)(2n + c).
    let product = |n: u32| f64::from((2 * n + c - 1) * (2 * n + c));
    // The terms fall, and alternate: together they are between 0 and the first.
    let mut tail = Interval::between(0.0, 1.0);
    for n in (FINE_TERMS + 1..=TERMS).rev() {
        tail = -(near * tail / product(n)) + 1.0;
    }
    let mut sum = Fine::from(tail);
    for n in (1..=FINE_TERMS).rev() {
        sum = Fine::from(1.0).minus(square.times(sum).over(Fine::from(product(n))));
    }
    sum
}

/// Numbers so small that the square changes no digit of 1.
const TINY: f64 = 1e-20;

fn sine_near(r: Fine) -> Fine {
    let near = r.value();
    if near.largest() < TINY {
        // Between r and r - r³/6.
        return r.plus(Fine::from(-(near * Interval::between(0.0, TINY * TINY))));
    }
    r.times(alternating(r.times(r), 1))
}

fn cosine_near(r: Fine) -> Fine {
    alternating(r.times(r), 0)
}

fn range() -> Interval {
    Interval::between(-1.0, 1.0)
}

/// Bounds on sin x for x in an interval.
pub(super) fn sin(x: Interval) -> Interval {
    wave(x, 0)
}

/// Bounds on cos x for x in an interval.
pub(super) fn cos(x: Interval) -> Interval {
    wave(x, 1)
}

/// Bounds on sin(x + ahead·π/2): by the values at the ends, and 1 or -1 where a crest or a trough lies between.
fn wave(x: Interval, ahead: u8) -> Interval {
    let (Some(low), Some(high)) = (ends(x.low()), ends(x.high())) else { return range() };
    let Some(crossed) = quarters_crossed(&low, &high, x) else { return range() };
    let mut found = low.sine(ahead).value().hull(&high.sine(ahead).value());
    for crossing in 1..=crossed {
        match (low.quarter + ahead + crossing) & 3 {
            1 => found = found.hull(&Interval::from(1.0)),
            3 => found = found.hull(&Interval::from(-1.0)),
            _ => {}
        }
    }
    found.intersection(&range()).unwrap_or(range())
}

fn ends(x: f64) -> Option<Reduced> {
    if x.is_finite() { Reduced::of(x) } else { None }
}

/// How many multiples of π/2 lie in an interval after its lower end; `None` if it is a turn long or more.
fn quarters_crossed(low: &Reduced, high: &Reduced, x: Interval) -> Option<u8> {
    let length = x.width();
    // The double is below 2π.
    if length >= TAU {
        return None;
    }
    let crossed = (high.quarter + 4 - low.quarter) & 3;
    // Both ends in the same quarter: less than π/2 apart, or more than 3π/2.
    if crossed == 0 && length > 3.0 { None } else { Some(crossed) }
}

/// Bounds on tan x for x in an interval; the whole line where a pole may lie in it.
pub(super) fn tan(x: Interval) -> Interval {
    let (Some(low), Some(high)) = (ends(x.low()), ends(x.high())) else { return Interval::ALL };
    let crossed = quarters_crossed(&low, &high, x);
    // Poles are odd multiples.
    let pole = |crossed| (1..=crossed).any(|crossing| (low.quarter + crossing) & 1 == 1);
    if crossed.is_none_or(pole) {
        return Interval::ALL;
    }
    let at = |end: &Reduced| end.sine(0).over(end.sine(1)).value();
    Interval::between(at(&low).low(), at(&high).high())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::{Exact, Rational};

    /// The first terms of arctan(1/n) = Σ (-1)ᵏ/((2k + 1) n²ᵏ⁺¹): an even number of them is below it, an odd one above.
    fn arctan_of_inverse(n: i64, terms: i64) -> Exact {
        let inverse = Exact::ratio(1, n);
        (0..terms).fold(Exact::ZERO, |sum, k| {
            let term = &inverse.pow(2 * k as u32 + 1) * &Exact::ratio(1, 2 * k + 1);
            if k % 2 == 0 { &sum + &term } else { &sum - &term }
        })
    }

    /// π = 16 arctan(1/5) - 4 arctan(1/239) (Machin 1706), to 1400 binary digits.
    fn bounds_on_pi() -> (Exact, Exact) {
        let of = |terms, others| {
            let (a, b) = (arctan_of_inverse(5, terms), arctan_of_inverse(239, others));
            &(&a * &Exact::from(16)) - &(&b * &Exact::from(4))
        };
        (of(310, 101), of(311, 100))
    }

    #[test]
    fn constants_are_those_of_machin() {
        let (low, high) = bounds_on_pi();
        assert!(low < high);
        let half = Exact::ratio(1, 2);
        let exact = |x: f64| Exact::from(Rational::try_from(x).unwrap());
        let head = exact(FRAC_PI_2);
        assert!(&head + &exact(6.123_233_995_736_765e-17) < &low * &half);
        assert!(&high * &half < &head + &exact(6.123_233_995_736_766e-17));
        // The digits d of 2/π in base 2⁶⁴: d ≤ 2⁶⁴ⁿ·2/π < d + 1.
        let base = Exact::from(2).pow(64);
        let digits = TWO_OVER_PI[1..].iter().fold(Exact::ZERO, |value, &word| {
            let word = &(&Exact::from((word >> 32) as i64) * &Exact::from(1i64 << 32))
                + &Exact::from((word & 0xffff_ffff) as i64);
            &(&value * &base) + &word
        });
        let scaled = &base.pow(20) * &Exact::from(2);
        assert!(&digits * &high <= scaled && scaled < &(&digits + &Exact::ONE) * &low);
    }
}
