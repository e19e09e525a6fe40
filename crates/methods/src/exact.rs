//! Exact numbers: rationals and elements `a + b√d` of one real quadratic field.
//!
//! The coefficients of Runge–Kutta methods are rational, or, for Gauss, Radau and Lobatto methods of moderate order and
//! for many diagonally implicit ones, lie in a field ℚ(√d). [`Exact`] covers both with one concrete type.

mod integer;
mod parse;

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

use dashu_int::{IBig, UBig};

pub use dashu_ratio::RBig as Rational;
pub use integer::ExactInteger;
pub use parse::ParseExactError;

/// A number `a + b√d` with rational `a`, `b` and a squarefree integer `d ≥ 2`; `d = 1` and `b = 0` for rationals.
///
/// ```
/// use shadowflow_methods::Exact;
/// let c: Exact = "1/2 - sqrt(3)/6".parse()?;
/// let conjugate: Exact = "1/2 + sqrt(3)/6".parse()?;
/// assert_eq!((&c * &conjugate).to_string(), "1/6");
/// assert!((c.to_f64() - 0.21132486540518713).abs() < 1e-16);
/// # Ok::<(), shadowflow_methods::ParseExactError>(())
/// ```
///
/// # Panics
/// Sums, differences and products of two numbers with different square roots would leave the field: they panic.
/// Numbers from outside are checked where they enter, by the parser and by [`Tableau::new`](crate::Tableau::new).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exact {
    rational: Rational,
    surd: Rational,
    radicand: u32,
}

impl Exact {
    /// The number 0.
    pub const ZERO: Exact = Exact { rational: Rational::ZERO, surd: Rational::ZERO, radicand: 1 };
    /// The number 1.
    pub const ONE: Exact = Exact { rational: Rational::ONE, surd: Rational::ZERO, radicand: 1 };

    /// The fraction `numerator / denominator`.
    ///
    /// # Panics
    /// If `denominator` is 0.
    pub fn ratio(numerator: i64, denominator: i64) -> Exact {
        assert!(denominator != 0, "the denominator of a fraction must not be 0");
        Rational::from_parts_signed(numerator.into(), denominator.into()).into()
    }

    /// The number `rational + surd·√radicand`. Square factors of the radicand are taken out of the root.
    ///
    /// ```
    /// use shadowflow_methods::{Exact, Rational};
    /// let root = Exact::with_root(Rational::ZERO, Rational::ONE, 12);
    /// assert_eq!(root.to_string(), "2*sqrt(3)");
    /// ```
    pub fn with_root(rational: Rational, surd: Rational, radicand: u32) -> Exact {
        let (outside, inside) = extract_squares(radicand);
        let surd = surd * Rational::from(outside);
        match inside {
            0 => rational.into(),
            1 => (rational + surd).into(),
            _ => Exact { rational, surd, radicand: inside }.normalised(),
        }
    }

    fn normalised(mut self) -> Exact {
        if self.surd.is_zero() {
            self.radicand = 1;
        }
        self
    }

    /// The rational part `a` of `a + b√d`.
    pub fn rational_part(&self) -> &Rational {
        &self.rational
    }

    /// The coefficient `b` of the root in `a + b√d`.
    pub fn surd_part(&self) -> &Rational {
        &self.surd
    }

    /// The squarefree `d` of `a + b√d`, 1 for a rational number.
    pub fn radicand(&self) -> u32 {
        self.radicand
    }

    /// This number as a rational, if it is one.
    pub fn as_rational(&self) -> Option<&Rational> {
        (self.radicand == 1).then_some(&self.rational)
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.rational.is_zero() && self.surd.is_zero()
    }

    /// Whether this is 1.
    pub fn is_one(&self) -> bool {
        self.radicand == 1 && self.rational.is_one()
    }

    /// Whether two numbers lie in one field ℚ(√d), so that they may be added and multiplied.
    pub fn shares_field(&self, other: &Exact) -> bool {
        self.radicand == 1 || other.radicand == 1 || self.radicand == other.radicand
    }

    /// `1 / self`, or `None` for 0.
    pub fn inverse(&self) -> Option<Exact> {
        if self.is_zero() {
            return None;
        }
        let norm = self.norm();
        Some(Exact { rational: &self.rational / &norm, surd: -(&self.surd / &norm), radicand: self.radicand })
    }

    /// `self / divisor`, or `None` if the divisor is 0.
    pub fn checked_div(&self, divisor: &Exact) -> Option<Exact> {
        divisor.inverse().map(|inverse| self * &inverse)
    }

