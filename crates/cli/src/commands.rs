//! One file a command.

pub(crate) mod balancing;
pub(crate) mod basin;
pub(crate) mod derive;
pub(crate) mod descent;
pub(crate) mod diagram;
mod dynamics;
pub(crate) mod escapes;
pub(crate) mod figures;
mod general;
pub(crate) mod gibbs;
mod landscape;
pub(crate) mod lyapunov;
pub(crate) mod methods;
pub(crate) mod orbit;
mod parametric;
pub(crate) mod paths;
pub(crate) mod periodic;
pub(crate) mod potential;
pub(crate) mod problems;
pub(crate) mod search;
pub(crate) mod series;
pub(crate) mod shadow;
pub(crate) mod sharpness;
pub(crate) mod stability;
mod system;
pub(crate) mod tree;
pub(crate) mod verify;

use std::fs;
use std::io::Read;
use std::path::Path;

use serde_json::Value;
use shadowflow_methods::{Exact, Method, MethodError};
use shadowflow_numerics::{Optimizer, OptimizerError};

use crate::args::MethodArg;
use crate::error::CliError;
use crate::terminal::say;

/// The optimizer of this name, if the part before parentheses is the name of one.
fn optimizer(name: &str) -> Result<Option<Optimizer>, OptimizerError> {
    let plain = name.split('(').next().unwrap_or_default().trim().to_lowercase().replace('_', "-");
    if Optimizer::names().any(|known| known == plain) { Optimizer::named(name).map(Some) } else { Ok(None) }
}

/// What to say where no method has a name: names of other kinds that are similar are suggested too.
fn suggesting<'a>(error: CliError, others: impl IntoIterator<Item = &'a str>) -> CliError {
    let CliError::Method(MethodError::Unknown { name, nearest }) = error else { return error };
    let mut all = shadowflow_methods::nearest(name.split('(').next().unwrap_or_default(), others);
    all.extend(nearest);
    all.truncate(4);
    match all.is_empty() {
        true => MethodError::Unknown { name, nearest: all }.into(),
        false => CliError::UnknownName { name, nearest: all },
    }
}

/// The method of a command, by name or from a file.
fn method(arg: &MethodArg) -> Result<Method, CliError> {
    match (&arg.name, &arg.tableau) {
        (_, Some(path)) => from_file(path),
        (name, None) => {
            let name = name.as_deref().unwrap_or_default();
            match general::named(name) {
                Some(method) => Err(CliError::NoTableau { method: method.name(), kind: method.kind() }),
                None => Ok(Method::named(name)?),
            }
        }
    }
}

fn from_file(path: &Path) -> Result<Method, CliError> {
    /// Far more than the largest tableau needs.
    const LIMIT: u64 = 1 << 20;
    let unreadable = |source| CliError::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(LIMIT + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LIMIT {
        return Err(CliError::TableauFileTooLong { path: path.to_owned(), limit: LIMIT });
    }
    Method::from_toml(&text).map_err(|e| CliError::TableauFile { path: path.to_owned(), source: Box::new(e) })
}

/// Exact numbers as the strings they are printed as.
fn strings(numbers: &[Exact]) -> Vec<String> {
    numbers.iter().map(Exact::to_string).collect()
}

/// A number for reading: longer ones are rounded, and the JSON document has them in full.
fn readable(number: &Exact) -> String {
    within(&number.to_string(), Some(number.to_f64()))
}

/// The text of a number, or its rounded value, marked by ~, if the text is too long for a column.
fn within(text: &str, value: Option<f64>) -> String {
    const LONGEST: usize = 24;
    match value {
        Some(value) if text.chars().count() > LONGEST => format!("~{value:.6e}"),
        _ => text.to_owned(),
    }
}

/// A coefficient of a method known to some digits only, to as many as a double holds.
fn decimal(number: &Exact, digits: u32) -> f64 {
    let places = digits.min(15) as usize;
    // Adding 0 takes the sign off a rounded -0.
    format!("{:.places$}", number.to_f64()).parse().map_or(f64::NAN, |rounded: f64| rounded + 0.0)
}

/// What is said of such methods.
fn inexact(method: &str, digits: Option<u32>) {
    if let Some(digits) = digits {
        say(&format!(
            "shadowflow: not exact: the coefficients of {method} are known to {digits} digits, and so is what follows from them"
        ));
    }
}

/// An integer as a JSON number, or as text if it is longer than 64 bits.
fn integer(n: u128) -> Value {
    u64::try_from(n).map_or_else(|_| n.to_string().into(), Value::from)
}

/// A level sequence, `[1,2,2]`.
fn tree_name(levels: &[u8]) -> String {
    let levels: Vec<String> = levels.iter().map(u8::to_string).collect();
    format!("[{}]", levels.join(","))
}

/// Columns padded to their widest cell; the first row is the heading.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |k: usize| {
        rows.iter().filter_map(|row| row.get(k)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
