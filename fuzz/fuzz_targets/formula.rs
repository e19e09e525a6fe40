//! Any text whatever as a formula, as a vector field and as the name of a method: an answer or an error, soon, and what is
//! printed is read back as what it was.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use shadowflow_methods::Rational;
use shadowflow_symbolic::{
    Expr, Fault, Function, Kind, Objective, Request, Scheme, SymbolicError, System, VectorField, formula,
};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match formula(text) {
        Ok(read) => prints_what_it_reads(&read),
        Err(error) => drop(error.to_string()),
    }
    match Objective::parse(text, None) {
        Ok(f) => derives(System::Gradient(f)),
        Err(error) => drop(error.to_string()),
    }
    match VectorField::parse(text, None) {
        Ok(f) => derives(System::Field(f)),
        Err(error) => drop(error.to_string()),
    }
    // With a declared variable the other names are parameters.
    if let Ok(f) = Objective::parse(text, Some(&["x"])) {
        derives(System::Gradient(f));
    }
    names_a_method(text);
});

fn prints_what_it_reads(read: &Expr) {
    drop(read.to_latex());
    let printed = read.to_string();
    let again = match formula(&printed) {
        Ok(again) => again,
        // Printing adds brackets, spaces and `*`, and may so cross the limits that are counted in characters and brackets;
        // it also multiplies powers below the line into a degree of their own.
        Err(error) => match error.fault {
            Fault::TooLong { .. } | Fault::TooDeep => return,
            fault => panic!("{printed:?} cannot be read back: {fault}"),
        },
    };
    for point in [3i64, -2, 7] {
        let value =
            |name: &str| Rational::from(point + 2 * name.len() as i64 + i64::from(name.as_bytes()[0] % 5));
        if let (Some(a), Some(b)) = (read.eval_exact(&value), again.eval_exact(&value)) {
            assert!(a == b, "{printed:?} was {a} and is {b}");
        }
        let value = |name: &str| value(name).to_f64().value() / 8.0;
        let (a, b) = (bounded(read, &value), bounded(&again, &value));
        if a.0.is_finite() && b.0.is_finite() && a.1.is_finite() && b.1.is_finite() {
            assert!((a.0 - b.0).abs() <= a.1 + b.1, "{printed:?} was {a:?} and is {b:?}");
        }
    }
}

/// A value and a generous bound on its rounding error, infinite where in doubt.
fn bounded(expr: &Expr, value_of: &impl Fn(&str) -> f64) -> (f64, f64) {
    const UNIT: f64 = 8.0 * f64::EPSILON;
    match expr {
        Expr::Number(n) => {
            let value = n.to_f64().value();
            (value, UNIT * value.abs() + f64::MIN_POSITIVE)
        }
        Expr::Symbol(name) => (value_of(name), 0.0),
        Expr::Sum(terms) => terms
            .iter()
            .map(|term| bounded(term, value_of))
            .fold((0.0, 0.0), |s, t| (s.0 + t.0, s.1 + t.1 + UNIT * (s.0.abs() + t.0.abs()))),
        Expr::Product(factors) => factors.iter().map(|f| bounded(f, value_of)).fold((1.0, 0.0), |p, f| {
            let value: f64 = p.0 * f.0;
            (value, p.1 * f.0.abs() + f.1 * p.0.abs() + p.1 * f.1 + UNIT * value.abs() + f64::MIN_POSITIVE)
        }),
        Expr::Power(base, exponent) => {
            let (b, e) = (bounded(base, value_of), bounded(exponent, value_of));
            let value = b.0.powf(e.0);
            // Where a base near 0 or an exponent near an integer decides whether there is a value, nothing is compared.
            let is_integer = matches!(&**exponent, Expr::Number(n) if n.denominator().is_one());
            let small = b.1 * 1e3 * (1.0 + e.0.abs()) < b.0.abs();
            if !small || (b.0 < 0.0 && !is_integer) {
                return (value, f64::INFINITY);
            }
            let from_exponent = if is_integer { 0.0 } else { b.0.abs().ln().abs() * e.1 };
            let relative = 4.0 * (e.0.abs() * b.1 / b.0.abs() + from_exponent) + UNIT * (1.0 + e.0.abs());
            (value, if relative < 1e-3 { value.abs() * relative + f64::MIN_POSITIVE } else { f64::INFINITY })
        }
        Expr::Call(function, argument) => {
            let (x, error) = bounded(argument, value_of);
            let (value, slope, scale) = match function {
                Function::Exp => (x.exp(), x.exp(), 1.0),
                Function::Log => (x.ln(), 1.0 / x.abs(), x.abs()),
                Function::Sin => (x.sin(), 1.0, 1.0),
                Function::Cos => (x.cos(), 1.0, 1.0),
                Function::Tan => (x.tan(), 1.0 + x.tan().powi(2), 1.0 / (1.0 + x.tan().abs())),
                Function::Tanh => (x.tanh(), 1.0, 1.0),
            };
            if error * 1e3 > scale {
                return (value, f64::INFINITY);
            }
            (value, 4.0 * slope * error + UNIT * value.abs() + f64::MIN_POSITIVE)
        }
    }
}

fn derives(system: System) {
    let scheme = match Scheme::named("euler") {
        Ok(scheme) => scheme,
        Err(error) => panic!("{error}"),
    };
    let timeout = Some(Duration::from_millis(50));
    let request = Request { scheme, order: 1, kind: Kind::Modified, split: None, timeout };
    match request.on(&system) {
        Ok(found) => {
            for expr in found.field.iter().flatten().chain(found.potential.iter().flat_map(|p| &p.terms)) {
                drop((expr.to_string(), expr.to_latex()));
            }
        }
        Err(SymbolicError::Internal { message }) => panic!("{message}"),
        Err(error) => drop(error.to_string()),
    }
}

/// Methods with symbols are not derived: what their series take depends on the family, not on the text.
fn names_a_method(text: &str) {
    match Scheme::named(text) {
        Ok(scheme) => drop((scheme.name().to_owned(), scheme.title().to_owned())),
        Err(error) => drop(error.to_string()),
    }
}
