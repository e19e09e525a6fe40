//! The reference flow: ẋ = f(x) solved nearly to the precision of doubles.

use differential_equations::error::Error;
use differential_equations::methods::ExplicitRungeKutta;
use differential_equations::ode::{ODE, OrdinaryNumericalMethod};

use crate::VectorField;
use crate::error::{InputError, check_dimension, check_field, check_finite};

/// Relative and absolute tolerance of a step. Much less, and rounding alone would make steps fail.
const TOLERANCE: f64 = 1e-14;

/// Steps after which a flow is given up.
const MAX_STEPS: usize = 1_000_000;

/// Why a flow could not be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FlowError {
    /// The start or a time cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The solution ceases to exist, or nearly: the steps shrink to nothing.
    #[error(
        "the flow stops at t = {t} near {at:?}: the solution seems to blow up or to become undefined there"
    )]
    Stops {
        /// The time reached.
        t: f64,
        /// The last point.
        at: Vec<f64>,
    },
    /// The time is too long for the speed of the solution.
    #[error("the flow was given up at t = {t} near {at:?}, after {steps} steps; ask for a shorter time")]
    TooLong {
        /// The time reached.
        t: f64,
        /// The last point.
        at: Vec<f64>,
        /// The steps spent.
        steps: usize,
    },
    /// The problem is too stiff for an explicit method.
    #[error("the flow is stiff at t = {t} near {at:?}, which the explicit reference method cannot follow")]
    Stiff {
        /// The time reached.
        t: f64,
        /// The last point.
        at: Vec<f64>,
    },
}

/// The point that the flow of ẋ = f(x) reaches from `x0` after the time `t`, which may be negative.
///
/// By DOP853 (Dormand & Prince, in Hairer, Nørsett & Wanner 1993, §II.5) with tolerance 10⁻¹⁴: errors of about 10⁻¹³
/// over some tens of units of time, times what the flow itself magnifies. Not for stiff fields.
///
/// ```
/// use shadowflow_numerics::{flow, problems::Blowup};
/// let y = flow(&Blowup, &[1.0], 0.5)?;
/// assert!((y[0] - 2.0).abs() < 1e-13);
/// # Ok::<(), shadowflow_numerics::FlowError>(())
/// ```
///
/// # Errors
/// If `x0` or `t` cannot be used, the solution ceases to exist before `t`, or it cannot be followed that far.
pub fn flow<F: VectorField + ?Sized>(field: &F, x0: &[f64], t: f64) -> Result<Vec<f64>, FlowError> {
    check_dimension("the start", check_field(field.dim())?, x0)?;
    check_finite("the start", x0)?;
    if !t.is_finite() {
        return Err(InputError::Number { what: "the time t", value: t, expected: "a finite number" }.into());
    }
    if t == 0.0 {
        return Ok(x0.to_vec());
    }
    follow(&Scaled { field, speed: t }, x0).map_err(|failure| failure.in_time(t))
}

/// Follows a field from time 0 to 1. An own loop around the integrator's steps, because the one it comes with
/// compares times with absolute tolerances and repeats steps without end where the field is undefined.
fn follow<F: VectorField + ?Sized>(field: &Scaled<'_, F>, x0: &[f64]) -> Result<Vec<f64>, FlowError> {
    let start = x0.to_vec();
    let mut slope = vec![0.0; x0.len()];
    field.diff(0.0, &start, &mut slope);
    if !slope.iter().all(|value| value.is_finite()) {
        return Err(FlowError::Stops { t: 0.0, at: start });
    }
    let mut solver = ExplicitRungeKutta::dop853().rtol(TOLERANCE).atol(TOLERANCE).max_steps(MAX_STEPS);
    solver.init(field, 0.0, 1.0, &start).map_err(|error| explain(error, &start))?;
    loop {
        let remaining = 1.0 - solver.t();
        if remaining <= f64::EPSILON {
            return Ok(solver.y().clone());
        }
        // Written so that a step that is NaN does not advance.
        let advances = solver.h() > f64::EPSILON * solver.t();
        if !advances || !solver.y().iter().all(|value| value.is_finite()) {
            return Err(FlowError::Stops { t: solver.t_prev(), at: solver.y_prev().clone() });
        }
        if solver.h() > remaining {
            solver.set_h(remaining);
        }
        solver.step(field).map_err(|error| explain(error, &start))?;
    }
}

/// A field whose flow does in one unit of time what the given one does in `speed`.
struct Scaled<'a, F: ?Sized> {
    field: &'a F,
    speed: f64,
}

impl<F: VectorField + ?Sized> ODE<f64, Vec<f64>> for Scaled<'_, F> {
    fn diff(&self, _: f64, x: &Vec<f64>, out: &mut Vec<f64>) {
        self.field.eval(x, out);
        out.iter_mut().for_each(|slope| *slope *= self.speed);
    }
}

