//! The ring in which one system is derived: its names, the functions and roots that occur in it, and their derivatives.
//!
//! A formula becomes a polynomial in *generators*: names first, then one generator for each function, root, inverse or power
//! that is not a polynomial in earlier ones. The derivative of every generator is again a polynomial, so the ring is closed
//! under derivation (a differential tower, after Risch 1969). Relations between generators, 1/D·D = 1, r² = D, sin² = 1 - cos²,
//! are rules from a leading monomial to smaller ones: with one denominator the result is a normal form, and a formula that is
//! 0 is seen to be.

mod read;
mod show;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shadowflow_methods::Rational;

use crate::arrange::Arrangement;
use crate::error::SymbolicError;
use crate::expr::{Expr, Function};
use crate::polynomial::{MAX_GENERATORS, Monomial, Polynomial, Rule, Sum};

pub(crate) use show::raised;

/// Most terms of a polynomial on the way.
const MAX_TERMS: usize = 2_000_000;

/// What a generator stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// A variable or parameter.
    Name,
    /// A function of a polynomial.
    Call(Function, Polynomial),
    /// 1/D, D primitive.
    Inverse(Polynomial),
    /// D^(1/q).
    Root(Polynomial, u16),
    /// A power with a symbol above.
    Power(Polynomial, Polynomial),
}

#[derive(Debug)]
struct Generator {
    meaning: Meaning,
    /// How it is printed; the inside of an inverse or a root.
    shown: Expr,
    /// Its derivative with respect to every variable.
    slopes: Vec<Polynomial>,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Tower {
    generators: Vec<Generator>,
    rules: Vec<Rule>,
    variables: usize,
    names: Arrangement,
    deadline: Option<Instant>,
    /// Whether factors were waited for in vain.
    pub(crate) gave_up: Cell<bool>,
}

type Result<T> = std::result::Result<T, SymbolicError>;

impl Tower {
    /// The polynomials in variables and parameters, with a time at which to give up.
    ///
    /// # Errors
    /// If there are more names than generators.
    pub(crate) fn new(
        variables: &[String],
        parameters: &[String],
        deadline: Option<Instant>,
    ) -> Result<Tower> {
        let names: Vec<Arc<str>> =
            variables.iter().chain(parameters).map(|name| Arc::from(name.as_str())).collect();
        let mut tower = Tower {
            generators: Vec::new(),
            rules: Vec::new(),
            variables: variables.len(),
            names: Arrangement(names.clone()),
            deadline,
            gave_up: Cell::new(false),
        };
        for (k, name) in names.iter().enumerate() {
            let slope = |v| if v == k { Polynomial::number(&Rational::ONE) } else { Polynomial::ZERO };
            let slopes = (0..variables.len()).map(slope).collect();
            tower.push(Meaning::Name, Expr::Symbol(name.clone()), slopes)?;
        }
        Ok(tower)
    }

    /// How many variables there are.
    pub(crate) fn variables(&self) -> usize {
        self.variables
    }

    /// The order in which formulas of this tower are printed.
    pub(crate) fn arrangement(&self) -> &Arrangement {
        &self.names
    }

    pub(crate) fn generators(&self) -> usize {
        self.generators.len()
    }

    fn push(&mut self, meaning: Meaning, shown: Expr, slopes: Vec<Polynomial>) -> Result<usize> {
        if self.generators.len() == MAX_GENERATORS {
            return Err(SymbolicError::TooManyFunctions { limit: MAX_GENERATORS });
        }
        // Towers of functions make many small products, none of which is worth a look at the clock.
        self.check_time()?;
        self.generators.push(Generator { meaning, shown, slopes });
        Ok(self.generators.len() - 1)
    }

    /// The slopes of a generator until they are known.
    fn flat(&self) -> Vec<Polynomial> {
        vec![Polynomial::ZERO; self.variables]
    }

    fn find(&self, meaning: &Meaning) -> Option<usize> {
        self.generators.iter().position(|generator| generator.meaning == *meaning)
    }

