//! Polynomials modulo primes of 61 bits.

use dashu_int::{IBig, UBig};

/// Primes below 2⁶¹, descending, without end for all purposes.
pub(super) fn primes() -> impl Iterator<Item = u64> {
    (0..1 << 60).map(|k| (1u64 << 61) - 1 - 2 * k).filter(|&n| is_prime(n))
}

/// Miller's test with the first 12 primes as bases decides below 3·10²³ (Sorenson & Webster 2017).
fn is_prime(n: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if n < 2 {
        return false;
    }
    if let Some(&p) = BASES.iter().find(|&p| n.is_multiple_of(*p)) {
        return n == p;
    }
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    BASES.iter().all(|&base| {
        let first = power(base, odd, n);
        first == 1
            || std::iter::successors(Some(first), |x| Some(product(*x, *x, n)))
                .take(twos as usize)
                .any(|x| x == n - 1)
    })
}

pub(super) fn product(x: u64, y: u64, prime: u64) -> u64 {
    (u128::from(x) * u128::from(y) % u128::from(prime)) as u64
}

/// `x - y` of two residues.
pub(super) fn difference(x: u64, y: u64, prime: u64) -> u64 {
    if x >= y { x - y } else { x + prime - y }
}

fn power(x: u64, exponent: u64, prime: u64) -> u64 {
    (0..64).rev().fold(1, |power, bit| {
        let square = product(power, power, prime);
        if exponent >> bit & 1 == 1 { product(square, x, prime) } else { square }
    })
}

/// `1/x` by Fermat's little theorem.
pub(super) fn inverse(x: u64, prime: u64) -> u64 {
    power(x, prime - 2, prime)
}

pub(super) fn residue(value: &IBig, prime: u64) -> u64 {
    let (sign, size) = value.clone().into_parts();
    let size = u64::try_from(size % UBig::from(prime)).unwrap_or(0);
    if sign == dashu_base::Sign::Negative { difference(0, size, prime) } else { size }
}

/// Residues of the coefficients, without leading zeros.
pub(super) fn reduced(coefficients: &[IBig], prime: u64) -> Vec<u64> {
    trimmed(coefficients.iter().map(|c| residue(c, prime)).collect())
}

fn trimmed(mut f: Vec<u64>) -> Vec<u64> {
    while f.last() == Some(&0) {
        f.pop();
    }
    f
}

/// The monic greatest common divisor (Euclid).
pub(super) fn gcd(mut f: Vec<u64>, mut g: Vec<u64>, prime: u64) -> Vec<u64> {
    while let Some(&lead) = g.last() {
        let lead = inverse(lead, prime);
        while f.len() >= g.len() {
            let Some(top) = f.pop() else { break };
            let factor = product(top, lead, prime);
            let shift = f.len() + 1 - g.len();
            for (k, &c) in g[..g.len() - 1].iter().enumerate() {
                f[shift + k] = difference(f[shift + k], product(factor, c, prime), prime);
            }
        }
        f = trimmed(f);
        std::mem::swap(&mut f, &mut g);
    }
    let lead = f.last().map_or(0, |&lead| inverse(lead, prime));
    f.iter().map(|&c| product(c, lead, prime)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_prime() {
        // 2⁶¹ - 1 is the ninth Mersenne prime (Pervushin 1883); 2⁶¹ - 31 the next below.
        let first: Vec<u64> = primes().take(2).collect();
        assert_eq!(first, [(1 << 61) - 1, (1 << 61) - 31]);
        assert!(is_prime(37) && !is_prime(3_215_031_751) && !is_prime(1));
    }

    #[test]
    fn inverses_are_inverses() {
        let p = (1 << 61) - 1;
        for x in [1, 2, 12_345, p - 1] {
            assert_eq!(product(x, inverse(x, p), p), 1);
        }
    }
}
