//! The three reports of one derivation, as a user sees them.
#![cfg(feature = "symbolica")]
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use shadowflow_symbolic::report::Report;
use shadowflow_symbolic::{Derivation, Form, Objective, Request, Scheme, System, VectorField};

fn derived(method: &str, text: &str, order: usize) -> (Scheme, System, Derivation) {
    let (scheme, system) =
        (Scheme::named(method).unwrap(), System::Gradient(Objective::parse(text, None).unwrap()));
    let found = Request::new(scheme.clone(), order).on(&system).unwrap();
    (scheme, system, found)
}

#[test]
fn text_says_where_the_potential_ends() {
    let (scheme, system, found) = derived("euler", "(1-x*y)^2/2", 2);
    let text = Report::new(&scheme, &system, &found).text(Form::Collected).unwrap();
    for line in [
        "Modified equation of euler, explicit Euler (gradient descent), through h^2",
        "on the gradient flow of f = 1/2*(1 - x*y)^2",
        "  x' = y*(1 - x*y)",
        "Modified potential through h^1: the field is its negative gradient through that power",
        "      + h * (1/4*(x^2 + y^2)*(1 - x*y)^2)",
        "No potential exists at h^2: that coefficient of the field is not a gradient.",
        "  which is 1295/729 at x = 2, y = 1/3.",
    ] {
        assert!(text.lines().any(|l| l.trim_start() == line.trim_start()), "{line}\n{text}");
    }
}

#[test]
fn text_says_where_corrections_begin() {
    let text = |order| {
        let (scheme, system, found) = derived("rk4", "(1-x*y)^2/2", order);
        Report::new(&scheme, &system, &found).text(Form::Collected).unwrap()
    };
    assert!(
        text(2).contains("nothing more through h^2: the method has order 4, so corrections begin at h^4")
    );
    assert!(!text(4).contains("nothing more"));
}

#[test]
fn latex_has_balanced_braces_and_environments() {
    let (scheme, system, found) = derived("euler", "exp(-x^2)*mu_1/(2+cos(theta1*y))", 2);
    let text = Report::new(&scheme, &system, &found).latex(Form::Collected).unwrap();
    let count = |c: &str| text.matches(c).count();
    assert_eq!(count("{"), count("}"));
    assert_eq!(count("\\left("), count("\\right)"));
    assert_eq!(count("\\begin{align*}"), count("\\end{align*}"));
    assert!(text.contains("\\mu_{1}") && text.contains("\\theta_{1}"), "{text}");
}

#[test]
fn json_follows_the_contract() {
    let (scheme, system, found) = derived("euler", "(1-x*y)^2/2", 2);
    let document = Report::new(&scheme, &system, &found).json(Form::Collected).unwrap();
    assert_eq!(document["method"], "euler");
    assert_eq!(document["variables"], serde_json::json!(["x", "y"]));
    assert_eq!(document["order"], 2);
    assert_eq!(document["field"].as_array().unwrap().len(), 2);
    assert_eq!(document["potential"]["through_h_power"], 1);
    assert_eq!(document["potential"]["expression"], "1/2*(1 - x*y)^2 + 1/4*h*(x^2 + y^2)*(1 - x*y)^2");
    assert_eq!(document["residual"]["h_power"], 2);
    assert_eq!(document["residual"]["witness"]["curl"], "1295/729");

    let field = System::Field(VectorField::parse("p*(2-q),q*(p-1)", Some(&["p", "q"])).unwrap());
    let found = Request::new(scheme.clone(), 1).on(&field).unwrap();
    let document = Report::new(&scheme, &field, &found).json(Form::Collected).unwrap();
    assert!(document["potential"].is_null() && document["residual"].is_null());
}
