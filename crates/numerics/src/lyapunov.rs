//! How fast nearby orbits part: Lyapunov exponents with their errors, and a test for chaos that does without them.

use nalgebra::DMatrix;

use crate::error::{InputError, check_order};
use crate::map::check_map;
use crate::{Map, OrbitError, StepError, Tangent};

/// Means over so many stretches of the orbit tell how uncertain the mean over all of it is.
const BATCHES: usize = 32;

/// The Lyapunov exponents of an orbit, λ₁ ≥ … ≥ λ_d, per step.
///
/// By QR factorisation of the derivatives along the orbit (Benettin, Galgani, Giorgilli & Strelcyn 1980). The error of each is that
/// of the mean of 32 batch means, one standard deviation, with their autocorrelation in it as far as batches are longer
/// than it.
///
/// ```
/// use shadowflow_numerics::{Map, Lyapunov, Scalar};
/// /// 4x(1 - x), whose exponent is ln 2.
/// struct Logistic;
/// impl Map for Logistic {
///     fn dim(&self) -> usize { 1 }
///     fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
///         next[0] = h * x[0] * (-x[0] + 1.0);
///     }
/// }
/// let found = Lyapunov::of(&Logistic, 4.0, &[0.3], 1000, 100_000)?;
/// assert!((found.exponents()[0] - 2f64.ln()).abs() < 5.0 * found.errors()[0] + 1e-4);
/// # Ok::<(), shadowflow_numerics::OrbitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lyapunov {
    exponents: Vec<f64>,
    errors: Vec<f64>,
    last: Vec<f64>,
}

impl Lyapunov {
    /// Of the orbit of `x0` over `steps` steps behind a `transient`.
    ///
    /// # Errors
    /// If h is not positive and finite, the start has the wrong dimension or is not finite, there are fewer than 32 steps, or the
    /// orbit leaves the finite numbers.
    pub fn of<M: Map>(
        map: &M,
        h: f64,
        x0: &[f64],
        transient: usize,
        steps: usize,
    ) -> Result<Lyapunov, OrbitError> {
        check_map(map, h, x0)?;
        check_order("the number of steps", steps, BATCHES, usize::MAX)?;
        let d = x0.len();
        let mut x = x0.to_vec();
        let mut next = vec![0.0; d];
        for step in 1..=transient {
            map.step(h, &x, &mut next);
            check_step_to(&next, h, &x, step)?;
            std::mem::swap(&mut x, &mut next);
        }
        let mut frame = DMatrix::<f64>::identity(d, d);
        let mut means = vec![vec![0.0; d]; BATCHES];
        let mut taken = 0;
        for (batch, mean) in means.iter_mut().enumerate() {
            let until = steps * (batch + 1) / BATCHES;
            let length = (until - taken) as f64;
            while taken < until {
                let tangent = Tangent::of(map, h, &x);
                taken += 1;
                check_step_to(tangent.image(), h, &x, transient + taken)?;
                x.copy_from_slice(tangent.image());
                // In one dimension the slope is all there is.
                if d == 1 {
                    mean[0] += floored(tangent.jacobian()[0]) / length;
                    continue;
                }
                let product = tangent.matrix() * &frame;
                if !product.iter().all(|entry| entry.is_finite()) {
                    return Err(not_finite(h, &x, transient + taken));
                }
                let factors = product.qr();
                let r = factors.r();
                for (k, mean) in mean.iter_mut().enumerate() {
                    *mean += floored(r[(k, k)]) / length;
                }
                frame = factors.q();
            }
        }
        let count = BATCHES as f64;
        let mean_of = |k: usize| means.iter().map(|mean| mean[k]).sum::<f64>() / count;
        let mut found: Vec<(f64, f64)> = (0..d)
            .map(|k| {
                let mean = mean_of(k);
                let variance = means.iter().map(|m| (m[k] - mean).powi(2)).sum::<f64>() / (count - 1.0);
                (mean, (variance / count).sqrt())
            })
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (exponents, errors) = found.into_iter().unzip();
        Ok(Lyapunov { exponents, errors, last: x })
    }

