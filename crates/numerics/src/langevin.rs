//! Diffusions: Langevin's equation, and the stochastic modified equations of stochastic gradient descent.

use crate::error::{
    InputError, StepError, check_dimension, check_field, check_finite, check_least, check_order, check_step,
};
use crate::statistics::{Estimate, StatisticsError};
use crate::streams::{Moments, length, on_streams};
use crate::{Generator, Objective, Orbit, OrbitError, VectorField, orbit};

/// dX = b(X) dt + s dW by the method of Euler & Maruyama (Maruyama 1955): x⁺ = x + Δb(x) + s√Δ ξ with
/// independent standard normal ξ in every component.
///
/// With b = -∇f and s² = 2T it is Langevin's equation, whose stationary law is Gibbs' Z⁻¹ exp(-f/T); Δ moves
/// that by O(Δ). With Δ = h and s² = hσ² each step is one of stochastic gradient descent.
///
/// ```
/// use shadowflow_numerics::{Diffusion, GradientFlow, problems::Quadratic};
/// let field = GradientFlow(Quadratic::new(&[2.0]));
/// let diffusion = Diffusion::langevin(&field, 0.3, 0.01)?;
/// let variance = diffusion.variances(&[0.0], 1, 500_000)?[0];
/// // T/λ, and 1 % more for the step: s²/(κ(2 - κΔ)) with the rate κ = λ.
/// assert!(variance.deviation(0.6 / (2.0 * (2.0 - 0.02))) < 4.0);
/// # Ok::<(), shadowflow_numerics::statistics::StatisticsError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Diffusion<'a, F: ?Sized> {
    drift: &'a F,
    intensity: f64,
    dt: f64,
}

