//! Quotients of polynomials in named parameters: what coefficients become when parameters stay symbols.

mod parse;

use std::fmt;

use dashu_base::Signed;
use dashu_int::IBig;

use crate::exact::{Exact, Rational};
use crate::multivariate::MultivariatePolynomial;
use crate::ring::{Field, Ring};

pub use parse::ParseFunctionError;

/// A rational function over ℚ in lowest terms, so that equal functions are equal values.
///
/// ```
/// use shadowflow_methods::{Exact, Field, RationalFunction, Ring};
/// let c2 = RationalFunction::parameter("c2");
/// let b2 = RationalFunction::one().over(&c2.plus(&c2)).ok_or("c2 is not 0")?;
/// assert_eq!(RationalFunction::one().minus(&b2).to_string(), "(2*c2 - 1)/(2*c2)");
/// assert_eq!("(4*c2^2 - 1)/(2*c2 + 1) + 1".parse::<RationalFunction>()?, c2.plus(&c2));
/// assert_eq!(b2.evaluate(&[("c2", Exact::ratio(1, 3))])?, Exact::ratio(3, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RationalFunction {
    numerator: MultivariatePolynomial,
    /// With positive leading coefficient.
    denominator: MultivariatePolynomial,
}

/// Why a rational function has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// A parameter without a number.
    #[error("no value is given for `{parameter}`")]
    MissingValue {
        /// The parameter.
        parameter: String,
    },
    /// A pole.
    #[error("the denominator {denominator} vanishes there")]
    Singular {
        /// The denominator as text.
        denominator: String,
    },
}

impl From<MultivariatePolynomial> for RationalFunction {
    fn from(numerator: MultivariatePolynomial) -> RationalFunction {
        RationalFunction { numerator, denominator: MultivariatePolynomial::from(1) }
    }
}

impl From<i64> for RationalFunction {
    fn from(value: i64) -> RationalFunction {
        MultivariatePolynomial::from(value).into()
    }
}

impl RationalFunction {
    /// A parameter by its name.
    pub fn parameter(name: &str) -> RationalFunction {
        MultivariatePolynomial::variable(name).into()
    }

    /// The quotient in lowest terms, or `None` if the denominator is 0.
    pub fn quotient(
        numerator: &MultivariatePolynomial,
        denominator: &MultivariatePolynomial,
    ) -> Option<RationalFunction> {
        if denominator.is_zero() {
            return None;
        }
        let common = numerator.gcd(denominator);
        let (numerator, denominator) = match common.is_one() {
            true => (numerator.clone(), denominator.clone()),
            false => (numerator.divided_by(&common)?, denominator.divided_by(&common)?),
        };
        Some(match denominator.leading_coefficient().is_negative() {
            true => RationalFunction { numerator: numerator.negated(), denominator: denominator.negated() },
            false => RationalFunction { numerator, denominator },
        })
    }

    /// The numerator: coprime to the denominator, integer coefficients.
    pub fn numerator(&self) -> &MultivariatePolynomial {
        &self.numerator
    }

    /// The denominator: integer coefficients, the leading one positive.
    pub fn denominator(&self) -> &MultivariatePolynomial {
        &self.denominator
    }

