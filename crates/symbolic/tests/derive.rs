//! Derivations against results from the literature and by other routes.
#![cfg(feature = "symbolica")]
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use shadowflow_methods::{Method, Rational};
use shadowflow_symbolic::{
    Derivation, Evaluator, Expr, Fault, Form, FormulaError, Function, Objective, Obstruction, SymbolicError,
    System, VectorField, WitnessValue, derive,
};

fn objective(method: &str, text: &str, order: usize) -> Derivation {
    let f = Objective::parse(text, None).unwrap();
    derive(&System::Gradient(f), Method::named(method).unwrap().tableau(), order).unwrap()
}

fn field(method: &str, text: &str, variables: &[&str], order: usize) -> Derivation {
    let f = VectorField::parse(text, Some(variables)).unwrap();
    derive(&System::Field(f), Method::named(method).unwrap().tableau(), order).unwrap()
}

/// Two formulas of x, y (and h) agree at enough points to be equal as polynomials of the degrees that occur here.
fn same(a: &Expr, b: &str) -> bool {
    // Multiplied by h, a name that formulas from outside may not use, the right side is given with k instead.
    let b = Objective::parse(b, None).unwrap();
    let value = |names: &[(&'static str, i64)], name: &str| {
        names.iter().find(|(n, _)| *n == name || (*n == "k" && name == "h")).map_or(0, |(_, v)| *v)
    };
    (0..40i64).all(|i| {
        let names = [("x", 3 + i), ("y", 1 - 2 * i * i), ("k", 7 * i - 2), ("p", 2 + i), ("q", 5 - i * i)];
        let at = |name: &str| Rational::from(value(&names, name));
        a.eval_exact(&at) == b.expr().eval_exact(&at)
    })
}

#[test]
fn gradient_descent_on_the_scalar_factorization() {
    let found = objective("euler", "(1-x*y)^2/2", 2);
    let potential = found.potential.as_ref().unwrap();
    assert_eq!(potential.in_h().to_string(), "1/2*(1 - x*y)^2 + 1/4*h*(x^2 + y^2)*(1 - x*y)^2");
    let Some(Obstruction::NotAGradient(residual)) = &found.obstruction else { panic!() };
    assert_eq!(residual.h_power, 2);
    assert!(same(&residual.curl, "-(x^2-y^2)*(x^2+y^2)*(x*y-1)/3"), "{}", residual.curl);
    let witness = &residual.witness;
    assert_eq!(
        witness.point,
        [("x".to_owned(), 2.into()), ("y".to_owned(), Rational::from_parts(1.into(), 3u8.into()))]
    );
    assert_eq!(witness.value, WitnessValue::Exact(Rational::from_parts(1295.into(), 729u16.into())));
}

#[test]
fn potentials_have_the_field_as_their_gradient() {
    // -∂Ṽ/∂x by exact differences: the potential is a polynomial of degree below 14 in each variable.
    for (method, order) in
        [("euler", 1), ("rk2(c2=1/3)", 2), ("heun", 1), ("rk4", 3), ("implicit-midpoint", 1)]
    {
        let found = objective(method, "(1-x*y)^2/2 + x^3*y", order);
        let potential = found.potential.as_ref().unwrap();
        assert_eq!(potential.through(), order, "{method}");
        for (k, term) in potential.terms.iter().enumerate() {
            let point = |x: i64, y: i64| {
                let at = |name: &str| Rational::from(if name == "x" { x } else { y });
                term.eval_exact(&at).unwrap()
            };
            let along_x = derivative(|t| point(3 + t, -2));
            let along_y = derivative(|t| point(3, -2 + t));
            let at = |name: &str| Rational::from(if name == "x" { 3 } else { -2 });
            assert_eq!(found.field[k][0].eval_exact(&at), Some(-along_x), "{method} h^{k}");
            assert_eq!(found.field[k][1].eval_exact(&at), Some(-along_y), "{method} h^{k}");
        }
    }
}

/// p'(0) of a polynomial of degree at most 14 from its values at 0, 1, …, by Newton's series Σ (-1)^(k-1)/k Δᵏ.
fn derivative(p: impl Fn(i64) -> Rational) -> Rational {
    let mut differences: Vec<Rational> = (0..=14).map(p).collect();
    let mut sum = Rational::ZERO;
    for k in 1..=14i64 {
        differences = differences.windows(2).map(|pair| &pair[1] - &pair[0]).collect();
        let sign = if k % 2 == 1 { 1 } else { -1 };
        sum += &differences[0] * Rational::from_parts(sign.into(), (k as u64).into());
    }
    sum
}

#[test]
fn lotka_volterra_by_hand() {
    // -h/2 f'f for f = (p(2-q), q(p-1)), differentiated by hand.
    let found = field("euler", "p*(2-q),q*(p-1)", &["p", "q"], 2);
    assert!(same(&found.field[0][0], "p*(2-q)") && same(&found.field[0][1], "q*(p-1)"));
    assert!(same(&found.field[1][0], "-1/2*(p*(2-q)*(2-q) - p*q*(p-1))"), "{}", found.field[1][0]);
    assert!(same(&found.field[1][1], "-1/2*(q*p*(2-q) + (p-1)*q*(p-1))"), "{}", found.field[1][1]);
    assert!(found.potential.is_none() && found.obstruction.is_none());
}

#[test]
fn euler_on_the_blow_up_equation() {
    // Hairer, Lubich & Wanner, GNI, Example IX.1.1 and further.
    let found = field("euler", "y^2", &["y"], 8);
    let coefficients = ["1", "-1", "3/2", "-8/3", "31/6", "-157/15", "649/30", "-9427/210", "19423/210"];
    for (k, expected) in coefficients.iter().enumerate() {
        let value = found.field[k][0].eval_exact(&|_| Rational::ONE).unwrap();
        assert_eq!(value.to_string(), *expected);
    }
}

#[test]
fn the_rigid_body_under_the_implicit_midpoint_rule() {
    // The modifying integrator is the field times 1 - h²(ab u₃² + ac u₂² + bc u₁²)/12 (Chartier, Hairer & Vilmart 2007);
    // to this order the modified equation differs from it by the sign.
    let f = VectorField::parse("a*u2*u3,b*u3*u1,c*u1*u2", Some(&["u1", "u2", "u3"])).unwrap();
    let found = derive(&System::Field(f), Method::named("implicit-midpoint").unwrap().tableau(), 2).unwrap();
    let at = |name: &str| -> Rational {
        let names = [("a", 2), ("b", -3), ("c", 5), ("u1", 7), ("u2", -4), ("u3", 3)];
        names.iter().find(|(n, _)| *n == name).unwrap().1.into()
    };
    let (a, b, c, u1, u2, u3) = (2, -3, 5, 7, -4, 3);
    let factor =
        Rational::from_parts((a * b * u3 * u3 + a * c * u2 * u2 + b * c * u1 * u1).into(), 12u8.into());
    assert_eq!(found.field[2][0].eval_exact(&at), Some(factor * Rational::from(a * u2 * u3)));
}

#[test]
fn one_variable_and_quadratics_always_have_a_potential() {
    for (method, text) in [("euler", "x^4/4 - x^2/2"), ("heun", "x^2 + 3*x*y + 5*y^2/2")] {
        let found = objective(method, text, 4);
        let potential = found.potential.unwrap();
        assert_eq!(
            (potential.through(), potential.special_from, found.obstruction),
            (4, Some(2), None),
            "{method}"
        );
    }
    // The potential of -log(1-hλ)/h·x… for f = x²/2: Σ hᵏ x²/(2(k+1)).
    let found = objective("euler", "x^2/2", 5);
    for (k, term) in found.potential.unwrap().terms.iter().enumerate() {
        assert_eq!(
            term.eval_exact(&|_| Rational::ONE),
            Some(Rational::from_parts(1.into(), (2 * k as u64 + 2).into()))
        );
    }
    // In one variable the curl vanishes; without a polynomial there is no closed form to give.
    assert_eq!(objective("euler", "cos(x)", 2).obstruction, Some(Obstruction::NoClosedForm { h_power: 2 }));
}

#[test]
fn rounding_is_no_proof() {
    // Radial objectives: the curl is 0 everywhere, its floating-point value is not.
    for text in ["10000000*sqrt(x^2+y^2+1)", "10000000*sqrt(2+cos(x^2+y^2))", "10000000*(1+x^2+y^2)^(1/3)"] {
        let found = objective("euler", text, 2);
        assert!(!matches!(found.obstruction, Some(Obstruction::NotAGradient(_))), "{text}");
    }
    // x*y in disguise, a quadratic: what is not recognised as 0 is not taken for anything else.
    for text in ["x*y + (tan(x)-sin(x)/cos(x))*y^3", "x*y + y^3*(log(x*y)-log(x)-log(y))"] {
        let found = objective("euler", text, 2);
        assert!(!matches!(found.obstruction, Some(Obstruction::NotAGradient(_))), "{text}");
    }
}

#[test]
fn irrational_methods_have_irrational_formulas() {
    let found = objective("sdirk2", "x^2/2", 2);
    // b(tall₃) of sdirk2 from log R, R = (1 + (1-2γ)z)/(1-γz)², γ = 1 - √2/2: 1/3((1-2γ)³ + 2γ³).
    let gamma = 1.0 - 0.5f64.sqrt();
    let expected = -((1.0 - 2.0 * gamma).powi(3) + 2.0 * gamma.powi(3)) / 3.0;
    // ẋ = log R(-h)/h · x, so the coefficient of h² carries (-1)³.
    assert!((found.field[2][0].eval(&|_| 1.0) - expected).abs() < 1e-15, "{}", found.field[2][0]);
}

#[test]
fn transcendental_objectives() {
    let found = objective("euler", "tanh(x) + exp(x*y)*sin(y) + tan(x)*log(y)", 2);
    let text: Vec<String> =
        found.formulas(Form::Collected, None).unwrap().field.iter().map(Expr::to_string).collect();
    assert!(text.iter().all(|t| !t.contains("sec")), "{text:?}");
    let Some(Obstruction::NotAGradient(residual)) = &found.obstruction else { panic!() };
    assert!(matches!(residual.witness.value, WitnessValue::Float(_)));
    // f₁ = ½ H∇f·(-1)·(-1) … by finite differences of ¼|∇f|².
    let grad = |x: f64, y: f64| {
        let at = |name: &str| if name == "x" { x } else { y };
        [found.field[0][0].eval(&at), found.field[0][1].eval(&at)]
    };
    let quarter = |x: f64, y: f64| grad(x, y).iter().map(|g| g * g / 4.0).sum::<f64>();
    let (x, y, e) = (0.3, 0.8, 1e-5);
    let slope = (quarter(x + e, y) - quarter(x - e, y)) / (2.0 * e);
    let at = |name: &str| if name == "x" { x } else { y };
    // Central differences of a function of size 1: e² truncation and 1e-16/e rounding.
    assert!((found.field[1][0].eval(&at) + slope).abs() < 1e-8);
}

#[test]
fn compiled_formulas_agree_with_their_trees() {
    let found = objective("heun", "tanh(x)*exp(-y^2) + sqrt(x^2+1)*tan(y/3) + (x-y)^4/(2+cos(x*y))", 2);
    let exprs = found.formulas(Form::Collected, None).unwrap().field;
    let mut evaluator = Evaluator::compile(&exprs, &["x", "y", "h"]).unwrap();
    let mut clone = evaluator.clone();
    let compare = move |evaluator: &mut Evaluator| {
        let mut out = [0.0; 2];
        for i in 0..20 {
            let point = [0.1 * f64::from(i) - 0.7, 0.9 - 0.13 * f64::from(i), 0.05];
            evaluator.eval(&point, &mut out).unwrap();
            let at = |name: &str| point[["x", "y", "h"].iter().position(|n| *n == name).unwrap()];
            for (value, expr) in out.iter().zip(&exprs) {
                let expected = expr.eval(&at);
                // Some hundred operations in another order.
                assert!((value - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{value} {expected}");
            }
        }
    };
    compare(&mut evaluator);
    std::thread::spawn(move || compare(&mut clone)).join().unwrap();
    assert!(matches!(
        evaluator.eval(&[1.0], &mut [0.0; 2]),
        Err(SymbolicError::Length { expected: 3, found: 1, .. })
    ));
}

#[test]
fn formulas_without_a_value_are_refused() {
    // Reading refuses such formulas; built by hand they are refused when the algebra system gets them.
    let x = || Expr::symbol("x");
    let zero = || Expr::sum(vec![x(), x().negated()]);
    let power = |base: Expr, n: i64, d: u8| {
        Expr::Power(Box::new(base), Box::new(Expr::Number(Rational::from_parts(n.into(), d.into()))))
    };
    let fault = |expr: Expr| match Evaluator::compile(&[expr], &["x"]).err() {
        Some(SymbolicError::Formula(FormulaError { fault, .. })) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(power(zero(), -1, 1)), Fault::DivisionByZero);
    assert_eq!(fault(Expr::Call(Function::Log, Box::new(zero()))), Fault::NotReal);
    assert_eq!(fault(power(Expr::sum(vec![zero(), Expr::Number((-2).into())]), 1, 2)), Fault::NotReal);
}

#[test]
fn orders_outside_the_limits_are_refused() {
    let f = System::Gradient(Objective::parse("x^2", None).unwrap());
    let derive = |order| derive(&f, Method::named("euler").unwrap().tableau(), order).unwrap_err();
    assert_eq!(derive(0), SymbolicError::OrderZero);
    assert!(matches!(derive(99), SymbolicError::OrderTooLarge { requested: 99, limit: 8, .. }));
    // Trees with at most 10 vertices.
    assert!(matches!(derive(9), SymbolicError::OrderTooLarge { trees: 1205.0, .. }));

    let long = System::Gradient(Objective::parse("(x+y+z+w)^20", None).unwrap());
    let result = shadowflow_symbolic::derive(&long, Method::named("euler").unwrap().tableau(), 2);
    assert!(matches!(result, Err(SymbolicError::TooManyTerms { order: 2, .. })));
}
