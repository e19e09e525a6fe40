//! Orbits of a map, followed until they are complete or run away.

use crate::error::{InputError, StepError, check_field, check_finite};

/// How an orbit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All steps were taken.
    Completed,
    /// The point after this many steps lies outside the ball.
    Escaped {
        /// The number of steps.
        step: usize,
    },
    /// The point after this many steps is infinite or undefined.
    NotFinite {
        /// The number of steps.
        step: usize,
    },
}

/// Why an orbit could not be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OrbitError {
    /// The start or the radius cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The map failed other than by running away.
    #[error("step {step} of the orbit failed: {source}")]
    Step {
        /// The step, counted from 1.
        step: usize,
        /// What went wrong.
        source: StepError,
    },
}

/// The points of an orbit x₀, x₁, … and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Orbit {
    dim: usize,
    coordinates: Vec<f64>,
    outcome: Outcome,
}

impl Orbit {
    /// The points, from the start on; all finite. The one that left the ball is the last.
    pub fn points(&self) -> impl ExactSizeIterator<Item = &[f64]> + DoubleEndedIterator {
        self.coordinates.chunks_exact(self.dim)
    }

    /// The last point.
    pub fn last(&self) -> &[f64] {
        &self.coordinates[self.coordinates.len() - self.dim..]
    }

    /// How the orbit ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

/// The orbit of `x0` under the map that writes Φ(x) to its second argument: at most `steps` steps, ending early where
/// it leaves the ball |x| ≤ `radius` (`f64::INFINITY` for none) or the finite numbers.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{GradientFlow, Outcome, RungeKutta, orbit, problems::ScalarFactorization};
///
/// // Gradient descent with learning rate 0.3 on (1 - xy)²/2.
/// let field = GradientFlow(ScalarFactorization { target: 1.0 });
/// let euler = RungeKutta::new(Method::named("euler")?.tableau());
/// let mut descent = euler.on(&field, 0.3)?;
/// let path = orbit(|x, out| descent.step(x, out), &[2.0, 0.1], 200, 1e6)?;
/// assert_eq!(path.outcome(), Outcome::Completed);
/// assert_eq!(path.points().len(), 201);
/// assert!((path.last()[0] * path.last()[1] - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the start is empty or not finite, the radius is not positive, or the map fails other than by running away.
pub fn orbit(
    map: impl FnMut(&[f64], &mut [f64]) -> Result<(), StepError>,
    x0: &[f64],
    steps: usize,
    radius: f64,
) -> Result<Orbit, OrbitError> {
    let mut coordinates = x0.to_vec();
    let outcome = visit(map, x0, steps, radius, |_, x| coordinates.extend_from_slice(x))?;
    Ok(Orbit { dim: x0.len(), coordinates, outcome })
}

/// Follows an orbit as [`orbit`] does without storing it: `see(k, xₖ)` is called for k = 1, 2, …
///
/// # Errors
/// As for [`orbit`].
pub fn visit(
    mut map: impl FnMut(&[f64], &mut [f64]) -> Result<(), StepError>,
    x0: &[f64],
    steps: usize,
    radius: f64,
    mut see: impl FnMut(usize, &[f64]),
) -> Result<Outcome, OrbitError> {
    check_field(x0.len())?;
    check_finite("the start", x0)?;
    if radius.is_nan() || radius <= 0.0 {
        return Err(InputError::Number {
            what: "the escape radius",
            value: radius,
            expected: "a positive number, or infinity",
        }
        .into());
    }
    let (mut x, mut next) = (x0.to_vec(), vec![0.0; x0.len()]);
    for step in 1..=steps {
        match map(&x, &mut next) {
            Ok(()) if next.iter().all(|value| value.is_finite()) => {}
            Ok(()) | Err(StepError::NotFinite { .. }) => return Ok(Outcome::NotFinite { step }),
            Err(source) => return Err(OrbitError::Step { step, source }),
        }
        std::mem::swap(&mut x, &mut next);
        see(step, &x);
        if leaves(&x, radius) {
            return Ok(Outcome::Escaped { step });
        }
    }
    Ok(Outcome::Completed)
}

/// Whether |x| > radius. The norm without overflow costs as much as a step, so it is left for points near the sphere.
fn leaves(x: &[f64], radius: f64) -> bool {
    let largest = x.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let norm = || x.iter().fold(0.0, |norm: f64, value| norm.hypot(*value));
    largest * (x.len() as f64).sqrt() > radius && norm() > radius
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Blowup, Quadratic};
    use crate::{GradientFlow, RungeKutta};
    use shadowflow_methods::Method;

