//! Two ways to compute with the formulas of a system: in normal form, and as they come.
//!
//! The polynomials of a [`Tower`] recognise what is equal and stay short where the system is a polynomial or has one denominator.
//! With several functions multiplied out they explode; there formulas are better left [`Nested`], sums of products of the
//! derivatives of what was given.

use std::time::Instant;

use shadowflow_methods::Rational;

use crate::arrange::Arrangement;
use crate::error::SymbolicError;
use crate::expr::{Expr, Function};
use crate::polynomial::{Polynomial, Sum};
use crate::potential;
use crate::tower::Tower;

type Result<T> = std::result::Result<T, SymbolicError>;

/// Formulas of one system that can be added, multiplied and differentiated.
pub(crate) trait FormulaRing {
    type Element: Clone;
    type Sum: Default;

    /// The names, variables first.
    fn names(&self) -> &Arrangement;
    fn variables(&self) -> usize;
    /// Fails when the time is up.
    fn check_time(&self) -> Result<()>;
    fn one(&self) -> Self::Element;
    /// Whether this is seen to be 0 at a glance.
    fn is_zero(&self, x: &Self::Element) -> bool;
    fn add_product(&self, sum: &mut Self::Sum, x: &Self::Element, y: &Self::Element) -> Result<()>;
    fn finish(&self, sum: Self::Sum) -> Result<Self::Element>;
    fn derivative(&self, x: &Self::Element, variable: usize) -> Result<Self::Element>;
    /// The formula as it is shown.
    fn presented(&self, x: &Self::Element) -> Result<Expr>;
    /// Whether this is seen to be 0 after some work.
    fn vanishes(&self, x: &Self::Element) -> Result<bool>;
    /// The potential of a gradient field in closed form, if it is found.
    fn closed_potential(&self, field: &[Self::Element]) -> Result<Option<Self::Element>>;
    /// How long a formula is.
    fn size(&self, x: &Self::Element) -> usize;

    fn negated(&self, x: &Self::Element) -> Result<Self::Element>;

    fn dot<'a>(&self, x: &'a [Self::Element], y: &'a [Self::Element]) -> Result<Self::Element> {
        let mut sum = Self::Sum::default();
        for (x, y) in x.iter().zip(y) {
            self.add_product(&mut sum, x, y)?;
        }
        self.finish(sum)
    }

    fn presented_all(&self, field: &[Self::Element]) -> Result<Vec<Expr>> {
        field.iter().map(|component| self.presented(component)).collect()
    }
}

impl FormulaRing for Tower {
    type Element = Polynomial;
    type Sum = Sum;

    fn names(&self) -> &Arrangement {
        self.arrangement()
    }
    fn variables(&self) -> usize {
        Tower::variables(self)
    }
    fn check_time(&self) -> Result<()> {
        Tower::check_time(self)
    }
    fn one(&self) -> Polynomial {
        Polynomial::number(&Rational::ONE)
    }
    fn is_zero(&self, x: &Polynomial) -> bool {
        x.is_zero()
    }
    fn add_product(&self, sum: &mut Sum, x: &Polynomial, y: &Polynomial) -> Result<()> {
        Tower::add_product(self, sum, x, y)
    }
    fn finish(&self, sum: Sum) -> Result<Polynomial> {
        Tower::finish(self, sum)
    }
    fn derivative(&self, x: &Polynomial, variable: usize) -> Result<Polynomial> {
        Tower::derivative(self, x, variable)
    }
    fn presented(&self, x: &Polynomial) -> Result<Expr> {
        self.shown(x)
    }
    fn vanishes(&self, x: &Polynomial) -> Result<bool> {
        Ok(x.is_zero() || self.over_denominators(x)?.0.is_zero())
    }
    fn closed_potential(&self, field: &[Polynomial]) -> Result<Option<Polynomial>> {
        potential::polynomial_potential(self, field)
    }
    fn size(&self, x: &Polynomial) -> usize {
        x.len()
    }
    fn negated(&self, x: &Polynomial) -> Result<Polynomial> {
        Ok(x.negated())
    }
}

/// Formulas as they come: sums and products are only joined, never multiplied out.
pub(crate) struct Nested {
    names: Arrangement,
    variables: usize,
    parameters: Vec<String>,
    deadline: Option<Instant>,
}

/// Most characters of a nested formula on the way.
const MAX_CHARACTERS: usize = 4_000_000;

