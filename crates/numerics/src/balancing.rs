//! Balancing: large learning rates settle in flat, balanced minimizers.
//!
//! Gradient descent on ½|A - XYᵀ|² can only settle where the sharpness |X|₂² + |Y|₂² is at most 2/h; from a
//! start with larger norms it must first make them more equal (Wang, Chen, Zhao & Tao 2022, *Large learning
//! rate tames homogeneity: convergence and balancing effect*). The bound falls with h. The limit itself does
//! not: it obeys the bound, at no fixed distance.

use crate::directional::norm;
use crate::error::{InputError, check_dimension, check_finite, check_step};
use crate::problems::MatrixFactorization;
use crate::{GradientFlow, Objective, Optimizer, StepError};

/// A gradient this small compared with its terms is 0.
const SETTLED: f64 = 1e-13;

/// Why gradient descent led to no limit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BalancingError {
    /// An argument cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The iterates ran away.
    #[error(
        "gradient descent with h = {h} diverges from this start: after {step} steps numbers overflow; \
             take a smaller h"
    )]
    Diverges {
        /// The learning rate.
        h: f64,
        /// The steps until numbers overflow.
        step: usize,
    },
    /// The iterates stay bounded, as far as they were followed, and do not settle.
    #[error("gradient descent with h = {h} has not settled after {steps} steps: |A - XYᵀ| = {distance:e}")]
    NotSettled {
        /// The learning rate.
        h: f64,
        /// The steps taken.
        steps: usize,
        /// |A - XYᵀ| there.
        distance: f64,
    },
}

/// Where gradient descent on a matrix factorisation settled.
///
/// ```
/// use shadowflow_numerics::{Balanced, problems::MatrixFactorization};
/// // 1 = xy from (6, 0.16): at first the sharpness is 36, too much for h = 0.1.
/// let problem = MatrixFactorization::new(&[vec![1.0]], 1)?;
/// let limit = Balanced::by_descent(&problem, 0.1, &[6.0, 0.16], 100_000)?;
/// assert!(limit.distance < 1e-12);
/// assert!(limit.sharpness <= limit.edge && limit.imbalance < limit.imbalance_before);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Balanced {
    /// The variables X, Y.
    pub point: Vec<f64>,
    /// The steps taken.
    pub steps: usize,
    /// |A - XYᵀ|: 0 up to rounding at the minimizers of full rank, not at saddles, nor where r is below the
    /// rank of A.
    pub distance: f64,
    /// |X|₂² + |Y|₂², the sharpness where the distance is 0.
    pub sharpness: f64,
    /// 2/h.
    pub edge: f64,
    /// |X|² - |Y|² at the start.
    pub imbalance_before: f64,
    /// |X|² - |Y|² at the limit.
    pub imbalance: f64,
}

impl Balanced {
    /// The limit of gradient descent with learning rate h from `x0`, in at most `most_steps` steps.
    ///
    /// # Errors
    /// If h or the start cannot be used, or the iterates diverge or do not settle.
    pub fn by_descent(
        problem: &MatrixFactorization,
        h: f64,
        x0: &[f64],
        most_steps: usize,
    ) -> Result<Balanced, BalancingError> {
        Balanced::watched(problem, h, x0, most_steps, |_, _| ())
    }

