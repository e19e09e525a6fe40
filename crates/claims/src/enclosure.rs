//! Rational bounds on exponentials, to decide exactly which of two is larger.

use shadowflow_methods::Exact;

/// A number known to lie between two rationals.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Enclosure {
    low: Exact,
    high: Exact,
}

impl Enclosure {
    /// Half way between the bounds, as a double.
    pub(crate) fn middle(&self) -> f64 {
        (&(&self.low + &self.high) * &Exact::ratio(1, 2)).to_f64()
    }

    /// How far [`Enclosure::middle`] may be off: the distance of the bounds, and the rounding to a double.
    pub(crate) fn uncertainty(&self) -> f64 {
        (&self.high - &self.low).to_f64() + f64::EPSILON * self.middle().abs()
    }

    /// |x - point|.
    pub(crate) fn distance_from(&self, point: &Exact) -> Enclosure {
        let (below, above) = (&self.low - point, &self.high - point);
        if below.sign().is_ge() {
            Enclosure { low: below, high: above }
        } else if above.sign().is_le() {
            Enclosure { low: -&above, high: -&below }
        } else {
            let far = -&below;
            Enclosure { low: Exact::ZERO, high: if far > above { far } else { above } }
        }
    }

    /// The position of the one that is certainly less than all others.
    pub(crate) fn least(numbers: &[Enclosure]) -> Option<usize> {
        let is_least =
            |&i: &usize| numbers.iter().enumerate().all(|(j, other)| i == j || numbers[i].high < other.low);
        (0..numbers.len()).find(is_least)
    }
}

/// Terms of the exponential series: for exponents up to 20 the remainder is below 20⁸⁰/80! < 10⁻¹⁴ of a number of size
/// e²⁰, of which the reciprocal is taken.
const TERMS: u32 = 80;

/// e⁻ˣ for rational 0 ≤ x ≤ 40, between 1/(S + r) and 1/S: S sums the first terms of eˣ, and the remainder is at most
/// the first term left out times the geometric series of its ratio x/(n + 1) ≤ 1/2.
pub(crate) fn exp_of_minus(x: &Exact) -> Enclosure {
    let (mut sum, mut term) = (Exact::ZERO, Exact::ONE);
    for n in 1..=TERMS {
        sum = &sum + &term;
        term = &(&term * x) * &Exact::ratio(1, i64::from(n));
    }
    let high = &sum + &(&term + &term);
    let reciprocal =
        |x: &Exact| x.inverse().expect("a sum that begins with 1 and has no negative terms is positive");
    Enclosure { low: reciprocal(&high), high: reciprocal(&sum) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_enclosed() {
        for (p, q) in [(0, 1), (1, 3), (1, 1), (21, 4), (20, 1)] {
            let found = exp_of_minus(&Exact::ratio(p, q));
            let exact = (-(p as f64) / q as f64).exp();
            // The library's exp is good to one unit in the last place, of which the argument adds up to twenty.
            assert!(
                (found.middle() - exact).abs() <= 1e-14 * exact,
                "e^-{p}/{q}: {} {exact}",
                found.middle()
            );
            assert!(found.low <= found.high && found.uncertainty() <= 1e-14 * exact);
        }
    }

    #[test]
    fn distances_and_comparisons_are_outward() {
        let between = |low, high| Enclosure { low: Exact::from(low), high: Exact::from(high) };
        assert_eq!(between(3, 4).distance_from(&Exact::ONE), between(2, 3));
        assert_eq!(between(3, 4).distance_from(&Exact::from(9)), between(5, 6));
        assert_eq!(between(-3, 4).distance_from(&Exact::ZERO), between(0, 4));
        assert_eq!(Enclosure::least(&[between(5, 6), between(1, 2), between(3, 9)]), Some(1));
        assert_eq!(Enclosure::least(&[between(1, 3), between(2, 4)]), None);
    }
}
