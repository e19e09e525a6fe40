//! The order in which a formula is to be read: sums by ascending degree and then by the order of the names, products as
//! number, names, brackets, functions; a bracket's first term is positive.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use dashu_int::IBig;
use shadowflow_methods::Rational;

use crate::expr::Expr;

/// The names of a formula in the order in which monomials are sorted.
#[derive(Clone, Debug)]
pub(crate) struct Arrangement(pub(crate) Vec<Arc<str>>);

impl Arrangement {
    /// The formula with its sums and products in order, inside and out.
    pub(crate) fn arranged(&self, expr: &Expr) -> Expr {
        match expr {
            Expr::Number(_) | Expr::Symbol(_) => expr.clone(),
            Expr::Sum(terms) => self.sum(terms.iter().map(|term| self.arranged(term)).collect()),
            Expr::Product(factors) => self.product(factors.iter().map(|f| self.arranged(f)).collect()),
            Expr::Power(base, exponent) => {
                let (base, exponent) = (self.arranged(base), self.arranged(exponent));
                self.product(vec![Expr::Power(Box::new(base), Box::new(exponent))])
            }
            Expr::Call(function, argument) => Expr::Call(*function, Box::new(self.arranged(argument))),
        }
    }

    /// A sum of terms that are in order themselves.
    pub(crate) fn sum(&self, mut terms: Vec<Expr>) -> Expr {
        terms.sort_by_cached_key(|term| self.sum_key(term));
        Expr::sum(terms)
    }

    /// A product of factors that are in order themselves.
    pub(crate) fn product(&self, factors: Vec<Expr>) -> Expr {
        let mut sign = Rational::ONE;
        let mut factors: Vec<Expr> =
            factors.into_iter().map(|factor| with_positive_lead(factor, &mut sign)).collect();
        factors.sort_by_cached_key(|factor| self.product_key(factor));
        factors.insert(0, Expr::Number(sign));
        Expr::product(factors)
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|n| &**n == name)
    }

    /// Ascending degree, then descending powers name by name, then by text.
    fn sum_key(&self, term: &Expr) -> (bool, u64, Vec<Reverse<i64>>, String) {
        let mut powers = vec![0i64; self.0.len()];
        let plain = self.add_powers(term, &mut powers);
        let degree = powers.iter().map(|p| p.unsigned_abs()).sum();
        // Names and a number are told apart by their powers.
        let text = if plain { String::new() } else { term.to_string() };
        (!plain, degree, powers.into_iter().map(Reverse).collect(), text)
    }

    /// Adds the powers of names in a term; whether that is all the term consists of, but for a number.
    fn add_powers(&self, term: &Expr, powers: &mut [i64]) -> bool {
        match term {
            Expr::Number(_) => true,
            Expr::Symbol(name) => self.position(name).map(|k| powers[k] += 1).is_some(),
            Expr::Product(factors) => {
                // Every factor is visited, also after the first that is not plain.
                let plain: Vec<bool> = factors.iter().map(|f| self.add_powers(f, powers)).collect();
                !plain.contains(&false)
            }
            Expr::Power(base, exponent) => match (&**base, &**exponent) {
                (Expr::Symbol(name), Expr::Number(n)) => {
                    match (self.position(name), i64::try_from(n.numerator().clone())) {
                        (Some(k), Ok(p)) if n.denominator().is_one() => {
                            powers[k] += p;
                            true
                        }
                        _ => false,
                    }
                }
                _ => false,
            },
            Expr::Sum(_) | Expr::Call(..) => false,
        }
    }

    /// Numbers, names, brackets, functions; within a class first powers come before higher ones.
    fn product_key(&self, factor: &Expr) -> (u8, usize, bool, String) {
        let (base, is_power) = match factor {
            Expr::Power(base, _) => (&**base, true),
            other => (other, false),
        };
        let (class, position) = match base {
            Expr::Number(_) => (0, 0),
            Expr::Symbol(name) => (1, self.position(name).unwrap_or(usize::MAX)),
            Expr::Sum(_) => (2, 0),
            _ => (3, 0),
        };
        let text = if class == 1 { String::new() } else { factor.to_string() };
        (class, position, is_power, text)
    }
}

/// Turns the signs of a bracket so that its first term is positive, and gives the sign to the product.
fn with_positive_lead(factor: Expr, sign: &mut Rational) -> Expr {
    let turn = |terms: Vec<Expr>| Expr::Sum(terms.into_iter().map(Expr::negated).collect());
    match factor {
        Expr::Sum(terms) if terms.first().is_some_and(is_negative) => {
            *sign = -sign.clone();
            turn(terms)
        }
        Expr::Power(base, exponent) => match (*base, &*exponent) {
            (Expr::Sum(terms), Expr::Number(n))
                if n.denominator().is_one() && terms.first().is_some_and(is_negative) =>
            {
                if n.numerator() % IBig::from(2) != IBig::ZERO {
                    *sign = -sign.clone();
                }
                Expr::Power(Box::new(turn(terms)), exponent)
            }
            (base, _) => Expr::Power(Box::new(base), exponent),
        },
        other => other,
    }
}

fn is_negative(term: &Expr) -> bool {
    let number = match term {
        Expr::Product(factors) => factors.first(),
        other => Some(other),
    };
    matches!(number, Some(Expr::Number(n)) if n.cmp(&Rational::ZERO) == Ordering::Less)
}
