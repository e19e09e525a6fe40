//! V = x³/3 - x, on which heavy ball is the map of Hénon.

use super::{Definition, Given};
use crate::{GradientFlow, Objective, Scalar, VectorField};

/// V = x³/3 - x, with a minimum at 1 and a maximum at -1; it falls without bound to the left.
///
/// Gradient descent on it is a quadratic map, and the heavy ball x₊ = x - hV'(x) + β(x - x₋) is the map of Hénon (1976):
/// see [`Cubic::henon`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Cubic;

/// Hénon's map (X, Y) ↦ (1 - aX² + Y, bX) as heavy ball in other coordinates: x = shift + scale·X now and
/// x₋ = shift + scale·Y/b before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Henon {
    /// a = h² - (1 + β)²/4.
    pub a: f64,
    /// b = -β.
    pub b: f64,
    /// (1 + β)/(2h).
    pub shift: f64,
    /// a/h.
    pub scale: f64,
}

impl Henon {
    /// (X, Y) of the state (x, x₋).
    pub fn coordinates(&self, state: [f64; 2]) -> [f64; 2] {
        let [x, y] = state.map(|x| (x - self.shift) / self.scale);
        [x, self.b * y]
    }

    /// A step of the map.
    pub fn step(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [1.0 - self.a * x * x + y, self.b * x]
    }
}

impl Cubic {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "cubic",
        title: "a minimum at 1 and a maximum at -1; heavy ball on it is the map of Hénon",
        source: "Hénon (1976), A two-dimensional mapping with a strange attractor; the change of variables of this project",
        variables: &["x"],
        parameters: &[],
        formula: Given::Objective("x^3/3 - x"),
        field: |x, out| GradientFlow(Cubic).eval(x, out),
    };

    /// The local minimizer 1, with the curvature 2.
    pub const MINIMIZER: f64 = 1.0;

    /// The local minimum -2/3.
    pub const MINIMUM: f64 = -2.0 / 3.0;

    /// The learning rate 1 + β up to which the minimum is stable for heavy ball with 0 ≤ β < 1: hλ < 2(1 + β), λ = 2.
    pub fn critical_step(&self, beta: f64) -> f64 {
        1.0 + beta
    }

    /// Heavy ball with learning rate h and momentum β as Hénon's map. With x = p + sX, p = (1 + β)/(2h), the linear terms of
    /// x₊ = x - h(x² - 1) + β(x - x₋) leave, and s = h(1 - p²) makes the constant 1. `None` unless h > 0, and where s = 0.
    pub fn henon(&self, h: f64, beta: f64) -> Option<Henon> {
        let a = h * h - 0.25 * (1.0 + beta).powi(2);
        let found = Henon { a, b: -beta, shift: 0.5 * (1.0 + beta) / h, scale: a / h };
        (h > 0.0 && a != 0.0 && a.is_finite()).then_some(found)
    }

    /// The orbit of period 2 of heavy ball, ((1 + β) ± √(h² - (1 + β)²))/h. `None` for h ≤ 1 + β, where there is none.
    pub fn two_cycle(&self, h: f64, beta: f64) -> Option<[f64; 2]> {
        let sum = 1.0 + beta;
        let root = ((h - sum) * (h + sum)).sqrt();
        (h > sum).then(|| [(sum + root) / h, (sum - root) / h])
    }

    /// The trace and the determinant of heavy ball over the two steps of [`Cubic::two_cycle`]:
    /// 5(1 + β)² - 4h² - 2β and β².
    pub fn two_cycle_trace_and_determinant(&self, h: f64, beta: f64) -> (f64, f64) {
        (5.0 * (1.0 + beta).powi(2) - 4.0 * h * h - 2.0 * beta, beta * beta)
    }

    /// The learning rate √(5(1 + β)² + (1 - β)²)/2 up to which the orbit of period 2 is stable, for 0 ≤ β < 1: there a
    /// multiplier is -1.
    pub fn end_of_two_cycle(&self, beta: f64) -> f64 {
        0.5 * (5.0 * (1.0 + beta).powi(2) + (1.0 - beta).powi(2)).sqrt()
    }
}

