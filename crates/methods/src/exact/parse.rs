//! Reading exact numbers: fractions, decimals, square roots, cosines, roots of polynomials, and their sums, products,
//! quotients and powers.

use std::str::FromStr;

use dashu_base::BitTest;
use dashu_int::{IBig, UBig};

use super::field::MAX_DEGREE;
use super::{Exact, NumberField, NumberFieldError, Rational};

/// Longest text of a number, in characters.
const MAX_LENGTH: usize = 4096;
/// Deepest nesting of brackets and signs.
const MAX_DEPTH: usize = 64;
/// Largest power, in bits.
const MAX_BITS: usize = 1 << 13;

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
    /// Two roots that are not known to lie in one field.
    #[error(
        "`{text}` mixes {first} and {second}: all roots in one number must be written in one and the same"
    )]
    MixedRoots {
        /// The whole text.
        text: String,
        /// One root.
        first: String,
        /// The other.
        second: String,
    },
    /// A polynomial that has no such root.
    #[error("`{text}` is no exact number: {source}")]
    NoField {
        /// The whole text.
        text: String,
        /// What is wrong.
        source: NumberFieldError,
    },
    /// Text beyond the stated limits.
    #[error(
        "a number of {length} characters, with more than {MAX_DEPTH} nested brackets, or with powers of more than {MAX_BITS} binary digits is refused (limit {MAX_LENGTH} characters)"
    )]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
}

impl FromStr for Exact {
    type Err = ParseExactError;

    /// Reads `1/3`, `-2`, `0.05`, `sqrt(15)/10`, `(3 - sqrt(3))/6`, `cos(pi/9)^2`, `1/(3 + root(x^3-9*x-6, -0.7))`, and
    /// `r + r^2/3 where r = root(x^3-2, 1)`. Decimals are taken exactly; `root` means the real root nearest to the number
    /// behind the comma.
    fn from_str(text: &str) -> Result<Exact, ParseExactError> {
        parse_with(text, &[])
    }
}

/// Reads a number in which some names stand for known ones.
pub(crate) fn parse_with(text: &str, names: &[(&str, Exact)]) -> Result<Exact, ParseExactError> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > MAX_LENGTH {
        return Err(ParseExactError::TooLong { length: chars.len() });
    }
    let names = names.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let mut parser = Parser { text, end: chars.len(), chars, at: 0, depth: 0, names };
    parser.definition()?;
    let value = parser.sum()?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    chars: Vec<char>,
    at: usize,
    end: usize,
    depth: usize,
    names: Vec<(String, Exact)>,
}

