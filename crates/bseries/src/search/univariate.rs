//! Polynomials in one unknown: factors over ℤ, real roots, and the roots as exact numbers.

use dashu_base::{Signed, UnsignedAbs};
use dashu_int::{IBig, UBig};
use shadowflow_methods::{Exact, MultivariatePolynomial, NumberField, Polynomial, Rational};

/// A factor of smaller degree, if there is one: by Cantor & Zassenhaus (1981) modulo one prime so large that the
/// coefficients of every factor over ℤ can be read off (Zassenhaus 1969, without lifting).
pub(super) fn proper_factor(p: &MultivariatePolynomial, variable: &str) -> Option<MultivariatePolynomial> {
    let common = p.gcd(&p.derivative(variable));
    if common.as_constant().is_none() {
        return Some(common);
    }
    let coefficients = coefficients_of(p, variable)?;
    let degree = coefficients.len() - 1;
    if degree < 2 {
        return None;
    }
    let lead = coefficients[degree].clone();
    // Mignotte's bound 2ⁿ‖p‖ on the coefficients of a factor, times the leading coefficient, with both signs.
    let norm: IBig = coefficients.iter().map(|c| IBig::from(c.clone().unsigned_abs())).sum();
    let bound = (norm * IBig::from(lead.clone().unsigned_abs())) << (degree + 1);
    // Mersenne primes.
    let prime =
        [127usize, 521, 1279, 4423].map(|k| (IBig::ONE << k) - IBig::ONE).into_iter().find(|p| *p > bound)?;
    let field = Modular { prime };
    let image = field.monic(field.reduced(&coefficients));
    let factors = field.factors(image)?;
    combinations(factors.len()).find_map(|subset| {
        let product =
            subset.iter().fold(vec![lead.clone()], |product, &k| field.times(&product, &factors[k]));
        let candidate = assembled(&field.symmetric(product), variable).primitive();
        p.divided_by(&candidate).is_some().then_some(candidate)
    })
}

/// Subsets of at most half of `n` things; of many things, small ones only.
fn combinations(n: usize) -> impl Iterator<Item = Vec<usize>> {
    const MOST: usize = 16;
    let most = n.min(MOST);
    (1u32..1 << most)
        .filter(move |subset| subset.count_ones() as usize * 2 <= n)
        .map(move |subset| (0..most).filter(|k| subset >> k & 1 == 1).collect())
}

/// Integer coefficients by ascending power.
fn coefficients_of(p: &MultivariatePolynomial, variable: &str) -> Option<Vec<IBig>> {
    p.coefficients_in(variable).iter().map(MultivariatePolynomial::as_constant).collect()
}

fn assembled(coefficients: &[IBig], variable: &str) -> MultivariatePolynomial {
    let x = MultivariatePolynomial::variable(variable);
    let zero = MultivariatePolynomial::from(0);
    coefficients.iter().rev().fold(zero, |sum, c| sum.times(&x).plus(&c.clone().into()))
}

/// Polynomials modulo a prime, coefficients ascending from 0 to the prime.
struct Modular {
    prime: IBig,
}

impl Modular {
    fn number(&self, x: IBig) -> IBig {
        let rest = x % &self.prime;
        if rest.is_negative() { rest + &self.prime } else { rest }
    }

    fn reduced(&self, coefficients: &[IBig]) -> Vec<IBig> {
        trimmed(coefficients.iter().map(|c| self.number(c.clone())).collect())
    }

    /// Representatives between -p/2 and p/2.
    fn symmetric(&self, coefficients: Vec<IBig>) -> Vec<IBig> {
        let half = &self.prime / IBig::from(2);
        coefficients.into_iter().map(|c| if c > half { c - &self.prime } else { c }).collect()
    }

    fn inverse(&self, x: &IBig) -> IBig {
        // Fermat.
        let mut result = IBig::ONE;
        for bit in bits(&(&self.prime - IBig::from(2))) {
            result = self.number(&result * &result);
            if bit {
                result = self.number(&result * x);
            }
        }
        result
    }

    fn monic(&self, p: Vec<IBig>) -> Vec<IBig> {
        let Some(inverse) = p.last().map(|lead| self.inverse(lead)) else { return p };
        p.into_iter().map(|c| self.number(c * &inverse)).collect()
    }

    fn times(&self, x: &[IBig], y: &[IBig]) -> Vec<IBig> {
        if x.is_empty() || y.is_empty() {
            return Vec::new();
        }
        let mut product = vec![IBig::ZERO; x.len() + y.len() - 1];
        for (i, a) in x.iter().enumerate() {
            for (j, b) in y.iter().enumerate() {
                product[i + j] += a * b;
            }
        }
        trimmed(product.into_iter().map(|c| self.number(c)).collect())
    }

    fn minus(&self, x: &[IBig], y: &[IBig]) -> Vec<IBig> {
        let at = |p: &[IBig], k: usize| p.get(k).cloned().unwrap_or(IBig::ZERO);
        trimmed((0..x.len().max(y.len())).map(|k| self.number(at(x, k) - at(y, k))).collect())
    }