    /// λ₁ ≥ … ≥ λ_d.
    pub fn exponents(&self) -> &[f64] {
        &self.exponents
    }

    /// One standard deviation of each.
    pub fn errors(&self) -> &[f64] {
        &self.errors
    }

    /// The last point of the orbit.
    pub fn last(&self) -> &[f64] {
        &self.last
    }

    /// The dimension k + (λ₁ + … + λ_k)/|λ_{k+1}|, k the most exponents of which the sum is not negative (Kaplan & Yorke 1979).
    /// 0 if the first is negative, d if no sum is.
    pub fn kaplan_yorke(&self) -> f64 {
        let mut sum = 0.0;
        for (k, &exponent) in self.exponents.iter().enumerate() {
            if sum + exponent < 0.0 {
                return k as f64 + if k == 0 { 0.0 } else { sum / exponent.abs() };
            }
            sum += exponent;
        }
        self.exponents.len() as f64
    }
}

/// ln|r|, of 0 as of the smallest number: a superstable orbit has no exponent but -∞, which no mean would survive.
fn floored(r: f64) -> f64 {
    r.abs().max(f64::MIN_POSITIVE).ln()
}

fn check_step_to(next: &[f64], h: f64, x: &[f64], step: usize) -> Result<(), OrbitError> {
    if next.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(not_finite(h, x, step)) }
}

fn not_finite(h: f64, x: &[f64], step: usize) -> OrbitError {
    OrbitError::Step { step, source: StepError::NotFinite { h, at: x.to_vec() } }
}

/// The 0–1 test for chaos of a sequence of observations: near 1 for chaos, near 0 for periodic and quasi-periodic motion (Gottwald
/// & Melbourne 2009, in the correlation form with the oscillating term removed; the median over 100 frequencies).
///
/// ```
/// use shadowflow_numerics::zero_one_test;
/// let orbit = |r: f64| std::iter::successors(Some(0.3f64), move |x| Some(r * x * (1.0 - x))).skip(1000).take(3000);
/// assert!(zero_one_test(&orbit(4.0).collect::<Vec<_>>())? > 0.95);
/// assert!(zero_one_test(&orbit(3.5).collect::<Vec<_>>())? < 0.05);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
///
/// # Errors
/// If there are fewer than 200 observations, or one is not finite.
pub fn zero_one_test(observations: &[f64]) -> Result<f64, InputError> {
    const FREQUENCIES: usize = 100;
    check_order("the number of observations", observations.len(), 200, usize::MAX)?;
    crate::error::check_finite("the list of observations", observations)?;
    let n = observations.len();
    let lags = n / 10;
    let mean = observations.iter().sum::<f64>() / n as f64;
    // On a constant sequence nothing moves.
    if observations.iter().all(|x| (x - mean).abs() <= 1e-9 * (1.0 + mean.abs())) {
        return Ok(0.0);
    }
    let mut correlations: Vec<f64> = (0..FREQUENCIES)
        .map(|k| {
            // Even in (π/5, 4π/5), off simple resonances.
            let c = std::f64::consts::PI * (0.2 + 0.6 * (k as f64 * 0.618_033_988_749_894_9 + 0.31).fract());
            let (mut p, mut q) = (vec![0.0; n + 1], vec![0.0; n + 1]);
            for (j, x) in observations.iter().enumerate() {
                let (sine, cosine) = (c * (j + 1) as f64).sin_cos();
                p[j + 1] = p[j] + x * cosine;
                q[j + 1] = q[j] + x * sine;
            }
            let displacement = |lag: usize| {
                let count = n - lags;
                let sum: f64 =
                    (0..count).map(|j| (p[j + lag] - p[j]).powi(2) + (q[j + lag] - q[j]).powi(2)).sum();
                let oscillation = mean * mean * (1.0 - (c * lag as f64).cos()) / (1.0 - c.cos());
                sum / count as f64 - oscillation
            };
            let points: Vec<(f64, f64)> = (1..=lags).map(|lag| (lag as f64, displacement(lag))).collect();
            correlation(&points)
        })
        .collect();
    correlations.sort_by(f64::total_cmp);
    Ok(correlations[FREQUENCIES / 2])
}

