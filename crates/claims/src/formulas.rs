//! Formulas of a concrete objective.

use shadowflow_methods::{Exact, Rational, Tableau};
use shadowflow_symbolic::{Derivation, Expr, Objective, System, derive};

use crate::error::ClaimError;

/// The modified equation of a method on the gradient flow of an objective in x and y.
pub(crate) fn derivation(objective: &str, tableau: &Tableau, order: usize) -> Result<Derivation, ClaimError> {
    let system = System::Gradient(Objective::parse(objective, Some(&["x", "y"]))?);
    Ok(derive(&system, tableau, order)?)
}

/// The exact value of a formula in x and y; `None` where it divides by zero or is not rational.
pub(crate) fn value_at(formula: &Expr, x: &Rational, y: &Rational) -> Option<Exact> {
    formula.eval_exact(&|name| if name == "x" { x.clone() } else { y.clone() }).map(Exact::from)
}
