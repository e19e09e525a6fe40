//! The free rigid body.

use super::{Definition, Given};
use crate::{Formula, Scalar, VectorField};

/// u̇₁ = a u₂u₃, u̇₂ = b u₃u₁, u̇₃ = c u₁u₂: Euler's equations for the angular momentum of a free rigid body, where
/// a = 1/I₃ - 1/I₂ and b, c follow by rotating the indices of the moments of inertia, so that a + b + c = 0.
/// Every a, b, c is allowed here.
#[derive(Clone, Copy, Debug)]
pub struct RigidBody {
    /// The coefficients a, b, c.
    pub coefficients: [f64; 3],
}

impl Default for RigidBody {
    /// a = 1/2, b = -1, c = 1/2, of the body with moments 2, 1 and 2/3.
    fn default() -> RigidBody {
        RigidBody { coefficients: [0.5, -1.0, 0.5] }
    }
}

impl RigidBody {
    /// The family as text.
    pub const DEFINITION: Definition = Definition {
        name: "rigid-body",
        title: "Euler's equations of a free rigid body",
        source: "Euler (1765), Theoria motus corporum; Hairer, Lubich & Wanner (2006), §IV.1, with its moments 2, 1, 2/3",
        variables: &["u1", "u2", "u3"],
        parameters: &[("a", "1/2"), ("b", "-1"), ("c", "1/2")],
        formula: Given::Field(&["a*u2*u3", "b*u3*u1", "c*u1*u2"]),
        field: |x, out| RigidBody::default().eval(x, out),
    };

    /// The body with moments of inertia I₁, I₂, I₃ about its axes.
    pub fn with_moments(moments: [f64; 3]) -> RigidBody {
        let [first, second, third] = moments.map(f64::recip);
        RigidBody { coefficients: [third - second, first - third, second - first] }
    }

    /// The quadratic invariants b u₁² - a u₂² and c u₂² - b u₃². Energy and angular momentum of a body are combinations
    /// of them.
    pub fn invariants(&self, u: &[f64; 3]) -> [f64; 2] {
        let [a, b, c] = self.coefficients;
        let [x, y, z] = u.map(|u| u * u);
        [b * x - a * y, c * y - b * z]
    }
}

impl Formula for RigidBody {
    fn variables(&self) -> usize {
        3
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        let [a, b, c] = self.coefficients;
        out[0] = x[1] * x[2] * a;
        out[1] = x[2] * x[0] * b;
        out[2] = x[0] * x[1] * c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RungeKutta, flow};
    use proptest::prelude::*;
    use shadowflow_methods::Method;

    proptest! {
        #[test]
        fn the_field_is_tangent_to_the_invariants(
            coefficients in prop::array::uniform3(-2.0..2.0), u in prop::array::uniform3(-2.0..2.0)
        ) {
            let body = RigidBody { coefficients };
            let ([a, b, c], mut slope) = (coefficients, [0.0; 3]);
            body.eval(&u, &mut slope);
            let rates = [
                b * u[0] * slope[0] - a * u[1] * slope[1],
                c * u[1] * slope[1] - b * u[2] * slope[2],
            ];
            // Two products of five factors up to 2 cancel.
            prop_assert!(rates.iter().all(|rate| rate.abs() < 64.0 * f64::EPSILON), "{rates:?}");
        }
    }

    #[test]
    fn flow_and_implicit_midpoint_keep_the_invariants() {
        let body = RigidBody::with_moments([2.0, 1.0, 2.0 / 3.0]);
        let start = [1.1f64.cos(), 0.0, 1.1f64.sin()];
        let levels = body.invariants(&start);
        let end = flow(&body, &start, 10.0).unwrap();
        let rule = RungeKutta::new(Method::named("implicit-midpoint").unwrap().tableau());
        let mut next = [0.0; 3];
        rule.step(&body, 0.3, &start, &mut next).unwrap();
        for point in [[end[0], end[1], end[2]], next] {
            assert!(point != start);
            for (found, level) in body.invariants(&point).iter().zip(levels) {
                // The reference flow over ten units of time; a step of the midpoint rule to rounding (Cooper 1987).
                assert!((found - level).abs() < 1e-12, "{found} against {level}");
            }
        }
    }

    #[test]
    fn moments_give_the_default_and_axes_are_at_rest() {
        let body = RigidBody::with_moments([2.0, 1.0, 2.0 / 3.0]);
        for (found, default) in body.coefficients.iter().zip(RigidBody::default().coefficients) {
            assert!((found - default).abs() < 1e-15, "rounding of 2/3");
        }
        let mut slope = [1.0; 3];
        body.eval(&[0.0, 3.0, 0.0], &mut slope);
        assert_eq!(slope, [0.0; 3]);
    }
}
