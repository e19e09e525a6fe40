//! From the coefficients of a series to formulas of a concrete system.

use std::time::{Duration, Instant};

use shadowflow_bseries::tree_count;
use shadowflow_methods::{Method, Tableau};

use crate::adaptive;
use crate::coefficients::{FreeTable, TreeSeries};
use crate::derivation::{Derivation, Stop};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::growth::monomials;
use crate::modified::{self, Ended, Parts};
use crate::polynomial::Polynomial;
use crate::ring::{FormulaRing, Nested};
use crate::scheme::{Kind, Rule, Scheme, Weights};
use crate::stochastic;
use crate::system::System;
use crate::tower::Tower;

/// The largest power of h that is derived.
pub const MAX_H_POWER: usize = 8;

/// Most terms of a component in normal form, if the system is no polynomial.
const LONGEST_NORMAL_FORM: usize = 300;

/// Most terms of a result.
const MAX_RESULT_TERMS: f64 = 5e4;

/// What to derive: a method, how far, and for how long.
///
/// ```
/// use shadowflow_symbolic::{Objective, Request, Scheme, System};
/// let f = Objective::parse("x^2/2", None)?;
/// let found = Request::new(Scheme::named("heavy-ball")?, 1).on(&System::Gradient(f))?;
/// assert_eq!(found.parameters, ["beta"]);
/// assert_eq!(found.field[0][0].to_string(), "-x/(1 - beta)");
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub scheme: Scheme,
    /// The highest power of h.
    pub order: usize,
    /// Which equation.
    pub kind: Kind,
    /// How many variables belong to the first part of a partitioned method or to the first player; half of them unless given.
    pub split: Option<usize>,
    /// When to end with what is found; never unless given.
    pub timeout: Option<Duration>,
}

impl Request {
    /// The modified equation through h^`order`, without a limit of time.
    pub fn new(scheme: impl Into<Scheme>, order: usize) -> Request {
        Request { scheme: scheme.into(), order, kind: Kind::Modified, split: None, timeout: None }
    }

    /// Derives it for a system: ẏ = Σ h^(|t|-1) b(t)/σ(t) F(t)(y) (GNI, Theorem IX.9.2), with the modified potential as far as
    /// one exists and the curl that ends it.
    ///
    /// # Errors
    /// If the order is 0 or beyond [`MAX_H_POWER`], the method does not fit the system, the formula divides by zero or is not
    /// real, the coefficients of the series are no square roots, or not even the first term was found in time.
    pub fn on(&self, system: &System) -> Result<Derivation, SymbolicError> {
        if self.order == 0 {
            return Err(SymbolicError::OrderZero);
        }
        if self.order > MAX_H_POWER {
            let trees = tree_count(self.order.saturating_add(1));
            return Err(SymbolicError::OrderTooLarge { requested: self.order, limit: MAX_H_POWER, trees });
        }
        let colours = self.scheme.parts_of(system)?;
        let parts_variables = self.scheme.plays() || self.scheme.splits_variables();
        if self.split.is_some() && (!parts_variables || matches!(system, System::Sum(_))) {
            return Err(SymbolicError::NoSplit { method: self.scheme.name().to_owned() });
        }
        check_length(system, self.order)?;
        let parameters = self.parameters(system)?;
        let deadline = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        if let Rule::Adaptive(_) | Rule::Stochastic = &self.scheme.rule {
            return self.without_trees(system, &parameters, deadline);
        }
        let weights =
            self.scheme.weights(self.kind, self.order + 1, colours, self.keeps_gradients(system))?;
        let names = (&parameters[..], deadline);
        match &weights {
            Weights::Plain(series) => self.derive(system, colours, series, names),
            Weights::Coloured(series) => self.derive(system, colours, series, names),
        }
    }

