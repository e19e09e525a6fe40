//! Formulas as input of Mathematica and SymPy.

use dashu_int::UBig;

use super::{Binding, Notation, in_brackets_unless_simple, infix_quotient, print};
use crate::expr::{Expr, Function};

/// An algebra system that reads formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Mathematica,
    SymPy,
}

impl Expr {
    /// The formula as input of an algebra system.
    pub(crate) fn to_code(&self, dialect: Dialect) -> String {
        print(self, &dialect).placed(&dialect, Binding::Sum)
    }
}

/// Symbols that Mathematica keeps for itself.
const PROTECTED: [&str; 7] = ["C", "D", "E", "I", "K", "N", "O"];

/// Words that cannot be names in Python, and names that the module imports.
const PYTHON: [&str; 39] = [
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "field",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "potential",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "Rational",
    "Symbol",
];

/// Whether a name needs a mark so that it means nothing else. Names that are such ones with underscores at the end are marked
/// too, so that no two names become the same.
fn is_taken(name: &str, dialect: Dialect) -> bool {
    let stem = name.trim_end_matches('_');
    match dialect {
        // Longer words with a capital may be functions and constants: Pi, Sin, Gamma.
        Dialect::Mathematica => {
            PROTECTED.contains(&stem)
                || ["field", "potential"].contains(&stem)
                || (stem.len() > 1 && stem.starts_with(|c: char| c.is_ascii_uppercase()))
        }
        Dialect::SymPy => PYTHON.contains(&stem),
    }
}

impl Notation for Dialect {
    fn symbol(&self, name: &str) -> String {
        match self {
            // An underscore is a pattern there.
            Dialect::Mathematica => {
                let mark = if is_taken(name, *self) { "$" } else { "" };
                format!("{}{mark}", name.replace('_', "$"))
            }
            Dialect::SymPy if is_taken(name, *self) => format!("{name}_"),
            Dialect::SymPy => name.to_owned(),
        }
    }

    fn bracket(&self, inside: &str) -> String {
        format!("({inside})")
    }

    fn times(&self) -> &'static str {
        "*"
    }

    fn power(&self, base: &str, exponent: &str) -> String {
        let exponent = in_brackets_unless_simple(exponent);
        match self {
            Dialect::Mathematica => format!("{base}^{exponent}"),
            Dialect::SymPy => format!("{base}**{exponent}"),
        }
    }

    fn root(&self, inside: &str) -> String {
        match self {
            Dialect::Mathematica => format!("Sqrt[{inside}]"),
            Dialect::SymPy => format!("sqrt({inside})"),
        }
    }

    fn call(&self, function: Function, argument: &str) -> String {
        let name = function.name();
        match self {
            Dialect::Mathematica => format!("{}{}[{argument}]", name[..1].to_uppercase(), &name[1..]),
            Dialect::SymPy => format!("{name}({argument})"),
        }
    }

    fn place_below(&self, _: bool) -> Binding {
        Binding::Power
    }

    fn quotient(&self, (n, d): (&UBig, &UBig), above: &[String], below: &[String]) -> (String, Binding) {
        let number = match self {
            _ if d.is_one() => n.to_string(),
            Dialect::Mathematica => format!("{n}/{d}"),
            // Python would divide.
            Dialect::SymPy => format!("Rational({n}, {d})"),
        };
        infix_quotient(number, (n, d), above, below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::formulas;

    #[test]
    fn formulas_are_written_in_both_dialects() {
        for (text, mathematica, sympy) in [
            ("x^2/2", "1/2*x^2", "Rational(1, 2)*x**2"),
            ("exp(-x)*tanh(y)", "Exp[-x]*Tanh[y]", "exp(-x)*tanh(y)"),
            ("x^(1/3)/(2+y)", "x^(1/3)/(2 + y)", "x**(Rational(1, 3))/(2 + y)"),
            ("sqrt(lambda)*theta_1", "Sqrt[lambda]*theta$1", "sqrt(lambda_)*theta_1"),
            ("E - N", "E$ - N$", "E - N"),
            ("None*Pi_1 - lambda_", "None$*Pi$1$ - lambda$", "None_*Pi_1 - lambda__"),
        ] {
            let expr = &formulas(text).unwrap()[0];
            assert_eq!(expr.to_code(Dialect::Mathematica), mathematica);
            assert_eq!(expr.to_code(Dialect::SymPy), sympy);
        }
    }
}
