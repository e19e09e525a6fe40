//! Numbers as evidence: what was found, how sure it is, and what it should be.

use std::cmp::Ordering;
use std::fmt;

use shadowflow_methods::Exact;

/// The longest exact number shown to people in full; programs always get all of it.
const READABLE: usize = 40;

/// A value, exact or in floating point.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// Found by exact arithmetic.
    Exact(Exact),
    /// Measured, or rounded.
    Float(f64),
}

impl Quantity {
    fn compare(&self, other: &Quantity) -> Option<Ordering> {
        match (self, other) {
            (Quantity::Exact(x), Quantity::Exact(y)) => x.partial_cmp(y),
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }

    /// The value as a double.
    pub fn to_f64(&self) -> f64 {
        match self {
            Quantity::Exact(value) => value.to_f64(),
            Quantity::Float(value) => *value,
        }
    }
}

impl From<Exact> for Quantity {
    fn from(value: Exact) -> Quantity {
        Quantity::Exact(value)
    }
}

impl From<i32> for Quantity {
    fn from(value: i32) -> Quantity {
        Quantity::Exact(i64::from(value).into())
    }
}

impl From<usize> for Quantity {
    /// A count, which is exact.
    fn from(count: usize) -> Quantity {
        Quantity::Exact(i64::try_from(count).unwrap_or(i64::MAX).into())
    }
}

impl From<f64> for Quantity {
    fn from(value: f64) -> Quantity {
        Quantity::Float(value)
    }
}

impl fmt::Display for Quantity {
    /// Exact values in full unless they are very long, floats to six digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Exact(value) => match value.to_string() {
                text if text.len() <= READABLE => f.write_str(&text),
                text => write!(f, "{} (exact, in {} characters)", short(value.to_f64(), 6), text.len()),
            },
            Quantity::Float(value) => f.write_str(&short(*value, 6)),
        }
    }
}

/// What a quantity should be.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// This value.
    Equal(Quantity),
    /// Any value but this.
    Differs(Quantity),
    /// More than this.
    Above(Quantity),
    /// This or less.
    AtMost(Quantity),
    /// This value up to an absolute tolerance.
    Near {
        /// The value.
        value: f64,
        /// The largest distance accepted.
        tolerance: f64,
    },
}

impl Expected {
    /// Whether a quantity is as expected; never for NaN.
    pub fn is_met_by(&self, found: &Quantity) -> bool {
        match self {
            Expected::Equal(value) => found.compare(value) == Some(Ordering::Equal),
            Expected::Differs(value) => found.compare(value).is_some_and(Ordering::is_ne),
            Expected::Above(value) => found.compare(value) == Some(Ordering::Greater),
            Expected::AtMost(value) => found.compare(value).is_some_and(Ordering::is_le),
            Expected::Near { value, tolerance } => (found.to_f64() - value).abs() <= *tolerance,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Equal(value) => write!(f, "{value}"),
            Expected::Differs(value) => write!(f, "≠ {value}"),
            Expected::Above(value) => write!(f, "> {value}"),
            Expected::AtMost(value) => write!(f, "≤ {value}"),
            Expected::Near { value, tolerance } => f.write_str(&with_error(*value, *tolerance)),
        }
    }
}

/// A named value with its uncertainty and what is expected of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// What it is.
    pub name: String,
    /// What was found.
    pub value: Quantity,
    /// The standard error or error bound of a measured value; `None` for exact ones.
    pub error: Option<f64>,
    /// What it should be; `None` for one that is only told.
    pub expected: Option<Expected>,
}

impl Number {
    pub(crate) fn new(name: impl Into<String>, value: impl Into<Quantity>) -> Number {
        Number { name: name.into(), value: value.into(), error: None, expected: None }
    }

    pub(crate) fn with_error(self, error: f64) -> Number {
        Number { error: Some(error), ..self }
    }

    pub(crate) fn equals(self, value: impl Into<Quantity>) -> Number {
        self.expects(Expected::Equal(value.into()))
    }

    pub(crate) fn differs_from(self, value: impl Into<Quantity>) -> Number {
        self.expects(Expected::Differs(value.into()))
    }

    pub(crate) fn above(self, value: impl Into<Quantity>) -> Number {
        self.expects(Expected::Above(value.into()))
    }

    pub(crate) fn at_most(self, value: impl Into<Quantity>) -> Number {
        self.expects(Expected::AtMost(value.into()))
    }

    pub(crate) fn near(self, value: f64, tolerance: f64) -> Number {
        self.expects(Expected::Near { value, tolerance })
    }

    fn expects(self, expected: Expected) -> Number {
        Number { expected: Some(expected), ..self }
    }

