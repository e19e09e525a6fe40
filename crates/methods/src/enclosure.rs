//! Rational numbers on both sides of a real one.

use std::fmt;

use dashu_base::SquareRoot;
use dashu_int::{IBig, UBig};

use crate::exact::Rational;

/// A real number known to lie in [low, high]; low = high if it is that number exactly.
///
/// ```
/// use shadowflow_methods::{Enclosure, Method};
/// let method = Method::named("heun")?;
/// let exit = method.tableau().stability_function().real_exit().ok_or("bounded")?;
/// assert_eq!(exit, Enclosure::exactly(2.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosure {
    /// The lower end.
    pub low: Rational,
    /// The upper end.
    pub high: Rational,
}

impl Enclosure {
    /// A number that is known exactly.
    pub fn exactly(value: Rational) -> Enclosure {
        Enclosure { low: value.clone(), high: value }
    }

    /// The number, if it is known exactly.
    pub fn value(&self) -> Option<&Rational> {
        (self.low == self.high).then_some(&self.low)
    }

    /// The double nearest to the middle.
    pub fn to_f64(&self) -> f64 {
        ((&self.low + &self.high) / Rational::from(2u8)).to_f64().value()
    }

    /// Both ends times a positive number.
    pub(crate) fn times(&self, factor: &Rational) -> Enclosure {
        Enclosure { low: &self.low * factor, high: &self.high * factor }
    }

    /// The square root of a number that is not negative.
    pub(crate) fn sqrt(&self) -> Enclosure {
        Enclosure { low: root(&self.low, false), high: root(&self.high, true) }
    }
}

/// The number itself if it is known, else the decimal digits that both ends share, 16 at most.
impl fmt::Display for Enclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(value) = self.value() {
            return write!(f, "{value}");
        }
        let (middle, width) = (self.to_f64(), (&self.high - &self.low).to_f64().value());
        // Digits behind the point above the width, and of the middle.
        let known = (-width.log10() - 0.5).floor();
        let meant = 15.0 - middle.abs().log10().floor();
        write!(f, "{middle:.*}", known.min(meant).clamp(0.0, 300.0) as usize)
    }
}

/// √x to 80 bits behind its first, rounded down or up; exact if x is the square of a fraction.
fn root(x: &Rational, up: bool) -> Rational {
    use dashu_base::BitTest;
    let (n, d) = (x.numerator().clone().into_parts().1, x.denominator().clone());
    let (root_n, root_d) = (n.sqrt(), d.sqrt());
    if root_n.sqr() == n && root_d.sqr() == d {
        return Rational::from_parts(root_n.into(), root_d);
    }
    // √(n/d) = √(n·d·4ᵏ)/(d·2ᵏ)
    let product = n * &d;
    let shift = 80 + d.bit_len();
    let scaled = (product << (2 * shift)).sqrt();
    let scaled = if up { scaled + UBig::ONE } else { scaled };
    Rational::from_parts(IBig::from(scaled), d << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_digits_are_shown_as_are_known() {
        let between = |low: (i64, u64), high: (i64, u64)| {
            let ratio = |(n, d): (i64, u64)| Rational::from_parts(n.into(), d.into());
            Enclosure { low: ratio(low), high: ratio(high) }.to_string()
        };
        assert_eq!(between((27, 5), (27, 5)), "27/5");
        assert_eq!(between((12_345_678, 1_000_000), (12_345_679, 1_000_000)), "12.34568");
        assert_eq!(between((100, 1), (900, 1)), "500");
        assert_eq!(Enclosure::exactly(3u8.into()).sqrt().to_string(), "1.732050807568877");
    }

    #[test]
    fn roots_enclose() {
        let around = |n: i64, d: u64| {
            let x = Rational::from_parts(n.into(), d.into());
            let root = Enclosure::exactly(x.clone()).sqrt();
            assert!(&root.low * &root.low <= x && &root.high * &root.high >= x, "{n}/{d}");
            root
        };
        assert_eq!(around(9, 4).value(), Some(&Rational::from_parts(3.into(), 2u8.into())));
        assert_eq!(around(3, 1).to_f64(), 3f64.sqrt());
        assert_eq!(around(8, 7).to_f64(), (8.0f64 / 7.0).sqrt());
        assert_eq!(around(0, 1).to_f64(), 0.0);
    }
}
