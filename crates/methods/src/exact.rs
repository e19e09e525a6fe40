//! Exact numbers: rationals and elements of one real number field ℚ(θ).
//!
//! The coefficients of Runge–Kutta methods are rational or algebraic: square roots for the shorter Gauss, Radau and
//! Lobatto methods and many diagonally implicit ones, cubics and nested roots for the longer. [`Exact`] covers them all
//! with one concrete type; no floating point takes part in its arithmetic.

mod arithmetic;
mod field;
mod integer;
mod parse;
mod print;
mod roots;

use std::cmp::Ordering;

use dashu_base::Signed;
use dashu_int::{IBig, UBig};

pub use dashu_ratio::RBig as Rational;
pub use field::{NumberField, NumberFieldError};
pub(crate) use integer::ExactInteger;
pub use parse::ParseExactError;
pub(crate) use parse::parse_with;
pub(crate) use roots::ComplexRoots;

/// A rational number, or x₀ + x₁θ + … + x_(d-1)θ^(d-1) with rational coordinates in a [`NumberField`] of degree d.
///
/// ```
/// use shadowflow_methods::Exact;
/// let c: Exact = "1/2 - sqrt(3)/6".parse()?;
/// let conjugate: Exact = "1/2 + sqrt(3)/6".parse()?;
/// assert_eq!((&c * &conjugate).to_string(), "1/6");
/// assert!((c.to_f64() - 0.21132486540518713).abs() < 1e-16);
///
/// // The cube of the root of x³ - 9x - 6 near -0.7 is 9 times it and 6.
/// let theta: Exact = "root(x^3 - 9*x - 6, -0.7)".parse()?;
/// assert_eq!(theta.pow(3), &(&theta * &Exact::from(9)) + &Exact::from(6));
/// # Ok::<(), shadowflow_methods::ParseExactError>(())
/// ```
///
/// # Panics
/// Sums, differences and products of two numbers from different fields would leave both: they panic.
/// Numbers from outside are checked where they enter, by the parser and by [`Tableau::new`](crate::Tableau::new).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exact(Value);

/// In lowest terms: an element of a field is never rational.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Value {
    Rational(Rational),
    Element(Vec<Rational>, NumberField),
}

