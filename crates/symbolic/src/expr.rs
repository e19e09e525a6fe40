//! Formulas as values: the crate's own expression tree, printable, sendable, free of the algebra system.

use std::collections::BTreeSet;
use std::sync::Arc;

use shadowflow_methods::{Exact, Rational};

/// A smooth elementary function of one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// The exponential function.
    Exp,
    /// The natural logarithm.
    Log,
    /// The sine.
    Sin,
    /// The cosine.
    Cos,
    /// The tangent.
    Tan,
    /// The hyperbolic tangent.
    Tanh,
}

impl Function {
    /// All of them.
    pub const ALL: [Function; 6] =
        [Function::Exp, Function::Log, Function::Sin, Function::Cos, Function::Tan, Function::Tanh];

    /// The name in formulas.
    pub fn name(self) -> &'static str {
        match self {
            Function::Exp => "exp",
            Function::Log => "log",
            Function::Sin => "sin",
            Function::Cos => "cos",
            Function::Tan => "tan",
            Function::Tanh => "tanh",
        }
    }

    pub(crate) fn eval(self, x: f64) -> f64 {
        match self {
            Function::Exp => x.exp(),
            Function::Log => x.ln(),
            Function::Sin => x.sin(),
            Function::Cos => x.cos(),
            Function::Tan => x.tan(),
            Function::Tanh => x.tanh(),
        }
    }
}

/// A formula. Its terms and factors are printed in the order in which they stand.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A rational number.
    Number(Rational),
    /// A variable, a parameter, or the step `h`.
    Symbol(Arc<str>),
    /// A sum.
    Sum(Vec<Expr>),
    /// A product.
    Product(Vec<Expr>),
    /// A power, base and exponent; square roots are powers 1/2.
    Power(Box<Expr>, Box<Expr>),
    /// A function of one argument.
    Call(Function, Box<Expr>),
}

impl Expr {
    /// The number 0.
    pub fn zero() -> Expr {
        Expr::Number(Rational::ZERO)
    }

    /// A symbol.
    pub fn symbol(name: &str) -> Expr {
        Expr::Symbol(name.into())
    }

    /// The number 1/2, the exponent of a square root.
    pub(crate) fn half() -> Expr {
        Expr::Number(Rational::from_parts(1.into(), 2u8.into()))
    }

    /// An exact number `a + b√d`, the root as a power 1/2; `None` for algebraic numbers of higher degree.
    pub fn exact(value: &Exact) -> Option<Expr> {
        let (rational, surd, radicand) = value.as_quadratic()?;
        if surd.is_zero() {
            return Some(Expr::Number(rational));
        }
        let root = Expr::Power(Box::new(Expr::Number(radicand.into())), Box::new(Expr::half()));
        let surd = Expr::product(vec![Expr::Number(surd), root]);
        Some(Expr::sum(vec![Expr::Number(rational), surd]))
    }

    /// The sum of terms; inner sums are opened, numbers gathered where the first of them stands, zeros dropped.
    pub fn sum(terms: Vec<Expr>) -> Expr {
        let mut kept: Vec<Expr> = Vec::with_capacity(terms.len());
        let opened = terms.into_iter().flat_map(|term| match term {
            Expr::Sum(inner) => inner,
            term => vec![term],
        });
        for term in opened {
            let earlier = kept.iter_mut().find_map(|kept| match kept {
                Expr::Number(n) => Some(n),
                _ => None,
            });
            match (term, earlier) {
                (Expr::Number(n), Some(sum)) => *sum += n,
                (term, _) => kept.push(term),
            }
        }
        kept.retain(|term| !term.is_zero());
        match kept.len() {
            0 => Expr::zero(),
            1 => kept.remove(0),
            _ => Expr::Sum(kept),
        }
    }

    /// The product of factors; ones are dropped, numbers gathered in front, inner products opened.
    pub fn product(factors: Vec<Expr>) -> Expr {
        let (mut number, mut kept) = (Rational::ONE, Vec::with_capacity(factors.len()));
        let mut pending: Vec<Expr> = factors.into_iter().rev().collect();
        while let Some(factor) = pending.pop() {
            match factor {
                Expr::Product(inner) => pending.extend(inner.into_iter().rev()),
                Expr::Number(n) => number *= n,
                factor => kept.push(factor),
            }
        }
        if number.is_zero() || kept.is_empty() {
            return Expr::Number(number);
        }
        if !number.is_one() {
            kept.insert(0, Expr::Number(number));
        }
        if kept.len() == 1 { kept.remove(0) } else { Expr::Product(kept) }
    }

    /// The negative.
    pub fn negated(self) -> Expr {
        Expr::product(vec![Expr::Number(-Rational::ONE), self])
    }

    /// Whether this is the number 0.
    pub fn is_zero(&self) -> bool {
        matches!(self, Expr::Number(n) if n.is_zero())
    }

    /// The names in the formula, in alphabetical order.
    pub fn symbols(&self) -> BTreeSet<Arc<str>> {
        let mut names = BTreeSet::new();
        self.visit(&mut |expr| {
            if let Expr::Symbol(name) = expr {
                names.insert(name.clone());
            }
        });
        names
    }

