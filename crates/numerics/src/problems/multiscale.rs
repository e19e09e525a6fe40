//! V = a x⁴/4 + b x²/2 + ε sin(x/ε), a smooth landscape with fine ripples.

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = V₀ + ε sin(x/ε) over V₀ = a x⁴/4 + b x²/2, ε > 0 (Kong & Tao 2020).
///
/// V₀ is a double well for a = 1, b = -1 and a parabola for a = 0. The ripples are low but steep: they change the slope
/// by up to 1 and the curvature by up to 1/ε, however small ε is. A learning rate h far above ε steps over them, and gradient
/// descent becomes x⁺ = x - hV₀'(x) - h cos U with a phase U that is nearly uniform and independent.
#[derive(Clone, Copy, Debug)]
pub struct Multiscale {
    /// The coefficient a ≥ 0 of x⁴/4.
    pub quartic: f64,
    /// The coefficient b of x²/2.
    pub quadratic: f64,
    /// The length ε of the ripples, over 2π.
    pub ripple: f64,
}

impl Default for Multiscale {
    /// The double well with ε = 1/10.
    fn default() -> Multiscale {
        Multiscale { quartic: 1.0, quadratic: -1.0, ripple: 0.1 }
    }
}

impl Multiscale {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "multiscale",
        title: "a double well, or for a = 0 a parabola, with fine ripples",
        source: "Kong & Tao (2020), Stochasticity of deterministic gradient descent",
        variables: &["x"],
        parameters: &[("a", "1"), ("b", "-1"), ("epsilon", "1/10")],
        formula: Given::Objective("a*x^4/4 + b*x^2/2 + epsilon*sin(x/epsilon)"),
        field: |x, out| GradientFlow(Multiscale::default()).eval(x, out),
    };

    /// The limit of the Lyapunov exponent of gradient descent as ε/h → 0: ln(h/2ε), the mean of ln|(h/ε) sin U| over a
    /// uniform U.
    pub fn limiting_exponent(&self, h: f64) -> f64 {
        (0.5 * h / self.ripple).ln()
    }

    /// The temperature T = hσ²/2 = h/4 at which Gibbs' density, proportional to exp(-V₀/T), describes the iterates for
    /// ε ≪ h ≪ 1: σ² = 1/2 is the variance of cos U.
    pub fn temperature(h: f64) -> f64 {
        0.25 * h
    }

    /// The stationary variance h/(2b(2 - hb)) of x⁺ = (1 - hb)x - h cos U, to which gradient descent on the rippled
    /// parabola tends as ε/h → 0. `None` for a ≠ 0, or unless 0 < hb < 2.
    pub fn limiting_variance(&self, h: f64) -> Option<f64> {
        let rate = h * self.quadratic;
        (self.quartic == 0.0 && 0.0 < rate && rate < 2.0).then(|| 0.5 * h / (self.quadratic * (2.0 - rate)))
    }
}

impl Objective for Multiscale {
    fn variables(&self) -> usize {
        1
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let square = x[0] * x[0];
        square * (square * (0.25 * self.quartic) + 0.5 * self.quadratic)
            + (x[0] / self.ripple).sin() * self.ripple
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[0] * (x[0] * x[0] * self.quartic + self.quadratic) + (x[0] / self.ripple).cos();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    /// The mean of x² and of ln|1 - hV''| along 10⁶ steps of gradient descent.
    fn averages(problem: &Multiscale, h: f64) -> (f64, f64) {
        let (mut x, mut square, mut exponent) = ([0.3], 0.0, 0.0);
        let (mut gradient, mut hessian) = ([0.0], [0.0]);
        let n = 1_000_000;
        for _ in 0..n {
            problem.gradient(&x, &mut gradient);
            problem.hessian(&x, &mut hessian);
            exponent += (1.0 - h * hessian[0]).abs().ln();
            x[0] -= h * gradient[0];
            square += x[0] * x[0];
        }
        (square / f64::from(n), exponent / f64::from(n))
    }

    #[test]
    fn derivatives_agree() {
        for problem in [Multiscale::default(), Multiscale { quartic: 0.0, quadratic: 2.0, ripple: 0.3 }] {
            for x in [-1.3, 0.0, 0.05, 0.9] {
                check::derivatives_agree(&problem, &[x]);
            }
        }
    }

    #[test]
    fn iterates_have_the_limiting_variance_and_exponent() {
        let problem = Multiscale { quartic: 0.0, quadratic: 1.0, ripple: 1e-6 };
        let h = 0.2;
        let (variance, exponent) = averages(&problem, h);
        // A squared coordinate has relative deviation √2, correlated over 1/(2h) steps: √2·√(2·2.5/10⁶) = 0.003, and four
        // of these are allowed. The logarithm deviates by π/√12 = 0.9, almost independently: 0.0009.
        let expected = problem.limiting_variance(h).unwrap();
        assert!((variance / expected - 1.0).abs() < 0.013, "{variance} against {expected}");
        let expected = problem.limiting_exponent(h);
        assert!((exponent - expected).abs() < 0.004, "{exponent} against {expected}");
        // The variance of Gibbs' density is T/b, which the exact one meets as h → 0.
        assert!(
            (problem.limiting_variance(1e-9).unwrap() / Multiscale::temperature(1e-9) - 1.0).abs() < 1e-8
        );
        assert_eq!(Multiscale::default().limiting_variance(h), None);
    }
}