    /// The parameters that occur, in alphabetical order.
    pub fn parameters(&self) -> Vec<&str> {
        let mut names = self.numerator.variables();
        names.extend(self.denominator.variables());
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The number this is, if no parameter occurs.
    pub fn as_rational(&self) -> Option<Rational> {
        let (n, d) = (self.numerator.as_constant()?, self.denominator.as_constant()?);
        Some(Rational::from_parts_signed(n, d))
    }

    /// The derivative with respect to a parameter.
    pub fn derivative(&self, parameter: &str) -> RationalFunction {
        let (n, d) = (&self.numerator, &self.denominator);
        let slope = n.derivative(parameter).times(d).minus(&n.times(&d.derivative(parameter)));
        RationalFunction::quotient(&slope, &d.times(d)).expect("the square of a denominator is not 0")
    }

    /// The value at numbers for the parameters.
    ///
    /// # Errors
    /// If a parameter has no value, or the denominator vanishes.
    ///
    /// # Panics
    /// If the numbers do not lie in one field.
    pub fn evaluate(&self, values: &[(&str, Exact)]) -> Result<Exact, EvaluationError> {
        let value = |name: &str| values.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
        let at = |p: &MultivariatePolynomial| {
            let missing = |name: &str| EvaluationError::MissingValue { parameter: name.to_owned() };
            p.evaluate(&value).map_err(missing)
        };
        let (n, d) = (at(&self.numerator)?, at(&self.denominator)?);
        n.checked_div(&d)
            .ok_or_else(|| EvaluationError::Singular { denominator: self.denominator.to_string() })
    }

    /// The function with a parameter replaced by a function, or `None` where the denominator becomes 0.
    pub fn substituted(&self, parameter: &str, value: &RationalFunction) -> Option<RationalFunction> {
        let (n, d) = (&self.numerator, &self.denominator);
        let (in_n, in_d) = (n.degree_in(parameter), d.degree_in(parameter));
        if in_n == 0 && in_d == 0 {
            return Some(self.clone());
        }
        let at = |p: &MultivariatePolynomial, raise: u32| {
            p.homogenised(parameter, &value.numerator, &value.denominator)
                .times(&value.denominator.pow(raise))
        };
        RationalFunction::quotient(&at(n, in_d.saturating_sub(in_n)), &at(d, in_n.saturating_sub(in_d)))
    }

    /// The least common multiple of the denominators of some functions, 1 for none.
    pub fn common_denominator<'a>(
        functions: impl IntoIterator<Item = &'a RationalFunction>,
    ) -> MultivariatePolynomial {
        functions.into_iter().fold(MultivariatePolynomial::from(1), |multiple, f| {
            let common = multiple.gcd(&f.denominator);
            match f.denominator.divided_by(&common) {
                Some(rest) => multiple.times(&rest),
                None => multiple,
            }
        })
    }

    /// LaTeX, `\frac{3c_{2}-2}{6c_{2}}`.
    pub fn to_latex(&self) -> String {
        let (n, d) = (self.numerator.to_latex(), self.denominator.to_latex());
        if self.denominator.is_one() {
            return n;
        }
        match n.strip_prefix('-') {
            Some(size) if self.numerator.len() == 1 => format!("-\\frac{{{size}}}{{{d}}}"),
            _ => format!("\\frac{{{n}}}{{{d}}}"),
        }
    }
}

/// Plain infix that parses back, `(3*c2 - 2)/(6*c2)`.
impl fmt::Display for RationalFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator.is_one() {
            return write!(f, "{}", self.numerator);
        }
        let (n, d) = (self.numerator.to_string(), self.denominator.to_string());
        if self.numerator.len() > 1 {
            write!(f, "({n})/")?
        } else {
            write!(f, "{n}/")?
        }
        let is_one_factor = d.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '^');
        if is_one_factor { write!(f, "{d}") } else { write!(f, "({d})") }
    }
}

impl Ring for RationalFunction {
    fn from_rational(value: &Rational) -> RationalFunction {
        RationalFunction {
            numerator: value.numerator().clone().into(),
            denominator: IBig::from(value.denominator().clone()).into(),
        }
    }

    fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    fn plus(&self, other: &RationalFunction) -> RationalFunction {
        if self.denominator.is_one() && other.denominator.is_one() {
            return self.numerator.plus(&other.numerator).into();
        }
        let common = self.denominator.gcd(&other.denominator);
        let without = |d: &MultivariatePolynomial| {
            if common.is_one() { Some(d.clone()) } else { d.divided_by(&common) }
        };
        let parts = without(&self.denominator).zip(without(&other.denominator));
        let (left, right) = parts.expect("a common divisor divides");
        let numerator = self.numerator.times(&right).plus(&other.numerator.times(&left));
        let denominator = self.denominator.times(&right);
        RationalFunction::quotient(&numerator, &denominator).expect("denominators are not 0")
    }

    fn minus(&self, other: &RationalFunction) -> RationalFunction {
        self.plus(&other.negated())
    }

    fn negated(&self) -> RationalFunction {
        RationalFunction { numerator: self.numerator.negated(), denominator: self.denominator.clone() }
    }

    fn times(&self, other: &RationalFunction) -> RationalFunction {
        // Both are in lowest terms, so only opposite parts can share a factor.
        let cancelled = |n: &MultivariatePolynomial, d: &MultivariatePolynomial| {
            if n.is_zero() || d.is_one() {
                return (n.clone(), d.clone());
            }
            let common = n.gcd(d);
            n.divided_by(&common).zip(d.divided_by(&common)).expect("a common divisor divides")
        };
        if self.is_zero() || other.is_zero() {
            return RationalFunction::zero();
        }
        let (n1, d2) = cancelled(&self.numerator, &other.denominator);
        let (n2, d1) = cancelled(&other.numerator, &self.denominator);
        RationalFunction { numerator: n1.times(&n2), denominator: d1.times(&d2) }
    }
}

