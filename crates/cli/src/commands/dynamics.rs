//! What the commands on orbits share: the map that was asked for, lists of numbers, charts.

use std::path::Path;

use serde_json::Value;
use shadowflow_figures::{Figure, FigureError, write_file};
use shadowflow_methods::Method;
use shadowflow_numerics::{Formula, GradientFlow, Iteration, Objective as _, Optimizer, Scalar};
use shadowflow_symbolic::{NumericField, NumericObjective, System};

use super::system::with_numbers;
use crate::args::{MapArg, SystemArg};
use crate::error::CliError;
use crate::terminal::{Bar, say};

/// A field as it was typed: that of an objective or any other.
pub(super) enum Flow {
    Gradient(GradientFlow<NumericObjective>),
    Field(NumericField),
}

impl Flow {
    /// f, if this is the field of one.
    pub(super) fn value(&self, x: &[f64]) -> Option<f64> {
        match self {
            Flow::Gradient(GradientFlow(f)) => Some(f.value(x)),
            Flow::Field(_) => None,
        }
    }
}

impl Formula for Flow {
    fn variables(&self) -> usize {
        match self {
            Flow::Gradient(flow) => Formula::variables(flow),
            Flow::Field(field) => Formula::variables(field),
        }
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        match self {
            Flow::Gradient(flow) => flow.at(x, out),
            Flow::Field(field) => field.at(x, out),
        }
    }
}

/// A method or optimizer on a field, with its names.
pub(super) struct Dynamics {
    pub(super) map: Iteration<Flow>,
    /// As it is typed.
    pub(super) method: String,
    pub(super) formula: String,
    pub(super) variables: Vec<String>,
}

impl Dynamics {
    pub(super) fn of(args: &MapArg) -> Result<Dynamics, CliError> {
        let system = with_numbers(&args.system)?;
        let (flow, formula) = flow(&system)?;
        let variables = system.variables().to_vec();
        let name = args.method.trim();
        let (map, method) = match super::optimizer(name).map_err(CliError::MethodOption)? {
            Some(optimizer) => (Iteration::optimizer(&optimizer, flow), optimizer.to_string()),
            None => {
                let method = Method::named(name)
                    .map_err(|error| super::suggesting(error.into(), Optimizer::names()))?;
                (Iteration::method(method.tableau(), flow), method.name().to_owned())
            }
        };
        Ok(Dynamics { map, method, formula, variables })
    }

    /// The state with which the method begins at a point that was typed.
    pub(super) fn start(&self, argument: &'static str, x: &[f64]) -> Result<Vec<f64>, CliError> {
        let expected = self.variables.len();
        if x.len() == expected {
            return Ok(self.map.start(x));
        }
        Err(CliError::Numbers { argument, found: x.len(), expected, variables: self.variables.join(", ") })
    }

    /// An interval for each variable: those given, or `default` for each.
    pub(super) fn sides(
        &self,
        argument: &'static str,
        given: &[f64],
        default: (f64, f64),
    ) -> Result<Vec<(f64, f64)>, CliError> {
        let d = self.variables.len();
        match given.len() {
            0 => Ok(vec![default; d]),
            n if n == 2 * d => given.chunks(2).map(|side| ordered(argument, side[0], side[1])).collect(),
            found => Err(CliError::Count { argument, found, expected: 2 * d }),
        }
    }

    pub(super) fn f(&self, x: &[f64]) -> Option<f64> {
        self.map.field().value(&x[..self.variables.len()])
    }
}

/// The field of a system with its formula; sums are no single field.
fn flow(system: &System) -> Result<(Flow, String), CliError> {
    let failed = |source| CliError::Symbolic { argument: "--params", source: Box::new(source) };
    Ok(match system {
        System::Gradient(f) => {
            (Flow::Gradient(GradientFlow(f.numeric().map_err(failed)?)), f.expr().to_string())
        }
        System::Field(field) => {
            let components: Vec<String> = field.components().iter().map(ToString::to_string).collect();
            (Flow::Field(field.numeric().map_err(failed)?), components.join(", "))
        }
        System::Sum(_) => return Err(CliError::OneSystem),
    })
}

