//! The 0–1 test: chaos told from the orbit alone, without derivatives.

use crate::error::{InputError, check_finite, check_order};
use crate::lyapunov::check_step_to;
use crate::map::check_map;
use crate::{Map, Motion, OrbitError};

/// Frequencies of which the median is taken.
const FREQUENCIES: usize = 100;

/// The fewest observations of a test.
const FEWEST: usize = 200;

/// With fewer the median still wanders by tenths, and nothing is decided.
const ENOUGH: usize = 500;

/// Observations whose autocorrelation at this distance is still above [`CORRELATED`] are taken too often; beyond the largest
/// distance they hardly change at all.
const SLOWEST: usize = 64;
const CORRELATED: f64 = 0.5;

/// K above this, and its lower quartile above a half, is chaos; below the other, and the upper quartile below a half, it is not.
const CHAOS: f64 = 0.8;
const ORDER: f64 = 0.2;

/// The 0–1 test for chaos (Gottwald & Melbourne 2009): of observations φⱼ the sums Σφⱼ cos jc and Σφⱼ sin jc wander like a random
/// walk if the motion is chaotic, and stay bounded if it is periodic or quasi-periodic. K is the correlation of their mean square
/// displacement, the oscillating term removed, with time: near 1 or near 0, the median over 100 frequencies c.
///
/// It needs no derivatives, and so it checks the sign of an exponent that was measured with them. It is not to be believed
/// * on observations taken too often, where each is nearly the one before: chaos then looks like order. They are thinned until the
///   autocorrelation of neighbours is a half at the most, and what is slower than 64 steps is left undecided;
/// * on few observations, or on motion with periods comparable to their number: below 500 nothing is decided;
/// * on weak chaos and at its onset, where K lies in between or differs from frequency to frequency: then nothing is decided either;
/// * on orbits that leave, which have no K.
///
/// ```
/// use shadowflow_numerics::{Motion, ZeroOne};
/// let orbit = |r: f64| std::iter::successors(Some(0.3f64), move |x| Some(r * x * (1.0 - x))).skip(1000).take(3000);
/// let test = ZeroOne::of(&orbit(4.0).collect::<Vec<_>>())?;
/// assert!(test.k() > 0.95 && test.motion() == Motion::Chaotic);
/// let test = ZeroOne::of(&orbit(3.5).collect::<Vec<_>>())?;
/// assert!(test.k() < 0.05 && test.motion() == Motion::Regular);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZeroOne {
    k: f64,
    quartiles: (f64, f64),
    observations: usize,
    stride: Option<usize>,
}

impl ZeroOne {
    /// Of a sequence of observations; those taken too often are thinned.
    ///
    /// # Errors
    /// If there are fewer than 200 observations, or one is not finite.
    pub fn of(observations: &[f64]) -> Result<ZeroOne, InputError> {
        check_order("the number of observations", observations.len(), FEWEST, usize::MAX)?;
        check_finite("the list of observations", observations)?;
        let stride = stride(observations);
        let thinned: Vec<f64> = observations.iter().copied().step_by(stride.unwrap_or(SLOWEST)).collect();
        // Of few that are left K would be an accident.
        Ok(match thinned.len() < FEWEST {
            true => ZeroOne::measured(observations, None),
            false => ZeroOne::measured(&thinned, stride),
        })
    }

    /// Of the orbit of `x0`, with so many observations; each is a sum of all coordinates. On an
    /// orbit that changes slowly only every so many steps are observed.
    ///
    /// ```
    /// use shadowflow_numerics::{GradientFlow, Iteration, Motion, Optimizer, ZeroOne, problems::DoubleWell};
    /// let map = Iteration::optimizer(&Optimizer::gradient_descent(), GradientFlow(DoubleWell));
    /// assert_eq!(ZeroOne::of_orbit(&map, 1.9, &[0.3], 2000)?.motion(), Motion::Chaotic);
    /// assert_eq!(ZeroOne::of_orbit(&map, 1.1, &[0.3], 2000)?.motion(), Motion::Regular);
    /// # Ok::<(), shadowflow_numerics::OrbitError>(())
    /// ```
    ///
    /// # Errors
    /// If h is not positive and finite, the start has the wrong dimension or is not finite, there are fewer than 200 observations,
    /// or the orbit leaves the finite numbers.
    pub fn of_orbit<M: Map>(map: &M, h: f64, x0: &[f64], observations: usize) -> Result<ZeroOne, OrbitError> {
        check_map(map, h, x0)?;
        check_order("the number of observations", observations, FEWEST, usize::MAX)?;
        let first = observed(map, h, x0, observations, 1)?;
        Ok(match stride(&first) {
            Some(1) => ZeroOne::measured(&first, Some(1)),
            Some(stride) => ZeroOne::measured(&observed(map, h, x0, observations, stride)?, Some(stride)),
            None => ZeroOne::measured(&first, None),
        })
    }

