//! Truncated power series in the step h.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use crate::Scalar;

/// A power series c₀ + c₁h + … + cₙhⁿ + O(hⁿ⁺¹) in the step h, of order n ≤ [`Jet::MAX_ORDER`].
///
/// Arithmetic is exact on the coefficients up to rounding, by the recurrences of Griewank & Walther (*Evaluating
/// Derivatives*, 2008, chapter 13). A result is known through the smaller order of its operands; plain numbers
/// count as known through every order. Where a function has no power series (a division by a series with c₀ = 0, √
/// or ln of one), coefficients become infinite or NaN, as for `f64`.
///
/// ```
/// use shadowflow_numerics::{Jet, Scalar};
/// let h = Jet::variable(0.0, 3);
/// assert_eq!((Jet::from(1.0) / (-h + 1.0)).coefficients(), [1.0, 1.0, 1.0, 1.0]);
/// assert_eq!(h.exp().coefficients(), [1.0, 1.0, 0.5, 1.0 / 6.0]);
/// ```
#[derive(Clone, Copy)]
pub struct Jet {
    /// Coefficients beyond the order are zero.
    coefficients: [f64; Jet::MAX_ORDER + 1],
    order: usize,
}

impl Jet {
    /// The highest order of a jet.
    pub const MAX_ORDER: usize = 15;

    /// The series `value` + h, known through hᵒʳᵈᵉʳ; orders above [`Jet::MAX_ORDER`] are cut down to it.
    pub fn variable(value: f64, order: usize) -> Jet {
        let mut jet = Jet::constant(value, order);
        if jet.order > 0 {
            jet.coefficients[1] = 1.0;
        }
        jet
    }

    /// The series `value` + 0·h + …, known through hᵒʳᵈᵉʳ; orders above [`Jet::MAX_ORDER`] are cut down to it.
    pub fn constant(value: f64, order: usize) -> Jet {
        let mut jet = Jet::zero(order.min(Jet::MAX_ORDER));
        jet.coefficients[0] = value;
        jet
    }

    /// The order n through which the series is known.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The coefficients c₀ … cₙ.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients[..=self.order]
    }

    /// The coefficient of hᵏ; 0 beyond the order.
    pub fn coefficient(&self, k: usize) -> f64 {
        self.coefficients.get(k).copied().unwrap_or(0.0)
    }

    /// The value c₀ + c₁h + … + cₙhⁿ of the truncated series.
    pub fn at(&self, h: f64) -> f64 {
        self.coefficients().iter().rev().fold(0.0, |sum, &c| sum * h + c)
    }

    /// Whether every coefficient is a finite number.
    pub fn is_finite(&self) -> bool {
        self.coefficients.iter().all(|c| c.is_finite())
    }

    /// h times the series: the coefficients move up one place, and the order grows by one while it can.
    pub fn times_h(&self) -> Jet {
        let mut product = Jet::zero((self.order + 1).min(Jet::MAX_ORDER));
        product.coefficients[1..=product.order].copy_from_slice(&self.coefficients[..product.order]);
        product
    }

    /// The integral c₀h + c₁h²/2 + … from 0 to h; the order grows by one while it can.
    pub fn integral(&self) -> Jet {
        let mut integral = self.times_h();
        for k in 1..=integral.order {
            integral.coefficients[k] /= k as f64;
        }
        integral
    }

    fn zero(order: usize) -> Jet {
        Jet { coefficients: [0.0; Jet::MAX_ORDER + 1], order }
    }

    fn map(mut self, f: impl Fn(f64) -> f64) -> Jet {
        for c in &mut self.coefficients[..=self.order] {
            *c = f(*c);
        }
        self
    }

    fn zip(self, other: Jet, f: impl Fn(f64, f64) -> f64) -> Jet {
        let mut result = Jet::zero(self.order.min(other.order));
        for k in 0..=result.order {
            result.coefficients[k] = f(self.coefficients[k], other.coefficients[k]);
        }
        result
    }

    /// The v with v' = u'·w and v₀ = `first`, where w_k may depend on v₀ … v_k: k·vₖ = Σⱼ j·uⱼ·wₖ₋ⱼ. The functions
    /// below are such equations.
    fn integrate(self, first: f64, w: impl Fn(usize, &Jet) -> f64) -> Jet {
        let mut v = Jet::zero(self.order);
        let mut known = Jet::zero(self.order);
        v.coefficients[0] = first;
        for k in 1..=self.order {
            known.coefficients[k - 1] = w(k - 1, &v);
            v.coefficients[k] = self.slope_times(&known, k) / k as f64;
        }
        v
    }

    /// Sine and cosine determine each other: s' = c·u', c' = -s·u'.
    fn sin_cos(self) -> (Jet, Jet) {
        let (mut sine, mut cosine) = (Jet::zero(self.order), Jet::zero(self.order));
        (sine.coefficients[0], cosine.coefficients[0]) = self.coefficients[0].sin_cos();
        for k in 1..=self.order {
            let (s, c) = (self.slope_times(&cosine, k), -self.slope_times(&sine, k));
            (sine.coefficients[k], cosine.coefficients[k]) = (s / k as f64, c / k as f64);
        }
        (sine, cosine)
    }

    /// The coefficient of hᵏ⁻¹ in u'·w, from w₀ … wₖ₋₁.
    fn slope_times(&self, w: &Jet, k: usize) -> f64 {
        (1..=k).map(|j| j as f64 * self.coefficients[j] * w.coefficients[k - j]).sum()
    }
}