/// The objective that was typed, in numbers.
pub(super) fn objective(args: &SystemArg) -> Result<(NumericObjective, String, Vec<String>), CliError> {
    let system = with_numbers(args)?;
    let System::Gradient(f) = &system else { return Err(CliError::NeedsObjective) };
    let failed = |source| CliError::Symbolic { argument: "--params", source: Box::new(source) };
    Ok((f.numeric().map_err(failed)?, f.expr().to_string(), f.variables().to_vec()))
}

/// Two numbers, the smaller first.
pub(super) fn ordered(argument: &'static str, from: f64, to: f64) -> Result<(f64, f64), CliError> {
    if from < to && (to - from).is_finite() {
        Ok((from, to))
    } else {
        Err(CliError::Interval { argument, from, to })
    }
}

/// A pair typed as two numbers.
pub(super) fn pair(argument: &'static str, given: &[f64]) -> Result<(f64, f64), CliError> {
    match given {
        [from, to] => ordered(argument, *from, *to),
        _ => Err(CliError::Count { argument, found: given.len(), expected: 2 }),
    }
}

/// Learning rates evenly from one end to the other.
pub(super) fn rates(given: &[f64], columns: usize) -> Result<Vec<f64>, CliError> {
    let (from, to) = pair("--rates", given)?;
    if from <= 0.0 {
        return Err(CliError::Step { h: from });
    }
    if !(2..=100_000).contains(&columns) {
        return Err(CliError::Range { argument: "--columns", found: columns, least: 2, most: 100_000 });
    }
    Ok((0..columns).map(|k| from + (to - from) * k as f64 / (columns - 1) as f64).collect())
}

/// Whatever a computation objects to, in its own words.
pub(super) fn failed(error: impl std::fmt::Display) -> CliError {
    CliError::Measurement { reason: error.to_string() }
}

/// A label of a variable, as mathematics.
pub(super) fn label(name: &str) -> String {
    let letters: String = name.chars().take_while(|c| c.is_alphabetic()).collect();
    let rest = &name[letters.len()..];
    match (letters.chars().count(), rest) {
        (1, "") => format!("${letters}$"),
        (1, digits) => format!("${letters}_{{{digits}}}$"),
        _ => name.replace('_', " "),
    }
}

/// Writes a chart where `--out` says, once it is known what endings there are.
pub(super) fn draw(figure: &dyn Figure, file: &Path) -> Result<(), CliError> {
    write_file(figure, file, &Bar::new(1))?;
    say(&format!("shadowflow: wrote {}", file.display()));
    Ok(())
}

/// Refuses endings before any work is done.
pub(super) fn check_ending(file: Option<&Path>, accepted: &[&str]) -> Result<(), CliError> {
    let Some(file) = file else { return Ok(()) };
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if accepted.contains(&ending.as_str()) {
        return Ok(());
    }
    Err(match ["svg", "pdf", "png", "npz", "csv"].contains(&ending.as_str()) {
        true => CliError::NoSuchData { ending, accepted: accepted.join(", ") },
        false => FigureError::UnknownEnding { file: file.to_owned() }.into(),
    })
}

/// A number or, where JSON has none, its name.
pub(super) fn number(x: f64) -> Value {
    match x {
        x if x.is_finite() => x.into(),
        x if x.is_nan() => Value::Null,
        x if x > 0.0 => "infinity".into(),
        _ => "-infinity".into(),
    }
}

/// A number as mathematics.
pub(super) fn tex(x: f64) -> String {
    let text = super::stability::short(x);
    match text.split_once('e') {
        Some(("1", exponent)) => format!("10^{{{exponent}}}"),
        Some((mantissa, exponent)) => format!("{mantissa}\\cdot 10^{{{exponent}}}"),
        None => text,
    }
}