impl Field for RationalFunction {
    fn reciprocal(&self) -> Option<RationalFunction> {
        let negative = self.numerator.leading_coefficient().is_negative();
        let signed = |p: &MultivariatePolynomial| if negative { p.negated() } else { p.clone() };
        (!self.numerator.is_zero()).then(|| RationalFunction {
            numerator: signed(&self.denominator),
            denominator: signed(&self.numerator),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> RationalFunction {
        text.parse().unwrap()
    }

    fn small() -> impl Strategy<Value = RationalFunction> {
        let polynomial = || {
            prop::collection::vec((-4i64..=4, 0u32..3, 0u32..2), 1..4).prop_map(|terms| {
                let (x, y) = (MultivariatePolynomial::variable("x"), MultivariatePolynomial::variable("y"));
                terms.into_iter().fold(MultivariatePolynomial::from(0), |sum, (c, i, j)| {
                    sum.plus(&x.pow(i).times(&y.pow(j)).scaled(&c.into()))
                })
            })
        };
        (polynomial(), polynomial())
            .prop_filter_map("denominator 0", |(n, d)| RationalFunction::quotient(&n, &d))
    }

    proptest! {
        #[test]
        fn functions_form_a_field(x in small(), y in small(), z in small()) {
            prop_assert_eq!(x.plus(&y).times(&z), x.times(&z).plus(&y.times(&z)));
            prop_assert!(x.minus(&x).is_zero());
            match x.reciprocal() {
                Some(reciprocal) => prop_assert_eq!(x.times(&reciprocal), RationalFunction::one()),
                None => prop_assert!(x.is_zero()),
            }
        }

        #[test]
        fn text_parses_back(x in small()) {
            prop_assert_eq!(parsed(&x.to_string()), x);
        }

        #[test]
        fn values_agree_with_the_arithmetic(x in small(), y in small(), a in -5i64..5, b in -5i64..5) {
            let at = [("x", Exact::ratio(a, 7)), ("y", Exact::ratio(b, 3))];
            if let (Ok(u), Ok(v)) = (x.evaluate(&at), y.evaluate(&at)) {
                prop_assert_eq!(x.times(&y).evaluate(&at).unwrap(), &u * &v);
                prop_assert_eq!(x.plus(&y).evaluate(&at).unwrap(), &u + &v);
            }
        }

        #[test]
        fn the_chain_rule_holds(f in small(), g in small()) {
            // d/dx f(g(x, y), y) = f_x(g, y)·g_x when f has no y.
            let f = f.substituted("y", &RationalFunction::from(2));
            if let Some(f) = f
                && let (Some(composed), Some(slope)) = (f.substituted("x", &g), f.derivative("x").substituted("x", &g))
            {
                prop_assert_eq!(composed.derivative("x"), slope.times(&g.derivative("x")));
            }
        }
    }

    #[test]
    fn text_and_latex() {
        let f = parsed("1/2 - 1/(3*c2)");
        assert_eq!(f.to_string(), "(3*c2 - 2)/(6*c2)");
        assert_eq!(f.to_latex(), "\\frac{3c_{2}-2}{6c_{2}}");
        assert_eq!(parsed("-1/(2*c2)").to_latex(), "-\\frac{1}{2c_{2}}");
        assert_eq!(parsed("-x/y^2").to_string(), "-x/y^2");
        assert_eq!(parsed("0*x").to_string(), "0");
        assert_eq!(parsed("3/6").as_rational(), Some(Rational::from_parts_signed(1.into(), 2.into())));
    }

    #[test]
    fn values_at_poles_and_without_numbers() {
        let f = parsed("1/(x - y)");
        assert_eq!(
            f.evaluate(&[("x", Exact::ONE), ("y", Exact::ONE)]),
            Err(EvaluationError::Singular { denominator: "x - y".to_owned() })
        );
        assert_eq!(
            f.evaluate(&[("x", Exact::ONE)]),
            Err(EvaluationError::MissingValue { parameter: "y".to_owned() })
        );
        assert_eq!(f.substituted("x", &RationalFunction::parameter("y")), None);
    }
}