impl Nested {
    pub(crate) fn new(variables: &[String], parameters: &[String], deadline: Option<Instant>) -> Nested {
        let names = variables.iter().chain(parameters).map(|name| name.as_str().into()).collect();
        Nested {
            names: Arrangement(names),
            variables: variables.len(),
            parameters: parameters.to_vec(),
            deadline,
        }
    }

    /// A formula of this ring.
    pub(crate) fn read(&self, expr: &Expr) -> Expr {
        self.names.arranged(expr)
    }

    /// Looks at the clock on the way up too, where the work is done.
    fn slope(&self, expr: &Expr, variable: usize) -> Result<Expr> {
        self.check_time()?;
        let one = || Expr::Number(Rational::ONE);
        Ok(match expr {
            Expr::Number(_) => Expr::zero(),
            Expr::Symbol(name) if self.names.position(name) == Some(variable) => one(),
            Expr::Symbol(_) => Expr::zero(),
            Expr::Sum(terms) => {
                let slopes = terms.iter().map(|term| self.slope(term, variable));
                self.names.sum(slopes.collect::<Result<_>>()?)
            }
            Expr::Product(factors) => {
                let mut sum = Vec::new();
                for (i, factor) in factors.iter().enumerate() {
                    let slope = self.slope(factor, variable)?;
                    self.check_time()?;
                    if !slope.is_zero() {
                        let mut product = factors.clone();
                        product[i] = slope;
                        sum.push(self.product(product));
                    }
                }
                self.names.sum(sum)
            }
            Expr::Power(base, exponent) => {
                let (b, e) = (self.slope(base, variable)?, self.slope(exponent, variable)?);
                self.check_time()?;
                let mut sum = Vec::new();
                if !b.is_zero() {
                    let lower = Expr::sum(vec![(**exponent).clone(), one().negated()]);
                    sum.push(self.product(vec![(**exponent).clone(), b, raised((**base).clone(), lower)]));
                }
                if !e.is_zero() {
                    let log = Expr::Call(Function::Log, base.clone());
                    sum.push(self.product(vec![e, log, expr.clone()]));
                }
                self.names.sum(sum)
            }
            Expr::Call(function, argument) => {
                let inner = self.slope(argument, variable)?;
                self.check_time()?;
                if inner.is_zero() {
                    return Ok(Expr::zero());
                }
                let call = |function| Expr::Call(function, argument.clone());
                let square = |sign: i64| {
                    let square = raised(expr.clone(), Expr::Number(Rational::from(2)));
                    Expr::sum(vec![one(), Expr::product(vec![Expr::Number(Rational::from(sign)), square])])
                };
                let outer = match function {
                    Function::Exp => expr.clone(),
                    Function::Log => raised((**argument).clone(), one().negated()),
                    Function::Sin => call(Function::Cos),
                    Function::Cos => call(Function::Sin).negated(),
                    Function::Tan => square(1),
                    Function::Tanh => square(-1),
                };
                self.product(vec![outer, inner])
            }
        })
    }

    /// A product with powers of one base brought together.
    fn product(&self, factors: Vec<Expr>) -> Expr {
        self.names.product(crate::present::together(vec![Expr::product(factors)]))
    }
}

fn raised(base: Expr, exponent: Expr) -> Expr {
    match exponent {
        Expr::Number(n) if n.is_zero() => Expr::Number(Rational::ONE),
        Expr::Number(n) if n.is_one() => base,
        exponent => Expr::Power(Box::new(base), Box::new(exponent)),
    }
}

impl FormulaRing for Nested {
    type Element = Expr;
    type Sum = Vec<Expr>;

