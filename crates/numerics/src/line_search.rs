//! Armijo's line search: backtracking by quadratic interpolation.

use crate::error::InputError;

/// Accepts a step t along p from x once f(x + tp) ≤ f(x) + σ t ∇f(x)·p (Armijo 1966). A step that is refused is followed by
/// the minimiser of the parabola through what is known, kept within the middle part of the interval (Nocedal & Wright
/// 2006, §3.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Armijo {
    sigma: f64,
    shrink: f64,
}

/// More halvings than a double has bits.
const MOST_TRIALS: usize = 60;

impl Armijo {
    /// With slope fraction σ in (0, 1) and smallest ratio of successive steps in (0, 1/2].
    ///
    /// # Errors
    /// If one of them lies elsewhere.
    pub fn new(sigma: f64, shrink: f64) -> Result<Armijo, InputError> {
        if !(sigma > 0.0 && sigma < 1.0) {
            return Err(InputError::Number {
                what: "sigma",
                value: sigma,
                expected: "a number between 0 and 1",
            });
        }
        if !(shrink > 0.0 && shrink <= 0.5) {
            return Err(InputError::Number {
                what: "the shrinking factor",
                value: shrink,
                expected: "above 0, at most 1/2",
            });
        }
        Ok(Armijo { sigma, shrink })
    }

    /// A step that satisfies the condition, beginning with `first`; `value(t)` is f along the line, `start` f(x), and `slope`
    /// ∇f(x)·p < 0. `None` if the direction does not descend, or no step is found: near a minimum differences of f are
    /// rounding.
    ///
    /// ```
    /// use shadowflow_numerics::Armijo;
    /// // Down x² from 1 along -1: the slope is -2, the exact minimum at t = 1.
    /// let search = Armijo::new(0.5, 0.1)?;
    /// assert_eq!(search.step(|t| (1.0 - t) * (1.0 - t), 1.0, -2.0, 4.0), Some(1.0));
    /// # Ok::<(), shadowflow_numerics::InputError>(())
    /// ```
    pub fn step(&self, mut value: impl FnMut(f64) -> f64, start: f64, slope: f64, first: f64) -> Option<f64> {
        if !(slope < 0.0 && slope.is_finite() && first > 0.0) {
            return None;
        }
        let mut t = first;
        for _ in 0..MOST_TRIALS {
            let found = value(t);
            if found <= start + self.sigma * t * slope {
                return Some(t);
            }
            // The parabola with the value and slope at 0 and the value at t.
            let parabola = -slope * t * t / (2.0 * (found - start - slope * t));
            let low = self.shrink * t;
            t = if parabola.is_finite() { parabola.clamp(low, 0.5 * t.max(2.0 * low)) } else { low };
        }
        None
    }
}

impl Default for Armijo {
    /// σ = 10⁻⁴, ratios from 0.1 to 0.5.
    fn default() -> Armijo {
        Armijo { sigma: 1e-4, shrink: 0.1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The condition holds at every step that is accepted.
        #[test]
        fn accepted_steps_satisfy_the_condition(a in 0.1..50.0f64, b in -3.0..3.0f64, first in 0.01..100.0f64) {
            let f = |x: f64| a * x * x + b.sin() * x.powi(3) * 0.1 + x.cosh().ln();
            let slope = {
                let x = 1.5f64;
                2.0 * a * x + 0.3 * b.sin() * x * x + x.tanh()
            };
            let search = Armijo::default();
            let line = |t: f64| f(1.5 - t * slope);
            let t = search.step(line, line(0.0), -slope * slope, first).unwrap();
            prop_assert!(line(t) <= line(0.0) - 1e-4 * t * slope * slope);
        }
    }

    #[test]
    fn what_does_not_descend_is_refused() {
        let search = Armijo::default();
        assert_eq!(search.step(|t| t, 0.0, 1.0, 1.0), None);
        assert_eq!(search.step(|t| t, 0.0, -1.0, 1.0), None);
        assert!(Armijo::new(0.0, 0.1).is_err() && Armijo::new(0.5, 0.9).is_err());
    }
}
