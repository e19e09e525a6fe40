//! A line search for the strong Wolfe conditions.

use crate::error::InputError;

/// Trials of the search for an interval, each twice as far as the one before, and of the search inside it, every third
/// of which halves it.
const MOST_DOUBLINGS: usize = 60;
const MOST_TRIALS: usize = 120;

/// The part of the interval at either end that trials keep away from.
const MARGIN: f64 = 0.1;

/// Accepts a step t along p from x, with φ(t) = f(x + tp), once
///
/// φ(t) ≤ φ(0) + c₁ t φ'(0) and |φ'(t)| ≤ c₂ |φ'(0)|,
///
/// the strong Wolfe conditions (Wolfe 1969): the first asks for descent as [`Armijo`](crate::Armijo)'s does, the second that
/// the step be not too short either. Found by doubling until an interval holds such a step, and by cubic or quadratic
/// interpolation inside (Nocedal & Wright 2006, *Numerical Optimization*, algorithms 3.5 and 3.6).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wolfe {
    c1: f64,
    c2: f64,
}

/// A step with the value there, and the slope if it is known.
#[derive(Clone, Copy)]
struct Trial {
    t: f64,
    value: f64,
    slope: Option<f64>,
}

impl Wolfe {
    /// With 0 < c₁ < c₂ < 1, between which steps exist wherever f is bounded below along p.
    ///
    /// # Errors
    /// If they lie elsewhere.
    pub fn new(c1: f64, c2: f64) -> Result<Wolfe, InputError> {
        if !(c1 > 0.0 && c1 < 1.0) {
            return Err(InputError::Number { what: "c1", value: c1, expected: "a number between 0 and 1" });
        }
        if !(c2 > c1 && c2 < 1.0) {
            return Err(InputError::Number { what: "c2", value: c2, expected: "a number between c1 and 1" });
        }
        Ok(Wolfe { c1, c2 })
    }

    /// A step that satisfies both conditions, beginning with `first`; `value(t)` is φ(t), `slope(t)` is φ'(t), asked for only
    /// where the value is low enough and last at the step returned; `start` is φ(0), `start_slope` φ'(0) < 0. `None` if the
    /// direction does not descend or no step is found: φ is unbounded below, or its differences are rounding.
    ///
    /// ```
    /// use shadowflow_numerics::Wolfe;
    /// // Down x² from 1 along -1: |φ'(t)| = 2|1 - t| is at most 0.1·2 from t = 0.9 to 1.1.
    /// let search = Wolfe::new(1e-4, 0.1)?;
    /// let t = search.step(|t| (1.0 - t) * (1.0 - t), |t| 2.0 * (t - 1.0), 1.0, -2.0, 4.0).expect("a parabola");
    /// assert!((t - 1.0).abs() <= 0.1);
    /// # Ok::<(), shadowflow_numerics::InputError>(())
    /// ```
    pub fn step(
        &self,
        mut value: impl FnMut(f64) -> f64,
        mut slope: impl FnMut(f64) -> f64,
        start: f64,
        start_slope: f64,
        first: f64,
    ) -> Option<f64> {
        if !(start_slope < 0.0 && start_slope.is_finite() && first > 0.0 && start.is_finite()) {
            return None;
        }
        let descends = |t: f64, value: f64| value <= start + self.c1 * t * start_slope;
        let is_flat = |slope: f64| slope.abs() <= -self.c2 * start_slope;
        let mut low = Trial { t: 0.0, value: start, slope: Some(start_slope) };
        let mut t = first;
        let mut high = None;
        for _ in 0..MOST_DOUBLINGS {
            let found = value(t);
            if !descends(t, found) || (low.t > 0.0 && found >= low.value) {
                high = Some(Trial { t, value: found, slope: None });
                break;
            }
            let slope = slope(t);
            if is_flat(slope) {
                return Some(t);
            }
            let here = Trial { t, value: found, slope: Some(slope) };
            if slope.is_nan() || slope >= 0.0 {
                high = Some(low);
                low = here;
                break;
            }
            low = here;
            t *= 2.0;
        }
        let mut high = high?;
        // Between them is a step that will do: the slope at `low` points towards `high`, and of all the steps seen that
        // descend enough `low` has the smallest value.
        for trial in 0..MOST_TRIALS {
            let t = between(low, high, trial % 3 == 2);
            if t == low.t || t == high.t {
                return None;
            }
            let found = value(t);
            if !descends(t, found) || found >= low.value {
                high = Trial { t, value: found, slope: None };
                continue;
            }
            let slope = slope(t);
            if is_flat(slope) {
                return Some(t);
            }
            if slope.is_nan() || slope * (high.t - low.t) >= 0.0 {
                high = low;
            }
            low = Trial { t, value: found, slope: Some(slope) };
        }
        None
    }
}

