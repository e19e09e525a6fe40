//! Polynomials over ℚ in numbered generators: what a formula is while it is computed with.
//!
//! A monomial is a row of exponents packed into words, so that products add words and the order, lexicographic with later
//! generators first, compares them. Coefficients are integers over one denominator for the whole polynomial.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use dashu_base::{Gcd, UnsignedAbs};
use dashu_int::{IBig, UBig};
use shadowflow_methods::Rational;

/// Most generators there can be.
pub(crate) const MAX_GENERATORS: usize = 32;

const WORDS: usize = MAX_GENERATORS / PER_WORD;
const PER_WORD: usize = 4;
const BITS: usize = 16;
/// The highest bit of every exponent: set only by a product whose exponent leaves the range.
const GUARDS: u64 = 0x8000_8000_8000_8000;

/// A product of powers of generators, each exponent below 2¹⁵.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Monomial([u64; WORDS]);

impl Monomial {
    pub(crate) const ONE: Monomial = Monomial([0; WORDS]);

    /// Later generators stand in earlier words and in higher bits, so that comparing words compares them first.
    fn place(generator: usize) -> (usize, usize) {
        (WORDS - 1 - generator / PER_WORD, generator % PER_WORD * BITS)
    }

    pub(crate) fn power(generator: usize, exponent: u16) -> Monomial {
        let (word, shift) = Monomial::place(generator);
        let mut words = [0; WORDS];
        words[word] = u64::from(exponent) << shift;
        Monomial(words)
    }

    pub(crate) fn exponent(&self, generator: usize) -> u16 {
        let (word, shift) = Monomial::place(generator);
        (self.0[word] >> shift) as u16
    }

    /// The product, and whether all its exponents are in range.
    fn times(&self, other: &Monomial) -> (Monomial, bool) {
        let mut words = self.0;
        let mut guards = 0;
        for (word, more) in words.iter_mut().zip(&other.0) {
            *word += more;
            guards |= *word;
        }
        (Monomial(words), guards & GUARDS == 0)
    }

    /// The quotient, if there is one.
    pub(crate) fn over(&self, divisor: &Monomial) -> Option<Monomial> {
        let mut words = self.0;
        for (word, less) in words.iter_mut().zip(&divisor.0) {
            // With the guards lent to every exponent, one that becomes negative takes its guard away.
            *word = (*word | GUARDS).wrapping_sub(*less);
            if *word & GUARDS != GUARDS {
                return None;
            }
            *word &= !GUARDS;
        }
        Some(Monomial(words))
    }

    /// The monomial without a generator.
    pub(crate) fn without(&self, generator: usize) -> Monomial {
        let (word, shift) = Monomial::place(generator);
        let mut words = self.0;
        words[word] &= !(0xffff << shift);
        Monomial(words)
    }

    /// The generators that occur, with their exponents.
    pub(crate) fn powers(&self) -> impl Iterator<Item = (usize, u16)> + '_ {
        (0..MAX_GENERATORS).map(|g| (g, self.exponent(g))).filter(|(_, exponent)| *exponent > 0)
    }
}

impl Hash for Monomial {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|word| state.write_u64(*word));
    }
}

/// Words multiplied and folded: quick, the same in every run, and good enough for exponents.
#[derive(Default)]
struct Folding(u64);

impl Hasher for Folding {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// A polynomial: terms by descending monomial, none of them 0, over a denominator without a factor common to all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Polynomial {
    terms: Vec<(Monomial, IBig)>,
    denominator: UBig,
}

impl Polynomial {
    pub(crate) const ZERO: Polynomial = Polynomial { terms: Vec::new(), denominator: UBig::ONE };

    pub(crate) fn number(value: &Rational) -> Polynomial {
        Polynomial::term(Monomial::ONE, value)
    }

    pub(crate) fn generator(generator: usize) -> Polynomial {
        Polynomial::term(Monomial::power(generator, 1), &Rational::ONE)
    }

