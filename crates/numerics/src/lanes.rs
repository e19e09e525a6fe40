//! Several numbers side by side, for vector instructions.

use std::array::from_fn;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use crate::Scalar;

/// The lanes of one group: a register of AVX-512, two of AVX2.
pub(crate) const WIDTH: usize = 8;

/// A group of numbers that go the same way.
pub(crate) type Group = Lanes<WIDTH>;

/// Repeats a block for each group `u` below a constant, 10 at most.
///
/// A loop over groups of lanes would be vectorised across the groups, with gathers and scatters, before it is unrolled.
macro_rules! for_each_group {
    ($u:ident in $groups:expr, $block:block) => {
        for_each_group!(@ $u, $groups, $block, 0 1 2 3 4 5 6 7 8 9)
    };
    (@ $u:ident, $groups:expr, $block:block, $($k:literal)*) => {
        const { assert!($groups <= 10) };
        $(if $k < $groups {
            let $u: usize = $k;
            $block
        })*
    };
}
pub(crate) use for_each_group;

/// Keeps the lanes of what is computed in a loop together.
///
/// The compiler vectorises backwards from what is stored together. Lanes that are next used one by one it may gather into
/// smaller vectors, or none; a value that is seen from outside is stored as a whole.
#[inline(always)]
pub(crate) fn as_a_whole<T>(value: &mut T) {
    std::hint::black_box(value);
}

/// The bits of 2⁵², in whose mantissa an integer below 2⁵² stands for itself.
const TWO_TO_52: u64 = 0x4330_0000_0000_0000;

/// N numbers that undergo the same operations.
///
/// Every operation is a loop of constant length over an array, which the compiler unrolls and turns into vector
/// instructions as wide as the function it is inlined into may use.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub(crate) struct Lanes<const N: usize>(pub(crate) [f64; N]);

impl<const N: usize> Lanes<N> {
    #[inline(always)]
    pub(crate) fn map(self, f: impl Fn(f64) -> f64) -> Lanes<N> {
        Lanes(from_fn(|k| f(self.0[k])))
    }

