//! Polynomials with integer coefficients in named variables: sums, products, exact division, greatest common divisors.
//!
//! Up to a rational factor every polynomial over ℚ is one of these, and a quotient of two is a
//! [`RationalFunction`](crate::RationalFunction). Sizes are those of order conditions: a handful of variables, some hundred
//! terms.

mod gcd;
mod monomial;
mod print;

use std::borrow::Cow;
use std::sync::Arc;

use dashu_base::BitTest;
use dashu_base::{Gcd, Signed, UnsignedAbs};
use dashu_int::{IBig, UBig};

use crate::exact::Exact;

use monomial::Monomial;
pub use monomial::{MAX_EXPONENT, MAX_VARIABLES};

/// A polynomial over ℤ in at most [`MAX_VARIABLES`] named variables.
///
/// ```
/// use shadowflow_methods::MultivariatePolynomial;
/// let (x, y) = (MultivariatePolynomial::variable("x"), MultivariatePolynomial::variable("y"));
/// let product = x.plus(&y).times(&x.minus(&y));
/// assert_eq!(product.to_string(), "x^2 - y^2");
/// assert_eq!(product.gcd(&x.plus(&y).times(&x)), x.plus(&y));
/// assert_eq!(product.divided_by(&x.minus(&y)), Some(x.plus(&y)));
/// ```
///
/// # Panics
/// Products panic when an exponent leaves [`MAX_EXPONENT`], and sums when the variables of both sides are more than
/// [`MAX_VARIABLES`]. What reads polynomials from outside keeps far below either.
#[derive(Clone, Debug)]
pub struct MultivariatePolynomial {
    /// In alphabetical order; not all need occur.
    variables: Variables,
    /// By descending monomial; no coefficient is 0.
    terms: Vec<(Monomial, IBig)>,
}

type Variables = Arc<[Arc<str>]>;

impl PartialEq for MultivariatePolynomial {
    fn eq(&self, other: &MultivariatePolynomial) -> bool {
        if self.variables == other.variables {
            return self.terms == other.terms;
        }
        let (x, y) = aligned(self, other);
        x.terms == y.terms
    }
}

impl Eq for MultivariatePolynomial {}

impl From<IBig> for MultivariatePolynomial {
    fn from(value: IBig) -> MultivariatePolynomial {
        MultivariatePolynomial::in_variables(Arc::default(), vec![(Monomial::ONE, value)])
    }
}

impl From<i64> for MultivariatePolynomial {
    fn from(value: i64) -> MultivariatePolynomial {
        IBig::from(value).into()
    }
}

impl MultivariatePolynomial {
    /// A single variable.
    pub fn variable(name: &str) -> MultivariatePolynomial {
        let variables: Variables = [Arc::from(name)].into_iter().collect();
        MultivariatePolynomial::in_variables(variables, vec![(Monomial::power(0, 1), IBig::ONE)])
    }

    /// From terms in any order, like ones added up.
    fn in_variables(variables: Variables, mut terms: Vec<(Monomial, IBig)>) -> MultivariatePolynomial {
        terms.sort_unstable_by(|(x, _), (y, _)| y.cmp(x));
        terms.dedup_by(|(monomial, coefficient), (kept, sum)| {
            let alike = monomial == kept;
            if alike {
                *sum += &*coefficient;
            }
            alike
        });
        terms.retain(|(_, coefficient)| !coefficient.is_zero());
        MultivariatePolynomial { variables, terms }
    }

    /// Another polynomial in the same variables.
    fn with_terms(&self, terms: Vec<(Monomial, IBig)>) -> MultivariatePolynomial {
        MultivariatePolynomial::in_variables(self.variables.clone(), terms)
    }

