//! V = (a - x)² + b(y - x²)², a curved valley.

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = (a - x)² + b(y - x²)² with b > 0: a valley along y = x² that falls gently to its only minimum
/// (Rosenbrock 1960, with a = 1, b = 100).
#[derive(Clone, Copy, Debug)]
pub struct Rosenbrock {
    /// The coordinate a of the minimum.
    pub a: f64,
    /// The steepness b of the walls.
    pub b: f64,
}

impl Default for Rosenbrock {
    /// a = 1, b = 100.
    fn default() -> Rosenbrock {
        Rosenbrock { a: 1.0, b: 100.0 }
    }
}

impl Rosenbrock {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "rosenbrock",
        title: "a curved valley",
        source: "Rosenbrock (1960), An automatic method for finding the greatest or least value of a function",
        variables: &["x", "y"],
        parameters: &[("a", "1"), ("b", "100")],
        formula: Given::Objective("(a - x)^2 + b*(y - x^2)^2"),
        field: |x, out| GradientFlow(Rosenbrock::default()).eval(x, out),
    };

    /// The minimum (a, a²), where V = 0.
    pub fn minimizer(&self) -> [f64; 2] {
        [self.a, self.a * self.a]
    }

    /// The eigenvalues of the Hessian at the minimum, smaller first. Their sum is 2 + 2b(1 + 4a²), their product 4b.
    pub fn curvatures(&self) -> [f64; 2] {
        let half = 1.0 + self.b * (1.0 + 4.0 * self.a * self.a);
        let large = half + (half * half - 4.0 * self.b).sqrt();
        [4.0 * self.b / large, large]
    }
}

impl Objective for Rosenbrock {
    fn variables(&self) -> usize {
        2
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let (along, across) = (x[0] - self.a, x[1] - x[0] * x[0]);
        along * along + across * across * self.b
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let across = (x[1] - x[0] * x[0]) * (2.0 * self.b);
        out[0] = (x[0] - self.a) * 2.0 - x[0] * across * 2.0;
        out[1] = across;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    #[test]
    fn derivatives_and_minimum() {
        for problem in [Rosenbrock::default(), Rosenbrock { a: -0.5, b: 3.0 }] {
            // Away from the valley, whose floor is too flat against third derivatives of 24b for the differences there.
            for x in [[0.5, 2.0], [-1.2, 1.0], [2.0, 3.5]] {
                check::derivatives_agree(&problem, &x);
            }
            let minimum = problem.minimizer();
            let (mut gradient, mut hessian) = ([1.0; 2], [0.0; 4]);
            problem.gradient(&minimum, &mut gradient);
            problem.hessian(&minimum, &mut hessian);
            assert_eq!((problem.value(&minimum), gradient), (0.0, [0.0, 0.0]));

            // An eigenvalue annihilates det(H - λ); at rounding of entries as large as the trace.
            let trace = hessian[0] + hessian[3];
            for curvature in problem.curvatures() {
                let determinant =
                    (hessian[0] - curvature) * (hessian[3] - curvature) - hessian[1] * hessian[2];
                assert!(determinant.abs() < 1e-14 * trace * trace, "{determinant} at {curvature}");
            }
            assert!((problem.curvatures().iter().sum::<f64>() - trace).abs() < 1e-14 * trace);
        }
    }
}
