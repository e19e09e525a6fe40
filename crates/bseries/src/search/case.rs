//! A case of the search: equations, inequations, and the unknowns already expressed by others.

use dashu_int::IBig;
use shadowflow_methods::{MultivariatePolynomial, RationalFunction};

use super::factor;

/// What is assumed or derived on the way to a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A polynomial is 0 in this case.
    Zero(MultivariatePolynomial),
    /// A polynomial is not 0 in this case.
    NonZero(MultivariatePolynomial),
    /// An unknown follows from the others.
    Solved {
        /// The unknown.
        unknown: String,
        /// What it is.
        value: RationalFunction,
    },
}

/// Equations and inequations in the unknowns that are left.
#[derive(Clone, Debug, Default)]
pub(super) struct Case {
    pub(super) equations: Vec<MultivariatePolynomial>,
    pub(super) nonzero: Vec<MultivariatePolynomial>,
    /// Further equations, in the unknowns of the start, taken up once those before them are solved; the next ones last.
    waiting: Vec<Vec<MultivariatePolynomial>>,
    /// Unknowns in terms of those that are left.
    pub(super) solved: Vec<(String, RationalFunction)>,
    /// How this case came about.
    pub(super) steps: Vec<Step>,
}

/// What tidying the equations shows.
pub(super) enum Tidied {
    /// This is 0 by an equation and not 0 in this case, or the other way round; 1 where two equations in one unknown have no
    /// root in common.
    Contradiction(MultivariatePolynomial),
    /// The equation at this place is a product.
    Product(usize, Vec<MultivariatePolynomial>),
    /// Every equation is irreducible as far as is seen, coprime to what is not 0.
    Clean,
}

impl Case {
    /// The equations in groups, each to be taken up when those before it are solved.
    pub(super) fn new(groups: impl DoubleEndedIterator<Item = Vec<MultivariatePolynomial>>) -> Case {
        Case { waiting: groups.rev().collect(), ..Case::default() }
    }

    /// Takes up the next group of equations; whether there was one.
    pub(super) fn take_up_more(&mut self) -> bool {
        let Some(group) = self.waiting.pop() else { return false };
        let known = |equation: MultivariatePolynomial| {
            self.solved.iter().fold(equation, |equation, (unknown, value)| {
                equation.homogenised(unknown, value.numerator(), value.denominator())
            })
        };
        let group: Vec<MultivariatePolynomial> = group.into_iter().map(known).collect();
        self.equations.extend(group);
        true
    }

    /// The polynomial without the factors that are not 0 in this case.
    pub(super) fn without_units(&self, polynomial: &MultivariatePolynomial) -> MultivariatePolynomial {
        let mut rest = polynomial.primitive();
        for unit in self.nonzero.iter().filter(|unit| !unit.is_zero()) {
            while rest.as_constant().is_none()
                && let Some(quotient) = rest.divided_by(unit)
            {
                rest = quotient.primitive();
            }
        }
        rest
    }

    /// Takes out of the equations what they share with a product that is not 0; whether there was anything.
    pub(super) fn divide_by_shared_factors(&mut self) -> bool {
        let mut changed = false;
        for equation in &mut self.equations {
            for unit in &self.nonzero {
                let common = equation.gcd(unit);
                if common.as_constant().is_none()
                    && let Some(rest) = equation.divided_by(&common)
                {
                    *equation = rest;
                    changed = true;
                }
            }
        }
        changed
    }

    /// Whether a polynomial is known not to be 0 in this case.
    pub(super) fn is_unit(&self, polynomial: &MultivariatePolynomial) -> bool {
        self.without_units(polynomial).as_constant().is_some_and(|c| !c.is_zero())
    }

    /// Brings the equations into their simplest form.
    pub(super) fn tidy(&mut self) -> Tidied {
        if let Some(zero) = self.nonzero.iter().find(|unit| unit.is_zero()) {
            return Tidied::Contradiction(zero.clone());
        }
        let mut tidy: Vec<MultivariatePolynomial> = Vec::new();
        for equation in &self.equations {
            let rest = self.without_units(equation);
            if rest.as_constant().is_some_and(|c| !c.is_zero()) {
                return Tidied::Contradiction(equation.primitive());
            }
            if !rest.is_zero() && !tidy.contains(&rest) {
                tidy.push(rest);
            }
        }
        // What vanishes in one unknown is their greatest common divisor.
        let mut merged: Vec<MultivariatePolynomial> = Vec::new();
        for equation in tidy {
            let alike = |known: &&mut MultivariatePolynomial| {
                known.variables().len() == 1 && known.variables() == equation.variables()
            };
            match merged.iter_mut().find(alike) {
                Some(known) => *known = known.gcd(&equation),
                None => merged.push(equation),
            }
        }
        if let Some(one) = merged.iter().position(MultivariatePolynomial::is_one) {
            return Tidied::Contradiction(merged.swap_remove(one));
        }
        merged.sort_by_key(|p| (p.len(), p.degree()));
        self.equations = merged;
        for (place, equation) in self.equations.iter().enumerate() {
            let factors = factor::of(equation);
            if factors.len() > 1 || factors[0].degree() < equation.degree() {
                return Tidied::Product(place, factors);
            }
        }
        Tidied::Clean
    }

