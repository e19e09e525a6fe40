//! Formulas as text, as LaTeX, and as input of other algebra systems.
//!
//! One walk over the tree serves both: a [`Notation`] says how numbers, names, quotients, powers and functions look.

mod code;

use std::fmt;

use dashu_int::{IBig, UBig};
use shadowflow_methods::Rational;

use crate::expr::{Expr, Function};

/// How strongly a printed formula holds together; weaker ones need brackets inside stronger ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Power,
    Atom,
}

/// A printed formula without its sign.
struct Printed {
    text: String,
    binding: Binding,
    negative: bool,
}

impl Printed {
    fn positive(text: String, binding: Binding) -> Printed {
        Printed { text, binding, negative: false }
    }

    /// The text with its sign, and with brackets if it binds more weakly than its place asks for.
    fn placed(self, notation: &dyn Notation, place: Binding) -> String {
        let signed = if self.negative { format!("-{}", self.text) } else { self.text };
        let too_weak = self.binding < place || (self.negative && place > Binding::Sum);
        if too_weak { notation.bracket(&signed) } else { signed }
    }
}

pub(crate) use code::Dialect;

trait Notation {
    fn symbol(&self, name: &str) -> String;
    fn bracket(&self, inside: &str) -> String;
    fn times(&self) -> &'static str;
    fn power(&self, base: &str, exponent: &str) -> String;
    fn root(&self, inside: &str) -> String;
    fn call(&self, function: Function, argument: &str) -> String;
    /// How strongly a function and its argument hold together.
    fn binding_of(&self, _: Function) -> Binding {
        Binding::Atom
    }
    /// How strongly a factor below the line must bind; `alone` if nothing else stands there.
    fn place_below(&self, alone: bool) -> Binding;
    /// A product: a positive fraction in front, factors above and below the line, already placed.
    fn quotient(&self, number: (&UBig, &UBig), above: &[String], below: &[String]) -> (String, Binding);
}

/// Plain infix text, which [`Objective`](crate::Objective) reads back.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(self, &Text).placed(&Text, Binding::Sum))
    }
}

impl Expr {
    /// The formula as LaTeX mathematics.
    ///
    /// ```
    /// use shadowflow_symbolic::Objective;
    /// let f = Objective::parse("(1 - x*y)^2/2", None)?;
    /// assert_eq!(f.expr().to_latex(), r"\frac{1}{2} \left(1 - x y\right)^{2}");
    /// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
    /// ```
    pub fn to_latex(&self) -> String {
        print(self, &Latex).placed(&Latex, Binding::Sum)
    }
}

fn print(expr: &Expr, notation: &dyn Notation) -> Printed {
    match expr {
        Expr::Number(n) => product(n, &[], notation),
        Expr::Symbol(name) => Printed::positive(notation.symbol(name), Binding::Atom),
        Expr::Sum(terms) => sum(terms, notation),
        Expr::Product(factors) => match factors.split_first() {
            Some((Expr::Number(n), rest)) => product(n, rest, notation),
            _ => product(&Rational::ONE, factors, notation),
        },
        Expr::Power(base, exponent) => match &**exponent {
            Expr::Number(n) if *n < Rational::ZERO => {
                product(&Rational::ONE, std::slice::from_ref(expr), notation)
            }
            _ => power(base, exponent, notation),
        },
        Expr::Call(function, argument) => {
            let argument = print(argument, notation).placed(notation, Binding::Sum);
            Printed::positive(notation.call(*function, &argument), notation.binding_of(*function))
        }
    }
}

fn sum(terms: &[Expr], notation: &dyn Notation) -> Printed {
    let mut text = String::new();
    for (i, term) in terms.iter().enumerate() {
        let term = print(term, notation);
        match (i, term.negative) {
            (0, true) => text.push('-'),
            (0, false) => {}
            (_, true) => text.push_str(" - "),
            (_, false) => text.push_str(" + "),
        }
        text.push_str(&Printed { negative: false, ..term }.placed(notation, Binding::Product));
    }
    Printed::positive(text, Binding::Sum)
}

fn product(number: &Rational, factors: &[Expr], notation: &dyn Notation) -> Printed {
    let (mut above, mut below) = (Vec::new(), Vec::new());
    let inverses =
        factors.iter().filter(|f| matches!(f, Expr::Power(_, exponent) if is_negative(exponent))).count();
    let place_below = notation.place_below(inverses == 1 && number.denominator().is_one());
    for factor in factors {
        match factor {
            Expr::Power(base, exponent) if is_negative(exponent) => {
                let exponent = (**exponent).clone().negated();
                let inverse = match exponent {
                    Expr::Number(n) if n.is_one() => print(base, notation),
                    exponent => power(base, &exponent, notation),
                };
                below.push(inverse.placed(notation, place_below));
            }
            factor => above.push(print(factor, notation).placed(notation, Binding::Power)),
        }
    }
    let numerator = magnitude(number.numerator());
    let (text, binding) = notation.quotient((&numerator, number.denominator()), &above, &below);
    Printed { text, binding, negative: *number < Rational::ZERO }
}