    /// The field norm `a² - d·b²`; nonzero for nonzero numbers because √d is irrational.
    fn norm(&self) -> Rational {
        self.rational.sqr() - self.surd.sqr() * Rational::from(self.radicand)
    }

    /// The sign of the real number, decided exactly.
    pub fn sign(&self) -> Ordering {
        let (a, b) = (self.rational.cmp(&Rational::ZERO), self.surd.cmp(&Rational::ZERO));
        match (a, b) {
            (_, Ordering::Equal) => a,
            (Ordering::Equal, _) => b,
            _ if a == b => a,
            // Opposite signs: the larger of a² and d·b² decides.
            _ => match self.norm().cmp(&Rational::ZERO) {
                Ordering::Greater => a,
                _ => b,
            },
        }
    }

    /// The nearest double up to two roundings; no cancellation between `a` and `b√d`.
    pub fn to_f64(&self) -> f64 {
        let to_f64 = |r: &Rational| r.to_f64().value();
        if self.radicand == 1 {
            return to_f64(&self.rational);
        }
        let root = f64::from(self.radicand).sqrt();
        let (a, b) = (to_f64(&self.rational), to_f64(&self.surd) * root);
        if a * b >= 0.0 { a + b } else { to_f64(&self.norm()) / (a - b) }
    }

    /// `self` to a natural power.
    pub fn pow(&self, exponent: u32) -> Exact {
        (0..exponent).fold(Exact::ONE, |power, _| &power * self)
    }

    /// Σ xᵢyᵢ over the shorter of two vectors.
    pub fn dot(x: &[Exact], y: &[Exact]) -> Exact {
        x.iter().zip(y).fold(Exact::ZERO, |sum, (x, y)| &sum + &(x * y))
    }

    /// The least positive integer `m` for which `m·self` has integer `a` and `b`.
    pub fn denominator(&self) -> UBig {
        lcm(self.rational.denominator(), self.surd.denominator())
    }

    /// The number as LaTeX, such as `\frac{1}{2}-\frac{\sqrt{3}}{6}`.
    pub fn to_latex(&self) -> String {
        let mut text = String::new();
        if !self.rational.is_zero() || self.surd.is_zero() {
            text.push_str(&latex_fraction(&self.rational, None));
        }
        if !self.surd.is_zero() {
            if !text.is_empty() && self.surd > Rational::ZERO {
                text.push('+');
            }
            text.push_str(&latex_fraction(&self.surd, Some(self.radicand)));
        }
        text
    }
}

/// `r`, or `r·√d` when a radicand is given, as LaTeX.
fn latex_fraction(r: &Rational, radicand: Option<u32>) -> String {
    let sign = if *r < Rational::ZERO { "-" } else { "" };
    let (numerator, denominator) = (magnitude(r.numerator()), r.denominator());
    let top = match radicand {
        None => numerator.to_string(),
        Some(d) if numerator.is_one() => format!("\\sqrt{{{d}}}"),
        Some(d) => format!("{numerator}\\sqrt{{{d}}}"),
    };
    if denominator.is_one() {
        format!("{sign}{top}")
    } else {
        format!("{sign}\\frac{{{top}}}{{{denominator}}}")
    }
}

fn magnitude(n: &IBig) -> UBig {
    n.clone().into_parts().1
}

/// Least common multiple of two positive integers.
pub(crate) fn lcm(a: &UBig, b: &UBig) -> UBig {
    use dashu_base::Gcd;
    a / a.gcd(b) * b
}

/// `n = outside² · inside` with squarefree `inside`.
fn extract_squares(n: u32) -> (u32, u32) {
    let (mut outside, mut inside) = (1, n);
    let mut p: u32 = 2;
    while p.checked_mul(p).is_some_and(|square| square <= inside) {
        if inside.is_multiple_of(p * p) {
            inside /= p * p;
            outside *= p;
        } else {
            p += 1;
        }
    }
    (outside, inside)
}

/// The radicand of a result of two operands.
fn common_radicand(x: &Exact, y: &Exact) -> u32 {
    assert!(
        x.shares_field(y),
        "numbers with the roots √{} and √{} do not lie in one quadratic field",
        x.radicand,
        y.radicand
    );
    x.radicand.max(y.radicand)
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: &Exact) -> Exact {
        let radicand = common_radicand(self, other);
        Exact { rational: &self.rational + &other.rational, surd: &self.surd + &other.surd, radicand }
            .normalised()
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: &Exact) -> Exact {
        let radicand = common_radicand(self, other);
        Exact { rational: &self.rational - &other.rational, surd: &self.surd - &other.surd, radicand }
            .normalised()
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: &Exact) -> Exact {
        let radicand = common_radicand(self, other);
        if radicand == 1 {
            return (&self.rational * &other.rational).into();
        }
        Exact {
            rational: &self.rational * &other.rational + &self.surd * &other.surd * Rational::from(radicand),
            surd: &self.rational * &other.surd + &self.surd * &other.rational,
            radicand,
        }
        .normalised()
    }
}

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        Exact { rational: -self.rational.clone(), surd: -self.surd.clone(), radicand: self.radicand }
    }
}

