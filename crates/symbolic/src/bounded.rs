//! Values in floating point with a bound on their rounding error, so that a value may prove something.

use crate::expr::{Expr, Function};

impl Expr {
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
    use crate::parse::formulas;

    fn bounded(text: &str) -> super::Bounded {
        formulas(text).unwrap()[0].eval_bounded(&|name| if name == "x" { 0.7 } else { -1.3 })
    }

    #[test]
    fn bounds_cover_the_error_and_no_more_than_a_little() {
        // Both sides are the same number; the left loses digits by cancellation.
        for (text, exact) in [
            ("(1 + x/10^12) - 1", 7e-13),
            ("exp(20 + y/10^10) - exp(20)", 20f64.exp() * (-1.3e-10f64).exp_m1()),
            ("sin(x)^2 + cos(x)^2 - 1", 0.0),
            ("sqrt(10^8 + x) - 10^4", 0.7 / (10_000.0 + (1e8f64 + 0.7).sqrt())),
            ("tan(x) - sin(x)/cos(x)", 0.0),
            ("log(1 + x/10^9)", (0.7e-9f64).ln_1p()),
        ] {
            let found = bounded(text);
            assert!((found.value - exact).abs() <= found.error, "{text}: {found:?}, exactly {exact}");
            // The worst amplifies the rounding of its argument by e²⁰ and keeps three digits; a bound must not give up there.
            assert!(found.error < 1e-3 * exact.abs().max(1e-9), "{text}: {found:?}");
        }
    }

    #[test]
    fn what_has_no_value_has_no_bound() {
        for text in ["log(y)", "sqrt(y)", "1/(tan(x) - sin(x)/cos(x))", "1/(sin(x)^2 + cos(x)^2 - 1)"] {
            assert!(!bounded(text).is_finite(), "{text}");
        }
        assert!(bounded("log(x)*exp(y)^3/(1 + x^2)").is_finite());
    }
}
