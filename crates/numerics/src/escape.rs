//! Crossings between the wells of a rippled double well.

use crate::error::{InputError, check_order};
use crate::statistics::{Estimate, Fraction, StatisticsError};
use crate::streams::{STREAMS, on_streams};
use crate::{Generator, LargeStep, Objective};

/// The most steps of all streams together: some minutes.
const MOST: u64 = 10_000_000_000;

/// Two minima and the maximum between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wells {
    left: f64,
    top: f64,
    right: f64,
}

impl Wells {
    /// The wells around the minimizers `left` < `right`, divided at the maximizer `top` between them.
    ///
    /// # Errors
    /// Unless the three are finite and in order.
    pub fn new(left: f64, top: f64, right: f64) -> Result<Wells, InputError> {
        for value in [left, top, right] {
            if !value.is_finite() {
                return Err(InputError::Number {
                    what: "a place of the wells",
                    value,
                    expected: "a finite number",
                });
            }
        }
        if left < top && top < right {
            Ok(Wells { left, top, right })
        } else {
            Err(InputError::Number {
                what: "the top between the wells",
                value: top,
                expected: "a number above the left and below the right minimizer",
            })
        }
    }

    /// The minimizers and the maximizer, from left to right.
    pub fn places(&self) -> (f64, f64, f64) {
        (self.left, self.top, self.right)
    }

    /// The ends of the cores, halfway from the top to the minimizers: an orbit is in the well whose core it
    /// was in last, so that jitter at the top is no crossing.
    pub fn cores(&self) -> (f64, f64) {
        (0.5 * (self.left + self.top), 0.5 * (self.top + self.right))
    }
}

/// Crossings seen in 64 orbits that start in the left well.
#[derive(Clone, Debug, PartialEq)]
pub struct Escapes {
    steps: u64,
    first: Vec<Option<u64>>,
    crossings: Vec<u64>,
}

impl<V: Objective + Sync> LargeStep<V> {
    /// Follows 64 orbits for `steps` steps each and counts how often they cross from the core of one well to
    /// that of the other.
    ///
    /// Rates fall with h like exp(-∆φ/h) with the [quasi-potential](LargeStep::quasi_potential) ∆φ from the
    /// minimizer to the top, which is steeper than Gibbs' exp(-∆f₀/T).
    ///
    /// They start spread over the left well, within an eighth of the distance to the top around its
    /// minimizer.
    ///
    /// ```
    /// use shadowflow_numerics::{LargeStep, Wells, problems::DoubleWell};
    /// let wells = Wells::new(-1.0, 0.0, 1.0)?;
    /// // Gradient descent in a double well with ripples of length 10⁻⁴ (over 2π). The large step crosses …
    /// let large = LargeStep::new(DoubleWell, 1e-4, 0.2)?.escapes(wells, 1, 20_000)?;
    /// assert!(large.escaped().value() > 0.9);
    /// // … the small one, below 2/L for L = 1/ε + max f₀'', descends into the nearest ripple and stays there.
    /// let small = LargeStep::new(DoubleWell, 1e-4, 1.9e-4)?.escapes(wells, 1, 20_000)?;
    /// assert_eq!(small.crossings(), 0);
    /// # Ok::<(), shadowflow_numerics::statistics::StatisticsError>(())
    /// ```
    ///
    /// # Errors
    /// If there are no steps or more than 10¹⁰/64, or iterates diverge.
    pub fn escapes(&self, wells: Wells, seed: u64, steps: u64) -> Result<Escapes, StatisticsError> {
        check_order("the number of steps", steps as usize, 1, MOST as usize / STREAMS)?;
        let (low, high) = wells.cores();
        let far = 1e3 * (wells.right - wells.left);
        let streams = on_streams(|stream| {
            let spread = 0.25 * (Generator::new(seed, stream).uniform() - 0.5) * (wells.top - wells.left);
            let from = wells.left + spread;
            let (mut x, mut on_the_left) = (from, true);
            let (mut first, mut crossings) = (None, 0);
            for k in 1..=steps {
                x = self.step(x);
                if on_the_left && x > high || !on_the_left && x < low {
                    on_the_left = !on_the_left;
                    crossings += 1;
                    first = first.or(Some(k));
                    if (x - wells.top).abs() > far {
                        break;
                    }
                }
            }
            match (x - wells.top).abs() < far {
                true => Ok((first, crossings)),
                false => Err(StatisticsError::Diverged { h: self.h(), from }),
            }
        })?;
        let (first, crossings) = streams.into_iter().unzip();
        Ok(Escapes { steps, first, crossings })
    }
}

