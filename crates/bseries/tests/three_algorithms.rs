//! Three independent algorithms for one modified equation: N steps, Lie derivatives, substitution.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::Arc;

use proptest::prelude::*;
use shadowflow_bseries::{BSeries, Series, Trees};
use shadowflow_methods::{Exact, Method, Rational, Ring, Tableau};

const P: u128 = (1 << 61) - 1;

/// An exact number modulo the prime 2⁶¹ - 1: an element of 𝔽ₚ\[θ\]/(m) for a number field with minimal polynomial m. Where
/// exact results are equal so are these; where they are not, the numbers of a whole series agree by no accident.
#[derive(Clone, Debug)]
struct Residue {
    coordinates: Vec<u128>,
    /// m without its leading 1; none for rational numbers.
    minimal: Option<Arc<Vec<u128>>>,
}

fn power(base: u128, exponent: u128) -> u128 {
    (0..61).rev().fold(1, |power, bit| {
        let square = power * power % P;
        if exponent >> bit & 1 == 1 { square * base % P } else { square }
    })
}

/// A decimal integer modulo p.
fn integer(digits: &str) -> u128 {
    let (sign, digits) = digits.strip_prefix('-').map_or((1, digits), |digits| (P - 1, digits));
    sign * digits.bytes().fold(0, |value, digit| (10 * value + u128::from(digit - b'0')) % P) % P
}

fn rational(value: &Rational) -> u128 {
    integer(&value.numerator().to_string()) * power(integer(&value.denominator().to_string()), P - 2) % P
}

impl Residue {
    fn of(value: &Exact) -> Residue {
        let minimal = value.field().map(|field| {
            let (_, lower) = field.minimal_polynomial().split_last().unwrap();
            Arc::new(lower.iter().map(|c| integer(&c.to_string())).collect())
        });
        Residue { coordinates: value.coordinates().iter().map(rational).collect(), minimal }
    }

    fn added(&self, other: &Residue, sign: u128) -> Residue {
        let longest = self.coordinates.len().max(other.coordinates.len());
        let at = |x: &Residue, k: usize| x.coordinates.get(k).copied().unwrap_or(0);
        let coordinates = (0..longest).map(|k| (at(self, k) + sign * at(other, k)) % P).collect();
        Residue { coordinates, minimal: self.minimal.clone().or_else(|| other.minimal.clone()) }
    }
}

impl PartialEq for Residue {
    fn eq(&self, other: &Residue) -> bool {
        self.minus(other).is_zero()
    }
}

impl Ring for Residue {
    fn from_rational(value: &Rational) -> Residue {
        Residue { coordinates: vec![rational(value)], minimal: None }
    }
    fn is_zero(&self) -> bool {
        self.coordinates.iter().all(|x| *x == 0)
    }
    fn plus(&self, other: &Residue) -> Residue {
        self.added(other, 1)
    }
    fn minus(&self, other: &Residue) -> Residue {
        self.added(other, P - 1)
    }
    fn times(&self, other: &Residue) -> Residue {
        let mut product = vec![0; self.coordinates.len() + other.coordinates.len() - 1];
        for (i, x) in self.coordinates.iter().enumerate() {
            for (j, y) in other.coordinates.iter().enumerate() {
                product[i + j] = (product[i + j] + x * y) % P;
            }
        }
        let minimal = self.minimal.clone().or_else(|| other.minimal.clone());
        if let Some(lower) = &minimal {
            // θⁿ = -(m₀ + m₁θ + …)
            while product.len() > lower.len() {
                let leading = product.pop().unwrap_or(0);
                let shift = product.len() - lower.len();
                for (k, m) in lower.iter().enumerate() {
                    product[shift + k] = (product[shift + k] + (P - leading) * m) % P;
                }
            }
        }
        Residue { coordinates: product, minimal }
    }
}

/// The engine's series against the two algorithms of the algebra, in a ring of their own.
fn agree<R: Ring>(method: &Method, trees: &Arc<Trees>, image: impl Fn(&Exact) -> R) {
    let coefficients = method.tableau().coefficients().map(&image);
    let step = BSeries::runge_kutta(trees, &coefficients).unwrap();
    let by_steps = BSeries::from(&Series::modified(method.tableau(), trees.order()).unwrap()).map(image);
    assert!(step.logarithm().unwrap() == by_steps, "Lie derivatives on {}", method.name());
    let by_substitution = step.field_under(&BSeries::exact_flow(trees)).unwrap();
    assert!(by_substitution == by_steps, "substitution on {}", method.name());
}

#[test]
fn the_catalogue_to_order_nine() {
    let trees = Arc::new(Trees::through(9).unwrap());
    for method in Method::exact() {
        agree(&method, &trees, Residue::of);
    }
}

#[test]
fn short_tableaus_without_reduction() {
    let trees = Arc::new(Trees::through(9).unwrap());
    for name in ["euler", "midpoint", "rk4", "implicit-midpoint", "gauss4", "radau-iia-3"] {
        agree(&Method::named(name).unwrap(), &trees, Exact::clone);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn random_tableaus(
        entries in prop::collection::vec((-6i64..=6, 1i64..=5), 9),
        weights in prop::collection::vec((-6i64..=6, 1i64..=5), 2),
    ) {
        let number = |&(n, d): &(i64, i64)| Exact::ratio(n, d);
        let mut b: Vec<Exact> = weights.iter().map(number).collect();
        b.push(b.iter().fold(Exact::ONE, |rest, x| &rest - x));
        let rows = entries.chunks(3).map(|row| row.iter().map(number).collect()).collect();
        let method = Method::custom("random", "random", Tableau::new(rows, b).unwrap());
        agree(&method, &Arc::new(Trees::through(9).unwrap()), Exact::clone);
    }
}
