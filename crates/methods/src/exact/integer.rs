//! Integers `a + b√d`: what exact numbers become once a common denominator is taken out.
//!
//! Sums over trees spend their time here. Without greatest common divisors a step costs nanoseconds, and the
//! integers stay unallocated up to 128 bits.

use std::ops::AddAssign;

use dashu_int::{IBig, UBig};

use super::{Exact, Rational};

/// An element `a + b√d` of ℤ[√d].
#[derive(Clone, Debug)]
pub struct ExactInteger {
    a: IBig,
    b: IBig,
    radicand: u32,
}

impl ExactInteger {
    /// The number 0.
    pub const ZERO: ExactInteger = ExactInteger { a: IBig::ZERO, b: IBig::ZERO, radicand: 1 };
    /// The number 1.
    pub const ONE: ExactInteger = ExactInteger { a: IBig::ONE, b: IBig::ZERO, radicand: 1 };

    /// `value·denominator`, which must be an element of ℤ[√d].
    ///
    /// # Panics
    /// If the denominator is not a multiple of [`Exact::denominator`].
    pub fn scaled(value: &Exact, denominator: &UBig) -> ExactInteger {
        let scale = |r: &Rational| {
            let (n, d) = (r * Rational::from(denominator.clone())).into_parts();
            assert!(d.is_one(), "{value} times {denominator} is not an integer");
            n
        };
        ExactInteger {
            a: scale(value.rational_part()),
            b: scale(value.surd_part()),
            radicand: value.radicand(),
        }
    }

    /// `self / denominator` as an exact number.
    pub fn unscaled(&self, denominator: &UBig) -> Exact {
        let part = |n: &IBig| Rational::from_parts(n.clone(), denominator.clone());
        Exact::with_root(part(&self.a), part(&self.b), self.radicand)
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.a.is_zero() && self.b.is_zero()
    }

    /// The product of two numbers of one field.
    pub fn times(&self, other: &ExactInteger) -> ExactInteger {
        if self.b.is_zero() && other.b.is_zero() {
            return ExactInteger { a: &self.a * &other.a, b: IBig::ZERO, radicand: 1 };
        }
        let radicand = self.radicand.max(other.radicand);
        ExactInteger {
            a: &self.a * &other.a + &self.b * &other.b * radicand,
            b: &self.a * &other.b + &self.b * &other.a,
            radicand,
        }
    }

    /// The product with an integer.
    pub fn times_integer(&self, factor: &IBig) -> ExactInteger {
        ExactInteger { a: &self.a * factor, b: &self.b * factor, radicand: self.radicand }
    }
}

impl PartialEq for ExactInteger {
    /// Without a root the radicand does not matter.
    fn eq(&self, other: &ExactInteger) -> bool {
        self.a == other.a && self.b == other.b && (self.b.is_zero() || self.radicand == other.radicand)
    }
}

impl AddAssign<&ExactInteger> for ExactInteger {
    fn add_assign(&mut self, other: &ExactInteger) {
        self.a += &other.a;
        if !other.b.is_zero() {
            self.b += &other.b;
            self.radicand = other.radicand;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_out_and_in_is_the_identity() {
        let x: Exact = "5/36 - 2/15*sqrt(15)".parse().unwrap();
        let scaled = ExactInteger::scaled(&x, &x.denominator());
        assert_eq!(scaled.unscaled(&x.denominator()), x);
    }

    #[test]
    fn products_follow_the_field() {
        let (x, y): (Exact, Exact) = ("2 + 3*sqrt(6)".parse().unwrap(), "-1 + sqrt(6)".parse().unwrap());
        let one = UBig::ONE;
        let product = ExactInteger::scaled(&x, &one).times(&ExactInteger::scaled(&y, &one));
        assert_eq!(product.unscaled(&one), &x * &y);
    }
}