impl From<Rational> for Exact {
    fn from(rational: Rational) -> Exact {
        Exact { rational, surd: Rational::ZERO, radicand: 1 }
    }
}

impl From<i64> for Exact {
    fn from(integer: i64) -> Exact {
        Rational::from(integer).into()
    }
}

impl PartialOrd for Exact {
    /// The order of the real line; `None` for numbers of two different quadratic fields.
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        self.shares_field(other).then(|| (self - other).sign())
    }
}

/// Plain infix text that parses back to the same number: `1/2 - 1/6*sqrt(3)`.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.surd.is_zero() {
            return write!(f, "{}", self.rational);
        }
        let negative = self.surd < Rational::ZERO;
        match (self.rational.is_zero(), negative) {
            (true, true) => f.write_str("-")?,
            (true, false) => {}
            (false, true) => write!(f, "{} - ", self.rational)?,
            (false, false) => write!(f, "{} + ", self.rational)?,
        }
        let size = if negative { -self.surd.clone() } else { self.surd.clone() };
        if !size.is_one() {
            write!(f, "{size}*")?;
        }
        write!(f, "sqrt({})", self.radicand)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn small() -> impl Strategy<Value = Exact> {
        (-20i64..20, 1i64..9, -20i64..20, 1i64..9).prop_map(|(a, b, c, d)| {
            Exact::with_root(
                Rational::from_parts_signed(a.into(), b.into()),
                Rational::from_parts_signed(c.into(), d.into()),
                6,
            )
        })
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_a_field(x in small(), y in small(), z in small()) {
            prop_assert_eq!(&(&x + &y) * &z, &(&x * &z) + &(&y * &z));
            prop_assert_eq!(&(&x * &y) * &z, &x * &(&y * &z));
            if let Some(inverse) = x.inverse() {
                prop_assert!((&x * &inverse).is_one());
            } else {
                prop_assert!(x.is_zero());
            }
        }

        #[test]
        fn printing_parses_back(x in small()) {
            prop_assert_eq!(x.to_string().parse::<Exact>().unwrap(), x);
        }

        #[test]
        fn sign_and_size_agree_with_floating_point(x in small()) {
            // The exact sign must match the sign of the double, which has no cancellation.
            prop_assert_eq!(x.sign(), x.to_f64().partial_cmp(&0.0).unwrap());
            let direct = x.rational.to_f64().value() + x.surd.to_f64().value() * 6f64.sqrt();
            // Terms are below 60, so the plain sum is off by a few units of 60·2⁻⁵³.
            prop_assert!((x.to_f64() - direct).abs() < 1e-13);
        }
    }

    #[test]
    fn sign_is_exact_where_doubles_cannot_tell() {
        // 665857/470832 is a convergent of √2, larger by 1.6e-12.
        let x: Exact = "665857/470832 - sqrt(2)".parse().unwrap();
        assert_eq!(x.sign(), Ordering::Greater);
        // The conjugate form 1/(470832·(665857 + 470832√2)) has no cancellation either: a few roundings.
        let expected = 1.0 / (470_832.0 * (665_857.0 + 470_832.0 * 2f64.sqrt()));
        assert!((x.to_f64() / expected - 1.0).abs() < 4.0 * f64::EPSILON);
    }

    #[test]
    fn latex_writes_roots_over_the_denominator() {
        let x: Exact = "1/2 - sqrt(3)/6".parse().unwrap();
        assert_eq!(x.to_latex(), "\\frac{1}{2}-\\frac{\\sqrt{3}}{6}");
        assert_eq!(Exact::ZERO.to_latex(), "0");
        assert_eq!("-2*sqrt(5)".parse::<Exact>().unwrap().to_latex(), "-2\\sqrt{5}");
    }

    #[test]
    #[should_panic(expected = "do not lie in one quadratic field")]
    fn mixing_roots_is_refused() {
        let _ = &"sqrt(2)".parse::<Exact>().unwrap() + &"sqrt(3)".parse::<Exact>().unwrap();
    }
}
