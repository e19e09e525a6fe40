//! Algebraic integers: what exact numbers become once a common denominator is taken out.
//!
//! Sums over trees spend their time here. Without greatest common divisors a step costs nanoseconds, and the
//! integers stay unallocated up to 128 bits.

use std::ops::AddAssign;

use dashu_int::{IBig, UBig};

use super::{Exact, NumberField, Rational};

/// An integer, or an element of ℤ\[θ\] in the coordinates 1, θ, θ², ….
#[derive(Clone, Debug)]
pub(crate) enum ExactInteger {
    /// An integer.
    Integer(IBig),
    /// As many coordinates as the field has degrees.
    Element(Vec<IBig>, NumberField),
}

impl ExactInteger {
    /// The number 0.
    pub(crate) const ZERO: ExactInteger = ExactInteger::Integer(IBig::ZERO);
    /// The number 1.
    pub(crate) const ONE: ExactInteger = ExactInteger::Integer(IBig::ONE);

    /// `value·denominator`, which must be an element of ℤ\[θ\].
    ///
    /// # Panics
    /// If the denominator is not a multiple of [`Exact::denominator`].
    pub(crate) fn scaled(value: &Exact, denominator: &UBig) -> ExactInteger {
        let scale = |r: &Rational| {
            let (n, d) = (r * Rational::from(denominator.clone())).into_parts();
            assert!(d.is_one(), "{value} times {denominator} is not an integer");
            n
        };
        match value.field() {
            None => ExactInteger::Integer(scale(&value.coordinates()[0])),
            Some(field) => {
                ExactInteger::Element(value.coordinates().iter().map(scale).collect(), field.clone())
            }
        }
    }

    /// `self / denominator` as an exact number.
    pub(crate) fn unscaled(&self, denominator: &UBig) -> Exact {
        let part = |n: &IBig| Rational::from_parts(n.clone(), denominator.clone());
        match self {
            ExactInteger::Integer(n) => part(n).into(),
            ExactInteger::Element(x, field) => Exact::in_field(field, x.iter().map(part).collect()),
        }
    }

    /// Whether this is 0.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            ExactInteger::Integer(n) => n.is_zero(),
            ExactInteger::Element(x, _) => x.iter().all(IBig::is_zero),
        }
    }

    /// The product of two numbers of one field.
    pub(crate) fn times(&self, other: &ExactInteger) -> ExactInteger {
        match (self, other) {
            (ExactInteger::Integer(x), y) | (y, ExactInteger::Integer(x)) => y.times_integer(x),
            (ExactInteger::Element(x, field), ExactInteger::Element(y, _)) => {
                ExactInteger::Element(product(x, y, field.minimal_polynomial()), field.clone())
            }
        }
    }

    /// The product with an integer.
    pub(crate) fn times_integer(&self, factor: &IBig) -> ExactInteger {
        match self {
            ExactInteger::Integer(n) => ExactInteger::Integer(n * factor),
            ExactInteger::Element(x, field) => {
                ExactInteger::Element(x.iter().map(|x| x * factor).collect(), field.clone())
            }
        }
    }
}

fn product(x: &[IBig], y: &[IBig], minimal: &[IBig]) -> Vec<IBig> {
    let degree = x.len();
    let mut product = vec![IBig::ZERO; 2 * degree - 1];
    for (i, x) in x.iter().enumerate().filter(|(_, x)| !x.is_zero()) {
        for (j, y) in y.iter().enumerate() {
            product[i + j] += x * y;
        }
    }
    while product.len() > degree {
        let Some(lead) = product.pop() else { break };
        let shift = product.len() - degree;
        for (k, c) in minimal[..degree].iter().enumerate().filter(|(_, c)| !c.is_zero()) {
            product[shift + k] -= &lead * c;
        }
    }
    product
}

impl PartialEq for ExactInteger {
    /// As numbers: an element without roots is an integer.
    fn eq(&self, other: &ExactInteger) -> bool {
        let parts = |x: &ExactInteger| match x {
            ExactInteger::Integer(n) => (vec![n.clone()], None),
            ExactInteger::Element(x, _) if x.iter().skip(1).all(IBig::is_zero) => (x[..1].to_vec(), None),
            ExactInteger::Element(x, field) => (x.clone(), Some(field.clone())),
        };
        parts(self) == parts(other)
    }
}

impl AddAssign<&ExactInteger> for ExactInteger {
    fn add_assign(&mut self, other: &ExactInteger) {
        match (&mut *self, other) {
            (ExactInteger::Integer(x), ExactInteger::Integer(y)) => *x += y,
            (ExactInteger::Element(x, _), ExactInteger::Integer(y)) => x[0] += y,
            (ExactInteger::Element(x, _), ExactInteger::Element(y, _)) => {
                x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
            }
            (ExactInteger::Integer(x), ExactInteger::Element(y, field)) => {
                let mut sum = y.clone();
                sum[0] += &*x;
                *self = ExactInteger::Element(sum, field.clone());
            }
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
        for (x, y) in
            [("2 + 3*sqrt(6)", "-1 + sqrt(6)"), ("2 + root(x^3-9*x-6, 3)^2", "1 - root(x^3-9*x-6, 3)^2")]
        {
            let (x, y): (Exact, Exact) = (x.parse().unwrap(), y.parse().unwrap());
            let one = UBig::ONE;
            let product = ExactInteger::scaled(&x, &one).times(&ExactInteger::scaled(&y, &one));
            assert_eq!(product.unscaled(&one), &x * &y);
        }
    }
}
