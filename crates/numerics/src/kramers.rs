//! Kramers' rate of rare crossings.

use crate::Objective;
use crate::error::{InputError, check_finite, check_positive};
use crate::gibbs::check_one_variable;

/// The rate √(f''(m)|f''(t)|)/2π · exp(-(f(t) - f(m))/T) at which dX = -f' dt + √(2T) dW passes from the well of the
/// minimizer m over the maximizer t into the next, a unit of time (Kramers 1940; in several variables Eyring & Kramers).
/// Its relative error is O(T) where the barrier f(t) - f(m) is many T high; [`Gibbs::passage_time`](crate::Gibbs::passage_time)
/// has no such condition.
///
/// `None` where it does not apply: f is not curved upwards at m and downwards at t, or t is no higher than m.
///
/// ```
/// use shadowflow_numerics::{kramers_rate, problems::DoubleWell};
/// // (√2/2π) e^(-1/4T).
/// let rate = kramers_rate(&DoubleWell, -1.0, 0.0, 0.05)?.unwrap();
/// assert!((rate / (2f64.sqrt() / std::f64::consts::TAU * (-5f64).exp()) - 1.0).abs() < 1e-14);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
///
/// # Errors
/// If f has not one variable, a place is not finite, or T is not positive and finite.
pub fn kramers_rate<V: Objective>(
    objective: &V,
    minimum: f64,
    top: f64,
    temperature: f64,
) -> Result<Option<f64>, InputError> {
    check_one_variable(objective)?;
    check_finite("the list of minimum and top", &[minimum, top])?;
    check_positive("the temperature T", temperature)?;
    let curvature = |x: f64| {
        let mut out = [0.0];
        objective.hessian(&[x], &mut out);
        out[0]
    };
    let barrier = objective.value(&[top]) - objective.value(&[minimum]);
    let (below, above) = (curvature(minimum), curvature(top));
    // Curvatures that are rounding are none.
    let least = 1e-9 * below.abs().max(above.abs());
    let applies = barrier > 0.0 && below > least && above < -least;
    Ok(applies.then(|| (below * -above).sqrt() / std::f64::consts::TAU * (-barrier / temperature).exp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gibbs;
    use crate::problems::{DoubleWell, Quadratic};

    #[test]
    fn it_is_the_limit_of_exact_passages() {
        let mut before = f64::INFINITY;
        for temperature in [0.04, 0.02, 0.01] {
            let rate = kramers_rate(&DoubleWell, -1.0, 0.0, temperature).unwrap().unwrap();
            let exact = 1.0 / Gibbs::new(DoubleWell, temperature).unwrap().passage_time(-1.0, 1.0).unwrap();
            // The correction is of order T.
            let gap = (rate / exact - 1.0).abs();
            assert!(gap < 3.0 * temperature && gap < before, "{gap} at {temperature}");
            before = gap;
        }
    }

    #[test]
    fn it_does_not_apply_everywhere() {
        assert_eq!(kramers_rate(&DoubleWell, 0.0, 1.0, 0.1), Ok(None));
        assert_eq!(kramers_rate(&Quadratic::new(&[1.0]), 0.0, 1.0, 0.1), Ok(None));
        assert!(kramers_rate(&Quadratic::new(&[1.0, 1.0]), 0.0, 1.0, 0.1).is_err());
        for bad in [0.0, -1.0, f64::NAN] {
            assert!(kramers_rate(&DoubleWell, -1.0, 0.0, bad).is_err());
        }
        assert!(kramers_rate(&DoubleWell, f64::NAN, 0.0, 0.1).is_err());
    }
}
