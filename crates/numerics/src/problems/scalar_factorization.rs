//! V = (μ - xy)²/2, the smallest model with a set of minima, a balance and an edge of stability.

use std::f64::consts::PI;

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = (μ - xy)²/2 with μ > 0. Its minima fill the hyperbola xy = μ, where the sharpness is x² + y² ≥ 2μ.
#[derive(Clone, Copy, Debug)]
pub struct ScalarFactorization {
    /// The number μ to be factored.
    pub target: f64,
}

impl Default for ScalarFactorization {
    /// μ = 1.
    fn default() -> ScalarFactorization {
        ScalarFactorization { target: 1.0 }
    }
}

impl ScalarFactorization {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "scalar-factorization",
        title: "a number mu factored into x and y",
        source: "Wang, Chen, Zhao & Tao (2022), Large learning rate tames homogeneity",
        variables: &["x", "y"],
        parameters: &[("mu", "1")],
        formula: Given::Objective("(mu - x*y)^2/2"),
        field: |x, out| GradientFlow(ScalarFactorization::default()).eval(x, out),
    };

    /// x² - y², constant along the gradient flow (not along gradient descent, which changes it towards balance).
    pub fn imbalance(&self, x: &[f64; 2]) -> f64 {
        x[0] * x[0] - x[1] * x[1]
    }

    /// The minimum that the gradient flow reaches from `x0`: the point of xy = μ with the imbalance and the
    /// quadrant of the start. `None` on the line x = -y, which the flow follows into the saddle at 0.
    pub fn limit(&self, x0: &[f64; 2]) -> Option<[f64; 2]> {
        let side = x0[0] + x0[1];
        if side == 0.0 {
            return None;
        }
        // x² and -y² are the roots of z² - (x² - y²)z - μ²; the larger in size is free of cancellation.
        let half = 0.5 * self.imbalance(x0);
        let large = (half.abs() + half.hypot(self.target)).sqrt().copysign(side);
        let small = self.target / large;
        Some(if half >= 0.0 { [large, small] } else { [small, large] })
    }

    /// G = 4/h - x² - y² - hμ(μ - xy), positive inside an ellipse that gradient descent with learning rate h leaves
    /// invariant while hμ < 2: a step multiplies G by 1 - h²xy(μ - xy). Starts with G > 0 stay bounded; of the
    /// others only a set of measure zero does.
    pub fn ellipse(&self, x: &[f64; 2], h: f64) -> f64 {
        4.0 / h - x[0] * x[0] - x[1] * x[1] - h * self.target * (self.target - x[0] * x[1])
    }

    /// The area 2π√(4 - h²μ²)/h of the ellipse G > 0; 0 for hμ ≥ 2.
    pub fn ellipse_area(&self, h: f64) -> f64 {
        2.0 * PI * (4.0 - (h * self.target).powi(2)).max(0.0).sqrt() / h
    }

    /// The largest learning rate at which gradient descent from `x0` can settle: the start leaves the ellipse G > 0
    /// at 8/(q + √(q² + 16μ(μ - p))), q = x² + y², p = xy, and beyond 1/μ no minimum is stable.
    pub fn critical_step(&self, x0: &[f64; 2]) -> f64 {
        let (square, product) = (x0[0] * x0[0] + x0[1] * x0[1], x0[0] * x0[1]);
        // The discriminant is at least 4(p - 2μ)², because q ≥ 2|p|.
        let discriminant = square * square + 16.0 * self.target * (self.target - product);
        (8.0 / (square + discriminant.max(0.0).sqrt())).min(1.0 / self.target)
    }
}

