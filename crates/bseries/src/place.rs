//! Number fields modulo primes: where the minimal polynomial splits, an exact number has one residue for each root.
//!
//! An element Σ cₖθᵏ of ℚ(θ) becomes Σ cₖrᵏ at every root r of the minimal polynomial modulo p, and sums and products go
//! along. So a computation over a field of degree d is d computations modulo p, and the coordinates cₖ modulo p come back
//! by interpolation. Rational numbers are the case d = 1.

use dashu_int::ops::DivRem;
use dashu_int::{IBig, UBig};
use shadowflow_methods::{Exact, Rational};

use crate::residue::Prime;

/// A prime modulo which the minimal polynomial has as many roots as its degree.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) prime: Prime,
    pub(crate) roots: Vec<u64>,
    /// Row k gives coordinate k from the values at the roots.
    interpolation: Vec<Vec<u64>>,
}

impl Place {
    /// All places of the field of a monic integer polynomial, coefficients by ascending power.
    pub(crate) fn all(minimal_polynomial: Vec<IBig>) -> impl Iterator<Item = Place> {
        Prime::all().filter_map(move |prime| Place::over(prime, &minimal_polynomial))
    }

    fn over(prime: Prime, minimal_polynomial: &[IBig]) -> Option<Place> {
        if let [constant, _] = minimal_polynomial {
            let root = residue_of_integer(prime, &-constant);
            return Some(Place { prime, roots: vec![root], interpolation: vec![vec![1]] });
        }
        let modulus: Poly = minimal_polynomial.iter().map(|c| residue_of_integer(prime, c)).collect();
        let ring = PolyRing { prime };
        // It splits into distinct factors iff it divides xᵖ - x.
        let x = ring.remainder(vec![0, 1], &modulus);
        if ring.power(&x, prime.value(), &modulus) != x {
            return None;
        }
        let roots = ring.roots(modulus);
        let interpolation = ring.interpolation(&roots);
        Some(Place { prime, roots, interpolation })
    }

    /// The residues of a number, one for each root; `None` if p divides its denominator.
    pub(crate) fn residues(&self, number: &Exact) -> Option<Vec<u64>> {
        let residue = |c: &Rational| residue_of_rational(self.prime, c);
        let coordinates = number.coordinates().iter().map(residue).collect::<Option<Vec<_>>>()?;
        let at = |&root: &u64| {
            coordinates.iter().rev().fold(0, |sum, &c| self.prime.plus(self.prime.times(sum, root), c))
        };
        Some(self.roots.iter().map(at).collect())
    }

    /// The coordinate k of the number with these residues.
    pub(crate) fn coordinate(&self, k: usize, residues: impl Iterator<Item = u64>) -> u64 {
        let products = self.interpolation[k].iter().zip(residues).map(|(&x, y)| self.prime.times(x, y));
        products.fold(0, |sum, x| self.prime.plus(sum, x))
    }
}

pub(crate) fn residue_of_integer(prime: Prime, x: &IBig) -> u64 {
    let (negative, size) = (*x < IBig::ZERO, x.clone().into_parts().1);
    let residue = residue_of_natural(prime, &size);
    if negative { prime.minus(0, residue) } else { residue }
}

pub(crate) fn residue_of_natural(prime: Prime, x: &UBig) -> u64 {
    (x).div_rem(prime.value()).1
}

fn residue_of_rational(prime: Prime, x: &Rational) -> Option<u64> {
    let denominator = residue_of_natural(prime, x.denominator());
    let inverse = (denominator != 0).then(|| prime.inverse(denominator))?;
    Some(prime.times(residue_of_integer(prime, x.numerator()), inverse))
}

/// A polynomial modulo a prime, coefficients by ascending power, the last one not 0.
type Poly = Vec<u64>;

struct PolyRing {
    prime: Prime,
}

impl PolyRing {
    fn trimmed(mut x: Poly) -> Poly {
        while x.last() == Some(&0) {
            x.pop();
        }
        x
    }

    /// Quotient and remainder.
    fn div_rem(&self, mut x: Poly, divisor: &Poly) -> (Poly, Poly) {
        let p = self.prime;
        let lead = p.inverse(divisor[divisor.len() - 1]);
        let mut quotient = vec![0; (x.len() + 1).saturating_sub(divisor.len())];
        for (shift, factor) in quotient.iter_mut().enumerate().rev() {
            *factor = p.times(x[shift + divisor.len() - 1], lead);
            for (k, &c) in divisor.iter().enumerate() {
                x[shift + k] = p.minus(x[shift + k], p.times(*factor, c));
            }
        }
        (quotient, PolyRing::trimmed(x))
    }

