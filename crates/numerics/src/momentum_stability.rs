//! How large a step momentum allows: linear stability of x₊ = x + β(x - x₋) - h∇f(x + γ(x - x₋)) along a curvature λ.
//!
//! On f = λx²/2 the step is a recurrence with the characteristic polynomial
//! z² - (1 + β - hλ(1 + γ)) z + β - hλγ. Its roots lie in the unit disc iff three linear expressions in hλ are positive
//! (Jury 1962), so the stable steps are an interval with ends in closed form.

use num_complex::Complex64;

use crate::Optimizer;
use crate::error::{InputError, check_positive};

/// Momentum β with the gradient taken γ of the last step ahead: heavy ball for γ = 0 (Polyak 1964), Nesterov's method for
/// γ = β (Nesterov 1983), gradient descent for β = γ = 0.
///
/// ```
/// use shadowflow_numerics::Momentum;
/// // Nesterov's method with β = 1/2 is stable for 0 < hλ < 2(1 + β)/(1 + 2β).
/// let nesterov = Momentum::nesterov(0.5)?;
/// assert_eq!(nesterov.stable_interval(), Some((0.0, 1.5)));
/// assert_eq!(nesterov.sharpness_at_the_edge(0.1), Some(15.0));
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum {
    beta: f64,
    gamma: f64,
}

/// Constant parameters that are best for all curvatures in [μ, L] at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// The learning rate.
    pub h: f64,
    /// The momentum.
    pub beta: f64,
    /// By what a step multiplies the distance in the long run, the largest spectral radius over [μ, L].
    pub rate: f64,
}

impl Momentum {
    /// Any β and γ.
    ///
    /// # Errors
    /// If one of them is not finite.
    pub fn new(beta: f64, gamma: f64) -> Result<Momentum, InputError> {
        for (what, value) in [("beta", beta), ("gamma", gamma)] {
            if !value.is_finite() {
                return Err(InputError::Number { what, value, expected: "a finite number" });
            }
        }
        Ok(Momentum { beta, gamma })
    }

    /// Parameters that were checked elsewhere.
    pub(crate) fn checked(beta: f64, gamma: f64) -> Momentum {
        Momentum { beta, gamma }
    }

    /// Heavy ball.
    ///
    /// # Errors
    /// If β is not finite.
    pub fn heavy_ball(beta: f64) -> Result<Momentum, InputError> {
        Momentum::new(beta, 0.0)
    }

    /// Nesterov's method.
    ///
    /// # Errors
    /// If β is not finite.
    pub fn nesterov(beta: f64) -> Result<Momentum, InputError> {
        Momentum::new(beta, beta)
    }

    /// β.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// γ.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// The larger modulus of the two characteristic roots at `step` = hλ: the factor of the slower mode.
    pub fn spectral_radius(&self, step: Complex64) -> f64 {
        let trace = -step * (1.0 + self.gamma) + 1.0 + self.beta;
        let product = -step * self.gamma + self.beta;
        let root = (trace * trace - product * 4.0).sqrt();
        // The sum without cancellation; the other root has the modulus |product| over this one.
        let larger = if (trace.conj() * root).re >= 0.0 { trace + root } else { trace - root } * 0.5;
        larger.norm()
    }

    /// The open interval of hλ in which both roots lie inside the unit circle; `None` if there is none.
    ///
    /// It is where hλ > 0, 2(1 + β) > hλ(1 + 2γ), 1 - β + hλγ > 0 and 1 + β > hλγ.
    pub fn stable_interval(&self) -> Option<(f64, f64)> {
        let (beta, gamma) = (self.beta, self.gamma);
        let conditions =
            [(2.0 * (1.0 + beta), -(1.0 + 2.0 * gamma)), (1.0 - beta, gamma), (1.0 + beta, -gamma)];
        let (mut low, mut high) = (0.0f64, f64::INFINITY);
        for (constant, slope) in conditions {
            match () {
                () if slope > 0.0 => low = low.max(-constant / slope),
                () if slope < 0.0 => high = high.min(constant / -slope),
                () if constant <= 0.0 => return None,
                () => {}
            }
        }
        (low < high).then_some((low, high))
    }

    /// The sharpness at which the learning rate `h` is on the edge, (2 + 2β)/h for heavy ball and (2 + 2β)/((1 + 2β)h) for
    /// Nesterov's method (Cohen et al. 2021); `None` if no step is stable, none is too large, or h is not positive.
    pub fn sharpness_at_the_edge(&self, h: f64) -> Option<f64> {
        self.stable_interval().map(|(_, high)| high / h).filter(|edge| *edge > 0.0 && edge.is_finite())
    }

