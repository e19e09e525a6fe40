//! Polynomials with integer coefficients: what rational ones become once denominators and common factors are taken out.
//!
//! Remainder sequences over ℚ grow out of hand beyond a few dozen terms. Greatest common divisors are found modulo primes
//! instead, and roots by Descartes' rule of signs, which needs additions only.

use dashu_base::{BitTest, Gcd, Sign, Signed};
use dashu_int::{IBig, UBig};

use super::Polynomial;
use super::modular::{self, primes};
use crate::exact::{Exact, Rational, lcm};

/// Coefficients by ascending power, the last one nonzero, without a common factor. Made from a rational polynomial by
/// a positive factor, so that signs stay.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct IntegerPolynomial(pub(super) Vec<IBig>);

impl IntegerPolynomial {
    /// A positive multiple of a polynomial; `None` if a coefficient is irrational.
    pub(super) fn of(polynomial: &Polynomial) -> Option<IntegerPolynomial> {
        let rationals =
            polynomial.coefficients().iter().map(Exact::as_rational).collect::<Option<Vec<&Rational>>>()?;
        let multiple = rationals.iter().fold(UBig::ONE, |multiple, c| lcm(&multiple, c.denominator()));
        let scaled = |c: &&Rational| c.numerator() * IBig::from(&multiple / c.denominator());
        Some(IntegerPolynomial::primitive(rationals.iter().map(scaled).collect()))
    }

    /// Without leading zeros and without a common factor.
    fn primitive(mut coefficients: Vec<IBig>) -> IntegerPolynomial {
        while coefficients.last().is_some_and(IBig::is_zero) {
            coefficients.pop();
        }
        let nonzero = coefficients.iter().filter(|c| !c.is_zero());
        let content = nonzero
            .fold(None, |content: Option<UBig>, c| match content {
                Some(content) if content.is_one() => Some(content),
                Some(content) => Some(content.gcd(c.clone().into_parts().1)),
                None => Some(c.clone().into_parts().1),
            })
            .filter(|content| !content.is_one());
        if let Some(content) = content.map(IBig::from) {
            coefficients.iter_mut().for_each(|c| *c = &*c / &content);
        }
        IntegerPolynomial(coefficients)
    }

    pub(super) fn polynomial(&self) -> Polynomial {
        Polynomial::new(self.0.iter().map(|c| Exact::from(Rational::from(c.clone()))).collect())
    }

    fn derivative(&self) -> IntegerPolynomial {
        let terms = self.0.iter().enumerate().skip(1);
        IntegerPolynomial::primitive(terms.map(|(k, c)| c * IBig::from(k)).collect())
    }

    /// The quotient, if it has integer coefficients; of primitive polynomials it has if there is no remainder (Gauss).
    pub(super) fn divided_by(&self, divisor: &IntegerPolynomial) -> Option<IntegerPolynomial> {
        let lead = divisor.0.last()?;
        let mut rest = self.0.clone();
        let mut quotient = vec![IBig::ZERO; (rest.len() + 1).saturating_sub(divisor.0.len())];
        for shift in (0..quotient.len()).rev() {
            let top = &rest[shift + divisor.0.len() - 1];
            let factor = top / lead;
            if &factor * lead != *top {
                return None;
            }
            for (k, c) in divisor.0.iter().enumerate() {
                rest[shift + k] -= &factor * c;
            }
            quotient[shift] = factor;
        }
        rest.iter().all(IBig::is_zero).then_some(IntegerPolynomial(quotient))
    }

