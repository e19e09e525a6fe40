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

    /// The minimizers, each with the curvature 2.
    pub const MINIMIZERS: [f64; 2] = [-1.0, 1.0];

    /// The least value -1/4.
    pub const MINIMUM: f64 = -0.25;

    /// The learning rate 1 up to which gradient descent finds the minima stable, with the multiplier 1 - 2h.
    pub const CRITICAL_STEP: f64 = 1.0;

    /// The points of the orbit of period 2 around the minimum 1, for h > 1; there are no others but its mirror image and the
    /// [`DoubleWell::symmetric_cycle`]. With z = h(x² - 1) they are the roots of z² + (h - 1)z + 1 - h. Its multiplier is
    /// 9 - 2(1 + h)², so that it is stable until √5 - 1. `None` for other h.
    pub fn two_cycle(&self, h: f64) -> Option<[f64; 2]> {
        let root = ((h - 1.0) * (h + 3.0)).sqrt();
        let point = |z: f64| (1.0 + z / h).sqrt();
        (1.0 < h && h.is_finite()).then(|| [point(0.5 * (1.0 - h + root)), point(0.5 * (1.0 - h - root))])
    }

    /// √(1 + 2/h), which gradient descent takes to its negative and back, with the multiplier (2h + 5)².
    pub fn symmetric_cycle(&self, h: f64) -> f64 {
        (1.0 + 2.0 / h).sqrt()
    }

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
    use crate::objective::check;
    use crate::{Iteration, PeriodicOrbit, flow};
    use shadowflow_methods::Method;

    #[test]
    fn minima_and_orbits_of_period_two() {
        let map = Iteration::method(Method::named("euler").unwrap().tableau(), GradientFlow(DoubleWell));
        for x in DoubleWell::MINIMIZERS {
            let (mut gradient, mut hessian) = ([1.0], [0.0]);
            DoubleWell.gradient(&[x], &mut gradient);
            DoubleWell.hessian(&[x], &mut hessian);
            assert_eq!((gradient, hessian, DoubleWell.value(&[x])), ([0.0], [2.0], DoubleWell::MINIMUM));
            let at = |h| PeriodicOrbit::near(&map, h, &[vec![x]]).unwrap().unwrap();
            assert!(at(DoubleWell::CRITICAL_STEP - 1e-3).is_stable());
            assert!(!at(DoubleWell::CRITICAL_STEP + 1e-3).is_stable());
        }
        for h in [1.05, 1.23, 1.24, 1.9] {
            let side = DoubleWell.symmetric_cycle(h);
            let around = DoubleWell.two_cycle(h).unwrap();
            for (points, multiplier) in
                [([side, -side], (2.0 * h + 5.0).powi(2)), (around, 9.0 - 2.0 * (1.0 + h).powi(2))]
            {
                let orbit = PeriodicOrbit::near(&map, h, &points.map(|x| vec![x])).unwrap().unwrap();
                let least = |p: f64| orbit.points().iter().map(|x| (x[0] - p).abs()).fold(1.0, f64::min);
                // Rounding, and for the multiplier that of a product of two slopes up to 9.
                assert!(orbit.period() == 2 && points.iter().all(|&x| least(x) < 1e-13), "{orbit:?}");
                assert!((orbit.multipliers()[0].re - multiplier).abs() < 1e-11, "{orbit:?}");
            }
        }
        assert!(DoubleWell.two_cycle(1.0).is_none() && DoubleWell.two_cycle(f64::NAN).is_none());
    }

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
