//! The modified field of any map, measured from its orbit.
//!
//! log Φ (x₀) = Σ_{k ≥ 1} (-1)ᵏ⁺¹/k · Δᵏx₀ needs only points of an orbit, no formula: not of the field, not of the
//! method. Cut after N differences it gives h·f̃ up to O(h^(N+1)) (Gelfreich & Vieiro 2018, interpolating vector
//! fields).

use crate::error::{
    InputError, StepError, check_dimension, check_field, check_finite, check_order, check_step,
};

/// The most differences that make sense: beyond, rounding is magnified more than truncation is reduced.
const MAX_DIFFERENCES: usize = 24;

/// A field measured at a point of an orbit.
#[derive(Clone, Debug, PartialEq)]
pub struct Shadow {
    /// The measured f̃(x₀).
    pub field: Vec<f64>,
    /// The Euclidean size of the last difference term, |Δᴺx₀|/(N h): the order of magnitude of the error, unless the
    /// series does not converge (the step is too large) or rounding dominates (the step is too small).
    pub error: f64,
}

/// The modified field at `x` of the map that writes Φ(x) to its second argument, from N = `differences` steps.
///
/// The error is O(h^N) for a map that is O(h)-close to the identity. A method with inner state, such as momentum, is
/// no such map: run it through its transient and hand its positions to [`shadow_of_orbit`].
///
/// ```
/// use shadowflow_numerics::shadow;
/// // Gradient descent on λx²/2 follows ẋ = (log(1 - hλ)/h)·x.
/// let (h, curvature) = (0.05, 2.0);
/// let descent = |x: &[f64], out: &mut [f64]| Ok(out[0] = x[0] - h * curvature * x[0]);
/// let measured = shadow(descent, h, &[1.0], 8)?;
/// let exact = (1.0 - h * curvature).ln() / h;
/// assert!((measured.field[0] - exact).abs() <= measured.error);
/// # Ok::<(), shadowflow_numerics::StepError>(())
/// ```
///
/// # Errors
/// If h or x is not usable, `differences` is not in 1..=24, or the map fails or leaves the finite numbers.
pub fn shadow(
    mut map: impl FnMut(&[f64], &mut [f64]) -> Result<(), StepError>,
    h: f64,
    x: &[f64],
    differences: usize,
) -> Result<Shadow, StepError> {
    check_order("the number of differences", differences, 1, MAX_DIFFERENCES)?;
    check_step(h)?;
    check_finite("the start", x)?;
    let mut orbit = vec![x.to_vec()];
    for k in 0..differences {
        let mut next = vec![0.0; x.len()];
        map(&orbit[k], &mut next)?;
        if !next.iter().all(|value| value.is_finite()) {
            return Err(StepError::NotFinite { h, at: orbit.swap_remove(k) });
        }
        orbit.push(next);
    }
    Ok(shadow_of_orbit(&orbit, h)?)
}

