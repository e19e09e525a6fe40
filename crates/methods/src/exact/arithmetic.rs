//! Sums, products and inverses in ℚ and in ℚ(θ) = ℚ\[x\]/(minimal polynomial).

use std::ops::{Add, Mul, Neg, Sub};

use super::{Exact, NumberField, Rational, Value};

impl Exact {
    /// `1 / self`, or `None` for 0.
    pub fn inverse(&self) -> Option<Exact> {
        match &self.0 {
            Value::Rational(value) if value.is_zero() => None,
            Value::Rational(value) => Some((Rational::ONE / value).into()),
            Value::Element(coordinates, field) => inverse_modulo(coordinates, field),
        }
    }
}

fn common_field<'a>(x: &'a Exact, y: &'a Exact) -> Option<&'a NumberField> {
    if let (Some(first), Some(second)) = (x.field(), y.field()) {
        assert!(first == second, "{first} and {second} do not lie in one number field");
    }
    x.field().or(y.field())
}

/// Coordinate by coordinate; a rational number has one, to which the others of the other are joined.
fn coordinatewise(x: &Exact, y: &Exact, operation: impl Fn(&Rational, &Rational) -> Rational) -> Exact {
    let Some(field) = common_field(x, y) else {
        return operation(&x.coordinates()[0], &y.coordinates()[0]).into();
    };
    let (x, y, zero) = (x.coordinates(), y.coordinates(), Rational::ZERO);
    let at = |k: usize| operation(x.get(k).unwrap_or(&zero), y.get(k).unwrap_or(&zero));
    Exact::in_field(field, (0..field.degree()).map(at).collect())
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: &Exact) -> Exact {
        coordinatewise(self, other, |x, y| x + y)
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: &Exact) -> Exact {
        coordinatewise(self, other, |x, y| x - y)
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: &Exact) -> Exact {
        match (&self.0, &other.0) {
            (Value::Rational(x), Value::Rational(y)) => (x * y).into(),
            (Value::Rational(x), Value::Element(y, field))
            | (Value::Element(y, field), Value::Rational(x)) => {
                Exact::in_field(field, y.iter().map(|y| x * y).collect())
            }
            (Value::Element(x, _), Value::Element(y, _)) => {
                let field = common_field(self, other).expect("both are elements of a field");
                Exact::in_field(field, reduced(product(x, y), field))
            }
        }
    }
}

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        self * &Exact::from(-1)
    }
}

fn product(x: &[Rational], y: &[Rational]) -> Vec<Rational> {
    let mut product = vec![Rational::ZERO; (x.len() + y.len()).saturating_sub(1)];
    for (i, x) in x.iter().enumerate().filter(|(_, x)| !x.is_zero()) {
        for (j, y) in y.iter().enumerate().filter(|(_, y)| !y.is_zero()) {
            product[i + j] += x * y;
        }
    }
    product
}

/// The remainder modulo the minimal polynomial.
fn reduced(mut polynomial: Vec<Rational>, field: &NumberField) -> Vec<Rational> {
    let (minimal, degree) = (field.minimal_polynomial(), field.degree());
    while polynomial.len() > degree {
        let Some(lead) = polynomial.pop() else { break };
        let shift = polynomial.len() - degree;
        for (k, c) in minimal[..degree].iter().enumerate().filter(|(_, c)| !c.is_zero()) {
            polynomial[shift + k] -= &lead * Rational::from(c.clone());
        }
    }
    polynomial
}

/// By the extended Euclidean algorithm: u·x + v·(minimal polynomial) = constant ≠ 0, because the minimal polynomial is
/// irreducible and x of smaller degree.
fn inverse_modulo(coordinates: &[Rational], field: &NumberField) -> Option<Exact> {
    let minimal = field.minimal_polynomial().iter().map(|c| Rational::from(c.clone())).collect();
    let (mut upper, mut lower) = (minimal, trimmed(coordinates.to_vec()));
    let (mut upper_factor, mut lower_factor) = (Vec::new(), vec![Rational::ONE]);
    while lower.len() > 1 {
        let (quotient, remainder) = divided(upper, &lower);
        let next = difference(upper_factor, &product(&quotient, &lower_factor));
        (upper, lower) = (lower, remainder);
        (upper_factor, lower_factor) = (lower_factor, next);
    }
    let constant = lower.first()?;
    let coordinates = lower_factor.iter().map(|c| c / constant).collect();
    Some(Exact::in_field(field, reduced(coordinates, field)))
}

fn trimmed(mut polynomial: Vec<Rational>) -> Vec<Rational> {
    while polynomial.last().is_some_and(Rational::is_zero) {
        polynomial.pop();
    }
    polynomial
}

fn difference(mut x: Vec<Rational>, y: &[Rational]) -> Vec<Rational> {
    x.resize(x.len().max(y.len()), Rational::ZERO);
    x.iter_mut().zip(y).for_each(|(x, y)| *x -= y);
    trimmed(x)
}

/// Quotient and remainder by a divisor whose last coefficient is not 0.
fn divided(mut rest: Vec<Rational>, divisor: &[Rational]) -> (Vec<Rational>, Vec<Rational>) {
    let top = divisor.len() - 1;
    let mut quotient = vec![Rational::ZERO; rest.len().saturating_sub(top)];
    for shift in (0..quotient.len()).rev() {
        let factor = &rest[shift + top] / &divisor[top];
        for (k, c) in divisor.iter().enumerate() {
            rest[shift + k] -= &factor * c;
        }
        quotient[shift] = factor;
    }
    (quotient, trimmed(rest))
}
