//! The line through five points by least squares.

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = (1/5) Σ (yᵢ - a xᵢ - b)², the mean square of the residuals of the line y = ax + b at the points
/// (1, 2), (2, 3), (3, 5), (4, 4), (5, 6), in the variables (a, b): slope and intercept.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinearRegression;

impl LinearRegression {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "linear-regression",
        title: "the line y = a x + b through five points by least squares",
        source: "Legendre (1805), Nouvelles méthodes pour la détermination des orbites des comètes; data of this project",
        variables: &["a", "b"],
        parameters: &[],
        formula: Given::Objective(
            "((2 - a - b)^2 + (3 - 2*a - b)^2 + (5 - 3*a - b)^2 + (4 - 4*a - b)^2 + (6 - 5*a - b)^2)/5",
        ),
        field: |x, out| GradientFlow(LinearRegression).eval(x, out),
    };

    /// The points (xᵢ, yᵢ).
    pub const POINTS: [(f64, f64); 5] = [(1.0, 2.0), (2.0, 3.0), (3.0, 5.0), (4.0, 4.0), (5.0, 6.0)];

    /// The minimum (9/10, 13/10).
    pub const MINIMIZER: [f64; 2] = [0.9, 1.3];

    /// The least value 19/50.
    pub const MINIMUM: f64 = 0.38;

    /// The Hessian (2/n)·[[Σx², Σx], [Σx, n]], row by row; it is the same everywhere.
    pub const HESSIAN: [f64; 4] = [22.0, 6.0, 6.0, 2.0];

    /// The eigenvalues 12 ∓ √136 of the Hessian, about 0.338 and 23.66: gradient descent converges for h < 0.0845.
    pub fn curvatures(&self) -> [f64; 2] {
        let large = 12.0 + 136f64.sqrt();
        [8.0 / large, large] // their product is the determinant 8
    }
}

impl Objective for LinearRegression {
    fn variables(&self) -> usize {
        2
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let squares = Self::POINTS.iter().map(|&(at, y)| {
            let residual = x[0] * at + x[1] - y;
            residual * residual
        });
        squares.fold(S::from(0.0), |sum, square| sum + square) / Self::POINTS.len() as f64
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let (mut slope, mut intercept) = (S::from(0.0), S::from(0.0));
        for (at, y) in Self::POINTS {
            let residual = x[0] * at + x[1] - y;
            slope += residual * at;
            intercept += residual;
        }
        let factor = 2.0 / Self::POINTS.len() as f64;
        out[0] = slope * factor;
        out[1] = intercept * factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    #[test]
    fn derivatives_and_exact_answers() {
        for x in [[0.0, 0.0], [-3.0, 7.0], LinearRegression::MINIMIZER] {
            check::derivatives_agree(&LinearRegression, &x);
            let mut hessian = [0.0; 4];
            LinearRegression.hessian(&x, &mut hessian);
            for (found, exact) in hessian.iter().zip(LinearRegression::HESSIAN) {
                assert!((found - exact).abs() < 1e-14, "{hessian:?}: rounding of sums up to 22");
            }
        }
        let mut gradient = [1.0; 2];
        LinearRegression.gradient(&LinearRegression::MINIMIZER, &mut gradient);
        assert!(gradient.iter().all(|g| g.abs() < 1e-14), "{gradient:?}: rounding of terms up to 5");
        let least = LinearRegression.value(&LinearRegression::MINIMIZER);
        assert!((least - LinearRegression::MINIMUM).abs() < 1e-15, "{least}");

        let [small, large] = LinearRegression.curvatures();
        // Trace and determinant of the Hessian.
        assert!((small + large - 24.0).abs() < 1e-14 && (small * large - 8.0).abs() < 1e-14);
    }
}
