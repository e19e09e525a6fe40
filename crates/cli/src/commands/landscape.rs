//! The figure modified-landscape of the user's own objective.

use std::sync::Mutex;

use shadowflow_figures::{Format, Landscape, Outcome, draw};
use shadowflow_symbolic::{Compiled, Evaluator, Expr, Part, Request, Scheme, SymbolicError, System};

use super::system::with_numbers;
use crate::args::{FiguresArgs, SystemArg};
use crate::error::CliError;
use crate::terminal::Bar;

/// The name of its files.
const ID: &str = "modified-landscape-of-objective";

/// Draws it and hands the figure and what became of it to `then`.
pub(super) fn run(
    args: &FiguresArgs,
    formats: &[Format],
    bar: &Bar,
    then: impl FnOnce(&Landscape<'_>, &Outcome) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let given = &args.landscape;
    let system = with_numbers(&SystemArg {
        objective: given.objective.iter().cloned().collect(),
        field: Vec::new(),
        vars: given.vars.clone(),
        params: given.params.clone(),
    })?;
    let System::Gradient(f) = &system else { return Err(CliError::NeedsSystem) };
    let failed =
        |source: SymbolicError| CliError::Symbolic { argument: "--objective", source: Box::new(source) };
    let [x, y] = f.variables() else {
        return Err(CliError::NeedsPlane { found: f.variables().len() });
    };
    let compiled = Compiled::objective(f, &[]).map_err(failed)?;
    let part = |part| compiled.part(part).map(Mutex::new).map_err(failed);
    let (value, gradient, hessian) = (part(Part::Value)?, part(Part::Gradient)?, part(Part::Hessian)?);
    let found = Request::new(Scheme::named("euler").map_err(failed)?, 1).on(&system).map_err(failed)?;
    let correction = Evaluator::compile(&found.field[1], &[x, y]).map(Mutex::new).map_err(failed)?;

    let window = match given.window[..] {
        [left, right, bottom, top] => [(left, right), (bottom, top)],
        _ => return Err(CliError::Count { argument: "--window", found: given.window.len(), expected: 4 }),
    };
    let three_quarters = |(low, high): (f64, f64)| 0.125 * low + 0.875 * high;
    let start = match given.start.as_deref() {
        Some(&[x, y]) => [x, y],
        Some(other) => return Err(CliError::Count { argument: "--start", found: other.len(), expected: 2 }),
        None => [three_quarters(window[0]), three_quarters(window[1])],
    };
    let h = match given.h {
        Some(h) => h,
        None => {
            let sharpness = sharpness(at(&hessian, start[0], start[1]));
            if !(sharpness.is_finite() && sharpness > 0.0) {
                return Err(CliError::NeedsStep { start });
            }
            two_digits(0.5 / sharpness)
        }
    };
    let pair = |evaluator: &Mutex<Evaluator>, x: f64, y: f64| {
        let [a, b] = at(evaluator, x, y);
        (a, b)
    };
    let figure = Landscape {
        id: ID.to_owned(),
        title: format!("Gradient descent on {} follows the gradient flow of a modified objective", f.expr()),
        source: "after Tao & Wang; Barrett & Dherin (2021)".to_owned(),
        formula: f.expr().to_latex(),
        axes: [Expr::symbol(x).to_latex(), Expr::symbol(y).to_latex()],
        window,
        start,
        h,
        steps: given.steps,
        value: &|x, y| at::<1>(&value, x, y)[0],
        gradient: &|x, y| pair(&gradient, x, y),
        correction: &|x, y| pair(&correction, x, y),
        highlight: None,
    };
    let outcome = draw(&figure, &args.out, formats, bar)?;
    then(&figure, &outcome)
}

/// A number cut to two digits, as one would choose it.
fn two_digits(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

/// What a compiled formula is at a point of the plane; NaN where it has no value.
fn at<const N: usize>(evaluator: &Mutex<Evaluator>, x: f64, y: f64) -> [f64; N] {
    let mut out = [f64::NAN; N];
    // A poisoned lock means that another thread failed; the evaluator keeps nothing between two points.
    let mut evaluator = evaluator.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if evaluator.eval(&[x, y], &mut out).is_err() {
        return [f64::NAN; N];
    }
    out
}

/// The largest size of an eigenvalue of a symmetric matrix, row by row.
fn sharpness([a, b, _, d]: [f64; 4]) -> f64 {
    0.5 * ((a + d).abs() + (a - d).hypot(2.0 * b))
}
