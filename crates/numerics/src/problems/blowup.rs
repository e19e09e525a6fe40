//! ẏ = y².

use super::{Definition, Given};
use crate::{Formula, Scalar, VectorField};

/// ẏ = y², which reaches infinity at t = 1/y(0), and whose modified equation for explicit Euler is known to high
/// order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blowup;

impl Blowup {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "blowup",
        title: "a solution that reaches infinity at t = 1/y(0)",
        source: "Hairer, Lubich & Wanner (2006), Geometric Numerical Integration, Example IX.1.1",
        variables: &["y"],
        parameters: &[],
        formula: Given::Field(&["y^2"]),
        field: |x, out| Blowup.eval(x, out),
    };

    /// The coefficients cⱼ of the modified equation ẏ = Σ cⱼ hʲ yʲ⁺² of explicit Euler.
    ///
    /// The first are printed in Hairer, Lubich & Wanner (*Geometric Numerical Integration*, 2006), Example
    /// IX.1.1; all solve the functional equation f̃(y + h y²) = f̃(y)·(1 + 2hy), term by term.
    pub const EULER_MODIFIED: [f64; 9] = [
        1.0,
        -1.0,
        3.0 / 2.0,
        -8.0 / 3.0,
        31.0 / 6.0,
        -157.0 / 15.0,
        649.0 / 30.0,
        -9427.0 / 210.0,
        19423.0 / 210.0,
    ];

    /// The solution y₀/(1 - t y₀) at time `t`, valid while t y₀ < 1.
    pub fn flow(&self, y0: f64, t: f64) -> f64 {
        y0 / (1.0 - t * y0)
    }
}

impl Formula for Blowup {
    fn variables(&self) -> usize {
        1
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[0] * x[0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Jet;

    #[test]
    fn modified_coefficients_solve_their_functional_equation() {
        // An autonomous field is carried to itself by the differential of its flow, and Φ(y) = y + hy² is that flow
        // at time h: f̃(Φ(y)) = Φ'(y)·f̃(y). At y = 1 both sides are series in h, exact through h⁸.
        let h = Jet::variable(0.0, 8);
        let field = |y: Jet| {
            Blowup::EULER_MODIFIED
                .iter()
                .zip(0..)
                .fold(Jet::from(0.0), |sum, (&c, j)| sum + h.powi(j) * y.powi(j + 2) * c)
        };
        let (left, right) = (field(h + 1.0), field(Jet::from(1.0)) * (h * 2.0 + 1.0));
        for (l, r) in left.coefficients().iter().zip(right.coefficients()) {
            // Terms reach 10³ before they cancel.
            assert!((l - r).abs() < 1e-12, "{left:?} against {right:?}");
        }
    }
}