impl Exact {
    /// The number 0.
    pub const ZERO: Exact = Exact(Value::Rational(Rational::ZERO));
    /// The number 1.
    pub const ONE: Exact = Exact(Value::Rational(Rational::ONE));

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
            _ => Exact::in_field(&NumberField::quadratic(inside), vec![rational, surd]),
        }
    }

    /// The element with these coordinates in 1, θ, θ², …; those left out are 0.
    ///
    /// # Panics
    /// If there are more coordinates than the degree of the field.
    pub fn in_field(field: &NumberField, mut coordinates: Vec<Rational>) -> Exact {
        assert!(
            coordinates.len() <= field.degree(),
            "{} coordinates in a field of degree {}",
            coordinates.len(),
            field.degree()
        );
        if coordinates.iter().skip(1).all(Rational::is_zero) {
            return coordinates.into_iter().next().unwrap_or(Rational::ZERO).into();
        }
        coordinates.resize(field.degree(), Rational::ZERO);
        Exact(Value::Element(coordinates, field.clone()))
    }

    /// The coordinates in 1, θ, θ², …: one for a rational number, as many as the degree of the field for any other.
    pub fn coordinates(&self) -> &[Rational] {
        match &self.0 {
            Value::Rational(value) => std::slice::from_ref(value),
            Value::Element(coordinates, _) => coordinates,
        }
    }

    /// The field in which this is written; `None` for a rational number.
    pub fn field(&self) -> Option<&NumberField> {
        match &self.0 {
            Value::Rational(_) => None,
            Value::Element(_, field) => Some(field),
        }
    }

    /// This number as a rational, if it is one.
    pub fn as_rational(&self) -> Option<&Rational> {
        match &self.0 {
            Value::Rational(value) => Some(value),
            Value::Element(..) => None,
        }
    }

    /// The `(a, b, d)` of `a + b√d` with squarefree d, if this number is rational (d = 1) or of degree 2.
    ///
    /// ```
    /// use shadowflow_methods::Exact;
    /// // A square root within a field of degree 4.
    /// let theta: Exact = "root(x^4 - 10*x^2 + 1, 3.1)".parse()?;
    /// let square = &theta * &theta;
    /// assert_eq!(square.as_quadratic(), Some((5.into(), 2.into(), 6)));
    /// # Ok::<(), shadowflow_methods::ParseExactError>(())
    /// ```
    pub fn as_quadratic(&self) -> Option<(Rational, Rational, u32)> {
        let (coordinates, field) = match &self.0 {
            Value::Rational(value) => return Some((value.clone(), Rational::ZERO, 1)),
            Value::Element(coordinates, field) => (coordinates, field),
        };
        if let Some(radicand) = field.radicand() {
            return Some((coordinates[0].clone(), coordinates[1].clone(), radicand));
        }
        // x² = t·x + n with rational t and n; t is read off one coordinate and tried on the others.
        let square = self * self;
        let (at, own) = coordinates.iter().enumerate().skip(1).find(|(_, x)| !x.is_zero())?;
        let half_trace =
            square.coordinates().get(at).map_or(Rational::ZERO, |s| s / own / Rational::from(2u8));
        let shifted = self - &Exact::from(half_trace.clone());
        let square = (&shifted * &shifted).as_rational()?.clone();
        if square.is_negative() {
            return None;
        }
        // √(p/q) = √(p·q)/q
        let denominator = square.denominator().clone();
        let radicand = u32::try_from(square.numerator() * IBig::from(denominator.clone())).ok()?;
        let (outside, inside) = extract_squares(radicand);
        let surd = Rational::from_parts(outside.into(), denominator);
        Some((half_trace, if shifted.sign() == Ordering::Less { -surd } else { surd }, inside))
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.as_rational().is_some_and(Rational::is_zero)
    }

    /// Whether this is 1.
    pub fn is_one(&self) -> bool {
        self.as_rational().is_some_and(Rational::is_one)
    }

    /// Whether two numbers lie in one field, so that they may be added and multiplied.
    pub fn shares_field(&self, other: &Exact) -> bool {
        match (self.field(), other.field()) {
            (Some(x), Some(y)) => x == y,
            _ => true,
        }
    }

    /// `self / divisor`, or `None` if the divisor is 0.
    pub fn checked_div(&self, divisor: &Exact) -> Option<Exact> {
        divisor.inverse().map(|inverse| self * &inverse)
    }

    /// The sign of the real number, decided exactly.
    pub fn sign(&self) -> Ordering {
        let zero = Rational::ZERO;
        match &self.0 {
            Value::Rational(value) => value.cmp(&zero),
            // An element of a field is not 0, so that some precision tells.
            Value::Element(coordinates, field) => precisions()
                .find_map(|bits| {
                    let (low, high) = enclosure(coordinates, field, bits);
                    (low > zero || high < zero).then(|| low.cmp(&zero))
                })
                .unwrap_or(Ordering::Equal),
        }
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        let round = |r: &Rational| r.to_f64().value();
        match &self.0 {
            Value::Rational(value) => round(value),
            // Irrational numbers are no midpoint of two doubles, so that some precision rounds to one.
            Value::Element(coordinates, field) => precisions()
                .find_map(|bits| {
                    let (low, high) = enclosure(coordinates, field, bits);
                    (round(&low) == round(&high)).then(|| round(&low))
                })
                .unwrap_or(f64::NAN),
        }
    }

    /// Fractions below and above, as near as θ is known without more work; the number itself twice if it is rational.
    pub(crate) fn bounds(&self) -> (Rational, Rational) {
        match &self.0 {
            Value::Rational(value) => (value.clone(), value.clone()),
            Value::Element(coordinates, field) => enclosure(coordinates, field, FIRST_BITS),
        }
    }

    /// `self` to a natural power, by repeated squaring.
    pub fn pow(&self, exponent: u32) -> Exact {
        (0..32).rev().filter(|bit| exponent >> bit > 0).fold(Exact::ONE, |power, bit| {
            let square = &power * &power;
            if exponent >> bit & 1 == 1 { &square * self } else { square }
        })
    }

    /// Σ xᵢyᵢ over the shorter of two vectors.
    pub fn dot(x: &[Exact], y: &[Exact]) -> Exact {
        let terms = x.iter().zip(y).filter(|(x, y)| !x.is_zero() && !y.is_zero());
        terms.fold(Exact::ZERO, |sum, (x, y)| &sum + &(x * y))
    }

    /// The least positive integer `m` for which `m·self` has integer coordinates.
    pub fn denominator(&self) -> UBig {
        self.coordinates().iter().fold(UBig::ONE, |multiple, x| lcm(&multiple, x.denominator()))
    }
}

/// Bits of θ to try first.
const FIRST_BITS: usize = 192;

/// Numbers of bits to try, without end.
fn precisions() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(FIRST_BITS), |bits| Some(bits * 2))
}

