//! A number with its slope, over any numbers.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use crate::Scalar;

/// x + x'ε with ε² = 0: a value and its derivative along one direction, carried through a formula together (Griewank &
/// Walther, *Evaluating Derivatives*, 2008, §3.1).
///
/// Over [`Jet`](crate::Jet)s it gives the power series of a derivative.
///
/// ```
/// use shadowflow_numerics::{Dual, Scalar};
/// let x = Dual { value: 3.0, slope: 1.0 };
/// let y = x.powi(2) / (x + 1.0);
/// assert_eq!((y.value, y.slope), (2.25, 0.9375));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<S> {
    /// The value.
    pub value: S,
    /// Its derivative.
    pub slope: S,
}

impl<S: Scalar> Dual<S> {
    fn chain(self, value: S, derivative: S) -> Dual<S> {
        Dual { value, slope: self.slope * derivative }
    }
}

impl<S: Scalar> From<f64> for Dual<S> {
    #[inline]
    fn from(value: f64) -> Dual<S> {
        Dual { value: S::from(value), slope: S::from(0.0) }
    }
}

impl<S: Scalar> Neg for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn neg(self) -> Dual<S> {
        Dual { value: -self.value, slope: -self.slope }
    }
}

impl<S: Scalar> Add for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn add(self, other: Dual<S>) -> Dual<S> {
        Dual { value: self.value + other.value, slope: self.slope + other.slope }
    }
}

impl<S: Scalar> Sub for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn sub(self, other: Dual<S>) -> Dual<S> {
        Dual { value: self.value - other.value, slope: self.slope - other.slope }
    }
}

impl<S: Scalar> Mul for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn mul(self, other: Dual<S>) -> Dual<S> {
        Dual { value: self.value * other.value, slope: self.slope * other.value + self.value * other.slope }
    }
}

impl<S: Scalar> Div for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn div(self, other: Dual<S>) -> Dual<S> {
        let value = self.value / other.value;
        Dual { value, slope: (self.slope - value * other.slope) / other.value }
    }
}

impl<S: Scalar> Add<f64> for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn add(self, number: f64) -> Dual<S> {
        Dual { value: self.value + number, ..self }
    }
}

impl<S: Scalar> Sub<f64> for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn sub(self, number: f64) -> Dual<S> {
        Dual { value: self.value - number, ..self }
    }
}

impl<S: Scalar> Mul<f64> for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn mul(self, number: f64) -> Dual<S> {
        Dual { value: self.value * number, slope: self.slope * number }
    }
}

impl<S: Scalar> Div<f64> for Dual<S> {
    type Output = Dual<S>;
    #[inline]
    fn div(self, number: f64) -> Dual<S> {
        Dual { value: self.value / number, slope: self.slope / number }
    }
}

impl<S: Scalar> AddAssign for Dual<S> {
    #[inline]
    fn add_assign(&mut self, other: Dual<S>) {
        *self = *self + other;
    }
}

impl<S: Scalar> SubAssign for Dual<S> {
    #[inline]
    fn sub_assign(&mut self, other: Dual<S>) {
        *self = *self - other;
    }
}

impl<S: Scalar> Scalar for Dual<S> {
    fn exp(self) -> Dual<S> {
        let value = self.value.exp();
        self.chain(value, value)
    }

    fn ln(self) -> Dual<S> {
        self.chain(self.value.ln(), S::from(1.0) / self.value)
    }

    fn sin(self) -> Dual<S> {
        self.chain(self.value.sin(), self.value.cos())
    }

    fn cos(self) -> Dual<S> {
        self.chain(self.value.cos(), -self.value.sin())
    }

    fn tanh(self) -> Dual<S> {
        let value = self.value.tanh();
        self.chain(value, -(value * value) + 1.0)
    }

    fn sqrt(self) -> Dual<S> {
        let value = self.value.sqrt();
        self.chain(value, S::from(0.5) / value)
    }

    fn powi(self, exponent: i32) -> Dual<S> {
        let derivative = match exponent {
            // The slope of a constant, also where the base is 0.
            0 => S::from(0.0),
            _ => self.value.powi(exponent - 1) * f64::from(exponent),
        };
        self.chain(self.value.powi(exponent), derivative)
    }

    fn leading(&self) -> f64 {
        self.value.leading()
    }

    #[inline]
    fn mul_add(self, a: Dual<S>, b: Dual<S>) -> Dual<S> {
        Dual {
            value: self.value.mul_add(a.value, b.value),
            slope: self.slope.mul_add(a.value, self.value.mul_add(a.slope, b.slope)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Jet;
    use proptest::prelude::*;

    fn formula<S: Scalar>(x: S, y: S) -> S {
        (x * y).sin() / (y.exp() + 2.0) - x.tanh().powi(3) * y.cos()
            + (x * x + 1.0).sqrt() * 0.5
            + (y * y + 3.0).ln() / x.powi(-2)
            + x.mul_add(y, x)
    }

    proptest! {
        /// A jet through h is the same derivative by other recurrences; both are exact up to rounding.
        #[test]
        fn slopes_are_those_of_series(x in -2.0..2.0, y in -2.0..2.0, p in -1.0..1.0, q in -1.0..1.0) {
            let dual = formula(Dual { value: x, slope: p }, Dual { value: y, slope: q });
            let along = |value: f64, slope: f64| Jet::variable(0.0, 1) * slope + value;
            let jet = formula(along(x, p), along(y, q));
            prop_assert!((dual.value - jet.coefficient(0)).abs() < 1e-12);
            prop_assert!((dual.slope - jet.coefficient(1)).abs() < 1e-12, "{} {}", dual.slope, jet.coefficient(1));
        }
    }

    #[test]
    fn over_series_it_gives_the_series_of_the_derivative() {
        // sin(3 + h) differentiated: cos 3 - h sin 3 - h² cos 3/2.
        let x = Dual { value: Jet::variable(3.0, 2), slope: Jet::from(1.0) };
        let (sine, cosine) = 3f64.sin_cos();
        let expected = [cosine, -sine, -cosine / 2.0];
        for (found, expected) in x.sin().slope.coefficients().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
    }
}
