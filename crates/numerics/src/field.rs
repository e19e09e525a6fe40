//! Vector fields: the right-hand side f of ẋ = f(x).

use crate::{Dual, Scalar};

/// The right-hand side f of ẋ = f(x) in plain numbers: what every method, flow and orbit here consumes.
///
/// For implementers: `dim` and `eval` are enough. A formula should implement [`Formula`] instead, which includes this
/// trait and has exact Jacobians; a closure becomes a field by [`from_fn`].
pub trait VectorField {
    /// The dimension d of the space.
    fn dim(&self) -> usize;

    /// Writes f(x) to `out`; both have d components. Where f is undefined it writes NaN or ±∞.
    fn eval(&self, x: &[f64], out: &mut [f64]);

    /// Writes the Jacobian to `out`, row by row: `out[i·d + j]` = ∂fᵢ/∂xⱼ.
    ///
    /// Unless overridden, by central differences with about ten correct digits.
    fn jacobian(&self, x: &[f64], out: &mut [f64]) {
        let d = self.dim();
        let mut point = x.to_vec();
        let (mut ahead, mut behind) = (vec![0.0; d], vec![0.0; d]);
        for j in 0..d {
            // ∛ε balances the truncation error, of order δ², against the rounding error, of order ε/δ.
            let delta = f64::EPSILON.cbrt() * x[j].abs().max(1.0);
            point[j] = x[j] + delta;
            let right = point[j];
            self.eval(&point, &mut ahead);
            point[j] = x[j] - delta;
            let left = point[j];
            self.eval(&point, &mut behind);
            point[j] = x[j];
            for i in 0..d {
                out[i * d + j] = (ahead[i] - behind[i]) / (right - left);
            }
        }
    }
}

/// A vector field given by a formula, which can be evaluated in plain numbers and in power series alike.
///
/// ```
/// use shadowflow_numerics::{Formula, Scalar, VectorField};
///
/// struct VanDerPol { mu: f64 }
/// impl Formula for VanDerPol {
///     fn variables(&self) -> usize { 2 }
///     fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
///         out[0] = x[1];
///         out[1] = (-x[0] * x[0] + 1.0) * x[1] * self.mu - x[0];
///     }
/// }
/// let mut jacobian = [0.0; 4];
/// VanDerPol { mu: 3.0 }.jacobian(&[2.0, 1.0], &mut jacobian);
/// assert_eq!(jacobian, [0.0, 1.0, -13.0, -9.0]);
/// ```
pub trait Formula {
    /// The number of variables, which is the dimension of the field.
    fn variables(&self) -> usize;

    /// Writes f(x) to `out`; both have as many components as there are variables.
    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]);
}

impl<F: Formula> Formula for &F {
    fn variables(&self) -> usize {
        (**self).variables()
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        (**self).at(x, out);
    }
}

impl<F: Formula> VectorField for F {
    fn dim(&self) -> usize {
        self.variables()
    }

    fn eval(&self, x: &[f64], out: &mut [f64]) {
        self.at(x, out);
    }

    /// Exact up to rounding: one evaluation in numbers with a slope for each column.
    fn jacobian(&self, x: &[f64], out: &mut [f64]) {
        let d = self.variables();
        derivatives(x, d, |point, column| self.at(point, column), out);
    }
}

/// Writes ∂fᵢ/∂xⱼ to `out[i·d + j]` for a formula f of d values, by one evaluation in numbers with a slope for each axis.
pub(crate) fn derivatives(x: &[f64], d: usize, f: impl Fn(&[Dual<f64>], &mut [Dual<f64>]), out: &mut [f64]) {
    let mut point: Vec<Dual<f64>> = x.iter().map(|&x| Dual::from(x)).collect();
    let mut column = vec![Dual::from(0.0); d];
    for j in 0..d {
        point[j].slope = 1.0;
        f(&point, &mut column);
        point[j].slope = 0.0;
        for (i, component) in column.iter().enumerate() {
            out[i * d + j] = component.slope;
        }
    }
}

/// A field from a closure; made by [`from_fn`].
#[derive(Clone, Copy)]
pub struct FromFn<F> {
    dim: usize,
    f: F,
}

/// The field of dimension `dim` that the closure `f(x, out)` writes, for example a compiled evaluator.
///
/// ```
/// use shadowflow_numerics::{VectorField, from_fn};
/// let rotation = from_fn(2, |x, out| {
///     out[0] = x[1];
///     out[1] = -x[0];
/// });
/// let mut value = [0.0; 2];
/// rotation.eval(&[1.0, 2.0], &mut value);
/// assert_eq!(value, [2.0, -1.0]);
/// ```
pub fn from_fn<F: Fn(&[f64], &mut [f64])>(dim: usize, f: F) -> FromFn<F> {
    FromFn { dim, f }
}

impl<F: Fn(&[f64], &mut [f64])> VectorField for FromFn<F> {
    fn dim(&self) -> usize {
        self.dim
    }

    fn eval(&self, x: &[f64], out: &mut [f64]) {
        (self.f)(x, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{LotkaVolterra, Pendulum};
    use proptest::prelude::*;

    proptest! {
        /// Two independent ways to a Jacobian. Third derivatives of both fields are at most 1 in size, so differences
        /// err by δ²/6 + ε·|f|/δ < 10⁻⁹ with δ ≤ 3·∛ε.
        #[test]
        fn differences_agree_with_slopes(x in -3.0..3.0, y in -3.0..3.0) {
            fn compare<F: Formula>(field: &F, x: &[f64]) -> Result<(), TestCaseError> {
                let (mut exact, mut differences) = ([0.0; 4], [0.0; 4]);
                field.jacobian(x, &mut exact);
                from_fn(2, |x, out| field.eval(x, out)).jacobian(x, &mut differences);
                for (e, d) in exact.iter().zip(differences) {
                    prop_assert!((e - d).abs() < 1e-9, "{:?} against {:?}", exact, differences);
                }
                Ok(())
            }
            compare(&LotkaVolterra, &[x, y])?;
            compare(&Pendulum, &[x, y])?;
        }
    }

    #[test]
    fn fields_are_object_safe_and_borrowable() {
        let fields: [&dyn VectorField; 3] =
            [&LotkaVolterra, &&LotkaVolterra, &from_fn(2, |x, out| out.copy_from_slice(x))];
        assert!(fields.iter().all(|field| field.dim() == 2));
    }
}