    fn names(&self) -> &Arrangement {
        &self.names
    }
    fn variables(&self) -> usize {
        self.variables
    }
    fn check_time(&self) -> Result<()> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(SymbolicError::OutOfTime),
            _ => Ok(()),
        }
    }
    fn one(&self) -> Expr {
        Expr::Number(Rational::ONE)
    }
    fn is_zero(&self, x: &Expr) -> bool {
        x.is_zero()
    }
    fn add_product(&self, sum: &mut Vec<Expr>, x: &Expr, y: &Expr) -> Result<()> {
        self.check_time()?;
        let product = self.product(vec![x.clone(), y.clone()]);
        if !product.is_zero() {
            sum.push(product);
        }
        Ok(())
    }
    /// Terms that are alike but for their numbers become one.
    fn finish(&self, sum: Vec<Expr>) -> Result<Expr> {
        let mut alike: Vec<(Expr, Rational)> = Vec::new();
        let mut place = std::collections::HashMap::new();
        let mut characters = 0;
        let flat = sum.into_iter().flat_map(|term| match term {
            Expr::Sum(terms) => terms,
            single => vec![single],
        });
        for term in flat {
            let (number, rest) = match term {
                Expr::Number(n) => (n, Expr::Number(Rational::ONE)),
                Expr::Product(mut factors) => match factors.first() {
                    Some(Expr::Number(n)) => {
                        let n = n.clone();
                        factors.remove(0);
                        (n, Expr::product(factors))
                    }
                    _ => (Rational::ONE, Expr::Product(factors)),
                },
                other => (Rational::ONE, other),
            };
            let text = rest.to_string();
            characters += text.len();
            if characters > MAX_CHARACTERS {
                return Err(SymbolicError::Overgrown { terms: alike.len(), limit: alike.len() });
            }
            match place.get(&text) {
                Some(&at) => {
                    let entry: &mut (Expr, Rational) = &mut alike[at];
                    entry.1 += number;
                }
                None => {
                    place.insert(text, alike.len());
                    alike.push((rest, number));
                }
            }
        }
        let terms = alike.into_iter().filter(|(_, n)| !n.is_zero());
        Ok(self.names.sum(terms.map(|(rest, n)| Expr::product(vec![Expr::Number(n), rest])).collect()))
    }
    fn derivative(&self, x: &Expr, variable: usize) -> Result<Expr> {
        self.check_time()?;
        self.finish(vec![self.slope(x, variable)?])
    }
    fn presented(&self, x: &Expr) -> Result<Expr> {
        Ok(x.clone())
    }
    /// Nested formulas are compared in normal form, as far as that is found.
    fn vanishes(&self, x: &Expr) -> Result<bool> {
        let variables: Vec<String> =
            self.names.0[..self.variables].iter().map(|name| name.to_string()).collect();
        let soon = Instant::now() + std::time::Duration::from_secs(1);
        let deadline = self.deadline.map_or(soon, |deadline| deadline.min(soon));
        let mut tower = Tower::new(&variables, &self.parameters, Some(deadline))?;
        let outcome = tower.read(x).and_then(|p| tower.over_denominators(&p));
        Ok(outcome.is_ok_and(|(numerator, _)| numerator.is_zero()))
    }
    fn closed_potential(&self, _: &[Expr]) -> Result<Option<Expr>> {
        Ok(None)
    }
    fn size(&self, x: &Expr) -> usize {
        x.to_string().len()
    }
    fn negated(&self, x: &Expr) -> Result<Expr> {
        Ok(x.clone().negated())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::formulas;

    #[test]
    fn nested_derivatives_are_those_of_the_tower() {
        let names = ["x".to_owned(), "y".to_owned()];
        let nested = Nested::new(&names, &[], None);
        let at = |name: &str| if name == "x" { 0.7 } else { 1.3 };
        for text in [
            "tanh(x)*exp(-y^2) + sqrt(x^2+1)*tan(y/3)",
            "(x-y)^4/(2+cos(x*y))",
            "log(1+exp(x*y))*sin(x)^3",
            "x^y + (1+x^2)^(-2/3)",
        ] {
            let expr = formulas(text).unwrap().remove(0);
            let mut tower = Tower::new(&names, &[], None).unwrap();
            let p = tower.read(&expr).unwrap();
            for (first, second) in [(0, 0), (0, 1), (1, 1)] {
                let a = nested
                    .derivative(&nested.derivative(&nested.read(&expr), first).unwrap(), second)
                    .unwrap();
                let b = tower.derivative(&tower.derivative(&p, first).unwrap(), second).unwrap();
                let (a, b) = (a.eval(&at), tower.expanded(&b).eval(&at));
                // Some hundred operations in another order.
                assert!((a - b).abs() <= 1e-10 * b.abs().max(1.0), "{text}: {a} {b}");
            }
        }
    }

    #[test]
    fn what_vanishes_is_seen() {
        let nested = Nested::new(&["x".to_owned()], &[], None);
        let read = |text: &str| nested.read(&formulas(text).unwrap()[0]);
        assert!(nested.vanishes(&read("(1+x)^2/(2+sin(x)^2) - (1+2*x+x^2)/(3-cos(x)^2)")).unwrap());
        assert!(!nested.vanishes(&read("x - sin(x)")).unwrap());
        assert!(
            nested.finish(vec![read("2*x*sin(x)"), read("-x*sin(x)"), read("-sin(x)*x")]).unwrap().is_zero()
        );
    }
}
