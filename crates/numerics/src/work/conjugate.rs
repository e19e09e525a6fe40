//! Conjugate gradients, nonlinear and linear.

use super::{Counted, Watch, WorkError, dot};
use crate::Objective;

/// Secant steps of a line search at the most; on quadratics one is exact.
const SECANTS: usize = 8;

/// A slope this much smaller than at the start of the line is its minimum.
const FLAT: f64 = 0.1;

pub(super) fn gradients<V: Objective>(
    f: &Counted<'_, V>,
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let n = f.variables();
    let mut gradient = vec![0.0; n];
    if watch(x)? {
        return Ok(());
    }
    f.gradient(x, &mut gradient);
    let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut guess = 1.0 / (1.0 + dot(&gradient, &gradient).sqrt());
    loop {
        let mut slope = dot(&gradient, &direction);
        if slope >= 0.0 {
            // No descent: begin again.
            direction.iter_mut().zip(&gradient).for_each(|(d, g)| *d = -g);
            slope = -dot(&gradient, &gradient);
        }
        // The zero of the slope along the line, by secants.
        let (mut at, mut slope_at, mut next) = (0.0, slope, guess);
        let mut found = gradient.clone();
        for trial in 0..SECANTS {
            let point: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + next * d).collect();
            f.gradient(&point, &mut found);
            let slope_next = dot(&found, &direction);
            if !slope_next.is_finite() {
                next *= 0.1;
                continue;
            }
            let change = slope_next - slope_at;
            let secant = next - slope_next * (next - at) / change;
            (at, slope_at) = (next, slope_next);
            // At least one secant, which is exact on quadratics and keeps directions conjugate.
            if trial > 0 && slope_next.abs() <= FLAT * slope.abs() {
                break;
            }
            // Of negative curvature, or far beyond what is known: go on, or back, by a factor.
            next = if change * (at - 0.0) > 0.0 && secant > 0.0 {
                secant.clamp(0.05 * at, 20.0 * at)
            } else {
                4.0 * at
            };
        }
        guess = at;
        x.iter_mut().zip(&direction).for_each(|(x, d)| *x += at * d);
        if watch(x)? {
            return Ok(());
        }
        let old = dot(&gradient, &gradient);
        let cross = dot(&found, &gradient);
        let beta = ((dot(&found, &found) - cross) / old).max(0.0);
        gradient.copy_from_slice(&found);
        direction.iter_mut().zip(&gradient).for_each(|(d, g)| *d = beta * *d - g);
    }
}

/// Newton's method, its linear equations solved by conjugate gradients to a relative residual of 10⁻³ (Dembo, Eisenstat &
/// Steihaug 1982); on a quadratic those are linear conjugate gradients. Steps are halved until f falls (Armijo 1966).
pub(super) fn newton<V: Objective>(
    f: &Counted<'_, V>,
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let n = f.variables();
    let mut gradient = vec![0.0; n];
    let mut value = f.value(x);
    while !watch(x)? {
        f.gradient(x, &mut gradient);
        let point = x.to_owned();
        let negative: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let step = linear(|v| f.hessian_vector(&point, v), &negative, 1e-3, limit(n))?;
        let slope = dot(&step, &gradient);
        let mut share = 1.0;
        loop {
            x.iter_mut().zip(&point).zip(&step).for_each(|((x, from), step)| *x = from + share * step);
            let found = f.value(x);
            // Where f no longer tells rounding from descent, Newton's own step is the better guide.
            let rounding = 8.0 * f64::EPSILON * value.abs();
            if found <= value + SUFFICIENT * share * slope + rounding || share < SHORTEST {
                value = found;
                break;
            }
            share *= 0.5;
        }
    }
    Ok(())
}

/// Of the descent that the slope promises, what a step of Newton's method must bring.
const SUFFICIENT: f64 = 1e-4;

/// Shares of Newton's step below this are not tried.
const SHORTEST: f64 = 1e-6;

/// The most steps for n linear equations. In exact arithmetic n suffice; rounding makes them more when curvatures spread widely.
pub(super) fn limit(n: usize) -> usize {
    100 * n + 10_000
}

/// Solves Ay = r from y = 0 to |r - Ay| ≤ `tolerance`·|r|. Where A has negative curvature it stops with what it has, a direction
/// along which r·y > 0.
///
/// # Errors
/// [`WorkError::Linear`] if `most` steps do not suffice.
pub(super) fn linear(
    mut product: impl FnMut(&[f64]) -> Vec<f64>,
    right: &[f64],
    tolerance: f64,
    most: usize,
) -> Result<Vec<f64>, WorkError> {
    let mut y = vec![0.0; right.len()];
    let mut residual = right.to_vec();
    let mut direction = residual.clone();
    let whole = dot(right, right);
    let mut size = whole;
    for _ in 0..most {
        if size <= tolerance * tolerance * whole {
            return Ok(y);
        }
        let image = product(&direction);
        let curvature = dot(&direction, &image);
        if curvature <= 0.0 {
            if y.iter().all(|y| *y == 0.0) {
                y.copy_from_slice(right);
            }
            return Ok(y);
        }
        let step = size / curvature;
        y.iter_mut().zip(&direction).for_each(|(y, d)| *y += step * d);
        residual.iter_mut().zip(&image).for_each(|(r, a)| *r -= step * a);
        let next = dot(&residual, &residual);
        direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + next / size * *d);
        size = next;
    }
    Err(WorkError::Linear { steps: most, residual: (size / whole).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_equations_are_solved_or_said_not_to_be() {
        let diagonal = [1.0, 4.0, 9.0];
        let product = |v: &[f64]| v.iter().zip(diagonal).map(|(v, a)| a * v).collect::<Vec<f64>>();
        let y = linear(product, &[1.0; 3], 1e-12, 10).unwrap();
        // Three steps in exact arithmetic.
        assert!(y.iter().zip(diagonal).all(|(y, a)| (y * a - 1.0).abs() < 1e-11), "{y:?}");
        let Err(WorkError::Linear { steps: 1, residual }) = linear(product, &[1.0; 3], 1e-12, 1) else {
            panic!("one step does not suffice")
        };
        // After one step y = 3r/14, and r - Ay = (11, 2, -13)/14: half of |r|².
        assert!((residual - 0.5f64.sqrt()).abs() < 1e-14, "{residual}");
        // Where nothing converges, as with a product that is not a number, there is an error and no loop without end.
        let lost = linear(|v| vec![f64::NAN; v.len()], &[1.0; 3], 1e-12, 10);
        assert!(matches!(lost, Err(WorkError::Linear { steps: 10, .. })), "{lost:?}");
    }

    #[test]
    fn negative_curvature_gives_a_direction_of_descent() {
        let y = linear(|v| vec![-v[0], 2.0 * v[1]], &[1.0, 0.5], 1e-6, 50).unwrap();
        assert!(y[0] + 0.5 * y[1] > 0.0, "{y:?}");
    }
}
