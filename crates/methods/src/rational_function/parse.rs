//! Reading functions of parameters: numbers, names, `+ - * / ^` and brackets.

use std::str::FromStr;

use super::RationalFunction;
use crate::exact::Exact;
use crate::multivariate::MAX_VARIABLES;
use crate::ring::{Field, Ring};

const MAX_LENGTH: usize = 1024;
const MAX_DEPTH: usize = 64;
/// Largest exponent, and largest degree of a sum, product or power on the way.
const MAX_DEGREE: u32 = 64;
/// Most monomials above or below the line, and most bits of their coefficients, on the way.
const MAX_MONOMIALS: f64 = 2500.0;
const MAX_BITS: usize = 8192;

/// Why a text is not a rational function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseFunctionError {
    /// Something other than what the grammar allows.
    #[error(
        "`{text}` is no function of parameters: {found} at character {position}, where {expected} should stand (write 1/3, c2, (3*c2 - 2)/(6*c2^2))"
    )]
    Unexpected {
        /// The whole text.
        text: String,
        /// Position of the offending character, from 1.
        position: usize,
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// Division by zero.
    #[error("`{text}` divides by zero")]
    DivisionByZero {
        /// The whole text.
        text: String,
    },
    /// Text or degrees beyond the limits.
    #[error(
        "a function of {length} characters is refused: at most {MAX_LENGTH} characters, {MAX_DEPTH} nested brackets, {MAX_VARIABLES} parameters, degree {MAX_DEGREE}, {MAX_MONOMIALS} monomials and numbers of {MAX_BITS} bits are read"
    )]
    TooLarge {
        /// Its length in characters.
        length: usize,
    },
}

impl FromStr for RationalFunction {
    type Err = ParseFunctionError;