    /// Optimizers whose modified equations are no B-series.
    fn without_trees(
        &self,
        system: &System,
        parameters: &[String],
        deadline: Option<Instant>,
    ) -> Result<Derivation, SymbolicError> {
        if self.kind == Kind::Modifying {
            return Err(SymbolicError::NotOverTrees { method: self.scheme.name().to_owned() });
        }
        let mut tower = Tower::new(system.variables(), parameters, deadline)?;
        let mut found = Derivation::begin(system.variables(), parameters);
        let formulas = system.formulas();
        let outcome = match &self.scheme.rule {
            Rule::Adaptive(optimizer) => {
                adaptive::through(&mut tower, optimizer, formulas[0], self.order, &mut found)
            }
            _ if self.order > 1 => Err(SymbolicError::StochasticOrder),
            _ => stochastic::through(&mut tower, &formulas, self.order, &mut found),
        };
        found.ended(outcome)
    }

    /// Derives in normal form, or nested where that is too long.
    fn derive<T: FreeTable>(
        &self,
        system: &System,
        colours: usize,
        series: &TreeSeries<T>,
        (parameters, deadline): (&[String], Option<Instant>),
    ) -> Result<Derivation, SymbolicError> {
        let given: Vec<Expr> = match system {
            System::Gradient(f) => vec![f.expr().clone()],
            System::Field(_) | System::Sum(_) => Vec::new(),
        };
        let begin = || Derivation::begin(system.variables(), parameters);
        let is_polynomial = system.formulas().iter().all(|expr| expr.is_polynomial());
        let longest = if is_polynomial { usize::MAX } else { LONGEST_NORMAL_FORM };
        let mut found = begin();
        let outcome = (|| {
            let mut tower = Tower::new(system.variables(), parameters, deadline)?;
            let read = &mut |expr: &Expr| tower.read(expr);
            let formulas = system.formulas().into_iter().map(&mut *read).collect::<Result<Vec<_>, _>>()?;
            let levels = modified::read_levels(series, read)?;
            let parts = self.parts(system, colours, formulas, &tower, Polynomial::ZERO)?;
            modified::through(&tower, &*series.trees, &levels, &parts, (&given, longest), &mut found)
        })();
        let nested = match &outcome {
            Ok(Ended::TooLong) => true,
            Err(SymbolicError::TooManyFunctions { .. } | SymbolicError::Overgrown { .. }) => !is_polynomial,
            _ => false,
        };
        if !nested {
            return found.ended(outcome);
        }
        let mut found = begin();
        let outcome = (|| {
            let ring = Nested::new(system.variables(), parameters, deadline);
            let formulas = system.formulas().into_iter().map(|expr| ring.read(expr)).collect();
            let levels = modified::read_levels(series, &mut |expr: &Expr| Ok(ring.read(expr)))?;
            let parts = self.parts(system, colours, formulas, &ring, Expr::zero())?;
            modified::through(&ring, &*series.trees, &levels, &parts, (&given, usize::MAX), &mut found)
        })();
        found.ended(outcome)
    }

    /// The parameters of the system and of the method.
    fn parameters(&self, system: &System) -> Result<Vec<String>, SymbolicError> {
        let mut parameters = system.parameters().to_vec();
        for name in self.scheme.parameters() {
            if system.variables().contains(name) || parameters.contains(name) {
                return Err(SymbolicError::NameClash {
                    name: name.clone(),
                    method: self.scheme.name().to_owned(),
                });
            }
            parameters.push(name.clone());
        }
        Ok(parameters)
    }

    /// Whether the parts of the field are gradients.
    fn keeps_gradients(&self, system: &System) -> bool {
        let takes_components = self.scheme.splits_variables() && !matches!(system, System::Sum(_));
        system.is_gradient() && !self.scheme.plays() && !takes_components
    }

