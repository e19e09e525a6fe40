//! How fast nearby orbits part: Lyapunov exponents with their errors.

use nalgebra::DMatrix;

use crate::error::check_order;
use crate::lyapunov_field::until;
use crate::map::check_map;
use crate::motion::{RADIUS, by_exponent, closed, room, size};
use crate::{Map, Motion, OrbitError, PeriodicOrbit, StepError, Tangent, ZeroOne};

/// Means over so many stretches of the orbit tell how uncertain the mean over all of it is.
const BATCHES: usize = 32;

/// Steps between two looks at whether to go on.
const PIECE: usize = 1 << 12;

/// The Lyapunov exponents of an orbit, λ₁ ≥ … ≥ λ_d, per step.
///
/// By QR factorisation of the derivatives along the orbit (Benettin, Galgani, Giorgilli & Strelcyn 1980). The error of each is that
/// of the mean of 32 batch means, one standard deviation, with their autocorrelation in it as far as batches are longer
/// than it. Of an orbit that has closed the exponents are known exactly, from its multipliers: [`Lyapunov::closed`].
///
/// ```
/// use shadowflow_numerics::{Map, Lyapunov, Scalar};
/// /// 4x(1 - x), whose exponent is ln 2.
/// struct Logistic;
/// impl Map for Logistic {
///     fn dim(&self) -> usize { 1 }
///     fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
///         next[0] = h * x[0] * (-x[0] + 1.0);
///     }
/// }
/// let found = Lyapunov::of(&Logistic, 4.0, &[0.3], 1000, 100_000)?;
/// assert!((found.exponents()[0] - 2f64.ln()).abs() < 5.0 * found.errors()[0] + 1e-4);
/// # Ok::<(), shadowflow_numerics::OrbitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lyapunov {
    exponents: Vec<f64>,
    errors: Vec<f64>,
    first: Vec<f64>,
    last: Vec<f64>,
    steps: usize,
    closed: Option<PeriodicOrbit>,
}

impl Lyapunov {
    /// Of the orbit of `x0` over `steps` steps behind a `transient`.
    ///
    /// # Errors
    /// If h is not positive and finite, the start has the wrong dimension or is not finite, there are fewer than 32 steps, or the
    /// orbit leaves the finite numbers.
    pub fn of<M: Map>(
        map: &M,
        h: f64,
        x0: &[f64],
        transient: usize,
        steps: usize,
    ) -> Result<Lyapunov, OrbitError> {
        Lyapunov::reporting(map, h, x0, transient, steps, |_| Ok::<(), OrbitError>(()))
    }

    /// The same, telling every few thousand steps what share of them is done, from 0 to 1; an error from there ends it.
    ///
    /// # Errors
    /// As [`Lyapunov::of`], and those of `report`.
    pub fn reporting<M: Map, E: From<OrbitError>>(
        map: &M,
        h: f64,
        x0: &[f64],
        transient: usize,
        steps: usize,
        mut report: impl FnMut(f64) -> Result<(), E>,
    ) -> Result<Lyapunov, E> {
        check_map(map, h, x0).map_err(OrbitError::from)?;
        check_order("the number of steps", steps, BATCHES, usize::MAX).map_err(OrbitError::from)?;
        let d = x0.len();
        let all = transient as f64 + steps as f64;
        let mut x = x0.to_vec();
        let mut next = vec![0.0; d];
        for step in 1..=transient {
            map.step(h, &x, &mut next);
            check_step_to(&next, h, &x, step)?;
            std::mem::swap(&mut x, &mut next);
            if step % PIECE == 0 {
                report(step as f64 / all)?;
            }
        }
        let first = x.clone();
        let mut frame = DMatrix::<f64>::identity(d, d);
        let mut means = vec![vec![0.0; d]; BATCHES];
        let mut taken = 0;
        for (batch, mean) in means.iter_mut().enumerate() {
            let until = until::<BATCHES>(steps, batch);
            let length = (until - taken) as f64;
            while taken < until {
                let tangent = Tangent::of(map, h, &x);
                taken += 1;
                check_step_to(tangent.image(), h, &x, transient + taken)?;
                x.copy_from_slice(tangent.image());
                if taken % PIECE == 0 {
                    report((transient + taken) as f64 / all)?;
                }
                // In one dimension the slope is all there is.
                if d == 1 {
                    mean[0] += floored(tangent.jacobian()[0]) / length;
                    continue;
                }
                let product = tangent.matrix() * &frame;
                if !product.iter().all(|entry| entry.is_finite()) {
                    return Err(not_finite(h, &x, transient + taken).into());
                }
                let factors = product.qr();
                let r = factors.r();
                for (k, mean) in mean.iter_mut().enumerate() {
                    *mean += floored(r[(k, k)]) / length;
                }
                frame = factors.q();
            }
        }
        let count = BATCHES as f64;
        let mean_of = |k: usize| means.iter().map(|mean| mean[k]).sum::<f64>() / count;
        let mut found: Vec<(f64, f64)> = (0..d)
            .map(|k| {
                let mean = mean_of(k);
                let variance = means.iter().map(|m| (m[k] - mean).powi(2)).sum::<f64>() / (count - 1.0);
                (mean, (variance / count).sqrt())
            })
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (exponents, errors) = found.into_iter().unzip();
        let closed = closed(map, h, &x);
        Ok(Lyapunov { exponents, errors, first, last: x, steps, closed })
    }

