//! V = x⁴/4 - x²/2.

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = x⁴/4 - x²/2, with minima at ±1 and a maximum at 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct DoubleWell;

impl DoubleWell {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "double-well",
        title: "two minima at -1 and 1, a maximum at 0",
        source: "the quartic on which gradient descent is a cubic map; compare Chen et al. (2023)",
        variables: &["x"],
        parameters: &[],
        formula: Given::Objective("x^4/4 - x^2/2"),
        field: |x, out| GradientFlow(DoubleWell).eval(x, out),
    };

    /// The gradient flow x₀/√(x₀² + (1 - x₀²) e⁻²ᵗ) at time `t` ≥ 0.
    pub fn flow(&self, x0: f64, t: f64) -> f64 {
        if x0 == 0.0 { 0.0 } else { x0 / (x0 * x0 + (1.0 - x0 * x0) * (-2.0 * t).exp()).sqrt() }
    }
}

impl Objective for DoubleWell {
    fn variables(&self) -> usize {
        1
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        let square = x[0] * x[0];
        square * (square * 0.25 - 0.5)
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[0] * (x[0] * x[0] - 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow;
    use crate::objective::check;

    #[test]
    fn derivatives_and_flow() {
        for x0 in [-2.0, -0.3, 0.0, 0.01, 1.0, 1.7] {
            check::derivatives_agree(&DoubleWell, &[x0]);
            let end = flow(&GradientFlow(DoubleWell), &[x0], 3.0).unwrap()[0];
            // The reference flow's own accuracy; the unstable 0.01 magnifies it by e³.
            assert!((end - DoubleWell.flow(x0, 3.0)).abs() < 1e-12, "from {x0}: {end}");
        }
    }
}
