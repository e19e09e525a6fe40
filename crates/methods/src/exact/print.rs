//! Writing exact numbers, as text that parses back and as LaTeX.

use std::fmt;

use dashu_base::Signed;

use super::field::Name;
use super::{Exact, NumberField, Rational, magnitude};

/// Plain infix text that parses back to the same number: `1/2 - 1/6*sqrt(3)`, `1/3 + r^2 where r = root(x^3-2, 1)`.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(field) = self.field() else {
            return write!(f, "{}", self.coordinates()[0]);
        };
        let terms: Vec<_> =
            self.coordinates().iter().enumerate().skip(1).filter(|(_, x)| !x.is_zero()).collect();
        // θ is 2cos(π/n), whose text is cos(π/n).
        let doubled = matches!(field.name(), Name::TwiceCosine(_));
        let (symbol, definition) = match field.name() {
            Name::SquareRoot(d) => (format!("sqrt({d})"), None),
            Name::TwiceCosine(n) => (format!("cos(pi/{n})"), None),
            Name::Root(text) if terms.len() == 1 => (text.clone(), None),
            Name::Root(text) => ("r".to_owned(), Some(text)),
        };
        let constant = &self.coordinates()[0];
        let mut first = constant.is_zero();
        if !first {
            write!(f, "{constant}")?;
        }
        for (k, x) in terms {
            let size = if x.is_negative() { -x.clone() } else { x.clone() };
            let size = if doubled { size * Rational::from(2u8).pow(k) } else { size };
            f.write_str(match (first, x.is_negative()) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            })?;
            first = false;
            if !size.is_one() {
                write!(f, "{size}*")?;
            }
            f.write_str(&symbol)?;
            if k > 1 {
                write!(f, "^{k}")?;
            }
        }
        definition.map_or(Ok(()), |text| write!(f, " where r = {text}"))
    }
}

impl Exact {
    /// The number as LaTeX, such as `\frac{1}{2}-\frac{\sqrt{3}}{6}`. In a field without a closed form its generator
    /// is written θ.
    pub fn to_latex(&self) -> String {
        let mut text = String::new();
        for (k, x) in self.coordinates().iter().enumerate() {
            if x.is_zero() && self.field().is_some() {
                continue;
            }
            if !text.is_empty() && !x.is_negative() {
                text.push('+');
            }
            text.push_str(&latex_term(x, &self.field().map_or(String::new(), |field| latex_power(field, k))));
        }
        text
    }
}

/// θᵏ as LaTeX, empty for k = 0.
fn latex_power(field: &NumberField, k: usize) -> String {
    let base = match field.name() {
        Name::SquareRoot(d) => format!("\\sqrt{{{d}}}"),
        Name::TwiceCosine(n) => format!("(2\\cos\\frac{{\\pi}}{{{n}}})"),
        Name::Root(_) => "\\theta".to_owned(),
    };
    match k {
        0 => String::new(),
        1 => base,
        _ => format!("{base}^{{{k}}}"),
    }
}

/// `x·factor` over the denominator of x.
fn latex_term(x: &Rational, factor: &str) -> String {
    let sign = if x.is_negative() { "-" } else { "" };
    let (numerator, denominator) = (magnitude(x.numerator()), x.denominator());
    let top = if numerator.is_one() && !factor.is_empty() {
        factor.to_owned()
    } else {
        format!("{numerator}{factor}")
    };
    if denominator.is_one() {
        format!("{sign}{top}")
    } else {
        format!("{sign}\\frac{{{top}}}{{{denominator}}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn each_kind_of_field_has_its_text() {
        for text in [
            "0",
            "-2/3",
            "-1/2*sqrt(5)",
            "1/2 - 1/6*sqrt(3)",
            "1 + cos(pi/9) - 4*cos(pi/9)^2",
            "3/4 - root(x^3-2, 1)",
            "1/2 - 3*r + r^2 where r = root(x^3-2, 1)",
        ] {
            assert_eq!(number(text).to_string(), text);
        }
    }

    #[test]
    fn latex_writes_roots_over_the_denominator() {
        assert_eq!(number("1/2 - sqrt(3)/6").to_latex(), "\\frac{1}{2}-\\frac{\\sqrt{3}}{6}");
        assert_eq!(Exact::ZERO.to_latex(), "0");
        assert_eq!(number("-2*sqrt(5)").to_latex(), "-2\\sqrt{5}");
        assert_eq!(number("1 + root(x^3-2, 1)^2").to_latex(), "1+\\theta^{2}");
    }
}