    /// The system as one field for each colour, of its formulas in a ring.
    fn parts<A: FormulaRing>(
        &self,
        system: &System,
        colours: usize,
        formulas: Vec<A::Element>,
        ring: &A,
        zero: A::Element,
    ) -> Result<Parts<A::Element>, SymbolicError> {
        let dimension = system.variables().len();
        let mut fields: Vec<Vec<A::Element>> = Vec::new();
        let mut objectives = Vec::new();
        let group = if system.is_gradient() { 1 } else { dimension };
        for group in formulas.chunks(group) {
            if system.is_gradient() {
                let slope = |v| ring.negated(&ring.derivative(&group[0], v)?);
                fields.push((0..dimension).map(slope).collect::<Result<_, SymbolicError>>()?);
                objectives.push(group[0].clone());
            } else {
                fields.push(group.to_vec());
            }
        }
        if self.scheme.plays() {
            for ascending in fields[0].iter_mut().skip(self.split_of(dimension)?) {
                *ascending = ring.negated(ascending)?;
            }
        }
        if self.scheme.splits_variables() && fields.len() < colours {
            let split = self.split_of(dimension)?;
            let part = |keeps: fn(usize, usize) -> bool| {
                let kept =
                    |(v, p): (usize, &A::Element)| if keeps(v, split) { p.clone() } else { zero.clone() };
                fields[0].iter().enumerate().map(kept).collect::<Vec<_>>()
            };
            fields = vec![part(|v, split| v < split), part(|v, split| v >= split)];
        }
        Ok(Parts { fields, objectives: self.keeps_gradients(system).then_some(objectives) })
    }

    fn split_of(&self, dimension: usize) -> Result<usize, SymbolicError> {
        let split = self.split.unwrap_or(dimension / 2);
        match split > 0 && split < dimension {
            true => Ok(split),
            false => Err(SymbolicError::BadSplit { split, variables: dimension }),
        }
    }
}

impl Derivation {
    /// What was found, if something was, when the derivation ended with an error or without.
    pub(crate) fn ended<T>(mut self, outcome: Result<T, SymbolicError>) -> Result<Derivation, SymbolicError> {
        self.stopped = match outcome {
            Ok(_) => None,
            Err(SymbolicError::OutOfTime) if !self.field.is_empty() => Some(Stop::Time),
            Err(SymbolicError::Overgrown { terms, .. }) if !self.field.is_empty() => {
                Some(Stop::Size { terms })
            }
            Err(other) => return Err(other),
        };
        Ok(self)
    }
}

/// The modified equation of a Runge–Kutta method on a system, through h^`order`: [`Request`] in one call.
///
/// ```
/// use shadowflow_methods::{Method, Tableau};
/// use shadowflow_symbolic::{Objective, System, derive};
///
/// let f = Objective::parse("(1-x*y)^2/2", None)?;
/// let found = derive(&System::Gradient(f), Method::named("euler")?.tableau(), 1)?;
/// let potential = found.potential.expect("an objective was given");
/// assert_eq!(potential.through(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Request::on`].
pub fn derive(system: &System, tableau: &Tableau, order: usize) -> Result<Derivation, SymbolicError> {
    let method = Method::custom("the method", "a tableau", tableau.clone());
    Request::new(method, order).on(system)
}

/// Refuses derivations whose result nobody could read, nor any machine write in reasonable time.
///
/// A field of degree d has a coefficient of h^k of degree (k + 1)(d - 1) + 1 at most, in as many names and functions as
/// the given formulas hold; and it is a sum of products of k + 1 derivatives of them.
fn check_length(system: &System, order: usize) -> Result<(), SymbolicError> {
    let lost = if system.is_gradient() { 1.0 } else { 0.0 };
    let steps = order as f64 + 1.0;
    for expr in system.formulas() {
        let growth = expr.growth();
        let degree = steps * (growth.degree - lost - 1.0).max(0.0) + 1.0;
        let terms = monomials(expr.kernels(), degree).min((expr.expanded_terms() * steps).powf(steps));
        if terms > MAX_RESULT_TERMS {
            return Err(SymbolicError::TooManyTerms { order, terms, limit: MAX_RESULT_TERMS });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Objective;

    #[test]
    fn coefficients_without_closed_form_are_refused_by_name() {
        let f = System::Gradient(Objective::parse("(1-x*y)^2/2", None).unwrap());
        // The conditions of order 4 leave irrational numbers of a cubic field.
        let cubic = derive(&f, Method::named("alexander3").unwrap().tableau(), 3);
        match cubic.unwrap_err() {
            SymbolicError::NoClosedForm { field, .. } => assert_eq!(field, "root(x^3-9*x-6, -1)"),
            other => panic!("{other}"),
        }
        // Rational coefficients in a field of degree 8 are no obstacle.
        assert!(derive(&f, Method::named("gauss8").unwrap().tableau(), 3).is_ok());
    }
}