fn is_negative(exponent: &Expr) -> bool {
    matches!(exponent, Expr::Number(n) if *n < Rational::ZERO)
}

fn magnitude(n: &IBig) -> UBig {
    n.clone().into_parts().1
}

fn power(base: &Expr, exponent: &Expr, notation: &dyn Notation) -> Printed {
    if *exponent == Expr::half() {
        let inside = print(base, notation).placed(notation, Binding::Sum);
        return Printed::positive(notation.root(&inside), Binding::Atom);
    }
    let base = print(base, notation).placed(notation, Binding::Atom);
    let exponent = print(exponent, notation).placed(notation, Binding::Sum);
    Printed::positive(notation.power(&base, &exponent), Binding::Power)
}

struct Text;

impl Notation for Text {
    fn symbol(&self, name: &str) -> String {
        name.to_owned()
    }

    fn bracket(&self, inside: &str) -> String {
        format!("({inside})")
    }

    fn times(&self) -> &'static str {
        "*"
    }

    fn power(&self, base: &str, exponent: &str) -> String {
        format!("{base}^{}", in_brackets_unless_simple(exponent))
    }

    fn root(&self, inside: &str) -> String {
        format!("sqrt({inside})")
    }

    fn call(&self, function: Function, argument: &str) -> String {
        format!("{}({argument})", function.name())
    }

    fn place_below(&self, _: bool) -> Binding {
        Binding::Power
    }

    fn quotient(&self, (n, d): (&UBig, &UBig), above: &[String], below: &[String]) -> (String, Binding) {
        let number = if d.is_one() { n.to_string() } else { format!("{n}/{d}") };
        infix_quotient(number, (n, d), above, below)
    }
}

/// A product in one line: the number, factors above the line joined by `*`, those below each after a `/`.
fn infix_quotient(
    number: String,
    (n, d): (&UBig, &UBig),
    above: &[String],
    below: &[String],
) -> (String, Binding) {
    let mut text = number;
    if !above.is_empty() {
        let factors = above.join("*");
        text = if n.is_one() && d.is_one() { factors } else { format!("{text}*{factors}") };
    }
    for factor in below {
        text.push('/');
        text.push_str(factor);
    }
    let single = above.len() + below.len() + usize::from(!n.is_one() || above.is_empty()) == 1 && d.is_one();
    let binding = match single {
        true if above.is_empty() => Binding::Atom,
        true => Binding::Power,
        false => Binding::Product,
    };
    (text, binding)
}

/// An exponent of letters and digits needs no brackets.
fn in_brackets_unless_simple(exponent: &str) -> String {
    let simple = exponent.chars().all(char::is_alphanumeric);
    if simple { exponent.to_owned() } else { format!("({exponent})") }
}

struct Latex;

/// Names that LaTeX writes as Greek letters.
const GREEK: [&str; 24] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Omega",
];

impl Notation for Latex {
    fn symbol(&self, name: &str) -> String {
        let digits = name.chars().rev().take_while(char::is_ascii_digit).count();
        let (stem, index) = name.split_at(name.len() - digits);
        let (stem, index) = match stem.split_once('_') {
            Some((stem, rest)) => (stem, format!("{}{index}", rest.replace('_', "\\_"))),
            None => (stem, index.to_owned()),
        };
        let stem = match stem {
            _ if GREEK.contains(&stem) => format!("\\{stem}"),
            _ if stem.chars().count() == 1 => stem.to_owned(),
            _ => format!("\\mathit{{{stem}}}"),
        };
        if index.is_empty() { stem } else { format!("{stem}_{{{index}}}") }
    }

    fn bracket(&self, inside: &str) -> String {
        format!("\\left({inside}\\right)")
    }