impl fmt::Debug for Jet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Jet").field(&self.coefficients()).finish()
    }
}

impl From<f64> for Jet {
    /// A plain number, known through every order.
    fn from(value: f64) -> Jet {
        Jet::constant(value, Jet::MAX_ORDER)
    }
}

impl Neg for Jet {
    type Output = Jet;
    fn neg(self) -> Jet {
        self.map(|c| -c)
    }
}

impl Add for Jet {
    type Output = Jet;
    fn add(self, other: Jet) -> Jet {
        self.zip(other, |a, b| a + b)
    }
}

impl Sub for Jet {
    type Output = Jet;
    fn sub(self, other: Jet) -> Jet {
        self.zip(other, |a, b| a - b)
    }
}

impl Mul for Jet {
    type Output = Jet;
    fn mul(self, other: Jet) -> Jet {
        let (a, b) = (&self.coefficients, &other.coefficients);
        let mut product = Jet::zero(self.order.min(other.order));
        for k in 0..=product.order {
            product.coefficients[k] = (0..=k).map(|j| a[j] * b[k - j]).sum();
        }
        product
    }
}

impl Div for Jet {
    type Output = Jet;
    fn div(self, other: Jet) -> Jet {
        let (a, b) = (&self.coefficients, &other.coefficients);
        let mut quotient = Jet::zero(self.order.min(other.order));
        for k in 0..=quotient.order {
            let known: f64 = (0..k).map(|j| quotient.coefficients[j] * b[k - j]).sum();
            quotient.coefficients[k] = (a[k] - known) / b[0];
        }
        quotient
    }
}

impl Add<f64> for Jet {
    type Output = Jet;
    fn add(mut self, number: f64) -> Jet {
        self.coefficients[0] += number;
        self
    }
}

impl Sub<f64> for Jet {
    type Output = Jet;
    fn sub(self, number: f64) -> Jet {
        self + -number
    }
}

impl Mul<f64> for Jet {
    type Output = Jet;
    fn mul(self, number: f64) -> Jet {
        self.map(|c| c * number)
    }
}

impl Div<f64> for Jet {
    type Output = Jet;
    fn div(self, number: f64) -> Jet {
        self.map(|c| c / number)
    }
}

impl AddAssign for Jet {
    fn add_assign(&mut self, other: Jet) {
        *self = *self + other;
    }
}

impl SubAssign for Jet {
    fn sub_assign(&mut self, other: Jet) {
        *self = *self - other;
    }
}

impl Scalar for Jet {
    /// v' = v·u'.
    fn exp(self) -> Jet {
        self.integrate(self.coefficients[0].exp(), |k, v| v.coefficients[k])
    }

    /// v' = u'·(1/u).
    fn ln(self) -> Jet {
        let reciprocal = Jet::from(1.0) / self;
        self.integrate(self.coefficients[0].ln(), |k, _| reciprocal.coefficients[k])
    }

    fn sin(self) -> Jet {
        self.sin_cos().0
    }

    fn cos(self) -> Jet {
        self.sin_cos().1
    }

    /// v' = (1 - v²)·u'.
    fn tanh(self) -> Jet {
        self.integrate(self.coefficients[0].tanh(), |k, v| {
            let square: f64 = (0..=k).map(|j| v.coefficients[j] * v.coefficients[k - j]).sum();
            if k == 0 { 1.0 - square } else { -square }
        })
    }

    /// v·v = u, solved for one coefficient after the other.
    fn sqrt(self) -> Jet {
        let mut root = Jet::zero(self.order);
        root.coefficients[0] = self.coefficients[0].sqrt();
        for k in 1..=self.order {
            let known: f64 = (1..k).map(|j| root.coefficients[j] * root.coefficients[k - j]).sum();
            root.coefficients[k] = (self.coefficients[k] - known) / (2.0 * root.coefficients[0]);
        }
        root
    }

    /// By repeated squaring.
    fn powi(self, exponent: i32) -> Jet {
        let (mut power, mut base) = (Jet::constant(1.0, self.order), self);
        let mut bits = exponent.unsigned_abs();
        while bits > 0 {
            if bits & 1 == 1 {
                power = power * base;
            }
            bits >>= 1;
            if bits > 0 {
                base = base * base;
            }
        }
        if exponent < 0 { Jet::from(1.0) / power } else { power }
    }