fn correlation(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for p in points {
        xx += (p.0 - x).powi(2);
        yy += (p.1 - y).powi(2);
        xy += (p.0 - x) * (p.1 - y);
    }
    if xx * yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::{Cubic, Logistic};
    use crate::problems::DoubleWell;
    use crate::{GradientFlow, Iteration, Optimizer, Scalar};

    #[test]
    fn known_exponents_lie_within_their_errors() {
        let logistic = Lyapunov::of(&Logistic, 4.0, &[0.3], 100, 400_000).unwrap();
        // ln 2, and ln 3 of the cubic map at h = 2: conjugate to foldings of slope 2 and 3.
        let cubic = Lyapunov::of(&Cubic, 2.0, &[0.3], 100, 400_000).unwrap();
        for (found, exact) in [(logistic, 2f64.ln()), (cubic, 3f64.ln())] {
            let (value, error) = (found.exponents()[0], found.errors()[0]);
            assert!(error < 3e-3 && (value - exact).abs() < 5.0 * error, "{value} ± {error} against {exact}");
            assert_eq!(found.kaplan_yorke(), 1.0);
        }
    }

    #[test]
    fn a_settled_orbit_has_the_exponent_of_its_multiplier() {
        // At h = 0.9 the cubic map has the multiplier 1 - 2h = -0.8 at 1.
        let found = Lyapunov::of(&Cubic, 0.9, &[0.3], 2000, 3200).unwrap();
        assert!((found.exponents()[0] - 0.8f64.ln()).abs() < 1e-13, "{found:?}");
        assert_eq!(found.kaplan_yorke(), 0.0);
    }

    #[test]
    fn momentum_contracts_volumes_by_beta_at_every_step() {
        let optimizer = Optimizer::named("heavy-ball(beta=0.6)").unwrap();
        let map = Iteration::optimizer(&optimizer, GradientFlow(DoubleWell));
        let found = Lyapunov::of(&map, 0.8, &map.start(&[0.4]), 500, 6400).unwrap();
        let sum: f64 = found.exponents().iter().sum();
        // det D(x, x₋) = β exactly; rounding of some thousand factorisations.
        assert!((sum - 0.6f64.ln()).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn the_henon_map_has_its_published_exponents_and_dimension() {
        /// 1 - hx² + y, 0.3x.
        struct Henon;
        impl Map for Henon {
            fn dim(&self) -> usize {
                2
            }
            fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                next[0] = -h * x[0] * x[0] + x[1] + 1.0;
                next[1] = x[0] * 0.3;
            }
        }
        let found = Lyapunov::of(&Henon, 1.4, &[0.1, 0.1], 1000, 400_000).unwrap();
        // 0.4192, -1.6232 and 1.2583 (Sprott 2003, Chaos and Time-Series Analysis, table A.2).
        assert!((found.exponents()[0] - 0.4192).abs() < 5.0 * found.errors()[0] + 1e-3, "{found:?}");
        assert!((found.exponents().iter().sum::<f64>() - 0.3f64.ln()).abs() < 1e-11);
        assert!((found.kaplan_yorke() - 1.2583).abs() < 3e-3, "{}", found.kaplan_yorke());
    }

    #[test]
    fn orbits_that_leave_have_none() {
        let failure = Lyapunov::of(&Cubic, 2.5, &[1.7], 1000, 1000).unwrap_err();
        assert!(matches!(failure, OrbitError::Step { step, .. } if step < 100), "{failure}");
        assert!(Lyapunov::of(&Cubic, 1.0, &[0.1], 0, 31).is_err());
        assert!(Lyapunov::of(&Cubic, 1.0, &[f64::NAN], 0, 100).is_err());
        assert!(zero_one_test(&[0.0; 199]).is_err());
    }

    #[test]
    fn quasi_periodic_motion_is_not_chaos() {
        let turn: Vec<f64> = (0..3000).map(|k| (f64::from(k) * 1.234_567).sin()).collect();
        assert!(zero_one_test(&turn).unwrap() < 0.1);
        assert_eq!(zero_one_test(&[0.7; 500]), Ok(0.0));
    }
}
