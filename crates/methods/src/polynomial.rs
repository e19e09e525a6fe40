//! Polynomials with exact coefficients: Euclid, square-free parts, Sturm chains, the Routh–Hurwitz test.
//!
//! Enough exact algebra to decide where a stability function leaves the unit disc, without a grid. Rational coefficients
//! are made integers first ([`integer`]), which is faster by orders of magnitude from degree 20 or so.

mod integer;
mod modular;

use std::cmp::Ordering;

use dashu_int::UBig;
use num_complex::Complex64;

use crate::enclosure::Enclosure;
use crate::exact::{Exact, Rational, lcm};
use integer::IntegerPolynomial;

/// Roots are enclosed to this many bits.
const BITS: usize = 64;

/// A polynomial in one variable; coefficients by ascending power, the last one nonzero.
#[derive(Clone, Debug, PartialEq)]
pub struct Polynomial(Vec<Exact>);

impl Polynomial {
    /// The polynomial with these coefficients, by ascending power. Leading zeros are dropped.
    pub fn new(mut coefficients: Vec<Exact>) -> Polynomial {
        while coefficients.last().is_some_and(Exact::is_zero) {
            coefficients.pop();
        }
        Polynomial(coefficients)
    }

    /// The constant 1.
    pub fn one() -> Polynomial {
        Polynomial(vec![Exact::ONE])
    }

    /// Coefficients by ascending power; empty for 0.
    pub fn coefficients(&self) -> &[Exact] {
        &self.0
    }

