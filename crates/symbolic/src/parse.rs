//! Reading formulas: + - * / ^ (or **), brackets, numbers, names, and smooth functions.
//!
//! The text comes from outside, so its length, depth, exponents and growth are bounded before anything is computed.

use dashu_base::BitTest;
use shadowflow_methods::{Rational, nearest};

use crate::error::{Fault, FormulaError};
use crate::expr::{Expr, Function};

/// Longest formula, in characters.
pub const MAX_LENGTH: usize = 4096;
/// Deepest nesting of brackets, signs and powers.
pub const MAX_DEPTH: usize = 200;
/// Largest exponent in absolute value.
pub const MAX_EXPONENT: i64 = 64;
/// Largest degree of the formula once multiplied out.
pub const MAX_DEGREE: f64 = 256.0;
/// Most bits that numbers may need.
pub const MAX_BITS: f64 = 65536.0;

/// Most terms once multiplied out.
pub const MAX_TERMS: f64 = 20000.0;

/// Reads one formula, or several separated by commas.
pub(crate) fn formulas(text: &str) -> Result<Vec<Expr>, FormulaError> {
    let mut parser = Parser::new(text)?;
    let mut found = Vec::new();
    loop {
        let start = parser.next_position();
        let expr = parser.sum()?;
        let growth = expr.growth();
        if growth.degree > MAX_DEGREE {
            return Err(parser.fault(start, Fault::DegreeTooLarge { degree: growth.degree }));
        }
        if growth.bits > MAX_BITS {
            return Err(parser.fault(start, Fault::NumbersTooLarge { bits: growth.bits }));
        }
        let terms = expr.expanded_terms();
        if terms > MAX_TERMS {
            return Err(parser.fault(start, Fault::TooManyTerms { terms }));
        }
        found.push(expr);
        match parser.peek() {
            None => return Ok(found),
            Some(',') => parser.at += 1,
            Some(')' | ']' | '}') => return Err(parser.fault(parser.at, Fault::Unopened)),
            Some(c) if starts_operand(c) => return Err(parser.fault(parser.at, Fault::MissingOperator)),
            Some(_) => return Err(parser.unexpected("an operator or the end")),
        }
    }
}

/// Reads a formula that was printed by this project, and is as long as it is.
pub(crate) fn own(text: &str) -> Result<Expr, FormulaError> {
    let mut parser = Parser { text, chars: text.chars().collect(), at: 0, depth: 0 };
    let expr = parser.sum()?;
    if parser.peek().is_some() { Err(parser.unexpected("the end")) } else { Ok(expr) }
}

/// Reads one formula, whatever names it has.
///
/// ```
/// let f = shadowflow_symbolic::formula("x^2/2 + y")?;
/// assert_eq!(f.to_string(), "1/2*x^2 + y");
/// # Ok::<(), shadowflow_symbolic::FormulaError>(())
/// ```
///
/// # Errors
/// If the text is no formula, or there are several.
pub fn formula(text: &str) -> Result<Expr, FormulaError> {
    let mut found = formulas(text)?;
    match found.len() {
        1 => Ok(found.remove(0)),
        _ => {
            let position = text.chars().position(|c| c == ',');
            Err(FormulaError { text: text.to_owned(), position, fault: Fault::Comma })
        }
    }
}

/// Reads a number: a fraction, a decimal, or arithmetic with numbers.
///
/// ```
/// assert_eq!(shadowflow_symbolic::number("-1/2").unwrap().to_string(), "-1/2");
/// assert_eq!(shadowflow_symbolic::number("0.25").unwrap().to_string(), "1/4");
/// assert!(shadowflow_symbolic::number("x").is_none());
/// ```
pub fn number(text: &str) -> Option<Rational> {
    match formulas(text).ok()?.as_slice() {
        [Expr::Number(value)] => Some(value.clone()),
        _ => None,
    }
}

/// Whether a text is a name: a letter, then letters, digits or underscores.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(starts_name) && text.chars().all(continues_name)
}

