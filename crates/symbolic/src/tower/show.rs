//! Out of the ring: polynomials as formulas.

use shadowflow_methods::Rational;

use super::{Meaning, Tower};
use crate::expr::{Expr, Function};
use crate::polynomial::{Monomial, Polynomial};

impl Tower {
    /// A polynomial multiplied out, as a formula.
    pub(crate) fn expanded(&self, p: &Polynomial) -> Expr {
        self.names.sum(p.terms().iter().map(|(m, c)| self.monomial(m, p.coefficient(c))).collect())
    }

    /// A monomial with its coefficient as a formula; powers of one base are brought together.
    pub(crate) fn monomial(&self, monomial: &Monomial, coefficient: Rational) -> Expr {
        let mut powers: Vec<(Expr, Rational)> = Vec::new();
        for (g, exponent) in monomial.powers() {
            let (base, exponent) = self.as_power(g, exponent);
            match powers.iter_mut().find(|(known, _)| *known == base) {
                Some((_, sum)) => *sum += exponent,
                None => powers.push((base, exponent)),
            }
        }
        let factors = powers.into_iter().map(|(base, exponent)| raised(base, exponent));
        self.names.product(std::iter::once(Expr::Number(coefficient)).chain(factors).collect())
    }

    /// A power of a generator as a base and an exponent.
    fn as_power(&self, g: usize, exponent: u16) -> (Expr, Rational) {
        let generator = &self.generators[g];
        let e = Rational::from(exponent);
        match &generator.meaning {
            Meaning::Inverse(_) => (generator.shown.clone(), -e),
            Meaning::Root(_, q) => (generator.shown.clone(), e / Rational::from(*q)),
            Meaning::Name | Meaning::Call(..) | Meaning::Power(..) => (generator.shown.clone(), e),
        }
    }

    /// A power of a generator as a formula.
    pub(crate) fn factor(&self, g: usize, exponent: u16) -> Expr {
        let (base, exponent) = self.as_power(g, exponent);
        raised(base, exponent)
    }
}

/// A power without needless brackets: e^x to a power is e to a multiple.
pub(crate) fn raised(base: Expr, exponent: Rational) -> Expr {
    match base {
        base if exponent.is_one() => base,
        _ if exponent.is_zero() => Expr::Number(Rational::ONE),
        Expr::Call(Function::Exp, argument) => {
            let multiple = match *argument {
                Expr::Sum(terms) => Expr::sum(
                    terms
                        .into_iter()
                        .map(|t| Expr::product(vec![Expr::Number(exponent.clone()), t]))
                        .collect(),
                ),
                single => Expr::product(vec![Expr::Number(exponent), single]),
            };
            Expr::Call(Function::Exp, Box::new(multiple))
        }
        base => Expr::Power(Box::new(base), Box::new(Expr::Number(exponent))),
    }
}