impl Objective for Cubic {
    fn variables(&self) -> usize {
        1
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        x[0] * (x[0] * x[0] / 3.0 - 1.0)
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        out[0] = x[0] * x[0] - 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;
    use crate::{Iteration, Optimizer, PeriodicOrbit, Tangent};
    use proptest::prelude::*;

    fn heavy_ball(beta: f64) -> Iteration<GradientFlow<Cubic>> {
        let optimizer = Optimizer::named(&format!("heavy-ball(beta={beta})")).unwrap();
        Iteration::optimizer(&optimizer, GradientFlow(Cubic))
    }

    #[test]
    fn derivatives_and_exact_answers() {
        for x in [-1.0, 0.0, 0.7, 1.0] {
            check::derivatives_agree(&Cubic, &[x]);
        }
        let (mut gradient, mut hessian) = ([1.0], [0.0]);
        Cubic.gradient(&[Cubic::MINIMIZER], &mut gradient);
        Cubic.hessian(&[Cubic::MINIMIZER], &mut hessian);
        assert_eq!((gradient, hessian), ([0.0], [2.0]));
        // Rounding of 1/3.
        assert!((Cubic.value(&[Cubic::MINIMIZER]) - Cubic::MINIMUM).abs() < 2e-16);
        // Hénon's own parameters 1.4 and 0.3.
        let henon = Cubic.henon((1.4f64 + 0.1225).sqrt(), -0.3).unwrap();
        assert!((henon.a - 1.4).abs() < 1e-15 && henon.b == 0.3);
        assert!(Cubic.henon(0.5, 0.0).is_none() && Cubic.henon(f64::NAN, 0.0).is_none());
    }

    proptest! {
        /// A step of heavy ball in Hénon's coordinates is a step of Hénon's map, and so are their Jacobians: the trace and
        /// determinant are -2aX and -b.
        #[test]
        fn heavy_ball_is_conjugate_to_the_map_of_henon(
            h in 0.6..1.6f64, beta in 0.05..0.9f64, x in -1.5..1.5f64, before in -1.5..1.5f64,
        ) {
            let Some(henon) = Cubic.henon(h, beta).filter(|henon| henon.scale.abs() > 1e-2) else { return Ok(()) };
            let tangent = Tangent::at(&heavy_ball(beta), h, &[x, before]).unwrap();
            let image = henon.coordinates([tangent.image()[0], tangent.image()[1]]);
            let [here, rest] = henon.coordinates([x, before]);
            let expected = henon.step([here, rest]);
            // Some operations on numbers up to 10/scale, the coordinates themselves divided by it.
            let tolerance = 1e-13 / henon.scale.abs();
            prop_assert!((image[0] - expected[0]).abs() < tolerance * 10.0 && (image[1] - expected[1]).abs() < tolerance);
            let j = tangent.jacobian();
            prop_assert!((j[0] + j[3] + 2.0 * henon.a * here).abs() < 1e-13);
            prop_assert!((j[0] * j[3] - j[1] * j[2] + henon.b).abs() < 1e-14);
        }

        #[test]
        fn orbits_of_period_two_have_the_multipliers_of_the_closed_form(beta in 0.05..0.9f64, part in 0.05..2.0f64) {
            let (begins, ends) = (Cubic.critical_step(beta), Cubic.end_of_two_cycle(beta));
            let h = begins + part * (ends - begins);
            let [high, low] = Cubic.two_cycle(h, beta).unwrap();
            let map = heavy_ball(beta);
            let guess = [vec![high, low], vec![low, high]];
            let orbit = PeriodicOrbit::near(&map, h, &guess).unwrap().unwrap();
            prop_assert_eq!(orbit.period(), 2);
            let nearest = orbit.points().iter().map(|x| (x[0] - high).abs()).fold(f64::INFINITY, f64::min);
            prop_assert!(nearest < 1e-12);
            let (trace, determinant) = Cubic.two_cycle_trace_and_determinant(h, beta);
            let [p, q] = [orbit.multipliers()[0], orbit.multipliers()[1]];
            // Products of Jacobians with entries up to 5.
            prop_assert!((p + q - trace).norm() < 1e-12 && (p * q - determinant).norm() < 1e-12);
            if (part - 1.0).abs() > 1e-6 {
                prop_assert_eq!(orbit.is_stable(), part < 1.0);
            }
            // The closed form of Hénon's map: X = ((1 - b) ± √(4a - 3(1 - b)²))/(2a).
            let henon = Cubic.henon(h, beta).unwrap();
            let sum = 1.0 - henon.b;
            let root = (4.0 * henon.a - 3.0 * sum * sum).sqrt();
            let [x, _] = henon.coordinates([high, low]);
            prop_assert!((x - (sum + root) / (2.0 * henon.a)).abs() < 1e-12);
        }
    }

    #[test]
    fn there_is_no_orbit_of_period_two_before_the_minimum_turns_unstable() {
        assert!(Cubic.two_cycle(1.2, 0.2).is_none() && Cubic.two_cycle(f64::NAN, 0.0).is_none());
        let at_rest = |h| PeriodicOrbit::near(&heavy_ball(0.2), h, &[vec![1.0, 1.0]]).unwrap().unwrap();
        assert!(at_rest(1.199).is_stable() && !at_rest(1.201).is_stable());
        // Gradient descent: 4h² = 6, at a = h² - 1/4 = 5/4, where the orbit of 1 - aX² turns unstable.
        assert!((Cubic.end_of_two_cycle(0.0) - 1.5f64.sqrt()).abs() < 1e-15);
    }
}
