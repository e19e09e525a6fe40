//! Greatest common divisors, recursively in the number of variables, by primitive remainder sequences
//! (Knuth, *The Art of Computer Programming* 2, §4.6.1, Algorithm E).

use dashu_base::Gcd;
use dashu_int::IBig;

use super::{Monomial, MultivariatePolynomial, aligned};

/// A prime below 2³¹, for images that prove polynomials coprime.
const PRIME: u64 = 2_147_483_629;

impl MultivariatePolynomial {
    /// The greatest common divisor, with positive leading coefficient; 0 only if both are 0.
    pub fn gcd(&self, other: &MultivariatePolynomial) -> MultivariatePolynomial {
        let (x, y) = aligned(self, other);
        if x.is_zero() || y.is_zero() {
            let rest = if x.is_zero() { y } else { x };
            return if rest.leading_coefficient() < IBig::ZERO { rest.negated() } else { rest.into_owned() };
        }
        let numbers = IBig::from(x.content().gcd(&y.content()));
        let monomial = x.common_monomial().common(y.common_monomial());
        let (x, y) = (x.primitive().without_monomials(), y.primitive().without_monomials());
        let common = x.gcd_of_primitive(&y);
        common.with_sorted(common.terms.iter().map(|(m, c)| (m.times(monomial), c * &numbers)).collect())
    }

    fn common_monomial(&self) -> Monomial {
        self.terms.iter().map(|(m, _)| *m).reduce(Monomial::common).unwrap_or(Monomial::ONE)
    }

    fn without_monomials(&self) -> MultivariatePolynomial {
        let common = self.common_monomial();
        let quotient = |(m, c): &(Monomial, IBig)| m.divided_by(common).map(|m| (m, c.clone()));
        self.with_sorted(self.terms.iter().filter_map(quotient).collect())
    }

    /// For nonzero polynomials without numerical content, in the same list of variables.
    fn gcd_of_primitive(&self, other: &MultivariatePolynomial) -> MultivariatePolynomial {
        let one = self.with_sorted(vec![(Monomial::ONE, IBig::ONE)]);
        if self.terms == other.terms {
            return self.clone();
        }
        if self.as_constant().is_some() || other.as_constant().is_some() {
            return one;
        }
        let (in_x, in_y) = (self.used(), other.used());
        // A variable on one side only cannot be in the common divisor.
        for v in 0..self.variables.len() {
            match (in_x.exponent(v), in_y.exponent(v)) {
                (0, 0) => {}
                (_, 0) => return self.content_at(v).gcd_of_primitive(other),
                (0, _) => return self.gcd_of_primitive(&other.content_at(v)),
                _ => {}
            }
        }
        let main = (0..self.variables.len())
            .filter(|&v| in_x.exponent(v) > 0)
            .min_by_key(|&v| in_x.exponent(v).min(in_y.exponent(v)));
        let Some(v) = main else { return one };
        let (content_x, content_y) = (self.content_at(v), other.content_at(v));
        let content = content_x.gcd(&content_y);
        let (Some(mut x), Some(mut y)) = (self.divided_by(&content_x), other.divided_by(&content_y)) else {
            return one;
        };
        if x.degree_at(v) < y.degree_at(v) {
            (x, y) = (y, x);
        }
        if coprime_in_an_image(&x, &y, v) {
            return content;
        }
        if x.divided_by(&y).is_some() {
            return y.times(&content).primitive();
        }
        loop {
            let remainder = x.pseudo_remainder(&y, v);
            if remainder.is_zero() {
                return y.times(&content).primitive();
            }
            if remainder.degree_at(v) == 0 {
                return content;
            }
            let primitive = remainder.divided_by(&remainder.content_at(v)).unwrap_or(remainder);
            (x, y) = (y, primitive.primitive());
        }
    }

