//! Polynomials as text: plain infix that parses back, and LaTeX.

use std::fmt;

use dashu_base::{Signed, UnsignedAbs};
use dashu_int::IBig;

use super::{Monomial, MultivariatePolynomial};

/// Plain infix, `3*c2^2*c3 - 2`, by descending powers.
impl fmt::Display for MultivariatePolynomial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = |name: &str, k: u32| if k == 1 { name.to_owned() } else { format!("{name}^{k}") };
        f.write_str(&self.written(" + ", " - ", "*", power))
    }
}

impl MultivariatePolynomial {
    /// LaTeX, `3c_{2}^{2}c_{3}-2`.
    pub fn to_latex(&self) -> String {
        let power = |name: &str, k: u32| match k {
            1 => latex_name(name),
            _ => format!("{}^{{{k}}}", latex_name(name)),
        };
        self.written("+", "-", "", power)
    }

    fn written(&self, plus: &str, minus: &str, times: &str, power: impl Fn(&str, u32) -> String) -> String {
        if self.is_zero() {
            return "0".to_owned();
        }
        let mut text = String::new();
        for (k, (monomial, coefficient)) in self.terms.iter().enumerate() {
            let negative = coefficient.is_negative();
            text.push_str(match (k, negative) {
                (0, true) => "-",
                (0, false) => "",
                (_, true) => minus,
                (_, false) => plus,
            });
            text.push_str(&self.term(*monomial, coefficient, times, &power));
        }
        text
    }

    fn term(
        &self,
        monomial: Monomial,
        coefficient: &IBig,
        times: &str,
        power: impl Fn(&str, u32) -> String,
    ) -> String {
        let size = coefficient.clone().unsigned_abs();
        let mut factors = Vec::new();
        if !size.is_one() || monomial == Monomial::ONE {
            factors.push(size.to_string());
        }
        for (v, name) in self.variables.iter().enumerate() {
            if monomial.exponent(v) > 0 {
                factors.push(power(name, monomial.exponent(v)));
            }
        }
        factors.join(times)
    }
}

/// `c2` as `c_{2}`, `theta` as `\theta`.
fn latex_name(name: &str) -> String {
    const GREEK: [&str; 6] = ["alpha", "beta", "gamma", "delta", "lambda", "theta"];
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let index = &name[letters.len()..];
    let letters = match GREEK.contains(&letters) {
        true => format!("\\{letters}"),
        false => letters.replace('_', "\\_"),
    };
    if index.is_empty() { letters } else { format!("{letters}_{{{index}}}") }
}
