//! Reading exact numbers: fractions, decimals, square roots of integers, and their sums, products and quotients.

use std::str::FromStr;

use dashu_int::UBig;

use super::{Exact, Rational};

/// Longest text of a number, in characters.
const MAX_LENGTH: usize = 4096;
/// Deepest nesting of brackets and signs.
const MAX_DEPTH: usize = 64;

/// Why a text is not an exact number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseExactError {
    /// Something other than what the grammar allows.
    #[error(
        "`{text}` is no exact number: {found} at character {position}, where {expected} should stand (write 1/3, 0.05, sqrt(3)/6 or sums of such)"
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
    /// Two different square roots, which no quadratic field holds together.
    #[error(
        "`{text}` mixes √{first} and √{second}: all roots in one number must be of the same integer, up to squares"
    )]
    MixedRoots {
        /// The whole text.
        text: String,
        /// One radicand.
        first: u32,
        /// The other.
        second: u32,
    },
    /// Text beyond the stated limits.
    #[error(
        "a number of {length} characters or with more than {MAX_DEPTH} nested brackets is refused (limit {MAX_LENGTH} characters)"
    )]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
}

impl FromStr for Exact {
    type Err = ParseExactError;

    /// Reads `1/3`, `-2`, `0.05`, `sqrt(15)/10`, `(3 - sqrt(3))/6`. Decimals are taken exactly.
    fn from_str(text: &str) -> Result<Exact, ParseExactError> {
        let length = text.chars().count();
        if length > MAX_LENGTH {
            return Err(ParseExactError::TooLong { length });
        }
        let mut parser = Parser { text, chars: text.chars().collect(), at: 0, depth: 0 };
        let value = parser.sum()?;
        if parser.peek().is_some() {
            return Err(parser.unexpected("an operator or the end"));
        }
        Ok(value)
    }
}

struct Parser<'a> {
    text: &'a str,
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    /// The next character that is no space.
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += 1;
        }
        found
    }

    fn unexpected(&mut self, expected: &'static str) -> ParseExactError {
        let found = self.peek().map_or("the end".to_owned(), |c| format!("`{c}`"));
        ParseExactError::Unexpected { text: self.text.to_owned(), position: self.at + 1, found, expected }
    }

    fn sum(&mut self) -> Result<Exact, ParseExactError> {
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                let term = self.product()?;
                value = self.combine(&value, &term, |x, y| x + y)?;
            } else if self.take('-') {
                let term = self.product()?;
                value = self.combine(&value, &term, |x, y| x - y)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<Exact, ParseExactError> {
        let mut value = self.factor()?;
        loop {
            if self.take('*') {
                let factor = self.factor()?;
                value = self.combine(&value, &factor, |x, y| x * y)?;
            } else if self.take('/') {
                let divisor = self.factor()?;
                let Some(inverse) = divisor.inverse() else {
                    return Err(ParseExactError::DivisionByZero { text: self.text.to_owned() });
                };
                value = self.combine(&value, &inverse, |x, y| x * y)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn factor(&mut self) -> Result<Exact, ParseExactError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ParseExactError::TooLong { length: self.chars.len() });
        }
        let value = if self.take('-') {
            -&self.factor()?
        } else if self.take('+') {
            self.factor()?
        } else if self.take('(') {
            let inside = self.sum()?;
            self.close()?;
            inside
        } else if self.peek() == Some('s') {
            self.root()?
        } else {
            self.decimal()?.into()
        };
        self.depth -= 1;
        Ok(value)
    }

    fn close(&mut self) -> Result<(), ParseExactError> {
        if self.take(')') { Ok(()) } else { Err(self.unexpected("`)`")) }
    }

    fn root(&mut self) -> Result<Exact, ParseExactError> {
        for letter in "sqrt(".chars() {
            if !self.take(letter) {
                return Err(self.unexpected("sqrt(…)"));
            }
        }
        let start = self.at;
        let radicand = self.decimal()?;
        let radicand = match u32::try_from(radicand.numerator().clone()) {
            Ok(d) if radicand.denominator().is_one() => d,
            _ => {
                self.at = start;
                return Err(self.unexpected("an integer below 2^32"));
            }
        };
        self.close()?;
        Ok(Exact::with_root(Rational::ZERO, Rational::ONE, radicand))
    }

    /// Digits with an optional decimal point, as an exact fraction.
    fn decimal(&mut self) -> Result<Rational, ParseExactError> {
        self.peek();
        let (mut digits, mut scale, mut seen_point) = (String::new(), 0usize, false);
        while let Some(&c) = self.chars.get(self.at) {
            match c {
                '0'..='9' => {
                    digits.push(c);
                    scale += usize::from(seen_point);
                }
                '.' if !seen_point => seen_point = true,
                _ => break,
            }
            self.at += 1;
        }
        match digits.parse::<UBig>() {
            Ok(n) => Ok(Rational::from_parts(n.into(), UBig::from(10u8).pow(scale))),
            Err(_) => Err(self.unexpected("a number")),
        }
    }

    fn combine(
        &self,
        x: &Exact,
        y: &Exact,
        operation: impl Fn(&Exact, &Exact) -> Exact,
    ) -> Result<Exact, ParseExactError> {
        if x.shares_field(y) {
            Ok(operation(x, y))
        } else {
            Err(ParseExactError::MixedRoots {
                text: self.text.to_owned(),
                first: x.radicand(),
                second: y.radicand(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!("0.05".parse::<Exact>().unwrap(), Exact::ratio(1, 20));
        assert_eq!("-1.5".parse::<Exact>().unwrap(), Exact::ratio(-3, 2));
        assert_eq!(".25 * 2".parse::<Exact>().unwrap(), Exact::ratio(1, 2));
    }

    #[test]
    fn precedence_and_brackets() {
        assert_eq!("1 - 2*3/4".parse::<Exact>().unwrap(), Exact::ratio(-1, 2));
        assert_eq!("(1 - 2)*3/4".parse::<Exact>().unwrap(), Exact::ratio(-3, 4));
        assert_eq!("6/(3 - sqrt(3))".parse::<Exact>().unwrap(), "3 + sqrt(3)".parse().unwrap());
        assert_eq!("sqrt(8)*sqrt(2)".parse::<Exact>().unwrap(), Exact::from(4));
    }

    #[test]
    fn bad_text_says_where_and_what() {
        let at = |text: &str| match text.parse::<Exact>().unwrap_err() {
            ParseExactError::Unexpected { position, .. } => position,
            other => panic!("{other}"),
        };
        assert_eq!((at(""), at("1/x"), at("1 2"), at("(1"), at("1/"), at("sqrt(x)")), (1, 3, 3, 3, 3, 6));
        assert!(matches!("1/(2-2)".parse::<Exact>(), Err(ParseExactError::DivisionByZero { .. })));
        assert!(matches!("sqrt(2)+sqrt(3)".parse::<Exact>(), Err(ParseExactError::MixedRoots { .. })));
        assert!(matches!("(".repeat(70).parse::<Exact>(), Err(ParseExactError::TooLong { .. })));
        assert!(matches!("1".repeat(5000).parse::<Exact>(), Err(ParseExactError::TooLong { .. })));
    }
}
