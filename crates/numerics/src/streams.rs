//! The same work on independent streams of random numbers, in parallel.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::error::{InputError, check_order};
use crate::raster::in_parallel;
use crate::statistics::{Estimate, StatisticsError};

/// Independent streams: enough that their scatter is known to √(1/126) = 9 %, and a multiple of the usual
/// numbers of processors.
pub(crate) const STREAMS: usize = 64;

/// The least number of values of a stream.
const SHORTEST: usize = 1024;

/// The most values in all. Beyond, orbits of doubles begin to meet: there are some 10¹⁶ of them in a region,
/// and among n of these two meet when n² comes near.
const MOST: usize = 1_000_000_000;

/// The length of streams that give `total` values, rounded up.
pub(crate) fn length(total: usize) -> Result<usize, InputError> {
    check_order("the number of iterates", total, STREAMS * SHORTEST, MOST)?;
    Ok(total.div_ceil(STREAMS))
}

/// The results of `work` for the numbers of all streams, in order.
pub(crate) fn on_streams<T: Send, E: Send>(work: impl Fn(u64) -> Result<T, E> + Sync) -> Result<Vec<T>, E> {
    let mut results: Vec<Option<Result<T, E>>> = (0..STREAMS).map(|_| None).collect();
    in_parallel(&mut results, 1, |stream, result| result[0] = Some(work(stream as u64)));
    // Every place was written to; the first error in order is the one reported.
    results.into_iter().flatten().collect()
}

/// The same, with somebody who is told after each stream which share of `parts` is done, `before` of them earlier, and
/// stops the work by answering `true`.
pub(crate) fn on_streams_watched<T: Send>(
    watch: &(dyn Fn(f64) -> bool + Sync),
    (before, parts): (usize, usize),
    work: impl Fn(u64) -> Result<T, StatisticsError> + Sync,
) -> Result<Vec<T>, StatisticsError> {
    let (finished, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    on_streams(|stream| {
        if stopped.load(Ordering::Relaxed) {
            return Err(StatisticsError::Interrupted);
        }
        let result = work(stream)?;
        let done = finished.fetch_add(1, Ordering::Relaxed) + 1;
        if watch((before as f64 + done as f64 / STREAMS as f64) / parts as f64) {
            stopped.store(true, Ordering::Relaxed);
        }
        Ok(result)
    })
}

/// Sums of powers of x - p through the fourth along a stream, for a pivot p near the mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pivot: f64,
    count: f64,
    first: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

/// Moments of a law with their standard errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// The mean.
    pub mean: Estimate,
    /// The third central moment over the third power of the deviation: 0 for a symmetric law.
    pub skewness: Estimate,
    /// The fourth central moment over the square of the variance: 3 for a normal law.
    pub kurtosis: Estimate,
}

impl Moments {
    pub(crate) fn about(pivot: f64) -> Moments {
        Moments { pivot, count: 0.0, first: 0.0, second: 0.0, third: 0.0, fourth: 0.0 }
    }

    #[inline]
    pub(crate) fn add(&mut self, x: f64) {
        let offset = x - self.pivot;
        self.count += 1.0;
        self.first += offset;
        let square = offset * offset;
        self.second += square;
        self.third += square * offset;
        self.fourth += square * square;
    }

    /// Takes in the sums of another stream about the same pivot.
    pub(crate) fn merge(&mut self, other: &Moments) {
        self.count += other.count;
        self.first += other.first;
        self.second += other.second;
        self.third += other.third;
        self.fourth += other.fourth;
    }

    /// Mean and variance of independent values, two at least.
    pub(crate) fn of_independent(&self) -> (Estimate, Estimate) {
        let (n, [a, b, c, e]) = (self.count, self.about_pivot(self.pivot));
        let variance = (b - a * a).max(0.0);
        let fourth = e - 4.0 * a * c + 6.0 * a * a * b - 3.0 * a.powi(4);
        let mean = Estimate { value: self.pivot + a, error: (variance / n).sqrt() };
        // Var(s²) = (μ₄ - σ⁴)/n up to O(1/n²).
        let error = ((fourth - variance * variance).max(0.0) / n).sqrt();
        (mean, Estimate { value: variance * n / (n - 1.0), error })
    }

    /// Means of the first four powers of x - q.
    fn about_pivot(&self, q: f64) -> [f64; 4] {
        let d = self.pivot - q;
        let [a, b, c, e] = [self.first, self.second, self.third, self.fourth].map(|sum| sum / self.count);
        [
            a + d,
            b + d * (2.0 * a + d),
            c + d * (3.0 * b + d * (3.0 * a + d)),
            e + d * (4.0 * c + d * (6.0 * b + d * (4.0 * a + d))),
        ]
    }