    fn leading(&self) -> f64 {
        self.coefficient(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A jet of order 8 with c₀ in [0.5, 2] and the rest in [-1, 1]: every function is defined and well conditioned.
    fn jets() -> impl Strategy<Value = Jet> {
        (0.5..2.0, proptest::collection::vec(-1.0..1.0, 8)).prop_map(|(first, rest): (f64, Vec<f64>)| {
            let mut jet = Jet::constant(first, 8);
            jet.coefficients[1..9].copy_from_slice(&rest);
            jet
        })
    }

    /// Intermediate coefficients of the jets above reach (1/c₀)⁹·3⁸ ≈ 3·10⁶ at worst, so 10⁻⁸ times the size of the
    /// result is rounding: 3·10⁶ × 2·10⁻¹⁶ × some tens of operations.
    fn agree(left: Jet, right: Jet) -> Result<(), TestCaseError> {
        prop_assert_eq!(left.order(), right.order());
        for (l, r) in left.coefficients().iter().zip(right.coefficients()) {
            prop_assert!((l - r).abs() <= 1e-8 * (1.0 + l.abs()), "{:?} against {:?}", left, right);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn inverse_functions_undo_each_other(x in jets(), y in jets()) {
            agree((x * y) / y, x)?;
            agree((x + y) - y, x)?;
            agree(x.sqrt() * x.sqrt(), x)?;
            agree(x.ln().exp(), x)?;
            agree(x.exp().ln(), x)?;
        }

        #[test]
        fn functions_obey_their_addition_theorems(x in jets(), y in jets()) {
            agree((x + y).exp(), x.exp() * y.exp())?;
            agree((x * y).ln(), x.ln() + y.ln())?;
            agree((x + y).sin(), x.sin() * y.cos() + x.cos() * y.sin())?;
            agree((x + y).cos(), x.cos() * y.cos() - x.sin() * y.sin())?;
            agree((x + y).tanh(), (x.tanh() + y.tanh()) / (x.tanh() * y.tanh() + 1.0))?;
        }

        #[test]
        fn powers_are_products(x in jets()) {
            agree(x.powi(5), x * x * x * x * x)?;
            agree(x.powi(-3), Jet::constant(1.0, 8) / (x * x * x))?;
            agree(x.powi(0), Jet::constant(1.0, 8))?;
        }

        /// The independent oracle: a series is right if its truncation approaches the function of plain numbers.
        #[test]
        fn values_agree_with_plain_numbers(x in jets()) {
            fn formula<S: Scalar>(x: S) -> S {
                (x * 0.5).sin() * x.tanh() + x.ln().cos() / x.sqrt() - (-x).exp() * x.powi(3) + 2.0
            }
            // |cₖ| stays below 10ᵏ for such formulas, so at h = 0.001 what is cut off is below 10⁻¹⁶.
            let h = 1e-3;
            let (series, exact) = (formula(x).at(h), formula(x.at(h)));
            prop_assert!((series - exact).abs() < 1e-13, "{series} against {exact}");
        }
    }

    #[test]
    fn known_series() {
        let h = Jet::variable(0.0, 7);
        let close = |jet: Jet, expected: [f64; 8]| {
            for (found, expected) in jet.coefficients().iter().zip(expected) {
                assert!((found - expected).abs() < 1e-15, "{jet:?}");
            }
        };
        // The Taylor series of tanh, ln(1 + h) and √(1 + h), from any table.
        close(h.tanh(), [0.0, 1.0, 0.0, -1.0 / 3.0, 0.0, 2.0 / 15.0, 0.0, -17.0 / 315.0]);
        close((h + 1.0).ln(), [0.0, 1.0, -0.5, 1.0 / 3.0, -0.25, 0.2, -1.0 / 6.0, 1.0 / 7.0]);
        let root = [1.0, 0.5, -0.125, 0.0625, -5.0 / 128.0, 7.0 / 256.0, -21.0 / 1024.0, 33.0 / 2048.0];
        close((h + 1.0).sqrt(), root);
    }

    #[test]
    fn orders_combine_to_the_smaller_and_stay_within_bounds() {
        let x = Jet::variable(1.0, 3);
        assert_eq!((x * Jet::variable(1.0, 5)).order(), 3);
        assert_eq!((x * Jet::from(2.0)).order(), 3);
        assert_eq!((x + 1.0).order(), 3);
        assert_eq!(x.times_h().coefficients(), [0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(Jet::variable(1.0, 99).order(), Jet::MAX_ORDER);
        assert_eq!(Jet::variable(1.0, 99).times_h().order(), Jet::MAX_ORDER);
        assert_eq!(Jet::variable(2.0, 0).coefficients(), [2.0]);
        assert_eq!(x.coefficient(99), 0.0);
    }

    #[test]
    fn no_power_series_is_not_finite_rather_than_wrong() {
        let h = Jet::variable(0.0, 2);
        assert!(!(Jet::from(1.0) / h).is_finite());
        assert!(!h.sqrt().is_finite());
        assert!(!h.ln().is_finite());
    }
}