    /// The greatest common divisor, with positive leading coefficient, from its images modulo primes
    /// (Brown 1971): no image has a lower degree, and one that divides both is it.
    pub(super) fn gcd(&self, other: &IntegerPolynomial) -> IntegerPolynomial {
        let positive = |p: &IntegerPolynomial| match p.0.last() {
            Some(lead) if lead.is_negative() => IntegerPolynomial(p.0.iter().map(|c| -c).collect()),
            _ => p.clone(),
        };
        let (Some(lead), Some(other_lead)) = (self.0.last(), other.0.last()) else {
            return positive(if self.0.is_empty() { other } else { self });
        };
        let one = IntegerPolynomial(vec![IBig::ONE]);
        if self.0.len() == 1 || other.0.len() == 1 {
            return one;
        }
        let scale = lead.clone().into_parts().1.gcd(other_lead.clone().into_parts().1);
        let (mut modulus, mut lifted) = (UBig::ONE, Vec::<IBig>::new());
        for prime in primes() {
            let reduced = |p: &IntegerPolynomial| modular::reduced(&p.0, prime);
            let (f, g) = (reduced(self), reduced(other));
            // Modulo a prime that divides both leading coefficients the degree could be too low.
            if f.len() != self.0.len() || g.len() != other.0.len() {
                continue;
            }
            let image = modular::gcd(f, g, prime);
            match image.len() {
                1 => return one,
                n if !lifted.is_empty() && n > lifted.len() => continue,
                n if n != lifted.len() => (modulus, lifted) = (UBig::ONE, vec![IBig::ZERO; n]),
                _ => {}
            }
            let scale_here = modular::reduced(&[IBig::from(scale.clone())], prime);
            let scale_here = scale_here.first().copied().unwrap_or(0);
            let mut unchanged = true;
            let residue = u64::try_from(&modulus % UBig::from(prime)).unwrap_or(0);
            let inverse = modular::inverse(residue, prime);
            let next = &modulus * UBig::from(prime);
            for (value, image) in lifted.iter_mut().zip(&image) {
                let target = modular::product(*image, scale_here, prime);
                let here = modular::residue(value, prime);
                let step = modular::product(modular::difference(target, here, prime), inverse, prime);
                if step != 0 {
                    unchanged = false;
                    *value += IBig::from(&modulus * UBig::from(step));
                    // Symmetric about 0.
                    if IBig::from(2u8) * &*value > IBig::from(next.clone()) {
                        *value -= IBig::from(next.clone());
                    }
                }
            }
            modulus = next;
            if unchanged {
                let candidate = IntegerPolynomial::primitive(lifted.clone());
                if self.divided_by(&candidate).is_some() && other.divided_by(&candidate).is_some() {
                    return positive(&candidate);
                }
            }
        }
        one
    }

    /// The product of the distinct factors of odd multiplicity (Yun 1976), up to a nonzero factor.
    pub(super) fn odd_part(&self) -> IntegerPolynomial {
        // f = Π fₖᵏ; gcd(f, f') = Π fₖᵏ⁻¹. The quotients f/gcd are Π fₖ over k ≥ 1, then over k ≥ 2, ….
        let quotient = |f: &IntegerPolynomial, g: &IntegerPolynomial| f.divided_by(g).unwrap_or(f.clone());
        let mut common = self.gcd(&self.derivative());
        let mut distinct = quotient(self, &common);
        let mut odd = IntegerPolynomial(vec![IBig::ONE]);
        let mut multiplicity = 1;
        while distinct.0.len() > 1 {
            // The factors that occur at least once more.
            let again = distinct.gcd(&common);
            if multiplicity % 2 == 1 {
                odd = odd.times(&quotient(&distinct, &again));
            }
            common = quotient(&common, &again);
            distinct = again;
            multiplicity += 1;
        }
        odd
    }

    fn times(&self, other: &IntegerPolynomial) -> IntegerPolynomial {
        IntegerPolynomial(product(&self.0, &other.0))
    }

    /// The sign of the value at a/b.
    pub(super) fn sign_at(&self, x: &Rational) -> std::cmp::Ordering {
        let (a, b) = (x.numerator(), IBig::from(x.denominator().clone()));
        let mut power = IBig::ONE;
        let mut value = IBig::ZERO;
        for c in self.0.iter().rev() {
            value = value * a + c * &power;
            power *= &b;
        }
        value.cmp(&IBig::ZERO)
    }

    /// An enclosure of the smallest positive root of a square-free polynomial that does not vanish at 0
    /// (Collins & Akritas 1976: Descartes' rule of signs and bisection); low = high for a root that was met exactly.
    pub(super) fn smallest_positive_root(&self, bits: usize) -> Option<(Rational, Rational)> {
        if variations(&self.0) == 0 {
            return None;
        }
        let exponent = self.root_exponent();
        // All roots of this one that matter lie in (0, 1).
        let scaled = IntegerPolynomial(stretched(&self.0, exponent));
        let (low, high) = scaled.first_root_in_unit_interval(bits)?;
        let stretch = power_of_two(exponent);
        Some((low * &stretch, high * stretch))
    }

    /// Whether a square-free polynomial has a root x > 0, which 0 may be too.
    pub(super) fn has_positive_root(&self) -> bool {
        let zeros = self.0.iter().take_while(|c| c.is_zero()).count();
        IntegerPolynomial(self.0[zeros..].to_vec()).smallest_positive_root(0).is_some()
    }

    /// k such that every root is below 2ᵏ in size (Fujiwara 1916).
    fn root_exponent(&self) -> isize {
        let n = self.0.len() - 1;
        let bits = |c: &IBig| c.clone().into_parts().1.bit_len() as isize;
        let lead = bits(&self.0[n]);
        let sizes = self.0[..n].iter().enumerate().filter(|(_, c)| !c.is_zero());
        let exponent = |(k, c): (usize, &IBig)| {
            let (bits, degree) = (bits(c) - lead + 1, (n - k) as isize);
            bits.div_euclid(degree) + isize::from(bits.rem_euclid(degree) != 0)
        };
        sizes.map(exponent).max().unwrap_or(0) + 1
    }

