//! Every kind of method against fields that were found without trees (see `reference/README.md`).
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use serde_json::Value;
use shadowflow_methods::Rational;
use shadowflow_symbolic::{
    Expr, Kind, Objective, Obstruction, Request, Scheme, Sum, System, VectorField, WitnessValue,
};

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/modified.json")).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map(|list| list.iter().map(|text| text.as_str().unwrap()).collect()).unwrap_or_default()
}

fn system(case: &Value) -> System {
    let variables = texts(&case["variables"]);
    let variables = Some(&variables[..]);
    match (&texts(&case["objective"])[..], &texts(&case["field_given"])[..]) {
        ([one], []) => System::Gradient(Objective::parse(one, variables).unwrap()),
        ([], [one]) => System::Field(VectorField::parse(one, variables).unwrap()),
        ([], parts) => System::Sum(Sum::of_fields(parts, variables).unwrap()),
        (parts, _) => System::Sum(Sum::of_objectives(parts, variables).unwrap()),
    }
}

/// Two formulas agree: exactly, at rational points, where both are rational, and otherwise as doubles.
fn assert_same(found: &Expr, expected: &str, what: &str) {
    let expected = shadowflow_symbolic::formula(expected).unwrap();
    for i in 0..12i64 {
        let value = |name: &str| {
            let seed = name.bytes().fold(i, |sum, byte| sum * 31 + i64::from(byte));
            // Between 1/7 and 17/7, and never 1, where momentum ends.
            Rational::from_parts((1 + seed.rem_euclid(17)).into(), 7u8.into())
                + Rational::from_parts(1.into(), 1000u16.into())
        };
        match (found.eval_exact(&value), expected.eval_exact(&value)) {
            (Some(a), Some(b)) => assert_eq!(a, b, "{what}: {found}"),
            _ => {
                let at = |name: &str| value(name).to_f64().value();
                let (a, b) = (found.eval(&at), expected.eval(&at));
                // Some hundred operations in another order, with cancellation.
                assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{what}: {a} {b}");
            }
        }
    }
}

#[test]
fn fields_are_those_found_without_trees() {
    let reference = reference();
    for case in reference["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let field = case["field"].as_array().unwrap();
        let kind = if case["kind"] == "modifying" { Kind::Modifying } else { Kind::Modified };
        let scheme = Scheme::named(case["method"].as_str().unwrap()).unwrap();
        let request = Request { kind, ..Request::new(scheme, field.len() - 1) };
        let found = request.on(&system(case)).unwrap();
        assert_eq!(found.field.len(), field.len(), "{name}: {:?}", found.stopped);
        for (k, (found, expected)) in found.field.iter().zip(field).enumerate() {
            for (found, expected) in found.iter().zip(texts(expected)) {
                assert_same(found, expected, &format!("{name}, h^{k}"));
            }
        }
    }
}

#[test]
fn adam_and_rmsprop_through_the_square_of_h() {
    for case in reference()["numbers"].as_array().unwrap() {
        let scheme = Scheme::named(case["method"].as_str().unwrap()).unwrap();
        let found = Request::new(scheme, 2).on(&system(case)).unwrap();
        let at = |name: &str| if name == "x" { 2.0 } else { 1.0 / 3.0 };
        for (k, (found, expected)) in found.field.iter().zip(case["field"].as_array().unwrap()).enumerate() {
            for (found, expected) in found.iter().zip(expected.as_array().unwrap()) {
                let (found, expected) = (found.eval(&at), expected.as_f64().unwrap());
                // The terms of h² are 10⁶ times their sum.
                assert!(
                    (found - expected).abs() <= 1e-9 * expected.abs(),
                    "{}, h^{k}: {found} {expected}",
                    case["name"]
                );
            }
        }
    }
}

