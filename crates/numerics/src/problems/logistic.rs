//! Regularised logistic regression on six points.

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = (1/6) Σ ln(1 + exp(-yᵢ(w xᵢ + b))) + λ(w² + b²)/2 in the variables (w, b): weight and bias of the odds
/// exp(wx + b) of class +1 against class -1 (Cox 1958).
///
/// The points -2, -1, 1 are of class -1 and 0, 2, 3 of class +1, so that no threshold parts them. V is strongly convex
/// for λ > 0.
#[derive(Clone, Copy, Debug)]
pub struct Logistic {
    /// The regularisation λ ≥ 0.
    pub regularisation: f64,
}

impl Default for Logistic {
    /// λ = 1/10.
    fn default() -> Logistic {
        Logistic { regularisation: 0.1 }
    }
}

impl Logistic {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "logistic",
        title: "regularised logistic regression on six points, with weight w and bias b",
        source: "Cox (1958), The regression analysis of binary sequences; data of this project",
        variables: &["w", "b"],
        parameters: &[("lambda", "1/10")],
        formula: Given::Objective(
            "(log(1 + exp(b - 2*w)) + log(1 + exp(b - w)) + log(1 + exp(w + b)) \
             + log(1 + exp(-b)) + log(1 + exp(-2*w - b)) + log(1 + exp(-3*w - b)))/6 + lambda*(w^2 + b^2)/2",
        ),
        field: |x, out| GradientFlow(Logistic::default()).eval(x, out),
    };

    /// The points xᵢ with their classes yᵢ = ±1.
    pub const POINTS: [(f64, f64); 6] =
        [(-2.0, -1.0), (-1.0, -1.0), (0.0, 1.0), (1.0, -1.0), (2.0, 1.0), (3.0, 1.0)];

    /// Bounds on the eigenvalues of the Hessian, everywhere: λ and λ + (25 + √205)/48, because the logistic function
    /// has slopes up to 1/4, and (25 + √205)/2 is the larger eigenvalue of Σ (xᵢ, 1)ᵀ(xᵢ, 1).
    pub fn curvature_bounds(&self) -> [f64; 2] {
        [self.regularisation, self.regularisation + (25.0 + 205f64.sqrt()) / 48.0]
    }

    /// The minimum, to rounding, by Newton's method from 0.
    pub fn minimizer(&self) -> [f64; 2] {
        let mut x = [0.0; 2];
        // Convergence is quadratic from 0 even for λ = 0, and regularisation only helps: six rounds reach the last bit.
        for _ in 0..12 {
            let (mut g, mut h) = ([0.0; 2], [0.0; 4]);
            self.gradient(&x, &mut g);
            self.hessian(&x, &mut h);
            let determinant = h[0] * h[3] - h[1] * h[2];
            x[0] -= (h[3] * g[0] - h[1] * g[1]) / determinant;
            x[1] -= (h[0] * g[1] - h[2] * g[0]) / determinant;
        }
        x
    }
}

impl Objective for Logistic {
    fn variables(&self) -> usize {
        2
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let losses = Self::POINTS.iter().map(|&(at, class)| {
            // ln(1 + e⁻ᵐ) = ln(e^(m/2) + e^(-m/2)) - m/2, finite while |m| < 1400.
            let half = (x[0] * at + x[1]) * (0.5 * class);
            (half.exp() + (-half).exp()).ln() - half
        });
        let penalty = (x[0] * x[0] + x[1] * x[1]) * (0.5 * self.regularisation);
        losses.fold(S::from(0.0), |sum, loss| sum + loss) / Self::POINTS.len() as f64 + penalty
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let (mut weight, mut bias) = (S::from(0.0), S::from(0.0));
        for (at, class) in Self::POINTS {
            // d ln(1 + e⁻ᵐ)/dm = -1/(1 + eᵐ) = -(1 - tanh(m/2))/2, which cannot overflow.
            let slope = (((x[0] * at + x[1]) * (0.5 * class)).tanh() - 1.0) * (0.5 * class);
            weight += slope * at;
            bias += slope;
        }
        let n = Self::POINTS.len() as f64;
        out[0] = weight / n + x[0] * self.regularisation;
        out[1] = bias / n + x[1] * self.regularisation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;
    use crate::{GradientFlow, flow};
    use proptest::prelude::*;

    #[test]
    fn derivatives_and_minimum() {
        for problem in
            [Logistic::default(), Logistic { regularisation: 0.0 }, Logistic { regularisation: 3.0 }]
        {
            for x in [[0.0, 0.0], [1.5, -0.5], [-4.0, 2.0]] {
                check::derivatives_agree(&problem, &x);
            }
            let mut gradient = [1.0; 2];
            problem.gradient(&problem.minimizer(), &mut gradient);
            assert!(gradient.iter().all(|g| g.abs() < 1e-15), "{gradient:?}: rounding of terms of size 1");
        }
    }

    #[test]
    fn the_gradient_flow_contracts_to_the_minimum_at_the_rate_of_strong_convexity() {
        let problem = Logistic::default();
        let minimum = problem.minimizer();
        let distance = |x: &[f64]| (x[0] - minimum[0]).hypot(x[1] - minimum[1]);
        let start = [3.0, -2.0];
        for t in [1.0, 5.0, 20.0] {
            let end = flow(&GradientFlow(problem), &start, t).unwrap();
            // |x(t) - x*| ≤ e^(-λt)|x(0) - x*|, and the bound is not met with equality.
            assert!(distance(&end) < (-problem.curvature_bounds()[0] * t).exp() * distance(&start));
        }
    }

    proptest! {
        #[test]
        fn curvatures_keep_their_bounds(w in -20.0..20.0, b in -20.0..20.0) {
            let problem = Logistic::default();
            let mut h = [0.0; 4];
            problem.hessian(&[w, b], &mut h);
            let (mean, radius) = (0.5 * (h[0] + h[3]), (0.5 * (h[0] - h[3])).hypot(h[1]));
            let [least, most] = problem.curvature_bounds();
            // Rounding of numbers of size 1.
            prop_assert!(mean - radius > least - 1e-14 && mean + radius < most + 1e-14, "{h:?}");
        }
    }
}