    pub(crate) fn term(monomial: Monomial, coefficient: &Rational) -> Polynomial {
        match coefficient.is_zero() {
            true => Polynomial::ZERO,
            false => Polynomial {
                terms: vec![(monomial, coefficient.numerator().clone())],
                denominator: coefficient.denominator().clone(),
            },
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// The terms by descending monomial, with integer coefficients over the denominator.
    pub(crate) fn terms(&self) -> &[(Monomial, IBig)] {
        &self.terms
    }

    /// A coefficient over the denominator.
    pub(crate) fn coefficient(&self, numerator: &IBig) -> Rational {
        Rational::from_parts(numerator.clone(), self.denominator.clone())
    }

    /// The number this is, if no generator occurs.
    pub(crate) fn as_number(&self) -> Option<Rational> {
        match &self.terms[..] {
            [] => Some(Rational::ZERO),
            [(Monomial::ONE, value)] => Some(self.coefficient(value)),
            _ => None,
        }
    }

    /// The generators that occur.
    pub(crate) fn has(&self, generator: usize) -> bool {
        self.terms.iter().any(|(monomial, _)| monomial.exponent(generator) > 0)
    }

    pub(crate) fn scaled(&self, factor: &Rational) -> Polynomial {
        if factor.is_zero() {
            return Polynomial::ZERO;
        }
        let terms = self.terms.iter().map(|(m, c)| (*m, c * factor.numerator())).collect();
        Polynomial { terms, denominator: &self.denominator * factor.denominator() }.reduced()
    }

    pub(crate) fn negated(&self) -> Polynomial {
        self.scaled(&-Rational::ONE)
    }

    /// The partial derivative with respect to one generator, the others taken as independent of it.
    pub(crate) fn partial(&self, generator: usize) -> Polynomial {
        let lower = Monomial::power(generator, 1);
        let terms = self.terms.iter().filter_map(|(monomial, coefficient)| {
            let below = monomial.over(&lower)?;
            Some((below, coefficient * IBig::from(monomial.exponent(generator))))
        });
        // Dividing by one generator keeps the order of the monomials that have it.
        Polynomial { terms: terms.collect(), denominator: self.denominator.clone() }.reduced()
    }

    /// The primitive integer polynomial with a positive leading coefficient that this is a multiple of, and the multiple.
    pub(crate) fn primitive(&self) -> (Polynomial, Rational) {
        let Some((_, lead)) = self.terms.first() else { return (Polynomial::ZERO, Rational::ONE) };
        let mut content = content(&self.terms);
        if *lead < IBig::ZERO {
            content = -content;
        }
        let terms = self.terms.iter().map(|(m, c)| (*m, c / &content)).collect();
        let factor = Rational::from_parts(content, self.denominator.clone());
        (Polynomial { terms, denominator: UBig::ONE }, factor)
    }

    /// Takes factors common to all coefficients and the denominator away.
    fn reduced(mut self) -> Polynomial {
        if self.terms.is_empty() {
            return Polynomial::ZERO;
        }
        if self.denominator.is_one() {
            return self;
        }
        let mut common = self.denominator.clone();
        for (_, coefficient) in &self.terms {
            common = common.gcd(coefficient.unsigned_abs());
            if common.is_one() {
                return self;
            }
        }
        self.denominator /= &common;
        let common = IBig::from(common);
        self.terms.iter_mut().for_each(|(_, coefficient)| *coefficient /= &common);
        self
    }
}

/// The greatest common divisor of the coefficients.
fn content(terms: &[(Monomial, IBig)]) -> IBig {
    let mut divisor = UBig::ZERO;
    for (_, coefficient) in terms {
        divisor = match divisor.is_zero() {
            true => coefficient.unsigned_abs(),
            false => divisor.gcd(coefficient.unsigned_abs()),
        };
        if divisor.is_one() {
            break;
        }
    }
    divisor.into()
}

/// A relation between generators: a monomial, and what is written in its place.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) lead: Monomial,
    pub(crate) replacement: Polynomial,
}

/// A sum of products while it is being formed.
#[derive(Default)]
pub(crate) struct Sum {
    terms: HashMap<Monomial, IBig, BuildHasherDefault<Folding>>,
    /// 0 stands for 1.
    denominator: UBig,
    overflow: bool,
}

impl Sum {
    pub(crate) fn add(&mut self, polynomial: &Polynomial) {
        self.add_times(polynomial, &Monomial::ONE, &IBig::ONE, &UBig::ONE);
    }

