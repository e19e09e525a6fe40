//! Real number fields ℚ(θ), and which real number θ is.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use dashu_base::Signed;
use dashu_int::IBig;

use super::roots::ComplexRoots;
use super::{Exact, Rational};

/// Highest degree of a number field.
pub(super) const MAX_DEGREE: usize = 12;

/// How often the real root is enclosed once and for all; decisions that need more digits compute them.
const CACHED_BITS: usize = 256;

/// Why a polynomial and an approximation do not describe a real number field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFieldError {
    /// Degree 0 or 1, or too large.
    #[error("the polynomial of a root has degree {degree}; accepted are degrees from 2 to {MAX_DEGREE}")]
    Degree {
        /// The degree found.
        degree: usize,
    },
    /// The leading coefficient is not 1.
    #[error("the leading coefficient is {leading}, but must be 1: scale the variable until it is")]
    NotMonic {
        /// The leading coefficient.
        leading: String,
    },
    /// The polynomial is a product.
    #[error("the polynomial has the factor {factor}: give the root of a factor instead")]
    Reducible {
        /// A proper factor over the integers.
        factor: String,
    },
    /// Coefficients so large, or roots so near each other, that doubles cannot tell the roots apart.
    #[error("the roots of the polynomial cannot be told apart in double precision")]
    Inseparable,
    /// No root on the real line.
    #[error("the polynomial has no real root")]
    NoRealRoot,
}

/// The field ℚ(θ) of a real algebraic integer θ, given by its minimal polynomial and its place among the real roots.
///
/// ```
/// use shadowflow_methods::{NumberField, Rational};
/// // x³ - 3x - 1 has three real roots; 2cos(π/9) is the one near 1.88.
/// let field = NumberField::new([-1, -3, 0, 1].map(Into::into).to_vec(), 1.9)?;
/// assert_eq!(field.degree(), 3);
/// assert!((field.generator().to_f64() - 2.0 * (std::f64::consts::PI / 9.0).cos()).abs() < 1e-15);
/// # Ok::<(), shadowflow_methods::NumberFieldError>(())
/// ```
#[derive(Clone)]
pub struct NumberField(Arc<Data>);

struct Data {
    /// Ascending and monic.
    minimal: Vec<IBig>,
    /// θ lies strictly between these, no other root does, and neither is a root.
    isolating: (Rational, Rational),
    /// How many real roots are smaller.
    index: usize,
    name: Name,
    cached: OnceLock<Rational>,
}

/// How θ is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// θ = √d
    SquareRoot(u32),
    /// θ = 2cos(π/n)
    TwiceCosine(u8),
    /// `root(x^3-9*x-6, -0.7)`
    Root(String),
}

impl NumberField {
    /// The field of that real root of a monic irreducible integer polynomial (coefficients ascending) which is nearest
    /// to `near`.
    ///
    /// # Errors
    /// If the polynomial is not monic, not irreducible over ℚ, of degree below 2 or above 12, or has no real root.
    pub fn new(minimal: Vec<IBig>, near: f64) -> Result<NumberField, NumberFieldError> {
        let degree = minimal.len().saturating_sub(1);
        if !(2..=MAX_DEGREE).contains(&degree) {
            return Err(NumberFieldError::Degree { degree });
        }
        if !minimal[degree].is_one() {
            return Err(NumberFieldError::NotMonic { leading: minimal[degree].to_string() });
        }
        let roots = ComplexRoots::of(&minimal).ok_or(NumberFieldError::Inseparable)?;
        if let Some(factor) = roots.proper_factor(&minimal).ok_or(NumberFieldError::Inseparable)? {
            return Err(NumberFieldError::Reducible { factor: polynomial_text(&factor) });
        }
        let real = roots.real_intervals();
        let distance = |index: &usize| (real[*index].0 + real[*index].1 - 2.0 * near).abs();
        let index = (0..real.len())
            .min_by(|x, y| distance(x).total_cmp(&distance(y)))
            .ok_or(NumberFieldError::NoRealRoot)?;
        let (low, high) = real[index];
        let (Ok(low_end), Ok(high_end)) = (Rational::try_from(low), Rational::try_from(high)) else {
            return Err(NumberFieldError::Inseparable);
        };
        let name = named(&minimal, index).unwrap_or_else(|| Name::Root(root_text(&minimal, &real, index)));
        Ok(NumberField(Arc::new(Data {
            minimal,
            isolating: (low_end, high_end),
            index,
            name,
            cached: OnceLock::new(),
        })))
    }

    /// ℚ(√d) for a squarefree d ≥ 2.
    pub(super) fn quadratic(radicand: u32) -> NumberField {
        let floor = radicand.isqrt();
        NumberField(Arc::new(Data {
            minimal: vec![-IBig::from(radicand), IBig::ZERO, IBig::ONE],
            isolating: (floor.into(), (floor + 1).into()),
            index: 1,
            name: Name::SquareRoot(radicand),
            cached: OnceLock::new(),
        }))
    }