    /// The best constant gradient descent on curvatures in [μ, L]: h = 2/(L + μ), rate (κ - 1)/(κ + 1).
    ///
    /// # Errors
    /// Unless 0 < μ ≤ L < ∞.
    pub fn best_descent(mu: f64, largest: f64) -> Result<Tuning, InputError> {
        let kappa = condition(mu, largest)?;
        Ok(Tuning { h: 2.0 / (largest + mu), beta: 0.0, rate: (kappa - 1.0) / (kappa + 1.0) })
    }

    /// The best heavy ball on curvatures in [μ, L]: h = 4/(√L + √μ)², β = rate², rate (√κ - 1)/(√κ + 1) (Polyak 1964).
    ///
    /// # Errors
    /// Unless 0 < μ ≤ L < ∞.
    pub fn best_heavy_ball(mu: f64, largest: f64) -> Result<Tuning, InputError> {
        let root = condition(mu, largest)?.sqrt();
        let rate = (root - 1.0) / (root + 1.0);
        Ok(Tuning { h: (2.0 / (largest.sqrt() + mu.sqrt())).powi(2), beta: rate * rate, rate })
    }

    /// The best of Nesterov's method on curvatures in [μ, L]: h = 4/(3L + μ), β = (√(3κ + 1) - 2)/(√(3κ + 1) + 2), rate
    /// 1 - 2/√(3κ + 1) (Lessard, Recht & Packard 2016, Proposition 1).
    ///
    /// # Errors
    /// Unless 0 < μ ≤ L < ∞.
    pub fn best_nesterov(mu: f64, largest: f64) -> Result<Tuning, InputError> {
        let root = (3.0 * condition(mu, largest)? + 1.0).sqrt();
        Ok(Tuning {
            h: 4.0 / (3.0 * largest + mu),
            beta: (root - 2.0) / (root + 2.0),
            rate: 1.0 - 2.0 / root,
        })
    }
}

/// κ = L/μ.
fn condition(mu: f64, largest: f64) -> Result<f64, InputError> {
    for (what, value) in [("the smallest curvature", mu), ("the largest curvature", largest)] {
        check_positive(what, value)?;
    }
    match largest / mu {
        kappa if kappa >= 1.0 => Ok(kappa),
        _ => Err(InputError::Number {
            what: "the largest curvature",
            value: largest,
            expected: "at least the smallest",
        }),
    }
}

