//! Identities of polynomials, written as they are read.

use std::ops::{Add, Mul, Neg, Sub};

use shadowflow_methods::MultivariatePolynomial;

/// A polynomial with integer coefficients, with operators.
#[derive(Clone, Debug)]
pub(crate) struct Poly(MultivariatePolynomial);

/// The variables of these names.
pub(crate) fn variables<const N: usize>(names: [&str; N]) -> [Poly; N] {
    names.map(|name| Poly(MultivariatePolynomial::variable(name)))
}

/// A whole number.
pub(crate) fn whole(number: i64) -> Poly {
    Poly(number.into())
}

impl Poly {
    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    pub(crate) fn squared(&self) -> Poly {
        self * self
    }

    /// Whether another polynomial divides this one.
    pub(crate) fn is_multiple_of(&self, divisor: &Poly) -> bool {
        self.0.divided_by(&divisor.0).is_some()
    }
}

impl Add for &Poly {
    type Output = Poly;
    fn add(self, other: &Poly) -> Poly {
        Poly(self.0.plus(&other.0))
    }
}

impl Sub for &Poly {
    type Output = Poly;
    fn sub(self, other: &Poly) -> Poly {
        Poly(self.0.minus(&other.0))
    }
}

impl Mul for &Poly {
    type Output = Poly;
    fn mul(self, other: &Poly) -> Poly {
        Poly(self.0.times(&other.0))
    }
}

impl Neg for &Poly {
    type Output = Poly;
    fn neg(self) -> Poly {
        Poly(self.0.negated())
    }
}

macro_rules! by_value {
    ($($trait:ident $method:ident),*) => {$(
        impl $trait for Poly {
            type Output = Poly;
            fn $method(self, other: Poly) -> Poly {
                $trait::$method(&self, &other)
            }
        }
        impl $trait<&Poly> for Poly {
            type Output = Poly;
            fn $method(self, other: &Poly) -> Poly {
                $trait::$method(&self, other)
            }
        }
        impl $trait<Poly> for &Poly {
            type Output = Poly;
            fn $method(self, other: Poly) -> Poly {
                $trait::$method(self, &other)
            }
        }
    )*};
}

by_value!(Add add, Sub sub, Mul mul);

/// How many of these are not zero.
pub(crate) fn failing(identities: &[Poly]) -> usize {
    identities.iter().filter(|identity| !identity.is_zero()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_hold_or_fail() {
        let [x, y] = variables(["x", "y"]);
        let square = (&x + &y).squared();
        let right = x.squared() + whole(2) * &x * &y + y.squared();
        assert_eq!(failing(&[&square - &right, &square - x.squared(), -&x + &x]), 1);
        assert!((x.squared() - y.squared()).is_multiple_of(&(&x - &y)));
        assert!(!square.is_multiple_of(&(&x - &y)));
    }
}