/// Names with a meaning of their own, which no variable may take.
pub(crate) fn is_reserved(name: &str) -> bool {
    ["h", "sqrt", "ln"].contains(&name) || Function::ALL.iter().any(|f| f.name() == name)
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic()
}

fn continues_name(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit() || c == '_'
}

fn starts_operand(c: char) -> bool {
    continues_name(c) || c == '(' || c == '.'
}

struct Parser<'a> {
    text: &'a str,
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Parser<'a>, FormulaError> {
        let chars: Vec<char> = text.chars().collect();
        let fault = |fault| Err(FormulaError { text: text.to_owned(), position: None, fault });
        if chars.iter().all(|c| c.is_whitespace()) {
            return fault(Fault::Empty);
        }
        if chars.len() > MAX_LENGTH {
            return fault(Fault::TooLong { length: chars.len() });
        }
        Ok(Parser { text, chars, at: 0, depth: 0 })
    }

    fn fault(&self, position: usize, fault: Fault) -> FormulaError {
        FormulaError { text: self.text.to_owned(), position: Some(position), fault }
    }

    /// The next character that is no space.
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn next_position(&mut self) -> usize {
        self.peek();
        self.at
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn unexpected(&mut self, expected: &'static str) -> FormulaError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some('|') => return self.fault(self.at, Fault::NotSmooth { name: "|x|".to_owned() }),
            Some(c @ ('"' | '\'')) => format!("`{c}`"),
            // What cannot be seen, or would steer a terminal, is written by its number.
            Some(c) => format!("`{}`", c.escape_debug()),
        };
        self.fault(self.at, Fault::Unexpected { found, expected })
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, FormulaError>,
    ) -> Result<T, FormulaError> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(self.at, Fault::TooDeep));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn sum(&mut self) -> Result<Expr, FormulaError> {
        let start = self.next_position();
        let mut terms = vec![self.product()?];
        loop {
            if self.take('+') {
                terms.push(self.product()?);
            } else if self.take('-') || self.take('−') {
                terms.push(self.product()?.negated());
            } else {
                self.check_numbers(&terms, start)?;
                return Ok(Expr::sum(terms));
            }
        }
    }

    /// Refuses numbers that would grow beyond the limit when they are gathered, before they are: their bits add up, in
    /// products as in sums of fractions.
    fn check_numbers(&self, parts: &[Expr], start: usize) -> Result<(), FormulaError> {
        let bits: f64 = parts.iter().map(gathered_bits).sum();
        if bits > MAX_BITS { Err(self.fault(start, Fault::NumbersTooLarge { bits })) } else { Ok(()) }
    }

    fn product(&mut self) -> Result<Expr, FormulaError> {
        let start = self.next_position();
        let mut factors = vec![self.signed()?];
        loop {
            if self.take('*') || self.take('·') || self.take('×') {
                factors.push(self.signed()?);
            } else if self.take('/') {
                let position = self.next_position();
                let divisor = self.signed()?;
                factors.push(self.inverse(divisor, position)?);
            } else {
                self.check_numbers(&factors, start)?;
                return Ok(Expr::product(factors));
            }
        }
    }

    fn inverse(&self, divisor: Expr, position: usize) -> Result<Expr, FormulaError> {
        match divisor {
            Expr::Number(n) if n.is_zero() => Err(self.fault(position, Fault::DivisionByZero)),
            Expr::Number(n) => Ok(Expr::Number(Rational::ONE / n)),
            divisor => Ok(Expr::Power(Box::new(divisor), Box::new(Expr::Number(-Rational::ONE)))),
        }
    }

    fn signed(&mut self) -> Result<Expr, FormulaError> {
        if self.take('-') || self.take('−') {
            Ok(self.deeper(Self::signed)?.negated())
        } else if self.take('+') {
            self.deeper(Self::signed)
        } else {
            self.power()
        }
    }

    /// Powers bind to the right and before a sign: -x^2 is -(x^2).
    fn power(&mut self) -> Result<Expr, FormulaError> {
        let start = self.next_position();
        let base = self.operand()?;
        let is_power = if self.take('^') {
            true
        } else if self.peek() == Some('*') && self.chars.get(self.at + 1) == Some(&'*') {
            self.at += 2;
            true
        } else {
            false
        };
        if !is_power {
            return Ok(base);
        }
        let position = self.next_position();
        let exponent = self.deeper(Self::signed)?;
        self.raised(base, exponent, start, position)
    }

    fn raised(
        &self,
        base: Expr,
        exponent: Expr,
        start: usize,
        position: usize,
    ) -> Result<Expr, FormulaError> {
        let limit = Rational::from(MAX_EXPONENT);
        let mut beyond = None;
        exponent.visit(&mut |part| {
            if let Expr::Number(n) = part
                && (*n > limit || -n.clone() > limit || Rational::from(n.denominator().clone()) > limit)
            {
                beyond = Some(shortened(&n.to_string()));
            }
        });
        if let Some(exponent) = beyond {
            return Err(self.fault(position, Fault::ExponentTooLarge { exponent }));
        }
        let Expr::Number(n) = &exponent else {
            return Ok(Expr::Power(Box::new(base), Box::new(exponent)));
        };
        if n.is_zero() && !base.is_zero() {
            return Ok(Expr::Number(Rational::ONE));
        }
        if let Expr::Number(b) = &base {
            if b.is_zero() && *n <= Rational::ZERO {
                return Err(
                    self.fault(start, if n.is_zero() { Fault::NotReal } else { Fault::DivisionByZero })
                );
            }
            if *b < Rational::ZERO && !n.denominator().is_one() {
                return Err(self.fault(start, Fault::NotReal));
            }
            let small = base.growth().bits * MAX_EXPONENT as f64 <= MAX_BITS;
            if let (true, true, Ok(k)) =
                (small, n.denominator().is_one(), i64::try_from(n.numerator().clone()))
            {
                let power = b.pow(k.unsigned_abs() as usize);
                return Ok(Expr::Number(if k < 0 { Rational::ONE / power } else { power }));
            }
        }
        Ok(Expr::Power(Box::new(base), Box::new(exponent)))
    }

    fn operand(&mut self) -> Result<Expr, FormulaError> {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                self.bracket(self.at - 1)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if starts_name(c) => self.name(),
            Some(')') => Err(self.fault(
                self.at,
                Fault::Unexpected { found: "`)`".to_owned(), expected: "a number, a name or `(`" },
            )),
            _ => Err(self.unexpected("a number, a name or `(`")),
        }
    }

    /// The inside of a bracket opened at `open`, and its end.
    fn bracket(&mut self, open: usize) -> Result<Expr, FormulaError> {
        let inside = self.deeper(Self::sum)?;
        match self.peek() {
            Some(')') => {
                self.at += 1;
                Ok(inside)
            }
            None => Err(self.fault(open, Fault::Unclosed)),
            Some(c) if starts_operand(c) => Err(self.fault(self.at, Fault::MissingOperator)),
            Some(_) => Err(self.unexpected("an operator or `)`")),
        }
    }

    /// Digits with an optional decimal point and exponent, as an exact fraction.
    fn number(&mut self) -> Result<Expr, FormulaError> {
        let start = self.at;
        let (mut digits, mut decimals, mut seen_point) = (String::new(), 0i64, false);
        while let Some(&c) = self.chars.get(self.at) {
            match c {
                '0'..='9' => {
                    digits.push(c);
                    decimals += i64::from(seen_point);
                }
                '.' if !seen_point => seen_point = true,
                _ => break,
            }
            self.at += 1;
        }
        let Ok(integer) = digits.parse::<Rational>() else {
            return Err(
                self.fault(start, Fault::Unexpected { found: "`.`".to_owned(), expected: "a number" })
            );
        };
        let shift = self.scientific(start)? - decimals;
        let ten = Rational::from(10u8).pow(shift.unsigned_abs() as usize);
        Ok(Expr::Number(if shift < 0 { integer / ten } else { integer * ten }))
    }

    /// The exponent of `1e-3`, 0 if there is none.
    fn scientific(&mut self, start: usize) -> Result<i64, FormulaError> {
        let rest: String = self.chars[self.at..].iter().take(8).collect();
        let Some(rest) = rest.strip_prefix(['e', 'E']) else { return Ok(0) };
        let sign_length = usize::from(rest.starts_with(['+', '-']));
        let digits: String = rest.chars().skip(sign_length).take_while(char::is_ascii_digit).collect();
        if digits.is_empty() {
            return Ok(0);
        }
        let size: i64 = digits.parse().unwrap_or(i64::MAX);
        if size > MAX_EXPONENT {
            return Err(self.fault(start, Fault::ExponentTooLarge { exponent: digits }));
        }
        self.at += 1 + sign_length + digits.len();
        Ok(if rest.starts_with('-') { -size } else { size })
    }

    fn name(&mut self) -> Result<Expr, FormulaError> {
        let start = self.at;
        while self.chars.get(self.at).copied().is_some_and(continues_name) {
            self.at += 1;
        }
        let name: String = self.chars[start..self.at].iter().collect();
        let function =
            Function::ALL.into_iter().find(|f| f.name() == name || (name == "ln" && *f == Function::Log));
        if self.peek() != Some('(') {
            return match () {
                () if function.is_some() || name == "sqrt" => {
                    Err(self.fault(start, Fault::FunctionWithoutArgument { name }))
                }
                () if name == "h" => Err(self.fault(start, Fault::Reserved)),
                () => Ok(Expr::Symbol(name.into())),
            };
        }
        self.at += 1;
        let open = self.at - 1;
        if name == "sqrt" {
            let argument = self.bracket(open)?;
            return self.raised(argument, Expr::half(), start, start);
        }
        match function {
            Some(function) => {
                let argument = self.bracket(open)?;
                let non_positive = matches!(&argument, Expr::Number(n) if *n <= Rational::ZERO);
                if function == Function::Log && non_positive {
                    return Err(self.fault(start, Fault::NotReal));
                }
                Ok(Expr::Call(function, Box::new(argument)))
            }
            None if ["abs", "sign", "sgn", "max", "min", "relu", "floor", "ceil"]
                .contains(&name.as_str()) =>
            {
                Err(self.fault(start, Fault::NotSmooth { name }))
            }
            None => {
                let known = Function::ALL.iter().map(|f| f.name()).chain(["sqrt"]);
                Err(self.fault(
                    start,
                    Fault::UnknownFunction { nearest: nearest(&name, known), name: shortened(&name) },
                ))
            }
        }
    }
}

