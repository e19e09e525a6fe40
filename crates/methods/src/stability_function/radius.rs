//! How far a property holds, when what holds at a number holds at all smaller ones.

use dashu_int::{IBig, UBig};

use crate::enclosure::Enclosure;
use crate::exact::Rational;

/// How large a number may be before a property is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Radius {
    /// The property was decided to hold at `low` and not to hold at `high`, which agree to more digits than a double has if
    /// nothing else is said; low = high where it is proved that no larger number has it. 0 also where it holds nowhere.
    Bounded(Enclosure),
    /// It holds at every number.
    Unbounded,
    /// No proof is known for the numbers between: it holds at `at_least`, and not at `at_most`, if that is given.
    Undecided {
        /// A number at which it holds, or 0.
        at_least: Rational,
        /// A number at which it does not hold.
        at_most: Option<Rational>,
        /// What could not be decided.
        reason: &'static str,
    },
}

impl Radius {
    /// Exactly 0.
    pub(crate) fn zero() -> Radius {
        Radius::Bounded(Enclosure::exactly(Rational::ZERO))
    }

    /// It holds as far as was looked.
    pub(crate) fn beyond_reach() -> Radius {
        Radius::Undecided {
            at_least: Rational::from(UBig::ONE << REACH as usize),
            at_most: None,
            reason: "the search ended at 2^40",
        }
    }

    /// The nearest double, infinite where there is no bound; `None` if it is undecided.
    pub fn to_f64(&self) -> Option<f64> {
        match self {
            Radius::Bounded(enclosure) => Some(enclosure.to_f64()),
            Radius::Unbounded => Some(f64::INFINITY),
            Radius::Undecided { .. } => None,
        }
    }

    pub(crate) fn times(self, factor: &Rational) -> Radius {
        match self {
            Radius::Bounded(enclosure) => Radius::Bounded(enclosure.times(factor)),
            Radius::Undecided { at_least, at_most, reason } => Radius::Undecided {
                at_least: at_least * factor,
                at_most: at_most.map(|x| x * factor),
                reason,
            },
            Radius::Unbounded => Radius::Unbounded,
        }
    }
}

/// Bits of the numbers between which the end is enclosed: those of a double and a few more.
const BITS: usize = 57;
/// Beyond 2⁴⁰, or below 2⁻⁴⁰, the search ends.
const REACH: u32 = 40;

/// The largest number at which `holds`, which must hold at all smaller ones. `is_last` proves of a number at which it holds
/// that it does at no larger one; it is asked for the simplest fractions on the way. `None` if it holds beyond 2⁴⁰.
pub(crate) fn largest(
    holds: impl Fn(&Rational) -> bool,
    is_last: impl Fn(&Rational) -> bool,
    upper: Option<Rational>,
) -> Option<Enclosure> {
    search(holds, is_last, upper, BITS)
}

/// The largest number at which `holds` to eight digits.
pub(super) fn roughly_largest(holds: impl Fn(&Rational) -> bool) -> Option<Enclosure> {
    search(holds, |_| false, None, 27)
}

fn search(
    holds: impl Fn(&Rational) -> bool,
    is_last: impl Fn(&Rational) -> bool,
    upper: Option<Rational>,
    bits: usize,
) -> Option<Enclosure> {
    if is_last(&Rational::ZERO) {
        return Some(Enclosure::exactly(Rational::ZERO));
    }
    let two = Rational::from(2u8);
    let smallest = Rational::from_parts(IBig::ONE, UBig::ONE << REACH as usize);
    let (mut low, mut high) = (Rational::ZERO, Rational::ONE);
    match upper {
        Some(upper) if is_last(&upper) => return Some(Enclosure::exactly(upper)),
        Some(upper) if !holds(&upper) => high = upper,
        _ => {
            let mut doublings = 0;
            while holds(&high) {
                doublings += 1;
                if doublings > REACH {
                    return None;
                }
                low = high.clone();
                high *= &two;
            }
        }
    }
    while low.is_zero() {
        let middle = &high / &two;
        if middle < smallest {
            return Some(Enclosure { low, high });
        }
        if holds(&middle) { low = middle } else { high = middle }
    }
    let mut tried = Rational::ZERO;
    for bit in 0.. {
        let is_narrow = (&high - &low) * Rational::from(UBig::ONE << bits) < high;
        // What is simple is simple early.
        if bit % 8 == 4 || is_narrow {
            let simplest = simplest_between(&low, &high);
            if simplest != tried {
                if holds(&simplest) {
                    if is_last(&simplest) {
                        return Some(Enclosure::exactly(simplest));
                    }
                    low = simplest.clone();
                } else {
                    high = simplest.clone();
                }
                tried = simplest;
            }
        }
        if is_narrow {
            break;
        }
        let middle = middle(&low, &high);
        if holds(&middle) { low = middle } else { high = middle }
    }
    Some(Enclosure { low, high })
}

/// The simplest fraction of [low, high).
fn simplest_between(low: &Rational, high: &Rational) -> Rational {
    let inside = Rational::simplest_in(low.clone(), high.clone());
    if low.denominator() <= inside.denominator() { low.clone() } else { inside }
}

/// A binary fraction near the middle, as short as the distance allows, so that decisions are cheap early on.
fn middle(low: &Rational, high: &Rational) -> Rational {
    use dashu_base::BitTest;
    let exact = (low + high) / Rational::from(2u8);
    let distance = high - low;
    let scale = (distance.denominator() / distance.numerator().clone().into_parts().1).bit_len() + 4;
    let scaled = (&exact * Rational::from(UBig::ONE << scale)).round();
    Rational::from_parts(scaled, UBig::ONE << scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(end: (i64, u64), known: bool) -> Enclosure {
        let end = Rational::from_parts(end.0.into(), end.1.into());
        largest(|x| *x <= end, |x| known && *x == end, None).unwrap()
    }

    #[test]
    fn the_end_is_enclosed_and_simple_fractions_are_met() {
        for (n, d) in [(1, 1), (2, 3), (27, 5), (355, 113), (1, 100_000), (123_456, 7), (0, 1)] {
            let end = Rational::from_parts(n.into(), d.into());
            assert_eq!(found((n, d), true), Enclosure::exactly(end.clone()), "{n}/{d}");
            let Enclosure { low, high } = found((n, d), false);
            assert!(
                low <= end && end < high && (low.is_zero() || high.to_f64().value() == end.to_f64().value())
            );
        }
        let root = largest(|x| x * x <= Rational::from(2u8), |_| false, None).unwrap();
        assert_eq!(root.to_f64(), 2f64.sqrt());
        assert_eq!(largest(|_| true, |_| false, None), None);
    }
}
