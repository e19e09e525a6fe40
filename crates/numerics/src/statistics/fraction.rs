//! Shares of trials.

use crate::error::{InputError, check_order};

/// So many of so many trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    successes: u64,
    trials: u64,
}

impl Fraction {
    /// `successes` of `trials`.
    ///
    /// # Errors
    /// If there are no trials, or more successes than trials.
    pub fn new(successes: u64, trials: u64) -> Result<Fraction, InputError> {
        check_order("the number of trials", trials as usize, 1, usize::MAX)?;
        check_order("the number of successes", successes as usize, 0, trials as usize)?;
        Ok(Fraction { successes, trials })
    }

    /// The same for counts known to be possible.
    pub(crate) fn checked(successes: u64, trials: u64) -> Fraction {
        Fraction { successes, trials }
    }

    /// The successes.
    pub fn successes(&self) -> u64 {
        self.successes
    }

    /// The trials.
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// The share itself.
    pub fn value(&self) -> f64 {
        self.successes as f64 / self.trials as f64
    }

    /// Wilson's score interval (Wilson 1927): all p from which the share found is at most z standard
    /// deviations away. z = 1.96 holds p in 95 of 100 cases, nearly. Never empty: no success in n independent
    /// trials leaves p up to z²/(n + z²).
    ///
    /// ```
    /// use shadowflow_numerics::statistics::Fraction;
    /// let (low, high) = Fraction::new(0, 1000)?.interval(1.96);
    /// assert!(low == 0.0 && (high - 0.0038).abs() < 1e-4);
    /// # Ok::<(), shadowflow_numerics::InputError>(())
    /// ```
    pub fn interval(&self, z: f64) -> (f64, f64) {
        let (n, p, square) = (self.trials as f64, self.value(), z * z);
        let middle = p + square / (2.0 * n);
        let half = z.abs() * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
        let scale = 1.0 + square / n;
        // At the ends of [0, 1] exactly, where the difference is rounding.
        let low = if self.successes == 0 { 0.0 } else { (middle - half) / scale };
        let high = if self.successes == self.trials { 1.0 } else { (middle + half) / scale };
        (low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_z_deviations_from_the_share() {
        for (successes, trials) in [(1, 10), (3, 7), (500, 1000), (1, 1_000_000)] {
            for z in [1.0, 1.96, 4.0] {
                let fraction = Fraction::new(successes, trials).unwrap();
                let (low, high) = fraction.interval(z);
                for p in [low, high] {
                    // The equation that defines them.
                    let deviation = (p * (1.0 - p) / trials as f64).sqrt();
                    assert!(((fraction.value() - p).abs() / (z * deviation) - 1.0).abs() < 1e-9, "{p}");
                }
                assert!(low < fraction.value() && fraction.value() < high);
            }
        }
        // Newcombe (1998), table I: 81 of 263 at 95 % is 0.2553 to 0.3662.
        let (low, high) = Fraction::new(81, 263).unwrap().interval(1.959_964);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
    }

    #[test]
    fn coverage_is_what_is_promised() {
        // The exact chance that the interval of 40 trials holds p = 0.3, a sum over the binomial law: 95 % up
        // to the steps of a discrete law.
        let (n, p) = (40u64, 0.3f64);
        let (mut coverage, mut mass) = (0.0, (1.0 - p).powi(40));
        for k in 0..=n {
            let (low, high) = Fraction::new(k, n).unwrap().interval(1.96);
            if low <= p && p <= high {
                coverage += mass;
            }
            mass *= p / (1.0 - p) * (n - k) as f64 / (k + 1) as f64;
        }
        assert!((coverage - 0.95).abs() < 0.02, "{coverage}");
    }

    #[test]
    fn impossible_fractions_are_refused() {
        assert!(Fraction::new(0, 0).is_err() && Fraction::new(3, 2).is_err());
        assert_eq!(Fraction::new(2, 2).unwrap().interval(2.0).1, 1.0);
        assert_eq!(Fraction::new(0, 2).unwrap().interval(2.0).0, 0.0);
    }
}