    /// Whether this is a polynomial in its names.
    pub(crate) fn is_polynomial(&self) -> bool {
        match self {
            Expr::Number(_) | Expr::Symbol(_) => true,
            Expr::Sum(parts) | Expr::Product(parts) => parts.iter().all(Expr::is_polynomial),
            Expr::Power(base, exponent) => match &**exponent {
                Expr::Number(n) => base.is_polynomial() && n.denominator().is_one() && *n >= Rational::ZERO,
                _ => false,
            },
            Expr::Call(..) => false,
        }
    }

    /// The formula with symbols replaced, where `value_of` has something to put in their place.
    pub(crate) fn substituted(&self, value_of: &impl Fn(&str) -> Option<Expr>) -> Expr {
        let all = |parts: &[Expr]| parts.iter().map(|part| part.substituted(value_of)).collect();
        match self {
            Expr::Number(_) => self.clone(),
            Expr::Symbol(name) => value_of(name).unwrap_or_else(|| self.clone()),
            Expr::Sum(terms) => Expr::sum(all(terms)),
            Expr::Product(factors) => Expr::product(all(factors)),
            Expr::Power(base, exponent) => {
                Expr::Power(Box::new(base.substituted(value_of)), Box::new(exponent.substituted(value_of)))
            }
            Expr::Call(function, argument) => Expr::Call(*function, Box::new(argument.substituted(value_of))),
        }
    }

    /// Calls `visitor` for the formula and all its parts.
    pub(crate) fn visit(&self, visitor: &mut impl FnMut(&Expr)) {
        visitor(self);
        match self {
            Expr::Number(_) | Expr::Symbol(_) => {}
            Expr::Sum(parts) | Expr::Product(parts) => parts.iter().for_each(|part| part.visit(visitor)),
            Expr::Power(base, exponent) => {
                base.visit(visitor);
                exponent.visit(visitor);
            }
            Expr::Call(_, argument) => argument.visit(visitor),
        }
    }

    /// The value as a double; `value_of` gives the symbols theirs. NaN where the formula has no real value.
    pub fn eval(&self, value_of: &impl Fn(&str) -> f64) -> f64 {
        match self {
            Expr::Number(n) => n.to_f64().value(),
            Expr::Symbol(name) => value_of(name),
            Expr::Sum(terms) => terms.iter().map(|term| term.eval(value_of)).sum(),
            Expr::Product(factors) => factors.iter().map(|factor| factor.eval(value_of)).product(),
            Expr::Power(base, exponent) => {
                let (base, exponent) = (base.eval(value_of), exponent.eval(value_of));
                if exponent == 0.5 { base.sqrt() } else { base.powf(exponent) }
            }
            Expr::Call(function, argument) => function.eval(argument.eval(value_of)),
        }
    }

    /// The exact value, if the formula is rational in symbols with rational values; `None` otherwise or at a pole.
    pub fn eval_exact(&self, value_of: &impl Fn(&str) -> Rational) -> Option<Rational> {
        match self {
            Expr::Number(n) => Some(n.clone()),
            Expr::Symbol(name) => Some(value_of(name)),
            Expr::Sum(terms) => {
                terms.iter().try_fold(Rational::ZERO, |sum, term| Some(sum + term.eval_exact(value_of)?))
            }
            Expr::Product(factors) => {
                factors.iter().try_fold(Rational::ONE, |product, f| Some(product * f.eval_exact(value_of)?))
            }
            Expr::Power(base, exponent) => {
                let exponent = exponent.eval_exact(value_of)?;
                let base = base.eval_exact(value_of)?;
                let n = i64::try_from(exponent.numerator().clone())
                    .ok()
                    .filter(|_| exponent.denominator().is_one())?;
                // A power with more bits is none that anybody wants to see.
                if n.unsigned_abs() as f64
                    * (base.numerator().to_string().len() + base.denominator().to_string().len()) as f64
                    > 1e5
                {
                    return None;
                }
                let power = base.pow(usize::try_from(n.unsigned_abs()).ok()?);
                match n {
                    0.. => Some(power),
                    _ if power.is_zero() => None,
                    _ => Some(Rational::ONE / power),
                }
            }
            Expr::Call(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_products_stay_flat() {
        let x = Expr::symbol("x");
        let two = Expr::Number(2.into());
        let product = Expr::product(vec![
            two.clone(),
            Expr::product(vec![x.clone(), two]),
            Expr::Number(Rational::ONE),
        ]);
        assert_eq!(product, Expr::Product(vec![Expr::Number(4.into()), x.clone()]));
        assert_eq!(Expr::sum(vec![Expr::zero(), x.clone()]), x.clone());
        assert_eq!(Expr::product(vec![Expr::zero(), x]), Expr::zero());
    }

    #[test]
    fn values_are_exact_where_they_can_be() {
        let x = || Expr::symbol("x");
        let inverse_square = Expr::Power(Box::new(x()), Box::new(Expr::Number((-2).into())));
        let third = Rational::from_parts(1.into(), 3u8.into());
        assert_eq!(inverse_square.eval_exact(&|_| third.clone()), Some(9.into()));
        assert_eq!(inverse_square.eval_exact(&|_| Rational::ZERO), None);
        assert_eq!(Expr::Call(Function::Sin, Box::new(x())).eval_exact(&|_| Rational::ZERO), None);
        assert_eq!(inverse_square.eval(&|_| 0.5), 4.0);
    }
}
