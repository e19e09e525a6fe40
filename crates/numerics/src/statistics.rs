//! What a sample says about the law it is drawn from, with errors that know about correlation.
//!
//! Iterates are correlated, so n of them are worth fewer than n independent ones. All standard errors here
//! are by *batch means*: the sample is cut into batches much longer than its memory, and the scatter of their
//! means is the error of the whole. Unlike sums of autocorrelations cut by their sign (Geyer's initial
//! positive sequence) this does not ask for a reversible chain, which gradient descent is not. Batches are
//! either about √n neighbours each (Flegal & Jones 2010) or independent streams.
//!
//! * [`Sample`] holds its values: means, variances, exact Kolmogorov–Smirnov and Wasserstein distances.
//! * [`Tally`] counts independent streams in bins, for more values than one wants to keep.
//! * [`Estimate`] is a value with its standard error, [`Distance`] and [`Transport`] are distances between laws, [`Shape`]
//!   holds moments, [`Fraction`] is a share of trials with its confidence interval.

mod fraction;
mod sample;
mod tally;

pub use fraction::Fraction;
pub use sample::Sample;
pub use tally::{Histogram, Tally};

pub use crate::streams::Shape;

use crate::error::InputError;

/// Why there is no estimate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StatisticsError {
    /// An argument cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Independent streams are still apart: their length is not far above the memory of the iterates.
    #[error(
        "streams of {length} iterates have not mixed: neighbours within about {time:.0} are correlated; \
         more iterates may help, unless the iterates cannot leave where they are"
    )]
    NotMixed {
        /// The iterates of a stream.
        length: usize,
        /// The correlation time estimated, in iterates.
        time: f64,
    },
    /// Whoever watched the work stopped it.
    #[error("stopped before it was done")]
    Interrupted,
    /// Iterates grew beyond bounds, whatever their step is called.
    #[error("iterates leave for good, as those that begin at {from:?} do; those of a smaller step may stay")]
    Away {
        /// Where they started.
        from: Vec<f64>,
    },
    /// Iterates grew beyond bounds.
    #[error(
        "with h = {h} iterates diverge, as those that begin at {from:.4} do; those of a smaller h may stay"
    )]
    Diverged {
        /// The step.
        h: f64,
        /// Where they started.
        from: f64,
    },
}

/// A value with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

impl Estimate {
    /// By how many standard errors it differs from `expected`: 0 if it does not differ, infinite if it has no
    /// error and does.
    ///
    /// ```
    /// let estimate = shadowflow_numerics::statistics::Estimate { value: 1.5, error: 0.25 };
    /// assert_eq!(estimate.deviation(1.0), 2.0);
    /// assert_eq!(estimate.deviation(1.5), 0.0);
    /// ```
    pub fn deviation(&self, expected: f64) -> f64 {
        let difference = (self.value - expected).abs();
        if difference == 0.0 { 0.0 } else { difference / self.error }
    }

    /// The mean of independent values of equal weight, at least two of them.
    pub(crate) fn of_means(values: &[f64]) -> Estimate {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        Estimate { value: mean, error: (squares / (n - 1.0) / n).sqrt() }
    }
}

/// The Kolmogorov–Smirnov distance: the largest difference of two distribution functions.
///
/// It is never 0 for a finite sample: even if both laws are the same it comes out as about
/// [`Distance::noise`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// The largest difference.
    pub value: f64,
    /// Where it is found.
    pub at: f64,
    /// The standard error of the difference there.
    pub error: f64,
    /// How many independent values would scatter as much: for two samples of n and m it is nm/(n + m).
    pub effective: f64,
}

impl Distance {
    /// What the distance is on average if both laws are the same: √(π/2) ln 2/√n = 0.8687/√n (the mean of
    /// Kolmogorov's law, 1933) with the effective n.
    pub fn noise(&self) -> f64 {
        std::f64::consts::FRAC_PI_2.sqrt() * std::f64::consts::LN_2 / self.effective.sqrt()
    }
}

/// Wasserstein's distance of order 1 between two laws, ∫|F - G| dx: the least mean distance by which one can be carried
/// into the other, in the unit of x.
///
/// Like [`Distance`] it is never 0 for finite samples: if both laws are the same it comes out as about `noise`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transport {
    /// The distance.
    pub value: f64,
    /// Its standard error, from the scatter between independent streams. Not larger than `noise` by much, it says little:
    /// near 0 a distance is not normally distributed.
    pub error: f64,
    /// What the distance is on average if both laws are the same: ∫√(2/π) s dx with the standard error s(x) of F - G, the
    /// mean of the modulus of a normal number (this project).
    pub noise: f64,
}

/// The effective number of values: Σ F(1 - F) over Σ of squared standard errors of F, over thresholds.
pub(crate) fn effective(thresholds: impl Iterator<Item = Estimate>, most: f64) -> f64 {
    let (spread, square) = thresholds.fold((0.0, 0.0), |(spread, square), share| {
        (spread + share.value * (1.0 - share.value), square + share.error * share.error)
    });
    // Nothing scatters: all values alike, or batches that agree exactly.
    if square > 0.0 && spread > 0.0 { spread / square } else { most }
}

/// Rejects what is no value of a distribution function.
pub(crate) fn check_probability(value: f64) -> Result<f64, InputError> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(InputError::Number {
            what: "a value of the distribution function",
            value,
            expected: "a number from 0 to 1",
        })
    }
}
