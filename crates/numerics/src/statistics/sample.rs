//! Values of one variable, all kept.

use super::{Distance, Estimate, Histogram, check_probability, effective};
use crate::error::{InputError, check_finite, check_order};

/// The least number of values: eight batches of eight.
const LEAST: usize = 64;

/// Values in the order they came in, which is what tells how correlated they are.
///
/// ```
/// use shadowflow_numerics::{Generator, statistics::Sample};
/// let mut random = Generator::new(1, 0);
/// let sample = Sample::new((0..10_000).map(|_| random.uniform()).collect())?;
/// assert!(sample.mean().deviation(0.5) < 4.0 && sample.variance().deviation(1.0 / 12.0) < 4.0);
/// // The distribution function of uniform numbers is x.
/// let distance = sample.kolmogorov(|x| x)?;
/// assert!(distance.value < 2.0 * distance.noise());
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sample {
    values: Vec<f64>,
    sorted: Vec<f64>,
    /// Values in a batch.
    batch: usize,
}

impl Sample {
    /// One sequence, in batches of about √n neighbours; errors are right if memory fades in far fewer than √n
    /// steps.
    ///
    /// # Errors
    /// If there are fewer than 64 values, or one is not finite.
    pub fn new(values: Vec<f64>) -> Result<Sample, InputError> {
        check_order("the number of values", values.len(), LEAST, usize::MAX)?;
        let batch = values.len().isqrt();
        Sample::checked(values, batch)
    }

    /// Independent streams of equal length, one after the other, each a batch.
    ///
    /// # Errors
    /// If there are fewer than 8 streams or 64 values, the streams do not share the values evenly, or a value
    /// is not finite.
    pub fn of_streams(values: Vec<f64>, streams: usize) -> Result<Sample, InputError> {
        check_order("the number of values", values.len(), LEAST, usize::MAX)?;
        check_order("the number of streams", streams, 8, values.len())?;
        let batch = values.len() / streams;
        if batch * streams != values.len() {
            return Err(InputError::Dimension {
                what: "the list of all streams",
                expected: batch * streams,
                found: values.len(),
            });
        }
        Sample::checked(values, batch)
    }

    fn checked(values: Vec<f64>, batch: usize) -> Result<Sample, InputError> {
        check_finite("the sample", &values)?;
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Ok(Sample { values, sorted, batch })
    }

    /// The values as they came.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values by size.
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// The mean.
    pub fn mean(&self) -> Estimate {
        self.mean_of(|x| x)
    }

    /// The mean of g.
    pub fn mean_of(&self, g: impl Fn(f64) -> f64) -> Estimate {
        let mean = self.values.iter().map(|&x| g(x)).sum::<f64>() / self.values.len() as f64;
        // A rest that fills no batch counts for the mean, not for its error.
        let batches = self.values.chunks_exact(self.batch);
        let means: Vec<f64> =
            batches.map(|batch| batch.iter().map(|&x| g(x)).sum::<f64>() / self.batch as f64).collect();
        Estimate { value: mean, ..Estimate::of_means(&means) }
    }

    /// The variance of the law: the mean square distance from the mean, and the variance of the mean added,
    /// by which the former falls short.
    pub fn variance(&self) -> Estimate {
        let mean = self.mean();
        let squares = self.mean_of(|x| (x - mean.value) * (x - mean.value));
        Estimate { value: squares.value + mean.error * mean.error, error: squares.error }
    }

    /// How many values are worth one independent one: the variance of the mean against that of independent
    /// values. 1 without correlation; below 1 if neighbours are opposed.
    pub fn correlation_time(&self) -> f64 {
        let (mean, variance) = (self.mean(), self.variance());
        if variance.value > 0.0 {
            mean.error * mean.error * self.values.len() as f64 / variance.value
        } else {
            1.0
        }
    }

    /// The share of values up to x.
    pub fn distribution(&self, x: f64) -> f64 {
        self.sorted.partition_point(|&value| value <= x) as f64 / self.sorted.len() as f64
    }