    /// λ₁ ≥ … ≥ λ_d.
    pub fn exponents(&self) -> &[f64] {
        &self.exponents
    }

    /// One standard deviation of each.
    pub fn errors(&self) -> &[f64] {
        &self.errors
    }

    /// The last point of the orbit.
    pub fn last(&self) -> &[f64] {
        &self.last
    }

    /// The periodic orbit that the orbit has become: it came back to where it was, to twelve digits, within 64 steps behind those
    /// that were measured, and Newton's method finds a periodic orbit there. Its multipliers μ give the exponents ln|μ|/p without
    /// an error. It may be a repelling one, on which the orbit started or which rounding has hit.
    ///
    /// ```
    /// use shadowflow_numerics::{GradientFlow, Iteration, Lyapunov, Optimizer, problems::DoubleWell};
    /// let map = Iteration::optimizer(&Optimizer::gradient_descent(), GradientFlow(DoubleWell));
    /// // Period 2 at h = 1.1, with the multiplier 9 - 2(1 + h)².
    /// let found = Lyapunov::of(&map, 1.1, &[0.3], 1000, 1000)?;
    /// let orbit = found.closed().ok_or("not closed")?;
    /// let exact = (9.0 - 2.0 * 2.1f64.powi(2)).abs().ln() / 2.0;
    /// assert_eq!(orbit.period(), 2);
    /// assert!(orbit.exponents().all(|exponent| (exponent - exact).abs() < 1e-12));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn closed(&self) -> Option<&PeriodicOrbit> {
        self.closed.as_ref()
    }

    /// What the exponents say of the orbit, if need be with a [`ZeroOne`] test of the same orbit.
    ///
    /// An orbit that has closed is [`Motion::Periodic`], whatever else; one that ends with a coordinate beyond 10⁶ has
    /// [`Motion::Diverged`]. Otherwise the largest exponent decides where it differs from 0 by four of its errors: negative, the
    /// motion is [`Motion::Regular`]; positive, and the orbit not itself growing like its neighbours' distance, it is
    /// [`Motion::Chaotic`]. The test must not contradict: regular motion with a positive exponent, or the other way round, is
    /// [`Motion::Undecided`], and so is a positive exponent of which the test cannot tell. An exponent of 0 within its error is
    /// regular if the test says so, as on a torus.
    pub fn motion(&self, test: Option<&ZeroOne>) -> Motion {
        if self.closed.is_some() {
            return Motion::Periodic;
        }
        if size(&self.last) > RADIUS {
            return Motion::Diverged;
        }
        let (value, error) = (self.exponents[0], self.errors[0]);
        let sign = by_exponent(value, error, value * self.steps as f64, &self.first, &self.last);
        match (sign, test.map(ZeroOne::motion)) {
            (sign, None) => sign,
            (Motion::Regular, Some(Motion::Regular | Motion::Undecided)) => Motion::Regular,
            (Motion::Chaotic, Some(Motion::Chaotic)) => Motion::Chaotic,
            (Motion::Undecided, Some(Motion::Regular)) if value.abs() <= room(error) => Motion::Regular,
            _ => Motion::Undecided,
        }
    }

    /// The dimension k + (λ₁ + … + λ_k)/|λ_{k+1}|, k the most exponents of which the sum is not negative (Kaplan & Yorke 1979).
    /// 0 if the first is negative, d if no sum is: then [`Lyapunov::has_kaplan_yorke`] is false.
    pub fn kaplan_yorke(&self) -> f64 {
        let mut sum = 0.0;
        for (k, &exponent) in self.exponents.iter().enumerate() {
            if sum + exponent < 0.0 {
                return k as f64 + if k == 0 { 0.0 } else { sum / exponent.abs() };
            }
            sum += exponent;
        }
        self.exponents.len() as f64
    }

    /// Whether the formula of [`Lyapunov::kaplan_yorke`] applies: the first exponent is not negative and the sum of all is.
    pub fn has_kaplan_yorke(&self) -> bool {
        self.exponents[0] >= 0.0 && self.exponents.iter().sum::<f64>() < 0.0
    }
}