/// The bits of a number above and below the line.
pub(crate) fn bits(n: &Rational) -> f64 {
    (n.numerator().bit_len() + n.denominator().bit_len()) as f64
}

/// The bits of the numbers that a sum or a product takes out of one of its parts.
fn gathered_bits(part: &Expr) -> f64 {
    let own = |part: &Expr| if let Expr::Number(n) = part { bits(n) } else { 0.0 };
    match part {
        Expr::Sum(parts) | Expr::Product(parts) => parts.iter().map(own).sum(),
        part => own(part),
    }
}

/// Enough of a text to recognise it.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.to_owned()
    } else {
        text.chars().take(37).chain("…".chars()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> f64 {
        let exprs = formulas(text).unwrap();
        assert_eq!(exprs.len(), 1);
        exprs[0].eval(&|name| match name {
            "x" => 3.0,
            "y" => 0.5,
            _ => f64::NAN,
        })
    }

    #[test]
    fn precedence_is_that_of_mathematics() {
        for (text, expected) in [
            ("1 - x*y", -0.5),
            ("(1-x*y)^2/2", 0.125),
            ("-x^2", -9.0),
            ("(-x)^2", 9.0),
            ("2^3^2", 512.0),
            ("x**2*y", 4.5),
            ("2/x/y", 4.0 / 3.0),
            ("1/2*x", 1.5),
            ("2*-x", -6.0),
            ("x^-1", 1.0 / 3.0),
            ("1e-3 + 2.5E1", 25.001),
            ("sqrt(x+1)*cos(0)", 2.0),
            ("log(exp(x)) + tanh(0) + ln(1)", 3.0),
            ("x^y", 3f64.sqrt()),
            (" x − y·2 × 1 ", 2.0),
        ] {
            assert!(
                (value(text) - expected).abs() < 1e-15 * expected.abs().max(1.0),
                "{text}: {}",
                value(text)
            );
        }
    }

    #[test]
    fn faults_are_named_and_placed() {
        let fault = |text: &str| {
            let error = formulas(text).unwrap_err();
            (error.position, error.fault)
        };
        assert_eq!(fault("  "), (None, Fault::Empty));
        assert_eq!(fault("1/0"), (Some(2), Fault::DivisionByZero));
        assert_eq!(fault("x/(1-1)").1, Fault::DivisionByZero);
        assert!(matches!(fault("x**"), (Some(3), Fault::Unexpected { .. })));
        assert!(matches!(fault("foo(x)"), (Some(0), Fault::UnknownFunction { .. })));
        assert!(
            matches!(fault("1+sinh(x)"), (Some(2), Fault::UnknownFunction { nearest, .. }) if nearest.contains(&"sin".to_owned()))
        );
        assert_eq!(fault("2*(x+(y"), (Some(5), Fault::Unclosed));
        assert_eq!(fault("x)"), (Some(1), Fault::Unopened));
        assert_eq!(fault("2x"), (Some(1), Fault::MissingOperator));
        assert_eq!(fault("(x y)"), (Some(3), Fault::MissingOperator));
        assert!(matches!(fault("sin x"), (Some(0), Fault::FunctionWithoutArgument { .. })));
        assert!(matches!(fault("abs(x)"), (Some(0), Fault::NotSmooth { .. })));
        assert!(matches!(fault("|x|"), (Some(0), Fault::NotSmooth { .. })));
        assert_eq!(fault("h*x").1, Fault::Reserved);
        assert!(matches!(fault("x²"), (Some(1), Fault::Unexpected { .. })));
        assert_eq!(fault("sqrt(-2)").1, Fault::NotReal);
        assert_eq!(fault("log(0)").1, Fault::NotReal);
        assert_eq!(fault("0^0").1, Fault::NotReal);
        assert!(matches!(fault("x^65"), (Some(2), Fault::ExponentTooLarge { .. })));
        assert!(matches!(fault("1e99").1, Fault::ExponentTooLarge { .. }));
        assert!(matches!(fault("((x^64)^64)").1, Fault::DegreeTooLarge { .. }));
        assert!(matches!(fault("((9^64)^64)^64*x").1, Fault::NumbersTooLarge { .. }));
        assert!(matches!(fault("sin(((x+y)^64)^64)").1, Fault::DegreeTooLarge { .. }));
        assert!(matches!(fault("(a+b+c+d+e+f+g+i)^40").1, Fault::TooManyTerms { .. }));
        assert!(matches!(fault("x^(1/1000000007)").1, Fault::ExponentTooLarge { .. }));
        assert!(matches!(fault("x^(1000000000*y)").1, Fault::ExponentTooLarge { .. }));
        assert!(formulas("a^64+b^64+c^64+d^64+e^64+f^64+g^64+i^64").is_ok());
        assert_eq!(fault(&"x+".repeat(3000)).1, Fault::TooLong { length: 6000 });
        for deep in ["(".repeat(201) + "x", "-".repeat(300) + "x", "x^".repeat(300) + "x"] {
            assert_eq!(fault(&deep).1, Fault::TooDeep);
        }
        assert!(formulas(&format!("{}x{}", "(".repeat(200), ")".repeat(200))).is_ok());
    }

    #[test]
    fn the_caret_stands_under_the_fault() {
        let message = formulas("1 + foo(x)").unwrap_err().to_string();
        let lines: Vec<_> = message.lines().collect();
        assert_eq!(lines[1..], ["  1 + foo(x)", "      ^"]);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[-+*/^().,a-z0-9 |]{0,60}") {
            let _ = formulas(&text).map_err(|e| e.to_string());
        }
    }
}
