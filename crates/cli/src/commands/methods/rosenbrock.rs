//! Rosenbrock methods: the list, and one of them.

use serde_json::{Value, json};
use shadowflow_methods::{Exact, RosenbrockMethod};

use super::super::stability::Stability;
use super::super::{readable, strings, table};
use super::citation;

pub(super) fn list() -> String {
    let mut rows = vec![["Rosenbrock method", "stages", "order", "title"].map(str::to_owned).to_vec()];
    rows.extend(RosenbrockMethod::all().iter().map(|method| {
        vec![
            method.name().to_owned(),
            method.coefficients().stages().to_string(),
            method.order().to_string(),
            title(method),
        ]
    }));
    table(&rows)
}

fn title(method: &RosenbrockMethod) -> String {
    match method.digits() {
        None => method.title().to_owned(),
        Some(digits) => format!("{}, known to {digits} digits", method.title()),
    }
}

pub(super) fn text(method: &RosenbrockMethod) -> String {
    let coefficients = method.coefficients();
    let function = method.stability_function();
    let stability = Stability::of_function(&function, coefficients.stages());
    let says = |yes: bool| if yes { "yes" } else { "no" };
    let rows = |matrix: &[Vec<Exact>]| {
        table(&matrix.iter().map(|row| row.iter().map(readable).collect()).collect::<Vec<_>>())
    };
    format!(
        "{}: {}\n{}\nRosenbrock method, {} stages, order {}\n\nalpha\n{}\nGamma\n{}\nb\n{}\nreal interval       {}\nimaginary interval  {}\n\
         A-stable            {}\nL-stable            {}\n",
        method.name(),
        title(method),
        method.citation(),
        coefficients.stages(),
        method.order(),
        rows(&coefficients.alpha),
        rows(&coefficients.gamma),
        rows(std::slice::from_ref(&coefficients.b)),
        stability.real_text(),
        stability.imaginary_text(),
        says(stability.is_a_stable()),
        says(stability.is_l_stable()),
    )
}

pub(super) fn summary(method: &RosenbrockMethod) -> Value {
    json!({
        "name": method.name(),
        "title": method.title(),
        "citation": citation(method.citation()),
        "stages": method.coefficients().stages(),
        "order": method.order(),
        "kind": "rosenbrock",
        "digits": method.digits(),
    })
}

pub(super) fn document(method: &RosenbrockMethod) -> Value {
    let coefficients = method.coefficients();
    let rows = |matrix: &[Vec<Exact>]| matrix.iter().map(|row| strings(row)).collect::<Vec<_>>();
    let mut document = summary(method);
    document["alpha"] = json!(rows(&coefficients.alpha));
    document["gamma"] = json!(rows(&coefficients.gamma));
    document["b"] = json!(strings(&coefficients.b));
    document["stability"] =
        Stability::of_function(&method.stability_function(), coefficients.stages()).document();
    document
}
