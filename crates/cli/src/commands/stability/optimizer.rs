//! `shadowflow stability heavy-ball(beta=0.9)`: the learning rates that an optimizer bears.

use serde_json::json;
use shadowflow_numerics::Optimizer;

use super::objective::short;
use crate::args::StabilityArgs;
use crate::error::CliError;
use crate::terminal::{print, print_json};

/// The optimizer that was named, if it is one.
pub(super) fn named(args: &StabilityArgs) -> Result<Option<Optimizer>, CliError> {
    match args.name.as_deref() {
        Some(name) => Ok(crate::commands::optimizer(name)?),
        None => Ok(None),
    }
}

pub(super) fn run(args: &StabilityArgs, optimizer: &Optimizer) -> Result<(), CliError> {
    if args.out.is_some() {
        return Err(CliError::NeedsMethod);
    }
    let edge = optimizer.edge();
    if args.json {
        return print_json(&json!({
            "method": optimizer.to_string(),
            "largest_h_lambda": edge,
            "preconditioned": optimizer.is_adaptive(),
        }));
    }
    let curvature = match optimizer.is_adaptive() {
        true => {
            "lambda, an eigenvalue of P^-1 Hessian with the preconditioner P = diag sqrt(v + epsilon) held fixed"
        }
        false => "lambda, an eigenvalue of the Hessian",
    };
    print(&format!(
        "{optimizer}\n\nOn {curvature}:\n  stable for              0 < h*lambda < {}\n  sharpness at the edge   {}/h\n\n\
         Training at a constant h tends to hover where the largest lambda is {}/h (Cohen et al. 2021, 2022).\n",
        short(edge),
        short(edge),
        short(edge),
    ))
}