    fn from_str(text: &str) -> Result<RationalFunction, ParseFunctionError> {
        let chars: Vec<char> = text.chars().collect();
        if chars.len() > MAX_LENGTH {
            return Err(ParseFunctionError::TooLarge { length: chars.len() });
        }
        let mut parser = Parser { text, chars, at: 0, depth: 0, names: Vec::new() };
        let value = parser.sum()?;
        match parser.peek() {
            None => Ok(value),
            Some(_) => Err(parser.unexpected("an operator or the end")),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    chars: Vec<char>,
    at: usize,
    depth: usize,
    names: Vec<String>,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn unexpected(&mut self, expected: &'static str) -> ParseFunctionError {
        let found = self.peek().map_or("the end".to_owned(), |c| format!("`{c}`"));
        ParseFunctionError::Unexpected { text: self.text.to_owned(), position: self.at + 1, found, expected }
    }

    fn too_large(&self) -> ParseFunctionError {
        ParseFunctionError::TooLarge { length: self.chars.len() }
    }

    /// Refuses operands whose result could have too large a degree, too many monomials or too long numbers, before it is
    /// computed.
    fn check(&self, degree: u32, bits: usize) -> Result<(), ParseFunctionError> {
        // C(names + degree, names)
        let monomials =
            (1..=self.names.len()).fold(1.0, |count, k| count * (f64::from(degree) + k as f64) / k as f64);
        let fits = degree <= MAX_DEGREE && monomials <= MAX_MONOMIALS && bits <= MAX_BITS;
        if fits { Ok(()) } else { Err(self.too_large()) }
    }

    fn sum(&mut self) -> Result<RationalFunction, ParseFunctionError> {
        let mut value = self.product()?;
        loop {
            let negative = match self.peek() {
                Some('+') => false,
                Some('-') => true,
                _ => return Ok(value),
            };
            self.at += 1;
            let term = self.product()?;
            self.check(size(&value) + size(&term), bits(&value) + bits(&term))?;
            value = if negative { value.minus(&term) } else { value.plus(&term) };
        }
    }

    fn product(&mut self) -> Result<RationalFunction, ParseFunctionError> {
        let mut value = self.signed()?;
        loop {
            if self.take('*') {
                let factor = self.signed()?;
                self.check(size(&value) + size(&factor), bits(&value) + bits(&factor))?;
                value = value.times(&factor);
            } else if self.take('/') {
                let divisor = self.signed()?;
                self.check(size(&value) + size(&divisor), bits(&value) + bits(&divisor))?;
                value = value
                    .over(&divisor)
                    .ok_or_else(|| ParseFunctionError::DivisionByZero { text: self.text.to_owned() })?;
            } else {
                return Ok(value);
            }
        }
    }

    /// A sign binds less than a power: -x^2 is -(x^2).
    fn signed(&mut self) -> Result<RationalFunction, ParseFunctionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.too_large());
        }
        let value = if self.take('-') {
            self.signed()?.negated()
        } else if self.take('+') {
            self.signed()?
        } else {
            self.power()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Result<RationalFunction, ParseFunctionError> {
        let base = self.atom()?;
        if !self.take('^') {
            return Ok(base);
        }
        self.peek();
        let start = self.at;
        let digits = self.run(|c| c.is_ascii_digit());
        let Ok(exponent) = digits.parse::<u32>() else {
            self.at = start;
            return Err(self.unexpected("a whole number"));
        };
        self.check(
            size(&base).max(1).saturating_mul(exponent),
            bits(&base).saturating_mul(exponent as usize),
        )?;
        Ok((0..exponent).fold(RationalFunction::one(), |power, _| power.times(&base)))
    }

    fn atom(&mut self) -> Result<RationalFunction, ParseFunctionError> {
        if self.take('(') {
            let value = self.sum()?;
            return if self.take(')') { Ok(value) } else { Err(self.unexpected("`)`")) };
        }
        match self.peek() {
            Some(c) if c.is_ascii_alphabetic() => {
                let name = self.run(|c| c.is_ascii_alphanumeric() || c == '_');
                if !self.names.contains(&name) {
                    self.names.push(name.clone());
                }
                if self.names.len() > MAX_VARIABLES {
                    return Err(self.too_large());
                }
                Ok(RationalFunction::parameter(&name))
            }
            Some(c) if c.is_ascii_digit() || c == '.' => {
                let start = self.at;
                let digits = self.run(|c| c.is_ascii_digit() || c == '.');
                match digits.parse::<Exact>().as_ref().map(Exact::as_rational) {
                    Ok(Some(number)) => Ok(RationalFunction::from_rational(number)),
                    _ => {
                        self.at = start;
                        Err(self.unexpected("a number"))
                    }
                }
            }
            _ => Err(self.unexpected("a number or a name")),
        }
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let run: String = self.chars[self.at..].iter().copied().take_while(|&c| belongs(c)).collect();
        self.at += run.chars().count();
        run
    }
}

/// The bits of the longest coefficients above and below the line.
fn bits(f: &RationalFunction) -> usize {
    f.numerator().longest_bits() + f.denominator().longest_bits()
}

fn size(f: &RationalFunction) -> u32 {
    f.numerator().degree().max(f.denominator().degree())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_text_says_where_and_what() {
        let at = |text: &str| match text.parse::<RationalFunction>().unwrap_err() {
            ParseFunctionError::Unexpected { position, .. } => position,
            other => panic!("{other}"),
        };
        assert_eq!((at(""), at("x+"), at("x y"), at("(x"), at("x^y"), at("1..2")), (1, 3, 3, 3, 3, 1));
        let fails = |text: &str| text.parse::<RationalFunction>().unwrap_err();
        assert!(matches!(fails("1/(x-x)"), ParseFunctionError::DivisionByZero { .. }));
        for text in [
            "x^65",
            "x^9999999999999",
            &"(".repeat(70),
            &"x".repeat(2000),
            "(x^40)*(x^40)",
            "2^100000",
            "((((9^64)^64)^64)^64)^64",
            "(a+b+c+d+e)^64",
        ] {
            let error = fails(text);
            let refused =
                matches!(error, ParseFunctionError::TooLarge { .. } | ParseFunctionError::Unexpected { .. });
            assert!(refused, "{error}");
        }
        assert!(matches!(fails("a+b+c+d+e+f+g+h+i+j+k+l+m"), ParseFunctionError::TooLarge { .. }));
    }

    #[test]
    fn signs_and_powers_bind_as_usual() {
        let same = |x: &str, y: &str| {
            assert_eq!(x.parse::<RationalFunction>().unwrap(), y.parse::<RationalFunction>().unwrap());
        };
        same("-x^2", "0 - x*x");
        same("2*-x", "-(2*x)");
        same("x/y/y", "x/(y^2)");
        same("0.5*x", "x/2");
    }
}
