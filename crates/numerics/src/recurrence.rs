//! R of a stabilised method, summed along its recurrence.

use num_complex::Complex64;
use shadowflow_methods::{Exact, Recurrence};

/// The three-term recurrence of a stabilised method in doubles. Along it rounding errors hardly grow, where the coefficients of R
/// alternate in sign and lose all digits from about 16 stages on.
#[derive(Clone, Debug)]
pub(crate) struct StabilityRecurrence {
    /// 1 - μⱼ - νⱼ, μⱼ, νⱼ, μ̃ⱼ, γ̃ⱼ.
    steps: Vec<[f64; 5]>,
}

impl StabilityRecurrence {
    pub(crate) fn new(recurrence: &Recurrence) -> StabilityRecurrence {
        let steps = (0..recurrence.stages()).map(|j| {
            let (mu, nu) = (&recurrence.mu[j], &recurrence.nu[j]);
            // Exactly: the weights of Y₀ are small differences. The first stage is Y₀ + μ̃ h f(Y₀).
            let rest = &(&Exact::ONE - mu) - nu;
            [&rest, mu, nu, &recurrence.mu_tilde[j], &recurrence.gamma_tilde[j]].map(Exact::to_f64)
        });
        StabilityRecurrence { steps: steps.collect() }
    }

    pub(crate) fn stages(&self) -> usize {
        self.steps.len()
    }

    /// R(z) and R'(z).
    pub(crate) fn value_and_slope(&self, z: Complex64) -> (Complex64, Complex64) {
        let zero = (Complex64::ZERO, Complex64::ZERO);
        let (mut before, mut last) = (zero, (Complex64::ONE, Complex64::ZERO));
        for &[rest, mu, nu, mu_tilde, gamma_tilde] in &self.steps {
            let along = z * mu_tilde + mu;
            let next = (
                along * last.0 + before.0 * nu + z * gamma_tilde + rest,
                along * last.1 + last.0 * mu_tilde + before.1 * nu + gamma_tilde,
            );
            (before, last) = (last, next);
        }
        last
    }

    /// |R(z)|, infinite where it exceeds the doubles.
    pub(crate) fn modulus(&self, z: Complex64) -> f64 {
        let (mut before, mut last) = (Complex64::ZERO, Complex64::ONE);
        for &[rest, mu, nu, mu_tilde, gamma_tilde] in &self.steps {
            let next = (z * mu_tilde + mu) * last + before * nu + z * gamma_tilde + rest;
            (before, last) = (last, next);
        }
        let modulus = last.re.hypot(last.im);
        // Beyond the doubles differences of infinities are undefined.
        if modulus.is_nan() { f64::INFINITY } else { modulus }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::{Extent, Method};

    #[test]
    fn where_coefficients_still_have_digits_both_agree() {
        for name in ["rkc(s=8,damping=0.05)", "rkc2(s=8)", "rkl1(s=7)", "rkl2(s=7)", "rkg1(s=6)", "rkg2(s=6)"]
        {
            let method = Method::named(name).unwrap();
            let function = method.tableau().stability_function();
            let recurrence = StabilityRecurrence::new(method.tableau().recurrence().unwrap());
            for k in 0..40 {
                let z = Complex64::from_polar(0.5 * f64::from(k), 2.0 + 0.1 * f64::from(k));
                let (value, slope) = recurrence.value_and_slope(z);
                let direct = function.eval(z);
                // Sums of coefficients cancel by some 10⁵ at |z| = 20.
                assert!(
                    (value - direct).norm() < 1e-9 * (1.0 + direct.norm()),
                    "{name} at {z}: {value} {direct}"
                );
                let step = 1e-6 * (1.0 + z.norm());
                let difference = (function.eval(z + step) - function.eval(z - step)) / (2.0 * step);
                assert!((slope - difference).norm() < 1e-5 * (1.0 + difference.norm()), "{name} at {z}");
            }
        }
    }

    #[test]
    fn of_many_stages_the_end_of_the_interval_is_where_algebra_puts_it() {
        for name in ["rkc(s=50,damping=0.05)", "rkl1(s=41)", "rkl2(s=40)"] {
            let method = Method::named(name).unwrap();
            let Extent::Bounded(end) = method.tableau().stability_function().real_interval() else {
                panic!()
            };
            let recurrence = StabilityRecurrence::new(method.tableau().recurrence().unwrap());
            assert!(recurrence.modulus((-end * (1.0 - 1e-6)).into()) < 1.0, "{name}");
            assert!(recurrence.modulus((-end * (1.0 + 1e-6)).into()) > 1.0, "{name}");
        }
        let far = StabilityRecurrence::new(
            Method::named("rkc(s=50,damping=0.05)").unwrap().tableau().recurrence().unwrap(),
        );
        assert_eq!(far.modulus(Complex64::new(1e200, 1e200)), f64::INFINITY);
    }
}