    fn measured(observations: &[f64], stride: Option<usize>) -> ZeroOne {
        let all = correlations(observations);
        let quartiles = (all[FREQUENCIES / 4], all[FREQUENCIES - 1 - FREQUENCIES / 4]);
        ZeroOne { k: all[FREQUENCIES / 2], quartiles, observations: observations.len(), stride }
    }

    /// K, the median.
    pub fn k(&self) -> f64 {
        self.k
    }

    /// The lower and the upper quartile over the frequencies.
    pub fn quartiles(&self) -> (f64, f64) {
        self.quartiles
    }

    /// The number of observations, thinned ones not counted.
    pub fn observations(&self) -> usize {
        self.observations
    }

    /// Steps from one observation to the next; `None` if the orbit changes too slowly for any up to 64.
    pub fn stride(&self) -> Option<usize> {
        self.stride
    }

    /// [`Motion::Chaotic`] or [`Motion::Regular`]; [`Motion::Undecided`] where K lies in between or differs from frequency to
    /// frequency, the observations are few, or change too slowly.
    pub fn motion(&self) -> Motion {
        match (self.stride, self.quartiles) {
            (None, _) => Motion::Undecided,
            _ if self.observations < ENOUGH => Motion::Undecided,
            (_, (low, _)) if self.k > CHAOS && low > 0.5 => Motion::Chaotic,
            (_, (_, high)) if self.k < ORDER && high < 0.5 => Motion::Regular,
            _ => Motion::Undecided,
        }
    }
}

/// K of the [`ZeroOne`] test of a sequence as it is, nothing thinned: near 1 for chaos, near 0 for periodic and quasi-periodic
/// motion.
///
/// ```
/// use shadowflow_numerics::zero_one_test;
/// let orbit = |r: f64| std::iter::successors(Some(0.3f64), move |x| Some(r * x * (1.0 - x))).skip(1000).take(3000);
/// assert!(zero_one_test(&orbit(4.0).collect::<Vec<_>>())? > 0.95);
/// assert!(zero_one_test(&orbit(3.5).collect::<Vec<_>>())? < 0.05);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
///
/// # Errors
/// If there are fewer than 200 observations, or one is not finite.
pub fn zero_one_test(observations: &[f64]) -> Result<f64, InputError> {
    check_order("the number of observations", observations.len(), FEWEST, usize::MAX)?;
    check_finite("the list of observations", observations)?;
    Ok(correlations(observations)[FREQUENCIES / 2])
}

/// So many observations of an orbit, one every `stride` steps.
fn observed<M: Map>(
    map: &M,
    h: f64,
    x0: &[f64],
    observations: usize,
    stride: usize,
) -> Result<Vec<f64>, OrbitError> {
    let (mut x, mut next) = (x0.to_vec(), vec![0.0; x0.len()]);
    let mut seen = Vec::with_capacity(observations);
    for step in 1..=observations * stride {
        map.step(h, &x, &mut next);
        check_step_to(&next, h, &x, step)?;
        std::mem::swap(&mut x, &mut next);
        if step % stride == 0 {
            // Weights 1, 1/√2, 1/√5, …: no exchange of coordinates or of their signs cancels the sum.
            seen.push(x.iter().enumerate().map(|(k, x)| x / ((k * k + 1) as f64).sqrt()).sum());
        }
    }
    Ok(seen)
}

/// Whether nothing moves, as far as nine digits tell.
fn is_constant(observations: &[f64], mean: f64) -> bool {
    observations.iter().all(|x| (x - mean).abs() <= 1e-9 * (1.0 + mean.abs()))
}

fn mean(observations: &[f64]) -> f64 {
    observations.iter().sum::<f64>() / observations.len() as f64
}

