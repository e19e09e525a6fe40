//! Arithmetic modulo primes just below 2⁶¹.
//!
//! Exact sums over millions of trees are computed modulo a few primes and lifted to the integers afterwards. A prime
//! p = 2⁶¹ - c with small c has the products of two residues below 2¹²², so 64 of them are summed before one reduction,
//! and a reduction is two folds of the high bits, because 2⁶¹ ≡ c.

const BITS: u32 = 61;
const LOW: u64 = (1 << BITS) - 1;

/// The number of products that may be summed before a reduction.
const PRODUCTS: usize = 64;

/// A prime 2⁶¹ - c.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prime {
    offset: u64,
}

impl Prime {
    /// The primes below 2⁶¹, from the largest down: 2⁶¹ - 1, which is a Mersenne prime, 2⁶¹ - 31, …
    pub(crate) fn all() -> impl Iterator<Item = Prime> {
        // Offsets stay below 2¹⁸, which two folds allow and which leaves some 6000 primes.
        (1..1 << 18).step_by(2).map(|offset| Prime { offset }).filter(|modulus| modulus.is_prime())
    }

    /// p itself.
    pub(crate) fn value(self) -> u64 {
        (1 << BITS) - self.offset
    }

    /// The residue of a number below 2¹²⁸.
    #[inline(always)]
    pub(crate) fn reduce(self, x: u128) -> u64 {
        // hi < 2⁶⁷, so hi·c < 2⁸⁵; once more, and the rest is below 2⁶¹ + 2⁴².
        let fold = |x: u128| (x >> BITS) * u128::from(self.offset) + (x & u128::from(LOW));
        let folded = fold(x);
        let rest = (folded >> BITS) as u64 * self.offset + (folded as u64 & LOW);
        let p = self.value();
        if rest >= p { rest - p } else { rest }
    }

    #[inline(always)]
    pub(crate) fn times(self, x: u64, y: u64) -> u64 {
        self.reduce(u128::from(x) * u128::from(y))
    }

    #[inline(always)]
    pub(crate) fn plus(self, x: u64, y: u64) -> u64 {
        let sum = x + y;
        if sum >= self.value() { sum - self.value() } else { sum }
    }

    #[inline(always)]
    pub(crate) fn minus(self, x: u64, y: u64) -> u64 {
        if x >= y { x - y } else { x + self.value() - y }
    }

    /// Σ xᵢyᵢ
    #[inline(always)]
    pub(crate) fn dot(self, x: &[u64], y: &[u64]) -> u64 {
        let sum = |x: &[u64], y: &[u64]| -> u128 {
            x.iter().zip(y).map(|(&x, &y)| u128::from(x) * u128::from(y)).sum()
        };
        if x.len() <= PRODUCTS {
            return self.reduce(sum(x, y));
        }
        let parts = x.chunks(PRODUCTS).zip(y.chunks(PRODUCTS));
        parts.fold(0, |total, (x, y)| self.plus(total, self.reduce(sum(x, y))))
    }

    pub(crate) fn power(self, base: u64, exponent: u64) -> u64 {
        let (mut power, mut square, mut rest) = (1, base, exponent);
        while rest > 0 {
            if rest & 1 == 1 {
                power = self.times(power, square);
            }
            square = self.times(square, square);
            rest >>= 1;
        }
        power
    }

    /// 1/x for x ≠ 0 (Fermat).
    pub(crate) fn inverse(self, x: u64) -> u64 {
        self.power(x, self.value() - 2)
    }

    /// 1/k for k = 0 … n, with 0 in the place of 1/0.
    pub(crate) fn inverses(self, n: usize) -> Vec<u64> {
        let mut inverses = vec![0, 1];
        for k in 2..=n as u64 {
            // p = qk + r gives 1/k = -q/r, and r < k.
            let (q, r) = (self.value() / k, self.value() % k);
            inverses.push(self.times(self.value() - q, inverses[r as usize]));
        }
        inverses
    }

    /// The residue of a signed integer.
    pub(crate) fn of_integer(self, x: i64) -> u64 {
        let size = self.reduce(u128::from(x.unsigned_abs()));
        if x < 0 { self.minus(0, size) } else { size }
    }

    /// Miller–Rabin with the first twelve primes, which decides below 3·10²³ (Sorenson & Webster 2017).
    fn is_prime(self) -> bool {
        let p = self.value();
        if [3, 5, 7, 11, 13, 17, 19, 23].iter().any(|&divisor| p.is_multiple_of(divisor)) {
            return false;
        }
        let twos = (p - 1).trailing_zeros();
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().all(|&base| {
            let mut power = self.power(base, (p - 1) >> twos);
            if power == 1 || power == p - 1 {
                return true;
            }
            (1..twos).any(|_| {
                power = self.times(power, power);
                power == p - 1
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reduction_is_the_remainder(x: u128, k in 0usize..100) {
            let prime = Prime::all().nth(k).unwrap();
            prop_assert_eq!(u128::from(prime.reduce(x)), x % u128::from(prime.value()));
        }

        #[test]
        fn inverses_multiply_to_one(x in 1u64..(1 << 61) - 1, k in 0usize..100) {
            let prime = Prime::all().nth(k).unwrap();
            let x = prime.reduce(u128::from(x)).max(1);
            prop_assert_eq!(prime.times(x, prime.inverse(x)), 1);
            let inverses = prime.inverses(30);
            prop_assert!((1..=30).all(|k| inverses[k] == prime.inverse(k as u64)));
        }
    }

    #[test]
    fn the_first_primes_are_prime() {
        // 2⁶¹ - 1, - 31, - 45, - 229: the largest four by a sieve of trial divisors would take minutes, so Fermat's
        // little theorem with other bases and the divisors below 2²⁰ judge them.
        for prime in Prime::all().take(40) {
            let p = prime.value();
            assert!((3..1 << 20).step_by(2).all(|d| p % d != 0), "{p}");
            assert!([41, 43, 1_000_003].iter().all(|&base| prime.power(base, p - 1) == 1), "{p}");
        }
        let offsets: Vec<u64> = Prime::all().take(2).map(|p| p.offset).collect();
        assert_eq!(offsets, [1, 31]);
    }

    #[test]
    fn long_products_do_not_overflow() {
        let prime = Prime::all().next().unwrap();
        let largest = vec![prime.value() - 1; 200];
        assert_eq!(prime.dot(&largest, &largest), 200);
    }
}