    /// Fails when the time is up.
    pub(crate) fn check_time(&self) -> Result<()> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(SymbolicError::OutOfTime),
            _ => Ok(()),
        }
    }

    /// How much time is left, if it is limited.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// A sum in its normal form.
    ///
    /// # Errors
    /// If it has grown beyond all bounds.
    pub(crate) fn finish(&self, mut sum: Sum) -> Result<Polynomial> {
        let too_large = |terms: usize| SymbolicError::Overgrown { terms, limit: MAX_TERMS };
        if sum.len() > MAX_TERMS {
            return Err(too_large(sum.len()));
        }
        if !self.rules.is_empty() {
            sum.reduce(&self.rules);
        }
        let terms = sum.len();
        sum.finish().ok_or_else(|| too_large(terms))
    }

    /// The product.
    pub(crate) fn product(&self, x: &Polynomial, y: &Polynomial) -> Result<Polynomial> {
        self.dot([(x, y)])
    }

    /// A sum of products.
    pub(crate) fn dot<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a Polynomial, &'a Polynomial)>,
    ) -> Result<Polynomial> {
        let mut sum = Sum::default();
        for (x, y) in pairs {
            self.add_product(&mut sum, x, y)?;
        }
        self.finish(sum)
    }

    /// Adds a product, watching time and size.
    pub(crate) fn add_product(&self, sum: &mut Sum, x: &Polynomial, y: &Polynomial) -> Result<()> {
        if x.len().saturating_mul(y.len()) > 10_000 {
            self.check_time()?;
            if sum.len() > MAX_TERMS {
                return Err(SymbolicError::Overgrown { terms: sum.len(), limit: MAX_TERMS });
            }
        }
        sum.add_product(x, y);
        Ok(())
    }

    pub(crate) fn plus(&self, x: &Polynomial, y: &Polynomial) -> Result<Polynomial> {
        let mut sum = Sum::default();
        sum.add(x);
        sum.add(y);
        self.finish(sum)
    }

    /// A power with a whole exponent.
    pub(crate) fn power(&self, base: &Polynomial, mut exponent: u64) -> Result<Polynomial> {
        let (mut power, mut square) = (Polynomial::number(&Rational::ONE), base.clone());
        while exponent > 0 {
            if exponent % 2 == 1 {
                power = self.product(&power, &square)?;
            }
            exponent /= 2;
            if exponent > 0 {
                square = self.product(&square, &square)?;
            }
        }
        Ok(power)
    }

    /// The derivative with respect to a variable.
    pub(crate) fn derivative(&self, p: &Polynomial, variable: usize) -> Result<Polynomial> {
        self.check_time()?;
        let mut sum = Sum::default();
        for (g, generator) in self.generators.iter().enumerate() {
            let slope = &generator.slopes[variable];
            if !slope.is_zero() && p.has(g) {
                self.add_product(&mut sum, &p.partial(g), slope)?;
            }
        }
        self.finish(sum)
    }

    /// Whether a polynomial depends on no variable, only on parameters.
    pub(crate) fn is_constant(&self, monomial: &Monomial) -> bool {
        monomial.powers().all(|(g, _)| self.generators[g].slopes.iter().all(Polynomial::is_zero))
    }

    /// The degree of a monomial in the variables, if all else in it is constant.
    pub(crate) fn degree(&self, monomial: &Monomial) -> Option<u64> {
        let rest = (0..self.variables).fold(*monomial, |m, v| m.without(v));
        let degree = (0..self.variables).map(|v| u64::from(monomial.exponent(v))).sum();
        self.is_constant(&rest).then_some(degree)
    }

    /// The polynomial over its denominators: a numerator without inverses, 0 if and only if the polynomial is, and the
    /// generators 1/D with the powers that it stands over.
    pub(crate) fn over_denominators(&self, p: &Polynomial) -> Result<(Polynomial, Vec<(usize, u16)>)> {
        let (mut numerator, mut below) = (p.clone(), Vec::new());
        // A denominator holds earlier generators only, so going from the last to the first none comes back.
        for (g, generator) in self.generators.iter().enumerate().rev() {
            let Meaning::Inverse(d) = &generator.meaning else { continue };
            let highest = numerator.terms().iter().map(|(m, _)| m.exponent(g)).max().unwrap_or(0);
            if highest == 0 {
                continue;
            }
            let mut by_missing_power = vec![Vec::new(); usize::from(highest) + 1];
            for (m, c) in numerator.terms() {
                let missing = usize::from(highest - m.exponent(g));
                by_missing_power[missing].push(Polynomial::term(m.without(g), &numerator.coefficient(c)));
            }
            let mut sum = Sum::default();
            for (missing, terms) in by_missing_power.iter().enumerate().filter(|(_, terms)| !terms.is_empty())
            {
                let factor = self.power(d, missing as u64)?;
                for term in terms {
                    self.add_product(&mut sum, term, &factor)?;
                }
            }
            numerator = self.finish(sum)?;
            below.push((g, highest));
        }
        Ok((numerator, below))
    }
}
