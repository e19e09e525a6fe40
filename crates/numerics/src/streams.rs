//! The same work on independent streams of random numbers, in parallel.

use crate::error::{InputError, check_order};
use crate::raster::in_parallel;
use crate::statistics::Estimate;

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

/// Sums of x - p and (x - p)² along a stream, for a pivot p near the mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pivot: f64,
    count: f64,
    first: f64,
    second: f64,
}

impl Moments {
    pub(crate) fn about(pivot: f64) -> Moments {
        Moments { pivot, count: 0.0, first: 0.0, second: 0.0 }
    }

    #[inline]
    pub(crate) fn add(&mut self, x: f64) {
        let offset = x - self.pivot;
        self.count += 1.0;
        self.first += offset;
        self.second += offset * offset;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Generator;

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
