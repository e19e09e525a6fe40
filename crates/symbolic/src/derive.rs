//! From the coefficients of a series to formulas of a concrete system.

use shadowflow_bseries::{Gradient, tree_count};
use shadowflow_methods::Tableau;

use crate::derivation::Derivation;
use crate::error::SymbolicError;
use crate::growth::monomials;
use crate::system::System;

/// The largest power of h that is derived.
pub const MAX_H_POWER: usize = 8;

/// Most terms of a result.
const MAX_RESULT_TERMS: f64 = 5e4;

/// The modified equation ẏ = Σ h^(|t|-1) b(t)/σ(t) F(t)(y) of a method on a system, through h^`order` (GNI, Theorem
/// IX.9.2), with the modified potential as far as one exists and the curl that ends it.
///
/// ```no_run
/// use shadowflow_methods::Method;
/// use shadowflow_symbolic::{Objective, System, derive};
///
/// let f = Objective::parse("(1-x*y)^2/2", None)?;
/// let found = derive(&System::Gradient(f), Method::named("euler")?.tableau(), 2)?;
/// let potential = found.potential.expect("an objective was given");
/// assert_eq!(potential.in_h().to_string(), "1/2*(1 - x*y)^2 + 1/4*h*(x^2 + y^2)*(1 - x*y)^2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the order is 0 or beyond [`MAX_H_POWER`], the formula divides by zero or is not real, the coefficients of the
/// modified equation are no square roots, or the algebra system is not part of this build or cannot start.
pub fn derive(system: &System, tableau: &Tableau, order: usize) -> Result<Derivation, SymbolicError> {
    if order == 0 {
        return Err(SymbolicError::OrderZero);
    }
    if order > MAX_H_POWER {
        let trees = tree_count(order.saturating_add(1));
        return Err(SymbolicError::OrderTooLarge { requested: order, limit: MAX_H_POWER, trees });
    }
    check_length(system, order)?;
    let gradient = Gradient::of(tableau, order + 1)?;
    check_roots(tableau, &gradient)?;
    on_system(system.clone(), gradient)
}

/// Refuses derivations whose result nobody could read, nor any machine write in reasonable time.
///
/// A field of degree d has a coefficient of h^k of degree (k + 1)(d - 1) + 1 at most, in as many names and functions as
/// the given formulas hold; and it is a sum of products of k + 1 derivatives of them.
fn check_length(system: &System, order: usize) -> Result<(), SymbolicError> {
    let (components, lost) = match system {
        System::Gradient(f) => (std::slice::from_ref(f.expr()), 1.0),
        System::Field(field) => (field.components(), 0.0),
    };
    let steps = order as f64 + 1.0;
    for expr in components {
        let growth = expr.growth();
        let degree = steps * (growth.degree - lost - 1.0).max(0.0) + 1.0;
        let terms = monomials(expr.kernels(), degree).min((expr.expanded_terms() * steps).powf(steps));
        if terms > MAX_RESULT_TERMS {
            return Err(SymbolicError::TooManyTerms { order, terms, limit: MAX_RESULT_TERMS });
        }
    }
    Ok(())
}

/// Refuses coefficients that are not all in one field ℚ(√d): formulas have no way to write them.
fn check_roots(tableau: &Tableau, gradient: &Gradient) -> Result<(), SymbolicError> {
    let (Some(field), series) = (tableau.field(), gradient.series()) else { return Ok(()) };
    let mut radicand = 1;
    for tree in series.trees().iter() {
        let value = series.coefficient(tree);
        match value.as_quadratic() {
            Some((_, _, 1)) => {}
            Some((_, _, d)) if radicand == 1 || radicand == d => radicand = d,
            _ => {
                return Err(SymbolicError::NoClosedForm {
                    field: field.to_string(),
                    value: value.to_string(),
                });
            }
        }
    }
    Ok(())
}

#[cfg(feature = "symbolica")]
fn on_system(system: System, gradient: Gradient) -> Result<Derivation, SymbolicError> {
    crate::algebra::run(move || crate::modified::derivation(&system, &gradient))?
}

#[cfg(not(feature = "symbolica"))]
fn on_system(_: System, _: Gradient) -> Result<Derivation, SymbolicError> {
    Err(SymbolicError::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Objective;
    use shadowflow_methods::Method;

    #[test]
    fn coefficients_without_closed_form_are_refused_by_name() {
        let f = System::Gradient(Objective::parse("(1-x*y)^2/2", None).unwrap());
        // The conditions of order 4 leave irrational numbers of a cubic field.
        let cubic = derive(&f, Method::named("alexander3").unwrap().tableau(), 3);
        match cubic.unwrap_err() {
            SymbolicError::NoClosedForm { field, .. } => assert_eq!(field, "root(x^3-9*x-6, -1)"),
            other => panic!("{other}"),
        }
        // Rational coefficients in a field of degree 8 are no obstacle.
        let gauss = Gradient::of(Method::named("gauss8").unwrap().tableau(), 4).unwrap();
        assert_eq!(check_roots(Method::named("gauss8").unwrap().tableau(), &gauss), Ok(()));
    }
}
