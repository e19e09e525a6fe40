//! The ring in which one system is derived: its names, the functions and roots that occur in it, and their derivatives.
//!
//! A formula becomes a polynomial in *generators*: names first, then one generator for each function, root, inverse or power
//! that is not a polynomial in earlier ones. The derivative of every generator is again a polynomial, so the ring is closed
//! under derivation (a differential tower, after Risch 1969). Relations between generators, 1/D·D = 1, r² = D, sin² = 1 - cos²,
//! are rules from a leading monomial to smaller ones: with one denominator the result is a normal form, and a formula that is
//! 0 is seen to be.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dashu_int::UBig;
use shadowflow_methods::Rational;

use crate::arrange::Arrangement;
use crate::error::{Fault, FormulaError, SymbolicError};
use crate::expr::{Expr, Function};
use crate::polynomial::{MAX_GENERATORS, Monomial, Polynomial, Rule, Sum};

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

    /// A formula as a polynomial; functions and roots that are new become generators.
    ///
    /// # Errors
    /// If the formula divides by something that is 0, has no real value, or has too many functions.
    pub(crate) fn read(&mut self, expr: &Expr) -> Result<Polynomial> {
        match expr {
            Expr::Number(n) => Ok(Polynomial::number(n)),
            Expr::Symbol(name) => match self.names.position(name) {
                Some(k) => Ok(Polynomial::generator(k)),
                None => Err(SymbolicError::Internal { message: format!("`{name}` was not declared") }),
            },
            Expr::Sum(terms) => {
                let mut sum = Sum::default();
                for term in terms {
                    sum.add(&self.read(term)?);
                }
                self.finish(sum)
            }
            Expr::Product(factors) => {
                let mut product = Polynomial::number(&Rational::ONE);
                for factor in factors {
                    let factor = self.read(factor)?;
                    product = self.product(&product, &factor)?;
                }
                Ok(product)
            }
            Expr::Power(base, exponent) => match &**exponent {
                Expr::Number(n) => self.read_power(base, n, expr),
                exponent => self.read_symbolic_power(base, exponent, expr),
            },
            Expr::Call(function, argument) => {
                let p = self.read(argument)?;
                self.call(*function, &p, argument, expr)
            }
        }
    }

    fn read_power(&mut self, base: &Expr, exponent: &Rational, whole: &Expr) -> Result<Polynomial> {
        let (n, q) = (exponent.numerator(), exponent.denominator());
        let (Ok(n), Ok(q)) = (i64::try_from(n.clone()), u16::try_from(q.clone())) else {
            return Err(fault(whole, Fault::ExponentTooLarge { exponent: exponent.to_string() }));
        };
        if n < 0 {
            // The inverse of a product or a power is that of its parts, which need fewer generators.
            match base {
                Expr::Product(factors) if q == 1 => {
                    let mut product = Polynomial::number(&Rational::ONE);
                    for factor in factors {
                        let factor = self.read_power(factor, exponent, whole)?;
                        product = self.product(&product, &factor)?;
                    }
                    return Ok(product);
                }
                Expr::Power(inner, inner_exponent) if q == 1 => {
                    if let Expr::Number(m) = &**inner_exponent {
                        return self.read_power(inner, &(m * exponent), whole);
                    }
                }
                _ => {}
            }
        }
        let p = self.read(base)?;
        if q == 1 {
            let power = self.power(&p, n.unsigned_abs())?;
            return if n >= 0 { Ok(power) } else { self.inverse_power(&p, n.unsigned_abs(), base, whole) };
        }
        // p^(n/q) = r^k p^j with n = jq + k and r^q = p.
        let (j, k) = (n.div_euclid(i64::from(q)), n.rem_euclid(i64::from(q)));
        let root = self.root(&p, q, base, whole)?;
        let fractional = self.power(&root, k.unsigned_abs())?;
        let whole_part = match j {
            0.. => self.power(&p, j.unsigned_abs())?,
            _ => self.inverse_power(&p, j.unsigned_abs(), base, whole)?,
        };
        self.product(&fractional, &whole_part)
    }

    fn inverse_power(&mut self, p: &Polynomial, n: u64, shown: &Expr, whole: &Expr) -> Result<Polynomial> {
        let inverse = self.inverse(p, shown, whole)?;
        self.power(&inverse, n)
    }

    /// 1/p; `shown` is p as it was given.
    fn inverse(&mut self, p: &Polynomial, shown: &Expr, whole: &Expr) -> Result<Polynomial> {
        let (primitive, factor) = p.primitive();
        let Some((lead, _)) = primitive.terms().first() else {
            return Err(fault(whole, Fault::DivisionByZero));
        };
        let mut inverse = Polynomial::number(&(Rational::ONE / &factor));
        if primitive.len() == 1 {
            // A product of generators.
            for (g, exponent) in lead.powers().collect::<Vec<_>>() {
                let single = self.inverse_of_generator(g, whole)?;
                let power = self.power(&single, u64::from(exponent))?;
                inverse = self.product(&inverse, &power)?;
            }
            return Ok(inverse);
        }
        let shown = if factor.is_one() { self.names.arranged(shown) } else { self.expanded(&primitive) };
        let g = self.inverse_generator(primitive, shown)?;
        self.product(&inverse, &Polynomial::generator(g))
    }

    /// 1/p for a polynomial that came up while deriving.
    pub(crate) fn inverted(&mut self, p: &Polynomial) -> Result<Polynomial> {
        let shown = self.expanded(p);
        self.inverse(p, &shown, &shown)
    }

    /// p^(1/q) for a polynomial that came up while deriving.
    pub(crate) fn rooted(&mut self, p: &Polynomial, q: u16) -> Result<Polynomial> {
        let shown = self.expanded(p);
        self.root(p, q, &shown, &shown)
    }

    fn inverse_of_generator(&mut self, g: usize, whole: &Expr) -> Result<Polynomial> {
        match &self.generators[g].meaning {
            Meaning::Inverse(d) => Ok(d.clone()),
            Meaning::Root(base, q) => {
                // 1/r = r^(q-1)/r^q.
                let (base, q, shown) = (base.clone(), *q, self.generators[g].shown.clone());
                let rest = self.power(&Polynomial::generator(g), u64::from(q) - 1)?;
                let inverse = self.inverse(&base, &shown, whole)?;
                self.product(&rest, &inverse)
            }
            Meaning::Name | Meaning::Call(..) | Meaning::Power(..) => {
                let shown = self.generators[g].shown.clone();
                Ok(Polynomial::generator(self.inverse_generator(Polynomial::generator(g), shown)?))
            }
        }
    }

    /// The generator w = 1/D of a primitive D: w' = -w² D', and the leading monomial of D times w is what the rest leaves.
    fn inverse_generator(&mut self, d: Polynomial, shown: Expr) -> Result<usize> {
        let meaning = Meaning::Inverse(d.clone());
        if let Some(known) = self.find(&meaning) {
            return Ok(known);
        }
        let g = self.push(meaning, shown, self.flat())?;
        let w = Monomial::power(g, 1);
        let (lead, coefficient) = &d.terms()[0];
        let one = Rational::from(coefficient.clone());
        let mut rest = Sum::default();
        rest.add(&Polynomial::number(&(Rational::ONE / &one)));
        for (monomial, c) in &d.terms()[1..] {
            let weight = -(Rational::from(c.clone()) / &one);
            rest.add_product(&Polynomial::term(*monomial, &weight), &Polynomial::generator(g));
        }
        let lead =
            Sum::product_of(lead, &w).ok_or(SymbolicError::Overgrown { terms: 1, limit: MAX_TERMS })?;
        let replacement = self.finish(rest)?;
        self.rules.push(Rule { lead, replacement });
        let square = Polynomial::term(Monomial::power(g, 2), &-Rational::ONE);
        let mut slopes = Vec::with_capacity(self.variables);
        for v in 0..self.variables {
            let slope = self.derivative(&d, v)?;
            slopes.push(self.product(&square, &slope)?);
        }
        self.generators[g].slopes = slopes;
        Ok(g)
    }

    /// p^(1/q).
    fn root(&mut self, p: &Polynomial, q: u16, shown: &Expr, whole: &Expr) -> Result<Polynomial> {
        if let Some(value) = p.as_number() {
            if value < Rational::ZERO {
                return Err(fault(whole, Fault::NotReal));
            }
            if let (Some(n), Some(d)) =
                (exact_root(&value.numerator().clone().into_parts().1, q), exact_root(value.denominator(), q))
            {
                return Ok(Polynomial::number(&Rational::from_parts(n.into(), d)));
            }
        }
        let meaning = Meaning::Root(p.clone(), q);
        if let Some(known) = self.find(&meaning) {
            return Ok(Polynomial::generator(known));
        }
        // r' = r p'/(q p): the inverse comes first, so that derivatives only hold generators that are there.
        let inverse = if self.depends_on_variables(p) { Some(self.inverse(p, shown, whole)?) } else { None };
        let g = self.push(meaning, self.names.arranged(shown), self.flat())?;
        self.rules.push(Rule { lead: Monomial::power(g, q), replacement: p.clone() });
        let mut slopes = self.flat();
        if let Some(inverse) = inverse {
            let share = inverse.scaled(&Rational::from_parts(1.into(), q.into()));
            let share = self.product(&share, &Polynomial::generator(g))?;
            for (v, slope) in slopes.iter_mut().enumerate() {
                *slope = self.product(&share, &self.derivative(p, v)?)?;
            }
        }
        self.generators[g].slopes = slopes;
        Ok(Polynomial::generator(g))
    }

    fn depends_on_variables(&self, p: &Polynomial) -> bool {
        p.terms().iter().any(|(monomial, _)| !self.is_constant(monomial))
    }

    /// base^exponent = exp(exponent·log base), with a symbol in the exponent.
    fn read_symbolic_power(&mut self, base: &Expr, exponent: &Expr, whole: &Expr) -> Result<Polynomial> {
        let (b, e) = (self.read(base)?, self.read(exponent)?);
        if b.is_zero() {
            return Err(fault(whole, Fault::NotReal));
        }
        let meaning = Meaning::Power(b.clone(), e.clone());
        if let Some(known) = self.find(&meaning) {
            return Ok(Polynomial::generator(known));
        }
        let log = self.call(Function::Log, &b, base, whole)?;
        let inverse = self.inverse(&b, base, whole)?;
        let g = self.push(meaning, self.names.arranged(whole), self.flat())?;
        let mut slopes = Vec::with_capacity(self.variables);
        for v in 0..self.variables {
            let share = self.product(&e, &self.derivative(&b, v)?)?;
            let rate = self.dot([(&self.derivative(&e, v)?, &log), (&share, &inverse)])?;
            slopes.push(self.product(&rate, &Polynomial::generator(g))?);
        }
        self.generators[g].slopes = slopes;
        Ok(Polynomial::generator(g))
    }

    /// A function of a polynomial, with the generators that its derivative needs.
    fn call(&mut self, function: Function, p: &Polynomial, shown: &Expr, whole: &Expr) -> Result<Polynomial> {
        if p.is_zero() {
            return match function {
                Function::Exp | Function::Cos => Ok(Polynomial::number(&Rational::ONE)),
                Function::Sin | Function::Tan | Function::Tanh => Ok(Polynomial::ZERO),
                Function::Log => Err(fault(whole, Fault::NotReal)),
            };
        }
        if function == Function::Log {
            match p.as_number() {
                Some(value) if value <= Rational::ZERO => return Err(fault(whole, Fault::NotReal)),
                Some(value) if value.is_one() => return Ok(Polynomial::ZERO),
                _ => {}
            }
        }
        if let Some(known) = self.find(&Meaning::Call(function, p.clone())) {
            return Ok(Polynomial::generator(known));
        }
        // Functions of -p are those of p, so that e^x e^-x is 1 and sin(-x) is no new function.
        let opposite = p.negated();
        if let Some(known) = self.find(&Meaning::Call(function, opposite)) {
            match function {
                Function::Exp => return self.inverse_of_generator(known, whole),
                Function::Cos => return Ok(Polynomial::generator(known)),
                Function::Sin | Function::Tan | Function::Tanh => {
                    return Ok(Polynomial::generator(known).negated());
                }
                Function::Log => {}
            }
        }
        match function {
            Function::Sin | Function::Cos => {
                let argument = Expr::Call(function, Box::new(shown.clone()));
                let cosine = self.push_call(Function::Cos, p, &argument)?;
                let sine = self.push_call(Function::Sin, p, &argument)?;
                let square = Polynomial::term(Monomial::power(cosine, 2), &-Rational::ONE);
                let replacement = self.plus(&Polynomial::number(&Rational::ONE), &square)?;
                self.rules.push(Rule { lead: Monomial::power(sine, 2), replacement });
                self.set_slopes(sine, p, &Polynomial::generator(cosine))?;
                self.set_slopes(cosine, p, &Polynomial::generator(sine).negated())?;
                Ok(Polynomial::generator(if function == Function::Sin { sine } else { cosine }))
            }
            Function::Log => {
                let rate = match self.depends_on_variables(p) {
                    true => self.inverse(p, shown, whole)?,
                    false => Polynomial::ZERO,
                };
                let g = self.push_call(function, p, whole)?;
                self.set_slopes(g, p, &rate)?;
                Ok(Polynomial::generator(g))
            }
            Function::Exp | Function::Tan | Function::Tanh => {
                let g = self.push_call(function, p, whole)?;
                let itself = Polynomial::generator(g);
                let sign = Rational::from(if function == Function::Tanh { -1 } else { 1 });
                let rate = match function {
                    Function::Exp => itself.clone(),
                    _ => self.plus(
                        &Polynomial::number(&Rational::ONE),
                        &Polynomial::term(Monomial::power(g, 2), &sign),
                    )?,
                };
                self.set_slopes(g, p, &rate)?;
                Ok(itself)
            }
        }
    }

    /// A generator for a function of what stands in a call.
    fn push_call(&mut self, function: Function, p: &Polynomial, whole: &Expr) -> Result<usize> {
        let argument = match whole {
            Expr::Call(_, argument) => self.names.arranged(argument),
            // A logarithm that a power needs.
            _ => self.expanded(p),
        };
        let shown = Expr::Call(function, Box::new(argument));
        self.push(Meaning::Call(function, p.clone()), shown, self.flat())
    }

    /// The chain rule: rate times the slopes of the argument.
    fn set_slopes(&mut self, g: usize, argument: &Polynomial, rate: &Polynomial) -> Result<()> {
        for v in 0..self.variables {
            self.generators[g].slopes[v] = self.product(rate, &self.derivative(argument, v)?)?;
        }
        Ok(())
    }

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