impl Objective for ScalarFactorization {
    fn variables(&self) -> usize {
        2
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let residual = -x[0] * x[1] + self.target;
        residual * residual * 0.5
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let residual = x[0] * x[1] - self.target;
        out[0] = residual * x[1];
        out[1] = residual * x[0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow;
    use crate::objective::check;
    use proptest::prelude::*;

    fn descend(problem: &ScalarFactorization, x: [f64; 2], h: f64) -> [f64; 2] {
        let mut gradient = [0.0; 2];
        problem.gradient(&x, &mut gradient);
        [x[0] - h * gradient[0], x[1] - h * gradient[1]]
    }

    #[test]
    fn derivatives_and_hessian() {
        let problem = ScalarFactorization { target: 1.5 };
        for x in [[2.0, 1.0 / 3.0], [-1.0, 4.0], [0.0, 0.0]] {
            check::derivatives_agree(&problem, &x);
        }
        let mut hessian = [0.0; 4];
        ScalarFactorization { target: 1.0 }.hessian(&[2.0, 0.5], &mut hessian);
        // On xy = μ the Hessian is the square of (y, x), with trace, so sharpness, x² + y².
        assert_eq!(hessian, [0.25, 1.0, 1.0, 4.0]);
    }

    #[test]
    fn the_flow_ends_in_the_minimum_of_its_imbalance() {
        let problem = ScalarFactorization { target: 1.0 };
        for start in [[2.0, 1.0 / 3.0], [-0.5, -3.0], [0.5, -2.0], [1.0, 1.0]] {
            let end = flow(&GradientFlow(problem), &start, 40.0).unwrap();
            let limit = problem.limit(&start).unwrap();
            for (end, limit) in end.iter().zip(limit) {
                // The rate is the sharpness, at least 2: e⁻⁸⁰ remains; the rest is the reference flow's accuracy.
                assert!((end - limit).abs() < 1e-12, "from {start:?}: {end} against {limit}");
            }
        }
        assert_eq!(problem.limit(&[1.0, -1.0]), None);
    }

    proptest! {
        #[test]
        fn descent_multiplies_the_ellipse(x in -3.0..3.0, y in -3.0..3.0, h in 0.05..1.5, target in 0.1..2.0) {
            let problem = ScalarFactorization { target };
            let image = problem.ellipse(&descend(&problem, [x, y], h), h);
            let factor = 1.0 - h * h * x * y * (target - x * y);
            let expected = problem.ellipse(&[x, y], h) * factor;
            // Coordinates of the image stay below 50, their squares below 2500, and 10⁻¹² × 2500 is generous
            // rounding.
            prop_assert!((image - expected).abs() < 1e-12 * (100.0 + expected.abs() + image.abs()), "{image} {expected}");
        }

        #[test]
        fn at_the_critical_step_the_start_lies_on_the_ellipse_or_the_minima_turn_unstable(
            x in -4.0..4.0, y in -4.0..4.0, target in 0.1..2.0,
        ) {
            let problem = ScalarFactorization { target };
            let h = problem.critical_step(&[x, y]);
            if h < 1.0 / target {
                // On the ellipse G = 0, up to rounding in terms of size 4/h.
                prop_assert!(problem.ellipse(&[x, y], h).abs() < 1e-12 * 4.0 / h);
                prop_assert!(problem.ellipse(&[x, y], 0.99 * h) > 0.0);
            } else {
                // The flattest minimum x = y = √μ has sharpness 2μ = 2/h.
                prop_assert_eq!(h, 1.0 / target);
            }
        }
    }

    #[test]
    fn the_critical_step_parts_settling_from_escape() {
        let problem = ScalarFactorization { target: 1.0 };
        let start = [3.0, 0.4];
        let critical = problem.critical_step(&start);
        let after = |h: f64| (0..2000).fold(start, |x, _| descend(&problem, x, h));
        let [x, y] = after(0.98 * critical);
        assert!((x * y - 1.0).abs() < 1e-12, "settles, in a minimum flatter than 2/h: ({x}, {y})");
        let [x, y] = after(1.02 * critical);
        assert!(!x.is_finite() || !y.is_finite(), "escapes: ({x}, {y})");
    }

    #[test]
    fn the_area_is_that_of_the_ellipse() {
        // The form x² + y² - hμxy has determinant 1 - h²μ²/4, and G > 0 says that it is below (4 - h²μ²)/h.
        let (h, target) = (0.7, 1.3);
        let exact = PI * (4.0 - h * h * target * target) / h / (1.0 - h * h * target * target / 4.0).sqrt();
        let found = ScalarFactorization { target }.ellipse_area(h);
        assert!((found - exact).abs() < 1e-13 * exact, "{found} against {exact}");
        assert_eq!(ScalarFactorization { target }.ellipse_area(2.0), 0.0);
    }
}