    /// An equation in one unknown that is a product, with its place.
    pub(super) fn product_in_one_unknown(&self) -> Option<(usize, Vec<MultivariatePolynomial>)> {
        let in_one_unknown = self.equations.iter().enumerate().filter(|(_, p)| p.variables().len() == 1);
        in_one_unknown.map(|(place, p)| (place, factor::complete(p))).find(|(_, factors)| factors.len() > 1)
    }

    pub(super) fn assume_zero(&mut self, polynomial: MultivariatePolynomial) {
        let polynomial = polynomial.primitive();
        self.steps.push(Step::Zero(polynomial.clone()));
        self.equations.push(polynomial);
    }

    pub(super) fn assume_nonzero(&mut self, polynomial: &MultivariatePolynomial) {
        let rest = self.without_units(polynomial);
        if rest.as_constant().is_some_and(|c| !c.is_zero()) {
            return;
        }
        self.steps.push(Step::NonZero(rest.clone()));
        if rest.is_zero() {
            self.nonzero.push(rest);
            return;
        }
        self.nonzero.extend(factor::of(&rest));
    }

    /// Replaces an unknown everywhere.
    pub(super) fn substitute(&mut self, unknown: &str, value: &RationalFunction) {
        let at = |p: &MultivariatePolynomial| p.homogenised(unknown, value.numerator(), value.denominator());
        self.equations = self.equations.iter().map(at).collect();
        let moved: Vec<MultivariatePolynomial> = self.nonzero.iter().map(at).collect();
        self.nonzero.clear();
        for unit in moved {
            let unit = self.without_units(&unit);
            if unit.is_zero() {
                self.nonzero.push(unit);
            } else if unit.as_constant().is_none() {
                self.nonzero.extend(factor::of(&unit));
            }
        }
        for (_, known) in &mut self.solved {
            if let Some(substituted) = known.substituted(unknown, value) {
                *known = substituted;
            }
        }
        self.solved.push((unknown.to_owned(), value.clone()));
        self.steps.push(Step::Solved { unknown: unknown.to_owned(), value: value.clone() });
    }

    /// The equation and unknown in which elimination costs least: the place, the unknown, and p, q with p·unknown + q = 0.
    pub(super) fn best_linear(&self) -> Option<Linear> {
        let mut best: Option<((bool, usize, u32, usize), Linear)> = None;
        for (place, equation) in self.equations.iter().enumerate() {
            for unknown in equation.variables() {
                if equation.degree_in(unknown) != 1 {
                    continue;
                }
                let coefficients = equation.coefficients_in(unknown);
                let (rest, pivot) = (&coefficients[0], &coefficients[1]);
                let cost = (!self.is_unit(pivot), pivot.len(), pivot.degree(), rest.len());
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    let linear = Linear {
                        place,
                        unknown: unknown.to_owned(),
                        pivot: pivot.clone(),
                        rest: rest.clone(),
                        pivot_is_unit: !cost.0,
                    };
                    best = Some((cost, linear));
                }
            }
        }
        best.map(|(_, linear)| linear)
    }

    /// The unknowns that occur in some equation, in alphabetical order.
    pub(super) fn unknowns(&self) -> Vec<String> {
        let mut names: Vec<&str> =
            self.equations.iter().flat_map(MultivariatePolynomial::variables).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(str::to_owned).collect()
    }

    /// The largest total degree of the equations.
    pub(super) fn degree(&self) -> u32 {
        self.equations.iter().map(MultivariatePolynomial::degree).max().unwrap_or(0)
    }

    /// The size of the equations, in terms.
    pub(super) fn size(&self) -> usize {
        self.equations.iter().map(MultivariatePolynomial::len).sum()
    }
}

/// An equation pivot·unknown + rest = 0.
pub(super) struct Linear {
    pub(super) place: usize,
    pub(super) unknown: String,
    pub(super) pivot: MultivariatePolynomial,
    pub(super) rest: MultivariatePolynomial,
    pub(super) pivot_is_unit: bool,
}

impl Linear {
    /// What the unknown is.
    pub(super) fn value(&self) -> Option<RationalFunction> {
        RationalFunction::quotient(&self.rest.scaled(&IBig::NEG_ONE), &self.pivot)
    }
}
