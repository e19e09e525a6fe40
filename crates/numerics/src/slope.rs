//! The observed order of convergence.

/// A fit of error ≈ C·hᵖ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObservedOrder {
    /// The exponent p.
    pub order: f64,
    /// Its standard error; 0 when two points leave nothing to judge by.
    pub standard_error: f64,
    /// How much the slope changes from one end of the steps to the other, from the two pairs of neighbours there: the
    /// bias that terms of higher order leave in the fit is of this size at most. 0 for fewer than three different steps.
    pub drift: f64,
    /// The number of points above the floor, which the fit used.
    pub points: usize,
}

/// Why an order cannot be observed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OrderError {
    /// A step or error that has no logarithm.
    #[error(
        "point {index} is (h, error) = ({h}, {error}); steps must be positive, errors not negative, both finite"
    )]
    BadPoint {
        /// The point, counted from 1.
        index: usize,
        /// Its step.
        h: f64,
        /// Its error.
        error: f64,
    },
    /// A floor that is no number.
    #[error("the rounding floor {floor} cannot be used; give 0 or a positive, finite number")]
    BadFloor {
        /// The floor given.
        floor: f64,
    },
    /// Too few points above the floor.
    #[error(
        "only {found} of {given} errors at different steps lie above the rounding floor {floor:e}; \
         an order needs 2: take larger steps"
    )]
    TooFew {
        /// The number of different steps with errors above the floor.
        found: usize,
        /// The number of points given.
        given: usize,
        /// The floor.
        floor: f64,
    },
}

/// The exponent p of error ≈ C·hᵖ by least squares in logarithms, from points (h, error). Errors at or below
/// `floor`, where rounding hides the rest, are left out.
///
/// ```
/// use shadowflow_numerics::observed_order;
/// let points = [(0.4, 1.6e-3), (0.2, 1e-4), (0.1, 6.25e-6), (0.05, 2e-16)];
/// let fit = observed_order(&points, 1e-14)?;
/// assert!((fit.order - 4.0).abs() < 1e-12);
/// assert_eq!(fit.points, 3);
/// # Ok::<(), shadowflow_numerics::OrderError>(())
/// ```
///
/// # Errors
/// If a point or the floor is no usable number, or fewer than two different steps have errors above the floor.
pub fn observed_order(points: &[(f64, f64)], floor: f64) -> Result<ObservedOrder, OrderError> {
    if !(floor >= 0.0 && floor.is_finite()) {
        return Err(OrderError::BadFloor { floor });
    }
    let usable = |h: f64, error: f64| h > 0.0 && h.is_finite() && error >= 0.0 && error.is_finite();
    if let Some(index) = points.iter().position(|&(h, error)| !usable(h, error)) {
        let (h, error) = points[index];
        return Err(OrderError::BadPoint { index: index + 1, h, error });
    }
    let kept: Vec<(f64, f64)> =
        points.iter().filter(|(_, error)| *error > floor).map(|(h, error)| (h.ln(), error.ln())).collect();
    let n = kept.len() as f64;
    let mean = kept.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    let moment =
        |f: fn(f64, f64) -> f64| -> f64 { kept.iter().map(|(x, y)| f(x - mean.0, y - mean.1)).sum() };
    let (spread, covariance) = (moment(|x, _| x * x), moment(|x, y| x * y));

    let mut steps: Vec<f64> = kept.iter().map(|point| point.0).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    if steps.len() < 2 || spread == 0.0 {
        return Err(OrderError::TooFew { found: steps.len(), given: points.len(), floor });
    }
    let order = covariance / spread;
    let residual = (moment(|_, y| y * y) - order * covariance).max(0.0);
    let standard_error = if kept.len() > 2 { (residual / (n - 2.0) / spread).sqrt() } else { 0.0 };
    Ok(ObservedOrder { order, standard_error, drift: drift(kept), points: n as usize })
}

/// The difference of the slopes at both ends, between neighbours at different steps.
fn drift(mut points: Vec<(f64, f64)>) -> f64 {
    points.sort_by(|x, y| x.0.total_cmp(&y.0));
    points.dedup_by_key(|point| point.0);
    let slope = |pair: &[(f64, f64)]| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0);
    match points.len() {
        n @ 3.. => (slope(&points[n - 2..]) - slope(&points[..2])).abs(),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pure_powers_are_recovered(order in 0.5..9.0, constant in 1e-3..1e3) {
            let points: Vec<(f64, f64)> = (0..6).map(|k| 0.5 * 0.7f64.powi(k)).map(|h| (h, constant * h.powf(order))).collect();
            let fit = observed_order(&points, 0.0).unwrap();
            // Logarithms of size 20 with rounding 10⁻¹⁵ over a spread of ln h of about 2.
            prop_assert!((fit.order - order).abs() < 1e-12);
            prop_assert!(fit.standard_error < 1e-6, "the square root of rounding");
        }
    }

    #[test]
    fn the_drift_bounds_what_the_next_term_does_to_the_slope() {
        let points: Vec<(f64, f64)> =
            (0..6).map(|k| 0.1 * 0.5f64.powi(k)).map(|h| (h, h * h * (1.0 + 3.0 * h))).collect();
        let fit = observed_order(&points, 0.0).unwrap();
        assert!((fit.order - 2.0).abs() < fit.drift && (fit.order - 2.0).abs() > fit.standard_error);
        assert_eq!(observed_order(&points[..2], 0.0).unwrap().drift, 0.0);
    }

    #[test]
    fn the_standard_error_is_that_of_the_textbook() {
        // y = 0, 1, 1 at x = 0, 1, 2 by hand: slope 1/2, residuals -1/6, 1/3, -1/6, so s² = 1/6 and error √(1/12).
        let points = [(1.0, 1.0), (1f64.exp(), 1f64.exp()), (2f64.exp(), 1f64.exp())];
        let fit = observed_order(&points, 0.0).unwrap();
        assert!((fit.order - 0.5).abs() < 1e-15 && (fit.standard_error - (1f64 / 12.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn bad_data_is_refused() {
        assert!(matches!(
            observed_order(&[(0.1, f64::NAN)], 0.0),
            Err(OrderError::BadPoint { index: 1, .. })
        ));
        assert!(matches!(
            observed_order(&[(0.1, 1.0), (0.0, 1.0)], 0.0),
            Err(OrderError::BadPoint { index: 2, .. })
        ));
        assert!(matches!(observed_order(&[(0.1, 1.0)], f64::NAN), Err(OrderError::BadFloor { .. })));
        let same = [(0.1, 1.0), (0.1, 2.0), (0.2, 1e-16)];
        assert_eq!(
            observed_order(&same, 1e-15),
            Err(OrderError::TooFew { found: 1, given: 3, floor: 1e-15 })
        );
        assert!(observed_order(&[], 0.0).is_err());
    }
}
