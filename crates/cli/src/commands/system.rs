//! Objectives and vector fields as they are typed: formulas, or the names of built-in problems.

use shadowflow_methods::{Rational, nearest};
use shadowflow_numerics::problems::{DEFINITIONS, Definition};
use shadowflow_symbolic::{Objective, Sum, SymbolicError, System, VectorField};

use crate::args::SystemArg;
use crate::error::CliError;
use crate::terminal::say;

/// Words from this length on are not taken for variables if a built-in problem has almost the same name.
const SHORTEST_WORD: usize = 4;

/// The system of a command, if one was given.
pub(super) fn system(args: &SystemArg) -> Result<Option<System>, CliError> {
    let names: Option<Vec<&str>> = args.vars.as_ref().map(|vars| vars.iter().map(String::as_str).collect());
    let names = names.as_deref();
    let failed = |source| failure(args, source);
    let system = match (&args.objective[..], &args.field[..]) {
        ([], []) => {
            return match (args.vars.is_some(), args.params.is_empty()) {
                (false, true) => Ok(None),
                _ => Err(CliError::NeedsSystem),
            };
        }
        ([text], _) => match known(args, text, true)? {
            Some(system) => system,
            None => System::Gradient(Objective::parse(text, names).map_err(failed)?),
        },
        ([], [text]) => match known(args, text, false)? {
            Some(system) => system,
            None => System::Field(VectorField::parse(text, names).map_err(failed)?),
        },
        ([], parts) => System::Sum(Sum::of_fields(&texts(parts), names).map_err(failed)?),
        (parts, _) => System::Sum(Sum::of_objectives(&texts(parts), names).map_err(failed)?),
    };
    for name in system.variables().iter().chain(system.parameters()) {
        if ["pi", "e", "E", "I", "i"].contains(&name.as_str())
            && !args.params.iter().any(|p| p.starts_with(name.as_str()))
        {
            say(&format!(
                "shadowflow: `{name}` is read as a name, not as the number; --params {name}=… gives it a value"
            ));
        }
    }
    let values = args.params.iter().map(|text| value(text)).collect::<Result<Vec<_>, _>>()?;
    let place = |source| CliError::Symbolic { argument: "--params", source: Box::new(source) };
    Ok(Some(if values.is_empty() { system } else { system.with_values(&values).map_err(place)? }))
}

fn texts(given: &[String]) -> Vec<&str> {
    given.iter().map(String::as_str).collect()
}

/// The built-in problem of this name, with `--vars` left out because it has its own.
fn known(args: &SystemArg, text: &str, objective: bool) -> Result<Option<System>, CliError> {
    let found = System::known(text).map_err(|source| failure(args, source))?;
    match found {
        Some(system) if system.is_gradient() != objective => {
            let (argument, right) =
                if objective { ("--objective", "--field") } else { ("--field", "--objective") };
            Err(CliError::OtherKind { name: text.trim().to_owned(), argument, right })
        }
        Some(_) if args.vars.is_some() => Err(CliError::OwnVariables { name: text.trim().to_owned() }),
        None if args.vars.is_none() => misspelt(text.trim(), objective).map_or(Ok(None), Err),
        found => Ok(found),
    }
}

/// A lone word that comes near the name of a built-in problem: as a formula it would be a variable, which nobody asks for.
fn misspelt(text: &str, objective: bool) -> Option<CliError> {
    let is_word =
        text.len() >= SHORTEST_WORD && text.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    let near = nearest(text, DEFINITIONS.iter().map(|definition| definition.name));
    let argument = if objective { "--objective" } else { "--field" };
    (is_word && !near.is_empty()).then(|| CliError::Misspelt {
        name: text.to_owned(),
        argument,
        nearest: near,
    })
}

/// A system with a number for every parameter: those given, and the defaults of built-in problems for the others.
pub(super) fn with_numbers(args: &SystemArg) -> Result<System, CliError> {
    with_numbers_but(args, None)
}

/// The same with one parameter left as it is, if there is one of this name.
pub(super) fn with_numbers_but(args: &SystemArg, free: Option<&str>) -> Result<System, CliError> {
    let system = system(args)?.ok_or(CliError::NeedsSystem)?;
    let text = args.objective.first().or(args.field.first()).map_or("", |text| text.trim());
    let defaults = Definition::named(text).map_or(&[][..], |definition| definition.parameters);
    let mut values = Vec::new();
    for name in system.parameters().iter().filter(|name| free != Some(name)) {
        let default = defaults.iter().find(|(known, _)| known == name);
        let value = default.and_then(|(_, value)| shadowflow_symbolic::number(value));
        values.push((name.clone(), value.ok_or_else(|| CliError::NeedsValue { name: name.clone() })?));
    }
    let place = |source| CliError::Symbolic { argument: "--params", source: Box::new(source) };
    system.with_values(&values).map_err(place)
}

/// `name=value` with a rational number.
fn value(text: &str) -> Result<(String, Rational), CliError> {
    let bad = || CliError::BadValue { text: text.chars().take(60).collect() };
    let (name, value) = text.split_once('=').ok_or_else(bad)?;
    let value = shadowflow_symbolic::number(value).ok_or_else(bad)?;
    Ok((name.trim().to_owned(), value))
}

fn failure(args: &SystemArg, source: SymbolicError) -> CliError {
    let argument = match &source {
        SymbolicError::UnknownVariable { .. } | SymbolicError::BadVariable { .. } => "--vars",
        SymbolicError::TooManyVariables { .. } if args.vars.is_some() => "--vars",
        _ if args.field.is_empty() => "--objective",
        _ => "--field",
    };
    CliError::Symbolic { argument, source: Box::new(source) }
}
