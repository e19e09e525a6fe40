//! Any objective with fine ripples on it.

use crate::error::InputError;
use crate::{Objective, Scalar};

/// f = f₀ + ε Σᵢ sin(xᵢ/ε) over a smooth f₀ (Kong & Tao 2020).
///
/// The ripples are low but steep: they change slopes by up to 1 and curvatures by up to 1/ε.
/// [`Multiscale`](super::Multiscale) is the family with f₀ = a x⁴/4 + b x²/2.
///
/// ```
/// use shadowflow_numerics::{Objective, problems::{DoubleWell, Multiscale, Rippled}};
/// let (rippled, family) = (Rippled::new(DoubleWell, 0.1)?, Multiscale::default());
/// assert!((rippled.value(&[0.7]) - family.value(&[0.7])).abs() < 1e-16);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rippled<V> {
    smooth: V,
    ripple: f64,
}

impl<V: Objective> Rippled<V> {
    /// f₀ with ripples of length ε, over 2π.
    ///
    /// # Errors
    /// Unless ε is finite and at least 10⁻¹²: below that the phase x/ε of an x of size 1 is lost to rounding.
    pub fn new(smooth: V, ripple: f64) -> Result<Rippled<V>, InputError> {
        if ripple >= 1e-12 && ripple.is_finite() {
            Ok(Rippled { smooth, ripple })
        } else {
            Err(InputError::Number {
                what: "the length epsilon of the ripples",
                value: ripple,
                expected: "a finite number, 1e-12 or more",
            })
        }
    }

    /// f₀.
    pub fn smooth(&self) -> &V {
        &self.smooth
    }

    /// ε.
    pub fn ripple(&self) -> f64 {
        self.ripple
    }
}

impl<V: Objective> Objective for Rippled<V> {
    fn variables(&self) -> usize {
        self.smooth.variables()
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let ripples = x.iter().fold(S::from(0.0), |sum, &x| sum + (x / self.ripple).sin());
        self.smooth.value(x) + ripples * self.ripple
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        self.smooth.gradient(x, out);
        for (out, &x) in out.iter_mut().zip(x) {
            *out += (x / self.ripple).cos();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;
    use crate::problems::{DoubleWell, Multiscale, Quadratic};

    #[test]
    fn derivatives_agree() {
        let rippled = Rippled::new(Quadratic::new(&[2.0, 0.5]), 0.3).unwrap();
        for x in [[-1.3, 0.2], [0.0, 0.0], [0.9, -2.0]] {
            check::derivatives_agree(&rippled, &x);
        }
    }

    #[test]
    fn it_is_the_multiscale_family_in_one_variable() {
        let ripple = 0.01;
        let parabola = Multiscale { quartic: 0.0, quadratic: 3.0, ripple };
        let well = Multiscale { quartic: 1.0, quadratic: -1.0, ripple };
        for x in [-1.2, 0.0, 0.4] {
            let (mut found, mut expected) = ([0.0; 2], [0.0; 2]);
            Rippled::new(Quadratic::new(&[3.0]), ripple).unwrap().gradient(&[x], &mut found[..1]);
            Rippled::new(DoubleWell, ripple).unwrap().gradient(&[x], &mut found[1..]);
            parabola.gradient(&[x], &mut expected[..1]);
            well.gradient(&[x], &mut expected[1..]);
            // The same but for the order of a product and a sum.
            assert!((found[0] - expected[0]).abs() < 1e-15 && (found[1] - expected[1]).abs() < 1e-15);
        }
    }

    #[test]
    fn ripples_must_have_a_length() {
        for ripple in [0.0, -0.1, 1e-13, f64::NAN, f64::INFINITY] {
            assert!(matches!(Rippled::new(DoubleWell, ripple), Err(InputError::Number { .. })), "{ripple}");
        }
    }
}