    fn remainder(&self, x: Poly, modulus: &Poly) -> Poly {
        self.div_rem(x, modulus).1
    }

    fn times(&self, x: &Poly, y: &Poly) -> Poly {
        let mut product = vec![0; (x.len() + y.len()).saturating_sub(1)];
        for (i, &x) in x.iter().enumerate() {
            for (j, &y) in y.iter().enumerate() {
                product[i + j] = self.prime.plus(product[i + j], self.prime.times(x, y));
            }
        }
        PolyRing::trimmed(product)
    }

    fn power(&self, base: &Poly, mut exponent: u64, modulus: &Poly) -> Poly {
        let (mut power, mut square) = (self.remainder(vec![1], modulus), base.clone());
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = self.remainder(self.times(&power, &square), modulus);
            }
            square = self.remainder(self.times(&square, &square), modulus);
            exponent >>= 1;
        }
        power
    }

    fn gcd(&self, mut x: Poly, mut y: Poly) -> Poly {
        while !y.is_empty() {
            let remainder = self.remainder(x, &y);
            (x, y) = (y, remainder);
        }
        x
    }

    /// The roots of a product of distinct linear factors (Cantor & Zassenhaus 1981): those r with r + a a square part from
    /// the others, for one small a after the other.
    fn roots(&self, polynomial: Poly) -> Vec<u64> {
        let p = self.prime;
        if polynomial.len() == 2 {
            return vec![p.times(p.minus(0, polynomial[0]), p.inverse(polynomial[1]))];
        }
        let factor = (1u64..).find_map(|a| {
            let mut squares = self.power(&vec![a, 1], (p.value() - 1) / 2, &polynomial);
            squares.resize(squares.len().max(1), 0);
            squares[0] = p.minus(squares[0], 1);
            let factor = self.gcd(polynomial.clone(), PolyRing::trimmed(squares));
            (factor.len() > 1 && factor.len() < polynomial.len()).then_some(factor)
        });
        let factor = factor.expect("half of all a tell two roots apart");
        let (cofactor, _) = self.div_rem(polynomial, &factor);
        let mut roots = self.roots(factor);
        roots.extend(self.roots(cofactor));
        roots.sort_unstable();
        roots
    }

    /// Lagrange's polynomials at the roots, transposed: row k holds the coefficients of xᵏ.
    fn interpolation(&self, roots: &[u64]) -> Vec<Vec<u64>> {
        let p = self.prime;
        let lagrange = |i: usize| -> Poly {
            let others = || roots.iter().enumerate().filter(move |(j, _)| *j != i).map(|(_, &root)| root);
            let numerator = others().fold(vec![1], |x, root| self.times(&x, &vec![p.minus(0, root), 1]));
            let size = others().fold(1, |x, root| p.times(x, p.minus(roots[i], root)));
            let scale = p.inverse(size);
            numerator.iter().map(|&c| p.times(c, scale)).collect()
        };
        let polynomials: Vec<Poly> = (0..roots.len()).map(lagrange).collect();
        let row = |k: usize| polynomials.iter().map(|x| x.get(k).copied().unwrap_or(0)).collect();
        (0..roots.len()).map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_come_back() {
        for text in ["5/36 - 2/15*sqrt(15)", "-sqrt(2)/4"] {
            let number: Exact = text.parse().unwrap();
            let field = number.field().unwrap().minimal_polynomial();
            for place in Place::all(field.to_vec()).take(3) {
                let residues = place.residues(&number).unwrap();
                for (k, c) in number.coordinates().iter().enumerate() {
                    let found = place.coordinate(k, residues.iter().copied());
                    assert_eq!(Some(found), residue_of_rational(place.prime, c), "{text}");
                }
            }
        }
    }

    #[test]
    fn fields_of_higher_degree_split_at_some_primes() {
        // x³ - 3x + 1 is cyclic: a third of all primes; (x² - 2)(x² - 3) has its four roots at a quarter.
        for coefficients in [&[1i64, -3, 0, 1][..], &[6, 0, -5, 0, 1]] {
            let polynomial: Vec<IBig> = coefficients.iter().map(|&c| c.into()).collect();
            let places: Vec<Place> = Place::all(polynomial).take(3).collect();
            for place in places {
                assert_eq!(place.roots.len(), coefficients.len() - 1);
                for &root in &place.roots {
                    let p = place.prime;
                    let value = coefficients
                        .iter()
                        .rev()
                        .fold(0, |sum, &c| p.plus(p.times(sum, root), p.of_integer(c)));
                    assert_eq!(value, 0);
                }
            }
        }
    }
}