/// The q-th root of a whole number, if it is one.
fn exact_root(n: &UBig, q: u16) -> Option<UBig> {
    let guess = n.to_f64().value().powf(1.0 / f64::from(q)).round();
    // Doubles hold whole numbers below 2⁵³ exactly.
    let root = UBig::from((guess < 9e15).then_some(guess as u64)?);
    (root.pow(q.into()) == *n).then_some(root)
}

fn fault(expr: &Expr, fault: Fault) -> SymbolicError {
    FormulaError { text: expr.to_string(), position: Some(0), fault }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::formulas;
    use proptest::prelude::*;

    fn tower() -> Tower {
        Tower::new(&["x".to_owned(), "y".to_owned()], &["a".to_owned()], None).unwrap()
    }

    fn at(name: &str) -> f64 {
        match name {
            "x" => 0.7,
            "y" => 1.3,
            _ => 0.4,
        }
    }

    #[test]
    fn formulas_that_are_zero_are_seen_to_be() {
        for text in [
            "(x+y)^2 - x^2 - 2*x*y - y^2",
            "(x^2+y^2)/(x^2+y^2) - 1",
            "x/(x+a) + a/(x+a) - 1",
            "sin(x*y)^2 + cos(x*y)^2 - 1",
            "sin(-x) + sin(x)",
            "exp(x)*exp(-x) - 1",
            "sqrt(x^2+1)^2 - x^2 - 1",
            "1/sqrt(x+2) - sqrt(x+2)/(x+2)",
            "(x^2+1)^(-3/2) - sqrt(1+x^2)/(x^2+1)^2",
            "(x+y)^(1/3)*(x+y)^(2/3) - x - y",
            "sqrt(9/4) - 3/2",
            "x^y*x^y - (x^y)^2",
            "1/x - y/(x*y)",
            "log(1) + tanh(0)",
        ] {
            let mut tower = tower();
            let p = tower.read(&formulas(text).unwrap()[0]).unwrap();
            assert!(p.is_zero(), "{text} became {}", tower.expanded(&p));
        }
    }

    #[test]
    fn several_denominators_are_decided_by_the_numerator() {
        let mut tower = tower();
        let text = "1/(x+1) - 1/(x+2) - 1/((x+1)*(x+2))";
        let p = tower.read(&formulas(text).unwrap()[0]).unwrap();
        assert!(tower.over_denominators(&p).unwrap().0.is_zero());
        let p = tower.read(&formulas("1/(x+1) + 1/(y+2)").unwrap()[0]).unwrap();
        let (numerator, below) = tower.over_denominators(&p).unwrap();
        assert_eq!((tower.expanded(&numerator).to_string(), below.len()), ("3 + x + y".to_owned(), 2));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &str| match tower().read(&formulas(text).unwrap()[0]) {
            Err(SymbolicError::Formula(FormulaError { fault, .. })) => fault,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(fault("1/(x-x)"), Fault::DivisionByZero);
        assert_eq!(fault("log(y-y)"), Fault::NotReal);
        assert_eq!(fault("sqrt(x-x-2)"), Fault::NotReal);
        let many: Vec<String> = (1..40).map(|k| format!("sin({k}*x)")).collect();
        let result = tower().read(&formulas(&many.join("+")).unwrap()[0]);
        assert!(matches!(result, Err(SymbolicError::TooManyFunctions { .. })));
    }

    #[test]
    fn time_runs_out() {
        let soon = Duration::from_millis(50);
        let deadline = Some(Instant::now() + soon);
        let mut tower = Tower::new(&["x".to_owned(), "y".to_owned()], &[], deadline).unwrap();
        std::thread::sleep(soon);
        let result = tower.read(&formulas("(x+y+1)^30*(x-y+2)^30").unwrap()[0]);
        assert!(matches!(result, Err(SymbolicError::OutOfTime)));
    }

    /// A random formula with functions, from the grammar.
    fn formula() -> BoxedStrategy<String> {
        let leaf = prop_oneof![
            Just("x".to_owned()),
            Just("y".to_owned()),
            Just("a".to_owned()),
            Just("2".to_owned())
        ];
        leaf.prop_recursive(3, 12, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})*({b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})/(3 + ({b})^2)")),
                inner.clone().prop_map(|a| format!("sqrt(1 + ({a})^2)")),
                inner.clone().prop_map(|a| format!("(2 + ({a})^2)^(-2/3)")),
                inner.clone().prop_map(|a| format!("log(2 + ({a})^2)")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(1 + ({a})^2)^({b})")),
                (inner, prop_oneof!["sin", "cos", "tanh", "exp"]).prop_map(|(a, f)| format!("{f}(({a})/4)")),
            ]
        })
        .boxed()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn values_and_derivatives_are_those_of_the_formula(text in formula()) {
            let expr = formulas(&text).unwrap().remove(0);
            let mut tower = tower();
            // Too many functions for the tower is an answer too.
            let Ok(p) = tower.read(&expr) else { return Ok(()) };
            let (value, exact) = (tower.expanded(&p).eval(&at), expr.eval(&at));
            // Multiplying out cancels: a relative 1e-6 tells a wrong formula from rounding.
            prop_assert!((value - exact).abs() <= 1e-6 * exact.abs().max(1.0), "{}: {} {}", text, value, exact);
            let slope = tower.expanded(&tower.derivative(&p, 0).unwrap()).eval(&at);
            let d = 1e-5;
            let beside = |d: f64| expr.eval(&|name| if name == "x" { at(name) + d } else { at(name) });
            let difference = (beside(d) - beside(-d)) / (2.0 * d);
            let size = exact.abs().max(slope.abs()).max(1.0);
            prop_assert!((slope - difference).abs() <= 1e-4 * size, "{}: {} {}", text, slope, difference);
        }
    }
}
