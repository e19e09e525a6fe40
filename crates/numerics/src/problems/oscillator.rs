//! The nonlinear oscillator whose frequency depends on its amplitude.

use super::{Definition, Given};
use crate::{Formula, Scalar, VectorField};

/// u̇ = (-u₂, u₁)/|u|²: rotation on every circle round 0 with angular frequency 1/|u|², so that the speed is 1/|u|.
#[derive(Clone, Copy, Debug, Default)]
pub struct Oscillator;

impl Oscillator {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "oscillator",
        title: "rotation with angular frequency 1/|u|^2",
        source: "Ketcheson & Ranocha (2021), Computing with B-series",
        variables: &["u1", "u2"],
        parameters: &[],
        formula: Given::Field(&["-u2/(u1^2 + u2^2)", "u1/(u1^2 + u2^2)"]),
        field: |x, out| Oscillator.eval(x, out),
    };

    /// The solution at time `t`: the start, turned by t/|x₀|², x₀ ≠ 0.
    pub fn flow(&self, x0: &[f64; 2], t: f64) -> [f64; 2] {
        let (sin, cos) = (t / self.square(x0)).sin_cos();
        [cos * x0[0] - sin * x0[1], sin * x0[0] + cos * x0[1]]
    }

    /// |u|², constant along the flow. A step of explicit Euler adds h²/|u|² to it.
    pub fn square(&self, u: &[f64; 2]) -> f64 {
        u[0] * u[0] + u[1] * u[1]
    }
}

impl Formula for Oscillator {
    fn variables(&self) -> usize {
        2
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let square = x[0] * x[0] + x[1] * x[1];
        out[0] = -x[1] / square;
        out[1] = x[0] / square;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RungeKutta, flow};
    use shadowflow_methods::Method;

    #[test]
    fn the_flow_is_the_rotation() {
        for start in [[1.0, 0.0], [0.3, -0.4], [2.0, 1.5]] {
            let (found, exact) = (flow(&Oscillator, &start, 2.0).unwrap(), Oscillator.flow(&start, 2.0));
            for (found, exact) in found.iter().zip(exact) {
                // The reference flow's accuracy over up to eight radians.
                assert!((found - exact).abs() < 1e-12, "{found} against {exact}");
            }
        }
    }

    #[test]
    fn euler_spirals_outward_by_the_exact_amount() {
        let euler = RungeKutta::new(Method::named("euler").unwrap().tableau());
        let (start, h, mut next) = ([0.6, 0.8], 0.1, [0.0; 2]);
        euler.step(&Oscillator, h, &start, &mut next).unwrap();
        assert!((Oscillator.square(&next) - (1.0 + h * h)).abs() < 1e-15, "{next:?}");
    }
}
