//! Implicit steps by Newton's method and conjugate gradients.

use super::conjugate::linear;
use super::{Counted, Watch, WorkError, dot};
use crate::Objective;

/// Newton's steps of one implicit step at the most.
const NEWTON: usize = 60;

/// Residuals over their size at the beginning, of Newton's method and of the linear equations in it.
const SOLVED: f64 = 1e-3;
const INNER: f64 = 1e-4;

/// y = x - h∇f(x + θ(y - x)), with θ = 1 of implicit Euler and 1/2 of the midpoint rule, until the goal is reached.
pub(super) fn steps<V: Objective>(
    h: f64,
    theta: f64,
    f: &Counted<'_, V>,
    x: &mut Vec<f64>,
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let n = f.variables();
    let mut gradient = vec![0.0; n];
    while !watch(x)? {
        let mut y = x.clone();
        let (mut first, mut residual) = (None, f64::INFINITY);
        let mut solved = false;
        for _ in 0..NEWTON {
            let point: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x + theta * (y - x)).collect();
            f.gradient(&point, &mut gradient);
            let negative: Vec<f64> = (0..n).map(|i| x[i] - y[i] - h * gradient[i]).collect();
            residual = dot(&negative, &negative).sqrt();
            let first = *first.get_or_insert(residual);
            if residual <= SOLVED * first {
                solved = true;
                break;
            }
            let product = |v: &[f64]| {
                let image = f.hessian_vector(&point, v);
                v.iter().zip(image).map(|(v, a)| v + theta * h * a).collect()
            };
            let step = linear(product, &negative, INNER, 20 * n + 100);
            y.iter_mut().zip(step).for_each(|(y, step)| *y += step);
            // The budget counts here too.
            watch(x)?;
        }
        if !solved {
            let residual = residual / first.unwrap_or(1.0);
            return Err(WorkError::Inner { h, iterations: NEWTON, residual });
        }
        x.copy_from_slice(&y);
    }
    Ok(())
}
