//! Values counted in bins, for samples too large to keep.

use super::{Distance, Estimate, StatisticsError, Transport, check_probability, effective};
use crate::error::{InputError, check_order};
use crate::streams::jackknife;

/// The most bins.
const MOST: usize = 1 << 24;

/// √(2/π), the mean of the modulus of a standard normal number.
const MEAN_MODULUS: f64 = 0.797_884_560_802_865_4;

/// Counts in equal bins over a range, and of what lies below and above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    range: (f64, f64),
    counts: Vec<u64>,
    below: u64,
    above: u64,
}

impl Histogram {
    /// Empty bins.
    ///
    /// # Errors
    /// If the range is not finite and increasing, or there are no bins or more than 2²⁴.
    pub fn new(range: (f64, f64), bins: usize) -> Result<Histogram, InputError> {
        check_range(range)?;
        check_order("the number of bins", bins, 1, MOST)?;
        Ok(Histogram { range, counts: vec![0; bins], below: 0, above: 0 })
    }

    /// Counts x. NaN counts as above.
    #[inline]
    pub fn add(&mut self, x: f64) {
        let (from, to) = self.range;
        let place = (x - from) * (self.counts.len() as f64 / (to - from));
        if place < 0.0 {
            self.below += 1;
        } else {
            match self.counts.get_mut(if place.is_nan() { usize::MAX } else { place as usize }) {
                Some(count) => *count += 1,
                None => self.above += 1,
            }
        }
    }

    /// The ends of the range.
    pub fn range(&self) -> (f64, f64) {
        self.range
    }

    /// The counts, bin by bin.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many values were below the range.
    pub fn below(&self) -> u64 {
        self.below
    }

    /// How many values were at or above the upper end.
    pub fn above(&self) -> u64 {
        self.above
    }

    /// How many values were counted, below and above included.
    pub fn total(&self) -> u64 {
        self.below + self.counts.iter().sum::<u64>() + self.above
    }

    /// The left end of a bin; that of the bin after the last is the end of the range.
    pub fn edge(&self, bin: usize) -> f64 {
        let share = bin as f64 / self.counts.len() as f64;
        self.range.0 + (self.range.1 - self.range.0) * share
    }

    /// The share of all values in each bin over its width: an estimate of the density. Zeros if nothing was
    /// counted.
    pub fn density(&self) -> Vec<f64> {
        let width = (self.range.1 - self.range.0) / self.counts.len() as f64;
        let scale = 1.0 / (width * self.total().max(1) as f64);
        self.counts.iter().map(|&count| count as f64 * scale).collect()
    }

    /// The same counts in bins `factor` times as wide; a rest of bins at the upper end counts as above.
    pub fn coarsened(&self, factor: usize) -> Histogram {
        let factor = factor.clamp(1, self.counts.len());
        let bins = self.counts.len() / factor;
        let mut counts = vec![0; bins];
        for (bin, count) in self.counts.iter().enumerate() {
            if bin / factor < bins {
                counts[bin / factor] += count;
            }
        }
        let above = self.above + self.counts[bins * factor..].iter().sum::<u64>();
        Histogram { range: (self.range.0, self.edge(bins * factor)), counts, below: self.below, above }
    }

    /// The shares of values below the edges, inner and outer ones.
    fn cumulated(&self) -> impl Iterator<Item = f64> + '_ {
        let scale = 1.0 / self.total().max(1) as f64;
        let mut sum = self.below;
        std::iter::once(self.below as f64 * scale).chain(self.counts.iter().map(move |count| {
            sum += count;
            sum as f64 * scale
        }))
    }
}

/// Rejects ranges that are not finite and increasing.
pub(crate) fn check_range((from, to): (f64, f64)) -> Result<(), InputError> {
    let width = to - from;
    if from.is_finite() && to.is_finite() && width > 0.0 && width.is_finite() {
        Ok(())
    } else {
        Err(InputError::Number {
            what: "the width of the range",
            value: width,
            expected: "two finite ends, the smaller first",
        })
    }
}

/// Independent streams of equal length, each counted in the same bins.
///
/// Distribution functions are exact at the edges of bins, and distances are found there: with bins much
/// narrower than the features of the law nothing is lost, as the difference of two smooth functions is flat
/// where it is largest.
#[derive(Clone, Debug)]
pub struct Tally {
    streams: Vec<Histogram>,
    /// Means over streams at each edge.
    shares: Vec<Estimate>,
}

