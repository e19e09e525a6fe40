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
/// Steihaug 1982); on a quadratic those are linear conjugate gradients.
pub(super) fn newton<V: Objective>(
    f: &Counted<'_, V>,
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let n = f.variables();
    let mut gradient = vec![0.0; n];
    while !watch(x)? {
        f.gradient(x, &mut gradient);
        let point = x.to_owned();
        let negative: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let step = linear(|v| f.hessian_vector(&point, v), &negative, 1e-3, 20 * n + 100);
        x.iter_mut().zip(step).for_each(|(x, step)| *x += step);
    }
    Ok(())
}

/// Solves Ay = r from y = 0 to |r - Ay| ≤ `tolerance`·|r|; stops early where A has negative curvature, or after `most` steps.
pub(super) fn linear(
    mut product: impl FnMut(&[f64]) -> Vec<f64>,
    right: &[f64],
    tolerance: f64,
    most: usize,
) -> Vec<f64> {
    let mut y = vec![0.0; right.len()];
    let mut residual = right.to_vec();
    let mut direction = residual.clone();
    let whole = dot(right, right);
    let mut size = whole;
    for _ in 0..most {
        if size <= tolerance * tolerance * whole {
            break;
        }
        let image = product(&direction);
        let curvature = dot(&direction, &image);
        if curvature <= 0.0 {
            if y.iter().all(|y| *y == 0.0) {
                y.copy_from_slice(right);
            }
            break;
        }
        let step = size / curvature;
        y.iter_mut().zip(&direction).for_each(|(y, d)| *y += step * d);
        residual.iter_mut().zip(&image).for_each(|(r, a)| *r -= step * a);
        let next = dot(&residual, &residual);
        direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + next / size * *d);
        size = next;
    }
    y
}
