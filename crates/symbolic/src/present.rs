//! Polynomials of a tower as formulas to be read: factored, unless multiplied out they are a good deal shorter.

use std::time::Duration;

use shadowflow_methods::Rational;

use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::polynomial::Polynomial;
use crate::tower::Tower;

/// Longer polynomials are shown multiplied out: nobody reads them, and factoring takes its time, the more so in many generators.
fn longest_factored(generators: usize) -> usize {
    match generators {
        0..=2 => 1000,
        3 => 300,
        4 => 100,
        _ => 40,
    }
}

/// How long to wait for the factors of one polynomial.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many more characters than the sum a product may have and still be shown in its place.
const PREFERENCE: (usize, usize) = (4, 5);

impl Tower {
    /// The formula as it is shown.
    ///
    /// # Errors
    /// If time or room runs out.
    pub(crate) fn shown(&self, p: &Polynomial) -> Result<Expr, SymbolicError> {
        let expanded = self.expanded(p);
        if p.len() > longest_factored(0) || p.len() < 2 && self.over_denominators(p)?.1.is_empty() {
            return Ok(expanded);
        }
        let factored = self.factored(p)?;
        let length = |expr: &Expr| expr.to_string().chars().count();
        let (num, den) = PREFERENCE;
        Ok(if num * length(&factored) > den * length(&expanded) { expanded } else { factored })
    }

    /// The formula as a product over one denominator.
    pub(crate) fn factored(&self, p: &Polynomial) -> Result<Expr, SymbolicError> {
        self.check_time()?;
        let (numerator, below) = self.over_denominators(p)?;
        let generators = (0..self.generators()).filter(|&g| numerator.has(g)).count();
        if numerator.len() > longest_factored(generators) {
            return Ok(self.expanded(p));
        }
        let mut factors = match &numerator.terms() {
            [] => return Ok(Expr::zero()),
            [(monomial, coefficient)] => vec![self.monomial(monomial, numerator.coefficient(coefficient))],
            _ => self.factors(&numerator)?,
        };
        factors.extend(below.into_iter().map(|(g, exponent)| self.factor(g, exponent)));
        Ok(self.arrangement().product(together(factors)))
    }

    /// The factors of a polynomial, as far as they are found.
    fn factors(&self, p: &Polynomial) -> Result<Vec<Expr>, SymbolicError> {
        // Generators stand for themselves; they get their names back afterwards.
        let name = |g: usize| Expr::symbol(&format!("g{g}"));
        let term = |(monomial, coefficient): &(_, _)| {
            let monomial: &crate::polynomial::Monomial = monomial;
            let powers = monomial.powers().map(|(g, exponent)| match exponent {
                1 => name(g),
                _ => Expr::Power(Box::new(name(g)), Box::new(Expr::Number(Rational::from(exponent)))),
            });
            Expr::product(std::iter::once(Expr::Number(p.coefficient(coefficient))).chain(powers).collect())
        };
        let sum = Expr::Sum(p.terms().iter().map(term).collect());
        let patience = self.time_left().map_or(PATIENCE, |left| left.min(PATIENCE));
        // One polynomial that takes too long keeps the algebra system busy: the others stay as they are.
        let factored = match self.gave_up.get() {
            true => sum,
            false => match crate::factor::factored(sum.clone(), self.generators(), patience)? {
                Some(factored) => factored,
                None => {
                    self.gave_up.set(true);
                    sum
                }
            },
        };
        let renamed = self.arrangement().arranged(&self.renamed(&factored));
        Ok(match renamed {
            Expr::Product(factors) => factors,
            single => vec![single],
        })
    }

    fn renamed(&self, expr: &Expr) -> Expr {
        let all = |parts: &[Expr]| parts.iter().map(|part| self.renamed(part)).collect();
        match expr {
            Expr::Number(_) | Expr::Call(..) => expr.clone(),
            Expr::Symbol(name) => match name.strip_prefix('g').and_then(|digits| digits.parse().ok()) {
                Some(g) => self.factor(g, 1),
                None => expr.clone(),
            },
            Expr::Sum(terms) => Expr::sum(all(terms)),
            Expr::Product(factors) => Expr::product(all(factors)),
            Expr::Power(base, exponent) => match (&**base, &**exponent) {
                (Expr::Symbol(name), Expr::Number(n)) if n.denominator().is_one() => {
                    let g = name.strip_prefix('g').and_then(|digits| digits.parse().ok());
                    match (g, u16::try_from(n.numerator().clone())) {
                        (Some(g), Ok(exponent)) => self.factor(g, exponent),
                        _ => expr.clone(),
                    }
                }
                _ => Expr::Power(Box::new(self.renamed(base)), exponent.clone()),
            },
        }
    }
}

/// Factors with powers of one base brought together.
pub(crate) fn together(factors: Vec<Expr>) -> Vec<Expr> {
    let mut powers: Vec<(Expr, Rational)> = Vec::new();
    let flat = factors.into_iter().flat_map(|factor| match factor {
        Expr::Product(inner) => inner,
        single => vec![single],
    });
    for factor in flat {
        let (base, exponent) = match factor {
            Expr::Power(base, exponent) => match *exponent {
                Expr::Number(n) => (*base, n),
                exponent => (Expr::Power(base, Box::new(exponent)), Rational::ONE),
            },
            other => (other, Rational::ONE),
        };
        match powers.iter_mut().find(|(known, _)| *known == base && !matches!(base, Expr::Number(_))) {
            Some((_, sum)) => *sum += exponent,
            None => powers.push((base, exponent)),
        }
    }
    powers.into_iter().filter(|(_, n)| !n.is_zero()).map(|(base, n)| crate::tower::raised(base, n)).collect()
}