impl Tally {
    /// Of streams that are independent of each other.
    ///
    /// # Errors
    /// If there are fewer than 8, or they differ in bins or numbers of values, or have none.
    pub fn new(streams: Vec<Histogram>) -> Result<Tally, InputError> {
        check_order("the number of streams", streams.len(), 8, usize::MAX)?;
        let (range, bins, total) = (streams[0].range, streams[0].counts.len(), streams[0].total());
        check_order("the number of values in a stream", total as usize, 1, usize::MAX)?;
        for stream in &streams {
            if stream.range != range || stream.counts.len() != bins {
                let found = stream.counts.len();
                return Err(InputError::Dimension {
                    what: "a histogram on the same range",
                    expected: bins,
                    found,
                });
            }
            check_order(
                "the number of values in a stream",
                stream.total() as usize,
                total as usize,
                total as usize,
            )?;
        }
        let n = streams.len() as f64;
        let (mut sums, mut squares) = (vec![0.0; bins + 1], vec![0.0; bins + 1]);
        for stream in &streams {
            for ((sum, square), share) in sums.iter_mut().zip(&mut squares).zip(stream.cumulated()) {
                *sum += share;
                *square += share * share;
            }
        }
        let shares = sums.iter().zip(&squares).map(|(sum, square)| {
            let mean = sum / n;
            // Sums of a few shares between 0 and 1: what cancels is far below the scatter.
            let variance = (square / n - mean * mean).max(0.0) / (n - 1.0);
            Estimate { value: mean, error: variance.sqrt() }
        });
        let shares = shares.collect();
        Ok(Tally { streams, shares })
    }

    /// The streams one by one.
    pub fn streams(&self) -> &[Histogram] {
        &self.streams
    }

    /// All streams together.
    pub fn histogram(&self) -> Histogram {
        let mut all = self.streams[0].clone();
        for stream in &self.streams[1..] {
            for (count, more) in all.counts.iter_mut().zip(&stream.counts) {
                *count += more;
            }
            all.below += stream.below;
            all.above += stream.above;
        }
        all
    }

