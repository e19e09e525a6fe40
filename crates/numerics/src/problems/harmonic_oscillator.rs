//! The harmonic oscillator.

use super::{Definition, Given};
use crate::{Formula, Scalar, VectorField};

/// q̇ = ωp, ṗ = -ωq: uniform rotation of the plane, clockwise.
#[derive(Clone, Copy, Debug)]
pub struct HarmonicOscillator {
    /// The angular frequency ω.
    pub frequency: f64,
}

impl Default for HarmonicOscillator {
    /// ω = 1.
    fn default() -> HarmonicOscillator {
        HarmonicOscillator { frequency: 1.0 }
    }
}

impl HarmonicOscillator {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "harmonic-oscillator",
        title: "uniform rotation of the plane, clockwise",
        source: "Hairer, Lubich & Wanner (2006), §I.1.2",
        variables: &["q", "p"],
        parameters: &[("omega", "1")],
        formula: Given::Field(&["omega*p", "-omega*q"]),
        field: |x, out| HarmonicOscillator::default().eval(x, out),
    };

    /// The solution at time `t`: the start, turned by ωt.
    pub fn flow(&self, x0: &[f64; 2], t: f64) -> [f64; 2] {
        let (sin, cos) = (self.frequency * t).sin_cos();
        [cos * x0[0] + sin * x0[1], cos * x0[1] - sin * x0[0]]
    }
}

impl Formula for HarmonicOscillator {
    fn variables(&self) -> usize {
        2
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[1] * self.frequency;
        out[1] = -x[0] * self.frequency;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow;

    #[test]
    fn the_flow_is_the_rotation() {
        let oscillator = HarmonicOscillator { frequency: 1.5 };
        let found = flow(&oscillator, &[0.6, -0.8], 4.0).unwrap();
        let exact = oscillator.flow(&[0.6, -0.8], 4.0);
        for (found, exact) in found.iter().zip(exact) {
            assert!((found - exact).abs() < 1e-13, "{found} against {exact}: the reference flow's accuracy");
        }
    }
}
