//! `shadowflow derive`: the modified equation of a method on the user's own system.

use shadowflow_symbolic::{Objective, SymbolicError, System, VectorField, derive, report};

use crate::args::{DeriveArgs, FormulaFormat};
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(crate) fn run(args: &DeriveArgs) -> Result<(), CliError> {
    let method = super::method(&args.method)?;
    let system = system(args)?;
    super::inexact(method.name(), method.tableau().digits());
    let found = derive(&system, method.tableau(), args.order).map_err(|source| failure(args, source))?;
    match args.format {
        FormulaFormat::Text => print(&report::text(&method, &system, &found)),
        FormulaFormat::Latex => print(&report::latex(&method, &system, &found)),
        FormulaFormat::Json => print_json(&report::json(&method, &found)),
    }
}

fn system(args: &DeriveArgs) -> Result<System, CliError> {
    let names: Option<Vec<&str>> = args.vars.as_ref().map(|vars| vars.iter().map(String::as_str).collect());
    let system = match (&args.system.objective, &args.system.field) {
        (_, Some(text)) => VectorField::parse(text, names.as_deref()).map(System::Field),
        (text, None) => {
            Objective::parse(text.as_deref().unwrap_or_default(), names.as_deref()).map(System::Gradient)
        }
    };
    system.map_err(|source| failure(args, source))
}

/// The failure with the argument it comes from.
fn failure(args: &DeriveArgs, source: SymbolicError) -> CliError {
    let argument = match &source {
        SymbolicError::Start { .. } | SymbolicError::Internal { .. } | SymbolicError::Unavailable => {
            return CliError::Algebra(source);
        }
        SymbolicError::OrderZero | SymbolicError::OrderTooLarge { .. } | SymbolicError::Series(_) => {
            "--order"
        }
        SymbolicError::UnknownVariable { .. } | SymbolicError::BadVariable { .. } => "--vars",
        SymbolicError::TooManyVariables { .. } if args.vars.is_some() => "--vars",
        _ if args.system.field.is_some() => "--field",
        _ => "--objective",
    };
    CliError::Symbolic { argument, source: Box::new(source) }
}
