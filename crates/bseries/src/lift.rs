//! From residues to integers: a mixed-radix number, accepted when one more prime agrees.

use dashu_int::{IBig, UBig};

use crate::place::residue_of_natural;
use crate::residue::Prime;

/// Integers as narrow as they come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Integers {
    Narrow(Vec<i64>),
    Wide(Vec<i128>),
    Long(Vec<IBig>),
}

impl Integers {
    pub(crate) fn get(&self, index: usize) -> IBig {
        match self {
            Integers::Narrow(all) => all[index].into(),
            Integers::Wide(all) => all[index].into(),
            Integers::Long(all) => all[index].clone(),
        }
    }

    pub(crate) fn is_zero(&self, index: usize) -> bool {
        match self {
            Integers::Narrow(all) => all[index] == 0,
            Integers::Wide(all) => all[index] == 0,
            Integers::Long(all) => all[index].is_zero(),
        }
    }

    pub(crate) fn equal(&self, i: usize, j: usize) -> bool {
        match self {
            Integers::Narrow(all) => all[i] == all[j],
            Integers::Wide(all) => all[i] == all[j],
            Integers::Long(all) => all[i] == all[j],
        }
    }

    /// Appends others, at the width of the wider.
    pub(crate) fn append(&mut self, other: Integers) {
        match (&mut *self, other) {
            (Integers::Narrow(all), Integers::Narrow(more)) => all.extend(more),
            (Integers::Wide(all), Integers::Wide(more)) => all.extend(more),
            (Integers::Wide(all), Integers::Narrow(more)) => all.extend(more.into_iter().map(i128::from)),
            (Integers::Narrow(all), Integers::Wide(more)) => {
                *self = Integers::Wide(all.iter().map(|&x| x.into()).chain(more).collect());
            }
            (_, other) => {
                let mut all: Vec<IBig> = self.iter().collect();
                all.extend(other.iter());
                *self = Integers::Long(all);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Integers::Narrow(all) => all.len(),
            Integers::Wide(all) => all.len(),
            Integers::Long(all) => all.len(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = IBig> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// The integers of least size with these residues, `residues[k]` modulo `primes[k]`, if the last prime confirms what the
/// others say: it takes no part in the reconstruction, and would agree with a wrong integer once in 2⁶¹ times. `None` if
/// some integer needs more primes.
pub(crate) fn lift(primes: &[Prime], residues: &[Vec<u64>]) -> Option<Integers> {
    let (confirming, primes) = primes.split_last()?;
    let (expected, residues) = residues.split_last()?;
    match (primes, residues) {
        ([p], [residues]) => {
            let signed = |r: u64| if r > p.value() / 2 { r as i64 - p.value() as i64 } else { r as i64 };
            let confirmed =
                |(&r, &e): (&u64, &u64)| Some(signed(r)).filter(|&x| confirming.of_integer(x) == e);
            residues.iter().zip(expected).map(confirmed).collect::<Option<_>>().map(Integers::Narrow)
        }
        ([p, q], [first, second]) => {
            let inverse = q.inverse(q.reduce(p.value().into()));
            let product = u128::from(p.value()) * u128::from(q.value());
            let one = |((&r, &s), &e): ((&u64, &u64), &u64)| {
                let digit = q.times(q.minus(s, q.reduce(r.into())), inverse);
                let value = u128::from(r) + u128::from(p.value()) * u128::from(digit);
                let (negative, size) =
                    if value > product / 2 { (true, product - value) } else { (false, value) };
                let residue = confirming.reduce(size);
                let confirmed = if negative { confirming.minus(0, residue) } else { residue } == e;
                confirmed.then(|| if negative { -(size as i128) } else { size as i128 })
            };
            let all = first.iter().zip(second).zip(expected).map(one);
            all.collect::<Option<_>>().map(Integers::Wide)
        }
        _ => {
            let garner = Garner::new(primes, *confirming);
            let one = |index: usize| garner.lift(residues.iter().map(|r| r[index]), expected[index]);
            (0..expected.len()).map(one).collect::<Option<_>>().map(Integers::Long)
        }
    }
}

/// Mixed-radix reconstruction (Garner 1959).
struct Garner<'a> {
    primes: &'a [Prime],
    confirming: Prime,
    /// `inverses[k][j]` is 1/pⱼ modulo pₖ, for j < k.
    inverses: Vec<Vec<u64>>,
    product: UBig,
    half: UBig,
}

impl Garner<'_> {
    fn new(primes: &[Prime], confirming: Prime) -> Garner<'_> {
        let inverse = |of: Prime, modulo: Prime| modulo.inverse(modulo.reduce(of.value().into()));
        let row = |k: usize| primes[..k].iter().map(|&p| inverse(p, primes[k])).collect();
        let product = primes.iter().fold(UBig::ONE, |product, p| product * p.value());
        let inverses = (0..primes.len()).map(row).collect();
        Garner { primes, confirming, inverses, half: &product / 2u8, product }
    }

    fn lift(&self, residues: impl Iterator<Item = u64>, expected: u64) -> Option<IBig> {
        let mut digits: Vec<u64> = Vec::with_capacity(self.primes.len());
        for ((residue, &p), inverses) in residues.zip(self.primes).zip(&self.inverses) {
            let step =
                |rest, (&digit, &inverse)| p.times(p.minus(rest, p.reduce(u128::from(digit))), inverse);
            let digit = digits.iter().zip(inverses).fold(residue, step);
            digits.push(digit);
        }
        let weighted = digits.iter().zip(self.primes).rev();
        let value = weighted.fold(UBig::ZERO, |value, (&digit, p)| value * p.value() + digit);
        let signed = if value > self.half { -IBig::from(&self.product - value) } else { value.into() };
        let (negative, size) = (signed < IBig::ZERO, signed.clone().into_parts().1);
        let residue = residue_of_natural(self.confirming, &size);
        let confirmed = if negative { self.confirming.minus(0, residue) } else { residue } == expected;
        confirmed.then_some(signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::residue_of_integer;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_come_back_or_ask_for_more_primes(
            x: i128, shift in 0usize..300, count in 2usize..9,
        ) {
            let value = IBig::from(x) << shift;
            let primes: Vec<Prime> = Prime::all().take(count).collect();
            let residues: Vec<Vec<u64>> = primes.iter().map(|&p| vec![residue_of_integer(p, &value)]).collect();
            let range = primes[..count - 1].iter().fold(IBig::ONE, |product, p| product * p.value());
            let fits = &value * 2 < range && &value * 2 > -range;
            let lifted = lift(&primes, &residues).map(|integers| integers.get(0));
            prop_assert_eq!(lifted, fits.then_some(value));
        }
    }

    #[test]
    fn appending_widens() {
        let mut all = Integers::Narrow(vec![1, -2]);
        all.append(Integers::Wide(vec![3]));
        assert_eq!(all, Integers::Wide(vec![1, -2, 3]));
        all.append(Integers::Narrow(vec![0]));
        all.append(Integers::Long(vec![IBig::from(5)]));
        assert_eq!(all.iter().collect::<Vec<_>>(), [1, -2, 3, 0, 5].map(IBig::from));
        assert!(all.is_zero(3) && !all.is_zero(4));
    }
}