    /// Quotient and remainder for a monic divisor.
    fn divided(&self, x: &[IBig], divisor: &[IBig]) -> (Vec<IBig>, Vec<IBig>) {
        let mut rest = x.to_vec();
        let mut quotient = vec![IBig::ZERO; (x.len() + 1).saturating_sub(divisor.len())];
        for shift in (0..quotient.len()).rev() {
            let factor = rest[shift + divisor.len() - 1].clone();
            for (k, c) in divisor.iter().enumerate() {
                rest[shift + k] = self.number(&rest[shift + k] - &factor * c);
            }
            quotient[shift] = factor;
        }
        (trimmed(quotient), trimmed(rest))
    }

    fn gcd(&self, x: &[IBig], y: &[IBig]) -> Vec<IBig> {
        let (mut x, mut y) = (self.monic(x.to_vec()), self.monic(y.to_vec()));
        while !y.is_empty() {
            let rest = self.monic(self.divided(&x, &y).1);
            (x, y) = (y, rest);
        }
        x
    }

    fn power(&self, base: &[IBig], exponent: &IBig, modulus: &[IBig]) -> Vec<IBig> {
        let mut result = vec![IBig::ONE];
        for bit in bits(exponent) {
            result = self.divided(&self.times(&result, &result), modulus).1;
            if bit {
                result = self.divided(&self.times(&result, base), modulus).1;
            }
        }
        result
    }

    /// The irreducible factors of a monic polynomial; `None` if it has repeated ones.
    fn factors(&self, p: Vec<IBig>) -> Option<Vec<Vec<IBig>>> {
        let slope: Vec<IBig> =
            p.iter().enumerate().skip(1).map(|(k, c)| self.number(c * IBig::from(k))).collect();
        if self.gcd(&p, &slope).len() != 1 {
            return None;
        }
        let x = [IBig::ZERO, IBig::ONE];
        let (mut rest, mut found, mut degree) = (p, Vec::new(), 0);
        let mut frobenius = x.to_vec();
        while rest.len() > 1 {
            degree += 1;
            if 2 * degree > rest.len() - 1 {
                found.push(rest);
                break;
            }
            frobenius = self.power(&frobenius, &self.prime, &rest);
            let product = self.gcd(&self.minus(&frobenius, &x), &rest);
            if product.len() > 1 {
                rest = self.divided(&rest, &product).0;
                frobenius = self.divided(&frobenius, &rest).1;
                self.equal_degree(product, degree, &mut found);
            }
        }
        Some(found)
    }

    /// Splits a product of irreducible factors that all have this degree.
    fn equal_degree(&self, p: Vec<IBig>, degree: usize, found: &mut Vec<Vec<IBig>>) {
        let exponent = (self.prime.pow(degree) - IBig::ONE) / IBig::from(2);
        let mut pending = vec![p];
        // Any sequence of polynomials splits with probability about 1/2 at each step.
        let mut seed = 1u64;
        while let Some(next) = pending.pop() {
            if next.len() - 1 == degree {
                found.push(next);
                continue;
            }
            let base: Vec<IBig> = (0..next.len() - 1)
                .map(|_| {
                    seed =
                        seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    IBig::from(seed >> 16)
                })
                .collect();
            let power = self.power(&trimmed(base), &exponent, &next);
            let factor = self.gcd(&self.minus(&power, &[IBig::ONE]), &next);
            if factor.len() > 1 && factor.len() < next.len() {
                let rest = self.divided(&next, &factor).0;
                pending.extend([factor, rest]);
            } else {
                pending.push(next);
            }
        }
    }
}

fn trimmed(mut p: Vec<IBig>) -> Vec<IBig> {
    while p.last().is_some_and(IBig::is_zero) {
        p.pop();
    }
    p
}

/// The bits of a positive integer, highest first.
fn bits(n: &IBig) -> impl Iterator<Item = bool> + use<> {
    use dashu_base::{BitTest, UnsignedAbs};
    let n: UBig = n.clone().unsigned_abs();
    (0..n.bit_len()).rev().map(move |k| n.bit(k))
}

/// A real root of an irreducible polynomial over ℤ.
#[derive(Clone, Debug, PartialEq)]
pub struct RealRoot {
    /// The polynomial, in one unknown.
    pub polynomial: MultivariatePolynomial,
    /// The root lies between these and no other root does.
    pub interval: (Rational, Rational),
    /// The root in its number field; `None` if that is too large for [`NumberField`].
    pub exact: Option<Exact>,
}

/// The real roots of an irreducible polynomial in one unknown, ascending.
pub(super) fn real_roots(p: &MultivariatePolynomial, variable: &str) -> Vec<RealRoot> {
    let Some(coefficients) = coefficients_of(p, variable) else { return Vec::new() };
    let numbers = coefficients.iter().map(|c| Exact::from(Rational::from(c.clone()))).collect();
    isolated(&Polynomial::new(numbers))
        .into_iter()
        .map(|interval| RealRoot {
            exact: exact_root(&coefficients, &interval),
            polynomial: p.clone(),
            interval,
        })
        .collect()
}