    /// The distance to a continuous law with distribution function F: sup |Fₙ - F|.
    ///
    /// # Errors
    /// If F gives anything but numbers from 0 to 1.
    pub fn kolmogorov(&self, distribution: impl Fn(f64) -> f64) -> Result<Distance, InputError> {
        let n = self.sorted.len() as f64;
        let (mut value, mut at) = (0.0, self.sorted[0]);
        for (k, &x) in self.sorted.iter().enumerate() {
            let expected = check_probability(distribution(x))?;
            // Just below x, and at it.
            let gap = (expected - k as f64 / n).max((k + 1) as f64 / n - expected);
            if gap > value {
                (value, at) = (gap, x);
            }
        }
        let error = self.share(at).error;
        Ok(Distance { value, at, error, effective: self.effective() })
    }

    /// The distance to the law of another sample: sup |Fₙ - Gₘ|.
    pub fn kolmogorov_between(&self, other: &Sample) -> Distance {
        let (mut value, mut at) = (0.0, self.sorted[0]);
        merge(&self.sorted, &other.sorted, |difference, x, _| {
            if difference.abs() > value {
                (value, at) = (difference.abs(), x);
            }
        });
        let error = self.share(at).error.hypot(other.share(at).error);
        let effective = 1.0 / (1.0 / self.effective() + 1.0 / other.effective());
        Distance { value, at, error, effective }
    }

    /// Wasserstein's distance of order 1 to another sample: ∫|Fₙ - Gₘ| dx, the least mean distance by which
    /// one can be carried into the other.
    pub fn wasserstein_between(&self, other: &Sample) -> f64 {
        let mut sum = 0.0;
        merge(&self.sorted, &other.sorted, |difference, x, next| sum += difference.abs() * (next - x));
        sum
    }

    /// What [`Sample::wasserstein_between`] is on average if both laws are the same: ∫√(2/π) s dx with the standard error
    /// s = √(F(1 - F)(1/n + 1/m)) of the difference of distribution functions, F that of both samples together and n, m
    /// their effective numbers (this project).
    pub fn wasserstein_noise(&self, other: &Sample) -> f64 {
        let scale = 1.0 / self.effective() + 1.0 / other.effective();
        let mut all = [&self.sorted[..], &other.sorted[..]].concat();
        all.sort_unstable_by(f64::total_cmp);
        let n = all.len() as f64;
        let step = |(k, pair): (usize, &[f64])| {
            let share = (k + 1) as f64 / n;
            (pair[1] - pair[0]) * (share * (1.0 - share)).sqrt()
        };
        (scale * std::f64::consts::FRAC_2_PI).sqrt() * all.windows(2).enumerate().map(step).sum::<f64>()
    }

    /// Wasserstein's distance of order 1 to the law with distribution function F, which is 0 and 1 at the
    /// ends of `region`: ∫|Fₙ - F| dx over the region and the sample, by the trapezoidal rule between values
    /// of the sample, and at 4096 points at least.
    ///
    /// # Errors
    /// If the region is not finite and increasing, or F gives anything but numbers from 0 to 1.
    pub fn wasserstein(
        &self,
        distribution: impl Fn(f64) -> f64,
        region: (f64, f64),
    ) -> Result<f64, InputError> {
        super::tally::check_range(region)?;
        let n = self.sorted.len();
        let (from, to) = (region.0.min(self.sorted[0]), region.1.max(self.sorted[n - 1]));
        let widest = (to - from) / 4096.0;
        let mut sum = 0.0;
        let (mut left, mut at_left) = (from, check_probability(distribution(from))?);
        for k in 0..=n {
            let end = if k == n { to } else { self.sorted[k] };
            let share = k as f64 / n as f64;
            let pieces = ((end - left) / widest).ceil().max(1.0);
            let start = left;
            for piece in 1..=pieces as usize {
                let right = start + (end - start) * (piece as f64 / pieces);
                let at_right = check_probability(distribution(right))?;
                sum += area(at_left - share, at_right - share) * (right - left);
                (left, at_left) = (right, at_right);
            }
        }
        Ok(sum)
    }