    /// ℚ(cos(π/n)) for the n whose field is cubic: 7 and 9.
    pub(super) fn cosine(n: u8) -> Option<NumberField> {
        let (_, minimal) = COSINES.iter().find(|(known, _)| *known == n)?;
        NumberField::new(minimal.iter().map(|&c| c.into()).collect(), 2.0).ok()
    }

    /// The degree of θ over ℚ, at least 2.
    pub fn degree(&self) -> usize {
        self.0.minimal.len() - 1
    }

    /// The minimal polynomial of θ over ℤ: coefficients by ascending power, the last one 1.
    pub fn minimal_polynomial(&self) -> &[IBig] {
        &self.0.minimal
    }

    /// θ itself.
    pub fn generator(&self) -> Exact {
        Exact::in_field(self, vec![Rational::ZERO, Rational::ONE])
    }

    /// The d of ℚ(√d) with θ = √d.
    pub fn radicand(&self) -> Option<u32> {
        match self.0.name {
            Name::SquareRoot(d) => Some(d),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> &Name {
        &self.0.name
    }

    /// A number within 2^-bits of θ.
    pub(super) fn approximation(&self, bits: usize) -> Rational {
        if bits <= CACHED_BITS {
            return self.0.cached.get_or_init(|| self.bisected(CACHED_BITS)).clone();
        }
        self.bisected(bits)
    }

    /// Bisection in integers: θ lies between m and m+1 over 2^scale.
    fn bisected(&self, bits: usize) -> Rational {
        let (low, high) = &self.0.isolating;
        let width = (high - low).to_f64().value();
        let sign_at_low = self.sign_at(low);
        let (mut low, mut high) = (low.clone(), high.clone());
        let two = Rational::from(2u8);
        // Each step halves the interval.
        let steps = (bits as f64 + width.log2()).ceil().max(1.0);
        for _ in 0..steps as usize {
            let middle = (&low + &high) / &two;
            if self.sign_at(&middle) == sign_at_low { low = middle } else { high = middle }
        }
        low
    }

    /// Whether the minimal polynomial is negative at a rational number; it is never 0 there.
    fn sign_at(&self, x: &Rational) -> bool {
        // dᵏ·p(n/d) by Horner's rule, without fractions.
        let (numerator, denominator) = (x.numerator(), IBig::from(x.denominator().clone()));
        let (mut value, mut power) = (IBig::ZERO, IBig::ONE);
        for c in self.0.minimal.iter().rev() {
            value = value * numerator + c * &power;
            power *= &denominator;
        }
        value.is_negative()
    }

    /// A bound of |θ|.
    pub(super) fn bound(&self) -> Rational {
        let (low, high) = &self.0.isolating;
        high.clone().max(-low.clone())
    }
}

/// Cubic fields of a cosine: n and the minimal polynomial of 2cos(π/n), which is the largest root.
const COSINES: &[(u8, [i8; 4])] = &[(7, [1, -2, -1, 1]), (9, [-1, -3, 0, 1])];

fn named(minimal: &[IBig], index: usize) -> Option<Name> {
    if let [constant, linear, _] = minimal
        && linear.is_zero()
        && index == 1
    {
        let radicand = u32::try_from(-constant.clone()).ok()?;
        return (super::extract_squares(radicand).0 == 1).then_some(Name::SquareRoot(radicand));
    }
    let is =
        |known: &[i8; 4]| minimal.len() == 4 && minimal.iter().zip(known).all(|(x, y)| *x == IBig::from(*y));
    let (n, _) = COSINES.iter().find(|(_, known)| is(known))?;
    (index == 2).then_some(Name::TwiceCosine(*n))
}

/// The polynomial and as few digits of the root as single it out.
fn root_text(minimal: &[IBig], real: &[(f64, f64)], index: usize) -> String {
    let middle = |k: usize| (real[k].0 + real[k].1) / 2.0;
    let gap = (0..real.len())
        .filter(|&k| k != index)
        .map(|k| (middle(k) - middle(index)).abs())
        .fold(f64::INFINITY, f64::min);
    let near = (0..17)
        .map(|digits| format!("{:.digits$}", middle(index)))
        .find(|text| text.parse().is_ok_and(|x: f64| (x - middle(index)).abs() < gap / 4.0 && x != 0.0))
        .unwrap_or_else(|| middle(index).to_string());
    format!("root({}, {near})", polynomial_text(minimal))
}

/// `x^3-9*x-6`
pub(super) fn polynomial_text(coefficients: &[IBig]) -> String {
    let mut text = String::new();
    for (k, c) in coefficients.iter().enumerate().rev().filter(|(_, c)| !c.is_zero()) {
        let sign = if c.is_negative() {
            "-"
        } else if text.is_empty() {
            ""
        } else {
            "+"
        };
        let size = super::magnitude(c);
        let variable = match k {
            0 => String::new(),
            1 => "x".to_owned(),
            _ => format!("x^{k}"),
        };
        text.push_str(sign);
        match (size.is_one(), k) {
            (_, 0) => text.push_str(&size.to_string()),
            (true, _) => text.push_str(&variable),
            (false, _) => text.push_str(&format!("{size}*{variable}")),
        }
    }
    text
}

impl PartialEq for NumberField {
    /// Whether θ is the same number.
    fn eq(&self, other: &NumberField) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.minimal == other.0.minimal && self.0.index == other.0.index)
    }
}