impl Escapes {
    /// The steps of each orbit.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The step in which each orbit first entered the core of the right well, if it did.
    pub fn first(&self) -> &[Option<u64>] {
        &self.first
    }

    /// All crossings of all orbits, in both directions.
    pub fn crossings(&self) -> u64 {
        self.crossings.iter().sum()
    }

    /// The share of orbits that left the left well.
    pub fn escaped(&self) -> Fraction {
        let escaped = self.first.iter().flatten().count() as u64;
        Fraction::checked(escaped, self.first.len() as u64)
    }

    /// Escapes from the left well over the steps spent there until the first: the chance of an escape in a
    /// step, and the likeliest rate if waiting times are exponential, orbits that never left included. Its
    /// [`interval`](Fraction::interval) takes escapes as independent from step to step, which they are nearly
    /// if they are rare.
    pub fn rate(&self) -> Fraction {
        let exposure = self.first.iter().map(|first| first.unwrap_or(self.steps)).sum();
        Fraction::checked(self.first.iter().flatten().count() as u64, exposure)
    }

    /// Crossings in a step, both directions, with the error from the scatter between orbits.
    pub fn crossing_rate(&self) -> Estimate {
        let rates: Vec<f64> = self.crossings.iter().map(|&count| count as f64 / self.steps as f64).collect();
        Estimate::of_means(&rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gibbs;
    use crate::problems::{DoubleWell, Quadratic};

    fn wells() -> Wells {
        Wells::new(-1.0, 0.0, 1.0).unwrap()
    }

    fn well(h: f64, ripple: f64) -> LargeStep<DoubleWell> {
        LargeStep::new(DoubleWell, ripple, h).unwrap()
    }

    #[test]
    fn large_steps_cross_and_small_ones_do_not() {
        let large = well(0.2, 1e-4).escapes(wells(), 3, 40_000).unwrap();
        assert!(large.escaped().value() > 0.9, "{large:?}");
        assert!(large.rate().interval(3.0).0 > 1e-4, "{:?}", large.rate().interval(3.0));
        // Below 2/L, where every step descends f, whose ripples do not let it out.
        let small = well(1.9e-4, 1e-4).escapes(wells(), 3, 40_000).unwrap();
        assert_eq!((small.crossings(), small.escaped().successes()), (0, 0));
        assert!(small.rate().interval(3.0).1 < 1e-5, "{:?}", small.rate().interval(3.0));
    }

    #[test]
    fn rates_in_both_directions_agree_with_the_first_escape() {
        // The wells are alike, so that crossings in all are as frequent as escapes from the left, as long as
        // starts are soon forgotten.
        let escapes = well(0.3, 1e-5).escapes(wells(), 1, 50_000).unwrap();
        let (low, high) = escapes.rate().interval(4.0);
        let rate = escapes.crossing_rate();
        assert!(
            low < rate.value + 4.0 * rate.error && rate.value - 4.0 * rate.error < high,
            "{low} {high} {rate:?}"
        );
        assert_eq!(escapes.escaped().successes(), 64);
    }

    #[test]
    fn waiting_times_are_those_of_langevins_equation_within_its_range() {
        // dX = -f₀' dt + √(2T) dW needs the time of Gibbs::passage_time, in steps of h, shorter by exp(-(∆φ -
        // 1)/h) = 0.55 for the quasi-potential ∆φ = 1.12, and by a factor of order one for steps that
        // overshoot the core.
        let h = 0.2;
        let escapes = well(h, 1e-5).escapes(wells(), 8, 40_000).unwrap();
        let gibbs = Gibbs::new(DoubleWell, 0.25 * h).unwrap();
        let expected = h / gibbs.passage_time(-1.0, wells().cores().1).unwrap();
        let ratio = escapes.rate().value() / expected;
        assert!((0.4..1.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        for (left, top, right) in
            [(0.0, 0.0, 1.0), (1.0, 0.0, -1.0), (-1.0, f64::NAN, 1.0), (-1.0, 0.0, f64::INFINITY)]
        {
            assert!(matches!(Wells::new(left, top, right), Err(InputError::Number { .. })));
        }
        assert!(matches!(well(0.2, 1e-4).escapes(wells(), 1, 0), Err(StatisticsError::Input(_))));
        assert!(matches!(well(0.2, 1e-4).escapes(wells(), 1, u64::MAX), Err(StatisticsError::Input(_))));
        assert!(matches!(well(5.0, 1e-4).escapes(wells(), 1, 1000), Err(StatisticsError::Diverged { .. })));
        let hill = LargeStep::new(Quadratic::new(&[-1.0]), 1e-4, 0.2).unwrap();
        assert!(matches!(hill.escapes(wells(), 1, 1000), Err(StatisticsError::Diverged { .. })));
    }
}