impl Parser<'_> {
    /// Reads `where name = …` at the end of the text first.
    fn definition(&mut self) -> Result<(), ParseExactError> {
        let keyword = ['w', 'h', 'e', 'r', 'e'];
        let Some(start) = self.chars.windows(keyword.len()).position(|window| window == keyword) else {
            return Ok(());
        };
        self.at = start + keyword.len();
        self.peek();
        let name = self.word();
        if name.is_empty() || !self.take('=') {
            return Err(self.unexpected("a definition such as r = root(x^3-2, 1)"));
        }
        let value = self.sum()?;
        if self.peek().is_some() {
            return Err(self.unexpected("an operator or the end"));
        }
        self.names.push((name, value));
        (self.at, self.end) = (0, start);
        Ok(())
    }

    /// The next character that is no space.
    fn peek(&mut self) -> Option<char> {
        while self.at < self.end && self.chars[self.at].is_whitespace() {
            self.at += 1;
        }
        self.chars[..self.end].get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, wanted: char, expected: &'static str) -> Result<(), ParseExactError> {
        if self.take(wanted) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&mut self, expected: &'static str) -> ParseExactError {
        let found = self.peek().map_or("the end".to_owned(), |c| format!("`{c}`"));
        ParseExactError::Unexpected { text: self.text.to_owned(), position: self.at + 1, found, expected }
    }

    fn too_long(&self) -> ParseExactError {
        ParseExactError::TooLong { length: self.chars.len() }
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
            return Err(self.too_long());
        }
        let value = if self.take('-') {
            -&self.factor()?
        } else if self.take('+') {
            self.factor()?
        } else {
            self.power()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Result<Exact, ParseExactError> {
        let base = if self.take('(') {
            let inside = self.sum()?;
            self.close()?;
            inside
        } else if self.peek().is_some_and(char::is_alphabetic) {
            self.name()?
        } else {
            self.decimal()?.into()
        };
        if !self.take('^') {
            return Ok(base);
        }
        let exponent = self.natural("a natural exponent")?;
        let bits = |x: &Rational| x.numerator().bit_len() + x.denominator().bit_len();
        let size: usize = base.coordinates().iter().map(bits).sum();
        if size.saturating_mul(exponent as usize) > MAX_BITS {
            return Err(self.too_long());
        }
        Ok(base.pow(exponent))
    }

    fn close(&mut self) -> Result<(), ParseExactError> {
        self.expect(')', "`)`")
    }

    /// The letters and digits from here on.
    fn word(&mut self) -> String {
        let rest = &self.chars[self.at.min(self.end)..self.end];
        let word: String = rest.iter().take_while(|c| c.is_alphanumeric()).collect();
        self.at += word.chars().count();
        word
    }

    /// A name that stands for a number, or a function of its argument.
    fn name(&mut self) -> Result<Exact, ParseExactError> {
        let start = self.at;
        let word = self.word();
        if let Some((_, value)) = self.names.iter().find(|(name, _)| *name == word) {
            return Ok(value.clone());
        }
        let function = match word.as_str() {
            "sqrt" => Self::square_root,
            "cos" => Self::cosine,
            "root" => Self::root,
            _ => {
                self.at = start;
                return Err(self.unexpected("a number, sqrt(…), cos(pi/…) or root(…, …)"));
            }
        };
        self.expect('(', "`(`")?;
        let value = function(self)?;
        self.close()?;
        Ok(value)
    }

    fn square_root(&mut self) -> Result<Exact, ParseExactError> {
        let radicand = self.natural("an integer below 2^32")?;
        Ok(Exact::with_root(Rational::ZERO, Rational::ONE, radicand))
    }

    /// cos(π/n) for the n for which it lies in a field of degree 1, 2 or 3.
    fn cosine(&mut self) -> Result<Exact, ParseExactError> {
        const EXPECTED: &str = "pi/n with n = 1, 2, 3, 4, 5, 6, 7 or 9";
        let start = self.at;
        self.peek();
        if self.word() != "pi" {
            self.at = start;
            return Err(self.unexpected(EXPECTED));
        }
        self.expect('/', EXPECTED)?;
        let start = self.at;
        let surd = |a: (i64, i64), b: (i64, i64), d: u32| {
            let ratio = |(n, d): (i64, i64)| Rational::from_parts_signed(n.into(), d.into());
            Some(Exact::with_root(ratio(a), ratio(b), d))
        };
        let value = match self.natural(EXPECTED)? {
            1 => Some(Exact::from(-1)),
            2 => Some(Exact::ZERO),
            3 => Some(Exact::ratio(1, 2)),
            4 => surd((0, 1), (1, 2), 2),
            5 => surd((1, 4), (1, 4), 5),
            6 => surd((0, 1), (1, 2), 3),
            n => u8::try_from(n)
                .ok()
                .and_then(NumberField::cosine)
                .map(|field| &field.generator() * &Exact::ratio(1, 2)),
        };
        value.ok_or_else(|| {
            self.at = start;
            self.unexpected(EXPECTED)
        })
    }

    /// `root(x^3-9*x-6, -0.7)`: a polynomial in x and a number near the root.
    fn root(&mut self) -> Result<Exact, ParseExactError> {
        let minimal = self.polynomial()?;
        self.expect(',', "`,` and a number near the root")?;
        let negative = self.take('-');
        let near = self.decimal()?.to_f64().value();
        match NumberField::new(minimal, if negative { -near } else { near }) {
            Ok(field) => Ok(field.generator()),
            Err(source) => Err(ParseExactError::NoField { text: self.text.to_owned(), source }),
        }
    }

    /// A polynomial in x with integer coefficients, by ascending power.
    fn polynomial(&mut self) -> Result<Vec<IBig>, ParseExactError> {
        let mut coefficients: Vec<IBig> = Vec::new();
        loop {
            let first = coefficients.is_empty();
            let negative = match self.peek() {
                Some(sign @ ('+' | '-')) => {
                    self.at += 1;
                    sign == '-'
                }
                _ if first => false,
                _ => break,
            };
            let size = if self.peek() == Some('x') {
                IBig::ONE
            } else {
                IBig::from(self.integer("an integer or x")?)
            };
            let variable = if self.take('*') { self.peek() } else { self.peek().filter(|c| *c == 'x') };
            let power = match variable {
                None => 0,
                Some(_) => {
                    self.expect('x', "x")?;
                    if self.take('^') { self.natural("an exponent of at most 12")? as usize } else { 1 }
                }
            };
            if power > MAX_DEGREE {
                let source = NumberFieldError::Degree { degree: power };
                return Err(ParseExactError::NoField { text: self.text.to_owned(), source });
            }
            coefficients.resize(coefficients.len().max(power + 1), IBig::ZERO);
            coefficients[power] += if negative { -size } else { size };
        }
        while coefficients.last().is_some_and(IBig::is_zero) {
            coefficients.pop();
        }
        Ok(coefficients)
    }

    /// Digits.
    fn integer(&mut self, expected: &'static str) -> Result<UBig, ParseExactError> {
        self.peek();
        let start = self.at;
        while self.at < self.end && self.chars[self.at].is_ascii_digit() {
            self.at += 1;
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        digits.parse().map_err(|_| self.unexpected(expected))
    }

    /// Digits of a number below 2^32.
    fn natural(&mut self, expected: &'static str) -> Result<u32, ParseExactError> {
        self.peek();
        let start = self.at;
        u32::try_from(self.integer(expected)?).map_err(|_| {
            self.at = start;
            self.unexpected(expected)
        })
    }

    /// Digits with an optional decimal point, as an exact fraction.
    fn decimal(&mut self) -> Result<Rational, ParseExactError> {
        self.peek();
        let (mut digits, mut scale, mut seen_point) = (String::new(), 0usize, false);
        while let Some(&c) = self.chars[..self.end].get(self.at) {
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
        match (x.field(), y.field()) {
            (Some(first), Some(second)) if first != second => Err(ParseExactError::MixedRoots {
                text: self.text.to_owned(),
                first: first.to_string(),
                second: second.to_string(),
            }),
            _ => Ok(operation(x, y)),
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
        assert_eq!("-2^2 + (1/2)^3".parse::<Exact>().unwrap(), Exact::ratio(-31, 8));
    }

    #[test]
    fn cosines_are_those_of_the_angle() {
        for n in [1, 2, 3, 4, 5, 6, 7, 9] {
            let value = format!("cos(pi/{n})").parse::<Exact>().unwrap().to_f64();
            assert!((value - (std::f64::consts::PI / f64::from(n)).cos()).abs() < 1e-15, "{n}");
        }
    }

    #[test]
    fn definitions_name_a_root() {
        let cube = "r^3 where r = root(x^3-2, 1)".parse::<Exact>().unwrap();
        assert_eq!(cube, Exact::from(2));
        let gamma = "1 - sqrt(2)/2".parse::<Exact>().unwrap();
        assert_eq!(parse_with("2*g", &[("g", gamma.clone())]).unwrap(), &gamma + &gamma);
    }

    #[test]
    fn bad_text_says_where_and_what() {
        let at = |text: &str| match text.parse::<Exact>().unwrap_err() {
            ParseExactError::Unexpected { position, .. } => position,
            other => panic!("{other}"),
        };
        assert_eq!((at(""), at("1/x"), at("1 2"), at("(1"), at("1/"), at("sqrt(x)")), (1, 3, 3, 3, 3, 6));
        assert_eq!((at("cos(1)"), at("cos(pi/8)"), at("root(y, 1)"), at("root(x^2-2)")), (5, 8, 6, 11));
        assert_eq!(
            (at("r where"), at("r where r"), at("s where r = 1"), at("1 where r = 1 2")),
            (8, 10, 1, 15)
        );
        assert!(matches!("1/(2-2)".parse::<Exact>(), Err(ParseExactError::DivisionByZero { .. })));
        assert!(matches!("sqrt(2)+sqrt(3)".parse::<Exact>(), Err(ParseExactError::MixedRoots { .. })));
        assert!(matches!("root(x^2-4, 2)".parse::<Exact>(), Err(ParseExactError::NoField { .. })));
        assert!(matches!("root(x^900-4, 2)".parse::<Exact>(), Err(ParseExactError::NoField { .. })));
        assert!(matches!("root(0, 2)".parse::<Exact>(), Err(ParseExactError::NoField { .. })));
        for text in ["(".repeat(70), "1".repeat(5000), "(9^64)^9999".to_owned()] {
            assert!(matches!(text.parse::<Exact>(), Err(ParseExactError::TooLong { .. })));
        }
    }
}
