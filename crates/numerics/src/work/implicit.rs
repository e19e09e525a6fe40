//! Implicit steps by Newton's method and conjugate gradients.

use super::conjugate::{limit, linear};
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
    x: &mut [f64],
    watch: &mut Watch<'_>,
) -> Result<(), WorkError> {
    let n = f.variables();
    while !watch(x)? {
        let mut y = x.to_owned();
        // -F(y) and the point at which its gradient stands.
        let defect = |y: &[f64]| {
            let point: Vec<f64> = x.iter().zip(y).map(|(x, y)| x + theta * (y - x)).collect();
            let mut gradient = vec![0.0; n];
            f.gradient(&point, &mut gradient);
            let negative: Vec<f64> = (0..n).map(|i| x[i] - y[i] - h * gradient[i]).collect();
            let size = dot(&negative, &negative).sqrt();
            (point, negative, size)
        };
        let (mut point, mut negative, mut size) = defect(&y);
        let first = size;
        for iteration in 0.. {
            if size <= SOLVED * first {
                break;
            }
            if iteration == NEWTON || !size.is_finite() {
                return Err(WorkError::Inner { h, iterations: iteration, residual: size / first });
            }
            let product = |v: &[f64]| {
                let image = f.hessian_vector(&point, v);
                v.iter().zip(image).map(|(v, a)| v + theta * h * a).collect()
            };
            let step = linear(product, &negative, INNER, limit(n))?;
            // Shortened until the defect falls, as Newton's method needs far from the solution.
            let mut share = 1.0;
            loop {
                let trial: Vec<f64> = y.iter().zip(&step).map(|(y, step)| y + share * step).collect();
                let found = defect(&trial);
                if found.2 < size || share < 1e-6 {
                    y = trial;
                    (point, negative, size) = found;
                    break;
                }
                share *= 0.5;
            }
        }
        x.copy_from_slice(&y);
    }
    Ok(())
}
