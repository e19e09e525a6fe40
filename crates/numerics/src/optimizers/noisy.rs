//! Gradient descent with additive noise.

use super::random::SplitMix;
use crate::VectorField;
use crate::error::{InputError, StepError, check_dimension, check_field, check_least, check_step};

/// x₊ = x + h(f(x) + σξ) with independent standard normal ξ in every component and step: stochastic gradient descent
/// on f = -∇V with gradient noise of variance σ², as in Li, Tai & E (2019).
///
/// On V = λx²/2 its stationary variance is hσ²/(λ(2 - hλ)).
///
/// ```
/// use shadowflow_numerics::{GradientFlow, NoisyDescent, problems::Quadratic, visit};
/// let (h, variance, steps) = (0.5, 3.0, 20_000);
/// let field = GradientFlow(Quadratic::new(&[1.0]));
/// let mut descent = NoisyDescent::new(&field, h, variance, 7)?;
/// let mut sum = 0.0;
/// visit(|x, out| descent.step(x, out), &[0.0], steps, f64::INFINITY, |_, x| sum += x[0] * x[0])?;
/// // 1, with a standard error of √(2/20 000 · (1 + ρ²)/(1 - ρ²)) = 0.013 for neighbours correlated by ρ = 1 - h.
/// assert!((sum / steps as f64 - h * variance / (2.0 - h)).abs() < 0.05);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct NoisyDescent<'a, F: VectorField + ?Sized> {
    field: &'a F,
    h: f64,
    dim: usize,
    deviation: f64,
    random: SplitMix,
    /// The second of a pair of normal numbers, not used yet.
    spare: Option<f64>,
}

impl<'a, F: VectorField + ?Sized> NoisyDescent<'a, F> {
    /// Descent along `field` with learning rate h and noise of variance σ² ≥ 0 in every component; the seed fixes all
    /// noise.
    ///
    /// # Errors
    /// If h is not positive, the variance negative, either not finite, or the field has no variables.
    pub fn new(field: &'a F, h: f64, variance: f64, seed: u64) -> Result<NoisyDescent<'a, F>, InputError> {
        check_step(h)?;
        let dim = check_field(field.dim())?;
        check_least("the variance of the noise", variance)?;
        let random = SplitMix::seeded(seed);
        Ok(NoisyDescent { field, h, dim, deviation: variance.sqrt(), random, spare: None })
    }

    /// The stationary variance hσ²/(λ(2 - hλ)) of a component in which the objective has curvature λ. `None` unless 0 < hλ < 2.
    pub fn stationary_variance(&self, curvature: f64) -> Option<f64> {
        let rate = self.h * curvature;
        let variance = self.deviation * self.deviation;
        (0.0 < rate && rate < 2.0).then(|| self.h * variance / (curvature * (2.0 - rate)))
    }

    /// Writes the next point to `out`, with the next noise.
    ///
    /// # Errors
    /// If a dimension is wrong or the result is not finite.
    pub fn step(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), StepError> {
        check_dimension("the point", self.dim, x)?;
        check_dimension("the space for the result", self.dim, out)?;
        self.field.eval(x, out);
        for (out, x) in out.iter_mut().zip(x) {
            *out = x + self.h * (*out + self.deviation * self.normal());
        }
        if out.iter().all(|value| value.is_finite()) {
            Ok(())
        } else {
            Err(StepError::NotFinite { h: self.h, at: x.to_vec() })
        }
    }

    fn normal(&mut self) -> f64 {
        self.spare.take().unwrap_or_else(|| {
            let [first, second] = self.random.normal_pair();
            self.spare = Some(second);
            first
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Quadratic, ScalarFactorization};
    use crate::{GradientFlow, Optimizer, orbit};

    #[test]
    fn without_noise_it_is_gradient_descent() {
        let field = GradientFlow(ScalarFactorization { target: 1.0 });
        let mut descent = NoisyDescent::new(&field, 0.1, 0.0, 3).unwrap();
        let path = orbit(|x, out| descent.step(x, out), &[2.0, 0.3], 50, 9.0).unwrap();
        let plain = Optimizer::gradient_descent().orbit(&field, 0.1, &[2.0, 0.3], 50, 9.0).unwrap();
        for (x, y) in path.last().iter().zip(plain.last()) {
            assert!((x - y).abs() < 1e-14, "the same up to the rounding of a product: {x} {y}");
        }
    }

    #[test]
    fn seeds_fix_the_noise() {
        let field = GradientFlow(Quadratic::new(&[1.0, 2.0, 3.0]));
        let end = |seed| {
            let mut descent = NoisyDescent::new(&field, 0.1, 1.0, seed).unwrap();
            orbit(|x, out| descent.step(x, out), &[0.0; 3], 9, 99.0).unwrap()
        };
        assert_eq!(end(5), end(5));
        assert_ne!(end(5), end(6));
        let last = end(5).last().to_vec();
        assert!(last[0] != last[1] && last[1] != last[2], "components have noise of their own");
    }

    #[test]
    fn bad_arguments_are_refused() {
        let field = GradientFlow(Quadratic::new(&[1.0]));
        assert!(matches!(NoisyDescent::new(&field, 0.0, 1.0, 0), Err(InputError::Step { .. })));
        for variance in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(NoisyDescent::new(&field, 0.1, variance, 0), Err(InputError::Number { .. })));
        }
        let nothing = GradientFlow(Quadratic::new(&[]));
        assert!(matches!(NoisyDescent::new(&nothing, 0.1, 1.0, 0), Err(InputError::NoVariables)));
    }
}
