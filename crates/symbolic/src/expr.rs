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

    fn eval(self, x: f64) -> f64 {
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

    /// An exact number; a root becomes a power 1/2.
    pub fn exact(value: &Exact) -> Expr {
        let rational = || Expr::Number(value.rational_part().clone());
        if value.as_rational().is_some() {
            return rational();
        }
        let root = Expr::Power(Box::new(Expr::Number(value.radicand().into())), Box::new(Expr::half()));
        let surd = Expr::product(vec![Expr::Number(value.surd_part().clone()), root]);
        Expr::sum(vec![rational(), surd])
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

    /// Whether the formula or a part of it has a property.
    #[cfg(feature = "symbolica")]
    pub(crate) fn contains(&self, property: &impl Fn(&Expr) -> bool) -> bool {
        let mut found = false;
        self.visit(&mut |part| found |= property(part));
        found
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

    /// What multiplying out would make of the formula. The insides of functions and of exponents count on their own, and the
    /// worst of all counts.
    pub(crate) fn growth(&self) -> Growth {
        let (own, inside) = self.growth_and_inside();
        own.worst(inside)
    }

    /// How many terms the formula has at most once multiplied out: by its own structure, or by its degree in so many names.
    pub(crate) fn expanded_terms(&self) -> f64 {
        let growth = self.growth();
        growth.terms.min(monomials(self.kernels(), growth.degree))
    }

    /// The names and functions that monomials are made of.
    pub(crate) fn kernels(&self) -> usize {
        let mut calls = 0;
        self.visit(&mut |part| calls += usize::from(matches!(part, Expr::Call(..))));
        self.symbols().len() + calls
    }

    fn growth_and_inside(&self) -> (Growth, Growth) {
        match self {
            Expr::Number(n) => {
                let digits = n.numerator().to_string().len() + n.denominator().to_string().len();
                // log₂ 10 bits a digit
                (Growth { degree: 0.0, bits: 3.33 * digits as f64, terms: 1.0 }, Growth::default())
            }
            Expr::Symbol(_) => (Growth { degree: 1.0, bits: 1.0, terms: 1.0 }, Growth::default()),
            Expr::Sum(terms) => fold_growth(terms, |x, y| Growth {
                degree: x.degree.max(y.degree),
                bits: x.bits + y.bits,
                terms: x.terms + y.terms,
            }),
            Expr::Product(factors) => fold_growth(factors, |x, y| Growth {
                degree: x.degree + y.degree,
                bits: x.bits + y.bits,
                terms: x.terms.max(1.0) * y.terms.max(1.0),
            }),
            Expr::Power(base, exponent) => {
                let size = match &**exponent {
                    Expr::Number(n) => n.to_f64().value().abs().max(1.0),
                    _ => 1.0,
                };
                let (base, inside) = base.growth_and_inside();
                let own = Growth {
                    degree: base.degree * size,
                    bits: base.bits * size,
                    terms: multiset_count(base.terms, size),
                };
                (own, inside.worst(exponent.growth()))
            }
            Expr::Call(_, argument) => (Growth { degree: 1.0, bits: 1.0, terms: 1.0 }, argument.growth()),
        }
    }

    /// The value with a bound on its rounding error, by first-order propagation with a margin for the library functions;
    /// the bound is infinite where the propagation says nothing.
    pub(crate) fn eval_bounded(&self, value_of: &impl Fn(&str) -> f64) -> Bounded {
        let exact_to_a_rounding = |value: f64| Bounded { value, error: f64::EPSILON * value.abs() };
        match self {
            Expr::Number(n) => exact_to_a_rounding(n.to_f64().value()),
            Expr::Symbol(name) => exact_to_a_rounding(value_of(name)),
            Expr::Sum(terms) => {
                let parts: Vec<Bounded> = terms.iter().map(|term| term.eval_bounded(value_of)).collect();
                let sizes: f64 = parts.iter().map(|part| part.value.abs()).sum();
                Bounded {
                    value: parts.iter().map(|part| part.value).sum(),
                    error: parts.iter().map(|part| part.error).sum::<f64>()
                        + parts.len() as f64 * f64::EPSILON * sizes,
                }
            }
            Expr::Product(factors) => {
                let unit = Bounded { value: 1.0, error: 0.0 };
                factors.iter().map(|factor| factor.eval_bounded(value_of)).fold(unit, Bounded::times)
            }
            Expr::Power(base, exponent) => {
                base.eval_bounded(value_of).to_power(exponent.eval_bounded(value_of))
            }
            Expr::Call(function, argument) => argument.eval_bounded(value_of).through(*function),
        }
    }
}

/// Growths of parts combined, and the worst of what is inside them.
fn fold_growth(parts: &[Expr], combine: impl Fn(Growth, Growth) -> Growth) -> (Growth, Growth) {
    parts
        .iter()
        .map(Expr::growth_and_inside)
        .fold((Growth::default(), Growth::default()), |(x, inside), (y, more)| {
            (combine(x, y), inside.worst(more))
        })
}

/// How many monomials a power of a sum of `terms` has: multisets of `size` out of `terms`.
fn multiset_count(terms: f64, size: f64) -> f64 {
    let size = size.round();
    (1..=(terms as u64).clamp(1, 64).saturating_sub(1))
        .fold(1.0, |count, k| count * (size + k as f64) / k as f64)
}

/// How many monomials of at most a degree there are in so many names.
pub(crate) fn monomials(names: usize, degree: f64) -> f64 {
    (1..=names).fold(1.0, |count, k| count * (degree + k as f64) / k as f64)
}

/// See [`Expr::growth`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Growth {
    /// The total degree, functions counting as variables.
    pub(crate) degree: f64,
    /// The bits of the longest number.
    pub(crate) bits: f64,
    /// The number of terms.
    pub(crate) terms: f64,
}

impl Growth {
    fn worst(self, other: Growth) -> Growth {
        Growth {
            degree: self.degree.max(other.degree),
            bits: self.bits.max(other.bits),
            terms: self.terms.max(other.terms),
        }
    }
}

/// A value and a bound on its distance from the true one. See [`Expr::eval_bounded`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounded {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

impl Bounded {
    /// Whether the value is a number known to some digits.
    pub(crate) fn is_finite(self) -> bool {
        self.value.is_finite() && self.error.is_finite()
    }

    /// Whether the true value is surely not 0.
    #[cfg(feature = "symbolica")]
    pub(crate) fn excludes_zero(self) -> bool {
        // The margin covers what first order leaves out: errors are propagated only while they are small.
        self.is_finite() && self.value.abs() > 16.0 * self.error
    }

    /// A result with a relative rounding error of a few units.
    fn rounded(value: f64, propagated: f64) -> Bounded {
        Bounded { value, error: 2.0 * propagated + 4.0 * f64::EPSILON * value.abs() }
    }

    fn times(self, other: Bounded) -> Bounded {
        let propagated =
            self.value.abs() * other.error + other.value.abs() * self.error + self.error * other.error;
        Bounded::rounded(self.value * other.value, propagated)
    }

    fn to_power(self, exponent: Bounded) -> Bounded {
        let p = exponent.value;
        let value = if p == 0.5 { self.value.sqrt() } else { self.value.powf(p) };
        if self.error * 16.0 * p.abs().max(1.0) > self.value.abs() {
            return Bounded { value, error: f64::INFINITY };
        }
        let relative = p.abs() * self.error / self.value.abs();
        let from_exponent = if p.fract() == 0.0 && p.abs() < 1e9 {
            0.0
        } else {
            self.value.abs().ln().abs() * exponent.error
        };
        Bounded::rounded(value, value.abs() * (relative + from_exponent))
    }

    fn through(self, function: Function) -> Bounded {
        let value = function.eval(self.value);
        let slope = match function {
            Function::Exp => value,
            Function::Log => 1.0 / self.value,
            Function::Sin | Function::Cos | Function::Tanh => 1.0,
            Function::Tan => 1.0 + value * value,
        };
        // The slope must not change much over the error.
        let scale = match function {
            Function::Log => self.value.abs(),
            Function::Tan => 1.0 / (1.0 + value.abs()),
            _ => 1.0,
        };
        if self.error * 16.0 > scale {
            return Bounded { value, error: f64::INFINITY };
        }
        Bounded::rounded(value, slope.abs() * self.error)
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