    fn first_root_in_unit_interval(&self, bits: usize) -> Option<(Rational, Rational)> {
        enum Task {
            /// The polynomial whose roots in (0, 1) are those in (c, c+1)/2ᵈ.
            Interval(Vec<IBig>, UBig, usize),
            Root(Rational),
        }
        let mut tasks = vec![Task::Interval(self.0.clone(), UBig::ZERO, 0)];
        while let Some(task) = tasks.pop() {
            let (p, position, depth) = match task {
                Task::Root(root) => return Some((root.clone(), root)),
                Task::Interval(p, position, depth) => (p, position, depth),
            };
            // Roots in (0, 1) become positive ones of (1 + x)ⁿp(1/(1 + x)).
            let mut moved: Vec<IBig> = p.iter().rev().cloned().collect();
            shift_by_one(&mut moved);
            match variations(&moved) {
                0 => {}
                1 => return Some(self.refined(position, depth, bits)),
                _ => {
                    let left = halved(&p);
                    let mut right = left.clone();
                    shift_by_one(&mut right);
                    let position = position << 1;
                    let middle = &position + UBig::ONE;
                    let root_between = right[0].is_zero();
                    if root_between {
                        right.remove(0);
                    }
                    tasks.push(Task::Interval(right, middle.clone(), depth + 1));
                    if root_between {
                        let denominator = UBig::ONE << (depth + 1);
                        tasks.push(Task::Root(Rational::from_parts(middle.into(), denominator)));
                    }
                    tasks.push(Task::Interval(left, position, depth + 1));
                }
            }
        }
        None
    }

    /// The root in (c, c+1)/2ᵈ, of which there is one, in an interval of 2^-bits of its size. Left of it there is none, so
    /// that the sign is that at 0.
    fn refined(&self, mut position: UBig, mut depth: usize, bits: usize) -> (Rational, Rational) {
        let before = self.0[0].cmp(&IBig::ZERO);
        let at =
            |position: &UBig, depth: usize| Rational::from_parts(position.clone().into(), UBig::ONE << depth);
        while position.bit_len() <= bits {
            position <<= 1;
            depth += 1;
            let middle = &position + UBig::ONE;
            match self.sign_at(&at(&middle, depth)) {
                std::cmp::Ordering::Equal => return (at(&middle, depth), at(&middle, depth)),
                sign if sign == before => position = middle,
                _ => {}
            }
        }
        let (low, high) = (at(&position, depth), at(&(&position + UBig::ONE), depth));
        // Roots such as 27/5 are fractions, but no binary ones.
        let simplest = Rational::simplest_in(low.clone(), high.clone());
        match self.sign_at(&simplest) {
            std::cmp::Ordering::Equal => (simplest.clone(), simplest),
            _ => (low, high),
        }
    }
}

/// The product of two coefficient vectors.
pub(super) fn product(x: &[IBig], y: &[IBig]) -> Vec<IBig> {
    if x.is_empty() || y.is_empty() {
        return Vec::new();
    }
    let mut product = vec![IBig::ZERO; x.len() + y.len() - 1];
    for (i, x) in x.iter().enumerate().filter(|(_, x)| !x.is_zero()) {
        for (j, y) in y.iter().enumerate() {
            product[i + j] += x * y;
        }
    }
    product
}

/// Changes of sign along the coefficients.
fn variations(coefficients: &[IBig]) -> usize {
    let signs: Vec<Sign> = coefficients.iter().filter(|c| !c.is_zero()).map(IBig::sign).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// p(x + 1) in place, by additions.
fn shift_by_one(p: &mut [IBig]) {
    let n = p.len();
    for first in 0..n.saturating_sub(1) {
        for k in (first..n - 1).rev() {
            let (below, above) = p.split_at_mut(k + 1);
            below[k] += &above[0];
        }
    }
}

/// A positive multiple of p(x/2).
fn halved(p: &[IBig]) -> Vec<IBig> {
    let n = p.len() - 1;
    p.iter().enumerate().map(|(k, c)| c << (n - k)).collect()
}

/// A positive multiple of p(2ᵏx).
fn stretched(p: &[IBig], exponent: isize) -> Vec<IBig> {
    let n = p.len() - 1;
    let shift = exponent.unsigned_abs();
    let power = |k: usize| if exponent < 0 { n - k } else { k };
    p.iter().enumerate().map(|(k, c)| c << (shift * power(k))).collect()
}

fn power_of_two(exponent: isize) -> Rational {
    let size = UBig::ONE << exponent.unsigned_abs();
    if exponent < 0 { Rational::from_parts(IBig::ONE, size) } else { Rational::from(size) }
}
