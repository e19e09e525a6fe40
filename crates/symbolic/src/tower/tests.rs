//! Laws of the ring, and what it recognises.

use super::*;
use crate::error::{Fault, FormulaError};
use crate::parse::formulas;
use proptest::prelude::*;

fn tower() -> Tower {
    Tower::new(&["x".to_owned(), "y".to_owned()], &["a".to_owned()], None).unwrap()
}

fn at(name: &str) -> f64 {
    match name {
        "x" => 0.7,
        "y" => 1.3,
        _ => 0.4,
    }
}

#[test]
fn formulas_that_are_zero_are_seen_to_be() {
    for text in [
        "(x+y)^2 - x^2 - 2*x*y - y^2",
        "(x^2+y^2)/(x^2+y^2) - 1",
        "x/(x+a) + a/(x+a) - 1",
        "sin(x*y)^2 + cos(x*y)^2 - 1",
        "sin(-x) + sin(x)",
        "exp(x)*exp(-x) - 1",
        "sqrt(x^2+1)^2 - x^2 - 1",
        "1/sqrt(x+2) - sqrt(x+2)/(x+2)",
        "(x^2+1)^(-3/2) - sqrt(1+x^2)/(x^2+1)^2",
        "(x+y)^(1/3)*(x+y)^(2/3) - x - y",
        "sqrt(9/4) - 3/2",
        "x^y*x^y - (x^y)^2",
        "1/x - y/(x*y)",
        "log(1) + tanh(0)",
    ] {
        let mut tower = tower();
        let p = tower.read(&formulas(text).unwrap()[0]).unwrap();
        assert!(p.is_zero(), "{text} became {}", tower.expanded(&p));
    }
}

#[test]
fn several_denominators_are_decided_by_the_numerator() {
    let mut tower = tower();
    let text = "1/(x+1) - 1/(x+2) - 1/((x+1)*(x+2))";
    let p = tower.read(&formulas(text).unwrap()[0]).unwrap();
    assert!(tower.over_denominators(&p).unwrap().0.is_zero());
    let p = tower.read(&formulas("1/(x+1) + 1/(y+2)").unwrap()[0]).unwrap();
    let (numerator, below) = tower.over_denominators(&p).unwrap();
    assert_eq!((tower.expanded(&numerator).to_string(), below.len()), ("3 + x + y".to_owned(), 2));
}

#[test]
fn faults_are_named() {
    let fault = |text: &str| match tower().read(&formulas(text).unwrap()[0]) {
        Err(SymbolicError::Formula(FormulaError { fault, .. })) => fault,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(fault("1/(x-x)"), Fault::DivisionByZero);
    assert_eq!(fault("log(y-y)"), Fault::NotReal);
    assert_eq!(fault("sqrt(x-x-2)"), Fault::NotReal);
    let many: Vec<String> = (1..40).map(|k| format!("sin({k}*x)")).collect();
    let result = tower().read(&formulas(&many.join("+")).unwrap()[0]);
    assert!(matches!(result, Err(SymbolicError::TooManyFunctions { .. })));
}

#[test]
fn time_runs_out() {
    let soon = Duration::from_millis(50);
    let deadline = Some(Instant::now() + soon);
    let mut tower = Tower::new(&["x".to_owned(), "y".to_owned()], &[], deadline).unwrap();
    std::thread::sleep(soon);
    let result = tower.read(&formulas("(x+y+1)^30*(x-y+2)^30").unwrap()[0]);
    assert!(matches!(result, Err(SymbolicError::OutOfTime)));
}

/// Whether a fault is the size of a formula, not its form.
fn is_a_limit(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::TooManyTerms { .. }
            | Fault::ExponentTooLarge { .. }
            | Fault::DegreeTooLarge { .. }
            | Fault::NumbersTooLarge { .. }
    )
}

/// A random formula with functions, from the grammar.
fn formula() -> BoxedStrategy<String> {
    let leaf =
        prop_oneof![Just("x".to_owned()), Just("y".to_owned()), Just("a".to_owned()), Just("2".to_owned())];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})*({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})/(3 + ({b})^2)")),
            inner.clone().prop_map(|a| format!("sqrt(1 + ({a})^2)")),
            inner.clone().prop_map(|a| format!("(2 + ({a})^2)^(-2/3)")),
            inner.clone().prop_map(|a| format!("log(2 + ({a})^2)")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(1 + ({a})^2)^({b})")),
            (inner, prop_oneof!["sin", "cos", "tanh", "exp"]).prop_map(|(a, f)| format!("{f}(({a})/4)")),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn values_and_derivatives_are_those_of_the_formula(text in formula()) {
        // A text whose powers multiply out too far is refused by the reader, one with too many
        // functions by the tower: answers too, and the only ones besides success.
        let expr = match formulas(&text) {
            Ok(mut exprs) => exprs.remove(0),
            Err(error) if is_a_limit(&error.fault) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(format!("{text}: {error}"))),
        };
        let mut tower = tower();
        let Ok(p) = tower.read(&expr) else { return Ok(()) };
        let (value, exact) = (tower.expanded(&p).eval(&at), expr.eval(&at));
        // Multiplying out cancels: a relative 1e-6 tells a wrong formula from rounding.
        prop_assert!((value - exact).abs() <= 1e-6 * exact.abs().max(1.0), "{}: {} {}", text, value, exact);
        let slope = tower.expanded(&tower.derivative(&p, 0).unwrap()).eval(&at);
        let d = 1e-5;
        let beside = |d: f64| expr.eval(&|name| if name == "x" { at(name) + d } else { at(name) });
        let difference = (beside(d) - beside(-d)) / (2.0 * d);
        let size = exact.abs().max(slope.abs()).max(1.0);
        prop_assert!((slope - difference).abs() <= 1e-4 * size, "{}: {} {}", text, slope, difference);
    }
}