    /// The share of values below each edge, with its error.
    pub fn distribution(&self) -> impl Iterator<Item = (f64, Estimate)> + '_ {
        self.shares.iter().enumerate().map(|(edge, &share)| (self.streams[0].edge(edge), share))
    }

    /// The distance to the law with distribution function F: max |Fₙ - F| over edges.
    ///
    /// # Errors
    /// If F gives anything but numbers from 0 to 1.
    pub fn kolmogorov(&self, distribution: impl Fn(f64) -> f64) -> Result<Distance, InputError> {
        let mut distance =
            Distance { value: 0.0, at: self.streams[0].range.0, error: 0.0, effective: self.effective() };
        for (at, share) in self.distribution() {
            let value = (share.value - check_probability(distribution(at))?).abs();
            if value > distance.value {
                distance = Distance { value, at, error: share.error, ..distance };
            }
        }
        Ok(distance)
    }

    /// The distance to the law of another tally in the same bins.
    ///
    /// # Errors
    /// If its bins differ.
    pub fn kolmogorov_between(&self, other: &Tally) -> Result<Distance, InputError> {
        self.check_bins(other)?;
        let effective = 1.0 / (1.0 / self.effective() + 1.0 / other.effective());
        let mut distance = Distance { value: 0.0, at: self.streams[0].range.0, error: 0.0, effective };
        for ((at, one), other) in self.distribution().zip(&other.shares) {
            let value = (one.value - other.value).abs();
            if value > distance.value {
                distance = Distance { value, at, error: one.error.hypot(other.error), effective };
            }
        }
        Ok(distance)
    }

    /// Wasserstein's distance of order 1 to the law with distribution function F, ∫|Fₙ - F| dx over the range
    /// by the trapezoidal rule on its edges.
    ///
    /// # Errors
    /// If F gives anything but numbers from 0 to 1, or values were counted outside the range.
    pub fn wasserstein(&self, distribution: impl Fn(f64) -> f64) -> Result<Transport, InputError> {
        self.check_inside()?;
        let edges = self.distribution().map(|(at, _)| check_probability(distribution(at)));
        let law = edges.collect::<Result<Vec<f64>, _>>()?;
        let differences: Vec<f64> =
            self.shares.iter().zip(&law).map(|(share, law)| share.value - law).collect();
        let noise = self.area(self.shares.iter().map(|share| MEAN_MODULUS * share.error));
        let error = jackknife(&self.without_each(&differences));
        Ok(Transport { value: self.area(differences.iter().map(|d| d.abs())), error, noise })
    }

    /// The same distance to the law of another tally in the same bins.
    ///
    /// # Errors
    /// If its bins differ, or values were counted outside the range.
    pub fn wasserstein_between(&self, other: &Tally) -> Result<Transport, InputError> {
        self.check_bins(other)?;
        self.check_inside()?;
        other.check_inside()?;
        let pairs = || self.shares.iter().zip(&other.shares);
        let differences: Vec<f64> = pairs().map(|(one, other)| one.value - other.value).collect();
        let opposite: Vec<f64> = differences.iter().map(|d| -d).collect();
        let noise = self.area(pairs().map(|(one, other)| MEAN_MODULUS * one.error.hypot(other.error)));
        let (mine, others) = (self.without_each(&differences), other.without_each(&opposite));
        let error = jackknife(&mine).hypot(jackknife(&others));
        Ok(Transport { value: self.area(differences.iter().map(|d| d.abs())), error, noise })
    }

    /// The area under values at the edges, by the trapezoidal rule.
    fn area(&self, values: impl Iterator<Item = f64>) -> f64 {
        let width = self.streams[0].edge(1) - self.streams[0].range.0;
        let (mut sum, mut first, mut last) = (0.0, None, 0.0);
        for value in values {
            sum += value;
            first = first.or(Some(value));
            last = value;
        }
        (sum - 0.5 * (first.unwrap_or(0.0) + last)) * width
    }

    /// The area under |Fₙ - G| with one stream left out at a time, from the differences Fₙ - G at the edges.
    fn without_each(&self, differences: &[f64]) -> Vec<f64> {
        let n = self.streams.len() as f64;
        let without = |stream: &Histogram| {
            let rows = self.shares.iter().zip(differences).zip(stream.cumulated());
            // (nF - Fₛ)/(n - 1) - G = F - G + (F - Fₛ)/(n - 1).
            self.area(
                rows.map(|((share, difference), own)| (difference + (share.value - own) / (n - 1.0)).abs()),
            )
        };
        self.streams.iter().map(without).collect()
    }

    fn check_inside(&self) -> Result<(), InputError> {
        let outside: u64 = self.streams.iter().map(|stream| stream.below + stream.above).sum();
        check_order("the number of values outside the range", outside as usize, 0, 0)
    }

    fn check_bins(&self, other: &Tally) -> Result<(), InputError> {
        if self.streams[0].range == other.streams[0].range && self.shares.len() == other.shares.len() {
            return Ok(());
        }
        let (expected, found) = (self.shares.len() - 1, other.shares.len() - 1);
        Err(InputError::Dimension { what: "a tally on the same range", expected, found })
    }

    /// The effective number of independent values.
    pub fn effective(&self) -> f64 {
        let n: u64 = self.streams.iter().map(Histogram::total).sum();
        effective(self.shares.iter().copied(), n as f64)
    }

    /// Refuses streams that are still apart: whose effective number of values is below eight a stream.
    pub(crate) fn check_mixed(self) -> Result<Tally, StatisticsError> {
        let (streams, effective) = (self.streams.len() as f64, self.effective());
        if effective >= 8.0 * streams {
            return Ok(self);
        }
        let length = self.streams[0].total();
        Err(StatisticsError::NotMixed { length: length as usize, time: length as f64 * streams / effective })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Generator;
    use crate::statistics::Sample;

    /// Streams of uniform numbers, each shifted by its own part of `apart`.
    fn uniform(streams: u64, length: usize, apart: f64) -> (Vec<f64>, Tally) {
        let mut values = Vec::new();
        let histogram = |stream: u64| {
            let mut histogram = Histogram::new((-1.0, 3.0), 4000).unwrap();
            let mut random = Generator::new(2, stream);
            for _ in 0..length {
                let x = random.uniform() + apart * stream as f64 / streams as f64;
                values.push(x);
                histogram.add(x);
            }
            histogram
        };
        let tally = Tally::new((0..streams).map(histogram).collect()).unwrap();
        (values, tally)
    }

    #[test]
    fn a_tally_agrees_with_the_sample_it_counts() {
        let (values, tally) = uniform(32, 5000, 0.0);
        let sample = Sample::of_streams(values, 32).unwrap();
        let law = |x: f64| x.clamp(0.0, 1.0).powf(1.5);
        let (exact, binned) = (sample.kolmogorov(law).unwrap(), tally.kolmogorov(law).unwrap());
        // Between edges 10⁻³ apart the difference changes by at most 10⁻³/2 where its slopes cancel, and the
        // noise of a bin.
        assert!((exact.value - binned.value).abs() < 4e-4, "{exact:?} {binned:?}");
        assert!(binned.value <= exact.value + 1e-12, "edges see no more than all");
        assert!((exact.error / binned.error - 1.0).abs() < 0.2, "{exact:?} {binned:?}");
        // Independent values: the effective number is the number, known from 31 degrees of freedom at
        // correlated edges.
        assert!((tally.effective() / 160_000.0 - 1.0).abs() < 0.6, "{}", tally.effective());
        let (exact, binned) = (sample.wasserstein(law, (0.0, 1.0)).unwrap(), tally.wasserstein(law).unwrap());
        let (binned, error) = (binned.value, binned.error);
        // The distance is ∫(x - x^1.5) and the error of the sample's mean.
        assert!((error / 7.2e-4 - 1.0).abs() < 0.5, "{error}");
        assert!((exact - binned).abs() < 1e-4, "{exact} {binned}");
        // ∫(x - x^1.5) = 1/10, up to the error of the mean, 0.29/400.
        assert!((exact - 0.1).abs() < 4.0 * 7.3e-4, "{exact}");
        assert_eq!(tally.kolmogorov_between(&tally).unwrap().value, 0.0);
        assert!(tally.check_mixed().is_ok());
    }

    #[test]
    fn distances_between_equal_laws_are_noise() {
        let half = |first: u64| {
            let histogram = |stream: u64| {
                let mut histogram = Histogram::new((0.0, 1.001), 1000).unwrap();
                let mut random = Generator::new(8, first + stream);
                (0..2000).for_each(|_| histogram.add(random.uniform()));
                histogram
            };
            Tally::new((0..32).map(histogram).collect()).unwrap()
        };
        // ∫√(2/π · x(1 - x)(1/n + 1/n)) dx = √(2/π) π/8 √(2/n): the mean of the distance, whose deviation is
        // about half of it.
        let expected = MEAN_MODULUS * std::f64::consts::FRAC_PI_8 * (2.0 / 64_000.0f64).sqrt();
        let pairs: Vec<Transport> =
            (0..8).map(|k| half(64 * k).wasserstein_between(&half(64 * k + 32)).unwrap()).collect();
        let mean = pairs.iter().map(|pair| pair.value).sum::<f64>() / 8.0;
        assert!((mean / expected - 1.0).abs() < 0.7, "{mean} {expected}");
        for pair in pairs {
            assert!((pair.noise / expected - 1.0).abs() < 0.2, "{pair:?} {expected}");
        }
        let mut outside = half(0);
        outside.streams[3].above += 1;
        assert!(outside.wasserstein(|x| x.clamp(0.0, 1.0)).is_err());
    }

    #[test]
    fn streams_that_are_apart_are_refused() {
        let (_, tally) = uniform(16, 1000, 1.0);
        assert!(matches!(tally.check_mixed(), Err(StatisticsError::NotMixed { length: 1000, .. })));
    }

    #[test]
    fn everything_is_counted_once() {
        let mut histogram = Histogram::new((0.0, 1.0), 4).unwrap();
        for x in [-1e300, -0.1, 0.0, 0.25, 0.3, 0.999, 1.0, f64::INFINITY, f64::NAN, f64::NEG_INFINITY] {
            histogram.add(x);
        }
        assert_eq!((histogram.below(), histogram.counts(), histogram.above()), (3, &[1, 2, 0, 1][..], 3));
        assert_eq!(histogram.total(), 10);
        let area: f64 = histogram.density().iter().map(|density| 0.25 * density).sum();
        assert!((area - 0.4).abs() < 1e-15);
        let coarse = histogram.coarsened(3);
        assert_eq!((coarse.counts(), coarse.above(), coarse.range()), (&[3][..], 4, (0.0, 0.75)));
        assert_eq!(coarse.total(), 10);
    }

    #[test]
    fn bad_bins_are_refused() {
        for range in [(1.0, 1.0), (1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (f64::MIN, f64::MAX)] {
            assert!(Histogram::new(range, 3).is_err());
        }
        assert!(Histogram::new((0.0, 1.0), 0).is_err() && Histogram::new((0.0, 1.0), usize::MAX).is_err());
        let mut one = Histogram::new((0.0, 1.0), 3).unwrap();
        assert!(Tally::new(vec![one.clone(); 8]).is_err(), "nothing counted");
        one.add(0.5);
        assert!(Tally::new(vec![one.clone(); 7]).is_err());
        let mut streams = vec![one.clone(); 8];
        assert!(Tally::new(streams.clone()).is_ok());
        streams[3].add(0.5);
        assert!(Tally::new(streams.clone()).is_err(), "unequal lengths");
        streams[3] = Histogram::new((0.0, 1.0), 4).unwrap();
        assert!(Tally::new(streams).is_err(), "other bins");
    }
}