fn exact_root(coefficients: &[IBig], (low, high): &(Rational, Rational)) -> Option<Exact> {
    let rational = |n: &IBig| Rational::from(n.clone());
    match coefficients {
        [b, a] => Some(Exact::from(-rational(b) / rational(a))),
        [c, b, a] => {
            let (discriminant, twice) = (b * b - IBig::from(4) * a * c, rational(a) * Rational::from(2));
            let radicand = u32::try_from(discriminant).ok()?;
            let middle = -rational(b) / &twice;
            let sign = if (low + high) / Rational::from(2) > middle { 1 } else { -1 };
            let size = if twice < Rational::ZERO { -twice } else { twice };
            Some(Exact::with_root(middle, Rational::from(sign) / size, radicand))
        }
        _ => {
            // lead·x is an algebraic integer.
            let lead = coefficients.last()?;
            let degree = coefficients.len() - 1;
            let mut monic: Vec<IBig> =
                (0..degree).map(|k| &coefficients[k] * lead.pow(degree - 1 - k)).collect();
            monic.push(IBig::ONE);
            let near = ((low + high) / Rational::from(2) * rational(lead)).to_f64().value();
            let field = NumberField::new(monic, near).ok()?;
            field.generator().checked_div(&Exact::from(rational(lead)))
        }
    }
}

/// Intervals with one real root each, ascending, short enough for ten digits (Sturm 1829).
fn isolated(p: &Polynomial) -> Vec<(Rational, Rational)> {
    let mut chain = vec![p.clone(), p.derivative()];
    while let [.., previous, last] = &chain[..] {
        match previous.div_rem(last) {
            Some((_, remainder)) if !remainder.is_zero() => chain.push(remainder.scaled(&Exact::from(-1))),
            _ => break,
        }
    }
    let below = |x: &Rational| {
        let x = Exact::from(x.clone());
        let signs: Vec<_> = chain.iter().map(|p| p.eval(&x).sign()).filter(|s| s.is_ne()).collect();
        signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
    };
    // Cauchy's bound.
    let (Some((lead, lower)), one) = (p.coefficients().split_last(), Rational::ONE) else {
        return Vec::new();
    };
    let size = |c: &Exact| {
        let ratio = c.checked_div(lead).and_then(|c| c.as_rational().cloned()).unwrap_or(Rational::ZERO);
        if ratio < Rational::ZERO { -ratio } else { ratio }
    };
    let bound = lower.iter().map(size).fold(one.clone(), |x, y| if y > x { y } else { x }) + &one;
    let least = Rational::from_parts(IBig::ONE, UBig::ONE << 40usize);
    let (mut pending, mut found) = (vec![(-bound.clone(), bound)], Vec::new());
    while let Some((low, high)) = pending.pop() {
        match below(&low) - below(&high) {
            0 => {}
            1 if &high - &low < least => found.push((low, high)),
            _ => {
                let middle = (&low + &high) / Rational::from(2);
                pending.push((middle.clone(), high));
                pending.push((low, middle));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::RationalFunction;

    fn polynomial(text: &str) -> MultivariatePolynomial {
        text.parse::<RationalFunction>().unwrap().numerator().clone()
    }

    #[test]
    fn irreducible_means_no_factor() {
        for text in [
            "x^2 + 1",
            "x^2 - 2",
            "x^3 - 3*x - 1",
            "x^4 + 1",
            "x^4 - 10*x^2 + 1",
            "6*x^3 - 4*x + 1",
            "2*x - 3",
        ] {
            assert_eq!(proper_factor(&polynomial(text), "x"), None, "{text}");
        }
    }

    #[test]
    fn products_have_factors() {
        for text in [
            "(x^2 + 1)*(3*x^2 - x + 5)",
            "(x^2 - 2)^2",
            "x*(x - 1)",
            "(2*x^3 - x + 7)*(5*x^4 - x^2 + 11*x - 1)",
            "x^6 - 1",
        ] {
            let p = polynomial(text);
            let factor = proper_factor(&p, "x").unwrap();
            assert!(
                factor.degree() > 0 && factor.degree() < p.degree() && p.divided_by(&factor).is_some(),
                "{text}"
            );
        }
    }

    #[test]
    fn roots_are_exact() {
        for (text, expected) in [
            ("x^2 - 3", &[-1.7320508075688772, 1.7320508075688772][..]),
            ("3*x^2 + 2*x - 4", &[-1.535183758487996, 0.8685170918213298]),
            ("3*x - 2", &[2.0 / 3.0]),
            ("2*x^3 - 1", &[0.7937005259840998]),
            ("x^2 + 1", &[]),
        ] {
            let roots = real_roots(&polynomial(text), "x");
            assert_eq!(roots.len(), expected.len(), "{text}");
            for (root, value) in roots.iter().zip(expected) {
                let exact = root.exact.clone().unwrap();
                assert!((exact.to_f64() - value).abs() < 1e-12, "{text}: {exact}");
                assert!(root.polynomial.evaluate(&|_| Some(exact.clone())).unwrap().is_zero());
            }
        }
    }
}
