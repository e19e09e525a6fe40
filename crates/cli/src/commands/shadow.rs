//! `shadowflow shadow`: the modified field of a map, measured from its orbit.

use std::cell::RefCell;

use serde_json::json;
use shadowflow_methods::Method;
use shadowflow_numerics::{Optimizer, RungeKutta, Shadow, from_fn, orbit, shadow_of_orbit};
use shadowflow_symbolic::{Compiled, Evaluator, Part, Request, Scheme, System};

use super::dynamics::check_numbers;
use super::system::with_numbers;
use crate::args::ShadowArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json, say};

/// Orbits beyond this distance from the origin have left.
const RADIUS: f64 = 1e9;

/// Steps after which an optimizer's memory has faded, at the least, and at the most.
const TRANSIENT: usize = 100;
const LONGEST: usize = 1_000_000;

pub(crate) fn run(args: &ShadowArgs) -> Result<(), CliError> {
    let system = with_numbers(&args.system)?;
    let dimension = system.variables().len();
    check_numbers("--at", &args.at, system.variables())?;
    let algebra = |source| CliError::Symbolic { argument: "--objective", source: Box::new(source) };
    let compiled = match &system {
        System::Gradient(f) => Compiled::objective(f, &[]).and_then(|c| c.part(Part::Gradient)),
        System::Field(field) => Compiled::field(field, &[]).and_then(|c| c.part(Part::Field)),
        System::Sum(_) => return Err(CliError::NeedsSystem),
    };
    let sign = if system.is_gradient() { -1.0 } else { 1.0 };
    let evaluator = RefCell::new(compiled.map_err(algebra)?);
    let field = from_fn(dimension, |x: &[f64], out: &mut [f64]| {
        // Both slices have one number for each variable.
        if evaluator.borrow_mut().eval(x, out).is_err() {
            out.fill(f64::NAN);
        }
        out.iter_mut().for_each(|slope| *slope *= sign);
    });

    let numerical = |e: &dyn std::fmt::Display| CliError::Measurement { reason: e.to_string() };
    let (title, path) = match (Optimizer::named(&args.name), Method::named(&args.name)) {
        (Ok(optimizer), _) => {
            // At larger steps memory fades more slowly than its own rate says.
            let fading = optimizer.transient();
            let transient = if fading == 0 { 0 } else { (2 * fading).clamp(TRANSIENT, LONGEST) };
            let path = optimizer.orbit(&field, args.h, &args.at, transient + args.differences, RADIUS);
            (optimizer.to_string(), path)
        }
        (Err(_), Ok(method)) => {
            let rule = RungeKutta::new(method.tableau());
            let mut step = rule.on(&field, args.h).map_err(|e| numerical(&e))?;
            let path = orbit(|x, out| step.step(x, out), &args.at, args.differences, RADIUS);
            (method.name().to_owned(), path)
        }
        (Err(not_an_optimizer), Err(_)) => return Err(numerical(&not_an_optimizer)),
    };
    let path = path.map_err(|e| numerical(&e))?;
    let points: Vec<&[f64]> = path.points().collect();
    let Some(first) = points.len().checked_sub(args.differences + 1) else {
        let at = points.last().map_or(&args.at[..], |point| point).to_vec();
        return Err(match points.len() {
            0 | 1 => CliError::Undefined { at },
            some => CliError::OrbitLeft { h: args.h, steps: some - 1, at },
        });
    };
    let measured = shadow_of_orbit(&points[first..], args.h).map_err(|e| numerical(&e))?;
    let formulas = formulas(args, &system, points[first]);
    report(args, &system, &title, (points[first], first), &measured, &formulas)
}

/// The derived field through h⁰, h¹, … at the point, as far as this method has one.
fn formulas(args: &ShadowArgs, system: &System, point: &[f64]) -> Vec<Vec<f64>> {
    let derived = Scheme::named(&exact_name(&args.name))
        .and_then(|scheme| Request::new(scheme, args.order).on(system))
        .and_then(|found| {
            let names: Vec<&str> = found.variables.iter().map(String::as_str).collect();
            let all: Vec<_> = found.field.iter().flatten().cloned().collect();
            Ok((Evaluator::compile(&all, &names)?, found.field.len()))
        });
    let (mut evaluator, powers) = match derived {
        Ok(derived) => derived,
        Err(error) => {
            say(&format!("shadowflow: no formula to compare with: {error}"));
            return Vec::new();
        }
    };
    let dimension = point.len();
    let mut values = vec![0.0; powers * dimension];
    if evaluator.eval(point, &mut values).is_err() {
        return Vec::new();
    }
    let mut sums = Vec::new();
    let mut sum = vec![0.0; dimension];
    for (k, coefficient) in values.chunks(dimension).enumerate() {
        for (sum, c) in sum.iter_mut().zip(coefficient) {
            *sum += c * args.h.powi(k as i32);
        }
        sums.push(sum.clone());
    }
    sums
}

/// The name under which formulas know an optimizer, with the defaults of its parameters in numbers.
fn exact_name(name: &str) -> String {
    match Optimizer::named(name) {
        Ok(optimizer) => optimizer
            .to_string()
            .replace("gradient-descent", "euler")
            .replace("rmsprop(beta=", "rmsprop(beta2="),
        Err(_) => name.to_owned(),
    }
}

fn distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

fn report(
    args: &ShadowArgs,
    system: &System,
    title: &str,
    (point, transient): (&[f64], usize),
    measured: &Shadow,
    formulas: &[Vec<f64>],
) -> Result<(), CliError> {
    if args.json {
        let compared: Vec<_> = formulas
            .iter()
            .enumerate()
            .map(|(k, field)| json!({ "through_h_power": k, "field": field, "distance": distance(field, &measured.field) }))
            .collect();
        return print_json(&json!({
            "method": title,
            "h": args.h,
            "variables": system.variables(),
            "transient": transient,
            "point": point,
            "differences": args.differences,
            "field": measured.field,
            "error": measured.error,
            "formulas": compared,
        }));
    }
    let list = |values: &[f64]| values.iter().map(|x| format!("{x:.12}")).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "The field that {title} follows at h = {}, measured by {} differences",
        args.h, args.differences
    );
    if transient > 0 {
        text.push_str(&format!(" after {transient} steps"));
    }
    text.push_str(&format!(
        "\n  at    {} = {}\n  field {}\n  error about {:.1e}\n",
        system.variables().join(", "),
        list(point),
        list(&measured.field),
        measured.error
    ));
    for (k, field) in formulas.iter().enumerate() {
        let gap = distance(field, &measured.field);
        text.push_str(&format!("  formula through h^{k}: {}   off by {gap:.1e}\n", list(field)));
    }
    print(&text)
}