    /// The same with the terms as they are: sorted, distinct, nonzero.
    fn with_sorted(&self, terms: Vec<(Monomial, IBig)>) -> MultivariatePolynomial {
        MultivariatePolynomial { variables: self.variables.clone(), terms }
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The number this is, if no variable occurs.
    pub fn as_constant(&self) -> Option<IBig> {
        match &self.terms[..] {
            [] => Some(IBig::ZERO),
            [(Monomial::ONE, value)] => Some(value.clone()),
            _ => None,
        }
    }

    /// Whether this is the number 1.
    pub fn is_one(&self) -> bool {
        matches!(&self.terms[..], [(Monomial::ONE, value)] if value.is_one())
    }

    /// The number of terms.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there is no term, as for 0.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The names of the variables that occur, in alphabetical order.
    pub fn variables(&self) -> Vec<&str> {
        let used = self.used();
        (0..self.variables.len()).filter(|&v| used.exponent(v) > 0).map(|v| &*self.variables[v]).collect()
    }

    /// The largest exponent of every variable.
    fn used(&self) -> Monomial {
        self.terms.iter().fold(Monomial::ONE, |used, (m, _)| used.largest(*m))
    }

    fn index(&self, variable: &str) -> Option<usize> {
        self.variables.iter().position(|name| &**name == variable)
    }

    /// The degree in one variable, 0 also for the polynomial 0.
    pub fn degree_in(&self, variable: &str) -> u32 {
        self.index(variable).map_or(0, |v| self.degree_at(v))
    }

    fn degree_at(&self, v: usize) -> u32 {
        self.terms.iter().map(|(m, _)| m.exponent(v)).max().unwrap_or(0)
    }

    /// The total degree, 0 also for the polynomial 0.
    pub fn degree(&self) -> u32 {
        self.terms.iter().map(|(m, _)| m.degree()).max().unwrap_or(0)
    }

    /// The bits of the longest coefficient.
    pub(crate) fn longest_bits(&self) -> usize {
        self.terms.iter().map(|(_, coefficient)| coefficient.bit_len()).max().unwrap_or(0)
    }

    /// The coefficient of the lexicographically first term; 0 for the polynomial 0.
    pub fn leading_coefficient(&self) -> IBig {
        self.terms.first().map_or(IBig::ZERO, |(_, c)| c.clone())
    }

    /// `self + other`
    pub fn plus(&self, other: &MultivariatePolynomial) -> MultivariatePolynomial {
        let (x, y) = aligned(self, other);
        x.with_terms(x.terms.iter().chain(&y.terms).cloned().collect())
    }

    /// `self - other`
    pub fn minus(&self, other: &MultivariatePolynomial) -> MultivariatePolynomial {
        self.plus(&other.negated())
    }

    /// `-self`
    pub fn negated(&self) -> MultivariatePolynomial {
        self.with_sorted(self.terms.iter().map(|(m, c)| (*m, -c)).collect())
    }

    /// `self · other`
    pub fn times(&self, other: &MultivariatePolynomial) -> MultivariatePolynomial {
        let (x, y) = aligned(self, other);
        let (in_x, in_y) = (x.used(), y.used());
        assert!(
            (0..MAX_VARIABLES).all(|v| in_x.exponent(v) + in_y.exponent(v) <= MAX_EXPONENT),
            "exponents beyond {MAX_EXPONENT}"
        );
        let product = |(m, c): &(Monomial, IBig)| {
            let (m, c) = (*m, c.clone());
            y.terms.iter().map(move |(n, d)| (m.times(*n), &c * d)).collect::<Vec<_>>()
        };
        x.with_terms(x.terms.iter().flat_map(product).collect())
    }

    /// `self` times an integer.
    pub fn scaled(&self, factor: &IBig) -> MultivariatePolynomial {
        if factor.is_zero() {
            return self.with_sorted(Vec::new());
        }
        self.with_sorted(self.terms.iter().map(|(m, c)| (*m, c * factor)).collect())
    }

    /// `self` to a natural power.
    pub fn pow(&self, exponent: u32) -> MultivariatePolynomial {
        (0..exponent).fold(MultivariatePolynomial::from(1), |power, _| power.times(self))
    }

    /// The exact quotient, or `None` if the divisor is 0 or leaves a remainder.
    pub fn divided_by(&self, divisor: &MultivariatePolynomial) -> Option<MultivariatePolynomial> {
        let (x, y) = aligned(self, divisor);
        let (lead, lead_coefficient) = y.terms.first()?;
        let mut remainder: std::collections::BTreeMap<Monomial, IBig> = x.terms.iter().cloned().collect();
        let mut quotient = Vec::new();
        while let Some((monomial, coefficient)) = remainder.pop_last() {
            let factor = monomial.divided_by(*lead)?;
            let (share, rest) = (&coefficient / lead_coefficient, &coefficient % lead_coefficient);
            if !rest.is_zero() {
                return None;
            }
            for (m, c) in &y.terms[1..] {
                let entry = remainder.entry(m.times(factor)).or_default();
                *entry -= c * &share;
                if entry.is_zero() {
                    remainder.remove(&m.times(factor));
                }
            }
            quotient.push((factor, share));
        }
        Some(x.with_sorted(quotient))
    }

    /// The greatest common divisor of the coefficients, with the sign of the leading one; 0 for the polynomial 0.
    pub fn content(&self) -> IBig {
        let size = self.terms.iter().fold(UBig::ZERO, |gcd, (_, c)| {
            if gcd.is_zero() {
                c.clone().unsigned_abs()
            } else if gcd.is_one() {
                gcd
            } else {
                gcd.gcd(&c.clone().unsigned_abs())
            }
        });
        if self.leading_coefficient().is_negative() { -IBig::from(size) } else { size.into() }
    }

    /// Divided by its content: coefficients without common divisor, the leading one positive.
    pub fn primitive(&self) -> MultivariatePolynomial {
        let content = self.content();
        if content.is_zero() || content.is_one() {
            return self.clone();
        }
        self.with_sorted(self.terms.iter().map(|(m, c)| (*m, c / &content)).collect())
    }

    /// The coefficients of the powers 0, 1, … of one variable, which are polynomials in the others; none for 0.
    pub fn coefficients_in(&self, variable: &str) -> Vec<MultivariatePolynomial> {
        match self.index(variable) {
            Some(v) => self.coefficients_at(v),
            None if self.is_zero() => Vec::new(),
            None => vec![self.clone()],
        }
    }

    fn coefficients_at(&self, v: usize) -> Vec<MultivariatePolynomial> {
        if self.is_zero() {
            return Vec::new();
        }
        let mut parts = vec![Vec::new(); self.degree_at(v) as usize + 1];
        for (m, c) in &self.terms {
            parts[m.exponent(v) as usize].push((m.without(v), c.clone()));
        }
        // Removing one exponent keeps the order of monomials that agree in it.
        parts.into_iter().map(|terms| self.with_sorted(terms)).collect()
    }

    /// Σ coefficients[k]·vᵏ, the coefficients in the variables of `self` and free of v.
    fn assembled(&self, v: usize, coefficients: &[MultivariatePolynomial]) -> MultivariatePolynomial {
        let with_power = |(k, part): (usize, &MultivariatePolynomial)| {
            let power = Monomial::power(v, k as u32);
            part.terms.iter().map(|(m, c)| (m.times(power), c.clone())).collect::<Vec<_>>()
        };
        self.with_terms(coefficients.iter().enumerate().flat_map(with_power).collect())
    }

    /// The derivative with respect to one variable.
    pub fn derivative(&self, variable: &str) -> MultivariatePolynomial {
        let Some(v) = self.index(variable) else { return MultivariatePolynomial::from(0) };
        let slope = |(m, c): &(Monomial, IBig)| {
            let k = m.exponent(v);
            (k > 0).then(|| (m.without(v).times(Monomial::power(v, k - 1)), c * IBig::from(k)))
        };
        self.with_terms(self.terms.iter().filter_map(slope).collect())
    }

    /// `denominatorⁿ · self(variable = numerator/denominator)` with n the degree in the variable.
    pub fn homogenised(
        &self,
        variable: &str,
        numerator: &MultivariatePolynomial,
        denominator: &MultivariatePolynomial,
    ) -> MultivariatePolynomial {
        let coefficients = self.coefficients_in(variable);
        // Horner's rule, with one more power of the denominator in every step.
        let mut power = MultivariatePolynomial::from(1);
        let mut value = MultivariatePolynomial::from(0);
        for coefficient in coefficients.iter().rev() {
            value = value.times(numerator).plus(&coefficient.times(&power));
            power = power.times(denominator);
        }
        value
    }

    /// The value at numbers for the variables, or the name of a variable that has none.
    ///
    /// # Errors
    /// The first variable without a value.
    pub fn evaluate<'a>(&'a self, values: &dyn Fn(&str) -> Option<Exact>) -> Result<Exact, &'a str> {
        let used = self.used();
        let mut powers: Vec<Vec<Exact>> = Vec::new();
        for (v, name) in self.variables.iter().enumerate() {
            let mut list = vec![Exact::ONE];
            if used.exponent(v) > 0 {
                let value = values(name).ok_or(&**name)?;
                for k in 0..used.exponent(v) as usize {
                    list.push(&list[k] * &value);
                }
            }
            powers.push(list);
        }
        Ok(self.terms.iter().fold(Exact::ZERO, |sum, (m, c)| {
            let start = Exact::from(crate::exact::Rational::from(c.clone()));
            let term = powers.iter().enumerate().fold(start, |term, (v, list)| match m.exponent(v) {
                0 => term,
                k => &term * &list[k as usize],
            });
            &sum + &term
        }))
    }
}

/// Both polynomials over the union of their variables.
///
/// # Panics
/// If these are more than [`MAX_VARIABLES`].
fn aligned<'a>(
    x: &'a MultivariatePolynomial,
    y: &'a MultivariatePolynomial,
) -> (Cow<'a, MultivariatePolynomial>, Cow<'a, MultivariatePolynomial>) {
    if Arc::ptr_eq(&x.variables, &y.variables) || x.variables == y.variables {
        return (Cow::Borrowed(x), Cow::Borrowed(y));
    }
    let mut names: Vec<Arc<str>> = x.variables.iter().chain(y.variables.iter()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() <= MAX_VARIABLES, "more than {MAX_VARIABLES} variables");
    let union: Variables = names.into();
    let moved = |p: &MultivariatePolynomial| {
        let place = |name| union.iter().position(|other| other == name).expect("the union holds every name");
        let places: Vec<usize> = p.variables.iter().map(place).collect();
        // Alphabetical order on both sides: the order of monomials stays.
        let terms = p.terms.iter().map(|(m, c)| (m.renumbered(&places), c.clone())).collect();
        Cow::Owned(MultivariatePolynomial { variables: union.clone(), terms })
    };
    (moved(x), moved(y))
}

#[cfg(test)]
mod tests;