    #[inline(always)]
    pub(crate) fn zip(self, other: Lanes<N>, f: impl Fn(f64, f64) -> f64) -> Lanes<N> {
        Lanes(from_fn(|k| f(self.0[k], other.0[k])))
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Lanes<N> {
        self.map(f64::abs)
    }

    /// The larger one; `other` where either is NaN.
    #[inline(always)]
    pub(crate) fn max(self, other: Lanes<N>) -> Lanes<N> {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    /// The smaller one; `other` where either is NaN.
    #[inline(always)]
    pub(crate) fn min(self, other: Lanes<N>) -> Lanes<N> {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    /// Whether any lane satisfies a condition, without branches.
    #[inline(always)]
    pub(crate) fn any(self, condition: impl Fn(f64) -> bool) -> bool {
        self.0.iter().fold(false, |any, &x| any | condition(x))
    }

    /// The whole parts of numbers from 0 to 2³².
    #[inline(always)]
    pub(crate) fn whole_parts(self) -> [u32; N] {
        from_fn(|k| (self.0[k].floor() + f64::from_bits(TWO_TO_52)).to_bits() as u32)
    }

    /// The largest power of two that is at most a/b, and 1 at most, for positive normal a and b.
    #[inline(always)]
    pub(crate) fn power_of_two_below(a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
        // As integers, doubles differ by the difference of their exponents, less one if the mantissa of a is the smaller.
        const MANTISSA: u64 = (1 << 52) - 1;
        let power = from_fn(|k| {
            let difference = a.0[k].to_bits().wrapping_sub(b.0[k].to_bits()) & !MANTISSA;
            f64::from_bits(difference.wrapping_add(1f64.to_bits()))
        });
        Lanes(power).min(Lanes([1.0; N]))
    }

    /// ⌊log₂ x⌋ of positive normal numbers, and 2 to the power of minus that; -1023 at 0. Where x is not finite the
    /// power is not either.
    #[inline(always)]
    pub(crate) fn binary_exponent(self) -> (Lanes<N>, Lanes<N>) {
        let biased: [u64; N] = from_fn(|k| self.0[k].to_bits() >> 52 & 0x7ff);
        let exponent =
            from_fn(|k| f64::from_bits(biased[k] | TWO_TO_52) - (4_503_599_627_370_496.0 + 1023.0));
        let inverse = from_fn(|k| f64::from_bits(2046u64.wrapping_sub(biased[k]) << 52));
        (Lanes(exponent), Lanes(inverse))
    }
}

impl<const N: usize> From<f64> for Lanes<N> {
    #[inline(always)]
    fn from(value: f64) -> Lanes<N> {
        Lanes([value; N])
    }
}

impl<const N: usize> Neg for Lanes<N> {
    type Output = Lanes<N>;
    #[inline(always)]
    fn neg(self) -> Lanes<N> {
        self.map(|x| -x)
    }
}

macro_rules! operators {
    ($($operator:ident $name:ident $f:expr;)*) => {$(
        impl<const N: usize> $operator for Lanes<N> {
            type Output = Lanes<N>;
            #[inline(always)]
            fn $name(self, other: Lanes<N>) -> Lanes<N> {
                self.zip(other, $f)
            }
        }

        impl<const N: usize> $operator<f64> for Lanes<N> {
            type Output = Lanes<N>;
            #[inline(always)]
            fn $name(self, number: f64) -> Lanes<N> {
                self.zip(Lanes([number; N]), $f)
            }
        }
    )*};
}

operators! {
    Add add |a, b| a + b;
    Sub sub |a, b| a - b;
    Mul mul |a, b| a * b;
    Div div |a, b| a / b;
}

impl<const N: usize> AddAssign for Lanes<N> {
    #[inline(always)]
    fn add_assign(&mut self, other: Lanes<N>) {
        *self = *self + other;
    }
}

impl<const N: usize> SubAssign for Lanes<N> {
    #[inline(always)]
    fn sub_assign(&mut self, other: Lanes<N>) {
        *self = *self - other;
    }
}

impl<const N: usize> Scalar for Lanes<N> {
    fn leading(&self) -> f64 {
        self.0[0]
    }

    fn exp(self) -> Lanes<N> {
        self.map(f64::exp)
    }

    fn ln(self) -> Lanes<N> {
        self.map(f64::ln)
    }

    fn sin(self) -> Lanes<N> {
        self.map(f64::sin)
    }

    fn cos(self) -> Lanes<N> {
        self.map(f64::cos)
    }

    fn tanh(self) -> Lanes<N> {
        self.map(f64::tanh)
    }

    #[inline(always)]
    fn sqrt(self) -> Lanes<N> {
        self.map(f64::sqrt)
    }

    #[inline(always)]
    fn powi(self, exponent: i32) -> Lanes<N> {
        self.map(|x| x.powi(exponent))
    }

    #[inline(always)]
    fn mul_add(self, a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
        Lanes(from_fn(|k| crate::mul_add(self.0[k], a.0[k], b.0[k])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn formula<S: Scalar>(x: S, y: S) -> S {
        (x * y).sin() / (y.exp() + 2.0) - x.tanh().powi(3) * y.cos()
            + (x * x + 1.0).sqrt() * 0.5
            + (y * y + 3.0).ln() / x.powi(-2)
            + x.mul_add(-y, x - 0.25)
    }

    proptest! {
        /// A lane knows nothing of the others.
        #[test]
        fn every_lane_is_as_alone(x in prop::array::uniform4(-2.0..2.0), y in prop::array::uniform4(-2.0..2.0)) {
            let together = formula(Lanes(x), Lanes(y));
            for k in 0..4 {
                prop_assert_eq!(together.0[k].to_bits(), formula(x[k], y[k]).to_bits());
            }
        }

        #[test]
        fn powers_of_two_are_taken_out(x in -1e300..1e300f64) {
            let (exponent, inverse) = Lanes([x.abs()]).binary_exponent();
            let rest = x.abs() * inverse.0[0];
            prop_assert!(x == 0.0 || (1.0..2.0).contains(&rest));
            prop_assert_eq!(rest * 2f64.powi(exponent.0[0] as i32), x.abs());
        }
    }

    proptest! {
        #[test]
        fn quotients_are_rounded_down_to_powers_of_two(a in 1e-200..1.0f64, b in 1e-100..1e100f64) {
            let power = Lanes::power_of_two_below(Lanes([a * b]), Lanes([b])).0[0];
            let quotient = a * b / b;
            prop_assert!(power <= quotient * (1.0 + 1e-15) && 2.0 * power > quotient * (1.0 - 1e-15));
            prop_assert_eq!(power.log2().fract(), 0.0);
            prop_assert_eq!(Lanes::power_of_two_below(Lanes([b]), Lanes([a * b])).0[0], 1.0);
        }

        #[test]
        fn whole_parts_are_below(x in 0.0..4e9f64) {
            prop_assert_eq!(Lanes([x, x.floor(), 0.0]).whole_parts(), [x as u32, x as u32, 0]);
        }
    }

    #[test]
    fn zero_and_infinity_have_their_exponents() {
        let (exponent, inverse) = Lanes([0.0, f64::INFINITY, f64::NAN]).binary_exponent();
        assert_eq!(exponent.0[0], -1023.0);
        assert!(inverse.0[0].is_finite() && !inverse.0[1].is_finite() && !inverse.0[2].is_finite());
    }

    #[test]
    fn comparisons_prefer_the_other_to_nan() {
        let (a, b) = (Lanes([1.0, f64::NAN, 3.0]), Lanes([2.0, 5.0, -3.0]));
        assert_eq!((a.max(b), a.min(b)), (Lanes([2.0, 5.0, 3.0]), Lanes([1.0, 5.0, -3.0])));
        assert!(b.any(|x| x < 0.0) && !b.any(|x| x > 5.0));
        assert_eq!((-b).abs(), Lanes([2.0, 5.0, 3.0]));
    }
}