    /// The greatest common divisor of the coefficients in one variable.
    fn content_at(&self, v: usize) -> MultivariatePolynomial {
        let mut coefficients = self.coefficients_at(v);
        coefficients.retain(|c| !c.is_zero());
        coefficients.sort_by_key(MultivariatePolynomial::len);
        let mut parts = coefficients.into_iter();
        let first = parts.next().unwrap_or_else(|| self.clone());
        parts.fold(first, |gcd, c| if gcd.is_one() { gcd } else { gcd.gcd(&c) })
    }

    /// The greatest common divisor of the coefficients of the powers of one variable.
    pub fn content_in(&self, variable: &str) -> MultivariatePolynomial {
        self.index(variable).map_or_else(|| self.clone(), |v| self.content_at(v))
    }

    /// The remainder of a power of the leading coefficient of `divisor` in `variable`, times `self`, after division.
    pub fn pseudo_remainder_in(
        &self,
        divisor: &MultivariatePolynomial,
        variable: &str,
    ) -> MultivariatePolynomial {
        let (x, y) = aligned(self, divisor);
        match x.index(variable) {
            Some(v) if y.degree_at(v) > 0 => x.pseudo_remainder(&y, v),
            _ => x.into_owned(),
        }
    }

    fn pseudo_remainder(&self, divisor: &MultivariatePolynomial, v: usize) -> MultivariatePolynomial {
        let divisor = divisor.coefficients_at(v);
        let mut remainder = self.coefficients_at(v);
        let Some((lead, lower)) = divisor.split_last() else { return self.clone() };
        while remainder.len() >= divisor.len() {
            let Some(top) = remainder.pop() else { break };
            let common = lead.gcd(&top);
            let (Some(scale), Some(factor)) = (lead.divided_by(&common), top.divided_by(&common)) else {
                break;
            };
            let shift = remainder.len() - lower.len();
            for (k, coefficient) in remainder.iter_mut().enumerate() {
                *coefficient = coefficient.times(&scale);
                if k >= shift {
                    *coefficient = coefficient.minus(&lower[k - shift].times(&factor));
                }
            }
            while remainder.last().is_some_and(MultivariatePolynomial::is_zero) {
                remainder.pop();
            }
        }
        self.assembled(v, &remainder)
    }

    /// Coefficients in variable `v` modulo the prime, with fixed values for the other variables.
    fn image(&self, v: usize) -> Vec<u64> {
        let prime = IBig::from(PRIME);
        let mut image = vec![0; self.degree_at(v) as usize + 1];
        for (m, c) in &self.terms {
            let residue = ((c % &prime) + &prime) % &prime;
            let mut value = u64::try_from(residue).unwrap_or(0);
            for w in (0..self.variables.len()).filter(|&w| w != v) {
                // Any values do; these are unlikely roots of anything.
                value = value * power(982_451_653 + 7_368_787 * w as u64, u64::from(m.exponent(w))) % PRIME;
            }
            let place = &mut image[m.exponent(v) as usize];
            *place = (*place + value) % PRIME;
        }
        image
    }
}

/// Whether images modulo a prime prove that no common divisor contains variable `v`.
fn coprime_in_an_image(x: &MultivariatePolynomial, y: &MultivariatePolynomial, v: usize) -> bool {
    let (mut x, mut y) = (x.image(v), y.image(v));
    // Degrees that drop would hide a divisor.
    if x.last() == Some(&0) || y.last() == Some(&0) {
        return false;
    }
    while y.len() > 1 {
        let inverse = power(y[y.len() - 1], PRIME - 2);
        while x.len() >= y.len() {
            let factor = x[x.len() - 1] * inverse % PRIME;
            let shift = x.len() - y.len();
            for (k, c) in y.iter().enumerate() {
                x[shift + k] = (x[shift + k] + PRIME - factor * c % PRIME) % PRIME;
            }
            while x.last() == Some(&0) {
                x.pop();
            }
        }
        (x, y) = (y, x);
    }
    !y.is_empty()
}

fn power(base: u64, mut exponent: u64) -> u64 {
    let (mut base, mut result) = (base % PRIME, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}
