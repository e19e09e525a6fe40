//! Formulas into the ring: what is no polynomial in the generators at hand becomes a new one, with its derivatives and the relations
//! it obeys.

use dashu_int::UBig;
use shadowflow_methods::Rational;

use super::{MAX_TERMS, Meaning, Result, Tower};
use crate::error::{Fault, FormulaError, SymbolicError};
use crate::expr::{Expr, Function};
use crate::polynomial::{Monomial, Polynomial, Rule, Sum};

impl Tower {
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
