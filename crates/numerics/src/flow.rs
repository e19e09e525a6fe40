//! The reference flow: ẋ = f(x) solved nearly to the precision of doubles.

use differential_equations::error::Error;
use differential_equations::ivp::IVP;
use differential_equations::methods::ExplicitRungeKutta;

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
    let mut slope = vec![0.0; x0.len()];
    field.eval(x0, &mut slope);
    if !slope.iter().all(|value| value.is_finite()) {
        return Err(FlowError::Stops { t: 0.0, at: x0.to_vec() });
    }
    // Time runs from 0 to 1 at speed t: the integrator compares times with absolute tolerances.
    let scaled = |_: f64, x: &Vec<f64>, out: &mut Vec<f64>| {
        field.eval(x, out);
        out.iter_mut().for_each(|slope| *slope *= t);
    };
    let method = ExplicitRungeKutta::dop853().rtol(TOLERANCE).atol(TOLERANCE).max_steps(MAX_STEPS);
    let solution = IVP::ode_from_fn(scaled, 0.0, 1.0, x0.to_vec())
        .t_eval([1.0])
        .method(method)
        .solve()
        .map_err(|error| explain(error, x0, t))?;
    match solution.y.into_iter().next_back() {
        Some(end) if end.iter().all(|value| value.is_finite()) => Ok(end),
        _ => Err(FlowError::Stops { t: 0.0, at: x0.to_vec() }),
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
    /// The same failure, met by a flow that had already followed the time `passed`.
    fn later_by(mut self, passed: f64) -> FlowError {
        match &mut self {
            FlowError::Input(_) => {}
            FlowError::Stops { t, .. } | FlowError::TooLong { t, .. } | FlowError::Stiff { t, .. } => {
                *t += passed
            }
        }
        self
    }
}

fn explain(error: Error<f64, Vec<f64>>, x0: &[f64], time: f64) -> FlowError {
    match error {
        Error::MaxSteps { t, y } => FlowError::TooLong { t: t * time, at: y, steps: MAX_STEPS },
        Error::Stiffness { t, y } => FlowError::Stiff { t: t * time, at: y },
        Error::StepSize { t, y } => FlowError::Stops { t: t * time, at: y },
        // The rest concerns arguments fixed or checked above, except for a first step that cannot be chosen because
        // the field is undefined at the start.
        _ => FlowError::Stops { t: 0.0, at: x0.to_vec() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_fn;
    use crate::problems::{Blowup, Oscillator};

    #[test]
    fn the_oscillator_is_followed_to_a_hundred() {
        let oscillator = Oscillator { frequency: 1.0 };
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
        let oscillator = Oscillator { frequency: 2.0 };
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
        let root = from_fn(1, |x, out| out[0] = x[0].sqrt() - 2.0);
        assert_eq!(flow(&root, &[-1.0], 1.0), Err(FlowError::Stops { t: 0.0, at: vec![-1.0] }));
        let start = std::time::Instant::now();
        eprintln!("{:?}", flow(&root, &[1.0], 2.0));
        eprintln!("{:?}", start.elapsed());
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