    /// Adds a product of two polynomials.
    pub(crate) fn add_product(&mut self, x: &Polynomial, y: &Polynomial) {
        let (few, many) = if x.len() < y.len() { (x, y) } else { (y, x) };
        for (monomial, coefficient) in &few.terms {
            self.add_times(many, monomial, coefficient, &few.denominator);
        }
    }

    /// Adds polynomial · monomial · numerator / denominator.
    pub(crate) fn add_times(
        &mut self,
        polynomial: &Polynomial,
        monomial: &Monomial,
        numerator: &IBig,
        denominator: &UBig,
    ) {
        let rescaled = self.rescale(&polynomial.denominator, denominator);
        let factor = rescaled.map(|factor| numerator * factor);
        let factor = factor.as_ref().unwrap_or(numerator);
        for (m, coefficient) in &polynomial.terms {
            let (product, in_range) = m.times(monomial);
            self.overflow |= !in_range;
            *self.terms.entry(product).or_insert(IBig::ZERO) += coefficient * factor;
        }
    }

    /// Makes the denominator a multiple of a product of two; by what numerators over that product are to be multiplied, if
    /// not by 1.
    fn rescale(&mut self, x: &UBig, y: &UBig) -> Option<IBig> {
        if self.denominator.is_zero() {
            self.denominator = UBig::ONE;
        }
        if x.is_one() && self.denominator == *y || y.is_one() && self.denominator == *x {
            return None;
        }
        let wanted = x * y;
        let common = (&self.denominator).gcd(&wanted);
        let missing = &wanted / &common;
        let factor = &self.denominator / &common;
        if !missing.is_one() {
            self.denominator *= &missing;
            let missing = IBig::from(missing);
            self.terms.values_mut().for_each(|coefficient| *coefficient *= &missing);
        }
        Some(factor.into())
    }

    /// The product of two monomials, if its exponents are in range.
    pub(crate) fn product_of(x: &Monomial, y: &Monomial) -> Option<Monomial> {
        let (product, in_range) = x.times(y);
        in_range.then_some(product)
    }

    /// How many monomials there are so far.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Applies rules until none applies. Every replacement is below its lead in the order of monomials, so this ends.
    pub(crate) fn reduce(&mut self, rules: &[Rule]) {
        let applies = |m: &Monomial| rules.iter().find_map(|rule| Some((rule, m.over(&rule.lead)?)));
        let denominators = rules.iter().fold(UBig::ONE, |lcm, rule| {
            let d = &rule.replacement.denominator;
            &lcm * d / (&lcm).gcd(d)
        });
        let multiple = IBig::from(denominators.clone());
        loop {
            let leads: Vec<Monomial> = self.terms.keys().filter(|m| applies(m).is_some()).copied().collect();
            if leads.is_empty() || self.overflow {
                return;
            }
            // Once for all replacements of this round, so that they are whole over the new denominator.
            if !multiple.is_one() {
                self.denominator *= &denominators;
                self.terms.values_mut().for_each(|coefficient| *coefficient *= &multiple);
            }
            for lead in leads {
                let Some(coefficient) = self.terms.remove(&lead) else { continue };
                let (Some((rule, rest)), false) = (applies(&lead), coefficient.is_zero()) else { continue };
                let share = coefficient / IBig::from(rule.replacement.denominator.clone());
                for (monomial, c) in &rule.replacement.terms {
                    let (product, in_range) = monomial.times(&rest);
                    self.overflow |= !in_range;
                    *self.terms.entry(product).or_insert(IBig::ZERO) += c * &share;
                }
            }
        }
    }

