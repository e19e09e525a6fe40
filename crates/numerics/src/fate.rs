//! Where an orbit ends up, as far as a number of steps shows.

use crate::error::StepError;
use crate::{OrbitError, Outcome, visit};

/// Periods looked for.
const LONGEST: usize = 32;

/// Points nearer than this share of their size are the same: far above rounding, far below anything drawn.
const SAME: f64 = 1e-8;

/// Extents of an attractor over a quarter of the orbit differ by less than this share.
const STEADY: f64 = 0.05;

/// What an orbit was seen to do. Nothing here is a proof: a period is seen twice, half the steps apart, to 10⁻⁸.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It comes to rest.
    Settles {
        /// There.
        at: Vec<f64>,
    },
    /// It visits the same points in turn.
    Cycles {
        /// The points of one period, at most 32 of them.
        points: Vec<Vec<f64>>,
    },
    /// It stays bounded without repeating itself.
    Wanders {
        /// The least and the largest value of each coordinate in the second half.
        ranges: Vec<(f64, f64)>,
    },
    /// It has not made up its mind: it still changes slowly.
    Undecided {
        /// Its last point.
        at: Vec<f64>,
    },
    /// It leaves the ball, or the finite numbers.
    Diverges {
        /// After so many steps.
        step: usize,
    },
}

impl Fate {
    /// Of the orbit of `x0` under the map that writes Φ(x) to its second argument, after `steps` steps (at least 200 are
    /// taken) unless it leaves the ball |x| ≤ `radius`.
    ///
    /// ```
    /// use shadowflow_numerics::Fate;
    /// // Gradient descent on x⁴/4 - x²/2 at h = 1.1: the minimizer 1 repels, a cycle of period 2 attracts.
    /// let step = |x: &[f64], out: &mut [f64]| {
    ///     out[0] = x[0] - 1.1 * (x[0].powi(3) - x[0]);
    ///     Ok(())
    /// };
    /// let Fate::Cycles { points } = Fate::of(step, &[0.9], 2000, 1e3)? else { panic!() };
    /// assert_eq!(points.len(), 2);
    /// # Ok::<(), shadowflow_numerics::OrbitError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`orbit`](crate::orbit).
    pub fn of(
        map: impl FnMut(&[f64], &mut [f64]) -> Result<(), StepError>,
        x0: &[f64],
        steps: usize,
        radius: f64,
    ) -> Result<Fate, OrbitError> {
        let steps = steps.max(8 * LONGEST);
        let window = 2 * LONGEST;
        let (mut middle, mut end) = (Vec::new(), Vec::new());
        // Of the third quarter of the orbit, and of the last.
        let mut quarters = [(); 2].map(|()| vec![(f64::INFINITY, f64::NEG_INFINITY); x0.len()]);
        let outcome = visit(map, x0, steps, radius, |k, x| {
            if k > steps / 2 {
                for (range, &x) in quarters[usize::from(k > steps - steps / 4)].iter_mut().zip(x) {
                    *range = (range.0.min(x), range.1.max(x));
                }
                if k <= steps / 2 + window {
                    middle.push(x.to_vec());
                }
            }
            if k + window > steps {
                end.push(x.to_vec());
            }
        })?;
        if let Outcome::Escaped { step } | Outcome::NotFinite { step } = outcome {
            return Ok(Fate::Diverges { step });
        }
        let join = |(a, b): (&(f64, f64), &(f64, f64))| (a.0.min(b.0), a.1.max(b.1));
        let ranges: Vec<(f64, f64)> = quarters[0].iter().zip(&quarters[1]).map(join).collect();
        let extent = |ranges: &[(f64, f64)]| ranges.iter().map(|range| range.1 - range.0).fold(0.0, f64::max);
        let [third, last] = quarters.each_ref().map(|ranges| extent(ranges));
        let size = ranges.iter().fold(0.0, |size: f64, range| size.max(range.0.abs()).max(range.1.abs()));
        let same =
            |x: &[f64], y: &[f64]| x.iter().zip(y).all(|(x, y)| (x - y).abs() <= SAME * size.max(1e-300));
        let period = |points: &[Vec<f64>]| {
            (1..=LONGEST).find(|&p| (p..points.len()).all(|k| same(&points[k], &points[k - p])))
        };
        Ok(match (period(&middle), period(&end)) {
            // The same points again: where the cycle was in the middle, it is at the end, if shifted.
            (Some(before), Some(now)) if before == now && (0..now).any(|k| same(&middle[0], &end[k])) => {
                match now {
                    1 => Fate::Settles { at: end[window - 1].clone() },
                    _ => Fate::Cycles { points: end[window - now..].to_vec() },
                }
            }
            // At rest to more than can be told apart, however it got there.
            (_, Some(1)) => Fate::Settles { at: end[window - 1].clone() },
            (_, Some(_)) => Fate::Undecided { at: end[window - 1].clone() },
            // An attractor has the same extent at all times.
            (_, None) if (third - last).abs() > STEADY * third.max(last) => {
                Fate::Undecided { at: end[window - 1].clone() }
            }
            (_, None) => Fate::Wanders { ranges },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gradient descent on x⁴/4 - x²/2.
    fn cubic(h: f64, x0: f64) -> Fate {
        let step = |x: &[f64], out: &mut [f64]| {
            out[0] = x[0] - h * (x[0].powi(3) - x[0]);
            Ok(())
        };
        Fate::of(step, &[x0], 20_000, 1e3).unwrap()
    }

    #[test]
    fn the_cubic_map_takes_its_known_road() {
        // Doublings at 1, √5 - 1 and 1.2880…, chaos beyond 1.3023, divergence beyond 2.
        let Fate::Settles { at } = cubic(0.9, 0.3) else { panic!() };
        assert!((at[0] - 1.0).abs() < 1e-8);
        for (h, period) in [(1.1, 2), (1.26, 4), (1.295, 8)] {
            let Fate::Cycles { points } = cubic(h, 0.3) else { panic!("{h}: {:?}", cubic(h, 0.3)) };
            assert_eq!(points.len(), period, "{h}");
        }
        assert!(matches!(cubic(1.9, 0.3), Fate::Wanders { .. }));
        assert!(matches!(cubic(2.1, 1.9), Fate::Diverges { .. }));
    }

    #[test]
    fn what_still_changes_is_undecided() {
        // At the flip itself the approach is like 1/√k: after 20 000 steps two points are still apart.
        assert!(matches!(cubic(1.0, 0.9), Fate::Undecided { .. }), "{:?}", cubic(1.0, 0.9));
    }
}
