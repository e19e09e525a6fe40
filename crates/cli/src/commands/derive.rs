//! `shadowflow derive`: the modified equation of a method on the user's own system, or on any.

use std::time::{Duration, Instant};

use shadowflow_symbolic::report::Report;
use shadowflow_symbolic::{AllOrders, Form, General, Kind, Request, Scheme, SymbolicError};

use super::system::system;
use crate::args::{DeriveArgs, EquationKind, FormulaForm, FormulaFormat};
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &DeriveArgs) -> Result<(), CliError> {
    let scheme = scheme(args)?;
    let failed = |source| failure(args, source);
    let kind = match args.kind {
        EquationKind::Modified => Kind::Modified,
        EquationKind::Modifying => Kind::Modifying,
    };
    super::inexact(scheme.name(), scheme.method().and_then(|method| method.tableau().digits()));
    let system = system(&args.system)?;
    let order = args.order.unwrap_or_else(|| scheme.natural_order());
    if args.all_orders {
        let found = AllOrders::of(&scheme, system.as_ref(), order).map_err(failed)?;
        return match args.format {
            FormulaFormat::Text => print(&found.text()),
            FormulaFormat::Json => print_json(&found.json()),
            FormulaFormat::Latex => print(&found.latex()),
            _ => Err(CliError::FormatOfAllOrders),
        };
    }
    let Some(system) = system else {
        let general = General::of(&scheme, kind, order).map_err(failed)?;
        return match args.format {
            _ if args.latex_document => Err(CliError::NeedsSystem),
            FormulaFormat::Text => print(&general.text()),
            FormulaFormat::Latex => print(&general.latex()),
            FormulaFormat::Json => print_json(&general.json()),
            _ => Err(CliError::NeedsSystem),
        };
    };
    let timeout = Duration::from_secs_f64(args.timeout);
    let deadline = Instant::now().checked_add(timeout);
    let request = Request { scheme, order, kind, split: args.split, timeout: Some(timeout) };
    let found = request.on(&system).map_err(failed)?;
    let report = Report { scheme: &request.scheme, kind, system: &system, found: &found, deadline };
    let form = match args.form {
        FormulaForm::Collected => Form::Collected,
        FormulaForm::Expanded => Form::Expanded,
        FormulaForm::Factored => Form::Factored,
    };
    let written = match args.format {
        _ if args.latex_document => print(&report.latex_document(form).map_err(failed)?),
        FormulaFormat::Text => print(&report.text(form).map_err(failed)?),
        FormulaFormat::Latex => print(&report.latex(form).map_err(failed)?),
        FormulaFormat::Mathematica => print(&report.mathematica(form).map_err(failed)?),
        FormulaFormat::Sympy => print(&report.sympy(form).map_err(failed)?),
        FormulaFormat::Rust => print(&report.rust().map_err(failed)?),
        FormulaFormat::C => print(&report.c().map_err(failed)?),
        FormulaFormat::Json => print_json(&report.json(form).map_err(failed)?),
    };
    written?;
    match found.stopped {
        None => Ok(()),
        Some(_) => Err(CliError::CutShort { reached: found.order(), wanted: order }),
    }
}

fn scheme(args: &DeriveArgs) -> Result<Scheme, CliError> {
    match (&args.tableau, &args.name) {
        (Some(path), _) => Ok(super::from_file(path)?.into()),
        (None, name) => Scheme::named(name.as_deref().unwrap_or_default()).map_err(|e| match e {
            SymbolicError::Method(method) => CliError::Method(method),
            other => CliError::Symbolic { argument: "NAME", source: Box::new(other) },
        }),
    }
}

/// The failure with the argument it comes from.
fn failure(args: &DeriveArgs, source: SymbolicError) -> CliError {
    let argument = match &source {
        SymbolicError::Start { .. } | SymbolicError::Internal { .. } | SymbolicError::Unavailable => {
            return CliError::Algebra(source);
        }
        SymbolicError::StochasticOrder
        | SymbolicError::OrderZero
        | SymbolicError::OrderTooLarge { .. }
        | SymbolicError::Series(_)
        | SymbolicError::ColouredTrees(_) => "--order",
        SymbolicError::OutOfTime => return CliError::NothingInTime(source),
        SymbolicError::BadSplit { .. } | SymbolicError::NoSplit { .. } => "--split",
        SymbolicError::NoModifying { .. } => "--kind",
        SymbolicError::WrongSystem { .. } => "NAME",
        _ if args.system.field.is_empty() => "--objective",
        _ => "--field",
    };
    CliError::Symbolic { argument, source: Box::new(source) }
}