/// The least distance, 64 at the most, at which the autocorrelation of observations is no longer above a half.
fn stride(observations: &[f64]) -> Option<usize> {
    let mean = mean(observations);
    if is_constant(observations, mean) {
        return Some(1);
    }
    let product = |lag: usize| -> f64 {
        observations.iter().zip(&observations[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let variance = product(0);
    (1..=SLOWEST).find(|&lag| product(lag) <= CORRELATED * variance)
}

/// The correlations at all frequencies, ascending.
fn correlations(observations: &[f64]) -> Vec<f64> {
    let n = observations.len();
    let (lags, count) = (n / 10, n - n / 10);
    let mean = mean(observations);
    // On a constant sequence nothing moves.
    if is_constant(observations, mean) {
        return vec![0.0; FREQUENCIES];
    }
    let mut found: Vec<f64> = (0..FREQUENCIES)
        .map(|k| {
            // Even in (π/5, 4π/5), off simple resonances.
            let c = std::f64::consts::PI * (0.2 + 0.6 * (k as f64 * 0.618_033_988_749_894_9 + 0.31).fract());
            let (mut p, mut q) = (vec![0.0; n + 1], vec![0.0; n + 1]);
            for (j, x) in observations.iter().enumerate() {
                let (sine, cosine) = (c * (j + 1) as f64).sin_cos();
                p[j + 1] = p[j] + x * cosine;
                q[j + 1] = q[j] + x * sine;
            }
            let displacement = |lag: usize| {
                let sum =
                    squares(&p[lag..lag + count], &p[..count]) + squares(&q[lag..lag + count], &q[..count]);
                let oscillation = mean * mean * (1.0 - (c * lag as f64).cos()) / (1.0 - c.cos());
                sum / count as f64 - oscillation
            };
            let points: Vec<(f64, f64)> = (1..=lags).map(|lag| (lag as f64, displacement(lag))).collect();
            correlation(&points)
        })
        .collect();
    found.sort_by(f64::total_cmp);
    found
}

/// Σ(aₖ - bₖ)², in eight sums that do not wait for one another.
fn squares(a: &[f64], b: &[f64]) -> f64 {
    const WAYS: usize = 8;
    let mut sums = [0.0; WAYS];
    let (pieces, rest) = (a.chunks_exact(WAYS).zip(b.chunks_exact(WAYS)), a.len() / WAYS * WAYS);
    for (a, b) in pieces {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += (a - b) * (a - b);
        }
    }
    sums.iter().sum::<f64>() + a[rest..].iter().zip(&b[rest..]).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
}

fn correlation(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for p in points {
        xx += (p.0 - x).powi(2);
        yy += (p.1 - y).powi(2);
        xy += (p.0 - x) * (p.1 - y);
    }
    if xx * yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::{Cubic, Logistic};

    /// Observations of the logistic map behind a transient.
    fn logistic(r: f64, n: usize) -> Vec<f64> {
        std::iter::successors(Some(0.3f64), |x| Some(r * x * (1.0 - x))).skip(1000).take(n).collect()
    }

    #[test]
    fn quasi_periodic_motion_is_not_chaos() {
        let turn: Vec<f64> = (0..3000).map(|k| (f64::from(k) * 1.234_567).sin()).collect();
        assert!(zero_one_test(&turn).unwrap() < 0.1);
        assert_eq!(ZeroOne::of(&turn).unwrap().motion(), Motion::Regular);
        assert_eq!(zero_one_test(&[0.7; 500]), Ok(0.0));
    }

    #[test]
    fn the_sign_is_that_of_known_exponents() {
        // Chaos by conjugacy to piecewise linear maps, a window of period 3, and periods 2 and 4.
        for (r, motion) in [
            (4.0, Motion::Chaotic),
            (3.9, Motion::Chaotic),
            (3.7, Motion::Chaotic),
            (3.84, Motion::Regular),
            (3.2, Motion::Regular),
            (3.5, Motion::Regular),
        ] {
            let found = ZeroOne::of_orbit(&Logistic, r, &[0.3], 2000).unwrap();
            assert_eq!(found.motion(), motion, "{r}: {found:?}");
        }
        assert_eq!(ZeroOne::of_orbit(&Cubic, 2.0, &[0.3], 2000).unwrap().motion(), Motion::Chaotic);
    }

    #[test]
    fn observations_taken_too_often_are_thinned() {
        // Chaos seen through a glass that averages: each value is nearly the one before, and the raw test is misled.
        let mut slow = 0.5;
        let smooth: Vec<f64> = logistic(4.0, 40_000)
            .into_iter()
            .map(|x| {
                slow += 0.02 * (x - slow);
                slow
            })
            .collect();
        let thinned = ZeroOne::of(&smooth).unwrap();
        // The autocorrelation is 0.98ᵏ, a half at k = 34.3.
        assert!(thinned.stride().is_some_and(|stride| (25..45).contains(&stride)), "{thinned:?}");
        assert_eq!(thinned.motion(), Motion::Chaotic, "{thinned:?}");
        // A slow oscillation remains one.
        let turn: Vec<f64> = (0..20_000).map(|k| (f64::from(k) * 0.031_234).sin()).collect();
        let found = ZeroOne::of(&turn).unwrap();
        assert!(found.stride() > Some(20) && found.motion() == Motion::Regular, "{found:?}");
    }

    #[test]
    fn what_cannot_be_told_is_undecided() {
        // Few points, and a drift without end.
        assert_eq!(ZeroOne::of(&logistic(4.0, 300)).unwrap().motion(), Motion::Undecided);
        let drift: Vec<f64> = (0..3000).map(f64::from).collect();
        let found = ZeroOne::of(&drift).unwrap();
        assert_eq!((found.stride(), found.motion()), (None, Motion::Undecided));
        assert!(zero_one_test(&[0.0; 199]).is_err() && ZeroOne::of(&[0.0; 199]).is_err());
        assert!(ZeroOne::of(&[f64::NAN; 300]).is_err());
        let gone = ZeroOne::of_orbit(&Cubic, 2.5, &[1.7], 1000).unwrap_err();
        assert!(matches!(gone, OrbitError::Step { step, .. } if step < 100), "{gone}");
    }
}
