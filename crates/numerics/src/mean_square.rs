//! Which learning rates stochastic gradient descent survives in the mean square.
//!
//! On least squares with rows aᵢ a batch S of B rows takes x to (I - (h/B) Σ_S aᵢaᵢᵀ) x. The second moments X = E[xxᵀ] follow
//! X ↦ X - h(HX + XH) + h²(HXH + c·(mean of aᵢaᵢᵀXaᵢaᵢᵀ - HXH)), H the mean of aᵢaᵢᵀ, with c = 1/B for batches drawn with
//! replacement and c = (n - B)/(B(n - 1)) without (Wu, Ma & E 2018; Ma & Ying 2021). This map keeps the cone of positive
//! semidefinite matrices and is self-adjoint, so its spectral radius is its largest eigenvalue, and it is below 1 iff
//! h(HX + XH) - h²(…) is positive definite as a map: h < 1/λ_max of a symmetric matrix. The same holds at a common minimum of
//! any losses, with their Hessians for aᵢaᵢᵀ. Directions in which no loss curves do not move, and do not count.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::error::{InputError, check_finite};

/// Most parameters: the matrices have d⁴ entries.
const MOST: usize = 16;

/// Curvatures below this share of the largest are none.
const NONE: f64 = 1e-13;

/// Stochastic gradient descent on ½ mean (aᵢᵀx - yᵢ)² near an interpolating solution.
///
/// ```
/// use shadowflow_numerics::MeanSquare;
/// // One parameter: (1 - hλ)² + h²s² < 1, with the mean 2.5 and the variance 2.25 of the curvatures aᵢ² = 1, 4.
/// let sgd = MeanSquare::new(&[vec![1.0], vec![2.0]], 1, true)?;
/// assert!((sgd.largest_step() - 2.0 * 2.5 / (2.5 * 2.5 + 2.25)).abs() < 1e-15);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MeanSquare {
    /// X ↦ HX + XH and X ↦ HXH + c·(…) on matrices as vectors.
    linear: DMatrix<f64>,
    quadratic: DMatrix<f64>,
    sharpness: f64,
}

impl MeanSquare {
    /// Of rows aᵢ of equal length, at most 16, and batches of `batch` of them.
    ///
    /// # Errors
    /// If there are no rows, lengths differ, a number is not finite, the batch is empty or (without replacement) larger than
    /// the data, or all rows are 0.
    pub fn new(rows: &[Vec<f64>], batch: usize, with_replacement: bool) -> Result<MeanSquare, InputError> {
        let d = rows.first().map_or(0, Vec::len);
        for row in rows {
            crate::error::check_dimension("a row", d, row)?;
        }
        let hessian = |row: &Vec<f64>| row.iter().flat_map(|a| row.iter().map(move |b| a * b)).collect();
        MeanSquare::of_hessians(d, &rows.iter().map(hessian).collect::<Vec<_>>(), batch, with_replacement)
    }

    /// Of the Hessians of the losses at a minimum that they share, d·d numbers each, d at most 16.
    ///
    /// # Errors
    /// As for [`MeanSquare::new`], and if a Hessian has a negative eigenvalue.
    pub fn of_hessians(
        d: usize,
        hessians: &[Vec<f64>],
        batch: usize,
        with_replacement: bool,
    ) -> Result<MeanSquare, InputError> {
        let n = hessians.len();
        crate::error::check_order("the number of parameters", d, 1, MOST)?;
        crate::error::check_order("the batch size", batch, 1, if with_replacement { usize::MAX } else { n })?;
        for hessian in hessians {
            crate::error::check_dimension("a Hessian", d * d, hessian)?;
            check_finite("a Hessian", hessian)?;
        }
        let each: Vec<DMatrix<f64>> =
            hessians.iter().map(|hessian| DMatrix::from_row_slice(d, d, hessian)).collect();
        for hessian in &each {
            let eigenvalues = SymmetricEigen::new(hessian.clone()).eigenvalues;
            if eigenvalues.min() < -NONE * eigenvalues.amax() {
                return Err(InputError::Number {
                    what: "a curvature of a loss",
                    value: eigenvalues.min(),
                    expected: "losses that all have a minimum there",
                });
            }
        }
        let mean = each.iter().fold(DMatrix::zeros(d, d), |sum, h| sum + h) / n as f64;
        let sharpness = SymmetricEigen::new(mean.clone()).eigenvalues.max();
        // Also where there are no losses at all.
        if sharpness.is_nan() || sharpness <= 0.0 {
            return Err(InputError::Number {
                what: "the sharpness",
                value: 0.0,
                expected: "losses of which one curves",
            });
        }
        let identity = DMatrix::<f64>::identity(d, d);
        let linear = mean.kronecker(&identity) + identity.kronecker(&mean);
        let square = mean.kronecker(&mean);
        let fourth = each.iter().fold(DMatrix::zeros(d * d, d * d), |sum, h| sum + h.kronecker(h)) / n as f64;
        let (b, n) = (batch as f64, n as f64);
        let share = match with_replacement {
            true => 1.0 / b,
            false if n > 1.0 => (n - b) / (b * (n - 1.0)),
            false => 0.0,
        };
        let quadratic = &square + (fourth - &square) * share;
        Ok(MeanSquare { linear, quadratic, sharpness })
    }

