//! The second-order picture of an objective at a point.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::Objective;
use crate::error::{InputError, check_dimension, check_field, check_finite};

/// Value, gradient and spectrum of the Hessian of an objective at a point.
///
/// ```
/// use shadowflow_numerics::{Curvature, problems::ScalarFactorization};
/// // (1 - xy)²/2 at its minimizer (2, 1/2): a flat direction along the curve of minimizers, and x² + y² across it.
/// let curvature = Curvature::at(&ScalarFactorization { target: 1.0 }, &[2.0, 0.5])?;
/// assert!(curvature.is_critical() && curvature.is_flat(0));
/// assert!((curvature.sharpness() - 4.25).abs() < 1e-15);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Curvature {
    point: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
    eigenvalues: Vec<f64>,
    directions: Vec<Vec<f64>>,
}

impl Curvature {
    /// At the point `x`.
    ///
    /// # Errors
    /// If `x` has the wrong length or is not finite, or if value, gradient or Hessian are not finite there.
    pub fn at<V: Objective>(objective: &V, x: &[f64]) -> Result<Curvature, InputError> {
        let d = check_field(objective.variables())?;
        check_dimension("the point", d, x)?;
        check_finite("the point", x)?;
        let (mut gradient, mut hessian) = (vec![0.0; d], vec![0.0; d * d]);
        let value = objective.value(x);
        objective.gradient(x, &mut gradient);
        objective.hessian(x, &mut hessian);
        if !(value.is_finite() && gradient.iter().chain(&hessian).all(|entry| entry.is_finite())) {
            return Err(InputError::Undefined { at: x.to_vec() });
        }
        let matrix = DMatrix::from_row_slice(d, d, &hessian);
        let symmetric = (&matrix + matrix.transpose()) * 0.5;
        let decomposition = SymmetricEigen::new(symmetric);
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|&i, &j| decomposition.eigenvalues[i].total_cmp(&decomposition.eigenvalues[j]));
        Ok(Curvature {
            point: x.to_vec(),
            value,
            gradient,
            eigenvalues: order.iter().map(|&i| decomposition.eigenvalues[i]).collect(),
            directions: order
                .iter()
                .map(|&i| oriented(decomposition.eigenvectors.column(i).as_slice()))
                .collect(),
        })
    }

    /// The point.
    pub fn point(&self) -> &[f64] {
        &self.point
    }

    /// f there.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// ∇f there.
    pub fn gradient(&self) -> &[f64] {
        &self.gradient
    }

    /// The eigenvalues λ₁ ≤ … ≤ λ_d of the Hessian.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// Their unit eigenvectors, in the same order; the largest component of each is positive.
    pub fn directions(&self) -> &[Vec<f64>] {
        &self.directions
    }

    /// The largest eigenvalue.
    pub fn sharpness(&self) -> f64 {
        self.eigenvalues[self.eigenvalues.len() - 1]
    }

    /// |∇f|.
    pub fn slope(&self) -> f64 {
        self.gradient.iter().map(|g| g * g).sum::<f64>().sqrt()
    }

    /// Whether the gradient is 0 up to what a change of the last digits of the point makes of it.
    pub fn is_critical(&self) -> bool {
        let size = self.point.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
        // A few ulps of the point, amplified by the curvature. Of 0 the scale is not known, and 1 serves.
        self.slope() <= 64.0 * f64::EPSILON * if size > 0.0 { size } else { 1.0 } * self.largest()
    }

    /// Whether eigenvalue `index` is 0 up to the rounding of the whole spectrum.
    pub fn is_flat(&self, index: usize) -> bool {
        self.eigenvalues[index].abs() <= 64.0 * f64::EPSILON * self.eigenvalues.len() as f64 * self.largest()
    }

    /// The eigenvalues that are positive, ascending, without those that are flat.
    pub fn positive(&self) -> impl DoubleEndedIterator<Item = f64> {
        (0..self.eigenvalues.len())
            .filter(|&i| !self.is_flat(i))
            .map(|i| self.eigenvalues[i])
            .filter(|&eigenvalue| eigenvalue > 0.0)
    }

    /// The number of negative eigenvalues, without those that are flat.
    pub fn descending(&self) -> usize {
        (0..self.eigenvalues.len()).filter(|&i| !self.is_flat(i) && self.eigenvalues[i] < 0.0).count()
    }

    /// The largest positive eigenvalue over the smallest that is not flat; `None` without positive ones.
    pub fn condition(&self) -> Option<f64> {
        let mut positive = self.positive();
        let least = positive.next()?;
        Some(positive.next_back().unwrap_or(least) / least)
    }

    fn largest(&self) -> f64 {
        self.eigenvalues.iter().fold(0.0, |size: f64, eigenvalue| size.max(eigenvalue.abs()))
    }
}

/// Of the two signs of a vector, the one with a positive largest component; of equals the first counts.
pub(crate) fn oriented(vector: &[f64]) -> Vec<f64> {
    let largest = vector
        .iter()
        .fold(0.0, |largest: f64, &x| if x.abs() > largest.abs() * (1.0 + 1e-9) { x } else { largest });
    let sign = if largest < 0.0 { -1.0 } else { 1.0 };
    // Adding 0 takes the sign off -0.
    vector.iter().map(|x| x * sign + 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Quadratic, Rosenbrock};

    #[test]
    fn spectrum_of_a_diagonal_and_of_rosenbrock() {
        let q = Curvature::at(&Quadratic::new(&[10.0, 0.1, 1.0]), &[0.0; 3]).unwrap();
        assert_eq!(q.eigenvalues(), [0.1, 1.0, 10.0]);
        assert!(q.is_critical() && q.descending() == 0);
        assert!((q.condition().unwrap() - 100.0).abs() < 1e-12);
        // Hessian [[802, -400], [-400, 200]] at (1, 1): trace 1002, determinant 400.
        let rosenbrock = Curvature::at(&Rosenbrock::default(), &[1.0, 1.0]).unwrap();
        let root = (501.0f64 * 501.0 - 400.0).sqrt();
        assert!((rosenbrock.sharpness() - (501.0 + root)).abs() < 1e-9);
        assert!((rosenbrock.eigenvalues()[0] - 400.0 / (501.0 + root)).abs() < 1e-10);
        assert!(rosenbrock.is_critical());
    }

    #[test]
    fn directions_are_eigenvectors() {
        let at = [0.3, -1.2];
        let curvature = Curvature::at(&Rosenbrock::default(), &at).unwrap();
        let mut hessian = [0.0; 4];
        Rosenbrock::default().hessian(&at, &mut hessian);
        for (eigenvalue, v) in curvature.eigenvalues().iter().zip(curvature.directions()) {
            for i in 0..2 {
                let image = hessian[2 * i] * v[0] + hessian[2 * i + 1] * v[1];
                assert!((image - eigenvalue * v[i]).abs() < 1e-10 * curvature.sharpness());
            }
        }
        assert!(!curvature.is_critical());
    }

    #[test]
    fn points_without_a_hessian_are_refused() {
        let q = Quadratic::new(&[1.0, 2.0]);
        assert!(matches!(Curvature::at(&q, &[1.0]), Err(InputError::Dimension { .. })));
        assert!(matches!(Curvature::at(&q, &[1.0, f64::NAN]), Err(InputError::NotFinite { .. })));
        assert!(matches!(
            Curvature::at(&Rosenbrock::default(), &[1e200, 0.0]),
            Err(InputError::Undefined { .. })
        ));
    }
}
