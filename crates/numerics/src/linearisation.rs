//! The first-order picture of a vector field at a point.

use nalgebra::{DMatrix, Schur};
use num_complex::Complex64;

use crate::VectorField;
use crate::error::{InputError, check_dimension, check_field, check_finite};

/// More than any Jacobian needs: QR steps for an eigenvalue average two or three.
const MOST_ITERATIONS: usize = 10_000;

/// f(x) and the eigenvalues of its Jacobian at a point.
///
/// ```
/// use shadowflow_numerics::{Linearisation, problems::Pendulum};
/// let hanging = Linearisation::at(&Pendulum, &[0.0, 0.0])?;
/// assert!(hanging.eigenvalues().iter().all(|e| (e.norm() - 1.0).abs() < 1e-14 && e.re.abs() < 1e-14));
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Linearisation {
    value: Vec<f64>,
    eigenvalues: Vec<Complex64>,
}

impl Linearisation {
    /// At the point `x`.
    ///
    /// # Errors
    /// If `x` has the wrong length or is not finite, if the field or its Jacobian is not finite there, or in the case,
    /// never seen, that the eigenvalues do not converge.
    pub fn at<F: VectorField + ?Sized>(field: &F, x: &[f64]) -> Result<Linearisation, InputError> {
        let d = check_field(field.dim())?;
        check_dimension("the point", d, x)?;
        check_finite("the point", x)?;
        let (mut value, mut jacobian) = (vec![0.0; d], vec![0.0; d * d]);
        field.eval(x, &mut value);
        field.jacobian(x, &mut jacobian);
        let undefined = || InputError::Undefined { at: x.to_vec() };
        if !value.iter().chain(&jacobian).all(|entry| entry.is_finite()) {
            return Err(undefined());
        }
        let matrix = DMatrix::from_row_slice(d, d, &jacobian);
        let schur = Schur::try_new(matrix, f64::EPSILON, MOST_ITERATIONS).ok_or_else(undefined)?;
        let mut eigenvalues: Vec<Complex64> =
            schur.complex_eigenvalues().iter().map(|e| Complex64::new(e.re, e.im)).collect();
        eigenvalues.sort_by(|a, b| a.re.total_cmp(&b.re).then(a.im.total_cmp(&b.im)));
        Ok(Linearisation { value, eigenvalues })
    }

    /// f(x).
    pub fn value(&self) -> &[f64] {
        &self.value
    }

    /// The eigenvalues of the Jacobian, by real part, then by imaginary part.
    pub fn eigenvalues(&self) -> &[Complex64] {
        &self.eigenvalues
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_fn;
    use crate::problems::LotkaVolterra;

    #[test]
    fn eigenvalues_are_those_known() {
        // The centre (1, 2) of p(2 - q), q(p - 1): ±i√2.
        let centre = Linearisation::at(&LotkaVolterra, &[1.0, 2.0]).unwrap();
        assert!(centre.value().iter().all(|slope| *slope == 0.0));
        let [a, b] = centre.eigenvalues() else { panic!() };
        assert!((a + b).norm() < 1e-14 && (b.norm() - 2f64.sqrt()).abs() < 1e-14 && a.re.abs() < 1e-14);
        // A spiral: -1 ± 3i.
        let spiral = from_fn(2, |x: &[f64], out: &mut [f64]| {
            (out[0], out[1]) = (-x[0] - 3.0 * x[1], 3.0 * x[0] - x[1])
        });
        let found = Linearisation::at(&spiral, &[0.0, 0.0]).unwrap();
        assert!((found.eigenvalues()[1] - Complex64::new(-1.0, 3.0)).norm() < 1e-9);
    }

    #[test]
    fn bad_points_are_refused() {
        assert!(matches!(Linearisation::at(&LotkaVolterra, &[1.0]), Err(InputError::Dimension { .. })));
        assert!(matches!(
            Linearisation::at(&LotkaVolterra, &[1e200, 1e200]),
            Err(InputError::Undefined { .. })
        ));
    }
}
