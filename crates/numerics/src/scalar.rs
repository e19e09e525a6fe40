//! The numbers a formula may be evaluated in.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A number with the arithmetic and the functions that formulas are made of: [`f64`], or a [`Jet`](crate::Jet).
///
/// Write a formula once for any `S: Scalar`. Plain numbers may stand on the right of an operator; on the left,
/// convert them with `S::from`.
///
/// ```
/// use shadowflow_numerics::{Jet, Scalar};
///
/// fn pendulum_energy<S: Scalar>(angle: S, momentum: S) -> S {
///     momentum * momentum * 0.5 - angle.cos()
/// }
/// assert_eq!(pendulum_energy(0.0, 2.0), 1.0);
/// // Along (h, 2) the energy is 2 - cos h = 1 + h²/2 - h⁴/24 + …
/// let energy = pendulum_energy(Jet::variable(0.0, 4), Jet::from(2.0));
/// assert_eq!(energy.coefficients(), [1.0, 0.0, 0.5, 0.0, -1.0 / 24.0]);
/// ```
pub trait Scalar:
    Copy
    + Debug
    + From<f64>
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
    + AddAssign
    + SubAssign
{
    /// e to this power.
    fn exp(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// The sine.
    fn sin(self) -> Self;
    /// The cosine.
    fn cos(self) -> Self;
    /// The tangent.
    fn tan(self) -> Self {
        self.sin() / self.cos()
    }
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// An integer power; `powi(0)` is 1.
    fn powi(self, exponent: i32) -> Self;
    /// The number itself, without slopes or higher powers; of several side by side the first.
    fn leading(&self) -> f64;

    /// self·a + b, fused where the numbers allow it as by [`mul_add`](crate::mul_add()).
    #[inline]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }
}

impl Scalar for f64 {
    fn exp(self) -> f64 {
        f64::exp(self)
    }
    fn ln(self) -> f64 {
        f64::ln(self)
    }
    fn sin(self) -> f64 {
        f64::sin(self)
    }
    fn cos(self) -> f64 {
        f64::cos(self)
    }
    fn tanh(self) -> f64 {
        f64::tanh(self)
    }
    fn sqrt(self) -> f64 {
        f64::sqrt(self)
    }
    fn powi(self, exponent: i32) -> f64 {
        f64::powi(self, exponent)
    }
    fn leading(&self) -> f64 {
        *self
    }

    #[inline]
    fn mul_add(self, a: f64, b: f64) -> f64 {
        crate::mul_add(self, a, b)
    }
}
