//! The mathematical pendulum.

use std::f64::consts::TAU;

use super::{Definition, Given};
use crate::{Formula, Scalar, VectorField};

/// q̇ = p, ṗ = -sin q: the pendulum of unit length, mass and gravity.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pendulum;

impl Pendulum {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "pendulum",
        title: "the pendulum of unit length, mass and gravity",
        source: "Hairer, Lubich & Wanner (2006), §I.1.2",
        variables: &["q", "p"],
        parameters: &[],
        formula: Given::Field(&["p", "-sin(q)"]),
        field: |x, out| Pendulum.eval(x, out),
    };

    /// H = p²/2 - cos q, constant along the flow.
    pub fn energy(&self, x: &[f64; 2]) -> f64 {
        0.5 * x[1] * x[1] - x[0].cos()
    }

    /// The period of the swing from rest at the angle `amplitude` in (-π, π): 2π/M(1, cos(amplitude/2)), M the
    /// arithmetic-geometric mean (Gauss 1799).
    pub fn period(&self, amplitude: f64) -> f64 {
        TAU / arithmetic_geometric_mean(1.0, (0.5 * amplitude).cos())
    }
}

fn arithmetic_geometric_mean(mut a: f64, mut b: f64) -> f64 {
    // Convergence is quadratic: eight rounds reach the last bit from any ratio above 10⁻³⁰⁰.
    for _ in 0..16 {
        (a, b) = (0.5 * (a + b), (a * b).sqrt());
    }
    a
}

impl Formula for Pendulum {
    fn variables(&self) -> usize {
        2
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[1];
        out[1] = -x[0].sin();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow;

    #[test]
    fn a_swing_returns_after_its_period_with_its_energy() {
        for amplitude in [0.1, 1.0, 3.0] {
            let start = [amplitude, 0.0];
            let end = flow(&Pendulum, &start, Pendulum.period(amplitude)).unwrap();
            // Accuracy of the reference flow over a few units of time; near the top, at 3, errors grow like eᵗ, t ≈
            // 8.
            assert!((end[0] - amplitude).abs() < 1e-11 && end[1].abs() < 1e-11, "{end:?}");
            assert!((Pendulum.energy(&[end[0], end[1]]) - Pendulum.energy(&start)).abs() < 1e-12);
            let half = flow(&Pendulum, &start, 0.5 * Pendulum.period(amplitude)).unwrap();
            assert!((half[0] + amplitude).abs() < 1e-11, "half a period leads to the other side: {half:?}");
        }
    }
}