/// The points of the flow from `x0` at the given times, each time followed from the one before.
///
/// # Errors
/// As for [`flow`].
pub fn flow_at<F: VectorField + ?Sized>(
    field: &F,
    x0: &[f64],
    times: &[f64],
) -> Result<Vec<Vec<f64>>, FlowError> {
    let mut points: Vec<Vec<f64>> = Vec::with_capacity(times.len());
    let mut last = 0.0;
    for &time in times {
        let start = points.last().map_or(x0, Vec::as_slice);
        let point = flow(field, start, time - last).map_err(|error| error.later_by(last))?;
        points.push(point);
        last = time;
    }
    Ok(points)
}

impl FlowError {
    /// The same failure on a clock that was started earlier.
    fn later_by(mut self, passed: f64) -> FlowError {
        if let Some(t) = self.time() {
            *t += passed;
        }
        self
    }

    /// The same failure with its time counted in other units.
    fn in_time(mut self, unit: f64) -> FlowError {
        if let Some(t) = self.time() {
            *t *= unit;
        }
        self
    }

    fn time(&mut self) -> Option<&mut f64> {
        match self {
            FlowError::Input(_) => None,
            FlowError::Stops { t, .. } | FlowError::TooLong { t, .. } | FlowError::Stiff { t, .. } => Some(t),
        }
    }
}

fn explain(error: Error<f64, Vec<f64>>, start: &[f64]) -> FlowError {
    match error {
        Error::MaxSteps { t, y } => FlowError::TooLong { t, at: y, steps: MAX_STEPS },
        Error::Stiffness { t, y } => FlowError::Stiff { t, at: y },
        Error::StepSize { t, y } => FlowError::Stops { t, at: y },
        // What is left is a first step that cannot be chosen, because the field is undefined next to the start.
        _ => FlowError::Stops { t: 0.0, at: start.to_vec() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_fn;
    use crate::problems::{Blowup, HarmonicOscillator};

    #[test]
    fn the_oscillator_is_followed_to_a_hundred() {
        let oscillator = HarmonicOscillator { frequency: 1.0 };
        for t in [100.0, -100.0, 1e-9] {
            let found = flow(&oscillator, &[1.0, 0.0], t).unwrap();
            let exact = oscillator.flow(&[1.0, 0.0], t);
            let error = (found[0] - exact[0]).hypot(found[1] - exact[1]);
            // About 300 steps that each err by some 10⁻¹⁵.
            assert!(error < 5e-13, "t = {t}: {error:e}");
        }
    }

    #[test]
    fn samples_lie_on_one_flow() {
        let oscillator = HarmonicOscillator { frequency: 2.0 };
        let times = [0.0, 0.1, 1.0, 1.0, 3.5, 3.0];
        let points = flow_at(&oscillator, &[0.0, 1.0], &times).unwrap();
        assert_eq!(points.len(), times.len());
        for (t, point) in times.iter().zip(points) {
            let exact = oscillator.flow(&[0.0, 1.0], *t);
            assert!(
                (point[0] - exact[0]).hypot(point[1] - exact[1]) < 1e-13,
                "accuracy of a short flow, t = {t}"
            );
        }
    }

    #[test]
    fn a_solution_that_ends_is_reported_with_its_time() {
        // y = 1/(1 - t) ends at t = 1.
        let Err(FlowError::Stops { t, at }) = flow(&Blowup, &[1.0], 2.0) else { panic!("ends at 1") };
        assert!((t - 1.0).abs() < 1e-9 && at[0] > 1e9, "t = {t}, at {at:?}");
        let Err(FlowError::Stops { t, .. }) = flow_at(&Blowup, &[1.0], &[0.5, 2.0]) else {
            panic!("ends at 1")
        };
        assert!((t - 1.0).abs() < 1e-9, "time counts from the start of all: {t}");
    }

    #[test]
    fn undefined_fields_and_bad_arguments_are_refused() {
        // ẋ = √x - 2 is undefined at -1, and from 1 it runs into x = 0 at t = 4 ln 2 - 2.
        let root = from_fn(1, |x, out| out[0] = x[0].sqrt() - 2.0);
        assert_eq!(flow(&root, &[-1.0], 1.0), Err(FlowError::Stops { t: 0.0, at: vec![-1.0] }));
        let Err(FlowError::Stops { t, at }) = flow(&root, &[1.0], 2.0) else { panic!("ends at 0") };
        assert!((t - (4.0 * 2f64.ln() - 2.0)).abs() < 1e-12 && at[0].abs() < 1e-12, "t = {t}, at {at:?}");

        assert!(matches!(
            flow(&Blowup, &[f64::NAN], 1.0),
            Err(FlowError::Input(InputError::NotFinite { .. }))
        ));
        assert!(matches!(
            flow(&Blowup, &[1.0, 2.0], 1.0),
            Err(FlowError::Input(InputError::Dimension { .. }))
        ));
        assert!(matches!(
            flow(&Blowup, &[1.0], f64::INFINITY),
            Err(FlowError::Input(InputError::Number { .. }))
        ));
        assert_eq!(flow(&Blowup, &[1.0], 0.0), Ok(vec![1.0]));
    }
}
