//! Random numbers by their place, not by their history.

use std::f64::consts::TAU;

/// Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, *Parallel random numbers: as easy as 1, 2, 3*): number k
/// of stream s under a seed is a function of (seed, s, k) alone, the same on every machine and whichever
/// thread asks.
///
/// Streams of one seed never overlap: a stream is half of the counter, a seed the key. A seed has 2⁶⁴ streams
/// of 2⁶⁵ numbers.
///
/// ```
/// use shadowflow_numerics::Generator;
/// let mut first = Generator::new(7, 0);
/// let numbers: Vec<u64> = (0..5).map(|_| first.word()).collect();
/// // The same numbers by their places, in any order.
/// assert_eq!(Generator::word_at(7, 0, 4), numbers[4]);
/// assert_eq!(Generator::word_at(7, 0, 1), numbers[1]);
/// assert_ne!(Generator::word_at(7, 1, 1), numbers[1]);
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    seed: u64,
    stream: u64,
    /// The next block of two words.
    block: u64,
    /// The second word of the last block, if it is still to be given.
    spare: Option<u64>,
    /// The second of a pair of normal numbers, if it is still to be given.
    normal: Option<f64>,
}

impl Generator {
    /// The beginning of a stream.
    pub fn new(seed: u64, stream: u64) -> Generator {
        Generator { seed, stream, block: 0, spare: None, normal: None }
    }

    /// Word `index`, counted from 0, of a stream.
    pub fn word_at(seed: u64, stream: u64, index: u64) -> u64 {
        block(seed, stream, index / 2)[(index % 2) as usize]
    }

    /// The next 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.spare.take().unwrap_or_else(|| {
            let [first, second] = block(self.seed, self.stream, self.block);
            self.block = self.block.wrapping_add(1);
            self.spare = Some(second);
            first
        })
    }

    /// The next number uniform in (0, 1]: a multiple of 2⁻⁵³, from one word.
    pub fn uniform(&mut self) -> f64 {
        ((self.word() >> 11) + 1) as f64 * (0.5 * f64::EPSILON)
    }

    /// The next standard normal number; two of them take two words (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        self.normal.take().unwrap_or_else(|| {
            let radius = (-2.0 * self.uniform().ln()).sqrt();
            let (sine, cosine) = (TAU * self.uniform()).sin_cos();
            self.normal = Some(radius * sine);
            radius * cosine
        })
    }
}

/// A block of a stream as two words.
fn block(seed: u64, stream: u64, block: u64) -> [u64; 2] {
    let halves = |word: u64| [word as u32, (word >> 32) as u32];
    let ([a, b], [c, d], key) = (halves(block), halves(stream), halves(seed));
    let [a, b, c, d] = philox([a, b, c, d], key);
    [u64::from(b) << 32 | u64::from(a), u64::from(d) << 32 | u64::from(c)]
}

/// Ten rounds of two 32-bit multiplications; the key moves on by Weyl's sequence with the golden ratio and √3
/// - 1.
fn philox([mut a, mut b, mut c, mut d]: [u32; 4], [mut k, mut l]: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let left = u64::from(a) * 0xd251_1f53;
        let right = u64::from(c) * 0xcd9e_8d57;
        (a, b, c, d) = ((right >> 32) as u32 ^ b ^ k, right as u32, (left >> 32) as u32 ^ d ^ l, left as u32);
        (k, l) = (k.wrapping_add(0x9e37_79b9), l.wrapping_add(0xbb67_ae85));
    }
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_the_published_ones() {
        // Known answers of the authors' library Random123 for philox4x32 with 10 rounds; the third takes
        // digits of π.
        let all = u32::MAX;
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([all; 4], [all; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn words_are_found_by_their_places() {
        let (seed, stream) = (u64::MAX - 5, 1 << 40);
        let mut generator = Generator::new(seed, stream);
        for index in 0..20 {
            assert_eq!(generator.word(), Generator::word_at(seed, stream, index));
        }
        assert_ne!(
            Generator::word_at(1, 2, 0),
            Generator::word_at(2, 1, 0),
            "seeds and streams are not exchanged"
        );
    }

    #[test]
    fn moments_of_uniform_and_normal_numbers() {
        let n = 100_000;
        let mut sums = [0.0; 6];
        let mut across = 0.0;
        for stream in 0..10 {
            let (mut one, mut other) = (Generator::new(1, stream), Generator::new(1, stream + 1));
            for _ in 0..n / 10 {
                let (u, z) = (one.uniform() - 0.5, one.normal());
                for (sum, value) in sums.iter_mut().zip([u, u * u, z, z * z, z.powi(3), z.powi(4)]) {
                    *sum += value;
                }
                across += u * (other.uniform() - 0.5);
                other.normal();
            }
        }
        let n = f64::from(n);
        // Moments 0, 1/12 of uniform and 0, 1, 0, 3 of normal numbers, with variances 1/12, 1/180 and 1, 2,
        // 15, 96 over n; five standard errors.
        let moments = [0.0, 1.0 / 12.0, 0.0, 1.0, 0.0, 3.0];
        let variances = [1.0 / 12.0, 1.0 / 180.0, 1.0, 2.0, 15.0, 96.0];
        for ((sum, moment), variance) in sums.iter().zip(moments).zip(variances) {
            let (mean, error) = (sum / n, (variance / n).sqrt());
            assert!((mean - moment).abs() < 5.0 * error, "{mean}, expected {moment} ± {error}");
        }
        // Neighbouring streams are uncorrelated: products of variance 1/144.
        assert!((across / n).abs() < 5.0 / 12.0 / n.sqrt(), "{across}");
    }
}