impl<'a, F: VectorField + ?Sized> Diffusion<'a, F> {
    /// With drift b, intensity s of the noise and step Δ of the method.
    ///
    /// # Errors
    /// If Δ is not positive and finite, s negative or not finite, or the field has no variables.
    pub fn new(drift: &'a F, intensity: f64, dt: f64) -> Result<Diffusion<'a, F>, InputError> {
        check_step(dt)?;
        check_field(drift.dim())?;
        check_least("the intensity of the noise", intensity)?;
        Ok(Diffusion { drift, intensity, dt })
    }

    /// Langevin's equation dX = b dt + √(2T) dW, for a field b = -∇f, at temperature T ≥ 0.
    ///
    /// # Errors
    /// As for [`Diffusion::new`].
    pub fn langevin(drift: &'a F, temperature: f64, dt: f64) -> Result<Diffusion<'a, F>, InputError> {
        check_least("the temperature T", temperature)?;
        Diffusion::new(drift, (2.0 * temperature).sqrt(), dt)
    }

    /// The step Δ.
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// The intensity s.
    pub fn intensity(&self) -> f64 {
        self.intensity
    }

    /// Writes the next point to `out`, with noise from the generator.
    ///
    /// # Errors
    /// If a dimension is wrong or the result is not finite.
    pub fn step(&self, random: &mut Generator, x: &[f64], out: &mut [f64]) -> Result<(), StepError> {
        check_dimension("the point", self.drift.dim(), x)?;
        check_dimension("the space for the result", self.drift.dim(), out)?;
        self.advance(random, x, out);
        if out.iter().all(|value| value.is_finite()) {
            Ok(())
        } else {
            Err(StepError::NotFinite { h: self.dt, at: x.to_vec() })
        }
    }

    fn advance(&self, random: &mut Generator, x: &[f64], out: &mut [f64]) {
        self.drift.eval(x, out);
        let scale = self.intensity * self.dt.sqrt();
        for (out, x) in out.iter_mut().zip(x) {
            *out = x + self.dt * *out + scale * random.normal();
        }
    }

    /// A path of at most `steps` steps from `x0`, with the noise of this stream of this seed, ending early
    /// where it leaves the ball |x| ≤ `radius`, as [`orbit`] does.
    ///
    /// # Errors
    /// As for [`orbit`].
    pub fn path(
        &self,
        x0: &[f64],
        steps: usize,
        radius: f64,
        seed: u64,
        stream: u64,
    ) -> Result<Orbit, OrbitError> {
        let mut random = Generator::new(seed, stream);
        check_dimension("the start", self.drift.dim(), x0)?;
        orbit(|x, out| self.step(&mut random, x, out), x0, steps, radius)
    }

    /// The stationary variance s²/(κ(2 - κΔ)) of this scheme in a component with drift -κx; the equation
    /// itself has s²/2κ. `None` unless 0 < κΔ < 2.
    pub fn stationary_variance(&self, rate: f64) -> Option<f64> {
        let z = rate * self.dt;
        (0.0 < z && z < 2.0).then(|| self.intensity * self.intensity / (rate * (2.0 - z)))
    }
}

impl<F: VectorField + Sync + ?Sized> Diffusion<'_, F> {
    /// The variances of all components under the stationary law, from `total` points, rounded up, of 64 paths
    /// from `x0` that forget their start for an eighth of their length. The result does not depend on the
    /// number of threads. Wells that no path reaches are not seen.
    ///
    /// # Errors
    /// If the start cannot be used, there are fewer than 65 536 or more than 10⁹ points, or a path leaves the
    /// finite numbers.
    pub fn variances(&self, x0: &[f64], seed: u64, total: usize) -> Result<Vec<Estimate>, StatisticsError> {
        let d = self.drift.dim();
        check_dimension("the start", d, x0)?;
        check_finite("the start", x0)?;
        let length = length(total)?;
        let streams = on_streams(|stream| {
            let mut random = Generator::new(seed, stream);
            let (mut x, mut next) = (x0.to_vec(), vec![0.0; d]);
            let mut moments: Vec<Moments> = Vec::new();
            for k in 0..length + length / 8 {
                if k == length / 8 {
                    // A pivot near the mean keeps sums of squares exact.
                    moments = x.iter().map(|&x| Moments::about(x)).collect();
                }
                self.advance(&mut random, &x, &mut next);
                std::mem::swap(&mut x, &mut next);
                for (moments, &x) in moments.iter_mut().zip(&x) {
                    moments.add(x);
                }
            }
            match x.iter().all(|value| value.is_finite()) {
                true => Ok(moments),
                false => Err(StatisticsError::Diverged { h: self.dt, from: x0[0] }),
            }
        })?;
        Ok((0..d).map(|i| Moments::variance(streams.iter().map(|moments| &moments[i]))).collect())
    }
}

/// The drift of the stochastic modified equation of x⁺ = x - h(∇f + σξ) (Li, Tai & E 2019), dX = b dt + √h σ
/// dW with b = -∇f (order 1) or b = -∇(f + (h/4)|∇f|²) (order 2).
///
/// The orders are weak ones, of means of functions of X(kh) at times up to a fixed one. The stationary
/// variance on λx²/2 is hσ²/(λ(2 - hλ)) for the descent, hσ²/2λ in order 1 and hσ²/(λ(2 + hλ)) in order 2:
/// both miss it by O(h²), order 1 by h²σ²/4 and order 2 by h²σ²/2 to leading order. Order 2 is better for
/// means, and for the way there, not for this number.
///
/// ```
/// use shadowflow_numerics::{StochasticModified, VectorField, problems::Quadratic};
/// let second = StochasticModified::new(Quadratic::new(&[4.0]), 0.1, 1.0, 2)?;
/// // The gradient of 2x² + (h/4)·16x² at 1.
/// let mut drift = [0.0];
/// second.eval(&[1.0], &mut drift);
/// assert!((drift[0] + 4.8).abs() < 1e-14);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StochasticModified<V> {
    objective: V,
    h: f64,
    variance: f64,
    order: usize,
}

impl<V: Objective> StochasticModified<V> {
    /// Of order 1 or 2, for the learning rate h and gradient noise of variance σ² in every component.
    ///
    /// # Errors
    /// If h is not positive and finite, the variance negative or not finite, the order neither 1 nor 2, or
    /// there are no variables.
    pub fn new(
        objective: V,
        h: f64,
        variance: f64,
        order: usize,
    ) -> Result<StochasticModified<V>, InputError> {
        check_step(h)?;
        check_field(objective.variables())?;
        check_least("the variance of the noise", variance)?;
        check_order("the order of the stochastic modified equation", order, 1, 2)?;
        Ok(StochasticModified { objective, h, variance, order })
    }