    /// Counts in equal bins over `range`.
    ///
    /// # Errors
    /// If the range is not finite and increasing, or there are no bins or more than 2²⁴.
    pub fn histogram(&self, range: (f64, f64), bins: usize) -> Result<Histogram, InputError> {
        let mut histogram = Histogram::new(range, bins)?;
        for &x in &self.values {
            histogram.add(x);
        }
        Ok(histogram)
    }

    /// The share of values up to x with its error.
    fn share(&self, x: f64) -> Estimate {
        self.mean_of(|value| f64::from(u8::from(value <= x)))
    }

    /// The effective number of values for distribution functions, from seven quantiles.
    fn effective(&self) -> f64 {
        let n = self.sorted.len();
        let thresholds = (1..8).map(|k| self.share(self.sorted[k * n / 8]));
        effective(thresholds, n as f64)
    }
}

/// The mean of |y| along a straight line from y = a to y = b.
fn area(a: f64, b: f64) -> f64 {
    if a * b >= 0.0 {
        0.5 * (a + b).abs()
    } else {
        // Two triangles on either side of the crossing.
        0.5 * (a * a + b * b) / (a - b).abs()
    }
}

/// Shows the difference of two distribution functions on each of its steps, from x to the next value.
fn merge(one: &[f64], other: &[f64], mut visit: impl FnMut(f64, f64, f64)) {
    let (mut i, mut j) = (0, 0);
    let next = |i: usize, j: usize| match (one.get(i), other.get(j)) {
        (Some(&x), Some(&y)) => Some(x.min(y)),
        (x, y) => x.or(y).copied(),
    };
    while let Some(x) = next(i, j) {
        while one.get(i).is_some_and(|&value| value <= x) {
            i += 1;
        }
        while other.get(j).is_some_and(|&value| value <= x) {
            j += 1;
        }
        let difference = i as f64 / one.len() as f64 - j as f64 / other.len() as f64;
        visit(difference, x, next(i, j).unwrap_or(x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Generator;

    /// xₖ₊₁ = ρxₖ + √(1 - ρ²) ξ: variance 1, correlations ρᵏ, so that the time is (1 + ρ)/(1 - ρ).
    fn autoregressive(rho: f64, n: usize, stream: u64) -> Vec<f64> {
        let mut random = Generator::new(11, stream);
        let mut x = random.normal();
        (0..n)
            .map(|_| {
                x = rho * x + (1.0 - rho * rho).sqrt() * random.normal();
                x
            })
            .collect()
    }

    #[test]
    fn errors_know_about_correlation() {
        for rho in [-0.5f64, 0.0, 0.9] {
            let sample = Sample::new(autoregressive(rho, 250_000, 0)).unwrap();
            let time = (1.0 + rho) / (1.0 - rho);
            // 500 batches give the time to √(2/499) = 6.3 %, four of which are allowed.
            assert!((sample.correlation_time() / time - 1.0).abs() < 0.25, "{}", sample.correlation_time());
            assert!(sample.mean().deviation(0.0) < 4.0 && sample.variance().deviation(1.0) < 4.0);
            // Squares have correlations ρ²ᵏ and variance 2.
            let square = (1.0 + rho * rho) / (1.0 - rho * rho);
            let error = (2.0 * square / 250_000.0).sqrt();
            assert!((sample.variance().error / error - 1.0).abs() < 0.25, "{}", sample.variance().error);
        }
    }

    #[test]
    fn errors_are_as_large_as_the_scatter_of_repeats() {
        // 200 samples of known mean: deviations in standard errors have mean square 1, with error √(2/200) =
        // 0.1, and a few per cent more because a batch of 100 forgets ρ = 0.8 within 9.
        let squares = (0..200).map(|stream| {
            let sample = Sample::new(autoregressive(0.8, 10_000, stream)).unwrap();
            sample.mean().deviation(0.0).powi(2)
        });
        let mean = squares.sum::<f64>() / 200.0;
        assert!((0.6..1.6).contains(&mean), "{mean}");
    }

    #[test]
    fn kolmogorov_distances_of_the_same_law_are_noise() {
        // 100 samples of uniform numbers: the distance over the noise has mean 1 and deviation 0.2603/0.8687
        // = 0.3.
        let ratios = (0..100).map(|stream| {
            let mut random = Generator::new(3, stream);
            let sample = Sample::new((0..2500).map(|_| random.uniform()).collect()).unwrap();
            let distance = sample.kolmogorov(|x| x).unwrap();
            distance.value / distance.noise()
        });
        let mean = ratios.sum::<f64>() / 100.0;
        // Noise itself comes from 50 batches: some per cent more.
        assert!((mean - 1.0).abs() < 0.15, "{mean}");
    }

    #[test]
    fn distances_of_known_laws() {
        // A ladder of values at (k + 1/2)/n is 1/2n from the uniform law, and a shift by s carries every
        // value by s.
        let n = 1000;
        let ladder = |shift: f64| (0..n).map(|k| (f64::from(k) + 0.5) / f64::from(n) + shift).collect();
        let one = Sample::new(ladder(0.0)).unwrap();
        let other = Sample::new(ladder(0.25)).unwrap();
        assert!((one.kolmogorov(|x| x.clamp(0.0, 1.0)).unwrap().value - 5e-4).abs() < 1e-12);
        assert!((one.kolmogorov_between(&other).value - 0.25).abs() < 1.5e-3);
        assert!((one.wasserstein_between(&other) - 0.25).abs() < 1e-12);
        // A quarter of a step on average from the uniform law, and the shift.
        let uniform = |x: f64| x.clamp(0.0, 1.0);
        assert!((one.wasserstein(uniform, (0.0, 1.0)).unwrap() - 0.25 / f64::from(n)).abs() < 1e-9);
        assert!((other.wasserstein(uniform, (0.0, 1.0)).unwrap() - 0.25).abs() < 1e-6);
        assert_eq!(one.kolmogorov_between(&one).value, 0.0);
        assert_eq!(one.wasserstein_between(&one), 0.0);
        assert_eq!(one.distribution(0.5), 0.5);
        assert_eq!(one.histogram((0.0, 1.0), 10).unwrap().counts(), [100; 10]);
    }

    #[test]
    fn a_wrong_law_is_told_from_noise() {
        let mut random = Generator::new(5, 0);
        let sample = Sample::new((0..20_000).map(|_| random.uniform()).collect()).unwrap();
        // x² is 1/4 from x at 1/2.
        let distance = sample.kolmogorov(|x| x * x).unwrap();
        assert!(
            (distance.value - 0.25).abs() < 4.0 * distance.error && distance.value > 20.0 * distance.noise()
        );
        assert!((distance.at - 0.5).abs() < 0.1);
    }

    #[test]
    fn bad_samples_are_refused() {
        assert!(Sample::new(vec![0.5; 63]).is_err());
        let mut values = vec![0.5; 64];
        assert_eq!(Sample::new(values.clone()).unwrap().correlation_time(), 1.0);
        assert!(
            Sample::of_streams(values.clone(), 7).is_err() && Sample::of_streams(values.clone(), 9).is_err()
        );
        assert!(Sample::of_streams(values.clone(), 8).is_ok());
        assert!(Sample::new(values.clone()).unwrap().kolmogorov(|_| f64::NAN).is_err());
        assert!(Sample::new(values.clone()).unwrap().wasserstein(|x| x, (1.0, 0.0)).is_err());
        values[9] = f64::NAN;
        assert!(matches!(Sample::new(values), Err(InputError::NotFinite { index: 10, .. })));
    }
}
