//! Stochastic modified equations of gradient descent on random batches (Li, Tai & E 2019).
//!
//! dX = -∇f dt + √(hΣ) dW follows the law of the iterates to weak order 1, dX = -∇(f + (h/4)|∇f|²) dt + √(hΣ) dW to weak order 2,
//! with f the mean of the losses of the batches and Σ the covariance of their gradients.

use shadowflow_methods::Rational;

use crate::derivation::{Derivation, Potential};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::polynomial::{Polynomial, Sum};
use crate::tower::Tower;

/// Derives drift, potential and covariance into `found`.
///
/// # Errors
/// Whatever stops it on the way.
pub(crate) fn through(
    tower: &mut Tower,
    losses: &[&Expr],
    order: usize,
    found: &mut Derivation,
) -> Result<(), SymbolicError> {
    let share = Rational::from_parts(1.into(), losses.len().into());
    let mut gradients = Vec::with_capacity(losses.len());
    let mut mean = Sum::default();
    for loss in losses {
        let loss = tower.read(loss)?;
        mean.add(&loss.scaled(&share));
        let slopes =
            (0..tower.variables()).map(|v| tower.derivative(&loss, v)).collect::<Result<Vec<_>, _>>()?;
        gradients.push(slopes);
    }
    let tower: &Tower = tower;
    let f = tower.finish(mean)?;
    let gradient = gradient_of(tower, &f)?;
    let square = tower.dot(gradient.iter().zip(&gradient))?;
    let potentials = [f, square.scaled(&Rational::from_parts(1.into(), 4u8.into()))];
    let mut terms = Vec::new();
    for potential in potentials.iter().take(order + 1) {
        let drift: Vec<Polynomial> = gradient_of(tower, potential)?.iter().map(Polynomial::negated).collect();
        found.field.push(drift.iter().map(|component| tower.shown(component)).collect::<Result<_, _>>()?);
        terms.push(tower.shown(potential)?);
    }
    found.potential = Some(Potential { terms, special_from: None });
    let mut covariance = Vec::new();
    for i in 0..gradient.len() {
        let mut row = Vec::new();
        for j in 0..gradient.len() {
            let mut sum = Sum::default();
            for slopes in &gradients {
                let off = |v: usize| tower.plus(&slopes[v], &gradient[v].negated());
                tower.add_product(&mut sum, &off(i)?.scaled(&share), &off(j)?)?;
            }
            row.push(tower.shown(&tower.finish(sum)?)?);
        }
        covariance.push(row);
    }
    found.covariance = Some(covariance);
    Ok(())
}

fn gradient_of(tower: &Tower, p: &Polynomial) -> Result<Vec<Polynomial>, SymbolicError> {
    (0..tower.variables()).map(|v| tower.derivative(p, v)).collect()
}