    /// The largest h below which second moments die out.
    pub fn largest_step(&self) -> f64 {
        // 1/λ_max of A^(-1/2) B A^(-1/2).
        let eigen = SymmetricEigen::new(self.linear.clone());
        // Where nothing curves nothing moves: the second map vanishes there too.
        let flat = NONE * eigen.eigenvalues.amax();
        let inverse_root = |value: f64| if value <= flat { 0.0 } else { 1.0 / value.sqrt() };
        let inverse_roots = DMatrix::from_diagonal(&eigen.eigenvalues.map(inverse_root));
        let root = &eigen.eigenvectors * inverse_roots * eigen.eigenvectors.transpose();
        let scaled = &root * &self.quadratic * &root;
        1.0 / SymmetricEigen::new((&scaled + scaled.transpose()) * 0.5).eigenvalues.max()
    }

    /// By what a step multiplies second moments in the long run.
    pub fn factor(&self, h: f64) -> f64 {
        let d = self.linear.nrows();
        let map = DMatrix::<f64>::identity(d, d) - &self.linear * h + &self.quadratic * (h * h);
        SymmetricEigen::new(map).eigenvalues.amax()
    }

    /// The largest eigenvalue of H: full batches are stable for h < 2 over it.
    pub fn sharpness(&self) -> f64 {
        self.sharpness
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [[f64; 2]; 4] = [[1.0, 0.5], [-0.3, 2.0], [0.7, -1.1], [1.6, 0.2]];

    fn sgd(batch: usize, with_replacement: bool) -> MeanSquare {
        MeanSquare::new(&ROWS.map(Vec::from), batch, with_replacement).unwrap()
    }

    #[test]
    fn full_batches_are_gradient_descent() {
        let full = sgd(4, false);
        assert!((full.largest_step() - 2.0 / full.sharpness()).abs() < 1e-14);
    }

    #[test]
    fn the_factor_passes_one_at_the_largest_step() {
        for (batch, with_replacement) in [(1, true), (2, true), (2, false), (3, false)] {
            let sgd = sgd(batch, with_replacement);
            let h = sgd.largest_step();
            assert!((sgd.factor(h) - 1.0).abs() < 1e-12);
            assert!(sgd.factor(0.99 * h) < 1.0 && sgd.factor(1.01 * h) > 1.0);
            assert!(h < 2.0 / sgd.sharpness());
        }
    }

    /// The independent oracle: second moments averaged over all batches, one by one.
    #[test]
    fn moments_are_those_averaged_over_all_batches() {
        let h = 0.37;
        let step = |batch: &[usize], x: &[f64; 2]| {
            let mut next = *x;
            for &i in batch {
                let residual = ROWS[i][0] * x[0] + ROWS[i][1] * x[1];
                next[0] -= h / batch.len() as f64 * residual * ROWS[i][0];
                next[1] -= h / batch.len() as f64 * residual * ROWS[i][1];
            }
            next
        };
        let pairs = |ordered: bool| {
            (0..4)
                .flat_map(move |i| (0..4).map(move |j| [i, j]))
                .filter(move |[i, j]| ordered || i < j)
                .collect::<Vec<_>>()
        };
        for (with_replacement, batches) in [(true, pairs(true)), (false, pairs(false))] {
            let sgd = sgd(2, with_replacement);
            let d = DMatrix::<f64>::identity(4, 4) - &sgd.linear * h + &sgd.quadratic * (h * h);
            let x = [0.8, -1.3];
            let moments =
                nalgebra::DVector::from_vec(vec![x[0] * x[0], x[0] * x[1], x[0] * x[1], x[1] * x[1]]);
            let found = d * moments;
            let mut expected = [0.0; 4];
            for batch in &batches {
                let y = step(batch, &x);
                for (sum, value) in
                    expected.iter_mut().zip([y[0] * y[0], y[0] * y[1], y[0] * y[1], y[1] * y[1]])
                {
                    *sum += value / batches.len() as f64;
                }
            }
            for k in 0..4 {
                assert!((found[k] - expected[k]).abs() < 1e-14, "{found} {expected:?}");
            }
        }
    }

    #[test]
    fn directions_that_do_not_curve_do_not_count() {
        // The same rows in one more dimension, turned: the step stays.
        let turned: Vec<Vec<f64>> = ROWS.iter().map(|[a, b]| vec![0.6 * a, *b, 0.8 * a]).collect();
        for batch in [1, 2] {
            let found = MeanSquare::new(&turned, batch, true).unwrap().largest_step();
            // Eigenvalues of 9 by 9 matrices, to rounding.
            assert!((found / sgd(batch, true).largest_step() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn rows_are_losses_with_their_hessians() {
        let hessians: Vec<Vec<f64>> = ROWS.iter().map(|[a, b]| vec![a * a, a * b, a * b, b * b]).collect();
        let found = MeanSquare::of_hessians(2, &hessians, 2, false).unwrap();
        assert!((found.largest_step() / sgd(2, false).largest_step() - 1.0).abs() < 1e-14);
    }

    #[test]
    fn bad_data_are_refused() {
        assert!(MeanSquare::new(&[], 1, true).is_err());
        assert!(MeanSquare::new(&[vec![1.0], vec![1.0, 2.0]], 1, true).is_err());
        assert!(MeanSquare::new(&[vec![1.0]], 0, true).is_err());
        assert!(MeanSquare::new(&[vec![1.0]], 2, false).is_err());
        assert!(MeanSquare::new(&[vec![0.0, 0.0]], 1, true).is_err());
        let saddle = vec![1.0, 0.0, 0.0, -1.0];
        assert!(MeanSquare::of_hessians(2, &[saddle], 1, true).is_err());
    }
}