    /// Mean, skewness and kurtosis from independent streams of one length; errors by leaving out one stream at a time
    /// (the jackknife of Quenouille 1956 and Tukey 1958).
    pub(crate) fn shape<'a>(streams: impl Iterator<Item = &'a Moments>) -> Shape {
        let streams: Vec<&Moments> = streams.collect();
        let n = streams.len() as f64;
        let pivot = streams.iter().map(|s| s.pivot + s.first / s.count).sum::<f64>() / n;
        let all: Vec<[f64; 4]> = streams.iter().map(|s| s.about_pivot(pivot)).collect();
        let mut sums = [0.0; 4];
        all.iter().for_each(|one| sums.iter_mut().zip(one).for_each(|(sum, x)| *sum += x));
        let numbers = |[a, b, c, e]: [f64; 4]| {
            let variance = b - a * a;
            let third = c - 3.0 * a * b + 2.0 * a.powi(3);
            let fourth = e - 4.0 * a * c + 6.0 * a * a * b - 3.0 * a.powi(4);
            [pivot + a, third / variance.powf(1.5), fourth / (variance * variance)]
        };
        let value = numbers(sums.map(|sum| sum / n));
        let without: Vec<[f64; 3]> = all
            .iter()
            .map(|one| numbers(std::array::from_fn(|power| (sums[power] - one[power]) / (n - 1.0))))
            .collect();
        let estimate = |k: usize| Estimate {
            value: value[k],
            error: jackknife(&without.iter().map(|row| row[k]).collect::<Vec<f64>>()),
        };
        Shape { mean: estimate(0), skewness: estimate(1), kurtosis: estimate(2) }
    }

    /// The variance from independent streams of one length.
    pub(crate) fn variance<'a>(streams: impl Iterator<Item = &'a Moments>) -> Estimate {
        let streams: Vec<&Moments> = streams.collect();
        let means = streams.iter().map(|s| s.pivot + s.first / s.count);
        let mean = Estimate::of_means(&means.collect::<Vec<f64>>());
        // (x - m)² = (x - p)² - 2(m - p)(x - p) + (m - p)².
        let square = |s: &&Moments| {
            let offset = mean.value - s.pivot;
            s.second / s.count - 2.0 * offset * s.first / s.count + offset * offset
        };
        let squares: Vec<f64> = streams.iter().map(square).collect();
        let squares = Estimate::of_means(&squares);
        // What the mean square distance from an estimated mean falls short by.
        Estimate { value: squares.value + mean.error * mean.error, error: squares.error }
    }
}

/// The standard error of a number from its values with one stream left out at a time.
pub(crate) fn jackknife(without: &[f64]) -> f64 {
    let n = without.len() as f64;
    let mean = without.iter().sum::<f64>() / n;
    let squares: f64 = without.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares * (n - 1.0) / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Generator;

    #[test]
    fn shapes_of_exponential_numbers() {
        // Mean 1, skewness 2, kurtosis 9; pivots that differ from stream to stream.
        let streams: Vec<Moments> = on_streams(|stream| {
            let (mut moments, mut random) = (Moments::about(0.02 * stream as f64), Generator::new(5, stream));
            (0..20_000).for_each(|_| moments.add(-random.uniform().ln()));
            Ok::<_, InputError>(moments)
        })
        .unwrap();
        let shape = Moments::shape(streams.iter());
        for (found, expected) in [(shape.mean, 1.0), (shape.skewness, 2.0), (shape.kurtosis, 9.0)] {
            assert!(found.deviation(expected) < 4.0, "{found:?} {expected}");
        }
        // The mean of n independent values has the error 1/√n, known to 9 % from 64 streams; four of these.
        let error = 1.0 / (64.0 * 20_000.0f64).sqrt();
        assert!((shape.mean.error / error - 1.0).abs() < 0.36, "{shape:?}");
        assert!(shape.kurtosis.error < 0.3, "{shape:?}");
    }

    #[test]
    fn watched_work_is_told_of_and_stopped() {
        let last = std::sync::Mutex::new(0.0);
        let watch = |share: f64| {
            let mut last = last.lock().unwrap();
            *last = f64::max(*last, share);
            false
        };
        assert_eq!(on_streams_watched(&watch, (1, 2), Ok).unwrap(), (0..64).collect::<Vec<u64>>());
        assert_eq!(*last.lock().unwrap(), 1.0);
        let stopped = on_streams_watched(&|_| true, (0, 1), Ok);
        assert_eq!(stopped, Err(StatisticsError::Interrupted));
    }

    #[test]
    fn moments_of_uniform_numbers() {
        let streams: Vec<Moments> = on_streams(|stream| {
            let (mut moments, mut random) =
                (Moments::about(3.0 + 0.01 * stream as f64), Generator::new(9, stream));
            (0..2000).for_each(|_| moments.add(3.0 + random.uniform()));
            Ok::<_, InputError>(moments)
        })
        .unwrap();
        let variance = Moments::variance(streams.iter());
        assert!(variance.deviation(1.0 / 12.0) < 4.0, "{variance:?}");
        // (u - 1/2)² has variance 1/180; 64 streams tell the error to 9 %, four of which are allowed.
        let error = (1.0 / 180.0 / 128_000.0f64).sqrt();
        assert!((variance.error / error - 1.0).abs() < 0.36, "{variance:?}");
    }

    #[test]
    fn the_first_error_in_order_is_reported() {
        let result: Result<Vec<u64>, u64> =
            on_streams(|stream| if stream % 9 == 8 { Err(stream) } else { Ok(stream) });
        assert_eq!(result, Err(8));
        assert_eq!(on_streams(Ok::<u64, ()>).unwrap(), (0..64).collect::<Vec<u64>>());
    }

    #[test]
    fn lengths_have_limits() {
        assert!(length(65_535).is_err() && length(usize::MAX).is_err());
        assert_eq!(length(65_537), Ok(1025));
    }
}