    /// The polynomial; `None` if an exponent left its range.
    pub(crate) fn finish(self) -> Option<Polynomial> {
        let mut terms: Vec<_> =
            self.terms.into_iter().filter(|(_, coefficient)| !coefficient.is_zero()).collect();
        terms.sort_unstable_by(|(x, _), (y, _)| y.cmp(x));
        let denominator = if self.denominator.is_zero() { UBig::ONE } else { self.denominator };
        (!self.overflow).then(|| Polynomial { terms, denominator }.reduced())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn polynomial() -> impl Strategy<Value = Polynomial> {
        let term = (0u16..4, 0u16..3, 0u16..2, -9i64..9, 1u8..6);
        proptest::collection::vec(term, 0..6).prop_map(|terms| {
            let mut sum = Sum::default();
            for (a, b, c, n, d) in terms {
                let (m, _) = Monomial::power(0, a).times(&Monomial::power(5, b));
                let (m, _) = m.times(&Monomial::power(31, c));
                sum.add(&Polynomial::term(m, &Rational::from_parts(n.into(), d.into())));
            }
            sum.finish().unwrap()
        })
    }

    fn value(p: &Polynomial) -> Rational {
        let at = |g: usize| {
            Rational::from(match g {
                0 => 3,
                5 => -2,
                _ => 7,
            })
        };
        p.terms().iter().fold(Rational::ZERO, |sum, (m, c)| {
            sum + m.powers().fold(p.coefficient(c), |product, (g, e)| product * at(g).pow(e.into()))
        })
    }

    fn product(x: &Polynomial, y: &Polynomial) -> Polynomial {
        let mut sum = Sum::default();
        sum.add_product(x, y);
        sum.finish().unwrap()
    }

    proptest! {
        #[test]
        fn values_are_a_homomorphism(x in polynomial(), y in polynomial(), z in polynomial()) {
            let mut sum = Sum::default();
            sum.add_product(&x, &y);
            sum.add(&z);
            let found = sum.finish().unwrap();
            prop_assert_eq!(value(&found), value(&x) * value(&y) + value(&z));
            prop_assert!(found.terms().windows(2).all(|pair| pair[0].0 > pair[1].0));
            prop_assert_eq!(product(&x, &y), product(&y, &x));
            let mut difference = Sum::default();
            difference.add(&x);
            difference.add(&x.negated());
            prop_assert_eq!(difference.finish(), Some(Polynomial::ZERO));
        }

        #[test]
        fn partial_derivatives_obey_the_product_rule(x in polynomial(), y in polynomial()) {
            for g in [0, 5, 31] {
                let mut sum = Sum::default();
                sum.add_product(&x.partial(g), &y);
                sum.add_product(&x, &y.partial(g));
                prop_assert_eq!(sum.finish(), Some(product(&x, &y).partial(g)));
            }
        }
    }

    #[test]
    fn quotients_of_monomials_exist_or_not() {
        let (m, _) = Monomial::power(0, 2).times(&Monomial::power(7, 1));
        assert_eq!(m.over(&Monomial::power(0, 1)).unwrap().exponent(0), 1);
        assert_eq!(m.over(&Monomial::power(0, 3)), None);
        assert_eq!(m.over(&Monomial::power(6, 1)), None);
        assert!(Monomial::power(6, 500) < Monomial::power(7, 1));
        assert_eq!(m.without(0), Monomial::power(7, 1));
    }

    #[test]
    fn exponents_out_of_range_are_noticed() {
        let high = Polynomial::term(Monomial::power(3, 0x7fff), &Rational::ONE);
        let mut sum = Sum::default();
        sum.add_product(&high, &Polynomial::generator(3));
        assert_eq!(sum.finish(), None);
    }
}
