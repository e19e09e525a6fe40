//! Objectives to minimise, and their gradient flows.

use crate::field::derivatives;
use crate::{Formula, Scalar};

/// A function V to be minimised, with its gradient, evaluated in plain numbers and in power series alike.
///
/// For implementers: give `variables`, `value` and `gradient`. The Hessian follows from the gradient, and
/// [`GradientFlow`] makes the field -∇V, which every method and flow accepts.
pub trait Objective {
    /// The number of variables d.
    fn variables(&self) -> usize;

    /// V(x).
    fn value<S: Scalar>(&self, x: &[S]) -> S;

    /// Writes ∇V(x) to `out`.
    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]);

    /// Writes the Hessian to `out`, row by row, `d·d` numbers, exact up to rounding.
    fn hessian(&self, x: &[f64], out: &mut [f64]) {
        derivatives(x, self.variables(), |point, column| self.gradient(point, column), out);
    }
}

impl<V: Objective> Objective for &V {
    fn variables(&self) -> usize {
        (**self).variables()
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        (**self).value(x)
    }

    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        (**self).gradient(x, out);
    }

    fn hessian(&self, x: &[f64], out: &mut [f64]) {
        (**self).hessian(x, out);
    }
}

/// The field -∇V, whose flow descends V; explicit Euler on it is gradient descent with learning rate h.
///
/// ```
/// use shadowflow_numerics::{GradientFlow, VectorField, problems::Quadratic};
/// let field = GradientFlow(Quadratic::new(&[1.0, 10.0]));
/// let mut slope = [0.0; 2];
/// field.eval(&[3.0, 1.0], &mut slope);
/// assert_eq!(slope, [-3.0, -10.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GradientFlow<V>(pub V);

impl<V: Objective> Formula for GradientFlow<V> {
    fn variables(&self) -> usize {
        self.0.variables()
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        self.0.gradient(x, out);
        for slope in out {
            *slope = -*slope;
        }
    }
}

/// Checks of an objective against itself, for the tests of the problems.
#[cfg(test)]
pub(crate) mod check {
    use super::*;
    use crate::{Jet, VectorField, from_fn};

    /// The gradient against series of the value, and the Hessian against differences of the gradient.
    ///
    /// Series are exact, so `1e-13` relative is rounding; differences have ten digits.
    pub(crate) fn derivatives_agree<V: Objective>(objective: &V, x: &[f64]) {
        let d = objective.variables();
        let mut gradient = vec![0.0; d];
        objective.gradient(x, &mut gradient);
        let size = 1.0 + gradient.iter().fold(0.0, |size: f64, g| size.max(g.abs()));
        for j in 0..d {
            let mut point: Vec<Jet> = x.iter().map(|&x| Jet::constant(x, 1)).collect();
            point[j] = Jet::variable(x[j], 1);
            let slope = objective.value(&point).coefficient(1);
            assert!((slope - gradient[j]).abs() < 1e-13 * size, "∂{j} is {slope}, gradient {gradient:?}");
        }

        let (mut hessian, mut differences) = (vec![0.0; d * d], vec![0.0; d * d]);
        objective.hessian(x, &mut hessian);
        from_fn(d, |x, out| objective.gradient(x, out)).jacobian(x, &mut differences);
        for i in 0..d {
            for j in 0..d {
                let (exact, found) = (hessian[i * d + j], differences[i * d + j]);
                assert!(
                    (exact - found).abs() < 1e-9 * size * (1.0 + exact.abs()),
                    "{hessian:?} {differences:?}"
                );
                assert!((exact - hessian[j * d + i]).abs() < 1e-13 * size, "{hessian:?} is not symmetric");
            }
        }
    }
}