    /// The degree, `None` for 0.
    pub fn degree(&self) -> Option<usize> {
        self.0.len().checked_sub(1)
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The value at `x`, exactly.
    pub fn eval(&self, x: &Exact) -> Exact {
        self.0.iter().rev().fold(Exact::ZERO, |value, c| &(&value * x) + c)
    }

    /// The coefficients as doubles, by ascending power.
    pub fn to_f64(&self) -> Vec<f64> {
        self.0.iter().map(Exact::to_f64).collect()
    }

    /// `self + other`.
    pub fn plus(&self, other: &Polynomial) -> Polynomial {
        self.zip_with(other, |x, y| x + y)
    }

    /// `self - other`.
    pub fn minus(&self, other: &Polynomial) -> Polynomial {
        self.zip_with(other, |x, y| x - y)
    }

    fn zip_with(&self, other: &Polynomial, operation: impl Fn(&Exact, &Exact) -> Exact) -> Polynomial {
        let length = self.0.len().max(other.0.len());
        let at = |p: &Polynomial, k: usize| p.0.get(k).cloned().unwrap_or(Exact::ZERO);
        Polynomial::new((0..length).map(|k| operation(&at(self, k), &at(other, k))).collect())
    }

    /// The product.
    pub fn times(&self, other: &Polynomial) -> Polynomial {
        if self.is_zero() || other.is_zero() {
            return Polynomial(Vec::new());
        }
        let mut product = vec![Exact::ZERO; self.0.len() + other.0.len() - 1];
        for (i, x) in self.0.iter().enumerate() {
            for (j, y) in other.0.iter().enumerate() {
                product[i + j] = &product[i + j] + &(x * y);
            }
        }
        Polynomial::new(product)
    }

    /// Every coefficient times a number.
    pub fn scaled(&self, factor: &Exact) -> Polynomial {
        Polynomial::new(self.0.iter().map(|c| c * factor).collect())
    }

    /// The polynomial at `-x`.
    pub fn reflected(&self) -> Polynomial {
        Polynomial(self.0.iter().enumerate().map(|(k, c)| if k % 2 == 1 { -c } else { c.clone() }).collect())
    }

    /// The derivative.
    pub fn derivative(&self) -> Polynomial {
        Polynomial::new(self.0.iter().enumerate().skip(1).map(|(k, c)| c * &Exact::from(k as i64)).collect())
    }

    /// Quotient and remainder, or `None` for division by 0.
    pub fn div_rem(&self, divisor: &Polynomial) -> Option<(Polynomial, Polynomial)> {
        let lead = divisor.0.last()?.inverse()?;
        let mut remainder = self.0.clone();
        let mut quotient = vec![Exact::ZERO; (remainder.len() + 1).saturating_sub(divisor.0.len())];
        for shift in (0..quotient.len()).rev() {
            let factor = &remainder[shift + divisor.0.len() - 1] * &lead;
            for (k, c) in divisor.0.iter().enumerate() {
                remainder[shift + k] = &remainder[shift + k] - &(&factor * c);
            }
            quotient[shift] = factor;
        }
        Some((Polynomial::new(quotient), Polynomial::new(remainder)))
    }

    /// The exact quotient by a known nonzero factor.
    fn without_factor(&self, factor: &Polynomial) -> Polynomial {
        self.div_rem(factor).map_or_else(|| self.clone(), |(quotient, _)| quotient)
    }

    /// Divided by its leading coefficient.
    fn monic(&self) -> Polynomial {
        match self.0.last().and_then(Exact::inverse) {
            Some(inverse) => self.scaled(&inverse),
            None => self.clone(),
        }
    }

    /// The monic greatest common divisor.
    pub fn gcd(&self, other: &Polynomial) -> Polynomial {
        if let (Some(x), Some(y)) = (IntegerPolynomial::of(self), IntegerPolynomial::of(other)) {
            return x.gcd(&y).polynomial().monic();
        }
        let (mut x, mut y) = (self.monic(), other.monic());
        while let Some((_, remainder)) = x.div_rem(&y) {
            (x, y) = (y, remainder.monic());
        }
        x
    }

    /// The product of the distinct factors of odd multiplicity: its roots are where `self` changes sign
    /// (Yun 1976, square-free factorisation).
    fn odd_part(&self) -> Polynomial {
        if let Some(integer) = IntegerPolynomial::of(self) {
            return integer.odd_part().polynomial();
        }
        let derivative = self.derivative();
        let common = self.gcd(&derivative);
        let mut rest = self.without_factor(&common);
        let mut slope = derivative.without_factor(&common).minus(&rest.derivative());
        let (mut odd, mut multiplicity) = (Polynomial::one(), 1);
        while rest.degree().unwrap_or(0) > 0 {
            let factor = rest.gcd(&slope);
            if multiplicity % 2 == 1 {
                odd = odd.times(&factor);
            }
            rest = rest.without_factor(&factor);
            slope = slope.without_factor(&factor).minus(&rest.derivative());
            multiplicity += 1;
        }
        odd
    }

    /// The first `x > 0` at which a polynomial that is ≤ 0 up to there becomes positive: `Some(0)` if it is positive
    /// at once, `None` if it never is. Exact but for the last rounding; touching zero without crossing it is no exit.
    pub fn first_exit_above_zero(&self) -> Option<f64> {
        self.first_exit().map(|exit| exit.to_f64())
    }

    /// [`Polynomial::first_exit_above_zero`] between two fractions that agree to 60 bits: the polynomial is ≤ 0 from 0 to
    /// the lower one, and > 0 somewhere up to the upper one or directly beyond.
    pub fn first_exit(&self) -> Option<Enclosure> {
        Polynomial::first_exit_of_product(std::slice::from_ref(self))
    }

    /// Whether the value is ≤ 0 at every x ≥ 0.
    pub(crate) fn is_nowhere_positive(&self) -> bool {
        // Most often the coefficients tell.
        if self.0.iter().all(|c| c.sign() != Ordering::Greater) {
            return true;
        }
        if self.lowest_coefficient().is_some_and(|(_, c)| c.sign() == Ordering::Greater) {
            return false;
        }
        match IntegerPolynomial::of(self) {
            Some(integer) => !integer.odd_part().has_positive_root(),
            None => self.first_exit().is_none(),
        }
    }

    /// [`Polynomial::first_exit`] of a product whose factors have no root in common, which is found factor by factor.
    pub(crate) fn first_exit_of_product(factors: &[Polynomial]) -> Option<Enclosure> {
        let lowest = factors.iter().map(Polynomial::lowest_coefficient).collect::<Option<Vec<_>>>()?;
        let negative = lowest.iter().filter(|(_, c)| c.sign() == Ordering::Less).count();
        if negative % 2 == 0 {
            return Some(Enclosure::exactly(Rational::ZERO));
        }
        let first_crossing = |(factor, (power, lowest)): (&Polynomial, &(usize, &Exact))| {
            let factor = Polynomial(factor.0[*power..].to_vec());
            if factor.0.iter().any(|c| c.field().is_some()) {
                let negative = match lowest.sign() {
                    Ordering::Greater => factor.scaled(&Exact::from(-1)),
                    _ => factor.clone(),
                };
                if let Some(crossing) = negative.exit_between_bounds() {
                    return crossing;
                }
            }
            factor.odd_part().smallest_positive_root()
        };
        factors
            .iter()
            .zip(&lowest)
            .filter_map(first_crossing)
            .reduce(|x, y| Enclosure { low: x.low.min(y.low), high: x.high.min(y.high) })
    }

    /// The first exit of a polynomial with irrational coefficients that is negative at 0, from two with rational ones: for
    /// x ≥ 0 its values lie between those with all coefficients rounded down and up. `None` if they do not agree.
    fn exit_between_bounds(&self) -> Option<Option<Enclosure>> {
        let (low, high): (Vec<_>, Vec<_>) = self.0.iter().map(Exact::bounds).unzip();
        let polynomial =
            |bounds: Vec<Rational>| Polynomial::new(bounds.into_iter().map(Exact::from).collect());
        // No later than the exit of the larger is that of this one, no earlier that of the smaller.
        let Some(earliest) = polynomial(high).first_exit() else { return Some(None) };
        let latest = polynomial(low).first_exit()?;
        let exit = Enclosure { low: earliest.low, high: latest.high };
        let width = (&exit.high - &exit.low) * Rational::from(UBig::ONE << (BITS - 4));
        let simplest = Rational::simplest_in(exit.low.clone(), exit.high.clone());
        let is_sharp = width < exit.high && !self.eval(&simplest.into()).is_zero();
        is_sharp.then_some(Some(exit))
    }

    /// The lowest power with a coefficient other than 0, and that coefficient.
    pub(crate) fn lowest_coefficient(&self) -> Option<(usize, &Exact)> {
        self.0.iter().enumerate().find(|(_, c)| !c.is_zero())
    }

    /// The smallest positive root of a square-free polynomial that does not vanish at 0.
    fn smallest_positive_root(&self) -> Option<Enclosure> {
        if let Some(integer) = IntegerPolynomial::of(self) {
            return integer.smallest_positive_root(BITS).map(|(low, high)| Enclosure { low, high });
        }
        let chain = self.sturm_chain();
        let (mut low, mut high) = (Rational::ZERO, self.root_bound());
        let at_zero = sign_changes(&chain, &low);
        if at_zero == sign_changes(&chain, &high) {
            return None;
        }
        // Below its first root the polynomial has the sign it has at 0.
        let before = self.0[0].sign();
        let mut isolated = false;
        let tolerance = Rational::from_parts(1.into(), UBig::ONE << BITS);
        while &high - &low > &high * &tolerance {
            let middle = (&low + &high) / Rational::from(2u8);
            let root_below = if isolated {
                match self.eval(&middle.clone().into()).sign() {
                    Ordering::Equal => return Some(Enclosure::exactly(middle)),
                    at_middle => at_middle != before,
                }
            } else {
                let below = at_zero - sign_changes(&chain, &middle);
                isolated = below == 1;
                below > 0
            };
            if root_below { high = middle } else { low = middle }
        }
        let simplest = Rational::simplest_in(low.clone(), high.clone());
        match self.eval(&simplest.clone().into()).is_zero() {
            true => Some(Enclosure::exactly(simplest)),
            false => Some(Enclosure { low, high }),
        }
    }

    /// The polynomials of which this one and another are the positive multiples by the least common denominator.
    pub(crate) fn over_common_denominator(&self, other: &Polynomial) -> (Polynomial, Polynomial) {
        let coefficients = self.0.iter().chain(&other.0);
        let multiple = coefficients.fold(UBig::ONE, |multiple, c| lcm(&multiple, &c.denominator()));
        let multiple = Exact::from(Rational::from(multiple));
        (self.scaled(&multiple), other.scaled(&multiple))
    }

    /// The polynomial at `factor·x`.
    pub(crate) fn stretched(&self, factor: &Exact) -> Polynomial {
        let mut power = Exact::ONE;
        let coefficient = |c: &Exact| {
            let stretched = c * &power;
            power = &power * factor;
            stretched
        };
        Polynomial::new(self.0.iter().map(coefficient).collect())
    }

    /// bⁿf((y - a)/b) for r = a/b and n no less than the degree: the polynomial around -r, up to positive factors of it
    /// and of the variable. With integer coefficients they stay integers.
    pub(crate) fn around(&self, r: &Rational, n: usize) -> Polynomial {
        let (a, b) = (Rational::from(r.numerator().clone()), Rational::from(r.denominator().clone()));
        let (a, b) = (Exact::from(-a), Exact::from(b));
        let mut power = b.pow(n.saturating_sub(self.0.len().saturating_sub(1)) as u32);
        let mut coefficients = self.0.clone();
        for c in coefficients.iter_mut().rev() {
            *c = &*c * &power;
            power = &power * &b;
        }
        Polynomial(coefficients).shifted(&a)
    }

    /// The polynomial at `x + shift`.
    pub(crate) fn shifted(&self, shift: &Exact) -> Polynomial {
        let mut coefficients = self.0.clone();
        let n = coefficients.len();
        for first in 0..n.saturating_sub(1) {
            for k in (first..n - 1).rev() {
                coefficients[k] = &coefficients[k] + &(shift * &coefficients[k + 1]);
            }
        }
        Polynomial(coefficients)
    }

    /// An integer power of two above every root (Cauchy's bound).
    fn root_bound(&self) -> Rational {
        let monic = self.monic();
        let mut bound = Exact::from(2);
        let mut rational = Rational::from(2u8);
        while monic.0.iter().any(|c| *c > bound || -c > bound) {
            bound = &bound * &Exact::from(2);
            rational *= Rational::from(2u8);
        }
        rational * Rational::from(2u8)
    }

    /// The Sturm chain; remainders are scaled by positive numbers only, so that signs stay.
    fn sturm_chain(&self) -> Vec<Polynomial> {
        let mut chain = vec![self.clone(), self.derivative()];
        while let [.., previous, last] = &chain[..] {
            let Some((_, remainder)) = previous.div_rem(last) else { break };
            let Some(size) =
                remainder.0.last().map(|c| if c.sign() == Ordering::Less { -c } else { c.clone() })
            else {
                break;
            };
            let scale = size.inverse().map_or(Exact::ONE, |inverse| -&inverse);
            chain.push(remainder.scaled(&scale));
        }
        chain.retain(|p| !p.is_zero());
        chain
    }

    /// Whether all roots have negative real part (Routh 1877, Hurwitz 1895), decided exactly.
    pub fn is_hurwitz(&self) -> bool {
        let Some(degree) = self.degree() else { return false };
        let row = |offset: usize| -> Vec<Exact> {
            (0..=degree).rev().skip(offset).step_by(2).map(|k| self.0[k].clone()).collect()
        };
        let sign = self.0[degree].sign();
        let (mut upper, mut lower) = (row(0), row(1));
        for _ in 0..degree {
            let Some(ratio) = lower.first().and_then(|pivot| upper[0].checked_div(pivot)) else {
                return false;
            };
            if lower[0].sign() != sign {
                return false;
            }
            let next = (1..upper.len())
                .map(|k| match lower.get(k) {
                    Some(below) => &upper[k] - &(&ratio * below),
                    None => upper[k].clone(),
                })
                .collect();
            upper = std::mem::replace(&mut lower, next);
        }
        true
    }
}

/// The value of a real polynomial, coefficients by ascending power, at a complex number (Horner).
pub(crate) fn eval_complex(coefficients: &[f64], z: Complex64) -> Complex64 {
    coefficients.iter().rev().fold(Complex64::new(0.0, 0.0), |value, &c| value * z + c)
}

fn sign_changes(chain: &[Polynomial], x: &Rational) -> usize {
    let x = &Exact::from(x.clone());
    let signs: Vec<_> = chain.iter().map(|p| p.eval(x).sign()).filter(|s| *s != Ordering::Equal).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from_integers(coefficients: &[i64]) -> Polynomial {
        Polynomial::new(coefficients.iter().map(|&c| Exact::from(c)).collect())
    }

    /// Π (x - root)
    fn with_roots(roots: &[i64]) -> Polynomial {
        roots.iter().fold(Polynomial::one(), |p, &root| p.times(&from_integers(&[-root, 1])))
    }

    proptest! {
        #[test]
        fn division_with_remainder_multiplies_back(
            x in prop::collection::vec(-9i64..9, 0..7),
            y in prop::collection::vec(-9i64..9, 1..5),
        ) {
            let (x, y) = (from_integers(&x), from_integers(&y));
            if let Some((quotient, remainder)) = x.div_rem(&y) {
                prop_assert_eq!(quotient.times(&y).plus(&remainder), x);
                prop_assert!(remainder.degree() < y.degree() || remainder.is_zero());
            } else {
                prop_assert!(y.is_zero());
            }
        }

        #[test]
        fn first_exit_is_the_first_positive_root_of_odd_multiplicity(
            roots in prop::collection::vec(-6i64..12, 1..7)
        ) {
            let mut p = with_roots(&roots);
            if p.0.iter().find(|c| !c.is_zero()).is_some_and(|c| c.sign() == Ordering::Greater) {
                p = p.scaled(&Exact::from(-1));
            }
            let odd = |r: &i64| roots.iter().filter(|s| *s == r).count() % 2 == 1;
            let expected = roots.iter().filter(|&r| *r > 0 && odd(r)).min().map(|&r| r as f64);
            prop_assert_eq!(p.first_exit_above_zero(), expected);
        }

        #[test]
        fn hurwitz_agrees_with_the_roots(
            real in prop::collection::vec(-4i64..3, 0..4),
            pairs in prop::collection::vec((-4i64..3, 1i64..4), 0..3),
        ) {
            let mut p = with_roots(&real);
            for (re, im) in &pairs {
                p = p.times(&from_integers(&[re * re + im * im, -2 * re, 1]));
            }
            let stable = real.iter().all(|r| *r < 0) && pairs.iter().all(|(re, _)| *re < 0);
            prop_assert_eq!(p.is_hurwitz(), stable);
        }
    }

    proptest! {
        #[test]
        fn common_divisors_are_found(
            x in prop::collection::vec(-99i64..99, 1..5),
            y in prop::collection::vec(-99i64..99, 1..5),
            common in prop::collection::vec(-1_000_000_000_000i64..1_000_000_000_000, 1..5),
        ) {
            let (x, y, common) = (from_integers(&x), from_integers(&y), from_integers(&common));
            prop_assume!(!x.is_zero() && !y.is_zero() && !common.is_zero());
            // The fourth power has coefficients beyond two primes.
            let common = common.times(&common);
            let common = common.times(&common);
            let divisor = x.times(&common).gcd(&y.times(&common));
            let (rest, remainder) = divisor.div_rem(&common).unwrap();
            prop_assert!(remainder.is_zero());
            // And what is left divides both.
            prop_assert!(x.div_rem(&rest).unwrap().1.is_zero() && y.div_rem(&rest).unwrap().1.is_zero());
        }

        #[test]
        fn over_a_number_field_exits_are_the_same(roots in prop::collection::vec(-6i64..12, 1..6)) {
            let mut p = with_roots(&roots);
            if p.0.iter().find(|c| !c.is_zero()).is_some_and(|c| c.sign() == Ordering::Greater) {
                p = p.scaled(&Exact::from(-1));
            }
            let positive: Exact = "3 - sqrt(2)".parse().unwrap();
            prop_assert_eq!(p.scaled(&positive).first_exit(), p.first_exit());
        }
    }

    #[test]
    fn touching_is_no_exit() {
        // (x-1)²(x-3) is negative until 3.
        assert_eq!(with_roots(&[1, 1, 3]).first_exit_above_zero(), Some(3.0));
        assert_eq!(with_roots(&[1, 1]).scaled(&Exact::from(-1)).first_exit_above_zero(), None);
    }
}
