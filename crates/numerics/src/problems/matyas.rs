//! V = 0.26(x² + y²) - 0.48xy, a long valley along x = y.

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = 0.26(x² + y²) - 0.48xy, a quadratic in disguise: along (1, 1) its curvature is 1/25, along (1, -1) it is 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Matyas;

impl Matyas {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "matyas",
        title: "a quadratic valley along x = y, with curvatures 1/25 and 1",
        source: "the test function of this name in collections for optimization; answers of this project",
        variables: &["x", "y"],
        parameters: &[],
        formula: Given::Objective("13*(x^2 + y^2)/50 - 12*x*y/25"),
        field: |x, out| GradientFlow(Matyas).eval(x, out),
    };

    /// The only minimizer; the least value is 0.
    pub const MINIMIZER: [f64; 2] = [0.0; 2];

    /// The Hessian, row by row; it is the same everywhere.
    pub const HESSIAN: [f64; 4] = [0.52, -0.48, -0.48, 0.52];

    /// The curvatures along (1, 1) and (1, -1).
    pub const CURVATURES: [f64; 2] = [0.04, 1.0];

    /// The learning rate 2 up to which gradient descent converges.
    pub const CRITICAL_STEP: f64 = 2.0;

    /// Gradient descent after `k` steps of learning rate `h`: x + y is multiplied by (1 - h/25)ᵏ, x - y by (1 - h)ᵏ.
    pub fn descent(&self, x0: &[f64; 2], h: f64, k: i32) -> [f64; 2] {
        let along = 0.5 * (x0[0] + x0[1]) * (1.0 - h * Self::CURVATURES[0]).powi(k);
        let across = 0.5 * (x0[0] - x0[1]) * (1.0 - h * Self::CURVATURES[1]).powi(k);
        [along + across, along - across]
    }
}

impl Objective for Matyas {
    fn variables(&self) -> usize {
        2
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        (x[0] * x[0] + x[1] * x[1]) * 0.26 - x[0] * x[1] * 0.48
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[0] * 0.52 - x[1] * 0.48;
        out[1] = x[1] * 0.52 - x[0] * 0.48;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Curvature;
    use crate::objective::check;

    #[test]
    fn derivatives_and_exact_answers() {
        for x in [[0.0, 0.0], [3.0, -1.0], [10.0, 9.5]] {
            check::derivatives_agree(&Matyas, &x);
            let mut hessian = [0.0; 4];
            Matyas.hessian(&x, &mut hessian);
            assert_eq!(hessian, Matyas::HESSIAN);
        }
        assert_eq!(Matyas.value(&Matyas::MINIMIZER), 0.0);
        let spectrum = Curvature::at(&Matyas, &Matyas::MINIMIZER).unwrap();
        assert!((spectrum.sharpness() - Matyas::CURVATURES[1]).abs() < 1e-15);
        assert_eq!(Matyas::CRITICAL_STEP, 2.0 / Matyas::CURVATURES[1]);
    }

    #[test]
    fn descent_is_known_in_closed_form() {
        for (h, grows) in [(0.5, false), (1.99, false), (2.01, true)] {
            let start = [3.0, -1.0];
            let mut x = start;
            for _ in 0..200 {
                let mut gradient = [0.0; 2];
                Matyas.gradient(&x, &mut gradient);
                x = [x[0] - h * gradient[0], x[1] - h * gradient[1]];
            }
            let exact = Matyas.descent(&start, h, 200);
            // Some rounding in each of 200 steps, on numbers up to 30.
            assert!((x[0] - exact[0]).abs() < 1e-11 && (x[1] - exact[1]).abs() < 1e-11, "{x:?} {exact:?}");
            assert_eq!((x[0] - x[1]).abs() > 4.0, grows, "from a difference of 4, with h = {h}");
        }
    }
}