impl Default for Wolfe {
    /// c₁ = 10⁻⁴, c₂ = 0.9.
    fn default() -> Wolfe {
        Wolfe { c1: 1e-4, c2: 0.9 }
    }
}

/// The minimiser of the cubic through both values and slopes, or of the parabola without the slope at `high`, kept away
/// from the ends; or the middle.
fn between(low: Trial, high: Trial, middle: bool) -> f64 {
    let width = high.t - low.t;
    let at = |share: f64| low.t + share * width;
    let (Some(slope), false) = (low.slope, middle) else { return at(0.5) };
    let share = match high.slope {
        // In units of the width (Nocedal & Wright 2006, equation 3.59).
        Some(end) => {
            let (a, b) = (slope * width, end * width);
            let d1 = a + b - 3.0 * (high.value - low.value);
            let root = (d1 * d1 - a * b).sqrt();
            1.0 - (b + root - d1) / (b - a + 2.0 * root)
        }
        None => -slope * width / (2.0 * (high.value - low.value - slope * width)),
    };
    if share.is_finite() { at(share.clamp(MARGIN, 1.0 - MARGIN)) } else { at(0.5) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Both conditions hold at every step, and there is one, for functions that are bounded below.
        #[test]
        fn steps_satisfy_both_conditions(
            a in 0.01..50.0f64, b in -4.0..4.0f64, from in -3.0..3.0f64, first in 1e-3..1e3f64,
            c1 in 1e-4..0.4f64, share in 0.05..0.95f64,
        ) {
            let f = |x: f64| a * x * x + b * (3.0 * x).sin() + x.cosh().min(1e300).ln();
            let d = |x: f64| 2.0 * a * x + 3.0 * b * (3.0 * x).cos() + x.tanh();
            let down = -d(from);
            prop_assume!(down.abs() > 1e-3);
            let c2 = c1 + share * (1.0 - c1);
            let (value, slope) = (|t: f64| f(from + t * down), |t: f64| down * d(from + t * down));
            let t = Wolfe::new(c1, c2).unwrap().step(value, slope, value(0.0), slope(0.0), first);
            let t = t.expect("bounded below");
            prop_assert!(value(t) <= value(0.0) + c1 * t * slope(0.0));
            prop_assert!(slope(t).abs() <= c2 * slope(0.0).abs());
        }

        /// On λx²/2 along the gradient the slope at t is that at 0 times 1 - λt.
        #[test]
        fn on_parabolas_steps_are_near_the_inverse_curvature(curvature in 1e-3..1e3f64, first in 1e-6..1e6f64) {
            let (value, slope) = (
                |t: f64| 0.5 * curvature * (1.0 - curvature * t).powi(2),
                |t: f64| -curvature * curvature * (1.0 - curvature * t),
            );
            let t = Wolfe::new(1e-4, 0.2).unwrap().step(value, slope, value(0.0), slope(0.0), first).unwrap();
            prop_assert!((1.0 - curvature * t).abs() <= 0.2 * (1.0 + 1e-12));
        }
    }

    #[test]
    fn slopes_are_asked_for_last_where_the_search_ends() {
        for first in [0.01, 0.3, 1.0, 7.0, 500.0] {
            let asked = std::cell::Cell::new(0.0);
            let slope = |t: f64| {
                asked.set(t);
                4.0 * (t - 1.0).powi(3)
            };
            let t =
                Wolfe::new(1e-4, 0.3).unwrap().step(|t| (t - 1.0).powi(4), slope, 1.0, -4.0, first).unwrap();
            assert_eq!(asked.get(), t);
        }
    }

    #[test]
    fn what_has_no_such_step_is_refused() {
        let search = Wolfe::default();
        assert_eq!(search.step(|t| t, |_| 1.0, 0.0, 1.0, 1.0), None);
        assert_eq!(search.step(|t| -t, |_| -1.0, 0.0, -1.0, 1.0), None, "unbounded below");
        assert_eq!(search.step(|_| f64::NAN, |_| f64::NAN, 0.0, -1.0, 1.0), None);
        assert!(
            Wolfe::new(0.0, 0.5).is_err() && Wolfe::new(0.5, 0.4).is_err() && Wolfe::new(0.1, 1.0).is_err()
        );
    }

    #[test]
    fn infinite_values_are_beyond_the_step() {
        // -ln(1 - t) - 2t, infinite from t = 1 on: the minimum is at 1/2.
        let value = |t: f64| if t < 1.0 { -(1.0 - t).ln() - 2.0 * t } else { f64::INFINITY };
        let t =
            Wolfe::new(1e-4, 0.1).unwrap().step(value, |t| 1.0 / (1.0 - t) - 2.0, 0.0, -1.0, 64.0).unwrap();
        assert!((1.0 / (1.0 - t) - 2.0).abs() <= 0.1);
    }
}
