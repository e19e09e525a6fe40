//! `shadowflow stability --field … --at …`: how far each method may step on the linearised field.

use num_complex::Complex64;
use serde_json::json;
use shadowflow_numerics::Linearisation;
use shadowflow_symbolic::VectorField;

use super::objective::{point, short};
use super::reach::{Reach, Verdict, reaches, table, unjudged};
use crate::args::StabilityArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

pub(super) fn run(args: &StabilityArgs, field: &VectorField) -> Result<(), CliError> {
    let numeric = field
        .numeric()
        .map_err(|source| CliError::Symbolic { argument: "--params", source: Box::new(source) })?;
    let found = Linearisation::at(&numeric, &args.at).map_err(CliError::Point)?;
    let eigenvalues: Vec<Complex64> = found.eigenvalues().iter().map(|&e| settled(e)).collect();
    let (growing, decaying): (Vec<_>, Vec<_>) = eigenvalues.iter().copied().partition(|e| e.re > 0.0);
    let reaches = reaches(args, &decaying)?;
    let (verdict, note) = (Verdict::of(args, &decaying)?, unjudged(args, &reaches)?);
    if args.json {
        return print_json(&json!({
            "field": field.components().iter().map(ToString::to_string).collect::<Vec<_>>(),
            "variables": field.variables(),
            "point": args.at,
            "value": found.value(),
            "eigenvalues": eigenvalues.iter().map(|e| [e.re, e.im]).collect::<Vec<_>>(),
            "methods": reaches.iter().map(Reach::document).collect::<Vec<_>>(),
            "asked": verdict.as_ref().map(Verdict::document),
            "note": note,
        }));
    }
    let number = |e: &Complex64| match e.im {
        0.0 => short(e.re),
        im if e.re == 0.0 => format!("{}i", short(im)),
        im => format!("{} {} {}i", short(e.re), if im < 0.0 { "-" } else { "+" }, short(im.abs())),
    };
    let mut lines = vec![
        format!(
            "at ({}) = {}: the field is {}",
            field.variables().join(", "),
            point(&args.at),
            point(found.value())
        ),
        format!(
            "eigenvalues of the Jacobian: {}",
            eigenvalues.iter().map(number).collect::<Vec<_>>().join(", ")
        ),
    ];
    if !growing.is_empty() {
        lines.push(
            "Solutions grow along those with positive real part; steps are judged on the others.".to_owned(),
        );
    }
    if !reaches.is_empty() {
        lines.push(String::new());
        lines.extend(table(&reaches, "eigenvalues without positive real part"));
    }
    lines.extend(note);
    lines.extend(verdict.map(|verdict| verdict.line()));
    print(&(lines.join("\n") + "\n"))
}

/// Without parts that are the rounding of the other: an eigenvalue on an axis is taken to be there.
fn settled(e: Complex64) -> Complex64 {
    let tiny = 1e-12 * e.norm();
    let part = |x: f64| if x.abs() <= tiny { 0.0 } else { x };
    Complex64::new(part(e.re), part(e.im))
}
