//! Seeded random numbers.

use std::f64::consts::TAU;

/// SplitMix64 (Steele, Lea & Flood 2014): every seed gives a stream of period 2⁶⁴, the same on every machine.
#[derive(Clone, Debug)]
pub(super) struct SplitMix(u64);

impl SplitMix {
    pub(super) fn seeded(seed: u64) -> SplitMix {
        SplitMix(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of 0, …, bound - 1, uniform up to bound/2⁶⁴.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Uniform in (0, 1]: a multiple of 2⁻⁵³.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 * (0.5 * f64::EPSILON)
    }

    /// Two independent standard normal numbers (Box & Muller 1958).
    pub(super) fn normal_pair(&mut self) -> [f64; 2] {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        let (sine, cosine) = (TAU * self.unit()).sin_cos();
        [radius * cosine, radius * sine]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // The first outputs of the reference implementation for seed 1234567 (Vigna).
        let mut random = SplitMix::seeded(1_234_567);
        let found = [random.next(), random.next(), random.next()];
        assert_eq!(found, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn moments_of_normal_numbers() {
        let mut random = SplitMix::seeded(1);
        let n = 100_000;
        let sums = (0..n / 2).flat_map(|_| random.normal_pair()).fold([0.0; 4], |sums, z| {
            [sums[0] + z, sums[1] + z * z, sums[2] + z.powi(3), sums[3] + z.powi(4)]
        });
        // Moments 0, 1, 0, 3 with variances 1, 2, 15, 96 over n; five standard errors.
        for ((sum, moment), variance) in sums.iter().zip([0.0, 1.0, 0.0, 3.0]).zip([1.0, 2.0, 15.0, 96.0]) {
            let (mean, error) = (sum / f64::from(n), (variance / f64::from(n)).sqrt());
            assert!((mean - moment).abs() < 5.0 * error, "{mean}, expected {moment} ± {error}");
        }
    }
}