    /// Whether the value is as expected; true where nothing is expected.
    pub fn is_met(&self) -> bool {
        self.expected.as_ref().is_none_or(|expected| expected.is_met_by(&self.value))
    }
}

impl fmt::Display for Number {
    /// `name = value` for an exact value, `name ≈ value ± error` for a float.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.value, self.error) {
            (Quantity::Exact(_), _) => write!(f, "{} = {}", self.name, self.value),
            (Quantity::Float(value), Some(error)) => {
                write!(f, "{} ≈ {}", self.name, with_error(*value, error))
            }
            (Quantity::Float(_), None) => write!(f, "{} ≈ {}", self.name, self.value),
        }
    }
}

/// A value to the second digit of its error, and the error to two digits.
fn with_error(value: f64, error: f64) -> String {
    let (size, precision) = (value.abs().log10().floor(), error.log10().floor() - 1.0);
    // A double has 16 digits; a value below its error is told by one.
    let digits =
        if (size - precision).is_finite() { (size - precision + 1.0).clamp(1.0, 16.0) as usize } else { 1 };
    format!("{} ± {}", short(value, digits), short(error, 2))
}

/// A float in the given number of significant digits, without trailing zeros; scientific where that is shorter.
fn short(value: f64, digits: usize) -> String {
    let rounded = format!("{value:.*e}", digits - 1);
    let Some((mantissa, exponent)) = rounded.split_once('e') else { return rounded }; // inf, NaN
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    match exponent.parse::<i32>() {
        Ok(power @ -4..=5) => {
            let decimals = usize::try_from(digits as i32 - 1 - power).unwrap_or(0);
            trimmed(&format!("{value:.decimals$}"))
        }
        _ => format!("{}e{exponent}", trimmed(mantissa)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_told_shortly() {
        let text = |value: f64| short(value, 6);
        assert_eq!(text(0.5), "0.5");
        assert_eq!(text(2.0), "2");
        assert_eq!(text(-0.200_212_931), "-0.200213");
        assert_eq!(text(123_456.7), "123457");
        assert_eq!(text(1e-13), "1e-13");
        assert_eq!(text(1.25e9), "1.25e9");
        assert_eq!(text(0.0), "0");
        assert_eq!((text(f64::NAN), text(f64::INFINITY)), ("NaN".to_owned(), "inf".to_owned()));
        assert_eq!(short(0.004_321, 2), "0.0043");
        assert_eq!(with_error(1_295.0 / 729.0, 1e-11), "1.776406035665 ± 1e-11");
        assert_eq!(with_error(0.995_521, 0.009_2), "0.9955 ± 0.0092");
        assert_eq!(with_error(0.0, 0.1), "0 ± 0.1");
    }

    #[test]
    fn expectations_are_met_or_missed() {
        let third = || Exact::ratio(1, 3);
        assert!(Number::new("a", third()).equals(third()).is_met());
        assert!(!Number::new("a", third()).equals(Exact::ratio(333_333_333, 1_000_000_000)).is_met());
        assert!(
            Number::new("a", third()).differs_from(0).is_met()
                && !Number::new("a", 0).differs_from(0).is_met()
        );
        assert!(Number::new("a", third()).above(0).is_met() && !Number::new("a", 0.0).above(0).is_met());
        assert!(Number::new("a", 2.0).at_most(2).is_met() && !Number::new("a", 2.1).at_most(2).is_met());
        assert!(
            Number::new("a", 1.04).near(1.0, 0.05).is_met()
                && !Number::new("a", 1.06).near(1.0, 0.05).is_met()
        );
        assert!(Number::new("told", 7.0).is_met());
    }

    #[test]
    fn nothing_is_met_by_nan() {
        let nan = || Number::new("a", f64::NAN);
        for number in
            [nan().equals(0.0), nan().differs_from(0), nan().above(0), nan().at_most(0), nan().near(0.0, 1.0)]
        {
            assert!(!number.is_met(), "{:?}", number.expected);
        }
    }

    #[test]
    fn a_number_reads_as_a_line() {
        let number = Number::new("observed order", 1.00312).with_error(0.0021).near(1.0, 0.05);
        assert_eq!(number.to_string(), "observed order ≈ 1.0031 ± 0.0021");
        assert_eq!(number.expected.map(|e| e.to_string()).as_deref(), Some("1 ± 0.05"));
        assert_eq!(Number::new("a", Exact::ratio(1, 4)).to_string(), "a = 1/4");
        let long = Exact::ratio(1, 3).pow(100);
        assert_eq!(Number::new("a", long).to_string(), "a = 1.94033e-48 (exact, in 50 characters)");
    }
}
