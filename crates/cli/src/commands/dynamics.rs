//! What the commands on orbits share: the map that was asked for, lists of numbers, charts.

use std::path::Path;

use serde_json::Value;
use shadowflow_figures::grid::Grid;
use shadowflow_figures::{Figure, FigureError, Silent, write_file};
use shadowflow_methods::Method;
use shadowflow_numerics::statistics::StatisticsError;
use shadowflow_numerics::{Formula, GradientFlow, InputError, Iteration, Objective as _, Optimizer, Scalar};
use shadowflow_symbolic::{NumericField, NumericObjective, System};

use super::system::with_numbers;
use crate::args::{MapArg, SystemArg};
use crate::error::CliError;
use crate::terminal::say;

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
        Dynamics::of_system(&with_numbers(&args.system)?, &args.method)
    }

    /// Of a system whose parameters have numbers.
    pub(super) fn of_system(system: &System, name: &str) -> Result<Dynamics, CliError> {
        let (flow, formula) = flow(system)?;
        let variables = system.variables().to_vec();
        let name = name.trim();
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
        check_numbers(argument, x, &self.variables)?;
        Ok(self.map.start(x))
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
    check_range("--columns", columns, 2, 100_000)?;
    Ok((0..columns).map(|k| from + (to - from) * k as f64 / (columns - 1) as f64).collect())
}

/// Whatever a computation objects to, in its own words.
pub(super) fn failed(error: impl std::fmt::Display) -> CliError {
    CliError::Measurement { reason: error.to_string() }
}

/// What an option cannot be, in words.
pub(super) fn wrong<T>(argument: &'static str, reason: &str) -> Result<T, CliError> {
    Err(CliError::Option { argument, reason: reason.to_owned() })
}

/// A number rounded to so many digits, for tables.
pub(super) fn rounded(x: f64, digits: i32) -> String {
    if x == 0.0 || !x.is_finite() {
        return super::stability::short(x);
    }
    let unit = 10f64.powi(x.abs().log10().floor() as i32 + 1 - digits);
    super::stability::short((x / unit).round() * unit)
}

/// A label of a variable, as mathematics.
pub(super) fn label(name: &str) -> String {
    let letters: String = name.chars().take_while(|c| c.is_alphabetic()).collect();
    let rest = &name[letters.len()..];
    // As they are typed, Greek letters are words.
    let greek = [
        "alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "kappa", "lambda", "mu", "nu", "rho",
        "sigma", "tau", "phi", "omega",
    ];
    if greek.contains(&letters.as_str()) && rest.chars().all(|c| c.is_ascii_digit()) {
        let index = if rest.is_empty() { String::new() } else { format!("_{{{rest}}}") };
        return format!("$\\{letters}{index}$");
    }
    match (letters.chars().count(), rest) {
        (1, "") => format!("${letters}$"),
        (1, digits) => format!("${letters}_{{{digits}}}$"),
        _ => name.replace('_', " "),
    }
}

/// Rows of equal length as a field for an npz file, two at least, over an interval in their direction.
pub(super) fn rows(name: &str, over: (f64, f64), rows: &[Vec<f64>]) -> Option<(String, Grid)> {
    let columns = rows.first().map_or(0, Vec::len);
    let grid = Grid::of_values(over, (0.0, rows.len() as f64 - 1.0), columns, rows.concat())?;
    Some((name.to_owned(), grid))
}

/// Statistics that were asked for, or their failure in their own words.
pub(super) fn statistics<T>(result: Result<T, StatisticsError>) -> Result<T, CliError> {
    result.map_err(|error| match error {
        StatisticsError::Interrupted => CliError::Interrupted,
        StatisticsError::Input(error) => input(error),
        error => failed(error),
    })
}

/// What a measurement with chance does not accept, with the argument it came from.
pub(super) fn input(error: InputError) -> CliError {
    let argument = match &error {
        InputError::Step { h } => return CliError::Step { h: *h },
        InputError::NotConfining { .. } => "--objective",
        InputError::Number { what: "the length epsilon of the ripples", .. } => "--epsilon",
        InputError::Number { what: "the temperature T", .. } => "--temperature",
        InputError::Order { what: "the number of iterates", .. } => "--iterates",
        InputError::Order { what: "the number of steps of all paths", .. } => "--paths",
        _ => return failed(error),
    };
    CliError::Option { argument, reason: error.to_string() }
}

/// Whether there is a number for each variable.
pub(super) fn check_numbers(argument: &'static str, x: &[f64], variables: &[String]) -> Result<(), CliError> {
    let (found, expected) = (x.len(), variables.len());
    if found == expected {
        return Ok(());
    }
    Err(CliError::Numbers { argument, found, expected, variables: variables.join(", ") })
}

/// Whether a number is within its range.
pub(super) fn check_range(
    argument: &'static str,
    found: usize,
    least: usize,
    most: usize,
) -> Result<(), CliError> {
    match (least..=most).contains(&found) {
        true => Ok(()),
        false => Err(CliError::Range { argument, found, least, most }),
    }
}

/// Writes a chart where `--out` says, once it is known what endings there are. Ctrl-C does not stop it: what was found until then
/// is drawn.
pub(super) fn draw(figure: &dyn Figure, file: &Path) -> Result<(), CliError> {
    write_file(figure, file, &Silent)?;
    say(&format!("shadowflow: wrote {}", file.display()));
    Ok(())
}

/// Refuses endings before any work is done.
pub(super) fn check_ending(file: Option<&Path>) -> Result<(), CliError> {
    let Some(file) = file else { return Ok(()) };
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if ["svg", "pdf", "png", "npz", "csv"].contains(&ending.as_str()) {
        return Ok(());
    }
    Err(FigureError::UnknownEnding { file: file.to_owned() }.into())
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