/// The modified field at the first of N + 1 consecutive points of an orbit with step `h`.
///
/// # Errors
/// If h is not usable, there are not 2 to 25 points, or the points are not finite and of one dimension.
pub fn shadow_of_orbit(orbit: &[impl AsRef<[f64]>], h: f64) -> Result<Shadow, InputError> {
    check_step(h)?;
    check_order("the number of points", orbit.len(), 2, MAX_DIFFERENCES + 1)?;
    let dim = check_field(orbit[0].as_ref().len())?;
    for point in orbit {
        check_dimension("a point of the orbit", dim, point.as_ref())?;
        check_finite("a point of the orbit", point.as_ref())?;
    }

    let mut field = Vec::with_capacity(dim);
    let mut error: f64 = 0.0;
    for c in 0..dim {
        // Differences in place: after k rounds, difference[m] is Δᵏxₘ.
        let mut difference: Vec<f64> = orbit.iter().map(|point| point.as_ref()[c]).collect();
        let (mut sum, mut term) = (0.0, 0.0);
        for k in 1..orbit.len() {
            for m in 0..orbit.len() - k {
                difference[m] = difference[m + 1] - difference[m];
            }
            let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
            term = sign * difference[0] / (k as f64 * h);
            sum += term;
        }
        field.push(sum);
        error = error.hypot(term);
    }
    Ok(Shadow { field, error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{LotkaVolterra, ScalarFactorization};
    use crate::{GradientFlow, ModifiedEquation, RungeKutta, VectorField, observed_order};
    use shadowflow_methods::Method;

    #[test]
    fn the_error_has_the_order_of_the_number_of_differences() {
        let field = GradientFlow(ScalarFactorization { target: 1.0 });
        let tableau = Method::named("euler").unwrap().tableau().clone();
        let (euler, start) = (RungeKutta::new(&tableau), [1.5, 0.5]);
        let equation = ModifiedEquation::new(&field, &tableau, 12).unwrap();
        for differences in 1..=5 {
            let errors: Vec<(f64, f64)> = (0..6)
                .map(|k| 0.05 * 0.7f64.powi(k))
                .map(|h| {
                    let mut descent = euler.on(&field, h).unwrap();
                    let measured = shadow(|x, out| descent.step(x, out), h, &start, differences).unwrap();
                    let mut exact = [0.0; 2];
                    equation.at_step(h).unwrap().eval(&start, &mut exact);
                    (h, (measured.field[0] - exact[0]).hypot(measured.field[1] - exact[1]))
                })
                .collect();
            // Rounding of the differences, at most 2⁵·10⁻¹⁶, over the smallest h of 0.008.
            let fit = observed_order(&errors, 1e-12).unwrap();
            assert!((fit.order - differences as f64).abs() < 0.35, "N = {differences}: {fit:?}: {errors:?}");
        }
    }

    #[test]
    fn implicit_maps_agree_with_their_modified_equation() {
        let midpoint = Method::named("implicit-midpoint").unwrap();
        let (rk, h, x) = (RungeKutta::new(midpoint.tableau()), 0.01, [1.5, 2.5]);
        let mut stepper = rk.on(&LotkaVolterra, h).unwrap();
        let measured = shadow(|x, out| stepper.step(x, out), h, &x, 6).unwrap();
        let equation = ModifiedEquation::new(LotkaVolterra, midpoint.tableau(), 6).unwrap();
        let mut exact = [0.0; 2];
        equation.at_step(h).unwrap().eval(&x, &mut exact);
        let error = (measured.field[0] - exact[0]).hypot(measured.field[1] - exact[1]);
        // The estimate is h⁵ times sixth derivatives of the flow; the true error has one more power of h, but
        // rounding adds 2⁶·10⁻¹⁶/h.
        assert!(
            error < measured.error + 1e-12 && measured.error < 1e-6,
            "{error:e}, estimate {:e}",
            measured.error
        );
    }

    #[test]
    fn the_positions_of_heavy_ball_follow_their_slow_rate() {
        // x⁺ = x - hx + β(x - x⁻) with β = 1/2, h = 1/400: the slow multiplier is the larger root μ of
        // μ² - (3/2 - h)μ + 1/2.
        let (h, beta) = (0.0025, 0.5);
        let trace: f64 = 1.0 + beta - h;
        let rate = (0.5 * (trace + (trace * trace - 4.0 * beta).sqrt())).ln() / h;
        assert!((rate + 2.015_220_7).abs() < 5e-8, "to the digits known from elsewhere: {rate}");

        let mut positions = vec![[1.0], [1.0]];
        for k in 1..200 {
            let (x, before) = (positions[k][0], positions[k - 1][0]);
            positions.push([x - h * x + beta * (x - before)]);
        }
        // The fast multiplier is near β: after 100 steps 2⁻¹⁰⁰ of the transient remains.
        let measured = shadow_of_orbit(&positions[100..109], h).unwrap();
        let found = measured.field[0] / positions[100][0];
        // Truncation is (h·rate)⁸; rounding, of size 2⁸·10⁻¹⁶/h, is what remains.
        assert!((found - rate).abs() < 1e-10, "{found} against {rate}");
        // From the start, in the transient, the same measurement is worthless, and its estimate says so.
        assert!(shadow_of_orbit(&positions[..9], h).unwrap().error > 1e-3);
    }

    #[test]
    fn bad_arguments_are_refused() {
        let halve = |x: &[f64], out: &mut [f64]| {
            out[0] = 0.5 * x[0];
            Ok(())
        };
        assert!(matches!(shadow(halve, 0.0, &[1.0], 3), Err(StepError::Input(InputError::Step { .. }))));
        assert!(matches!(shadow(halve, 0.1, &[1.0], 0), Err(StepError::Input(InputError::Order { .. }))));
        assert!(matches!(shadow(halve, 0.1, &[1.0], 25), Err(StepError::Input(InputError::Order { .. }))));
        assert!(matches!(
            shadow(halve, 0.1, &[f64::NAN], 3),
            Err(StepError::Input(InputError::NotFinite { .. }))
        ));
        let square = |x: &[f64], out: &mut [f64]| {
            out[0] = x[0] * x[0];
            Ok(())
        };
        assert_eq!(shadow(square, 0.1, &[1e200], 3), Err(StepError::NotFinite { h: 0.1, at: vec![1e200] }));
        let ragged: [&[f64]; 2] = [&[1.0], &[1.0, 2.0]];
        assert!(matches!(shadow_of_orbit(&ragged, 0.1), Err(InputError::Dimension { .. })));
        assert!(matches!(shadow_of_orbit(&ragged[..1], 0.1), Err(InputError::Order { .. })));
    }
}