#[test]
fn the_modifying_integrator_of_the_midpoint_rule_on_the_oscillator() {
    // Ketcheson & Ranocha 2021: at (1, 0) the components are ρ(h) and α(h).
    let system = System::known("oscillator").unwrap().unwrap();
    let request = Request { kind: Kind::Modifying, ..Request::new(Scheme::named("midpoint").unwrap(), 8) };
    let found = request.on(&system).unwrap();
    let at = |name: &str| Rational::from(if name == "u1" { 1 } else { 0 });
    for (k, field) in found.field.iter().enumerate() {
        for (component, part) in field.iter().zip(["rho", "alpha"]) {
            let value = component.eval_exact(&at).unwrap().to_string();
            assert_eq!(value, reference()["oscillator"][part][k].as_str().unwrap(), "{part} at h^{k}");
        }
    }
}

#[test]
fn euler_on_the_square() {
    let system = System::known("blowup").unwrap().unwrap();
    let found = Request::new(Scheme::named("euler").unwrap(), 8).on(&system).unwrap();
    for (k, field) in found.field.iter().enumerate() {
        let value = field[0].eval_exact(&|_| Rational::ONE).unwrap().to_string();
        assert_eq!(value, reference()["squared"][k].as_str().unwrap());
    }
}

#[test]
fn momentum_ends_the_potential_where_its_curl_says() {
    for (method, exponent) in [("heavy-ball", 3), ("nesterov", 4)] {
        let system = System::Gradient(Objective::parse("(1-x*y)^2/2", Some(&["x", "y"])).unwrap());
        let found = Request::new(Scheme::named(method).unwrap(), 2).on(&system).unwrap();
        assert_eq!(found.potential.unwrap().through(), 1, "{method} {exponent}");
        let Some(Obstruction::NotAGradient(residual)) = found.obstruction else { panic!("{method}") };
        assert_same(&residual.curl, reference()["curls"][method].as_str().unwrap(), method);
        assert!(matches!(residual.witness.value, WitnessValue::Exact(_)));
    }
}

#[test]
fn one_momentum_keeps_the_gradient() {
    // Nesterov with β = 1/7: b(tall) = b(cherry), so that h² has a potential for every objective; with its neighbours it has none.
    let system = System::Gradient(Objective::parse("(1-x*y)^2/2 + x^3*y", None).unwrap());
    for (beta, through) in [("1/7", 2), ("1/6", 1), ("1/8", 1)] {
        let scheme = Scheme::named(&format!("nesterov(beta={beta})")).unwrap();
        let found = Request::new(scheme, 3).on(&system).unwrap();
        let potential = found.potential.unwrap();
        assert_eq!((potential.through(), potential.special_from), (through, None), "{beta}");
    }
}

#[test]
fn shuffled_batches_descend_the_modified_loss() {
    // Smith, Dherin, Barrett & De (2021): C + (h/4m) Σ |∇C_k|², here for C_k = a_k (x - k)²/2 with m = 3.
    let parts = ["(x-1)^2/2", "2*(x-2)^2/2", "3*(x-3)^2/2"];
    let system = System::Sum(Sum::of_objectives(&parts, None).unwrap());
    let found = Request::new(Scheme::named("sgd").unwrap(), 1).on(&system).unwrap();
    let potential = found.potential.unwrap();
    assert_same(&potential.terms[0], "((x-1)^2/2 + 2*(x-2)^2/2 + 3*(x-3)^2/2)/3", "C");
    assert_same(&potential.terms[1], "((x-1)^2 + 4*(x-2)^2 + 9*(x-3)^2)/12", "the term of h");
}

#[test]
fn noise_of_batches() {
    let system = System::Sum(Sum::of_objectives(&["(x-1)^2/2 + y", "(x+1)^2/2 - y", "x^2/2"], None).unwrap());
    let found = Request::new(Scheme::named("sme").unwrap(), 1).on(&system).unwrap();
    let covariance = found.covariance.unwrap();
    // Gradients off their mean (x, 0): (-1, 1), (1, -1), (0, 0).
    let text: Vec<Vec<String>> =
        covariance.iter().map(|row| row.iter().map(Expr::to_string).collect()).collect();
    assert_eq!(text, [["2/3", "-2/3"], ["-2/3", "2/3"]]);
    assert_same(&found.potential.unwrap().terms[1], "x^2/4", "(h/4)|∇f|²");
}