    fn times(&self) -> &'static str {
        " "
    }

    fn power(&self, base: &str, exponent: &str) -> String {
        format!("{base}^{{{exponent}}}")
    }

    fn root(&self, inside: &str) -> String {
        format!("\\sqrt{{{inside}}}")
    }

    fn call(&self, function: Function, argument: &str) -> String {
        match function {
            Function::Exp => format!("e^{{{argument}}}"),
            other => format!("\\{}\\left({argument}\\right)", other.name()),
        }
    }

    /// A power of e is one already: TeX takes no exponent on an exponent.
    fn binding_of(&self, function: Function) -> Binding {
        if function == Function::Exp { Binding::Power } else { Binding::Atom }
    }

    fn place_below(&self, alone: bool) -> Binding {
        if alone { Binding::Sum } else { Binding::Power }
    }

    fn quotient(&self, (n, d): (&UBig, &UBig), above: &[String], below: &[String]) -> (String, Binding) {
        let numerator = |with: &[String]| match (n.is_one(), with.is_empty()) {
            (true, false) => with.join(self.times()),
            (_, true) => n.to_string(),
            (false, false) => format!("{n}{}{}", self.times(), with.join(self.times())),
        };
        if !below.is_empty() {
            let denominator = if d.is_one() {
                below.join(self.times())
            } else {
                format!("{d}{}{}", self.times(), below.join(self.times()))
            };
            return (format!("\\frac{{{}}}{{{denominator}}}", numerator(above)), Binding::Product);
        }
        if d.is_one() {
            let binding = if above.is_empty() { Binding::Atom } else { Binding::Product };
            return (numerator(above), binding);
        }
        let fraction = format!("\\frac{{{n}}}{{{d}}}");
        let text = if above.is_empty() {
            fraction
        } else {
            format!("{fraction}{}{}", self.times(), above.join(self.times()))
        };
        (text, Binding::Product)
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::formulas;
    use proptest::prelude::*;

    fn text(formula: &str) -> String {
        formulas(formula).unwrap()[0].to_string()
    }

    fn latex(formula: &str) -> String {
        formulas(formula).unwrap()[0].to_latex()
    }

    #[test]
    fn text_is_plain_infix() {
        for (formula, printed) in [
            ("(1-x*y)^2/2", "1/2*(1 - x*y)^2"),
            ("-x", "-x"),
            ("1-(-x)", "1 + x"),
            ("x-(y-1)", "x - (y - 1)"),
            ("2/x", "2/x"),
            ("x/(2*y)", "x/(2*y)"),
            ("1/(x+y)^2", "1/(x + y)^2"),
            ("x^(1/3)", "x^(1/3)"),
            ("x^(-1/2)", "1/sqrt(x)"),
            ("(x^2)^3", "(x^2)^3"),
            ("(x*y)^2", "(x*y)^2"),
            ("(-x)^2", "(-x)^2"),
            ("2^x", "2^x"),
            ("(1/2)^x", "(1/2)^x"),
            ("x^(y+1)", "x^(y + 1)"),
            ("-3/4", "-3/4"),
            ("exp(-x^2)*sin(x)", "exp(-x^2)*sin(x)"),
        ] {
            assert_eq!(text(formula), printed, "{formula}");
        }
    }

    #[test]
    fn latex_is_mathematics() {
        for (formula, printed) in [
            ("x^10/2", "\\frac{1}{2} x^{10}"),
            ("x/(2*y)", "\\frac{x}{2 y}"),
            ("1/(x+y)^2", "\\frac{1}{\\left(x + y\\right)^{2}}"),
            ("sqrt(x)*mu", "\\sqrt{x} \\mu"),
            ("u1 - theta_12", "u_{1} - \\theta_{12}"),
            ("cos(speed)", "\\cos\\left(\\mathit{speed}\\right)"),
            ("exp(-x)", "e^{-x}"),
            ("exp(x)^2*exp(y)", "\\left(e^{x}\\right)^{2} e^{y}"),
        ] {
            assert_eq!(latex(formula), printed, "{formula}");
        }
    }

    /// A random formula as text, from a seed of choices.
    fn formula(depth: u32) -> BoxedStrategy<String> {
        let leaf = prop_oneof!["[1-9]", Just("x".to_owned()), Just("y".to_owned()), Just("3/7".to_owned())];
        leaf.prop_recursive(depth, 24, 3, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} - {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})*({b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})/({b})")),
                (inner.clone(), 0u32..4).prop_map(|(a, n)| format!("({a})^{n}")),
                inner.clone().prop_map(|a| format!("-({a})")),
                inner.prop_map(|a| format!("tanh({a})")),
            ]
        })
        .boxed()
    }

    proptest! {
        #[test]
        fn printing_reads_back_to_the_same_value(source in formula(4)) {
            let Ok(exprs) = formulas(&source) else { return Ok(()) };
            let printed = exprs[0].to_string();
            let again = formulas(&printed);
            prop_assert!(again.is_ok(), "{} -> {}", source, printed);
            let at = |name: &str| if name == "x" { 0.7 } else { -1.3 };
            let (a, b) = (exprs[0].eval(&at), again.unwrap()[0].eval(&at));
            // The same operations in another order: a few units in the last place of the largest intermediate.
            prop_assert!(a == b || (a - b).abs() <= 1e-9 * a.abs().max(1.0) || !a.is_finite(), "{} -> {}: {} {}", source, printed, a, b);
        }
    }
}