impl Optimizer {
    /// The h·λ below which the optimizer is stable along a curvature λ: 2(1 + β) for heavy ball, 2(1 + β)/(1 + 2β) for
    /// Nesterov's method.
    ///
    /// Of Adam and RMSProp it is (2 + 2β₁)/(1 - β₁), and λ an eigenvalue of P⁻¹∇²f with P the diagonal √(v + ε), taken as
    /// frozen (Cohen et al. 2022): averages of gradients m ↦ β₁m + (1 - β₁)g are heavy ball with the step h(1 - β₁).
    ///
    /// ```
    /// use shadowflow_numerics::Optimizer;
    /// assert!((Optimizer::named("adam(beta1=0.9)")?.edge() - 38.0).abs() < 1e-13);
    /// assert_eq!(Optimizer::named("rmsprop")?.edge(), 2.0);
    /// # Ok::<(), shadowflow_numerics::OptimizerError>(())
    /// ```
    pub fn edge(&self) -> f64 {
        let (momentum, share) = self.linear_part();
        // Parameters were checked when the optimizer was made: 0 ≤ β < 1 has stable steps.
        momentum.stable_interval().map_or(0.0, |interval| interval.1) / share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Limits and spectral radii from an independent computation in high precision: β, the limit of heavy ball, its radius
    /// at 0.99 and 1.01 of it, the same of Nesterov's method.
    const REFERENCE: [(f64, [f64; 3], [f64; 3]); 4] = [
        (0.0, [2.0, 0.98, 1.02], [2.0, 0.98, 1.02]),
        (
            0.25,
            [2.5, 0.966274292452123, 1.03298230048891],
            [1.6666666666666667, 0.978560285160069, 1.02141784095042],
        ),
        (0.5, [3.0, 0.935561711201316, 1.0569332115399], [1.5, 0.975970599539088, 1.02397177514963]),
        (0.75, [3.5, 0.866025403784439, 1.10826897367323], [1.4, 0.973025579965105, 1.02687400084559]),
    ];

    #[test]
    fn limits_and_radii_are_those_computed_elsewhere() {
        for (beta, heavy_ball, nesterov) in REFERENCE {
            for (method, [limit, before, beyond]) in
                [(Momentum::heavy_ball(beta), heavy_ball), (Momentum::nesterov(beta), nesterov)]
            {
                let method = method.unwrap();
                let (low, high) = method.stable_interval().unwrap();
                assert!(low == 0.0 && (high - limit).abs() < 1e-15, "{beta}: {high}");
                for (share, radius) in [(0.99, before), (1.0, 1.0), (1.01, beyond)] {
                    let found = method.spectral_radius((share * limit).into());
                    assert!((found - radius).abs() < 1e-14, "{beta} at {share}: {found} {radius}");
                }
            }
        }
    }

    proptest! {
        /// The interval in closed form is where the eigenvalues say so.
        #[test]
        fn inside_is_stable_and_outside_is_not(beta in -2.0..2.0, gamma in -2.0..2.0, step in 0.001..8.0f64) {
            let method = Momentum::new(beta, gamma).unwrap();
            let radius = method.spectral_radius(Complex64::from(step));
            let inside = method.stable_interval().is_some_and(|(low, high)| low < step && step < high);
            prop_assert!(inside == (radius < 1.0) || (radius - 1.0).abs() < 1e-9, "{} {:?}", radius, method.stable_interval());
        }

        /// The iteration itself as the oracle: x grows or shrinks like the spectral radius.
        #[test]
        fn orbits_grow_by_the_spectral_radius(beta in -0.9..0.95, gamma in -0.5..1.0, step in 0.01..4.0f64) {
            let method = Momentum::new(beta, gamma).unwrap();
            let (mut x, mut before, mut logarithm) = (1.0f64, 0.3, 0.0);
            for _ in 0..20_000 {
                let next = x + beta * (x - before) - step * (x + gamma * (x - before));
                (before, x) = (x, next);
                let size = x.hypot(before);
                logarithm += size.ln();
                (x, before) = (x / size, before / size);
            }
            let rate = (logarithm / 20_000.0).exp();
            // Transients and double roots fade like log n/n.
            prop_assert!((rate / method.spectral_radius(Complex64::from(step)) - 1.0).abs() < 2e-3);
        }

        #[test]
        fn tunings_are_as_quick_as_they_say_and_no_neighbour_is_quicker(exponent in 0.1..4.0f64, mu in 0.01..10.0f64) {
            let largest = mu * 10f64.powf(exponent);
            let worst = |method: Momentum, h: f64| {
                // The radius is largest at an end of the interval.
                [mu, largest].map(|curvature: f64| method.spectral_radius(Complex64::from(h * curvature))).into_iter().fold(0.0, f64::max)
            };
            let heavy_ball = |h: f64, beta: f64| worst(Momentum::heavy_ball(beta).unwrap(), h);
            let nesterov = |h: f64, beta: f64| worst(Momentum::nesterov(beta).unwrap(), h);
            type Rate<'a> = &'a dyn Fn(f64, f64) -> f64;
            let families: [(Tuning, Rate<'_>); 3] = [
                (Momentum::best_descent(mu, largest).unwrap(), &|h, _| heavy_ball(h, 0.0)),
                (Momentum::best_heavy_ball(mu, largest).unwrap(), &heavy_ball),
                (Momentum::best_nesterov(mu, largest).unwrap(), &nesterov),
            ];
            for (tuning, rate) in families {
                // Double roots: half the digits.
                prop_assert!((rate(tuning.h, tuning.beta) - tuning.rate).abs() < 1e-6, "{:?}", tuning);
                for (dh, db) in [(1.01, 0.0), (0.99, 0.0), (1.0, 0.01), (1.0, -0.01), (1.01, 0.01), (0.99, -0.01)] {
                    prop_assert!(rate(tuning.h * dh, tuning.beta + db) > tuning.rate - 1e-6, "{:?}", tuning);
                }
            }
        }
    }

    /// Adam's averages with a frozen preconditioner, step by step.
    #[test]
    fn averaged_gradients_are_stable_up_to_the_edge() {
        for beta1 in [0.0, 0.5, 0.9] {
            let adam = Optimizer::adam(beta1, 0.999, 1e-8).unwrap();
            assert!((adam.edge() - (2.0 + 2.0 * beta1) / (1.0 - beta1)).abs() < 1e-12);
            let size_after = |step: f64| {
                let (mut x, mut m) = (1.0f64, 0.0);
                for _ in 0..20_000 {
                    m = beta1 * m + (1.0 - beta1) * x;
                    x -= step * m;
                    if x.abs() > 1e9 {
                        break;
                    }
                }
                x.abs()
            };
            assert!(size_after(0.99 * adam.edge()) < 1e-6);
            assert!(size_after(1.01 * adam.edge()) > 1e6);
        }
    }

    #[test]
    fn no_momentum_of_one_or_more_without_looking_ahead() {
        assert_eq!(Momentum::heavy_ball(1.0).unwrap().stable_interval(), None);
        assert_eq!(Momentum::heavy_ball(-1.0).unwrap().stable_interval(), None);
        // Looking ahead damps what is too fast.
        assert!(Momentum::nesterov(1.5).unwrap().stable_interval().is_some());
        assert!(Momentum::new(f64::NAN, 0.0).is_err() && Momentum::best_heavy_ball(2.0, 1.0).is_err());
    }
}