impl Eq for NumberField {}

impl Hash for NumberField {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.minimal.hash(state);
        self.0.index.hash(state);
    }
}

/// How θ is written: `sqrt(3)`, `2*cos(pi/9)`, `root(x^3-9*x-6, -0.7)`.
impl fmt::Display for NumberField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.name {
            Name::SquareRoot(d) => write!(f, "sqrt({d})"),
            Name::TwiceCosine(n) => write!(f, "2*cos(pi/{n})"),
            Name::Root(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for NumberField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ℚ({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn monic() -> impl Strategy<Value = Vec<IBig>> {
        prop::collection::vec(-6i64..=6, 1..4)
            .prop_map(|lower| lower.into_iter().chain([1]).map(IBig::from).collect())
    }

    proptest! {
        #[test]
        fn products_are_never_taken_for_irreducible(p in monic(), q in monic(), near in -5.0..5.0) {
            let mut product = vec![IBig::ZERO; p.len() + q.len() - 1];
            for (i, x) in p.iter().enumerate() {
                for (j, y) in q.iter().enumerate() {
                    product[i + j] += x * y;
                }
            }
            prop_assert!(NumberField::new(product, near).is_err());
        }

        #[test]
        fn the_generator_is_a_root(p in monic(), near in -5.0..5.0) {
            if let Ok(field) = NumberField::new(p.clone(), near) {
                let theta = field.generator();
                let value = p.iter().rev().fold(Exact::ZERO, |value, c| {
                    &(&value * &theta) + &Rational::from(c.clone()).into()
                });
                prop_assert!(value.is_zero());
                prop_assert_eq!(field.to_string().parse::<Exact>().unwrap(), theta);
            }
        }
    }

    fn field(minimal: &[i64], near: f64) -> Result<NumberField, NumberFieldError> {
        NumberField::new(minimal.iter().map(|&c| c.into()).collect(), near)
    }

    #[test]
    fn the_nearest_real_root_is_meant() {
        for (near, expected) in [(-1.5, 1.0), (-0.3, 5.0), (7.0, 9.0)] {
            // The roots of x³ - 3x + 1 are 2cos(2π/9), 2cos(4π/9), 2cos(8π/9).
            let theta = field(&[1, -3, 0, 1], near).unwrap().generator();
            let value = theta.to_f64();
            assert!((value.powi(3) - 3.0 * value + 1.0).abs() < 1e-14, "{expected}: {value}");
        }
        let smallest = field(&[1, -3, 0, 1], -1.5).unwrap();
        assert_eq!(smallest, field(&[1, -3, 0, 1], -9.0).unwrap());
        assert_ne!(smallest, field(&[1, -3, 0, 1], 0.3).unwrap());
    }

    #[test]
    fn known_numbers_have_their_names() {
        assert_eq!(field(&[-1, -3, 0, 1], 1.5).unwrap().to_string(), "2*cos(pi/9)");
        assert_eq!(field(&[-5, 0, 1], 2.0).unwrap(), NumberField::quadratic(5));
        assert_eq!(field(&[-5, 0, 1], 2.0).unwrap().to_string(), "sqrt(5)");
        assert_eq!(field(&[-6, -9, 0, 1], -0.7).unwrap().to_string(), "root(x^3-9*x-6, -1)");
        assert!(NumberField::cosine(8).is_none());
    }

    #[test]
    fn what_is_no_field_is_refused() {
        assert_eq!(field(&[1, 1], 0.0), Err(NumberFieldError::Degree { degree: 1 }));
        assert!(matches!(field(&[1, 0, 2], 0.0), Err(NumberFieldError::NotMonic { .. })));
        assert_eq!(field(&[1, 0, 1], 0.0), Err(NumberFieldError::NoRealRoot));
        // (x² - 2)(x² - 3), and a square.
        let factor = |p: &[i64]| match field(p, 1.4).unwrap_err() {
            NumberFieldError::Reducible { factor } => factor,
            other => panic!("{other}"),
        };
        assert!(["x^2-2", "x^2-3"].contains(&factor(&[6, 0, -5, 0, 1]).as_str()));
        assert_eq!(field(&[4, 0, -4, 0, 1], 1.4), Err(NumberFieldError::Inseparable));
    }

    #[test]
    fn irreducible_without_being_so_modulo_any_prime() {
        // The minimal polynomial of √2 + √3 splits modulo every prime.
        let field = field(&[1, 0, -10, 0, 1], 3.0).unwrap();
        let expected = 2f64.sqrt() + 3f64.sqrt();
        assert!((field.generator().to_f64() - expected).abs() < 1e-15);
    }
}