/// ln|r|, of 0 as of the smallest number: a superstable orbit has no exponent but -∞, which no mean would survive.
fn floored(r: f64) -> f64 {
    r.abs().max(f64::MIN_POSITIVE).ln()
}

pub(crate) fn check_step_to(next: &[f64], h: f64, x: &[f64], step: usize) -> Result<(), OrbitError> {
    if next.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(not_finite(h, x, step)) }
}

fn not_finite(h: f64, x: &[f64], step: usize) -> OrbitError {
    OrbitError::Step { step, source: StepError::NotFinite { h, at: x.to_vec() } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::{Cubic, Logistic};
    use crate::problems::DoubleWell;
    use crate::{GradientFlow, Iteration, Optimizer, Scalar};

    #[test]
    fn known_exponents_lie_within_their_errors() {
        let logistic = Lyapunov::of(&Logistic, 4.0, &[0.3], 100, 400_000).unwrap();
        // ln 2, and ln 3 of the cubic map at h = 2: conjugate to foldings of slope 2 and 3.
        let cubic = Lyapunov::of(&Cubic, 2.0, &[0.3], 100, 400_000).unwrap();
        for (found, exact) in [(logistic, 2f64.ln()), (cubic, 3f64.ln())] {
            let (value, error) = (found.exponents()[0], found.errors()[0]);
            assert!(error < 3e-3 && (value - exact).abs() < 5.0 * error, "{value} ± {error} against {exact}");
            assert_eq!(found.kaplan_yorke(), 1.0);
        }
    }

    #[test]
    fn a_settled_orbit_has_the_exponent_of_its_multiplier() {
        // At h = 0.9 the cubic map has the multiplier 1 - 2h = -0.8 at 1.
        let found = Lyapunov::of(&Cubic, 0.9, &[0.3], 2000, 3200).unwrap();
        assert!((found.exponents()[0] - 0.8f64.ln()).abs() < 1e-13, "{found:?}");
        assert_eq!(found.kaplan_yorke(), 0.0);
    }

    #[test]
    fn momentum_contracts_volumes_by_beta_at_every_step() {
        let optimizer = Optimizer::named("heavy-ball(beta=0.6)").unwrap();
        let map = Iteration::optimizer(&optimizer, GradientFlow(DoubleWell));
        let found = Lyapunov::of(&map, 0.8, &map.start(&[0.4]), 500, 6400).unwrap();
        let sum: f64 = found.exponents().iter().sum();
        // det D(x, x₋) = β exactly; rounding of some thousand factorisations.
        assert!((sum - 0.6f64.ln()).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn the_henon_map_has_its_published_exponents_and_dimension() {
        /// 1 - hx² + y, 0.3x.
        struct Henon;
        impl Map for Henon {
            fn dim(&self) -> usize {
                2
            }
            fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                next[0] = -h * x[0] * x[0] + x[1] + 1.0;
                next[1] = x[0] * 0.3;
            }
        }
        let found = Lyapunov::of(&Henon, 1.4, &[0.1, 0.1], 1000, 400_000).unwrap();
        // 0.4192, -1.6232 and 1.2583 (Sprott 2003, Chaos and Time-Series Analysis, table A.2).
        assert!((found.exponents()[0] - 0.4192).abs() < 5.0 * found.errors()[0] + 1e-3, "{found:?}");
        assert!((found.exponents().iter().sum::<f64>() - 0.3f64.ln()).abs() < 1e-11);
        assert!(found.has_kaplan_yorke());
        assert!((found.kaplan_yorke() - 1.2583).abs() < 3e-3, "{}", found.kaplan_yorke());
    }

    #[test]
    fn orbits_that_leave_have_none() {
        let failure = Lyapunov::of(&Cubic, 2.5, &[1.7], 1000, 1000).unwrap_err();
        assert!(matches!(failure, OrbitError::Step { step, .. } if step < 100), "{failure}");
        assert!(Lyapunov::of(&Cubic, 1.0, &[0.1], 0, 31).is_err());
        assert!(Lyapunov::of(&Cubic, 1.0, &[f64::NAN], 0, 100).is_err());
    }

    #[test]
    fn conjugate_maps_have_equal_exponents() {
        /// The quadratic map to which the logistic map is conjugate.
        struct Quadratic;
        impl Map for Quadratic {
            fn dim(&self) -> usize {
                1
            }
            fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                // y = r(1/2 - x): y² + r/2 - r²/4 of the logistic map at r.
                next[0] = x[0] * x[0] + h * 0.5 - h * h * 0.25;
            }
        }
        for r in [3.2, 3.5, 3.84] {
            let a = Lyapunov::of(&Logistic, r, &[0.3], 4000, 3200).unwrap();
            let b = Lyapunov::of(&Quadratic, r, &[r * 0.2], 4000, 3200).unwrap();
            // Both have closed: the exponents of conjugate periodic orbits are equal, rounding of a slope near 0 magnified.
            let exact = |found: &Lyapunov| found.closed().and_then(|orbit| orbit.exponents().next());
            let (a, b) = (exact(&a).unwrap(), exact(&b).unwrap());
            assert!((a - b).abs() < 1e-11, "{r}: {a} {b}");
        }
        for r in [3.7, 3.9, 4.0] {
            let a = Lyapunov::of(&Logistic, r, &[0.3], 1000, 200_000).unwrap();
            let b = Lyapunov::of(&Quadratic, r, &[r * 0.2], 1000, 200_000).unwrap();
            let room = 5.0 * a.errors()[0].hypot(b.errors()[0]);
            assert!((a.exponents()[0] - b.exponents()[0]).abs() < room && room < 0.02, "{r}: {a:?} {b:?}");
        }
    }

    #[test]
    fn linear_changes_of_coordinates_change_no_exponent() {
        /// Descent on x⁴/4 - x²/2 + (y - x/2)²/2 in coordinates turned by an angle.
        struct Turned(f64);
        impl Map for Turned {
            fn dim(&self) -> usize {
                2
            }
            fn step<S: Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                let (s, c) = self.0.sin_cos();
                let (u, v) = (x[0] * c - x[1] * s, x[0] * s + x[1] * c);
                let across = v - u * 0.5;
                let (u, v) = (u - h * (u * u * u - u - across * 0.5), v - h * across);
                (next[0], next[1]) = (u * c + v * s, v * c - u * s);
            }
        }
        let exponents = |angle: f64| {
            let (s, c) = angle.sin_cos();
            // The point (0.3, 0.1) in the turned coordinates.
            let start = [0.3 * c + 0.1 * s, -0.3 * s + 0.1 * c];
            Lyapunov::of(&Turned(angle), 1.3, &start, 1000, 100_000).unwrap()
        };
        let (a, b) = (exponents(0.0), exponents(0.7));
        for k in 0..2 {
            let room = 5.0 * a.errors()[k].hypot(b.errors()[k]).max(1e-9);
            assert!((a.exponents()[k] - b.exponents()[k]).abs() < room, "{a:?} {b:?}");
        }
        assert!(a.exponents()[0] > 0.05, "chaos, or the test is of little worth: {a:?}");
    }

    #[test]
    fn the_dimension_says_where_it_is_not_defined() {
        let of = |h: f64| Lyapunov::of(&Cubic, h, &[0.3], 1000, 1000).unwrap();
        let (rest, chaos) = (of(0.9), of(1.9));
        assert_eq!((rest.kaplan_yorke(), rest.has_kaplan_yorke()), (0.0, false));
        assert_eq!((chaos.kaplan_yorke(), chaos.has_kaplan_yorke()), (1.0, false));
    }

    #[test]
    fn reports_reach_the_end_and_stop_it() {
        let mut last = 0.0;
        let found = Lyapunov::reporting(&Cubic, 1.9, &[0.3], 5000, 20_000, |share| {
            assert!(share > last && share <= 1.0);
            last = share;
            Ok::<(), OrbitError>(())
        });
        assert!(last > 0.8 && found == Lyapunov::of(&Cubic, 1.9, &[0.3], 5000, 20_000));
        let stop = |share: f64| match share > 0.5 {
            true => Err(OrbitError::Input(crate::InputError::NoVariables)),
            false => Ok(()),
        };
        assert!(Lyapunov::reporting(&Cubic, 1.9, &[0.3], 5000, 20_000, stop).is_err());
    }
}
