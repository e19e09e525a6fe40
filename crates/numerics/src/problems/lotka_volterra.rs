//! Predators and prey.

use super::{Definition, Given};
use crate::{Formula, Scalar, VectorField};

/// ṗ = p(2 - q), q̇ = q(p - 1) for prey p and predators q.
#[derive(Clone, Copy, Debug, Default)]
pub struct LotkaVolterra;

impl LotkaVolterra {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "lotka-volterra",
        title: "prey p and predators q",
        source: "Lotka (1925), Volterra (1926); Hairer, Lubich & Wanner (2006), §I.1.1",
        variables: &["p", "q"],
        parameters: &[],
        formula: Given::Field(&["p*(2 - q)", "q*(p - 1)"]),
        field: |x, out| LotkaVolterra.eval(x, out),
    };

    /// The equilibrium (1, 2).
    pub const EQUILIBRIUM: [f64; 2] = [1.0, 2.0];

    /// I = p - ln p + q - 2 ln q, constant along the flow for p, q > 0, where its level sets
    /// are closed curves (Hairer, Lubich & Wanner 2006, §I.1.1).
    pub fn first_integral(&self, x: &[f64; 2]) -> f64 {
        x[0] - x[0].ln() + x[1] - 2.0 * x[1].ln()
    }
}

impl Formula for LotkaVolterra {
    fn variables(&self) -> usize {
        2
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let (p, q) = (x[0], x[1]);
        out[0] = p * (-q + 2.0);
        out[1] = q * (p - 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow;

    #[test]
    fn the_flow_keeps_the_first_integral_and_the_equilibrium() {
        let start = [2.0, 6.0];
        let level = LotkaVolterra.first_integral(&start);
        for t in [0.5, 3.0, 20.0] {
            let end = flow(&LotkaVolterra, &start, t).unwrap();
            // Accuracy of the reference flow over 20 units of time; I has derivatives up to 1/min p ≈ 100 here.
            assert!((LotkaVolterra.first_integral(&[end[0], end[1]]) - level).abs() < 1e-10, "{end:?}");
            assert!(end != start);
        }
        assert_eq!(
            flow(&LotkaVolterra, &LotkaVolterra::EQUILIBRIUM, 5.0).unwrap(),
            LotkaVolterra::EQUILIBRIUM
        );
    }
}