    /// The equation with Euler & Maruyama's method of `substeps` steps for each h.
    ///
    /// # Errors
    /// If there are no substeps.
    pub fn diffusion(&self, substeps: usize) -> Result<Diffusion<'_, StochasticModified<V>>, InputError> {
        check_order("the number of substeps", substeps, 1, usize::MAX)?;
        Diffusion::new(self, (self.h * self.variance).sqrt(), self.h / substeps as f64)
    }

    /// The rate κ of the drift -κx in a component in which f has curvature λ: λ or λ(1 + hλ/2).
    pub fn rate(&self, curvature: f64) -> f64 {
        if self.order == 1 { curvature } else { curvature * (1.0 + 0.5 * self.h * curvature) }
    }

    /// The stationary variance hσ²/2κ in such a component. `None` unless λ > 0.
    pub fn stationary_variance(&self, curvature: f64) -> Option<f64> {
        (curvature > 0.0).then(|| 0.5 * self.h * self.variance / self.rate(curvature))
    }
}

impl<V: Objective> VectorField for StochasticModified<V> {
    fn dim(&self) -> usize {
        self.objective.variables()
    }

    fn eval(&self, x: &[f64], out: &mut [f64]) {
        self.objective.gradient(x, out);
        if self.order == 2 {
            // ∇(|∇f|²/4) = ∇²f ∇f/2, the slope of ∇f along ∇f.
            let along = |(&value, &slope): (&f64, &f64)| crate::Dual { value, slope };
            let point: Vec<crate::Dual<f64>> = x.iter().zip(out.iter()).map(along).collect();
            let mut gradient = vec![crate::Dual::from(0.0); x.len()];
            self.objective.gradient(&point, &mut gradient);
            for (out, gradient) in out.iter_mut().zip(&gradient) {
                *out += 0.5 * self.h * gradient.slope;
            }
        }
        for out in out {
            *out = -*out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{DoubleWell, Quadratic, Rosenbrock};
    use crate::{Gibbs, GradientFlow, NoisyDescent};
    use shadowflow_methods::Method;

    #[test]
    fn variances_are_those_of_the_scheme_in_every_component() {
        let curvatures = [1.0, 3.0];
        let field = GradientFlow(Quadratic::new(&curvatures));
        for dt in [0.1, 0.5] {
            let diffusion = Diffusion::langevin(&field, 0.2, dt).unwrap();
            let found = diffusion.variances(&[0.5, -0.5], 3, 1_000_000).unwrap();
            for (found, curvature) in found.iter().zip(curvatures) {
                let expected = diffusion.stationary_variance(curvature).unwrap();
                assert!(
                    found.deviation(expected) < 4.0 && found.error < 0.02 * expected,
                    "{found:?} {expected}"
                );
                // The negative control: the equation itself has T/λ, which such steps miss by far.
                assert!(found.deviation(0.2 / curvature) > 5.0, "{found:?}");
            }
        }
        assert_eq!(Diffusion::langevin(&field, 0.2, 1.0).unwrap().stationary_variance(2.0), None);
    }

    #[test]
    fn stationary_variances_of_descent_and_both_equations() {
        // f = x²/2: hσ²/(2 - h), hσ²/2 and hσ²/(2 + h).
        let (h, variance, curvature) = (0.4, 1.5, 1.0);
        let objective = Quadratic::new(&[curvature]);
        let field = GradientFlow(objective.clone());
        let descent = NoisyDescent::new(&field, h, variance, 1).unwrap();
        let expected = h * variance / (2.0 - h);
        assert!((descent.stationary_variance(curvature).unwrap() - expected).abs() < 1e-15);
        // A step of descent is one of Euler's for the first equation.
        let first = StochasticModified::new(objective.clone(), h, variance, 1).unwrap();
        let one = first.diffusion(1).unwrap();
        assert!((one.stationary_variance(curvature).unwrap() - expected).abs() < 1e-15);
        assert!(one.variances(&[0.0], 5, 1_000_000).unwrap()[0].deviation(expected) < 4.0);
        for (order, expected) in [(1, h * variance / 2.0), (2, h * variance / (2.0 + h))] {
            let equation = StochasticModified::new(objective.clone(), h, variance, order).unwrap();
            assert!((equation.stationary_variance(curvature).unwrap() - expected).abs() < 1e-15);
            // Twenty substeps: the scheme is off by κΔ/2 = 1.2 % at most, as its own closed form says.
            let fine = equation.diffusion(20).unwrap();
            let scheme = fine.stationary_variance(equation.rate(curvature)).unwrap();
            assert!((scheme / expected - 1.0).abs() < 0.013, "{scheme} {expected}");
            let found = fine.variances(&[0.0], 5, 1_000_000).unwrap()[0];
            assert!(found.deviation(scheme) < 4.0 && found.error < 0.02 * scheme, "{found:?} {scheme}");
        }
    }

    #[test]
    fn the_drift_of_order_two_is_the_modified_equation_of_descent() {
        // The same field from Euler's B-series through h.
        let (h, objective, x) = (0.01, Rosenbrock::default(), [-0.7, 1.2]);
        let (mut found, mut expected) = ([0.0; 2], [0.0; 2]);
        StochasticModified::new(objective, h, 1.0, 2).unwrap().eval(&x, &mut found);
        let field = GradientFlow(objective);
        let euler = Method::named("euler").unwrap();
        let modified = crate::ModifiedEquation::new(&field, euler.tableau(), 1).unwrap();
        modified.at_step(h).unwrap().eval(&x, &mut expected);
        for (found, expected) in found.iter().zip(expected) {
            // Rounding.
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn langevins_equation_has_gibbs_law() {
        // A double well at T = 0.4, crossed often; Δ = 0.005 moves the variance by O(Δ).
        let field = GradientFlow(DoubleWell);
        let found =
            Diffusion::langevin(&field, 0.4, 0.005).unwrap().variances(&[1.0], 7, 1_500_000).unwrap()[0];
        let expected = Gibbs::new(DoubleWell, 0.4).unwrap().variance();
        assert!((found.value - expected).abs() < 4.0 * found.error + 0.005, "{found:?} {expected}");
        assert!(found.error < 0.05 * expected, "{found:?}");
    }

    #[test]
    fn paths_are_fixed_by_seed_and_stream() {
        let field = GradientFlow(Quadratic::new(&[1.0, 2.0]));
        let diffusion = Diffusion::langevin(&field, 1.0, 0.1).unwrap();
        let path = |seed, stream| diffusion.path(&[0.0, 0.0], 20, 1e3, seed, stream).unwrap();
        assert_eq!(path(1, 2), path(1, 2));
        assert_ne!(path(1, 2), path(1, 3));
        assert_ne!(path(1, 2), path(2, 2));
        let cold = Diffusion::langevin(&field, 0.0, 0.1).unwrap();
        let end = cold.path(&[1.0, 1.0], 10, 1e3, 1, 1).unwrap();
        // Without noise it is gradient descent.
        assert!(
            (end.last()[0] - 0.9f64.powi(10)).abs() < 1e-15
                && (end.last()[1] - 0.8f64.powi(10)).abs() < 1e-15
        );
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let field = GradientFlow(Quadratic::new(&[1.0]));
        assert!(matches!(Diffusion::new(&field, 1.0, 0.0), Err(InputError::Step { .. })));
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(
                Diffusion::new(&field, bad, 0.1).is_err() && Diffusion::langevin(&field, bad, 0.1).is_err()
            );
            assert!(StochasticModified::new(DoubleWell, 0.1, bad, 1).is_err());
        }
        for order in [0, 3] {
            assert!(StochasticModified::new(DoubleWell, 0.1, 1.0, order).is_err());
        }
        assert!(StochasticModified::new(DoubleWell, 0.1, 1.0, 1).unwrap().diffusion(0).is_err());
        let diffusion = Diffusion::new(&field, 1.0, 0.1).unwrap();
        assert!(diffusion.variances(&[f64::NAN], 1, 100_000).is_err());
        assert!(diffusion.variances(&[0.0, 0.0], 1, 100_000).is_err());
        assert!(diffusion.variances(&[0.0], 1, 1000).is_err());
        let wild = Diffusion::new(&field, 1.0, 2.5).unwrap();
        assert!(matches!(wild.variances(&[0.0], 1, 200_000), Err(StatisticsError::Diverged { .. })));
    }
}