    fn descend(curvature: f64, h: f64, x0: f64, steps: usize, radius: f64) -> Orbit {
        let field = GradientFlow(Quadratic::new(&[curvature]));
        let euler = RungeKutta::new(Method::named("euler").unwrap().tableau());
        let mut map = euler.on(&field, h).unwrap();
        orbit(|x, out| map.step(x, out), &[x0], steps, radius).unwrap()
    }

    #[test]
    fn an_orbit_is_the_iterated_map() {
        let path = descend(0.5, 0.5, 8.0, 4, f64::INFINITY);
        // Multiplication by 3/4, exact in doubles.
        let expected: [&[f64]; 5] = [&[8.0], &[6.0], &[4.5], &[3.375], &[2.53125]];
        assert!(path.points().eq(expected));
        assert_eq!((path.outcome(), path.last()), (Outcome::Completed, [2.53125].as_slice()));
        assert_eq!(descend(0.5, 0.5, 8.0, 0, 1e9).points().len(), 1);
    }

    #[test]
    fn divergence_is_an_outcome_with_its_step() {
        // Multiplication by -2: 1, -2, 4, -8, leaving |x| ≤ 5 at step 3.
        let path = descend(6.0, 0.5, 1.0, 100, 5.0);
        assert_eq!((path.outcome(), path.last()), (Outcome::Escaped { step: 3 }, [-8.0].as_slice()));
        // From 2¹⁰²² the slope 6·2¹⁰²² overflows.
        let path = descend(6.0, 0.5, 1.0, 2000, f64::INFINITY);
        assert_eq!((path.outcome(), path.points().len()), (Outcome::NotFinite { step: 1023 }, 1023));
    }

    #[test]
    fn the_ball_is_round() {
        let shift = |x: &[f64], out: &mut [f64]| {
            out.copy_from_slice(&[x[0] + 1.0, x[1] + 1.0]);
            Ok(())
        };
        // |(3, 3)| = 4.24 and |(4, 4)| = 5.66.
        assert_eq!(orbit(shift, &[0.0, 0.0], 9, 5.0).unwrap().outcome(), Outcome::Escaped { step: 4 });
        let away = |_: &[f64], out: &mut [f64]| {
            out.copy_from_slice(&[3e200, 4e200]);
            Ok(())
        };
        assert_eq!(orbit(away, &[0.0, 0.0], 1, 4.9e200).unwrap().outcome(), Outcome::Escaped { step: 1 });
        assert_eq!(orbit(away, &[0.0, 0.0], 1, 5.1e200).unwrap().outcome(), Outcome::Completed);
    }

    #[test]
    fn failures_of_the_map_carry_their_step() {
        // Implicit Euler on ẏ = y² loses its solution when 4hy > 1: from 0.15 with h = 1 the solution of Y = y + Y²
        // is 0.184 after one step, 0.243 after two, 0.416 after three, none after that.
        let implicit = RungeKutta::new(Method::named("implicit-euler").unwrap().tableau());
        let mut map = implicit.on(&Blowup, 1.0).unwrap();
        let error = orbit(|x, out| map.step(x, out), &[0.15], 10, 1e9).unwrap_err();
        assert!(
            matches!(error, OrbitError::Step { step: 4, source: StepError::NewtonFailed { .. } }),
            "{error}"
        );
    }

    #[test]
    fn visits_see_what_orbits_store() {
        let double = |x: &[f64], out: &mut [f64]| {
            out[0] = 2.0 * x[0];
            Ok(())
        };
        let stored = orbit(double, &[1.0], 10, 100.0).unwrap();
        let mut seen = vec![(0, 1.0)];
        let outcome = visit(double, &[1.0], 10, 100.0, |k, x| seen.push((k, x[0]))).unwrap();
        assert_eq!(outcome, stored.outcome());
        assert!(stored.points().zip(0..).eq(seen.iter().map(|(k, x)| (std::slice::from_ref(x), *k))));
    }

    #[test]
    fn bad_arguments_are_refused() {
        let stay = |x: &[f64], out: &mut [f64]| {
            out.copy_from_slice(x);
            Ok(())
        };
        assert_eq!(orbit(stay, &[], 1, 1.0), Err(OrbitError::Input(InputError::NoVariables)));
        let start = orbit(stay, &[0.0, f64::NAN], 1, 1.0);
        assert!(matches!(start, Err(OrbitError::Input(InputError::NotFinite { index: 2, .. }))));
        for radius in [0.0, -1.0, f64::NAN] {
            assert!(matches!(
                orbit(stay, &[1.0], 1, radius),
                Err(OrbitError::Input(InputError::Number { .. }))
            ));
        }
    }
}
