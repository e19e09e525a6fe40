//! A minimum beside a point, and how far f is above it without cancellation.

use crate::directional::{add, dot, norm};
use crate::error::InputError;
use crate::{Curvature, Jet, Objective};

/// Newton's steps; at a degenerate minimum each gains only some bits.
const MOST_STEPS: usize = 200;

/// Curvatures up to this many times |∇f| over the length given may come from not being at the minimum yet.
const UNCERTAIN: f64 = 10.0;

/// The last terms of a series that has converged, relative to its sum.
const CONVERGED: f64 = 1e-14;

/// A minimum of an objective: a point with a vanishing gradient and no negative curvature.
///
/// ```
/// use shadowflow_numerics::{Minimum, problems::Rosenbrock};
/// let f = Rosenbrock::default();
/// let minimum = Minimum::near(&f, &[1.0001, 1.0003], 1.0)?.expect("there is one at (1, 1)");
/// // 10⁻¹² away along the first axis f is ½·802·10⁻²⁴ above its minimum, far below rounding of its terms.
/// let above = minimum.excess(&f, &[1.0 + 1e-12, 1.0]);
/// assert!((above / 401e-24 - 1.0).abs() < 1e-3);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// Where it is, to rounding; one of several that are close on a valley of minima.
    pub point: Vec<f64>,
    /// f there.
    pub value: f64,
}

impl Minimum {
    /// By Newton's method from a point that is close, across valleys and not along them; `length` is the scale on which
    /// curvatures change, such as the way of a descent. `None` if it leads to no minimum.
    ///
    /// # Errors
    /// If the point cannot be used.
    pub fn near<V: Objective>(objective: &V, x: &[f64], length: f64) -> Result<Option<Minimum>, InputError> {
        let mut here = Curvature::at(objective, x)?;
        let (value, mut x) = (here.value(), x.to_vec());
        for _ in 0..MOST_STEPS {
            let cut = UNCERTAIN * here.slope() / length;
            let mut step = vec![0.0; x.len()];
            for (k, (eigenvalue, direction)) in here.eigenvalues().iter().zip(here.directions()).enumerate() {
                if here.is_flat(k) || eigenvalue.abs() <= cut {
                    continue;
                }
                if *eigenvalue < 0.0 {
                    return Ok(None);
                }
                add(&mut step, -dot(here.gradient(), direction) / eigenvalue, direction);
            }
            let mut next = x.clone();
            add(&mut next, 1.0, &step);
            let Ok(there) = Curvature::at(objective, &next) else { return Ok(None) };
            let is_last = norm(&step) <= 4.0 * f64::EPSILON * norm(&x) || there.slope() == 0.0;
            // Where rounding rules, the better of two is kept.
            if there.slope() < here.slope() || !is_last {
                (x, here) = (next, there);
            }
            if is_last {
                break;
            }
        }
        let is_lower = here.value() <= value + 1e-12 * (1.0 + value.abs());
        let is_critical = here.slope() <= 1e-9 * (here.sharpness().abs() * length).max(f64::MIN_POSITIVE);
        Ok((is_lower && is_critical).then(|| Minimum { point: x, value: here.value() }))
    }

    /// f(x) less f at the minimum: close to it by the power series of f along the line between, which has no constant and
    /// no linear term; where that has not converged after fifteen terms, as a difference.
    pub fn excess<V: Objective>(&self, objective: &V, x: &[f64]) -> f64 {
        let away: Vec<f64> = x.iter().zip(&self.point).map(|(x, at)| x - at).collect();
        let order = Jet::MAX_ORDER;
        let line: Vec<Jet> =
            self.point.iter().zip(&away).map(|(&at, &d)| Jet::variable(0.0, order) * d + at).collect();
        let mut gradient = vec![Jet::constant(0.0, order); x.len()];
        objective.gradient(&line, &mut gradient);
        let term = |k: usize| -> f64 {
            gradient.iter().zip(&away).map(|(g, d)| g.coefficient(k) * d).sum::<f64>() / (k + 1) as f64
        };
        let terms: Vec<f64> = (1..=order).map(term).collect();
        let sum: f64 = terms.iter().sum();
        let tail: f64 = terms[order - 3..].iter().map(|term| term.abs()).sum();
        if tail <= CONVERGED * sum { sum } else { objective.value(x) - self.value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{DoubleWell, Quadratic, Rosenbrock, ScalarFactorization};

    #[test]
    fn excesses_agree_with_differences_where_these_have_digits() {
        let f = Rosenbrock::default();
        let minimum = Minimum::near(&f, &[1.01, 1.02], 1.0).unwrap().unwrap();
        assert!((minimum.point[0] - 1.0).abs() < 1e-14 && minimum.value < 1e-28);
        // A polynomial: the series is exact everywhere.
        for x in [[-1.2, 1.0], [3.0, 0.1], [1.001, 1.0]] {
            let (found, expected) = (minimum.excess(&f, &x), f.value(&x));
            assert!((found / expected - 1.0).abs() < 1e-11, "{found} {expected}");
        }
        // ½dᵀHd alone far below rounding of f.
        let well = DoubleWell;
        let minimum = Minimum::near(&well, &[1.01], 1.0).unwrap().unwrap();
        let d = 1e-11;
        let curvature = Curvature::at(&well, &minimum.point).unwrap().sharpness();
        assert!(
            (minimum.excess(&well, &[minimum.point[0] + d]) / (0.5 * curvature * d * d) - 1.0).abs() < 1e-4
        );
    }

    #[test]
    fn valleys_are_met_across() {
        let f = ScalarFactorization::default();
        let minimum = Minimum::near(&f, &[2.0 + 1e-6, 0.5 + 2e-6], 3.0).unwrap().unwrap();
        assert!((minimum.point[0] * minimum.point[1] - 1.0).abs() < 1e-15);
        assert!((minimum.point[0] - 2.0).abs() < 1e-5);
    }

    #[test]
    fn saddles_and_points_far_from_any_minimum_have_none() {
        let f = ScalarFactorization::default();
        assert_eq!(Minimum::near(&f, &[0.0, 0.0], 1.0).unwrap(), None);
        assert_eq!(Minimum::near(&Quadratic::new(&[1.0, -1.0]), &[0.1, 0.2], 1.0).unwrap(), None);
        assert!(Minimum::near(&f, &[0.0], 1.0).is_err());
    }
}