    /// The same, with every iterate, from the start on, shown to `watch` with its number.
    ///
    /// # Errors
    /// As for [`Balanced::by_descent`].
    pub fn watched(
        problem: &MatrixFactorization,
        h: f64,
        x0: &[f64],
        most_steps: usize,
        mut watch: impl FnMut(usize, &[f64]),
    ) -> Result<Balanced, BalancingError> {
        check_step(h)?;
        check_dimension("the start (X, Y)", problem.variables(), x0)?;
        check_finite("the start (X, Y)", x0)?;
        let field = GradientFlow(problem);
        let mut descent = Optimizer::gradient_descent().on(&field, h)?;
        let (mut x, mut next) = (x0.to_vec(), vec![0.0; x0.len()]);
        for steps in 0..=most_steps {
            watch(steps, &x);
            problem.gradient(&x, &mut next);
            let size = norm(&x);
            let rounding = SETTLED * (problem.size() + size * size) * size;
            if !rounding.is_finite() {
                return Err(BalancingError::Diverges { h, step: steps });
            }
            if norm(&next) <= rounding {
                return Ok(Balanced {
                    steps,
                    distance: problem.distance(&x)?,
                    sharpness: problem.norms(&x)?,
                    edge: 2.0 / h,
                    imbalance_before: problem.imbalance(x0)?,
                    imbalance: problem.imbalance(&x)?,
                    point: x,
                });
            }
            match descent.step(&x, &mut next) {
                Ok(()) => std::mem::swap(&mut x, &mut next),
                Err(StepError::Input(error)) => return Err(error.into()),
                Err(_) => return Err(BalancingError::Diverges { h, step: steps + 1 }),
            }
        }
        Err(BalancingError::NotSettled { h, steps: most_steps, distance: problem.distance(&x)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limit is not monotone in h, the bound 2/h is: values computed before for this project, to the
    /// digits given.
    #[test]
    fn limits_obey_the_bound_and_are_not_monotone() {
        let problem = MatrixFactorization::new(&[vec![1.0]], 1).unwrap();
        let start = [6.0, 0.16];
        let q = 36.0 + 0.16 * 0.16;
        for (product, expected) in [(2.5, 18.5), (3.0, 3.15), (3.5, 7.25), (3.8, 5.18), (3.95, 9.80)] {
            let limit = Balanced::by_descent(&problem, product / q, &start, 1_000_000).unwrap();
            assert!((limit.sharpness - expected).abs() < 0.05, "{product}: {}", limit.sharpness);
            assert!(limit.sharpness <= limit.edge && limit.distance < 1e-11);
            assert!(limit.imbalance.abs() < limit.imbalance_before);
        }
        // Below the edge at the start the imbalance hardly changes; beyond the critical step all is lost.
        let gentle = Balanced::by_descent(&problem, 0.05 / q, &start, 1_000_000).unwrap();
        assert!((gentle.imbalance / gentle.imbalance_before - 1.0).abs() < 1e-3);
        let error = Balanced::by_descent(&problem, 4.1 / q, &start, 1_000_000).unwrap_err();
        assert!(matches!(error, BalancingError::Diverges { .. }), "{error}");
    }

    #[test]
    fn matrices_are_balanced_as_numbers_are() {
        let problem = MatrixFactorization::new(&[vec![1.0, 0.5, 0.0], vec![-0.3, 0.8, 0.4]], 2).unwrap();
        let start = problem
            .point(&[vec![3.0, 0.2], vec![-0.4, 2.5]], &[vec![0.3, 0.1], vec![0.2, -0.3], vec![0.1, 0.2]])
            .unwrap();
        let before = problem.norms(&start).unwrap();
        for share in [0.5, 1.6, 2.4, 3.0] {
            let limit = Balanced::by_descent(&problem, share / before, &start, 1_000_000).unwrap();
            assert!(limit.sharpness <= limit.edge * (1.0 + 1e-9), "{share}: {limit:?}");
            assert!(limit.sharpness >= problem.least_sharpness() - 1e-9 && limit.distance < 1e-11);
        }
    }

    /// What each step adds, h²(|EY|² - |EᵀX|²), sums to the whole change of the imbalance.
    #[test]
    fn drifts_add_up_to_the_change_of_the_imbalance() {
        let problem = MatrixFactorization::diagonal((3, 2, 2), &[2.0, 1.0]).unwrap();
        let start = [2.0, 0.3, -0.5, 1.5, 0.2, 0.1, 0.4, 0.1, -0.2, 0.6];
        let h = 1.5 / problem.norms(&start).unwrap();
        let (mut drift, mut seen) = (0.0, 0);
        let limit = Balanced::watched(&problem, h, &start, 100_000, |step, x| {
            assert_eq!(step, seen);
            seen += 1;
            drift += problem.drift(x, h).unwrap();
        })
        .unwrap();
        assert_eq!(seen, limit.steps + 1);
        // Rounding of some hundred terms of size 1.
        assert!((limit.imbalance - limit.imbalance_before - drift).abs() < 1e-11, "{limit:?} {drift}");
    }

    #[test]
    fn what_does_not_settle_is_said() {
        let problem = MatrixFactorization::new(&[vec![1.0]], 1).unwrap();
        // h above 1/μ: every minimizer is unstable, and bounded orbits go on oscillating.
        let error = Balanced::by_descent(&problem, 1.1, &[1.0, 0.9], 10_000).unwrap_err();
        assert!(matches!(error, BalancingError::NotSettled { steps: 10_000, .. }), "{error}");
        assert!(matches!(
            Balanced::by_descent(&problem, -1.0, &[1.0, 1.0], 10),
            Err(BalancingError::Input(InputError::Step { .. }))
        ));
        assert!(Balanced::by_descent(&problem, 0.1, &[1.0], 10).is_err());
    }
}