/// Two rationals around Σ xₖθᵏ, from θ to 2^-bits: its value nearby, and how far it can be off.
fn enclosure(coordinates: &[Rational], field: &NumberField, bits: usize) -> (Rational, Rational) {
    let near = field.approximation(bits);
    let bound = field.bound();
    let value = coordinates.iter().rev().fold(Rational::ZERO, |value, x| value * &near + x);
    // |derivative| ≤ Σ k|xₖ|·boundᵏ⁻¹
    let size = |x: &Rational| if x.is_negative() { -x.clone() } else { x.clone() };
    let slope = (1..coordinates.len())
        .rev()
        .fold(Rational::ZERO, |slope, k| slope * &bound + size(&coordinates[k]) * Rational::from(k));
    let error = slope * Rational::from_parts(IBig::ONE, UBig::ONE << bits);
    (&value - &error, value + error)
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

impl From<Rational> for Exact {
    fn from(rational: Rational) -> Exact {
        Exact(Value::Rational(rational))
    }
}

impl From<i64> for Exact {
    fn from(integer: i64) -> Exact {
        Rational::from(integer).into()
    }
}

impl PartialOrd for Exact {
    /// The order of the real line; `None` for numbers of two different fields.
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        self.shares_field(other).then(|| (self - other).sign())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Elements of ℚ(√6), a cubic field, and a field of degree 4.
    fn small() -> impl Strategy<Value = (Exact, Exact, Exact)> {
        let fields = ["sqrt(6)", "root(x^3-9*x-6, -0.7)", "root(x^4-10*x^2+1, 3)"];
        let coordinates = || prop::collection::vec((-20i64..20, 1i64..9), 4);
        (0..fields.len(), coordinates(), coordinates(), coordinates()).prop_map(move |(f, x, y, z)| {
            let theta: Exact = fields[f].parse().unwrap();
            let field = theta.field().unwrap();
            let element = |x: Vec<(i64, i64)>| {
                let coordinates = x.iter().take(field.degree());
                Exact::in_field(
                    field,
                    coordinates.map(|(n, d)| Rational::from_parts_signed((*n).into(), (*d).into())).collect(),
                )
            };
            (element(x), element(y), element(z))
        })
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_a_field((x, y, z) in small()) {
            prop_assert_eq!(&(&x + &y) * &z, &(&x * &z) + &(&y * &z));
            prop_assert_eq!(&(&x * &y) * &z, &x * &(&y * &z));
            if let Some(inverse) = x.inverse() {
                prop_assert!((&x * &inverse).is_one());
            } else {
                prop_assert!(x.is_zero());
            }
        }

        #[test]
        fn printing_parses_back((x, y, _) in small()) {
            prop_assert_eq!(x.to_string().parse::<Exact>().unwrap(), x.clone());
            let product = &x * &y;
            prop_assert_eq!(product.to_string().parse::<Exact>().unwrap(), product);
        }

        #[test]
        fn sign_and_size_agree_with_floating_point((x, y, _) in small()) {
            let theta = x.field().map_or(0.0, |field| field.generator().to_f64());
            let direct = |x: &Exact| {
                x.coordinates().iter().rev().fold(0.0, |value, c| value * theta + c.to_f64().value())
            };
            // Terms are below 20·3.2³·4 < 3000, so Horner's rule is off by a few units of 3000·2⁻⁵³.
            prop_assert!((x.to_f64() - direct(&x)).abs() < 1e-11);
            prop_assert_eq!(x.sign(), x.to_f64().partial_cmp(&0.0).unwrap());
            prop_assert_eq!((&x * &y).sign(), (x.to_f64() * y.to_f64()).partial_cmp(&0.0).unwrap());
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
        // (√2 - 1)^600 is about 1e-230: beyond the first precision tried.
        let tiny = "sqrt(2) - 1".parse::<Exact>().unwrap().pow(600);
        assert_eq!(tiny.sign(), Ordering::Greater);
        assert!((tiny.to_f64().ln() / (2f64.sqrt() - 1.0).ln() - 600.0).abs() < 1e-9);
    }

    #[test]
    fn square_roots_are_recognised_in_larger_fields() {
        // θ = √2 + √3, so that θ³ - 9θ = 2√2 and 11θ - θ³ = 2√3.
        let theta: Exact = "root(x^4-10*x^2+1, 3)".parse().unwrap();
        let root2 = &(&theta.pow(3) - &(&theta * &9.into())) * &Exact::ratio(1, 2);
        assert_eq!(root2.as_quadratic(), Some((Rational::ZERO, Rational::ONE, 2)));
        let shifted = &Exact::ratio(1, 3) - &root2;
        assert_eq!(
            shifted.as_quadratic().map(|(a, b, d)| Exact::with_root(a, b, d).to_string()).as_deref(),
            Some("1/3 - sqrt(2)")
        );
        assert_eq!(theta.as_quadratic(), None);
    }

    #[test]
    #[should_panic(expected = "do not lie in one number field")]
    fn mixing_fields_is_refused() {
        let _ = &"sqrt(2)".parse::<Exact>().unwrap() + &"sqrt(3)".parse::<Exact>().unwrap();
    }
}
